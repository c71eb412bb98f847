#![doc = include_str!("../README.md")]

mod compare;
mod desk;
mod finding;
mod ground;
mod life;
mod linework;
mod plane;
mod register;
mod repair;
mod report;
mod rule;
mod rules;
mod scope;
mod standing;
mod write;

pub use compare::{
    Accuracy, Agreement, Class, Comparison, Deviation, Item, Side, Stretch, compare, deviation,
};
pub use desk::{
    ClaimSide, DeskError, Dossier, EvidenceKind, Inside, Settlement, Step, StepSaid, dossier,
    next_steps, settle, stepped, with_evidence,
};
pub use finding::{Extent, Finding, Proposal, Severity, Size, Text};
pub use life::{Decision, DecisionError, State, changes, decided, find, recorded};
pub use register::Register;
pub use repair::{Repair, RepairError, repair};
pub use report::{Report, Skipped, UnknownRule, check, chosen};
pub use rule::{Card, Rule, Skip, Tolerance, rules};
pub use scope::{Options, Scope};
pub use standing::{Edit, Standing};
pub use write::{rules_json, write_rules};
