#![doc = include_str!("../README.md")]

mod application;
mod audit;
mod category;
mod check;
mod clock;
mod error;
mod form;
mod ledger;
mod publication;
mod report;
mod rules;
mod spelling;
mod text;
mod verdict;

pub use application::{
    Application, ApplicationForm, CheckSummary, DOSSIER_FIELDS, Dossier, KEY, Kind, LogEntry,
    STEPS, State, Step, StepCard, StepName,
};
pub use audit::{Auditor, Difference, Hit, Standard, write_hits, write_hits_csv};
pub use category::Category;
pub use check::{Question, Sources, check};
pub use clock::{Clock, applications, clock};
pub use error::Error;
pub use form::{
    Form, FormKind, forms, is_application, is_in_use, letters, place_form, sound_key, written_key,
};
pub use ledger::Ledger;
pub use publication::{ANNOUNCEMENT_FACTS, publication};
pub use report::{Report, ReportRow, SignFault, report};
pub use rules::{
    AuditRules, Authority, AuthorityKind, Card, CategoryRule, Clocks, Generic, Generics, Limits,
    Measures, Range, RuleTexts, Rules, WordList, Words,
};
pub use spelling::misread;
pub use text::Text;
pub use verdict::{Evidence, Finding, Likeness, RangeUsed, Severity, Verdict};
