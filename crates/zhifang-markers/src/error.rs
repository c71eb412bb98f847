//! What can be wrong with a question about markers.

/// Faults of numbering and of setting out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MarkerError {
    /// No line of this id.
    #[error("line `{id}`: not in the register, or retired")]
    UnknownLine {
        /// As given.
        id: String,
    },
    /// The line cannot be walked.
    #[error("line `{id}`: it has no geometry of a line")]
    NoGeometry {
        /// The line.
        id: String,
    },
    /// The line does not say between which units it runs, or on which level.
    #[error("line `{id}`: no `{field}`, which its markers' numbers begin with or depend on")]
    Incomplete {
        /// The line.
        id: String,
        /// The field.
        field: &'static str,
    },
    /// A pattern that is none.
    #[error(
        "pattern `{text}`: wanted digits of the line, digits of the serial, and 1 or 0 for the type letter, e.g. province=4+3+1"
    )]
    Pattern {
        /// As given.
        text: String,
    },
    /// The series is full.
    #[error("series `{stem}`: serial {serial} does not fit into {digits} digits")]
    Spent {
        /// What its numbers begin with.
        stem: String,
        /// The next serial.
        serial: u32,
        /// Digits that the pattern has for it.
        digits: usize,
    },
    /// Too little was measured for a place.
    #[error(
        "{found} bearings and distances to objects with coordinates: wanted two or more that cross (two distances, two bearings, or one of each)"
    )]
    TooFew {
        /// Usable ones.
        found: usize,
    },
    /// What was measured does not tell one place.
    #[error(
        "the bearings and distances do not tell one place: they do not cross, or contradict each other"
    )]
    Undetermined,
}
