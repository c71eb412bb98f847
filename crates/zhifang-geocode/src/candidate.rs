//! Questions and answers.

use zhifang_core::CodePrefix;
use zhifang_core::{Bbox, Collection, Day, DivisionCode, DivisionLevel, Lang, LonLat, Validity};

use crate::entry::NameKind;

/// What is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchQuery {
    /// The words; what is beyond 200 characters is not looked at.
    pub q: String,
    /// Most answers.
    pub limit: usize,
    /// Only in this unit and below.
    pub within: Option<CodePrefix>,
    /// Only names of this statutory category (1-8); divisions to the township count as 2, village
    /// committees as 3.
    pub category: Option<u8>,
    /// Only divisions of this level.
    pub level: Option<DivisionLevel>,
    /// Prefer what is near.
    pub near: Option<LonLat>,
    /// Only what is known to lie in this box.
    pub bbox: Option<Bbox>,
    /// What was valid on this day; `None`: what is in force.
    pub as_of: Option<Day>,
    /// Language of the label.
    pub lang: Lang,
    /// Whether answers explain themselves.
    pub explain: bool,
}

impl SearchQuery {
    /// Ten answers from everywhere, in Chinese.
    pub fn new(q: impl Into<String>) -> Self {
        Self {
            q: q.into(),
            limit: 10,
            within: None,
            category: None,
            level: None,
            near: None,
            bbox: None,
            as_of: None,
            lang: Lang::Zh,
            explain: false,
        }
    }
}

/// How the words stand for the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchHow {
    /// As written, generic part included.
    Exact,
    /// As written without its generic part.
    Core,
    /// The beginning of the name.
    Prefix,
    /// In a variant or traditional form of characters or digits.
    Variant,
    /// In Pinyin.
    Pinyin,
    /// By initials.
    Initials,
    /// Partly in characters, partly in Latin letters.
    Mixed,
    /// With another character of the same sound.
    Homophone,
    /// With a wrong, missing, doubled or swapped character.
    Fuzzy,
    /// By code or id.
    Code,
}

impl MatchHow {
    /// Word used in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Core => "core",
            Self::Prefix => "prefix",
            Self::Variant => "variant",
            Self::Pinyin => "pinyin",
            Self::Initials => "initials",
            Self::Mixed => "mixed",
            Self::Homophone => "homophone",
            Self::Fuzzy => "fuzzy",
            Self::Code => "code",
        }
    }
}

/// The name that matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// The official name, or the alias, former or short name that the words stand for.
    pub name: String,
    /// What kind of name that is.
    pub kind: NameKind,
    /// How the words stand for it.
    pub how: MatchHow,
    /// For a former name or alias: when it was in use.
    pub validity: Validity,
}

/// A unit of the chain above (and including) an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DivisionRef {
    /// Its code.
    pub code: DivisionCode,
    /// Its name as published.
    pub name: String,
    /// Its level.
    pub level: DivisionLevel,
}

/// One step of an explanation: a part of the query, and the unit whose name it is.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainStep {
    /// The unit's record id.
    pub id: String,
    /// The name that matched.
    pub name: String,
    /// The part of the query, as typed.
    pub text: String,
    /// How the part stands for the name.
    pub how: MatchHow,
    /// Its contribution, in characters.
    pub score: f64,
}

/// Why an answer stands where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Parts of the query, the answer's own name first, then those of units above it.
    pub steps: Vec<ExplainStep>,
    /// Price of what is left over, in characters.
    pub leftover: f64,
    /// Bonus or price of level, standing, population and nearness.
    pub prior: f64,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The record's id.
    pub id: String,
    /// Its collection.
    pub collection: Collection,
    /// Its name as published: 李楼村民委员会.
    pub name: String,
    /// The place with its ancestors: 湖北省襄阳市老河口市李楼镇李楼村.
    pub label: String,
    /// Level of a division.
    pub level: Option<DivisionLevel>,
    /// Statutory category (1-8).
    pub category: Option<u8>,
    /// The chain of divisions from the province down; a division is its own last.
    pub division: Vec<DivisionRef>,
    /// Which of its names matched, and how.
    pub matched: Matched,
    /// Rank value, in characters of the query explained; comparable within one answer only.
    pub score: f64,
    /// How probable it is that this is what was meant, 0 to 1.
    pub confidence: f64,
    /// How many answers fit as well as this one (1: only this one).
    pub equals: usize,
    /// What of the query this answer leaves unexplained.
    pub rest: String,
    /// A point in it, or in the nearest unit above that has one.
    pub place: Option<LonLat>,
    /// When the record is valid.
    pub validity: Validity,
    /// Whether the record has ended.
    pub is_retired: bool,
    /// For an ended division: what took its place.
    pub replaced_by: Vec<DivisionCode>,
    /// The reasons, if asked for.
    pub explain: Option<Explanation>,
}
