//! An application to give, change or end a name, and the steps that it goes through.
//!
//! It is kept as a draft record of `names` with its dossier under `extra.application`, so that
//! no answer, tile or export for the public holds it. What is published is another record: see
//! [`publication`](crate::publication).

mod form;
mod step;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use zhifang_core::{CodePrefix, Collection, Day, DivisionCode, Record, Status};

use crate::category::Category;
use crate::check::Question;
use crate::rules::{AuthorityKind, Measures};
use crate::text::Text;
use crate::verdict::Verdict;

pub use form::{ApplicationForm, DOSSIER_FIELDS, Dossier};
pub use step::{STEPS, Step, StepCard, StepName};

/// Member of `extra` that holds an application.
pub const KEY: &str = "application";

/// What is applied for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// 命名.
    #[default]
    Naming,
    /// 更名.
    Renaming,
    /// 停用 (销名).
    Retirement,
}

impl Kind {
    /// Word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Naming => "naming",
            Self::Renaming => "renaming",
            Self::Retirement => "retirement",
        }
    }
}

/// Where an application stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 已申请.
    #[default]
    Applied,
    /// 已退回, to be amended.
    Returned,
    /// 审核中.
    InReview,
    /// 已批准.
    Approved,
    /// 已公布.
    Published,
    /// 不予批准.
    Rejected,
    /// 已撤回.
    Withdrawn,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Applied,
        Self::Returned,
        Self::InReview,
        Self::Approved,
        Self::Published,
        Self::Rejected,
        Self::Withdrawn,
    ];

    /// Word in files and over HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Returned => "returned",
            Self::InReview => "in_review",
            Self::Approved => "approved",
            Self::Published => "published",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// 中文.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Applied => "已申请",
            Self::Returned => "已退回",
            Self::InReview => "审核中",
            Self::Approved => "已批准",
            Self::Published => "已公布",
            Self::Rejected => "不予批准",
            Self::Withdrawn => "已撤回",
        }
    }

    /// The record's `name_status`, which knows six words.
    pub const fn name_status(self) -> &'static str {
        match self {
            Self::Applied | Self::Returned => "applied",
            Self::InReview => "in_review",
            Self::Approved => "approved",
            Self::Published => "published",
            Self::Rejected | Self::Withdrawn => "rejected",
        }
    }

    /// Whether something is still to be done.
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Applied | Self::Returned | Self::InReview | Self::Approved
        )
    }

    /// The state of this word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// One step taken, for the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// The day.
    pub on: Day,
    /// Who.
    pub by: String,
    /// What: `apply`, `accept` …
    pub step: String,
    /// What was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Number of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

/// What the statutory check said when it was last asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CheckSummary {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// The rules that found something.
    pub rules: Vec<String>,
    /// Version of the rules.
    pub version: String,
}

impl CheckSummary {
    /// What is kept of a verdict.
    pub fn of(verdict: &Verdict) -> Self {
        use crate::verdict::Severity;
        let mut rules: Vec<String> = verdict
            .findings
            .iter()
            .filter(|finding| finding.severity > Severity::Info)
            .map(|finding| finding.rule.clone())
            .collect();
        rules.dedup();
        Self {
            errors: verdict.count(Severity::Error),
            warnings: verdict.count(Severity::Warning),
            rules,
            version: verdict.rules.clone(),
        }
    }
}

/// What is kept under `extra.application`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Kept {
    kind: Kind,
    state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    applicant: String,
    applied_by: String,
    applied_on: Day,
    dossier: Dossier,
    #[serde(default)]
    measures: Measures,
    authority: Text,
    authority_kind: AuthorityKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approved_on: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approved_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filed_on: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    announced_on: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    result: Option<String>,
    #[serde(default)]
    check: CheckSummary,
    log: Vec<LogEntry>,
}

/// An application (申请).
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    /// Its identifier.
    pub id: String,
    /// Version of the record that it was read from; 0 before it was stored.
    pub version: u32,
    /// What is applied for.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// The name: the new one, or the one that ends.
    pub name: String,
    /// The division to which the place belongs.
    pub division: DivisionCode,
    /// Statutory category.
    pub category: Category,
    /// Entry or unit that is renamed or retired.
    pub target: Option<String>,
    /// Who wants it: an office, a company.
    pub applicant: String,
    /// Who handed it in, by login name.
    pub applied_by: String,
    /// When.
    pub applied_on: Day,
    /// What art. 11 asks for.
    pub dossier: Dossier,
    /// Extent and scale.
    pub measures: Measures,
    /// Who approves.
    pub authority: Text,
    /// What kind of body that is.
    pub authority_kind: AuthorityKind,
    /// Day of the approval.
    pub approved_on: Option<Day>,
    /// Who entered the approval.
    pub approved_by: Option<String>,
    /// Number of the approval's document.
    pub document: Option<String>,
    /// Day of the filing (备案).
    pub filed_on: Option<Day>,
    /// Day of the announcement (公告).
    pub announced_on: Option<Day>,
    /// The entry that came of it.
    pub result: Option<String>,
    /// What the statutory check said.
    pub check: CheckSummary,
    /// Every step taken.
    pub log: Vec<LogEntry>,
    /// The name's own fields as they will be published: Pinyin, meaning, origin, class.
    pub fields: Map<String, Value>,
    /// Where the place lies.
    pub geometry: Option<Arc<geo::Geometry<f64>>>,
}

impl Application {
    /// The application that a record holds; `None` when it holds none.
    pub fn from_record(record: &Record) -> Option<Self> {
        let kept = record.fields.get("extra")?.get(KEY)?;
        let kept: Kept = serde_json::from_value(kept.clone()).ok()?;
        let mut fields = Map::new();
        for name in NAME_FIELDS {
            if let Some(value) = record.fields.get(name) {
                fields.insert(name.to_owned(), value.clone());
            }
        }
        Some(Self {
            id: record.id.to_string(),
            version: record.version,
            kind: kept.kind,
            state: kept.state,
            name: record.name.to_string(),
            division: record.division?,
            category: Category::of(record)?,
            target: kept.target,
            applicant: kept.applicant,
            applied_by: kept.applied_by,
            applied_on: kept.applied_on,
            dossier: kept.dossier,
            measures: kept.measures,
            authority: kept.authority,
            authority_kind: kept.authority_kind,
            approved_on: kept.approved_on,
            approved_by: kept.approved_by,
            document: kept.document,
            filed_on: kept.filed_on,
            announced_on: kept.announced_on,
            result: kept.result,
            check: kept.check,
            log: kept.log,
            fields,
            geometry: record.geometry.clone(),
        })
    }

    /// The draft record that keeps it.
    pub fn to_record(&self) -> Record {
        let mut record = Record::new(Collection::Names, &self.id, &self.name);
        record.status = Status::Draft;
        record.version = self.version;
        record.division = Some(self.division);
        record.source = Arc::from("application");
        record.geometry.clone_from(&self.geometry);
        for (name, value) in &self.fields {
            record.fields.set(name, value.clone());
        }
        record
            .fields
            .set("category", Value::from(self.category.number()));
        record
            .fields
            .set("name_status", Value::from(self.state.name_status()));
        if let Some(document) = &self.document {
            record
                .fields
                .set("document", Value::from(document.as_str()));
        }
        let kept = Kept {
            kind: self.kind,
            state: self.state,
            target: self.target.clone(),
            applicant: self.applicant.clone(),
            applied_by: self.applied_by.clone(),
            applied_on: self.applied_on,
            dossier: self.dossier.clone(),
            measures: self.measures,
            authority: self.authority.clone(),
            authority_kind: self.authority_kind,
            approved_on: self.approved_on,
            approved_by: self.approved_by.clone(),
            document: self.document.clone(),
            filed_on: self.filed_on,
            announced_on: self.announced_on,
            result: self.result.clone(),
            check: self.check.clone(),
            log: self.log.clone(),
        };
        let kept = serde_json::to_value(kept).unwrap_or_default();
        record.fields.set("extra", json!({ KEY: kept }));
        record
    }

    /// The question that the statutory check is asked for it.
    pub fn question(&self, day: Day) -> Question {
        let within: CodePrefix = self.division.prefix();
        let mut question = Question::new(&self.name, self.category, within, day);
        let text = |name: &str| {
            self.fields
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        question.pinyin = text("pinyin");
        question.class_code = text("class_code");
        question.place = crate::check::place_of(&self.to_record());
        question.measures = self.measures;
        question.own.clone_from(&self.target);
        question.is_end = self.kind == Kind::Retirement;
        question.application = Some(self.id.clone());
        question.reasons.clone_from(&self.dossier.no_link);
        question.protection.clone_from(&self.dossier.protection);
        question
    }

    /// The application as JSON, for answers.
    pub fn to_json(&self) -> Value {
        let record = self.to_record();
        let mut map = Map::new();
        let mut put = |name: &str, value: Value| {
            map.insert(name.to_owned(), value);
        };
        put("id", Value::from(self.id.as_str()));
        put("version", Value::from(self.version));
        put("name", Value::from(self.name.as_str()));
        put("division", Value::from(self.division.to_string()));
        put("category", Value::from(self.category.number()));
        for (name, value) in &self.fields {
            put(name, value.clone());
        }
        let geometry = record
            .geometry
            .as_deref()
            .map_or(Value::Null, zhifang_core::geometry::to_geojson);
        put("geometry", geometry);
        if let Some(Value::Object(kept)) = record
            .fields
            .get("extra")
            .and_then(|extra| extra.get(KEY).cloned())
        {
            map.extend(kept);
        }
        Value::Object(map)
    }
}

/// Fields of a name that an application carries and publication hands on.
pub(crate) const NAME_FIELDS: [&str; 8] = [
    "pinyin",
    "class_code",
    "generic",
    "specific",
    "meaning",
    "origin",
    "population",
    "heritage",
];
