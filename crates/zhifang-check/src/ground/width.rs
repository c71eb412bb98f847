//! How wide is a sliver: the largest circle that fits into it.

use geo::Coord;

use crate::plane::{cross, dot, nearest_on, norm};

/// The largest circle inside a polygon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Circle {
    pub(crate) centre: Coord<f64>,
    pub(crate) radius: f64,
}

/// Boundary points from which circles are grown, at most.
const MAX_STARTS: usize = 400;
/// Tangent points on each edge at first; the best edge is looked at more closely afterwards.
const STARTS_AN_EDGE: usize = 9;

/// The largest circle inside the rings (metres; first and last vertex equal; the first ring is
/// the outer one). `None` for a ring without area.
///
/// A circle that touches the boundary at a point has its centre on the normal there; it is
/// shrunk until nothing of the boundary is inside. The largest one of all touching points is the
/// answer, found to a few parts in a thousand. Grids of cells, the usual way, ask for a million
/// cells where a sliver is a centimetre wide and five kilometres long; this does not.
pub(crate) fn largest_circle(rings: &[Vec<Coord<f64>>]) -> Option<Circle> {
    let edges: Vec<(Coord<f64>, Coord<f64>)> = rings
        .iter()
        .flat_map(|ring| ring.windows(2).map(|ends| (ends[0], ends[1])))
        .filter(|(a, b)| a != b)
        .collect();
    let reach = edges
        .iter()
        .fold(0.0_f64, |far, (a, _)| far.max(norm(*a - edges[0].0)));
    if edges.len() < 3 || reach <= 0.0 {
        return None;
    }
    let is_counter_clockwise = |ring: &[Coord<f64>]| crate::plane::double_area(ring) > 0.0;
    // Normals point into the polygon: left of a counter-clockwise shell, right of a clockwise one,
    // and the other way round for holes.
    let side: Vec<f64> = rings
        .iter()
        .enumerate()
        .flat_map(|(at, ring)| {
            let sign = if is_counter_clockwise(ring) == (at == 0) {
                1.0
            } else {
                -1.0
            };
            ring.windows(2)
                .filter(|ends| ends[0] != ends[1])
                .map(move |_| sign)
        })
        .collect();
    let tangent = |edge: usize, share: f64| {
        let (a, b) = edges[edge];
        let along = b - a;
        let normal = Coord {
            x: -along.y,
            y: along.x,
        } / norm(along)
            * side[edge];
        let radius = shrink(&edges, a + along * share, normal, reach);
        Circle {
            centre: a + along * share + normal * radius,
            radius,
        }
    };
    let stride = (edges.len() * STARTS_AN_EDGE).div_ceil(MAX_STARTS).max(1);
    let starts = (0..edges.len() * STARTS_AN_EDGE)
        .step_by(stride)
        .map(|start| {
            let share = (start % STARTS_AN_EDGE) as f64 + 0.5;
            (start / STARTS_AN_EDGE, share / STARTS_AN_EDGE as f64)
        });
    let mut best = (
        0,
        0.5,
        Circle {
            centre: edges[0].0,
            radius: 0.0,
        },
    );
    for (edge, share) in starts {
        let circle = tangent(edge, share);
        if circle.radius > best.2.radius {
            best = (edge, share, circle);
        }
    }
    let mut step = 0.5 / STARTS_AN_EDGE as f64;
    for _ in 0..24 {
        let (edge, share, _) = best;
        for other in [share - step, share + step] {
            let circle = tangent(edge, other.clamp(1e-6, 1.0 - 1e-6));
            if circle.radius > best.2.radius {
                best = (edge, other, circle);
            }
        }
        step /= 1.6;
    }
    (best.2.radius > 0.0).then_some(best.2)
}

/// The radius of the largest circle that touches the boundary at `p` from the side of `normal`.
fn shrink(
    edges: &[(Coord<f64>, Coord<f64>)],
    p: Coord<f64>,
    normal: Coord<f64>,
    reach: f64,
) -> f64 {
    let mut radius = reach;
    for _ in 0..40 {
        let centre = p + normal * radius;
        let mut near = (f64::INFINITY, p);
        for (a, b) in edges {
            let q = nearest_on(*a, *b, centre).0;
            let away = norm(q - centre);
            if away < near.0 {
                near = (away, q);
            }
        }
        if near.0 >= radius * (1.0 - 1e-9) {
            return radius;
        }
        let offset = near.1 - p;
        let across = dot(offset, normal);
        if across <= 1e-12 {
            return 0.0;
        }
        radius = dot(offset, offset) / (2.0 * across);
    }
    radius
}

/// Length of a sliver: half of its outer ring.
pub(crate) fn half_perimeter(ring: &[Coord<f64>]) -> f64 {
    ring.windows(2)
        .map(|ends| norm(ends[1] - ends[0]))
        .sum::<f64>()
        / 2.0
}

/// Area of a ring, metres squared.
pub(crate) fn ring_area(ring: &[Coord<f64>]) -> f64 {
    let first = ring.first().copied().unwrap_or_default();
    (ring
        .windows(2)
        .map(|e| cross(e[0] - first, e[1] - first))
        .sum::<f64>()
        / 2.0)
        .abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(points: &[(f64, f64)]) -> Vec<Coord<f64>> {
        points
            .iter()
            .chain(points.first())
            .map(|&(x, y)| Coord { x, y })
            .collect()
    }

    #[test]
    fn the_circle_of_a_right_triangle_is_its_incircle() {
        let circle = largest_circle(&[ring(&[(0., 0.), (3., 0.), (0., 4.)])]).unwrap();
        assert!((circle.radius - 1.0).abs() < 0.02, "{circle:?}");
        assert!(norm(circle.centre - Coord { x: 1.0, y: 1.0 }) < 0.05);
    }

    #[test]
    fn a_sliver_of_a_centimetre_by_five_kilometres_has_its_width() {
        let (c, s) = (0.6, 0.8);
        let turn = |x: f64, y: f64| (c * x - s * y, s * x + c * y);
        let sliver = ring(&[
            turn(0., 0.),
            turn(5000., 0.),
            turn(5000., 0.01),
            turn(2500., 0.01),
            turn(0., 0.01),
        ]);
        let circle = largest_circle(&[sliver]).unwrap();
        assert!((circle.radius * 2.0 - 0.01).abs() < 0.0005, "{circle:?}");
    }

    #[test]
    fn winding_and_holes_do_not_matter() {
        let mut square = ring(&[(0., 0.), (10., 0.), (10., 10.), (0., 10.)]);
        let hole = ring(&[(4., 4.), (6., 4.), (6., 6.), (4., 6.)]);
        let solid = largest_circle(&[square.clone()]).unwrap();
        assert!((solid.radius - 5.0).abs() < 0.1);
        square.reverse();
        let holed = largest_circle(&[square, hole]).unwrap();
        assert!((holed.radius - 2.34).abs() < 0.1, "{holed:?}");
    }
}
