//! Whole registers: backup, restore, verification.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags, params};

use crate::error::{Cause, StoreError};
use crate::raw::{Interner, RawBatch, RawUser, RawVersion, VersionSource, VersionVisitor};
use crate::verify::{Verifier, VerifyFaultKind, VerifyReport};

use super::account::{insert_raw, raw_users};
use super::read::{batches, head};
use super::write::source_id;
use super::{SqliteRegister, fault, open};

/// Passes on every row of the change log, ascending.
fn each_version(
    connection: &Connection,
    place: &str,
    visit: &mut VersionVisitor<'_>,
) -> Result<(), StoreError> {
    let failed = fault(place, "read the change log");
    let mut interner = Interner::default();
    let mut statement = connection
        .prepare_cached(
            "SELECT v.seq, v.collection, v.id, v.version, v.operation, v.previous, s.text, \
             v.name, v.body, v.geometry, v.digest \
             FROM version v LEFT JOIN source s ON s.id = v.source ORDER BY v.seq",
        )
        .map_err(&failed)?;
    let mut rows = statement.query([]).map_err(&failed)?;
    while let Some(row) = rows.next().map_err(&failed)? {
        let mut read = || -> rusqlite::Result<RawVersion> {
            let source = row.get_ref(6)?.as_str_or_null()?.unwrap_or_default();
            Ok(RawVersion {
                seq: row.get(0)?,
                collection: row.get(1)?,
                id: row.get(2)?,
                version: row.get(3)?,
                operation: row.get(4)?,
                previous: row.get(5)?,
                source: interner.intern(source),
                name: row.get(7)?,
                body: row.get(8)?,
                geometry: row.get(9)?,
                digest: row.get(10)?,
            })
        };
        visit(read().map_err(&failed)?)?;
    }
    Ok(())
}

/// Verifies the register behind the connection, the database's own structure included.
pub(super) fn verify(connection: &Connection, place: &str) -> Result<VerifyReport, StoreError> {
    let failed = fault(place, "verify");
    let transaction = connection.unchecked_transaction().map_err(&failed)?;
    let verified = verify_rows(&transaction, place);
    drop(transaction);
    verified
}

fn verify_rows(connection: &Connection, place: &str) -> Result<VerifyReport, StoreError> {
    let failed = fault(place, "verify");
    let (mut verifier, rows) = match batches(connection) {
        Ok(batches) => {
            let mut verifier = Verifier::new(batches);
            let rows = each_version(connection, place, &mut |row| {
                verifier.version(&row);
                Ok(())
            });
            (verifier, rows)
        }
        Err(error) => (Verifier::new(Vec::new()), Err(failed(error))),
    };
    match rows {
        Ok(()) => {}
        Err(StoreError::Corrupt { seq, reason, .. }) => {
            verifier.fault(seq.unwrap_or(0), VerifyFaultKind::Database(reason));
        }
        Err(StoreError::Database { source, .. }) => {
            verifier.fault(0, VerifyFaultKind::Database(source.to_string()));
        }
        Err(other) => return Err(other),
    }
    let structure: Vec<String> = connection
        .prepare("PRAGMA integrity_check(10)")
        .and_then(|mut check| check.query_map([], |row| row.get(0))?.collect())
        .map_err(&failed)?;
    for line in structure.into_iter().filter(|line| line != "ok") {
        verifier.fault(0, VerifyFaultKind::Database(line));
    }
    Ok(verifier.finish())
}

/// Where a backup grows before it gets its name.
fn partial(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".partial");
    path.with_file_name(name)
}

fn no_backup<E: Into<Cause>>(path: &Path) -> impl Fn(E) -> StoreError {
    move |error| StoreError::Backup {
        path: path.to_path_buf(),
        source: error.into(),
    }
}

/// Makes a backup file under another name and, when it is whole and on disk, gives it its own.
pub(crate) fn make_backup(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    if path.exists() {
        return Err(StoreError::BackupExists {
            path: path.to_path_buf(),
        });
    }
    let growing = partial(path);
    let failed = no_backup::<std::io::Error>(path);
    let _ = std::fs::remove_file(&growing);
    let made = fill(&growing).and_then(|()| {
        std::fs::File::open(&growing)
            .and_then(|file| file.sync_all())
            .map_err(&failed)?;
        std::fs::rename(&growing, path).map_err(&failed)?;
        open::sync_folder(path).map_err(&failed)
    });
    if made.is_err() {
        let _ = std::fs::remove_file(&growing);
    }
    made
}

impl SqliteRegister {
    pub(super) fn write_backup(&self, path: &Path) -> Result<(), StoreError> {
        make_backup(path, |growing| {
            self.read(|connection| {
                // One statement, one state: paged copying would begin anew at every commit of
                // another process, and never end.
                let target = growing.to_string_lossy();
                connection
                    .execute("VACUUM INTO ?1", [target.as_ref()])
                    .map(|_| ())
                    .map_err(no_backup(path))
            })
        })
    }

    /// Writes rows as stored elsewhere into this store, which must be empty.
    pub(crate) fn take_in(
        &self,
        batches: &[RawBatch],
        users: &[RawUser],
        rows: &mut VersionSource<'_>,
    ) -> Result<u64, StoreError> {
        let failed = self.fault("restore");
        let head = self.write("restore", |connection| {
            let found = head(connection).map_err(&failed)?;
            let known = raw_users(connection, "LIMIT 1", []).map_err(&failed)?;
            if found > 0 || !known.is_empty() {
                return Err(StoreError::NotEmpty {
                    place: self.place.clone(),
                    head: found,
                });
            }
            let mut last: Option<(Arc<str>, i64)> = None;
            rows(&mut |row| {
                let source = match &last {
                    Some((text, id)) if *text == row.source => *id,
                    _ => source_id(connection, &row.source).map_err(&failed)?,
                };
                last = Some((Arc::clone(&row.source), source));
                insert_version(connection, &row, source).map_err(&failed)
            })?;
            for batch in batches {
                connection
                    .prepare_cached(
                        "INSERT INTO batch (last_seq, first_seq, at, by, seal) \
                         VALUES (?1, ?2, ?3, ?4, ?5)",
                    )
                    .and_then(|mut insert| {
                        insert.execute(params![
                            batch.last,
                            batch.first,
                            batch.at,
                            &*batch.by,
                            batch.seal
                        ])
                    })
                    .map_err(&failed)?;
            }
            for user in users {
                insert_raw(connection, user).map_err(&failed)?;
            }
            Ok(batches.last().map_or(0, |batch| batch.last))
        })?;
        self.pulse.raise(head);
        self.empty_log();
        Ok(head)
    }

    /// Turns the store into a single file without write-ahead log, as a backup is.
    #[cfg(feature = "postgis")]
    pub(crate) fn settle(self) -> Result<(), StoreError> {
        let (writer, _) = self.writer()?;
        writer
            .pragma_update_and_check(None, "journal_mode", "delete", |row| {
                row.get::<_, String>(0)
            })
            .map(|_| ())
            .map_err(self.fault("finish the backup"))
    }
}

fn insert_version(
    connection: &Connection,
    row: &RawVersion,
    source: i64,
) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "INSERT INTO version (seq, collection, id, version, operation, previous, source, \
             name, body, geometry, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            row.seq,
            row.collection,
            row.id,
            row.version,
            row.operation,
            row.previous,
            source,
            row.name,
            row.body,
            row.geometry,
            row.digest
        ])
        .map(|_| ())
}

/// A backup file, opened for reading; it is not changed.
#[derive(Debug)]
pub(crate) struct Backup {
    connection: Connection,
    place: String,
}

impl Backup {
    /// Opens and verifies the file.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let place = path.display().to_string();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).map_err(|error| StoreError::Open {
                place: place.clone(),
                source: Box::new(error),
            })?;
        open::refuse_foreign(&connection, &place)?;
        let known = open::format_of(&connection).map_err(fault(&place, "read the format"))?;
        if known == 0 {
            let reason = "the database is empty".to_owned();
            return Err(StoreError::Foreign { place, reason });
        }
        let report = verify(&connection, &place)?;
        if let Some(first) = report.faults.first() {
            return Err(StoreError::Corrupt {
                place,
                seq: Some(first.seq),
                reason: first.kind.to_string(),
            });
        }
        Ok(Self { connection, place })
    }

    /// All commits, ascending.
    pub(crate) fn batches(&self) -> Result<Vec<RawBatch>, StoreError> {
        batches(&self.connection).map_err(fault(&self.place, "read the commits"))
    }

    /// All users.
    pub(crate) fn users(&self) -> Result<Vec<RawUser>, StoreError> {
        raw_users(&self.connection, "ORDER BY name", [])
            .map_err(fault(&self.place, "read the users"))
    }

    /// Passes on every row of the change log, ascending.
    pub(crate) fn each_version(&self, visit: &mut VersionVisitor<'_>) -> Result<(), StoreError> {
        each_version(&self.connection, &self.place, visit)
    }

    /// Copies it into an empty SQLite store.
    pub(super) fn restore_into(&self, target: &SqliteRegister) -> Result<u64, StoreError> {
        target.take_in(&self.batches()?, &self.users()?, &mut |visit| {
            self.each_version(visit)
        })
    }
}
