//! Small maps of findings as inline SVG.

use std::fmt::Write;

use geo::{Coord, Geometry, LineString};
use zhifang_core::{Bbox, LonLat};

use crate::compare::Item;
use crate::plane::Plane;

/// Width and height of a sketch, pixels.
const SIDE_PX: f64 = 180.0;
/// The same of a sketch of two courses.
const PAIR_PX: f64 = 360.0;
/// Ground that a sketch shows at least, metres.
const LEAST_M: f64 = 20.0;
/// Vertices of one ring that are drawn, at most.
const MAX_VERTICES: usize = 400;

/// Both courses of an item on one map: the register's red, the submission's blue, the ground
/// between filled.
pub(super) fn sketch_pair(item: &Item) -> String {
    let corners = item.courses.iter().flatten().flatten().copied();
    let Some(bbox) = Bbox::of_coords(corners) else {
        return String::new();
    };
    let frame = Frame::new(&bbox, PAIR_PX);
    let mut svg = frame.open();
    for face in &item.deviation.faces {
        frame.path(face.exterior(), "face", &mut svg);
    }
    for (course, class) in item.courses.iter().zip(["line", "theirs"]) {
        for part in course {
            frame.path(&LineString(part.clone()), class, &mut svg);
        }
    }
    frame.close(&mut svg);
    svg
}

/// A piece of ground on paper.
struct Frame {
    plane: Plane,
    side_px: f64,
    ground_m: f64,
}

impl Frame {
    fn new(bbox: &Bbox, side_px: f64) -> Self {
        let plane = Plane::at(Coord {
            x: f64::midpoint(bbox.west, bbox.east),
            y: f64::midpoint(bbox.south, bbox.north),
        });
        let corner = plane.metres(Coord {
            x: bbox.east,
            y: bbox.north,
        });
        let ground_m = (corner.x.max(corner.y) * 2.4).max(LEAST_M);
        Self {
            plane,
            side_px,
            ground_m,
        }
    }

    fn open(&self) -> String {
        let side = self.side_px;
        format!(
            "<svg viewBox=\"0 0 {side} {side}\" width=\"{side}\" height=\"{side}\" role=\"img\">"
        )
    }

    fn pixel(&self, c: Coord<f64>) -> (f64, f64) {
        let (m, scale) = (self.plane.metres(c), self.side_px / self.ground_m);
        (
            self.side_px / 2.0 + m.x * scale,
            self.side_px / 2.0 - m.y * scale,
        )
    }

    fn path(&self, ring: &LineString<f64>, class: &str, svg: &mut String) {
        let stride = ring.0.len().div_ceil(MAX_VERTICES).max(1);
        svg.push_str("<path d=\"");
        let shown = ring.0.iter().step_by(stride).chain(ring.0.last());
        for (at, c) in shown.enumerate() {
            let (x, y) = self.pixel(*c);
            let word = if at == 0 { 'M' } else { 'L' };
            // Writing to a string cannot fail.
            let _ = write!(svg, "{word}{x:.1} {y:.1}");
        }
        let _ = write!(svg, "\" class=\"{class}\"/>");
    }

    fn dot(&self, c: Coord<f64>, class: &str, svg: &mut String) {
        let (x, y) = self.pixel(c);
        let _ = write!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" class=\"{class}\"/>"
        );
    }

    fn close(&self, svg: &mut String) {
        let bar_m = 10_f64.powf((self.ground_m / 2.0).log10().floor());
        let _ = write!(
            svg,
            "<path d=\"M8 {y}h{length:.1}\" class=\"bar\"/><text x=\"8\" y=\"{text}\">{bar_m} m</text></svg>",
            y = self.side_px - 8.0,
            length = bar_m * self.side_px / self.ground_m,
            text = self.side_px - 13.0,
        );
    }
}

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
    let frame = Frame::new(&bbox, SIDE_PX);
    let mut svg = frame.open();
    match geometry {
        Some(Geometry::Polygon(polygon)) => {
            frame.path(polygon.exterior(), "face", &mut svg);
            polygon
                .interiors()
                .iter()
                .for_each(|ring| frame.path(ring, "face", &mut svg));
        }
        Some(Geometry::MultiPolygon(polygons)) => {
            for polygon in polygons {
                frame.path(polygon.exterior(), "face", &mut svg);
            }
        }
        Some(Geometry::LineString(line)) => frame.path(line, "line", &mut svg),
        Some(Geometry::MultiLineString(lines)) => {
            lines
                .iter()
                .for_each(|line| frame.path(line, "line", &mut svg));
        }
        Some(Geometry::Point(point)) => frame.dot(point.0, "vertex", &mut svg),
        Some(Geometry::MultiPoint(points)) => {
            points
                .iter()
                .take(MAX_VERTICES)
                .for_each(|point| frame.dot(point.0, "vertex", &mut svg));
        }
        _ => {}
    }
    if let Some(place) = place {
        frame.dot(place.into(), "place", &mut svg);
    }
    frame.close(&mut svg);
    svg
}
