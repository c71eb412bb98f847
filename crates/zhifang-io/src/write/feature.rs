//! A record as a GeoJSON Feature in a reference system of choice.

use geo_types::{Coord, Geometry, LineString, MultiPolygon, Polygon};
use serde_json::{Map, Value};
use zhifang_core::{FieldKind, Record, geometry::to_geojson};
use zhifang_crs::Transformer;

use crate::error::Error;
use crate::value;

/// The record's geometry in the system.
pub(crate) fn geometry(
    record: &Record,
    transformer: &Transformer,
) -> Result<Option<Geometry<f64>>, Error> {
    let Some(geometry) = record.geometry.as_deref() else {
        return Ok(None);
    };
    if transformer.is_identity() {
        return Ok(Some(geometry.clone()));
    }
    transformer
        .geometry_to_declared(geometry)
        .map(Some)
        .map_err(|source| Error::Transform { source })
}

/// A stored position (`seat`, `entrance`) in the system.
pub(crate) fn position(
    record: &Record,
    field: &str,
    transformer: &Transformer,
) -> Result<Option<Coord<f64>>, Error> {
    let Some(place) = record.position(field) else {
        return Ok(None);
    };
    transformer
        .to_declared(place.into())
        .map(Some)
        .map_err(|source| Error::Transform { source })
}

/// All properties, positions among them in the system.
pub(crate) fn properties(
    record: &Record,
    transformer: &Transformer,
) -> Result<Map<String, Value>, Error> {
    let mut properties = record.properties();
    if !transformer.is_identity() {
        for field in record
            .collection
            .fields()
            .iter()
            .filter(|f| f.kind == FieldKind::Position)
        {
            if let Some(place) = position(record, field.name, transformer)? {
                properties.insert(field.name.to_owned(), value::point_value(place));
            }
        }
    }
    Ok(properties)
}

/// The Feature, rings wound by the right-hand rule (RFC 7946 §3.1.6).
pub(crate) fn feature(record: &Record, transformer: &Transformer) -> Result<Value, Error> {
    let geometry = geometry(record, transformer)?;
    let mut feature = Map::new();
    feature.insert("type".to_owned(), Value::from("Feature"));
    feature.insert("id".to_owned(), Value::from(&*record.id));
    let shape = geometry.map_or(Value::Null, |geometry| to_geojson(&wound(geometry)));
    feature.insert("geometry".to_owned(), shape);
    feature.insert(
        "properties".to_owned(),
        Value::Object(properties(record, transformer)?),
    );
    Ok(Value::Object(feature))
}

/// The geometry with shells counter-clockwise and holes clockwise.
pub(crate) fn wound(geometry: Geometry<f64>) -> Geometry<f64> {
    match geometry {
        Geometry::Polygon(polygon) => Geometry::Polygon(wound_polygon(polygon)),
        Geometry::MultiPolygon(many) => Geometry::MultiPolygon(MultiPolygon(
            many.0.into_iter().map(wound_polygon).collect(),
        )),
        other => other,
    }
}

fn wound_polygon(polygon: Polygon<f64>) -> Polygon<f64> {
    let (shell, holes) = polygon.into_inner();
    let holes = holes.into_iter().map(|hole| turned(hole, false)).collect();
    Polygon::new(turned(shell, true), holes)
}

fn turned(mut ring: LineString<f64>, is_shell: bool) -> LineString<f64> {
    let origin = ring.0.first().copied().unwrap_or_default();
    let twice_area: f64 = ring
        .0
        .windows(2)
        .map(|ends| {
            let (a, b) = (ends[0] - origin, ends[1] - origin);
            a.x * b.y - b.x * a.y
        })
        .sum();
    if (twice_area < 0.0) == is_shell && twice_area != 0.0 {
        ring.0.reverse();
    }
    ring
}
