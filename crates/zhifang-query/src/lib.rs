#![doc = include_str!("../README.md")]

mod error;
mod evaluate;
mod filter;
mod fold;
mod function;
mod like;
mod node;
mod read_json;
mod read_text;
mod record;
mod spatial;
mod token;
mod value;
mod wkt;
mod write;

pub use error::{Error, Place};
pub use filter::Filter;
pub use function::{Function, functions};
pub use record::{GEOMETRY_NAMES, Properties};

/// Longest filter, bytes: well above what a person writes, well below what a URL carries.
pub const MAX_BYTES: usize = 8_192;
/// Most values and conditions in a filter.
pub const MAX_NODES: usize = 1_000;
/// Deepest nesting of a filter.
pub const MAX_DEPTH: usize = 64;
