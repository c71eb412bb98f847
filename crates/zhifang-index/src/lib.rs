#![doc = include_str!("../README.md")]

mod area;
mod delta;
mod error;
mod hierarchy;
mod locator;
mod meeting;
mod metric;
mod snapshot;
mod stored;
mod table;
mod view;

pub use error::IndexError;
pub use hierarchy::Scope;
pub use snapshot::{Audience, Options, Snapshot, SnapshotHandle};
pub use view::{Covering, Near, NearQuery, PointLocator, Records, View};
