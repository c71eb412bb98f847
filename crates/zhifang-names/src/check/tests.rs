//! One row a case: what each rule finds, and what it lets pass.

use serde_json::json;
use zhifang_core::{Collection, Day, LonLat, Record, Status};
use zhifang_index::{Audience, Options, Snapshot};

use super::{Question, Sources, check};
use crate::error::Error;
use crate::ledger::Ledger;
use crate::rules::{Measures, Rules};
use crate::verdict::{Likeness, Severity, Verdict};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn unit(code: &str, name: &str) -> Record {
    Record::new(Collection::Divisions, code, name)
}

fn name(id: &str, text: &str, division: &str, category: u8) -> Record {
    let mut record = Record::new(Collection::Names, id, text);
    record.division = Some(division.parse().unwrap());
    record.fields.set("category", category.into());
    record.valid.from = Some(day("2022-06-01"));
    record
}

fn at(mut record: Record, lon: f64, lat: f64) -> Record {
    record.geometry = Some(std::sync::Arc::new(geo::Geometry::Point(
        LonLat::new(lon, lat).into(),
    )));
    record
}

fn register() -> Vec<Record> {
    let mut retired = at(name("old", "复兴路", "420682001", 5), 111.67, 32.38);
    retired.status = Status::Retired;
    retired.valid.to = Some(day("2023-01-01"));
    let mut long_gone = name("older", "民主路", "420682001", 5);
    long_gone.status = Status::Retired;
    long_gone.valid.to = Some(day("2001-01-01"));
    let mut river = name("han", "汉江", "420682", 1);
    river.fields.set(
        "aliases",
        json!([{"name": "汉水", "kind": "alias"}, {"name": "沔水", "kind": "former", "to": "1000-01-01"}]),
    );
    let mut tower = name("tower", "望江楼", "420682001", 8);
    tower.fields.set(
        "heritage",
        json!({"level": "county", "listed_on": "2023-06-01"}),
    );
    let mut ancient = name("ancient", "第一国际路", "420682001", 5);
    ancient.valid.from = Some(day("1980-01-01"));
    vec![
        unit("420000", "湖北省"),
        unit("420600", "襄阳市"),
        unit("420682", "老河口市"),
        unit("420625", "谷城县"),
        unit("420682001", "光化街道"),
        unit("420682102", "李楼镇"),
        unit("420625101", "石花镇"),
        unit("420682102201", "李楼村民委员会"),
        unit("420625101201", "幸福村民委员会"),
        unit("411381", "邓州市"),
        unit("411381101", "罗庄镇"),
        at(name("youyi", "友谊路", "420682001", 5), 111.67, 32.385),
        name("lilou", "李楼村", "420682102201", 3),
        name("wudang", "马窟山", "420625", 1),
        retired,
        long_gone,
        river,
        tower,
        ancient,
    ]
}

fn ask_of(records: Vec<Record>, change: impl FnOnce(&mut Question)) -> Result<Verdict, Error> {
    let snapshot = Snapshot::build(records, 1, &Options::default());
    let view = snapshot.view(Audience::Staff);
    let ledger = Ledger::build(view);
    let mut question = Question::new(
        "友谊路",
        "5".parse().unwrap(),
        "420682".parse().unwrap(),
        day("2026-05-01"),
    );
    change(&mut question);
    check(Rules::shipped(), &Sources::new(&ledger, view), &question)
}

fn ask(text: &str, category: &str, within: &str) -> Verdict {
    ask_of(register(), |question| {
        text.clone_into(&mut question.name);
        question.category = category.parse().unwrap();
        question.within = within.parse().unwrap();
    })
    .unwrap()
}

fn rules(verdict: &Verdict) -> Vec<(&str, &str)> {
    verdict
        .findings
        .iter()
        .map(|finding| (&*finding.rule, finding.severity.as_str()))
        .collect()
}

#[test]
fn each_rule_finds_its_case() {
    let none: &[(&str, &str)] = &[];
    for (text, category, within, wanted) in [
        ("和平路", "5", "420682001", none),
        ("友谊路", "street", "420682", &[("NAM-01", "error")][..]),
        ("友宜路", "5", "420682102", &[("NAM-01", "warning")]),
        ("友谊街", "5", "420682", &[("NAM-01", "info")]),
        // The same county only.
        ("友谊路", "5", "420625", none),
        // Villages: the entry and its unit are one place.
        ("李楼村", "3", "420682", &[("NAM-01", "error")]),
        ("李楼社区", "3", "420682", &[("NAM-01", "info")]),
        ("幸福村", "3", "420682", none),
        ("幸福村", "3", "420625", &[("NAM-01", "error")]),
        // Towns: the province, whichever county; street offices: the county, and a warning.
        ("石花镇", "2", "420682", &[("NAM-01", "error")]),
        ("罗庄镇", "2", "420682", none),
        ("十华乡", "2", "420682", none),
        ("光化街道", "2", "420682", &[("NAM-01", "warning")]),
        // Counties: the nation.
        ("邓州市", "2", "420000", &[("NAM-01", "error")]),
        // Persons.
        ("毛泽东路", "5", "420682", &[("NAM-02", "error")]),
        ("张自忠路", "5", "420682", &[("NAM-02", "warning")]),
        ("李国强路", "5", "420682", &[("NAM-02", "warning")]),
        ("李湾村", "3", "420682", none),
        ("王家营村", "3", "420682", none),
        // Foreign, brand.
        ("威尼斯花园", "6", "420682", &[("NAM-03", "warning")]),
        ("万达广场", "6", "420682", &[("NAM-04", "warning")]),
        // Script.
        ("和平鎮街", "5", "420682", &[("NAM-05", "error")]),
        ("和平A路", "5", "420682", &[("NAM-13", "error")]),
        ("纬3路", "5", "420682", &[("NAM-13", "error")]),
        // A division does not borrow.
        ("武当山镇", "2", "420682", &[("NAM-06", "error")]),
        ("马窟山镇", "2", "420682", &[("NAM-06", "warning")]),
        ("马窟山镇", "2", "420625", none),
        // Parts.
        ("和平", "5", "420682", &[("NAM-09", "error")]),
        ("和平山", "5", "420682", &[("NAM-09", "error")]),
        ("路", "5", "420682", &[("NAM-09", "error")]),
        ("和平大道路", "5", "420682", &[("NAM-11", "warning")]),
        ("武当山路", "5", "420682", none),
        ("李庄村", "3", "420682", none),
        ("福路", "5", "420682", &[("NAM-12", "warning")]),
        ("幸福美好家园路", "5", "420682", &[("NAM-12", "warning")]),
        ("天下路", "5", "420682", &[("NAM-14", "warning")]),
        ("赌场街", "5", "420682", &[("NAM-14", "error")]),
        // Facilities take the local name.
        ("李楼大桥", "7", "420682", none),
        ("丰收大桥", "7", "420682", &[("NAM-15", "info")]),
        ("老河口客运站", "7", "420682", none),
        // Retired near by, lately and long ago.
        ("复兴路", "5", "420682", &[("NAM-16", "warning")]),
        ("民主路", "5", "420682", none),
        // Another's alias.
        (
            "汉水",
            "1",
            "420682",
            &[("NAM-09", "error"), ("NAM-18", "warning")],
        ),
    ] {
        let verdict = ask(text, category, within);
        assert_eq!(rules(&verdict), wanted, "{text} {category} {within}");
        for finding in &verdict.findings {
            assert!(!finding.article.is_empty() && !finding.message.en.is_empty());
            assert!(!finding.proposal.zh.is_empty(), "{text}: how to mend it");
        }
    }
}

#[test]
fn evidence_names_the_place_and_how_far_it_is() {
    let verdict = ask_of(register(), |question| {
        question.within = "420682001".parse().unwrap();
        question.place = Some(LonLat::new(111.68, 32.385));
    })
    .unwrap();
    let finding = &verdict.findings[0];
    let evidence = &finding.evidence[0];
    assert_eq!(
        (&*evidence.id, evidence.how),
        ("youyi", Likeness::SameCharacters)
    );
    assert_eq!(evidence.place, "湖北省襄阳市老河口市光化街道");
    let far = evidence.distance_m.unwrap();
    assert!((900.0..1000.0).contains(&far), "{far}");
    assert!(finding.proposal.zh.contains("光化友谊路"), "{finding:?}");
    assert_eq!(verdict.range.wanted, "built_up_area");
    assert_eq!(verdict.range.used, "county");
    assert!(verdict.notes[0].zh.contains("建成区"));
}

#[test]
fn a_built_up_area_is_the_range_where_it_is_drawn() {
    let mut records = register();
    let mut area = name("town", "老河口城区", "420682", 8);
    area.fields.set("class_code", "22100".into());
    area.geometry = Some(std::sync::Arc::new(geo::Geometry::Polygon(geo::wkt!(
        POLYGON((111.6 32.3, 111.7 32.3, 111.7 32.4, 111.6 32.4, 111.6 32.3))
    ))));
    records.push(area);
    records.push(at(name("far", "和平路", "420682102", 5), 111.9, 32.5));
    for (text, lon, wanted) in [("友谊路", 111.65, 1), ("和平路", 111.65, 0)] {
        let verdict = ask_of(records.clone(), |question| {
            text.clone_into(&mut question.name);
            question.place = Some(LonLat::new(lon, 32.35));
        })
        .unwrap();
        assert_eq!(verdict.count(Severity::Error), wanted, "{text}");
        assert_eq!(verdict.range.built_up_area.as_deref(), Some("town"));
    }
}

#[test]
fn sizes_must_go_with_the_generic_term() {
    let verdict = ask_of(register(), |question| {
        question.name = "和平大道".to_owned();
        question.measures = Measures {
            width_m: Some(9.0),
            ..Measures::default()
        };
    })
    .unwrap();
    assert_eq!(rules(&verdict), [("NAM-10", "warning")]);
    assert!(verdict.notes.iter().any(|note| note.zh.contains("长度")));
}

#[test]
fn spelling_is_by_rule_and_a_difference_is_named() {
    for (text, category, given, wanted) in [
        ("和平路", "5", "Hépíng Lù", 0),
        ("和平路", "5", "Heping Lu", 0),
        ("和平路", "5", "Hepinglu", 1),
        ("六安路", "5", "Liùān Lù", 1),
        ("六安路", "5", "Lù'ān Lù", 0),
    ] {
        let verdict = ask_of(register(), |question| {
            text.clone_into(&mut question.name);
            question.category = category.parse().unwrap();
            question.pinyin = Some(given.to_owned());
        })
        .unwrap();
        let found = verdict
            .findings
            .iter()
            .filter(|finding| finding.rule == "NAM-07");
        assert_eq!(found.count(), wanted, "{given}");
    }
}

#[test]
fn a_heritage_name_is_locked_until_it_is_protected() {
    let rename = |protection: Option<&str>| {
        ask_of(register(), |question| {
            question.name = "观河楼".to_owned();
            question.category = "8".parse().unwrap();
            question.own = Some("tower".to_owned());
            question.protection = protection.map(str::to_owned);
        })
        .unwrap()
    };
    assert_eq!(rename(None).obstacles(), ["NAM-17"]);
    assert!(
        !rename(Some("立碑、入志"))
            .obstacles()
            .contains(&"NAM-17".to_owned())
    );
}

#[test]
fn a_heritage_name_is_not_retired_without_protection() {
    for (id, text, wanted) in [("tower", "望江楼", 1), ("youyi", "友谊路", 0)] {
        let verdict = ask_of(register(), |question| {
            text.clone_into(&mut question.name);
            question.category = if id == "tower" { "8" } else { "5" }.parse().unwrap();
            question.own = Some(id.to_owned());
            question.is_end = true;
        })
        .unwrap();
        assert_eq!(verdict.obstacles().len(), wanted, "{text}");
    }
}

#[test]
fn a_name_older_than_the_decree_is_no_breach() {
    let verdict = ask_of(register(), |question| {
        question.name = "第一国际路".to_owned();
        question.own = Some("ancient".to_owned());
    })
    .unwrap();
    assert!(!verdict.has_findings() && verdict.count(Severity::Info) > 0);
    let new = ask("第一国际路", "5", "420682");
    assert!(new.has_findings());
}

#[test]
fn a_reason_lets_a_warning_stand() {
    let with = |reason: Option<&str>| {
        ask_of(register(), |question| {
            question.name = "张自忠路".to_owned();
            if let Some(reason) = reason {
                question
                    .reasons
                    .insert("NAM-02".to_owned(), reason.to_owned());
            }
        })
        .unwrap()
        .obstacles()
    };
    assert_eq!(with(None), ["NAM-02"]);
    assert!(with(Some("纪念地，经批准")).is_empty());
    assert_eq!(with(Some("  ")), ["NAM-02"]);
}

#[test]
fn the_public_learns_nothing_of_drafts() {
    let mut records = register();
    let mut draft = name("draft", "秘密路", "420682001", 5);
    draft.status = Status::Draft;
    records.push(draft);
    let snapshot = Snapshot::build(records, 1, &Options::default());
    let ledger = Ledger::build(snapshot.view(Audience::Staff));
    let question = Question::new(
        "秘密路",
        "5".parse().unwrap(),
        "420682".parse().unwrap(),
        day("2026-05-01"),
    );
    let public = Sources::new(&ledger, snapshot.view(Audience::Public));
    let verdict = check(Rules::shipped(), &public, &question).unwrap();
    assert!(verdict.findings.is_empty(), "{:?}", verdict.findings);
}

#[test]
fn bad_input_is_refused_with_its_reason() {
    let long = "路".repeat(10_000);
    for (text, within, wanted) in [
        ("", "420682", "empty"),
        (" \u{3000}\t", "420682", "empty"),
        (long.as_str(), "420682", "10000 characters"),
        ("友谊😀路", "420682", "U+1F600"),
        ("友谊\u{7}路", "420682", "U+0007"),
        ("友谊\u{202e}路", "420682", "U+202E"),
        ("友谊'; DROP TABLE--路", "420682", "U+003B"),
        ("友谊路", "429999", "429999"),
    ] {
        let error = ask_of(register(), |question| {
            text.clone_into(&mut question.name);
            question.within = within.parse().unwrap();
        })
        .unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
    assert!("9".parse::<crate::category::Category>().is_err());
    assert!("castle".parse::<crate::category::Category>().is_err());
}

#[test]
fn a_changed_record_is_found_and_an_old_form_is_not() {
    let snapshot = Snapshot::build(register(), 1, &Options::default());
    let ledger = Ledger::build(snapshot.view(Audience::Staff));
    let renamed = name("youyi", "和睦路", "420682001", 5);
    let changes = vec![(renamed.key(), Some(renamed))];
    let ledger = ledger.with_changes(&changes).unwrap();
    let snapshot = snapshot.with_changes(changes, 2);
    let view = snapshot.view(Audience::Staff);
    for (text, wanted) in [("和睦路", 1), ("友谊路", 0)] {
        let question = Question::new(
            text,
            "5".parse().unwrap(),
            "420682".parse().unwrap(),
            day("2026-05-01"),
        );
        let verdict = check(Rules::shipped(), &Sources::new(&ledger, view), &question).unwrap();
        assert_eq!(verdict.count(Severity::Error), wanted, "{text}");
    }
}
