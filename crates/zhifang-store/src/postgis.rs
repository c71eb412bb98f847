//! The register in a PostgreSQL database with PostGIS, for several machines.

mod account;
mod copy;
mod link;
mod read;
mod schema;
mod whole;
mod write;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use zhifang_core::{Change, CodePrefix, Record, RecordKey, Role, Timestamp};

use crate::codec::CodecError;
use crate::error::StoreError;
use crate::gate::{Gate, Held};
use crate::pulse::Pulse;
use crate::register::{Receipt, Register, TokenHash, User, Write};
use crate::url::redact;
use crate::verify::VerifyReport;

use link::{Fault, Link, Links};

/// How long a writer waits for its turn.
const WRITER_WAIT: Duration = Duration::from_secs(30);

/// How often it is looked whether a notification was lost.
const POLL: Duration = Duration::from_millis(250);

/// Attempts at what failed for a passing reason.
const ATTEMPTS: u32 = 5;

/// The register on PostgreSQL.
///
/// It runs its own threads for the network; its methods block the caller.
#[derive(Debug)]
pub struct PostgisRegister {
    place: String,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    links: Arc<Links>,
    /// Writers of this process take turns here, not with a connection each on the server.
    turn: Gate<()>,
    pulse: Arc<Pulse>,
}

impl PostgisRegister {
    /// Connects, and makes the database, the extension and the tables where they are missing.
    ///
    /// Several hosts may be named; the one that takes writes is used. Without `connect_timeout`
    /// in the address a host is given up after 2 s.
    ///
    /// # Errors
    /// Why not: [`StoreError::Url`], [`StoreError::Open`], [`StoreError::Extension`],
    /// [`StoreError::Newer`].
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let place = redact(url);
        let config = link::config(url, &place)?;
        let cannot_open = |source: std::io::Error| StoreError::Open {
            place: place.clone(),
            source: Box::new(source),
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("zhifang-postgis")
            .enable_all()
            .build()
            .map_err(cannot_open)?;
        let pulse = Arc::new(Pulse::default());
        let links = Arc::new(Links::new(config, Arc::clone(&pulse)));
        let register = Self {
            place,
            runtime: Some(runtime),
            links,
            turn: Gate::new(()),
            pulse,
        };
        register.block_on(schema::prepare(&register.links, &register.place))?;
        register.pulse.raise(register.head()?);
        let (links, pulse) = (Arc::clone(&register.links), Arc::clone(&register.pulse));
        register
            .runtime()
            .spawn(async move { link::listen(&links, &pulse).await });
        Ok(register)
    }

    fn runtime(&self) -> &Runtime {
        self.runtime
            .as_ref()
            .expect("the runtime is taken out by drop only")
    }

    fn block_on<F: Future>(&self, work: F) -> F::Output {
        self.runtime().block_on(work)
    }

    /// Runs the work on a connection, again if it failed for a reason that passes.
    fn run<T>(
        &self,
        doing: &'static str,
        mut work: impl AsyncFnMut(&mut Link) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.block_on(async {
            let mut attempt = 1;
            loop {
                let outcome = match self.links.take().await {
                    Ok(mut link) => {
                        let outcome = work(&mut link).await;
                        self.links.give_back(link, &outcome);
                        outcome
                    }
                    Err(fault) => Err(fault),
                };
                match outcome {
                    Err(fault) if attempt < ATTEMPTS && fault.is_passing() => {
                        tokio::time::sleep(link::pause(attempt)).await;
                        attempt += 1;
                    }
                    other => return other.map_err(|fault| fault.told(&self.place, doing)),
                }
            }
        })
    }

    /// This process's turn to write.
    fn turn(&self) -> Result<Held<'_, ()>, StoreError> {
        self.turn.take(WRITER_WAIT).ok_or_else(|| StoreError::Busy {
            place: self.place.clone(),
            seconds: WRITER_WAIT.as_secs(),
        })
    }

    fn corrupt(&self, seq: u64) -> impl Fn(CodecError) -> StoreError {
        move |reason| StoreError::Corrupt {
            place: self.place.clone(),
            seq: Some(seq),
            reason: reason.0,
        }
    }
}

impl Drop for PostgisRegister {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for it would panic inside another runtime.
            runtime.shutdown_background();
        }
    }
}

impl Register for PostgisRegister {
    fn head(&self) -> Result<u64, StoreError> {
        self.run("read the head", async |link| {
            read::head(link.client()).await
        })
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
        let known = self.pulse.wait(since, timeout);
        if known > since {
            Ok(known)
        } else {
            self.head()
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
        self.read_verify()
    }

    fn backup(&self, path: &Path) -> Result<(), StoreError> {
        self.write_backup(path)
    }

    fn restore(&self, path: &Path) -> Result<u64, StoreError> {
        self.read_backup(path)
    }

    fn place(&self) -> &str {
        &self.place
    }
}

#[cfg(test)]
mod tests;
