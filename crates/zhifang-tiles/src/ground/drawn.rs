//! Units and lines at one zoom, ready to be cut into tiles.

use rstar::{AABB, RTree, RTreeObject};
use zhifang_core::{DivisionCode, DivisionLevel, TileId};
use zhifang_topology::{GridPoint, ZoomCoverage, ZoomLine, ZoomUnit};

use super::Ground;
use crate::clip::{BUFFER, TilePoint, is_beyond};
use crate::mvt::EXTENT;

/// A box on the grid and what it belongs to.
#[derive(Debug)]
struct Boxed {
    low: GridPoint,
    high: GridPoint,
    at: u32,
}

impl RTreeObject for Boxed {
    type Envelope = AABB<[i32; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.low, self.high)
    }
}

/// The meaning of a line: its level and the deepest units on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LineMeaning {
    pub(crate) level: DivisionLevel,
    pub(crate) left: Option<DivisionCode>,
    pub(crate) right: Option<DivisionCode>,
}

/// Units and lines on the grid of a zoom with their search trees.
#[derive(Debug)]
pub(crate) struct Drawn {
    coverage: ZoomCoverage,
    units: RTree<Boxed>,
    lines: RTree<Boxed>,
    meanings: Vec<LineMeaning>,
}

impl Drawn {
    pub(super) fn new(coverage: ZoomCoverage, ground: &Ground) -> Self {
        let units = coverage
            .units()
            .iter()
            .zip(0..)
            .filter_map(|(unit, at)| {
                let (low, high) = unit_box(&coverage, unit)?;
                Some(Boxed { low, high, at })
            })
            .collect();
        let boxed = |(line, at): (&ZoomLine, u32)| Boxed {
            low: line.low(),
            high: line.high(),
            at,
        };
        let lines = coverage.lines().iter().zip(0..).map(boxed).collect();
        let meanings = coverage
            .lines()
            .iter()
            .map(|line| meaning(line, ground))
            .collect();
        Self {
            units: RTree::bulk_load(units),
            lines: RTree::bulk_load(lines),
            meanings,
            coverage,
        }
    }

    /// Units whose box meets the tile and its buffer, ascending by code.
    pub(crate) fn units_at(&self, tile: TileId) -> Vec<&ZoomUnit> {
        let mut found: Vec<u32> = self
            .units
            .locate_in_envelope_intersecting(self.window(tile))
            .map(|unit| unit.at)
            .collect();
        found.sort_unstable();
        found
            .into_iter()
            .map(|at| &self.coverage.units()[at as usize])
            .collect()
    }

    /// Lines whose box meets the tile and its buffer, with their meaning.
    pub(crate) fn lines_at(&self, tile: TileId) -> Vec<(LineMeaning, &ZoomLine)> {
        let mut found: Vec<u32> = self
            .lines
            .locate_in_envelope_intersecting(self.window(tile))
            .map(|line| line.at)
            .collect();
        found.sort_unstable();
        found
            .into_iter()
            .map(|at| {
                (
                    self.meanings[at as usize],
                    &self.coverage.lines()[at as usize],
                )
            })
            .collect()
    }

    pub(crate) fn meanings(&self) -> &[LineMeaning] {
        &self.meanings
    }

    /// How many zooms the grid lies above the tile's own.
    fn shift(&self, tile: TileId) -> u32 {
        u32::from(self.coverage.zoom().saturating_sub(tile.z()))
    }

    /// The tile and its buffer on the grid.
    fn window(&self, tile: TileId) -> AABB<[i32; 2]> {
        let shift = self.shift(tile);
        let side = |number: u32, offset: i32| {
            // One more step at either end for what rounding to the tile's grid may bring in.
            ((i64::from(number) * i64::from(EXTENT) + i64::from(offset)) << shift) as i32
        };
        let (low, high) = (-BUFFER - 1, EXTENT.cast_signed() + BUFFER + 1);
        AABB::from_corners(
            [side(tile.x(), low), side(tile.y(), low)],
            [side(tile.x(), high), side(tile.y(), high)],
        )
    }

    fn local(&self, tile: TileId, point: GridPoint) -> TilePoint {
        let shift = self.shift(tile);
        let half = (1_i32 << shift) >> 1;
        let origin = [tile.x() * EXTENT, tile.y() * EXTENT].map(u32::cast_signed);
        [0, 1].map(|axis| ((point[axis] + half) >> shift) - origin[axis])
    }

    /// The rings of a unit in tile coordinates; stretches that cannot matter are straightened.
    pub(crate) fn rings(&self, tile: TileId, unit: &ZoomUnit) -> Vec<Vec<TilePoint>> {
        unit.parts
            .iter()
            .flatten()
            .map(|steps| {
                let mut ring: Vec<TilePoint> = Vec::new();
                let mut push = |point: TilePoint| {
                    if ring.last() != Some(&point) {
                        ring.push(point);
                    }
                };
                for step in steps {
                    let line = &self.coverage.lines()[step.arc as usize];
                    let points = self.coverage.points(line);
                    let local = |point: &GridPoint| self.local(tile, *point);
                    if is_beyond(local(&line.low()), local(&line.high())) {
                        // All of it lies beyond one side, where only its ends can matter.
                        let mut ends = [points[0], points[points.len() - 1]];
                        if step.is_reversed {
                            ends.reverse();
                        }
                        ends.iter().map(local).for_each(&mut push);
                    } else if step.is_reversed {
                        points.iter().rev().map(local).for_each(&mut push);
                    } else {
                        points.iter().map(local).for_each(&mut push);
                    }
                }
                while ring.len() > 1 && ring.first() == ring.last() {
                    ring.pop();
                }
                ring
            })
            .collect()
    }

    /// The vertices of a line in tile coordinates.
    pub(crate) fn line(&self, tile: TileId, line: &ZoomLine) -> Vec<TilePoint> {
        let mut points: Vec<TilePoint> = self
            .coverage
            .points(line)
            .iter()
            .map(|point| self.local(tile, *point))
            .collect();
        points.dedup();
        points
    }
}

fn unit_box(coverage: &ZoomCoverage, unit: &ZoomUnit) -> Option<(GridPoint, GridPoint)> {
    unit.parts
        .iter()
        .flatten()
        .flatten()
        .map(|step| &coverage.lines()[step.arc as usize])
        .map(|line| (line.low(), line.high()))
        .reduce(|(low, high), (l, h)| {
            (
                [0, 1].map(|axis| low[axis].min(l[axis])),
                [0, 1].map(|axis| high[axis].max(h[axis])),
            )
        })
}

fn meaning(line: &ZoomLine, ground: &Ground) -> LineMeaning {
    let deepest = |units: &mut dyn Iterator<Item = usize>| {
        units.max_by_key(|&unit| (ground.units[unit].level, std::cmp::Reverse(unit)))
    };
    let left = deepest(&mut line.left_units().map(zhifang_topology::UnitIndex::index));
    let right = deepest(&mut line.right_units().map(zhifang_topology::UnitIndex::index));
    let top = line
        .left_units()
        .chain(line.right_units())
        .map(|unit| ground.units[unit.index()].level.rank())
        .min()
        .unwrap_or(DivisionLevel::Village.rank());
    let code = |unit: Option<usize>| unit.map(|unit| ground.units[unit].code);
    let number = |unit: Option<usize>| unit.map(|unit| unit as u32);
    LineMeaning {
        level: ground.line_level(number(left), number(right), top),
        left: code(left),
        right: code(right),
    }
}
