//! XLSX workbooks of one sheet.

use std::io::{Cursor, Write};
use std::path::Path;

use rust_xlsxwriter::{Workbook, XlsxError};
use serde_json::Value;
use zhifang_core::Record;
use zhifang_crs::Transformer;

use crate::error::Error;
use crate::value;
use crate::write::sheet::{Column, Sheet};
use crate::write::{ExportOptions, ExportReport};

/// Characters (UTF-16) that a cell holds.
const LONGEST_CELL: usize = 32_767;

/// Writes the workbook. A geometry longer than a cell holds is left out: an import leaves the
/// stored one.
pub(crate) fn write(
    records: &[&Record],
    options: &ExportOptions,
    transformer: &Transformer,
    out: &mut dyn Write,
) -> Result<ExportReport, Error> {
    let fault = |id: &str, fault: &XlsxError| Error::Unwritable {
        id: id.to_owned(),
        format: "xlsx",
        reason: fault.to_string(),
    };
    let sheet = Sheet::new(records, options.collection, options.crs, transformer);
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.set_name(options.collection.as_str())
        .map_err(|e| fault("", &e))?;
    let mut report = ExportReport::default();
    for (at, column) in (0u16..).zip(&sheet.columns) {
        page.write_string(0, at, column.heading())
            .map_err(|e| fault("", &e))?;
    }
    for (row, record) in (1u32..).zip(records) {
        for (at, column) in (0u16..).zip(&sheet.columns) {
            let Some(cell) = sheet.cell(record, column)? else {
                continue;
            };
            let written = match &cell {
                Value::Bool(flag) => page.write_boolean(row, at, *flag),
                // Beyond 2^53 a cell cannot hold a whole number.
                Value::Number(number)
                    if number
                        .as_f64()
                        .is_some_and(|n| n.abs() < 9_007_199_254_740_992.0) =>
                {
                    page.write_number(row, at, number.as_f64().unwrap_or_default())
                }
                other => {
                    let text = value::to_text(other);
                    if *column == Column::Geometry && text.encode_utf16().count() > LONGEST_CELL {
                        report.geometries_omitted += 1;
                        continue;
                    }
                    if text.is_empty() {
                        continue;
                    }
                    page.write_string(row, at, text)
                }
            };
            written.map_err(|e| fault(&record.id, &e))?;
        }
        report.written += 1;
    }
    let mut bytes = Cursor::new(Vec::new());
    book.save_to_writer(&mut bytes).map_err(|e| fault("", &e))?;
    out.write_all(bytes.get_ref())
        .map_err(Error::io("write", Path::new("-")))?;
    Ok(report)
}
