//! Checks plain GeoJSON files of divisions (`code`, `name`), prints what is found and how long it
//! took: `cargo run --release -p zhifang-check --example check_nation -- counties.geojson …`.
//! Options: `--within CODE`, `--only RULE`, `--json`.
#![expect(clippy::print_stdout, reason = "the output of the example")]
#![expect(
    clippy::disallowed_methods,
    reason = "an example reads its files and its clock"
)]

use std::path::Path;
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
            path if Path::new(path).extension().is_some_and(|end| end == "csv") => {
                table(path, &mut records)?;
            }
            path => read(path, &mut records)?,
        }
    }
    // The same unit in another level's file is the same record.
    let key = |record: &Record| (record.collection, record.id.clone());
    records.sort_by_key(|record| (key(record), record.geometry.is_none()));
    records.dedup_by(|later, first| key(later) == key(first));
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

/// A table `code,level,name`.
fn table(path: &str, records: &mut Vec<Record>) -> Result<(), Box<dyn std::error::Error>> {
    for line in std::fs::read_to_string(path)?.lines().skip(1) {
        let mut cells = line.splitn(3, ',');
        let Some(Ok(code)) = cells.next().map(str::parse::<DivisionCode>) else {
            continue;
        };
        let name = cells.nth(1).unwrap_or_default();
        records.push(Record::new(Collection::Divisions, &code.to_string(), name));
    }
    Ok(())
}

/// A GeoJSON file: the collection that it is named after, else divisions.
fn read(path: &str, records: &mut Vec<Record>) -> Result<(), Box<dyn std::error::Error>> {
    let stem = Path::new(path).file_stem().and_then(|stem| stem.to_str());
    let collection = stem
        .and_then(|stem| stem.parse().ok())
        .unwrap_or(Collection::Divisions);
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    for feature in file["features"].as_array().into_iter().flatten() {
        let properties = &feature["properties"];
        let text = |key: &str| properties[key].as_str().unwrap_or_default();
        let code = text("code").parse::<DivisionCode>();
        let id = match (&code, collection) {
            (Ok(code), Collection::Divisions) => code.to_string(),
            (Err(_), Collection::Divisions) => continue,
            _ => text("id").to_owned(),
        };
        let mut record = Record::new(collection, &id, text("name"));
        record.division = code.ok().or_else(|| text("division").parse().ok());
        record.valid.from = text("valid_from").parse().ok();
        record.valid.to = text("valid_to").parse().ok();
        record.status = text("status").parse().unwrap_or_default();
        if !feature["geometry"].is_null() {
            record.geometry = Some(Arc::new(geometry::from_geojson(&feature["geometry"])?));
        }
        for (key, value) in properties.as_object().into_iter().flatten() {
            if collection.fields().iter().any(|field| field.name == key) {
                record.fields.set(key, value.clone());
            }
        }
        records.push(record);
    }
    Ok(())
}
