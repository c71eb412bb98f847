//! What is wrong with polygons, as values.

use geo::Coord;

/// A fault that the construction of a coverage met. Rings are kept as far as they can be.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Irregularity {
    /// The id came twice; the later polygons were left out.
    RepeatedUnit {
        /// The id.
        unit: u64,
    },
    /// A coordinate is not a finite number; the ring was left out.
    NotFinite {
        /// The unit.
        unit: u64,
    },
    /// Fewer than three different positions; the ring was left out.
    ShortRing {
        /// The unit.
        unit: u64,
        /// Its first position, if it has one.
        at: Option<Coord<f64>>,
    },
    /// Two equal positions follow each other; one was left out.
    RepeatedVertex {
        /// The unit.
        unit: u64,
        /// Where.
        at: Coord<f64>,
    },
    /// The ring turns back on itself.
    Spike {
        /// The unit.
        unit: u64,
        /// Its tip.
        at: Coord<f64>,
    },
    /// A ring passes a position twice.
    SelfTouch {
        /// The unit.
        unit: u64,
        /// Where.
        at: Coord<f64>,
    },
    /// One unit uses a segment more than once.
    RepeatedSegment {
        /// The unit.
        unit: u64,
        /// Start of the stretch.
        from: Coord<f64>,
        /// End of the stretch.
        to: Coord<f64>,
    },
    /// Two units of one layer lie on the same side of a stretch: more than two owners.
    SameSide {
        /// The layer.
        layer: u8,
        /// The units, ascending.
        units: [u64; 2],
        /// Start of the stretch.
        from: Coord<f64>,
        /// End of the stretch.
        to: Coord<f64>,
    },
}
