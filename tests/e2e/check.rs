//! The register's faults are found, named and placed; a neighbour's submission is compared.

use std::collections::BTreeSet;

use serde_json::Value;
use zhifang_tests::{Desk, data};

#[test]
fn every_planted_fault_is_found_by_its_rule() {
    let desk = Desk::laohekou();
    let report = desk
        .run(&["check", "--within", "420682", "--format", "json"])
        .json(1);
    let found: BTreeSet<(String, String)> = report["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|finding| {
            let rule = finding["rule"].as_str().unwrap_or_default().to_owned();
            let subjects = finding["subjects"].as_array().cloned().unwrap_or_default();
            subjects.into_iter().map(move |subject| {
                let part = |name: &str| subject[name].as_str().unwrap_or_default().to_owned();
                (
                    rule.clone(),
                    format!("{}/{}", part("collection"), part("id")),
                )
            })
        })
        .collect();
    let planted = std::fs::read_to_string(data("laohekou/faults.csv")).expect("the list of faults");
    for line in planted.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [collection, id, rule, ..] = cells[..] else {
            panic!("`{line}`")
        };
        // A missing number has no record of its own to be named by.
        let is_found =
            rule == "MRK-03" || found.contains(&(rule.to_owned(), format!("{collection}/{id}")));
        assert!(
            is_found,
            "{rule} does not name {collection}/{id}: {found:?}"
        );
    }
}

#[test]
fn the_same_check_says_the_same_twice_and_the_exit_tells_the_severity() {
    let desk = Desk::laohekou();
    let first = desk.run(&["check", "--within", "420682", "--format", "json"]);
    let again = desk.run(&["check", "--within", "420682", "--format", "json"]);
    assert_eq!(first.stdout(), again.stdout());
    desk.run(&["check", "--within", "420682", "--only", "LIN-08"])
        .expect(0);
    desk.run(&[
        "check",
        "--within",
        "420682",
        "--only",
        "LIN-08",
        "--fail-on",
        "warning",
    ])
    .expect(1);
    desk.run(&["check", "--only", "XYZ-99"]).expect(2);
    let list = desk.run(&["check", "--list"]);
    assert!(list.expect(0).stdout().lines().count() > 70);
}

#[test]
fn a_shifted_submission_is_called_out_before_its_lines_are_compared() {
    let desk = Desk::laohekou();
    let file = data("laohekou/laohekou_other_source_undeclared_crs.geojson")
        .display()
        .to_string();
    let comparison: Value = desk
        .run(&["check", "--against", &file, "--format", "json"])
        .json(1);
    assert!(
        comparison["diagnosis"]
            .to_string()
            .to_lowercase()
            .contains("gcj02"),
        "{}",
        comparison["diagnosis"]
    );
    assert_eq!(comparison["items"].as_array().map(Vec::len), Some(7));
}
