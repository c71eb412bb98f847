//! Questions to the server.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::{StreamExt as _, pin_mut};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, IsolationLevel, Row, Transaction};
use zhifang_core::{Change, Record, RecordKey, Timestamp};

use crate::codec::{Stored, collection_number, collection_of, decode, operation_of};
use crate::error::StoreError;
use crate::raw::{Batches, Interner, RawBatch};

use super::PostgisRegister;
use super::link::{Fault, Link};

/// The geometry as it was given.
pub(super) const GEOMETRY: &str = "coalesce(v.shape, ST_AsBinary(v.geometry, 'NDR'))";

/// The commit of a version.
pub(super) const JOIN_BATCH: &str = "JOIN zhifang.batch b ON b.last_seq = \
    (SELECT min(last_seq) FROM zhifang.batch WHERE last_seq >= v.seq)";

/// A parameter of a query with its type, so that the server need not be asked for it first.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// Last seq in the log.
pub(super) async fn head(client: &Client) -> Result<u64, Fault> {
    let rows = client
        .query_typed("SELECT last_seq FROM zhifang.counter", &[])
        .await?;
    let head: i64 = rows
        .first()
        .map(|row| row.try_get(0))
        .transpose()?
        .unwrap_or(0);
    Ok(unsigned(head))
}

/// Numbers of the log are never negative.
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A seq as the server's integer.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A small number as the codec's byte; what does not fit is unknown there too.
pub(super) fn byte(row: &Row, at: usize) -> Result<u8, tokio_postgres::Error> {
    Ok(u8::try_from(row.try_get::<_, i16>(at)?).unwrap_or(0))
}

/// All commits, ascending.
pub(super) async fn batches(client: &Client) -> Result<Vec<RawBatch>, Fault> {
    let mut interner = Interner::default();
    client
        .query_typed(
            "SELECT first_seq, last_seq, at, by, seal FROM zhifang.batch ORDER BY last_seq",
            &[],
        )
        .await?
        .iter()
        .map(|row| {
            Ok(RawBatch {
                first: unsigned(row.try_get(0)?),
                last: unsigned(row.try_get(1)?),
                at: row.try_get(2)?,
                by: interner.intern(row.try_get(3)?),
                seal: row.try_get(4)?,
            })
        })
        .collect()
}

/// A transaction in which all reads see one state.
pub(super) async fn at_once(link: &mut Link) -> Result<Transaction<'_>, Fault> {
    let transaction = link
        .client_mut()
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    Ok(transaction)
}

/// A version as an entry of the log, without the version before.
struct Entry {
    seq: u64,
    previous: u64,
    operation: u8,
    record: Record,
}

impl PostgisRegister {
    fn entry(&self, row: &Row, interner: &mut Interner) -> Result<Entry, Fault> {
        let seq = unsigned(row.try_get(0)?);
        let stored = Stored {
            collection: byte(row, 1)?,
            id: row.try_get(2)?,
            version: row.try_get::<_, i32>(3)?.unsigned_abs(),
            name: row.try_get(6)?,
            body: row.try_get(7)?,
            geometry: row.try_get(8)?,
            source: interner.intern(row.try_get(9)?),
            at: row.try_get(10)?,
            by: interner.intern(row.try_get(11)?),
        };
        let record = decode(stored).map_err(self.corrupt(seq))?;
        let previous = unsigned(row.try_get(5)?);
        Ok(Entry {
            seq,
            previous,
            operation: byte(row, 4)?,
            record,
        })
    }

    async fn entries(
        &self,
        client: &Client,
        condition: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Entry>, Fault> {
        let query = format!(
            "SELECT v.seq, v.collection, v.id, v.version, v.operation, v.previous, v.name, \
             v.body, {GEOMETRY}, v.source, b.at, b.by \
             FROM zhifang.version v {JOIN_BATCH} {condition}"
        );
        let mut interner = Interner::default();
        let rows = client.query_typed(&query, parameters).await?;
        rows.iter()
            .map(|row| self.entry(row, &mut interner))
            .collect()
    }

    /// Records of the versions with these seqs.
    async fn versions(&self, client: &Client, seqs: &[u64]) -> Result<HashMap<u64, Record>, Fault> {
        let seqs: Vec<i64> = seqs
            .iter()
            .copied()
            .filter(|seq| *seq > 0)
            .map(signed)
            .collect();
        if seqs.is_empty() {
            return Ok(HashMap::new());
        }
        let entries = self
            .entries(
                client,
                "WHERE v.seq = ANY($1)",
                &[(&seqs, Type::INT8_ARRAY)],
            )
            .await?;
        Ok(entries
            .into_iter()
            .map(|entry| (entry.seq, entry.record))
            .collect())
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
        let collection = i16::from(collection_number(key.collection));
        let id = &*key.id;
        self.run("read the record", async |link| {
            let entries = self
                .entries(
                    link.client(),
                    "WHERE v.collection = $1 AND v.id = $2 ORDER BY v.version DESC LIMIT 1",
                    &[(&collection, Type::INT2), (&id, Type::TEXT)],
                )
                .await?;
            Ok(entries.into_iter().next().map(|entry| entry.record))
        })
    }

    pub(super) fn read_history(&self, key: &RecordKey) -> Result<Vec<Change>, StoreError> {
        let collection = i16::from(collection_number(key.collection));
        let id = &*key.id;
        let entries = self.run("read the history", async |link| {
            self.entries(
                link.client(),
                "WHERE v.collection = $1 AND v.id = $2 ORDER BY v.version",
                &[(&collection, Type::INT2), (&id, Type::TEXT)],
            )
            .await
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
        let (since, limit) = (signed(since), i64::try_from(limit).unwrap_or(i64::MAX));
        self.run("read the change log", async |link| {
            let client = link.client();
            let entries = self
                .entries(
                    client,
                    "WHERE v.seq > $1 ORDER BY v.seq LIMIT $2",
                    &[(&since, Type::INT8), (&limit, Type::INT8)],
                )
                .await?;
            let previous: Vec<u64> = entries.iter().map(|entry| entry.previous).collect();
            let before = self.versions(client, &previous).await?;
            entries
                .into_iter()
                .map(|entry| {
                    let before = before.get(&entry.previous).cloned();
                    Ok(self.change(entry, before)?)
                })
                .collect()
        })
    }

    pub(super) fn read_differing(
        &self,
        at: Timestamp,
    ) -> Result<Vec<(RecordKey, Option<Record>)>, StoreError> {
        self.run("read what has changed", async |link| {
            let client = link.client();
            let known: i64 = client
                .query_typed(
                    "SELECT coalesce(max(last_seq), 0) FROM zhifang.batch WHERE at <= $1",
                    &[(&at.micros(), Type::INT8)],
                )
                .await?
                .first()
                .map_or(Ok(0), |row| row.try_get(0))?;
            // A record's first change after `known` is the one made on a version up to it.
            let rows = client
                .query_typed(
                    "SELECT seq, collection, id, previous FROM zhifang.version \
                     WHERE seq > $1 AND previous <= $1 ORDER BY seq",
                    &[(&known, Type::INT8)],
                )
                .await?;
            let mut differing = Vec::with_capacity(rows.len());
            for chunk in rows.chunks(10_000) {
                let previous = chunk
                    .iter()
                    .map(|row| row.try_get(3).map(unsigned))
                    .collect::<Result<Vec<_>, _>>()?;
                let mut then = self.versions(client, &previous).await?;
                for (row, previous) in chunk.iter().zip(previous) {
                    let seq = unsigned(row.try_get(0)?);
                    let collection = collection_of(byte(row, 1)?).map_err(self.corrupt(seq))?;
                    let key = RecordKey::new(collection, row.try_get(2)?);
                    differing.push((key, then.remove(&previous)));
                }
            }
            Ok(differing)
        })
    }

    pub(super) fn read_load(&self, visit: &mut dyn FnMut(Record)) -> Result<u64, StoreError> {
        let mut has_begun = false;
        self.run("read the register", async |link| {
            let loaded = self.load_once(link, visit, &mut has_begun).await;
            match loaded {
                // Records that were handed over cannot be taken back: no second attempt.
                Err(Fault::Driver(error)) if has_begun => Err(Fault::Store(
                    Fault::Driver(error).told(&self.place, "read the register"),
                )),
                other => other,
            }
        })
    }

    async fn load_once(
        &self,
        link: &mut Link,
        visit: &mut dyn FnMut(Record),
        has_begun: &mut bool,
    ) -> Result<u64, Fault> {
        let transaction = at_once(link).await?;
        let client = transaction.client();
        let mut batches = Batches::new(batches(client).await?);
        let replaced: Vec<i64> = client
            .query_typed(
                "SELECT previous FROM zhifang.version WHERE previous <> 0 ORDER BY previous",
                &[],
            )
            .await?
            .iter()
            .map(|row| row.try_get(0))
            .collect::<Result<_, _>>()?;
        let mut replaced = replaced.into_iter().peekable();
        let query = format!(
            "SELECT v.seq, v.collection, v.id, v.version, v.name, v.body, {GEOMETRY}, v.source \
             FROM zhifang.version v ORDER BY v.seq"
        );
        let rows = client
            .query_typed_raw(&query, Vec::<(i64, Type)>::new())
            .await?;
        pin_mut!(rows);
        let mut interner = Interner::default();
        while let Some(row) = rows.next().await {
            let row = row?;
            let seq: i64 = row.try_get(0)?;
            if replaced.next_if_eq(&seq).is_some() {
                continue;
            }
            let seq = unsigned(seq);
            let batch = batches.holding(seq).ok_or_else(|| StoreError::Corrupt {
                place: self.place.clone(),
                seq: Some(seq),
                reason: "it belongs to no commit".to_owned(),
            })?;
            let stored = Stored {
                collection: byte(&row, 1)?,
                id: row.try_get(2)?,
                version: row.try_get::<_, i32>(3)?.unsigned_abs(),
                name: row.try_get(4)?,
                body: row.try_get(5)?,
                geometry: row.try_get(6)?,
                source: interner.intern(row.try_get(7)?),
                at: batch.at,
                by: Arc::clone(&batch.by),
            };
            *has_begun = true;
            visit(decode(stored).map_err(self.corrupt(seq))?);
        }
        transaction.commit().await?;
        Ok(batches.head())
    }
}
