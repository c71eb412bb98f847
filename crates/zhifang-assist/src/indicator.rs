//! An indicator's value with everything that makes it checkable.

use serde::Serialize;
use zhifang_core::{Day, DivisionCode};

use crate::travel::Method;

/// What "covered" means for an indicator; the three are never mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// A ratio of two sums.
    Ratio,
    /// Has one inside (the plan's 覆盖率).
    Presence,
    /// Can get to one in time.
    Reach,
    /// Stands in the `serves` of one.
    Served,
}

/// A named set that stands under the fraction: "all townships" alone is no denominator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DenominatorSet {
    /// Id of the set, e.g. `townships_statutory`.
    pub id: &'static str,
    /// What is in it, in Chinese.
    pub name: &'static str,
    /// What is in it, in English.
    pub name_en: &'static str,
}

/// Value over another set than the one that counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetValue {
    /// The set.
    pub denominator_set: DenominatorSet,
    /// Over the line.
    pub numerator: f64,
    /// Under the line.
    pub denominator: f64,
    /// Value in the indicator's unit; null where the denominator is 0.
    pub value: Option<f64>,
}

/// Value of one township.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TownshipValue {
    /// Code.
    pub code: DivisionCode,
    /// Name.
    pub name: String,
    /// Over the line.
    pub numerator: f64,
    /// Under the line.
    pub denominator: f64,
    /// Value in the indicator's unit; null where the denominator is 0.
    pub value: Option<f64>,
}

/// Records that lack what the indicator needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingField {
    /// Collection and field.
    pub field: &'static str,
    /// Records without it.
    pub records: usize,
}

/// An indicator as stated and as computed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IndicatorValue {
    /// Stable id, e.g. `beds_per_thousand`; null where the register cannot compute it.
    pub id: Option<&'static str>,
    /// Number in the plan's table; `-` where it stands in the text only.
    pub no: String,
    /// Wording of the plan.
    pub name: String,
    /// In English; null where the register cannot compute it.
    pub name_en: Option<&'static str>,
    /// Unit of measure.
    pub unit: String,
    /// 约束性, 预期性 or 正文.
    pub binding: String,
    /// What "covered" means here.
    pub by: Option<Basis>,
    /// The day for which it is computed.
    pub as_of: Day,
    /// The plan's stated base value; null outside the plan's unit.
    pub stated: Option<f64>,
    /// Year of the stated value.
    pub stated_year: Option<i32>,
    /// The plan's target; null outside the plan's unit.
    pub target: Option<f64>,
    /// Year of the target.
    pub target_year: Option<i32>,
    /// The value computed from the register; null where it cannot be.
    pub computed: Option<f64>,
    /// Over the line.
    pub numerator: Option<f64>,
    /// Under the line.
    pub denominator: Option<f64>,
    /// The named set under the line.
    pub denominator_set: Option<DenominatorSet>,
    /// The same over other sets that people mean by the same words.
    pub other_sets: Vec<SetValue>,
    /// How distances were found, where there are any.
    pub method: Option<Method>,
    /// Records that lack what is needed.
    pub records_missing_field: Vec<MissingField>,
    /// Whether stated and computed differ by more than rounding; null where one is missing.
    pub differs_from_stated: Option<bool>,
    /// Computed less stated.
    pub difference: Option<f64>,
    /// Whether the target is reached; null where there is none.
    pub target_met: Option<bool>,
    /// What is still to be built to reach the target, in whole units.
    pub to_build: Option<f64>,
    /// What is counted there, in Chinese.
    pub to_build_unit: Option<&'static str>,
    /// What is counted there, in English.
    pub to_build_unit_en: Option<&'static str>,
    /// Codes of the units of the set that have none.
    pub without: Vec<DivisionCode>,
    /// By township, where that makes sense.
    pub by_township: Vec<TownshipValue>,
}

/// Numerator over denominator, times the factor; `None` over nothing.
pub(crate) fn value(numerator: f64, denominator: f64, factor: f64) -> Option<f64> {
    (denominator > 0.0).then(|| (numerator / denominator * factor * 100.0).round() / 100.0)
}

/// Whole units wanted to lift the numerator to `target` of the denominator; never negative.
pub(crate) fn to_build(numerator: f64, denominator: f64, target: f64, factor: f64) -> f64 {
    // 0.3 of 260 is 78 and a hair: what is a hair above a whole number is that number.
    let wanted = (target * denominator / factor - 1e-9).ceil();
    (wanted - numerator).max(0.0)
}
