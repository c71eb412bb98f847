//! Measures the statutory check and the audit on a register of a million synthetic names.
#![expect(clippy::print_stdout, reason = "a measurement prints")]
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::error::Error;
use std::time::{Duration, Instant};

use zhifang_core::{Collection, Day, Record};
use zhifang_index::{Audience, Options, Snapshot};
use zhifang_names::{Auditor, Ledger, Question, Rules, Sources, check};

/// Entries of the register.
const NAMES: usize = 1_000_000;
/// Names asked for.
const QUESTIONS: usize = 20_000;
/// Characters that specific parts are made of: common in place names, alike in sound here and there.
const CHARACTERS: &str = "东西南北中大小新老高长平安和丰兴华光明文化友谊胜利建设解放民主前进红星花园林山水江河湖海石桥柳杨李王张刘陈赵周吴徐孙马朱胡郭何";
/// Generic terms of streets.
const TERMS: [&str; 4] = ["路", "街", "巷", "大道"];
/// Counties that the names are spread over.
const COUNTIES: usize = 400;

fn main() -> Result<(), Box<dyn Error>> {
    let day = Day::from_ymd(2026, 5, 1).ok_or("no such day")?;
    let mut random = Random(0x5eed);
    let characters: Vec<char> = CHARACTERS.chars().collect();
    let mut records = Vec::with_capacity(NAMES + COUNTIES);
    for county in 0..COUNTIES {
        let code = county_code(county);
        records.push(Record::new(
            Collection::Divisions,
            &code,
            &format!("第{county}县"),
        ));
    }
    for number in 0..NAMES {
        let name = random.name(&characters);
        let mut record = Record::new(Collection::Names, &format!("n{number:07}"), &name);
        record.division = Some(county_code(number % COUNTIES).parse()?);
        record.fields.set("category", 5.into());
        records.push(record);
    }
    let snapshot = Snapshot::build(records, 1, &Options::default());
    let view = snapshot.view(Audience::Public);
    let (ledger, seconds) = timed(|| Ledger::build(view));
    println!(
        "ledger of {NAMES} names: {seconds:.2} s, {} entries",
        ledger.len()
    );

    let sources = Sources::new(&ledger, view);
    let mut times = Vec::with_capacity(QUESTIONS);
    let mut findings = 0;
    for number in 0..QUESTIONS {
        let within = county_code(number % COUNTIES).parse()?;
        let mut question = Question::new(&random.name(&characters), "street".parse()?, within, day);
        question.pinyin = Some("Youyi Lu".to_owned());
        let start = Instant::now();
        let verdict = check(Rules::shipped(), &sources, &question)?;
        times.push(start.elapsed());
        findings += verdict.findings.len();
    }
    times.sort_unstable();
    let at = |share: usize| {
        times
            .get(QUESTIONS * share / 1000)
            .copied()
            .unwrap_or_default()
    };
    println!(
        "check: p50 {:?}, p99 {:?}, p99.9 {:?}, worst {:?}; {findings} findings",
        at(500),
        at(990),
        at(999),
        times.last().copied().unwrap_or(Duration::ZERO)
    );

    let (auditor, seconds) = timed(|| Auditor::build(Rules::shipped(), view, None, day));
    println!("auditor of {NAMES} names: {seconds:.2} s");
    let mut text = String::new();
    for number in 0..200_000 {
        text.push_str(&random.name(&characters));
        text.push(if number % 10 == 0 { '\n' } else { '，' });
    }
    let (hits, seconds) = timed(|| auditor.text(&text).len());
    println!(
        "audit: {:.1} MB/s, {hits} hits",
        text.len() as f64 / 1e6 / seconds
    );
    Ok(())
}

/// County codes of ten provinces.
fn county_code(number: usize) -> String {
    format!("{}", 420_101 + number / 40 * 10_000 + number % 40)
}

/// A linear congruential generator: the same names on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn name(&mut self, characters: &[char]) -> String {
        let length = 2 + self.below(3);
        let mut name: String = (0..length)
            .filter_map(|_| {
                let at = self.below(characters.len());
                characters.get(at)
            })
            .collect();
        let term = self.below(TERMS.len());
        name.push_str(TERMS.get(term).copied().unwrap_or("路"));
        name
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed().as_secs_f64())
}
