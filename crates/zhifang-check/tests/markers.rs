//! Rules about markers that need a line, a few markers, and what was recorded of them.

use std::sync::Arc;

use geo::{Coord, Geometry, LineString, Point};
use serde_json::{Value, json};
use zhifang_check::{Options, Register, check};
use zhifang_core::{Collection, LonLat, Record};
use zhifang_markers::convergence_deg;
use zhifang_topology::destination;

const LINE: &str = "420625420682";

fn line() -> Record {
    let mut record = Record::new(Collection::Boundaries, LINE, "谷城—老河口");
    let coords = [111.0, 111.1, 111.2].map(|x| Coord { x, y: 32.0 });
    record.geometry = Some(Arc::new(Geometry::LineString(LineString(coords.to_vec()))));
    for (name, value) in [("left", "420682"), ("right", "420625"), ("level", "county")] {
        record.fields.set(name, json!(value));
    }
    record
}

fn marker(serial: u32, lon: f64, fields: &[(&str, Value)]) -> Record {
    let number = format!("{LINE}{serial:03}Q");
    let mut record = Record::new(Collection::Markers, &number, "");
    record.geometry = Some(Arc::new(Geometry::Point(Point::new(lon, 32.0))));
    record.fields.set("number", json!(number));
    record.fields.set("serial", json!(serial));
    record.fields.set("boundary", json!(LINE));
    for (name, value) in fields {
        record.fields.set(name, value.clone());
    }
    record
}

/// Subjects of what a rule finds on a line with these markers.
fn found(rule: &str, markers: &[Record]) -> Vec<String> {
    found_on(&line(), rule, markers)
}

fn found_on(line: &Record, rule: &str, markers: &[Record]) -> Vec<String> {
    let mut options = Options::on("2026-05-01".parse().expect("a day"));
    options.only = vec![rule.to_owned()];
    let records = std::iter::once(line).chain(markers);
    let register = Register::new(records, options.day);
    let report = check(&register, &options).expect("a rule");
    let subjects = |one: &zhifang_check::Finding| {
        one.subjects
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    report.findings.iter().map(subjects).collect()
}

#[test]
fn a_marker_that_was_added_later_bears_the_next_number_wherever_it_stands() {
    let set = |day: &str| vec![("set_on", json!(day))];
    let mut markers = vec![
        marker(1, 111.02, &set("1998-05-01")),
        marker(2, 111.08, &set("1998-05-02")),
        marker(3, 111.15, &set("1998-05-03")),
        marker(4, 111.05, &set("2019-10-01")),
    ];
    assert_eq!(found("MRK-03", &markers), Vec::<String>::new());
    // Set in the same days as the others, or nobody knows when: its number is out of order.
    for day in ["1998-05-04", ""] {
        markers[3] = marker(4, 111.05, &set(day));
        assert_eq!(found("MRK-03", &markers).len(), 1, "{day}");
    }
}

#[test]
fn an_azimuth_is_held_against_the_north_that_it_was_taken_from() {
    // Half a degree of convergence and more: a zone's edge.
    let (lon, lat) = (112.4, 32.0);
    let place = LonLat { lon, lat };
    let object = |azimuth: f64, north: &str, turn: f64| {
        let there = destination(place.into(), azimuth, 60.0);
        json!({
            "what": "水塔", "bearing_deg": azimuth - turn, "distance_m": 60.0,
            "lon": there.x, "lat": there.y, "north": north, "declination_deg": -4.5,
        })
    };
    let grid = convergence_deg(place);
    assert!(grid > 0.7, "{grid}");
    let objects = |north: &str, turn: f64| {
        let all = [20.0, 140.0, 260.0].map(|azimuth| object(azimuth, north, turn));
        let mut one = marker(1, lon, &[("references", json!(all))]);
        one.fields.set("boundary", json!(LINE));
        found("MRK-08", &[one]).len()
    };
    assert_eq!(objects("true", 0.0), 0);
    assert_eq!(objects("grid", grid), 0);
    assert_eq!(objects("magnetic", -4.5), 0);
    // A needle's azimuth written down as a true one.
    assert_eq!(objects("true", -4.5), 3);
    assert_eq!(objects("grid", -4.5), 3);
}

#[test]
fn a_course_in_words_is_held_against_the_line() {
    let markers = [marker(1, 111.02, &[]), marker(2, 111.12, &[])];
    let told = |course: &str| {
        let mut line = line();
        line.fields.set("course", json!(course));
        found_on(&line, "LIN-10", &markers)
    };
    assert_eq!(
        told("从1号界桩向东行9.4公里至2号界桩。"),
        Vec::<String>::new()
    );
    assert_eq!(
        told("从1号界桩向北行9.4公里至2号界桩。"),
        ["boundaries/420625420682"]
    );
    assert_eq!(told("从1号界桩向南行12公里至2号界桩。").len(), 2);
    assert_eq!(found("LIN-10", &markers), Vec::<String>::new());
}

#[test]
fn the_counts_on_a_lines_record_are_those_of_its_markers() {
    let markers = [
        marker(1, 111.02, &[]),
        marker(2, 111.05, &[("type", json!("A"))]),
        marker(3, 111.12, &[]),
    ];
    let told = |extra: Value| {
        let mut line = line();
        line.fields.set("extra", extra);
        found_on(&line, "LIN-14", &markers).len()
    };
    assert_eq!(told(json!({"JZKS": "3", "DLZKS": 2})), 0);
    assert_eq!(told(json!({"JZKS": "4", "DLZKS": 3})), 2);
    assert_eq!(told(json!({"JZKS": "unknown"})), 0);
}

#[test]
fn a_line_that_follows_a_river_stays_where_the_river_was() {
    let mut river = Record::new(Collection::Names, "n-river", "汉江");
    let at = |off: f64| [111.0, 111.1, 111.2].map(|x| Coord { x, y: 32.0 + off });
    let told = |off: f64, moves: bool| {
        river.geometry = Some(Arc::new(Geometry::LineString(LineString(at(off).to_vec()))));
        let mut line = line();
        let feature = json!({"name": "汉江", "name_id": "n-river", "moves": moves});
        line.fields.set("follows_feature", feature);
        let mut options = Options::on("2026-05-01".parse().expect("a day"));
        options.only = vec!["LIN-11".to_owned()];
        let report = check(&Register::new([&line, &river], options.day), &options);
        let found = report.expect("a rule").findings;
        found.first().map(|one| one.severity.as_str())
    };
    let mut told = told;
    assert_eq!(told(0.000_1, false), None);
    assert_eq!(told(0.001, false), Some("info"));
    assert_eq!(told(0.001, true), Some("warning"));
}

#[test]
fn who_moves_or_repairs_a_marker_does_not_do_it_alone() {
    let told = |rule: &str, survey: Value| {
        let fields = [
            ("sides", json!(["420625", "420682"])),
            ("surveys", json!([survey])),
        ];
        found(rule, &[marker(1, 111.02, &fields)]).len()
    };
    let both = json!(["420625", "420682"]);
    let moved = |consents: Value, filed: Value| json!({"kind": "moved", "date": "2025-03-01", "consents": consents, "filed_on": filed});
    assert_eq!(told("MRK-10", moved(both.clone(), json!("2025-03-20"))), 0);
    assert_eq!(
        told("MRK-10", moved(json!(["420625"]), json!("2025-03-20"))),
        1
    );
    assert_eq!(told("MRK-10", moved(both.clone(), Value::Null)), 1);
    assert_eq!(
        told("MRK-10", json!({"kind": "joint", "date": "2025-03-01"})),
        0
    );
    let repaired = |witnesses: Value| json!({"kind": "repaired", "witnesses": witnesses});
    assert_eq!(told("MRK-11", repaired(both)), 0);
    assert_eq!(told("MRK-11", repaired(json!(["420682"]))), 1);
}
