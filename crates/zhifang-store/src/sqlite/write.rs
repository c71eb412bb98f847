//! Commits to the file.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use zhifang_core::{Operation, Record, Timestamp};

use crate::codec::{collection_number, encode, operation_number};
use crate::decision::{Current, Decision, decide};
use crate::error::StoreError;
use crate::register::{Receipt, Write};
use crate::seal::{Content, Digest, NO_SEAL, Previous, Sealer, digest};

use super::SqliteRegister;
use super::open::open_writer;

/// Versions in a commit from which the write-ahead log is emptied at once: it would else stay as
/// large on disk as the commit was.
const LARGE_COMMIT: u64 = 5_000;

impl SqliteRegister {
    /// Runs a write as one transaction that holds the writer's lock from its beginning.
    pub(super) fn write<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let failed = self.fault(doing);
        let (mut writer, left) = self.writer()?;
        writer.busy_timeout(left).map_err(&failed)?;
        let answer = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)
            .and_then(|transaction| {
                let answer = work(&transaction)?;
                transaction.commit().map_err(&failed)?;
                Ok(answer)
            });
        if !writer.is_autocommit() {
            // The disk failed so that not even undoing worked: only a new connection, which
            // recovers the log from what is on disk, knows where the register stands.
            *writer = open_writer(&self.path, &self.place)?;
        }
        answer
    }

    pub(super) fn write_batch(
        &self,
        batch: Vec<Write>,
        by: &str,
        at: Timestamp,
    ) -> Result<Receipt, StoreError> {
        let receipt = self.write("write the changes", |transaction| {
            let mut pen = Pen::new(self, transaction, by, at)?;
            for write in batch {
                pen.write(write)?;
            }
            pen.finish()
        })?;
        self.pulse.raise(receipt.last_seq);
        if receipt.changed() >= LARGE_COMMIT {
            self.empty_log();
        }
        Ok(receipt)
    }

    /// Moves the write-ahead log into the file and cuts it. A reader may hinder it: then it is
    /// left for the next time.
    pub(super) fn empty_log(&self) {
        if let Ok((writer, _)) = self.writer() {
            let short = std::time::Duration::from_millis(500);
            let _ = writer.busy_timeout(short);
            let _ = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                row.get::<_, i64>(0)
            });
        }
    }
}

/// Writes one commit.
struct Pen<'a> {
    register: &'a SqliteRegister,
    connection: &'a Connection,
    by: Arc<str>,
    at: Timestamp,
    first: u64,
    next: u64,
    sealer: Sealer,
    /// The source written last: most batches have one.
    source: Option<(Arc<str>, i64)>,
    receipt: Receipt,
}

impl<'a> Pen<'a> {
    fn new(
        register: &'a SqliteRegister,
        connection: &'a Connection,
        by: &str,
        at: Timestamp,
    ) -> Result<Self, StoreError> {
        let last: Option<(u64, Vec<u8>)> = connection
            .query_row(
                "SELECT last_seq, seal FROM batch ORDER BY last_seq DESC LIMIT 1",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()
            .map_err(register.fault("read the head"))?;
        let (head, seal) = last.unwrap_or_else(|| (0, NO_SEAL.to_vec()));
        Ok(Self {
            register,
            connection,
            by: Arc::from(by),
            at,
            first: head + 1,
            next: head + 1,
            sealer: Sealer::new(&seal),
            source: None,
            receipt: Receipt::default(),
        })
    }

    fn write(&mut self, write: Write) -> Result<(), StoreError> {
        let Write { mut record, expect } = write;
        let encoded = encode(&record).map_err(|fault| StoreError::Unstorable {
            key: record.key(),
            reason: fault.0,
        })?;
        let current = self.current(&record)?;
        let decision = decide(
            expect,
            current.as_ref(),
            &record.source,
            &record.name,
            &encoded,
        )
        .map_err(|fault| StoreError::Corrupt {
            place: self.register.place.clone(),
            seq: current
                .as_ref()
                .map(|current| current.place.seq(self.first)),
            reason: fault.0,
        })?;
        match decision {
            Decision::Conflict => {
                let found = self.found(&record, current.as_ref())?.map(Box::new);
                Err(StoreError::Conflict {
                    key: record.key(),
                    expected: expect,
                    found,
                })
            }
            Decision::Unchanged => {
                let found = self.found(&record, current.as_ref())?;
                self.receipt.unchanged.push(self.receipt.records.len());
                self.receipt.records.push(found.unwrap_or(record));
                Ok(())
            }
            Decision::Store {
                operation,
                version,
                previous,
            } => {
                record.version = version;
                record.updated_at = self.at;
                record.updated_by = Arc::clone(&self.by);
                let offset = self.next - self.first;
                let digest = digest(&Content {
                    offset,
                    collection: collection_number(record.collection),
                    id: &record.id,
                    version,
                    operation: operation_number(operation),
                    previous,
                    source: &record.source,
                    name: &record.name,
                    body: &encoded.body,
                    geometry: encoded.geometry.as_deref(),
                });
                self.insert(&record, operation, previous, &encoded, &digest)?;
                self.sealer.add(&digest);
                self.next += 1;
                self.receipt.records.push(record);
                Ok(())
            }
        }
    }

    fn current(&self, record: &Record) -> Result<Option<Current>, StoreError> {
        let ask = || -> rusqlite::Result<Option<Current>> {
            self.connection
                .prepare_cached(
                    "SELECT v.seq, v.version, s.text, v.name, v.body, v.geometry \
                     FROM version v JOIN source s ON s.id = v.source \
                     WHERE v.collection = ?1 AND v.id = ?2 ORDER BY v.version DESC LIMIT 1",
                )?
                .query_row(
                    params![collection_number(record.collection), &*record.id],
                    |row| {
                        Ok(Current {
                            place: Previous::of(row.get(0)?, self.first),
                            version: row.get(1)?,
                            source: row.get(2)?,
                            name: row.get(3)?,
                            body: row.get(4)?,
                            geometry: row.get(5)?,
                        })
                    },
                )
                .optional()
        };
        ask().map_err(self.register.fault("look up the record"))
    }

    /// The whole record that the register has under the key.
    fn found(
        &self,
        record: &Record,
        current: Option<&Current>,
    ) -> Result<Option<Record>, StoreError> {
        match current.map(|current| current.place) {
            None => Ok(None),
            // Written by this very commit, of which there is no row yet.
            Some(Previous::Offset(_)) => {
                let is_same =
                    |one: &&Record| one.collection == record.collection && one.id == record.id;
                Ok(self.receipt.records.iter().rfind(is_same).cloned())
            }
            Some(_) => self.register.current(self.connection, &record.key()),
        }
    }

    fn insert(
        &mut self,
        record: &Record,
        operation: Operation,
        previous: Previous,
        encoded: &crate::codec::Encoded,
        digest: &Digest,
    ) -> Result<(), StoreError> {
        let failed = self.register.fault("write the changes");
        let source = self.source_id(&record.source).map_err(&failed)?;
        self.connection
            .prepare_cached(
                "INSERT INTO version (seq, collection, id, version, operation, previous, source, \
                 name, body, geometry, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
                 ?11)",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    self.next,
                    collection_number(record.collection),
                    &*record.id,
                    record.version,
                    operation_number(operation),
                    previous.seq(self.first),
                    source,
                    &*record.name,
                    encoded.body,
                    encoded.geometry,
                    digest,
                ])
            })
            .map_err(&failed)?;
        Ok(())
    }

    fn source_id(&mut self, text: &Arc<str>) -> rusqlite::Result<i64> {
        if let Some((known, id)) = &self.source
            && known == text
        {
            return Ok(*id);
        }
        let id = source_id(self.connection, text)?;
        self.source = Some((Arc::clone(text), id));
        Ok(id)
    }

    fn finish(mut self) -> Result<Receipt, StoreError> {
        self.receipt.first_seq = self.first;
        self.receipt.last_seq = self.next - 1;
        if self.next > self.first {
            let (last, at) = (self.next - 1, self.at.micros());
            let seal = self.sealer.finish(self.first, last, at, &self.by);
            self.connection
                .execute(
                    "INSERT INTO batch (last_seq, first_seq, at, by, seal) \
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![last, self.first, at, &*self.by, seal],
                )
                .map_err(self.register.fault("write the changes"))?;
        }
        Ok(self.receipt)
    }
}

/// Row number of a source, made where it is new.
pub(super) fn source_id(connection: &Connection, text: &str) -> rusqlite::Result<i64> {
    let known = connection
        .prepare_cached("SELECT id FROM source WHERE text = ?1")?
        .query_row([text], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    connection
        .prepare_cached("INSERT INTO source (text) VALUES (?1)")?
        .insert([text])
}
