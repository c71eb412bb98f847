//! One suite that every register passes.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use geo_types::{Geometry, LineString, MultiPolygon, Polygon};
use serde_json::json;
use tempfile::TempDir;
use zhifang_core::{Collection, Operation, Record, RecordKey, Role, Status, Timestamp};

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
    changes_are_paged_without_gaps(&*fresh.store("paging"));
    what_was_known_on_a_day_can_be_told(&*fresh.store("known_at"));
    a_clock_set_back_does_not_confuse_the_log(&*fresh.store("clock"));
    loading_is_consistent_with_the_log(&*fresh.store("load"));
    concurrent_writers_leave_no_gap(&fresh.store("writers"));
    of_two_editors_one_gets_a_conflict(&fresh.store("editors"));
    readers_see_whole_commits(&fresh.store("readers"));
    a_waiter_wakes(&fresh.store("waiter"), &fresh.store("waiter"));
    large_batches_are_as_small_ones(&*fresh.store("large"));
    users_come_and_go(&*fresh.store("users"));
    a_backup_can_be_restored(fresh);
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
    let mut unstorable = write_any("n9", "x");
    unstorable.record.name = "a\0b".into();
    let batch = vec![write_any("n8", "x"), unstorable];
    assert!(matches!(
        register.commit(batch, "a", at(2)),
        Err(StoreError::Unstorable { .. })
    ));
    assert_eq!(register.head().unwrap(), 1);
    assert_eq!(register.record(&key("n8")).unwrap(), None);
    assert_eq!(register.changes(0, 100).unwrap().len(), 1);
}

fn changes_are_paged_without_gaps(register: &dyn Register) {
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

fn what_was_known_on_a_day_can_be_told(register: &dyn Register) {
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

fn a_clock_set_back_does_not_confuse_the_log(register: &dyn Register) {
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

fn loading_is_consistent_with_the_log(register: &dyn Register) {
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

fn concurrent_writers_leave_no_gap(register: &Arc<dyn Register>) {
    const WRITERS: usize = 8;
    const COMMITS: usize = 25;
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                for commit in 0..COMMITS {
                    let batch = vec![
                        write_any(&format!("w{writer}-{commit}"), "一"),
                        write_any("shared", &format!("{writer} {commit}")),
                    ];
                    register
                        .commit(batch, &format!("w{writer}"), at(commit))
                        .unwrap();
                }
            });
        }
        // A reader who follows by seq alone must miss nothing.
        scope.spawn(move || {
            let mut since = 0;
            while since < (WRITERS * COMMITS * 2) as u64 {
                register.wait(since, Duration::from_secs(20)).unwrap();
                for change in register.changes(since, 1_000).unwrap() {
                    assert_eq!(change.seq, since + 1);
                    since = change.seq;
                }
            }
        });
    });
    let changes = register.changes(0, 10_000).unwrap();
    assert_eq!(changes.len(), WRITERS * COMMITS * 2);
    let shared = register.history(&key("shared")).unwrap();
    assert_eq!(shared.len(), WRITERS * COMMITS);
    for (number, change) in shared.iter().enumerate() {
        assert_eq!(change.after.version, number as u32 + 1);
    }
    let report = register.verify().unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
}

fn of_two_editors_one_gets_a_conflict(register: &Arc<dyn Register>) {
    register
        .commit(vec![write_any("n1", "0")], "a", at(0))
        .unwrap();
    for round in 1..=10_u32 {
        let won: usize = std::thread::scope(|scope| {
            let editors: Vec<_> = (0..4)
                .map(|editor| {
                    scope.spawn(move || {
                        let name = format!("{round} {editor}");
                        let batch = vec![write("n1", &name, Expect::Version(round))];
                        match register.commit(batch, "a", at(0)) {
                            Ok(_) => 1,
                            Err(StoreError::Conflict {
                                found: Some(found), ..
                            }) => {
                                assert_eq!(found.version, round + 1);
                                0
                            }
                            Err(other) => panic!("{other:?}"),
                        }
                    })
                })
                .collect();
            editors
                .into_iter()
                .map(|editor| editor.join().unwrap())
                .sum()
        });
        assert_eq!(won, 1);
    }
}

fn readers_see_whole_commits(register: &Arc<dyn Register>) {
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            for round in 0..15 {
                let batch = (0..40)
                    .map(|row| write_any(&format!("n{row}"), &format!("{round}")))
                    .collect();
                register.commit(batch, "a", at(round)).unwrap();
            }
        });
        while !writer.is_finished() {
            let mut names = HashSet::new();
            let mut count = 0;
            let head = register
                .load(&mut |record| {
                    names.insert(record.name);
                    count += 1;
                })
                .unwrap();
            assert_eq!(head % 40, 0);
            assert!(
                count == 0 || (count == 40 && names.len() == 1),
                "{count} {names:?}"
            );
        }
    });
}

fn a_waiter_wakes(register: &Arc<dyn Register>, other: &Arc<dyn Register>) {
    let start = Instant::now();
    assert_eq!(register.wait(0, Duration::from_millis(150)).unwrap(), 0);
    assert!(start.elapsed() >= Duration::from_millis(140));
    for (number, waiter) in [(1, register), (2, other)] {
        std::thread::scope(|scope| {
            let waiting = scope.spawn(move || {
                let head = waiter.wait(number - 1, Duration::from_secs(10)).unwrap();
                (head, Instant::now())
            });
            std::thread::sleep(Duration::from_millis(60));
            register
                .commit(vec![write_any("n1", &number.to_string())], "a", at(0))
                .unwrap();
            let done = Instant::now();
            let (head, woken) = waiting.join().unwrap();
            assert_eq!(head, number);
            assert!(woken.saturating_duration_since(done) < Duration::from_millis(300));
        });
    }
    assert_eq!(register.wait(0, Duration::ZERO).unwrap(), 2);
}

fn large_batches_are_as_small_ones(register: &dyn Register) {
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

fn users_come_and_go(register: &dyn Register) {
    let (first, second) = ([1; 32], [2; 32]);
    let division = "420682".parse().ok();
    let zhang = register
        .add_user("zhang", Role::Editor, division, &first)
        .unwrap();
    assert_eq!(
        (zhang.role, zhang.division, zhang.revoked_at),
        (Role::Editor, division, None)
    );
    assert_eq!(register.find_token(&first).unwrap(), Some(zhang.clone()));
    assert_eq!(register.find_token(&second).unwrap(), None);
    let error = register
        .add_user("zhang", Role::Admin, None, &second)
        .unwrap_err();
    assert!(matches!(error, StoreError::UserExists { .. }), "{error:?}");
    let error = register
        .add_user("li", Role::Admin, None, &first)
        .unwrap_err();
    assert!(matches!(error, StoreError::TokenTaken { .. }), "{error:?}");
    let admin = register.add_user("li", Role::Admin, None, &second).unwrap();
    assert_eq!(register.users().unwrap(), [admin, zhang]);

    let error = register.replace_token("zhang", &second).unwrap_err();
    assert!(matches!(error, StoreError::TokenTaken { .. }), "{error:?}");
    register.replace_token("zhang", &[3; 32]).unwrap();
    assert_eq!(register.find_token(&first).unwrap(), None);
    assert!(register.find_token(&[3; 32]).unwrap().is_some());

    register.revoke("zhang").unwrap();
    register.revoke("zhang").unwrap();
    assert_eq!(register.find_token(&[3; 32]).unwrap(), None);
    assert!(register.users().unwrap()[1].revoked_at.is_some());
    register.replace_token("zhang", &[4; 32]).unwrap();
    let back = register.find_token(&[4; 32]).unwrap().unwrap();
    assert_eq!((back.name.as_str(), back.revoked_at), ("zhang", None));
    for error in [
        register.revoke("wu"),
        register.replace_token("wu", &[5; 32]).map(|_| ()),
    ] {
        assert!(
            matches!(error, Err(StoreError::UserUnknown { .. })),
            "{error:?}"
        );
    }
}

fn a_backup_can_be_restored(fresh: &dyn Fresh) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("backup.db");
    let register = fresh.store("backup_from");
    for (number, geometry) in shapes().into_iter().enumerate() {
        let mut write = write_any(&format!("n{}", number % 5), &format!("{number}"));
        write.record.geometry = geometry.map(Arc::new);
        register.commit(vec![write], "a", at(number)).unwrap();
    }
    let many = (0..3_000)
        .map(|number| write_any(&format!("m{number}"), "村"))
        .collect();
    register.commit(many, "b", at(99)).unwrap();
    register
        .add_user("zhang", Role::Viewer, None, &[9; 32])
        .unwrap();
    register.backup(&path).unwrap();
    let error = register.backup(&path).unwrap_err();
    assert!(
        matches!(error, StoreError::BackupExists { .. }),
        "{error:?}"
    );
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");

    let target = fresh.store("backup_into");
    assert_eq!(target.restore(&path).unwrap(), register.head().unwrap());
    let all = |register: &dyn Register| register.changes(0, 10_000).unwrap();
    assert_eq!(all(&*target), all(&*register));
    assert_eq!(target.users().unwrap(), register.users().unwrap());
    assert_eq!(target.verify().unwrap(), register.verify().unwrap());
    // The log goes on where it was, and the chain holds.
    let receipt = target
        .commit(vec![write_any("n1", "续")], "a", at(100))
        .unwrap();
    assert_eq!(receipt.first_seq, register.head().unwrap() + 1);
    assert!(target.verify().unwrap().is_sound());
    let error = target.restore(&path).unwrap_err();
    assert!(matches!(error, StoreError::NotEmpty { .. }), "{error:?}");

    let half = folder.path().join("half.db");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&half, &bytes[..bytes.len() / 2]).unwrap();
    let untouched = fresh.store("backup_broken");
    assert!(untouched.restore(&half).is_err());
    assert!(untouched.restore(&folder.path().join("none.db")).is_err());
    assert_eq!(untouched.head().unwrap(), 0);
}
