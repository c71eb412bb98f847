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

use zhifang_geocode::{Candidate, NameIndex, SearchQuery};

#[path = "../tests/corpus/mod.rs"]
#[expect(
    clippy::unwrap_used,
    dead_code,
    reason = "the shipped table is sound, else nothing goes on"
)]
mod corpus;

use corpus::Case;

/// Classes from here on ask for what several units may be: they tell of confidence, not of
/// accuracy.
const FIRST_AMBIGUOUS: &str = "36";
/// Classes with a slip.
const FUZZY: [&str; 7] = ["09", "10", "11", "12", "20", "22", "23"];
/// Classes of all counties would outweigh the others: of theirs, one in so many tells of
/// confidence.
const EACH_UPPER: usize = 30;
/// Wrong answers shown of a class.
const SHOWN: usize = 4;

#[derive(Default)]
struct Tally {
    all: usize,
    first: usize,
    five: usize,
    county: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, case: &Case, found: &[Candidate], is_detailed: bool) -> bool {
        let first = found.first();
        let is_first = first.is_some_and(|one| case.means(&one.id));
        let county = |code: &str| code.get(..6).map(str::to_owned);
        self.all += 1;
        self.first += usize::from(is_first);
        self.five += usize::from(found.iter().take(5).any(|one| case.means(&one.id)));
        self.county += usize::from(first.is_some_and(|one| county(&one.id) == county(&case.code)));
        if !is_first {
            let label = first.map_or_else(String::new, |one| {
                format!(
                    "{} {} {:.2} c{:.2}",
                    one.id, one.label, one.score, one.confidence
                )
            });
            let truth = found.iter().position(|one| case.means(&one.id));
            self.wrong.push(format!(
                "{} -> {label} (truth {} at {truth:?})",
                case.q, case.code
            ));
            if is_detailed {
                self.wrong.extend(
                    found.iter().map(|one| {
                        format!("      {} {:.2} {:?}", one.label, one.score, one.explain)
                    }),
                );
            }
        }
        is_first
    }
}

/// How many answers of a confidence are right.
#[derive(Clone, Copy, Default)]
struct Bin {
    all: usize,
    right: usize,
    said: f64,
}

fn times(
    out: &mut impl Write,
    what: &str,
    mut times: Vec<(f64, String)>,
) -> Result<(), Box<dyn Error>> {
    times.sort_by(|one, other| one.0.total_cmp(&other.0));
    if times.is_empty() {
        return Ok(());
    }
    let at = |share: f64| &times[((times.len() - 1) as f64 * share) as usize];
    writeln!(
        out,
        "{what}: p50 {:.2} p90 {:.2} p99 {:.2} longest {:.2} ms `{}`, n={}",
        at(0.5).0,
        at(0.9).0,
        at(0.99).0,
        at(1.0).0,
        at(1.0).1,
        times.len()
    )?;
    Ok(())
}

fn reliability(out: &mut impl Write, bins: &[Bin]) -> Result<(), Box<dyn Error>> {
    writeln!(out, "| confidence | answers | said, mean | right |")?;
    writeln!(out, "| --- | --- | --- | --- |")?;
    let (mut error, mut all) = (0.0, 0_usize);
    for (number, bin) in bins.iter().enumerate().filter(|(_, bin)| bin.all > 0) {
        error += (bin.right as f64 - bin.said).abs();
        all += bin.all;
        writeln!(
            out,
            "| {:.1} to {:.1} | {} | {:.1} % | {:.1} % |",
            number as f64 / 10.0,
            (number + 1) as f64 / 10.0,
            bin.all,
            100.0 * bin.said / bin.all as f64,
            100.0 * bin.right as f64 / bin.all as f64,
        )?;
    }
    let error = error / all.max(1) as f64;
    writeln!(out, "calibration error {error:.3}, n={all}")?;
    Ok(())
}

fn foreign(
    out: &mut impl Write,
    index: &NameIndex,
    words: &[String],
    bins: &mut [Bin],
) -> Result<(), Box<dyn Error>> {
    let mut sure = 0_usize;
    for words in words {
        let found = index.search(&SearchQuery::new(&**words));
        if let Some(one) = found.first() {
            let bin = &mut bins[((one.confidence * 10.0) as usize).min(9)];
            bin.all += 1;
            bin.said += one.confidence;
        }
        if let Some(one) = found.first().filter(|one| one.confidence > 0.4) {
            sure += usize::from(one.confidence > 0.5);
            writeln!(
                out,
                "    foreign `{words}` -> {} {:.2}",
                one.label, one.confidence
            )?;
        }
    }
    writeln!(
        out,
        "foreign and nonsense: {:.1} % answered with confidence over 0.5, n={}",
        100.0 * sure as f64 / words.len() as f64,
        words.len()
    )?;
    Ok(())
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
    let mut cases = corpus.cases(seed, count);
    for in_letters in [true, false] {
        cases.extend(corpus::upper::cases(corpus.all_rows(), in_letters));
    }
    let is_asked = |case: &Case| {
        let is_asked = |only: &String| case.class.starts_with(only.as_str());
        only.as_ref().is_none_or(is_asked)
    };
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let (mut plain, mut fuzzy) = (Vec::new(), Vec::new());
    let mut bins = [Bin::default(); 10];
    for case in cases.into_iter().filter(is_asked) {
        let query = SearchQuery {
            explain: only.is_some(),
            ..SearchQuery::new(&*case.q)
        };
        let ask = || {
            let start = Instant::now();
            let found = index.search(&query);
            (start.elapsed().as_secs_f64() * 1e3, found)
        };
        // Other work on the machine stops this one now and then: the quickest of three.
        let (first, found) = ask();
        let best = ask().0.min(ask().0).min(first);
        let time = (best, case.q.clone());
        let is_fuzzy = FUZZY.iter().any(|class| case.class.starts_with(class));
        if is_fuzzy { &mut fuzzy } else { &mut plain }.push(time);
        let is_first = tallies
            .entry(case.class)
            .or_default()
            .add(&case, &found, only.is_some());
        let tally = &tallies[case.class];
        let is_counted = tally.all <= count.max(1) || tally.all.is_multiple_of(EACH_UPPER);
        if let Some(one) = found.first().filter(|_| is_counted) {
            let bin = &mut bins[((one.confidence * 10.0) as usize).min(9)];
            bin.all += 1;
            bin.right += usize::from(is_first);
            bin.said += one.confidence;
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
        if *class < FIRST_AMBIGUOUS {
            sum.all += tally.all;
            sum.first += tally.first;
            sum.five += tally.five;
        }
        let shown = if only.is_some() { 200 } else { SHOWN };
        for wrong in tally.wrong.iter().take(shown) {
            writeln!(out, "    {wrong}")?;
        }
    }
    writeln!(
        out,
        "all but the ambiguous: top-1 {:.2} %, top-5 {:.2} %, n={}",
        100.0 * sum.first as f64 / sum.all.max(1) as f64,
        100.0 * sum.five as f64 / sum.all.max(1) as f64,
        sum.all
    )?;
    times(&mut out, "without a slip", plain)?;
    times(&mut out, "with a slip", fuzzy)?;
    if only.as_deref().is_none_or(|only| only == "foreign") {
        foreign(
            &mut out,
            &index,
            &corpus::foreign::words(seed, corpus.common()),
            &mut bins,
        )?;
    }
    reliability(&mut out, &bins)
}
