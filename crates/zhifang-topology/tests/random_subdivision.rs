//! Random planar subdivisions go to polygons, arcs, lines and back without losing a bit.

mod world;

use std::collections::BTreeMap;

use geo::{Area, LineString, MultiPolygon};
use proptest::prelude::*;
use zhifang_topology::{
    BoundaryLine, Coverage, Generalization, Layers, UnitInput, polygonize, unmatched_edges,
};

use world::{World, polygons, worlds};

fn area(world: &World, unit: u64) -> f64 {
    let mut sum = 0.0;
    for y in 0..world.size {
        for x in 0..world.size {
            if world.cell(x.cast_signed() as i32, y.cast_signed() as i32) == Some(unit) {
                let ring = vec![
                    world.corner(x, y),
                    world.corner(x + 1, y),
                    world.corner(x + 1, y + 1),
                    world.corner(x, y + 1),
                ];
                sum += geo::Polygon::new(LineString(ring), vec![]).unsigned_area();
            }
        }
    }
    sum
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
        let mut bits: Vec<(u64, u64)> = line
            .0
            .iter()
            .skip(1)
            .map(|c| (c.x.to_bits(), c.y.to_bits()))
            .collect();
        let lowest = (0..bits.len())
            .min_by_key(|&at| bits[at])
            .unwrap_or_default();
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
            prop_assert!((polygon.unsigned_area() - area(&world, unit)).abs() < 1e-12);
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
        Generalization::new(&coverage, Layers::one(3)).zoom(3);
        coverage.unmatched_edges(3);
    }
}
