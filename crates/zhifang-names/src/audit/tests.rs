//! What the audit finds and lets pass, and the automaton against brute force.

use proptest::prelude::*;
use serde_json::json;
use zhifang_core::{Collection, Day, Record, Status};
use zhifang_index::{Audience, Options, Snapshot};

use super::{Auditor, Difference};
use crate::rules::Rules;

fn day() -> Day {
    "2026-05-01".parse().unwrap()
}

fn name(id: &str, text: &str, division: &str) -> Record {
    let mut record = Record::new(Collection::Names, id, text);
    record.division = Some(division.parse().unwrap());
    record
}

fn register() -> Vec<Record> {
    let unit = |code: &str, name: &str| Record::new(Collection::Divisions, code, name);
    let mut county = unit("420682", "老河口市");
    county.fields.set(
        "former_names",
        json!([{"name": "光化县", "to": "1983-08-01"}]),
    );
    let mut river = name("han", "汉江", "420682");
    river
        .fields
        .set("aliases", json!([{"name": "汉水", "kind": "alias"}]));
    let mut village = name("hsz", "洪山嘴", "420682103");
    village
        .fields
        .set("aliases", json!([{"name": "洪山咀", "kind": "alias"}]));
    let mut gone = name("gone", "红卫路", "420682001");
    gone.status = Status::Retired;
    gone.valid.to = Some("2010-01-01".parse().unwrap());
    vec![
        unit("420000", "湖北省"),
        unit("420600", "襄阳市"),
        county,
        unit("420682001", "光化街道"),
        unit("420682103", "洪山嘴镇"),
        unit("420682103201", "油坊湾村民委员会"),
        river,
        village,
        name("street", "汉水路", "420682001"),
        name("youyi", "友谊路", "420682001"),
        gone,
    ]
}

fn with<T>(records: Vec<Record>, within: Option<&str>, ask: impl FnOnce(&Auditor) -> T) -> T {
    let snapshot = Snapshot::build(records, 1, &Options::default());
    let view = snapshot.view(Audience::Staff);
    let within = within.map(|code| code.parse().unwrap());
    ask(&Auditor::build(Rules::shipped(), view, within, day()))
}

#[test]
fn each_difference_is_found_with_its_standard_form() {
    for (text, wanted) in [
        (
            "光化县人民政府",
            Some(("光化县", Difference::Former, "老河口市")),
        ),
        ("沿汉水而下", Some(("汉水", Difference::Alias, "汉江"))),
        ("住红卫路3号", Some(("红卫路", Difference::Retired, ""))),
        (
            "在友宜路口",
            Some(("友宜路", Difference::Homophone, "友谊路")),
        ),
        ("洪山咀村", Some(("洪山咀", Difference::Alias, "洪山嘴"))),
        (
            "洪山咀镇政府",
            Some(("洪山咀镇", Difference::Homophone, "洪山嘴镇")),
        ),
        (
            "油房湾村",
            Some(("油房湾村", Difference::Homophone, "油坊湾村")),
        ),
        // Right, or inside a longer standard name.
        ("汉水路在友谊路以南", None),
        ("油坊湾村民委员会", None),
        ("光化街道", None),
        // Called what it is.
        ("原光化县城关镇", None),
        ("光化县（今老河口市）", None),
        // Two characters differ in a short name: another name.
        ("有一路", None),
        ("", None),
    ] {
        with(register(), Some("420682"), |auditor| {
            let hits = auditor.text(text);
            let found = hits
                .first()
                .map(|hit| (&*hit.text, hit.how, &*hit.standard[0].name));
            assert_eq!(found, wanted, "{text}");
            assert!(hits.len() <= 1, "{text}: {hits:?}");
        });
    }
}

#[test]
fn without_a_unit_a_sound_needs_a_unit_above_in_the_text() {
    for (text, count) in [
        ("友宜路", 0),
        ("老河口市友宜路", 1),
        ("老河口市：\n友宜路", 1),
    ] {
        with(register(), None, |auditor| {
            assert_eq!(auditor.text(text).len(), count, "{text}");
        });
    }
}

#[test]
fn line_column_and_offset_are_right() {
    with(register(), Some("420682"), |auditor| {
        let hits = auditor.text("第一行\n二：汉水，\r\n汉水");
        let places: Vec<_> = hits
            .iter()
            .map(|hit| (hit.line, hit.column, hit.offset))
            .collect();
        assert_eq!(places, [(2, 3, 16), (3, 1, 27)]);
    });
}

#[test]
fn a_table_is_read_by_column() {
    let table = "\u{feff}编号,地址\n1,友谊路\n2,\"汉水\n光化县\"\n";
    with(register(), Some("420682"), |auditor| {
        let hits = auditor.table(table, Some("地址")).unwrap();
        assert_eq!(hits.len(), 2);
        assert_eq!((hits[0].line, hits[0].field.as_deref()), (3, Some("地址")));
        assert_eq!(auditor.table(table, None).unwrap(), hits);
        let error = auditor.table(table, Some("街道")).unwrap_err();
        assert!(error.to_string().contains("编号, 地址"), "{error}");
    });
}

#[test]
fn signs_are_held_against_their_names() {
    let mut records = register();
    for (id, of, text) in [
        ("s1", "youyi", "友谊路"),
        ("s2", "youyi", "友宜路"),
        ("s3", "gone", "红卫路"),
        ("s4", "", "汉水"),
    ] {
        let mut sign = Record::new(Collection::Signs, id, "");
        sign.division = Some("420682001".parse().unwrap());
        sign.fields.set("name_id", of.into());
        sign.fields.set("text", text.into());
        records.push(sign);
    }
    let snapshot = Snapshot::build(records, 1, &Options::default());
    let view = snapshot.view(Audience::Staff);
    let auditor = Auditor::build(Rules::shipped(), view, None, day());
    let hits = auditor.signs(view, None, day());
    let found: Vec<_> = hits
        .iter()
        .map(|hit| (hit.sign.as_deref().unwrap(), hit.how))
        .collect();
    assert_eq!(
        found,
        [
            ("s2", Difference::Homophone),
            ("s3", Difference::Retired),
            ("s4", Difference::Alias)
        ]
    );
}

/// The longest form that begins first, then on behind it, by trying all at every place.
fn by_hand(forms: &[(String, bool)], text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let longest = forms
            .iter()
            .filter(|(form, _)| rest.starts_with(form.as_str()))
            .max_by_key(|(form, _)| form.len());
        match longest {
            Some((form, is_standard)) => {
                if !is_standard {
                    found.push((at, form.clone()));
                }
                at += form.len();
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

proptest! {
    #[test]
    fn the_automaton_finds_what_brute_force_finds(
        standard in proptest::collection::btree_set("[甲乙丙丁]{2,4}", 1..6),
        aliases in proptest::collection::btree_set("[甲乙丙丁]{2,4}", 1..6),
        text in "[甲乙丙丁，\n]{0,40}",
    ) {
        let mut records: Vec<Record> = standard
            .iter()
            .enumerate()
            .map(|(number, text)| name(&format!("s{number}"), text, "420682"))
            .collect();
        // Two characters that sound like nothing else, so that only forms are found.
        let mut bearer = name("bearer", "戊戌", "420682");
        bearer.fields.set(
            "aliases",
            aliases.iter().map(|text| json!({"name": text, "kind": "alias"})).collect(),
        );
        records.push(bearer);
        let mut forms: Vec<(String, bool)> =
            standard.iter().map(|text| (text.clone(), true)).collect();
        forms.extend(
            aliases.difference(&standard).map(|text| (text.clone(), false)),
        );
        let found = with(records, Some("420682"), |auditor| {
            auditor
                .text(&text)
                .into_iter()
                .filter(|hit| hit.how == Difference::Alias)
                .map(|hit| (hit.offset, hit.text))
                .collect::<Vec<_>>()
        });
        prop_assert_eq!(found, by_hand(&forms, &text));
    }

    #[test]
    fn no_text_breaks_the_audit(text in "\\PC{0,200}") {
        with(register(), None, |auditor| {
            for hit in auditor.text(&text) {
                prop_assert_eq!(text.get(hit.offset..hit.offset + hit.text.len()), Some(&*hit.text));
            }
            Ok(())
        })?;
    }
}
