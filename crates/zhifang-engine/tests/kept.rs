//! What a start finds beside the register, and what it does with what it finds.
#![expect(clippy::unwrap_used, reason = "a test may end where it stands")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use zhifang_core::{Collection, Record, Status, Timestamp};
use zhifang_engine::{Engine, Options, Phase};
use zhifang_geocode::SearchQuery;
use zhifang_store::{Expect, Register, SqliteRegister, Write};

struct Desk {
    folder: tempfile::TempDir,
    register: Arc<dyn Register>,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let register = SqliteRegister::open(folder.path().join("register.db")).unwrap();
        let desk = Self {
            folder,
            register: Arc::new(register),
        };
        desk.write(&[
            ("420000", "湖北省"),
            ("420600", "襄阳市"),
            ("420682", "老河口市"),
            ("420682101", "李楼镇"),
        ]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, divisions: &[(&str, &str)]) {
        let batch = divisions.iter().map(|(code, name)| {
            let mut record = Record::new(Collection::Divisions, code, name);
            record.status = Status::Published;
            Write {
                record,
                expect: Expect::Any,
            }
        });
        let at = Timestamp::from_micros(1_700_000_000_000_000);
        self.register.commit(batch.collect(), "test", at).unwrap();
    }

    /// An engine as a start makes it, and what it was busy with.
    fn start(&self) -> (Engine, Vec<Phase>) {
        let options = Options {
            snapshot_path: Some(self.path("register.db.snapshot")),
            ..Options::default()
        };
        let engine = Engine::new(Arc::clone(&self.register), options);
        let phases = Mutex::new(Vec::new());
        engine
            .stand_up(&|phase| phases.lock().unwrap().push(phase))
            .unwrap();
        (engine, phases.into_inner().unwrap())
    }
}

fn first(engine: &Engine, q: &str) -> Option<String> {
    let found = engine.world().unwrap().names.search(&SearchQuery::new(q));
    found.first().map(|one| one.label.clone())
}

fn stamp(path: &Path) -> std::time::SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

const ANEW: [Phase; 2] = [Phase::OpeningSnapshot, Phase::IndexingNames];

#[test]
fn the_second_start_takes_the_names_as_they_were_kept() {
    let desk = Desk::new();
    let (engine, phases) = desk.start();
    assert!(phases.contains(&Phase::ReadingRegister) && phases.contains(&Phase::IndexingNames));
    engine.keep_snapshot().unwrap();
    let expected = engine
        .world()
        .unwrap()
        .names
        .search(&SearchQuery::new("laohekou lilou"));
    assert_eq!(expected.first().unwrap().id, "420682101");

    let (engine, phases) = desk.start();
    assert_eq!(phases, [Phase::OpeningSnapshot]);
    let world = engine.world().unwrap();
    assert_eq!(
        world.names.search(&SearchQuery::new("laohekou lilou")),
        expected
    );
    let before = stamp(&desk.path("register.db.snapshot"));
    engine.keep_snapshot().unwrap();
    assert_eq!(
        stamp(&desk.path("register.db.snapshot")),
        before,
        "nothing to write"
    );
}

#[test]
fn changes_since_are_laid_over_the_kept_names() {
    let desk = Desk::new();
    let (engine, _) = desk.start();
    engine.keep_snapshot().unwrap();
    desk.write(&[("420682102", "仙人渡镇"), ("420682101", "李楼街道")]);

    let (engine, phases) = desk.start();
    assert_eq!(phases, [Phase::OpeningSnapshot]);
    assert_eq!(
        first(&engine, "仙人渡").unwrap(),
        "湖北省襄阳市老河口市仙人渡镇"
    );
    assert_eq!(
        first(&engine, "李楼").unwrap(),
        "湖北省襄阳市老河口市李楼街道"
    );
    engine.keep_snapshot().unwrap();

    // With its overlay it is kept and found again.
    let (engine, phases) = desk.start();
    assert_eq!(phases, [Phase::OpeningSnapshot]);
    assert_eq!(
        first(&engine, "仙人渡").unwrap(),
        "湖北省襄阳市老河口市仙人渡镇"
    );
}

#[test]
fn names_of_another_snapshot_are_passed_over() {
    let desk = Desk::new();
    let (engine, _) = desk.start();
    engine.keep_snapshot().unwrap();
    let names = desk.path("register.db.names");
    let stale = fs::read(&names).unwrap();
    desk.write(&[("420682102", "仙人渡镇")]);
    let (engine, _) = desk.start();
    engine.keep_snapshot().unwrap();
    let right = fs::read(&names).unwrap();

    fs::write(&names, &stale).unwrap();
    let (engine, phases) = desk.start();
    assert_eq!(phases, ANEW);
    assert_eq!(
        first(&engine, "仙人渡").unwrap(),
        "湖北省襄阳市老河口市仙人渡镇"
    );
    engine.keep_snapshot().unwrap();
    assert_eq!(
        fs::read(&names).unwrap()[..16],
        right[..16],
        "put right for the next start"
    );

    // The same length of the log, another content.
    let mut other = right.clone();
    other[8] ^= 1;
    fs::write(&names, &other).unwrap();
    assert_eq!(desk.start().1, ANEW);
}

#[test]
fn damaged_or_missing_names_are_indexed_anew() {
    let desk = Desk::new();
    let (engine, _) = desk.start();
    engine.keep_snapshot().unwrap();
    let names = desk.path("register.db.names");
    let right = fs::read(&names).unwrap();
    for length in [0, 7, 16, 30, right.len() - 1] {
        fs::write(&names, &right[..length]).unwrap();
        let (engine, phases) = desk.start();
        assert_eq!(phases, ANEW, "cut at {length}");
        assert!(first(&engine, "李楼").is_some());
    }
    let mut flipped = right.clone();
    flipped[right.len() / 2] ^= 4;
    fs::write(&names, &flipped).unwrap();
    assert_eq!(desk.start().1, ANEW);
    fs::remove_file(&names).unwrap();
    assert_eq!(desk.start().1, ANEW);
    fs::write(&names, &right).unwrap();
    assert_eq!(desk.start().1, [Phase::OpeningSnapshot]);
}

#[test]
fn two_that_keep_at_once_do_not_disturb_each_other() {
    let desk = Desk::new();
    for round in 0..20 {
        let code = format!("4206821{round:02}");
        desk.write(&[(&code, "新镇")]);
        let (engine, _) = desk.start();
        std::thread::scope(|scope| {
            let keepers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| engine.keep_snapshot()))
                .collect();
            for keeper in keepers {
                keeper.join().unwrap().unwrap();
            }
        });
        assert_eq!(desk.start().1, [Phase::OpeningSnapshot]);
    }
}

/// Two processes over one register are two engines that share no lock.
#[test]
fn two_engines_that_keep_at_once_leave_whole_files() {
    let desk = Desk::new();
    for round in 0..10 {
        let engines: Vec<Engine> = (0..4).map(|_| desk.start().0).collect();
        let code = format!("4206822{round:02}");
        desk.write(&[(&code, "新镇")]);
        std::thread::scope(|scope| {
            let keepers: Vec<_> = engines
                .iter()
                .map(|engine| {
                    scope.spawn(|| {
                        engine.refresh().unwrap();
                        engine.keep_snapshot()
                    })
                })
                .collect();
            for keeper in keepers {
                keeper.join().unwrap().unwrap();
            }
        });
        // The two files may be of different writers, but what they hold is the same.
        assert_eq!(desk.start().1, [Phase::OpeningSnapshot]);
    }
    let left = fs::read_dir(desk.folder.path()).unwrap().flatten();
    let mut left = left.map(|file| file.file_name().to_string_lossy().into_owned());
    assert!(!left.any(|name| name.ends_with("-part")));
}

#[test]
fn what_a_killed_writer_left_is_swept_away() {
    let desk = Desk::new();
    let old = desk.path("register.db.snapshot-1-0-part");
    let fresh = desk.path("register.db.snapshot-2-0-part");
    for path in [&old, &fresh] {
        fs::write(path, b"unfinished").unwrap();
    }
    let hours = std::time::Duration::from_hours(2);
    let long_ago = std::time::SystemTime::now() - hours;
    fs::File::options()
        .write(true)
        .open(&old)
        .and_then(|file| file.set_modified(long_ago))
        .unwrap();
    desk.start().0.keep_snapshot().unwrap();
    assert!(!old.exists() && fresh.exists());
}
