//! Every kind of fault is found where it was planted, in a part of the nation.

#![expect(
    clippy::disallowed_methods,
    reason = "the crate reads no files, its test reads the nation's"
)]

mod faults;

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;

/// A file of the nation.
fn nation(level: &str) -> Value {
    let path = format!(
        "{}/../../data/nation/china_{level}.geojson.gz",
        env!("CARGO_MANIFEST_DIR")
    );
    let mut text = String::new();
    let packed = std::fs::read(&path).expect(&path);
    GzDecoder::new(packed.as_slice())
        .read_to_string(&mut text)
        .expect("a GeoJSON file");
    serde_json::from_str(&text).expect("a GeoJSON file")
}

/// Hubei and provinces round it.
const PROVINCES: [u64; 5] = [36, 41, 42, 43, 52];

#[test]
fn every_kind_of_fault_is_found_and_the_clean_set_has_no_error() {
    let base = faults::Base::new(&nation("counties"), &nation("prefectures"), &|province| {
        PROVINCES.contains(&province)
    });
    assert_eq!(faults::judge_clean(&base), Vec::<String>::new());
    let kinds = faults::kinds();
    let (outcomes, strangers) = faults::run(&base, &kinds, 1);
    let missed: Vec<String> = outcomes
        .iter()
        .flat_map(|(kind, outcome)| {
            outcome
                .missed
                .iter()
                .map(move |reason| format!("{kind}: {reason}"))
        })
        .collect();
    assert_eq!(missed, Vec::<String>::new());
    assert_eq!(strangers, Vec::<String>::new());
    assert_eq!(
        outcomes.len(),
        kinds.len(),
        "{}",
        faults::markdown(&kinds, &outcomes)
    );
}
