//! Where a polygon carries its name.

use std::collections::BinaryHeap;

use geo::{Geometry, LineString, Polygon};
use zhifang_core::LonLat;

use super::LabelPlace;

/// Radius of the sphere of equal area with the ellipsoid (IUGG), kilometres; areas for ranking.
const RADIUS_KM: f64 = 6371.007;

/// The search stops when no place can be better by this part of the polygon's shorter side.
const PRECISION: f64 = 0.01;

/// The pole of inaccessibility of the largest part: the place inside that lies farthest from the
/// outline.
pub(super) fn place(geometry: &Geometry<f64>) -> LabelPlace {
    let parts: &[Polygon<f64>] = match geometry {
        Geometry::Polygon(polygon) => std::slice::from_ref(polygon),
        Geometry::MultiPolygon(polygons) => &polygons.0,
        _ => &[],
    };
    let areas: Vec<f64> = parts.iter().map(area_km2).collect();
    let largest = (0..parts.len()).max_by(|&a, &b| areas[a].total_cmp(&areas[b]));
    let at = largest
        .and_then(|part| pole(&parts[part]))
        .unwrap_or_else(|| LonLat::new(0.0, 0.0));
    LabelPlace {
        at,
        area_km2: areas.iter().sum(),
    }
}

fn area_km2(polygon: &Polygon<f64>) -> f64 {
    let ring = |line: &LineString<f64>| {
        let sum: f64 = line
            .lines()
            .map(|segment| {
                let (a, b) = (segment.start, segment.end);
                (b.x - a.x).to_radians() * (2.0 + a.y.to_radians().sin() + b.y.to_radians().sin())
            })
            .sum();
        (sum * RADIUS_KM * RADIUS_KM / 2.0).abs()
    };
    let holes: f64 = polygon.interiors().iter().map(ring).sum();
    (ring(polygon.exterior()) - holes).max(0.0)
}

/// A square of the search with the distance of its centre from the outline.
struct Cell {
    x: f64,
    y: f64,
    half: f64,
    distance: f64,
}

impl Cell {
    /// The best that any place in the square can reach.
    fn best(&self) -> f64 {
        self.distance + self.half * std::f64::consts::SQRT_2
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Cell {}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cell {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.best()
            .total_cmp(&other.best())
            .then(self.x.total_cmp(&other.x))
            .then(self.y.total_cmp(&other.y))
    }
}

fn pole(polygon: &Polygon<f64>) -> Option<LonLat> {
    let first = polygon.exterior().0.first()?;
    // Longitudes shrunk to the scale of latitudes, so that distances mean something.
    let scale = first.y.to_radians().cos().max(0.01);
    let rings: Vec<Vec<[f64; 2]>> = std::iter::once(polygon.exterior())
        .chain(polygon.interiors())
        .map(|ring| ring.0.iter().map(|c| [c.x * scale, c.y]).collect())
        .collect();
    let mut low = [f64::INFINITY; 2];
    let mut high = [f64::NEG_INFINITY; 2];
    for point in &rings[0] {
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    let size = (high[0] - low[0]).min(high[1] - low[1]);
    let middle = [
        f64::midpoint(low[0], high[0]),
        f64::midpoint(low[1], high[1]),
    ];
    if !(size.is_finite() && size > 0.0) {
        return Some(LonLat::new(first.x, first.y));
    }
    let cell = |x: f64, y: f64, half: f64| Cell {
        x,
        y,
        half,
        distance: depth(&rings, [x, y]),
    };
    let half = size / 2.0;
    let mut queue = BinaryHeap::new();
    let count = |axis: usize| ((high[axis] - low[axis]) / size).ceil().clamp(1.0, 64.0) as u32;
    for column in 0..count(0) {
        for row in 0..count(1) {
            let at = |axis: usize, number: u32| low[axis] + size * (f64::from(number) + 0.5);
            queue.push(cell(at(0, column), at(1, row), half));
        }
    }
    let mut best = cell(middle[0], middle[1], 0.0);
    while let Some(next) = queue.pop() {
        if next.best() - best.distance <= size * PRECISION {
            break;
        }
        let quarter = next.half / 2.0;
        for (dx, dy) in [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)] {
            queue.push(cell(next.x + dx * quarter, next.y + dy * quarter, quarter));
        }
        if next.distance > best.distance {
            best = next;
        }
    }
    Some(LonLat::new(best.x / scale, best.y))
}

/// Distance from the outline, positive inside.
fn depth(rings: &[Vec<[f64; 2]>], p: [f64; 2]) -> f64 {
    let mut is_inside = false;
    let mut nearest = f64::INFINITY;
    for ring in rings {
        for pair in ring.windows(2) {
            let ([ax, ay], [bx, by]) = (pair[0], pair[1]);
            if (ay > p[1]) != (by > p[1]) && p[0] < (bx - ax) * (p[1] - ay) / (by - ay) + ax {
                is_inside = !is_inside;
            }
            let (dx, dy) = (bx - ax, by - ay);
            let length2 = dx * dx + dy * dy;
            let along = if length2 > 0.0 {
                (((p[0] - ax) * dx + (p[1] - ay) * dy) / length2).clamp(0.0, 1.0)
            } else {
                0.0
            };
            let (ex, ey) = (ax + along * dx - p[0], ay + along * dy - p[1]);
            nearest = nearest.min(ex * ex + ey * ey);
        }
    }
    if is_inside {
        nearest.sqrt()
    } else {
        -nearest.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use geo::{Contains, MultiPolygon, Point, wkt};

    use super::*;

    #[test]
    fn the_name_of_a_crescent_stands_on_its_ground() {
        let moon: Polygon =
            wkt!(POLYGON((0. 0., 4. 0., 4. 4., 0. 4., 0. 3., 3. 3., 3. 1., 0. 1., 0. 0.)));
        let found = place(&Geometry::MultiPolygon(MultiPolygon(vec![moon.clone()])));
        assert!(moon.contains(&Point::new(found.at.lon, found.at.lat)));
        let km2 = 10.0 * 111.2 * 111.2;
        assert!((found.area_km2 / km2 - 1.0).abs() < 0.01);
    }
}
