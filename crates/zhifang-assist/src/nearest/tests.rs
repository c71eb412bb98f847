use super::*;
use crate::demonstration;
use geo::{Geometry, Point};
use serde_json::json;
use zhifang_index::{Audience, Options, Snapshot};

const SEAT: LonLat = LonLat::new(111.672, 32.385);

fn query(now: &str) -> NearestQuery {
    NearestQuery::new(SEAT, now.parse().unwrap())
}

fn service(id: &str, lon: f64, lat: f64) -> Record {
    let mut record = Record::new(Collection::Services, id, id);
    record.geometry = Some(Geometry::Point(Point::new(lon, lat)).into());
    record.fields.set("kind", json!("day_care"));
    record
}

fn road(id: &str, coords: &[[f64; 2]]) -> Record {
    let mut record = Record::new(Collection::Roads, id, id);
    record.geometry = Some(
        zhifang_core::geometry::from_geojson(&json!({"type": "LineString", "coordinates": coords}))
            .unwrap()
            .into(),
    );
    record
}

#[test]
fn the_nearest_come_first_by_road_with_all_that_one_needs() {
    let view = demonstration::view();
    let mut asked = query("2026-11-25T09:00:00+08:00");
    asked.kind = Some(FacilityKind::Service("day_care"));
    let answer = nearest(&view, &asked);
    assert_eq!(answer.method, Method::Roads);
    assert_eq!(answer.services.len(), 5);
    let minutes: Vec<f64> = answer
        .services
        .iter()
        .filter_map(|one| one.minutes)
        .collect();
    assert!(minutes.is_sorted() && minutes.len() == 5, "{minutes:?}");
    for one in &answer.services {
        assert!(one.distance_m >= one.line_m, "{one:?}");
        assert!(
            one.tel
                .as_deref()
                .is_some_and(|tel| tel.starts_with("tel:0710"))
        );
        assert_eq!(one.open_now, Some(true));
        assert!(one.next_change.is_some() && one.links.is_some());
    }
    assert!(answer.hotlines.iter().any(|one| one.kind == "hotline"));
}

#[test]
fn a_brute_force_over_all_services_finds_the_same() {
    let view = demonstration::view();
    let now: Timestamp = "2026-11-25T09:00:00+08:00".parse().unwrap();
    for mode in [Mode::Walk, Mode::Drive] {
        for place in [SEAT, LonLat::new(111.75, 32.45), LonLat::new(111.60, 32.50)] {
            let asked = NearestQuery {
                mode,
                limit: 3,
                ..NearestQuery::new(place, now)
            };
            let answer = nearest(&view, &asked);
            let all: Vec<&Record> = view
                .records(Collection::Services)
                .filter(|one| stands(one, now.day()))
                .collect();
            let mut places = vec![place];
            places.extend(all.iter().map(|one| door(one).unwrap()));
            let mut trips = Trips::new(&view, places, mode, now.day());
            if !trips.is_on_the_way(0) {
                trips.leave_the_roads();
            }
            let mut ways: Vec<f64> = trips
                .ways_from(0)
                .into_iter()
                .skip(1)
                .flatten()
                .map(|way| tenth(way.minutes))
                .collect();
            ways.sort_by(f64::total_cmp);
            let found: Vec<f64> = answer
                .services
                .iter()
                .filter_map(|one| one.minutes)
                .collect();
            assert_eq!(found, ways[..3], "{mode:?} {place:?}");
        }
    }
}

#[test]
fn open_at_leaves_out_what_is_closed() {
    let view = demonstration::view();
    let mut asked = query("2026-11-25T09:00:00+08:00");
    asked.open_at = Some("2026-11-25T03:00:00+08:00".parse().unwrap());
    asked.limit = 20;
    let answer = nearest(&view, &asked);
    assert!(!answer.services.is_empty());
    assert!(
        answer
            .services
            .iter()
            .all(|one| one.hours.as_deref() == Some("24/7"))
    );
}

#[test]
fn what_lies_beyond_a_river_without_a_bridge_is_null_and_last() {
    // Two banks, each with a road; the nearer service is on the other bank.
    let snapshot = Snapshot::build(
        [
            road("west", &[[111.60, 32.30], [111.60, 32.40]]),
            road("east", &[[111.63, 32.30], [111.63, 32.40]]),
            service("far-west", 111.60, 32.395),
            service("near-east", 111.63, 32.305),
        ],
        1,
        &Options::default(),
    );
    let asked = NearestQuery::new(
        LonLat::new(111.60, 32.305),
        "2026-11-25T09:00:00+08:00".parse().unwrap(),
    );
    let answer = nearest(&snapshot.view(Audience::Public), &asked);
    let [first, last] = &answer.services[..] else {
        panic!("{answer:?}")
    };
    assert_eq!((&*first.id, &*last.id), ("far-west", "near-east"));
    assert!(
        (first.distance_m.unwrap() - 9_980.0).abs() < 20.0,
        "{first:?}"
    );
    assert_eq!((last.distance_m, last.minutes), (None, None));
    assert!(last.line_m.unwrap() < 3_000.0);
}

#[test]
fn without_roads_the_answer_says_that_it_is_a_straight_line() {
    let snapshot = Snapshot::build([service("a", 111.61, 32.30)], 1, &Options::default());
    let view = snapshot.view(Audience::Public);
    let mut asked = NearestQuery::new(
        LonLat::new(111.60, 32.30),
        "2026-11-25T09:00:00+08:00".parse().unwrap(),
    );
    let walked = nearest(&view, &asked);
    let one = &walked.services[0];
    assert_eq!(
        serde_json::to_value(one.method).unwrap(),
        "straight_line*1.3"
    );
    assert!((one.distance_m.unwrap() - one.line_m.unwrap() * 1.3).abs() < 0.2);
    asked.mode = Mode::Line;
    let line = nearest(&view, &asked);
    assert_eq!(line.method, Method::Line);
    assert_eq!(line.services[0].distance_m, line.services[0].line_m);
}

#[test]
fn a_place_is_no_distance_from_itself_and_one_way_binds_cars_only() {
    let mut street = road("one-way", &[[111.60, 32.30], [111.61, 32.30]]);
    street.fields.set("oneway", json!(true));
    street.fields.set("speed_kmh", json!(60.0));
    let snapshot = Snapshot::build(
        [street, service("start", 111.60, 32.301)],
        1,
        &Options::default(),
    );
    let view = snapshot.view(Audience::Public);
    let now = "2026-11-25T09:00:00+08:00".parse().unwrap();
    let at_door = nearest(&view, &NearestQuery::new(LonLat::new(111.60, 32.301), now));
    assert_eq!(at_door.services[0].distance_m, Some(0.0));
    let far_end = NearestQuery::new(LonLat::new(111.61, 32.30), now);
    assert!(nearest(&view, &far_end).services[0].minutes.is_some());
    let by_car = NearestQuery {
        mode: Mode::Drive,
        ..far_end
    };
    assert_eq!(nearest(&view, &by_car).services[0].minutes, None);
}
