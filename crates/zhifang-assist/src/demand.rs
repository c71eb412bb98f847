//! Who is to be served (需求点): settlements with their people.

use std::collections::BTreeSet;

use serde::Serialize;
use zhifang_core::{Bbox, Collection, Day, DivisionCode, DivisionLevel, LonLat, Record, Status};
use zhifang_index::{Scope, View};

/// What a demand point is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DemandOrigin {
    /// A settlement of the register of names (class 22… of GB/T 18521).
    Settlement,
    /// The seat of a village unit that has no settlement there.
    Village,
}

/// A place where people live who need services.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Demand {
    /// Id of the name, or code of the village.
    pub id: String,
    /// Name as published.
    pub name: String,
    /// The division it belongs to.
    pub division: Option<DivisionCode>,
    /// What it is taken from.
    pub origin: DemandOrigin,
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
    /// People; 1 where the record has no number.
    pub population: f64,
    /// People of 60 and over, where the record has the number.
    pub population_60: Option<f64>,
}

impl Demand {
    fn of(record: &Record, place: LonLat, origin: DemandOrigin) -> Self {
        let people = |field: &str| record.fields.number(field).filter(|number| *number >= 0.0);
        Self {
            id: record.id.to_string(),
            name: record.name.to_string(),
            division: record.division,
            origin,
            lon: place.lon,
            lat: place.lat,
            population: people("population").unwrap_or(1.0),
            population_60: people("population_60"),
        }
    }

    /// Where it is.
    pub const fn place(&self) -> LonLat {
        LonLat::new(self.lon, self.lat)
    }
}

/// Whether the name is a settlement (居民点): class 22… of GB/T 18521.
pub(crate) fn is_settlement(record: &Record) -> bool {
    record
        .fields
        .text("class_code")
        .is_some_and(|class| class.starts_with("22"))
}

/// Demand points of the scope, by id: its settlements, and the seats of villages without one.
///
/// A settlement that names its township only speaks for all villages of that township.
pub(crate) fn demand_in(view: &View<'_>, scope: &Scope, day: Day) -> Vec<Demand> {
    let names = view
        .records(Collection::Names)
        .filter(|record| scope.covers_record(record));
    let villages = scope
        .prefixes()
        .iter()
        .flat_map(|prefix| view.within(Collection::Divisions, *prefix));
    gather(names, villages, day)
}

/// Demand points in a box, by id.
pub(crate) fn demand_near(view: &View<'_>, bbox: Bbox, day: Day) -> Vec<Demand> {
    gather(
        view.candidates_in(Collection::Names, bbox),
        view.seats_in(bbox),
        day,
    )
}

fn gather<'a>(
    names: impl Iterator<Item = &'a Record>,
    villages: impl Iterator<Item = &'a Record>,
    day: Day,
) -> Vec<Demand> {
    let mut found = Vec::new();
    let mut told: BTreeSet<DivisionCode> = BTreeSet::new();
    for record in names.filter(|record| is_settlement(record) && record.is_valid_on(day)) {
        let Some(place) = crate::facility::door(record) else {
            continue;
        };
        told.extend(record.division.filter(|code| code.digits() > 6));
        found.push(Demand::of(record, place, DemandOrigin::Settlement));
    }
    found.extend(villages.filter_map(|record| village_without(record, &told, day)));
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id && a.origin == b.origin);
    found
}

/// The demand at a village's seat, unless a settlement speaks for it.
fn village_without(record: &Record, told: &BTreeSet<DivisionCode>, day: Day) -> Option<Demand> {
    let code = record.division?;
    let is_village = code.digits() == 12 && record.level() == Some(DivisionLevel::Village);
    if !is_village || record.status == Status::Draft || !record.is_valid_on(day) {
        return None;
    }
    let parent = record.parent()?;
    if told.contains(&code) || told.contains(&parent) {
        return None;
    }
    let place = record.anchor()?;
    Some(Demand::of(record, place, DemandOrigin::Village))
}
