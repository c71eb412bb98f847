//! Generalised units on the integer grid still fit together.

mod world;

use std::collections::{BTreeMap, BTreeSet};

use geo::MultiPolygon;
use proptest::prelude::*;
use zhifang_topology::{
    Coverage, Generalization, GridPoint, Layers, UnitInput, ZoomCoverage, ZoomUnit,
};

use world::{polygons, worlds};

fn build(units: &BTreeMap<u64, MultiPolygon<f64>>) -> Coverage {
    let layers = Layers::one(3);
    Coverage::build(units.iter().map(|(id, geometry)| UnitInput {
        id: *id,
        layers,
        geometry,
    }))
}

/// Directed edges of a unit's rings.
fn edges(zoomed: &ZoomCoverage, unit: &ZoomUnit) -> Vec<(GridPoint, GridPoint)> {
    let mut edges = Vec::new();
    for step in unit.parts.iter().flatten().flatten() {
        let points = zoomed.points(&zoomed.lines()[step.arc as usize]);
        for pair in points.windows(2) {
            edges.push(if step.is_reversed {
                (pair[1], pair[0])
            } else {
                (pair[0], pair[1])
            });
        }
    }
    edges
}

fn side(a: GridPoint, b: GridPoint, c: GridPoint) -> i64 {
    let [a, b, c] = [a, b, c].map(|p| p.map(i64::from));
    ((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])).signum()
}

/// What makes a set of rings no valid coverage.
fn fault(zoomed: &ZoomCoverage) -> Option<String> {
    let mut users: BTreeMap<(GridPoint, GridPoint), usize> = BTreeMap::new();
    for (at, unit) in zoomed.units().iter().enumerate() {
        for edge in edges(zoomed, unit) {
            if edge.0 == edge.1 {
                return Some(format!("an edge of no length at {:?}", edge.0));
            }
            if users.insert(edge, at).is_some() {
                return Some(format!("{edge:?} has a unit twice on its left"));
            }
        }
        for ring in unit.parts.iter().flatten() {
            let starts: Vec<GridPoint> = ring
                .iter()
                .flat_map(|step| {
                    let line = &zoomed.lines()[step.arc as usize];
                    let mut points = zoomed.points(line).to_vec();
                    if step.is_reversed {
                        points.reverse();
                    }
                    points.pop();
                    points
                })
                .collect();
            let distinct: BTreeSet<GridPoint> = starts.iter().copied().collect();
            if distinct.len() != starts.len() || starts.len() < 3 {
                return Some(format!("a ring passes a point twice: {starts:?}"));
            }
        }
    }
    for (edge, unit) in &users {
        if users.get(&(edge.1, edge.0)) == Some(unit) {
            return Some(format!("{edge:?} has one unit on both sides"));
        }
    }
    let lines: BTreeSet<_> = users.keys().map(|(a, b)| (*a.min(b), *a.max(b))).collect();
    let lines: Vec<_> = lines.into_iter().collect();
    for (at, &(a, b)) in lines.iter().enumerate() {
        for &(c, d) in &lines[at + 1..] {
            let is_crossing =
                side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
            let lies_on = |p, a: GridPoint, b: GridPoint| {
                side(a, b, p) == 0
                    && p != a
                    && p != b
                    && (0..2).all(|i| a[i].min(b[i]) <= p[i] && p[i] <= a[i].max(b[i]))
            };
            if is_crossing || lies_on(c, a, b) || lies_on(d, a, b) || lies_on(a, c, d) {
                return Some(format!("{:?} and {:?} meet inside", (a, b), (c, d)));
            }
        }
    }
    None
}

fn area(zoomed: &ZoomCoverage) -> f64 {
    let cross = |(a, b): (GridPoint, GridPoint)| {
        // North up, so that the ground on the left counts as positive.
        f64::from(b[0]) * f64::from(a[1]) - f64::from(a[0]) * f64::from(b[1])
    };
    zoomed
        .units()
        .iter()
        .flat_map(|unit| edges(zoomed, unit))
        .map(cross)
        .sum::<f64>()
        / 2.0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn units_on_the_grid_cover_the_ground_without_gap_or_overlap(
        world in worlds(), zoom in 0_u8..9
    ) {
        let coverage = build(&polygons(&world));
        let zoomed = Generalization::new(&coverage, Layers::one(3)).zoom(zoom);
        prop_assert_eq!(zoomed.unresolved(), 0);
        prop_assert_eq!(fault(&zoomed), None);
        prop_assert!(area(&zoomed) >= 0.0);
    }

    #[test]
    fn every_grid_point_of_full_detail_is_a_vertex_of_the_source(world in worlds()) {
        let coverage = build(&polygons(&world));
        let detail = ZoomCoverage::detail(&coverage, Layers::one(3));
        prop_assert_eq!(detail.vertex_count(), coverage.vertex_count());
        prop_assert_eq!(detail.units().len(), coverage.units().len());
        prop_assert!(area(&detail) >= 0.0);
    }
}

fn square(west: f64, south: f64, side: f64) -> Vec<(f64, f64)> {
    vec![
        (west, south),
        (west + side, south),
        (west + side, south + side),
        (west, south + side),
    ]
}

#[test]
fn an_enclave_too_small_to_see_goes_to_the_unit_round_it_and_an_islet_is_left_out() {
    let polygon = |ring: Vec<(f64, f64)>, holes: Vec<Vec<(f64, f64)>>| {
        let holes = holes.into_iter().map(Into::into).collect();
        MultiPolygon(vec![geo::Polygon::new(ring.into(), holes)])
    };
    let enclave = square(111.5, 32.5, 0.002);
    let units = BTreeMap::from([
        (1, polygon(square(111.0, 32.0, 1.0), vec![enclave.clone()])),
        (2, polygon(enclave, vec![])),
        (3, polygon(square(113.0, 32.0, 0.002), vec![])),
    ]);
    let coverage = build(&units);
    let zoomed = Generalization::new(&coverage, Layers::one(3)).zoom(6);
    assert_eq!(fault(&zoomed), None);
    assert_eq!(zoomed.units().len(), 1);
    assert_eq!(zoomed.units()[0].parts[0].len(), 1, "the hole is filled");
}
