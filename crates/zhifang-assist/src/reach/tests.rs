use geo::{Geometry, Intersects};
use zhifang_core::Record;
use zhifang_core::geometry::from_geojson;
use zhifang_index::{Audience, Options, Snapshot};

use super::*;
use crate::demonstration;
use crate::travel::geodesic_m;

const SEAT: LonLat = LonLat::new(111.672, 32.385);

fn query(minutes: f64, mode: Mode) -> ReachQuery {
    ReachQuery {
        origin: ReachOrigin::Place(SEAT),
        minutes,
        mode,
        day: "2026-11-25".parse().unwrap(),
    }
}

fn area(reach: &Reach) -> MultiPolygon<f64> {
    match from_geojson(&reach.geometry).unwrap() {
        Geometry::MultiPolygon(area) => area,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_junction_inside_is_reached_in_time_and_none_outside() {
    let view = demonstration::view();
    for (minutes, mode) in [(15.0, Mode::Walk), (15.0, Mode::Elder), (10.0, Mode::Drive)] {
        let asked = query(minutes, mode);
        let area = area(&reach(&view, &asked).unwrap());
        let fastest = if mode == Mode::Drive {
            FASTEST_MPS
        } else {
            mode.speed_mps()
        };
        let bbox = box_of(SEAT, fastest * minutes * 60.0);
        let network = Network::build(&view, bbox, &[SEAT], mode, asked.day).unwrap();
        let costs = network.costs(&[0], false);
        let mut inside = 0;
        for (node, cost) in network.nodes.iter().zip(&costs) {
            let is_inside = area.intersects(&Point::from(*node));
            assert_eq!(
                is_inside,
                cost.seconds <= minutes * 60.0 + SLACK,
                "{mode:?} {node:?} {cost:?}"
            );
            inside += usize::from(is_inside);
        }
        assert!(inside > 5, "{inside}");
        if mode != Mode::Drive {
            for coord in area.0.iter().flat_map(|part| &part.exterior().0) {
                let metres = geodesic_m(SEAT, (*coord).into());
                assert!(
                    metres <= mode.speed_mps() * minutes * 60.0 + 2.0,
                    "{metres}"
                );
            }
        }
    }
}

#[test]
fn the_exact_quarter_of_an_hour_is_within() {
    // 900 m along a straight road at 1 m/s: exactly 15 minutes.
    let end = Geodesic.destination(Point::from(SEAT), 90.0, 900.0);
    let mut road = Record::new(Collection::Roads, "r", "r");
    let far = Geodesic.destination(Point::from(SEAT), 90.0, 2_000.0);
    road.geometry =
        Some(Geometry::LineString(LineString(vec![Coord::from(SEAT), end.0, far.0])).into());
    let settlement = |id: &str, place: Point<f64>| {
        let mut name = Record::new(Collection::Names, id, id);
        name.geometry = Some(Geometry::Point(place).into());
        name.fields.set("class_code", "2200".into());
        name.fields.set("population", 100.into());
        name
    };
    let beyond = Geodesic.destination(Point::from(SEAT), 90.0, 901.0);
    let snapshot = Snapshot::build(
        [road, settlement("at", end), settlement("beyond", beyond)],
        1,
        &Options::default(),
    );
    let found = reach(&snapshot.view(Audience::Public), &query(15.0, Mode::Elder)).unwrap();
    assert_eq!(found.properties.method, Method::Roads);
    assert_eq!(found.properties.population, 100.0);
    assert_eq!(found.properties.settlements[0].minutes, 15.0);
    assert!(area(&found).intersects(&end));
}

#[test]
fn without_roads_it_is_a_circle_and_says_so() {
    let snapshot = Snapshot::empty(&Options::default());
    let view = snapshot.view(Audience::Public);
    let line = reach(&view, &query(15.0, Mode::Line)).unwrap();
    // 1,125 m round: 3.976 km², the 96 corners a hair less.
    assert!(
        (line.properties.area_m2 / 3_976_078.0 - 1.0).abs() < 0.002,
        "{line:?}"
    );
    let walk = reach(&view, &query(15.0, Mode::Walk)).unwrap();
    assert_eq!(walk.properties.method, Method::StraightDetour);
    assert!((line.properties.area_m2 / walk.properties.area_m2 - 1.69).abs() < 0.01);
}

#[test]
fn a_service_is_a_start_and_an_unknown_id_is_none() {
    let view = demonstration::view();
    let mut asked = query(15.0, Mode::Walk);
    asked.origin = ReachOrigin::Id("f-0002".to_owned());
    let found = reach(&view, &asked).unwrap();
    assert_eq!(found.properties.id.as_deref(), Some("f-0002"));
    assert_eq!(
        serde_json::to_string(&found).unwrap(),
        serde_json::to_string(&reach(&view, &asked).unwrap()).unwrap()
    );
    asked.origin = ReachOrigin::Id("nowhere".to_owned());
    assert!(matches!(
        reach(&view, &asked),
        Err(AssistError::Origin { .. })
    ));
    assert!(reach(&view, &query(0.0, Mode::Walk)).is_err());
    assert!(reach(&view, &query(f64::NAN, Mode::Walk)).is_err());
}

#[test]
fn away_from_the_roads_one_walks_as_far_as_the_time_allows() {
    let mut road = Record::new(Collection::Roads, "r", "r");
    let near = Geodesic.destination(Point::from(SEAT), 0.0, 800.0);
    let far = Geodesic.destination(near, 90.0, 1_000.0);
    road.geometry = Some(Geometry::LineString(LineString(vec![near.0, far.0])).into());
    let snapshot = Snapshot::build([road], 1, &Options::default());
    // 5 minutes at four fifths of 4.5 km/h are 300 m.
    let found = reach(&snapshot.view(Audience::Public), &query(5.0, Mode::Walk)).unwrap();
    assert_eq!(found.properties.method, Method::Roads);
    let disc = std::f64::consts::PI * 300.0 * 300.0;
    assert!(
        (found.properties.area_m2 / disc - 1.0).abs() < 0.06,
        "{found:?}"
    );
    assert_eq!(
        serde_json::to_value(found.properties.population)
            .unwrap()
            .to_string(),
        "0.0"
    );
}
