//! Measures how long answers take to words in full, keystroke by keystroke and to bad words, and
//! what the index costs; with MILLIONS, among so many million names, most of them invented.
//!
//! `cargo run --release -p zhifang-geocode --example measure_speed -- [SEED] [COUNT] [MILLIONS]`
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads data and the clock"
)]

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::io::Write;
use std::time::Instant;

use zhifang_core::{DivisionCode, DivisionLevel};
use zhifang_geocode::{Candidate, NameEntry, NameIndex, SearchQuery};

#[path = "../tests/corpus/mod.rs"]
#[expect(
    clippy::unwrap_used,
    dead_code,
    reason = "the shipped table is sound, else nothing goes on"
)]
mod corpus;

use corpus::{Dice, Row};

/// The beginnings of a text, one character longer each.
fn keystrokes(text: &str) -> impl Iterator<Item = String> {
    let ends = text.char_indices().skip(1).map(|(at, _)| at).take(12);
    let ends: Vec<usize> = ends.chain([text.len()]).collect();
    ends.into_iter()
        .filter_map(|end| text.get(..end).map(str::to_owned))
}

struct Words<'a> {
    rows: &'a [Row],
    counties: HashMap<DivisionCode, usize>,
    dice: Dice,
}

impl Words<'_> {
    fn row(&mut self) -> &Row {
        let at = self.dice.roll(self.rows.len());
        &self.rows[at]
    }

    fn county_of(&self, row: &Row) -> String {
        let code = row.code.county();
        let at = self.counties.get(&code);
        at.map_or_else(String::new, |at| self.rows[*at].name.clone())
    }

    fn one(&mut self, class: usize) -> (Vec<String>, DivisionCode) {
        let row = self.row().clone();
        let mut letters: Vec<char> = row.name.chars().collect();
        let place = self.dice.roll(letters.len());
        let number = self.dice.roll(300) + 1;
        let county = self.county_of(&row);
        let code = row.code;
        let words = match class {
            0 => vec![row.name],
            1 => vec![format!("{county}{}", row.name)],
            2 => {
                letters.remove(place);
                vec![letters.into_iter().collect()]
            }
            3 => {
                if place + 1 < letters.len() {
                    letters.swap(place, place + 1);
                }
                vec![letters.into_iter().collect()]
            }
            4 => vec![format!("{}{number}号", row.name)],
            5 => keystrokes(&row.name).collect(),
            6 => keystrokes(&format!("{county}{}", row.name)).collect(),
            7 => keystrokes(&corpus::pinyin(&row.name).concat()).collect(),
            8 => keystrokes(&corpus::pinyin(&(county + &row.name)).concat()).collect(),
            _ => {
                let letters: String = corpus::pinyin(&(county + &row.name))
                    .iter()
                    .filter_map(|one| one.chars().next())
                    .collect();
                keystrokes(&letters).collect()
            }
        };
        (words, code)
    }
}

const CLASSES: [(&str, bool); 10] = [
    ("bare name", false),
    ("county + name", false),
    ("name less a character", false),
    ("name, two swapped", false),
    ("name + house number", false),
    ("typing a name", true),
    ("typing county + name", true),
    ("typing Pinyin of a name", true),
    ("typing Pinyin of county + name", true),
    ("typing initials", true),
];

fn report(
    out: &mut impl Write,
    what: &str,
    times: &mut [(f64, String)],
    hits: Option<f64>,
) -> Result<(), Box<dyn Error>> {
    times.sort_by(|one, other| one.0.total_cmp(&other.0));
    let at = |share: f64| {
        let place = (times.len().saturating_sub(1) as f64 * share) as usize;
        times.get(place).map_or((0.0, ""), |one| (one.0, &*one.1))
    };
    let hits = hits.map_or_else(String::new, |hits| format!(", {hits:.1} % among ten"));
    writeln!(
        out,
        "{what}: p50 {:.2} p90 {:.2} p99 {:.2} longest {:.2} ms (`{}`), n={}{hits}",
        at(0.5).0,
        at(0.9).0,
        at(0.99).0,
        at(1.0).0,
        at(1.0).1,
        times.len()
    )?;
    Ok(())
}

/// Villages that do not exist, below every township, until there are so many units.
fn invented(rows: &[Row], wanted: usize, dice: &mut Dice) -> Vec<NameEntry> {
    let characters: Vec<char> = rows
        .iter()
        .step_by(97)
        .flat_map(|row| row.name.chars().take(2))
        .collect();
    let known: HashSet<DivisionCode> = rows.iter().map(|row| row.code).collect();
    let towns = rows
        .iter()
        .filter(|row| row.level == DivisionLevel::Township);
    let towns: Vec<u64> = towns.map(|row| row.code.as_u64() * 1_000).collect();
    let mut entries = Vec::with_capacity(wanted.saturating_sub(rows.len()));
    for number in 1..1_000 {
        for town in &towns {
            if rows.len() + entries.len() >= wanted {
                return entries;
            }
            let code = DivisionCode::from_u64(town + number);
            if let Some(code) = code.filter(|code| !known.contains(code)) {
                let length = 2 + dice.roll(2);
                let core: String = (0..length).map(|_| *dice.pick(&characters)).collect();
                entries.push(NameEntry::division(code, core + "村民委员会"));
            }
        }
    }
    entries
}

/// The answer and the milliseconds it took: the quickest of three, for other work on the machine
/// stops this one now and then for longer than the whole answer takes.
fn asked(index: &NameIndex, query: &SearchQuery, completes: bool) -> (f64, Vec<Candidate>) {
    let once = || {
        let start = Instant::now();
        let found = if completes {
            index.autocomplete(query)
        } else {
            index.search(query)
        };
        (start.elapsed().as_secs_f64() * 1e3, found)
    };
    let (first, found) = once();
    let best = (0..2).map(|_| once().0).fold(first, f64::min);
    (best, found)
}

/// Full addresses, one behind the other on one thread.
fn addresses(
    index: &NameIndex,
    words: &mut Words<'_>,
    count: usize,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let lines: Vec<(String, String)> = (0..count)
        .map(|number| {
            let row = words.row().clone();
            let above = row.code.ancestors();
            let above = above.filter_map(|code| words.counties.get(&code));
            let mut path: Vec<&str> = above.map(|at| &*words.rows[*at].name).collect();
            path.reverse();
            let own = corpus::village_place(&row.name).unwrap_or_else(|| row.name.clone());
            let end = match number % 3 {
                0 => format!("{}号", 1 + number % 300),
                _ => String::new(),
            };
            (path.concat() + &own + &end, row.code.to_string())
        })
        .collect();
    let start = Instant::now();
    let mut right = 0_u32;
    for (line, code) in &lines {
        let found = index.best(&SearchQuery::new(line.as_str()));
        right += u32::from(found.is_some_and(|one| one.id == *code));
    }
    let seconds = start.elapsed().as_secs_f64();
    writeln!(
        out,
        "full addresses: {:.0} lines/s on one core, {:.2} % right, n={count}",
        count as f64 / seconds,
        100.0 * f64::from(right) / count as f64
    )?;
    Ok(())
}

fn measure(
    index: &NameIndex,
    words: &mut Words<'_>,
    count: usize,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let mut searches = Vec::new();
    let mut typed = Vec::new();
    for (class, (what, completes)) in CLASSES.into_iter().enumerate() {
        let mut times = Vec::new();
        let mut hits = 0;
        for _ in 0..count {
            let (texts, code) = words.one(class);
            let code = code.to_string();
            let mut is_there = false;
            for q in texts {
                let query = SearchQuery::new(&*q);
                let (time, found) = asked(index, &query, completes);
                times.push((time, q));
                is_there = found.iter().any(|one| one.id == code);
            }
            hits += usize::from(is_there);
        }
        let hits = 100.0 * hits as f64 / count.max(1) as f64;
        report(out, what, &mut times, Some(hits))?;
        if completes { &mut typed } else { &mut searches }.extend(times);
    }
    addresses(index, words, count * 100, out)?;
    report(out, "all searches", &mut searches, None)?;
    report(out, "all keystrokes", &mut typed, None)?;
    let mut bad = Vec::new();
    let common: Vec<char> = words
        .rows
        .iter()
        .step_by(211)
        .flat_map(|row| row.name.chars())
        .collect();
    let thrown = corpus::bad::scrambles(424_242, 4 * count, &common);
    for words in corpus::bad::words().into_iter().chain(thrown) {
        let query = SearchQuery::new(&*words);
        for completes in [false, true] {
            let (time, found) = asked(index, &query, completes);
            let shown: String = words
                .chars()
                .filter(|one| !one.is_control())
                .take(12)
                .collect();
            std::hint::black_box(found);
            bad.push((time, format!("{shown}… of {}", words.chars().count())));
        }
    }
    report(out, "bad words, to 10,000 characters", &mut bad, None)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| {
        arguments
            .next()
            .map_or(Ok(default), |text| text.parse::<u64>())
    };
    let (seed, count, millions) = (number(424_242)?, number(400)?, number(0)?);
    let mut out = std::io::stdout().lock();
    let rows = corpus::rows();
    let mut dice = Dice(seed);
    let mut entries = corpus::entries(&rows);
    entries.extend(invented(&rows, millions as usize * 1_000_000, &mut dice));
    let start = Instant::now();
    let index = NameIndex::build(entries);
    let built = start.elapsed().as_secs_f64();
    let mut stored = Vec::new();
    index.to_bytes(&mut stored)?;
    let start = Instant::now();
    let index_read = NameIndex::from_bytes(&stored)?;
    let read = start.elapsed().as_secs_f64();
    drop(index);
    writeln!(
        out,
        "{} names: built in {built:.2} s, {:.1} bytes each in memory, all lists included; stored {:.1} bytes each, read back in {read:.2} s",
        index_read.len(),
        index_read.heap_bytes() as f64 / index_read.len() as f64,
        stored.len() as f64 / index_read.len() as f64,
    )?;
    let mut words = Words {
        rows: &rows,
        counties: rows
            .iter()
            .enumerate()
            .map(|(at, row)| (row.code, at))
            .collect(),
        dice,
    };
    measure(&index_read, &mut words, count as usize, &mut out)
}
