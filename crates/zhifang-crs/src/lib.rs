#![doc = include_str!("../README.md")]

mod axis;
mod error;
mod parameters;
#[cfg(feature = "proj")]
#[path = "proj.rs"]
mod proj_room;
#[cfg(not(feature = "proj"))]
#[path = "proj_absent.rs"]
mod proj_room;
mod system;
mod transformer;
mod wkt;

pub use axis::is_north_first;
pub use error::Error;
pub use parameters::{LocalParameters, LocalShift};
pub use transformer::{Caution, Transformer};
pub use wkt::crs_of_wkt;
