use geo::{MultiPolygon, wkt};

use super::*;
use crate::{BoundaryLine, area_m2, polygonize};

const DEGREE_M: f64 = 111_319.5;

fn square(west: f64, south: f64, east: f64, north: f64) -> MultiPolygon<f64> {
    let ring = vec![(west, south), (east, south), (east, north), (west, north)];
    MultiPolygon(vec![geo::Polygon::new(LineString::from(ring), vec![])])
}

fn shared(proposal: &Adoption) -> Vec<&AdoptedLine> {
    proposal
        .lines
        .iter()
        .filter(|line| line.left.is_some() && line.right.is_some())
        .collect()
}

#[test]
fn equal_copies_are_taken_as_they_are() {
    let (a, b) = (square(0.0, 0.0, 0.01, 0.01), square(0.01, 0.0, 0.02, 0.01));
    let proposal = adopt([(1, &a), (2, &b)], ADOPT_TOLERANCE_M);
    assert_eq!(proposal.lines.len(), 3);
    assert_eq!(shared(&proposal)[0].agreement, Agreement::Exact);
    assert!(proposal.leftovers.is_empty());
    assert_eq!(proposal.nodes.len(), 2);
}

#[test]
fn a_vertex_that_one_side_lacks_is_put_in_and_named() {
    let a = square(0.0, 0.0, 0.01, 0.01);
    let b: MultiPolygon =
        wkt!(MULTIPOLYGON(((0.01 0., 0.02 0., 0.02 0.01, 0.01 0.01, 0.010_002 0.005, 0.01 0.))));
    let proposal = adopt([(1, &a), (2, &b)], ADOPT_TOLERANCE_M);
    let lines = shared(&proposal);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].coords.0.len(), 3);
    let shift = &lines[0].shifts[0];
    assert_eq!((shift.unit, shift.kind), (1, ShiftKind::Inserted));
    assert!((shift.distance_m - 0.000_002 * DEGREE_M).abs() < 1e-3);
    assert!(proposal.leftovers.is_empty());
}

#[test]
fn a_gap_wider_than_the_tolerance_is_left_over_with_its_area() {
    let a = square(0.0, 0.0, 0.01, 0.01);
    let b: MultiPolygon =
        wkt!(MULTIPOLYGON(((0.01 0., 0.02 0., 0.02 0.01, 0.01 0.01, 0.0101 0.005, 0.01 0.))));
    let proposal = adopt([(1, &a), (2, &b)], ADOPT_TOLERANCE_M);
    assert!(shared(&proposal).is_empty());
    let [gap] = &proposal.leftovers[..] else {
        panic!("{:?}", proposal.leftovers)
    };
    assert_eq!(
        (gap.kind, gap.units.as_slice()),
        (LeftoverKind::Gap, &[1, 2][..])
    );
    assert!((gap.area_m2 - 0.5 * 0.01 * 0.0001 * DEGREE_M * DEGREE_M).abs() < 100.0);
}

#[test]
fn an_overlap_is_told_from_a_gap() {
    let a = square(0.0, 0.0, 0.01, 0.01);
    let b: MultiPolygon =
        wkt!(MULTIPOLYGON(((0.01 0., 0.02 0., 0.02 0.01, 0.01 0.01, 0.0099 0.005, 0.01 0.))));
    let proposal = adopt([(1, &a), (2, &b)], ADOPT_TOLERANCE_M);
    let [overlap] = &proposal.leftovers[..] else {
        panic!("{:?}", proposal.leftovers)
    };
    assert_eq!(overlap.kind, LeftoverKind::Overlap);
}

#[test]
fn a_split_tri_point_comes_together_and_the_lines_make_polygons_that_fit() {
    let a = square(0.0, 0.0, 0.02, 0.01);
    let b = square(0.0, 0.010_000_8, 0.010_001, 0.02);
    let c = square(0.009_999, 0.009_999, 0.02, 0.02);
    let proposal = adopt([(1, &a), (2, &b), (3, &c)], ADOPT_TOLERANCE_M);
    assert!(proposal.leftovers.is_empty(), "{:?}", proposal.leftovers);
    assert_eq!(shared(&proposal).len(), 3);
    let units = polygonize(proposal.lines.iter().map(|line| BoundaryLine {
        coords: &line.coords,
        left: line.left,
        right: line.right,
    }))
    .unwrap();
    let sum: f64 = units.values().map(area_m2).sum();
    let whole = area_m2(&square(0.0, 0.0, 0.02, 0.02));
    assert!(
        (sum - whole).abs() < 2.0 * DEGREE_M * 0.02,
        "no gap and no overlap is left"
    );
    let again = adopt(
        units.iter().map(|(id, polygon)| (*id, polygon)),
        ADOPT_TOLERANCE_M,
    );
    assert!(
        again.lines.iter().all(|line| line.shifts.is_empty()),
        "a second time changes nothing"
    );
}
