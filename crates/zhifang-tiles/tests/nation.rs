//! The whole nation's counties, prefectures and provinces as tiles, read by another decoder.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of a test may fail and speak as tests do"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use geo::{CoordsIter, Geometry, LineString, MultiPolygon};
use mvt_reader::Reader;
use zhifang_core::tile::world;
use zhifang_core::{Collection, LonLat, Record, TileId};
use zhifang_index::{Audience, Options, Snapshot};
use zhifang_tiles::{Atlas, Tileset};
use zhifang_topology::adopt;

type Point = (i64, i64);

/// The register of the shipped files, or nothing where they are not there.
fn nation() -> Option<(Snapshot, BTreeSet<String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/nation");
    let mut records: BTreeMap<String, Record> = BTreeMap::new();
    let mut counties = BTreeSet::new();
    for name_of_file in ["provinces", "prefectures", "counties"] {
        let path = folder.join(format!("china_{name_of_file}.geojson.gz"));
        #[expect(clippy::disallowed_methods, reason = "tests may read the shipped data")]
        let Ok(packed) = std::fs::read(&path) else {
            println!("skipped: `{}` is not there", path.display());
            return None;
        };
        let text = std::io::read_to_string(flate2::read::GzDecoder::new(&packed[..])).unwrap();
        let file: geojson::FeatureCollection = text
            .parse::<geojson::GeoJson>()
            .unwrap()
            .try_into()
            .unwrap();
        for feature in file.features {
            let text = |key: &str| {
                feature
                    .property(key)
                    .and_then(|v| v.as_str())
                    .unwrap_or("")
                    .to_owned()
            };
            let (code, name) = (text("code"), text("name"));
            if name_of_file == "counties" {
                counties.insert(code.clone());
            }
            if !code.is_empty() && !records.contains_key(&code) {
                let mut record = Record::new(Collection::Divisions, &code, &name);
                let geometry = Geometry::<f64>::try_from(feature.geometry.unwrap()).unwrap();
                record.geometry = Some(Arc::new(geometry));
                records.insert(code, record);
            }
        }
    }
    let snapshot = Snapshot::build(records.into_values(), 1, &Options::default());
    Some((snapshot, counties))
}

/// Edges of one level's polygons in a tile, in world coordinates, with how often each is used.
fn edges(bytes: &[u8], tile: TileId, level: &str) -> BTreeMap<(Point, Point), usize> {
    let reader = Reader::new(bytes.to_vec()).unwrap();
    let layer = reader
        .get_layer_names()
        .unwrap()
        .iter()
        .position(|name| name == "divisions");
    let mut edges = BTreeMap::new();
    let Some(layer) = layer else { return edges };
    for feature in reader.get_features(layer).unwrap() {
        let properties = feature.properties.unwrap();
        let levels = format!("{:?}", properties["levels"]);
        if !levels.contains(level) {
            continue;
        }
        let Geometry::MultiPolygon(polygons) = feature.geometry else {
            panic!("polygons only")
        };
        for part in polygons {
            let rings = std::iter::once(part.exterior()).chain(part.interiors());
            for ring in rings {
                ring_edges(ring, tile, &mut edges);
            }
        }
    }
    edges
}

fn ring_edges(ring: &LineString<f32>, tile: TileId, edges: &mut BTreeMap<(Point, Point), usize>) {
    let inside =
        |c: &geo::Coord<f32>| (0.0..=4096.0).contains(&c.x) && (0.0..=4096.0).contains(&c.y);
    let at = |c: &geo::Coord<f32>| {
        (
            i64::from(tile.x()) * 4096 + c.x as i64,
            i64::from(tile.y()) * 4096 + c.y as i64,
        )
    };
    for pair in ring.0.windows(2) {
        if inside(&pair[0]) && inside(&pair[1]) && pair[0] != pair[1] {
            let (a, b) = (at(&pair[0]), at(&pair[1]));
            *edges.entry((a.min(b), a.max(b))).or_default() += 1;
        }
    }
}

fn tiles_of(zoom: u8) -> impl Iterator<Item = TileId> {
    let low = TileId::containing(LonLat::new(73.0, 54.0), zoom);
    let high = TileId::containing(LonLat::new(136.0, 3.0), zoom);
    (low.y()..=high.y()).flat_map(move |y| {
        (low.x()..=high.x()).map(move |x| TileId::try_new(u32::from(zoom), x, y).unwrap())
    })
}

/// Edges with one user, over the segments of the nation's outer border, must be all there is.
#[test]
fn neighbours_have_the_same_edges_at_every_zoom_and_level() {
    let Some((snapshot, counties)) = nation() else {
        return;
    };
    let atlas = Atlas::build(&snapshot, None);
    let tiles = atlas.tiles(snapshot.view(Audience::Public));
    let faults = faults_of_the_source(&snapshot, &counties);
    for (zoom, levels) in [(3, 1), (4, 2), (5, 2), (6, 3), (8, 3)] {
        for level in &["province", "prefecture", "county"][..levels] {
            let mut single = BTreeSet::new();
            let mut double = 0;
            for tile in tiles_of(zoom) {
                let Some(content) = tiles.tile(Tileset::Base, tile) else {
                    continue;
                };
                for (edge, users) in edges(&content.bytes, tile, level) {
                    match users {
                        1 => {
                            single.insert(edge);
                        }
                        2 => double += 1,
                        more => panic!("{edge:?} has {more} users at z{zoom}"),
                    }
                }
            }
            // An inner edge that a neighbour lacks would be bounded by another single edge that
            // runs with it within a pixel or two: pieces of a gap or an overlap.
            let inner: Vec<Point> = enclosed(&single)
                .into_iter()
                .filter(|point| !faults.iter().any(|fault| is_near(*point, zoom, *fault)))
                .collect();
            println!("z{zoom} {level}: {double} shared, {} single", single.len());
            assert!(double > 0);
            assert_eq!(inner, [], "z{zoom} {level}");
        }
    }
}

/// Where the counties leave a gap or overlap in the files themselves.
fn faults_of_the_source(snapshot: &Snapshot, codes: &BTreeSet<String>) -> Vec<LonLat> {
    let counties: Vec<(u64, MultiPolygon<f64>)> = snapshot
        .view(Audience::Public)
        .records(Collection::Divisions)
        .filter_map(|record| {
            let Geometry::MultiPolygon(geometry) = record.geometry.as_deref()? else {
                return None;
            };
            let is_county = codes.contains(&*record.id);
            is_county.then(|| (record.division.unwrap().as_u64(), geometry.clone()))
        })
        .collect();
    let proposal = adopt(counties.iter().map(|(id, geometry)| (*id, geometry)), 0.0);
    assert!(
        proposal.leftovers.len() < 10,
        "{:?}",
        proposal.leftovers.len()
    );
    let mut places = Vec::new();
    for leftover in &proposal.leftovers {
        println!(
            "{:?} {:?} {:.0} m2",
            leftover.kind, leftover.units, leftover.area_m2
        );
        places.extend(leftover.geometry.coords_iter().map(LonLat::from));
    }
    places
}

fn is_near(point: Point, zoom: u8, place: LonLat) -> bool {
    let size = 4096.0 * f64::from(1_u32 << zoom);
    let (x, y) = world(place);
    (point.0 as f64 - x * size).abs() < 16.0 && (point.1 as f64 - y * size).abs() < 16.0
}

/// A point of each closed ring of single edges smaller than a few pixels: gaps and overlaps.
fn enclosed(single: &BTreeSet<(Point, Point)>) -> Vec<Point> {
    let mut next: BTreeMap<Point, Vec<Point>> = BTreeMap::new();
    for (a, b) in single {
        next.entry(*a).or_default().push(*b);
        next.entry(*b).or_default().push(*a);
    }
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for start in next.keys() {
        if !seen.insert(*start) {
            continue;
        }
        let mut group = vec![*start];
        let mut at = 0;
        while at < group.len() {
            for other in &next[&group[at]] {
                if seen.insert(*other) {
                    group.push(*other);
                }
            }
            at += 1;
        }
        let closed = group.iter().all(|point| next[point].len() == 2);
        let area: i64 = if closed {
            ring_area(&group, &next)
        } else {
            i64::MAX
        };
        if area < 64 {
            found.push(group[0]);
        }
    }
    found
}

fn ring_area(group: &[Point], next: &BTreeMap<Point, Vec<Point>>) -> i64 {
    let (mut before, mut at, mut sum) = (group[0], next[&group[0]][0], 0);
    let origin = group[0];
    while at != origin {
        let (a, b) = (
            (before.0 - origin.0, before.1 - origin.1),
            (at.0 - origin.0, at.1 - origin.1),
        );
        sum += a.0 * b.1 - a.1 * b.0;
        let onwards = next[&at].iter().find(|other| **other != before).copied();
        before = at;
        at = onwards.unwrap_or(origin);
    }
    sum.abs() / 2
}
