//! A quadtree of cells: wholly inside units, or crossed by their edges.

mod build;

use geo::Coord;
use zhifang_core::{Bbox, LonLat};

use super::Unit;
use crate::table::is_finite;
use build::{Builder, Edge};

/// Steps along each side of the whole square, as a power of two.
const BITS: u32 = 20;

/// Splits at most: the smallest cell is 2⁵ steps wide (0.002° in a square as wide as China).
const MAX_DEPTH: u32 = 15;

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
