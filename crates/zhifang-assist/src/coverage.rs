//! A plan's indicators computed from the register (规划指标), each with its named denominator.

mod count;
mod facts;

use serde::Serialize;
use zhifang_core::{CodePrefix, Day};
use zhifang_index::View;

use crate::error::AssistError;
use crate::facility::require_unit;
use crate::indicator::{Basis, IndicatorValue, to_build, value};
use crate::plan::{Plan, PlanIndicator};

use count::Counted;
use facts::Facts;

/// Which unit, which indicator, which day.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverageQuery {
    /// The unit.
    pub within: CodePrefix,
    /// One indicator: its number in the plan, its id or a part of its wording; all without.
    pub indicator: Option<String>,
    /// The day for which it is computed.
    pub day: Day,
}

/// A plan's indicators for a unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    /// The unit.
    pub within: CodePrefix,
    /// Its name; null where the register has no such unit.
    pub name: Option<String>,
    /// The day.
    pub as_of: Day,
    /// The unit whose plan it is. Elsewhere values are computed, and nothing is stated.
    pub plan: String,
    /// The indicators in the plan's order.
    pub indicators: Vec<IndicatorValue>,
}

/// A way to compute an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    BedsPerThousand,
    NursingShare,
    CountyBurial,
    ComprehensiveHomes,
    VolunteerStations,
    SocialWorkStations,
    SocialWorkPoints,
    DayCare,
    HomeCareCircle,
    BurialServed,
    VillageSigns,
    ChildProtection,
    DisabilityCare,
}

/// How an indicator is written down: words of the plan, id, English, what "covered" means,
/// factor of the value, what is built.
struct Entry {
    words: &'static str,
    rule: Rule,
    id: &'static str,
    name_en: &'static str,
    by: Basis,
    factor: f64,
    built: [&'static str; 2],
}

const fn entry(
    words: &'static str,
    rule: Rule,
    id: &'static str,
    name_en: &'static str,
    by: Basis,
    factor: f64,
    built: [&'static str; 2],
) -> Entry {
    Entry {
        words,
        rule,
        id,
        name_en,
        by,
        factor,
        built,
    }
}

/// Indicators by the words that the plan uses for them.
const ENTRIES: &[Entry] = &[
    entry(
        "养老床位数",
        Rule::BedsPerThousand,
        "beds_per_thousand",
        "Beds of elderly homes per thousand people of 60 and over",
        Basis::Ratio,
        1_000.0,
        ["张床位", "beds"],
    ),
    entry(
        "护理型床位",
        Rule::NursingShare,
        "nursing_share",
        "Share of nursing beds in elderly homes",
        Basis::Ratio,
        100.0,
        ["张护理型床位", "nursing beds"],
    ),
    entry(
        "县级公益性安葬",
        Rule::CountyBurial,
        "county_burial",
        "Counties with a public-benefit burial facility",
        Basis::Presence,
        100.0,
        ["个县级设施", "county facilities"],
    ),
    entry(
        "综合功能的养老服务机构",
        Rule::ComprehensiveHomes,
        "comprehensive_homes",
        "Townships with a comprehensive elderly home",
        Basis::Presence,
        100.0,
        ["个乡镇", "townships"],
    ),
    entry(
        "志愿服务站点",
        Rule::VolunteerStations,
        "volunteer_stations",
        "Community centres that hold or adjoin a volunteer station",
        Basis::Presence,
        100.0,
        ["个志愿服务站点", "volunteer stations"],
    ),
    entry(
        "社会工作站",
        Rule::SocialWorkStations,
        "social_work_stations",
        "Townships with a social-work station",
        Basis::Presence,
        100.0,
        ["个社工站", "social-work stations"],
    ),
    entry(
        "社工点",
        Rule::SocialWorkPoints,
        "social_work_points",
        "Villages with a social-work point",
        Basis::Presence,
        100.0,
        ["个社工点", "social-work points"],
    ),
    entry(
        "日间照料",
        Rule::DayCare,
        "day_care",
        "Urban communities with day care",
        Basis::Presence,
        100.0,
        ["个日间照料机构", "day-care centres"],
    ),
    entry(
        "养老服务圈",
        Rule::HomeCareCircle,
        "home_care_circle",
        "People of 60 and over within 15 minutes on foot of home care or day care",
        Basis::Reach,
        100.0,
        ["位老年人", "people of 60 and over"],
    ),
    entry(
        "公益性墓地",
        Rule::BurialServed,
        "burial_served",
        "Villages served by a public-benefit cemetery or columbarium",
        Basis::Served,
        100.0,
        ["个村居", "villages"],
    ),
    entry(
        "地名标志设置率",
        Rule::VillageSigns,
        "village_signs",
        "Rural settlements with a sign in good order",
        Basis::Presence,
        100.0,
        ["块标志", "signs"],
    ),
    entry(
        "未成年人保护",
        Rule::ChildProtection,
        "child_protection",
        "Townships with a child-protection station",
        Basis::Presence,
        100.0,
        ["个未保站", "child-protection stations"],
    ),
    entry(
        "残疾人照护",
        Rule::DisabilityCare,
        "disability_care",
        "Townships with a disability-care station",
        Basis::Presence,
        1.0,
        ["所照护站", "disability-care stations"],
    ),
];

/// Difference that rounding may make, in the indicator's unit.
const ROUNDING: f64 = 0.5;

/// The plan's indicators for a unit, computed from the register as of the day.
///
/// # Errors
/// [`AssistError::Indicator`] where no indicator has the number, id or wording asked for;
/// [`AssistError::Unit`] for an unknown unit.
pub fn coverage(
    view: &View<'_>,
    query: &CoverageQuery,
    plan: &Plan,
) -> Result<Coverage, AssistError> {
    let asked = |wanted: &PlanIndicator| {
        let id = entry_of(wanted).map(|entry| entry.id);
        query.indicator.as_deref().is_none_or(|text| {
            id == Some(text)
                || (wanted.no == text && text != "-")
                || (!text.is_empty() && text != "-" && wanted.name.contains(text))
        })
    };
    // A number or id names one; a part of the wording may name several.
    let wanted: Vec<&PlanIndicator> = plan.indicators.iter().filter(|one| asked(one)).collect();
    if let (Some(text), true) = (&query.indicator, wanted.is_empty()) {
        let known: Vec<&str> = ENTRIES.iter().map(|entry| entry.id).collect();
        return Err(AssistError::Indicator {
            text: text.clone(),
            known: known.join(", "),
        });
    }
    require_unit(view, query.within)?;
    let facts = Facts::gather(view, query.within, query.day);
    let applies = plan.division.prefix().covers_prefix(query.within);
    let indicators = wanted
        .into_iter()
        .map(|stated| answer(&facts, plan, stated, applies))
        .collect();
    Ok(Coverage {
        within: query.within,
        name: view
            .division(query.within.unit())
            .map(|unit| unit.name.to_string()),
        as_of: query.day,
        plan: plan.division.to_string(),
        indicators,
    })
}

fn entry_of(stated: &PlanIndicator) -> Option<&'static Entry> {
    ENTRIES
        .iter()
        .find(|entry| stated.name.contains(entry.words))
}

fn answer(facts: &Facts<'_>, plan: &Plan, stated: &PlanIndicator, applies: bool) -> IndicatorValue {
    let entry = entry_of(stated);
    let counted = entry.map(|entry| count::count(facts, entry.rule, entry.factor));
    let base = stated.base.filter(|_| applies);
    let target = stated.target.filter(|_| applies);
    let mut found = IndicatorValue {
        id: entry.map(|entry| entry.id),
        no: stated.no.clone(),
        name: stated.name.clone(),
        name_en: entry.map(|entry| entry.name_en),
        unit: stated.unit.clone(),
        binding: stated.binding.clone(),
        by: entry.map(|entry| entry.by),
        as_of: facts.day,
        stated: base,
        stated_year: base.and(plan.base_year),
        target,
        target_year: target.and(plan.target_year),
        computed: None,
        numerator: None,
        denominator: None,
        denominator_set: None,
        other_sets: Vec::new(),
        method: None,
        records_missing_field: Vec::new(),
        differs_from_stated: None,
        difference: None,
        target_met: None,
        to_build: None,
        to_build_unit: None,
        to_build_unit_en: None,
        without: Vec::new(),
        by_township: Vec::new(),
    };
    let (Some(entry), Some(counted)) = (entry, counted) else {
        return found;
    };
    let Counted {
        numerator,
        denominator,
        set,
        others,
        method,
        missing,
        without,
        by_township,
    } = counted;
    // A count of places (所) is its numerator; the set tells out of how many.
    let computed = if entry.rule == Rule::DisabilityCare {
        Some(numerator)
    } else {
        value(numerator, denominator, entry.factor)
    };
    found.difference = base
        .zip(computed)
        .map(|(base, computed)| hundredth(computed - base));
    found.differs_from_stated = found
        .difference
        .map(|difference| difference.abs() > ROUNDING);
    found.target_met = target
        .zip(computed)
        .map(|(target, computed)| computed >= target);
    found.to_build = target.map(|target| {
        if entry.rule == Rule::DisabilityCare {
            (target - numerator).max(0.0)
        } else {
            to_build(numerator, denominator, target, entry.factor)
        }
    });
    found.to_build_unit = target.map(|_| entry.built[0]);
    found.to_build_unit_en = target.map(|_| entry.built[1]);
    found.computed = computed;
    found.numerator = Some(numerator);
    found.denominator = Some(denominator);
    found.denominator_set = Some(set);
    found.other_sets = others;
    found.method = method;
    found.records_missing_field = missing;
    found.without = without;
    found.by_township = by_township;
    found
}

fn hundredth(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests;
