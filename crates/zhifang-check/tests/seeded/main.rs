//! Every kind of fault is found where it was planted, in a part of the nation.

#![expect(
    clippy::disallowed_methods,
    reason = "the crate reads no files, its test reads the nation's"
)]

mod faults;

use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;
use zhifang_check::{Finding, Options, Register, RepairError, check, repair};
use zhifang_core::Record;

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

/// Plants every kind in so many places: all are found, and nothing else is an error.
fn all_are_found(base: &faults::Base, places: usize) {
    assert_eq!(faults::judge_clean(base), Vec::<String>::new());
    let kinds = faults::kinds();
    let (outcomes, strangers) = faults::run(base, &kinds, places);
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
    let table = faults::markdown(&kinds, &outcomes);
    assert_eq!(outcomes.len(), kinds.len(), "{table}");
    assert!(
        outcomes.values().all(|one| one.planted >= places),
        "{table}"
    );
}

#[test]
fn every_kind_of_fault_is_found_and_the_clean_set_has_no_error() {
    let base = faults::Base::new(&nation("counties"), &nation("prefectures"), &|province| {
        PROVINCES.contains(&province)
    });
    all_are_found(&base, 1);
}

#[test]
#[ignore = "minutes without optimisation: the whole nation, twenty places for each kind"]
fn every_kind_is_found_in_twenty_places_of_the_nation() {
    let base = faults::Base::new(&nation("counties"), &nation("prefectures"), &|_| true);
    all_are_found(&base, 20);
}

/// Rules whose findings can be repaired.
const REPAIRED: [&str; 9] = [
    "COV-01", "COV-02", "COV-03", "COV-04", "COV-07", "GEO-04", "GEO-05", "GEO-06", "GEO-07",
];
/// The one kind that is not the county's own fault: a new unit on its ground would be left with
/// nothing.
const OTHERS: &str = "unit inside another";

#[test]
fn a_repair_at_the_faulty_side_restores_it_and_at_the_other_side_changes_that_alone() {
    let base = faults::Base::new(&nation("counties"), &nation("prefectures"), &|province| {
        province == 42
    });
    let mut tried = 0;
    for kind in faults::kinds()
        .into_iter()
        .filter(|kind| kind.set == faults::Set::Counties)
    {
        let clean = kind.set.records(&base);
        let planted = base.inner.iter().find_map(|unit| {
            let mut records = clean.clone();
            let fault = (kind.plant)(&base, &mut records, *unit)?;
            Some((records, fault, *unit))
        });
        let Some((records, fault, unit)) =
            planted.filter(|(_, fault, _)| REPAIRED.contains(&fault.rule))
        else {
            continue;
        };
        let register = Register::new(records.values(), base.day);
        let options = Options::on(base.day);
        let report = check(&register, &options).expect("all rules are known");
        let is_it = |finding: &&Finding| {
            finding.rule == fault.rule
                && finding.subjects.iter().cloned().collect::<BTreeSet<_>>() == fault.owners
        };
        let finding = report.findings.iter().find(is_it).expect(kind.name);
        if kind.name == OTHERS {
            let empty = finding.subjects[1].id.parse().expect("a code");
            let refused = repair(&register, &options, &finding.id, empty);
            assert!(
                matches!(refused, Err(RepairError::Tangled { .. })),
                "{refused:?}"
            );
            continue;
        }
        tried += 1;
        for owner in &fault.owners {
            let side = owner.id.parse().expect("a code");
            let done = match repair(&register, &options, &finding.id, side) {
                Ok(done) => done,
                // Only the third unit's corner can move.
                Err(RepairError::Tangled { .. }) if fault.rule == "COV-04" && side != unit => {
                    continue;
                }
                Err(error) => panic!("{} at {side}: {error}", kind.name),
            };
            assert_eq!(done.after.key(), *owner, "{}", kind.name);
            if side == unit {
                let area =
                    |record: &Record| zhifang_topology::area_m2(faults::base::polygons(record));
                let (was, is) = (area(&clean[owner]), area(&done.after));
                assert!(
                    (was - is).abs() < (was * 2e-5).max(1.0),
                    "{}: {was} m² became {is} m²",
                    kind.name
                );
            }
            let mut then = records.clone();
            then.insert(owner.clone(), done.after);
            let report = check(&Register::new(then.values(), base.day), &options)
                .expect("all rules are known");
            assert!(
                !report.findings.iter().any(|other| other.id == finding.id),
                "{}",
                kind.name
            );
        }
    }
    assert!(tried >= 20, "{tried}");
}
