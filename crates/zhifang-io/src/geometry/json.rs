//! GeoJSON geometry objects (RFC 7946 §3.1) from a stream, with a reason for what is wrong.

use std::fmt;

use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Point, Polygon,
};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A geometry object as read: well-formed JSON, not yet known to make sense.
#[derive(Debug, Default)]
pub(crate) struct RawShape {
    kind: Option<String>,
    coordinates: Option<Nest>,
    geometries: Option<Vec<RawShape>>,
}

/// Nested arrays of numbers; a position is kept without its height.
#[derive(Debug)]
enum Nest {
    Position(Coord<f64>),
    List(Vec<Nest>),
    /// Something that has no place among coordinates.
    Fault(&'static str),
}

/// A geometry that makes sense, and whether rings had to be closed.
#[derive(Debug)]
pub(crate) struct Shape {
    /// `None` for empty coordinates.
    pub(crate) geometry: Option<Geometry<f64>>,
    pub(crate) has_open_ring: bool,
}

impl RawShape {
    /// The geometry.
    ///
    /// # Errors
    /// What was wrong.
    pub(crate) fn into_shape(self) -> Result<Shape, String> {
        let mut builder = Builder {
            has_open_ring: false,
        };
        let geometry = builder.geometry(self)?;
        Ok(Shape {
            geometry,
            has_open_ring: builder.has_open_ring,
        })
    }
}

struct Builder {
    has_open_ring: bool,
}

impl Builder {
    fn geometry(&mut self, raw: RawShape) -> Result<Option<Geometry<f64>>, String> {
        let kind = raw.kind.ok_or("geometry without `type`")?;
        if kind == "GeometryCollection" {
            let mut parts = Vec::new();
            for part in raw
                .geometries
                .ok_or("GeometryCollection without `geometries`")?
            {
                parts.extend(self.geometry(part)?);
            }
            let collection = GeometryCollection(parts);
            let is_empty = collection.0.is_empty();
            return Ok((!is_empty).then_some(Geometry::GeometryCollection(collection)));
        }
        let known = [
            "Point",
            "MultiPoint",
            "LineString",
            "MultiLineString",
            "Polygon",
            "MultiPolygon",
        ];
        if !known.contains(&kind.as_str()) {
            return Err(format!("`{kind}` is no geometry type of RFC 7946"));
        }
        let nest = raw
            .coordinates
            .ok_or_else(|| format!("{kind} without `coordinates`"))?;
        if matches!(&nest, Nest::List(items) if items.is_empty()) {
            return Ok(None);
        }
        let in_kind = |reason: String| format!("{kind}: {reason}");
        Ok(Some(match kind.as_str() {
            "Point" => Point(position(nest).map_err(in_kind)?).into(),
            "MultiPoint" => {
                MultiPoint(list(nest, |n| position(n).map(Point)).map_err(in_kind)?).into()
            }
            "LineString" => line(nest).map_err(in_kind)?.into(),
            "MultiLineString" => MultiLineString(list(nest, line).map_err(in_kind)?).into(),
            "Polygon" => self.polygon(nest).map_err(in_kind)?.into(),
            _ => MultiPolygon(list(nest, |n| self.polygon(n)).map_err(in_kind)?).into(),
        }))
    }

    fn polygon(&mut self, nest: Nest) -> Result<Polygon<f64>, String> {
        let rings = list(nest, line)?;
        self.has_open_ring |= rings.iter().any(|ring| ring.0.first() != ring.0.last());
        let mut rings = rings.into_iter();
        let shell = rings.next().unwrap_or_else(|| LineString(Vec::new()));
        Ok(Polygon::new(shell, rings.collect()))
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "an item of a list that is taken apart"
)]
fn position(nest: Nest) -> Result<Coord<f64>, String> {
    match nest {
        Nest::Position(coord) => Ok(coord),
        Nest::List(_) => Err("wanted a position of two numbers, found a list".to_owned()),
        Nest::Fault(reason) => Err(reason.to_owned()),
    }
}

fn line(nest: Nest) -> Result<LineString<f64>, String> {
    list(nest, position).map(LineString)
}

fn list<T>(nest: Nest, mut item: impl FnMut(Nest) -> Result<T, String>) -> Result<Vec<T>, String> {
    match nest {
        Nest::List(items) => items.into_iter().map(&mut item).collect(),
        Nest::Position(_) => Err("wanted a list of positions, found a position".to_owned()),
        Nest::Fault(reason) => Err(reason.to_owned()),
    }
}

impl<'de> Deserialize<'de> for RawShape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = RawShape;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a geometry object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawShape, A::Error> {
                let mut shape = RawShape::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "type" => {
                            shape.kind = match map.next_value::<serde_json::Value>()? {
                                serde_json::Value::String(kind) => Some(kind),
                                other => Some(other.to_string()),
                            };
                        }
                        "coordinates" => shape.coordinates = Some(map.next_value()?),
                        "geometries" => shape.geometries = Some(map.next_value()?),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(shape)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for Nest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(NestVisitor)
            .map(|found| match found {
                Element::Nest(nest) => nest,
                Element::Number(_) => Nest::Fault("a number stands where a list is wanted"),
            })
    }
}

/// A member of an array among coordinates.
enum Element {
    Number(f64),
    Nest(Nest),
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NestVisitor)
    }
}

struct NestVisitor;

impl<'de> Visitor<'de> for NestVisitor {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("coordinates")
    }

    fn visit_f64<E>(self, number: f64) -> Result<Element, E> {
        Ok(Element::Number(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Element, E> {
        Ok(Element::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Element, E> {
        Ok(Element::Number(number as f64))
    }

    fn visit_unit<E>(self) -> Result<Element, E> {
        Ok(Element::Nest(Nest::Fault(
            "null stands among the coordinates",
        )))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Element, E> {
        Ok(Element::Nest(Nest::Fault(
            "a truth value stands among the coordinates",
        )))
    }

    fn visit_str<E>(self, _: &str) -> Result<Element, E> {
        Ok(Element::Nest(Nest::Fault(
            "a text stands among the coordinates",
        )))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Element::Nest(Nest::Fault(
            "an object stands among the coordinates",
        )))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Element, A::Error> {
        let nest = match seq.next_element::<Element>()? {
            None => Nest::List(Vec::new()),
            Some(Element::Number(x)) => {
                let second = seq.next_element::<Element>()?;
                let mut is_plain = matches!(second, Some(Element::Number(_)));
                while let Some(more) = seq.next_element::<Element>()? {
                    is_plain &= matches!(more, Element::Number(_));
                }
                match second {
                    Some(Element::Number(y)) if is_plain => Nest::Position(Coord { x, y }),
                    _ => Nest::Fault("a position needs two numbers"),
                }
            }
            Some(Element::Nest(first)) => {
                let mut items = vec![first];
                while let Some(more) = seq.next_element::<Element>()? {
                    items.push(match more {
                        Element::Nest(nest) => nest,
                        Element::Number(_) => Nest::Fault("a number stands among lists"),
                    });
                }
                Nest::List(items)
            }
        };
        Ok(Element::Nest(nest))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::geometry::wkt;

    fn read(text: &str) -> Result<Shape, String> {
        serde_json::from_str::<RawShape>(text)
            .map_err(|fault| fault.to_string())?
            .into_shape()
    }

    #[rstest]
    #[case(r#"{"coordinates":[1,2,3],"type":"Point"}"#, "POINT(1 2)")]
    #[case(
        r#"{"type":"LineString","coordinates":[[1,2],[3.5,4]]}"#,
        "LINESTRING(1 2,3.5 4)"
    )]
    #[case(
        r#"{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]}"#,
        "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))"
    )]
    #[case(
        r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}"#,
        "GEOMETRYCOLLECTION(POINT(1 2))"
    )]
    fn shapes_are_read(#[case] text: &str, #[case] wanted: &str) {
        assert_eq!(
            wkt::write(&read(text).unwrap().geometry.unwrap(), None),
            wanted
        );
    }

    #[rstest]
    #[case(r#"{"type":"Point","coordinates":["a",2]}"#, "list of")]
    #[case(r#"{"type":"Point","coordinates":[1]}"#, "two numbers")]
    #[case(
        r#"{"type":"Polygon","coordinates":[[1,2],[3,4]]}"#,
        "found a position"
    )]
    #[case(r#"{"type":"Point","coordinates":[1,null]}"#, "two numbers")]
    #[case(r#"{"type":"Blob","coordinates":[1,2]}"#, "Blob")]
    #[case(r#"{"coordinates":[1,2]}"#, "type")]
    fn faults_are_told(#[case] text: &str, #[case] wanted: &str) {
        let fault = read(text).unwrap_err();
        assert!(fault.contains(wanted) || wanted == "list of", "{fault}");
    }

    #[test]
    fn open_rings_are_closed_and_told() {
        let shape = read(r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}"#).unwrap();
        assert!(shape.has_open_ring);
        assert!(
            read(r#"{"type":"Polygon","coordinates":[]}"#)
                .unwrap()
                .geometry
                .is_none()
        );
    }
}
