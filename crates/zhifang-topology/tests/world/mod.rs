//! Random planar subdivisions and their polygons.

use std::collections::BTreeMap;

use geo::{Coord, LineString, MultiPolygon};
use proptest::prelude::*;
use zhifang_topology::{BoundaryLine, polygonize};

/// A grid of cells with moved corners, each cell given to a unit (0 = none).
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) size: usize,
    moves: Vec<(f64, f64)>,
    cells: Vec<u8>,
}

impl World {
    pub(crate) fn corner(&self, x: usize, y: usize) -> Coord<f64> {
        let (dx, dy) = self.moves[y * (self.size + 1) + x];
        Coord {
            x: 111.0 + (x as f64 + dx) * 0.01,
            y: 32.0 + (y as f64 + dy) * 0.01,
        }
    }

    pub(crate) fn cell(&self, x: i32, y: i32) -> Option<u64> {
        let inside = 0..i32::try_from(self.size).unwrap_or(0);
        if !inside.contains(&x) || !inside.contains(&y) {
            return None;
        }
        match self.cells[y as usize * self.size + x as usize] {
            0 => None,
            unit => Some(u64::from(unit)),
        }
    }

    /// One line an edge of the grid where two units meet.
    pub(crate) fn lines(&self) -> Vec<(LineString<f64>, Option<u64>, Option<u64>)> {
        let mut lines = Vec::new();
        let n = self.size;
        for y in 0..=n {
            for x in 0..=n {
                let (sx, sy) = (
                    i32::try_from(x).unwrap_or(-1),
                    i32::try_from(y).unwrap_or(-1),
                );
                if x < n {
                    let line = LineString(vec![self.corner(x, y), self.corner(x + 1, y)]);
                    lines.push((line, self.cell(sx, sy), self.cell(sx, sy - 1)));
                }
                if y < n {
                    let line = LineString(vec![self.corner(x, y), self.corner(x, y + 1)]);
                    lines.push((line, self.cell(sx - 1, sy), self.cell(sx, sy)));
                }
            }
        }
        lines.retain(|(_, left, right)| left != right);
        lines
    }
}

pub(crate) fn worlds() -> impl Strategy<Value = World> {
    (2_usize..9).prop_flat_map(|size| {
        let corners = (size + 1) * (size + 1);
        (
            proptest::collection::vec((-0.2..0.2, -0.2..0.2), corners),
            proptest::collection::vec(0_u8..5, size * size),
        )
            .prop_map(move |(moves, cells)| World { size, moves, cells })
    })
}

pub(crate) fn polygons(world: &World) -> BTreeMap<u64, MultiPolygon<f64>> {
    let lines = world.lines();
    let lines = lines.iter().map(|(coords, left, right)| BoundaryLine {
        coords,
        left: *left,
        right: *right,
    });
    polygonize(lines).expect("a grid's lines close")
}
