//! Tables: each cell of a column, or of all columns, is a text.

use super::{Auditor, Hit};
use crate::error::Error;

impl Auditor {
    /// The hits of a CSV table, in one column or in all of them.
    ///
    /// # Errors
    /// [`Error::Table`] when it is no CSV, [`Error::Column`] when it has no such column.
    pub fn table(&self, text: &str, column: Option<&str>) -> Result<Vec<Hit>, Error> {
        let fault = |error: csv::Error| Error::Table {
            detail: error.to_string(),
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(text.as_bytes());
        let headers = reader.headers().map_err(fault)?.clone();
        let chosen: Vec<usize> = match column {
            None => (0..headers.len()).collect(),
            Some(name) => headers
                .iter()
                .position(|header| header.trim() == name)
                .map(|at| vec![at])
                .ok_or_else(|| Error::Column {
                    column: name.to_owned(),
                    found: headers.iter().collect::<Vec<_>>().join(", "),
                })?,
        };
        let mut hits = Vec::new();
        for row in reader.records() {
            let row = row.map_err(fault)?;
            let line = row
                .position()
                .and_then(|position| usize::try_from(position.line()).ok())
                .unwrap_or(0);
            for at in &chosen {
                let Some(cell) = row.get(*at) else { continue };
                let field = headers.get(*at).unwrap_or_default();
                hits.extend(self.text(cell).into_iter().map(|hit| Hit {
                    line,
                    field: Some(field.to_owned()),
                    ..hit
                }));
            }
        }
        Ok(hits)
    }
}
