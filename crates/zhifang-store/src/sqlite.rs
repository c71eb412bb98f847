//! The register in one SQLite file: write-ahead log, every commit synced to disk.

mod account;
mod copy;
mod open;
mod read;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};
use zhifang_core::{Change, CodePrefix, Record, RecordKey, Role, Timestamp};

use crate::codec::CodecError;
use crate::error::StoreError;
use crate::gate::{Gate, Held};
use crate::pulse::Pulse;
use crate::register::{Receipt, Register, TokenHash, User, Write};
use crate::verify::VerifyReport;

pub(crate) use copy::Backup;
#[cfg(feature = "postgis")]
pub(crate) use copy::make_backup;

/// How long a writer waits for its turn.
const WRITER_WAIT: Duration = Duration::from_secs(30);

/// How often a waiting reader looks for commits of other processes.
const POLL: Duration = Duration::from_millis(100);

/// Read connections kept open.
const MAX_IDLE_READERS: usize = 8;

/// The register on SQLite.
///
/// One connection writes, others read; readers never wait for the writer. Several processes of
/// one machine may use one file.
#[derive(Debug)]
pub struct SqliteRegister {
    path: PathBuf,
    place: String,
    writer: Gate<Connection>,
    readers: Mutex<Vec<Connection>>,
    pulse: Pulse,
    writer_wait: Duration,
}

impl SqliteRegister {
    /// Opens the file, making it and its tables where they are not there yet.
    ///
    /// # Errors
    /// Why it cannot be opened: [`StoreError::Open`], [`StoreError::NetworkFs`],
    /// [`StoreError::Foreign`], [`StoreError::Newer`], [`StoreError::Busy`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref().to_path_buf();
        let place = format!("sqlite:{}", path.display());
        open::refuse_network_fs(&path)?;
        let writer = open::open_writer(&path, &place)?;
        Ok(Self {
            path,
            place,
            writer: Gate::new(writer),
            readers: Mutex::new(Vec::new()),
            pulse: Pulse::default(),
            writer_wait: WRITER_WAIT,
        })
    }

    /// Runs a read on a connection of its own.
    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open::open_reader(&self.path, &self.place)?,
        };
        let answer = work(&connection);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if answer.is_ok() && readers.len() < MAX_IDLE_READERS {
            readers.push(connection);
        }
        answer
    }

    /// The writer's connection, and how long it may still wait for other processes.
    fn writer(&self) -> Result<(Held<'_, Connection>, Duration), StoreError> {
        let start = Instant::now();
        let writer = self
            .writer
            .take(self.writer_wait)
            .ok_or_else(|| self.busy())?;
        Ok((writer, self.writer_wait.saturating_sub(start.elapsed())))
    }

    fn busy(&self) -> StoreError {
        StoreError::Busy {
            place: self.place.clone(),
            seconds: self.writer_wait.as_secs(),
        }
    }

    /// Turns a driver's error into ours.
    fn fault(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
        fault(&self.place, doing)
    }

    fn corrupt(&self, seq: u64) -> impl Fn(CodecError) -> StoreError {
        move |reason| StoreError::Corrupt {
            place: self.place.clone(),
            seq: Some(seq),
            reason: reason.0,
        }
    }
}

/// Turns a driver's error into ours.
fn fault(place: &str, doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| {
        let place = place.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy {
                place,
                seconds: WRITER_WAIT.as_secs(),
            },
            Some(ErrorCode::DiskFull) => StoreError::DiskFull { place },
            Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { place },
            Some(ErrorCode::DatabaseCorrupt) => StoreError::Corrupt {
                place,
                seq: None,
                reason: error.to_string(),
            },
            Some(ErrorCode::NotADatabase) => StoreError::Foreign {
                place,
                reason: "the file is no SQLite database".to_owned(),
            },
            _ => StoreError::Database {
                place,
                doing,
                source: Box::new(error),
            },
        }
    }
}

impl Register for SqliteRegister {
    fn head(&self) -> Result<u64, StoreError> {
        self.read(|connection| read::head(connection).map_err(self.fault("read the head")))
    }

    fn load(&self, visit: &mut dyn FnMut(Record)) -> Result<u64, StoreError> {
        self.read_load(visit)
    }

    fn record(&self, key: &RecordKey) -> Result<Option<Record>, StoreError> {
        self.read_record(key)
    }

    fn history(&self, key: &RecordKey) -> Result<Vec<Change>, StoreError> {
        self.read_history(key)
    }

    fn changes(&self, since: u64, limit: usize) -> Result<Vec<Change>, StoreError> {
        self.read_changes(since, limit)
    }

    fn differing_since(
        &self,
        at: Timestamp,
    ) -> Result<Vec<(RecordKey, Option<Record>)>, StoreError> {
        self.read_differing(at)
    }

    fn commit(&self, batch: Vec<Write>, by: &str, at: Timestamp) -> Result<Receipt, StoreError> {
        self.write_batch(batch, by, at)
    }

    fn wait(&self, since: u64, timeout: Duration) -> Result<u64, StoreError> {
        let start = Instant::now();
        loop {
            let head = self.head()?;
            self.pulse.raise(head);
            let left = timeout.saturating_sub(start.elapsed());
            if head > since || left.is_zero() {
                return Ok(head);
            }
            self.pulse.wait(since, left.min(POLL));
        }
    }

    fn users(&self) -> Result<Vec<User>, StoreError> {
        self.read_users()
    }

    fn add_user(
        &self,
        name: &str,
        role: Role,
        division: Option<CodePrefix>,
        token_hash: &TokenHash,
    ) -> Result<User, StoreError> {
        self.write_user(name, role, division, token_hash)
    }

    fn find_token(&self, token_hash: &TokenHash) -> Result<Option<User>, StoreError> {
        self.read_token(token_hash)
    }

    fn revoke(&self, name: &str) -> Result<(), StoreError> {
        self.write_revocation(name)
    }

    fn replace_token(&self, name: &str, token_hash: &TokenHash) -> Result<User, StoreError> {
        self.write_token(name, token_hash, false)
    }

    fn restore_user(&self, name: &str, token_hash: &TokenHash) -> Result<User, StoreError> {
        self.write_token(name, token_hash, true)
    }

    fn verify(&self) -> Result<VerifyReport, StoreError> {
        self.read(|connection| copy::verify(connection, &self.place))
    }

    fn backup(&self, path: &Path) -> Result<(), StoreError> {
        self.write_backup(path)
    }

    fn restore(&self, path: &Path) -> Result<u64, StoreError> {
        Backup::open(path)?.restore_into(self)
    }

    fn place(&self) -> &str {
        &self.place
    }
}

#[cfg(test)]
mod tests;
