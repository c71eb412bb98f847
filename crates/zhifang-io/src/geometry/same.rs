//! Do two geometries say the same? Formats rewind rings, start them elsewhere and wrap single
//! parts; none of that is a change.

use geo_types::{Coord, Geometry, LineString, Polygon};

/// Coordinates closer than this are the same, degrees: a tenth of a millimetre, what a way
/// through a projected system and back leaves.
const SAME_DEG: f64 = 1e-9;

/// Whether two geometries are the same but for the direction, start and order of rings and the
/// wrapping of single parts.
pub(crate) fn is_same(a: &Geometry<f64>, b: &Geometry<f64>) -> bool {
    if a == b {
        return true;
    }
    let (a, b) = (parts(a), parts(b));
    a.len() == b.len() && matches_each(&a, &b, is_same_part)
}

enum Part<'a> {
    Point(Coord<f64>),
    Line(&'a LineString<f64>),
    Polygon(&'a Polygon<f64>),
}

fn parts(geometry: &Geometry<f64>) -> Vec<Part<'_>> {
    match geometry {
        Geometry::Point(p) => vec![Part::Point(p.0)],
        Geometry::MultiPoint(m) => m.0.iter().map(|p| Part::Point(p.0)).collect(),
        Geometry::LineString(l) => vec![Part::Line(l)],
        Geometry::MultiLineString(m) => m.0.iter().map(Part::Line).collect(),
        Geometry::Polygon(p) => vec![Part::Polygon(p)],
        Geometry::MultiPolygon(m) => m.0.iter().map(Part::Polygon).collect(),
        Geometry::GeometryCollection(m) => m.0.iter().flat_map(parts).collect(),
        Geometry::Line(_) | Geometry::Rect(_) | Geometry::Triangle(_) => Vec::new(),
    }
}

/// Whether every item has a partner, in order first, else in any order.
fn matches_each<T>(a: &[T], b: &[T], is_same: fn(&T, &T) -> bool) -> bool {
    if a.iter().zip(b).all(|(x, y)| is_same(x, y)) {
        return true;
    }
    if a.len() > 500 {
        return false;
    }
    let mut free = vec![true; b.len()];
    a.iter().all(|x| {
        let found = free
            .iter()
            .zip(b)
            .position(|(is_free, y)| *is_free && is_same(x, y));
        if let Some(slot) = found.and_then(|at| free.get_mut(at)) {
            *slot = false;
        }
        found.is_some()
    })
}

fn is_same_part(a: &Part<'_>, b: &Part<'_>) -> bool {
    match (a, b) {
        (Part::Point(a), Part::Point(b)) => is_near(*a, *b),
        (Part::Line(a), Part::Line(b)) => {
            a.0.len() == b.0.len() && a.0.iter().zip(&b.0).all(|(x, y)| is_near(*x, *y))
        }
        (Part::Polygon(a), Part::Polygon(b)) => {
            is_same_ring(a.exterior(), b.exterior())
                && a.interiors().len() == b.interiors().len()
                && matches_each(a.interiors(), b.interiors(), is_same_ring)
        }
        _ => false,
    }
}

fn is_same_ring(a: &LineString<f64>, b: &LineString<f64>) -> bool {
    let (Some((_, a)), Some((_, b))) = (a.0.split_last(), b.0.split_last()) else {
        return a.0.is_empty() && b.0.is_empty();
    };
    if a.len() != b.len() {
        return false;
    }
    let Some(first) = a.first() else { return true };
    let n = b.len();
    b.iter()
        .enumerate()
        .filter(|(_, c)| is_near(**c, *first))
        .any(|(start, _)| {
            let goes = |place: fn(usize, usize, usize) -> usize| {
                a.iter().enumerate().all(|(step, x)| {
                    b.get(place(start, step, n) % n)
                        .is_some_and(|y| is_near(*x, *y))
                })
            };
            goes(|start, step, _| start + step) || goes(|start, step, n| start + n - step)
        })
}

fn is_near(a: Coord<f64>, b: Coord<f64>) -> bool {
    (a.x - b.x).abs() <= SAME_DEG && (a.y - b.y).abs() <= SAME_DEG
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::geometry::wkt;

    #[rstest]
    #[case::rewound("POLYGON((0 0,2 0,2 1,0 0))", "POLYGON((0 0,2 1,2 0,0 0))", true)]
    #[case::started_elsewhere("POLYGON((0 0,2 0,2 1,0 0))", "POLYGON((2 1,0 0,2 0,2 1))", true)]
    #[case::wrapped(
        "POLYGON((0 0,2 0,2 1,0 0))",
        "MULTIPOLYGON(((0 0,2 0,2 1,0 0)))",
        true
    )]
    #[case::reordered(
        "MULTIPOLYGON(((0 0,2 0,2 1,0 0)),((5 5,6 5,6 6,5 5)))",
        "MULTIPOLYGON(((5 5,6 5,6 6,5 5)),((0 0,2 0,2 1,0 0)))",
        true
    )]
    #[case::noise("POINT(1 2)", "POINT(1.0000000000001 2)", true)]
    #[case::moved("POINT(1 2)", "POINT(1.00001 2)", false)]
    #[case::line_reversed("LINESTRING(0 0,1 1)", "LINESTRING(1 1,0 0)", false)]
    #[case::vertex_more("POLYGON((0 0,2 0,2 1,0 0))", "POLYGON((0 0,1 0,2 0,2 1,0 0))", false)]
    #[case::kind("POINT(1 2)", "LINESTRING(1 2,1 2)", false)]
    fn sameness(#[case] a: &str, #[case] b: &str, #[case] wanted: bool) {
        let read = |text: &str| wkt::parse(text).unwrap().0.unwrap();
        assert_eq!(is_same(&read(a), &read(b)), wanted);
    }
}
