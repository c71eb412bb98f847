//! Cutting lines and rings to a tile and its buffer, on integers.
//!
//! Where a segment crosses a side, the crossing is computed from the segment's lower end to its
//! higher one, whichever way it is walked: both users of a line get the same point.

use zhifang_topology::grid_parts;

use crate::mvt::EXTENT;

/// A position in tile coordinates: x to the east, y to the south.
pub(crate) type TilePoint = [i32; 2];

/// Steps beyond the tile's sides that are kept, so that line ends and outlines do not show.
pub(crate) const BUFFER: i32 = 64;

/// Smallest coordinate that is kept.
pub(crate) const LOW: i32 = -BUFFER;

/// Largest coordinate that is kept.
pub(crate) const HIGH: i32 = EXTENT.cast_signed() + BUFFER;

/// A side of the kept square.
#[derive(Debug, Clone, Copy)]
struct Side {
    axis: usize,
    limit: i32,
    keeps_above: bool,
}

const SIDES: [Side; 4] = [
    Side {
        axis: 0,
        limit: LOW,
        keeps_above: true,
    },
    Side {
        axis: 0,
        limit: HIGH,
        keeps_above: false,
    },
    Side {
        axis: 1,
        limit: LOW,
        keeps_above: true,
    },
    Side {
        axis: 1,
        limit: HIGH,
        keeps_above: false,
    },
];

impl Side {
    fn keeps(self, point: TilePoint) -> bool {
        if self.keeps_above {
            point[self.axis] >= self.limit
        } else {
            point[self.axis] <= self.limit
        }
    }

    /// Where the segment crosses the side; one end is kept, the other is not.
    fn crossing(self, a: TilePoint, b: TilePoint) -> TilePoint {
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        let (axis, other) = (self.axis, 1 - self.axis);
        let [run, rise, along] = [
            i64::from(high[axis]) - i64::from(low[axis]),
            i64::from(high[other]) - i64::from(low[other]),
            i64::from(self.limit) - i64::from(low[axis]),
        ];
        // Rounded to the nearest, halves up: twice the quotient plus one, halved downwards.
        let product = i128::from(rise) * i128::from(along);
        let run = i128::from(run);
        let offset = (2 * product + run).div_euclid(2 * run);
        let mut point = [0; 2];
        point[axis] = self.limit;
        point[other] = (i128::from(low[other]) + offset) as i32;
        point
    }
}

/// Whether a box of coordinates lies wholly beyond one side of the kept square.
pub(crate) fn is_beyond(low: TilePoint, high: TilePoint) -> bool {
    (0..2).any(|axis| high[axis] < LOW || low[axis] > HIGH)
}

/// Whether the point is kept.
pub(crate) fn is_kept(point: TilePoint) -> bool {
    point.iter().all(|number| (LOW..=HIGH).contains(number))
}

/// A ring cut to the kept square (Sutherland & Hodgman 1974), first point not repeated. Stretches
/// along the square's sides may run to and fro; [`parts`] puts that in order.
fn clip_ring(ring: Vec<TilePoint>) -> Vec<TilePoint> {
    let mut ring = ring;
    for side in SIDES {
        if ring.iter().all(|point| side.keeps(*point)) {
            continue;
        }
        let mut kept = Vec::with_capacity(ring.len());
        for (at, &point) in ring.iter().enumerate() {
            let before = ring[(at + ring.len() - 1) % ring.len()];
            match (side.keeps(before), side.keeps(point)) {
                (true, true) => kept.push(point),
                (true, false) => kept.push(side.crossing(before, point)),
                (false, true) => {
                    kept.push(side.crossing(before, point));
                    kept.push(point);
                }
                (false, false) => {}
            }
        }
        ring = kept;
    }
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    ring
}

/// Parts of a polygon within the kept square, from its rings (inside on the left, north up).
///
/// Simple rings again: pieces that hang together only along the square's side come apart.
pub(crate) fn parts(rings: impl IntoIterator<Item = Vec<TilePoint>>) -> Vec<Vec<Vec<TilePoint>>> {
    let mut edges: Vec<[TilePoint; 2]> = Vec::new();
    let mut on_sides: [Vec<[TilePoint; 2]>; 4] = Default::default();
    let mut stops: [Vec<i32>; 4] = Default::default();
    for ring in rings {
        let ring = clip_ring(ring);
        for (at, &a) in ring.iter().enumerate() {
            let b = ring[(at + 1) % ring.len()];
            let side = SIDES
                .iter()
                .position(|side| a[side.axis] == side.limit && b[side.axis] == side.limit);
            match side {
                Some(side) => on_sides[side].push([a, b]),
                None => edges.push([a, b]),
            }
            for (side, stops) in SIDES.iter().zip(&mut stops) {
                if a[side.axis] == side.limit {
                    stops.push(a[1 - side.axis]);
                }
            }
        }
    }
    for ((side, runs), stops) in SIDES.iter().zip(&on_sides).zip(&mut stops) {
        stops.sort_unstable();
        stops.dedup();
        let other = 1 - side.axis;
        for [a, b] in runs {
            let (low, high) = (a[other].min(b[other]), a[other].max(b[other]));
            let inner = stops.partition_point(|stop| *stop < low)
                ..stops.partition_point(|stop| *stop <= high);
            for pair in stops[inner].windows(2) {
                let at = |number: i32| {
                    let mut point = *a;
                    point[other] = number;
                    point
                };
                let step = [at(pair[0]), at(pair[1])];
                edges.push(if a[other] < b[other] {
                    step
                } else {
                    [step[1], step[0]]
                });
            }
        }
    }
    let mut parts = grid_parts(&edges);
    for ring in parts.iter_mut().flatten() {
        thin_sides(ring);
    }
    parts
}

/// Takes out points in the middle of a stretch along a side of the square.
fn thin_sides(ring: &mut Vec<TilePoint>) {
    let n = ring.len();
    let is_idle = |at: usize| {
        let (a, b, c) = (ring[(at + n - 1) % n], ring[at], ring[(at + 1) % n]);
        SIDES
            .iter()
            .any(|side| [a, b, c].iter().all(|p| p[side.axis] == side.limit))
    };
    let idle: Vec<bool> = (0..n).map(is_idle).collect();
    if idle.iter().filter(|is_idle| !**is_idle).count() >= 3 {
        let mut at = 0;
        ring.retain(|_| {
            at += 1;
            !idle[at - 1]
        });
    }
}

/// The pieces of a line within the kept square.
pub(crate) fn clip_line(line: &[TilePoint]) -> Vec<Vec<TilePoint>> {
    let mut pieces: Vec<Vec<TilePoint>> = Vec::new();
    let mut is_open = false;
    for pair in line.windows(2) {
        let Some([a, b]) = clip_segment(pair[0], pair[1]) else {
            is_open = false;
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if is_open && piece.last() == Some(&a) => piece.push(b),
            _ => pieces.push(vec![a, b]),
        }
        is_open = b == pair[1];
    }
    for piece in &mut pieces {
        piece.dedup();
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

fn clip_segment(a: TilePoint, b: TilePoint) -> Option<[TilePoint; 2]> {
    let [mut a, mut b] = [a, b];
    for side in SIDES {
        match (side.keeps(a), side.keeps(b)) {
            (true, true) => {}
            (true, false) => b = side.crossing(a, b),
            (false, true) => a = side.crossing(a, b),
            (false, false) => return None,
        }
    }
    Some([a, b])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Twice the area, positive for exteriors with north up.
    fn double_area(ring: &[TilePoint]) -> i64 {
        (0..ring.len())
            .map(|at| {
                let (a, b) = (
                    ring[at].map(i64::from),
                    ring[(at + 1) % ring.len()].map(i64::from),
                );
                b[0] * a[1] - a[0] * b[1]
            })
            .sum()
    }

    #[test]
    fn a_polygon_round_the_tile_becomes_the_square() {
        let ring = vec![[-9000, 9000], [9000, 9000], [9000, -9000], [-9000, -9000]];
        let parts = parts([ring]);
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0][0].len(), 4);
        assert_eq!(double_area(&parts[0][0]), 2 * i64::from(HIGH - LOW).pow(2));
    }

    #[test]
    fn a_horseshoe_that_reaches_out_of_the_tile_comes_apart() {
        let ring = vec![
            [-5000, 1000],
            [2000, 1000],
            [2000, 500],
            [-1000, 500],
            [-1000, 300],
            [2000, 300],
            [2000, 100],
            [-5000, 100],
        ];
        let parts = parts([ring]);
        assert_eq!(parts.len(), 2, "{parts:?}");
        assert!(
            parts
                .iter()
                .flatten()
                .all(|ring| ring.len() == 4 && double_area(ring) > 0)
        );
    }

    proptest! {
        #[test]
        fn both_ways_along_a_segment_cross_at_the_same_points(
            a in [-20_000..20_000, -20_000..20_000], b in [-20_000..20_000, -20_000..20_000]
        ) {
            let there = clip_segment(a, b);
            let back = clip_segment(b, a).map(|[b, a]| [a, b]);
            prop_assert_eq!(there, back);
            for point in there.into_iter().flatten() {
                prop_assert!(is_kept(point));
            }
        }

        #[test]
        fn a_split_square_fits_together_again(y in -3000_i32..7000, dip in -3000_i32..7000) {
            let north = vec![[-9000, -9000], [-9000, y], [2000, dip], [9000, y], [9000, -9000]];
            let south = vec![[-9000, y], [-9000, 9000], [9000, 9000], [9000, y], [2000, dip]];
            let area = |ring| -> i64 {
                parts([ring]).iter().flatten().map(|ring| double_area(ring)).sum()
            };
            prop_assert_eq!(area(north) + area(south), 2 * i64::from(HIGH - LOW).pow(2));
        }
    }
}
