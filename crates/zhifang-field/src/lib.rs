#![doc = include_str!("../README.md")]

mod close;
mod content;
mod course;
mod error;
mod form;
mod merge;
mod near;
mod observation;
mod outcome;
mod pack;
mod plan;
mod report;
mod round;
mod standing;
mod words;

pub use close::{Closing, close};
pub use course::{Course, DAY_M, Leg, Station};
pub use error::FieldError;
pub use form::observation_form;
pub use merge::{MergePlan, Row, plan_merge, rows_of};
pub use observation::CORRIDOR_M;
pub use outcome::{Conflict, ConflictKind, MergeReport, Notice, Rejection};
pub use pack::pack;
pub use plan::{DEFAULT_LEVELS, Plan, PlanQuery, PlannedLine, ROUND_YEARS, plan};
pub use report::{InspectionReport, report};
pub use round::Round;
pub use standing::{MarkerStanding, Proposal, Standing, Verdict, standing};
pub use words::Words;
