//! Each column of the report from one name that shows it.

use serde_json::json;
use zhifang_core::{Collection, Record};
use zhifang_index::{Audience, Options, Snapshot};

use super::{Report, SignFault, report};
use crate::ledger::Ledger;
use crate::rules::Rules;

fn name(id: &str, text: &str, category: u8) -> Record {
    let mut record = Record::new(Collection::Names, id, text);
    record.division = Some("420682001".parse().unwrap());
    record.fields.set("category", category.into());
    record
}

fn made(faults: &[SignFault<'_>]) -> Report {
    let unit = |code: &str, name: &str| Record::new(Collection::Divisions, code, name);
    let mut whole = name("whole", "友谊路", 5);
    for (field, value) in [
        ("pinyin", json!("Yǒuyì Lù")),
        ("meaning", json!("友好")),
        ("origin", json!("1958年命名")),
        ("sign_ids", json!(["s1"])),
    ] {
        whole.fields.set(field, value);
    }
    whole.geometry = Some(std::sync::Arc::new(geo::Geometry::Point(geo::Point::new(
        111.67, 32.38,
    ))));
    let mut sign = Record::new(Collection::Signs, "s1", "");
    sign.division = Some("420682001".parse().unwrap());
    let mut spelled = name("spelled", "和平路", 5);
    spelled.fields.set("pinyin", json!("Hepinglu"));
    let records = vec![
        unit("420682", "老河口市"),
        unit("420682001", "光化街道"),
        unit("420682102", "李楼镇"),
        whole,
        spelled,
        sign,
        name("alike", "友宜路", 5),
        name("bare", "胜利", 5),
        name("tower", "望江楼", 8),
    ];
    let snapshot = Snapshot::build(records, 1, &Options::default());
    let view = snapshot.view(Audience::Staff);
    let ledger = Ledger::build(view);
    let within = Some("420682".parse().unwrap());
    let day = "2026-05-01".parse().unwrap();
    report(Rules::shipped(), &ledger, view, within, day, faults).unwrap()
}

#[test]
fn every_township_has_its_row_and_every_lack_its_count() {
    let made = made(&[SignFault {
        sign: "s1",
        rule: "REG-03",
    }]);
    let codes: Vec<&str> = made.rows.iter().map(|row| &*row.code).collect();
    assert_eq!(codes, ["420682001", "420682102"]);
    let row = &made.rows[0];
    assert_eq!((row.names, row.by_category), (5, [0, 0, 0, 0, 4, 0, 0, 1]));
    assert_eq!((row.without_pinyin, row.without_meaning), (3, 4));
    assert_eq!((row.without_origin, row.without_position), (4, 4));
    assert_eq!(
        (row.sign_wanted, row.sign_missing, row.sign_faulty),
        (4, 3, 1)
    );
    assert_eq!((row.homophones, row.duplicates), (2, 0));
    assert_eq!((row.non_standard, row.misspelled), (1, 1));
    assert_eq!(made.total.names, 5);
    assert_eq!(made.missing_signs.len(), 3);
}

#[test]
fn the_page_and_the_table_say_the_same_number() {
    let made = made(&[]);
    let mut text = Vec::new();
    made.write_text(&mut text, zhifang_core::Lang::Zh).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("光化街道\t0/0/0/0/4/0/0/1\t5"), "{text}");
    let mut page = Vec::new();
    made.write_html(&mut page, zhifang_core::Lang::En).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(
        page.contains("<td>光化街道<td>0<td>0<td>0<td>0<td>4"),
        "{page}"
    );
}
