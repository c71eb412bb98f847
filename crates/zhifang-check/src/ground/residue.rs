//! What is left when edges that match are taken away, noded and traced into rings.
//!
//! Every edge that is left separates ground that is covered more often (kept on its left) from
//! ground that is covered less. The rings are the contours of that count: counter-clockwise ones
//! hold more, clockwise ones less.

use geo::Coord;
use geo::kernels::{Kernel, Orientation, RobustKernel};
use rustc_hash::{FxHashMap, FxHashSet};

use super::UnitAt;
use super::table::{Owner, ends};

/// A unit beside an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Side {
    pub(super) unit: UnitAt,
    /// Left of the edge's direction.
    pub(super) is_left: bool,
    /// How often the unit counts: 1, or -1 for one that is subtracted.
    pub(super) weight: i32,
}

/// A stretch that does not match, more covered ground on its left.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) sides: Vec<Side>,
}

/// A closed contour.
#[derive(Debug)]
pub(super) struct Contour {
    /// Stretches in walking order.
    pub(super) stretches: Vec<u32>,
    /// Twice the signed area in square degrees.
    pub(super) double_area: f64,
}

/// Vertex of one unit's edge that lies on an edge of another which has no vertex there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Touch {
    pub(super) with_vertex: UnitAt,
    pub(super) without: UnitAt,
    pub(super) at: Coord<f64>,
}

#[derive(Debug, Default)]
pub(super) struct Residue {
    pub(super) coords: Vec<Coord<f64>>,
    pub(super) stretches: Vec<Stretch>,
    pub(super) contours: Vec<Contour>,
    pub(super) touches: Vec<Touch>,
}

struct Raw {
    from: u32,
    to: u32,
    owners: Vec<(Owner, i32)>,
}

impl Residue {
    /// From edges that do not match: key of the vertex numbers, owners with their weights.
    pub(super) fn new(
        all_coords: &[Coord<f64>],
        edges: impl IntoIterator<Item = (u64, Vec<(Owner, i32)>)>,
    ) -> Self {
        let mut local = FxHashMap::default();
        let mut residue = Self::default();
        let mut raw = Vec::new();
        for (key, owners) in edges {
            let (low, high) = ends(key);
            let mut number = |vertex: u32| {
                *local.entry(vertex).or_insert_with(|| {
                    residue.coords.push(all_coords[vertex as usize]);
                    residue.coords.len() as u32 - 1
                })
            };
            raw.push(Raw {
                from: number(low),
                to: number(high),
                owners,
            });
        }
        let splits = residue.crossings(&raw);
        residue.merge(&raw, splits);
        residue.trace();
        residue
    }

    fn coord(&self, vertex: u32) -> Coord<f64> {
        self.coords[vertex as usize]
    }

    /// Where edges cross or touch: edge, vertex.
    fn crossings(&mut self, raw: &[Raw]) -> Vec<(u32, u32)> {
        struct Span {
            west: f64,
            east: f64,
            south: f64,
            north: f64,
            edge: u32,
        }
        let mut spans: Vec<Span> = raw
            .iter()
            .enumerate()
            .map(|(edge, one)| {
                let (a, b) = (self.coord(one.from), self.coord(one.to));
                Span {
                    west: a.x.min(b.x),
                    east: a.x.max(b.x),
                    south: a.y.min(b.y),
                    north: a.y.max(b.y),
                    edge: edge as u32,
                }
            })
            .collect();
        spans.sort_by(|a, b| a.west.total_cmp(&b.west).then(a.edge.cmp(&b.edge)));
        let mut found = Vec::new();
        let mut made: FxHashMap<(u64, u64), u32> = FxHashMap::default();
        for (at, one) in spans.iter().enumerate() {
            for other in spans[at + 1..]
                .iter()
                .take_while(|other| other.west <= one.east)
            {
                if other.south <= one.north && one.south <= other.north {
                    let (e, f) = (one.edge.min(other.edge), one.edge.max(other.edge));
                    self.meet(raw, e, f, &mut made, &mut found);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// How two edges meet; splits are added to `found`.
    #[expect(
        clippy::many_single_char_names,
        reason = "ends of segments are lettered in geometry"
    )]
    fn meet(
        &mut self,
        raw: &[Raw],
        e: u32,
        f: u32,
        made: &mut FxHashMap<(u64, u64), u32>,
        found: &mut Vec<(u32, u32)>,
    ) {
        let (one, other) = (&raw[e as usize], &raw[f as usize]);
        let (a, b) = (self.coord(one.from), self.coord(one.to));
        let (c, d) = (self.coord(other.from), self.coord(other.to));
        let (oc, od) = (
            RobustKernel::orient2d(a, b, c),
            RobustKernel::orient2d(a, b, d),
        );
        if oc == od && oc != Orientation::Collinear {
            return;
        }
        let (oa, ob) = (
            RobustKernel::orient2d(c, d, a),
            RobustKernel::orient2d(c, d, b),
        );
        if oa == ob && oa != Orientation::Collinear {
            return;
        }
        let is_collinear = Orientation::Collinear;
        if oa != is_collinear && ob != is_collinear && oc != is_collinear && od != is_collinear {
            let crossing = intersection(a, b, c, d);
            let next = self.coords.len() as u32;
            let vertex = [(one.from, a), (one.to, b), (other.from, c), (other.to, d)]
                .into_iter()
                .find(|(_, end)| *end == crossing)
                .map_or_else(
                    || {
                        *made
                            .entry((crossing.x.to_bits(), crossing.y.to_bits()))
                            .or_insert(next)
                    },
                    |(vertex, _)| vertex,
                );
            if vertex == next {
                self.coords.push(crossing);
            }
            found.extend([(e, vertex), (f, vertex)]);
            return;
        }
        // A vertex of the one lies on the other.
        let mut touch = |edge: u32, host: &Raw, guest: &Raw, vertex: u32, place: Coord<f64>| {
            let (p, q) = (
                self.coords[host.from as usize],
                self.coords[host.to as usize],
            );
            let is_between = |u: f64, v: f64, w: f64| u.min(v) <= w && w <= u.max(v);
            if vertex == host.from
                || vertex == host.to
                || !(is_between(p.x, q.x, place.x) && is_between(p.y, q.y, place.y))
            {
                return;
            }
            found.push((edge, vertex));
            let (guest, host) = (guest.owners[0].0.unit(), host.owners[0].0.unit());
            if guest != host {
                self.touches.push(Touch {
                    with_vertex: guest,
                    without: host,
                    at: place,
                });
            }
        };
        if oc == is_collinear {
            touch(e, one, other, other.from, c);
        }
        if od == is_collinear {
            touch(e, one, other, other.to, d);
        }
        if oa == is_collinear {
            touch(f, other, one, one.from, a);
        }
        if ob == is_collinear {
            touch(f, other, one, one.to, b);
        }
    }

    /// Splits the edges and adds up what then coincides.
    fn merge(&mut self, raw: &[Raw], splits: Vec<(u32, u32)>) {
        let mut by_ends: FxHashMap<u64, Vec<Side>> = FxHashMap::default();
        let mut splits = splits.into_iter().peekable();
        let mut steps = Vec::new();
        for (edge, one) in raw.iter().enumerate() {
            steps.clear();
            steps.push(one.from);
            while let Some((_, vertex)) = splits.next_if(|(split, _)| *split as usize == edge) {
                steps.push(vertex);
            }
            let (a, b) = (self.coord(one.from), self.coord(one.to));
            let along = |vertex: u32| crate::plane::dot(self.coord(vertex) - a, b - a);
            steps[1..].sort_by(|v, w| along(*v).total_cmp(&along(*w)).then(v.cmp(w)));
            steps.push(one.to);
            steps.dedup();
            for pair in steps.windows(2) {
                let is_turned = pair[0] > pair[1];
                let sides = by_ends
                    .entry(super::table::key(pair[0], pair[1]))
                    .or_default();
                sides.extend(one.owners.iter().map(|(owner, weight)| Side {
                    unit: owner.unit(),
                    is_left: owner.is_right() == is_turned,
                    weight: *weight,
                }));
            }
        }
        let mut merged: Vec<(u64, Vec<Side>)> = by_ends.into_iter().collect();
        merged.sort_unstable_by_key(|(key, _)| *key);
        for (key, mut sides) in merged {
            let net: i32 = sides
                .iter()
                .map(|side| {
                    if side.is_left {
                        side.weight
                    } else {
                        -side.weight
                    }
                })
                .sum();
            let (mut from, mut to) = ends(key);
            if net < 0 {
                std::mem::swap(&mut from, &mut to);
                for side in &mut sides {
                    side.is_left = !side.is_left;
                }
            }
            sides.sort_unstable();
            for _ in 0..net.abs() {
                self.stretches.push(Stretch {
                    from,
                    to,
                    sides: sides.clone(),
                });
            }
        }
    }

    /// Joins the stretches into contours that do not cross.
    fn trace(&mut self) {
        // At each vertex, seen counter-clockwise, a stretch that leaves opens the more covered
        // side and one that arrives closes it: they match like brackets.
        let mut spokes: Vec<(u32, f64, bool, u32)> = Vec::with_capacity(self.stretches.len() * 2);
        for (at, stretch) in self.stretches.iter().enumerate() {
            let step = self.coord(stretch.to) - self.coord(stretch.from);
            spokes.push((stretch.from, step.y.atan2(step.x), true, at as u32));
            spokes.push((stretch.to, (-step.y).atan2(-step.x), false, at as u32));
        }
        spokes.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.3.cmp(&b.3)));
        let mut next = vec![u32::MAX; self.stretches.len()];
        for around in spokes.chunk_by(|a, b| a.0 == b.0) {
            let mut open = Vec::new();
            let mut waiting = Vec::new();
            for (_, _, is_leaving, stretch) in around {
                if *is_leaving {
                    open.push(*stretch);
                } else if let Some(leaving) = open.pop() {
                    next[*stretch as usize] = leaving;
                } else {
                    waiting.push(*stretch);
                }
            }
            // Those that arrived before anything was open close what is left open, all round.
            for arriving in waiting {
                if let Some(leaving) = open.pop() {
                    next[arriving as usize] = leaving;
                }
            }
        }
        let mut is_used = vec![false; self.stretches.len()];
        for start in 0..self.stretches.len() as u32 {
            let mut walk = Vec::new();
            let mut at = start;
            while at != u32::MAX && !is_used[at as usize] {
                is_used[at as usize] = true;
                walk.push(at);
                at = next[at as usize];
            }
            if at == start {
                self.split_at_touches(walk);
            }
        }
        // Ground that two units cover with one and the same ring has that ring twice.
        let mut seen: FxHashSet<Vec<(u32, u32)>> = FxHashSet::default();
        let mut contours = std::mem::take(&mut self.contours);
        contours.retain(|contour| {
            let ends = |at: &u32| {
                let stretch = &self.stretches[*at as usize];
                (stretch.from, stretch.to)
            };
            let mut ring: Vec<_> = contour.stretches.iter().map(ends).collect();
            ring.sort_unstable();
            seen.insert(ring)
        });
        self.contours = contours;
    }

    /// Adds a walk as contours that pass each vertex once.
    fn split_at_touches(&mut self, walk: Vec<u32>) {
        let mut path: Vec<u32> = Vec::new();
        let mut position: FxHashMap<u32, usize> = FxHashMap::default();
        for stretch in walk {
            let from = self.stretches[stretch as usize].from;
            position.insert(from, path.len());
            path.push(stretch);
            let to = self.stretches[stretch as usize].to;
            if let Some(&begin) = position.get(&to)
                && begin < path.len()
            {
                let mut ring: Vec<u32> = path.drain(begin..).collect();
                for stretch in &ring {
                    position.remove(&self.stretches[*stretch as usize].from);
                }
                // It begins at its westernmost vertex, however the walk came round: sums of the
                // same numbers in another order are other sums.
                let from = |at: &u32| self.coord(self.stretches[*at as usize].from);
                let first = (0..ring.len()).min_by(|a, b| {
                    let (a, b) = (from(&ring[*a]), from(&ring[*b]));
                    a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y))
                });
                ring.rotate_left(first.unwrap_or(0));
                let coords = self.ring(&ring);
                let double_area = crate::plane::double_area(&coords);
                self.contours.push(Contour {
                    stretches: ring,
                    double_area,
                });
            }
        }
    }

    /// Vertices of a contour, first one repeated at the end.
    pub(super) fn ring(&self, stretches: &[u32]) -> Vec<Coord<f64>> {
        let mut coords: Vec<Coord<f64>> = stretches
            .iter()
            .map(|at| self.coord(self.stretches[*at as usize].from))
            .collect();
        coords.extend(coords.first().copied());
        coords
    }
}

/// Where two lines that cross properly do so; kept inside both boxes.
#[expect(
    clippy::many_single_char_names,
    reason = "ends of segments are lettered in geometry"
)]
fn intersection(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>, d: Coord<f64>) -> Coord<f64> {
    use crate::plane::cross;
    let (u, v) = (b - a, d - c);
    let share = (cross(c - a, v) / cross(u, v)).clamp(0.0, 1.0);
    let p = a + u * share;
    let clamp = |w: f64, p: f64, q: f64, r: f64, s: f64| {
        let low = p.min(q).max(r.min(s));
        let high = p.max(q).min(r.max(s));
        w.max(low).min(high)
    };
    Coord {
        x: clamp(p.x, a.x, b.x, c.x, d.x),
        y: clamp(p.y, a.y, b.y, c.y, d.y),
    }
}
