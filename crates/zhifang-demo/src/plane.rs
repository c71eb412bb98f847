//! A flat metric sheet over the county, for laying things out. Published lengths, areas, bearings
//! are geodesic; the sheet only says where things go (its scale is off by under 0.4 % here).

use geo::{Coord, CoordsIter, LineString, Polygon};

/// Metres in a degree of longitude at 32.4° north, CGCS2000.
const METRES_EAST: f64 = 94_070.0;
/// Metres in a degree of latitude at 32.4° north, CGCS2000.
const METRES_NORTH: f64 = 110_895.0;

/// `place` moved by metres east and north, rounded to six decimals.
pub(crate) fn moved(place: Coord, east_m: f64, north_m: f64) -> Coord {
    rounded(Coord {
        x: place.x + east_m / METRES_EAST,
        y: place.y + north_m / METRES_NORTH,
    })
}

/// Six decimals of a degree: a decimetre.
pub(crate) fn rounded(place: Coord) -> Coord {
    Coord {
        x: (place.x * 1e6).round() / 1e6,
        y: (place.y * 1e6).round() / 1e6,
    }
}

/// Metres east and north from `from` to `to`.
pub(crate) fn offset_m(from: Coord, to: Coord) -> (f64, f64) {
    (
        (to.x - from.x) * METRES_EAST,
        (to.y - from.y) * METRES_NORTH,
    )
}

/// Distance on the sheet, metres.
pub(crate) fn distance_m(from: Coord, to: Coord) -> f64 {
    let (east, north) = offset_m(from, to);
    east.hypot(north)
}

/// Distance on the sheet from `place` to the segment `from`-`to`, metres.
pub(crate) fn segment_distance_m(place: Coord, from: Coord, to: Coord) -> f64 {
    let ((dx, dy), (px, py)) = (offset_m(from, to), offset_m(from, place));
    let length_2 = dx * dx + dy * dy;
    let share = if length_2 > 0.0 {
        ((px * dx + py * dy) / length_2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (px - share * dx).hypot(py - share * dy)
}

/// Distance on the sheet from `place` to the nearest piece of `line`, metres.
pub(crate) fn line_distance_m(place: Coord, line: &LineString) -> f64 {
    line.lines()
        .map(|piece| segment_distance_m(place, piece.start, piece.end))
        .fold(f64::INFINITY, f64::min)
}

/// Distance on the sheet from `place` to the outline of `polygon`, metres.
pub(crate) fn outline_distance_m(place: Coord, polygon: &Polygon) -> f64 {
    line_distance_m(place, polygon.exterior())
}

/// The place at `share` (0 to 1) of the line's length, and the unit direction there (east, north).
/// The place lies on a segment, or as near as rounding allows.
pub(crate) fn along(line: &LineString, share: f64) -> (Coord, (f64, f64)) {
    let total: f64 = line
        .lines()
        .map(|piece| distance_m(piece.start, piece.end))
        .sum();
    let mut left = share * total;
    let mut found = (line.0[0], (1.0, 0.0));
    for piece in line.lines() {
        let length = distance_m(piece.start, piece.end);
        let (east, north) = offset_m(piece.start, piece.end);
        let part = (left / length).min(1.0);
        found = (
            rounded(Coord {
                x: piece.start.x + (piece.end.x - piece.start.x) * part,
                y: piece.start.y + (piece.end.y - piece.start.y) * part,
            }),
            (east / length, north / length),
        );
        left -= length;
        if left <= 0.0 {
            break;
        }
    }
    found
}

/// A wavy line from `from` to `to`: the middle bends sideways by about `bend` of the length.
pub(crate) fn wavy(from: Coord, to: Coord, pieces: usize, bends_m: &[f64]) -> LineString {
    let (east, north) = offset_m(from, to);
    let length = east.hypot(north).max(1.0);
    let (side_east, side_north) = (-north / length, east / length);
    let mut coords = vec![from];
    for step in 1..pieces {
        let share = step as f64 / pieces as f64;
        // Zero at both ends; the bends are weights of half waves.
        let aside: f64 = bends_m
            .iter()
            .enumerate()
            .map(|(wave, bend)| bend * ((wave + 1) as f64 * std::f64::consts::PI * share).sin())
            .sum();
        coords.push(moved(
            from,
            east * share + side_east * aside,
            north * share + side_north * aside,
        ));
    }
    coords.push(to);
    LineString(coords)
}

/// Whether every vertex and every middle of a segment of `line` keeps `clear_m` inside `polygon`.
pub(crate) fn is_inside(line: &LineString, polygon: &Polygon, clear_m: f64) -> bool {
    use geo::Contains;
    line.coords_iter().all(|place| {
        polygon.contains(&geo::Point(place)) && outline_distance_m(place, polygon) >= clear_m
    }) && line.lines().all(|piece| {
        let middle = (piece.start + piece.end) / 2.0;
        polygon.contains(&geo::Point(middle)) && outline_distance_m(middle, polygon) >= clear_m
    })
}
