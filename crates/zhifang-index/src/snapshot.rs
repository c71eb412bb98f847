//! The register at one point of its change log, ready to be asked; and the handle to the newest.

use std::array;
use std::sync::Arc;

use arc_swap::ArcSwap;
use zhifang_core::{Collection, PUBLIC_MARKER_STEP_DEG, Record, RecordKey};

use crate::delta::Delta;
use crate::hierarchy::{Hierarchy, slot};
use crate::locator::{Locator, StoredCells};
use crate::table::{Table, Tables};
use crate::view::View;

/// Changes beyond which [`Snapshot::with_changes`] merges at once: so many are an import, and
/// searching them one by one would cost more than the merge.
const MOST_CHANGES: usize = 20_000;

/// Changes beyond which a merge in the background pays.
const MANY_CHANGES: usize = 1_000;

/// Who asks (受众).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Anyone: public collections without drafts, markers at their rounded positions.
    Public,
    /// Those who may see everything.
    Staff,
}

/// How a snapshot is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Step to which the public's marker positions are rounded, degrees.
    pub marker_step_deg: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            marker_step_deg: PUBLIC_MARKER_STEP_DEG,
        }
    }
}

/// What is built once and shared by all snapshots until the next merge.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) tables: Tables,
    pub(crate) hierarchy: Arc<Hierarchy>,
    pub(crate) locator: Arc<Locator>,
}

impl Base {
    fn build(tables: Tables, earlier: Option<&Self>, stored: Option<StoredCells>) -> Self {
        let divisions = &tables[slot(Collection::Divisions)];
        if let Some(base) = earlier {
            let old = &base.tables[slot(Collection::Divisions)];
            if Arc::ptr_eq(old, divisions) {
                let hierarchy = Arc::clone(&base.hierarchy);
                let locator = Arc::clone(&base.locator);
                return Self {
                    tables,
                    hierarchy,
                    locator,
                };
            }
        }
        let hierarchy = Hierarchy::build(divisions);
        let known =
            earlier.map(|base| (&*base.tables[slot(Collection::Divisions)], &*base.locator));
        let locator = Locator::build(divisions, &hierarchy, known, stored);
        Self {
            tables,
            hierarchy: Arc::new(hierarchy),
            locator: Arc::new(locator),
        }
    }

    pub(crate) fn table(&self, collection: Collection) -> &Table {
        &self.tables[slot(collection)]
    }
}

/// The register as it stands after change `seq`: immutable, cheap to share and to follow up.
///
/// A snapshot is a base, with its trees, and the few changes since. [`with_changes`] makes the
/// next one in the time of the changes; [`compacted`] merges them, for a thread of its own.
///
/// [`with_changes`]: Self::with_changes
/// [`compacted`]: Self::compacted
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(crate) base: Arc<Base>,
    pub(crate) delta: Delta,
    seq: u64,
    options: Options,
}

impl Snapshot {
    /// A snapshot of these records; of two with one key the later counts.
    pub fn build(records: impl IntoIterator<Item = Record>, seq: u64, options: &Options) -> Self {
        let mut sorted: [Vec<Record>; Collection::ALL.len()] = array::from_fn(|_| Vec::new());
        for record in records {
            sorted[slot(record.collection)].push(record);
        }
        Self::from_sorted(sorted, None, seq, options)
    }

    /// A snapshot of records sorted into their collections, with the cells over them if stored.
    pub(crate) fn from_sorted(
        lists: [Vec<Record>; Collection::ALL.len()],
        cells: Option<StoredCells>,
        seq: u64,
        options: &Options,
    ) -> Self {
        let mut lists = lists.into_iter();
        let tables = array::from_fn(|number| {
            let records = lists.next().unwrap_or_default();
            Arc::new(Table::build(Collection::ALL[number], records, options))
        });
        let base = Arc::new(Base::build(tables, None, cells));
        Self {
            base,
            delta: Delta::default(),
            seq,
            options: options.clone(),
        }
    }

    /// A snapshot without records.
    pub fn empty(options: &Options) -> Self {
        Self::build([], 0, options)
    }

    /// The next snapshot: `None` takes a record out, `Some` puts it in or in its place.
    ///
    /// Costs the changes and a copy of the list of changes since the last merge; the nation is
    /// not touched. Of two changes of one record the later counts.
    #[must_use]
    pub fn with_changes(
        &self,
        changes: impl IntoIterator<Item = (RecordKey, Option<Record>)>,
        seq: u64,
    ) -> Self {
        let mut delta = self.delta.clone();
        for (key, record) in changes {
            let base = self.base.table(key.collection).position(&key.id);
            delta.set(key, record, base, &self.options);
        }
        let next = Self {
            base: Arc::clone(&self.base),
            delta,
            seq,
            options: self.options.clone(),
        };
        if next.delta_len() > MOST_CHANGES {
            next.compacted()
        } else {
            next
        }
    }

    /// Number of records that changed since the last merge.
    pub fn delta_len(&self) -> usize {
        self.delta.len()
    }

    /// Whether a merge in the background pays.
    pub fn wants_compaction(&self) -> bool {
        self.delta_len() > MANY_CHANGES
    }

    /// The same content with the changes merged into a new base.
    ///
    /// Collections without changes are shared. Takes as long as a build of the collections
    /// with changes; meant for a thread of its own.
    #[must_use]
    pub fn compacted(&self) -> Self {
        if self.delta.is_empty() {
            return self.clone();
        }
        let tables = array::from_fn(|number| {
            let collection = Collection::ALL[number];
            if self.delta.of(collection).is_empty() {
                return Arc::clone(&self.base.tables[number]);
            }
            let records = self
                .view(Audience::Staff)
                .records(collection)
                .cloned()
                .collect();
            Arc::new(Table::build(collection, records, &self.options))
        });
        let base = Arc::new(Base::build(tables, Some(&self.base), None));
        Self {
            base,
            delta: Delta::default(),
            seq: self.seq,
            options: self.options.clone(),
        }
    }

    /// The last change that it holds.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// How it was made.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What the audience sees.
    pub fn view(&self, audience: Audience) -> View<'_> {
        View::new(self, audience)
    }
}

/// The newest snapshot, for all who ask: readers never wait.
#[derive(Debug)]
pub struct SnapshotHandle(ArcSwap<Snapshot>);

impl SnapshotHandle {
    /// A handle to a first snapshot.
    pub fn new(snapshot: Snapshot) -> Self {
        Self(ArcSwap::from_pointee(snapshot))
    }

    /// The newest snapshot; stays as it is while it is held.
    pub fn load(&self) -> Arc<Snapshot> {
        self.0.load_full()
    }

    /// Puts a newer snapshot in place and hands back the one before.
    pub fn swap(&self, snapshot: Snapshot) -> Arc<Snapshot> {
        self.0.swap(Arc::new(snapshot))
    }
}
