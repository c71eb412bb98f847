//! What is looked at: the register, a part of it, a day, and the tolerances.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use zhifang_core::{CodePrefix, Collection, Day, DivisionCode, DivisionLevel, Record, RecordKey};
use zhifang_datum::Diagnosis;

use crate::finding::Finding;
use crate::ground::{Facts, Ground};
use crate::linework::Linework;
use crate::register::Register;
use crate::rule::Skip;

/// What to check and how strictly.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Only this unit and everything below it.
    pub within: Option<CodePrefix>,
    /// The day whose register is checked.
    pub day: Day,
    /// Only these rules; all where empty.
    pub only: Vec<String>,
    /// Scale of the agreement maps of province, prefecture and county lines (1 : n).
    pub county_scale: f64,
    /// Scale of the agreement maps of township and village lines.
    pub township_scale: f64,
}

/// What the eye can tell on a printed map, millimetres: a fault below it is a slip of drawing,
/// above it the line lies elsewhere (0.2 mm, the plotting accuracy of boundary surveys).
const PLOTTING_ACCURACY_MM: f64 = 0.2;

impl Options {
    /// The whole register on a day, agreement maps 1 : 50,000 and 1 : 10,000.
    pub fn on(day: Day) -> Self {
        Self {
            within: None,
            day,
            only: Vec::new(),
            county_scale: 50_000.0,
            township_scale: 10_000.0,
        }
    }

    /// The tolerance of a level's lines, metres: 0.2 mm on the agreement map.
    pub fn tolerance_m(&self, level: DivisionLevel) -> f64 {
        let scale = if level >= DivisionLevel::Township {
            self.township_scale
        } else {
            self.county_scale
        };
        PLOTTING_ACCURACY_MM / 1000.0 * scale
    }
}

/// What is known of the whole when only a part is looked at.
#[derive(Debug)]
pub(crate) struct Known {
    /// The units whose findings are wanted.
    pub(crate) focus: BTreeSet<DivisionCode>,
    /// Those that must be known to tell.
    pub(crate) near: BTreeSet<DivisionCode>,
    /// Every unit in a few numbers, ascending by code.
    pub(crate) facts: Vec<Facts>,
    /// Units that lie beside their place, as found before.
    pub(crate) shifted: Vec<(DivisionCode, Diagnosis)>,
}

/// What the rules look at.
#[derive(Debug)]
pub struct Scope<'a> {
    /// The register.
    pub register: &'a Register<'a>,
    /// What to check.
    pub options: &'a Options,
    known: Option<Arc<Known>>,
    is_focused: bool,
    ground: OnceLock<Ground<'a>>,
    linework: OnceLock<Linework<'a>>,
}

impl<'a> Scope<'a> {
    /// A scope over a register.
    pub fn new(register: &'a Register<'a>, options: &'a Options) -> Self {
        Self {
            register,
            options,
            known: None,
            is_focused: false,
            ground: OnceLock::new(),
            linework: OnceLock::new(),
        }
    }

    /// A scope over the units of a focus, with what is known of the rest.
    pub(crate) fn focused(register: &'a Register<'a>, options: &'a Options, known: Known) -> Self {
        Self {
            known: Some(Arc::new(known)),
            is_focused: true,
            ..Self::new(register, options)
        }
    }

    /// The same with findings about all units wanted: for rules that ask for facts only.
    pub(crate) fn unfocused(&self) -> Self {
        Self {
            known: self.known.clone(),
            ..Self::new(self.register, self.options)
        }
    }

    /// Every unit in a few numbers, ascending by code.
    pub(crate) fn facts(&self) -> &[Facts] {
        match &self.known {
            Some(known) => &known.facts,
            None => self.ground().facts(),
        }
    }

    /// Whether findings about some units only are wanted.
    fn focus(&self) -> Option<&BTreeSet<DivisionCode>> {
        let known = self.known.as_ref().filter(|_| self.is_focused)?;
        Some(&known.focus)
    }

    /// Whether a finding is about the part that is looked at.
    pub(crate) fn touches(&self, finding: &Finding) -> bool {
        finding
            .subjects
            .iter()
            .any(|subject| self.is_about(subject))
    }

    /// Whether a record belongs to the part that is looked at.
    pub(crate) fn is_about(&self, key: &RecordKey) -> bool {
        if key.collection == Collection::Divisions {
            return code_of(key).is_some_and(|code| self.covers(code));
        }
        self.register
            .record(key.collection, &key.id)
            .is_some_and(|record| self.holds(record))
    }

    /// The day whose register is checked.
    pub fn day(&self) -> Day {
        self.options.day
    }

    /// The polygons, their edges, and what does not match; made once, when first asked for.
    pub(crate) fn ground(&self) -> &Ground<'a> {
        self.ground
            .get_or_init(|| Ground::build(self.register, self.options, self.known.as_deref()))
    }

    /// The lines and their pieces; made once, when first asked for.
    pub(crate) fn linework(&self) -> &Linework<'a> {
        self.linework.get_or_init(|| Linework::build(self.register))
    }

    /// Whether a unit lies in the part that is checked.
    pub fn covers(&self, code: DivisionCode) -> bool {
        self.options.within.is_none_or(|within| within.covers(code))
            && self.focus().is_none_or(|focus| focus.contains(&code))
    }

    /// Whether a record belongs to the part that is checked: by its division, by the two sides
    /// of a line, by the sides of a marker, by the parties of a dispute.
    pub fn holds(&self, record: &Record) -> bool {
        if self.options.within.is_none() && self.focus().is_none() {
            return true;
        }
        units_of(record).any(|unit| self.covers(unit))
    }

    /// The live records of a collection in the part that is checked.
    pub fn live(&self, collection: Collection) -> impl Iterator<Item = &'a Record> + '_ {
        self.register
            .live(collection)
            .filter(|record| self.holds(record))
    }

    /// The same, or the reason why a rule that needs them cannot look.
    pub(crate) fn need(&self, collection: Collection) -> Result<Vec<&'a Record>, Skip> {
        let records: Vec<&'a Record> = self.live(collection).collect();
        if records.is_empty() {
            Err(not_loaded(collection))
        } else {
            Ok(records)
        }
    }
}

/// The code in a unit's key, of an earlier life too.
pub(crate) fn code_of(key: &RecordKey) -> Option<DivisionCode> {
    let is_unit = key.collection == Collection::Divisions;
    let code = key.id.split('@').next().filter(|_| is_unit)?;
    code.parse().ok()
}

/// The units that a record concerns: its division, the two sides of a line, the sides of a
/// marker, the parties of a dispute.
pub(crate) fn units_of(record: &Record) -> impl Iterator<Item = DivisionCode> + '_ {
    let texts = ["left", "right", "lead", "other", "claimant"]
        .into_iter()
        .filter_map(|field| record.fields.text(field));
    let lists = ["sides", "parties"]
        .into_iter()
        .flat_map(|field| record.fields.texts(field));
    let codes = texts.chain(lists).filter_map(|text| text.parse().ok());
    record.division.into_iter().chain(codes)
}

/// Why a rule was skipped: nothing of the collection in the scope.
pub(crate) fn not_loaded(collection: Collection) -> Skip {
    use zhifang_core::Lang;
    Skip::new(
        format!("范围内没有“{}”数据", collection.title(Lang::Zh)),
        format!("no {} in the scope", collection.as_str()),
    )
}
