//! How cells are made: the heaviest is split first, until the splits are used up.

use std::array;

use rustc_hash::FxHashMap;

use super::{BITS, Cells, LEAF, MAX_DEPTH};
use crate::locator::Unit;

/// Edges for which one split may be made. With this many the nation's crossed cells are about
/// 2 km wide, a tenth of its ground, and the nodes take 4 MB.
const EDGES_PER_SPLIT: usize = 8;

/// Splits that the smallest coverage may have.
const LEAST_SPLITS: usize = 256;

/// Copies of an edge, on average, that the cells may hold while they are made: edges longer
/// than the cells lie in many.
const COPIES: usize = 4;

/// Steps by which a cell is widened before edges are tested, so that no rounding, here or
/// where a point is given its cell, can lose an edge.
const PAD: f32 = 2.0;

/// An edge of a unit in steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) unit: u32,
    pub(super) a: (f32, f32),
    pub(super) b: (f32, f32),
}

/// A square of cells in steps.
#[derive(Debug, Clone, Copy)]
struct Square {
    west: u32,
    south: u32,
    depth: u32,
}

impl Square {
    fn side(self) -> u32 {
        1 << (BITS - self.depth)
    }

    fn quarter(self, number: usize) -> Self {
        let half = self.side() / 2;
        let (east, north) = (number as u32 & 1, number as u32 >> 1);
        Self {
            west: self.west + east * half,
            south: self.south + north * half,
            depth: self.depth + 1,
        }
    }
}

/// A cell that edges cross and that may still be split.
struct Pending {
    square: Square,
    edges: Vec<Edge>,
    /// Units that the cell lies wholly inside.
    inside: Vec<u32>,
    /// The node and the quarter that it hangs on; `None` for the root.
    hangs_on: Option<(usize, usize)>,
}

impl Pending {
    /// The edges that a point of the whole square meets here on average.
    fn weight(&self) -> u64 {
        let side = u64::from(self.square.side());
        side * side * self.edges.len() as u64
    }
}

/// Makes the cells over some units.
pub(super) struct Builder<'a> {
    cells: Cells,
    units: &'a [Unit],
    /// Cells to split, by the binary logarithm of their weights.
    queue: [Vec<Pending>; 64],
    /// Splits that are left.
    splits: usize,
    /// Edges that the pending cells may still come to hold together.
    room: usize,
    /// Lists that stand already, so that like cells share one.
    known: FxHashMap<Box<[u32]>, u32>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(cells: Cells, units: &'a [Unit], edges: usize) -> Self {
        Self {
            cells,
            units,
            queue: array::from_fn(|_| Vec::new()),
            splits: edges / EDGES_PER_SPLIT + LEAST_SPLITS,
            room: edges * COPIES + LEAST_SPLITS,
            known: FxHashMap::default(),
        }
    }

    pub(super) fn run(mut self, edges: Vec<Edge>) -> Cells {
        let square = Square {
            west: 0,
            south: 0,
            depth: 0,
        };
        self.put(square, edges, Vec::new(), None);
        while let Some(pending) = self.queue.iter_mut().rev().find_map(Vec::pop) {
            self.split(&pending);
        }
        self.cells.nodes.shrink_to_fit();
        self.cells.lists.shrink_to_fit();
        self.cells
    }

    fn put(
        &mut self,
        square: Square,
        edges: Vec<Edge>,
        inside: Vec<u32>,
        hangs_on: Option<(usize, usize)>,
    ) {
        let pending = Pending {
            square,
            edges,
            inside,
            hangs_on,
        };
        if pending.edges.is_empty() || square.depth == MAX_DEPTH {
            self.leaf(&pending);
        } else {
            self.queue[pending.weight().ilog2() as usize].push(pending);
        }
    }

    fn split(&mut self, pending: &Pending) {
        if self.splits == 0 {
            return self.leaf(pending);
        }
        let quarters = quarter(pending.square, &pending.edges);
        let total: usize = quarters.iter().map(Vec::len).sum();
        let more = total.saturating_sub(pending.edges.len());
        if more > self.room {
            return self.leaf(pending);
        }
        self.splits -= 1;
        self.room -= more;
        let crossing = units_of(&pending.edges);
        let at = self.cells.nodes.len();
        self.cells.nodes.push([LEAF; 4]);
        self.hang(pending.hangs_on, at as u32);
        for (number, edges) in quarters.into_iter().enumerate() {
            let part = pending.square.quarter(number);
            let middle = f64::from(part.side()) / 2.0;
            let place = self.cells.place(
                f64::from(part.west) + middle,
                f64::from(part.south) + middle,
            );
            let still = units_of(&edges);
            let mut inside = pending.inside.clone();
            // No edge of these meets the quarter: its middle speaks for all of it.
            inside.extend(crossing.iter().filter(|unit| {
                still.binary_search(unit).is_err() && self.units[**unit as usize].area.covers(place)
            }));
            self.put(part, edges, inside, Some((at, number)));
        }
    }

    fn hang(&mut self, on: Option<(usize, usize)>, node: u32) {
        match on {
            Some((at, number)) => self.cells.nodes[at][number] = node,
            None => self.cells.root = node,
        }
    }

    fn leaf(&mut self, pending: &Pending) {
        let mut list: Vec<u32> = units_of(&pending.edges)
            .iter()
            .map(|unit| 2 * unit + 1)
            .collect();
        list.extend(pending.inside.iter().map(|unit| 2 * unit));
        list.sort_unstable();
        let start = self.known.get(list.as_slice()).copied().unwrap_or_else(|| {
            let start = self.cells.lists.len() as u32;
            self.cells.lists.push(list.len() as u32);
            self.cells.lists.extend_from_slice(&list);
            self.known.insert(list.into_boxed_slice(), start);
            start
        });
        self.hang(pending.hangs_on, LEAF | start);
    }
}

/// Units of the edges, ascending.
fn units_of(edges: &[Edge]) -> Vec<u32> {
    let mut units: Vec<u32> = edges.iter().map(|edge| edge.unit).collect();
    units.sort_unstable();
    units.dedup();
    units
}

/// The edges that may meet each quarter of the square.
fn quarter(square: Square, edges: &[Edge]) -> [Vec<Edge>; 4] {
    let mut quarters: [Vec<Edge>; 4] = Default::default();
    let half = (square.side() / 2) as f32;
    let (middle_x, middle_y) = (square.west as f32 + half, square.south as f32 + half);
    for edge in edges {
        let columns = halves(edge.a.0, edge.b.0, middle_x);
        let rows = halves(edge.a.1, edge.b.1, middle_y);
        let slanted = columns == [true; 2] && rows == [true; 2];
        for (number, found) in quarters.iter_mut().enumerate() {
            if !(columns[number & 1] && rows[number >> 1]) {
                continue;
            }
            let part = square.quarter(number);
            if !slanted || line_meets(edge, part) {
                found.push(*edge);
            }
        }
    }
    quarters
}

/// Whether an extent reaches the lower half, and the upper half.
fn halves(a: f32, b: f32, middle: f32) -> [bool; 2] {
    [a.min(b) <= middle + PAD, a.max(b) >= middle - PAD]
}

/// Whether the edge's line meets the widened square: its middle is no farther from the line
/// than a corner can be.
fn line_meets(edge: &Edge, square: Square) -> bool {
    let wide = |number: f32| f64::from(number);
    let half = f64::from(square.side()) / 2.0;
    let reach = half + wide(PAD);
    let (dx, dy) = (
        wide(edge.b.0) - wide(edge.a.0),
        wide(edge.b.1) - wide(edge.a.1),
    );
    let px = f64::from(square.west) + half - wide(edge.a.0);
    let py = f64::from(square.south) + half - wide(edge.a.1);
    (dx * py - dy * px).abs() <= reach * (dx.abs() + dy.abs())
}
