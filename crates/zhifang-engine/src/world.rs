//! One immutable picture of the register with everything that answers from it.

use zhifang_core::{Collection, DivisionCode, Record, RecordKey};
use zhifang_geocode::{NameChange, NameIndex};
use zhifang_index::{Audience, Options, Snapshot};
use zhifang_tiles::{Atlas, Stale, Tiles, Touched, touched};

use crate::engine::Phase;
use crate::names::name_entry;
use crate::trail::Trail;

/// Changed names beyond which the index is built anew rather than overlaid.
const MANY_NAMES: usize = 20_000;

/// The register at one point of its log, with its names and tiles.
///
/// A reader takes it once and keeps it for the whole answer.
#[derive(Debug)]
pub struct World {
    /// Records, trees, hierarchy.
    pub snapshot: Snapshot,
    /// Names of divisions and standard names.
    pub names: NameIndex,
    atlas: Atlas,
    trail: Trail,
}

impl World {
    /// A world without records.
    pub fn empty() -> Self {
        Self::build(Snapshot::empty(&Options::default()), &mut |_| ())
    }

    /// Everything made anew from a snapshot.
    pub fn build(snapshot: Snapshot, progress: &mut dyn FnMut(Phase)) -> Self {
        Self::with_names(snapshot, |_| None, progress)
    }

    /// A world of a snapshot whose names may be known already; names and lines are made at the
    /// same time.
    pub(crate) fn with_names(
        snapshot: Snapshot,
        known: impl FnOnce(&Snapshot) -> Option<NameIndex>,
        progress: &mut dyn FnMut(Phase),
    ) -> Self {
        let (names, atlas) = std::thread::scope(|scope| {
            let lines = scope.spawn(|| drawn_atlas(&snapshot));
            let names = known(&snapshot).unwrap_or_else(|| {
                progress(Phase::IndexingNames);
                names_of(&snapshot)
            });
            // A panic over there is one here too; the work is done again so that it is seen.
            (
                names,
                lines.join().unwrap_or_else(|_| drawn_atlas(&snapshot)),
            )
        });
        Self {
            trail: Trail::from(snapshot.seq()),
            snapshot,
            names,
            atlas,
        }
    }

    /// The next world: what the changes do not touch is shared with this one.
    #[must_use]
    pub fn with_changes(&self, changes: Vec<(RecordKey, Option<Record>)>, seq: u64) -> Self {
        let meaning = changes
            .iter()
            .map(|(key, after)| touched(&self.snapshot, key, after.as_ref()))
            .fold(Touched::default(), Touched::or);
        let stale = changes
            .iter()
            .map(|(key, after)| Stale::by(&self.snapshot, key, after.as_ref()))
            .fold(Stale::nothing(), |all, one| all.or(&one));
        let named: Vec<NameChange> = changes.iter().filter_map(name_change).collect();
        let snapshot = self.snapshot.with_changes(changes, seq);
        let overlay = self.names.overlay_len() + named.len();
        let names = match named.len() {
            0 => self.names.clone(),
            _ if overlay > MANY_NAMES => names_of(&snapshot),
            _ => self.names.with_changes(named),
        };
        let atlas = self.atlas.refreshed(&snapshot, meaning);
        Self {
            trail: self.trail.followed_by(seq, stale),
            snapshot,
            names,
            atlas,
        }
    }

    /// The same world with its changes merged.
    #[must_use]
    pub fn compacted(&self) -> Self {
        let snapshot = self.snapshot.compacted();
        let names = names_of(&snapshot);
        let atlas = self.atlas.refreshed(&snapshot, Touched::default());
        Self {
            trail: self.trail.clone(),
            snapshot,
            names,
            atlas,
        }
    }

    /// The tiles as the audience sees them.
    pub fn tiles(&self, audience: Audience) -> Tiles<'_> {
        self.atlas.tiles(self.snapshot.view(audience))
    }

    /// Tiles of the records in force on a day.
    pub fn atlas_on(&self, day: zhifang_core::Day) -> Atlas {
        Atlas::build(&self.snapshot, Some(day))
    }

    /// Where the map may have changed since the change `seq` of the log.
    pub fn stale_since(&self, seq: u64) -> Stale {
        self.trail.since(seq)
    }

    /// Generalises the ground of every zoom before it is asked for; nothing where it is done.
    pub fn prepare_tiles(&self) {
        self.atlas.prepare_all();
    }

    /// Units of the same level that share a line with this one, in ascending order.
    pub fn neighbours(&self, code: DivisionCode) -> Vec<DivisionCode> {
        self.atlas.neighbours(code)
    }
}

/// An atlas whose first tiles wait for nothing.
fn drawn_atlas(snapshot: &Snapshot) -> Atlas {
    let atlas = Atlas::build(snapshot, None);
    atlas.prepare_all();
    atlas
}

fn names_of(snapshot: &Snapshot) -> NameIndex {
    let view = snapshot.view(Audience::Public);
    let records = view
        .records(Collection::Divisions)
        .chain(view.records(Collection::Names));
    NameIndex::build(records.filter_map(name_entry))
}

/// What a change of a record means for the index of names.
fn name_change((key, record): &(RecordKey, Option<Record>)) -> Option<NameChange> {
    if !matches!(key.collection, Collection::Divisions | Collection::Names) {
        return None;
    }
    Some(match record.as_ref().and_then(name_entry) {
        Some(entry) => NameChange::Put(entry),
        None => NameChange::Remove {
            collection: key.collection,
            id: key.id.to_string(),
        },
    })
}
