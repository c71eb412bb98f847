//! A quadtree of cells: wholly inside units, or crossed by their edges.

use std::array;

use geo::Coord;
use rustc_hash::FxHashMap;
use zhifang_core::{Bbox, LonLat};

use super::Unit;
use crate::table::is_finite;

/// Steps along each side of the whole square, as a power of two.
const BITS: u32 = 20;

/// Splits at most: the smallest cell is 2⁵ steps wide (0.002° in a square as wide as China).
const MAX_DEPTH: u32 = 15;

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

/// Marks a node that is a leaf; the rest is where its list begins.
const LEAF: u32 = 1 << 31;

/// Cells over all units.
#[derive(Debug)]
pub(crate) struct Cells {
    bbox: Bbox,
    steps_per_degree: (f64, f64),
    root: u32,
    /// Four children together: south-west, south-east, north-west, north-east.
    nodes: Vec<[u32; 4]>,
    /// Lists of a length and that many entries: twice the unit's number, plus 1 where the
    /// unit's edges cross the cell and geometry must tell. Sorted by unit.
    lists: Vec<u32>,
}

/// An edge of a unit in steps.
#[derive(Debug, Clone, Copy)]
struct Edge {
    unit: u32,
    a: (f32, f32),
    b: (f32, f32),
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

impl Cells {
    pub(crate) fn build(units: &[Unit]) -> Self {
        let boxes = units.iter().map(|unit| unit.area.bbox()).filter(is_finite);
        let bbox = boxes.reduce(|all, one| all.union(&one)).unwrap_or(Bbox {
            west: 0.0,
            south: 0.0,
            east: 0.0,
            north: 0.0,
        });
        let steps_per_degree = steps_per_degree(&bbox);
        let (nodes, lists) = (Vec::new(), Vec::new());
        let cells = Self {
            bbox,
            steps_per_degree,
            root: 0,
            nodes,
            lists,
        };
        let mut edges = Vec::new();
        for (unit, number) in units.iter().zip(0..) {
            if is_finite(&unit.area.bbox()) {
                edges.extend(unit.area.edges().map(|(a, b)| Edge {
                    unit: number,
                    a: cells.steps(a),
                    b: cells.steps(b),
                }));
            }
        }
        Builder::new(cells, units, edges.len()).run(edges)
    }

    /// What it is made of, for storing.
    pub(crate) fn parts(&self) -> CellParts<'_> {
        CellParts {
            bbox: self.bbox,
            root: self.root,
            nodes: &self.nodes,
            lists: &self.lists,
        }
    }

    /// Cells that were stored; `None` when they cannot be cells over so many units.
    pub(crate) fn from_parts(
        bbox: Bbox,
        root: u32,
        nodes: Vec<[u32; 4]>,
        lists: Vec<u32>,
        units: usize,
    ) -> Option<Self> {
        // A length is at most the number of units, so that one bound holds for all.
        let in_range = lists
            .iter()
            .all(|entry| (*entry as usize) < (2 * units).max(1));
        let ends_inside = |start: usize| {
            lists
                .get(start)
                .is_some_and(|length| start + (*length as usize) < lists.len())
        };
        let mut depths = vec![0_u32; nodes.len()];
        let mut leads_on = |node: u32, from: Option<usize>| {
            let depth = from.map_or(0, |from| depths[from] + 1);
            if node & LEAF != 0 {
                return ends_inside((node & !LEAF) as usize);
            }
            // Children stand after their parents: there is no way back.
            let is_after = from.is_none_or(|from| node as usize > from);
            match depths.get_mut(node as usize) {
                Some(slot) if is_after && depth < MAX_DEPTH => {
                    *slot = depth.max(*slot);
                    true
                }
                _ => false,
            }
        };
        let is_tree = leads_on(root, None)
            && nodes
                .iter()
                .enumerate()
                .all(|(at, children)| children.iter().all(|child| leads_on(*child, Some(at))));
        let steps_per_degree = steps_per_degree(&bbox);
        (in_range && is_tree).then_some(Self {
            bbox,
            steps_per_degree,
            root,
            nodes,
            lists,
        })
    }

    fn steps(&self, c: Coord<f64>) -> (f32, f32) {
        let x = (c.x - self.bbox.west) * self.steps_per_degree.0;
        let y = (c.y - self.bbox.south) * self.steps_per_degree.1;
        (x as f32, y as f32)
    }

    /// The place of a point given in steps.
    fn place(&self, x: f64, y: f64) -> LonLat {
        let degrees = |steps: f64, scale: f64| if scale > 0.0 { steps / scale } else { 0.0 };
        LonLat::new(
            self.bbox.west + degrees(x, self.steps_per_degree.0),
            self.bbox.south + degrees(y, self.steps_per_degree.1),
        )
    }

    /// The entries of the cell that holds the place: twice the unit's number, plus 1 where
    /// geometry must tell. None outside.
    pub(crate) fn entries(&self, place: LonLat) -> &[u32] {
        if !self.bbox.contains(place) {
            return &[];
        }
        let last = (1_u32 << BITS) - 1;
        let x = (((place.lon - self.bbox.west) * self.steps_per_degree.0) as u32).min(last);
        let y = (((place.lat - self.bbox.south) * self.steps_per_degree.1) as u32).min(last);
        let mut node = self.root;
        let mut shift = BITS;
        while node & LEAF == 0 {
            shift -= 1;
            let quarter = ((x >> shift) & 1) | (((y >> shift) & 1) << 1);
            node = self.nodes[node as usize][quarter as usize];
        }
        let start = (node & !LEAF) as usize;
        let length = self.lists[start] as usize;
        &self.lists[start + 1..=start + length]
    }
}

/// What cells are made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CellParts<'a> {
    pub(crate) bbox: Bbox,
    pub(crate) root: u32,
    pub(crate) nodes: &'a [[u32; 4]],
    pub(crate) lists: &'a [u32],
}

fn steps_per_degree(bbox: &Bbox) -> (f64, f64) {
    let steps = |extent: f64| {
        if extent > 0.0 {
            f64::from(1 << BITS) / extent
        } else {
            0.0
        }
    };
    (steps(bbox.east - bbox.west), steps(bbox.north - bbox.south))
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

struct Builder<'a> {
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
    fn new(cells: Cells, units: &'a [Unit], edges: usize) -> Self {
        Self {
            cells,
            units,
            queue: array::from_fn(|_| Vec::new()),
            splits: edges / EDGES_PER_SPLIT + LEAST_SPLITS,
            room: edges * COPIES + LEAST_SPLITS,
            known: FxHashMap::default(),
        }
    }

    fn run(mut self, edges: Vec<Edge>) -> Cells {
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
