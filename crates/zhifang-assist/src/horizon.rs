//! How long cemeteries last (公墓可用年限), and how much ground the next decades want.

use std::collections::BTreeMap;

use serde::Serialize;
use zhifang_core::{CodePrefix, Collection, Day, DivisionCode, DivisionLevel, Record};
use zhifang_index::View;

use crate::error::AssistError;
use crate::facility::{kind_of, require_unit, stands};
use crate::gaps::township_of;
use crate::travel::{Total, tenth};

/// Square metres of a mu (亩).
const MU_M2: f64 = 666.67;

/// Years for which the city's plan wants room (规划), and the province's notice of 2020
/// (Hubei, eight departments): both lines are shown.
const YEARS: [u32; 2] = [20, 30];

/// What the need is computed from; every figure can be set otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NeedAssumptions {
    /// Deaths a year per thousand people.
    pub deaths_per_thousand: f64,
    /// Cremations per hundred deaths.
    pub cremation_percent: f64,
    /// Share of the urns that go to public cemeteries, percent (DB34/T 4180-2022 takes 50).
    pub share_percent: f64,
    /// Ground of one urn plot, m² (Hubei 2020: at most 0.5 for a single one).
    pub plot_area_m2: f64,
    /// A stated number of cremations a year, and the unit that it is of.
    pub stated: Option<(DivisionCode, f64)>,
}

impl Default for NeedAssumptions {
    fn default() -> Self {
        Self {
            deaths_per_thousand: 6.1,
            cremation_percent: 95.0,
            share_percent: 50.0,
            plot_area_m2: 0.5,
            stated: None,
        }
    }
}

impl NeedAssumptions {
    fn check(&self) -> Result<(), AssistError> {
        let shares = [
            (
                "deaths_per_thousand",
                self.deaths_per_thousand,
                1_000.0,
                "0 to 1000",
            ),
            (
                "cremation_percent",
                self.cremation_percent,
                100.0,
                "0 to 100",
            ),
            ("share_percent", self.share_percent, 100.0, "0 to 100"),
            ("plot_area_m2", self.plot_area_m2, 100.0, "0 to 100"),
        ];
        match shares
            .iter()
            .find(|(_, value, most, _)| !(0.0..=*most).contains(value))
        {
            Some((name, value, _, wanted)) => Err(AssistError::Range {
                name,
                found: value.to_string(),
                wanted,
            }),
            None => Ok(()),
        }
    }
}

/// Which unit, which day, which assumptions.
#[derive(Debug, Clone, PartialEq)]
pub struct HorizonQuery {
    /// The unit.
    pub within: CodePrefix,
    /// The day from which years are counted.
    pub day: Day,
    /// What the need is computed from.
    pub assumptions: NeedAssumptions,
}

/// How long one cemetery lasts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CemeteryHorizon {
    /// Id of the record.
    pub id: String,
    /// Name as published.
    pub name: String,
    /// Kind.
    pub kind: String,
    /// Level: county, township, village.
    pub level: Option<String>,
    /// The division it belongs to.
    pub division: Option<DivisionCode>,
    /// Plots planned.
    pub planned: Option<f64>,
    /// Plots used.
    pub used: Option<f64>,
    /// Plots left; 0 where more are used than were planned.
    pub remaining: Option<f64>,
    /// Plots used a year.
    pub annual_use: Option<f64>,
    /// Years until it is full, at that use.
    pub years_left: Option<f64>,
    /// The day on which it is full then.
    pub full_on: Option<Day>,
    /// More used than planned.
    pub overfull: bool,
    /// Lasts less than 20 years.
    pub below_20_years: Option<bool>,
}

/// A need over some decades.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Need {
    /// `annual_use`, `deaths`, `deaths_shared` or `stated_cremations`.
    pub scenario: &'static str,
    /// Plots wanted a year.
    pub per_year: f64,
    /// Years that the plots left last; null where none are wanted.
    pub years_left: Option<f64>,
    /// Years of the line.
    pub years: u32,
    /// Plots wanted in those years.
    pub plots: f64,
    /// Plots wanted beyond those left.
    pub shortfall: f64,
    /// Ground of the shortfall's plots alone, m².
    pub plot_area_m2: f64,
    /// Ground of the shortfall with paths and green, as the unit's cemeteries have it, m².
    pub area_m2: Option<f64>,
    /// The same in mu.
    pub area_mu: Option<f64>,
    /// Whether what is left is enough.
    pub met: bool,
}

/// A unit's cemeteries together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HorizonUnit {
    /// Code.
    pub code: DivisionCode,
    /// Name.
    pub name: String,
    /// Level.
    pub level: Option<DivisionLevel>,
    /// People.
    pub population: Option<f64>,
    /// Cemeteries counted: all but martyrs' and historic ones.
    pub cemeteries: usize,
    /// Plots planned.
    pub planned: f64,
    /// Plots used.
    pub used: f64,
    /// Plots left.
    pub remaining: f64,
    /// Of these in cemeteries for the public's benefit.
    pub remaining_public_benefit: f64,
    /// Ground, m².
    pub area_m2: f64,
    /// Ground in mu.
    pub area_mu: f64,
    /// Cemeteries that lack plots planned, used or the yearly use.
    pub records_missing_field: usize,
    /// What is wanted, by scenario and line of years.
    pub needs: Vec<Need>,
}

/// How long the cemeteries of a unit last.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Horizon {
    /// The unit.
    pub within: CodePrefix,
    /// The day.
    pub as_of: Day,
    /// What the need was computed from.
    pub assumptions: NeedAssumptions,
    /// The unit itself; null where the register has none of this code.
    pub unit: Option<HorizonUnit>,
    /// Its townships, by code; cemeteries of the county stand in none of them.
    pub townships: Vec<HorizonUnit>,
    /// The cemeteries, those that are full first coming first, ties by id.
    pub cemeteries: Vec<CemeteryHorizon>,
}

/// How long the cemeteries of a unit last under several scenarios, and what ground is wanted.
///
/// Scenarios: `annual_use`, what the cemeteries take a year; `deaths`, people × deaths ×
/// cremations; `deaths_shared`, the share of it that goes to public cemeteries;
/// `stated_cremations`, a published figure.
///
/// # Errors
/// [`AssistError::Unit`] for an unknown unit; [`AssistError::Range`] for an assumption that is no
/// share or rate.
pub fn horizon(view: &View<'_>, query: &HorizonQuery) -> Result<Horizon, AssistError> {
    query.assumptions.check()?;
    require_unit(view, query.within)?;
    let scope = view.scope(query.within);
    let records: Vec<&Record> = view
        .records(Collection::Cemeteries)
        .filter(|record| stands(record, query.day) && scope.covers_record(record))
        .collect();
    let mut cemeteries: Vec<CemeteryHorizon> = records
        .iter()
        .map(|record| one(record, query.day))
        .collect();
    cemeteries.sort_by(|a, b| {
        let years = |cemetery: &CemeteryHorizon| cemetery.years_left.unwrap_or(f64::INFINITY);
        years(a).total_cmp(&years(b)).then_with(|| a.id.cmp(&b.id))
    });
    let counted: Vec<&Record> = records
        .into_iter()
        .filter(|record| !matches!(kind_of(record), "martyrs" | "historic"))
        .collect();
    let ratio = ground_ratio(&counted);
    let mut by_town: BTreeMap<DivisionCode, Vec<&Record>> = BTreeMap::new();
    for record in &counted {
        if record.fields.text("level") != Some("county")
            && let Some(code) = record.division.and_then(township_of)
        {
            by_town.entry(code).or_default().push(record);
        }
    }
    let townships: Vec<&Record> = view
        .within(Collection::Divisions, query.within)
        .filter(|unit| unit.level() == Some(DivisionLevel::Township))
        .filter(|unit| unit.is_valid_on(query.day))
        .collect();
    let people_below: f64 = townships
        .iter()
        .filter_map(|unit| unit.fields.number("population"))
        .total();
    let unit = view
        .unit(query.within.unit(), Some(query.day))
        .and_then(|unit| {
            let people = unit
                .fields
                .number("population")
                .or_else(|| (people_below > 0.0).then_some(people_below));
            together(unit, people, &counted, ratio, query)
        });
    Ok(Horizon {
        within: query.within,
        as_of: query.day,
        assumptions: query.assumptions.clone(),
        unit,
        townships: townships
            .iter()
            .filter_map(|town| {
                let empty = Vec::new();
                let records = by_town.get(&town.division?).unwrap_or(&empty);
                together(
                    town,
                    town.fields.number("population"),
                    records,
                    ratio,
                    query,
                )
            })
            .collect(),
        cemeteries,
    })
}

fn one(record: &Record, day: Day) -> CemeteryHorizon {
    let number = |field: &str| record.fields.number(field);
    let (planned, used) = (number("plots_planned"), number("plots_used"));
    let remaining = planned
        .zip(used)
        .map(|(planned, used)| (planned - used).max(0.0));
    let annual_use = number("annual_use");
    let years_left = remaining
        .zip(annual_use.filter(|use_| *use_ > 0.0))
        .map(|(remaining, annual_use)| remaining / annual_use);
    CemeteryHorizon {
        id: record.id.to_string(),
        name: record.name.to_string(),
        kind: kind_of(record).to_owned(),
        level: record.fields.text("level").map(str::to_owned),
        division: record.division,
        planned,
        used,
        remaining,
        annual_use,
        years_left: years_left.map(tenth),
        // Beyond five centuries a day says nothing.
        full_on: years_left
            .filter(|years| *years <= 500.0)
            .map(|years| day.plus_days((years * 365.2425).floor() as i32)),
        overfull: planned
            .zip(used)
            .is_some_and(|(planned, used)| used > planned),
        below_20_years: years_left.map(|years| years < 20.0),
    }
}

/// Ground of a plot with its share of paths and green, m², over cemeteries that state both.
fn ground_ratio(records: &[&Record]) -> Option<f64> {
    let (mut area, mut plots) = (0.0, 0.0);
    for record in records {
        if let (Some(ground), Some(planned)) = (
            record.fields.number("area_m2"),
            record.fields.number("plots_planned"),
        ) && planned > 0.0
        {
            area += ground;
            plots += planned;
        }
    }
    (plots > 0.0).then(|| area / plots)
}

fn together(
    unit: &Record,
    people: Option<f64>,
    records: &[&Record],
    ratio: Option<f64>,
    query: &HorizonQuery,
) -> Option<HorizonUnit> {
    let code = unit.division?;
    let sum = |field: &str| -> f64 {
        records
            .iter()
            .filter_map(|one| one.fields.number(field))
            .total()
    };
    let left = |record: &Record| {
        let number = |field: &str| record.fields.number(field);
        let (planned, used) = (number("plots_planned"), number("plots_used"));
        planned.map_or(0.0, |planned| (planned - used.unwrap_or(0.0)).max(0.0))
    };
    let remaining: f64 = records.iter().map(|record| left(record)).total();
    let is_public = |record: &&&Record| {
        matches!(
            kind_of(record),
            "public_benefit" | "columbarium" | "ecological"
        )
    };
    let lacks = |record: &&&Record| {
        ["plots_planned", "plots_used", "annual_use"]
            .iter()
            .any(|field| record.fields.number(field).is_none())
    };
    let area = sum("area_m2");
    Some(HorizonUnit {
        code,
        name: unit.name.to_string(),
        level: unit.level(),
        population: people,
        cemeteries: records.len(),
        planned: sum("plots_planned"),
        used: sum("plots_used"),
        remaining,
        remaining_public_benefit: records
            .iter()
            .filter(is_public)
            .map(|record| left(record))
            .total(),
        area_m2: area,
        area_mu: tenth(area / MU_M2),
        records_missing_field: records.iter().filter(lacks).count(),
        needs: needs(
            code,
            people,
            sum("annual_use"),
            remaining,
            ratio,
            &query.assumptions,
        ),
    })
}

fn needs(
    code: DivisionCode,
    people: Option<f64>,
    annual_use: f64,
    remaining: f64,
    ratio: Option<f64>,
    assumed: &NeedAssumptions,
) -> Vec<Need> {
    let mut yearly: Vec<(&'static str, f64)> = vec![("annual_use", annual_use)];
    if let Some(people) = people {
        let urns =
            people * assumed.deaths_per_thousand / 1_000.0 * assumed.cremation_percent / 100.0;
        yearly.push(("deaths", urns));
        yearly.push(("deaths_shared", urns * assumed.share_percent / 100.0));
    }
    if let Some((of, cremations)) = assumed.stated
        && of == code
    {
        yearly.push(("stated_cremations", cremations));
    }
    let line = |(scenario, per_year): (&'static str, f64), years: u32| {
        // A plot is whole, and a hair of rounding is no plot.
        let plots = (per_year * f64::from(years) - 1e-9).ceil().max(0.0);
        let shortfall = (plots - remaining).max(0.0);
        let area = ratio.map(|ratio| (shortfall * ratio).round());
        Need {
            scenario,
            per_year: tenth(per_year),
            years_left: (per_year > 0.0).then(|| tenth(remaining / per_year)),
            years,
            plots,
            shortfall,
            plot_area_m2: tenth(shortfall * assumed.plot_area_m2),
            area_m2: area,
            area_mu: area.map(|area| tenth(area / MU_M2)),
            met: shortfall == 0.0,
        }
    };
    yearly
        .into_iter()
        .flat_map(|scenario| YEARS.map(|years| line(scenario, years)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demonstration;

    fn found() -> Horizon {
        let stated = Some(("420682".parse().unwrap(), 3_156.0));
        horizon(
            &demonstration::view(),
            &HorizonQuery {
                within: "420682".parse().unwrap(),
                day: "2026-11-25".parse().unwrap(),
                assumptions: NeedAssumptions {
                    stated,
                    ..NeedAssumptions::default()
                },
            },
        )
        .unwrap()
    }

    #[test]
    fn twenty_years_of_the_stated_cremations_are_63_120() {
        let unit = found().unit.unwrap();
        let need = |scenario: &str, years: u32| {
            unit.needs
                .iter()
                .find(|need| need.scenario == scenario && need.years == years)
                .unwrap()
        };
        assert_eq!(need("stated_cremations", 20).plots, 63_120.0);
        assert_eq!(need("stated_cremations", 30).plots, 94_680.0);
        // 521,800 people, 6.1 ‰, 95 %.
        assert_eq!(need("deaths", 20).per_year, 3_023.8);
        assert_eq!(need("deaths_shared", 20).per_year, 1_511.9);
        for need in &unit.needs {
            assert_eq!(need.shortfall, (need.plots - unit.remaining).max(0.0));
            assert_eq!(need.met, need.shortfall == 0.0);
        }
    }

    #[test]
    fn townships_and_the_countys_own_add_up_to_the_unit() {
        let found = found();
        let unit = found.unit.unwrap();
        assert_eq!(found.townships.len(), 13);
        assert_eq!(found.cemeteries.len(), 155);
        // One of the 155 is the martyrs'.
        assert_eq!(unit.cemeteries, 154);
        let towns: usize = found.townships.iter().map(|town| town.cemeteries).sum();
        assert_eq!(towns, 150);
        let ground: f64 = found.townships.iter().map(|town| town.area_m2).sum();
        assert!((ground - 400_000.0).abs() < 1.0, "600 mu: {ground}");
    }

    #[test]
    fn the_overfull_one_leads_and_has_no_years_left() {
        let found = found();
        assert!(found.cemeteries[0].overfull, "{:?}", found.cemeteries[0]);
        assert_eq!(found.cemeteries[0].years_left, Some(0.0));
        let order: Vec<f64> = found
            .cemeteries
            .iter()
            .map(|one| one.years_left.unwrap_or(f64::INFINITY))
            .collect();
        assert!(order.is_sorted());
    }
}
