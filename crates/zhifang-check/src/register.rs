//! The records that are looked at, in an order that does not depend on where they came from.

use zhifang_core::{Collection, Day, DivisionCode, Record};

/// The register as the rules see it: every record of every collection, retired ones too.
#[derive(Debug, Default)]
pub struct Register<'a> {
    day: Option<Day>,
    all: [Vec<&'a Record>; Collection::ALL.len()],
    /// Live divisions without headings, ascending by code.
    units: Vec<(DivisionCode, &'a Record)>,
}

fn slot(collection: Collection) -> usize {
    collection as usize
}

impl<'a> Register<'a> {
    /// The register of these records on a day. O(n log n), near O(n) for records in order of id.
    pub fn new(records: impl IntoIterator<Item = &'a Record>, day: Day) -> Self {
        let mut register = Self {
            day: Some(day),
            ..Self::default()
        };
        for record in records {
            register.all[slot(record.collection)].push(record);
        }
        for list in &mut register.all {
            list.sort_by(|a, b| a.id.cmp(&b.id));
        }
        register.units = register
            .live(Collection::Divisions)
            .filter(|record| !record.is_heading())
            .filter_map(|record| record.division.map(|code| (code, record)))
            .collect();
        register.units.sort_by_key(|(code, _)| *code);
        register
    }

    /// The day of the register.
    pub fn day(&self) -> Option<Day> {
        self.day
    }

    /// All records of a collection, ascending by id.
    pub fn all(&self, collection: Collection) -> &[&'a Record] {
        &self.all[slot(collection)]
    }

    /// Those in force on the day (published, valid then), ascending by id. A record whose dates
    /// are out of order is in force: the fault is one of the dates, not of the record.
    pub fn live(&self, collection: Collection) -> impl Iterator<Item = &'a Record> + '_ {
        let day = self.day;
        self.all(collection).iter().copied().filter(move |record| {
            day.is_none_or(|day| {
                record.is_valid_on(day)
                    || (!record.valid.is_ordered()
                        && record.status == zhifang_core::Status::Published)
            })
        })
    }

    /// The record with this id.
    pub fn record(&self, collection: Collection, id: &str) -> Option<&'a Record> {
        let all = self.all(collection);
        all.binary_search_by(|record| (*record.id).cmp(id))
            .ok()
            .map(|at| all[at])
    }

    /// Units in force, headings left out, ascending by code.
    pub fn units(&self) -> &[(DivisionCode, &'a Record)] {
        &self.units
    }

    /// The unit that holds the code on the day.
    pub fn unit(&self, code: DivisionCode) -> Option<&'a Record> {
        self.units
            .binary_search_by_key(&code, |(other, _)| *other)
            .ok()
            .map(|at| self.units[at].1)
    }

    /// Codes of the units above one, its parent first: by the records, and by the digits where
    /// there is none. It ends where the stated parents form a circle.
    pub(crate) fn codes_above(&self, unit: &Record) -> Vec<DivisionCode> {
        let mut above = Vec::new();
        let mut up = unit.parent();
        while let Some(code) = up.filter(|code| !above.contains(code)) {
            above.push(code);
            up = self
                .unit(code)
                .map_or_else(|| code.parent(), Record::parent);
        }
        above
    }

    /// The nearest unit above that has a record.
    pub fn parent(&self, unit: &Record) -> Option<&'a Record> {
        let mut up = unit.parent();
        while let Some(code) = up {
            if let Some(record) = self.unit(code) {
                return Some(record);
            }
            up = code.parent();
        }
        None
    }

    /// Name of a unit with its code, for messages: `老河口市（420682）`; the code alone where
    /// no record holds it.
    pub fn label(&self, code: DivisionCode) -> String {
        self.unit(code).map_or_else(
            || code.to_string(),
            |unit| {
                if unit.name.trim().is_empty() {
                    code.to_string()
                } else {
                    format!("{}（{code}）", unit.name)
                }
            },
        )
    }
}
