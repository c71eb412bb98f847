//! Why a filter is no filter.

use std::fmt;

/// Where in the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the text: the character, counted from 1.
    Character(usize),
    /// In the JSON: the path (RFC 6901); the whole is the empty path.
    Path(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(number) => write!(f, "character {number}"),
            Self::Path(path) if path.is_empty() => f.write_str("the top"),
            Self::Path(path) => write!(f, "`{path}`"),
        }
    }
}

/// What is wrong with a filter.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Longer than [`MAX_BYTES`](crate::MAX_BYTES).
    #[error("filter: wanted at most {} bytes, found {bytes}", crate::MAX_BYTES)]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// More than [`MAX_NODES`](crate::MAX_NODES) values and conditions.
    #[error(
        "filter: wanted at most {} parts, found more at {place}",
        crate::MAX_NODES
    )]
    TooManyNodes {
        /// Where the limit was passed.
        place: Place,
    },
    /// Nested more than [`MAX_DEPTH`](crate::MAX_DEPTH) levels deep.
    #[error(
        "filter: wanted at most {} levels, found more at {place}",
        crate::MAX_DEPTH
    )]
    TooDeep {
        /// Where the limit was passed.
        place: Place,
    },
    /// Something else was wanted.
    #[error("filter: at {place} wanted {wanted}, found {found}")]
    Unexpected {
        /// Where.
        place: Place,
        /// What was wanted.
        wanted: &'static str,
        /// What stands there.
        found: String,
    },
    /// Not JSON at all.
    #[error("filter: not JSON: {reason}")]
    Json {
        /// What the JSON reader says, with line and column.
        reason: String,
    },
    /// A function that there is not; the list is [`functions`](crate::functions).
    #[error("filter: at {place}: function `{name}` is not known")]
    UnknownFunction {
        /// Where.
        place: Place,
        /// Its name.
        name: String,
    },
    /// A geometry that is none.
    #[error("filter: at {place}: geometry: {reason}")]
    Geometry {
        /// Where.
        place: Place,
        /// What is wrong with it.
        reason: String,
    },
}
