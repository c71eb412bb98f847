//! One immutable picture of the register with everything that answers from it.

use std::sync::Arc;

use geo_types::{Geometry, MultiPolygon};
use zhifang_core::{Collection, DivisionCode, Record, RecordKey, Status};
use zhifang_index::{Audience, Options, Snapshot};
use zhifang_topology::{Coverage, Layers, UnitInput};

use crate::engine::Phase;

/// The register at one point of its log, with its shared lines, names and tiles.
///
/// A reader takes it once and keeps it for the whole answer.
#[derive(Debug)]
pub struct World {
    /// Records, trees, hierarchy.
    pub snapshot: Snapshot,
    coverage: Arc<Coverage>,
}

impl World {
    /// A world without records.
    pub fn empty() -> Self {
        Self::build(Snapshot::empty(&Options::default()), &mut |_| ())
    }

    /// Everything made anew from a snapshot.
    pub fn build(snapshot: Snapshot, progress: &mut dyn FnMut(Phase)) -> Self {
        progress(Phase::BuildingTiles);
        let coverage = Arc::new(coverage_of(&snapshot));
        Self { snapshot, coverage }
    }

    /// The next world: what the changes do not touch is shared with this one.
    #[must_use]
    pub fn with_changes(
        &self,
        changes: Vec<(RecordKey, Option<Record>)>,
        seq: u64,
    ) -> Self {
        let touches_ground = changes.iter().any(|(key, record)| self.touches_ground(key, record.as_ref()));
        let snapshot = self.snapshot.with_changes(changes, seq);
        let coverage = if touches_ground {
            Arc::new(coverage_of(&snapshot))
        } else {
            Arc::clone(&self.coverage)
        };
        Self { snapshot, coverage }
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
        Self { snapshot: self.snapshot.compacted(), coverage: Arc::clone(&self.coverage) }
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
