//! Writes the names, the queries and Zhifang's own answers, for a comparison with other tools.
//!
//! `cargo run --release -p zhifang-geocode --example peer_queries -- SEED COUNT FOLDER`
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads data and the clock"
)]

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
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

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &'static str| arguments.next().ok_or(what);
    let seed: u64 = next("a seed is missing")?.parse()?;
    let count: usize = next("a count is missing")?.parse()?;
    let folder = PathBuf::from(next("a folder is missing")?);
    let file = |name: &str| File::create(folder.join(name)).map(BufWriter::new);

    let rows = corpus::rows();
    let by_code: HashMap<DivisionCode, &str> = rows
        .iter()
        .map(|row| (row.code, row.name.as_str()))
        .collect();
    let mut names = file("names.tsv")?;
    let former = corpus::former_names();
    for row in &rows {
        let above: Vec<&str> = row
            .code
            .ancestors()
            .filter_map(|code| by_code.get(&code).copied())
            .collect();
        let own = corpus::village_place(&row.name).unwrap_or_else(|| row.name.clone());
        let former = former.get(&row.code).into_iter().flatten();
        for own in std::iter::once(own).chain(former.map(|alias| alias.name.clone())) {
            write!(names, "{}\t", row.code)?;
            for name in above.iter().rev() {
                write!(names, "{name}\t")?;
            }
            writeln!(names, "{own}")?;
        }
    }
    names.flush()?;

    let start = Instant::now();
    let index = NameIndex::build(corpus::entries(&rows));
    let built = start.elapsed().as_secs_f64();
    let mut queries = file("queries.tsv")?;
    let mut answers = file("zhifang.tsv")?;
    writeln!(answers, "{built:.2}\t{}", index.heap_bytes())?;
    let corpus = corpus::Corpus::new(rows);
    let mut cases = corpus.cases(seed, count);
    // Every tool finds a code in a column of codes; of names that several units bear none is right.
    cases.retain(|case| !case.class.ends_with("codes") && !case.class.ends_with("or not"));
    for in_letters in [true, false] {
        let upper = corpus::upper::cases(corpus.all_rows(), in_letters);
        let each = upper.len() / count.max(1);
        cases.extend(upper.into_iter().step_by(each.max(1)).take(count));
    }
    for case in cases {
        let codes = [std::slice::from_ref(&case.code), &case.also].concat();
        writeln!(queries, "{}\t{}\t{}", case.class, case.q, codes.join(","))?;
        let query = SearchQuery {
            limit: 5,
            ..SearchQuery::new(&*case.q)
        };
        let start = Instant::now();
        let found = index.search(&query);
        let time = start.elapsed().as_secs_f64() * 1e3;
        let ids: Vec<String> = found.into_iter().map(|one| one.id).collect();
        writeln!(answers, "{time:.4}\t{}", ids.join(","))?;
    }
    queries.flush()?;
    answers.flush()?;
    Ok(())
}
