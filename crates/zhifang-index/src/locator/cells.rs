//! A quadtree of cells: wholly inside units, or crossed by their edges.

use geo::Coord;
use rustc_hash::FxHashMap;
use zhifang_core::{Bbox, LonLat};

use super::Unit;
use crate::table::is_finite;

/// Steps along each side of the whole square, as a power of two.
const BITS: u32 = 20;

/// Splits at most: the smallest cell is 2⁷ steps wide (0.0076° in a square as wide as China).
const MAX_DEPTH: u32 = 13;

/// Edges that a cell may have without being split.
const FEW_EDGES: usize = 16;

/// Steps by which a cell is widened before edges are tested, so that no rounding, here or
/// where a point is given its cell, can lose an edge.
const PAD: f32 = 2.0;

/// Marks a node that is a leaf; the rest is where its list begins.
const LEAF: u32 = 1 << 31;

/// Cells over all units.
#[derive(Debug)]
pub(super) struct Cells {
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
    pub(super) fn build(units: &[Unit]) -> Self {
        let boxes = units.iter().map(|unit| unit.area.bbox()).filter(is_finite);
        let bbox = boxes.reduce(|all, one| all.union(&one)).unwrap_or(Bbox {
            west: 0.0,
            south: 0.0,
            east: 0.0,
            north: 0.0,
        });
        let steps = |extent: f64| {
            if extent > 0.0 {
                f64::from(1 << BITS) / extent
            } else {
                0.0
            }
        };
        let steps_per_degree = (steps(bbox.east - bbox.west), steps(bbox.north - bbox.south));
        let cells = Self {
            bbox,
            steps_per_degree,
            root: 0,
            nodes: Vec::new(),
            lists: Vec::new(),
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
        let mut builder = Builder {
            cells,
            units,
            known: FxHashMap::default(),
        };
        let square = Square {
            west: 0,
            south: 0,
            depth: 0,
        };
        let root = builder.node(square, edges, &[]);
        let mut cells = builder.cells;
        cells.root = root;
        cells.nodes.shrink_to_fit();
        cells.lists.shrink_to_fit();
        cells
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
    pub(super) fn entries(&self, place: LonLat) -> &[u32] {
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

struct Builder<'a> {
    cells: Cells,
    units: &'a [Unit],
    /// Lists that stand already, so that like cells share one.
    known: FxHashMap<Box<[u32]>, u32>,
}

impl Builder<'_> {
    /// The node of a square, given the edges that may meet it and the units that it lies
    /// wholly inside.
    fn node(&mut self, square: Square, edges: Vec<Edge>, inside: &[u32]) -> u32 {
        if edges.len() <= FEW_EDGES || square.depth == MAX_DEPTH {
            return self.leaf(&edges, inside);
        }
        let quarters = quarter(square, &edges);
        // Edges longer than the cell lie in many quarters: splitting makes more, not less.
        let total: usize = quarters.iter().map(Vec::len).sum();
        if 4 * total > 7 * edges.len() {
            return self.leaf(&edges, inside);
        }
        let crossing = units_of(&edges);
        drop(edges);
        let at = self.cells.nodes.len();
        self.cells.nodes.push([LEAF; 4]);
        for (number, edges) in quarters.into_iter().enumerate() {
            let part = square.quarter(number);
            let middle = f64::from(part.side()) / 2.0;
            let place = self.cells.place(
                f64::from(part.west) + middle,
                f64::from(part.south) + middle,
            );
            let still = units_of(&edges);
            let mut within = inside.to_vec();
            // No edge of these meets the quarter: its middle speaks for all of it.
            within.extend(crossing.iter().filter(|unit| {
                still.binary_search(unit).is_err() && self.units[**unit as usize].area.covers(place)
            }));
            let node = self.node(part, edges, &within);
            self.cells.nodes[at][number] = node;
        }
        at as u32
    }

    fn leaf(&mut self, edges: &[Edge], inside: &[u32]) -> u32 {
        let mut list: Vec<u32> = units_of(edges).iter().map(|unit| 2 * unit + 1).collect();
        list.extend(inside.iter().map(|unit| 2 * unit));
        list.sort_unstable();
        if let Some(start) = self.known.get(list.as_slice()) {
            return LEAF | *start;
        }
        let start = self.cells.lists.len() as u32;
        self.cells.lists.push(list.len() as u32);
        self.cells.lists.extend_from_slice(&list);
        self.known.insert(list.into_boxed_slice(), start);
        LEAF | start
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
