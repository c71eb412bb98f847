//! GeoJSON (RFC 7946) and newline-delimited sequences of it.

use std::io::Write;
use std::path::Path;

use serde_json::json;
use zhifang_core::{Crs, Record};
use zhifang_crs::Transformer;

use crate::error::Error;
use crate::write::feature::feature;
use crate::write::{ExportOptions, ExportReport};

/// Writes a FeatureCollection, a Feature a line. Other systems than EPSG:4490 are told in the
/// `crs` member that GeoJSON had before RFC 7946; longitude or easting stays first.
pub(crate) fn write(
    records: &[&Record],
    options: &ExportOptions,
    transformer: &Transformer,
    out: &mut dyn Write,
) -> Result<ExportReport, Error> {
    let io = || Error::io("write", Path::new("-"));
    out.write_all(b"{\"type\":\"FeatureCollection\",")
        .map_err(io())?;
    if !options.crs.is_stored() {
        let name = match options.crs {
            Crs::Epsg(number) => format!("urn:ogc:def:crs:EPSG::{number}"),
            other => other.to_string(),
        };
        let crs = json!({"type": "name", "properties": {"name": name}});
        write!(out, "\"crs\":{crs},").map_err(io())?;
    }
    out.write_all(b"\"features\":[").map_err(io())?;
    for (number, record) in records.iter().enumerate() {
        let lead: &[u8] = if number == 0 { b"\n" } else { b",\n" };
        out.write_all(lead).map_err(io())?;
        serde_json::to_writer(&mut *out, &feature(record, transformer)?)
            .map_err(|fault| io()(fault.into()))?;
    }
    out.write_all(b"\n]}\n").map_err(io())?;
    Ok(ExportReport {
        written: records.len() as u64,
        ..ExportReport::default()
    })
}

/// Writes one Feature a line.
pub(crate) fn write_sequence(
    records: &[&Record],
    transformer: &Transformer,
    out: &mut dyn Write,
) -> Result<ExportReport, Error> {
    let io = || Error::io("write", Path::new("-"));
    for record in records {
        serde_json::to_writer(&mut *out, &feature(record, transformer)?)
            .map_err(|fault| io()(fault.into()))?;
        out.write_all(b"\n").map_err(io())?;
    }
    Ok(ExportReport {
        written: records.len() as u64,
        ..ExportReport::default()
    })
}
