//! Why polygons cannot be made of lines.

use geo::Coord;

/// Lines that do not bound their units.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A line of fewer than two different positions, or with a number that is not finite.
    #[error("line {line}: wanted two different positions with finite numbers")]
    BadLine {
        /// Position in the input, from 0.
        line: usize,
    },
    /// The same unit on both sides, or none on either.
    #[error("line {line}: wanted two different sides, found `{}` on both", .unit.map_or_else(|| "none".to_owned(), |u| u.to_string()))]
    SameSides {
        /// Position in the input, from 0.
        line: usize,
        /// The unit, if there is one.
        unit: Option<u64>,
    },
    /// A unit's lines do not close: one of them ends where no other goes on.
    #[error("unit `{unit}`: its lines do not close at `{} {}`", .at.x, .at.y)]
    Dangling {
        /// The unit.
        unit: u64,
        /// The open end.
        at: Coord<f64>,
    },
    /// A ring with the unit on its outside that lies in no ring with the unit on its inside.
    #[error("unit `{unit}`: the ring at `{} {}` has the unit outside and lies in none of its parts; left and right may be exchanged", .at.x, .at.y)]
    HoleOutside {
        /// The unit.
        unit: u64,
        /// First position of the ring.
        at: Coord<f64>,
    },
}
