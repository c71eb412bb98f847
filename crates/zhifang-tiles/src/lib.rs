#![doc = include_str!("../README.md")]

mod atlas;
mod clip;
mod divisions;
mod error;
mod ground;
mod lines;
mod mvt;
mod pmtiles;
mod project;
mod records;
mod stale;
mod statistics;
mod tileset;
mod workers;

pub use atlas::{Atlas, ReachArea, Tile, Tiles, Touched, touched};
pub use error::Error;
pub use pmtiles::{Export, Written};
pub use stale::Stale;
pub use statistics::{TileStatistics, ZoomStatistics};
pub use tileset::{Layer, MAX_ZOOM, Tileset, first_zoom};
