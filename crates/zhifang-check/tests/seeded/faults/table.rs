//! The table of kinds and what was found of them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Kind, Outcome};

/// As Markdown: kind, rule, found of planted, widths.
pub(crate) fn markdown(kinds: &[Kind], outcomes: &BTreeMap<&'static str, Outcome>) -> String {
    let mut text = String::from(
        "| fault | rule | found / planted | width off by at most |\n| --- | --- | --- | --- |\n",
    );
    for kind in kinds {
        let Some(outcome) = outcomes.get(kind.name) else {
            continue;
        };
        let off = if outcome.off_m > 0.0 {
            format!("{:.3} m, {:.1} %", outcome.off_m, outcome.off_share * 100.0)
        } else {
            String::new()
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} / {} | {off} |",
            kind.name, outcome.rule, outcome.found, outcome.planted
        );
    }
    let (found, planted) = outcomes.values().fold((0, 0), |sum, outcome| {
        (sum.0 + outcome.found, sum.1 + outcome.planted)
    });
    let _ = writeln!(
        text,
        "| all {} kinds | | {found} / {planted} | |",
        outcomes.len()
    );
    text
}
