//! The forms that are looked for, and whose they are.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};
use zhifang_core::{CodePrefix, Collection, Day, DivisionLevel, Record, Status};
use zhifang_index::View;

use super::{Difference, Standard};
use crate::form::{FormKind, forms, is_in_use, place_form};

/// Where a form stands in the text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) pattern: usize,
}

/// A form, and who goes by it.
#[derive(Debug)]
struct Pattern {
    /// The owners by place in `owners`, with how the form differs; none for a standard name.
    non_standard: Vec<(u32, Difference)>,
}

/// An entry or unit.
#[derive(Debug)]
pub(super) struct Owner {
    pub(super) standard: Standard,
    /// Words of the units above that tell it from others: 老河口, 李楼.
    context: Vec<String>,
}

/// All forms.
#[derive(Debug)]
pub(super) struct Lexicon {
    automaton: Option<AhoCorasick>,
    patterns: Vec<Pattern>,
    pub(super) owners: Vec<Owner>,
    /// Standard names in use by text, for the sounds.
    pub(super) standard: BTreeMap<String, Vec<u32>>,
    /// Whether the unit asked for is a county or lies in one: context enough.
    pub(super) is_local: bool,
}

/// What is known of a form while the lexicon is made.
#[derive(Default)]
struct Draft {
    is_standard: bool,
    non_standard: Vec<(u32, Difference)>,
}

impl Lexicon {
    pub(super) fn build(
        view: View<'_>,
        within: Option<CodePrefix>,
        day: Day,
        min_chars: usize,
    ) -> Self {
        let mut drafts: BTreeMap<String, Draft> = BTreeMap::new();
        let mut owners = Vec::new();
        let mut standard: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let scope = within.map(|within| view.scope(within));
        let records = view
            .records(Collection::Divisions)
            .chain(view.records(Collection::Names))
            .filter(|record| match &scope {
                Some(scope) => scope.covers_record(record),
                None => {
                    record.collection == Collection::Names
                        || record.level() < Some(DivisionLevel::Village)
                }
            })
            .filter(|record| {
                !record.name.trim().is_empty()
                    && !record.is_heading()
                    && record.status != Status::Draft
            });
        for record in records {
            let is_in_use = is_in_use(record, day);
            let number = owners.len() as u32;
            let successors = if is_in_use {
                Vec::new()
            } else {
                successors(view, record)
            };
            owners.push(owner(view, record));
            // What ended stands for what came of it; the place of the first successor is named.
            let own = if is_in_use || successors.is_empty() {
                vec![number]
            } else {
                let first = owners.len() as u32;
                owners.extend(successors.iter().map(|unit| owner(view, unit)));
                (first..owners.len() as u32).collect()
            };
            if !is_in_use
                && successors.is_empty()
                && let Some(owner) = owners.last_mut()
            {
                owner.standard.name.clear();
            }
            let mut put = |text: &str, how: Option<Difference>| {
                if text.chars().count() < min_chars {
                    return;
                }
                let draft = drafts.entry(text.to_owned()).or_default();
                match how {
                    None => draft.is_standard = true,
                    Some(how) => draft
                        .non_standard
                        .extend(own.iter().map(|owner| (*owner, how))),
                }
            };
            for form in forms(record) {
                let text = form.text.trim();
                match form.kind {
                    FormKind::Standard if is_in_use => {
                        let place = place_form(text);
                        put(text, None);
                        put(&place, None);
                        standard.entry(place).or_default().push(number);
                    }
                    FormKind::Standard => put(text, Some(Difference::Retired)),
                    FormKind::Former => put(text, Some(Difference::Former)),
                    FormKind::Alias => put(text, Some(Difference::Alias)),
                    FormKind::Misspelling => put(text, Some(Difference::Misspelling)),
                }
            }
        }
        let mut texts = Vec::with_capacity(drafts.len());
        let mut patterns = Vec::with_capacity(drafts.len());
        for (text, mut draft) in drafts {
            // What is one place's standard name is rightly used, whatever else it was.
            if draft.is_standard {
                draft.non_standard.clear();
            }
            draft.non_standard.sort_unstable();
            draft.non_standard.dedup();
            texts.push(text);
            patterns.push(Pattern {
                non_standard: draft.non_standard,
            });
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&texts)
            .ok()
            .filter(|_| !texts.is_empty());
        Self {
            automaton,
            patterns,
            owners,
            standard,
            is_local: within.is_some_and(|within| within.unit().level() >= DivisionLevel::County),
        }
    }

    /// Every form of the text: the longest that begins first, then on behind it.
    pub(super) fn spans(&self, text: &str) -> Vec<Span> {
        let Some(automaton) = &self.automaton else {
            return Vec::new();
        };
        automaton
            .find_iter(text)
            .map(|found| Span {
                start: found.start(),
                end: found.end(),
                pattern: found.pattern().as_usize(),
            })
            .collect()
    }

    /// What would be right in place of a form; `None` for a standard name.
    pub(super) fn standard_of(
        &self,
        pattern: usize,
        text: &str,
        at: usize,
    ) -> Option<(Difference, Vec<Standard>)> {
        let owners = &self.patterns.get(pattern)?.non_standard;
        let how = owners.first().map(|(_, how)| *how)?;
        let numbers: Vec<u32> = owners.iter().map(|(owner, _)| *owner).collect();
        let chosen = self.in_context(&numbers, text, at);
        let chosen = if chosen.is_empty() { numbers } else { chosen };
        let how = owners
            .iter()
            .filter(|(owner, _)| chosen.contains(owner))
            .map(|(_, how)| *how)
            .min()
            .unwrap_or(how);
        Some((how, self.standards(&chosen)))
    }

    /// Whether the form is no place's standard name.
    pub(super) fn is_non_standard(&self, pattern: usize) -> bool {
        self.patterns
            .get(pattern)
            .is_some_and(|pattern| !pattern.non_standard.is_empty())
    }

    pub(super) fn standards(&self, owners: &[u32]) -> Vec<Standard> {
        let mut standards: Vec<Standard> = owners
            .iter()
            .filter_map(|number| self.owners.get(*number as usize))
            .map(|owner| owner.standard.clone())
            .collect();
        standards.sort();
        standards.dedup();
        standards
    }

    /// The owners of which a unit above is named in the same line or the one before.
    pub(super) fn in_context(&self, owners: &[u32], text: &str, at: usize) -> Vec<u32> {
        let around = around(text, at);
        owners
            .iter()
            .copied()
            .filter(|number| {
                self.owners.get(*number as usize).is_some_and(|owner| {
                    owner
                        .context
                        .iter()
                        .any(|word| around.contains(word.as_str()))
                })
            })
            .collect()
    }
}

/// The line around a byte and the one before it.
fn around(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |place| place + 1);
    let start = before
        .get(..line.saturating_sub(1))
        .and_then(|earlier| earlier.rfind('\n'))
        .map_or(0, |place| place + 1);
    let end = text
        .get(at..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |place| at + place);
    text.get(start..end).unwrap_or_default()
}

pub(super) fn owner(view: View<'_>, record: &Record) -> Owner {
    let units = record
        .division
        .map(|code| {
            let mut units = view.ancestors(code);
            if record.collection != Collection::Divisions {
                units.extend(view.unit(code, None));
            }
            units
        })
        .unwrap_or_default();
    let mut words: Vec<&str> = units.iter().map(|unit| &*unit.name).collect();
    words.dedup();
    let context = units
        .iter()
        .filter(|unit| unit.level() >= Some(DivisionLevel::Prefecture))
        .filter(|unit| unit.name != record.name)
        .map(|unit| bare(&unit.name))
        .filter(|word| word.chars().count() >= 2)
        .collect();
    Owner {
        standard: Standard {
            name: place_form(&record.name),
            collection: record.collection.as_str(),
            id: record.id.to_string(),
            division: record.division,
            place: words.concat(),
        },
        context,
    }
}

/// A unit's name without its generic term: 老河口市 → 老河口.
fn bare(name: &str) -> String {
    let place = place_form(name);
    let stem = ["街道", "社区", "市", "县", "区", "镇", "乡", "村"]
        .into_iter()
        .find_map(|term| place.strip_suffix(term))
        .filter(|stem| stem.chars().count() >= 2);
    stem.map_or_else(|| place.clone(), str::to_owned)
}

/// What came of a record that ended.
fn successors<'a>(view: View<'a>, record: &Record) -> Vec<&'a Record> {
    record
        .fields
        .texts("replaced_by")
        .filter_map(|id| view.record(record.collection, id))
        .collect()
}
