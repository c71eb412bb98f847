//! Writers, one a format: records to files that an import reads back as unchanged.

pub(crate) mod csv;
pub(crate) mod feature;
pub(crate) mod flatgeobuf;
pub(crate) mod geojson;
pub(crate) mod sheet;
pub(crate) mod whole;
pub(crate) mod xlsx;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use zhifang_core::{Collection, Crs, Record};
use zhifang_crs::{LocalParameters, Transformer};

use crate::error::Error;
use crate::format::Format;

/// How to export.
#[derive(Debug, Clone, Copy)]
pub struct ExportOptions {
    /// The collection of all records.
    pub collection: Collection,
    /// In which format.
    pub format: Format,
    /// In which reference system, longitude or easting first.
    pub crs: Crs,
    /// The user's parameters for the old datums.
    pub parameters: LocalParameters,
}

impl ExportOptions {
    /// A collection in a format, in EPSG:4490.
    pub fn new(collection: Collection, format: Format) -> Self {
        Self {
            collection,
            format,
            crs: Crs::STORED,
            parameters: LocalParameters::default(),
        }
    }
}

/// What an export could not hold. Nothing of it is lost in the register: an import of the file
/// leaves the stored values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportReport {
    /// Records written.
    pub written: u64,
    /// Geometries left out, as the format's cells are too short for them.
    pub geometries_omitted: u64,
    /// Columns left out, as the format's cells are too short for them.
    pub columns_omitted: Vec<String>,
}

/// Whether GDAL writes these records. It adds a spatial index to a FlatGeobuf, but leaves out what
/// has no geometry.
fn is_through_gdal(records: &[&Record], format: Format) -> bool {
    let is_our_own = format == Format::FlatGeobuf
        && (cfg!(not(feature = "gdal"))
            || records.is_empty()
            || records.iter().any(|record| record.geometry.is_none()));
    format.needs_gdal() && !is_our_own
}

/// Writes records to a stream.
///
/// # Errors
/// Failed writes, positions that the reference system cannot hold, and formats that need GDAL
/// where there is none.
pub fn export_to(
    records: &[&Record],
    options: &ExportOptions,
    out: &mut dyn Write,
) -> Result<ExportReport, Error> {
    let path = Path::new("-");
    if is_through_gdal(records, options.format) {
        let folder = tempfile::tempdir().map_err(Error::io("write", path))?;
        let ending = if options.format == Format::Shapefile {
            "zip"
        } else {
            options.format.as_str()
        };
        let file = folder
            .path()
            .join(format!("{}.{ending}", options.collection));
        let report = export_file(records, options, &file)?;
        let mut written = File::open(&file).map_err(Error::io("read", &file))?;
        std::io::copy(&mut written, out).map_err(Error::io("write", path))?;
        return Ok(report);
    }
    let transformer = Transformer::with_parameters(options.crs, &options.parameters)
        .map_err(|source| Error::Transform { source })?;
    let out = &mut BufWriter::new(out);
    let report = match options.format {
        Format::GeoJson => geojson::write(records, options, &transformer, out),
        Format::GeoJsonSeq => geojson::write_sequence(records, &transformer, out),
        Format::Csv => csv::write(records, options, &transformer, out),
        Format::FlatGeobuf => flatgeobuf::write(records, options, &transformer, out),
        _ => xlsx::write(records, options, &transformer, out),
    }?;
    out.flush().map_err(Error::io("write", path))?;
    Ok(report)
}

/// Writes records to a file, which appears only when it is whole: where that fails, what stood
/// there before stays. A Shapefile whose name ends in `.zip` is packed with its sisters.
///
/// # Errors
/// As [`export_to`].
pub fn export_file(
    records: &[&Record],
    options: &ExportOptions,
    path: &Path,
) -> Result<ExportReport, Error> {
    if is_through_gdal(records, options.format) {
        return crate::gdal_room::write(records, options, path);
    }
    let mut report = ExportReport::default();
    let part = whole::Part::write(path, |file| {
        report = export_to(records, options, file)?;
        Ok(())
    })?;
    part.place()?;
    Ok(report)
}
