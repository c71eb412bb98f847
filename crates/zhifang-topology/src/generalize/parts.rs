//! Parts out of loose edges on the grid, for pieces that a tile cuts out.

use super::GridPoint;
use crate::trace::{Directed, group_rings, trace};

/// Parts (exterior first, then holes; first point not repeated) bounded by directed edges with
/// the inside on their left (north up, while y grows to the south).
///
/// Edges that run against each other cancel out; rings without area are left out. Edges that do
/// not close give nothing.
///
/// ```
/// use zhifang_topology::grid_parts;
/// // Counterclockwise on a map with north up, so clockwise by the numbers.
/// let ring = [[0, 10], [10, 10], [10, 0], [0, 0]];
/// let edges: Vec<_> = (0..4).map(|at| [ring[at], ring[(at + 1) % 4]]).collect();
/// assert_eq!(grid_parts(&edges), [[vec![[0, 0], [0, 10], [10, 10], [10, 0]]]]);
/// ```
pub fn grid_parts(edges: &[[GridPoint; 2]]) -> Vec<Vec<Vec<GridPoint>>> {
    let mut sorted: Vec<(GridPoint, GridPoint, bool)> = edges
        .iter()
        .filter(|[a, b]| a != b)
        .map(|&[a, b]| (a.min(b), a.max(b), a > b))
        .collect();
    sorted.sort_unstable();
    let mut kept: Vec<[GridPoint; 2]> = Vec::with_capacity(sorted.len());
    for same in sorted.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let backwards = same.iter().filter(|edge| edge.2).count();
        let (low, high, _) = same[0];
        match (same.len() - backwards).cmp(&backwards) {
            std::cmp::Ordering::Greater => kept.push([low, high]),
            std::cmp::Ordering::Less => kept.push([high, low]),
            std::cmp::Ordering::Equal => {}
        }
    }
    let mut nodes: Vec<GridPoint> = kept.iter().map(|edge| edge[0]).collect();
    nodes.sort_unstable();
    nodes.dedup();
    // A point that no edge leaves is unknown here and makes the trace fail.
    let number = |point: GridPoint| nodes.binary_search(&point).map_or(u32::MAX, |at| at as u32);
    let items: Vec<Directed> = kept
        .iter()
        .map(|&[a, b]| {
            let step = [
                f64::from(b[0]) - f64::from(a[0]),
                f64::from(a[1]) - f64::from(b[1]),
            ];
            Directed {
                from: number(a),
                to: number(b),
                leave: step,
                arrive: step,
            }
        })
        .collect();
    let Ok(rings) = trace(&items) else {
        return Vec::new();
    };
    let rings: Vec<Vec<GridPoint>> = rings
        .iter()
        .map(|ring| ring.iter().map(|&item| kept[item as usize][0]).collect())
        .collect();
    let north_up: Vec<Vec<[f64; 2]>> = rings
        .iter()
        .map(|ring| {
            ring.iter()
                .map(|p| [f64::from(p[0]), -f64::from(p[1])])
                .collect()
        })
        .collect();
    let (parts, _) = group_rings(&north_up);
    parts
        .iter()
        .map(|part| part.iter().map(|&ring| rings[ring].clone()).collect())
        .collect()
}
