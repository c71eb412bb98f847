//! GeoJSON (RFC 7946) and its sequences (RFC 8142), feature by feature from a stream.

use std::fmt;
use std::io::{BufReader, Read};
use std::path::Path;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};
use serde_json::{Map, Value};
use zhifang_core::Crs;

use crate::error::Error;
use crate::geometry::json::RawShape;
use crate::limit;
use crate::raw::{Cell, Columns, FileCrs, FileFacts, RawGeometry, RawRecord, Sink};

/// Reads a FeatureCollection or a single Feature.
pub(crate) fn read(
    path: &Path,
    is_packed: bool,
    columns: &mut Columns,
    sink: &mut Sink<'_>,
) -> Result<FileFacts, Error> {
    let stream = limit::open(path, is_packed)?;
    let mut deserializer = serde_json::Deserializer::from_reader(SkipMark::new(stream));
    let mut state = State {
        columns,
        sink,
        row: 0,
        failure: None,
        crs: None,
        kind: None,
    };
    let outcome = Document(&mut state)
        .deserialize(&mut deserializer)
        .and_then(|single| {
            deserializer.end()?;
            Ok(single)
        });
    let State {
        failure,
        crs,
        kind,
        row,
        ..
    } = state;
    if let Some(failure) = failure {
        return Err(failure);
    }
    let single = outcome.map_err(|fault| syntax(path, &fault, row))?;
    match kind.as_deref() {
        Some("FeatureCollection") => {}
        Some("Feature") => {
            let record = single.into_record(columns, 1);
            sink(columns, record)?;
        }
        other => {
            return Err(Error::Content {
                path: path.to_owned(),
                reason: format!(
                    "wanted a GeoJSON FeatureCollection or Feature, found type {}",
                    other.map_or_else(|| "none".to_owned(), |kind| format!("`{kind}`"))
                ),
            });
        }
    }
    let crs = match crs {
        None => FileCrs::Absent,
        Some(crs) => declared(path, &crs)?,
    };
    Ok(FileFacts {
        crs,
        ..FileFacts::default()
    })
}

/// Reads one Feature after the other, with or without record separators.
pub(crate) fn read_sequence(
    path: &Path,
    is_packed: bool,
    columns: &mut Columns,
    sink: &mut Sink<'_>,
) -> Result<FileFacts, Error> {
    let stream = BufReader::new(SkipMark::new(limit::open(path, is_packed)?));
    let features = serde_json::Deserializer::from_reader(stream).into_iter::<RawFeature>();
    let mut row = 0;
    let mut crs = FileCrs::Absent;
    for feature in features {
        row += 1;
        let mut feature = feature.map_err(|fault| syntax(path, &fault, row - 1))?;
        if let Some(own) = feature.crs.take() {
            crs = declared(path, &own)?;
        }
        let record = feature.into_record(columns, row);
        sink(columns, record)?;
    }
    Ok(FileFacts {
        crs,
        ..FileFacts::default()
    })
}

/// The `crs` member of GeoJSON before RFC 7946 (2008 §3), longitude first whatever it names.
fn declared(path: &Path, crs: &Value) -> Result<FileCrs, Error> {
    let name = match crs {
        Value::Null => return Ok(FileCrs::Absent),
        Value::String(name) => name.clone(),
        _ => {
            let properties = crs.get("properties");
            let name = properties
                .and_then(|p| p.get("name"))
                .and_then(Value::as_str);
            let code = properties.and_then(|p| p.get("code"));
            match (name, code) {
                (Some(name), _) => name.to_owned(),
                (None, Some(code)) => format!("EPSG:{}", code.to_string().trim_matches('"')),
                (None, None) => crs.to_string(),
            }
        }
    };
    name.parse::<Crs>()
        .map(FileCrs::Named)
        .map_err(|source| Error::CrsName {
            path: path.to_owned(),
            source,
        })
}

fn syntax(path: &Path, fault: &serde_json::Error, rows: u64) -> Error {
    if fault.is_io() {
        let text = fault.to_string();
        let broken = std::io::Error::from(std::io::ErrorKind::InvalidData);
        return match text.split_once(" exceeds ") {
            Some((what, number)) => Error::TooLarge {
                path: path.to_owned(),
                what: if what.contains("ratio") {
                    "the ratio of unpacked to packed bytes"
                } else {
                    "the number of unpacked bytes"
                },
                limit: number
                    .chars()
                    .take_while(char::is_ascii_digit)
                    .collect::<String>()
                    .parse()
                    .unwrap_or(limit::MAX_UNPACKED),
            },
            None => Error::Io {
                action: "read",
                path: path.to_owned(),
                source: broken,
            },
        };
    }
    let whole = fault.to_string();
    let reason = whole.split(" at line ").next().unwrap_or(&whole);
    Error::Syntax {
        path: path.to_owned(),
        line: fault.line(),
        column: fault.column(),
        reason: format!("after {rows} features: {reason}"),
    }
}

/// Skips what may stand before or between JSON texts: a byte order mark, record separators.
struct SkipMark<R> {
    inner: R,
    is_start: bool,
}

impl<R> SkipMark<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            is_start: true,
        }
    }
}

impl<R: Read> Read for SkipMark<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let Some(fresh) = buffer.get_mut(..count) else {
            return Ok(count);
        };
        if self.is_start && count > 0 {
            self.is_start = false;
            if let Some(mark) = fresh
                .get_mut(..3)
                .filter(|mark| **mark == [0xef, 0xbb, 0xbf])
            {
                mark.fill(b' ');
            }
        }
        // A record separator (RFC 8142 §2.2) cannot stand inside a JSON text.
        for byte in fresh.iter_mut().filter(|byte| **byte == 0x1e) {
            *byte = b' ';
        }
        Ok(count)
    }
}

struct State<'a, 'b> {
    columns: &'a mut Columns,
    sink: &'a mut Sink<'b>,
    row: u64,
    failure: Option<Error>,
    crs: Option<Value>,
    kind: Option<String>,
}

/// The document's outermost object: features go to the sink as they come.
struct Document<'s, 'a, 'b>(&'s mut State<'a, 'b>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_, '_> {
    type Value = RawFeature;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<RawFeature, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_, '_> {
    type Value = RawFeature;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GeoJSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawFeature, A::Error> {
        let mut single = RawFeature::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => self.0.kind = map.next_value::<Option<String>>()?,
                "crs" => self.0.crs = Some(map.next_value()?),
                "features" => map.next_value_seed(Features(self.0))?,
                other => single.take(other, &mut map)?,
            }
        }
        Ok(single)
    }
}

struct Features<'s, 'a, 'b>(&'s mut State<'a, 'b>);

impl<'de> DeserializeSeed<'de> for Features<'_, '_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(feature) = seq.next_element::<RawFeature>()? {
            let state = &mut *self.0;
            state.row += 1;
            let record = feature.into_record(state.columns, state.row);
            if let Err(failure) = (state.sink)(state.columns, record) {
                state.failure = Some(failure);
                return Err(A::Error::custom("the reader was stopped"));
            }
        }
        Ok(())
    }
}

/// A Feature as read.
#[derive(Debug, Default)]
pub(crate) struct RawFeature {
    id: Option<Value>,
    kind: Option<Value>,
    crs: Option<Value>,
    properties: Option<Map<String, Value>>,
    geometry: Option<Result<RawShape, String>>,
    fault: Option<String>,
}

impl RawFeature {
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "type" => self.kind = map.next_value()?,
            "id" => self.id = map.next_value::<Option<Value>>()?,
            "crs" => self.crs = map.next_value()?,
            "properties" => match map.next_value::<Value>()? {
                Value::Object(properties) => self.properties = Some(properties),
                Value::Null => {}
                _ => self.fault = Some("`properties` is no object".to_owned()),
            },
            "geometry" => {
                self.geometry = match map.next_value::<MaybeShape>()? {
                    MaybeShape::Null => None,
                    MaybeShape::Shape(shape) => Some(Ok(shape)),
                    MaybeShape::Other => Some(Err("`geometry` is no object".to_owned())),
                }
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    /// The record of the feature at this place in the file.
    pub(crate) fn into_record(self, columns: &mut Columns, row: u64) -> RawRecord {
        let geometry = match self
            .geometry
            .map(|shape| shape.and_then(RawShape::into_shape))
        {
            None => RawGeometry::Absent,
            Some(Err(reason)) => RawGeometry::Fault {
                field: "geometry",
                reason,
            },
            Some(Ok(shape)) => match shape.geometry {
                None => RawGeometry::Absent,
                Some(geometry) => RawGeometry::Given {
                    geometry,
                    srid: None,
                    has_open_ring: shape.has_open_ring,
                },
            },
        };
        let cells = self
            .properties
            .unwrap_or_default()
            .into_iter()
            .map(|(name, value)| {
                let cell = match value {
                    Value::Null => Cell::Empty,
                    Value::String(text) if text.is_empty() => Cell::Empty,
                    value => Cell::Json(value),
                };
                (columns.number(&name), cell)
            })
            .collect();
        RawRecord {
            row,
            feature_id: self.id,
            geometry,
            cells,
            fault: self.fault,
        }
    }
}

impl<'de> Deserialize<'de> for RawFeature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = RawFeature;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a Feature object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawFeature, A::Error> {
                let mut feature = RawFeature::default();
                while let Some(key) = map.next_key::<String>()? {
                    feature.take(&key, &mut map)?;
                }
                let is_feature = feature.kind.as_ref().and_then(Value::as_str) == Some("Feature");
                if !is_feature && feature.fault.is_none() {
                    feature.fault = Some("`type` is not `Feature`".to_owned());
                }
                Ok(feature)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A geometry object, null, or something that does not belong there.
enum MaybeShape {
    Null,
    Shape(RawShape),
    Other,
}

impl<'de> Deserialize<'de> for MaybeShape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = MaybeShape;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a geometry object or null")
            }
            fn visit_unit<E>(self) -> Result<MaybeShape, E> {
                Ok(MaybeShape::Null)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MaybeShape, A::Error> {
                let members = serde::de::value::MapAccessDeserializer::new(map);
                RawShape::deserialize(members).map(MaybeShape::Shape)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<MaybeShape, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(MaybeShape::Other)
            }
            fn visit_str<E>(self, _: &str) -> Result<MaybeShape, E> {
                Ok(MaybeShape::Other)
            }
            fn visit_bool<E>(self, _: bool) -> Result<MaybeShape, E> {
                Ok(MaybeShape::Other)
            }
            fn visit_f64<E>(self, _: f64) -> Result<MaybeShape, E> {
                Ok(MaybeShape::Other)
            }
            fn visit_i64<E>(self, _: i64) -> Result<MaybeShape, E> {
                Ok(MaybeShape::Other)
            }
            fn visit_u64<E>(self, _: u64) -> Result<MaybeShape, E> {
                Ok(MaybeShape::Other)
            }
        }
        deserializer.deserialize_any(Any)
    }
}
