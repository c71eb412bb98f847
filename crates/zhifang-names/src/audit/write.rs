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

/// A CSV table of the hits, a row a hit.
///
/// # Errors
/// What `out` reports.
pub fn write_hits_csv(out: &mut dyn Write, hits: &[Hit]) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record([
        "sign",
        "line",
        "field",
        "column",
        "offset",
        "text",
        "how",
        "standard",
        "standard_id",
        "place",
    ])?;
    for hit in hits {
        let join = |of: fn(&super::Standard) -> &str| {
            hit.standard.iter().map(of).collect::<Vec<_>>().join("；")
        };
        table.write_record([
            hit.sign.as_deref().unwrap_or_default(),
            &hit.line.to_string(),
            hit.field.as_deref().unwrap_or_default(),
            &hit.column.to_string(),
            &hit.offset.to_string(),
            &hit.text,
            hit.how.as_str(),
            &join(|one| &one.name),
            &join(|one| &one.id),
            &join(|one| &one.place),
        ])?;
    }
    table.flush()
}
