//! The parent's side of writing.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use geo_types::Geometry;
use serde_json::Value;
use zhifang_core::{Crs, FieldKind, Record, geometry::to_wkb};
use zhifang_crs::Transformer;
use zip::write::SimpleFileOptions;

use crate::error::Error;
use crate::format::Format;
use crate::gdal_room::message::{ColumnType, LayerShape, WriteColumn, WriteHead, WriteRow, to_hex};
use crate::gdal_room::parent::Guarded;
use crate::gdal_room::unpack::Scratch;
use crate::short_name;
use crate::value;
use crate::write::feature;
use crate::write::sheet::{Column, Sheet};
use crate::write::whole::Part;
use crate::write::{ExportOptions, ExportReport};

/// Bytes that a text of a DBF table holds.
const LONGEST_DBF_TEXT: usize = 254;

/// Writes records through GDAL.
pub(crate) fn write(
    records: &[&Record],
    options: &ExportOptions,
    path: &Path,
) -> Result<ExportReport, Error> {
    if options.format == Format::Kml && !options.crs.is_stored() {
        return Err(Error::Unwritable {
            id: String::new(),
            format: "kml",
            reason: format!("KML is always in WGS 84, not {}", options.crs),
        });
    }
    let transformer = Transformer::with_parameters(options.crs, &options.parameters)
        .map_err(|source| Error::Transform { source })?;
    let scratch = Scratch::new(path)?;
    let sheet = Sheet::new(records, options.collection, options.crs, &transformer);
    let mut report = ExportReport {
        written: records.len() as u64,
        ..ExportReport::default()
    };
    let layers = layers(records, options.format);
    let stem = match path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
    {
        Some(stem) if !stem.is_empty() => stem,
        _ => options.collection.to_string(),
    };
    let columns = columns(records, options, &sheet, &mut report)?;
    let mut made: Vec<PathBuf> = Vec::new();
    for (shape, members) in &layers {
        let suffix = if layers.len() == 1 {
            ""
        } else {
            suffix(*shape)
        };
        let file = scratch
            .path()
            .join(format!("{stem}{suffix}.{}", options.format.as_str()));
        let head = WriteHead {
            layer: options.collection.to_string(),
            epsg: match options.crs {
                Crs::Epsg(number) => Some(number),
                _ => None,
            },
            shape: *shape,
            columns: columns.iter().map(|(column, _)| column.clone()).collect(),
        };
        write_layer(
            path,
            options.format,
            &file,
            scratch.path(),
            &head,
            members,
            &columns,
            &sheet,
        )?;
        made.push(file);
    }
    deliver(path, options.format, &made)?;
    Ok(report)
}

/// Records by layer: a Shapefile holds one kind of geometry, other formats hold all.
fn layers<'r>(records: &[&'r Record], format: Format) -> BTreeMap<LayerShape, Vec<&'r Record>> {
    let mut layers: BTreeMap<LayerShape, Vec<&Record>> = BTreeMap::new();
    if format != Format::Shapefile {
        layers.insert(LayerShape::Any, records.to_vec());
        return layers;
    }
    let mut blanks = Vec::new();
    for record in records {
        match record.geometry.as_deref() {
            None => blanks.push(*record),
            Some(geometry) => layers.entry(shape_of(geometry)).or_default().push(record),
        }
    }
    // Records without geometry go with the first layer, which may leave it out.
    match layers.values_mut().next() {
        Some(first) => first.append(&mut blanks),
        None => {
            layers.insert(LayerShape::Point, blanks);
        }
    }
    layers
}

fn shape_of(geometry: &Geometry<f64>) -> LayerShape {
    match geometry {
        Geometry::Point(_) => LayerShape::Point,
        Geometry::MultiPoint(_) => LayerShape::MultiPoint,
        Geometry::Line(_) | Geometry::LineString(_) | Geometry::MultiLineString(_) => {
            LayerShape::Line
        }
        Geometry::Polygon(_)
        | Geometry::MultiPolygon(_)
        | Geometry::Rect(_)
        | Geometry::Triangle(_) => LayerShape::Polygon,
        Geometry::GeometryCollection(_) => LayerShape::Any,
    }
}

fn suffix(shape: LayerShape) -> &'static str {
    match shape {
        LayerShape::Point => "",
        LayerShape::MultiPoint => "_multipoint",
        LayerShape::Line => "_line",
        LayerShape::Polygon => "_polygon",
        LayerShape::Any => "_collection",
    }
}

/// The columns as the format takes them. A Shapefile's are cut to ten bytes, and those with a
/// text that its table cannot hold as it is are left out, as an import would read a change.
fn columns(
    records: &[&Record],
    options: &ExportOptions,
    sheet: &Sheet<'_>,
    report: &mut ExportReport,
) -> Result<Vec<(WriteColumn, Column)>, Error> {
    let is_shapefile = options.format == Format::Shapefile;
    let mut taken: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for column in sheet
        .columns
        .iter()
        .filter(|column| **column != Column::Geometry)
    {
        let mut kind = match column {
            Column::Field(_, FieldKind::Integer | FieldKind::Flag) => ColumnType::Integer,
            Column::Field(_, FieldKind::Number) => ColumnType::Real,
            _ => ColumnType::Text,
        };
        let (mut longest, mut is_plain) = (1, true);
        if kind == ColumnType::Text && is_shapefile {
            for record in records {
                let text = sheet.text(record, column)?;
                longest = longest.max(text.len());
                is_plain &= text.trim().len() == text.len();
            }
            if longest > LONGEST_DBF_TEXT || !is_plain {
                report.columns_omitted.push(column.heading());
                continue;
            }
        }
        let name = match column {
            Column::Field(name, _) if is_shapefile => short_name::of(options.collection, name),
            Column::Extra(key) if is_shapefile => {
                let cut = short_name::free_name(key, &taken);
                if cut != *key {
                    report.columns_omitted.push(column.heading());
                    continue;
                }
                cut
            }
            other => other.heading(),
        };
        if matches!(column, Column::Field("version", _)) {
            kind = ColumnType::Integer;
        }
        taken.push(name.clone());
        let width = if kind == ColumnType::Text {
            i32::try_from(longest).unwrap_or(254)
        } else {
            0
        };
        found.push((WriteColumn { name, kind, width }, column.clone()));
    }
    Ok(found)
}

fn write_layer(
    path: &Path,
    format: Format,
    file: &Path,
    folder: &Path,
    head: &WriteHead,
    records: &[&Record],
    columns: &[(WriteColumn, Column)],
    sheet: &Sheet<'_>,
) -> Result<(), Error> {
    let args: Vec<OsString> = vec!["write".into(), format.as_str().into(), file.into()];
    let mut child = Guarded::start(path, &args, folder, Stdio::piped())?;
    let sent = send(path, &mut child, head, records, columns, sheet);
    // A child that gave up says why; that its input broke is only the consequence.
    let finished = child.finish(path);
    finished.and(sent)
}

fn send(
    path: &Path,
    child: &mut Guarded,
    head: &WriteHead,
    records: &[&Record],
    columns: &[(WriteColumn, Column)],
    sheet: &Sheet<'_>,
) -> Result<(), Error> {
    let io = || Error::io("write", path);
    let mut input = BufWriter::new(child.take_input(path)?);
    serde_json::to_writer(&mut input, head).map_err(|fault| io()(fault.into()))?;
    for record in records {
        let values = columns
            .iter()
            .map(|(made, column)| {
                let cell = sheet.cell(record, column)?;
                Ok(match (made.kind, cell) {
                    (_, None) => Value::Null,
                    (ColumnType::Text, Some(found)) => Value::from(value::to_text(&found)),
                    (_, Some(found)) => found,
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let geometry = feature::geometry(record, sheet.transformer())?;
        let row = WriteRow {
            values,
            wkb: geometry.map(|found| to_hex(&to_wkb(&found))),
        };
        input.write_all(b"\n").map_err(io())?;
        serde_json::to_writer(&mut input, &row).map_err(|fault| io()(fault.into()))?;
    }
    input.flush().map_err(io())
}

/// Brings what was made to where it was asked for: beside it first, so that what stands there is
/// replaced only by what is whole.
fn deliver(path: &Path, format: Format, made: &[PathBuf]) -> Result<(), Error> {
    let copy = |from: &Path, to: &Path| {
        Part::write(to, |out| {
            let mut bytes = File::open(from).map_err(Error::io("read", from))?;
            std::io::copy(&mut bytes, out).map_err(Error::io("write", to))?;
            Ok(())
        })
    };
    if format != Format::Shapefile {
        for file in made {
            copy(file, path)?.place()?;
        }
        return Ok(());
    }
    let mut parts = Vec::new();
    for file in made {
        parts.extend(
            ["shp", "shx", "dbf", "prj", "cpg"]
                .into_iter()
                .map(|part| file.with_extension(part))
                .filter(|part| part.is_file()),
        );
    }
    let is_zip = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
    if !is_zip {
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let beside = parts
            .iter()
            .map(|part| copy(part, &folder.join(part.file_name().unwrap_or_default())))
            .collect::<Result<Vec<_>, Error>>()?;
        return beside.into_iter().try_for_each(Part::place);
    }
    Part::write(path, |out| pack(path, &parts, out))?.place()
}

/// The parts of Shapefiles in one archive.
fn pack(path: &Path, parts: &[PathBuf], out: &mut File) -> Result<(), Error> {
    let io = || Error::io("write", path);
    let mut archive = zip::ZipWriter::new(out);
    // A fixed time, so that the same records make the same bytes.
    let settings = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for part in parts {
        let name = part
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        archive
            .start_file(name, settings)
            .map_err(|fault| io()(fault.into()))?;
        let mut bytes = File::open(part).map_err(Error::io("read", part))?;
        std::io::copy(&mut bytes, &mut archive).map_err(io())?;
    }
    archive.finish().map_err(|fault| io()(fault.into()))?;
    Ok(())
}
