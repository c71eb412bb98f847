//! Edits of rings that leave every other vertex as it is.

use geo::{Coord, LineString, Polygon};

use crate::plane::{is_inside, nearest_on, norm};

/// A crossing lies this near to the edge that it is on, degrees (about a tenth of a millimetre).
const ON_EDGE_DEG: f64 = 1e-9;

type Shape = Vec<Polygon<f64>>;

/// Every ring through a function.
fn each_ring(
    shape: &[Polygon<f64>],
    edit: &mut dyn FnMut(Vec<Coord<f64>>) -> Vec<Coord<f64>>,
) -> Shape {
    let mut ring = |line: &LineString<f64>| LineString(edit(line.0.clone()));
    shape
        .iter()
        .map(|part| {
            let exterior = ring(part.exterior());
            Polygon::new(exterior, part.interiors().iter().map(&mut ring).collect())
        })
        .collect()
}

pub(super) fn mapped(shape: &[Polygon<f64>], to: &dyn Fn(Coord<f64>) -> Coord<f64>) -> Shape {
    each_ring(shape, &mut |ring| ring.into_iter().map(to).collect())
}

/// Without vertices nearer to the one before than coordinates can tell.
pub(super) fn without_repeats(shape: &[Polygon<f64>]) -> Shape {
    each_ring(shape, &mut |ring| {
        let mut kept: Vec<Coord<f64>> = Vec::with_capacity(ring.len());
        for c in ring {
            let is_near = |last: &Coord<f64>| {
                zhifang_topology::distance_m(*last, c) < crate::rules::geometry::NEAR_VERTEX_M
            };
            if !kept.last().is_some_and(is_near) {
                kept.push(c);
            }
        }
        // The ring closes on its first vertex, whichever of two near ones is last.
        if let (Some(first), true) = (kept.first().copied(), kept.len() > 3) {
            let last = kept.len() - 1;
            kept[last] = first;
        }
        kept
    })
}

/// Without one vertex, and without what then is there twice.
pub(super) fn without(shape: &[Polygon<f64>], vertex: Coord<f64>) -> Shape {
    each_ring(shape, &mut |ring| {
        let open = &ring[..ring.len().saturating_sub(1)];
        let mut kept: Vec<Coord<f64>> = open.iter().copied().filter(|c| *c != vertex).collect();
        kept.dedup();
        kept.extend(kept.first().copied());
        kept
    })
}

/// Without the hole round a place.
pub(super) fn without_hole(shape: Shape, place: Coord<f64>) -> Option<Shape> {
    let mut is_found = false;
    let filled = shape
        .into_iter()
        .map(|part| {
            let (exterior, mut holes) = part.into_inner();
            let before = holes.len();
            holes.retain(|hole| !is_inside([&*hole.0], place));
            is_found |= holes.len() < before;
            Polygon::new(exterior, holes)
        })
        .collect();
    is_found.then_some(filled)
}

fn same_corners(a: &[Coord<f64>], b: &[Coord<f64>]) -> bool {
    a.iter().all(|corner| b.contains(corner)) && b.iter().all(|corner| a.contains(corner))
}

/// Without the part that a ring is.
pub(super) fn without_part(mut shape: Shape, ring: &[Coord<f64>]) -> Option<Shape> {
    let before = shape.len();
    shape.retain(|part| !same_corners(&part.exterior().0, ring));
    (shape.len() < before && !shape.is_empty()).then_some(shape)
}

/// With a hole cut out of the part round it.
pub(super) fn with_hole(mut shape: Shape, ring: &[Coord<f64>]) -> Option<Shape> {
    let first = *ring.first()?;
    let host = shape
        .iter_mut()
        .find(|part| is_inside([&*part.exterior().0], first))?;
    let mut hole = LineString(ring.to_vec());
    let turns = |ring: &LineString<f64>| crate::plane::double_area(&ring.0) > 0.0;
    if turns(&hole) == turns(host.exterior()) {
        hole.0.reverse();
    }
    host.interiors_push(hole);
    Some(shape)
}

/// With a vertex where a ring passes a place.
pub(super) fn with_vertex(shape: &[Polygon<f64>], place: Coord<f64>) -> Shape {
    each_ring(shape, &mut |mut ring| {
        let Some(spot) = spot_of(&ring, place).filter(|_| !ring.contains(&place)) else {
            return ring;
        };
        let tail = ring.split_off(spot.floor() as usize + 1);
        ring.push(place);
        ring.extend(tail);
        ring
    })
}

/// Where a ring passes a place: number of the vertex, and the share of the edge after it.
fn spot_of(ring: &[Coord<f64>], place: Coord<f64>) -> Option<f64> {
    let open = ring.len().checked_sub(1)?;
    if let Some(at) = ring[..open].iter().position(|c| *c == place) {
        return Some(at as f64);
    }
    let mut best = (ON_EDGE_DEG, None);
    for (at, ends) in ring.windows(2).enumerate() {
        let (near, share) = nearest_on(ends[0], ends[1], place);
        let away = norm(near - place);
        if away < best.0 {
            best = (away, Some(at as f64 + share));
        }
    }
    best.1
}

/// With the stretch of a face's outline that is the shape's own replaced by the rest of it.
/// `own` tells of each edge of the outline whether it is the shape's.
pub(super) fn replaced(
    shape: &[Polygon<f64>],
    outline: &[Coord<f64>],
    own: &[bool],
) -> Result<Shape, &'static str> {
    let count = own.len();
    let starts: Vec<usize> = (0..count)
        .filter(|&at| own[at] && !own[(at + count - 1) % count])
        .collect();
    let [start] = starts.as_slice() else {
        return Err("its line is met in several stretches");
    };
    let long = own.iter().filter(|is_own| **is_own).count();
    let corner = |at: usize| outline[(start + at) % count];
    let mine: Vec<Coord<f64>> = (0..=long).map(corner).collect();
    // From the beginning of the own stretch to its end, the other way round.
    let theirs: Vec<Coord<f64>> = (long..=count).rev().map(corner).collect();
    let mut is_done = false;
    let edited = each_ring(shape, &mut |ring| {
        let new = with_path(&ring, &mine, &theirs);
        is_done |= new.is_some();
        new.unwrap_or(ring)
    });
    if is_done {
        Ok(edited)
    } else {
        Err("its line does not pass there")
    }
}

/// A ring with one path along it replaced by another between the same ends.
fn with_path(
    ring: &[Coord<f64>],
    mine: &[Coord<f64>],
    theirs: &[Coord<f64>],
) -> Option<Vec<Coord<f64>>> {
    let open = ring.len().checked_sub(1)? as f64;
    let (first, last) = (*mine.first()?, *mine.last()?);
    let probe = mine[0] + (mine[1] - mine[0]) / 2.0;
    let (from, way, to) = (
        spot_of(ring, first)?,
        spot_of(ring, probe)?,
        spot_of(ring, last)?,
    );
    let ahead = |spot: f64| (spot - from).rem_euclid(open);
    let is_forward = ahead(way) < ahead(to);
    let (begin, end, path): (f64, f64, Vec<Coord<f64>>) = if is_forward {
        (from, to, theirs.to_vec())
    } else {
        (to, from, theirs.iter().rev().copied().collect())
    };
    // What is kept lies after the end of the path and before its beginning.
    let left = (begin - end).rem_euclid(open);
    let mut kept: Vec<(f64, Coord<f64>)> = ring[..ring.len() - 1]
        .iter()
        .enumerate()
        .map(|(at, c)| ((at as f64 - end).rem_euclid(open), *c))
        .filter(|(after, _)| *after > 0.0 && *after < left)
        .collect();
    kept.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut new = path;
    new.extend(kept.into_iter().map(|(_, c)| c));
    new.dedup();
    let first = *new.first()?;
    if new.last() != Some(&first) {
        new.push(first);
    }
    (new.len() > 3).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(points: &[(f64, f64)]) -> Vec<Coord<f64>> {
        let first = points.first();
        let all = points.iter().chain(first);
        all.map(|&(x, y)| Coord { x, y }).collect()
    }

    fn part(ring: &[Coord<f64>]) -> Polygon<f64> {
        Polygon::new(LineString(ring.to_vec()), Vec::new())
    }

    #[test]
    fn a_path_is_replaced_whichever_way_the_ring_runs() {
        let mut square = ring(&[(0., 0.), (4., 0.), (4., 4.), (2., 5.), (0., 4.)]);
        // The roof is flattened.
        let face = ring(&[(4., 4.), (2., 5.), (0., 4.), (2., 4.)]);
        let own = [true, true, false, false];
        for _ in 0..2 {
            let flat = replaced(&[part(&square)], &face, &own).unwrap();
            let corners = &flat[0].exterior().0;
            assert_eq!(corners.len(), 6, "{corners:?}");
            assert!(!corners.contains(&Coord { x: 2., y: 5. }));
            assert!(corners.contains(&Coord { x: 2., y: 4. }));
            assert!((crate::plane::double_area(corners).abs() - 32.0).abs() < 1e-12);
            square.reverse();
        }
    }

    #[test]
    fn a_path_may_begin_and_end_within_edges() {
        let square = ring(&[(0., 0.), (4., 0.), (4., 4.), (0., 4.)]);
        // A bite between two places of the upper edge.
        let face = ring(&[(3., 4.), (1., 4.), (2., 3.)]);
        let bitten = replaced(&[part(&square)], &face, &[true, false, false]).unwrap();
        let corners = &bitten[0].exterior().0;
        assert!(
            (crate::plane::double_area(corners).abs() / 2.0 - 15.0).abs() < 1e-12,
            "{corners:?}"
        );
        let elsewhere = ring(&[(13., 4.), (11., 4.), (12., 3.)]);
        assert!(replaced(&[part(&square)], &elsewhere, &[true, false, false]).is_err());
    }
}
