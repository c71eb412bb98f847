//! Several writers, readers and waiters at once.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::StoreError;
use crate::register::{Expect, Register};

use super::{at, key, write, write_any};

pub(super) fn concurrent_writers_leave_no_gap(register: &Arc<dyn Register>) {
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

pub(super) fn of_two_editors_one_gets_a_conflict(register: &Arc<dyn Register>) {
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

pub(super) fn readers_see_whole_commits(register: &Arc<dyn Register>) {
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

pub(super) fn a_waiter_wakes(register: &Arc<dyn Register>, other: &Arc<dyn Register>) {
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
