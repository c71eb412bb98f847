//! A deterministic seeder of faults: real polygons of counties, lines and markers built from
//! them, and one fault of each kind planted in place after place, with what a check must say.
#![expect(
    clippy::unnecessary_wraps,
    reason = "every kind of fault has one signature: a county may not lend itself to it"
)]

mod attribute;
pub(crate) mod base;
mod claim;
mod edit;
mod judge;
mod line;
mod marker;
mod paper;
mod polygon;
mod table;

use std::collections::BTreeSet;

use geo::Coord;
use zhifang_core::{DivisionCode, Record, RecordKey};

pub(crate) use base::{Base, Records};
pub(crate) use judge::{Outcome, judge_clean, run};
pub(crate) use table::markdown;

/// Which part of the clean set a fault is planted into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Set {
    /// Counties only.
    Counties,
    /// Counties inside their prefectures.
    Levels,
    /// Counties with lines and markers.
    Lines,
}

impl Set {
    pub(crate) const ALL: [Self; 3] = [Self::Counties, Self::Levels, Self::Lines];

    pub(crate) fn records(self, base: &Base) -> Records {
        let mut records = base.counties.clone();
        match self {
            Self::Counties => {}
            Self::Levels => records.extend(base.prefectures.clone()),
            Self::Lines => records.extend(base.line_records.clone()),
        }
        records
    }
}

/// What is measured of a fault, and its true size.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Measure {
    /// Width of the widest place, metres.
    Width(f64),
    /// The finding's own size in its own unit.
    Size(f64),
}

/// A fault that was planted, and what a check must say of it.
#[derive(Debug, Clone)]
pub(crate) struct Planted {
    pub(crate) rule: &'static str,
    /// Exactly these must be the finding's subjects.
    pub(crate) owners: BTreeSet<RecordKey>,
    /// Where, and how far from it the finding's place may be, metres.
    pub(crate) at: Option<(Coord<f64>, f64)>,
    pub(crate) measure: Option<Measure>,
    /// True area, m².
    pub(crate) area_m2: Option<f64>,
    /// What the message must say.
    pub(crate) says: Option<String>,
    /// Rules that may speak of it too.
    pub(crate) also: &'static [&'static str],
}

impl Planted {
    pub(crate) fn new(rule: &'static str, owners: impl IntoIterator<Item = RecordKey>) -> Self {
        Self {
            rule,
            owners: owners.into_iter().collect(),
            at: None,
            measure: None,
            area_m2: None,
            says: None,
            also: &[],
        }
    }

    pub(crate) fn at(mut self, place: Coord<f64>, within_m: f64) -> Self {
        self.at = Some((place, within_m));
        self
    }

    pub(crate) fn measured(mut self, measure: Measure) -> Self {
        self.measure = Some(measure);
        self
    }

    pub(crate) fn covering(mut self, area_m2: f64) -> Self {
        self.area_m2 = Some(area_m2);
        self
    }

    pub(crate) fn saying(mut self, text: impl Into<String>) -> Self {
        self.says = Some(text.into());
        self
    }

    pub(crate) fn also(mut self, rules: &'static [&'static str]) -> Self {
        self.also = rules;
        self
    }
}

/// Plants a fault at a county; nothing is changed where the county does not lend itself to it.
pub(crate) type Plant = fn(&Base, &mut Records, DivisionCode) -> Option<Planted>;

/// A kind of fault.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) set: Set,
    pub(crate) plant: Plant,
}

const fn kind(name: &'static str, set: Set, plant: Plant) -> Kind {
    Kind { name, set, plant }
}

/// Every kind of fault.
pub(crate) fn kinds() -> Vec<Kind> {
    [
        polygon::KINDS,
        attribute::KINDS,
        line::KINDS,
        marker::KINDS,
        claim::KINDS,
        paper::KINDS,
    ]
    .concat()
}

/// Changes one record.
pub(crate) fn change(records: &mut Records, key: &RecordKey, edit: impl FnOnce(&mut Record)) {
    edit(records.get_mut(key).expect("the record is in the set"));
}
