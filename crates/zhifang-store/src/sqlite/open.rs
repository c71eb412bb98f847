//! Opening the file: where it lies, what it is, which format it has.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::error::StoreError;

use super::{WRITER_WAIT, fault};

/// Marks a file as ours (`PRAGMA application_id`): the letters ZFNG.
pub(super) const APPLICATION_ID: i64 = 0x5a46_4e47;

/// Steps from one format to the next; the format is their number (`PRAGMA user_version`).
const MIGRATIONS: &[&str] = &[include_str!("../../migrations/sqlite/0001_register.sql")];

/// File systems that several machines share: the write-ahead log needs shared memory and would
/// lose commits there (sqlite.org/wal.html, "Disadvantages").
const NETWORK_FILE_SYSTEMS: &[&str] = &[
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "smb3",
    "smbfs",
    "fuse.ceph",
    "fuse.glusterfs",
    "fuse.s3fs",
    "fuse.sshfs",
    "fuse.rclone",
];

/// An error if the file would lie on a network file system. Told by the kernel's table of mounts;
/// where there is none (not Linux) nothing is refused.
pub(super) fn refuse_network_fs(path: &Path) -> Result<(), StoreError> {
    let Ok(mounts) = std::fs::read_to_string("/proc/self/mounts") else {
        return Ok(());
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let Ok(folder) = folder.unwrap_or(Path::new(".")).canonicalize() else {
        return Ok(());
    };
    match file_system_of(&folder, &mounts) {
        Some(kind) if NETWORK_FILE_SYSTEMS.contains(&kind) => Err(StoreError::NetworkFs {
            path: path.to_path_buf(),
            kind: kind.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Type of the file system mounted at the longest prefix of the folder; of several mounted at
/// one place the last counts.
pub(super) fn file_system_of<'a>(folder: &Path, mounts: &'a str) -> Option<&'a str> {
    mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            // The kernel writes a blank in a path as \040.
            let place = words.next()?.replace("\\040", " ");
            Some((place, words.next()?))
        })
        .filter(|(place, _)| folder.starts_with(place))
        .max_by_key(|(place, _)| place.len())
        .map(|(_, kind)| kind)
}

fn cannot_open(place: &str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) | None => StoreError::Open {
            place: place.to_owned(),
            source: Box::new(error),
        },
        _ => fault(place, "open the file")(error),
    }
}

/// The writer's connection to a file of the newest format.
pub(super) fn open_writer(path: &Path, place: &str) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(cannot_open(place))?;
    connection
        .busy_timeout(WRITER_WAIT)
        .map_err(cannot_open(place))?;
    refuse_foreign(&connection, place)?;
    use_write_ahead_log(&connection, place)?;
    let set = |name: &str, value: i64| {
        connection
            .pragma_update(None, name, value)
            .map_err(cannot_open(place))
    };
    // 2 = FULL: a commit is on disk when it returns.
    set("synchronous", 2)?;
    // Kibibytes when negative: keys of an import come in any order.
    set("cache_size", -65_536)?;
    set("journal_size_limit", 16 * 1024 * 1024)?;
    migrate(&mut connection, place)?;
    Ok(connection)
}

/// A connection that only reads.
pub(super) fn open_reader(path: &Path, place: &str) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(cannot_open(place))?;
    connection
        .busy_timeout(WRITER_WAIT)
        .map_err(cannot_open(place))?;
    Ok(connection)
}

/// The newest format.
fn format_known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Format of the file; 0 when it is empty.
pub(super) fn format_of(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// An error if the file is something else, or newer than we.
pub(super) fn refuse_foreign(connection: &Connection, place: &str) -> Result<(), StoreError> {
    let ask = || -> rusqlite::Result<(i64, i64, i64)> {
        let tables =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let format = format_of(connection)?;
        // The id last: another process may make the register between two of these reads, and its
        // tables never stand without its id.
        let id = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        Ok((id, tables, format))
    };
    let (id, tables, format) = ask().map_err(cannot_open(place))?;
    if id != APPLICATION_ID && (tables > 0 || format > 0) {
        let reason = "the database belongs to another program".to_owned();
        return Err(StoreError::Foreign {
            place: place.to_owned(),
            reason,
        });
    }
    let known = format_known();
    if format > known {
        return Err(StoreError::Newer {
            place: place.to_owned(),
            found: format,
            known,
        });
    }
    Ok(())
}

/// SQLite does not wait for others here, whatever its timeout.
fn use_write_ahead_log(connection: &Connection, place: &str) -> Result<(), StoreError> {
    let start = Instant::now();
    loop {
        let mode = connection
            .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0));
        match mode {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                let source = format!("the journal mode is `{mode}`, wanted `wal`").into();
                return Err(StoreError::Open {
                    place: place.to_owned(),
                    source,
                });
            }
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && start.elapsed() < WRITER_WAIT =>
            {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(cannot_open(place)(error)),
        }
    }
}

fn migrate(connection: &mut Connection, place: &str) -> Result<(), StoreError> {
    let known = format_known();
    if format_of(connection).map_err(cannot_open(place))? == known {
        return Ok(());
    }
    let failed = fault(place, "bring the tables up to date");
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(&failed)?;
    // Another process may have done it while this one waited.
    let format = format_of(&transaction).map_err(&failed)?;
    for step in MIGRATIONS.iter().skip(usize::try_from(format).unwrap_or(0)) {
        transaction.execute_batch(step).map_err(&failed)?;
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(&failed)?;
    transaction
        .pragma_update(None, "user_version", known)
        .map_err(&failed)?;
    transaction.commit().map_err(&failed)
}

/// Syncs a folder, so that a file's new name in it is on disk.
pub(super) fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    std::fs::File::open(folder.map_or_else(|| PathBuf::from("."), Path::to_path_buf))?.sync_all()
}
