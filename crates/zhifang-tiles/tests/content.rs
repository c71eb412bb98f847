//! What stands in tiles of small hand-drawn registers, read by another decoder.

#![expect(clippy::unwrap_used, reason = "helpers of a test may fail as tests do")]

use std::collections::BTreeMap;
use std::sync::Arc;

use geo::{Geometry, LineString, MultiLineString, MultiPolygon, Point, Polygon};
use mvt_reader::Reader;
use mvt_reader::feature::{Feature, Value};
use serde_json::json;
use zhifang_core::{Collection, Day, LonLat, Record, RecordKey, Status, TileId};
use zhifang_index::{Audience, Options, Snapshot};
use zhifang_tiles::{Atlas, Export, Stale, Tileset, Touched, touched};

fn square(west: f64, south: f64, size: f64) -> Geometry<f64> {
    let (east, north) = (west + size, south + size);
    let ring = vec![(west, south), (east, south), (east, north), (west, north)];
    Geometry::MultiPolygon(MultiPolygon(vec![Polygon::new(
        LineString::from(ring),
        vec![],
    )]))
}

fn division(code: &str, name: &str, geometry: Geometry<f64>) -> Record {
    let mut record = Record::new(Collection::Divisions, code, name);
    record.geometry = Some(Arc::new(geometry));
    record
}

fn point(collection: Collection, id: &str, lon: f64, lat: f64) -> Record {
    let mut record = Record::new(collection, id, id);
    record.geometry = Some(Arc::new(Geometry::Point(Point::new(lon, lat))));
    record
}

/// Two counties of two provinces, side by side.
fn two_counties() -> Vec<Record> {
    vec![
        division("420682", "老河口市", square(111.0, 32.0, 0.5)),
        division("411381", "邓州市", square(111.5, 32.0, 0.5)),
    ]
}

fn snapshot(records: Vec<Record>) -> Snapshot {
    Snapshot::build(records, 1, &Options::default())
}

fn features(snapshot: &Snapshot, audience: Audience, tile: TileId, name: &str) -> Vec<Feature> {
    let atlas = Atlas::build(snapshot, None);
    features_of(&atlas, snapshot, audience, tile, name)
}

fn features_of(
    atlas: &Atlas,
    snapshot: &Snapshot,
    audience: Audience,
    tile: TileId,
    name: &str,
) -> Vec<Feature> {
    let tileset = *Tileset::ALL
        .iter()
        .find(|tileset| tileset.layers().iter().any(|layer| layer.name == name))
        .unwrap();
    let Some(content) = atlas.tiles(snapshot.view(audience)).tile(tileset, tile) else {
        return Vec::new();
    };
    let reader = Reader::new(content.bytes).unwrap();
    let layer = reader
        .get_layer_names()
        .unwrap()
        .iter()
        .position(|layer| layer == name);
    layer.map_or_else(Vec::new, |layer| reader.get_features(layer).unwrap())
}

fn text(feature: &Feature, key: &str) -> String {
    match feature.properties.as_ref().unwrap().get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => format!("{other:?}"),
        None => String::new(),
    }
}

fn at(zoom: u8) -> TileId {
    TileId::containing(LonLat::new(111.499, 32.25), zoom)
}

#[test]
fn a_line_stands_once_with_the_highest_level_it_divides() {
    let snapshot = snapshot(two_counties());
    let lines = features(&snapshot, Audience::Public, at(8), "boundaries");
    let shared: Vec<&Feature> = lines
        .iter()
        .filter(|line| !text(line, "left").is_empty() && !text(line, "right").is_empty())
        .collect();
    assert_eq!(shared.len(), 1);
    assert_eq!(text(shared[0], "level"), "province");
    assert_eq!(text(shared[0], "id"), "411381-420682");
    let outer = lines.iter().filter(|line| text(line, "right").is_empty());
    assert!(outer.clone().count() > 0);
    assert!(
        outer.clone().all(|line| text(line, "level") == "county"),
        "this is not the nation"
    );
}

#[test]
fn a_line_record_names_the_line_of_its_units_and_dashes_are_drawn_as_given() {
    let mut records = two_counties();
    let mut line = Record::new(Collection::Boundaries, "4142001", "鄂豫线老河口段");
    line.fields.set("left", json!("420682"));
    line.fields.set("right", json!("411381"));
    line.fields.set("level", json!("province"));
    line.fields.set("line_status", json!("agreed"));
    line.geometry = Some(Arc::new(Geometry::LineString(LineString::from(vec![
        (111.5, 32.0),
        (111.5, 32.5),
    ]))));
    let mut dashes = Record::new(Collection::Boundaries, "CN-02", "南海断续线");
    dashes.fields.set("level", json!("country"));
    dashes.fields.set("extra", json!({"kind": "national"}));
    dashes.geometry = Some(Arc::new(Geometry::MultiLineString(MultiLineString(vec![
        LineString::from(vec![(119.0, 18.0), (119.2, 17.0)]),
        LineString::from(vec![(115.5, 6.0), (114.8, 5.5)]),
    ]))));
    records.extend([line, dashes]);
    let snapshot = snapshot(records);
    let named: Vec<Feature> = features(&snapshot, Audience::Public, at(10), "boundaries")
        .into_iter()
        .filter(|line| text(line, "id") == "4142001")
        .collect();
    assert_eq!(
        named.len(),
        1,
        "not once from the polygons and once from the record"
    );
    assert_eq!(text(&named[0], "line_status"), "agreed");
    let world = TileId::try_new(0, 0, 0).unwrap();
    let dashes = features(&snapshot, Audience::Public, world, "boundaries")
        .into_iter()
        .find(|line| text(line, "id") == "CN-02")
        .unwrap();
    assert_eq!(text(&dashes, "kind"), "national");
    let Geometry::MultiLineString(parts) = dashes.geometry else {
        panic!("two dashes")
    };
    assert_eq!(parts.0.len(), 2);
}

#[test]
fn an_archive_of_some_zooms_or_layers_leaves_out_nothing_else() {
    let mut dashes = Record::new(Collection::Boundaries, "CN-02", "南海断续线");
    dashes.fields.set("level", json!("country"));
    let line = LineString::from(vec![(119.0, 18.0), (119.2, 17.0)]);
    dashes.geometry = Some(Arc::new(Geometry::LineString(line)));
    let mut records = two_counties();
    records.push(dashes);
    let snapshot = snapshot(records);
    let atlas = Atlas::build(&snapshot, None);
    let tiles = atlas.tiles(snapshot.view(Audience::Public));
    let written = |export: &Export| {
        let zooms = std::cell::RefCell::new(Vec::new());
        let on_zoom = |zoom, count| zooms.borrow_mut().push((zoom, count));
        tiles
            .export_pmtiles(export, &on_zoom, &mut Vec::new())
            .unwrap();
        zooms.into_inner()
    };
    let all = written(&Export::of(Tileset::Base, 0..=12));
    let some = written(&Export::of(Tileset::Base, 6..=12));
    assert_eq!(all[6..], some, "the dashes lie in no unit");
    let lines = written(&Export {
        layers: vec!["boundaries".to_owned()],
        ..Export::of(Tileset::Base, 0..=12)
    });
    assert!(lines.iter().all(|(_, tiles)| *tiles > 0));
    assert!(lines[12].1 < all[12].1, "ground without lines is left out");
    let unknown = Export {
        layers: vec!["roads".to_owned()],
        ..Export::of(Tileset::Base, 0..=12)
    };
    let refused = tiles.export_pmtiles(&unknown, &|_, _| (), &mut Vec::new());
    assert!(refused.unwrap_err().to_string().contains("division_labels"));
}

#[test]
fn every_level_covers_the_ground_and_ids_are_codes() {
    let snapshot = snapshot(two_counties());
    for zoom in [0, 4, 6, 9, 12, 14, 16] {
        let units = features(&snapshot, Audience::Public, at(zoom), "divisions");
        if zoom >= 4 {
            assert!(!units.is_empty(), "z{zoom}");
        }
        for unit in units {
            assert_eq!(
                text(&unit, "levels"),
                "province,prefecture,county,township,village"
            );
            assert_eq!(unit.id.unwrap().to_string(), text(&unit, "code"));
        }
    }
}

#[test]
fn a_label_stands_at_the_seat_and_nowhere_else() {
    let mut records = two_counties();
    records[0].fields.set("seat", json!([111.1, 32.4]));
    let snapshot = snapshot(records);
    let seat = LonLat::new(111.1, 32.4);
    for zoom in [6, 10, 14, 16] {
        let tile = TileId::containing(seat, zoom);
        let labels = features(&snapshot, Audience::Public, tile, "division_labels");
        assert_eq!(
            labels
                .iter()
                .filter(|label| text(label, "code") == "420682")
                .count(),
            1
        );
    }
    let middle = TileId::containing(LonLat::new(111.25, 32.25), 12);
    assert!(features(&snapshot, Audience::Public, middle, "division_labels").is_empty());
    let other = TileId::containing(LonLat::new(111.75, 32.25), 12);
    assert_eq!(
        features(&snapshot, Audience::Public, other, "division_labels").len(),
        1
    );
}

#[test]
fn the_public_sees_neither_disputes_nor_drafts_nor_the_stone_itself() {
    let mut records = two_counties();
    let mut dispute = Record::new(Collection::Disputes, "d1", "林地争议");
    dispute.geometry = Some(Arc::new(square(111.45, 32.2, 0.1)));
    dispute.fields.set("parties", json!(["420682", "411381"]));
    let mut claim = Record::new(Collection::Claims, "c1", "");
    claim.geometry = dispute.geometry.clone();
    claim.fields.set("dispute", json!("d1"));
    claim.fields.set("claimant", json!("411381"));
    let mut draft = point(Collection::Services, "s1", 111.47, 32.25);
    draft.status = Status::Draft;
    let marker = point(Collection::Markers, "m1", 111.499_123_4, 32.250_456_7);
    records.extend([dispute, claim, draft, marker]);
    let snapshot = snapshot(records);
    let count = |audience, layer| features(&snapshot, audience, at(8), layer).len();
    for layer in ["disputes", "claims", "services"] {
        assert_eq!(count(Audience::Public, layer), 0, "{layer}");
    }
    assert_eq!(count(Audience::Staff, "disputes"), 1);
    let claims = features(&snapshot, Audience::Staff, at(8), "claims");
    assert!(
        text(&claims[0], "side").contains('2'),
        "{:?}",
        text(&claims[0], "side")
    );
    let place = |audience| {
        let tile = TileId::containing(LonLat::new(111.499_123_4, 32.250_456_7), 14);
        let found = features(&snapshot, audience, tile, "markers");
        found.first().map(|marker| format!("{:?}", marker.geometry))
    };
    assert!(place(Audience::Staff).is_some());
    assert_ne!(place(Audience::Public), place(Audience::Staff));
}

#[test]
fn a_change_shows_and_the_ground_is_kept_when_it_is_not_touched() {
    let before = snapshot(two_counties());
    let atlas = Atlas::build(&before, None);
    let name = point(Collection::Names, "n1", 111.4, 32.2);
    let key = RecordKey::new(Collection::Names, "n1");
    let change = touched(&before, &key, Some(&name));
    assert!(!change.ground && !change.lines);
    let after = before.with_changes([(key, Some(name))], 2);
    let next = atlas.refreshed(&after, change);
    let names = features_of(&next, &after, Audience::Public, at(9), "names");
    assert_eq!(names.len(), 1);

    let moved = division("420682", "老河口市", square(110.9, 32.0, 0.6));
    let key = RecordKey::new(Collection::Divisions, "420682");
    let change = touched(&after, &key, Some(&moved));
    assert!(change.ground);
    let last = after.with_changes([(key, Some(moved))], 3);
    let next = next.refreshed(&last, change);
    let outside = TileId::containing(LonLat::new(110.93, 32.25), 12);
    assert!(!features_of(&next, &last, Audience::Public, outside, "divisions").is_empty());

    let mut renamed = division("411381", "新名市", square(111.5, 32.0, 0.5));
    renamed.geometry = last
        .view(Audience::Staff)
        .record(Collection::Divisions, "411381")
        .and_then(|record| record.geometry.clone());
    let key = RecordKey::new(Collection::Divisions, "411381");
    let change = touched(&last, &key, Some(&renamed));
    assert!(!change.ground, "a name is read when the tile is drawn");
    let named = last.with_changes([(key, Some(renamed))], 4);
    let next = next.refreshed(&named, change);
    let units = features_of(&next, &named, Audience::Public, at(9), "divisions");
    assert!(units.iter().any(|unit| text(unit, "name") == "新名市"));
}

#[test]
fn a_past_day_shows_the_units_of_that_day() {
    let mut records = two_counties();
    records[0].valid.to = Day::from_ymd(2010, 1, 1);
    records[0].status = Status::Retired;
    let snapshot = snapshot(records);
    let codes = |day| {
        let atlas = Atlas::build(&snapshot, day);
        let units = features_of(&atlas, &snapshot, Audience::Public, at(8), "divisions");
        units
            .iter()
            .map(|unit| text(unit, "code"))
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(None), ["411381"]);
    assert_eq!(codes(Day::from_ymd(2005, 1, 1)), ["411381", "420682"]);
    assert_eq!(codes(Day::from_ymd(2015, 1, 1)), ["411381"]);
}

/// As many names as the nation has units, laid out as densely as its villages.
#[test]
fn no_tile_is_over_500_kb_with_all_names_of_the_nation() {
    const COUNT: u32 = 665_276;
    let names = (0..COUNT).map(|number| {
        // Golden-ratio steps spread the points evenly over two thirds of a million places.
        let x = f64::from(number) * 0.618_033_988_749 % 1.0;
        let y = f64::from(number) / f64::from(COUNT);
        let id = format!("n{number}");
        let mut name = point(Collection::Names, &id, 105.0 + 15.0 * x, 25.0 + 12.0 * y);
        name.name = format!("第{number}村村民委员会").into();
        name.fields.set("category", json!(2));
        name
    });
    let snapshot = Snapshot::build(names, 1, &Options::default());
    let atlas = Atlas::build(&snapshot, None);
    let tiles = atlas.tiles(snapshot.view(Audience::Public));
    for zoom in 0..=14 {
        let tile = TileId::containing(LonLat::new(113.3, 31.2), zoom);
        let size = tiles
            .tile(Tileset::Base, tile)
            .map_or(0, |tile| tile.bytes.len());
        assert!(size < 500_000, "z{zoom}: {size}");
        assert_eq!(size > 0, zoom >= 8, "z{zoom}: {size}");
    }
}

#[test]
fn an_archive_is_the_same_each_time_and_holds_what_was_drawn() {
    let snapshot = snapshot(two_counties());
    let write = || {
        let mut bytes = Vec::new();
        let atlas = Atlas::build(&snapshot, None);
        let tiles = atlas.tiles(snapshot.view(Audience::Public));
        let written = tiles
            .export_pmtiles(&Export::of(Tileset::Base, 0..=10), &|_, _| (), &mut bytes)
            .unwrap();
        (written, bytes)
    };
    let (written, bytes) = write();
    assert_eq!(write(), (written, bytes.clone()));
    assert_eq!(&bytes[..8], b"PMTiles\x03");
    assert_eq!(bytes.len() as u64, written.bytes);
    assert!(written.stored <= written.addressed);

    let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
    let unpack = |from: usize, length: usize| {
        let mut out = Vec::new();
        let mut packed = flate2::read::GzDecoder::new(&bytes[from..from + length]);
        std::io::Read::read_to_end(&mut packed, &mut out).unwrap();
        out
    };
    let metadata: serde_json::Value =
        serde_json::from_slice(&unpack(number(24), number(32))).unwrap();
    assert_eq!(metadata["vector_layers"][0]["id"], "divisions");
    // The first entry of the root directory is the tile of the lowest zoom with content.
    let root = unpack(number(8), number(16));
    let mut at = 0;
    let mut varint = || {
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let byte = root[at];
            at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value as usize;
            }
        }
    };
    let count = varint();
    let first_number = varint();
    for _ in 1..count {
        varint();
    }
    for _ in 0..count {
        varint();
    }
    let length = varint();
    for _ in 1..count {
        varint();
    }
    let offset = varint() - 1;
    assert_eq!(first_number, 0, "zoom 0 has the outer line of the two");
    let tile = unpack(number(56) + offset, length);
    let atlas = Atlas::build(&snapshot, None);
    let tiles = atlas.tiles(snapshot.view(Audience::Public));
    let drawn = tiles
        .tile(Tileset::Base, TileId::try_new(0, 0, 0).unwrap())
        .unwrap();
    assert_eq!(tile, drawn.bytes);
}

fn changing() -> impl proptest::strategy::Strategy<Value = Vec<(u8, u8, f64, f64)>> {
    let change = (0..6_u8, 0..12_u8, 111.0..112.0_f64, 32.0..32.5_f64);
    proptest::collection::vec(change, 1..4)
}

/// A record of some kind at a place, in one of several states.
fn some_record((kind, number, lon, lat): (u8, u8, f64, f64)) -> Record {
    let collection = match kind {
        0 => Collection::Names,
        1 => Collection::Markers,
        2 => Collection::Services,
        3 => Collection::Signs,
        _ => Collection::Divisions,
    };
    if collection == Collection::Divisions {
        // Another name and another seat, the ground as it is.
        let mut record = two_counties().remove(usize::from(number % 2));
        record.name = format!("第{number}市").into();
        record.fields.set("seat", json!([lon, lat]));
        return record;
    }
    let mut record = point(collection, &format!("r{}", number % 4), lon, lat);
    record.name = format!("{number}").into();
    if number > 9 {
        record.status = Status::Retired;
    }
    record
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    /// What is not stale is the same tile, byte for byte.
    #[test]
    fn a_change_is_seen_in_no_tile_but_the_stale_ones(before in changing(), after in changing()) {
        let mut records = two_counties();
        let mut known: BTreeMap<RecordKey, Record> = BTreeMap::new();
        for record in before.into_iter().map(some_record) {
            known.insert(record.key(), record);
        }
        records.retain(|record| !known.contains_key(&record.key()));
        records.extend(known.into_values());
        let old = snapshot(records);
        let changes: Vec<_> = after
            .into_iter()
            .map(some_record)
            .map(|record| (record.key(), Some(record)))
            .collect();
        let renames = changes
            .iter()
            .any(|(key, _)| key.collection == Collection::Divisions);
        let stale = changes
            .iter()
            .map(|(key, after)| Stale::by(&old, key, after.as_ref()))
            .fold(Stale::nothing(), |all, one| all.or(&one));
        let meaning = changes
            .iter()
            .map(|(key, after)| touched(&old, key, after.as_ref()))
            .fold(Touched::default(), Touched::or);
        let new = old.with_changes(changes, 2);
        let old_atlas = Atlas::build(&old, None);
        let new_atlas = old_atlas.refreshed(&new, meaning);
        let mut tiles = vec![TileId::try_new(0, 0, 0).unwrap()];
        let (mut kept, mut drawn) = (0, 0);
        while let Some(tile) = tiles.pop() {
            let mut has_content = false;
            for audience in [Audience::Public, Audience::Staff] {
                for tileset in Tileset::ALL {
                    let was = old_atlas.tiles(old.view(audience)).tile(tileset, tile);
                    let is = new_atlas.tiles(new.view(audience)).tile(tileset, tile);
                    has_content |= was.is_some() || is.is_some();
                    proptest::prop_assert!(
                        stale.touches(tile) || was == is,
                        "{tileset:?} {tile:?} changed and is not stale"
                    );
                }
            }
            if has_content {
                drawn += 1;
                kept += usize::from(!stale.touches(tile));
                tiles.extend(tile.children().filter(|child| child.z() <= 12));
            }
        }
        // Were everything stale, the property would say nothing.
        proptest::prop_assert!(renames || kept * 2 > drawn, "{kept} of {drawn} kept");
    }
}
