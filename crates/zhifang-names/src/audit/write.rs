//! Hits as text and CSV.

use std::io::{self, Write};

use zhifang_core::Lang;

use super::Hit;

/// One line a hit: place, what is written, what would be right.
///
/// # Errors
/// What `out` reports.
pub fn write_hits(out: &mut dyn Write, hits: &[Hit], lang: Lang) -> io::Result<()> {
    for hit in hits {
        let place = match (&hit.sign, &hit.field) {
            (Some(sign), _) => format!("signs/{sign}"),
            (None, Some(field)) => format!("{}:{field}:{}", hit.line, hit.column),
            (None, None) => format!("{}:{}", hit.line, hit.column),
        };
        let how = lang.pick(hit.how.zh(), hit.how.as_str());
        let right: Vec<String> = hit
            .standard
            .iter()
            .map(|standard| {
                let name = if standard.name.is_empty() {
                    lang.pick("（已无标准地名）", "(no standard name any more)")
                } else {
                    &standard.name
                };
                format!(
                    "{name} [{}/{} {}]",
                    standard.collection, standard.id, standard.place
                )
            })
            .collect();
        writeln!(out, "{place}\t{}\t{how}\t→ {}", hit.text, right.join(" | "))?;
    }
    let count = hits.len();
    match lang {
        Lang::Zh => writeln!(out, "不规范地名 {count} 处"),
        Lang::En => writeln!(out, "{count} names that are not the standard ones"),
    }
}
