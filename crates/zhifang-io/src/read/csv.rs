//! CSV (RFC 4180): UTF-8, UTF-16 with byte order mark, or GBK, which is decoded and told.

use std::borrow::Cow;
use std::path::Path;

use encoding_rs::{Encoding, GB18030};

use crate::error::Error;
use crate::limit;
use crate::raw::{Columns, FileFacts, Sink};
use crate::read::table::{MAX_COLUMNS, Table};

/// Reads the table.
pub(crate) fn read(
    path: &Path,
    is_packed: bool,
    columns: &mut Columns,
    sink: &mut Sink<'_>,
) -> Result<FileFacts, Error> {
    let bytes = limit::read_all(path, is_packed)?;
    let (text, is_gbk) = decode(path, &bytes)?;
    let delimiter = delimiter(&text);
    if let Some((row, line)) = open_cell(text.as_bytes(), delimiter) {
        return Err(Error::CutOff {
            path: path.to_owned(),
            row,
            line,
        });
    }
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let syntax = |fault: &csv::Error| {
        let place = fault.position();
        Error::Syntax {
            path: path.to_owned(),
            line: place.map_or(1, |p| usize::try_from(p.line()).unwrap_or(usize::MAX)),
            column: 1,
            reason: fault.to_string(),
        }
    };
    let headings = reader.headers().map_err(|fault| syntax(&fault))?.clone();
    if headings.is_empty() || headings.iter().all(|heading| heading.trim().is_empty()) {
        return Err(Error::Content {
            path: path.to_owned(),
            reason: "has no heading line".to_owned(),
        });
    }
    if headings.len() > MAX_COLUMNS {
        return Err(Error::TooLarge {
            path: path.to_owned(),
            what: "the number of columns",
            limit: MAX_COLUMNS as u64,
        });
    }
    let mut table = Table::new(columns, headings.iter());
    let mut row = csv::StringRecord::new();
    while reader
        .read_record(&mut row)
        .map_err(|fault| syntax(&fault))?
    {
        if row.len() == 1 && row.get(0).is_some_and(|cell| cell.trim().is_empty()) {
            continue;
        }
        sink(columns, table.record(row.iter()))?;
    }
    Ok(FileFacts {
        is_gbk,
        ..FileFacts::default()
    })
}

/// The bytes as text, and whether they were GBK.
fn decode<'a>(path: &Path, bytes: &'a [u8]) -> Result<(Cow<'a, str>, bool), Error> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let body = bytes.get(length..).unwrap_or_default();
        let (text, has_faults) = encoding.decode_without_bom_handling(body);
        if !has_faults {
            return Ok((text, false));
        }
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((Cow::Borrowed(text), false)),
        Err(fault) => {
            // GB18030 holds all of GBK.
            let (text, has_faults) = GB18030.decode_without_bom_handling(bytes);
            if has_faults {
                return Err(Error::Encoding {
                    path: path.to_owned(),
                    offset: fault.valid_up_to(),
                });
            }
            Ok((text, true))
        }
    }
}

/// Row and line where the quoted cell begins within which the text ends, if it does. The reader
/// takes such a cell as ended, and all the rows that it has swallowed with it.
fn open_cell(text: &[u8], delimiter: u8) -> Option<(u64, u64)> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        RowStart,
        CellStart,
        Plain,
        Quoted,
        /// After a quotation mark in a quoted cell: the cell's end, or half of a doubled one.
        Closing,
    }
    let (mut state, mut row, mut line) = (State::RowStart, 0, 1);
    let mut opened = (0, 1);
    for byte in text {
        let is_line_end = matches!(byte, b'\n' | b'\r');
        line += u64::from(*byte == b'\n');
        state = match (state, *byte) {
            (State::Quoted, b'"') => State::Closing,
            (State::Quoted, _) | (State::Closing, b'"') => State::Quoted,
            (State::RowStart, _) if is_line_end => State::RowStart,
            (_, _) if is_line_end => {
                row += 1;
                State::RowStart
            }
            (_, found) if found == delimiter => State::CellStart,
            (State::RowStart | State::CellStart, b'"') => {
                opened = (row, line);
                State::Quoted
            }
            _ => State::Plain,
        };
    }
    (state == State::Quoted).then_some(opened)
}

/// Comma, unless the heading line has none and is full of tabs or semicolons.
fn delimiter(text: &str) -> u8 {
    let heading = text.lines().next().unwrap_or_default();
    let count = |sign: char| heading.matches(sign).count();
    if count(',') > 0 {
        return b',';
    }
    [(count('\t'), b'\t'), (count(';'), b';')]
        .into_iter()
        .max()
        .filter(|(found, _)| *found > 0)
        .map_or(b',', |(_, sign)| sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gbk_is_decoded_and_rubbish_is_refused() {
        let path = Path::new("names.csv");
        let (bytes, _, _) = GB18030.encode("name\n老河口市\n");
        let (text, is_gbk) = decode(path, &bytes).unwrap();
        assert!(is_gbk && text.contains("老河口市"));
        let fault = decode(path, b"name\n\xff\xff\xff\n").unwrap_err();
        assert!(fault.to_string().contains("byte 5"), "{fault}");
    }

    #[test]
    fn a_quoted_cell_that_never_ends_is_seen_where_it_begins() {
        let open = |text: &str| open_cell(text.as_bytes(), b',');
        assert_eq!(open("id,name\na,甲\n\nb,\"乙\nc,丙\n"), Some((2, 4)));
        assert_eq!(open("id,\"name\n"), Some((0, 1)));
        assert_eq!(open("a,\"x\"\"\n"), Some((0, 1)));
        for whole in [
            "id,name\na,\"甲\nb\"\n",
            "a,5\" pipe\n",
            "a,\"x\"\"y\"",
            "a,\"\"",
            "",
        ] {
            assert_eq!(open(whole), None, "{whole}");
        }
    }

    #[test]
    fn delimiters_are_seen_in_the_heading() {
        assert_eq!(delimiter("a,b;c"), b',');
        assert_eq!(delimiter("a\tb\n1,2"), b'\t');
        assert_eq!(delimiter("only"), b',');
    }
}
