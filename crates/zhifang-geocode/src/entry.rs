//! What the index is built from.

use zhifang_core::{Collection, DivisionCode, DivisionLevel, LonLat, Validity};

/// What kind of name matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// The standard name in force.
    Official,
    /// A former name (曾用名), of the record or of one that it replaced.
    Former,
    /// An abbreviation (简称): 鄂.
    Short,
    /// Another name in use (别名), vernacular or dialect.
    Alias,
    /// A code or a record id.
    Code,
}

impl NameKind {
    /// Word used in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Former => "former",
            Self::Short => "short",
            Self::Alias => "alias",
            Self::Code => "code",
        }
    }
}

/// Another name of a record, with its years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAlias {
    /// The name.
    pub name: String,
    /// Its kind.
    pub kind: NameKind,
    /// When it was in use.
    pub validity: Validity,
}

/// One record to be found by its names.
#[derive(Debug, Clone, PartialEq)]
pub struct NameEntry {
    /// The record's id.
    pub id: String,
    /// The record's collection: `divisions`, or another one of points of interest.
    pub collection: Collection,
    /// The name as published.
    pub name: String,
    /// The unit's own code, or for other collections the unit that it lies in.
    pub code: Option<DivisionCode>,
    /// The unit above a division where it does not follow from the code.
    pub parent: Option<DivisionCode>,
    /// Level of a division; `None` for other collections.
    pub level: Option<DivisionLevel>,
    /// Statutory category (1-8) of a name.
    pub category: Option<u8>,
    /// Other names.
    pub aliases: Vec<NameAlias>,
    /// A point in it: the seat, or the record's position.
    pub place: Option<LonLat>,
    /// Inhabitants.
    pub population: Option<u64>,
    /// When the record is valid.
    pub validity: Validity,
    /// Whether it has ended (status `retired`).
    pub is_retired: bool,
    /// For an ended division: the units that took its place.
    pub replaced_by: Vec<DivisionCode>,
}

impl NameEntry {
    /// A division with nothing but code and name: level from the code, id = code.
    pub fn division(code: DivisionCode, name: impl Into<String>) -> Self {
        Self {
            id: code.to_string(),
            collection: Collection::Divisions,
            name: name.into(),
            code: Some(code),
            parent: None,
            level: Some(code.level()),
            category: None,
            aliases: Vec::new(),
            place: None,
            population: None,
            validity: Validity::default(),
            is_retired: false,
            replaced_by: Vec::new(),
        }
    }

    /// A record of another collection in a division.
    pub fn place_name(
        id: impl Into<String>,
        collection: Collection,
        name: impl Into<String>,
        division: Option<DivisionCode>,
    ) -> Self {
        Self {
            id: id.into(),
            collection,
            name: name.into(),
            code: division,
            parent: None,
            level: None,
            category: None,
            aliases: Vec::new(),
            place: None,
            population: None,
            validity: Validity::default(),
            is_retired: false,
            replaced_by: Vec::new(),
        }
    }
}

/// One change to an index.
#[derive(Debug, Clone, PartialEq)]
pub enum NameChange {
    /// A new record, or the new state of a known one.
    Put(NameEntry),
    /// The record is gone.
    Remove {
        /// Its collection.
        collection: Collection,
        /// Its id.
        id: String,
    },
}
