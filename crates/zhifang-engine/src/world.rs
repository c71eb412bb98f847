//! One immutable picture of the register with everything that answers from it.

use std::sync::Arc;

use geo_types::{Geometry, MultiPolygon};
use zhifang_core::{Collection, DivisionCode, Record, RecordKey, Status};
use zhifang_geocode::{NameChange, NameIndex};
use zhifang_index::{Audience, Options, Snapshot};
use zhifang_topology::{Coverage, Layers, UnitInput};

use crate::engine::Phase;
use crate::names::name_entry;

/// Changed names beyond which the index is built anew rather than overlaid.
const MANY_NAMES: usize = 20_000;

/// The register at one point of its log, with its shared lines, names and tiles.
///
/// A reader takes it once and keeps it for the whole answer.
#[derive(Debug)]
pub struct World {
    /// Records, trees, hierarchy.
    pub snapshot: Snapshot,
    /// Names of divisions and standard names.
    pub names: NameIndex,
    coverage: Arc<Coverage>,
}

impl World {
    /// A world without records.
    pub fn empty() -> Self {
        Self::build(Snapshot::empty(&Options::default()), &mut |_| ())
    }

    /// Everything made anew from a snapshot; names and lines at the same time.
    pub fn build(snapshot: Snapshot, progress: &mut dyn FnMut(Phase)) -> Self {
        progress(Phase::IndexingNames);
        let (names, coverage) = std::thread::scope(|scope| {
            let lines = scope.spawn(|| coverage_of(&snapshot));
            let names = names_of(&snapshot);
            // A panic over there is one here too; the work is done again so that it is seen.
            (names, lines.join().unwrap_or_else(|_| coverage_of(&snapshot)))
        });
        progress(Phase::BuildingTiles);
        Self { snapshot, names, coverage: Arc::new(coverage) }
    }

    /// The next world: what the changes do not touch is shared with this one.
    #[must_use]
    pub fn with_changes(&self, changes: Vec<(RecordKey, Option<Record>)>, seq: u64) -> Self {
        let touches_ground =
            changes.iter().any(|(key, record)| self.touches_ground(key, record.as_ref()));
        let named: Vec<NameChange> = changes.iter().filter_map(name_change).collect();
        let snapshot = self.snapshot.with_changes(changes, seq);
        let overlay = self.names.overlay_len() + named.len();
        let names = match named.len() {
            0 => self.names.clone(),
            _ if overlay > MANY_NAMES => names_of(&snapshot),
            _ => self.names.with_changes(named),
        };
        let coverage = if touches_ground {
            Arc::new(coverage_of(&snapshot))
        } else {
            Arc::clone(&self.coverage)
        };
        Self { snapshot, names, coverage }
    }

    /// Whether the polygon of a division comes, goes or changes.
    fn touches_ground(&self, key: &RecordKey, next: Option<&Record>) -> bool {
        if key.collection != Collection::Divisions {
            return false;
        }
        let last = self.snapshot.view(Audience::Staff).record(Collection::Divisions, &key.id);
        let ground = |record: Option<&Record>| {
            record.filter(|record| stands(record)).and_then(|record| record.geometry.clone())
        };
        match (ground(last), ground(next)) {
            (None, None) => false,
            (Some(a), Some(b)) => !Arc::ptr_eq(&a, &b) && a != b,
            _ => true,
        }
    }

    /// The same world with its changes merged.
    #[must_use]
    pub fn compacted(&self) -> Self {
        let snapshot = self.snapshot.compacted();
        let names = names_of(&snapshot);
        Self { snapshot, names, coverage: Arc::clone(&self.coverage) }
    }

    /// The shared lines of all levels.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Units of the same level that share a line with this one, in ascending order.
    pub fn neighbours(&self, code: DivisionCode) -> Vec<DivisionCode> {
        self.coverage
            .neighbours(code.as_u64())
            .into_iter()
            .filter_map(DivisionCode::from_u64)
            .collect()
    }
}

fn names_of(snapshot: &Snapshot) -> NameIndex {
    let view = snapshot.view(Audience::Public);
    let records = view.records(Collection::Divisions).chain(view.records(Collection::Names));
    NameIndex::build(records.filter_map(name_entry))
}

/// What a change of a record means for the index of names.
fn name_change((key, record): &(RecordKey, Option<Record>)) -> Option<NameChange> {
    if !matches!(key.collection, Collection::Divisions | Collection::Names) {
        return None;
    }
    Some(match record.as_ref().and_then(name_entry) {
        Some(entry) => NameChange::Put(entry),
        None => NameChange::Remove { collection: key.collection, id: key.id.to_string() },
    })
}

/// Whether a division takes part in the map of today.
fn stands(record: &Record) -> bool {
    record.status == Status::Published && !record.is_heading() && !record.id.contains('@')
}

fn coverage_of(snapshot: &Snapshot) -> Coverage {
    let polygons: Vec<(u64, u8, MultiPolygon<f64>)> = snapshot
        .view(Audience::Public)
        .records(Collection::Divisions)
        .filter(|record| stands(record))
        .filter_map(|record| {
            let polygon = match record.geometry.as_deref()? {
                Geometry::Polygon(polygon) => MultiPolygon(vec![polygon.clone()]),
                Geometry::MultiPolygon(polygons) => polygons.clone(),
                _ => return None,
            };
            Some((record.division?.as_u64(), record.level()?.rank(), polygon))
        })
        .collect();
    Coverage::build(polygons.iter().map(|(id, layer, geometry)| UnitInput {
        id: *id,
        layers: Layers::one(*layer),
        geometry,
    }))
}
