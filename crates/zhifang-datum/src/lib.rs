#![doc = include_str!("../README.md")]

pub mod bd09;
mod diagnosis;
pub mod ellipsoid;
pub mod gcj02;
mod plane;
pub mod shift;
pub mod zone;

pub use diagnosis::{Diagnosis, Likely, diagnose, looks_swapped};
pub use ellipsoid::Ellipsoid;
pub use shift::{FourParameters, SevenParameters};
pub use zone::{
    Easting, GaussKruger, is_swapped_pair, zone_of_longitude, zone_of_prefixed_easting,
};
