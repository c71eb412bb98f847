//! Who has no service in reach (服务空白), most people first.

use serde::Serialize;
use zhifang_core::{CodePrefix, Day, DivisionCode, Record};
use zhifang_index::View;

use crate::demand::{Demand, demand_in};
use crate::error::AssistError;
use crate::facility::{FacilityKind, around, kind_of, require_unit};
use crate::travel::{Limit, Method, Mode, Total, geodesic_m, tenth};
use crate::trips::Trips;

/// Which unit, which kind, how far.
#[derive(Debug, Clone, PartialEq)]
pub struct GapsQuery {
    /// The unit.
    pub within: CodePrefix,
    /// Kind of service.
    pub kind: FacilityKind,
    /// What counts as in reach.
    pub limit: Limit,
    /// How people go.
    pub mode: Mode,
    /// Services and settlements of this day.
    pub day: Day,
}

/// A demand point without a service in reach.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gap {
    /// Who.
    #[serde(flatten)]
    pub demand: Demand,
    /// The township that it lies in.
    pub township: Option<DivisionCode>,
    /// The nearest service by travel time; null where none can be reached.
    pub nearest: Option<String>,
    /// Its name.
    pub nearest_name: Option<String>,
    /// Length of the way, metres.
    pub distance_m: Option<f64>,
    /// Minutes of the way.
    pub minutes: Option<f64>,
    /// Geodesic distance to that service, metres.
    pub line_m: Option<f64>,
    /// Metres to the nearest road; null where none is within a kilometre or none is loaded.
    pub off_road_m: Option<f64>,
}

/// The demand points of a unit without a service in reach.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gaps {
    /// The unit.
    pub within: CodePrefix,
    /// Kind of service.
    pub kind: FacilityKind,
    /// What counts as in reach.
    #[serde(flatten)]
    pub limit: Limit,
    /// How people go.
    pub mode: Mode,
    /// How distances were found.
    pub method: Method,
    /// The day.
    pub as_of: Day,
    /// Services looked at: those of the unit and its neighbours' nearby.
    pub facilities: usize,
    /// Demand points.
    pub demand_points: usize,
    /// People in all.
    pub population: f64,
    /// People without a service in reach.
    pub population_unserved: f64,
    /// Share of the people with a service in reach, percent; null without demand.
    pub served_percent: Option<f64>,
    /// Those without, most people first, ties by id.
    pub gaps: Vec<Gap>,
}

/// The demand points of a unit that have no service of the kind within the limit.
///
/// # Errors
/// [`AssistError::Range`] for a limit out of range, [`AssistError::Unit`] for an unknown unit.
pub fn gaps(view: &View<'_>, query: &GapsQuery) -> Result<Gaps, AssistError> {
    let limit = query.limit.checked()?;
    require_unit(view, query.within)?;
    let scope = view.scope(query.within);
    let demand = demand_in(view, &scope, query.day);
    let is_kind = |record: &Record| kind_of(record) == query.kind.as_str();
    let facilities = around(
        view,
        &scope,
        &demand,
        is_kind,
        query.kind.collection(),
        query.day,
    );
    let mut places: Vec<_> = demand.iter().map(Demand::place).collect();
    places.extend(facilities.iter().map(|(_, place)| *place));
    let trips = Trips::new(view, places, query.mode, query.day);
    let from: Vec<usize> = (0..demand.len()).collect();
    let targets: Vec<usize> = (demand.len()..demand.len() + facilities.len()).collect();
    let nearest = trips.nearest_of(&from, &targets);
    let population: f64 = demand.iter().map(|demand| demand.population).total();
    let count = demand.len();
    let mut found = Vec::new();
    for (number, (demand, best)) in demand.into_iter().zip(nearest).enumerate() {
        if best.is_some_and(|(_, way)| limit.holds(way)) {
            continue;
        }
        let service = best.and_then(|(target, _)| facilities.get(target - count));
        found.push(Gap {
            township: demand.division.and_then(township_of),
            nearest: service.map(|(record, _)| record.id.to_string()),
            nearest_name: service.map(|(record, _)| record.name.to_string()),
            distance_m: best.map(|(_, way)| tenth(way.metres)),
            minutes: best.map(|(_, way)| tenth(way.minutes)),
            line_m: service.map(|(_, place)| tenth(geodesic_m(demand.place(), *place))),
            off_road_m: trips.off_road_m(number).map(tenth),
            demand,
        });
    }
    found.sort_by(|a, b| {
        b.demand
            .population
            .total_cmp(&a.demand.population)
            .then_with(|| a.demand.id.cmp(&b.demand.id))
    });
    let unserved: f64 = found.iter().map(|gap| gap.demand.population).total();
    Ok(Gaps {
        within: query.within,
        kind: query.kind,
        limit,
        mode: query.mode,
        method: trips.method(),
        as_of: query.day,
        facilities: facilities.len(),
        demand_points: count,
        population,
        population_unserved: unserved,
        served_percent: (population > 0.0)
            .then(|| tenth((population - unserved) / population * 100.0)),
        gaps: found,
    })
}

/// The township of a township or village code.
pub(crate) fn township_of(code: DivisionCode) -> Option<DivisionCode> {
    match code.digits() {
        9 => Some(code),
        12 => DivisionCode::from_u64(code.as_u64() / 1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
