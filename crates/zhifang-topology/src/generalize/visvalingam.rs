//! From which zoom each vertex of a line is drawn.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{EXTENT, LAST_GENERALIZED_ZOOM, TOLERANCE_STEPS};

/// Zoom from which each vertex is drawn; ends 0, vertices that no generalised zoom needs
/// [`LAST_GENERALIZED_ZOOM`] + 1. O(n log n).
pub(super) fn zooms(world: &[[f64; 2]]) -> Vec<u8> {
    let n = world.len();
    let mut zooms = vec![0_u8; n];
    if n < 3 {
        return zooms;
    }
    let mut before: Vec<u32> = (0..n as u32).map(|at| at.saturating_sub(1)).collect();
    let mut after: Vec<u32> = (1..=n as u32).collect();
    let area = |a: u32, b: u32, c: u32| {
        let [a, b, c] = [a, b, c].map(|at| world[at as usize]);
        ((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])).abs() / 2.0
    };
    let mut current = vec![f64::INFINITY; n];
    let mut heap = BinaryHeap::with_capacity(n);
    // Bits of numbers that are not negative stand in the order of the numbers.
    for at in 1..n as u32 - 1 {
        current[at as usize] = area(at - 1, at, at + 1);
        heap.push(Reverse((current[at as usize].to_bits(), at)));
    }
    let mut reached = 0.0_f64;
    while let Some(Reverse((bits, at))) = heap.pop() {
        let here = at as usize;
        if current[here].to_bits() != bits {
            continue;
        }
        // A vertex counts for no less than those that went before it.
        reached = reached.max(current[here]);
        zooms[here] = first_zoom(reached);
        current[here] = f64::NAN;
        let (left, right) = (before[here], after[here]);
        after[left as usize] = right;
        before[right as usize] = left;
        for side in [left, right] {
            if side > 0 && (side as usize) < n - 1 {
                let fresh = area(before[side as usize], side, after[side as usize]);
                current[side as usize] = fresh;
                heap.push(Reverse((fresh.to_bits(), side)));
            }
        }
    }
    zooms
}

/// The first zoom whose tolerance an effective area (in parts of the world's square) reaches.
fn first_zoom(area: f64) -> u8 {
    let steps = area.sqrt() * f64::from(EXTENT);
    (0..=LAST_GENERALIZED_ZOOM)
        .find(|&zoom| steps * f64::from(1_u32 << zoom) >= TOLERANCE_STEPS)
        .unwrap_or(LAST_GENERALIZED_ZOOM + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corner_comes_in_at_the_zoom_where_it_is_half_a_pixel() {
        // Half of base times height: 2 · 10⁻⁶ of the world's width squared each way.
        let line = [[0.5, 0.5], [0.501, 0.504], [0.502, 0.5]];
        let area: f64 = 0.002 * 0.004 / 2.0;
        let expected = (4.0 / (area.sqrt() * 4096.0)).log2().ceil().max(0.0) as u8;
        assert_eq!(zooms(&line), [0, expected, 0]);
    }

    #[test]
    fn a_straight_line_needs_its_ends_only() {
        let line: Vec<[f64; 2]> = (0..9).map(|x| [f64::from(x) * 0.125, 0.25]).collect();
        let zooms = zooms(&line);
        assert!(
            zooms[1..8]
                .iter()
                .all(|&zoom| zoom == LAST_GENERALIZED_ZOOM + 1)
        );
    }
}
