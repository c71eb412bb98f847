//! What lies along a line.

use geo::{Coord, Geometry};
use zhifang_core::{Bbox, Collection, Record, Status};
use zhifang_index::View;

use crate::course::Course;

/// Metres of a degree of latitude, a little less than the least there is.
const METRES_PER_DEGREE: f64 = 110_500.0;

/// The box round a line, widened by some metres.
fn widened(geometry: &Geometry<f64>, metres: f64) -> Option<Bbox> {
    let mut near = Bbox::of_geometry(geometry)?;
    let north = metres / METRES_PER_DEGREE;
    let widest = near.north.abs().max(near.south.abs()).min(85.0);
    let east = north / widest.to_radians().cos();
    near.west -= east;
    near.east += east;
    near.south -= north;
    near.north += north;
    Some(near)
}

/// Least distance of a geometry from the line by its vertices, metres.
fn distance_m(course: &Course<'_>, geometry: &Geometry<f64>) -> f64 {
    let mut least = f64::INFINITY;
    zhifang_core::geometry::for_each_coord(geometry, &mut |c: Coord<f64>| {
        least = least.min(course.nearest(c).1);
    });
    least
}

/// Published records of a collection within so many metres of the line, nearest first, with the
/// distance (0 for what meets the line).
pub(crate) fn records_near<'a>(
    view: View<'a>,
    collection: Collection,
    course: &Course<'_>,
    geometry: &Geometry<f64>,
    metres: f64,
) -> Vec<(f64, &'a Record)> {
    let Some(near) = widened(geometry, metres) else {
        return Vec::new();
    };
    let meeting: std::collections::BTreeSet<&str> = view
        .meeting(collection, geometry)
        .map(|record| &*record.id)
        .collect();
    let mut found: Vec<(f64, &Record)> = view
        .candidates_in(collection, near)
        .filter(|record| record.status == Status::Published)
        .filter_map(|record| {
            if meeting.contains(&*record.id) {
                return Some((0.0, record));
            }
            let away = distance_m(course, record.geometry.as_deref()?);
            (away <= metres).then_some((away, record))
        })
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
    found
}

/// Villages and other units whose seat lies within so many metres of the line, nearest first.
pub(crate) fn seats_near<'a>(
    view: View<'a>,
    course: &Course<'_>,
    geometry: &Geometry<f64>,
    metres: f64,
) -> Vec<(f64, &'a Record)> {
    let Some(near) = widened(geometry, metres) else {
        return Vec::new();
    };
    let mut found: Vec<(f64, &Record)> = view
        .seats_in(near)
        .filter(|unit| unit.status == Status::Published)
        .filter_map(|unit| {
            let away = course.nearest(unit.position("seat")?.into()).1;
            (away <= metres).then_some((away, unit))
        })
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
    found
}
