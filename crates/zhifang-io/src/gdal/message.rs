//! What parent and child say to each other: a heading line, then a line a record.

use serde::{Deserialize, Serialize};

/// First line from a child that reads a layer.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct LayerHead {
    /// The layer's reference system, where it has one.
    pub(crate) wkt: Option<String>,
    /// Its EPSG number, where it is known.
    pub(crate) epsg: Option<u32>,
    /// Where only one of several layers is read: all of them, that one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) layers: Vec<String>,
}

/// Last line from a child that reads.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReadEnd {
    /// Rows sent.
    pub(crate) end: u64,
}

/// Type of a column that a child makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ColumnType {
    /// Text, at most so many bytes where the format wants to know.
    Text,
    /// Whole number.
    Integer,
    /// Number.
    Real,
}

/// A column that a child makes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WriteColumn {
    /// Name in the file.
    pub(crate) name: String,
    /// Type.
    pub(crate) kind: ColumnType,
    /// Bytes of the longest text.
    pub(crate) width: i32,
}

/// Kind of geometry that a layer declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LayerShape {
    /// Points.
    Point,
    /// Multipoints.
    MultiPoint,
    /// Lines of one or several parts.
    Line,
    /// Polygons of one or several parts.
    Polygon,
    /// Anything.
    Any,
}

/// First line to a child that writes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WriteHead {
    /// Name of the layer.
    pub(crate) layer: String,
    /// EPSG number of the coordinates, where they have one.
    pub(crate) epsg: Option<u32>,
    /// Kind of geometry.
    pub(crate) shape: LayerShape,
    /// Columns.
    pub(crate) columns: Vec<WriteColumn>,
}

/// A record to a child that writes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WriteRow {
    /// Values in the order of the columns; null where there is none.
    pub(crate) values: Vec<serde_json::Value>,
    /// Geometry as WKB in hexadecimal.
    pub(crate) wkb: Option<String>,
}

/// Bytes as hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Bytes of hexadecimal digits.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|n| u8::try_from(n).ok())
    };
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
            _ => None,
        })
        .collect()
}
