//! The rules as data: `data/rules/naming.toml`, `generics.csv`, `words.csv`.

mod generic;
mod word;

use std::sync::OnceLock;

use serde::Deserialize;
use zhifang_core::{Day, DivisionLevel};

use crate::category::Category;
use crate::error::Error;
use crate::verdict::Severity;

pub use generic::{Generic, Generics, Measures};
pub use word::{WordList, Words};

/// The files of a folder of rules, as text.
#[derive(Debug, Clone, Copy)]
pub struct RuleTexts<'t> {
    /// `naming.toml`.
    pub naming: &'t str,
    /// `generics.csv`.
    pub generics: &'t str,
    /// `words.csv`.
    pub words: &'t str,
}

impl RuleTexts<'_> {
    /// Names of the files, in the order of the fields.
    pub const FILES: [&'static str; 3] = ["naming.toml", "generics.csv", "words.csv"];
}

/// How far two names of a category must lie apart not to disturb each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Range {
    /// 全国.
    Nation,
    /// 同一省级行政区域.
    Province,
    /// 同一县级行政区域.
    County,
    /// 同一建成区.
    BuiltUp,
}

impl Range {
    /// Word in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nation => "nation",
            Self::Province => "province",
            Self::County => "county",
            Self::BuiltUp => "built_up_area",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "nation" => Self::Nation,
            "province" => Self::Province,
            "county" => Self::County,
            "built_up" => Self::BuiltUp,
            _ => return None,
        })
    }
}

/// What the rules say of a category.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryRule {
    /// Its number.
    pub number: Category,
    /// Its word in English.
    pub word: String,
    /// 中文.
    pub zh: String,
    /// English.
    pub en: String,
    /// Range in which names must differ.
    pub scope: Range,
    /// How much a duplicate weighs.
    pub duplicate: Severity,
    /// Whether a place of this kind should have a sign.
    pub sign: bool,
    /// Characters wanted of the specific part, where that is not the general limit.
    pub specific_min: Option<usize>,
}

/// What kind of body approves: it decides both clocks (art. 13, 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorityKind {
    /// 人民政府.
    Government,
    /// 地名行政主管部门.
    Names,
    /// 其他主管部门.
    Department,
}

/// Who approves (art. 12).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// For names of this category.
    pub category: Category,
    /// Of a unit of this level; any when absent.
    pub level: Option<DivisionLevel>,
    /// Whether only famous natural features are meant.
    #[serde(default)]
    pub famous: bool,
    /// What kind of body it is.
    pub kind: AuthorityKind,
    /// 中文.
    pub zh: String,
    /// English.
    pub en: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DossierRule {
    category: Option<Category>,
    kind: Option<String>,
    required: Vec<String>,
}

/// One rule's card.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// `NAM-01` …
    pub id: String,
    /// `error`, `warning`, `info`; `off` when it is not asked.
    pub severity: String,
    /// Article of law.
    pub article: String,
    /// 中文.
    pub zh: String,
    /// English.
    pub en: String,
    /// Whether a hit may stand when the dossier says why.
    #[serde(default)]
    pub needs_reason: bool,
}

impl Card {
    /// How much a finding of the rule weighs; `None` when the rule is off.
    pub fn weight(&self) -> Option<Severity> {
        Severity::parse(&self.severity)
    }
}

/// Limits.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Characters of a name.
    pub name_chars: usize,
    /// Characters wanted of the specific part, at least.
    pub specific_min: usize,
    /// And at most.
    pub specific_max: usize,
    /// Years within which a retired name is not given again nearby.
    pub retired_years: i32,
    /// How far nearby reaches, metres.
    pub nearby_m: f64,
    /// Pieces of evidence listed for one finding.
    pub evidence: usize,
}

/// Days of the two clocks.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clocks {
    /// From approval to filing (art. 13).
    pub file_days: i32,
    /// From approval or filing to announcement (art. 14).
    pub announce_days: i32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct BuiltUp {
    class_code: String,
}

/// How personal names are recognised.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    pub(crate) surnames: String,
    pub(crate) ambiguous_surnames: String,
    pub(crate) compound_surnames: Vec<String>,
    pub(crate) given: String,
}

/// What the audit of texts goes by.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditRules {
    /// Words before a former name that is rightly called one.
    pub marks_before: Vec<String>,
    /// Words behind it.
    pub marks_after: Vec<String>,
    /// Characters of a form looked for, at least.
    pub min_chars: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Naming {
    version: String,
    in_force: Day,
    limits: Limits,
    clocks: Clocks,
    built_up: BuiltUp,
    person: Person,
    audit: AuditRules,
    category: Vec<CategoryRule>,
    authority: Vec<Authority>,
    dossier: Vec<DossierRule>,
    rule: Vec<Card>,
}

/// A folder of rules, read.
#[derive(Debug, Clone)]
pub struct Rules {
    naming: Naming,
    /// Generic terms.
    pub generics: Generics,
    /// Lists of words.
    pub words: Words,
}

/// Every rule that the code asks for; a folder must hold a card for each.
const RULES: [&str; 19] = [
    "NAM-01", "NAM-02", "NAM-03", "NAM-04", "NAM-05", "NAM-06", "NAM-07", "NAM-08", "NAM-09",
    "NAM-10", "NAM-11", "NAM-12", "NAM-13", "NAM-14", "NAM-15", "NAM-16", "NAM-17", "NAM-18",
    "NAM-19",
];

fn fault(file: &'static str, detail: impl Into<String>) -> Error {
    Error::Rules {
        file,
        detail: detail.into(),
    }
}

impl Rules {
    /// The rules that the program ships with.
    pub fn shipped() -> &'static Self {
        static SHIPPED: OnceLock<Rules> = OnceLock::new();
        SHIPPED.get_or_init(|| {
            Self::parse(&RuleTexts {
                naming: include_str!("../../../data/rules/naming.toml"),
                generics: include_str!("../../../data/rules/generics.csv"),
                words: include_str!("../../../data/rules/words.csv"),
            })
            .expect("a test reads the shipped rules")
        })
    }

    /// Rules from their files.
    ///
    /// # Errors
    /// [`Error::Rules`] with the file and what is wrong in it.
    pub fn parse(texts: &RuleTexts<'_>) -> Result<Self, Error> {
        const FILE: &str = "naming.toml";
        let naming: Naming =
            toml::from_str(texts.naming).map_err(|error| fault(FILE, error.to_string()))?;
        for category in Category::ALL {
            if !naming.category.iter().any(|rule| rule.number == category) {
                return Err(fault(FILE, format!("category {category} is missing")));
            }
            if !naming
                .authority
                .iter()
                .any(|body| body.category == category && body.level.is_none() && !body.famous)
            {
                return Err(fault(
                    FILE,
                    format!("category {category} has no approving authority for every level"),
                ));
            }
        }
        for id in RULES {
            let Some(card) = naming.rule.iter().find(|card| card.id == id) else {
                return Err(fault(FILE, format!("rule {id} is missing")));
            };
            if card.weight().is_none() && card.severity != "off" {
                return Err(fault(
                    FILE,
                    format!(
                        "rule {id}: severity `{}`: wanted error, warning, info or off",
                        card.severity
                    ),
                ));
            }
        }
        if let Some(card) = naming
            .rule
            .iter()
            .find(|card| !RULES.contains(&card.id.as_str()))
        {
            return Err(fault(FILE, format!("rule `{}` is unknown", card.id)));
        }
        for required in naming.dossier.iter().flat_map(|rule| &rule.required) {
            if !crate::application::DOSSIER_FIELDS.contains(&required.as_str()) {
                return Err(fault(
                    FILE,
                    format!("dossier field `{required}` is unknown"),
                ));
            }
        }
        Ok(Self {
            naming,
            generics: Generics::parse(texts.generics)?,
            words: Words::parse(texts.words)?,
        })
    }

    /// Their version.
    pub fn version(&self) -> &str {
        &self.naming.version
    }

    /// Names given earlier are no breach.
    pub fn in_force(&self) -> Day {
        self.naming.in_force
    }

    /// Limits.
    pub fn limits(&self) -> &Limits {
        &self.naming.limits
    }

    /// Days of the two clocks.
    pub fn clocks(&self) -> &Clocks {
        &self.naming.clocks
    }

    /// Class code of entries that are built-up areas.
    pub fn built_up_class(&self) -> &str {
        &self.naming.built_up.class_code
    }

    pub(crate) fn person(&self) -> &Person {
        &self.naming.person
    }

    /// What the audit of texts goes by.
    pub fn audit(&self) -> &AuditRules {
        &self.naming.audit
    }

    /// Every rule's card.
    pub fn cards(&self) -> &[Card] {
        &self.naming.rule
    }

    /// The card of a rule.
    pub fn card(&self, id: &str) -> Option<&Card> {
        self.naming.rule.iter().find(|card| card.id == id)
    }

    /// What is said of a category.
    pub fn category(&self, category: Category) -> &CategoryRule {
        self.naming
            .category
            .iter()
            .find(|rule| rule.number == category)
            .expect("parsing saw that every category is there")
    }

    /// Who approves a name of the category; `level` of the unit that is named or lies around it.
    pub fn authority(
        &self,
        category: Category,
        level: Option<DivisionLevel>,
        is_famous: bool,
    ) -> &Authority {
        self.naming
            .authority
            .iter()
            .find(|body| {
                body.category == category
                    && (body.level.is_none() || body.level == level)
                    && (!body.famous || is_famous)
            })
            .expect("parsing saw that every category has an authority for every level")
    }

    /// Fields that the dossier must hold for a kind of application (`naming`, `renaming`,
    /// `retirement`), in the order of the rules.
    pub fn required(&self, category: Category, kind: &str) -> impl Iterator<Item = &str> {
        self.naming
            .dossier
            .iter()
            .filter(move |rule| {
                rule.category.is_none_or(|only| only == category)
                    && rule.kind.as_deref().is_none_or(|only| only == kind)
            })
            .flat_map(|rule| rule.required.iter().map(String::as_str))
    }
}
