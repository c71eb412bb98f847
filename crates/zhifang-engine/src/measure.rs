//! Geodesic measures of whatever geometry a record has.

use geo_types::{Geometry, LineString, MultiPolygon};

/// Area on the ellipsoid in m²; `None` for what has no area.
pub fn area_m2(geometry: &Geometry<f64>) -> Option<f64> {
    match geometry {
        Geometry::Polygon(polygon) => Some(zhifang_topology::area_m2(&MultiPolygon(vec![
            polygon.clone(),
        ]))),
        Geometry::MultiPolygon(polygons) => Some(zhifang_topology::area_m2(polygons)),
        _ => None,
    }
}

/// Length on the ellipsoid in m; `None` for what is no line.
pub fn length_m(geometry: &Geometry<f64>) -> Option<f64> {
    match geometry {
        Geometry::Line(line) => Some(zhifang_topology::length_m(&LineString(vec![
            line.start, line.end,
        ]))),
        Geometry::LineString(line) => Some(zhifang_topology::length_m(line)),
        Geometry::MultiLineString(lines) => {
            Some(lines.0.iter().map(zhifang_topology::length_m).sum())
        }
        _ => None,
    }
}
