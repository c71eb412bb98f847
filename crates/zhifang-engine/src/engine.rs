//! The register behind, the world in front, and the thread that keeps them together.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use zhifang_core::{Actor, PUBLIC_MARKER_STEP_DEG, Record, RecordKey, Timestamp};
use zhifang_geocode::NameIndex;
use zhifang_index::Snapshot;
use zhifang_store::{Receipt, Register, TokenHash, Write};

use crate::error::EngineError;
use crate::kept::{self, Identity};
use crate::world::World;

/// How the engine is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the snapshot is kept between starts; none for a register on a server.
    pub snapshot_path: Option<PathBuf>,
    /// Step to which public marker positions are rounded, degrees.
    pub marker_step_deg: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            snapshot_path: None,
            marker_step_deg: PUBLIC_MARKER_STEP_DEG,
        }
    }
}

/// What the engine is busy with while it stands up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// A kept snapshot is opened.
    OpeningSnapshot,
    /// All records are read from the register.
    ReadingRegister,
    /// The index of names is built.
    IndexingNames,
    /// Shared lines are found for the map.
    BuildingTiles,
}

/// Changes applied one by one; more are cheaper to read anew.
const MOST_APPLIED: u64 = 200_000;
/// Changes taken from the log at once.
const PAGE: usize = 20_000;
/// How long one wait for other processes' changes lasts.
const WAIT: Duration = Duration::from_secs(1);
/// Worlds of other instants kept ready.
const WORLDS_KEPT: usize = 4;

type KnownAt = HashMap<(u64, i64), Arc<World>>;

/// The rooms put together.
#[derive(Debug)]
pub struct Engine {
    register: Arc<dyn Register>,
    options: Options,
    world: ArcSwapOption<World>,
    /// Held while the next world is made, so that worlds follow each other in order.
    making: Mutex<()>,
    known_at: Mutex<KnownAt>,
    /// The last change in the files beside the register; held while they are written, for two
    /// writers would take each other's unfinished file.
    kept_seq: Mutex<Option<u64>>,
    stopped: AtomicBool,
}

impl Engine {
    /// An engine over a register; nothing is read yet.
    pub fn new(register: Arc<dyn Register>, options: Options) -> Self {
        Self {
            register,
            options,
            world: ArcSwapOption::empty(),
            making: Mutex::new(()),
            known_at: Mutex::new(HashMap::new()),
            kept_seq: Mutex::new(None),
            stopped: AtomicBool::new(false),
        }
    }

    /// The register.
    pub fn register(&self) -> &Arc<dyn Register> {
        &self.register
    }

    /// Step to which public marker positions are rounded, degrees.
    pub fn marker_step_deg(&self) -> f64 {
        self.options.marker_step_deg
    }

    /// The newest world; `None` until the first stands.
    pub fn world(&self) -> Option<Arc<World>> {
        self.world.load_full()
    }

    /// Reads what there is, from the kept snapshot and the changes since, or from the register.
    ///
    /// # Errors
    /// When the register cannot be read. A snapshot that cannot be used is passed over.
    pub fn stand_up(&self, progress: &dyn Fn(Phase)) -> Result<(), EngineError> {
        let making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let report = &mut |phase| progress(phase);
        let world = match self.kept_snapshot(progress) {
            Some((snapshot, identity)) => {
                let known = |snapshot: &Snapshot| {
                    let names = self.kept_names(identity)?;
                    let kept = self.kept_seq.lock();
                    *kept.unwrap_or_else(PoisonError::into_inner) = Some(snapshot.seq());
                    Some(names)
                };
                World::with_names(snapshot, known, report)
            }
            None => World::build(self.read_register(progress)?, report),
        };
        self.world.store(Some(Arc::new(world)));
        drop(making);
        self.refresh()
    }

    fn index_options(&self) -> zhifang_index::Options {
        zhifang_index::Options {
            marker_step_deg: self.options.marker_step_deg,
        }
    }

    fn read_register(&self, progress: &dyn Fn(Phase)) -> Result<Snapshot, EngineError> {
        progress(Phase::ReadingRegister);
        let mut records = Vec::new();
        let seq = self.register.load(&mut |record| records.push(record))?;
        Ok(Snapshot::build(records, seq, &self.index_options()))
    }

    /// The snapshot kept beside the register, if it is one of this register and not too old.
    fn kept_snapshot(&self, progress: &dyn Fn(Phase)) -> Option<(Snapshot, Identity)> {
        let path = self.options.snapshot_path.as_ref()?;
        progress(Phase::OpeningSnapshot);
        let (snapshot, identity) = match kept::read_snapshot(path) {
            Ok(found) => found?,
            Err(error) => {
                tracing::warn!(%error, "the register is read instead");
                return None;
            }
        };
        let head = self.register.head().ok()?;
        let is_usable = snapshot.options() == &self.index_options()
            && snapshot.seq() <= head
            && head - snapshot.seq() <= MOST_APPLIED
            && self.is_of_this_register(&snapshot);
        is_usable.then_some((snapshot, identity))
    }

    /// The index of names that was kept with this very snapshot.
    fn kept_names(&self, identity: Identity) -> Option<NameIndex> {
        let path = self.options.snapshot_path.as_ref()?;
        kept::read_names(path, identity).unwrap_or_else(|error| {
            tracing::warn!(%error, "the names are indexed anew");
            None
        })
    }

    /// A register that was restored or replaced may have the same length and another content:
    /// the record of the snapshot's last change must be the one in the log.
    fn is_of_this_register(&self, snapshot: &Snapshot) -> bool {
        let seq = snapshot.seq();
        if seq == 0 {
            return true;
        }
        let Ok(changes) = self.register.changes(seq - 1, 1) else {
            return false;
        };
        changes.first().is_some_and(|change| {
            let after = &change.after;
            snapshot
                .view(zhifang_index::Audience::Staff)
                .record(after.collection, &after.id)
                .is_some_and(|record| {
                    record.version == after.version && record.updated_at == after.updated_at
                })
        })
    }

    /// Writes the snapshot and its names beside the register, each whole or not at all; nothing
    /// where they stand there already.
    ///
    /// # Errors
    /// [`EngineError::SnapshotWrite`]; the file of before stays.
    pub fn keep_snapshot(&self) -> Result<(), EngineError> {
        let Some(path) = &self.options.snapshot_path else {
            return Ok(());
        };
        let kept = self.kept_seq.lock();
        let mut kept = kept.unwrap_or_else(PoisonError::into_inner);
        let Some(world) = self.world() else {
            return Ok(());
        };
        let seq = world.snapshot.seq();
        if *kept != Some(seq) {
            kept::write(path, &world.snapshot, &world.names)?;
            *kept = Some(seq);
        }
        Ok(())
    }

    /// Stores the batch and answers from it at once: when this returns, the records are on disk
    /// and in the world.
    ///
    /// # Errors
    /// What the store says; then nothing was written.
    pub fn commit(
        &self,
        batch: Vec<Write>,
        by: &str,
        at: Timestamp,
    ) -> Result<Receipt, EngineError> {
        let receipt = self.register.commit(batch, by, at)?;
        if self.world().is_some() {
            // The write stands; should reading it back fail, the follower tries again.
            if let Err(error) = self.refresh() {
                tracing::error!(%error, "the world could not follow a commit");
            }
        }
        Ok(receipt)
    }

    /// Brings the world up to the register's last change.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub fn refresh(&self) -> Result<(), EngineError> {
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let Some(world) = self.world() else {
                return Ok(());
            };
            let seq = world.snapshot.seq();
            let head = self.register.head()?;
            if head <= seq {
                return Ok(());
            }
            let next = if head - seq > MOST_APPLIED {
                let snapshot = self.read_register(&|_| ())?;
                World::build(snapshot, &mut |_| ())
            } else {
                let changes = self.register.changes(seq, PAGE)?;
                let Some(last) = changes.last().map(|change| change.seq) else {
                    return Ok(());
                };
                let records: Vec<(RecordKey, Option<Record>)> = changes
                    .into_iter()
                    .map(|change| (change.after.key(), Some(change.after)))
                    .collect();
                world.with_changes(records, last)
            };
            self.world.store(Some(Arc::new(next)));
        }
    }

    /// The world as the register knew it at the instant.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub fn world_at(&self, at: Timestamp) -> Result<Arc<World>, EngineError> {
        let Some(world) = self.world() else {
            return Ok(Arc::new(World::empty()));
        };
        let key = (world.snapshot.seq(), at.micros());
        let kept = self
            .known_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let differing = self.register.differing_since(at)?;
        let then = if differing.is_empty() {
            world
        } else {
            Arc::new(world.with_changes(differing, world.snapshot.seq()))
        };
        let mut kept = self.known_at.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= WORLDS_KEPT {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&then));
        Ok(then)
    }

    /// The user whose token has this hash.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub fn actor_of_token(&self, hash: &TokenHash) -> Result<Option<Actor>, EngineError> {
        let user = self.register.find_token(hash)?;
        Ok(user.map(|user| Actor::User {
            name: user.name.into(),
            role: user.role,
            division: user.division,
        }))
    }

    /// Follows other processes' changes and merges them in the background, until [`stop`].
    ///
    /// [`stop`]: Self::stop
    pub fn follow(self: &Arc<Self>) {
        let engine = Arc::clone(self);
        let follower = std::thread::Builder::new().name("follow".to_owned());
        let started = follower.spawn(move || {
            if let Err(error) = engine.keep_snapshot() {
                tracing::warn!(%error, "the next start will read the register");
            }
            while !engine.stopped.load(Ordering::Relaxed) {
                engine.follow_once();
            }
        });
        if let Err(error) = started {
            tracing::error!(%error, "other processes' changes will not be seen");
        }
    }

    fn follow_once(&self) {
        let seq = self.world().map_or(0, |world| world.snapshot.seq());
        match self.register.wait(seq, WAIT) {
            Ok(head) if head > seq => {
                if let Err(error) = self.refresh() {
                    tracing::error!(%error, "changes could not be read");
                    std::thread::sleep(WAIT);
                }
            }
            Ok(_) => {
                if let Some(world) = self.world() {
                    world.prepare_tiles();
                }
                self.merge_in_background();
            }
            Err(error) => {
                tracing::error!(%error, "the register cannot be watched");
                std::thread::sleep(WAIT);
            }
        }
    }

    /// Merges the delta while nothing happens; a world that came meanwhile is not overwritten.
    fn merge_in_background(&self) {
        let Some(world) = self.world() else { return };
        if !world.snapshot.wants_compaction() {
            return;
        }
        let merged = Arc::new(world.compacted());
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if self
            .world()
            .is_some_and(|current| Arc::ptr_eq(&current, &world))
        {
            self.world.store(Some(merged));
        }
    }

    /// Whether the following has ended.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Ends the following.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}
