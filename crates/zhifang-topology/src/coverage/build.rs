//! Construction of a coverage.

use geo::{Coord, LineString};
use rustc_hash::FxHashMap;

use super::{ArcUse, Coverage, CoverageUnit, Irregularity, UnitInput, compare};
use crate::chain::{EdgeSet, Owner, Step};
use crate::trace::double_area;

/// A ring by vertex numbers, first one not repeated.
struct Ring {
    unit: u32,
    part: u32,
    vertices: std::ops::Range<usize>,
    is_interior_left: bool,
}

pub(super) fn build<'a>(units: impl IntoIterator<Item = UnitInput<'a>>) -> Coverage {
    let mut inputs: Vec<UnitInput<'a>> = units.into_iter().collect();
    inputs.sort_by_key(|unit| unit.id);
    let mut faults = Vec::new();
    inputs.dedup_by(|later, first| {
        let is_repeated = later.id == first.id;
        if is_repeated {
            faults.push(Irregularity::RepeatedUnit { unit: first.id });
        }
        is_repeated
    });

    let mut table = RingTable::default();
    for (unit, input) in inputs.iter().enumerate() {
        for (part, polygon) in input.geometry.iter().enumerate() {
            table.add(
                input.id,
                unit as u32,
                part as u32,
                polygon.exterior(),
                false,
                &mut faults,
            );
            for hole in polygon.interiors() {
                table.add(input.id, unit as u32, part as u32, hole, true, &mut faults);
            }
        }
    }
    let coords = table.number_by_position();
    let RingTable {
        rings, vertices, ..
    } = table;

    let (edges, uses) = edge_set(&rings, &vertices);
    let forced = spikes(&rings, &vertices, &inputs, &coords, &mut faults);
    let chains = edges.chains(coords.len(), &forced);

    let mut coverage = Coverage {
        starts: vec![0],
        owner_starts: vec![0],
        ..Coverage::default()
    };
    let mut place = vec![(0_u32, 0_u32, false); edges.ends.len()];
    for (arc, chain) in chains.iter().enumerate() {
        for (at, step) in chain.iter().enumerate() {
            place[step.edge as usize] = (arc as u32, at as u32, step.is_reversed);
            coverage.coords.push(coords[edges.from(*step) as usize]);
        }
        if let Some(last) = chain.last() {
            coverage.coords.push(coords[edges.to(*last) as usize]);
        }
        coverage.starts.push(coverage.coords.len() as u32);
        coverage.owners.extend(edges.chain_owners(chain));
        coverage.owner_starts.push(coverage.owners.len() as u32);
    }

    coverage.units = inputs
        .iter()
        .map(|input| CoverageUnit {
            id: input.id,
            layers: input.layers,
            parts: Vec::new(),
        })
        .collect();
    let mut last_part = None;
    for ring in &rings {
        let steps = ring_arcs(&uses[ring.vertices.clone()], &place, &chains);
        let parts = &mut coverage.units[ring.unit as usize].parts;
        if last_part == Some((ring.unit, ring.part)) {
            if let Some(part) = parts.last_mut() {
                part.push(steps);
            }
        } else {
            parts.push(vec![steps]);
        }
        last_part = Some((ring.unit, ring.part));
    }
    self_touches(&rings, &vertices, &edges, &coords, &inputs, &mut faults);
    crowded_arcs(&coverage, &mut faults);
    coverage.irregularities = faults;
    coverage
}

#[derive(Default)]
struct RingTable {
    rings: Vec<Ring>,
    /// Vertex numbers of all rings in turn.
    vertices: Vec<u32>,
    numbers: FxHashMap<(u64, u64), u32>,
    coords: Vec<Coord<f64>>,
}

impl RingTable {
    fn add(
        &mut self,
        id: u64,
        unit: u32,
        part: u32,
        line: &LineString<f64>,
        is_hole: bool,
        faults: &mut Vec<Irregularity>,
    ) {
        if line.0.iter().any(|c| !(c.x.is_finite() && c.y.is_finite())) {
            faults.push(Irregularity::NotFinite { unit: id });
            return;
        }
        let start = self.vertices.len();
        for coord in &line.0 {
            // Zero has two bit patterns for one place.
            let key = ((coord.x + 0.0).to_bits(), (coord.y + 0.0).to_bits());
            let next = self.coords.len() as u32;
            let number = *self.numbers.entry(key).or_insert(next);
            if number == next {
                self.coords.push(*coord);
            }
            if self.vertices.len() > start && self.vertices.last() == Some(&number) {
                faults.push(Irregularity::RepeatedVertex {
                    unit: id,
                    at: *coord,
                });
            } else {
                self.vertices.push(number);
            }
        }
        while self.vertices.len() > start + 1 && self.vertices.last() == Some(&self.vertices[start])
        {
            self.vertices.pop();
        }
        let numbers = &self.vertices[start..];
        let first = numbers.first().copied();
        let second = numbers
            .iter()
            .copied()
            .find(|&number| Some(number) != first);
        let is_third = |number: u32| Some(number) != first && Some(number) != second;
        let is_short = !numbers.iter().any(|&number| is_third(number));
        if is_short {
            faults.push(Irregularity::ShortRing {
                unit: id,
                at: line.0.first().copied(),
            });
            self.vertices.truncate(start);
            return;
        }
        let area = double_area(numbers.iter().map(|&n| {
            let coord = self.coords[n as usize];
            [coord.x, coord.y]
        }));
        self.rings.push(Ring {
            unit,
            part,
            vertices: start..self.vertices.len(),
            is_interior_left: (area > 0.0) != is_hole,
        });
    }

    /// Numbers the vertices by position and returns the positions in that order.
    fn number_by_position(&mut self) -> Vec<Coord<f64>> {
        let mut order: Vec<u32> = (0..self.coords.len() as u32).collect();
        order
            .sort_unstable_by(|&a, &b| compare(&self.coords[a as usize], &self.coords[b as usize]));
        let mut rank = vec![0_u32; order.len()];
        for (at, &old) in order.iter().enumerate() {
            rank[old as usize] = at as u32;
        }
        self.vertices
            .iter_mut()
            .for_each(|number| *number = rank[*number as usize]);
        order.iter().map(|&old| self.coords[old as usize]).collect()
    }
}

/// Vertex pairs of a ring in walking order.
fn pairs(vertices: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    (0..vertices.len()).map(|at| (vertices[at], vertices[(at + 1) % vertices.len()]))
}

/// All segments once, with their owners; and for each ring segment the step it takes.
fn edge_set(rings: &[Ring], vertices: &[u32]) -> (EdgeSet, Vec<Step>) {
    let mut numbers: FxHashMap<u64, u32> = FxHashMap::default();
    numbers.reserve(vertices.len() / 2);
    let mut ends = Vec::new();
    let mut uses = Vec::with_capacity(vertices.len());
    let mut claims: Vec<(u32, Owner)> = Vec::with_capacity(vertices.len());
    for ring in rings {
        for (a, b) in pairs(&vertices[ring.vertices.clone()]) {
            let is_reversed = a > b;
            let pair = [a.min(b), a.max(b)];
            let key = u64::from(pair[0]) << 32 | u64::from(pair[1]);
            let next = ends.len() as u32;
            let edge = *numbers.entry(key).or_insert(next);
            if edge == next {
                ends.push(pair);
            }
            uses.push(Step { edge, is_reversed });
            claims.push((
                edge,
                Owner::new(ring.unit, ring.is_interior_left == is_reversed),
            ));
        }
    }
    (EdgeSet::from_claims(ends, &claims), uses)
}

/// Vertices at which a ring turns straight back; an arc has to end there.
fn spikes(
    rings: &[Ring],
    vertices: &[u32],
    inputs: &[UnitInput<'_>],
    coords: &[Coord<f64>],
    faults: &mut Vec<Irregularity>,
) -> Vec<u32> {
    let mut tips = Vec::new();
    for ring in rings {
        let ring_vertices = &vertices[ring.vertices.clone()];
        let n = ring_vertices.len();
        for at in 0..n {
            if ring_vertices[(at + n - 1) % n] == ring_vertices[(at + 1) % n] {
                let tip = ring_vertices[at];
                tips.push(tip);
                faults.push(Irregularity::Spike {
                    unit: inputs[ring.unit as usize].id,
                    at: coords[tip as usize],
                });
            }
        }
    }
    tips
}

/// The arcs that a ring runs through, starting at one of their ends.
fn ring_arcs(steps: &[Step], place: &[(u32, u32, bool)], chains: &[Vec<Step>]) -> Vec<ArcUse> {
    let n = steps.len();
    // A step enters its arc when it is the arc's first (walked forwards) or last (backwards).
    let entered = |step: Step| {
        let (arc, at, turned) = place[step.edge as usize];
        let is_reversed = turned != step.is_reversed;
        let length = chains[arc as usize].len() as u32;
        let is_first = if is_reversed {
            at + 1 == length
        } else {
            at == 0
        };
        is_first.then_some((ArcUse { arc, is_reversed }, length as usize))
    };
    let Some(start) = (0..n).find(|&at| entered(steps[at]).is_some()) else {
        return Vec::new();
    };
    let mut arcs = Vec::new();
    let mut at = 0;
    while at < n {
        match entered(steps[(start + at) % n]) {
            Some((step, length)) => {
                arcs.push(step);
                at += length;
            }
            None => at += 1,
        }
    }
    arcs
}

/// Rings that pass a vertex twice.
fn self_touches(
    rings: &[Ring],
    vertices: &[u32],
    edges: &EdgeSet,
    coords: &[Coord<f64>],
    inputs: &[UnitInput<'_>],
    faults: &mut Vec<Irregularity>,
) {
    let mut degree = vec![0_u32; coords.len()];
    for ends in &edges.ends {
        for &vertex in ends {
            degree[vertex as usize] += 1;
        }
    }
    let mut seen = Vec::new();
    for ring in rings {
        seen.clear();
        let busy = vertices[ring.vertices.clone()]
            .iter()
            .filter(|&&v| degree[v as usize] > 3);
        seen.extend(busy.copied());
        seen.sort_unstable();
        let mut reported = None;
        for pair in seen.windows(2) {
            if pair[0] == pair[1] && reported != Some(pair[0]) {
                reported = Some(pair[0]);
                faults.push(Irregularity::SelfTouch {
                    unit: inputs[ring.unit as usize].id,
                    at: coords[pair[0] as usize],
                });
            }
        }
    }
}

/// Arcs with a unit twice or with two units of one layer on one side.
fn crowded_arcs(coverage: &Coverage, faults: &mut Vec<Irregularity>) {
    for arc in coverage.arcs() {
        let [from, .., to] = *arc.coords else {
            continue;
        };
        let owners = arc.owners();
        for (at, one) in owners.iter().enumerate() {
            for other in &owners[at + 1..] {
                let (a, b) = (
                    &coverage.units[one.unit() as usize],
                    &coverage.units[other.unit() as usize],
                );
                if a.id == b.id {
                    faults.push(Irregularity::RepeatedSegment {
                        unit: a.id,
                        from,
                        to,
                    });
                } else if one.is_right() == other.is_right()
                    && let Some(layer) = a.layers.iter().find(|&layer| b.layers.contains(layer))
                {
                    faults.push(Irregularity::SameSide {
                        layer,
                        units: [a.id, b.id],
                        from,
                        to,
                    });
                }
            }
        }
    }
}
