//! A unit with polygons.

use std::ops::Range;

use geo::{Coord, Geometry, Polygon};
use zhifang_core::{Bbox, DivisionCode, Record};

/// A ring of a unit.
#[derive(Debug)]
pub(crate) struct Ring<'a> {
    /// Which part of the unit.
    pub(crate) part: u32,
    pub(crate) is_hole: bool,
    pub(crate) is_counter_clockwise: bool,
    /// Where its vertex numbers stand.
    pub(crate) vertices: Range<usize>,
    pub(crate) coords: &'a [Coord<f64>],
}

/// A unit in force, with polygons.
#[derive(Debug)]
pub(crate) struct Unit<'a> {
    pub(crate) code: DivisionCode,
    pub(crate) record: &'a Record,
    pub(crate) rings: Vec<Ring<'a>>,
    pub(crate) bbox: Bbox,
    pub(crate) parts: u32,
}

impl<'a> Unit<'a> {
    /// A unit; the numbers of its vertices are added to `vertices`.
    pub(crate) fn new(
        code: DivisionCode,
        record: &'a Record,
        parts: &'a [Polygon<f64>],
        vertices: &mut Vec<u32>,
        number: &mut dyn FnMut(Coord<f64>) -> u32,
    ) -> Self {
        let mut rings = Vec::new();
        for (part, polygon) in parts.iter().enumerate() {
            let all = std::iter::once(polygon.exterior()).chain(polygon.interiors());
            for (at, line) in all.enumerate() {
                let start = vertices.len();
                vertices.extend(line.0.iter().map(|coord| number(*coord)));
                rings.push(Ring {
                    part: part as u32,
                    is_hole: at > 0,
                    is_counter_clockwise: crate::plane::double_area(&line.0) > 0.0,
                    vertices: start..vertices.len(),
                    coords: &line.0,
                });
            }
        }
        let nowhere = Bbox {
            west: 0.0,
            south: 0.0,
            east: 0.0,
            north: 0.0,
        };
        Self {
            code,
            record,
            rings,
            bbox: record.bbox().unwrap_or(nowhere),
            parts: parts.len() as u32,
        }
    }

    pub(crate) fn area_m2(&self) -> f64 {
        match self.record.geometry.as_deref() {
            Some(Geometry::Polygon(polygon)) => {
                zhifang_topology::area_m2(&geo::MultiPolygon(vec![polygon.clone()]))
            }
            Some(Geometry::MultiPolygon(polygons)) => zhifang_topology::area_m2(polygons),
            _ => 0.0,
        }
    }
}

/// The polygons of a record; `None` where it has none, or one whose coordinates are not numbers.
pub(crate) fn polygons(record: &Record) -> Option<&[Polygon<f64>]> {
    let parts = match record.geometry.as_deref()? {
        Geometry::Polygon(polygon) => std::slice::from_ref(polygon),
        Geometry::MultiPolygon(polygons) => polygons.0.as_slice(),
        _ => return None,
    };
    let is_finite =
        |ring: &geo::LineString<f64>| ring.0.iter().all(|c| c.x.is_finite() && c.y.is_finite());
    parts
        .iter()
        .all(|part| is_finite(part.exterior()) && part.interiors().iter().all(is_finite))
        .then_some(parts)
}
