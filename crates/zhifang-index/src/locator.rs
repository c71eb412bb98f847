//! Which units cover a point: candidates from a tree of cells, then exact geometry.

mod cells;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use zhifang_core::{Bbox, DivisionCode, DivisionLevel, LonLat, Status, Validity};

use crate::area::Area;
use crate::hierarchy::{Hierarchy, chain, is_bare, is_heading, lives};
use crate::table::Table;

pub(crate) use cells::{CellParts, Cells};

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
    pub(crate) above: Arc<Above>,
}

/// Units above one, whom geometry cannot tell: they have no polygon.
#[derive(Debug, Default)]
pub(crate) struct Above {
    /// Their places, as published.
    pub(crate) indexes: Vec<u32>,
    /// Whether the chain has gone through no change, so that it is the same on every day.
    pub(crate) is_steady: bool,
}

/// Cells as a snapshot file holds them.
#[derive(Debug)]
pub(crate) struct StoredCells {
    pub(crate) bbox: Bbox,
    pub(crate) root: u32,
    pub(crate) nodes: Vec<[u32; 4]>,
    pub(crate) lists: Vec<u32>,
}

impl StoredCells {
    fn over(self, units: usize) -> Option<Cells> {
        Cells::from_parts(self.bbox, self.root, self.nodes, self.lists, units)
    }
}

/// The divisions of a table that have polygons, by level and code, ready for points.
#[derive(Debug)]
pub(crate) struct Locator {
    units: Vec<Unit>,
    cells: Cells,
}

impl Locator {
    /// A locator over the table; areas that `earlier` has of the same geometries are kept, and
    /// `stored` cells are taken where they fit.
    pub(crate) fn build(
        table: &Table,
        hierarchy: &Hierarchy,
        earlier: Option<(&Table, &Self)>,
        stored: Option<StoredCells>,
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
        let mut chains = FxHashMap::default();
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
            let parent = record.parent();
            let above = chains
                .entry(parent)
                .or_insert_with(|| Arc::new(units_above(table, hierarchy, parent)));
            let above = Arc::clone(above);
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
        let cells = stored
            .and_then(|stored| stored.over(units.len()))
            .unwrap_or_else(|| Cells::build(&units));
        Self { units, cells }
    }

    pub(crate) fn cells(&self) -> &Cells {
        &self.cells
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

/// The units above, from the parent upwards, that have no polygon.
fn units_above(table: &Table, hierarchy: &Hierarchy, parent: Option<DivisionCode>) -> Above {
    let published = |code| {
        let record = table.records.get(hierarchy.position(code)? as usize)?;
        (record.status == Status::Published && !is_heading(record)).then_some(record)
    };
    let mut is_steady = true;
    let chain = chain(parent, published, |code, found| {
        is_steady &= lives(table, hierarchy, code).all(|index| {
            let life = &table.records[index as usize];
            let counts_always = found.is_some_and(|record| record.id == life.id)
                && life.valid == Validity::default();
            counts_always || life.status == Status::Draft || is_heading(life)
        });
    });
    let indexes = chain
        .into_iter()
        .filter(|record| !record.geometry.as_deref().is_some_and(has_area))
        .filter_map(|record| record.division.and_then(|code| hierarchy.position(code)))
        .collect();
    Above { indexes, is_steady }
}

/// Whether the geometry is one that can cover a point as a unit does.
pub(crate) fn has_area(geometry: &geo::Geometry<f64>) -> bool {
    matches!(
        geometry,
        geo::Geometry::Polygon(_) | geo::Geometry::MultiPolygon(_)
    )
}
