//! Two versions of one line or unit side by side: how far apart, where, and who gives way.

mod accuracy;
mod deviation;
mod draft;
mod submission;

pub use accuracy::{Accuracy, Class};
pub use deviation::{Agreement, Deviation, Side, Stretch, deviation};
pub use submission::{Comparison, Item, compare};
