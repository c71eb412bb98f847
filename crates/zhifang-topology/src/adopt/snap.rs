//! Joining what lies within the tolerance.

use std::collections::BTreeMap;

use geo::{Coord, LineString, MultiPolygon, Polygon};
use rstar::{AABB, RTree, RTreeObject};
use rustc_hash::FxHashMap;

use super::{Shift, ShiftKind, ShiftTable};
use crate::coverage::{Coverage, Layers, UnitInput, compare};
use crate::measure::{distance_m, metres_per_degree};

type Bits = (u64, u64);

fn bits(c: Coord<f64>) -> Bits {
    (c.x.to_bits(), c.y.to_bits())
}

/// Changed polygons and what changed in them.
#[derive(Default)]
pub(super) struct Snapped {
    pub(super) polygons: BTreeMap<u64, MultiPolygon<f64>>,
    pub(super) shifts: ShiftTable,
}

/// A vertex of stretches that have one owner only.
#[derive(Clone)]
struct Loose {
    at: Coord<f64>,
    /// All units that have the vertex, ascending.
    units: Vec<u64>,
}

impl RTreeObject for Loose {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_point([self.at.x, self.at.y])
    }
}

/// The box in degrees that holds everything within so many metres of a segment.
fn around(a: Coord<f64>, b: Coord<f64>, metres: f64) -> AABB<[f64; 2]> {
    let [east, north] = metres_per_degree(a.y.abs().max(b.y.abs()));
    let (dx, dy) = (metres / east, metres / north);
    AABB::from_corners(
        [a.x.min(b.x) - dx, a.y.min(b.y) - dy],
        [a.x.max(b.x) + dx, a.y.max(b.y) + dy],
    )
}

pub(super) fn snap(exact: &Coverage, tolerance_m: f64) -> Snapped {
    let mut snapped = Snapped::default();
    let mut polygons: BTreeMap<u64, MultiPolygon<f64>> = BTreeMap::new();

    let moves = join_vertices(loose_vertices(exact), tolerance_m);
    for (&(unit, x, y), &to) in &moves {
        let from = Coord {
            x: f64::from_bits(x),
            y: f64::from_bits(y),
        };
        let shift = Shift {
            unit,
            kind: ShiftKind::Moved,
            from,
            to,
            distance_m: distance_m(from, to),
        };
        let (x, y) = bits(to);
        snapped.shifts.insert((unit, x, y), shift);
        if !polygons.contains_key(&unit)
            && let Some(polygon) = exact.polygon(unit)
        {
            polygons.insert(unit, polygon);
        }
    }
    for (unit, polygon) in &mut polygons {
        change_rings(polygon, |ring| {
            for coord in ring.iter_mut() {
                let (x, y) = bits(*coord);
                if let Some(to) = moves.get(&(*unit, x, y)) {
                    *coord = *to;
                }
            }
        });
    }

    let joined;
    let coverage = if polygons.is_empty() {
        exact
    } else {
        let originals: Vec<(u64, MultiPolygon<f64>)> = exact
            .units()
            .iter()
            .filter(|unit| !polygons.contains_key(&unit.id))
            .filter_map(|unit| Some((unit.id, exact.polygon(unit.id)?)))
            .collect();
        let all = polygons.iter().map(|(id, polygon)| (*id, polygon));
        let all = all.chain(originals.iter().map(|(id, polygon)| (*id, polygon)));
        joined = Coverage::build(all.map(|(id, geometry)| UnitInput {
            id,
            layers: Layers::one(0),
            geometry,
        }));
        &joined
    };
    let inserts = insertions(coverage, tolerance_m);
    for ((unit, from, to), vertices) in &inserts {
        if !polygons.contains_key(unit)
            && let Some(polygon) = coverage.polygon(*unit)
        {
            polygons.insert(*unit, polygon);
        }
        for (vertex, foot, _) in vertices {
            let shift = Shift {
                unit: *unit,
                kind: ShiftKind::Inserted,
                from: *foot,
                to: *vertex,
                distance_m: distance_m(*foot, *vertex),
            };
            let (x, y) = bits(*vertex);
            snapped.shifts.insert((*unit, x, y), shift);
        }
        debug_assert!(from != to, "a segment has two ends");
    }
    for (unit, polygon) in &mut polygons {
        change_rings(polygon, |ring| {
            let old = std::mem::take(ring);
            for (at, coord) in old.iter().enumerate() {
                ring.push(*coord);
                let Some(next) = old.get(at + 1) else {
                    continue;
                };
                if let Some(vertices) = inserts.get(&(*unit, bits(*coord), bits(*next))) {
                    ring.extend(vertices.iter().map(|(vertex, ..)| *vertex));
                } else if let Some(vertices) = inserts.get(&(*unit, bits(*next), bits(*coord))) {
                    ring.extend(vertices.iter().rev().map(|(vertex, ..)| *vertex));
                }
            }
        });
    }
    snapped.polygons = polygons;
    snapped
}

fn change_rings(polygon: &mut MultiPolygon<f64>, mut change: impl FnMut(&mut Vec<Coord<f64>>)) {
    for part in &mut polygon.0 {
        let (mut shell, mut holes) =
            std::mem::replace(part, Polygon::new(LineString(Vec::new()), Vec::new())).into_inner();
        change(&mut shell.0);
        for hole in &mut holes {
            change(&mut hole.0);
        }
        *part = Polygon::new(shell, holes);
    }
}

/// Vertices of one-owner stretches with all units that have them, in ascending order.
fn loose_vertices(coverage: &Coverage) -> Vec<Loose> {
    let mut units_at: FxHashMap<Bits, Vec<u64>> = FxHashMap::default();
    let mut places = Vec::new();
    for arc in coverage.arcs().filter(|arc| arc.owner_count(0) == 1) {
        for coord in arc.coords {
            units_at.entry(bits(*coord)).or_insert_with(|| {
                places.push(*coord);
                Vec::new()
            });
        }
    }
    for arc in coverage.arcs() {
        let inner = arc.owner_count(0) == 1;
        let ends = [arc.coords.first(), arc.coords.last()];
        let coords = if inner { arc.coords } else { &[] };
        for coord in coords.iter().chain(ends.into_iter().flatten()) {
            if let Some(units) = units_at.get_mut(&bits(*coord)) {
                let owners = arc.left_units().chain(arc.right_units());
                units.extend(owners.map(|unit| coverage.units()[unit.index()].id));
            }
        }
    }
    places.sort_by(compare);
    places
        .into_iter()
        .map(|at| {
            let mut units = units_at.remove(&bits(at)).unwrap_or_default();
            units.sort_unstable();
            units.dedup();
            Loose { at, units }
        })
        .collect()
}

/// For each unit's vertex that moves: where to.
fn join_vertices(mut loose: Vec<Loose>, tolerance_m: f64) -> BTreeMap<(u64, u64, u64), Coord<f64>> {
    loose.sort_by(|a, b| {
        b.units
            .len()
            .cmp(&a.units.len())
            .then(a.units.first().cmp(&b.units.first()))
    });
    let tree = RTree::bulk_load(
        loose
            .iter()
            .enumerate()
            .map(|(rank, vertex)| Ranked {
                at: vertex.at,
                rank,
            })
            .collect::<Vec<_>>(),
    );
    // For each rank: the units that have or come to that vertex, if it stays.
    let mut staying: Vec<Option<Vec<u64>>> = vec![None; loose.len()];
    let mut moves = BTreeMap::new();
    for (rank, vertex) in loose.iter().enumerate() {
        let nearest = tree
            .locate_in_envelope_intersecting(around(vertex.at, vertex.at, tolerance_m))
            .filter(|other| other.rank < rank)
            .filter(|other| {
                staying[other.rank]
                    .as_ref()
                    .is_some_and(|units| !vertex.units.iter().any(|unit| units.contains(unit)))
            })
            .map(|other| (distance_m(vertex.at, other.at), other.rank))
            .filter(|(distance, _)| *distance <= tolerance_m)
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        match nearest {
            Some((_, goal)) => {
                for unit in &vertex.units {
                    let (x, y) = bits(vertex.at);
                    moves.insert((*unit, x, y), loose[goal].at);
                }
                if let Some(units) = &mut staying[goal] {
                    units.extend(&vertex.units);
                }
            }
            None => staying[rank] = Some(vertex.units.clone()),
        }
    }
    moves
}

struct Ranked {
    at: Coord<f64>,
    rank: usize,
}

impl RTreeObject for Ranked {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_point([self.at.x, self.at.y])
    }
}

/// A unit's segment and the neighbours' vertices to put into it: vertex, foot, how far along.
type Insertions = BTreeMap<(u64, Bits, Bits), Vec<(Coord<f64>, Coord<f64>, f64)>>;

fn insertions(coverage: &Coverage, tolerance_m: f64) -> Insertions {
    let tree = RTree::bulk_load(loose_vertices(coverage));
    let mut found = Insertions::new();
    for arc in coverage.arcs().filter(|arc| arc.owner_count(0) == 1) {
        let Some(unit) = arc.left_units().chain(arc.right_units()).next() else {
            continue;
        };
        let unit = coverage.units()[unit.index()].id;
        for pair in arc.coords.windows(2) {
            let [a, b] = [pair[0], pair[1]];
            let mut vertices: Vec<_> = tree
                .locate_in_envelope_intersecting(around(a, b, tolerance_m))
                .filter(|vertex| !vertex.units.contains(&unit))
                .filter_map(|vertex| {
                    let (foot, along) = foot(a, b, vertex.at)?;
                    (distance_m(foot, vertex.at) <= tolerance_m).then_some((vertex.at, foot, along))
                })
                .collect();
            if vertices.is_empty() {
                continue;
            }
            vertices.sort_by(|x, y| x.2.total_cmp(&y.2).then(compare(&x.0, &y.0)));
            found.insert((unit, bits(a), bits(b)), vertices);
        }
    }
    found
}

/// The nearest position inside a segment and how far along it is (0..1, ends excluded).
fn foot(a: Coord<f64>, b: Coord<f64>, p: Coord<f64>) -> Option<(Coord<f64>, f64)> {
    let [east, north] = metres_per_degree(f64::midpoint(a.y, b.y));
    let (dx, dy) = ((b.x - a.x) * east, (b.y - a.y) * north);
    let (px, py) = ((p.x - a.x) * east, (p.y - a.y) * north);
    let along = (px * dx + py * dy) / (dx * dx + dy * dy);
    (along > 0.0 && along < 1.0).then_some({
        (
            Coord {
                x: a.x + (b.x - a.x) * along,
                y: a.y + (b.y - a.y) * along,
            },
            along,
        )
    })
}
