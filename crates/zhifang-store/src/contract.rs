//! One suite that every register passes.

mod concurrency;
mod log;
mod whole;

use std::sync::Arc;

use geo_types::{Geometry, LineString, MultiPolygon, Polygon};
use serde_json::{Value, json};
use zhifang_core::{Collection, Operation, Record, RecordKey, Status, Timestamp};

use crate::error::StoreError;
use crate::register::{Expect, Register, Write};

/// Makes stores.
pub(crate) trait Fresh {
    /// The store of this name, empty when first asked for.
    fn store(&self, name: &str) -> Arc<dyn Register>;
}

/// An instant of the tests' calendar, in seconds.
pub(crate) fn at(second: impl TryInto<i64>) -> Timestamp {
    let second: i64 = second.try_into().ok().unwrap();
    Timestamp::from_micros(1_780_000_000_000_000 + second * 1_000_000)
}

/// A place name to be stored, whatever is there.
pub(crate) fn write_any(id: &str, name: &str) -> Write {
    let mut record = Record::new(Collection::Names, id, name);
    record.source = Arc::from("测试");
    Write {
        record,
        expect: Expect::Any,
    }
}

fn key(id: &str) -> RecordKey {
    RecordKey::new(Collection::Names, id)
}

fn write(id: &str, name: &str, expect: Expect) -> Write {
    Write {
        expect,
        ..write_any(id, name)
    }
}

/// Runs the whole suite.
pub(crate) fn run(fresh: &dyn Fresh) {
    an_empty_register_says_nothing(&*fresh.store("empty"));
    a_record_comes_back_as_it_was_written(&*fresh.store("round_trip"));
    versions_and_operations_follow_each_other(&*fresh.store("versions"));
    an_edit_on_an_older_version_is_refused(&*fresh.store("conflict"));
    what_says_the_same_makes_no_version(&*fresh.store("unchanged"));
    a_batch_may_name_a_record_twice(&*fresh.store("twice"));
    a_refused_batch_writes_nothing(&*fresh.store("refused"));
    log::changes_are_paged_without_gaps(&*fresh.store("paging"));
    log::what_was_known_on_a_day_can_be_told(&*fresh.store("known_at"));
    log::a_clock_set_back_does_not_confuse_the_log(&*fresh.store("clock"));
    log::loading_is_consistent_with_the_log(&*fresh.store("load"));
    concurrency::concurrent_writers_leave_no_gap(&fresh.store("writers"));
    concurrency::of_two_editors_one_gets_a_conflict(&fresh.store("editors"));
    concurrency::readers_see_whole_commits(&fresh.store("readers"));
    concurrency::a_waiter_wakes(&fresh.store("waiter"), &fresh.store("waiter"));
    log::large_batches_are_as_small_ones(&*fresh.store("large"));
    whole::users_come_and_go(&*fresh.store("users"));
    whole::a_backup_can_be_restored(fresh);
}

fn an_empty_register_says_nothing(register: &dyn Register) {
    assert_eq!(register.head().unwrap(), 0);
    assert_eq!(
        register
            .load(&mut |_| panic!("there is no record"))
            .unwrap(),
        0
    );
    assert_eq!(register.record(&key("n1")).unwrap(), None);
    assert!(register.history(&key("n1")).unwrap().is_empty());
    assert!(register.changes(0, 10).unwrap().is_empty());
    assert!(register.differing_since(at(0)).unwrap().is_empty());
    let receipt = register.commit(Vec::new(), "cli", at(0)).unwrap();
    assert_eq!((receipt.last_seq, receipt.changed()), (0, 0));
    let report = register.verify().unwrap();
    assert!(report.is_sound() && report.versions == 0);
}

fn shapes() -> Vec<Option<Geometry<f64>>> {
    let ring = |points: &[(f64, f64)]| LineString::from(points.to_vec());
    let shell = ring(&[(111.0, 32.0), (112.0, 32.0), (112.0, 33.0), (111.0, 32.0)]);
    let hole = ring(&[(111.7, 32.2), (111.8, 32.2), (111.8, 32.3), (111.7, 32.2)]);
    // Readable but invalid is stored as given: a spike, a point for a line, a ring of two points.
    let spike = Polygon::new(ring(&[(111.0, 32.0), (112.0, 32.0)]), vec![]);
    vec![
        None,
        Some(Geometry::Point((111.670_000_000_000_01, 32.385).into())),
        Some(Geometry::LineString(ring(&[
            (111.0, 32.0),
            (0.1 + 0.2, 33.0),
        ]))),
        Some(Geometry::LineString(ring(&[(111.0, 32.0)]))),
        Some(Geometry::LineString(ring(&[]))),
        Some(Geometry::Polygon(Polygon::new(shell.clone(), vec![hole]))),
        Some(Geometry::MultiPolygon(MultiPolygon(vec![
            Polygon::new(shell, vec![]),
            spike,
        ]))),
        Some(Geometry::GeometryCollection(
            vec![Geometry::Point((111.0, 32.0).into())].into(),
        )),
    ]
}

fn a_record_comes_back_as_it_was_written(register: &dyn Register) {
    let mut written = Vec::new();
    for (number, geometry) in shapes().into_iter().enumerate() {
        let mut record = Record::new(
            Collection::Cemeteries,
            &format!("公墓 {number}"),
            "老河口'\"\\ 公墓",
        );
        record.geometry = geometry.map(Arc::new);
        record.status = [Status::Draft, Status::Published, Status::Retired][number % 3];
        record.division = "420682101".parse().ok();
        record.valid.from = "2010-07-01".parse().ok();
        record.source = Arc::from("illustrative");
        record.fields.set("area_m2", json!(0.1 + 0.2));
        record
            .fields
            .set("serves", json!(["420682101001", "420682101002"]));
        record.fields.set(
            "extra",
            json!({"b": {"a": null}, "a": [1, -2, 2.5, "三", true]}),
        );
        written.push(record);
    }
    let batch = written.iter().cloned().map(|record| Write {
        record,
        expect: Expect::Absent,
    });
    let receipt = register.commit(batch.collect(), "张三", at(7)).unwrap();
    assert_eq!(
        (receipt.first_seq, receipt.last_seq),
        (1, written.len() as u64)
    );
    for (given, told) in written.iter().zip(&receipt.records) {
        let stored = register.record(&given.key()).unwrap().unwrap();
        assert!(stored.says_the_same_as(given), "{stored:?}\n{given:?}");
        assert_eq!(stored, *told);
        assert_eq!(
            (stored.version, stored.updated_at, &*stored.updated_by),
            (1, at(7), "张三")
        );
    }
    assert!(register.verify().unwrap().is_sound());
}

fn versions_and_operations_follow_each_other(register: &dyn Register) {
    let retired = |name: &str| {
        let mut write = write_any("n1", name);
        write.record.status = Status::Retired;
        write
    };
    let steps = [
        (write_any("n1", "一"), Operation::Create),
        (write_any("n1", "二"), Operation::Update),
        (retired("二"), Operation::Retire),
        (retired("三"), Operation::Update),
        (write_any("n1", "三"), Operation::Update),
    ];
    for (number, (write, _)) in steps.iter().enumerate() {
        register
            .commit(vec![write.clone()], "cli", at(number))
            .unwrap();
    }
    let history = register.history(&key("n1")).unwrap();
    assert_eq!(history.len(), steps.len());
    let mut before: Option<Record> = None;
    for (number, (change, (write, operation))) in history.into_iter().zip(steps).enumerate() {
        assert_eq!(change.seq, number as u64 + 1);
        assert_eq!(change.operation, operation);
        assert_eq!((change.at, &*change.by), (at(number), "cli"));
        assert_eq!(change.before, before);
        assert!(change.after.says_the_same_as(&write.record));
        assert_eq!(change.after.version, number as u32 + 1);
        before = Some(change.after);
    }
    assert_eq!(register.record(&key("n1")).unwrap(), before);
    // A collection of its own has ids of its own.
    assert_eq!(
        register
            .record(&RecordKey::new(Collection::Signs, "n1"))
            .unwrap(),
        None
    );
}

fn an_edit_on_an_older_version_is_refused(register: &dyn Register) {
    let refused = |expect| match register.commit(vec![write("n1", "乙", expect)], "b", at(9)) {
        Err(StoreError::Conflict {
            key: conflict,
            expected,
            found,
        }) => {
            assert_eq!((conflict, expected), (key("n1"), expect));
            found.map(|record| record.version)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(Expect::Version(1)), None);
    register
        .commit(vec![write("n1", "甲", Expect::Absent)], "a", at(1))
        .unwrap();
    assert_eq!(refused(Expect::Absent), Some(1));
    register
        .commit(vec![write("n1", "丙", Expect::Version(1))], "a", at(2))
        .unwrap();
    assert_eq!(refused(Expect::Version(1)), Some(2));
    assert_eq!(refused(Expect::Version(3)), Some(2));
    assert_eq!(register.head().unwrap(), 2);
    register
        .commit(vec![write("n1", "丁", Expect::Version(2))], "a", at(3))
        .unwrap();
    assert_eq!(&*register.record(&key("n1")).unwrap().unwrap().name, "丁");
}

fn what_says_the_same_makes_no_version(register: &dyn Register) {
    register
        .commit(
            vec![write_any("n1", "甲"), write_any("n2", "乙")],
            "a",
            at(1),
        )
        .unwrap();
    let again = vec![
        write_any("n1", "甲"),
        write_any("n2", "丙"),
        write_any("n3", "丁"),
    ];
    let receipt = register.commit(again, "b", at(2)).unwrap();
    assert_eq!(receipt.unchanged, [0]);
    assert_eq!(
        (receipt.first_seq, receipt.last_seq, receipt.changed()),
        (3, 4, 2)
    );
    let told: Vec<_> = receipt
        .records
        .iter()
        .map(|record| {
            (
                &*record.id,
                record.version,
                &*record.updated_by,
                record.updated_at,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("n1", 1, "a", at(1)),
            ("n2", 2, "b", at(2)),
            ("n3", 1, "b", at(2))
        ]
    );
    let receipt = register
        .commit(vec![write_any("n1", "甲")], "c", at(3))
        .unwrap();
    assert_eq!(
        (receipt.first_seq, receipt.last_seq, receipt.changed()),
        (5, 4, 0)
    );
    assert_eq!(register.history(&key("n1")).unwrap().len(), 1);
    assert!(
        register
            .commit(vec![write("n1", "甲", Expect::Version(7))], "c", at(3))
            .is_err()
    );
}

fn a_batch_may_name_a_record_twice(register: &dyn Register) {
    let batch = vec![
        write("n1", "甲", Expect::Absent),
        write("n1", "乙", Expect::Version(1)),
        write("n1", "乙", Expect::Any),
    ];
    let receipt = register.commit(batch, "a", at(1)).unwrap();
    assert_eq!((receipt.changed(), &receipt.unchanged[..]), (2, &[2][..]));
    let versions: Vec<u32> = receipt
        .records
        .iter()
        .map(|record| record.version)
        .collect();
    assert_eq!(versions, [1, 2, 2]);
    let history = register.history(&key("n1")).unwrap();
    assert_eq!(history[1].before.as_ref(), Some(&history[0].after));
    let batch = vec![
        write("n2", "甲", Expect::Absent),
        write("n2", "乙", Expect::Absent),
    ];
    match register.commit(batch, "a", at(2)) {
        Err(StoreError::Conflict {
            found: Some(found), ..
        }) => assert_eq!(found.version, 1),
        other => panic!("{other:?}"),
    }
    assert_eq!(register.head().unwrap(), 2);
    assert!(register.verify().unwrap().is_sound());
}

fn a_refused_batch_writes_nothing(register: &dyn Register) {
    register
        .commit(vec![write_any("n0", "甲")], "a", at(1))
        .unwrap();
    for count in [3, 3_000] {
        let mut batch: Vec<Write> = (1..count)
            .map(|number| write_any(&format!("n{number}"), "甲"))
            .collect();
        batch.push(write("n0", "乙", Expect::Absent));
        assert!(matches!(
            register.commit(batch, "a", at(2)),
            Err(StoreError::Conflict { .. })
        ));
    }
    let field = |name: &str, value: Value| {
        let mut write = write_any("n9", "x");
        write.record.fields.set(name, value);
        write
    };
    let mut named = write_any("n9", "x");
    named.record.name = "a\0b".into();
    let unstorable = [
        named,
        field("meaning", json!("a\0b")),
        field("aliases", json!([{"name": "a\0b"}])),
        field("extra", json!({"a\0b": 1})),
    ];
    for unstorable in unstorable {
        let batch = vec![write_any("n8", "x"), unstorable];
        assert!(matches!(
            register.commit(batch, "a", at(2)),
            Err(StoreError::Unstorable { .. })
        ));
    }
    assert_eq!(register.head().unwrap(), 1);
    assert_eq!(register.record(&key("n8")).unwrap(), None);
    assert_eq!(register.changes(0, 100).unwrap().len(), 1);
}
