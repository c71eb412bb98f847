//! Every spatial answer equals reading all records through.

use geo::{Distance, Geodesic, Geometry, Intersects, Point, Rect};
use proptest::prelude::*;
use zhifang_core::{Bbox, Collection, Day, LonLat, Meters, Record, Status};
use zhifang_index::{Audience, NearQuery, Options, Snapshot, View};

use crate::world;

fn snapshot(records: &[Record]) -> Snapshot {
    Snapshot::build(records.iter().cloned(), 1, &Options::default())
}

fn covers(record: &Record, place: LonLat) -> bool {
    let point = Point::from(place);
    match record.geometry.as_deref() {
        Some(Geometry::MultiPolygon(many)) => many.0.iter().any(|part| part.intersects(&point)),
        _ => false,
    }
}

fn counts(record: &Record, day: Option<Day>) -> bool {
    let current = record.status == Status::Published && !record.id.contains('@');
    !record.is_heading() && day.map_or(current, |day| record.is_valid_on(day))
}

fn is_current(record: &Record) -> bool {
    record.status == Status::Published && !record.id.contains('@')
}

/// Ids of the units whose polygon covers the place, in the order of the answer.
fn covering_by_force(view: &View<'_>, place: LonLat, day: Option<Day>) -> Vec<String> {
    let mut found: Vec<&Record> = view
        .records(Collection::Divisions)
        .filter(|record| counts(record, day) && covers(record, place))
        .collect();
    found.sort_by_key(|record| (record.level(), record.division, record.id.clone()));
    found.iter().map(|record| record.id.to_string()).collect()
}

fn has_polygon(record: &Record) -> bool {
    matches!(record.geometry.as_deref(), Some(Geometry::MultiPolygon(_)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn covering_is_what_geometry_says_edges_included(
        records in world::records(30),
        places in prop::collection::vec(world::place(), 1..20),
        dated in any::<bool>(),
    ) {
        let snapshot = snapshot(&records);
        let day = dated.then(world::turn);
        for audience in [Audience::Public, Audience::Staff] {
            let view = snapshot.view(audience);
            for place in &places {
                let found = view.covering(*place, day);
                let by_geometry: Vec<String> = found
                    .iter()
                    .filter(|unit| has_polygon(unit.record))
                    .map(|unit| unit.record.id.to_string())
                    .collect();
                prop_assert_eq!(&by_geometry, &covering_by_force(&view, *place, day));
                // What has no polygon is there because it is above one that covers the place.
                let mut wanted: Vec<String> = found
                    .iter()
                    .filter(|unit| has_polygon(unit.record))
                    .flat_map(|unit| view.ancestors_of(unit.record, day))
                    .filter(|record| !has_polygon(record))
                    .map(|record| record.id.to_string())
                    .collect();
                wanted.sort();
                wanted.dedup();
                let mut above: Vec<String> = found
                    .iter()
                    .filter(|unit| !has_polygon(unit.record))
                    .map(|unit| unit.record.id.to_string())
                    .collect();
                above.sort();
                prop_assert_eq!(above, wanted);
                prop_assert!(found.is_sorted_by_key(|unit| (unit.level, unit.code)));
            }
        }
    }

    #[test]
    fn a_box_finds_what_meets_it(records in world::records(40), bbox in world::bbox()) {
        let snapshot = snapshot(&records);
        let rect = Rect::new((bbox.west, bbox.south), (bbox.east, bbox.north));
        for audience in [Audience::Public, Audience::Staff] {
            let view = snapshot.view(audience);
            for collection in world::KINDS {
                let found: Vec<&str> =
                    view.intersecting(*collection, bbox).map(|record| &*record.id).collect();
                let expected: Vec<&str> = view
                    .records(*collection)
                    .filter(|r| r.geometry.as_deref().is_some_and(|g| g.intersects(&rect)))
                    .map(|record| &*record.id)
                    .collect();
                prop_assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn a_geometry_finds_what_meets_it(records in world::records(40), shape in world::geometry()) {
        let snapshot = snapshot(&records);
        let view = snapshot.view(Audience::Staff);
        for collection in world::KINDS {
            let found: Vec<&str> =
                view.meeting(*collection, &shape).map(|record| &*record.id).collect();
            let expected: Vec<&str> = view
                .records(*collection)
                .filter(|r| r.geometry.as_deref().is_some_and(|g| g.intersects(&shape)))
                .map(|record| &*record.id)
                .collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_nearest_come_in_the_order_of_metres(
        records in world::records(25),
        place in world::place(),
        limit in 0..12_usize,
        radius in prop::option::of(0.0..900_000.0_f64),
    ) {
        let snapshot = snapshot(&records);
        for audience in [Audience::Public, Audience::Staff] {
            let view = snapshot.view(audience);
            for collection in world::KINDS {
                let query = NearQuery { limit, radius: radius.map(Meters), day: None };
                let found = view.nearest(*collection, place, query, |_| true);
                let mut expected: Vec<(f64, &str)> = view
                    .records(*collection)
                    .filter(|record| is_current(record))
                    .filter_map(|record| {
                        Some((distance_by_force(record.geometry.as_deref()?, place), &*record.id))
                    })
                    .filter(|(distance, _)| radius.is_none_or(|most| *distance <= most))
                    .collect();
                expected.sort_by(|a, b| a.0.total_cmp(&b.0));
                expected.truncate(limit);
                prop_assert_eq!(found.len(), expected.len());
                for (near, (distance, _)) in found.iter().zip(&expected) {
                    let apart = (near.distance.0 - distance).abs();
                    prop_assert!(apart < 0.01 + 1e-5 * distance, "{} m against {} m", near.distance.0, distance);
                    prop_assert!((0.0..360.0).contains(&near.bearing_deg));
                }
                let in_order = found.is_sorted_by(|a, b| {
                    (a.distance, &a.record.id) <= (b.distance, &b.record.id)
                });
                prop_assert!(in_order);
            }
        }
    }
}

/// Least distance to points set densely along the edges.
fn distance_by_force(geometry: &Geometry<f64>, place: LonLat) -> f64 {
    use geo::LinesIter;
    if let Geometry::Point(point) = geometry {
        return Geodesic.distance(Point::from(place), *point);
    }
    if geometry.intersects(&Point::from(place)) {
        return 0.0;
    }
    let lines: Vec<geo::Line<f64>> = match geometry {
        Geometry::LineString(line) => line.lines_iter().collect(),
        Geometry::MultiPolygon(many) => many.lines_iter().collect(),
        _ => Vec::new(),
    };
    lines
        .into_iter()
        .map(|line| {
            let at = |share: f64| {
                let point = line.start + (line.end - line.start) * share;
                Geodesic.distance(Point::from(place), point.into())
            };
            let (mut low, mut high) = (0.0, 1.0);
            for _ in 0..40 {
                let third = (high - low) / 3.0;
                if at(low + third) < at(high - third) {
                    high -= third;
                } else {
                    low += third;
                }
            }
            at(low).min(at(0.0)).min(at(1.0))
        })
        .fold(f64::INFINITY, f64::min)
}

#[test]
fn a_box_over_the_antimeridian_finds_both_sides() {
    let point = |id: &str, lon: f64| {
        let mut record = Record::new(Collection::Names, id, "岛");
        record.geometry = Some(std::sync::Arc::new(Geometry::Point(Point::new(lon, 10.0))));
        record
    };
    let records = [point("a", 179.5), point("b", -179.5), point("c", 0.0)];
    let snapshot = snapshot(&records);
    let view = snapshot.view(Audience::Public);
    let bbox = Bbox {
        west: 179.0,
        south: 9.0,
        east: -179.0,
        north: 11.0,
    };
    let ids: Vec<&str> = view
        .intersecting(Collection::Names, bbox)
        .map(|r| &*r.id)
        .collect();
    assert_eq!(ids, ["a", "b"]);
    let near = view.nearest(
        Collection::Names,
        LonLat::new(179.9, 10.0),
        NearQuery::first(2),
        |_| true,
    );
    assert_eq!(
        near.iter().map(|near| &*near.record.id).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert!(near[1].distance.0 < 70_000.0 && (near[1].bearing_deg - 90.0).abs() < 1.0);
}
