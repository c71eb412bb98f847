//! Small random worlds on a coarse grid, so that points on vertices and edges are common.

use std::sync::Arc;

use geo::{Geometry, LineString, MultiPolygon, Point, Polygon, Rect};
use proptest::prelude::*;
use serde_json::json;
use zhifang_core::{Bbox, Collection, Day, LonLat, Record, Status, Validity};

/// Codes of all levels: below a prefecture, directly under a province, without counties, a
/// heading, and a zone that hangs elsewhere than its digits say.
pub(crate) const CODES: &[&str] = &[
    "420000",
    "420600",
    "420682",
    "420682101",
    "420682101001",
    "420625",
    "429000",
    "429004",
    "441900",
    "441900003",
    "440000",
    "411381",
    "411381400",
    "410000",
];

/// Collections that a random world has records of.
pub(crate) const KINDS: &[Collection] = &[
    Collection::Divisions,
    Collection::Names,
    Collection::Markers,
    Collection::Claims,
    Collection::Boundaries,
];

fn step() -> impl Strategy<Value = f64> {
    (0..17_i32).prop_map(|step| f64::from(step) / 2.0)
}

/// A position of the grid.
pub(crate) fn place() -> impl Strategy<Value = LonLat> {
    (step(), step()).prop_map(|(x, y)| LonLat::new(110.0 + x, 30.0 + y))
}

/// A box of the grid.
pub(crate) fn bbox() -> impl Strategy<Value = Bbox> {
    (place(), place()).prop_map(|(a, b)| {
        Bbox::try_new(
            a.lon.min(b.lon),
            a.lat.min(b.lat),
            a.lon.max(b.lon),
            a.lat.max(b.lat),
        )
        .unwrap()
    })
}

fn rectangle() -> impl Strategy<Value = Polygon<f64>> {
    (bbox(), any::<bool>()).prop_map(|(b, hollow)| {
        let shell = Rect::new((b.west, b.south), (b.east + 0.5, b.north + 0.5)).to_polygon();
        let (width, height) = (b.east + 0.5 - b.west, b.north + 0.5 - b.south);
        if hollow && width > 1.0 && height > 1.0 {
            let hole = Rect::new((b.west + 0.5, b.south + 0.5), (b.east, b.north)).to_polygon();
            return Polygon::new(shell.exterior().clone(), vec![hole.exterior().clone()]);
        }
        shell
    })
}

fn triangle() -> impl Strategy<Value = Polygon<f64>> {
    (place(), place(), place()).prop_map(|(a, b, c)| {
        Polygon::new(
            LineString::from(vec![Point::from(a), b.into(), c.into()]),
            vec![],
        )
    })
}

/// Polygons with and without holes, of one part and of two that may touch.
pub(crate) fn multipolygon() -> impl Strategy<Value = MultiPolygon<f64>> {
    prop_oneof![
        rectangle().prop_map(|polygon| MultiPolygon(vec![polygon])),
        triangle().prop_map(|polygon| MultiPolygon(vec![polygon])),
        (rectangle(), triangle()).prop_map(|(a, b)| MultiPolygon(vec![a, b])),
    ]
}

/// Any geometry that a record may have.
pub(crate) fn geometry() -> impl Strategy<Value = Geometry<f64>> {
    prop_oneof![
        place().prop_map(|place| Geometry::Point(place.into())),
        (place(), place(), place()).prop_map(|(a, b, c)| {
            Geometry::LineString(LineString::from(vec![Point::from(a), b.into(), c.into()]))
        }),
        multipolygon().prop_map(Geometry::MultiPolygon),
    ]
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![4 => Just(Status::Published), 1 => Just(Status::Draft), 1 => Just(Status::Retired)]
}

/// The day on which lives change in these worlds.
pub(crate) fn turn() -> Day {
    Day::from_ymd(2010, 7, 1).unwrap()
}

fn validity() -> impl Strategy<Value = Validity> {
    prop_oneof![
        2 => Just(Validity::default()),
        1 => Just(Validity { from: Some(turn()), to: None }),
        1 => Just(Validity { from: None, to: Some(turn()) }),
    ]
}

fn division() -> impl Strategy<Value = Record> {
    let shape = prop::option::weighted(0.7, multipolygon());
    let seat = prop::option::of(place());
    let parent = prop::option::weighted(0.2, 0..CODES.len());
    (
        0..CODES.len(),
        prop::bool::weighted(0.2),
        shape,
        seat,
        parent,
    )
        .prop_map(|(number, earlier, shape, seat, parent)| {
            let code = CODES[number];
            let id = if earlier {
                format!("{code}@2001-01-01")
            } else {
                code.to_owned()
            };
            let mut record = Record::new(Collection::Divisions, &id, "某县");
            record.geometry = shape.map(|shape| Arc::new(Geometry::MultiPolygon(shape)));
            if let Some(seat) = seat {
                record.fields.set("seat", json!([seat.lon, seat.lat]));
            }
            if let Some(parent) = parent {
                record.fields.set("parent", json!(CODES[parent]));
            }
            record
        })
}

fn other() -> impl Strategy<Value = Record> {
    let kind = 1..KINDS.len();
    let shape = prop::option::weighted(0.9, geometry());
    (kind, 0..12_u32, shape, place(), 0..CODES.len()).prop_map(
        |(kind, number, shape, place, code)| {
            let collection = KINDS[kind];
            let mut record = Record::new(collection, &format!("r{number}"), "记录");
            record.division = Some(CODES[code].parse().unwrap());
            record.geometry = match collection {
                // Off the grid, so that the public's rounding moves it.
                Collection::Markers => {
                    let point = Point::new(place.lon + 0.000_4, place.lat - 0.000_3);
                    Some(Arc::new(Geometry::Point(point)))
                }
                _ => shape.map(Arc::new),
            };
            if collection == Collection::Boundaries {
                record.fields.set("course", json!("沿山脊"));
            }
            record
        },
    )
}

/// A record of one of the [`KINDS`].
pub(crate) fn record() -> impl Strategy<Value = Record> {
    let any = prop_oneof![1 => division(), 1 => other()];
    (any, status(), validity(), 1..9_u32).prop_map(|(mut record, status, valid, version)| {
        record.status = status;
        record.valid = valid;
        record.version = version;
        record
    })
}

/// The records of a world; some share a key.
pub(crate) fn records(most: usize) -> impl Strategy<Value = Vec<Record>> {
    prop::collection::vec(record(), 0..most)
}
