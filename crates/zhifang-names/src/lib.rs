#![doc = include_str!("../README.md")]

mod application;
mod category;
mod check;
mod clock;
mod error;
mod form;
mod ledger;
mod publication;
mod rules;
mod spelling;
mod text;
mod verdict;

pub use application::{
    Application, ApplicationForm, CheckSummary, DOSSIER_FIELDS, Dossier, KEY, Kind, LogEntry,
    STEPS, State, Step, StepCard, StepName,
};
pub use category::Category;
pub use check::{Question, Sources, check};
pub use clock::{Clock, clock};
pub use error::Error;
pub use form::{
    Form, FormKind, forms, is_application, is_in_use, letters, place_form, sound_key, written_key,
};
pub use ledger::Ledger;
pub use publication::{ANNOUNCEMENT_FACTS, publication};
pub use rules::{
    AuditRules, Authority, AuthorityKind, Card, CategoryRule, Clocks, Generic, Generics, Limits,
    Measures, Range, RuleTexts, Rules, WordList, Words,
};
pub use text::Text;
pub use verdict::{Evidence, Finding, Likeness, RangeUsed, Severity, Verdict};
