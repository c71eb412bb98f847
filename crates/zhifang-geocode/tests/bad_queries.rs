//! Whatever is asked: an answer or none, the same every time, and soon.
#![expect(clippy::disallowed_methods, reason = "a test looks at the clock")]

use std::sync::OnceLock;
use std::time::Instant;

use proptest::prelude::*;
use zhifang_geocode::{NameIndex, SearchQuery};

#[expect(
    clippy::unwrap_used,
    dead_code,
    reason = "the shipped table is sound; the measurements use the rest"
)]
mod corpus;

/// The upper levels and every twentieth unit below: enough to run into every bound.
fn index() -> &'static NameIndex {
    static INDEX: OnceLock<NameIndex> = OnceLock::new();
    INDEX.get_or_init(|| {
        let rows: Vec<corpus::Row> = corpus::rows()
            .into_iter()
            .enumerate()
            .filter(|(at, row)| row.code.digits() <= 9 || at % 20 == 0)
            .map(|(_, row)| row)
            .collect();
        NameIndex::build(corpus::entries(&rows))
    })
}

/// Both answers, twice: the bounds of the work may not depend on anything but the words.
fn ask(words: &str, limit: usize) {
    let query = SearchQuery {
        limit,
        explain: true,
        ..SearchQuery::new(words)
    };
    let found = index().search(&query);
    assert!(found.len() <= limit);
    assert!(
        found
            .iter()
            .all(|one| (0.0..=1.0).contains(&one.confidence))
    );
    assert_eq!(found, index().search(&query));
    assert_eq!(index().autocomplete(&query), index().autocomplete(&query));
}

#[test]
fn bad_words_are_answered_alike_and_soon() {
    index();
    for words in corpus::bad::words() {
        for limit in [0, 10] {
            let start = Instant::now();
            ask(&words, limit);
            // Four answers, unoptimised code, a busy machine: no bound would take minutes.
            let seconds = start.elapsed().as_secs_f64();
            let shown: String = words.chars().take(20).collect();
            assert!(seconds < 5.0, "`{shown}` took {seconds} s");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_it_panic(words in "\\PC{0,60}", limit in 0_usize..20) {
        ask(&words, limit);
    }

    #[test]
    fn no_mixture_makes_it_panic(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "河", "南", "省", "石狮", "村", "村委会", "李家", "路", "12号", "zh", "shi", "a",
                "lhk", "'", " ", "，", "⻄", "１", "ü", "v", "City", "'s", "\u{301}", "420682",
            ]),
            0..80,
        ),
        limit in 1_usize..20,
    ) {
        ask(&parts.concat(), limit);
    }
}
