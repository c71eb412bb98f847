//! How far two lines are apart, along their whole length.

use geo::{Coord, LineString, Polygon};
use rstar::RTree;
use rstar::primitives::{GeomWithData, Line};
use zhifang_core::Lang;

use crate::ground::lobes;
use crate::plane::{Plane, cross, nearest_on, norm};

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

/// On which side of the first line the second one runs: that side gives way if it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Left of the line; inside a unit.
    Left,
    /// Right of the line; outside a unit.
    Right,
}

impl Side {
    /// Word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// Who gives way, for people.
    pub fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Left => lang.pick("左侧（面内一方）", "left (the unit inside)"),
            Self::Right => lang.pick("右侧（面外一方）", "right (the unit outside)"),
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
    /// On which side of the first line it runs, where the two are not the same.
    pub side: Option<Side>,
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
    side: Side,
    is_vertex: bool,
}

impl Deviation {
    /// Distances along the second line, metres: the profile of the deviation.
    pub fn profile(&self) -> Vec<(f64, f64)> {
        let pair = |sample: &Sample| (sample.along_m, sample.distance_m);
        self.samples.iter().map(pair).collect()
    }

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
        let side = |sample: &Sample| (grade(sample) != Agreement::Same).then_some(sample.side);
        let is_alike = |a: &Sample, b: &Sample| {
            grade(a) == grade(b) && side(a) == side(b) && a.along_m <= b.along_m
        };
        for run in self.samples.chunk_by(is_alike) {
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
                side: side(first),
                course: course_of(run),
            });
        }
        found
    }
}

/// Ends and vertices of a run of samples.
fn course_of(run: &[Sample]) -> LineString<f64> {
    let last = run.len().saturating_sub(1);
    let shown = run
        .iter()
        .enumerate()
        .filter(|(at, sample)| sample.is_vertex || *at == 0 || *at == last);
    LineString(shown.map(|(_, sample)| sample.place).collect())
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
    let near = Near::new(other);
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
                if let Some((distance_m, side)) = near.nearest(place) {
                    let along_m = along + piece * share;
                    found.push(Sample {
                        place,
                        along_m,
                        distance_m,
                        side,
                        is_vertex: step == 0 || step == count,
                    });
                }
            }
            along += piece;
        }
    }
    found
}

/// A piece of a line, squeezed to equal scales, with its ends as they are.
type Piece = GeomWithData<Line<[f64; 2]>, [Coord<f64>; 2]>;

/// The pieces of lines in a tree.
struct Near {
    tree: RTree<Piece>,
    /// Degrees of longitude are narrower than those of latitude by this factor.
    squeeze: f64,
}

impl Near {
    fn new(lines: &[&[Coord<f64>]]) -> Self {
        let first = lines.iter().find_map(|part| part.first());
        let squeeze = first.map_or(1.0, |c| c.y.to_radians().cos().max(0.01));
        let pieces = lines.iter().flat_map(|part| part.windows(2)).map(|ends| {
            let [a, b] = [ends[0], ends[1]].map(|c| [c.x * squeeze, c.y]);
            GeomWithData::new(Line::new(a, b), [ends[0], ends[1]])
        });
        let tree = RTree::bulk_load(pieces.collect());
        Self { tree, squeeze }
    }

    /// Distance in metres to the nearest piece, and on which side of it the place lies.
    fn nearest(&self, place: Coord<f64>) -> Option<(f64, Side)> {
        let piece = self
            .tree
            .nearest_neighbor([place.x * self.squeeze, place.y])?;
        let plane = Plane::at(place);
        let [a, b] = piece.data.map(|c| plane.metres(c));
        let foot = nearest_on(a, b, Coord { x: 0.0, y: 0.0 }).0;
        let side = if cross(b - a, -a) > 0.0 {
            Side::Left
        } else {
            Side::Right
        };
        Some((norm(foot), side))
    }
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
    let near = Near::new(full);
    let on = thin
        .iter()
        .flat_map(|part| part.iter())
        .filter_map(|vertex| near.nearest(*vertex))
        .filter(|(distance_m, _)| *distance_m <= ON_LINE_M)
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
