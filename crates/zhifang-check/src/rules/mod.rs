//! The rules, by group.

mod coverage;
mod geometry;

use crate::rule::Plain;

/// Every group of rules.
pub(crate) const ALL: &[&[Plain]] = &[geometry::RULES, coverage::RULES];

/// A text with placeholders filled, for both languages at once.
macro_rules! text {
    ($zh:literal, $en:literal $(, $($args:tt)*)?) => {
        $crate::finding::Text::new(format!($zh $(, $($args)*)?), format!($en $(, $($args)*)?))
    };
}
pub(crate) use text;
