//! Is this geometry sound (OGC 06-103r4 §6.1)? What the door warns of and the checks find again.

use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Coord, Geometry, Line, LineString, Polygon};
use zhifang_core::Lang;

/// What is wrong with a geometry that can be read.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Unsound {
    /// A ring of fewer than four positions, or without area.
    ShortRing,
    /// A ring that crosses or touches itself, or crosses another, at this place.
    Crossing(Coord<f64>),
    /// A line of fewer than two different positions.
    ShortLine,
}

impl Unsound {
    /// What is wrong, in words; a place in degrees.
    pub fn message(self, lang: Lang) -> String {
        match self {
            Self::ShortRing => lang
                .pick("环少于四个点", "a ring of fewer than four positions")
                .into(),
            Self::ShortLine => lang
                .pick("线少于两个点", "a line of fewer than two positions")
                .into(),
            Self::Crossing(c) => match lang {
                Lang::Zh => format!("环在 {} {} 处自相交或与另一环相交", c.x, c.y),
                Lang::En => format!("rings cross or touch themselves at {} {}", c.x, c.y),
            },
        }
    }
}

/// The first fault of a geometry; `None` when rings and lines are sound. O(n log n) for
/// map-like geometry: a sweep over the segments' longitudes.
pub fn first_unsound(geometry: &Geometry<f64>) -> Option<Unsound> {
    match geometry {
        Geometry::LineString(l) => line_fault(l),
        Geometry::MultiLineString(m) => m.0.iter().find_map(line_fault),
        Geometry::Polygon(p) => polygons_fault(std::slice::from_ref(p)),
        Geometry::MultiPolygon(m) => polygons_fault(&m.0),
        Geometry::GeometryCollection(m) => m.0.iter().find_map(first_unsound),
        _ => None,
    }
}

fn line_fault(line: &LineString<f64>) -> Option<Unsound> {
    let is_short = line.0.iter().all(|c| Some(c) == line.0.first());
    is_short.then_some(Unsound::ShortLine)
}

/// A segment of a ring: which ring, which place in it, and its ends.
struct Segment {
    ring: usize,
    place: usize,
    line: Line<f64>,
}

fn polygons_fault(polygons: &[Polygon<f64>]) -> Option<Unsound> {
    let mut segments = Vec::new();
    let mut lengths = Vec::new();
    for ring in polygons
        .iter()
        .flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()))
    {
        let mut corners: Vec<Coord<f64>> = ring.0.clone();
        corners.dedup();
        if corners.len() < 4 {
            return Some(Unsound::ShortRing);
        }
        let number = lengths.len();
        lengths.push(corners.len() - 1);
        segments.extend(corners.windows(2).enumerate().map(|(place, ends)| Segment {
            ring: number,
            place,
            line: Line {
                start: ends[0],
                end: ends[1],
            },
        }));
    }
    let low = |s: &Segment| s.line.start.x.min(s.line.end.x);
    let high = |s: &Segment| s.line.start.x.max(s.line.end.x);
    segments.sort_by(|a, b| low(a).total_cmp(&low(b)));
    let mut open: Vec<&Segment> = Vec::new();
    for segment in &segments {
        open.retain(|other| high(other) >= low(segment));
        for other in &open {
            if let Some(place) = meets_wrongly(segment, other, &lengths) {
                return Some(Unsound::Crossing(place));
            }
        }
        open.push(segment);
    }
    None
}

/// Where two segments meet though they should not. Neighbours in a ring share their corner;
/// different rings may touch in points.
fn meets_wrongly(a: &Segment, b: &Segment, lengths: &[usize]) -> Option<Coord<f64>> {
    let (low, high) = (
        a.line.start.y.min(a.line.end.y),
        a.line.start.y.max(a.line.end.y),
    );
    if b.line.start.y.max(b.line.end.y) < low || b.line.start.y.min(b.line.end.y) > high {
        return None;
    }
    let meeting = line_intersection(a.line, b.line)?;
    let place = match meeting {
        LineIntersection::SinglePoint { intersection, .. } => intersection,
        LineIntersection::Collinear { intersection } => intersection.start,
    };
    let is_overlap = matches!(meeting, LineIntersection::Collinear { .. });
    let is_proper = matches!(
        meeting,
        LineIntersection::SinglePoint {
            is_proper: true,
            ..
        }
    );
    if a.ring != b.ring {
        return (is_overlap || is_proper).then_some(place);
    }
    let length = lengths.get(a.ring).copied().unwrap_or(0);
    let gap = a.place.abs_diff(b.place);
    let are_neighbours = gap == 1 || gap + 1 == length;
    (is_overlap || !are_neighbours).then_some(place)
}

#[cfg(test)]
mod tests {
    use geo::wkt;

    use super::*;

    #[test]
    fn soundness() {
        let cases: [(&str, Geometry<f64>, bool); 10] = [
            ("square", wkt! { POLYGON((0.0 0.0, 1.0 0.0, 1.0 1.0, 0.0 1.0, 0.0 0.0)) }.into(), true),
            ("repeated vertex", wkt! { POLYGON((0.0 0.0, 1.0 0.0, 1.0 0.0, 1.0 1.0, 0.0 1.0, 0.0 0.0)) }.into(), true),
            ("bow tie", wkt! { POLYGON((0.0 0.0, 1.0 1.0, 1.0 0.0, 0.0 1.0, 0.0 0.0)) }.into(), false),
            ("spike", wkt! { POLYGON((0.0 0.0, 1.0 0.0, 2.0 0.0, 1.0 0.0, 1.0 1.0, 0.0 0.0)) }.into(), false),
            ("self touch", wkt! { POLYGON((0.0 0.0, 2.0 0.0, 1.0 1.0, 2.0 2.0, 0.0 2.0, 1.0 1.0, 0.0 0.0)) }.into(), false),
            ("two corners", wkt! { POLYGON((0.0 0.0, 1.0 0.0, 0.0 0.0)) }.into(), false),
            ("hole crosses", wkt! { POLYGON((0.0 0.0, 4.0 0.0, 4.0 4.0, 0.0 4.0, 0.0 0.0), (3.0 1.0, 5.0 1.0, 5.0 2.0, 3.0 2.0, 3.0 1.0)) }.into(), false),
            ("parts touch", wkt! { MULTIPOLYGON(((0.0 0.0, 1.0 0.0, 1.0 1.0, 0.0 0.0)), ((1.0 1.0, 2.0 1.0, 2.0 2.0, 1.0 1.0))) }.into(), true),
            ("line", wkt! { LINESTRING(0.0 0.0, 1.0 1.0, 0.0 1.0, 1.0 0.0) }.into(), true),
            ("still", wkt! { LINESTRING(1.0 1.0, 1.0 1.0) }.into(), false),
        ];
        for (name, geometry, is_sound) in cases {
            let found = first_unsound(&geometry);
            assert_eq!(found.is_none(), is_sound, "{name}: {found:?}");
        }
    }
}
