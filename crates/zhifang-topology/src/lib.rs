#![doc = include_str!("../README.md")]

mod adopt;
mod chain;
mod coverage;
mod error;
mod generalize;
mod line;
mod measure;
mod polygonize;
mod sound;
mod trace;
mod track;

pub use adopt::{
    ADOPT_TOLERANCE_M, AdoptedLine, Adoption, Agreement, Leftover, LeftoverKind, Shift, ShiftKind,
    adopt,
};
pub use coverage::{
    ArcUse, ArcView, Coverage, CoverageUnit, Irregularity, Layers, UnitIndex, UnitInput,
};
pub use error::Error;
pub use generalize::{
    DETAIL_ZOOM, EXTENT, Generalization, GridPoint, LAST_GENERALIZED_ZOOM, ZoomCoverage, ZoomLine,
    ZoomUnit, grid_parts,
};
pub use line::{SharedLine, UnmatchedEdges, unmatched_edges};
pub use measure::{Compass, area_m2, bearing_deg, destination, distance_m, length_m, ring_area_m2};
pub use polygonize::{BoundaryLine, polygonize, polygonize_lenient};
pub use sound::{Unsound, first_unsound};
pub use track::{Foot, Track};
