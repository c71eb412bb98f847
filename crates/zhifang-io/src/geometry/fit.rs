//! Does this geometry belong into this collection?

use geo_types::{Geometry, MultiPolygon};
use zhifang_core::{Collection, GeometryClass, LonLat};

/// What the collection makes of a geometry.
#[derive(Debug, PartialEq)]
pub(crate) enum Fit {
    /// It is the record's geometry, in the collection's usual form.
    Geometry(Geometry<f64>),
    /// A unit without polygon has its point in `seat`.
    Seat(LonLat),
    /// It does not belong here; the word names its kind.
    Wrong(&'static str),
}

/// Brings a geometry to the form of the collection: parts of one unwrapped where the class is a
/// single shape, polygons of divisions made multipolygons.
pub(crate) fn fit(collection: Collection, geometry: Geometry<f64>) -> Fit {
    let geometry = unwrap_single(geometry);
    let kind = kind_of(&geometry);
    if collection == Collection::Divisions {
        return match geometry {
            Geometry::Polygon(polygon) => Fit::Geometry(MultiPolygon(vec![polygon]).into()),
            Geometry::MultiPolygon(_) => Fit::Geometry(geometry),
            Geometry::Point(point) => Fit::Seat(point.into()),
            _ => Fit::Wrong(kind),
        };
    }
    let (is_point, is_line, is_polygon) = (
        matches!(geometry, Geometry::Point(_)),
        matches!(
            geometry,
            Geometry::LineString(_) | Geometry::MultiLineString(_)
        ),
        matches!(geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_)),
    );
    let belongs = match collection.geometry() {
        GeometryClass::Polygon => is_polygon,
        GeometryClass::Line => is_line,
        GeometryClass::Point => is_point,
        GeometryClass::LineOrPolygon => is_line || is_polygon,
        GeometryClass::PointOrPolygon => is_point || is_polygon,
        GeometryClass::Any => true,
    };
    if belongs {
        Fit::Geometry(geometry)
    } else {
        Fit::Wrong(kind)
    }
}

/// The part of a multi-geometry that has only one.
fn unwrap_single(geometry: Geometry<f64>) -> Geometry<f64> {
    match geometry {
        Geometry::MultiPoint(mut many) if many.0.len() == 1 => many
            .0
            .pop()
            .map_or(Geometry::MultiPoint(many), Geometry::Point),
        Geometry::MultiLineString(mut many) if many.0.len() == 1 => many
            .0
            .pop()
            .map_or(Geometry::MultiLineString(many), Geometry::LineString),
        Geometry::MultiPolygon(mut many) if many.0.len() == 1 => many
            .0
            .pop()
            .map_or(Geometry::MultiPolygon(many), Geometry::Polygon),
        other => other,
    }
}

/// The kind's word of RFC 7946.
pub(crate) fn kind_of(geometry: &Geometry<f64>) -> &'static str {
    match geometry {
        Geometry::Point(_) => "Point",
        Geometry::MultiPoint(_) => "MultiPoint",
        Geometry::Line(_) | Geometry::LineString(_) => "LineString",
        Geometry::MultiLineString(_) => "MultiLineString",
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => "Polygon",
        Geometry::MultiPolygon(_) => "MultiPolygon",
        Geometry::GeometryCollection(_) => "GeometryCollection",
    }
}

/// What the collection takes, for messages.
pub(crate) fn wanted(collection: Collection) -> &'static str {
    match collection.geometry() {
        GeometryClass::Polygon => "Polygon, MultiPolygon",
        GeometryClass::Line => "LineString, MultiLineString",
        GeometryClass::Point => "Point",
        GeometryClass::LineOrPolygon => "LineString, MultiLineString, Polygon, MultiPolygon",
        GeometryClass::PointOrPolygon => "Point, Polygon, MultiPolygon",
        GeometryClass::Any => "any geometry",
    }
}
