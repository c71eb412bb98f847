#![doc = include_str!("../README.md")]

mod align;
mod alphabet;
mod answer;
mod base;
mod build;
mod candidate;
mod combine;
mod edges;
mod entry;
mod error;
mod generic;
mod index;
mod mask;
mod matcher;
mod path;
mod published;
mod query;
mod score;
mod short;
mod sieve;
mod stored;
mod terms;
mod units;

pub use candidate::{
    Candidate, DivisionRef, ExplainStep, Explanation, MatchHow, Matched, SearchQuery,
};
pub use entry::{NameAlias, NameChange, NameEntry, NameKind};
pub use error::GeocodeError;
pub use index::NameIndex;
