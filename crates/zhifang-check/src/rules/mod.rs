//! The rules, by group.

mod attribute;
pub(crate) mod coverage;
pub(crate) mod dispute;
mod facility;
pub(crate) mod geometry;
mod inspection;
mod line;
mod marker;
mod name;
mod paper;

use crate::rule::Plain;

/// Every group of rules.
pub(crate) const ALL: &[&[Plain]] = &[
    geometry::RULES,
    coverage::RULES,
    attribute::RULES,
    line::RULES,
    marker::RULES,
    paper::RULES,
    dispute::RULES,
    inspection::RULES,
    name::RULES,
    facility::RULES,
];

/// A text with placeholders filled, for both languages at once.
macro_rules! text {
    ($zh:literal, $en:literal $(, $($args:tt)*)?) => {
        $crate::finding::Text::new(format!($zh $(, $($args)*)?), format!($en $(, $($args)*)?))
    };
}
pub(crate) use text;
