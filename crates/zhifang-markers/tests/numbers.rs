//! Numbers along lines: first ones, one added between two, pairs, a series over several lines.

use std::sync::Arc;

use geo::{Coord, Geometry, LineString, Point};
use proptest::prelude::*;
use serde_json::json;
use zhifang_core::{Collection, Record, Status};
use zhifang_markers::{How, MarkerError, Patterns, Series, TypeCode, assign, free_at};

fn line(left: &str, right: &str, level: &str, coords: &[(f64, f64)]) -> Record {
    let mut ids = [left, right];
    ids.sort_unstable();
    let mut record = Record::new(Collection::Boundaries, &ids.concat(), "");
    let coords = coords.iter().map(|(x, y)| Coord { x: *x, y: *y });
    record.geometry = Some(Arc::new(Geometry::LineString(LineString(coords.collect()))));
    for (name, value) in [("left", left), ("right", right), ("level", level)] {
        record.fields.set(name, json!(value));
    }
    record
}

fn marker(id: &str, line: &Record, lon: f64, lat: f64) -> Record {
    let mut record = Record::new(Collection::Markers, id, "");
    record.geometry = Some(Arc::new(Geometry::Point(Point::new(lon, lat))));
    record.fields.set("boundary", json!(&*line.id));
    record
}

fn with_type(mut marker: Record, kind: &str) -> Record {
    marker.fields.set("type", json!(kind));
    marker
}

fn numbered(mut marker: Record, number: &str, serial: u32) -> Record {
    marker.fields.set("number", json!(number));
    marker.fields.set("serial", json!(serial));
    marker.fields.set("type", json!("Q"));
    marker
}

fn series<'a>(lines: &[&'a Record], markers: &'a [Record], of: &str) -> Series<'a> {
    let markers: Vec<&Record> = markers.iter().collect();
    Series::of(lines, &markers, of, &Patterns::default()).expect("a series")
}

/// West to east along 32° N, the north on its left.
fn county_line() -> Record {
    line(
        "420682",
        "420625",
        "county",
        &[(111.0, 32.0), (111.1, 32.0), (111.2, 32.0)],
    )
}

#[test]
fn a_new_line_is_numbered_from_its_western_end_with_its_pairs() {
    // Digitised from east to west: numbers run against it, and left is south.
    let line = line(
        "420625",
        "420682",
        "county",
        &[(111.2, 32.0), (111.1, 32.0), (111.0, 32.0)],
    );
    let markers = vec![
        marker("third", &line, 111.15, 32.000_001),
        marker("first", &line, 111.01, 32.0),
        // The northern bank belongs to 420682, the larger code: B, whatever the record says.
        with_type(marker("north", &line, 111.1, 32.002), "A"),
        with_type(marker("south", &line, 111.1, 31.998), "B"),
        with_type(marker("alone", &line, 111.18, 32.002), "A"),
    ];
    let series = series(&[&line], &markers, &line.id);
    let plan = assign(&series, false).unwrap();
    let given: Vec<(&str, &str)> = plan
        .given
        .iter()
        .map(|given| (&*given.marker.id, given.number.as_str()))
        .collect();
    let wanted = [
        ("first", "420625420682001Q"),
        ("south", "420625420682002A"),
        ("north", "420625420682002B"),
        ("third", "420625420682003Q"),
    ];
    assert_eq!(given, wanted);
    assert!(plan.given.iter().all(|given| given.how == How::InOrder));
    assert_eq!(plan.left.len(), 1);
    assert!(plan.left[0].1.zh.contains('B'), "{:?}", plan.left);
    let north = plan
        .writes()
        .into_iter()
        .find(|record| &*record.id == "north");
    assert_eq!(north.unwrap().fields.text("type"), Some("B"));
}

#[test]
fn one_that_is_added_takes_a_free_number_or_the_next_and_never_a_retired_one() {
    let line = county_line();
    let at = |number: u32, lon: f64| {
        let text = format!("420625420682{number:03}Q");
        numbered(marker(&text, &line, lon, 32.0), &text, number)
    };
    let mut retired = at(4, 111.08);
    retired.status = Status::Retired;
    let markers = vec![
        at(1, 111.01),
        at(2, 111.05),
        retired,
        at(6, 111.12),
        at(7, 111.19),
        marker("new", &line, 111.1, 32.0),
        marker("newer", &line, 111.11, 32.0),
        marker("newest", &line, 111.15, 32.0),
    ];
    let series = series(&[&line], &markers, &line.id);
    let plan = assign(&series, false).unwrap();
    let given: Vec<(&str, u32, How)> = plan
        .given
        .iter()
        .map(|given| (&*given.marker.id, given.serial, given.how))
        .collect();
    let wanted = [
        ("new", 3, How::Between),
        ("newer", 5, How::Between),
        ("newest", 8, How::AfterLast),
    ];
    assert_eq!(given, wanted);
    assert_eq!(plan.kept, 4);

    let place = |lon| Coord { x: lon, y: 32.0 };
    let free = free_at(&series, place(111.09), TypeCode::A).unwrap();
    assert_eq!(free.numbers, ["420625420682003A", "420625420682003B"]);
    assert_eq!(free.before.as_deref(), Some("420625420682002Q"));
    assert_eq!(free.after.as_deref(), Some("420625420682006Q"));
    let free = free_at(&series, place(111.03), TypeCode::Q).unwrap();
    assert_eq!(
        (free.numbers, free.how),
        (vec!["420625420682008Q".to_owned()], How::AfterLast)
    );
    let anew = assign(&series, true).unwrap();
    let serials: Vec<u32> = anew.given.iter().map(|given| given.serial).collect();
    assert_eq!(serials, [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn a_province_line_of_several_county_lines_is_one_series() {
    let west = line(
        "420381",
        "411326",
        "province",
        &[(111.2, 32.1), (111.0, 32.0)],
    );
    let middle = line(
        "420682",
        "411326",
        "province",
        &[(111.2, 32.1), (111.5, 32.0)],
    );
    let east = line(
        "420682",
        "411381",
        "province",
        &[(111.5, 32.0), (111.9, 32.05)],
    );
    let other = line(
        "420682",
        "420625",
        "county",
        &[(111.2, 31.0), (111.5, 31.0)],
    );
    let markers = vec![
        marker("e", &east, 111.7, 32.025),
        marker("m", &middle, 111.3, 32.066),
        marker("w", &west, 111.1, 32.05),
        marker("elsewhere", &other, 111.3, 31.0),
    ];
    let series = series(&[&east, &west, &other, &middle], &markers, &middle.id);
    assert_eq!(series.stem, "4142");
    let order: Vec<&str> = series.stretches.iter().map(|one| &*one.line.id).collect();
    assert_eq!(order, ["411326420381", "411326420682", "411381420682"]);
    let numbers: Vec<String> = assign(&series, false)
        .unwrap()
        .given
        .into_iter()
        .map(|given| format!("{} {}", given.marker.id, given.number))
        .collect();
    assert_eq!(numbers, ["w 4142001Q", "m 4142002Q", "e 4142003Q"]);
}

#[test]
fn what_cannot_be_numbered_is_said() {
    let mut line = county_line();
    let none: Vec<&Record> = Vec::new();
    let patterns = Patterns::default();
    let of = |line: &Record, id: &str| Series::of(&[line], &none, id, &patterns).map(|_| ());
    assert!(matches!(
        of(&line, "x"),
        Err(MarkerError::UnknownLine { .. })
    ));
    line.fields.remove("right");
    assert!(matches!(
        of(&line, &line.id),
        Err(MarkerError::Incomplete { field: "right", .. })
    ));
    line.fields.remove("level");
    assert!(matches!(
        of(&line, &line.id),
        Err(MarkerError::Incomplete { field: "level", .. })
    ));
    let mut line = county_line();
    line.geometry = None;
    assert!(matches!(
        of(&line, &line.id),
        Err(MarkerError::NoGeometry { .. })
    ));

    let line = county_line();
    let full = numbered(marker("m", &line, 111.1, 32.0), "420625420682999Q", 999);
    let markers = [full, marker("new", &line, 111.15, 32.0)];
    let markers: Vec<&Record> = markers.iter().collect();
    let series = Series::of(&[&line], &markers, &line.id, &patterns).unwrap();
    assert!(matches!(
        assign(&series, false),
        Err(MarkerError::Spent { serial: 1000, .. })
    ));
}

proptest! {
    /// Whatever has numbers already: nobody gets one that was ever given, no two get the same,
    /// and a series without any is numbered in order along the line.
    #[test]
    fn no_number_is_given_twice(places in prop::collection::vec((0.0_f64..0.2, 0_u32..40), 1..30)) {
        let line = county_line();
        let mut used = std::collections::BTreeSet::new();
        let markers: Vec<Record> = places
            .iter()
            .enumerate()
            .map(|(at, (along, serial))| {
                let plain = marker(&format!("m{at}"), &line, 111.0 + along, 32.0);
                if *serial < 20 && used.insert(*serial) {
                    let mut one = numbered(plain, &format!("420625420682{serial:03}Q"), *serial);
                    if serial % 7 == 0 {
                        one.status = Status::Retired;
                    }
                    one
                } else {
                    plain
                }
            })
            .collect();
        let series = series(&[&line], &markers, &line.id);
        let plan = assign(&series, false).unwrap();
        let mut all = used.clone();
        for given in &plan.given {
            prop_assert!(all.insert(given.serial), "{} twice", given.serial);
        }
        let lonely = markers.iter().filter(|one| one.fields.text("number").is_none()).count();
        prop_assert_eq!(plan.given.len(), lonely);
        if used.is_empty() {
            let places: Vec<f64> = plan.given.iter().map(|given| given.along_m).collect();
            prop_assert!(places.is_sorted());
        }
    }
}
