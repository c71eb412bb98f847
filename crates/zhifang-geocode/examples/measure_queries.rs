//! Measures search on generated queries: top-1 and top-5 by class, time, calibration.
//!
//! `cargo run --release -p zhifang-geocode --example measure_queries -- 424242 100 [CLASS]`
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads data and the clock"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::time::Instant;

use zhifang_geocode::{NameIndex, SearchQuery};

#[path = "../tests/corpus/mod.rs"]
#[expect(
    clippy::unwrap_used,
    dead_code,
    reason = "the shipped table is sound, else nothing goes on"
)]
mod corpus;

#[derive(Default)]
struct Tally {
    all: usize,
    first: usize,
    five: usize,
    county: usize,
    wrong: Vec<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seed = arguments
        .next()
        .map_or(Ok(20_261_123), |text| text.parse())?;
    let count = arguments.next().map_or(Ok(25), |text| text.parse())?;
    let only = arguments.next();
    let mut out = std::io::stdout().lock();
    let rows = corpus::rows();
    let entries = corpus::entries(&rows);
    let start = Instant::now();
    let index = NameIndex::build(entries);
    writeln!(
        out,
        "{} records, built in {:.2} s",
        index.len(),
        start.elapsed().as_secs_f64()
    )?;
    let corpus = corpus::Corpus::new(rows);
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut times: Vec<(f64, String)> = Vec::new();
    let mut bins = [(0_usize, 0_usize, 0.0_f64); 10];
    for case in corpus.cases(seed, count) {
        if only
            .as_ref()
            .is_some_and(|only| !case.class.starts_with(only.as_str()))
        {
            continue;
        }
        let query = SearchQuery {
            limit: 5,
            explain: only.is_some(),
            ..SearchQuery::new(&*case.q)
        };
        let start = Instant::now();
        let found = index.search(&query);
        times.push((start.elapsed().as_secs_f64() * 1e3, case.q.clone()));
        let tally = tallies.entry(case.class).or_default();
        tally.all += 1;
        let is_first = found.first().is_some_and(|one| one.id == case.code);
        tally.first += usize::from(is_first);
        tally.five += usize::from(found.iter().any(|one| one.id == case.code));
        let county = |code: &str| code.get(..6).map(str::to_owned);
        tally.county += usize::from(
            found
                .first()
                .is_some_and(|one| county(&one.id) == county(&case.code)),
        );
        if let Some(one) = found.first() {
            let bin = &mut bins[((one.confidence * 10.0) as usize).min(9)];
            *bin = (
                bin.0 + 1,
                bin.1 + usize::from(is_first),
                bin.2 + one.confidence,
            );
        }
        if !is_first {
            let label = found.first().map_or_else(String::new, |one| {
                format!(
                    "{} {} {:.2} c{:.2}",
                    one.id, one.label, one.score, one.confidence
                )
            });
            let truth = found.iter().position(|one| one.id == case.code);
            tally.wrong.push(format!(
                "{} -> {label} (truth {} at {truth:?})",
                case.q, case.code
            ));
            if only.is_some() {
                for one in &found {
                    tally.wrong.push(format!(
                        "      {} {:.2} {:?}",
                        one.label, one.score, one.explain
                    ));
                }
            }
        }
    }
    let mut sum = Tally::default();
    for (class, tally) in &tallies {
        let percent = |part: usize| 100.0 * part as f64 / tally.all.max(1) as f64;
        writeln!(
            out,
            "{class:40} {:5.1} / {:5.1} / county {:5.1}  n={}",
            percent(tally.first),
            percent(tally.five),
            percent(tally.county),
            tally.all
        )?;
        sum.all += tally.all;
        sum.first += tally.first;
        sum.five += tally.five;
        for wrong in tally
            .wrong
            .iter()
            .take(if only.is_some() { 200 } else { 4 })
        {
            writeln!(out, "    {wrong}")?;
        }
    }
    writeln!(
        out,
        "all: top-1 {:.2} %, top-5 {:.2} %, n={}",
        100.0 * sum.first as f64 / sum.all as f64,
        100.0 * sum.five as f64 / sum.all as f64,
        sum.all
    )?;
    times.sort_by(|one, other| one.0.total_cmp(&other.0));
    let at = |share: f64| &times[((times.len() - 1) as f64 * share) as usize];
    writeln!(
        out,
        "ms: p50 {:.2} p90 {:.2} p99 {:.2} max {:.2} `{}`",
        at(0.5).0,
        at(0.9).0,
        at(0.99).0,
        at(1.0).0,
        at(1.0).1
    )?;
    let mut error = 0.0;
    for (number, (all, right, confidence)) in bins.iter().enumerate() {
        if *all > 0 {
            error += (*right as f64 - confidence).abs();
            writeln!(
                out,
                "confidence 0.{number}: n={all} right {:.2} said {:.2}",
                *right as f64 / *all as f64,
                confidence / *all as f64
            )?;
        }
    }
    writeln!(
        out,
        "calibration error {:.3}",
        error / sum.all.max(1) as f64
    )?;
    for words in corpus::NONSENSE {
        let found = index.search(&SearchQuery::new(*words));
        if let Some(one) = found.first().filter(|one| one.confidence > 0.3) {
            writeln!(
                out,
                "nonsense `{words}` -> {} {:.2}",
                one.label, one.confidence
            )?;
        }
    }
    Ok(())
}
