#![doc = include_str!("../README.md")]

mod compare;
mod finding;
mod ground;
mod linework;
mod plane;
mod register;
mod report;
mod rule;
mod rules;
mod scope;
mod write;

pub use compare::{Agreement, Comparison, Deviation, Item, Stretch, compare, deviation};
pub use finding::{Extent, Finding, Proposal, Severity, Size, Text};
pub use register::Register;
pub use report::{Report, Skipped, UnknownRule, check, chosen};
pub use rule::{Card, Rule, Skip, Tolerance, rules};
pub use scope::{Options, Scope};
pub use write::{rules_json, write_rules};
