//! Random planar subdivisions go to polygons, arcs, lines and back without losing a bit.

use std::collections::BTreeMap;

use geo::{Area, Coord, LineString, MultiPolygon};
use proptest::prelude::*;
use zhifang_topology::{
    BoundaryLine, Coverage, Layers, UnitInput, polygonize, unmatched_edges,
};

/// A grid of cells with moved corners, each cell given to a unit (0 = none).
#[derive(Debug, Clone)]
struct World {
    size: usize,
    moves: Vec<(f64, f64)>,
    cells: Vec<u8>,
}

impl World {
    fn corner(&self, x: usize, y: usize) -> Coord<f64> {
        let (dx, dy) = self.moves[y * (self.size + 1) + x];
        Coord { x: 111.0 + (x as f64 + dx) * 0.01, y: 32.0 + (y as f64 + dy) * 0.01 }
    }

    fn cell(&self, x: isize, y: isize) -> Option<u64> {
        let inside = 0..self.size as isize;
        if !inside.contains(&x) || !inside.contains(&y) {
            return None;
        }
        match self.cells[y as usize * self.size + x as usize] {
            0 => None,
            unit => Some(u64::from(unit)),
        }
    }

    /// One line an edge of the grid where two units meet.
    fn lines(&self) -> Vec<(LineString<f64>, Option<u64>, Option<u64>)> {
        let mut lines = Vec::new();
        let n = self.size;
        for y in 0..=n {
            for x in 0..=n {
                let (sx, sy) = (x as isize, y as isize);
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

    fn area(&self, unit: u64) -> f64 {
        let mut sum = 0.0;
        for y in 0..self.size {
            for x in 0..self.size {
                if self.cell(x as isize, y as isize) == Some(unit) {
                    let ring = vec![
                        self.corner(x, y),
                        self.corner(x + 1, y),
                        self.corner(x + 1, y + 1),
                        self.corner(x, y + 1),
                    ];
                    sum += geo::Polygon::new(LineString(ring), vec![]).unsigned_area();
                }
            }
        }
        sum
    }
}

fn worlds() -> impl Strategy<Value = World> {
    (2_usize..9).prop_flat_map(|size| {
        let corners = (size + 1) * (size + 1);
        (
            proptest::collection::vec((-0.2..0.2, -0.2..0.2), corners),
            proptest::collection::vec(0_u8..5, size * size),
        )
            .prop_map(move |(moves, cells)| World { size, moves, cells })
    })
}

fn polygons(world: &World) -> BTreeMap<u64, MultiPolygon<f64>> {
    let lines = world.lines();
    let lines = lines.iter().map(|(coords, left, right)| BoundaryLine {
        coords,
        left: *left,
        right: *right,
    });
    polygonize(lines).expect("a grid's lines close")
}

fn build(units: &BTreeMap<u64, MultiPolygon<f64>>) -> Coverage {
    Coverage::build(units.iter().map(|(id, geometry)| UnitInput {
        id: *id,
        layers: Layers::one(3),
        geometry,
    }))
}

/// Rings turned to start at their lowest vertex, parts sorted: equal for equal polygons.
fn normal(polygon: &MultiPolygon<f64>) -> Vec<Vec<Vec<(u64, u64)>>> {
    let ring = |line: &LineString<f64>| {
        let mut bits: Vec<(u64, u64)> =
            line.0.iter().skip(1).map(|c| (c.x.to_bits(), c.y.to_bits())).collect();
        let lowest = (0..bits.len()).min_by_key(|&at| bits[at]).unwrap_or_default();
        bits.rotate_left(lowest);
        bits
    };
    let mut parts: Vec<_> = polygon
        .iter()
        .map(|part| {
            let mut holes: Vec<_> = part.interiors().iter().map(ring).collect();
            holes.sort();
            let mut rings = vec![ring(part.exterior())];
            rings.extend(holes);
            rings
        })
        .collect();
    parts.sort();
    parts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn polygons_of_lines_have_the_area_of_their_cells(world in worlds()) {
        for (unit, polygon) in polygons(&world) {
            prop_assert!((polygon.unsigned_area() - world.area(unit)).abs() < 1e-12);
            prop_assert!(polygon.iter().all(|part| part.signed_area() > 0.0));
        }
    }

    #[test]
    fn a_coverage_gives_its_polygons_back_bit_for_bit(world in worlds()) {
        let units = polygons(&world);
        let coverage = build(&units);
        prop_assert!(coverage.irregularities().is_empty());
        for (id, polygon) in &units {
            let back = coverage.polygon(*id).expect("it went in");
            prop_assert_eq!(normal(&back), normal(polygon));
        }
    }

    #[test]
    fn shared_lines_make_the_same_polygons_again(world in worlds()) {
        let units = polygons(&world);
        let lines = build(&units).shared_lines(3);
        let again = polygonize(lines.iter().map(|line| BoundaryLine {
            coords: &line.coords, left: line.left, right: line.right,
        })).expect("lines of a coverage close");
        prop_assert_eq!(again.len(), units.len());
        for (id, polygon) in &units {
            prop_assert_eq!(normal(&again[id]), normal(polygon));
        }
    }

    #[test]
    fn only_the_outer_border_has_one_owner(world in worlds()) {
        let units = polygons(&world);
        let outer = world.lines().iter().filter(|(_, l, r)| l.is_none() || r.is_none()).count();
        let found: usize = unmatched_edges(units.iter().map(|(id, polygon)| (*id, polygon)))
            .iter()
            .map(|stretch| stretch.coords.0.len() - 1)
            .sum();
        prop_assert_eq!(found, outer);
    }

    #[test]
    fn the_order_and_winding_of_the_input_do_not_matter(world in worlds()) {
        let units = polygons(&world);
        let mut turned: Vec<(u64, MultiPolygon<f64>)> = units.clone().into_iter().rev().collect();
        for (_, polygon) in &mut turned {
            for part in &mut polygon.0 {
                part.exterior_mut(|ring| ring.0.reverse());
            }
        }
        let one = build(&units);
        let other = Coverage::build(turned.iter().map(|(id, geometry)| UnitInput {
            id: *id, layers: Layers::one(3), geometry,
        }));
        prop_assert_eq!(one.shared_lines(3), other.shared_lines(3));
    }

    #[test]
    fn no_rings_make_it_panic(
        rings in proptest::collection::vec(
            proptest::collection::vec((0_u8..4, 0_u8..4), 0..9), 0..8)
    ) {
        let units: Vec<MultiPolygon<f64>> = rings
            .iter()
            .map(|ring| {
                let coords = ring.iter().map(|(x, y)| (f64::from(*x), f64::from(*y)));
                MultiPolygon(vec![geo::Polygon::new(coords.collect(), vec![])])
            })
            .collect();
        let coverage = Coverage::build(units.iter().enumerate().map(|(id, geometry)| UnitInput {
            id: id as u64, layers: Layers::one(3), geometry,
        }));
        for id in 0..units.len() as u64 {
            let back = coverage.polygon(id).expect("it went in");
            let given = &units[id as usize].0[0].exterior().0;
            let repeats = given.windows(2).filter(|pair| pair[0] == pair[1]).count();
            for part in &back.0 {
                prop_assert_eq!(part.exterior().0.len(), given.len() - repeats);
            }
        }
        coverage.shared_lines(3);
        coverage.unmatched_edges(3);
    }
}
