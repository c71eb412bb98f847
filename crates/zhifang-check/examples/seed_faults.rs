//! Plants every kind of fault in many places of the nation's real polygons, with lines and
//! markers built from them, and prints what the check finds of it as a table:
//! `cargo run --release -p zhifang-check --example seed_faults -- counties.geojson
//! prefectures.geojson [PLACES [README.md]]`. A README gets the table between its marks.
//! Ends with status 1 when a fault is missed or an error has no fault.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the output of the example"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "an example reads its files, and its seeder is test code"
)]

#[path = "../tests/seeded/faults/mod.rs"]
mod faults;

use std::process::ExitCode;

/// Marks between which the table stands in a README.
const MARKS: [&str; 2] = ["<!-- seeded faults -->\n", "<!-- end of seeded faults -->"];

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [counties, prefectures, rest @ ..] = args.as_slice() else {
        return Err("wanted: COUNTIES PREFECTURES [PLACES [README]]".into());
    };
    let read = |path: &str| -> Result<serde_json::Value, Box<dyn std::error::Error>> {
        Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
    };
    let places = rest.first().map_or(Ok(20), |text| text.parse())?;
    let base = faults::Base::new(&read(counties)?, &read(prefectures)?, &|_| true);
    let clean = faults::judge_clean(&base);
    let kinds = faults::kinds();
    let (outcomes, strangers) = faults::run(&base, &kinds, places);
    for (kind, outcome) in &outcomes {
        for reason in &outcome.missed {
            eprintln!("missed: {kind}: {reason}");
        }
    }
    for error in clean.iter().chain(&strangers) {
        eprintln!("unexplained: {error}");
    }
    let table = faults::markdown(&kinds, &outcomes);
    println!("{table}");
    println!(
        "{} units, {} lines and markers; errors on the clean set: {}; errors without a fault: {}",
        base.counties.len(),
        base.line_records.len(),
        clean.len(),
        strangers.len()
    );
    if let Some(path) = rest.get(1) {
        let text = std::fs::read_to_string(path)?;
        let (head, tail) = text
            .split_once(MARKS[0])
            .ok_or("the README has no mark for the table")?;
        let (_, tail) = tail
            .split_once(MARKS[1])
            .ok_or("the README has no end of the table")?;
        std::fs::write(path, format!("{head}{}{table}{}{tail}", MARKS[0], MARKS[1]))?;
    }
    let is_complete = outcomes.len() == kinds.len()
        && outcomes
            .values()
            .all(|one| one.found == one.planted && one.planted >= places);
    Ok(if clean.is_empty() && strangers.is_empty() && is_complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}
