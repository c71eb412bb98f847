//! Holds readings to the table of places whose reading matters, and to the Roman names of
//! another gazetteer (toneless, in part made by converters themselves).
//!
//! `cargo run --release -p zhifang-pinyin --example measure_readings`
#![expect(clippy::disallowed_methods, reason = "a measurement reads data")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use flate2::read::GzDecoder;
use zhifang_pinyin::{Reading, fold, is_han, read_name, readings, strip_tones};

fn marked(name: &str) -> String {
    let read = read_name(name);
    let read: Vec<&str> = read.iter().flatten().map(|one| one.marked()).collect();
    read.join(" ")
}

/// The reading that a converter gives that knows no places.
fn by_character(name: &str) -> String {
    let read = name.chars().filter_map(|one| readings(one).next());
    let read: Vec<&str> = read.map(Reading::marked).collect();
    read.join(" ")
}

fn letters(text: &str) -> String {
    let folded = fold(&strip_tones(text));
    let letters = folded.chars().filter(char::is_ascii_lowercase);
    letters
        .map(|one| if one == 'v' { 'u' } else { one })
        .collect()
}

/// The name, and the name without its generic part.
fn forms(name: &str) -> Vec<&str> {
    let cores = ["镇", "乡", "街道", "市", "县", "区"]
        .iter()
        .filter_map(|generic| name.strip_suffix(generic));
    let cores = cores.filter(|core| core.chars().count() > 1);
    std::iter::once(name).chain(cores).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let (mut all, mut right, mut plain) = (0, 0, 0);
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tables/place_readings_more.csv");
    for file in [data.join("place_readings.csv"), own] {
        for row in csv::Reader::from_path(file)?.records() {
            let row = row?;
            all += 1;
            let is_right = marked(&row[0]) == row[1];
            right += usize::from(is_right);
            if !is_right {
                writeln!(
                    out,
                    "    {} {}, wanted {}",
                    &row[0],
                    marked(&row[0]),
                    &row[1]
                )?;
            }
            plain += usize::from(by_character(&row[0]) == row[1]);
        }
    }
    writeln!(
        out,
        "places whose reading matters: {right} of {all} right; character by character {plain}"
    )?;
    let (mut agree, mut differ) = (0, BTreeMap::new());
    let file = GzDecoder::new(File::open(data.join("nation/geonames_cn.csv.gz"))?);
    for row in csv::Reader::from_reader(file).records() {
        let row = row?;
        let wanted = letters(&row[1]);
        let han = row[3]
            .split(',')
            .filter(|name| name.chars().count() > 1 && name.chars().all(is_han));
        let forms: Vec<&str> = han.flat_map(forms).collect();
        if forms.iter().any(|name| letters(&marked(name)) == wanted) {
            agree += 1;
            continue;
        }
        // Another reading of the same characters; anything else is another name.
        let is_reading = |name: &&&str| {
            let mut ends: Vec<&str> = vec![&wanted];
            for one in name.chars() {
                let sounds: Vec<String> = readings(one)
                    .map(|reading| letters(reading.marked()))
                    .collect();
                let next = ends.iter().flat_map(|rest| {
                    sounds
                        .iter()
                        .filter_map(|sound| rest.strip_prefix(sound.as_str()))
                });
                ends = next.collect();
            }
            ends.contains(&"")
        };
        if let Some(name) = forms.iter().find(is_reading) {
            differ.insert((*name).to_owned(), (letters(&marked(name)), wanted));
        }
    }
    writeln!(
        out,
        "the other gazetteer: {agree} agree, {} read otherwise",
        differ.len()
    )?;
    for (name, (ours, theirs)) in &differ {
        writeln!(out, "    {name} {ours}, there {theirs}")?;
    }
    Ok(())
}
