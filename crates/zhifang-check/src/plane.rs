//! A flat metric neighbourhood, and the plane geometry that the rules need in it.

use geo::Coord;

/// Degrees to metres round one position: good to a part in ten thousand over some kilometres,
/// which is far below every tolerance. Lengths and areas that are reported are geodesic.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plane {
    origin: Coord<f64>,
    east_m: f64,
    north_m: f64,
}

impl Plane {
    /// Semi-major axis and squared eccentricity of CGCS2000 (EPSG:1024).
    const SEMI_MAJOR_M: f64 = 6_378_137.0;
    const E2: f64 = 0.006_694_380_022_900_8;

    pub(crate) fn at(origin: Coord<f64>) -> Self {
        let (sin, cos) = origin.y.clamp(-89.0, 89.0).to_radians().sin_cos();
        let squeeze = 1.0 - Self::E2 * sin * sin;
        let radian = 1_f64.to_radians();
        Self {
            origin,
            east_m: Self::SEMI_MAJOR_M / squeeze.sqrt() * cos * radian,
            north_m: Self::SEMI_MAJOR_M * (1.0 - Self::E2) / squeeze.powf(1.5) * radian,
        }
    }

    pub(crate) fn metres(&self, place: Coord<f64>) -> Coord<f64> {
        Coord {
            x: (place.x - self.origin.x) * self.east_m,
            y: (place.y - self.origin.y) * self.north_m,
        }
    }

    pub(crate) fn degrees(&self, metres: Coord<f64>) -> Coord<f64> {
        Coord {
            x: self.origin.x + metres.x / self.east_m,
            y: self.origin.y + metres.y / self.north_m,
        }
    }
}

pub(crate) fn dot(a: Coord<f64>, b: Coord<f64>) -> f64 {
    a.x * b.x + a.y * b.y
}

pub(crate) fn cross(a: Coord<f64>, b: Coord<f64>) -> f64 {
    a.x * b.y - a.y * b.x
}

pub(crate) fn norm(a: Coord<f64>) -> f64 {
    a.x.hypot(a.y)
}

/// The point of a segment nearest to `p`, and how far along the segment it is (0 to 1).
pub(crate) fn nearest_on(a: Coord<f64>, b: Coord<f64>, p: Coord<f64>) -> (Coord<f64>, f64) {
    let along = b - a;
    let length_2 = dot(along, along);
    if length_2 <= 0.0 {
        return (a, 0.0);
    }
    let share = (dot(p - a, along) / length_2).clamp(0.0, 1.0);
    (a + along * share, share)
}

/// Whether a position lies inside a set of rings (even-odd), edges belonging to neither side.
pub(crate) fn is_inside<'a>(
    rings: impl IntoIterator<Item = &'a [Coord<f64>]>,
    p: Coord<f64>,
) -> bool {
    let mut is_in = false;
    for ring in rings {
        for ends in ring.windows(2) {
            let (a, b) = (ends[0], ends[1]);
            if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
                is_in = !is_in;
            }
        }
    }
    is_in
}

/// Twice the signed area of a ring, positive when it runs counter-clockwise. Computed from its
/// first vertex, so that thin rings far from the origin keep their sign.
pub(crate) fn double_area(ring: &[Coord<f64>]) -> f64 {
    let Some(first) = ring.first().copied() else {
        return 0.0;
    };
    ring.windows(2)
        .map(|ends| cross(ends[0] - first, ends[1] - first))
        .sum()
}
