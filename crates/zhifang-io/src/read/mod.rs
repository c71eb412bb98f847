//! Readers, one a format: files to [`RawRecord`](crate::raw::RawRecord)s.

pub(crate) mod csv;
pub(crate) mod geojson;
pub(crate) mod table;
pub(crate) mod xlsx;

use std::path::Path;

use crate::error::Error;
use crate::format::Format;
use crate::raw::{Columns, FileFacts, Sink};

/// What a reader is told beside the file.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ReadOptions<'a> {
    /// Layer or sheet, where a file has several.
    pub(crate) layer: Option<&'a str>,
}

/// Reads a file to its end, handing over its rows in order.
///
/// # Errors
/// Broken files, passed limits, and whatever the sink returns.
pub(crate) fn read(
    path: &Path,
    format: Format,
    is_packed: bool,
    options: ReadOptions<'_>,
    columns: &mut Columns,
    sink: &mut Sink<'_>,
) -> Result<FileFacts, Error> {
    match format {
        Format::GeoJson => geojson::read(path, is_packed, columns, sink),
        Format::GeoJsonSeq => geojson::read_sequence(path, is_packed, columns, sink),
        Format::Csv => csv::read(path, is_packed, columns, sink),
        Format::Xlsx => xlsx::read(path, is_packed, options.layer, columns, sink),
        _ => crate::gdal_room::read(path, format, is_packed, options.layer, columns, sink),
    }
}
