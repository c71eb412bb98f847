//! Units from noded lines on the grid.

use rustc_hash::FxHashMap;

use super::round::Line;
use super::small::{Sides, give_small_rings_away};
use super::{Chain, GridPoint, ZoomCoverage, ZoomUnit};
use crate::chain::{EdgeSet, Owner};
use crate::coverage::{ArcUse, Layers, UnitIndex};
use crate::trace::{Directed, group_rings, trace};

/// Lines between nodes after stretches that fell together were joined, with the units on their
/// two sides.
pub(super) struct Net {
    pub(super) lines: Vec<Line>,
    /// First and last vertex as node numbers.
    pub(super) ends: Vec<[u32; 2]>,
    pub(super) sides: Vec<Sides>,
}

/// A closed way along lines with one unit on its left.
pub(super) type Ring = Vec<ArcUse>;

pub(super) fn assemble(
    layers: &[Layers],
    chains: &[Chain],
    lines: &[Line],
    zoom: u8,
    unresolved: usize,
) -> ZoomCoverage {
    let mut net = net(chains, lines);
    let (rings, unclosed) = rings_by_unit(&net, layers.len());
    let rings = if give_small_rings_away(&mut net, &rings, layers) {
        rings_by_unit(&net, layers.len()).0
    } else {
        rings
    };
    let mut zoomed = ZoomCoverage {
        zoom,
        unresolved: unresolved + unclosed,
        ..ZoomCoverage::default()
    };
    for (line, sides) in net.lines.iter().zip(&net.sides) {
        let start = zoomed.points.len();
        zoomed.points.extend_from_slice(line);
        zoomed.push_line(start, sides.owners());
    }
    for (unit, rings) in rings.into_iter().enumerate() {
        if rings.is_empty() {
            continue;
        }
        let plain: Vec<Vec<[f64; 2]>> = rings
            .iter()
            .map(|ring| ring_points(&net.lines, ring))
            .collect();
        let (parts, _) = group_rings(&plain);
        let parts = parts
            .iter()
            .map(|part| part.iter().map(|&ring| rings[ring].clone()).collect())
            .collect();
        zoomed.units.push(ZoomUnit {
            unit: UnitIndex(unit as u32),
            parts,
        });
    }
    zoomed
}

/// Points of a ring with north up, first one not repeated.
pub(super) fn ring_points(lines: &[Line], ring: &[ArcUse]) -> Vec<[f64; 2]> {
    let mut points = Vec::new();
    for step in ring {
        let line = &lines[step.arc as usize];
        let north_up = |p: &GridPoint| [f64::from(p[0]), -f64::from(p[1])];
        if step.is_reversed {
            points.extend(line[1..].iter().rev().map(north_up));
        } else {
            points.extend(line[..line.len() - 1].iter().map(north_up));
        }
    }
    points
}

fn net(chains: &[Chain], lines: &[Line]) -> Net {
    let mut numbers: FxHashMap<GridPoint, u32> = FxHashMap::default();
    let mut points: Vec<GridPoint> = Vec::new();
    let mut walks: Vec<u32> = Vec::new();
    let mut starts = vec![0_usize];
    for line in lines {
        for point in line {
            let next = points.len() as u32;
            let number = *numbers.entry(*point).or_insert(next);
            if number == next {
                points.push(*point);
            }
            walks.push(number);
        }
        starts.push(walks.len());
    }
    drop(numbers);
    let mut order: Vec<u32> = (0..points.len() as u32).collect();
    order.sort_unstable_by_key(|&at| points[at as usize]);
    let mut rank = vec![0_u32; order.len()];
    for (at, &old) in order.iter().enumerate() {
        rank[old as usize] = at as u32;
    }
    let points: Vec<GridPoint> = order.iter().map(|&old| points[old as usize]).collect();

    let mut numbers: FxHashMap<u64, u32> = FxHashMap::default();
    numbers.reserve(walks.len());
    let mut ends = Vec::new();
    let mut claims: Vec<(u32, Owner)> = Vec::new();
    for (chain, bounds) in chains.iter().zip(starts.windows(2)) {
        for pair in walks[bounds[0]..bounds[1]].windows(2) {
            let (a, b) = (rank[pair[0] as usize], rank[pair[1] as usize]);
            let low_high = [a.min(b), a.max(b)];
            let key = u64::from(low_high[0]) << 32 | u64::from(low_high[1]);
            let next = ends.len() as u32;
            let edge = *numbers.entry(key).or_insert(next);
            if edge == next {
                ends.push(low_high);
            }
            for owner in &chain.owners {
                claims.push((edge, if a < b { *owner } else { owner.flipped() }));
            }
        }
    }
    let edges = net_owners(&EdgeSet::from_claims(ends, &claims));
    let chains = edges.chains(points.len(), &[]);
    let mut net = Net {
        lines: Vec::new(),
        ends: Vec::new(),
        sides: Vec::new(),
    };
    for chain in &chains {
        let (Some(first), Some(last)) = (chain.first(), chain.last()) else {
            continue;
        };
        let mut line: Line = chain
            .iter()
            .map(|step| points[edges.from(*step) as usize])
            .collect();
        line.push(points[edges.to(*last) as usize]);
        net.lines.push(line);
        net.ends.push([edges.from(*first), edges.to(*last)]);
        net.sides.push(Sides::new(&edges.chain_owners(chain)));
    }
    net
}

/// Edges that bound something: a unit with as many claims from the left as from the right lies
/// on both sides and is not bounded by the edge.
fn net_owners(edges: &EdgeSet) -> EdgeSet {
    let mut kept = EdgeSet {
        owner_starts: vec![0],
        ..EdgeSet::default()
    };
    for edge in 0..edges.ends.len() {
        let before = kept.owners.len();
        for group in edges.owners_of(edge).chunk_by(|a, b| a.unit() == b.unit()) {
            let rights = group.iter().filter(|owner| owner.is_right()).count();
            let lefts = group.len() - rights;
            if lefts != rights {
                kept.owners
                    .push(Owner::new(group[0].unit(), rights > lefts));
            }
        }
        if kept.owners.len() > before {
            kept.ends.push(edges.ends[edge]);
            kept.owner_starts.push(kept.owners.len() as u32);
        }
    }
    kept
}

/// Rings of every unit, and the number of units whose lines do not close.
fn rings_by_unit(net: &Net, unit_count: usize) -> (Vec<Vec<Ring>>, usize) {
    let mut steps: Vec<Vec<ArcUse>> = vec![Vec::new(); unit_count];
    for (arc, sides) in net.sides.iter().enumerate() {
        for owner in sides.owners() {
            let step = ArcUse {
                arc: arc as u32,
                is_reversed: owner.is_right(),
            };
            steps[owner.unit() as usize].push(step);
        }
    }
    let mut unclosed = 0;
    let rings = steps
        .iter()
        .map(|steps| {
            let items: Vec<Directed> = steps.iter().map(|step| directed(net, *step)).collect();
            let Ok(rings) = trace(&items) else {
                unclosed += 1;
                return Vec::new();
            };
            let step = |&item: &u32| steps[item as usize];
            rings
                .iter()
                .map(|ring| ring.iter().map(step).collect())
                .collect()
        })
        .collect();
    (rings, unclosed)
}

fn directed(net: &Net, step: ArcUse) -> Directed {
    let line = &net.lines[step.arc as usize];
    let n = line.len();
    let vector = |a: GridPoint, b: GridPoint| {
        [
            f64::from(b[0]) - f64::from(a[0]),
            f64::from(a[1]) - f64::from(b[1]),
        ]
    };
    let [from, to] = net.ends[step.arc as usize];
    if step.is_reversed {
        Directed {
            from: to,
            to: from,
            leave: vector(line[n - 1], line[n - 2]),
            arrive: vector(line[1], line[0]),
        }
    } else {
        Directed {
            from,
            to,
            leave: vector(line[0], line[1]),
            arrive: vector(line[n - 2], line[n - 1]),
        }
    }
}
