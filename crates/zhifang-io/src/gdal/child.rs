//! The child: the only place where GDAL is called.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use gdal::config::set_config_option;
use gdal::spatial_ref::{AxisMappingStrategy, SpatialRef};
use gdal::vector::{
    Defn, Feature, FieldDefn, FieldValue, Geometry, LayerAccess, LayerOptions, OGRFieldType,
    OGRwkbGeometryType,
};
use gdal::{Dataset, DatasetOptions, DriverManager, GdalOpenFlags};
use serde_json::{Map, Number, Value, json};

use crate::format::Format;
use crate::gdal_room::driver;
use crate::gdal_room::message::{
    ColumnType, LayerHead, LayerShape, ReadEnd, WriteHead, WriteRow, from_hex,
};

/// Address space of the child, bytes: libraries, and a large file's indexes.
const MEMORY: u64 = 3 << 30;
/// Processor time of the child, seconds: a nation's file takes a few.
const PROCESSOR_SECONDS: u64 = 120;
/// Rows that a file may have.
const MAX_ROWS: u64 = 5_000_000;

/// A reason to give up, in words for the parent.
type Failure = String;

/// The first failure that GDAL told: an iteration that ends says not why.
static FAILURE: Mutex<Option<String>> = Mutex::new(None);

/// Runs the child.
pub(crate) fn main(
    args: &[String],
    input: &mut dyn Read,
    output: &mut dyn Write,
    errors: &mut dyn Write,
) -> i32 {
    let outcome = bound().and_then(|()| match args {
        [verb, format, path, rest @ ..] if verb == "read" => {
            let option = |name: &str| rest.iter().find_map(|arg| arg.strip_prefix(name));
            read(format, path, option("layer="), option("encoding="), output)
        }
        [verb, format, path] if verb == "write" => write(format, path, input),
        _ => Err("wanted read FORMAT PATH or write FORMAT PATH".to_owned()),
    });
    match outcome {
        Ok(()) => 0,
        Err(reason) => {
            // Nothing is left to do when even the reason cannot be told.
            let _ = writeln!(errors, "{reason}");
            2
        }
    }
}

/// Sets the limits, before GDAL is woken.
fn bound() -> Result<(), Failure> {
    let set = |resource: rlimit::Resource, limit: u64| {
        let (_, hard) = resource.get().map_err(|fault| fault.to_string())?;
        let limit = limit.min(hard);
        resource
            .set(limit, limit)
            .map_err(|fault| fault.to_string())
    };
    set(rlimit::Resource::AS, MEMORY)?;
    set(rlimit::Resource::CPU, PROCESSOR_SECONDS)?;
    set(rlimit::Resource::CORE, 0)?;
    gdal::config::set_error_handler(|kind, _, message| {
        if kind == gdal::errors::CplErrType::Failure || kind == gdal::errors::CplErrType::Fatal {
            let mut failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner);
            failure.get_or_insert_with(|| message.to_owned());
        }
    });
    let options = [
        ("GDAL_SKIP", driver::SKIPPED),
        ("CPL_VSIL_CURL_ALLOWED_EXTENSIONS", "{noext}"),
        ("GDAL_DISABLE_READDIR_ON_OPEN", "FALSE"),
        ("OGR_GEOJSON_MAX_OBJ_SIZE", "200"),
        ("OGR_SQLITE_LOAD_EXTENSIONS", ""),
        ("OGR_ENABLE_PARTIAL_REPROJECTION", "FALSE"),
        ("SHAPE_RESTORE_SHX", "NO"),
    ];
    for (name, value) in options.into_iter().chain(driver::KML_FIELDS) {
        set_config_option(name, value).map_err(|fault| fault.to_string())?;
    }
    Ok(())
}

/// The format of a word.
fn format_of(word: &str) -> Result<Format, Failure> {
    match word {
        "dxf" => Ok(Format::Dxf),
        "gdb" => Ok(Format::FileGdb),
        _ => Format::from_str(word).map_err(|fault| fault.to_string()),
    }
}

/// A path that the parent made: absolute, and of something that exists. Names that GDAL would
/// take for more than a path do not pass.
fn safe_path(path: &str) -> Result<&Path, Failure> {
    let file = Path::new(path);
    if path.starts_with("/vsi") || !file.is_absolute() || path.contains("://") {
        return Err(format!("`{path}` is no absolute path"));
    }
    Ok(file)
}

fn read(
    format: &str,
    path: &str,
    layer: Option<&str>,
    encoding: Option<&str>,
    output: &mut dyn Write,
) -> Result<(), Failure> {
    let format = format_of(format)?;
    let path = safe_path(path)?;
    if !path.exists() {
        return Err("the file does not exist".to_owned());
    }
    let open_option = encoding.map(|name| format!("ENCODING={name}"));
    let open_options: Vec<&str> = open_option.iter().map(String::as_str).collect();
    let dataset = Dataset::open_ex(
        path,
        DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_READONLY,
            allowed_drivers: Some(driver::readers(format)),
            open_options: Some(&open_options),
            sibling_files: None,
        },
    )
    .map_err(|fault| format!("cannot be opened as {format}: {fault}"))?;
    let mut output = BufWriter::new(output);
    let names: Vec<String> = dataset.layers().map(|layer| layer.name()).collect();
    let wanted: Vec<usize> = match layer {
        Some(name) => {
            let found = names.iter().position(|known| known == name);
            vec![found.ok_or_else(|| format!("no layer `{name}`; found {}", names.join(", ")))?]
        }
        // The folders of a KML file are one collection; other formats have layers of unlike
        // things, of which the first is taken.
        None if format == Format::Kml => (0..names.len()).collect(),
        None => (0..names.len().min(1)).collect(),
    };
    // Whoever names a layer knows of the others.
    let others = match layer {
        None if wanted.len() < names.len() => names.clone(),
        _ => Vec::new(),
    };
    let mut count = 0;
    let mut is_first = true;
    // What was told while opening did not hinder the opening.
    FAILURE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    for number in wanted {
        let mut layer = dataset.layer(number).map_err(|fault| fault.to_string())?;
        if is_first {
            let mut system = layer.spatial_ref();
            let head = LayerHead {
                epsg: system.as_mut().and_then(epsg_of),
                wkt: system.as_ref().and_then(|system| system.to_wkt().ok()),
                layers: others.clone(),
            };
            send(&mut output, &head)?;
            is_first = false;
        }
        let names: Vec<String> = layer.defn().fields().map(|field| field.name()).collect();
        for feature in layer.features() {
            count += 1;
            if count > MAX_ROWS {
                return Err(format!("more than {MAX_ROWS} rows"));
            }
            send(&mut output, &feature_value(&feature, &names, format))?;
        }
        let failure = FAILURE
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(reason) = failure {
            return Err(format!("broken after {count} rows: {reason}"));
        }
    }
    if is_first {
        send(&mut output, &LayerHead::default())?;
    }
    send(&mut output, &ReadEnd { end: count })?;
    output.flush().map_err(|fault| fault.to_string())
}

fn send(output: &mut dyn Write, message: &impl serde::Serialize) -> Result<(), Failure> {
    serde_json::to_writer(&mut *output, message).map_err(|fault| fault.to_string())?;
    output.write_all(b"\n").map_err(|fault| fault.to_string())
}

fn epsg_of(system: &mut SpatialRef) -> Option<u32> {
    let own = |system: &SpatialRef| {
        let is_epsg = system.auth_name().as_deref() == Some("EPSG");
        is_epsg
            .then(|| system.auth_code().ok())
            .flatten()
            .and_then(|code| u32::try_from(code).ok())
    };
    own(system).or_else(|| {
        system.auto_identify_epsg().ok()?;
        own(system)
    })
}

/// The feature as GeoJSON, in the layer's own coordinates.
fn feature_value(feature: &Feature<'_>, names: &[String], format: Format) -> Value {
    let mut properties = Map::new();
    for (number, name) in names.iter().enumerate() {
        if format == Format::Kml && name.starts_with("kml_") {
            continue;
        }
        // A field that is not set has no text; its number would read as 0. Types without a
        // counterpart here (binary, time of day) are as good as empty.
        let has_text = feature
            .field_as_string(number)
            .is_ok_and(|text| text.is_some_and(|t| !t.is_empty()));
        let value = if has_text {
            feature.field(number).ok().flatten()
        } else {
            None
        };
        properties.insert(name.clone(), value.map_or(Value::Null, field_value));
    }
    let geometry = match feature.geometry_by_index(0) {
        // A layer without geometry, or a feature without.
        Err(_) => Value::Null,
        Ok(geometry) => geometry_value(geometry),
    };
    json!({"type": "Feature", "properties": properties, "geometry": geometry})
}

fn geometry_value(geometry: &Geometry) -> Value {
    if geometry.is_empty() {
        return Value::Null;
    }
    let read = geometry
        .wkb()
        .ok()
        .and_then(|bytes| zhifang_core::geometry::from_wkb(&bytes).ok());
    match read {
        Some(found) => zhifang_core::geometry::to_geojson(&found),
        None => json!({"type": geometry.geometry_name()}),
    }
}

fn field_value(value: FieldValue) -> Value {
    let number = |number: f64| Number::from_f64(number).map_or(Value::Null, Value::Number);
    match value {
        FieldValue::IntegerValue(n) => Value::from(n),
        FieldValue::Integer64Value(n) => Value::from(n),
        FieldValue::RealValue(n) => number(n),
        FieldValue::StringValue(text) => Value::from(text),
        FieldValue::DateValue(day) => Value::from(day.to_string()),
        FieldValue::DateTimeValue(time) => Value::from(time.to_rfc3339()),
        FieldValue::IntegerListValue(list) => Value::from(list),
        FieldValue::Integer64ListValue(list) => Value::from(list),
        FieldValue::StringListValue(list) => Value::from(list),
        FieldValue::RealListValue(list) => list.into_iter().map(number).collect(),
    }
}

fn write(format: &str, path: &str, input: &mut dyn Read) -> Result<(), Failure> {
    let format = format_of(format)?;
    let path = safe_path(path)?;
    let name = driver::writer(format).ok_or_else(|| format!("{format} is not written"))?;
    let text = |fault: gdal::errors::GdalError| fault.to_string();
    let mut lines = BufReader::new(input).lines();
    let head = lines
        .next()
        .ok_or("no heading line")?
        .map_err(|fault| fault.to_string())?;
    let head: WriteHead = serde_json::from_str(&head).map_err(|fault| fault.to_string())?;
    // KML is in WGS 84 by definition, which is taken as equal to CGCS2000.
    let epsg = if format == Format::Kml {
        Some(4326)
    } else {
        head.epsg
    };
    let mut system = epsg.map(SpatialRef::from_epsg).transpose().map_err(text)?;
    if let Some(system) = &mut system {
        system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    }
    let driver = DriverManager::get_driver_by_name(name).map_err(text)?;
    let mut dataset = driver.create_vector_only(path).map_err(text)?;
    let mut options = Vec::new();
    match format {
        Format::Shapefile => options.push("ENCODING=UTF-8"),
        Format::GeoPackage => options.push("GEOMETRY_NAME=geom"),
        _ => {}
    }
    let layer = dataset
        .create_layer(LayerOptions {
            name: &head.layer,
            srs: system.as_ref(),
            ty: match head.shape {
                LayerShape::Point => OGRwkbGeometryType::wkbPoint,
                LayerShape::MultiPoint => OGRwkbGeometryType::wkbMultiPoint,
                LayerShape::Line => OGRwkbGeometryType::wkbLineString,
                LayerShape::Polygon => OGRwkbGeometryType::wkbPolygon,
                LayerShape::Any => OGRwkbGeometryType::wkbUnknown,
            },
            options: Some(&options),
        })
        .map_err(text)?;
    for column in &head.columns {
        let kind = match column.kind {
            ColumnType::Text => OGRFieldType::OFTString,
            ColumnType::Integer => OGRFieldType::OFTInteger64,
            ColumnType::Real => OGRFieldType::OFTReal,
        };
        let field = FieldDefn::new(&column.name, kind).map_err(text)?;
        if column.width > 0 && format == Format::Shapefile {
            field.set_width(column.width);
        }
        field.add_to_layer(&layer).map_err(text)?;
    }
    {
        let defn = Defn::from_layer(&layer);
        let places: Vec<usize> = head
            .columns
            .iter()
            .map(|column| defn.field_index(&column.name).map_err(text))
            .collect::<Result<_, _>>()?;
        for line in lines {
            let line = line.map_err(|fault| fault.to_string())?;
            let row: WriteRow = serde_json::from_str(&line).map_err(|fault| fault.to_string())?;
            let mut feature = Feature::new(&defn).map_err(text)?;
            for (place, value) in places.iter().zip(&row.values) {
                set_field(&mut feature, *place, value).map_err(text)?;
            }
            if let Some(wkb) = row.wkb.as_deref().and_then(from_hex) {
                let geometry = Geometry::from_wkb(&wkb).map_err(text)?;
                feature.set_geometry(geometry).map_err(text)?;
            }
            feature.create(&layer).map_err(text)?;
        }
    }
    dataset.close().map_err(text)
}

fn set_field(
    feature: &mut Feature<'_>,
    place: usize,
    value: &Value,
) -> Result<(), gdal::errors::GdalError> {
    match value {
        Value::Null => feature.set_field_null(place),
        Value::String(text) => feature.set_field_string(place, text),
        Value::Bool(flag) => feature.set_field_integer(place, i32::from(*flag)),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => feature.set_field_integer64(place, whole),
            None => feature.set_field_double(place, number.as_f64().unwrap_or_default()),
        },
        other => feature.set_field_string(place, &other.to_string()),
    }
}
