use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use tempfile::TempDir;
use zhifang_core::Collection;

use super::*;
use crate::contract::{self, Fresh, at, write_any};
use crate::register::Expect;
use crate::verify::{VerifyFault, VerifyFaultKind};

#[derive(Debug)]
struct InFolder(TempDir);

impl Fresh for InFolder {
    fn store(&self, name: &str) -> Arc<dyn Register> {
        Arc::new(SqliteRegister::open(self.0.path().join(format!("{name}.db"))).unwrap())
    }
}

#[test]
fn sqlite_keeps_the_contract_of_registers() {
    contract::run(&InFolder(TempDir::new().unwrap()));
}

fn in_folder() -> (TempDir, SqliteRegister) {
    let folder = TempDir::new().unwrap();
    let register = SqliteRegister::open(folder.path().join("register.db")).unwrap();
    (folder, register)
}

fn filled(commits: u32, rows: u32) -> (TempDir, SqliteRegister) {
    let (folder, register) = in_folder();
    for commit in 0..commits {
        let batch = (0..rows)
            .map(|row| write_any(&format!("n{commit}-{row}"), "汉江"))
            .collect();
        register.commit(batch, "cli", at(commit)).unwrap();
    }
    (folder, register)
}

/// What verification says after the file was changed behind the register's back.
fn faults_after(sql: &str) -> Vec<VerifyFault> {
    let (folder, register) = filled(4, 5);
    assert!(register.verify().unwrap().is_sound());
    let other = Connection::open(folder.path().join("register.db")).unwrap();
    other.execute_batch(sql).unwrap();
    register.verify().unwrap().faults
}

fn first(faults: &[VerifyFault]) -> (u64, VerifyFaultKind) {
    let fault = faults.first().unwrap();
    (fault.seq, fault.kind.clone())
}

#[test]
fn verification_names_the_first_entry_that_was_tampered_with() {
    use VerifyFaultKind::{Altered, BrokenSeal, Missing, Unreadable, Unsealed};
    let faults = |sql| first(&faults_after(sql));
    assert_eq!(
        faults("UPDATE version SET name = '长江' WHERE seq = 8"),
        (8, Altered)
    );
    assert_eq!(faults("DELETE FROM version WHERE seq = 13"), (13, Missing));
    assert_eq!(faults("DELETE FROM version WHERE seq > 18"), (19, Missing));
    assert_eq!(
        faults("DELETE FROM batch WHERE last_seq = 10"),
        (6, Unsealed)
    );
    // Author and time are under the seal of the commit.
    assert_eq!(
        faults("UPDATE batch SET by = 'x' WHERE last_seq = 15"),
        (11, BrokenSeal)
    );
    assert_eq!(
        faults("UPDATE batch SET at = 1 WHERE last_seq = 20"),
        (16, BrokenSeal)
    );
    // Two entries that change places.
    let swap = "UPDATE version SET seq = 99 WHERE seq = 7; UPDATE version SET seq = 7 \
                WHERE seq = 9; UPDATE version SET seq = 9 WHERE seq = 99";
    assert_eq!(faults(swap), (7, Altered));
    // A whole content with its own digest put in another's place.
    let copy = "UPDATE version SET (name, digest) = (SELECT name, digest FROM version \
                WHERE seq = 1) WHERE seq = 6";
    assert_eq!(faults(copy), (6, Altered));
    let (seq, kind) = faults("UPDATE version SET body = x'0109' WHERE seq = 3");
    assert_eq!((seq, kind), (3, Altered));
    let all = faults_after("UPDATE version SET body = x'07' WHERE seq = 3");
    assert!(all.iter().any(|fault| matches!(fault.kind, Unreadable(_))));
}

#[test]
fn a_damaged_page_is_found_and_is_no_panic() {
    let (folder, register) = filled(20, 50);
    let path = folder.path().join("register.db");
    register.empty_log();
    drop(register);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    match SqliteRegister::open(&path).and_then(|register| register.verify()) {
        Ok(report) => assert!(!report.is_sound()),
        Err(error) => assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}"),
    }
}

#[test]
fn other_files_are_refused_and_left_as_they_were() {
    let folder = TempDir::new().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "这不是数据库，只是一些文字。".repeat(200)).unwrap();
    let error = SqliteRegister::open(&text).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");

    let other = folder.path().join("other.db");
    Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE t (a)")
        .unwrap();
    let before = std::fs::read(&other).unwrap();
    let error = SqliteRegister::open(&other).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");
    assert_eq!(std::fs::read(&other).unwrap(), before);

    let error = SqliteRegister::open(folder.path().join("no/such/folder.db")).unwrap_err();
    assert!(
        matches!(error, StoreError::Open { .. }) && error.hint().is_some(),
        "{error:?}"
    );
}

#[test]
fn a_newer_format_is_refused() {
    let (folder, register) = in_folder();
    drop(register);
    let path = folder.path().join("register.db");
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let error = SqliteRegister::open(&path).unwrap_err();
    assert!(
        matches!(error, StoreError::Newer { found: 99, .. }),
        "{error:?}"
    );
}

#[test]
fn network_file_systems_are_told_by_the_longest_mount() {
    let mounts = "/dev/vda / ext4 rw 0 0\nserver:/x /mnt/my\\040share nfs4 rw 0 0\n";
    let kind = |folder: &str| open::file_system_of(Path::new(folder), mounts);
    assert_eq!(kind("/mnt/my share/register"), Some("nfs4"));
    assert_eq!(kind("/mnt/my shares"), Some("ext4"));
}

#[test]
fn a_full_disk_undoes_the_commit_and_no_more() {
    let (_folder, register) = filled(1, 10);
    let limit = |pages: i64| {
        let (writer, _) = register.writer().unwrap();
        writer
            .pragma_update_and_check(None, "max_page_count", pages, |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let pages = limit(1);
    let batch = (0..2_000)
        .map(|row| write_any(&format!("m{row}"), "长江"))
        .collect();
    let error = register.commit(batch, "cli", at(9)).unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
    assert_eq!(register.head().unwrap(), 10);
    limit(pages + 10_000);
    let receipt = register
        .commit(vec![write_any("m1", "长江")], "cli", at(10))
        .unwrap();
    assert_eq!(receipt.last_seq, 11);
    assert!(register.verify().unwrap().is_sound());
}

#[test]
fn a_writer_that_waits_too_long_is_told_busy_and_readers_go_on() {
    let (folder, mut register) = filled(1, 1);
    register.writer_wait = Duration::from_millis(200);
    let other = Connection::open(folder.path().join("register.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = register
        .commit(vec![write_any("x", "x")], "cli", at(1))
        .unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
    assert_eq!(register.head().unwrap(), 1);
    let _held = register.writer().unwrap();
    let error = register
        .commit(vec![write_any("x", "x")], "cli", at(1))
        .unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
}

#[test]
fn another_process_sees_a_commit_within_a_quarter_of_a_second() {
    let (folder, register) = filled(1, 1);
    let other = SqliteRegister::open(folder.path().join("register.db")).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let head = other.wait(1, Duration::from_secs(10)).unwrap();
            (head, Instant::now())
        });
        std::thread::sleep(Duration::from_millis(50));
        register
            .commit(vec![write_any("x", "x")], "cli", at(1))
            .unwrap();
        let done = Instant::now();
        let (head, seen) = waiting.join().unwrap();
        assert_eq!(head, 2);
        assert!(seen.saturating_duration_since(done) < Duration::from_millis(250));
    });
}

#[test]
fn two_processes_may_make_one_store_at_once() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("register.db");
    std::thread::scope(|scope| {
        let opened: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| SqliteRegister::open(&path).map(|_| ())))
            .collect();
        for one in opened {
            one.join().unwrap().unwrap();
        }
    });
}

/// Set for the process that the test below starts and kills.
const VICTIM: &str = "ZHIFANG_STORE_TEST_VICTIM";

#[test]
fn what_was_acknowledged_outlives_a_killed_process() {
    if let Ok(path) = std::env::var(VICTIM) {
        let register = SqliteRegister::open(path).unwrap();
        let start = register.head().unwrap();
        for number in start.. {
            let batch = (0..3)
                .map(|row| write_any(&format!("k{number}-{row}"), "汉江"))
                .collect();
            let receipt = register.commit(batch, "cli", at(1)).unwrap();
            println!("\nacknowledged {}", receipt.last_seq);
        }
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("register.db");
    let name = "sqlite::tests::what_was_acknowledged_outlives_a_killed_process";
    for round in 1..=6_u64 {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture", "--test-threads=1"])
            .env(VICTIM, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut acknowledged = 0;
        let mut heard = 0;
        for line in BufReader::new(victim.stdout.take().unwrap()).lines() {
            let Ok(line) = line else { break };
            if let Some(seq) = line.strip_prefix("acknowledged ") {
                acknowledged = seq.parse().unwrap();
                heard += 1;
            }
            if heard == round * 7 {
                victim.kill().unwrap(); // SIGKILL
            }
        }
        victim.wait().unwrap();
        assert!(heard >= round * 7, "the process ended by itself");
        let register = SqliteRegister::open(&path).unwrap();
        assert!(register.head().unwrap() >= acknowledged);
        let report = register.verify().unwrap();
        assert!(report.is_sound(), "{:?}", report.faults);
        assert_eq!(report.head % 3, 0, "a commit was cut in two");
    }
}

#[test]
fn a_refused_batch_leaves_no_trace() {
    let (_folder, register) = filled(1, 3);
    let mut batch: Vec<Write> = (0..50)
        .map(|row| write_any(&format!("b{row}"), "x"))
        .collect();
    batch.push(Write {
        expect: Expect::Absent,
        ..write_any("n0-1", "x")
    });
    assert!(register.commit(batch, "cli", at(5)).is_err());
    assert_eq!(register.head().unwrap(), 3);
    let key = RecordKey::new(Collection::Names, "b0");
    assert_eq!(register.record(&key).unwrap(), None);
}
