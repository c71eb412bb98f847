//! A line as a way: how far along it a place is, how far beside it, and on which side.

use geo::{Coord, Geometry};

use crate::measure::distance_m;

/// The place on a line nearest to a position (垂足).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foot {
    /// The place on the line.
    pub place: Coord<f64>,
    /// From the start of the line's first part to there, on the ellipsoid, metres.
    pub along_m: f64,
    /// From there to the position, on the ellipsoid, metres: positive to the left of the line,
    /// negative to its right.
    pub off_m: f64,
}

/// A line with its lengths, measured once.
#[derive(Debug, Clone)]
pub struct Track<'a> {
    parts: Vec<&'a [Coord<f64>]>,
    /// Length from the start to each vertex of each part, metres.
    reached_m: Vec<Vec<f64>>,
    /// Length on the ellipsoid, metres.
    pub length_m: f64,
}

impl<'a> Track<'a> {
    /// The track of a line geometry; `None` when it is no line or has no length.
    pub fn of(geometry: &'a Geometry<f64>) -> Option<Self> {
        let parts: Vec<&[Coord<f64>]> = match geometry {
            Geometry::LineString(line) => vec![&line.0],
            Geometry::MultiLineString(lines) => lines.0.iter().map(|line| &*line.0).collect(),
            _ => Vec::new(),
        };
        let parts: Vec<_> = parts.into_iter().filter(|part| part.len() > 1).collect();
        let mut length_m = 0.0;
        let mut reached_m = Vec::with_capacity(parts.len());
        for part in &parts {
            let mut reached = vec![length_m];
            for ends in part.windows(2) {
                length_m += distance_m(ends[0], ends[1]);
                reached.push(length_m);
            }
            reached_m.push(reached);
        }
        (length_m > 0.0).then_some(Self {
            parts,
            reached_m,
            length_m,
        })
    }

    /// Its first and its last vertex.
    pub fn ends(&self) -> [Coord<f64>; 2] {
        let part = |part: Option<&&'a [Coord<f64>]>| part.copied().unwrap_or_default();
        let first = part(self.parts.first()).first().copied();
        let last = part(self.parts.last()).last().copied();
        [first.unwrap_or_default(), last.unwrap_or_default()]
    }

    /// The place on the line nearest to a position. At a corner the edge that the position lies
    /// farther beside tells the side.
    pub fn foot(&self, place: Coord<f64>) -> Foot {
        // A plane at the position is good enough to choose the place; lengths are geodesic.
        let shrink = place.y.to_radians().cos();
        let flat = |c: Coord<f64>| Coord {
            x: (c.x - place.x) * shrink,
            y: c.y - place.y,
        };
        let (mut least, mut beside) = (f64::INFINITY, 0.0_f64);
        let mut foot = Foot {
            place,
            along_m: 0.0,
            off_m: 0.0,
        };
        for (part, reached) in self.parts.iter().zip(&self.reached_m) {
            for (ends, lengths) in part.windows(2).zip(reached.windows(2)) {
                let (a, b) = (flat(ends[0]), flat(ends[1]));
                let step = b - a;
                let square = step.x * step.x + step.y * step.y;
                if square <= 0.0 {
                    continue;
                }
                let share = (-(a.x * step.x + a.y * step.y) / square).clamp(0.0, 1.0);
                let near = a + step * share;
                let away = near.x.hypot(near.y);
                let across = (step.y * a.x - step.x * a.y) / square.sqrt();
                let is_as_near = away <= least + 1e-12;
                if away < least - 1e-12 || (is_as_near && across.abs() > beside.abs()) {
                    (least, beside) = (away, across);
                    foot.place = ends[0] + (ends[1] - ends[0]) * share;
                    foot.along_m = lengths[0] + (lengths[1] - lengths[0]) * share;
                }
            }
        }
        foot.off_m = distance_m(foot.place, place).copysign(beside);
        foot
    }

    /// The place so far along the line; its ends for what lies before and beyond.
    pub fn at(&self, along_m: f64) -> Coord<f64> {
        for (part, reached) in self.parts.iter().zip(&self.reached_m) {
            for (ends, lengths) in part.windows(2).zip(reached.windows(2)) {
                let length = lengths[1] - lengths[0];
                if along_m <= lengths[1] && length > 0.0 {
                    let share = ((along_m - lengths[0]) / length).max(0.0);
                    return ends[0] + (ends[1] - ends[0]) * share;
                }
            }
        }
        self.ends()[1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::wkt;

    #[test]
    fn a_place_is_found_along_the_line_and_on_its_side() {
        let line: Geometry = wkt!(LINESTRING(111.0 32.0, 111.1 32.0, 111.1 32.1)).into();
        let track = Track::of(&line).unwrap();
        let (east, north) = (94_405.0 * 0.1, 110_886.0 * 0.1);
        assert!((track.length_m - east - north).abs() < 120.0);
        let left = track.foot(Coord {
            x: 111.05,
            y: 32.001,
        });
        assert!((left.along_m - east / 2.0).abs() < 30.0, "{left:?}");
        assert!((left.off_m - 110.9).abs() < 0.5, "{left:?}");
        let right = track.foot(Coord {
            x: 111.101,
            y: 32.05,
        });
        assert!((right.off_m + 94.4).abs() < 0.5, "{right:?}");
        // Outside the corner the nearest place is the corner itself.
        let corner = track.foot(Coord {
            x: 111.101,
            y: 31.999,
        });
        assert_eq!(corner.place, Coord { x: 111.1, y: 32.0 });
        assert!(corner.off_m < 0.0);
        let back = track.at(left.along_m);
        assert!(distance_m(back, left.place) < 0.01);
    }

    #[test]
    fn what_has_no_length_is_no_track() {
        assert!(Track::of(&wkt!(POINT(1.0 2.0)).into()).is_none());
        assert!(Track::of(&wkt!(LINESTRING(1.0 2.0, 1.0 2.0)).into()).is_none());
    }
}
