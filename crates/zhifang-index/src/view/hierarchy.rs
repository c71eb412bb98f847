//! Divisions by code, above and below each other.

use zhifang_core::{CodePrefix, Collection, Day, DivisionCode, Record, Status};

use super::{Records, View};
use crate::hierarchy::{Scope, chain, is_bare, is_heading, lives, odd_pair};

impl<'a> View<'a> {
    /// The current life of a code: the record whose id is the code, of any status.
    pub fn division(&self, code: DivisionCode) -> Option<&'a Record> {
        let delta = &self.snapshot.delta;
        if !delta.is_empty()
            && let Some(changed) = delta.get(Collection::Divisions, &code.to_string())
        {
            return changed.see(self.audience);
        }
        let index = self.snapshot.base.hierarchy.position(code)?;
        self.snapshot
            .base
            .table(Collection::Divisions)
            .see(index, self.audience)
    }

    /// All lives of a code: the bare id first, then `code@from`, earliest first.
    pub fn lives(&self, code: DivisionCode) -> Vec<&'a Record> {
        let base = &self.snapshot.base;
        let mut found: Vec<&'a Record> =
            lives(base.table(Collection::Divisions), &base.hierarchy, code)
                .filter_map(|index| self.unchanged(Collection::Divisions, index))
                .chain(
                    self.changed(Collection::Divisions)
                        .map(|(_, record)| record)
                        .filter(|record| is_life_of(record, code)),
                )
                .collect();
        found.sort_by_key(|record| (!is_bare(record), record.valid.from, &record.id));
        found
    }

    /// The life of a code that was in force on the day.
    pub fn division_on(&self, code: DivisionCode, day: Day) -> Option<&'a Record> {
        self.lives(code)
            .into_iter()
            .find(|record| record.is_valid_on(day))
    }

    /// The unit of this code: published where no day is given, else in force on that day.
    /// Headings are none.
    pub fn unit(&self, code: DivisionCode, day: Option<Day>) -> Option<&'a Record> {
        let record = match day {
            None => self
                .division(code)
                .filter(|record| record.status == Status::Published),
            Some(day) => self.division_on(code, day),
        };
        record.filter(|record| !is_heading(record))
    }

    /// Codes of the published units directly below, ascending.
    pub fn children(
        &self,
        code: DivisionCode,
    ) -> impl ExactSizeIterator<Item = DivisionCode> + use<> {
        self.children_on(code, None)
    }

    /// Codes of the units directly below, ascending: published ones, or those in force that day.
    pub fn children_on(
        &self,
        code: DivisionCode,
        day: Option<Day>,
    ) -> impl ExactSizeIterator<Item = DivisionCode> + use<> {
        let base = self
            .snapshot
            .base
            .hierarchy
            .children(code)
            .filter_map(|index| self.unchanged(Collection::Divisions, index));
        let changed = self
            .changed(Collection::Divisions)
            .map(|(_, record)| record)
            .filter(|record| !is_heading(record) && record.parent() == Some(code));
        let mut codes: Vec<DivisionCode> = base
            .chain(changed)
            .filter(|record| is_in_force(record, day))
            .filter_map(|record| record.division)
            .collect();
        codes.sort_unstable();
        codes.dedup();
        codes.into_iter()
    }

    /// The published units above, highest first; headings and codes without a record are
    /// stepped over.
    pub fn ancestors(&self, code: DivisionCode) -> Vec<&'a Record> {
        self.ancestors_on(code, None)
    }

    /// The units above, highest first: published ones, or those in force that day.
    pub fn ancestors_on(&self, code: DivisionCode, day: Option<Day>) -> Vec<&'a Record> {
        let parent = match self.unit(code, day).or_else(|| self.division(code)) {
            Some(record) => record.parent(),
            None => code.parent(),
        };
        self.chain(parent, day)
    }

    /// The units above this record's, highest first: published ones, or those in force that day.
    pub fn ancestors_of(&self, record: &Record, day: Option<Day>) -> Vec<&'a Record> {
        self.chain(record.parent(), day)
    }

    fn chain(&self, from: Option<DivisionCode>, day: Option<Day>) -> Vec<&'a Record> {
        let mut chain = chain(from, |code| self.unit(code, day), |_, _| ());
        chain.reverse();
        chain
    }

    /// A unit and everything below it, by the digits of the codes and by stored parents.
    pub fn scope(&self, prefix: CodePrefix) -> Scope {
        let base = self.snapshot.base.hierarchy.odd.iter();
        let unchanged = base.filter_map(|index| self.unchanged(Collection::Divisions, *index));
        let changed = self
            .changed(Collection::Divisions)
            .map(|(_, record)| record);
        let odd: Vec<_> = unchanged.chain(changed).filter_map(odd_pair).collect();
        Scope::new(prefix, &odd)
    }

    /// The records of the unit and of everything below it, sorted by id, retired ones included.
    ///
    /// Divisions are found by their codes, in the time of the answer; other collections are
    /// read through.
    pub fn within(
        &self,
        collection: Collection,
        prefix: CodePrefix,
    ) -> impl Iterator<Item = &'a Record> + use<'a> {
        let scope = self.scope(prefix);
        let parts: Vec<Records<'a>> = if collection == Collection::Divisions {
            let mut prefixes: Vec<String> =
                scope.prefixes().iter().map(ToString::to_string).collect();
            prefixes.sort_unstable();
            prefixes
                .iter()
                .map(|digits| self.divisions_that_begin(digits))
                .collect()
        } else {
            vec![self.records(collection)]
        };
        let by_code = collection == Collection::Divisions;
        parts
            .into_iter()
            .flatten()
            .filter(move |record| by_code || scope.covers_record(record))
    }

    /// Divisions whose ids begin with the digits: they stand side by side.
    fn divisions_that_begin(&self, digits: &str) -> Records<'a> {
        let table = self.snapshot.base.table(Collection::Divisions);
        // Ids are digits and `@`: none that begins so stands above the last character there is.
        let end = table.lower_bound(&format!("{digits}\u{10ffff}"));
        let start = table.lower_bound(digits);
        self.records_between(Collection::Divisions, start, end, |changed| {
            changed.key.id.starts_with(digits)
        })
    }
}

fn is_life_of(record: &Record, code: DivisionCode) -> bool {
    record.division == Some(code)
        && record.id.split('@').next().and_then(|id| id.parse().ok()) == Some(code)
}

/// Published where no day is given, else in force on the day.
pub(super) fn is_in_force(record: &Record, day: Option<Day>) -> bool {
    match day {
        None => {
            let is_current = record.collection != Collection::Divisions || is_bare(record);
            record.status == Status::Published && is_current
        }
        Some(day) => record.is_valid_on(day),
    }
}
