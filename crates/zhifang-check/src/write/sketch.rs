//! Small maps of findings as inline SVG.

use std::fmt::Write;

use geo::{Coord, Geometry, LineString};
use zhifang_core::{Bbox, LonLat};

use crate::plane::Plane;

/// Width and height of a sketch, pixels.
const SIDE_PX: f64 = 180.0;
/// Ground that a sketch shows at least, metres.
const LEAST_M: f64 = 20.0;
/// Vertices of one ring that are drawn, at most.
const MAX_VERTICES: usize = 400;

/// A sketch of a geometry with its place marked and a bar for the scale; north is up.
pub(super) fn sketch(geometry: Option<&Geometry<f64>>, place: Option<LonLat>) -> String {
    let bbox = geometry.and_then(Bbox::of_geometry).or_else(|| {
        place.map(|p| Bbox {
            west: p.lon,
            south: p.lat,
            east: p.lon,
            north: p.lat,
        })
    });
    let Some(bbox) = bbox else {
        return String::new();
    };
    let centre = Coord {
        x: f64::midpoint(bbox.west, bbox.east),
        y: f64::midpoint(bbox.south, bbox.north),
    };
    let plane = Plane::at(centre);
    let corner = plane.metres(Coord {
        x: bbox.east,
        y: bbox.north,
    });
    let ground_m = (corner.x.max(corner.y) * 2.4).max(LEAST_M);
    let scale = SIDE_PX / ground_m;
    let pixel = |c: Coord<f64>| {
        let m = plane.metres(c);
        (SIDE_PX / 2.0 + m.x * scale, SIDE_PX / 2.0 - m.y * scale)
    };
    let mut svg = format!(
        "<svg viewBox=\"0 0 {SIDE_PX} {SIDE_PX}\" width=\"{SIDE_PX}\" height=\"{SIDE_PX}\" role=\"img\">"
    );
    let path = |ring: &LineString<f64>, is_closed: bool, svg: &mut String| {
        let stride = ring.0.len().div_ceil(MAX_VERTICES).max(1);
        svg.push_str("<path d=\"");
        for (at, c) in ring
            .0
            .iter()
            .step_by(stride)
            .chain(ring.0.last())
            .enumerate()
        {
            let (x, y) = pixel(*c);
            let word = if at == 0 { 'M' } else { 'L' };
            // Writing to a string cannot fail.
            let _ = write!(svg, "{word}{x:.1} {y:.1}");
        }
        let class = if is_closed { "face" } else { "line" };
        let _ = write!(svg, "\" class=\"{class}\"/>");
    };
    let dot = |c: Coord<f64>, class: &str, svg: &mut String| {
        let (x, y) = pixel(c);
        let _ = write!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" class=\"{class}\"/>"
        );
    };
    match geometry {
        Some(Geometry::Polygon(polygon)) => {
            path(polygon.exterior(), true, &mut svg);
            polygon
                .interiors()
                .iter()
                .for_each(|ring| path(ring, true, &mut svg));
        }
        Some(Geometry::MultiPolygon(polygons)) => {
            for polygon in polygons {
                path(polygon.exterior(), true, &mut svg);
            }
        }
        Some(Geometry::LineString(line)) => path(line, false, &mut svg),
        Some(Geometry::MultiLineString(lines)) => {
            lines.iter().for_each(|line| path(line, false, &mut svg));
        }
        Some(Geometry::Point(point)) => dot(point.0, "vertex", &mut svg),
        Some(Geometry::MultiPoint(points)) => {
            points
                .iter()
                .take(MAX_VERTICES)
                .for_each(|point| dot(point.0, "vertex", &mut svg));
        }
        _ => {}
    }
    if let Some(place) = place {
        dot(place.into(), "place", &mut svg);
    }
    let bar_m = 10_f64.powf((ground_m / 2.0).log10().floor());
    let _ = write!(
        svg,
        "<path d=\"M8 {y}h{length:.1}\" class=\"bar\"/><text x=\"8\" y=\"{text}\">{bar_m} m</text></svg>",
        y = SIDE_PX - 8.0,
        length = bar_m * scale,
        text = SIDE_PX - 13.0,
    );
    svg
}
