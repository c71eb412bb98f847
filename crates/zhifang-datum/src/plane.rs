//! A flat metric neighbourhood: good to a part in a thousand over a county.

use geo_types::{Coord, Geometry, LineString};
use zhifang_core::LonLat;

use crate::ellipsoid::CGCS2000;

/// Degrees to metres round one latitude.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plane {
    origin: LonLat,
    east_m: f64,
    north_m: f64,
}

impl Plane {
    pub(crate) fn at(origin: LonLat) -> Self {
        let lat = origin.lat.clamp(-89.0, 89.0).to_radians();
        let e2 = CGCS2000.eccentricity_2();
        let squeeze = 1.0 - e2 * lat.sin().powi(2);
        let radian = 1f64.to_radians();
        Self {
            origin,
            east_m: CGCS2000.semi_major_m / squeeze.sqrt() * lat.cos() * radian,
            north_m: CGCS2000.semi_major_m * (1.0 - e2) / squeeze.powf(1.5) * radian,
        }
    }

    pub(crate) fn metres(&self, place: LonLat) -> Coord<f64> {
        Coord {
            x: (place.lon - self.origin.lon) * self.east_m,
            y: (place.lat - self.origin.lat) * self.north_m,
        }
    }
}

/// The strokes of a geometry: rings and lines as they are, a point as a stroke of one vertex.
pub(crate) fn strokes<'a>(geometry: &'a Geometry<f64>, found: &mut Vec<&'a [Coord<f64>]>) {
    fn line<'a>(line: &'a LineString<f64>, found: &mut Vec<&'a [Coord<f64>]>) {
        found.push(&line.0);
    }
    match geometry {
        Geometry::Point(p) => found.push(std::slice::from_ref(&p.0)),
        Geometry::MultiPoint(points) => {
            found.extend(points.0.iter().map(|p| std::slice::from_ref(&p.0)));
        }
        Geometry::LineString(l) => line(l, found),
        Geometry::MultiLineString(lines) => lines.0.iter().for_each(|l| line(l, found)),
        Geometry::Polygon(p) => {
            line(p.exterior(), found);
            p.interiors().iter().for_each(|l| line(l, found));
        }
        Geometry::MultiPolygon(polygons) => {
            for p in &polygons.0 {
                line(p.exterior(), found);
                p.interiors().iter().for_each(|l| line(l, found));
            }
        }
        Geometry::GeometryCollection(all) => all.0.iter().for_each(|g| strokes(g, found)),
        Geometry::Line(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {}
    }
}

/// The point of a segment (which may be a single point) nearest to `p`.
pub(crate) fn nearest_on(a: Coord<f64>, b: Coord<f64>, p: Coord<f64>) -> Coord<f64> {
    let (along, from) = (b - a, p - a);
    let length_2 = along.x * along.x + along.y * along.y;
    if length_2 <= 0.0 {
        return a;
    }
    let t = ((from.x * along.x + from.y * along.y) / length_2).clamp(0.0, 1.0);
    a + along * t
}
