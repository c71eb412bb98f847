//! The dispute desk (边界争议处理): evidence by the law's kinds, dated steps, what lies on the
//! disputed ground, and the agreed line. Records are worked out, nothing is stored.

mod dossier;
mod evidence;
mod settle;
mod steps;

use zhifang_core::{Collection, Day, Record};

pub(crate) use dossier::{began, place_inside};
pub(crate) use steps::last_step;

pub use dossier::{ClaimSide, Dossier, Inside, dossier};
pub use evidence::{EvidenceKind, with_evidence};
pub use settle::{Settlement, settle};
pub use steps::{Step, StepSaid, next_steps, stepped};

use crate::register::Register;

/// Why the desk refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// No such record.
    #[error("{collection} `{id}`: not in the register")]
    Unknown {
        /// Where it was looked for.
        collection: Collection,
        /// As given.
        id: String,
    },
    /// The evidence is of none of the law's kinds.
    #[error(
        "evidence `{kind}`: wanted one of {wanted} (Decree 26 of 1989, articles 7 to 9: nothing else counts)"
    )]
    Kind {
        /// As given.
        kind: String,
        /// The nine words.
        wanted: String,
    },
    /// Something must be said with it.
    #[error("`{field}`: blank; wanted {wanted}")]
    Missing {
        /// What is missing.
        field: &'static str,
        /// What it should say.
        wanted: &'static str,
    },
    /// The step does not follow.
    #[error("step `{step}`: does not follow `{after}`; wanted {wanted}")]
    Order {
        /// The step.
        step: Step,
        /// Where the dispute stands.
        after: String,
        /// What may follow.
        wanted: String,
    },
    /// The day is before the last step's, or lies ahead.
    #[error("step on {day}: wanted a day from {from} to {to}")]
    When {
        /// As given.
        day: Day,
        /// The last step's day.
        from: String,
        /// Today.
        to: Day,
    },
    /// The agreed line does not fit into the registered one.
    #[error("agreed line: {why}")]
    Line {
        /// What is wrong with it.
        why: String,
    },
}

/// A record that the desk works on.
fn record<'a>(
    register: &Register<'a>,
    collection: Collection,
    id: &str,
) -> Result<&'a Record, DeskError> {
    register
        .record(collection, id)
        .ok_or_else(|| DeskError::Unknown {
            collection,
            id: id.to_owned(),
        })
}

/// Whether a dispute still waits for its line.
pub(crate) fn is_open(dispute: &Record) -> bool {
    !matches!(
        dispute.fields.text("dispute_state"),
        Some("decided" | "closed")
    )
}
