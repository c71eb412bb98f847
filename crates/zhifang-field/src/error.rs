//! What keeps a plan, a pack or a merge from being made.

/// Faults of the field room; rows that cannot be taken are rejections, not errors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// No inspection has this id.
    #[error(
        "inspection `{id}` is not in the register; `inspect plan` and `inspect status` list what is there"
    )]
    UnknownInspection {
        /// The id as given.
        id: String,
    },
    /// No boundary line has this id.
    #[error("boundary `{id}` is not in the register")]
    UnknownLine {
        /// The id as given.
        id: String,
    },
    /// The line cannot be inspected jointly: it lacks one of its two units or its course.
    #[error(
        "boundary `{id}`: wanted a published line with left and right unit and a course, found {found}"
    )]
    NotInspectable {
        /// The line.
        id: String,
        /// What is wrong.
        found: &'static str,
    },
    /// The line lies outside the unit that the plan is for.
    #[error("boundary `{id}` touches no unit within `{within}`")]
    OutOfScope {
        /// The line.
        id: String,
        /// The unit asked for.
        within: String,
    },
    /// A year outside the calendar of the register.
    #[error("year {year}: wanted 1950 to 9000")]
    Year {
        /// The year as given.
        year: i32,
    },
    /// The file holds no observations that can be read.
    #[error(
        "`{file}`: {reason}; wanted a GeoJSON FeatureCollection, a Feature, or one Feature a line"
    )]
    BadFile {
        /// The file, or the request's body.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The inspection is closed or filed already.
    #[error("inspection `{id}` is {state} already")]
    AlreadyClosed {
        /// The inspection.
        id: String,
        /// Its state.
        state: String,
    },
    /// A signature of a unit that is no side of the inspection.
    #[error("`{code}` is no side of inspection `{id}`")]
    NotASide {
        /// The inspection.
        id: String,
        /// The unit as given.
        code: String,
    },
}
