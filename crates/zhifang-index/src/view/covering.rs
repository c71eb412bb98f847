//! The units that cover a point: reverse geocoding's first half.

use zhifang_core::{Collection, Day, DivisionCode, DivisionLevel, LonLat, Record};

use super::View;
use super::hierarchy::is_in_force;
use crate::hierarchy::is_heading;
use crate::locator::{Unit, has_area};

/// A unit that covers a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Covering<'a> {
    /// Its code.
    pub code: DivisionCode,
    /// Its level.
    pub level: DivisionLevel,
    /// Its record.
    pub record: &'a Record,
}

impl<'a> View<'a> {
    /// The units that cover the place, sorted by level, highest first, then by code.
    ///
    /// The edge belongs to the unit: on a line every neighbour is listed, and where units
    /// overlap or enclose each other all that cover the place. Without a day the published
    /// units answer, with one those in force on that day. A unit above that has no polygon
    /// stands in the answer by the chain of parents; none is invented. Outside: empty.
    pub fn covering(&self, place: LonLat, day: Option<Day>) -> Vec<Covering<'a>> {
        let mut locator = self.point_locator(day);
        locator.locate(place);
        locator.found
    }

    /// [`covering`](Self::covering) for many points: keeps its memory between them.
    pub fn point_locator(&self, day: Option<Day>) -> PointLocator<'a> {
        let has_changes = !self.snapshot.delta.of(Collection::Divisions).is_empty();
        PointLocator {
            view: *self,
            day,
            has_changes,
            hits: Vec::new(),
            found: Vec::new(),
        }
    }
}

/// Asks one view for the units that cover one point after another.
#[derive(Debug)]
pub struct PointLocator<'a> {
    view: View<'a>,
    day: Option<Day>,
    has_changes: bool,
    hits: Vec<u32>,
    found: Vec<Covering<'a>>,
}

impl<'a> PointLocator<'a> {
    /// The units that cover the place, as [`View::covering`] says.
    pub fn locate(&mut self, place: LonLat) -> &[Covering<'a>] {
        self.found.clear();
        let base = &self.view.snapshot.base;
        base.locator.locate_into(place, &mut self.hits);
        if self.has_changes {
            self.locate_with_changes(place);
            return &self.found;
        }
        let table = base.table(Collection::Divisions);
        let mut is_whole = true;
        for hit in &self.hits {
            let unit = &base.locator.units()[*hit as usize];
            let record = &table.records[unit.index as usize];
            if counts(unit, record, self.day) {
                let (code, level) = (unit.code, unit.level);
                self.found.push(Covering {
                    code,
                    level,
                    record,
                });
                is_whole &= unit.above.is_steady && unit.above.indexes.is_empty();
            }
        }
        if !is_whole {
            self.complete();
        }
        &self.found
    }

    /// Adds what stands above the hits and has no polygon.
    fn complete(&mut self) {
        let base = &self.view.snapshot.base;
        let table = base.table(Collection::Divisions);
        for number in 0..self.hits.len() {
            let unit = &base.locator.units()[self.hits[number] as usize];
            let record = &table.records[unit.index as usize];
            if !counts(unit, record, self.day) {
                continue;
            }
            if self.day.is_none() || unit.above.is_steady {
                let above = unit.above.indexes.iter();
                let above = above.filter_map(|index| covering_of(&table.records[*index as usize]));
                self.found.extend(above);
            } else {
                self.add_chain(record);
            }
        }
        self.sort();
    }

    /// The slow path: some units are not what the base says, nor perhaps those above others.
    fn locate_with_changes(&mut self, place: LonLat) {
        let view = self.view;
        let base = &view.snapshot.base;
        let hits = self.hits.iter().filter_map(|hit| {
            view.unchanged(
                Collection::Divisions,
                base.locator.units()[*hit as usize].index,
            )
        });
        let changed = view
            .changed(Collection::Divisions)
            .filter(|(changed, _)| changed.area.as_ref().is_some_and(|area| area.covers(place)))
            .map(|(_, record)| record);
        let units = hits
            .chain(changed)
            .filter(|record| is_in_force(record, self.day) && !is_heading(record));
        self.found.extend(units.filter_map(covering_of));
        for number in 0..self.found.len() {
            self.add_chain(self.found[number].record);
        }
        self.sort();
    }

    /// Adds the units above that have no polygon.
    fn add_chain(&mut self, record: &Record) {
        let chain = self.view.ancestors_of(record, self.day);
        let without = |record: &&Record| !record.geometry.as_deref().is_some_and(has_area);
        self.found
            .extend(chain.into_iter().filter(without).filter_map(covering_of));
    }

    fn sort(&mut self) {
        self.found
            .sort_by(|a, b| (a.level, a.code, &a.record.id).cmp(&(b.level, b.code, &b.record.id)));
        self.found.dedup_by(|a, b| a.record.id == b.record.id);
    }
}

/// [`is_in_force`], without a look at the record where no day is given.
fn counts(unit: &Unit, record: &Record, day: Option<Day>) -> bool {
    if day.is_none() {
        unit.is_current
    } else {
        is_in_force(record, day)
    }
}

fn covering_of(record: &Record) -> Option<Covering<'_>> {
    Some(Covering {
        code: record.division?,
        level: record.level()?,
        record,
    })
}
