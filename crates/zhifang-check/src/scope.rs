//! What is looked at: the register, a part of it, a day, and the tolerances.

use std::sync::OnceLock;

use zhifang_core::{CodePrefix, Collection, Day, DivisionCode, DivisionLevel, Record};

use crate::ground::Ground;
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

/// What the rules look at.
#[derive(Debug)]
pub struct Scope<'a> {
    /// The register.
    pub register: &'a Register<'a>,
    /// What to check.
    pub options: &'a Options,
    ground: OnceLock<Ground<'a>>,
    linework: OnceLock<Linework<'a>>,
}

impl<'a> Scope<'a> {
    /// A scope over a register.
    pub fn new(register: &'a Register<'a>, options: &'a Options) -> Self {
        Self {
            register,
            options,
            ground: OnceLock::new(),
            linework: OnceLock::new(),
        }
    }

    /// The day whose register is checked.
    pub fn day(&self) -> Day {
        self.options.day
    }

    /// The polygons, their edges, and what does not match; made once, when first asked for.
    pub(crate) fn ground(&self) -> &Ground<'a> {
        self.ground
            .get_or_init(|| Ground::build(self.register, self.options))
    }

    /// The lines and their pieces; made once, when first asked for.
    pub(crate) fn linework(&self) -> &Linework<'a> {
        self.linework.get_or_init(|| Linework::build(self.register))
    }

    /// Whether a unit lies in the part that is checked.
    pub fn covers(&self, code: DivisionCode) -> bool {
        self.options.within.is_none_or(|within| within.covers(code))
    }

    /// Whether a record belongs to the part that is checked: by its division, by the two sides
    /// of a line, by the sides of a marker, by the parties of a dispute.
    pub fn holds(&self, record: &Record) -> bool {
        let Some(within) = self.options.within else {
            return true;
        };
        let code = |field: &str| {
            record
                .fields
                .text(field)
                .and_then(|text| text.parse::<DivisionCode>().ok())
        };
        let lists = |field: &'static str| {
            record
                .fields
                .texts(field)
                .filter_map(|text| text.parse::<DivisionCode>().ok())
        };
        record
            .division
            .into_iter()
            .chain(
                ["left", "right", "lead", "other", "claimant"]
                    .into_iter()
                    .filter_map(code),
            )
            .chain(lists("sides"))
            .chain(lists("parties"))
            .any(|unit| within.covers(unit))
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

/// Why a rule was skipped: nothing of the collection in the scope.
pub(crate) fn not_loaded(collection: Collection) -> Skip {
    use zhifang_core::Lang;
    Skip::new(
        format!("范围内没有“{}”数据", collection.title(Lang::Zh)),
        format!("no {} in the scope", collection.as_str()),
    )
}
