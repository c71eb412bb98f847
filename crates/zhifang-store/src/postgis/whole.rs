//! Whole registers: verification, backup, restore.

use std::path::Path;

use futures_util::{SinkExt as _, StreamExt as _, pin_mut};
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use crate::error::StoreError;
use crate::raw::{Interner, RawVersion, VersionVisitor};
use crate::sqlite::{Backup, SqliteRegister, make_backup};
use crate::verify::{Verifier, VerifyFaultKind, VerifyReport};

use super::PostgisRegister;
use super::account::{insert_raw, raw_users};
use super::copy::{COLUMNS, CopyRow, Rows};
use super::link::{Fault, commit};
use super::read::{GEOMETRY, at_once, batches, byte, signed, unsigned};
use super::write::lock_counter;

/// Passes on every row of the change log, ascending.
async fn each_version(client: &Client, visit: &mut VersionVisitor<'_>) -> Result<(), Fault> {
    let query = format!(
        "SELECT v.seq, v.collection, v.id, v.version, v.operation, v.previous, v.source, v.name, \
         v.body, {GEOMETRY}, v.digest FROM zhifang.version v ORDER BY v.seq"
    );
    let rows = client
        .query_typed_raw(&query, Vec::<(i64, Type)>::new())
        .await?;
    pin_mut!(rows);
    let mut interner = Interner::default();
    while let Some(row) = rows.next().await {
        let row = row?;
        visit(RawVersion {
            seq: unsigned(row.try_get(0)?),
            collection: byte(&row, 1)?,
            id: row.try_get(2)?,
            version: row.try_get::<_, i32>(3)?.unsigned_abs(),
            operation: byte(&row, 4)?,
            previous: unsigned(row.try_get(5)?),
            source: interner.intern(row.try_get(6)?),
            name: row.try_get(7)?,
            body: row.try_get(8)?,
            geometry: row.try_get(9)?,
            digest: row.try_get(10)?,
        })?;
    }
    Ok(())
}

impl PostgisRegister {
    pub(super) fn read_verify(&self) -> Result<VerifyReport, StoreError> {
        self.run("verify", async |link| {
            let transaction = at_once(link).await?;
            let client = transaction.client();
            let batches = batches(client).await?;
            let last = batches.last().map(|batch| (batch.last, batch.seal.clone()));
            let mut verifier = Verifier::new(batches);
            each_version(client, &mut |row| {
                verifier.version(&row);
                Ok(())
            })
            .await?;
            let counter = client
                .query_typed("SELECT last_seq, seal FROM zhifang.counter", &[])
                .await?
                .first()
                .map(|row| Ok::<_, Fault>((unsigned(row.try_get(0)?), row.try_get(1)?)))
                .transpose()?;
            let is_empty = |(seq, _): &(u64, Vec<u8>)| *seq == 0;
            if counter != last && !(last.is_none() && counter.as_ref().is_some_and(is_empty)) {
                let reason = "the counter does not fit the log".to_owned();
                verifier.fault(
                    last.map_or(0, |(seq, _)| seq),
                    VerifyFaultKind::Database(reason),
                );
            }
            transaction.commit().await?;
            Ok(verifier.finish())
        })
    }

    pub(super) fn write_backup(&self, path: &Path) -> Result<(), StoreError> {
        let told = |fault: Fault| fault.told(&self.place, "read the register");
        make_backup(path, |growing| {
            // Not through `run`: what was copied cannot be taken back for a second attempt.
            let mut link = self.block_on(self.links.take()).map_err(told)?;
            let transaction = self.block_on(at_once(&mut link)).map_err(told)?;
            let client = transaction.client();
            let batches = self.block_on(batches(client)).map_err(told)?;
            let users = self
                .block_on(raw_users(client, "ORDER BY name", &[]))
                .map_err(told)?;
            let target = SqliteRegister::open(growing)?;
            target.take_in(&batches, &users, &mut |visit| {
                self.block_on(each_version(client, visit)).map_err(told)
            })?;
            self.block_on(transaction.commit())
                .map_err(|error| told(error.into()))?;
            self.links.give_back(link, &Ok(()));
            target.settle()
        })
    }

    pub(super) fn read_backup(&self, path: &Path) -> Result<u64, StoreError> {
        let backup = Backup::open(path)?;
        let (batches, users) = (backup.batches()?, backup.users()?);
        let _turn = self.turn()?;
        let told = |fault: Fault| fault.told(&self.place, "restore");
        let mut link = self.block_on(self.links.take()).map_err(told)?;
        let warning = link.warning();
        let transaction = self
            .block_on(link.client_mut().transaction())
            .map_err(|error| told(error.into()))?;
        let client = transaction.client();
        self.block_on(async {
            let (head, _) = lock_counter(client).await?;
            if head > 0 || !raw_users(client, "LIMIT 1", &[]).await?.is_empty() {
                return Err(StoreError::NotEmpty {
                    place: self.place.clone(),
                    head,
                }
                .into());
            }
            Ok(())
        })
        .map_err(told)?;
        let statement = format!("COPY zhifang.version ({COLUMNS}) FROM STDIN (FORMAT binary)");
        let sink = self
            .block_on(client.copy_in(&statement))
            .map_err(|error| told(error.into()))?;
        pin_mut!(sink);
        let mut rows = Rows::new();
        backup.each_version(&mut |row| {
            let chunk = rows.add(&CopyRow {
                seq: signed(row.seq),
                collection: row.collection,
                id: &row.id,
                version: row.version,
                operation: row.operation,
                previous: signed(row.previous),
                source: &row.source,
                name: &row.name,
                body: &row.body,
                geometry: row.geometry.as_deref(),
                digest: &row.digest,
            });
            match chunk {
                Some(chunk) => self
                    .block_on(sink.send(chunk))
                    .map_err(|error| told(error.into())),
                None => Ok(()),
            }
        })?;
        let head = self
            .block_on(async {
                sink.send(rows.end()).await?;
                sink.finish().await?;
                for batch in &batches {
                    client
                        .execute_typed(
                            "INSERT INTO zhifang.batch (last_seq, first_seq, at, by, seal) \
                             VALUES ($1, $2, $3, $4, $5)",
                            &[
                                (&signed(batch.last), Type::INT8),
                                (&signed(batch.first), Type::INT8),
                                (&batch.at, Type::INT8),
                                (&&*batch.by, Type::TEXT),
                                (&batch.seal, Type::BYTEA),
                            ],
                        )
                        .await?;
                }
                for user in &users {
                    insert_raw(client, user).await?;
                }
                let Some(last) = batches.last() else {
                    return Ok(0);
                };
                client
                    .execute_typed(
                        "UPDATE zhifang.counter SET last_seq = $1, seal = $2",
                        &[(&signed(last.last), Type::INT8), (&last.seal, Type::BYTEA)],
                    )
                    .await?;
                Ok(last.last)
            })
            .map_err(told)?;
        self.block_on(commit(transaction, &warning, &self.place))
            .map_err(told)?;
        self.links.give_back(link, &Ok(()));
        self.pulse.raise(head);
        Ok(head)
    }
}
