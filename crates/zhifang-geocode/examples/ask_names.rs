//! Asks the nation's names: one query an argument; `-p` completes, `-nN` asks N times first.
#![expect(
    clippy::disallowed_methods,
    reason = "an example reads data and the clock"
)]

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use zhifang_geocode::{NameIndex, SearchQuery};

#[path = "../tests/corpus/mod.rs"]
#[expect(dead_code, reason = "only the rows are used here")]
#[expect(
    clippy::unwrap_used,
    reason = "the shipped table is sound, else nothing goes on"
)]
mod corpus;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    let index = NameIndex::build(corpus::entries(&corpus::rows()));
    let mut completes = false;
    let mut rounds = 1;
    for words in std::env::args().skip(1) {
        if let Some(number) = words.strip_prefix("-n") {
            rounds = number.parse()?;
            continue;
        }
        if words == "-p" {
            completes = true;
            continue;
        }
        let query = SearchQuery {
            limit: 6,
            explain: true,
            ..SearchQuery::new(&*words)
        };
        let ask = || {
            if completes {
                index.autocomplete(&query)
            } else {
                index.search(&query)
            }
        };
        for _ in 0..rounds {
            ask();
        }
        let start = Instant::now();
        let found = ask();
        writeln!(
            out,
            "{words} ({:.2} ms)",
            start.elapsed().as_secs_f64() * 1e3
        )?;
        for one in found {
            writeln!(
                out,
                "  {} {} score {:.2} confidence {:.2} of {} rest `{}` {} {}",
                one.id,
                one.label,
                one.score,
                one.confidence,
                one.equals,
                one.rest,
                one.matched.name,
                one.matched.how.as_str()
            )?;
            if let Some(reasons) = one.explain {
                for step in reasons.steps {
                    let how = step.how.as_str();
                    writeln!(
                        out,
                        "      {} <- {} {how} {:.2}",
                        step.name, step.text, step.score
                    )?;
                }
            }
        }
    }
    Ok(())
}
