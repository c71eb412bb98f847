//! What the indicators are counted from: the units, services and cemeteries of a scope.

use std::collections::BTreeSet;

use zhifang_core::{CodePrefix, Collection, Day, DivisionCode, DivisionLevel, Record};
use zhifang_index::{Scope, View};

use crate::facility::{door, kind_of, standing, stands};
use crate::gaps::township_of;
use crate::travel::Total;

/// Last three digits from which township codes are units that are like townships (development
/// zones, farms), not townships: the statistics bureau's rules for coding, 400-599.
const LIKE_TOWNSHIP: u64 = 400;

/// Last three digits up to which village codes are residents' committees (居委会): 001-199.
const LAST_RESIDENTS: u64 = 199;

/// The scope's units and facilities on a day.
pub(super) struct Facts<'a> {
    pub(super) view: View<'a>,
    pub(super) scope: Scope,
    pub(super) day: Day,
    pub(super) unit: Option<&'a Record>,
    pub(super) counties: Vec<&'a Record>,
    pub(super) townships: Vec<&'a Record>,
    pub(super) villages: Vec<&'a Record>,
    pub(super) services: Vec<&'a Record>,
    pub(super) cemeteries: Vec<&'a Record>,
}

impl<'a> Facts<'a> {
    pub(super) fn gather(view: &View<'a>, within: CodePrefix, day: Day) -> Self {
        let scope = view.scope(within);
        let mut units: Vec<&'a Record> = view
            .within(Collection::Divisions, within)
            .filter(|record| record.is_valid_on(day) && !record.is_heading())
            .collect();
        units.sort_by(|a, b| a.id.cmp(&b.id));
        units.dedup_by(|a, b| a.division == b.division);
        let of = |level: DivisionLevel| -> Vec<&'a Record> {
            units
                .iter()
                .copied()
                .filter(|record| record.level() == Some(level))
                .collect()
        };
        let mut counties = of(DivisionLevel::County);
        if counties.is_empty()
            && let Some(county) = view.unit(within.unit().county(), Some(day))
        {
            counties.push(county);
        }
        Self {
            view: *view,
            day,
            unit: view.unit(within.unit(), Some(day)),
            counties,
            townships: of(DivisionLevel::Township),
            villages: of(DivisionLevel::Village),
            services: standing(view, None, day)
                .filter(|record| scope.covers_record(record))
                .collect(),
            cemeteries: view
                .records(Collection::Cemeteries)
                .filter(|record| stands(record, day))
                .collect(),
            scope,
        }
    }

    /// Services of the kind in the scope.
    pub(super) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &'a Record> + '_ {
        self.services
            .iter()
            .copied()
            .filter(move |record| kind_of(record) == kind)
    }

    /// The township that a facility stands in: by its division, else by its place.
    pub(super) fn township(&self, record: &Record) -> Option<DivisionCode> {
        if let Some(code) = record.division.and_then(township_of) {
            return Some(code);
        }
        let covering = self.view.covering(door(record)?, Some(self.day));
        covering
            .iter()
            .filter(|unit| unit.record.level() == Some(DivisionLevel::Township))
            .find_map(|unit| unit.record.division)
    }

    /// People of 60 and over of a unit: its own figure, else the sum of those below.
    /// With the number of units that lack the figure.
    pub(super) fn population_60(&self) -> (f64, usize) {
        let own = |record: &Record| record.fields.number("population_60");
        if let Some(people) = self.unit.and_then(own) {
            return (people, 0);
        }
        for units in [&self.counties, &self.townships, &self.villages] {
            let known: Vec<f64> = units.iter().filter_map(|unit| own(unit)).collect();
            if !known.is_empty()
                && self
                    .unit
                    .is_none_or(|unit| units.iter().all(|one| one.id != unit.id))
            {
                return (known.iter().total(), units.len() - known.len());
            }
        }
        (0.0, 1)
    }

    /// Codes of the townships proper: streets, towns and townships by law.
    pub(super) fn is_statutory(code: DivisionCode) -> bool {
        code.digits() == 9 && code.as_u64() % 1_000 < LIKE_TOWNSHIP
    }

    /// Whether the village is a residents' committee.
    pub(super) fn is_residents(code: DivisionCode) -> bool {
        code.digits() == 12 && code.as_u64() % 1_000 <= LAST_RESIDENTS
    }

    /// Codes of townships with at least one of these.
    pub(super) fn townships_with(
        &self,
        records: impl Iterator<Item = &'a Record>,
    ) -> BTreeSet<DivisionCode> {
        records.filter_map(|record| self.township(record)).collect()
    }
}
