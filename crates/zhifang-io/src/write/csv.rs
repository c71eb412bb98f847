//! CSV (RFC 4180), UTF-8. Cells stand as they are: a text that begins with `=` is not altered,
//! as that would not read back.

use std::io::Write;
use std::path::Path;

use zhifang_core::Record;
use zhifang_crs::Transformer;

use crate::error::Error;
use crate::write::sheet::{Column, Sheet};
use crate::write::{ExportOptions, ExportReport};

/// Writes the table.
pub(crate) fn write(
    records: &[&Record],
    options: &ExportOptions,
    transformer: &Transformer,
    out: &mut dyn Write,
) -> Result<ExportReport, Error> {
    let fault = |fault: csv::Error| {
        let source = match fault.into_kind() {
            csv::ErrorKind::Io(source) => source,
            other => std::io::Error::other(format!("{other:?}")),
        };
        Error::io("write", Path::new("-"))(source)
    };
    let sheet = Sheet::new(records, options.collection, options.crs, transformer);
    let mut writer = csv::Writer::from_writer(out);
    writer
        .write_record(sheet.columns.iter().map(Column::heading))
        .map_err(fault)?;
    for record in records {
        for column in &sheet.columns {
            writer
                .write_field(sheet.text(record, column)?)
                .map_err(fault)?;
        }
        writer.write_record(None::<&[u8]>).map_err(fault)?;
    }
    writer.flush().map_err(Error::io("write", Path::new("-")))?;
    Ok(ExportReport {
        written: records.len() as u64,
        ..ExportReport::default()
    })
}
