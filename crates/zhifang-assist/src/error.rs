//! What makes a question unanswerable.

/// A question that has no answer as it was put.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AssistError {
    /// A word that is no kind of service or cemetery.
    #[error("kind `{text}`: wanted one of {wanted}")]
    Kind {
        /// The word as given.
        text: String,
        /// The words that there are.
        wanted: String,
    },
    /// A word that is no way of travelling.
    #[error("mode `{text}`: wanted walk, elder, ebike, drive or line")]
    Mode {
        /// The word as given.
        text: String,
    },
    /// A word that is no siting model.
    #[error("model `{text}`: wanted mclp, p-median, p-center or lscp")]
    Model {
        /// The word as given.
        text: String,
    },
    /// A number out of range.
    #[error("`{name}` is {found}: wanted {wanted}")]
    Range {
        /// Parameter.
        name: &'static str,
        /// What was given.
        found: String,
        /// What is possible.
        wanted: &'static str,
    },
    /// No unit of this code.
    #[error("unit `{code}` is not in the register")]
    Unit {
        /// The code as given.
        code: String,
    },
    /// No record of this id that has a place.
    #[error("`{id}` is no service or cemetery with a place")]
    Origin {
        /// The id as given.
        id: String,
    },
    /// More demand points than the solver takes.
    #[error("unit `{code}` has {found} demand points: at most {most} are solved at once")]
    TooMany {
        /// The unit.
        code: String,
        /// Points found.
        found: usize,
        /// Points taken.
        most: usize,
    },
    /// A plan's table that cannot be read.
    #[error("plan line {line}: {reason}")]
    Plan {
        /// Line number from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// No indicator of this number or name.
    #[error("indicator `{text}` is not in the plan: there is {known}")]
    Indicator {
        /// As given.
        text: String,
        /// Ids that there are.
        known: String,
    },
}
