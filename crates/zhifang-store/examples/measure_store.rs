//! Commits synthetic divisions to a new store and tells rows a second and bytes on disk.
//!
//! `cargo run --release -p zhifang-store --example measure_store [ROWS] [STORE]`; without a store
//! a SQLite file in the temporary folder is made and removed.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use geo_types::{Geometry, LineString, MultiPolygon, Polygon};
use serde_json::json;
use zhifang_core::{Collection, DivisionCode, Record, RecordKey, Timestamp};
use zhifang_store::{Expect, Write, open};

/// Units of the nation, of which the default is a likeness.
const NATION: u64 = 665_276;
/// Units with a polygon, and earlier versions, per that many units.
const POLYGONS: u64 = 3_300;
const HISTORY: u64 = 16_000;

/// Twelve digits, ascending, as the bureau's lists go.
fn code(number: u64) -> u64 {
    110_101_000_000 + number / 200 * 1_000 + number % 200
}

fn division(number: u64, source: &Arc<str>) -> Record {
    const SYLLABLES: [&str; 8] = ["李", "王", "楼", "家", "桥", "新", "河", "东"];
    let pick = |shift: u64| SYLLABLES[(number / shift) as usize % SYLLABLES.len()];
    let name = format!("{}{}{}村民委员会", pick(1), pick(8), pick(64));
    let mut record = Record::new(Collection::Divisions, &code(number).to_string(), &name);
    record.source = Arc::clone(source);
    record
}

/// A ring of 150 vertices, about what a county has.
fn polygon(number: u64) -> Geometry<f64> {
    let place = |step: u32| {
        let angle = f64::from(step % 150) * std::f64::consts::TAU / 150.0;
        let lon = 75.0 + (number % 600) as f64 / 10.0;
        (lon + angle.cos() / 3.0, 35.0 + angle.sin() / 3.0)
    };
    let ring = LineString::from((0..=150).map(place).collect::<Vec<_>>());
    Geometry::MultiPolygon(MultiPolygon(vec![Polygon::new(ring, vec![])]))
}

fn bytes_on_disk(url: &str) -> u64 {
    let path = url.trim_start_matches("sqlite:");
    ["", "-wal", "-shm"]
        .iter()
        .filter_map(|end| std::fs::metadata(format!("{path}{end}")).ok())
        .map(|file| file.len())
        .sum()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let rows = arguments.next().map_or(Ok(NATION), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("measure.db");
    let url = arguments
        .next()
        .unwrap_or_else(|| format!("sqlite:{}", file.display()));
    let mut out = std::io::stdout().lock();

    let source: Arc<str> = Arc::from("国家统计局 统计用区划代码和城乡划分代码");
    let batch: Vec<Write> = (0..rows)
        .map(|number| {
            let mut record = division(number, &source);
            if number < rows * POLYGONS / NATION {
                record.geometry = Some(Arc::new(polygon(number)));
                record.fields.set("area_km2", json!(1_234.5));
            }
            Write {
                record,
                expect: Expect::Any,
            }
        })
        .collect();
    let again = batch.clone();
    let history: Vec<Write> = (0..rows * HISTORY / NATION)
        .map(|number| {
            let mut record = division(number * 7, &source);
            record.fields.set(
                "former_names",
                json!([{"name": "旧村", "from": "2002-12-01"}]),
            );
            Write {
                record,
                expect: Expect::Any,
            }
        })
        .collect();

    let register = open(&url)?;
    let now = Timestamp::from_micros(1_780_000_000_000_000);
    for (what, batch) in [
        ("import", batch),
        ("import again", again),
        ("history", history),
    ] {
        let (count, start) = (batch.len(), Instant::now());
        let receipt = register.commit(batch, "cli", now)?;
        let seconds = start.elapsed().as_secs_f64();
        writeln!(
            out,
            "{what}: {count} rows in {seconds:.2} s, {:.0} rows/s, {} changed",
            count as f64 / seconds,
            receipt.changed()
        )?;
    }

    let start = Instant::now();
    let mut loaded = 0;
    register.load(&mut |_| loaded += 1)?;
    writeln!(
        out,
        "load: {loaded} records in {:.2} s",
        start.elapsed().as_secs_f64()
    )?;

    let start = Instant::now();
    let report = register.verify()?;
    let seconds = start.elapsed().as_secs_f64();
    writeln!(
        out,
        "verify: {} versions in {seconds:.2} s, sound: {}",
        report.versions,
        report.is_sound()
    )?;

    let start = Instant::now();
    for number in 0..500 {
        let key = RecordKey::new(Collection::Divisions, &code(number * 100).to_string());
        let Some(mut record) = register.record(&key)? else {
            continue;
        };
        record.name = format!("改{number}").into();
        let expect = Expect::Version(record.version);
        register.commit(vec![Write { record, expect }], "cli", now)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    writeln!(out, "single edits: {:.0} commits/s", 500.0 / seconds)?;

    let backup = folder.path().join("backup.db");
    let start = Instant::now();
    register.backup(&backup)?;
    writeln!(
        out,
        "backup: {:.1} MB in {:.2} s",
        std::fs::metadata(&backup)?.len() as f64 / 1e6,
        start.elapsed().as_secs_f64()
    )?;
    drop(register);
    if Path::new(url.trim_start_matches("sqlite:")).exists() {
        writeln!(out, "on disk: {:.1} MB", bytes_on_disk(&url) as f64 / 1e6)?;
    }
    // A check on the synthetic codes, so that the figures mean what they say.
    debug_assert!(DivisionCode::from_u64(code(rows)).is_some());
    Ok(())
}
