//! Faults of codes and names.

use zhifang_core::{Collection, Day, DivisionCode, Record, RecordKey, Status};

use super::base::{Base, Records, unit_key};
use super::polygon::spare;
use super::{Kind, Planted, Set, change, kind};

pub(crate) const KINDS: &[Kind] = &[
    kind("code of another prefecture", Set::Levels, wrong_code),
    kind("codes of neighbours exchanged", Set::Levels, exchanged),
    kind(
        "codes exchanged, no polygon above",
        Set::Counties,
        exchanged,
    ),
    kind("code malformed", Set::Counties, malformed),
    kind("code of no province", Set::Counties, no_province),
    kind("code held twice", Set::Counties, held_twice),
    kind("retired code given again", Set::Counties, reused),
    kind("two lives of a code overlap", Set::Counties, overlapping),
    kind("the neighbour's name", Set::Counties, same_name),
    kind("name blank", Set::Counties, |_, r, u| {
        named(r, u, "  ".to_owned())
    }),
    kind("stray characters in the name", Set::Counties, |_, r, u| {
        named(r, u, format!("某\u{feff}县{u}"))
    }),
];

/// Gives a record another code.
fn recode(records: &mut Records, from: DivisionCode, id: &str) -> RecordKey {
    let mut record = records
        .remove(&unit_key(from))
        .expect("the county is in the set");
    record.id = id.into();
    record.division = id.split('@').next().and_then(|code| code.parse().ok());
    let key = record.key();
    records.insert(key.clone(), record);
    key
}

fn prefecture(code: DivisionCode) -> u64 {
    code.as_u64() / 100
}

fn wrong_code(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    // A prefecture that does not touch the county.
    let near: Vec<u64> = base.zone(unit).into_iter().map(prefecture).collect();
    let has_parent = |stem: u64| {
        DivisionCode::from_u64(stem * 100)
            .is_some_and(|code| base.prefectures.contains_key(&unit_key(code)))
    };
    let other = base
        .counties
        .values()
        .filter_map(|record| record.division)
        .find(|code| {
            code.as_u64() / 10_000 == unit.as_u64() / 10_000
                && !near.contains(&prefecture(*code))
            // Downwards only, or two faults would make an exchange.
            && prefecture(*code) < prefecture(unit)
                && has_parent(prefecture(*code))
        })?;
    if !has_parent(prefecture(unit)) {
        return None;
    }
    let code = spare(records, other)?;
    let key = recode(records, unit, &code.to_string());
    Some(Planted::new("ATT-03", [key]).also(&["COV-08"]))
}

fn exchanged(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let has_parent = |code: DivisionCode| {
        DivisionCode::from_u64(prefecture(code) * 100)
            .is_some_and(|up| base.prefectures.contains_key(&unit_key(up)))
    };
    // Both stand among their own: each touches two of its prefecture and only one of the other.
    let mates = |code: DivisionCode| {
        base.neighbours[&code]
            .iter()
            .filter(|other| prefecture(**other) == prefecture(code))
            .count()
    };
    let other = base.neighbours[&unit].iter().copied().find(|other| {
        prefecture(*other) != prefecture(unit)
            && base.inner.contains(other)
            && has_parent(*other)
            && mates(*other) >= 2
            && touches(base, unit, prefecture(*other)) == 1
            && touches(base, *other, prefecture(unit)) == 1
    })?;
    if !has_parent(unit) || mates(unit) < 2 {
        return None;
    }
    let a = records.remove(&unit_key(unit))?;
    let b = records.remove(&unit_key(other))?;
    let with = |record: &Record, code: DivisionCode| {
        let mut record = record.clone();
        record.id = code.to_string().into();
        record.division = Some(code);
        record
    };
    for record in [with(&a, other), with(&b, unit)] {
        records.insert(record.key(), record);
    }
    Some(Planted::new("ATT-06", [unit_key(unit), unit_key(other)]).also(&["COV-08", "ATT-03"]))
}

fn touches(base: &Base, unit: DivisionCode, stem: u64) -> usize {
    base.neighbours[&unit]
        .iter()
        .filter(|other| prefecture(**other) == stem)
        .count()
}

fn malformed(_: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let id = format!("{}X", &unit.to_string()[..5]);
    let key = recode(records, unit, &id);
    Some(Planted::new("ATT-01", [key]).also(&["COV-05", "COV-02", "GEO-07"]))
}

fn no_province(_: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let id = format!("99{}", &unit.to_string()[2..]);
    if records.contains_key(&RecordKey::new(Collection::Divisions, &id)) {
        return None;
    }
    let key = recode(records, unit, &id);
    Some(
        Planted::new("ATT-01", [key])
            .saying("省级代码")
            .also(&["ATT-03"]),
    )
}

fn held_twice(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let mut twin = Record::new(
        Collection::Divisions,
        &format!("{unit}@2001-01-01"),
        &format!("另一县{unit}"),
    );
    twin.division = Some(unit);
    twin.valid.from = Day::from_ymd(2001, 1, 1);
    let keys = [unit_key(unit), twin.key()];
    records.insert(twin.key(), twin);
    let _ = base;
    Some(Planted::new("ATT-02", keys).also(&["ATT-07"]))
}

fn reused(_: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let mut old = Record::new(Collection::Divisions, &format!("{unit}@1990-01-01"), "旧县");
    old.division = Some(unit);
    old.status = Status::Retired;
    old.valid.from = Day::from_ymd(1990, 1, 1);
    old.valid.to = Day::from_ymd(2003, 1, 1);
    let keys = [unit_key(unit), old.key()];
    records.insert(old.key(), old);
    change(records, &unit_key(unit), |record| {
        record.valid.from = Day::from_ymd(2025, 12, 1);
    });
    Some(Planted::new("ATT-10", keys))
}

fn overlapping(_: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let mut old = Record::new(Collection::Divisions, &format!("{unit}@1990-01-01"), "旧县");
    old.division = Some(unit);
    old.status = Status::Retired;
    old.valid.from = Day::from_ymd(1990, 1, 1);
    old.valid.to = Day::from_ymd(2005, 1, 1);
    let keys = [unit_key(unit), old.key()];
    records.insert(old.key(), old);
    change(records, &unit_key(unit), |record| {
        record.valid.from = Day::from_ymd(2003, 1, 1);
    });
    Some(Planted::new("ATT-07", keys))
}

fn same_name(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let other = base.neighbours[&unit]
        .iter()
        .copied()
        .find(|other| prefecture(*other) == prefecture(unit))?;
    let name = base.counties[&unit_key(other)].name.clone();
    change(records, &unit_key(unit), |record| record.name = name);
    Some(Planted::new("ATT-04", [unit_key(unit), unit_key(other)]))
}

fn named(records: &mut Records, unit: DivisionCode, name: String) -> Option<Planted> {
    change(records, &unit_key(unit), |record| record.name = name.into());
    Some(Planted::new("ATT-05", [unit_key(unit)]))
}
