//! Measures the rules of lines, markers, claims and inspections over lines and markers built from
//! the nation's polygons: `cargo run --release -p zhifang-check --example check_lines --
//! counties.geojson prefectures.geojson`.
#![expect(clippy::print_stdout, reason = "the output of the example")]
#![expect(
    clippy::disallowed_methods,
    reason = "an example reads its files and its clock"
)]
#![expect(
    dead_code,
    unused_imports,
    reason = "the clean set is the seeder's, the faults are not"
)]

#[path = "../tests/seeded/faults/mod.rs"]
mod faults;

use std::time::Instant;

use zhifang_check::{Options, Register, check};
use zhifang_core::Collection;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [counties, prefectures] = args.as_slice() else {
        return Err("wanted: COUNTIES PREFECTURES".into());
    };
    let read = |path: &str| -> Result<serde_json::Value, Box<dyn std::error::Error>> {
        Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
    };
    let base = faults::Base::new(&read(counties)?, &read(prefectures)?, &|_| true);
    let records = faults::Set::Lines.records(&base);
    let count = |collection| {
        records
            .keys()
            .filter(|key| key.collection == collection)
            .count()
    };
    println!(
        "{} units, {} lines, {} markers",
        count(Collection::Divisions),
        count(Collection::Boundaries),
        count(Collection::Markers)
    );
    let mut options = Options::on(base.day);
    for group in ["LIN", "MRK", "INS", "CLM", "DIS", "STR"] {
        options.only = vec![group.to_owned()];
        let start = Instant::now();
        let report = check(&Register::new(records.values(), base.day), &options)?;
        println!(
            "{group}: {:.3} s, {}",
            start.elapsed().as_secs_f64(),
            report.findings.len()
        );
    }
    options.only = ["LIN", "MRK", "INS", "CLM", "DIS", "STR"]
        .map(str::to_owned)
        .to_vec();
    for _ in 0..2 {
        let start = Instant::now();
        let report = check(&Register::new(records.values(), base.day), &options)?;
        let took = start.elapsed().as_secs_f64();
        println!(
            "all of them: {took:.3} s, {} findings",
            report.findings.len()
        );
    }
    Ok(())
}
