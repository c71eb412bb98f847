//! Do these coordinates look shifted? Each hypothesis is tried on the positions as given and
//! judged by how far they then lie from the reference's lines.

use geo_types::{Coord, Geometry};
use serde::{Deserialize, Serialize};
use zhifang_core::LonLat;

use crate::plane::{Plane, nearest_on, strokes};
use crate::{bd09, gcj02};

/// Below this median distance the positions simply agree, metres: the width of generalisation
/// at 1:250,000, well under the smallest shift looked for.
const AGREEMENT_M: f64 = 30.0;
/// A hypothesis fits clearly better than none when it leaves less than this share of the
/// plain residual…
const CLEAR_SHARE: f64 = 0.6;
/// … and wins at least this much, metres: half of the smallest offset looked for, as the
/// distance to a line of random direction sees about two thirds of an offset.
const CLEAR_GAIN_M: f64 = 50.0;
/// The smallest constant offset that is reported, metres (honest publishers differ by as much).
const SMALLEST_SHIFT_M: f64 = 100.0;
/// Points alone must fit a web map this well when there are only one or two, metres.
const FEW_POINTS_FIT_M: f64 = 15.0;
/// Pairs that are looked at; more are thinned evenly.
const MAX_PAIRS: usize = 60;
/// Vertices times segments looked at for one pair and hypothesis.
const MAX_WORK: usize = 40_000;

/// What best explains the difference between positions and their reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Likely {
    /// Nothing to explain: the positions agree, or differ without a pattern.
    None,
    /// The positions are GCJ-02.
    Gcj02,
    /// The positions are BD-09.
    Bd09,
    /// One constant offset of over 100 m.
    Shift,
    /// Latitude stands where longitude belongs.
    Swapped,
    /// The positions lie outside the area of their reference system.
    OutsideArea,
}

impl Likely {
    /// The word that reports use: `none gcj02 bd09 shift swapped outside_area`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gcj02 => "gcj02",
            Self::Bd09 => "bd09",
            Self::Shift => "shift",
            Self::Swapped => "swapped",
            Self::OutsideArea => "outside_area",
        }
    }
}

/// The answer of [`diagnose`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// How far east of the reference the positions lie under the explanation, metres.
    pub dx_m: f64,
    /// How far north of the reference, metres.
    pub dy_m: f64,
    /// The explanation.
    pub likely: Likely,
    /// Median distance to the reference's lines that the explanation leaves, metres.
    pub residual_m: f64,
    /// Median distance of the positions as given, metres.
    pub plain_residual_m: f64,
    /// Pairs that could be compared.
    pub pairs: usize,
}

impl Diagnosis {
    /// Whether an import must not trust these positions.
    pub fn is_shifted(&self) -> bool {
        self.likely != Likely::None
    }
}

/// A web map's way back.
type Inverse = fn(LonLat) -> LonLat;

/// One given geometry's sampled vertices beside its reference in local metres.
struct Comparison {
    plane: Plane,
    vertices: Vec<LonLat>,
    segments: Vec<(Coord<f64>, Coord<f64>)>,
    centre_offset_m: Coord<f64>,
    is_point: bool,
    is_area: bool,
}

/// Compares positions with their reference, pair by pair `(given, reference)` of the same
/// things, and says whether they look like GCJ-02 or BD-09, share one offset of over 100 m, have
/// swapped axes, or none of these. Vertices need not correspond: the distance of the given
/// vertices to the reference's lines is what counts (points: to each other). Pairs of unlike
/// kind (a point beside an area) are left out. Scatter without a common direction, as another
/// publisher's generalisation makes, is no shift.
pub fn diagnose<'a, I>(pairs: I) -> Diagnosis
where
    I: IntoIterator<Item = (&'a Geometry<f64>, &'a Geometry<f64>)>,
{
    let pairs: Vec<_> = pairs.into_iter().collect();
    let stride = pairs.len().div_ceil(MAX_PAIRS).max(1);
    let all: Vec<Comparison> = pairs
        .iter()
        .step_by(stride)
        .filter_map(|(given, reference)| compare(given, reference))
        .collect();
    let none = |plain: f64| Diagnosis {
        dx_m: 0.0,
        dy_m: 0.0,
        likely: Likely::None,
        residual_m: plain,
        plain_residual_m: plain,
        pairs: all.len(),
    };
    let origin = Coord { x: 0.0, y: 0.0 };
    let Some(plain) = residual(&all, |place| place, origin) else {
        return none(0.0);
    };
    if plain < AGREEMENT_M {
        return none(plain);
    }
    let found = |likely, offset: Coord<f64>, left| Diagnosis {
        dx_m: offset.x,
        dy_m: offset.y,
        likely,
        residual_m: left,
        plain_residual_m: plain,
        pairs: all.len(),
    };
    let is_clear = |left: f64| left < CLEAR_SHARE * plain && plain - left > CLEAR_GAIN_M;

    if all
        .iter()
        .flat_map(|c| &c.vertices)
        .all(|p| looks_swapped([*p]))
    {
        let turned = residual(&all, |p| LonLat::new(p.lat, p.lon), origin).unwrap_or(plain);
        return found(Likely::Swapped, origin, turned);
    }
    let web: [(Likely, Inverse); 2] = [
        (Likely::Gcj02, gcj02::inverse),
        (Likely::Bd09, bd09::inverse),
    ];
    let best_web = web
        .into_iter()
        .filter_map(|(likely, inverse)| {
            residual(&all, inverse, origin).map(|left| (likely, inverse, left))
        })
        .min_by(|a, b| a.2.total_cmp(&b.2));
    let shift = common_offset(&all);

    if let Some((likely, inverse, left)) = best_web {
        let beats_shift = shift.is_none_or(|(_, rest)| left <= 1.3 * rest + 15.0);
        let few_points = all.len() < 3 && all.iter().all(|c| c.is_point);
        if is_clear(left) && beats_shift && (!few_points || left < FEW_POINTS_FIT_M) {
            return found(likely, mean_offset(&all, inverse), left);
        }
    }
    match shift {
        Some((offset, left)) if offset.x.hypot(offset.y) > SMALLEST_SHIFT_M && is_clear(left) => {
            found(Likely::Shift, offset, left)
        }
        _ => none(plain),
    }
}

/// Whether every position of the (non-empty) list makes no sense in China as it is, but does
/// with longitude and latitude exchanged.
pub fn looks_swapped(places: impl IntoIterator<Item = LonLat>) -> bool {
    let mut any = false;
    places.into_iter().all(|p| {
        any = true;
        !gcj02::is_offset(p) && gcj02::is_offset(LonLat::new(p.lat, p.lon))
    }) && any
}

fn compare(given: &Geometry<f64>, reference: &Geometry<f64>) -> Option<Comparison> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    strokes(given, &mut ours);
    strokes(reference, &mut theirs);
    let is_pointlike = |strokes: &[&[Coord<f64>]]| strokes.iter().all(|s| s.len() == 1);
    let is_finite = |strokes: &[&[Coord<f64>]]| {
        strokes
            .iter()
            .flat_map(|s| s.iter())
            .all(|c| c.x.is_finite() && c.y.is_finite())
    };
    let is_point = is_pointlike(&ours);
    if ours.is_empty() || theirs.is_empty() || is_point != is_pointlike(&theirs) {
        return None;
    }
    if !is_finite(&ours) || !is_finite(&theirs) {
        return None;
    }
    let (our_centre, their_centre) = (centre(&ours)?, centre(&theirs)?);
    let plane = Plane::at(their_centre);
    let metres = |c: &Coord<f64>| plane.metres(LonLat::from(*c));
    let segments: Vec<_> = theirs
        .iter()
        .flat_map(|stroke| {
            let alone = (stroke.len() == 1).then(|| (metres(&stroke[0]), metres(&stroke[0])));
            stroke
                .windows(2)
                .map(|ends| (metres(&ends[0]), metres(&ends[1])))
                .chain(alone)
        })
        .collect();
    let vertices = sample(&ours, (MAX_WORK / segments.len().max(1)).clamp(16, 400));
    let offset = plane.metres(our_centre);
    Some(Comparison {
        plane,
        vertices,
        segments,
        centre_offset_m: offset,
        is_point,
        is_area: matches!(given, Geometry::Polygon(_) | Geometry::MultiPolygon(_)),
    })
}

/// Middle of the envelope.
fn centre(strokes: &[&[Coord<f64>]]) -> Option<LonLat> {
    let mut coords = strokes.iter().flat_map(|s| s.iter());
    let first = *coords.next()?;
    let (low, high) = coords.fold((first, first), |(low, high), c| {
        (
            Coord {
                x: low.x.min(c.x),
                y: low.y.min(c.y),
            },
            Coord {
                x: high.x.max(c.x),
                y: high.y.max(c.y),
            },
        )
    });
    Some(LonLat::new(
        f64::midpoint(low.x, high.x),
        f64::midpoint(low.y, high.y),
    ))
}

/// At most `wanted` vertices, evenly thinned; short rings get points along their edges too.
fn sample(strokes: &[&[Coord<f64>]], wanted: usize) -> Vec<LonLat> {
    let total: usize = strokes.iter().map(|s| s.len()).sum();
    let stride = total.div_ceil(wanted).max(1);
    let mut places: Vec<LonLat> = strokes
        .iter()
        .flat_map(|s| s.iter())
        .step_by(stride)
        .map(|c| LonLat::from(*c))
        .collect();
    if total < 16 {
        for ends in strokes.iter().flat_map(|s| s.windows(2)) {
            for share in [0.25, 0.5, 0.75] {
                places.push(LonLat::from(ends[0] + (ends[1] - ends[0]) * share));
            }
        }
    }
    places
}

/// Nearest point of the reference, all in local metres.
fn nearest(comparison: &Comparison, p: Coord<f64>) -> Coord<f64> {
    let mut best = (f64::INFINITY, p);
    for (a, b) in &comparison.segments {
        let q = nearest_on(*a, *b, p);
        let distance_2 = (q.x - p.x).powi(2) + (q.y - p.y).powi(2);
        if distance_2 < best.0 {
            best = (distance_2, q);
        }
    }
    best.1
}

/// Median distance to the reference's lines after `inverse` and after taking `offset` away.
fn residual(
    all: &[Comparison],
    inverse: impl Fn(LonLat) -> LonLat,
    offset: Coord<f64>,
) -> Option<f64> {
    let mut distances = Vec::new();
    for comparison in all {
        for place in &comparison.vertices {
            let p = comparison.plane.metres(inverse(*place)) - offset;
            let q = nearest(comparison, p);
            distances.push((p.x - q.x).hypot(p.y - q.y));
        }
    }
    median(&mut distances)
}

fn median(numbers: &mut [f64]) -> Option<f64> {
    let middle = numbers.len() / 2;
    if numbers.is_empty() {
        return None;
    }
    let (_, found, _) = numbers.select_nth_unstable_by(middle, f64::total_cmp);
    Some(*found)
}

/// Mean of what a web map's offset does to these positions, metres.
fn mean_offset(all: &[Comparison], inverse: Inverse) -> Coord<f64> {
    let mut sum = Coord { x: 0.0, y: 0.0 };
    let mut count = 0.0;
    for comparison in all {
        for place in &comparison.vertices {
            sum = sum + comparison.plane.metres(*place) - comparison.plane.metres(inverse(*place));
            count += 1.0;
        }
    }
    sum / f64::max(count, 1.0)
}

/// The offset that all pairs share, with the residual it leaves. Points vote by the median of
/// their differences; lines by iterated nearest points, measured across the line only (an offset
/// along a straight line cannot be seen), with weights against outliers, from several starts.
fn common_offset(all: &[Comparison]) -> Option<(Coord<f64>, f64)> {
    let areas = all.iter().filter(|c| c.is_area).count();
    let lines = all.iter().filter(|c| !c.is_area && !c.is_point).count();
    let points = all.iter().filter(|c| c.is_point).count();
    if areas == 0 && lines < 2 && points < 3 {
        return None;
    }
    let mut east: Vec<f64> = all.iter().map(|c| c.centre_offset_m.x).collect();
    let mut north: Vec<f64> = all.iter().map(|c| c.centre_offset_m.y).collect();
    let centres = Coord {
        x: median(&mut east)?,
        y: median(&mut north)?,
    };
    if areas == 0 && lines == 0 {
        return residual(all, |p| p, centres).map(|left| (centres, left));
    }
    [
        centres,
        Coord { x: 0.0, y: 0.0 },
        mean_offset(all, gcj02::inverse),
    ]
    .into_iter()
    .filter_map(|start| {
        let offset = settle(all, start);
        residual(all, |p| p, offset).map(|left| (offset, left))
    })
    .min_by(|a, b| a.1.total_cmp(&b.1))
}

/// Iterated nearest points from a first guess.
fn settle(all: &[Comparison], start: Coord<f64>) -> Coord<f64> {
    let mut offset = start;
    for _ in 0..10 {
        // Normal equations of the distances across the reference's lines, damped so that
        // parallel lines leave the unseen direction alone.
        let (mut xx, mut xy, mut yy, mut bx, mut by) = (1e-6, 0.0, 1e-6, 0.0, 0.0);
        for comparison in all {
            for place in &comparison.vertices {
                let p = comparison.plane.metres(*place) - offset;
                let across = p - nearest(comparison, p);
                let length = across.x.hypot(across.y);
                if length < 1e-6 {
                    continue;
                }
                let normal = across / length;
                let weight = 1.0 / (length + 10.0);
                xx += weight * normal.x * normal.x;
                xy += weight * normal.x * normal.y;
                yy += weight * normal.y * normal.y;
                bx += weight * length * normal.x;
                by += weight * length * normal.y;
            }
        }
        let determinant = xx * yy - xy * xy;
        if determinant <= 1e-12 {
            break;
        }
        let step = Coord {
            x: (yy * bx - xy * by) / determinant,
            y: (xx * by - xy * bx) / determinant,
        };
        offset = offset + step;
        if step.x.hypot(step.y) < 0.5 {
            break;
        }
    }
    offset
}

#[cfg(test)]
mod tests;
