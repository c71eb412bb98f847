//! Two versions of one line or unit side by side: how far apart, where, and who gives way.

mod deviation;
mod submission;

pub use deviation::{Agreement, Deviation, Stretch, deviation};
pub use submission::{Comparison, Item, compare};
