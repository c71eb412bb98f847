//! Codes, lives and chains as the register has them.

use std::sync::Arc;

use geo::{Geometry, MultiPolygon, Rect};
use serde_json::json;
use zhifang_core::{
    Collection, Day, DivisionCode, DivisionLevel, LonLat, Record, Status, Validity,
};
use zhifang_index::{Audience, Options, Snapshot};

fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

fn unit(id: &str, name: &str, extent: Option<(f64, f64, f64, f64)>) -> Record {
    let mut record = Record::new(Collection::Divisions, id, name);
    record.geometry = extent.map(|(west, south, east, north)| {
        let polygon = Rect::new((west, south), (east, north)).to_polygon();
        Arc::new(Geometry::MultiPolygon(MultiPolygon(vec![polygon])))
    });
    record
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A province with a prefecture without polygon, a county of it, a county directly under the
/// province, a heading, a prefecture without counties, and a county that had an earlier life.
fn world() -> Snapshot {
    let mut earlier = unit("420682@1983-10-01", "光化县", Some((0.0, 0.0, 2.0, 1.0)));
    earlier.status = Status::Retired;
    earlier.valid = Validity {
        from: Some(day("1983-10-01")),
        to: Some(day("2000-01-01")),
    };
    let mut county = unit("420682", "老河口市", Some((0.0, 0.0, 1.0, 1.0)));
    county.valid.from = Some(day("2000-01-01"));
    let mut whole = unit("441900", "东莞市", Some((5.0, 0.0, 6.0, 1.0)));
    whole.fields.set("level", json!("prefecture"));
    let mut zone = unit("411381400", "开发区", None);
    zone.fields.set("parent", json!("420682"));
    let records = [
        unit("420000", "湖北省", Some((0.0, 0.0, 4.0, 4.0))),
        unit("420600", "襄阳市", None),
        county,
        earlier,
        unit("420625", "谷城县", Some((1.0, 0.0, 2.0, 1.0))),
        unit("429000", "省直辖县级行政区划", None),
        unit("429004", "仙桃市", Some((2.0, 0.0, 3.0, 1.0))),
        unit("440000", "广东省", None),
        whole,
        unit("420682101", "仙人渡镇", None),
        unit("411381", "邓州市", None),
        zone,
    ];
    Snapshot::build(records, 1, &Options::default())
}

fn names(snapshot: &Snapshot, lon: f64, lat: f64, day: Option<Day>) -> Vec<String> {
    let found = snapshot
        .view(Audience::Public)
        .covering(LonLat::new(lon, lat), day);
    found
        .iter()
        .map(|unit| unit.record.name.to_string())
        .collect()
}

#[test]
fn the_chain_is_whole_and_nothing_is_invented() {
    let world = world();
    assert_eq!(
        names(&world, 0.5, 0.5, None),
        ["湖北省", "襄阳市", "老河口市"]
    );
    assert_eq!(names(&world, 2.5, 0.5, None), ["湖北省", "仙桃市"]);
    assert_eq!(names(&world, 5.5, 0.5, None), ["广东省", "东莞市"]);
    assert_eq!(names(&world, 3.5, 3.5, None), ["湖北省"]);
    assert!(names(&world, 9.0, 9.0, None).is_empty());
}

#[test]
fn on_a_line_every_neighbour_is_listed() {
    assert_eq!(
        names(&world(), 1.0, 0.5, None),
        ["湖北省", "襄阳市", "谷城县", "老河口市"],
        "by level, then by code"
    );
}

#[test]
fn the_day_picks_the_life() {
    let world = world();
    assert_eq!(
        names(&world, 1.5, 0.5, Some(day("1990-01-01"))),
        ["湖北省", "襄阳市", "谷城县", "光化县"]
    );
    let view = world.view(Audience::Public);
    let name = |at| {
        view.division_on(code("420682"), at)
            .map(|record| &*record.name)
    };
    assert_eq!(name(day("1990-01-01")), Some("光化县"));
    assert_eq!(name(day("2000-01-01")), Some("老河口市"));
    assert_eq!(name(day("1970-01-01")), None);
    assert_eq!(view.lives(code("420682")).len(), 2);
}

#[test]
fn headings_stand_in_no_chain() {
    let world = world();
    let view = world.view(Audience::Public);
    let above = |text| {
        let chain = view.ancestors(code(text));
        chain
            .iter()
            .map(|record| record.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(above("429004"), ["420000"]);
    assert_eq!(above("420682101"), ["420000", "420600", "420682"]);
    let children: Vec<_> = view.children(code("42")).collect();
    assert_eq!(children, [code("420600"), code("429004")]);
}

#[test]
fn within_follows_digits_and_stored_parents() {
    let world = world();
    let view = world.view(Audience::Public);
    let ids = |prefix: &str| {
        let found = view.within(Collection::Divisions, prefix.parse().unwrap());
        found
            .map(|record| record.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        ids("420682"),
        ["411381400", "420682", "420682101", "420682@1983-10-01"]
    );
    assert_eq!(ids("441900"), ["441900"]);
}

#[test]
fn levels_come_from_the_record() {
    let found = world()
        .view(Audience::Public)
        .covering(LonLat::new(5.5, 0.5), None)[1]
        .level;
    assert_eq!(found, DivisionLevel::Prefecture);
}

#[test]
fn the_public_sees_a_marker_only_where_it_is_rounded_to() {
    let mut marker = Record::new(Collection::Markers, "m", "42060001");
    marker.geometry = Some(Arc::new(Geometry::Point(geo::Point::new(
        111.670_4, 32.385_4,
    ))));
    let snapshot = Snapshot::build([marker], 1, &Options::default());
    let bbox = zhifang_core::Bbox::try_new(111.670_3, 32.385_3, 111.670_5, 32.385_5).unwrap();
    assert_eq!(
        snapshot
            .view(Audience::Staff)
            .intersecting(Collection::Markers, bbox)
            .len(),
        1
    );
    let public = snapshot.view(Audience::Public);
    assert_eq!(public.intersecting(Collection::Markers, bbox).len(), 0);
    let place = LonLat::new(111.67, 32.385);
    let query = zhifang_index::NearQuery::first(1);
    let near = public.nearest(Collection::Markers, place, query, |_| true);
    assert_eq!(near[0].distance.0, 0.0);
}
