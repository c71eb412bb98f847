//! Geometry at the door: notations, fitness for a collection, sameness, validity.

pub(crate) mod fit;
pub(crate) mod json;
pub(crate) mod same;
pub(crate) mod wkt;
