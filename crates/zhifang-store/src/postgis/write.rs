//! Commits to the server.
//!
//! What can be done without the counter is done without it: looking up, weighing, encoding and,
//! for large batches, sending the rows to a staging table. Then the counter's row is locked; what
//! others committed meanwhile is looked at; the rows get their numbers; and the commit follows at
//! once. So numbers have no gaps and follow the order of commits, and the lock is held briefly.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::{SinkExt as _, pin_mut};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, IsolationLevel};
use zhifang_core::{Operation, Record, Timestamp};

use crate::codec::{Encoded, Stored, collection_number, decode, encode, operation_number};
use crate::decision::{Current, Decision, decide};
use crate::error::StoreError;
use crate::raw::Interner;
use crate::register::{Receipt, Write};
use crate::seal::{Content, Digest, Previous, Sealer, digest};

use super::copy::{COLUMNS, CopyRow, Rows};
use super::link::{Fault, Link, commit};
use super::read::{GEOMETRY, JOIN_BATCH, head, signed, unsigned};
use super::{PostgisRegister, WRITER_WAIT};

/// Versions from which a batch goes through the staging table.
const LARGE_BATCH: usize = 2_000;

/// Keys looked up with one query.
const KEYS: usize = 10_000;

/// What stands under a key, with its commit.
struct Known {
    current: Current,
    at: i64,
    by: Arc<str>,
}

type Key<'a> = (u8, &'a str);

/// What becomes of a write.
enum Verdict {
    Unchanged {
        version: u32,
        at: i64,
        by: Arc<str>,
    },
    Stored {
        operation: Operation,
        version: u32,
        previous: Previous,
        digest: Digest,
    },
}

/// One commit in the making.
struct Job<'a> {
    place: &'a str,
    batch: &'a [Write],
    encoded: &'a [Encoded],
    by: &'a Arc<str>,
    at: Timestamp,
}

impl PostgisRegister {
    pub(super) fn write_batch(
        &self,
        batch: Vec<Write>,
        by: &str,
        at: Timestamp,
    ) -> Result<Receipt, StoreError> {
        let encoded = batch
            .iter()
            .map(|write| {
                encode(&write.record).map_err(|fault| StoreError::Unstorable {
                    key: write.record.key(),
                    reason: fault.0,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let by: Arc<str> = Arc::from(by);
        let job = Job {
            place: &self.place,
            batch: &batch,
            encoded: &encoded,
            by: &by,
            at,
        };
        let (first, verdicts) = {
            let _turn = self.turn()?;
            self.run("write the changes", async |link| job.run(link).await)?
        };
        let mut receipt = Receipt {
            first_seq: first,
            last_seq: first - 1,
            ..Receipt::default()
        };
        for (place, (write, verdict)) in batch.into_iter().zip(verdicts).enumerate() {
            let mut record = write.record;
            match verdict {
                Verdict::Unchanged { version, at, by } => {
                    receipt.unchanged.push(place);
                    record.version = version;
                    record.updated_at = Timestamp::from_micros(at);
                    record.updated_by = by;
                }
                Verdict::Stored { version, .. } => {
                    receipt.last_seq += 1;
                    record.version = version;
                    record.updated_at = at;
                    record.updated_by = Arc::clone(&by);
                }
            }
            receipt.records.push(record);
        }
        self.pulse.raise(receipt.last_seq);
        Ok(receipt)
    }
}

impl<'a> Job<'a> {
    fn key(write: &Write) -> Key<'_> {
        (collection_number(write.record.collection), &write.record.id)
    }

    /// Returns the first seq and what became of each write.
    async fn run(&self, link: &mut Link) -> Result<(u64, Vec<Verdict>), Fault> {
        let warning = link.warning();
        let (seen, mut verdicts) = self.weigh(link.client()).await?;
        if stored(&verdicts) == 0 {
            return Ok((seen + 1, verdicts));
        }
        let transaction = link
            .client_mut()
            .build_transaction()
            .isolation_level(IsolationLevel::ReadCommitted)
            .start()
            .await?;
        let client = transaction.client();
        let wait = WRITER_WAIT.as_millis();
        client
            .batch_execute(&format!("SET LOCAL lock_timeout TO {wait}"))
            .await?;
        // Into an empty register nobody else writes that would have to wait.
        let mut is_staged = stored(&verdicts) >= LARGE_BATCH && seen > 0;
        if is_staged {
            self.stage(client, &verdicts).await?;
        }
        let (last, seal) = lock_counter(client).await?;
        if last != seen && self.is_touched(client, seen).await? {
            // With the counter held nobody else can write: this time it holds.
            verdicts = self.weigh(client).await?.1;
            is_staged = false;
        }
        let first = last + 1;
        let count = stored(&verdicts) as u64;
        if count > 0 {
            if is_staged {
                unstage(client, first).await?;
            } else {
                self.copy(client, "zhifang.version", Some(first), &verdicts)
                    .await?;
            }
            self.close(client, first, count, &seal, &verdicts).await?;
        }
        commit(transaction, &warning, self.place).await?;
        Ok((first, verdicts))
    }

    /// Looks up what the register has and weighs every write against it; returns the last seq
    /// that was there before looking.
    async fn weigh(&self, client: &Client) -> Result<(u64, Vec<Verdict>), Fault> {
        let seen = head(client).await?;
        let known = if seen == 0 {
            HashMap::new()
        } else {
            self.look_up(client).await?
        };
        Ok((seen, self.verdicts(&known)?))
    }

    async fn look_up(&self, client: &Client) -> Result<HashMap<Key<'a>, Known>, Fault> {
        let mut keys: Vec<Key<'a>> = self.batch.iter().map(Self::key).collect();
        // In the order of the index, which is quicker than any other.
        keys.sort_unstable();
        keys.dedup();
        let query = format!(
            "SELECT k.n, v.seq, v.version, v.source, v.name, v.body, {GEOMETRY}, b.at, b.by \
             FROM unnest($1, $2) WITH ORDINALITY k(collection, id, n) \
             CROSS JOIN LATERAL (SELECT * FROM zhifang.version v WHERE v.collection = k.collection \
             AND v.id = k.id ORDER BY v.version DESC LIMIT 1) v {JOIN_BATCH}"
        );
        let mut interner = Interner::default();
        let mut known = HashMap::with_capacity(keys.len());
        for keys in keys.chunks(KEYS) {
            let collections: Vec<i16> = keys.iter().map(|key| i16::from(key.0)).collect();
            let ids: Vec<&str> = keys.iter().map(|key| key.1).collect();
            let rows = client
                .query_typed(
                    &query,
                    &[(&collections, Type::INT2_ARRAY), (&ids, Type::TEXT_ARRAY)],
                )
                .await?;
            for row in rows {
                let at = usize::try_from(row.try_get::<_, i64>(0)? - 1).unwrap_or(usize::MAX);
                let Some(key) = keys.get(at) else { continue };
                let current = Current {
                    place: Previous::Seq(unsigned(row.try_get(1)?)),
                    version: row.try_get::<_, i32>(2)?.unsigned_abs(),
                    source: row.try_get(3)?,
                    name: row.try_get(4)?,
                    body: row.try_get(5)?,
                    geometry: row.try_get(6)?,
                };
                let by = interner.intern(row.try_get(8)?);
                known.insert(
                    *key,
                    Known {
                        current,
                        at: row.try_get(7)?,
                        by,
                    },
                );
            }
        }
        Ok(known)
    }

    fn verdicts(&self, known: &HashMap<Key<'a>, Known>) -> Result<Vec<Verdict>, StoreError> {
        // What this batch itself has written so far: a key may stand in it twice.
        let mut written: HashMap<Key<'_>, Known> = HashMap::new();
        let mut seen: HashSet<Key<'_>> = HashSet::new();
        let repeated: HashSet<Key<'_>> = self
            .batch
            .iter()
            .map(Self::key)
            .filter(|key| !seen.insert(*key))
            .collect();
        drop(seen);
        let mut verdicts = Vec::with_capacity(self.batch.len());
        let mut offset = 0;
        for (write, encoded) in self.batch.iter().zip(self.encoded) {
            let key = Self::key(write);
            let record = &write.record;
            let found = written.get(&key).or_else(|| known.get(&key));
            let current = found.map(|found| &found.current);
            let decision = decide(write.expect, current, &record.source, &record.name, encoded)
                .map_err(|fault| self.corrupt(current, fault.0))?;
            let verdict = match (decision, found) {
                (Decision::Conflict, _) => {
                    let found = found.map(|found| self.record(key, found)).transpose()?;
                    return Err(StoreError::Conflict {
                        key: record.key(),
                        expected: write.expect,
                        found: found.map(Box::new),
                    });
                }
                (Decision::Unchanged, Some(found)) => Verdict::Unchanged {
                    version: found.current.version,
                    at: found.at,
                    by: Arc::clone(&found.by),
                },
                (Decision::Unchanged, None) => {
                    return Err(self.corrupt(None, "nothing cannot be unchanged".to_owned()));
                }
                (
                    Decision::Store {
                        operation,
                        version,
                        previous,
                    },
                    _,
                ) => {
                    let digest = digest(&Content {
                        offset,
                        collection: key.0,
                        id: key.1,
                        version,
                        operation: operation_number(operation),
                        previous,
                        source: &record.source,
                        name: &record.name,
                        body: &encoded.body,
                        geometry: encoded.geometry.as_deref(),
                    });
                    if repeated.contains(&key) {
                        written.insert(key, self.known(write, encoded, offset, version));
                    }
                    offset += 1;
                    Verdict::Stored {
                        operation,
                        version,
                        previous,
                        digest,
                    }
                }
            };
            verdicts.push(verdict);
        }
        Ok(verdicts)
    }

    fn known(&self, write: &Write, encoded: &Encoded, offset: u64, version: u32) -> Known {
        let current = Current {
            place: Previous::Offset(offset),
            version,
            source: (*write.record.source).to_owned(),
            name: (*write.record.name).to_owned(),
            body: encoded.body.clone(),
            geometry: encoded.geometry.clone(),
        };
        Known {
            current,
            at: self.at.micros(),
            by: Arc::clone(self.by),
        }
    }

    fn record(&self, key: Key<'_>, known: &Known) -> Result<Record, StoreError> {
        decode(Stored {
            collection: key.0,
            id: key.1,
            version: known.current.version,
            name: &known.current.name,
            body: &known.current.body,
            geometry: known.current.geometry.as_deref(),
            source: Arc::from(known.current.source.as_str()),
            at: known.at,
            by: Arc::clone(&known.by),
        })
        .map_err(|fault| self.corrupt(Some(&known.current), fault.0))
    }

    fn corrupt(&self, current: Option<&Current>, reason: String) -> StoreError {
        let seq = current.and_then(|current| match current.place {
            Previous::Seq(seq) => Some(seq),
            Previous::Absent | Previous::Offset(_) => None,
        });
        StoreError::Corrupt {
            place: self.place.to_owned(),
            seq,
            reason,
        }
    }

    /// Whether others have changed one of our records since.
    async fn is_touched(&self, client: &Client, since: u64) -> Result<bool, Fault> {
        let keys: HashSet<Key<'_>> = self.batch.iter().map(Self::key).collect();
        let rows = client
            .query_typed(
                "SELECT collection, id FROM zhifang.version WHERE seq > $1",
                &[(&signed(since), Type::INT8)],
            )
            .await?;
        for row in rows {
            let collection = u8::try_from(row.try_get::<_, i16>(0)?).unwrap_or(0);
            if keys.contains(&(collection, row.try_get(1)?)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Sends the rows to the staging table, numbered by their place in the commit.
    async fn stage(&self, client: &Client, verdicts: &[Verdict]) -> Result<(), Fault> {
        client
            .batch_execute(
                "CREATE TEMPORARY TABLE IF NOT EXISTS staging (LIKE zhifang.version) \
                 ON COMMIT DELETE ROWS",
            )
            .await?;
        self.copy(client, "pg_temp.staging", None, verdicts).await
    }

    /// Copies the new versions into the table: from `first` on, or with places for seqs.
    async fn copy(
        &self,
        client: &Client,
        table: &str,
        first: Option<u64>,
        verdicts: &[Verdict],
    ) -> Result<(), Fault> {
        let statement = format!("COPY {table} ({COLUMNS}) FROM STDIN (FORMAT binary)");
        let sink = client.copy_in(&statement).await?;
        pin_mut!(sink);
        let mut rows = Rows::new();
        let mut offset = 0;
        for ((write, encoded), verdict) in self.batch.iter().zip(self.encoded).zip(verdicts) {
            let Verdict::Stored {
                operation,
                version,
                previous,
                digest,
            } = verdict
            else {
                continue;
            };
            let chunk = rows.add(&CopyRow {
                seq: signed(first.unwrap_or(0) + offset),
                collection: collection_number(write.record.collection),
                id: &write.record.id,
                version: *version,
                operation: operation_number(*operation),
                previous: match (first, *previous) {
                    (Some(first), previous) => signed(previous.seq(first)),
                    // Negative stands for a place, counted from -1, until numbers are known.
                    (None, Previous::Offset(offset)) => -signed(offset) - 1,
                    (None, previous) => signed(previous.seq(0)),
                },
                source: &write.record.source,
                name: &write.record.name,
                body: &encoded.body,
                geometry: encoded.geometry.as_deref(),
                digest,
            });
            offset += 1;
            if let Some(chunk) = chunk {
                sink.send(chunk).await?;
            }
        }
        sink.send(rows.end()).await?;
        sink.finish().await?;
        Ok(())
    }

    /// Writes the commit's row, moves the counter and tells the listeners.
    async fn close(
        &self,
        client: &Client,
        first: u64,
        count: u64,
        before: &[u8],
        verdicts: &[Verdict],
    ) -> Result<(), Fault> {
        let mut sealer = Sealer::new(before);
        for verdict in verdicts {
            if let Verdict::Stored { digest, .. } = verdict {
                sealer.add(digest);
            }
        }
        let last = first + count - 1;
        let seal = sealer.finish(first, last, self.at.micros(), self.by);
        let by: &str = self.by;
        client
            .query_typed(
                "WITH entry AS (INSERT INTO zhifang.batch (last_seq, first_seq, at, by, seal) \
                 VALUES ($1, $2, $3, $4, $5)), \
                 moved AS (UPDATE zhifang.counter SET last_seq = $1, seal = $5) \
                 SELECT pg_notify('zhifang', $1::text)",
                &[
                    (&signed(last), Type::INT8),
                    (&signed(first), Type::INT8),
                    (&self.at.micros(), Type::INT8),
                    (&by, Type::TEXT),
                    (&seal.as_slice(), Type::BYTEA),
                ],
            )
            .await?;
        Ok(())
    }
}

fn stored(verdicts: &[Verdict]) -> usize {
    verdicts
        .iter()
        .filter(|verdict| matches!(verdict, Verdict::Stored { .. }))
        .count()
}

/// Locks the counter; returns the last seq and seal.
pub(super) async fn lock_counter(client: &Client) -> Result<(u64, Vec<u8>), Fault> {
    let rows = client
        .query_typed("SELECT last_seq, seal FROM zhifang.counter FOR UPDATE", &[])
        .await?;
    match rows.first() {
        Some(row) => Ok((unsigned(row.try_get(0)?), row.try_get(1)?)),
        None => Err(Fault::Store(StoreError::Corrupt {
            place: "zhifang.counter".to_owned(),
            seq: None,
            reason: "the counter's row is missing".to_owned(),
        })),
    }
}

/// Moves the staged rows into the log, from `first` on.
async fn unstage(client: &Client, first: u64) -> Result<(), Fault> {
    let statement = format!(
        "INSERT INTO zhifang.version ({COLUMNS}) SELECT $1 + seq, collection, id, version, \
         operation, CASE WHEN previous < 0 THEN $1 - previous - 1 ELSE previous END, source, \
         name, body, geometry, shape, digest FROM pg_temp.staging ORDER BY seq"
    );
    client
        .execute_typed(&statement, &[(&signed(first), Type::INT8)])
        .await?;
    Ok(())
}
