//! Metres: bounds for boxes, and the nearest point of a geometry.

use geo::{
    Bearing, Coord, CoordinatePosition, Distance, Geodesic, Geometry, LineString, Point, Polygon,
    coordinate_position::CoordPos,
};
use zhifang_core::{Bbox, LonLat};

/// First eccentricity squared of CGCS2000 (f = 1/298.257222101).
const E2: f64 = 0.006_694_380_022_90;

/// Least radius of curvature of CGCS2000, metres: along the meridian at the equator, a(1 - e²).
/// On a sphere of this radius no two positions lie farther apart than on the ellipsoid.
const LEAST_RADIUS_M: f64 = 6_335_439.0;

/// Share by which the sphere's distances may fall short of the ellipsoid's: N at the pole
/// (6,399,594 m) against the least radius, rounded up.
const SPHERE_SLACK: f64 = 1.012;

/// Distance beyond which the nearest point of a segment is looked for on the sphere, and the
/// best one's on the ellipsoid, instead of in a local plane, metres; below it the plane errs by
/// millimetres. Beyond it two edges may be taken for each other when they differ by less than
/// 1e-5 of the distance.
const PLANE_REACH_M: f64 = 5_000.0;

/// Geodesic distance, metres.
pub(crate) fn distance_m(from: LonLat, to: LonLat) -> f64 {
    Geodesic.distance(Point::from(from), Point::from(to))
}

/// Azimuth at `from` towards `to`, degrees clockwise from true north, 0..360.
pub(crate) fn bearing_deg(from: LonLat, to: LonLat) -> f64 {
    if from == to {
        return 0.0;
    }
    let azimuth = Geodesic
        .bearing(Point::from(from), Point::from(to))
        .rem_euclid(360.0);
    if azimuth >= 360.0 { 0.0 } else { azimuth }
}

/// Distance on a sphere of the least radius: never more than the geodesic one.
fn least_distance_m(lat_a: f64, lat_b: f64, lon_apart: f64) -> f64 {
    let (a, b, apart) = (
        lat_a.to_radians(),
        lat_b.to_radians(),
        lon_apart.to_radians(),
    );
    let half = |angle: f64| (angle / 2.0).sin().powi(2);
    let h = half(a - b) + a.cos() * b.cos() * half(apart);
    2.0 * LEAST_RADIUS_M * h.sqrt().min(1.0).asin()
}

/// A distance that no point of the box comes below, metres; 0 inside.
pub(crate) fn lower_bound_m(place: LonLat, bbox: &Bbox) -> f64 {
    let to_west = (bbox.west - place.lon).rem_euclid(360.0);
    let to_east = (place.lon - bbox.east).rem_euclid(360.0);
    let beside =
        (bbox.west..=bbox.east).contains(&place.lon) || to_west + (bbox.east - bbox.west) >= 360.0;
    let bound = if beside {
        let below = bbox.south - place.lat;
        let above = place.lat - bbox.north;
        below.max(above).max(0.0).to_radians() * LEAST_RADIUS_M
    } else {
        // The nearer meridian edge; on it the distance grows from the foot of the perpendicular.
        let apart = to_west.min(to_east);
        let lat = place.lat.to_radians();
        let foot = lat
            .sin()
            .atan2(lat.cos() * apart.to_radians().cos())
            .to_degrees();
        if (bbox.south..=bbox.north).contains(&foot) {
            least_distance_m(place.lat, foot, apart)
        } else {
            least_distance_m(place.lat, bbox.south, apart)
                .min(least_distance_m(place.lat, bbox.north, apart))
        }
    };
    bound * (1.0 - 1e-9)
}

/// Nearest point of a geometry and its geodesic distance in metres, edges taken as straight in
/// longitude and latitude. A polygon that covers the place is at 0. `None` when it is empty.
pub(crate) fn nearest_point(geometry: &Geometry<f64>, place: LonLat) -> Option<(LonLat, f64)> {
    if let Geometry::Point(point) = geometry {
        let to = LonLat::from(*point);
        return Some((to, distance_m(place, to)));
    }
    let mut search = Search {
        place,
        best_m: f64::INFINITY,
        found: Vec::new(),
    };
    if search.visit(geometry) {
        return Some((place, 0.0));
    }
    search.finish()
}

struct Search {
    place: LonLat,
    /// Least distance on the sphere so far.
    best_m: f64,
    /// Segments that may hold the nearest point, with their distance on the sphere.
    found: Vec<(f64, Segment)>,
}

/// A segment, longitudes counted from the place's.
#[derive(Clone, Copy)]
struct Segment {
    a: Coord<f64>,
    b: Coord<f64>,
    /// Where on it the nearest point is, 0..1.
    at: f64,
}

impl Segment {
    fn point(&self, at: f64) -> Coord<f64> {
        if at >= 1.0 {
            return self.b;
        }
        Coord {
            x: self.a.x + at * (self.b.x - self.a.x),
            y: self.a.y + at * (self.b.y - self.a.y),
        }
    }
}

impl Search {
    /// Looks at every edge; true when a polygon covers the place.
    fn visit(&mut self, geometry: &Geometry<f64>) -> bool {
        match geometry {
            Geometry::Point(point) => self.segment(point.0, point.0),
            Geometry::Line(line) => self.segment(line.start, line.end),
            Geometry::LineString(line) => self.line(line),
            Geometry::Polygon(polygon) => return self.polygon(polygon),
            Geometry::MultiPoint(many) => {
                many.0
                    .iter()
                    .for_each(|point| self.segment(point.0, point.0));
            }
            Geometry::MultiLineString(many) => many.0.iter().for_each(|line| self.line(line)),
            Geometry::MultiPolygon(many) => return many.0.iter().any(|part| self.polygon(part)),
            Geometry::GeometryCollection(many) => {
                return many.0.iter().any(|part| self.visit(part));
            }
            Geometry::Rect(rect) => return self.polygon(&rect.to_polygon()),
            Geometry::Triangle(triangle) => return self.polygon(&triangle.to_polygon()),
        }
        false
    }

    fn polygon(&mut self, polygon: &Polygon<f64>) -> bool {
        if polygon.coordinate_position(&Coord::from(self.place)) != CoordPos::Outside {
            return true;
        }
        self.line(polygon.exterior());
        polygon.interiors().iter().for_each(|ring| self.line(ring));
        false
    }

    fn line(&mut self, line: &LineString<f64>) {
        if let [only] = line.0.as_slice() {
            self.segment(*only, *only);
        }
        line.0
            .windows(2)
            .for_each(|pair| self.segment(pair[0], pair[1]));
    }

    fn segment(&mut self, a: Coord<f64>, b: Coord<f64>) {
        let place = self.place;
        let limit = self.best_m * SPHERE_SLACK;
        let rows = (a.y.min(b.y) - place.lat).max(place.lat - a.y.max(b.y));
        if rows.to_radians() * LEAST_RADIUS_M > limit {
            return;
        }
        // The copy of the segment that is nearest to the place, where ±180° lies between.
        let turn = ((f64::midpoint(a.x, b.x) - place.lon) / 360.0).round() * 360.0 + place.lon;
        let relative = |c: Coord<f64>| Coord {
            x: c.x - turn,
            y: c.y,
        };
        let mut segment = Segment {
            a: relative(a),
            b: relative(b),
            at: 0.0,
        };
        let mut lat = place.lat;
        // The second look knows the height at which degrees of longitude are to be counted.
        for _ in 0..2 {
            segment.at = foot(&segment, place.lat, lat);
            lat = f64::midpoint(place.lat, segment.point(segment.at).y);
        }
        let near = segment.point(segment.at);
        let distance = least_distance_m(place.lat, near.y, near.x);
        if distance <= limit {
            self.best_m = self.best_m.min(distance);
            self.found.push((distance, segment));
        }
    }

    fn finish(self) -> Option<(LonLat, f64)> {
        let limit = self.best_m * SPHERE_SLACK;
        let place = self.place;
        let absolute = |c: Coord<f64>| LonLat::new(wrap(c.x + place.lon), c.y);
        let measure = |segment: &Segment, at: f64| distance_m(place, absolute(segment.point(at)));
        let mut best: Option<(Segment, f64)> = None;
        for (least_m, mut segment) in self.found.into_iter().filter(|(least, _)| *least <= limit) {
            if least_m > PLANE_REACH_M {
                segment.at = least(|at| {
                    let point = segment.point(at);
                    least_distance_m(place.lat, point.y, point.x)
                });
            }
            let distance = measure(&segment, segment.at);
            if best.is_none_or(|(_, shortest)| distance < shortest) {
                best = Some((segment, distance));
            }
        }
        let (mut segment, mut distance) = best?;
        if distance > PLANE_REACH_M {
            let at = least(|at| measure(&segment, at));
            let refined = measure(&segment, at);
            if refined < distance {
                (segment.at, distance) = (at, refined);
            }
        }
        Some((absolute(segment.point(segment.at)), distance))
    }
}

/// Where on the segment the perpendicular from the place stands, in a plane whose degrees of
/// longitude are those of the latitude `lat` on the ellipsoid; 0..1.
fn foot(segment: &Segment, place_lat: f64, lat: f64) -> f64 {
    let sin2 = lat.to_radians().sin().powi(2);
    let scale = lat.to_radians().cos() * (1.0 - E2 * sin2) / (1.0 - E2);
    // N cos φ against M, where N / M = (1 - e² sin² φ) / (1 - e²).
    let (dx, dy) = (
        (segment.b.x - segment.a.x) * scale,
        segment.b.y - segment.a.y,
    );
    let (px, py) = (-segment.a.x * scale, place_lat - segment.a.y);
    let length2 = dx * dx + dy * dy;
    if length2 > 0.0 {
        ((px * dx + py * dy) / length2).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// Where in 0..1 a function with one valley is least (golden section).
fn least(value: impl Fn(f64) -> f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_895;
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..40 {
        let (left, right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
        if value(left) <= value(right) {
            high = right;
        } else {
            low = left;
        }
    }
    f64::midpoint(low, high)
}

fn wrap(lon: f64) -> f64 {
    if lon > 180.0 {
        lon - 360.0
    } else if lon < -180.0 {
        lon + 360.0
    } else {
        lon
    }
}
