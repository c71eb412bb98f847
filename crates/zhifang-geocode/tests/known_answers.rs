//! What people ask first, and what no one may be sure of, over the upper levels and a part of the
//! villages.

use std::sync::OnceLock;

use zhifang_core::DivisionLevel;
use zhifang_geocode::{Candidate, NameChange, NameEntry, NameIndex, SearchQuery};

#[expect(
    clippy::unwrap_used,
    dead_code,
    reason = "the shipped table is sound; the measurements use the rest"
)]
mod corpus;

/// The upper levels, every tenth village, and those that the stories name.
fn rows() -> &'static [corpus::Row] {
    static ROWS: OnceLock<Vec<corpus::Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let all = corpus::rows().into_iter().enumerate();
        let told = ["延光社区", "罗锦镇社区", "安村村委会", "说洞村", "第一医院"];
        let is_kept = |(at, row): &(usize, corpus::Row)| {
            row.code.digits() <= 9
                || at % 10 == 0
                || told.iter().any(|name| row.name.contains(name))
        };
        all.filter(is_kept).map(|(_, row)| row).collect()
    })
}

fn index() -> &'static NameIndex {
    static INDEX: OnceLock<NameIndex> = OnceLock::new();
    INDEX.get_or_init(|| NameIndex::build(corpus::entries(rows())))
}

fn search(q: &str) -> Vec<Candidate> {
    index().search(&SearchQuery::new(q))
}

fn typed(q: &str) -> Vec<Candidate> {
    index().autocomplete(&SearchQuery::new(q))
}

fn ids(found: &[Candidate]) -> Vec<&str> {
    found.iter().map(|one| one.id.as_str()).collect()
}

#[test]
fn what_is_asked_first_is_found_first() {
    for (q, id) in [
        ("xiangyang", "420600"),
        ("Xiangyang", "420600"),
        ("xi'an", "610100"),
        ("anxi", "350524"),
        ("宁乡", "430182"),
        ("老河口", "420682"),
        ("laohekou", "420682"),
        ("罗锦镇", "450326101"),
    ] {
        assert_eq!(ids(&search(q)).first(), Some(&id), "{q}");
    }
}

#[test]
fn a_name_given_whole_is_before_one_that_is_longer() {
    for q in ["大安镇", "清泉街道", "铁西街道"] {
        assert_eq!(search(q).first().map(|one| &*one.name), Some(q));
    }
    // No chain of fragments is before it: 安村镇 郭村, 新安县 正村镇.
    for q in ["新安村", "和平村"] {
        let first = search(q).into_iter().next();
        let label = first.map(|one| one.label).unwrap_or_default();
        assert!(label.ends_with(q), "{q}: {label}");
    }
}

#[test]
fn a_place_name_given_whole_is_before_a_township_called_by_it() {
    let river = |name: &str| {
        let unit = "420682".parse().ok();
        NameEntry::place_name(name, zhifang_core::Collection::Names, name, unit)
    };
    let changes = ["汉江", "襄阳"].map(|name| NameChange::Put(river(name)));
    let index = index().with_changes(changes.to_vec());
    let first = |q: &str| {
        let found = index.search(&SearchQuery::new(q));
        found.into_iter().next().map(|one| one.id)
    };
    assert_eq!(first("汉江").as_deref(), Some("汉江"));
    assert_eq!(first("汉江街道").as_deref(), Some("420606001"));
    assert_eq!(
        first("老河口").as_deref(),
        Some("420682"),
        "the city is meant"
    );
}

#[test]
fn what_goes_on_after_a_unit_is_left_over() {
    for (q, id, rest) in [
        ("老河口市人民政府", "420682", "人民政府"),
        ("李楼镇人民政府", "420682106", "人民政府"),
        ("老河口市第一医院", "420682", "第一医院"),
    ] {
        let first = search(q).into_iter().next();
        let first = first.map(|one| (one.id, one.rest));
        assert_eq!(first, Some((id.to_owned(), rest.to_owned())), "{q}");
    }
}

#[test]
fn a_code_written_out_to_twelve_digits_is_the_unit_s() {
    for q in ["420682000000", "420682", "420682101000"] {
        let id = if q.ends_with("101000") {
            "420682101"
        } else {
            "420682"
        };
        assert_eq!(ids(&search(q)), [id], "{q}");
    }
    assert!(search("999999000000").is_empty());
}

#[test]
fn cities_come_first_while_they_are_typed() {
    let found = typed("xia");
    let first = ids(&found);
    assert!(
        first.contains(&"610100") && first.contains(&"350200"),
        "{first:?}"
    );
    let upper = found.iter().take(5).filter(|one| {
        one.level
            .is_some_and(|level| level <= DivisionLevel::County)
    });
    assert_eq!(upper.count(), 5, "{first:?}");
    for q in ["老河", "laoh", "lhk", "laohe口"] {
        let found = typed(q);
        assert!(ids(&found).iter().take(5).any(|id| *id == "420682"), "{q}");
    }
}

#[test]
fn a_name_that_many_bear_is_no_answer_but_a_list() {
    let found = search("和平村");
    let first = found.first().map(|one| (one.equals, one.confidence));
    assert!(
        first.is_some_and(|(equals, confidence)| equals > 20 && confidence <= 0.1),
        "{first:?}"
    );
    let codes = ids(&found);
    assert!(codes.is_sorted() && codes.len() == 10, "{codes:?}");
}

#[test]
fn foreign_words_are_not_answered_with_confidence() {
    let corpus = corpus::Corpus::new(rows().to_vec());
    let words = corpus::foreign::words(7, corpus.common());
    let is_sure = |words: &&String| {
        let found = search(words);
        found.first().is_some_and(|one| one.confidence > 0.5)
    };
    let sure: Vec<&String> = words.iter().filter(is_sure).collect();
    assert!(sure.len() * 50 <= words.len(), "{sure:?}");
    assert!(
        search("Berlin")
            .first()
            .is_none_or(|one| one.confidence < 0.2)
    );
}

#[test]
fn every_city_and_county_is_found_by_what_it_is_called() {
    for (in_letters, least) in [(true, 0.99), (false, 0.995)] {
        let cases = corpus::upper::cases(rows(), in_letters);
        let asked: Vec<&corpus::Case> = cases.iter().step_by(7).collect();
        let is_wrong = |case: &&&corpus::Case| {
            let found = search(&case.q);
            !found.first().is_some_and(|one| case.means(&one.id))
        };
        let wrong: Vec<&str> = asked.iter().filter(is_wrong).map(|case| &*case.q).collect();
        let right = 1.0 - wrong.len() as f64 / asked.len() as f64;
        assert!(right >= least, "{right}: {wrong:?}");
    }
}

#[test]
fn the_quick_way_finds_what_the_long_one_finds() {
    let corpus = corpus::Corpus::new(rows().to_vec());
    let mut quick = 0;
    for case in corpus.cases(11, 12) {
        let query = SearchQuery::new(&*case.q);
        let best = index().best(&query);
        let first = index().search(&query).into_iter().next();
        let told = |one: &Option<Candidate>| {
            one.as_ref().map(|one| {
                let how = one.matched.how.as_str();
                (one.id.clone(), one.label.clone(), one.rest.clone(), how)
            })
        };
        assert_eq!(told(&best), told(&first), "{}", case.q);
        quick += usize::from(case.class < "05");
    }
    assert_eq!(quick, 48);
}

#[test]
fn the_quick_way_sees_what_has_changed() {
    let entry = |code: &str, name: &str| NameEntry::division(code.parse().unwrap(), name);
    let before = NameIndex::build([
        entry("420000", "湖北省"),
        entry("420682", "老河口市"),
        entry("420682101", "李楼镇"),
        entry("420682101201", "李楼村村委会"),
    ]);
    let best = |index: &NameIndex, q: &str| index.best(&SearchQuery::new(q)).map(|one| one.id);
    let q = "湖北省老河口市李楼镇李楼村12号";
    assert_eq!(best(&before, q).unwrap(), "420682101201");
    let after = before.with_changes([NameChange::Put(entry("420682101202", "李楼村十二号村"))]);
    assert_eq!(
        best(&after, "湖北省老河口市李楼镇李楼村十二号村").unwrap(),
        "420682101202"
    );
    let renamed = before.with_changes([NameChange::Put(entry("420682101", "光化街道"))]);
    assert_eq!(
        best(&renamed, "湖北省老河口市光化街道李楼村").unwrap(),
        "420682101201"
    );
    assert_ne!(best(&renamed, "湖北省老河口市李楼镇").as_deref(), None);
}
