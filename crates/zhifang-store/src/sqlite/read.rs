//! Questions to the file.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, params};
use zhifang_core::{Change, Record, RecordKey, Timestamp};

use crate::codec::{Stored, collection_number, collection_of, decode, operation_of};
use crate::error::StoreError;
use crate::raw::{Batches, Interner, RawBatch};

use super::SqliteRegister;

/// A version with what stands in other tables; ends before `WHERE`.
const SELECT: &str = "SELECT v.seq, v.collection, v.id, v.version, v.operation, v.previous, \
    v.name, v.body, v.geometry, s.text, b.at, b.by \
    FROM version v JOIN source s ON s.id = v.source \
    JOIN batch b ON b.last_seq = (SELECT min(last_seq) FROM batch WHERE last_seq >= v.seq) ";

/// Last seq in the log.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT last_seq FROM batch ORDER BY last_seq DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()
        .map(Option::unwrap_or_default)
}

/// All commits, ascending.
pub(super) fn batches(connection: &Connection) -> rusqlite::Result<Vec<RawBatch>> {
    let mut interner = Interner::default();
    connection
        .prepare_cached("SELECT first_seq, last_seq, at, by, seal FROM batch ORDER BY last_seq")?
        .query_map([], |row| {
            Ok(RawBatch {
                first: row.get(0)?,
                last: row.get(1)?,
                at: row.get(2)?,
                by: interner.intern(row.get_ref(3)?.as_str()?),
                seal: row.get(4)?,
            })
        })?
        .collect()
}

/// A version as an entry of the log, without the version before.
struct Entry {
    seq: u64,
    previous: u64,
    operation: u8,
    record: Record,
}

impl SqliteRegister {
    /// Runs a read that sees one state throughout.
    fn read_at_once<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.read(|connection| {
            let failed = self.fault("begin a read");
            let transaction = connection.unchecked_transaction().map_err(&failed)?;
            let answer = work(&transaction)?;
            transaction.commit().map_err(&failed)?;
            Ok(answer)
        })
    }

    fn entry(&self, row: &Row<'_>, interner: &mut Interner) -> Result<Entry, StoreError> {
        let failed = self.fault("read the change log");
        let text = |at: usize| row.get_ref(at).and_then(|value| Ok(value.as_str()?));
        let seq: u64 = row.get(0).map_err(&failed)?;
        let read = || -> rusqlite::Result<(Stored<'_>, u8, u64)> {
            let stored = Stored {
                collection: row.get(1)?,
                id: text(2)?,
                version: row.get(3)?,
                name: text(6)?,
                body: row.get_ref(7)?.as_blob()?,
                geometry: row.get_ref(8)?.as_blob_or_null()?,
                source: Arc::from(""),
                at: row.get(10)?,
                by: Arc::from(""),
            };
            Ok((stored, row.get(4)?, row.get(5)?))
        };
        let (mut stored, operation, previous) = read().map_err(&failed)?;
        stored.source = interner.intern(text(9).map_err(&failed)?);
        stored.by = interner.intern(text(11).map_err(&failed)?);
        let record = decode(stored).map_err(self.corrupt(seq))?;
        Ok(Entry {
            seq,
            previous,
            operation,
            record,
        })
    }

    /// The entries of a query that begins with [`SELECT`].
    fn entries(
        &self,
        connection: &Connection,
        condition: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<Entry>, StoreError> {
        let failed = self.fault("read the change log");
        let mut interner = Interner::default();
        let mut statement = connection
            .prepare_cached(&format!("{SELECT}{condition}"))
            .map_err(&failed)?;
        let mut rows = statement.query(parameters).map_err(&failed)?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            entries.push(self.entry(row, &mut interner)?);
        }
        Ok(entries)
    }

    /// The record of the version with this seq.
    pub(super) fn version(
        &self,
        connection: &Connection,
        seq: u64,
    ) -> Result<Option<Record>, StoreError> {
        let entries = self.entries(connection, "WHERE v.seq = ?1", [seq])?;
        Ok(entries.into_iter().next().map(|entry| entry.record))
    }

    /// The record's current version.
    pub(super) fn current(
        &self,
        connection: &Connection,
        key: &RecordKey,
    ) -> Result<Option<Record>, StoreError> {
        let entries = self.entries(
            connection,
            "WHERE v.collection = ?1 AND v.id = ?2 ORDER BY v.version DESC LIMIT 1",
            params![collection_number(key.collection), &*key.id],
        )?;
        Ok(entries.into_iter().next().map(|entry| entry.record))
    }

    fn change(&self, entry: Entry, before: Option<Record>) -> Result<Change, StoreError> {
        if before.is_none() && entry.previous != 0 {
            return Err(StoreError::Corrupt {
                place: self.place.clone(),
                seq: Some(entry.previous),
                reason: format!("change {} is made on it, and it is not there", entry.seq),
            });
        }
        Ok(Change {
            seq: entry.seq,
            at: entry.record.updated_at,
            by: Arc::clone(&entry.record.updated_by),
            operation: operation_of(entry.operation).map_err(self.corrupt(entry.seq))?,
            before,
            after: entry.record,
        })
    }

    pub(super) fn read_record(&self, key: &RecordKey) -> Result<Option<Record>, StoreError> {
        self.read(|connection| self.current(connection, key))
    }

    pub(super) fn read_history(&self, key: &RecordKey) -> Result<Vec<Change>, StoreError> {
        let entries = self.read(|connection| {
            self.entries(
                connection,
                "WHERE v.collection = ?1 AND v.id = ?2 ORDER BY v.version",
                params![collection_number(key.collection), &*key.id],
            )
        })?;
        let mut before = None;
        entries
            .into_iter()
            .map(|entry| {
                let after = entry.record.clone();
                self.change(entry, before.replace(after))
            })
            .collect()
    }

    pub(super) fn read_changes(&self, since: u64, limit: usize) -> Result<Vec<Change>, StoreError> {
        self.read_at_once(|connection| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let since = i64::try_from(since).unwrap_or(i64::MAX);
            self.entries(
                connection,
                "WHERE v.seq > ?1 ORDER BY v.seq LIMIT ?2",
                params![since, limit],
            )?
            .into_iter()
            .map(|entry| {
                let before = match entry.previous {
                    0 => None,
                    previous => self.version(connection, previous)?,
                };
                self.change(entry, before)
            })
            .collect()
        })
    }

    pub(super) fn read_differing(
        &self,
        at: Timestamp,
    ) -> Result<Vec<(RecordKey, Option<Record>)>, StoreError> {
        let failed = self.fault("read what has changed");
        self.read_at_once(|connection| {
            let known: u64 = connection
                .prepare_cached("SELECT ifnull(max(last_seq), 0) FROM batch WHERE at <= ?1")
                .and_then(|mut ask| ask.query_row([at.micros()], |row| row.get(0)))
                .map_err(&failed)?;
            // A record's first change after `known` is the one made on a version up to it.
            let mut statement = connection
                .prepare_cached(
                    "SELECT seq, collection, id, previous FROM version \
                     WHERE seq > ?1 AND previous <= ?1 ORDER BY seq",
                )
                .map_err(&failed)?;
            let mut rows = statement.query([known]).map_err(&failed)?;
            let mut differing = Vec::new();
            while let Some(row) = rows.next().map_err(&failed)? {
                let read = || -> rusqlite::Result<(u64, u8, Box<str>, u64)> {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                };
                let (seq, collection, id, previous) = read().map_err(&failed)?;
                let collection = collection_of(collection).map_err(self.corrupt(seq))?;
                let then = match previous {
                    0 => None,
                    previous => self.version(connection, previous)?,
                };
                differing.push((RecordKey { collection, id }, then));
            }
            Ok(differing)
        })
    }

    pub(super) fn read_load(&self, visit: &mut dyn FnMut(Record)) -> Result<u64, StoreError> {
        let failed = self.fault("read the register");
        self.read_at_once(|connection| {
            let mut interner = Interner::default();
            let sources = sources(connection, &mut interner).map_err(&failed)?;
            let mut batches = Batches::new(batches(connection).map_err(&failed)?);
            let replaced = replaced(connection).map_err(&failed)?;
            let mut replaced = replaced.iter().copied().peekable();
            let mut statement = connection
                .prepare_cached(
                    "SELECT seq, collection, id, version, name, body, geometry, source \
                     FROM version ORDER BY seq",
                )
                .map_err(&failed)?;
            let mut rows = statement.query([]).map_err(&failed)?;
            while let Some(row) = rows.next().map_err(&failed)? {
                let seq: u64 = row.get(0).map_err(&failed)?;
                if replaced.next_if_eq(&seq).is_some() {
                    continue;
                }
                let text = |at: usize| row.get_ref(at).and_then(|value| Ok(value.as_str()?));
                let damaged = |reason: &str| StoreError::Corrupt {
                    place: self.place.clone(),
                    seq: Some(seq),
                    reason: reason.to_owned(),
                };
                let batch = batches
                    .holding(seq)
                    .ok_or_else(|| damaged("it belongs to no commit"))?;
                let source: i64 = row.get(7).map_err(&failed)?;
                let source = usize::try_from(source)
                    .ok()
                    .and_then(|id| sources.get(id)?.as_ref())
                    .ok_or_else(|| damaged("its source is missing"))?;
                let read = || -> rusqlite::Result<Stored<'_>> {
                    Ok(Stored {
                        collection: row.get(1)?,
                        id: text(2)?,
                        version: row.get(3)?,
                        name: text(4)?,
                        body: row.get_ref(5)?.as_blob()?,
                        geometry: row.get_ref(6)?.as_blob_or_null()?,
                        source: Arc::clone(source),
                        at: batch.at,
                        by: Arc::clone(&batch.by),
                    })
                };
                visit(decode(read().map_err(&failed)?).map_err(self.corrupt(seq))?);
            }
            Ok(batches.head())
        })
    }
}

/// All sources by their row number.
pub(super) fn sources(
    connection: &Connection,
    interner: &mut Interner,
) -> rusqlite::Result<Vec<Option<Arc<str>>>> {
    let mut sources = Vec::new();
    let mut statement = connection.prepare_cached("SELECT id, text FROM source ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: usize = row.get::<_, u32>(0)? as usize;
        sources.resize(id, None);
        sources.push(Some(interner.intern(row.get_ref(1)?.as_str()?)));
    }
    Ok(sources)
}

/// Seqs of the versions that others have replaced, ascending.
fn replaced(connection: &Connection) -> rusqlite::Result<Vec<u64>> {
    connection
        .prepare_cached("SELECT previous FROM version WHERE previous <> 0 ORDER BY previous")?
        .query_map([], |row| row.get(0))?
        .collect()
}
