//! What is written from the geometry agrees with it; what is altered is found where it was altered.

use std::sync::Arc;

use geo::{Coord, Geometry, LineString, Point};
use proptest::prelude::*;
use serde_json::json;
use zhifang_core::{Collection, Lang, Record};
use zhifang_markers::{Patterns, Series, check_course};
use zhifang_topology::{Compass, destination};

/// A line of legs by azimuth and length, with a marker at each corner.
fn records(legs: &[(f64, f64)]) -> (Record, Vec<Record>) {
    let mut line = Record::new(Collection::Boundaries, "420625420682", "");
    for (name, value) in [("left", "420682"), ("right", "420625"), ("level", "county")] {
        line.fields.set(name, json!(value));
    }
    let mut at = Coord { x: 111.5, y: 32.3 };
    let mut corners = vec![at];
    for (azimuth, length) in legs {
        at = destination(at, *azimuth, *length);
        corners.push(at);
    }
    let markers = corners.iter().zip(1_u32..).map(|(corner, serial)| {
        let number = format!("420625420682{serial:03}Q");
        let mut marker = Record::new(Collection::Markers, &number, "");
        marker.geometry = Some(Arc::new(Geometry::Point(Point::from(*corner))));
        marker.fields.set("boundary", json!("420625420682"));
        marker.fields.set("number", json!(number));
        marker.fields.set("serial", json!(serial));
        marker
    });
    let markers = markers.collect();
    line.geometry = Some(Arc::new(Geometry::LineString(LineString(corners))));
    (line, markers)
}

fn text(series: &Series<'_>) -> String {
    let legs = series.course();
    legs.iter().map(|leg| leg.sentence(Lang::Zh)).collect()
}

fn with<T>(legs: &[(f64, f64)], ask: impl Fn(&Series<'_>) -> T) -> T {
    let (line, markers) = records(legs);
    let markers: Vec<&Record> = markers.iter().collect();
    let series = Series::of(&[&line], &markers, &line.id, &Patterns::default());
    ask(&series.expect("a series"))
}

#[test]
fn the_course_is_told_from_marker_to_marker() {
    let told = with(&[(67.5, 1000.0), (90.0, 2500.0)], text);
    assert_eq!(
        told,
        "从420625420682001Q号界桩起，向东偏东北（方位角67.5°）行1000.0米，至420625420682002Q号界桩。\
         从420625420682002Q号界桩起，向东（方位角90.0°）行2500.0米，至420625420682003Q号界桩。"
    );
}

#[test]
fn a_wrong_word_number_or_length_is_found_in_its_sentence() {
    let legs = [(67.5, 1000.0), (90.0, 2500.0), (120.0, 800.0)];
    with(&legs, |series| {
        let right = text(series);
        for (from, to, sentence, wanted) in [
            ("向东（", "向北（", 2, "说明“向北”"),
            ("方位角67.5°", "方位角97.5°", 1, "方位角 97.5°"),
            ("行800.0米", "行950.0米", 3, "950 米"),
            ("行2500.0米", "行3公里", 2, "3000 米"),
        ] {
            let wrong = right.replacen(from, to, 1);
            let faults = check_course(series, &wrong);
            assert_eq!(faults.len(), 1, "{wrong}: {faults:?}");
            assert_eq!(faults[0].sentence, sentence, "{wrong}");
            assert!(faults[0].words.zh.contains(wanted), "{faults:?}");
        }
        // As people write it: by serial, from the last marker on, rounded, one sector off.
        let human = "起自1号界桩，向东行约1公里至2号界桩；沿田埂向东行2480米至3号界桩；再向东南行0.8公里至4号界桩。";
        assert_eq!(check_course(series, human), []);
        assert_eq!(
            check_course(series, "另见附图。面积12平方米。1号界桩为石质。"),
            []
        );
    });
}

proptest! {
    #[test]
    fn what_is_generated_agrees_and_a_direction_turned_by_two_sectors_does_not(
        legs in prop::collection::vec((20.0_f64..160.0, 100.0_f64..5_000.0), 1..12),
        which in any::<prop::sample::Index>(),
    ) {
        let at = which.index(legs.len());
        let (told, faults, turned) = with(&legs, |series| {
            let told = text(series);
            let faults = check_course(series, &told);
            let mut sentences: Vec<String> =
                series.course().iter().map(|leg| leg.sentence(Lang::Zh)).collect();
            let is = Compass::from_degrees(series.course()[at].bearing_deg.unwrap_or_default());
            let wrong = Compass::from_degrees(f64::from(is.sector()) * 22.5 + 45.0);
            sentences[at] = sentences[at].replace(
                &format!("向{}（", is.zh()),
                &format!("向{}（", wrong.zh()),
            );
            (told, faults, check_course(series, &sentences.concat()))
        });
        prop_assert!(faults.is_empty(), "{told}: {faults:?}");
        prop_assert_eq!(turned.len(), 1);
        prop_assert_eq!(turned[0].sentence, at + 1);
    }
}
