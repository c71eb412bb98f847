//! Measures how long answers take: words as people type them, keystroke by keystroke, and in full.
//!
//! `cargo run --release -p zhifang-geocode --example measure_speed -- [SEED] [COUNT] [MILLIONS]`
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads data and the clock"
)]

use std::collections::HashMap;
use std::error::Error;
use std::io::Write;
use std::time::Instant;

use zhifang_core::DivisionCode;
use zhifang_geocode::{NameIndex, SearchQuery};

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
) -> Result<(), Box<dyn Error>> {
    times.sort_by(|one, other| one.0.total_cmp(&other.0));
    let at = |share: f64| &times[((times.len() - 1) as f64 * share) as usize];
    writeln!(
        out,
        "{what:40} p50 {:6.2}  p90 {:6.2}  p99 {:6.2}  longest {:6.2} ms `{}`  n={}",
        at(0.5).0,
        at(0.9).0,
        at(0.99).0,
        at(1.0).0,
        at(1.0).1,
        times.len()
    )?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| {
        arguments
            .next()
            .map_or(Ok(default), |text| text.parse::<u64>())
    };
    let (seed, count) = (number(424_242)?, number(400)?);
    let mut out = std::io::stdout().lock();
    let rows = corpus::rows();
    let start = Instant::now();
    let index = NameIndex::build(corpus::entries(&rows));
    writeln!(
        out,
        "{} records, built in {:.2} s",
        index.len(),
        start.elapsed().as_secs_f64()
    )?;
    let only: Option<usize> = std::env::args().nth(3).and_then(|text| text.parse().ok());
    let mut words = Words {
        rows: &rows,
        counties: rows
            .iter()
            .enumerate()
            .map(|(at, row)| (row.code, at))
            .collect(),
        dice: Dice(seed),
    };
    let mut searches = Vec::new();
    let mut typed = Vec::new();
    for (class, (what, completes)) in CLASSES.into_iter().enumerate() {
        if only.is_some_and(|only| only != class) {
            continue;
        }
        let mut times = Vec::new();
        let mut hits = 0;
        for _ in 0..count {
            let (texts, code) = words.one(class);
            let code = code.to_string();
            let mut is_there = false;
            for q in texts {
                let query = SearchQuery::new(&*q);
                let start = Instant::now();
                let found = if completes {
                    index.autocomplete(&query)
                } else {
                    index.search(&query)
                };
                times.push((start.elapsed().as_secs_f64() * 1e3, q));
                is_there = found.iter().any(|one| one.id == code);
            }
            hits += usize::from(is_there);
        }
        write!(
            out,
            "{:5.1} % among ten  ",
            100.0 * hits as f64 / count as f64
        )?;
        report(&mut out, what, &mut times)?;
        if completes { &mut typed } else { &mut searches }.extend(times);
    }
    if only.is_none() {
        report(&mut out, "all searches", &mut searches)?;
        report(&mut out, "all keystrokes", &mut typed)?;
    }
    Ok(())
}
