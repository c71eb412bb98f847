//! How far two lines are apart, along their whole length.

use geo::{Coord, LineString, Polygon};

use crate::ground::lobes;
use crate::linework::nearest_of;
use crate::plane::{Plane, norm};

/// Places on a line at which the distance to the other is taken, at most this far apart, metres.
const STEP_M: f64 = 25.0;
/// … and at most so many on one line.
const MAX_STEPS: f64 = 4_000.0;
/// A vertex this near to the other line is on it, metres: twice the last of six decimals.
const ON_LINE_M: f64 = 0.25;
/// A line is a generalised version of another when so many of its vertices are on it …
const GENERALISED_SHARE: f64 = 0.95;
/// … and it has at most this share of its vertices.
const FEWER_VERTICES: f64 = 0.8;

/// How a stretch of one line lies to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// Within the rounding of coordinates.
    Same,
    /// Within the tolerance.
    Near,
    /// Beyond the tolerance.
    Apart,
}

impl Agreement {
    /// Word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Near => "near",
            Self::Apart => "apart",
        }
    }
}

/// A stretch of the second line that agrees alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// How it lies to the first line.
    pub agreement: Agreement,
    /// Where it begins and ends along the second line, metres.
    pub from_m: f64,
    /// See `from_m`.
    pub to_m: f64,
    /// Largest distance in it, metres.
    pub max_m: f64,
    /// Its course, EPSG:4490.
    pub course: LineString<f64>,
}

/// How far two lines are apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Deviation {
    /// Largest distance from either line to the other (Hausdorff), metres.
    pub max_m: f64,
    /// Where it is.
    pub at: Coord<f64>,
    /// Mean distance along the second line, metres.
    pub mean_m: f64,
    /// Distance that 95 % of the second line keep, metres.
    pub p95_m: f64,
    /// Ground left of the first line and right of the second: what moves to the left side's
    /// neighbour if the second line holds, m².
    pub left_m2: f64,
    /// The other way, m².
    pub right_m2: f64,
    /// The pieces of ground between the lines.
    pub faces: Vec<Polygon<f64>>,
    /// Whether one line is merely a generalised version of the other.
    pub is_generalised: bool,
    samples: Vec<Sample>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Sample {
    place: Coord<f64>,
    along_m: f64,
    distance_m: f64,
}

impl Deviation {
    /// Ground between the two lines, m².
    pub fn area_m2(&self) -> f64 {
        self.left_m2 + self.right_m2
    }

    /// The second line cut where its agreement with the first changes.
    pub fn stretches(&self, tolerance_m: f64) -> Vec<Stretch> {
        let grade = |sample: &Sample| match sample.distance_m {
            d if d <= ON_LINE_M => Agreement::Same,
            d if d <= tolerance_m => Agreement::Near,
            _ => Agreement::Apart,
        };
        let mut found: Vec<Stretch> = Vec::new();
        for run in self
            .samples
            .chunk_by(|a, b| grade(a) == grade(b) && a.along_m <= b.along_m)
        {
            let (Some(first), Some(last)) = (run.first(), run.last()) else {
                continue;
            };
            found.push(Stretch {
                agreement: grade(first),
                from_m: first.along_m,
                to_m: last.along_m,
                max_m: run
                    .iter()
                    .map(|sample| sample.distance_m)
                    .fold(0.0, f64::max),
                course: LineString(run.iter().map(|sample| sample.place).collect()),
            });
        }
        found
    }
}

/// Compares two lines (each in parts, EPSG:4490). They need not have the same vertices, ends or
/// direction. An empty line makes an empty answer.
pub fn deviation(first: &[&[Coord<f64>]], second: &[&[Coord<f64>]]) -> Deviation {
    let samples = samples(second, first);
    let back = self::samples(first, second);
    let mut distances: Vec<f64> = samples.iter().map(|sample| sample.distance_m).collect();
    distances.sort_by(f64::total_cmp);
    let mean_m = distances.iter().sum::<f64>() / distances.len().max(1) as f64;
    let p95_m = distances
        .get(distances.len() * 95 / 100)
        .copied()
        .unwrap_or_default();
    let worst = samples
        .iter()
        .chain(&back)
        .max_by(|a, b| a.distance_m.total_cmp(&b.distance_m));
    let (max_m, at) = worst.map_or((0.0, Coord::default()), |one| (one.distance_m, one.place));
    let (mut left_m2, mut right_m2, mut faces) = (0.0, 0.0, Vec::new());
    for (is_left, ring) in between(first, second) {
        let line = LineString(ring);
        let m2 = zhifang_topology::ring_area_m2(&line);
        if is_left {
            left_m2 += m2;
        } else {
            right_m2 += m2;
        }
        faces.push(Polygon::new(line, Vec::new()));
    }
    let is_generalised = is_thinned(first, second) || is_thinned(second, first);
    Deviation {
        max_m,
        at,
        mean_m,
        p95_m,
        left_m2,
        right_m2,
        faces,
        is_generalised,
        samples,
    }
}

/// Places along a line with their distances to another.
fn samples(line: &[&[Coord<f64>]], other: &[&[Coord<f64>]]) -> Vec<Sample> {
    let length = |ends: &[Coord<f64>]| norm(Plane::at(ends[0]).metres(ends[1]));
    let total: f64 = line
        .iter()
        .flat_map(|part| part.windows(2))
        .map(length)
        .sum();
    let step_m = STEP_M.max(total / MAX_STEPS);
    let mut found = Vec::new();
    let mut along = 0.0;
    for part in line {
        for (at, ends) in part.windows(2).enumerate() {
            let piece = length(ends);
            let count = (piece / step_m).ceil().max(1.0) as usize;
            let first = usize::from(at > 0);
            for step in first..=count {
                let share = step as f64 / count as f64;
                let place = ends[0] + (ends[1] - ends[0]) * share;
                if let Some(near) = nearest_of(other, place) {
                    let along_m = along + piece * share;
                    found.push(Sample {
                        place,
                        along_m,
                        distance_m: near.distance_m,
                    });
                }
            }
            along += piece;
        }
    }
    found
}

/// The pieces of ground between two single lines, with whether each lies left of the first.
fn between(first: &[&[Coord<f64>]], second: &[&[Coord<f64>]]) -> Vec<(bool, Vec<Coord<f64>>)> {
    let ([one], [other]) = (first, second) else {
        return Vec::new();
    };
    let (Some(start), Some(end)) = (one.first(), one.last()) else {
        return Vec::new();
    };
    let (Some(a), Some(b)) = (other.first(), other.last()) else {
        return Vec::new();
    };
    let plane = Plane::at(*start);
    let apart = |p: &Coord<f64>, q: &Coord<f64>| norm(plane.metres(*p) - plane.metres(*q));
    // The second line back to the start of the first.
    let mut ring = one.to_vec();
    if apart(start, a) + apart(end, b) <= apart(start, b) + apart(end, a) {
        ring.extend(other.iter().rev());
    } else {
        ring.extend(other.iter());
    }
    ring.extend(one.first());
    lobes([(ring.as_slice(), 1)])
        .into_iter()
        .map(|lobe| (lobe.is_plus, lobe.ring))
        .collect()
}

/// Whether the first line is the second with vertices left out.
fn is_thinned(thin: &[&[Coord<f64>]], full: &[&[Coord<f64>]]) -> bool {
    let count = |line: &[&[Coord<f64>]]| line.iter().map(|part| part.len()).sum::<usize>() as f64;
    if count(thin) < 2.0 || count(thin) > FEWER_VERTICES * count(full) {
        return false;
    }
    let on = thin
        .iter()
        .flat_map(|part| part.iter())
        .filter_map(|vertex| nearest_of(full, *vertex))
        .filter(|near| near.distance_m <= ON_LINE_M)
        .count();
    on as f64 >= GENERALISED_SHARE * count(thin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(f64, f64)]) -> Vec<Coord<f64>> {
        points
            .iter()
            .map(|&(x, y)| Coord {
                x: 111.8 + x * 1e-3,
                y: 32.3 + y * 1e-3,
            })
            .collect()
    }

    #[test]
    fn who_gives_way_is_told_on_both_sides_of_a_crossing() {
        let straight = line(&[(0., 0.), (10., 0.)]);
        let wave = line(&[(0., 0.), (2.5, 1.), (5., 0.), (7.5, -2.), (10., 0.)]);
        let found = deviation(&[&straight], &[&wave]);
        assert!((found.max_m - 221.8).abs() < 1.0, "{}", found.max_m);
        // Triangles of 5 by 1 and 5 by 2 thousandths of a degree.
        let unit = 94.1 * 110.9;
        assert!(
            (found.left_m2 / (2.5 * unit) - 1.0).abs() < 0.01,
            "{}",
            found.left_m2
        );
        assert!(
            (found.right_m2 / (5.0 * unit) - 1.0).abs() < 0.01,
            "{}",
            found.right_m2
        );
        let turned: Vec<_> = wave.iter().rev().copied().collect();
        assert!((deviation(&[&straight], &[&turned]).area_m2() - found.area_m2()).abs() < 1e-6);
        let grades: Vec<_> = found
            .stretches(100.0)
            .iter()
            .map(|one| one.agreement)
            .collect();
        assert!(grades.contains(&Agreement::Near) && grades.contains(&Agreement::Apart));
    }

    #[test]
    fn a_thinned_line_is_recognised() {
        let full = line(&[
            (0., 0.),
            (1., 0.4),
            (2., 0.),
            (3., 0.5),
            (4., 0.),
            (5., 0.3),
            (6., 0.),
        ]);
        let thin = line(&[(0., 0.), (2., 0.), (4., 0.), (6., 0.)]);
        assert!(deviation(&[&full], &[&thin]).is_generalised);
        let other = line(&[(0., 0.1), (2., 0.2), (4., 0.2), (6., 0.1)]);
        assert!(!deviation(&[&full], &[&other]).is_generalised);
    }
}
