//! Which units cover a point: candidates from a tree of cells, then exact geometry.

mod cells;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use zhifang_core::{DivisionCode, DivisionLevel, LonLat, Status};

use crate::area::Area;
use crate::hierarchy::{Hierarchy, is_bare, is_heading};
use crate::table::Table;
use cells::Cells;

/// A division with a polygon.
#[derive(Debug)]
pub(crate) struct Unit {
    /// Its place in the table.
    pub(crate) index: u32,
    /// Whether it counts where no day is asked for.
    pub(crate) is_current: bool,
    pub(crate) level: DivisionLevel,
    pub(crate) code: DivisionCode,
    pub(crate) area: Arc<Area>,
    /// Units above it without a polygon, of any time, whom geometry cannot tell.
    pub(crate) above: Box<[u32]>,
}

/// The divisions of a table that have polygons, by level and code, ready for points.
#[derive(Debug)]
pub(crate) struct Locator {
    units: Vec<Unit>,
    cells: Cells,
}

impl Locator {
    /// A locator over the table; areas that `earlier` has of the same geometries are kept.
    pub(crate) fn build(
        table: &Table,
        hierarchy: &Hierarchy,
        earlier: Option<(&Table, &Self)>,
    ) -> Self {
        let mut ready: FxHashMap<*const geo::Geometry<f64>, &Arc<Area>> = FxHashMap::default();
        if let Some((old, locator)) = earlier {
            for unit in &locator.units {
                if let Some(geometry) = &old.records[unit.index as usize].geometry {
                    ready.insert(Arc::as_ptr(geometry), &unit.area);
                }
            }
        }
        let mut units = Vec::new();
        for (index, record) in table.records.iter().enumerate() {
            let (Some(code), Some(geometry)) = (record.division, &record.geometry) else {
                continue;
            };
            if record.status == Status::Draft || is_heading(record) {
                continue;
            }
            let known = ready
                .get(&Arc::as_ptr(geometry))
                .map(|area| Arc::clone(area));
            let Some(area) = known.or_else(|| Area::of(geometry).map(Arc::new)) else {
                continue;
            };
            let level = record.level().unwrap_or(code.level());
            let above = units_above(table, hierarchy, record.parent());
            units.push(Unit {
                index: index as u32,
                is_current: record.status == Status::Published && is_bare(record),
                level,
                code,
                area,
                above,
            });
        }
        units.sort_by_key(|unit| (unit.level, unit.code, unit.index));
        let cells = Cells::build(&units);
        Self { units, cells }
    }

    pub(crate) fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Numbers of the units that cover the place, edges included, ascending: by level and code.
    pub(crate) fn locate_into(&self, place: LonLat, hits: &mut Vec<u32>) {
        hits.clear();
        hits.extend(
            self.cells
                .entries(place)
                .iter()
                .filter(|entry| {
                    *entry & 1 == 0 || self.units[(*entry >> 1) as usize].area.covers(place)
                })
                .map(|entry| entry >> 1),
        );
    }
}

/// Places of all units above, of any time, that have no polygon.
fn units_above(table: &Table, hierarchy: &Hierarchy, parent: Option<DivisionCode>) -> Box<[u32]> {
    let mut found = Vec::new();
    let mut next = parent;
    // No chain of units is longer than the levels are many; stored parents may run in a ring.
    for _ in 0..DivisionLevel::ALL.len() {
        let Some(code) = next else { break };
        let lives = crate::hierarchy::lives(table, hierarchy, code);
        let bare = hierarchy
            .position(code)
            .and_then(|index| table.records.get(index as usize));
        next = bare.map_or_else(|| code.parent(), zhifang_core::Record::parent);
        found.extend(lives.filter(|index| {
            let record = &table.records[*index as usize];
            record.status != Status::Draft
                && !is_heading(record)
                && !record.geometry.as_deref().is_some_and(has_area)
        }));
    }
    found.into_boxed_slice()
}

/// Whether the geometry is one that can cover a point as a unit does.
pub(crate) fn has_area(geometry: &geo::Geometry<f64>) -> bool {
    matches!(
        geometry,
        geo::Geometry::Polygon(_) | geo::Geometry::MultiPolygon(_)
    )
}
