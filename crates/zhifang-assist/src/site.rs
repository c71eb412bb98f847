//! Where the next services should go (选址), with proof of how good the choice is.
//!
//! What stands already is kept. Candidates are the demand points themselves.

mod center;
mod choose;
mod cover;
mod median;
mod swap;

use std::str::FromStr;

use serde::{Serialize, Serializer};
use zhifang_core::{CodePrefix, Day, DivisionCode};
use zhifang_index::View;

use crate::demand::{Demand, demand_in};
use crate::error::AssistError;
use crate::facility::{FacilityKind, around, require_unit};
use crate::travel::{Limit, Method, Mode, SLACK, Total, Way, tenth};
use crate::trips::Trips;

use choose::{Choice, choose_center, choose_covering, choose_fewest, choose_median, penalty};

/// Demand points that are solved at once: the table of distances is 50 MB there.
const MOST_POINTS: usize = 2_500;

/// Services that one question may ask for.
const MOST_COUNT: usize = 200;

/// How much farther than any way one counts that cannot be reached at all (p-median).
const UNREACHED: f64 = 10.0;

/// What is best (选址模型).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SiteModel {
    /// Maximal covering: most people within the limit, with `count` new ones.
    #[default]
    Mclp,
    /// Least sum of people times distance, with `count` new ones.
    PMedian,
    /// Least greatest distance, with `count` new ones.
    PCenter,
    /// Fewest new ones that bring everyone within the limit.
    Lscp,
}

impl SiteModel {
    /// Word used over HTTP and in commands.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mclp => "mclp",
            Self::PMedian => "p-median",
            Self::PCenter => "p-center",
            Self::Lscp => "lscp",
        }
    }
}

impl FromStr for SiteModel {
    type Err = AssistError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Mclp, Self::PMedian, Self::PCenter, Self::Lscp]
            .into_iter()
            .find(|model| model.as_str() == text)
            .ok_or_else(|| AssistError::Model {
                text: text.to_owned(),
            })
    }
}

impl Serialize for SiteModel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Which unit, which kind, how many, what is best.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteQuery {
    /// The unit.
    pub within: CodePrefix,
    /// Kind of service.
    pub kind: FacilityKind,
    /// New ones; LSCP finds the number itself.
    pub count: usize,
    /// What is best.
    pub model: SiteModel,
    /// What counts as covered; the covering models need it.
    pub limit: Option<Limit>,
    /// How people go.
    pub mode: Mode,
    /// Services and settlements of this day.
    pub day: Day,
}

/// A chosen place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChosenSite {
    /// Id of the settlement, or code of the village.
    pub id: String,
    /// Name as published.
    pub name: String,
    /// The division it belongs to.
    pub division: Option<DivisionCode>,
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
}

/// What is reached when the first so many are built, in the order of `chosen`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CurvePoint {
    /// How many are built.
    pub count: usize,
    /// The model's measure then; null while some cannot be reached (p-center).
    pub value: Option<f64>,
    /// What the last one adds or saves.
    pub gain: Option<f64>,
}

/// Where the next services should go.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Site {
    /// The unit.
    pub within: CodePrefix,
    /// Kind of service.
    pub kind: FacilityKind,
    /// What is best.
    pub model: SiteModel,
    /// What counts as covered.
    pub limit: Option<Limit>,
    /// How people go.
    pub mode: Mode,
    /// How distances were found.
    pub method: Method,
    /// The day.
    pub as_of: Day,
    /// Services that stand and are kept.
    pub existing: usize,
    /// Demand points, which are the candidates too.
    pub demand_points: usize,
    /// People in all.
    pub population: f64,
    /// The chosen places, the one to build first coming first.
    pub chosen: Vec<ChosenSite>,
    /// The model's measure of the choice; null where no choice reaches everyone.
    pub objective: Option<f64>,
    /// What is measured.
    pub objective_unit: &'static str,
    /// No choice can be better than this.
    pub bound: Option<f64>,
    /// Distance between objective and bound, percent of the objective.
    pub gap_percent: Option<f64>,
    /// Whether the choice is proven to be the best.
    pub proven: bool,
    /// How it was found and proven.
    pub solver: &'static str,
    /// How ties are settled; nothing is drawn by lot.
    pub tie_break: &'static str,
    /// Of a random generator: there is none, the same question has the same answer.
    pub seed: Option<u64>,
    /// People within the limit of what stands; null without a limit.
    pub covered_before: Option<f64>,
    /// People within the limit once all chosen are built.
    pub covered_after: Option<f64>,
    /// People who come within the limit.
    pub newly_covered: Option<f64>,
    /// Mean distance of the people who can reach one, in minutes or metres.
    pub mean: Option<f64>,
    /// Greatest distance of those.
    pub worst: Option<f64>,
    /// Demand points that remain beyond the limit, by id; empty without a limit.
    pub uncovered: Vec<String>,
    /// Demand points from which none can be reached, by id.
    pub unreachable: Vec<String>,
    /// What each further one adds.
    pub curve: Vec<CurvePoint>,
}

/// Demand, distances, what stands.
#[derive(Debug)]
struct Ground {
    demand: Vec<Demand>,
    people: Vec<f64>,
    /// `columns[j][i]`: from demand `i` to candidate `j`, minutes or metres; infinite where
    /// there is no way.
    columns: Vec<Vec<f64>>,
    standing: Vec<f64>,
    existing: usize,
    method: Method,
    limit: Option<f64>,
}

/// The best places for new services, beside those that stand.
///
/// # Errors
/// [`AssistError::Range`] for a count or limit out of range, or a covering model without a
/// limit; [`AssistError::Unit`] for an unknown unit; [`AssistError::TooMany`] beyond 2,500 demand
/// points.
pub fn site(view: &View<'_>, query: &SiteQuery) -> Result<Site, AssistError> {
    let limit = query.limit.map(Limit::checked).transpose()?;
    let needs_limit = matches!(query.model, SiteModel::Mclp | SiteModel::Lscp);
    if needs_limit && limit.is_none() {
        return Err(AssistError::Range {
            name: "metres",
            found: "missing, and so is `minutes`".to_owned(),
            wanted: "one of the two for mclp and lscp",
        });
    }
    if query.model != SiteModel::Lscp && !(1..=MOST_COUNT).contains(&query.count) {
        return Err(AssistError::Range {
            name: "count",
            found: query.count.to_string(),
            wanted: "1 to 200",
        });
    }
    require_unit(view, query.within)?;
    let ground = survey(view, query)?;
    let chosen = match query.model {
        SiteModel::Mclp => choose_covering(&ground, query.count),
        SiteModel::PMedian => choose_median(&ground, query.count),
        SiteModel::PCenter => choose_center(&ground, query.count),
        SiteModel::Lscp => choose_fewest(&ground),
    };
    Ok(report(query, limit, &ground, chosen))
}

fn survey(view: &View<'_>, query: &SiteQuery) -> Result<Ground, AssistError> {
    let scope = view.scope(query.within);
    let demand = demand_in(view, &scope, query.day);
    let count = demand.len();
    if count > MOST_POINTS {
        return Err(AssistError::TooMany {
            code: query.within.to_string(),
            found: count,
            most: MOST_POINTS,
        });
    }
    let existing = around(
        view,
        &scope,
        &demand,
        |record| crate::facility::kind_of(record) == query.kind.as_str(),
        query.kind.collection(),
        query.day,
    );
    let mut places: Vec<_> = demand.iter().map(Demand::place).collect();
    places.extend(existing.iter().map(|(_, place)| *place));
    let trips = Trips::new(view, places, query.mode, query.day);
    // Distances are in the unit of the limit: metres unless minutes are asked for.
    let unit = query.limit.unwrap_or(Limit::Metres(0.0));
    let measure = |way: Option<Way>| way.map_or(f64::INFINITY, |way| way.measure(unit));
    let mut columns = vec![Vec::with_capacity(count); count];
    for from in 0..count {
        for (column, way) in columns.iter_mut().zip(trips.ways_from(from)) {
            column.push(measure(way));
        }
    }
    let from: Vec<usize> = (0..count).collect();
    let targets: Vec<usize> = (count..count + existing.len()).collect();
    let standing = trips.nearest_of(&from, &targets).into_iter();
    let standing = standing
        .map(|best| measure(best.map(|(_, way)| way)))
        .collect();
    Ok(Ground {
        people: demand.iter().map(|one| one.population).collect(),
        demand,
        columns,
        standing,
        existing: existing.len(),
        method: trips.method(),
        // What is within by a hair of rounding is within.
        limit: query.limit.map(|limit| limit.value() + SLACK),
    })
}

/// Distance of each demand point to the nearest of what stands and the chosen.
fn distances_with(ground: &Ground, chosen: &[usize]) -> Vec<f64> {
    let mut least = ground.standing.clone();
    for column in chosen {
        for (distance, least) in ground.columns[*column].iter().zip(&mut least) {
            *least = least.min(*distance);
        }
    }
    least
}

fn covered(ground: &Ground, distances: &[f64], limit: f64) -> f64 {
    let pairs = distances.iter().zip(&ground.people);
    pairs
        .filter(|(distance, _)| **distance <= limit)
        .map(|(_, people)| people)
        .total()
}

/// The model's measure when these are built; infinite while someone has no way (p-center).
fn measure(ground: &Ground, model: SiteModel, chosen: &[usize], penalty: f64) -> f64 {
    let distances = distances_with(ground, chosen);
    match model {
        SiteModel::Mclp | SiteModel::Lscp => {
            covered(ground, &distances, ground.limit.unwrap_or_default())
        }
        SiteModel::PMedian => distances
            .iter()
            .zip(&ground.people)
            .map(|(distance, people)| distance.min(penalty) * people)
            .total(),
        SiteModel::PCenter => distances.iter().copied().fold(0.0, f64::max),
    }
}

/// Puts the chosen in the order in which they help most, ties by id, with what each adds.
fn order(ground: &Ground, model: SiteModel, chosen: &[usize]) -> (Vec<usize>, Vec<CurvePoint>) {
    let penalty = penalty(ground);
    let sign = if matches!(model, SiteModel::Mclp | SiteModel::Lscp) {
        1.0
    } else {
        -1.0
    };
    let mut left = chosen.to_vec();
    let mut built = Vec::new();
    let mut last = measure(ground, model, &built, penalty);
    let finite = |value: f64| value.is_finite().then(|| tenth(value));
    let mut curve = vec![CurvePoint {
        count: 0,
        value: finite(last),
        gain: None,
    }];
    while !left.is_empty() {
        let mut best: Option<(f64, usize)> = None;
        for (at, column) in left.iter().enumerate() {
            built.push(*column);
            let value = measure(ground, model, &built, penalty);
            built.pop();
            if best.is_none_or(|(most, _)| value * sign > most * sign) {
                best = Some((value, at));
            }
        }
        let Some((value, at)) = best else { break };
        built.push(left.remove(at));
        let gain = (value - last) * sign;
        curve.push(CurvePoint {
            count: built.len(),
            value: finite(value),
            gain: finite(gain),
        });
        last = value;
    }
    (built, curve)
}

fn report(query: &SiteQuery, limit: Option<Limit>, ground: &Ground, choice: Choice) -> Site {
    let Choice {
        chosen,
        objective,
        bound,
        proven,
        solver,
        tie_break,
    } = choice;
    let (chosen, curve) = order(ground, query.model, &chosen);
    let after = distances_with(ground, &chosen);
    let ids = |keep: &dyn Fn(f64) -> bool| -> Vec<String> {
        let pairs = after.iter().zip(&ground.demand);
        pairs
            .filter(|(distance, _)| keep(**distance))
            .map(|(_, one)| one.id.clone())
            .collect()
    };
    let share = |distances: &[f64]| ground.limit.map(|limit| covered(ground, distances, limit));
    let covered_before = share(&ground.standing);
    let covered_after = share(&after);
    let minutes = matches!(limit, Some(Limit::Minutes(_)));
    let reached = || {
        after
            .iter()
            .zip(&ground.people)
            .filter(|(distance, _)| distance.is_finite())
    };
    let people: f64 = reached().map(|(_, people)| people).total();
    let sum: f64 = reached()
        .map(|(distance, people)| distance * people)
        .total();
    let gap = objective.zip(bound).map(|(objective, bound)| {
        let gap = (objective - bound).abs() / objective.abs().max(1e-9) * 100.0;
        if proven {
            0.0
        } else {
            (gap * 10_000.0).round() / 10_000.0
        }
    });
    Site {
        within: query.within,
        kind: query.kind,
        model: query.model,
        limit,
        mode: query.mode,
        method: ground.method,
        as_of: query.day,
        existing: ground.existing,
        demand_points: ground.demand.len(),
        population: ground.people.iter().total(),
        chosen: chosen
            .iter()
            .map(|column| {
                let one = &ground.demand[*column];
                ChosenSite {
                    id: one.id.clone(),
                    name: one.name.clone(),
                    division: one.division,
                    lon: one.lon,
                    lat: one.lat,
                }
            })
            .collect(),
        objective: objective.map(tenth),
        objective_unit: match (query.model, minutes) {
            (SiteModel::Mclp, _) => "people",
            (SiteModel::Lscp, _) => "sites",
            (SiteModel::PMedian, false) => "person-metres",
            (SiteModel::PMedian, true) => "person-minutes",
            (SiteModel::PCenter, false) => "metres",
            (SiteModel::PCenter, true) => "minutes",
        },
        bound: bound.map(tenth),
        gap_percent: gap,
        proven,
        solver,
        tie_break,
        seed: None,
        covered_before,
        covered_after,
        newly_covered: covered_after
            .zip(covered_before)
            .map(|(after, before)| after - before),
        mean: (people > 0.0).then(|| tenth(sum / people)),
        worst: reached()
            .map(|(distance, _)| tenth(*distance))
            .max_by(f64::total_cmp),
        uncovered: ground
            .limit
            .map_or_else(Vec::new, |limit| ids(&|distance| distance > limit)),
        unreachable: ids(&f64::is_infinite),
        curve,
    }
}

#[cfg(test)]
mod tests;
