//! The rules, by group.

mod attribute;
mod coverage;
mod geometry;
mod line;

use crate::rule::Plain;

/// Every group of rules.
pub(crate) const ALL: &[&[Plain]] = &[
    geometry::RULES,
    coverage::RULES,
    attribute::RULES,
    line::RULES,
];

/// A text with placeholders filled, for both languages at once.
macro_rules! text {
    ($zh:literal, $en:literal $(, $($args:tt)*)?) => {
        $crate::finding::Text::new(format!($zh $(, $($args)*)?), format!($en $(, $($args)*)?))
    };
}
pub(crate) use text;
