//! The change log, what was known when, and the whole of the records.

use std::collections::BTreeMap;
use std::sync::Arc;

use zhifang_core::{Collection, Record, RecordKey, Timestamp};

use crate::register::{Expect, Register, Write};

use super::{at, shapes, write_any};

pub(super) fn changes_are_paged_without_gaps(register: &dyn Register) {
    for number in 0..25_i64 {
        let batch = vec![write_any(
            &format!("n{}", number % 7),
            &format!("名{number}"),
        )];
        register.commit(batch, "a", at(number)).unwrap();
    }
    let mut since = 0;
    let mut names = Vec::new();
    loop {
        let page = register.changes(since, 4).unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 4);
        since = last.seq;
        for change in &page {
            assert_eq!(change.seq, names.len() as u64 + 1);
            names.push(change.after.name.clone());
            let before = change.before.as_ref().map_or(0, |record| record.version);
            assert_eq!(change.after.version, before + 1);
        }
    }
    assert_eq!(names.len(), 25);
    assert!(register.changes(25, 10).unwrap().is_empty());
    assert!(register.changes(u64::MAX, 10).unwrap().is_empty());
    assert!(register.changes(0, 0).unwrap().is_empty());
    assert_eq!(register.changes(0, usize::MAX).unwrap().len(), 25);
}

/// The register as known at an instant, as readers build it.
fn known_at(register: &dyn Register, instant: Timestamp) -> BTreeMap<RecordKey, Record> {
    let mut records = BTreeMap::new();
    register
        .load(&mut |record| {
            records.insert(record.key(), record);
        })
        .unwrap();
    for (key, then) in register.differing_since(instant).unwrap() {
        match then {
            Some(record) => records.insert(key, record),
            None => records.remove(&key),
        };
    }
    records
}

pub(super) fn what_was_known_on_a_day_can_be_told(register: &dyn Register) {
    // An oracle kept beside: the whole register after every commit.
    let mut oracle: Vec<BTreeMap<RecordKey, Record>> = vec![BTreeMap::new()];
    for second in 1..=30_i64 {
        let mut state = oracle.last().unwrap().clone();
        let ids = [second % 5, second % 3 + 10, second * 7 % 11 + 20];
        let batch = ids.map(|id| write_any(&format!("n{id}"), &format!("名{}", second / 2)));
        for record in register
            .commit(batch.to_vec(), "a", at(second))
            .unwrap()
            .records
        {
            state.insert(record.key(), record);
        }
        oracle.push(state);
    }
    for (second, state) in oracle.iter().enumerate() {
        assert_eq!(known_at(register, at(second)), *state, "second {second}");
    }
    let half = Timestamp::from_micros(at(12).micros() + 500_000);
    assert_eq!(known_at(register, half), oracle[12]);
    assert!(register.differing_since(at(99)).unwrap().is_empty());
}

pub(super) fn a_clock_set_back_does_not_confuse_the_log(register: &dyn Register) {
    register
        .commit(vec![write_any("n1", "甲")], "a", at(10))
        .unwrap();
    register
        .commit(vec![write_any("n1", "乙")], "a", at(5))
        .unwrap();
    register
        .commit(vec![write_any("n1", "丙")], "a", at(20))
        .unwrap();
    let name = |second| {
        known_at(register, at(second))
            .values()
            .next()
            .map(|r| r.name.to_string())
    };
    assert_eq!(name(4), None);
    assert_eq!(name(5).as_deref(), Some("乙"));
    assert_eq!(name(15).as_deref(), Some("乙"));
    assert_eq!(name(20).as_deref(), Some("丙"));
}

pub(super) fn loading_is_consistent_with_the_log(register: &dyn Register) {
    for round in 0..4_i64 {
        let batch = (0..20_i64)
            .filter(|number| number % (round + 1) == 0)
            .map(|number| write_any(&format!("n{number}"), &format!("名{round}")))
            .collect();
        register.commit(batch, "a", at(round)).unwrap();
    }
    let mut loaded = Vec::new();
    let head = register.load(&mut |record| loaded.push(record)).unwrap();
    assert_eq!(head, register.head().unwrap());
    assert_eq!(loaded.len(), 20);
    for record in &loaded {
        assert_eq!(
            register.record(&record.key()).unwrap().as_ref(),
            Some(record)
        );
    }
    let mut replayed = BTreeMap::new();
    for change in register.changes(0, 1_000).unwrap() {
        replayed.insert(change.after.key(), change.after);
    }
    let loaded: BTreeMap<_, _> = loaded
        .into_iter()
        .map(|record| (record.key(), record))
        .collect();
    assert_eq!(loaded, replayed);
}

pub(super) fn large_batches_are_as_small_ones(register: &dyn Register) {
    let batch = |name: &str| -> Vec<Write> {
        (0..6_000)
            .map(|number| {
                let code = 420_682_000_000_u64 + number;
                let mut record = Record::new(Collection::Divisions, &code.to_string(), name);
                record.source = Arc::from(["甲", "乙"][usize::from(number % 2 == 0)]);
                if number % 500 == 0 {
                    record.geometry = shapes().pop().flatten().map(Arc::new);
                }
                Write {
                    record,
                    expect: Expect::Any,
                }
            })
            .collect()
    };
    register
        .commit(vec![write_any("n1", "甲")], "a", at(0))
        .unwrap();
    let receipt = register.commit(batch("村"), "a", at(1)).unwrap();
    assert_eq!((receipt.first_seq, receipt.last_seq), (2, 6_001));
    let mut second = batch("村");
    for write in second.iter_mut().step_by(3) {
        write.record.name = "新村".into();
    }
    let receipt = register.commit(second, "b", at(2)).unwrap();
    assert_eq!((receipt.changed(), receipt.unchanged.len()), (2_000, 4_000));
    let told: Vec<u32> = receipt
        .records
        .iter()
        .take(3)
        .map(|record| record.version)
        .collect();
    assert_eq!(told, [2, 1, 1]);
    for record in receipt.records.iter().step_by(997) {
        assert_eq!(
            register.record(&record.key()).unwrap().as_ref(),
            Some(record)
        );
    }
    let changes = register.changes(6_000, 3).unwrap();
    let seqs: Vec<u64> = changes.iter().map(|change| change.seq).collect();
    assert_eq!(seqs, [6_001, 6_002, 6_003]);
    assert_eq!(
        changes[1].before.as_ref().map(|record| record.version),
        Some(1)
    );
    assert_eq!(register.differing_since(at(1)).unwrap().len(), 2_000);
    let report = register.verify().unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    assert_eq!(
        (report.versions, report.commits, report.head),
        (8_001, 3, 8_001)
    );
}
