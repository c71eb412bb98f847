//! Checks plain GeoJSON files of divisions (`code`, `name`), prints what is found and how long it
//! took: `cargo run --release -p zhifang-check --example check_nation -- counties.geojson …`.
//! Options: `--within CODE`, `--only RULE`, `--json`.
#![expect(clippy::print_stdout, reason = "the output of the example")]

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use zhifang_check::{Options, Register, check};
use zhifang_core::{Collection, Day, DivisionCode, Lang, Record, geometry};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let day = Day::from_ymd(2026, 11, 25).ok_or("no such day")?;
    let mut options = Options::on(day);
    let mut records: Vec<Record> = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--within" => options.within = Some(args.next().ok_or("--within CODE")?.parse()?),
            "--only" => options.only.push(args.next().ok_or("--only RULE")?),
            path => read(path, &mut records)?,
        }
    }
    // The same unit in another level's file is the same record.
    records.sort_by(|a, b| a.id.cmp(&b.id));
    records.dedup_by(|later, first| later.id == first.id);
    println!("{} records", records.len());
    for _ in 0..2 {
        let start = Instant::now();
        let register = Register::new(&records, day);
        let report = check(&register, &options)?;
        let took = start.elapsed();
        for finding in &report.findings {
            println!(
                "{} {:5} {} {:?} {}",
                finding.rule,
                finding.severity.as_str(),
                finding.message.zh,
                finding.place,
                finding.id
            );
        }
        println!("{} in {took:?}", report.headline(Lang::Zh));
    }
    Ok(())
}

fn read(path: &str, records: &mut Vec<Record>) -> Result<(), Box<dyn std::error::Error>> {
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    for feature in file["features"].as_array().into_iter().flatten() {
        let code = feature["properties"]["code"].as_str().unwrap_or_default();
        let Ok(code) = code.parse::<DivisionCode>() else { continue };
        let name = feature["properties"]["name"].as_str().unwrap_or_default();
        let mut record = Record::new(Collection::Divisions, &code.to_string(), name);
        record.geometry = Some(Arc::new(geometry::from_geojson(&feature["geometry"])?));
        records.push(record);
    }
    Ok(())
}
