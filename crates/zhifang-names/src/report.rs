//! Coverage and quality of the register of names, by township.

#[cfg(test)]
mod tests;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use zhifang_core::{CodePrefix, Collection, Day, DivisionCode, DivisionLevel, Record, Status};
use zhifang_index::View;

use crate::category::Category;
use crate::check::{Question, Sources, check, place_of};
use crate::clock::applications;
use crate::form::{is_application, is_in_use};
use crate::ledger::Ledger;
use crate::rules::Rules;
use crate::spelling::{self, Difference};
use crate::verdict::Likeness;

/// A sign that a rule of the register's check found fault with (its text, a retired name).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignFault<'f> {
    /// The sign.
    pub sign: &'f str,
    /// The rule.
    pub rule: &'f str,
}

/// One township, or what belongs to a unit above the townships.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ReportRow {
    /// The unit's code; empty for the sum.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Names in use.
    pub names: usize,
    /// By category, 1 to 8.
    pub by_category: [usize; 8],
    /// Without Roman spelling.
    pub without_pinyin: usize,
    /// Without meaning.
    pub without_meaning: usize,
    /// Without origin.
    pub without_origin: usize,
    /// Without position.
    pub without_position: usize,
    /// Whose kind should have a sign.
    pub sign_wanted: usize,
    /// Of these, without a sign that stands.
    pub sign_missing: usize,
    /// Signs whose text is not the standard name, or a retired one.
    pub sign_faulty: usize,
    /// With the same characters as another in range.
    pub duplicates: usize,
    /// With the same sound as another in range.
    pub homophones: usize,
    /// Against the rules on script and parts.
    pub non_standard: usize,
    /// Whose spelling differs from the rule.
    pub misspelled: usize,
    /// Applications under way.
    pub applications: usize,
    /// Of these, with a filing or an announcement overdue.
    pub overdue: usize,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The unit; empty for all.
    pub within: String,
    /// The day.
    pub day: Day,
    /// Version of the rules.
    pub rules: String,
    /// Rows by code.
    pub rows: Vec<ReportRow>,
    /// Their sum.
    pub total: ReportRow,
    /// Names that should have a sign and have none.
    pub missing_signs: Vec<Missing>,
}

/// A name without its sign.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Missing {
    /// The entry.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its division.
    pub division: Option<DivisionCode>,
}

/// What is said of the names of a unit; `faults` are what the check of the register found about
/// signs. Quality is the statutory check of each name, the decree's date aside.
///
/// # Errors
/// [`Error::Within`](crate::Error::Within) when the unit is not in the register.
pub fn report(
    rules: &Rules,
    ledger: &Ledger,
    view: View<'_>,
    within: Option<CodePrefix>,
    day: Day,
    faults: &[SignFault<'_>],
) -> Result<Report, crate::Error> {
    if let Some(within) = within {
        crate::check::known_unit(view, within)?;
    }
    let scope = within.map(|within| view.scope(within));
    let holds = |record: &Record| {
        scope
            .as_ref()
            .is_none_or(|scope| scope.covers_record(record))
    };
    let mut rows: BTreeMap<String, ReportRow> = BTreeMap::new();
    for unit in view.records(Collection::Divisions).filter(|unit| {
        within.is_some()
            && unit.level() == Some(DivisionLevel::Township)
            && is_in_use(unit, day)
            && holds(unit)
    }) {
        row_of(&mut rows, view, unit.division);
    }
    let signs = Signs::read(view);
    let sources = Sources::new(ledger, view);
    let mut missing_signs = Vec::new();
    for name in view
        .records(Collection::Names)
        .filter(|name| is_in_use(name, day) && !is_application(name) && holds(name))
    {
        let row = row_of(&mut rows, view, name.division);
        row.names += 1;
        let lacks = |field: &str| {
            usize::from(
                name.fields
                    .text(field)
                    .is_none_or(|text| text.trim().is_empty()),
            )
        };
        row.without_pinyin += lacks("pinyin");
        row.without_meaning += lacks("meaning");
        row.without_origin += lacks("origin");
        row.without_position += usize::from(place_of(name).is_none());
        let Some(category) = Category::of(name) else {
            continue;
        };
        if let Some(count) = row.by_category.get_mut(usize::from(category.number()) - 1) {
            *count += 1;
        }
        if rules.category(category).sign {
            row.sign_wanted += 1;
            if !signs.stands_for(name) {
                row.sign_missing += 1;
                missing_signs.push(Missing {
                    id: name.id.to_string(),
                    name: name.name.to_string(),
                    division: name.division,
                });
            }
        }
        quality(rules, &sources, name, category, day, row);
    }
    let mut faulty = BTreeSet::new();
    for fault in faults {
        if let Some(sign) = view.record(Collection::Signs, fault.sign)
            && holds(sign)
            && faulty.insert(fault.sign)
        {
            row_of(&mut rows, view, sign.division).sign_faulty += 1;
        }
    }
    for (application, due) in applications(view, rules, day) {
        let record = application.to_record();
        if application.state.is_open() && holds(&record) {
            let row = row_of(&mut rows, view, Some(application.division));
            row.applications += 1;
            row.overdue += usize::from(due.is_overdue);
        } else if due.is_overdue && holds(&record) {
            // Published and never filed.
            row_of(&mut rows, view, Some(application.division)).overdue += 1;
        }
    }
    let rows: Vec<ReportRow> = rows.into_values().collect();
    let total = rows.iter().fold(ReportRow::default(), sum);
    missing_signs.sort();
    Ok(Report {
        within: within.map(|within| within.to_string()).unwrap_or_default(),
        day,
        rules: rules.version().to_owned(),
        rows,
        total,
        missing_signs,
    })
}

/// The statutory check of a name that stands.
fn quality(
    rules: &Rules,
    sources: &Sources<'_>,
    name: &Record,
    category: Category,
    day: Day,
    row: &mut ReportRow,
) {
    let Some(division) = name.division else {
        return;
    };
    let mut question = Question::new(&name.name, category, division.prefix(), day);
    question.own = Some(name.id.to_string());
    question.pinyin = name.fields.text("pinyin").map(str::to_owned);
    question.place = place_of(name);
    let Ok(verdict) = check(rules, sources, &question) else {
        // What cannot even be read as a name is no standard one.
        row.non_standard += 1;
        return;
    };
    let found = |rule: &str| verdict.findings.iter().any(|finding| finding.rule == rule);
    let alike = |how: Likeness| {
        verdict.findings.iter().any(|finding| {
            finding.rule == "NAM-01" && finding.evidence.iter().any(|evidence| evidence.how == how)
        })
    };
    row.duplicates += usize::from(alike(Likeness::SameCharacters));
    row.homophones += usize::from(alike(Likeness::SameSound));
    row.non_standard += usize::from(["NAM-05", "NAM-09", "NAM-13"].into_iter().any(found));
    // Another reading of a character may be the local one: no fault.
    let is_misspelled = question.pinyin.as_deref().is_some_and(|given| {
        !given.trim().is_empty()
            && matches!(
                spelling::compare(&name.name, given, &verdict.pinyin),
                Difference::Writing | Difference::Reading
            )
    });
    row.misspelled += usize::from(is_misspelled);
}

/// The row of the township that a record belongs to; of its own unit where that is higher.
fn row_of<'r>(
    rows: &'r mut BTreeMap<String, ReportRow>,
    view: View<'_>,
    division: Option<DivisionCode>,
) -> &'r mut ReportRow {
    let unit = division.map(|code| match code.digits() {
        12 => code.parent().unwrap_or(code),
        _ => code,
    });
    let code = unit.map(|unit| unit.to_string()).unwrap_or_default();
    rows.entry(code.clone()).or_insert_with(|| ReportRow {
        name: unit
            .and_then(|unit| view.division(unit))
            .map(|unit| unit.name.to_string())
            .unwrap_or_default(),
        code,
        ..ReportRow::default()
    })
}

fn sum(mut total: ReportRow, row: &ReportRow) -> ReportRow {
    for (sum, count) in total.by_category.iter_mut().zip(row.by_category) {
        *sum += count;
    }
    total.names += row.names;
    total.without_pinyin += row.without_pinyin;
    total.without_meaning += row.without_meaning;
    total.without_origin += row.without_origin;
    total.without_position += row.without_position;
    total.sign_wanted += row.sign_wanted;
    total.sign_missing += row.sign_missing;
    total.sign_faulty += row.sign_faulty;
    total.duplicates += row.duplicates;
    total.homophones += row.homophones;
    total.non_standard += row.non_standard;
    total.misspelled += row.misspelled;
    total.applications += row.applications;
    total.overdue += row.overdue;
    total
}

/// The signs that stand.
struct Signs<'a> {
    ids: BTreeSet<&'a str>,
    names: BTreeSet<&'a str>,
}

impl<'a> Signs<'a> {
    fn read(view: View<'a>) -> Self {
        let standing = || {
            view.records(Collection::Signs).filter(|sign| {
                sign.status == Status::Published && sign.fields.text("state") != Some("missing")
            })
        };
        Self {
            ids: standing().map(|sign| &*sign.id).collect(),
            names: standing()
                .filter_map(|sign| sign.fields.text("name_id"))
                .collect(),
        }
    }

    fn stands_for(&self, name: &Record) -> bool {
        self.names.contains(&*name.id)
            || name
                .fields
                .texts("sign_ids")
                .any(|sign| self.ids.contains(sign))
    }
}
