//! One record of a collection, and the RFC 7946 text of many.

use std::fmt::Write as _;

use geo::{Coord, Geometry, LineString, Polygon};
use serde_json::Value;

/// What every made record says about where it comes from.
pub(crate) const ILLUSTRATIVE: &str = "illustrative";

/// A record: its properties in the order given, and its geometry.
#[derive(Debug, Clone)]
pub(crate) struct Feature {
    pub(crate) geometry: Option<Geometry>,
    pub(crate) properties: Vec<(&'static str, Value)>,
}

impl Feature {
    /// A published, illustrative record of `division`.
    pub(crate) fn new(id: impl Into<String>, name: impl Into<String>, division: &str) -> Self {
        Self {
            geometry: None,
            properties: vec![
                ("id", Value::from(id.into())),
                ("name", Value::from(name.into())),
                ("division", Value::from(division)),
                ("status", Value::from("published")),
                ("source", Value::from(ILLUSTRATIVE)),
            ],
        }
    }

    /// The same with a geometry.
    pub(crate) fn at(mut self, geometry: impl Into<Geometry>) -> Self {
        self.geometry = Some(geometry.into());
        self
    }

    /// The same with `key` set.
    pub(crate) fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.set(key, value);
        self
    }

    /// Sets `key`.
    pub(crate) fn set(&mut self, key: &'static str, value: impl Into<Value>) {
        let value = value.into();
        match self.properties.iter_mut().find(|(name, _)| *name == key) {
            Some(slot) => slot.1 = value,
            None => self.properties.push((key, value)),
        }
    }

    /// Leaves `key` out.
    pub(crate) fn unset(&mut self, key: &str) {
        self.properties.retain(|(name, _)| *name != key);
    }

    /// The text under `key`, or nothing.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.properties
            .iter()
            .find(|(name, _)| *name == key)
            .and_then(|(_, value)| value.as_str())
            .unwrap_or_default()
    }
}

/// The features as one RFC 7946 collection, a feature a line.
pub(crate) fn collection(features: &[Feature]) -> String {
    let mut text = String::from("{\"type\":\"FeatureCollection\",\"features\":[\n");
    for (position, feature) in features.iter().enumerate() {
        text.push_str("{\"type\":\"Feature\",\"properties\":{");
        for (index, (key, value)) in feature.properties.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{comma}\"{key}\":{value}");
        }
        text.push_str("},\"geometry\":");
        match &feature.geometry {
            Some(geometry) => write_geometry(&mut text, geometry),
            None => text.push_str("null"),
        }
        text.push_str(if position + 1 == features.len() {
            "}\n"
        } else {
            "},\n"
        });
    }
    text.push_str("]}\n");
    text
}

fn write_geometry(text: &mut String, geometry: &Geometry) {
    match geometry {
        Geometry::Point(point) => {
            text.push_str("{\"type\":\"Point\",\"coordinates\":");
            write_coord(text, point.0);
        }
        Geometry::LineString(line) => {
            text.push_str("{\"type\":\"LineString\",\"coordinates\":");
            write_line(text, line);
        }
        Geometry::MultiLineString(lines) => {
            text.push_str("{\"type\":\"MultiLineString\",\"coordinates\":");
            write_list(text, &lines.0, write_line);
        }
        Geometry::Polygon(polygon) => {
            text.push_str("{\"type\":\"Polygon\",\"coordinates\":");
            write_polygon(text, polygon);
        }
        Geometry::MultiPolygon(polygons) => {
            text.push_str("{\"type\":\"MultiPolygon\",\"coordinates\":");
            write_list(text, &polygons.0, write_polygon);
        }
        // The program makes no other kind.
        _ => {
            text.push_str("null");
            return;
        }
    }
    text.push('}');
}

fn write_list<T>(text: &mut String, items: &[T], write_item: fn(&mut String, &T)) {
    text.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_item(text, item);
    }
    text.push(']');
}

fn write_polygon(text: &mut String, polygon: &Polygon) {
    text.push('[');
    write_line(text, polygon.exterior());
    for hole in polygon.interiors() {
        text.push(',');
        write_line(text, hole);
    }
    text.push(']');
}

fn write_line(text: &mut String, line: &LineString) {
    write_list(text, &line.0, |text, coord| write_coord(text, *coord));
}

fn write_coord(text: &mut String, coord: Coord) {
    let _ = write!(text, "[{},{}]", coord.x, coord.y);
}
