//! The nation's real files: what is really wrong in them is found, and nothing else is an error.
#![expect(
    clippy::disallowed_methods,
    reason = "the crate reads no files, its test reads the nation's"
)]

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use flate2::read::GzDecoder;
use serde_json::Value;
use zhifang_check::{Finding, Options, Register, Report, Severity, check};
use zhifang_core::{Collection, Day, DivisionCode, Record, RecordKey, geometry};

fn unpacked(name: &str) -> String {
    let path = format!("{}/../../data/nation/{name}", env!("CARGO_MANIFEST_DIR"));
    let packed = std::fs::read(&path).expect(&path);
    let mut text = String::new();
    GzDecoder::new(packed.as_slice())
        .read_to_string(&mut text)
        .expect("a file of the nation");
    text
}

/// Units with a code; the same unit in another level's file is the same record.
fn units(levels: &[&str]) -> BTreeMap<RecordKey, Record> {
    let mut records = BTreeMap::new();
    for level in levels {
        let file: Value =
            serde_json::from_str(&unpacked(&format!("china_{level}.geojson.gz"))).expect("GeoJSON");
        for feature in file["features"].as_array().into_iter().flatten() {
            let text = |key: &str| feature["properties"][key].as_str().unwrap_or_default();
            if text("code").parse::<DivisionCode>().is_err() {
                continue;
            }
            let mut record = Record::new(Collection::Divisions, text("code"), text("name"));
            record.geometry = Some(Arc::new(
                geometry::from_geojson(&feature["geometry"]).expect("a geometry"),
            ));
            records.entry(record.key()).or_insert(record);
        }
    }
    records
}

fn checked(records: &BTreeMap<RecordKey, Record>) -> Report {
    let day = Day::from_ymd(2026, 5, 1).expect("a day");
    check(&Register::new(records.values(), day), &Options::on(day)).expect("all rules are known")
}

/// Rule and units of each finding of a severity.
fn told(report: &Report, severity: Severity) -> Vec<String> {
    report
        .findings
        .iter()
        .filter(|finding| finding.severity == severity)
        .map(named)
        .collect()
}

fn named(finding: &Finding) -> String {
    let units: Vec<&str> = finding
        .subjects
        .iter()
        .map(|subject| &*subject.id)
        .collect();
    format!("{} {}", finding.rule, units.join(" "))
}

/// One overlap, one ring, and the larger two of the union's four inner rings.
const ERRORS_OF_COUNTIES: [&str; 4] = [
    "COV-01 320703 371103",
    "COV-02 530602 530624 530625",
    "GEO-01 659006",
    "GEO-07 469006",
];

#[test]
fn of_the_counties_exactly_what_is_really_wrong_is_an_error() {
    let report = checked(&units(&["counties"]));
    assert_eq!(told(&report, Severity::Error), ERRORS_OF_COUNTIES);
    // The other two inner rings: 0.6 m wide, and the sea between islands of one unit.
    assert!(told(&report, Severity::Warning).contains(&"COV-02 230381 230524".to_owned()));
    assert!(told(&report, Severity::Info).contains(&"GEO-07 460321".to_owned()));
    let overlap = &report.findings[0];
    let m2: f64 = overlap.extents.iter().map(|extent| extent.area_m2).sum();
    assert!((265_000.0..269_000.0).contains(&m2), "{m2} m²");
}

#[test]
fn of_all_levels_and_the_code_table_exactly_what_is_really_wrong_is_an_error() {
    let mut records = units(&["counties", "prefectures", "provinces"]);
    for line in unpacked("china_divisions.csv.gz").lines().skip(1) {
        let mut cells = line.splitn(3, ',');
        let (Some(code), Some(_), Some(name)) = (cells.next(), cells.next(), cells.next()) else {
            continue;
        };
        // To the county: villages take a minute to parse and have no polygons.
        if let Ok(code) = code.parse::<DivisionCode>()
            && code.as_u64() < 1_000_000
        {
            let record = Record::new(Collection::Divisions, &code.to_string(), name);
            records.entry(record.key()).or_insert(record);
        }
    }
    let report = checked(&records);
    let mut wanted: Vec<&str> = ERRORS_OF_COUNTIES.to_vec();
    wanted.insert(2, "GEO-01 230000");
    assert_eq!(told(&report, Severity::Error), wanted);
    // Polygons that keep a code from before the table.
    let old: Vec<String> = told(&report, Severity::Warning)
        .into_iter()
        .filter(|finding| finding.starts_with("ATT-04"))
        .collect();
    assert_eq!(old, ["ATT-04 540422 540481", "ATT-04 540530 540581"]);
}
