//! XLSX workbooks, cell by cell: a sheet that claims a billion empty cells costs nothing.

use std::io::{BufReader, Cursor, Read, Seek};
use std::path::Path;

use calamine::{DataRef, Reader, Xlsx};

use crate::error::Error;
use crate::limit::{self, Bounded};
use crate::raw::{Columns, FileFacts, Sink};
use crate::read::table::{MAX_COLUMNS, Table};

/// Cells with content that a sheet may have.
const MAX_CELLS: u64 = 20_000_000;
/// Rows that a sheet may span: Excel's own limit.
const MAX_ROWS: u64 = 1_048_576;
/// Bytes that the workbook's parts may unpack to together.
const MAX_PARTS: u64 = 1 << 30;

/// Reads a sheet: the named one, else the first.
pub(crate) fn read(
    path: &Path,
    is_packed: bool,
    layer: Option<&str>,
    columns: &mut Columns,
    sink: &mut Sink<'_>,
) -> Result<FileFacts, Error> {
    if is_packed {
        let bytes = limit::read_all(path, true)?;
        return read_book(path, Cursor::new(bytes), layer, columns, sink);
    }
    let file = std::fs::File::open(path).map_err(Error::io("read", path))?;
    read_book(path, BufReader::new(file), layer, columns, sink)
}

fn read_book<R: Read + Seek>(
    path: &Path,
    mut stream: R,
    layer: Option<&str>,
    columns: &mut Columns,
    sink: &mut Sink<'_>,
) -> Result<FileFacts, Error> {
    let content = |reason: String| Error::Content {
        path: path.to_owned(),
        reason,
    };
    weigh(path, &mut stream)?;
    stream.rewind().map_err(Error::io("read", path))?;
    let mut book: Xlsx<R> =
        Xlsx::new(stream).map_err(|fault| content(format!("no XLSX workbook: {fault}")))?;
    let sheets = book.sheet_names();
    let sheet = match layer {
        None => sheets
            .first()
            .cloned()
            .ok_or_else(|| content("has no sheet".to_owned()))?,
        Some(name) if sheets.iter().any(|sheet| sheet == name) => name.to_owned(),
        Some(name) => {
            return Err(Error::Layer {
                path: path.to_owned(),
                layer: name.to_owned(),
                found: sheets.join(", "),
            });
        }
    };
    let mut cells = book
        .worksheet_cells_reader(&sheet)
        .map_err(|fault| content(format!("sheet `{sheet}`: {fault}")))?;
    let mut rows = Rows {
        heading: None,
        current: Vec::new(),
        at: None,
        first: None,
    };
    let mut count = 0;
    while let Some(cell) = cells
        .next_cell()
        .map_err(|fault| content(format!("sheet `{sheet}`: {fault}")))?
    {
        let (row, column) = cell.get_position();
        let text = text_of(cell.get_value());
        if text.is_empty() {
            continue;
        }
        count += 1;
        let passed = |what, limit| Error::TooLarge {
            path: path.to_owned(),
            what,
            limit,
        };
        if count > MAX_CELLS {
            return Err(passed("the number of cells", MAX_CELLS));
        }
        if column as usize >= MAX_COLUMNS {
            return Err(passed("the number of columns", MAX_COLUMNS as u64));
        }
        if u64::from(row) >= MAX_ROWS {
            return Err(passed("the number of rows", MAX_ROWS));
        }
        if rows.at != Some(row) {
            rows.finish(columns, sink)?;
            rows.at = Some(row);
        }
        rows.put(column as usize, text);
    }
    rows.finish(columns, sink)?;
    if rows.heading.is_none() {
        return Err(content(format!("sheet `{sheet}` has no heading line")));
    }
    // Whoever names a sheet knows of the others.
    let is_one_of_several = layer.is_none() && sheets.len() > 1;
    Ok(FileFacts {
        layers: if is_one_of_several {
            sheets
        } else {
            Vec::new()
        },
        ..FileFacts::default()
    })
}

/// Unpacks every part once and counts, before a reader holds any of it in memory.
fn weigh<R: Read + Seek>(path: &Path, stream: &mut R) -> Result<(), Error> {
    let fault = |reason: String| Error::Content {
        path: path.to_owned(),
        reason,
    };
    let mut archive =
        zip::ZipArchive::new(stream).map_err(|e| fault(format!("no XLSX workbook: {e}")))?;
    let mut left = MAX_PARTS;
    for number in 0..archive.len() {
        let part = archive.by_index(number).map_err(|e| fault(e.to_string()))?;
        let packed = part.compressed_size();
        let mut bounded = Bounded::new(part, packed).with_limit(left);
        std::io::copy(&mut bounded, &mut std::io::sink())
            .map_err(|e| limit::fault_of_read(path, e))?;
        left = left.saturating_sub(bounded.passed());
    }
    Ok(())
}

/// Rows as their cells come in.
struct Rows {
    heading: Option<Table>,
    current: Vec<String>,
    at: Option<u32>,
    first: Option<u32>,
}

impl Rows {
    fn put(&mut self, column: usize, text: String) {
        if self.current.len() <= column {
            self.current.resize(column + 1, String::new());
        }
        if let Some(slot) = self.current.get_mut(column) {
            *slot = text;
        }
    }

    /// Hands over the row that is complete; the first is the heading.
    fn finish(&mut self, columns: &mut Columns, sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.at.is_none() || self.current.is_empty() {
            return Ok(());
        }
        match &mut self.heading {
            None => {
                self.first = self.at;
                self.heading = Some(Table::new(columns, self.current.iter().map(String::as_str)));
            }
            Some(table) => {
                // Cells at a row's end that are empty are not stored in the file; they are
                // empty cells of present columns all the same.
                let missing = table.width().saturating_sub(self.current.len());
                let cells = self
                    .current
                    .iter()
                    .map(String::as_str)
                    .chain(std::iter::repeat_n("", missing));
                let record = table.record(cells);
                sink(columns, record)?;
            }
        }
        self.current.clear();
        Ok(())
    }
}

/// A cell as the text that stands for it: whole numbers without point, days as YYYY-MM-DD.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(time) => {
            let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+08:00")
            }
        }
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}
