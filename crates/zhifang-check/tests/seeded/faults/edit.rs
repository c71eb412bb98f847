//! Edits of rings, and the flat neighbourhood in which they are thought out.

use std::sync::Arc;

use geo::{Contains, Coord, Geometry, LineString, MultiPolygon, Polygon};
use zhifang_core::{DivisionCode, Record};
use zhifang_topology::distance_m;

use super::base::{Base, polygons, round, unit_key};

/// Degrees to metres round a place, taken from geodesic distances.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flat {
    east_m: f64,
    north_m: f64,
}

impl Flat {
    pub(crate) fn at(c: Coord<f64>) -> Self {
        let step = 1e-3;
        let east = Coord {
            x: c.x + step,
            y: c.y,
        };
        let north = Coord {
            x: c.x,
            y: c.y + step,
        };
        Self {
            east_m: distance_m(c, east) / step,
            north_m: distance_m(c, north) / step,
        }
    }

    /// `c` moved by so many metres.
    pub(crate) fn moved(self, c: Coord<f64>, east: f64, north: f64) -> Coord<f64> {
        round(
            Coord {
                x: c.x + east / self.east_m,
                y: c.y + north / self.north_m,
            },
            9,
        )
    }

    /// A step in metres.
    pub(crate) fn step(self, from: Coord<f64>, to: Coord<f64>) -> Coord<f64> {
        Coord {
            x: (to.x - from.x) * self.east_m,
            y: (to.y - from.y) * self.north_m,
        }
    }
}

/// Unit vector left of a step in metres.
pub(crate) fn left_of(step: Coord<f64>) -> Coord<f64> {
    let long = step.x.hypot(step.y);
    Coord {
        x: -step.y / long,
        y: step.x / long,
    }
}

/// All rings of polygons.
pub(crate) fn rings(polygons: &MultiPolygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    polygons
        .iter()
        .flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()))
}

/// Changes every ring of a record.
pub(crate) fn map_rings(record: &mut Record, edit: &dyn Fn(&mut Vec<Coord<f64>>)) {
    let changed = polygons(record).iter().map(|part| {
        let ring = |line: &LineString<f64>| {
            let mut coords = line.0.clone();
            edit(&mut coords);
            LineString(coords)
        };
        Polygon::new(
            ring(part.exterior()),
            part.interiors().iter().map(ring).collect(),
        )
    });
    record.geometry = Some(Arc::new(Geometry::MultiPolygon(MultiPolygon(
        changed.collect(),
    ))));
}

/// Puts vertices between two neighbouring ones, given in the order from `p` to `q`.
pub(crate) fn insert(record: &mut Record, p: Coord<f64>, q: Coord<f64>, extra: &[Coord<f64>]) {
    map_rings(record, &|ring| {
        let Some(at) = ring
            .windows(2)
            .position(|e| (e[0] == p && e[1] == q) || (e[0] == q && e[1] == p))
        else {
            return;
        };
        let mut extra = extra.to_vec();
        if ring[at] == q {
            extra.reverse();
        }
        let tail = ring.split_off(at + 1);
        ring.extend(extra);
        ring.extend(tail);
    });
}

/// Moves a vertex.
pub(crate) fn replace(record: &mut Record, from: Coord<f64>, to: Coord<f64>) {
    map_rings(record, &|ring| {
        for coord in ring.iter_mut().filter(|coord| **coord == from) {
            *coord = to;
        }
    });
}

/// Adds a part.
pub(crate) fn add_part(record: &mut Record, ring: Vec<Coord<f64>>) {
    let mut parts = polygons(record).clone();
    parts.0.push(Polygon::new(LineString(ring), Vec::new()));
    record.geometry = Some(Arc::new(Geometry::MultiPolygon(parts)));
}

/// Cuts a hole into the part that holds it.
pub(crate) fn add_hole(record: &mut Record, ring: &[Coord<f64>]) {
    let mut parts = polygons(record).clone();
    for part in &mut parts.0 {
        if part.contains(&ring[0]) {
            part.interiors_push(LineString(ring.to_vec()));
        }
    }
    record.geometry = Some(Arc::new(Geometry::MultiPolygon(parts)));
}

pub(crate) fn holds(record: &Record, place: Coord<f64>) -> bool {
    polygons(record).contains(&place)
}

fn turn(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>) -> f64 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

pub(crate) fn crosses(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>, d: Coord<f64>) -> bool {
    let is_box_apart = a.x.max(b.x) < c.x.min(d.x)
        || c.x.max(d.x) < a.x.min(b.x)
        || a.y.max(b.y) < c.y.min(d.y)
        || c.y.max(d.y) < a.y.min(b.y);
    !is_box_apart
        && (turn(a, b, c) > 0.0) != (turn(a, b, d) > 0.0)
        && (turn(c, d, a) > 0.0) != (turn(c, d, b) > 0.0)
}

/// Whether a path meets no edge of the records but at its own ends.
pub(crate) fn is_free<'r>(
    records: impl IntoIterator<Item = &'r Record>,
    path: &[Coord<f64>],
) -> bool {
    let (first, last) = (path[0], path[path.len() - 1]);
    records.into_iter().all(|record| {
        rings(polygons(record)).all(|ring| {
            ring.0.windows(2).all(|edge| {
                path.windows(2).all(|step| {
                    let shares = edge.iter().any(|c| *c == first || *c == last)
                        && step.iter().any(|c| edge.contains(c));
                    shares || !crosses(step[0], step[1], edge[0], edge[1])
                })
            })
        })
    })
}

/// The same, edges that end in one place aside.
pub(crate) fn is_free_but<'r>(
    records: impl IntoIterator<Item = &'r Record>,
    path: &[Coord<f64>],
    place: Coord<f64>,
) -> bool {
    let ends = [path[0], path[path.len() - 1], place];
    records.into_iter().all(|record| {
        rings(polygons(record))
            .flat_map(|ring| ring.0.windows(2))
            .filter(|edge| !edge.iter().any(|c| ends.contains(c)))
            .all(|edge| {
                path.windows(2)
                    .all(|step| !crosses(step[0], step[1], edge[0], edge[1]))
            })
    })
}

/// An edge that two counties share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edge {
    pub(crate) p: Coord<f64>,
    pub(crate) q: Coord<f64>,
    pub(crate) other: DivisionCode,
    pub(crate) length_m: f64,
    pub(crate) flat: Flat,
    /// Unit vector, metres, from the edge into the county itself.
    pub(crate) inward: Coord<f64>,
}

impl Edge {
    /// The place at a share of the edge, so many metres inward (negative: into the neighbour).
    pub(crate) fn place(&self, share: f64, inward_m: f64) -> Coord<f64> {
        let c = self.p + (self.q - self.p) * share;
        self.flat
            .moved(c, self.inward.x * inward_m, self.inward.y * inward_m)
    }
}

/// Edges of a county shared with inner counties, at least so long, ends of lines left out; the
/// longest first.
pub(crate) fn edges(base: &Base, unit: DivisionCode, least_m: f64) -> Vec<Edge> {
    let mut found = Vec::new();
    for line in base.lines_of(unit) {
        let last = line.coords.len() - 2;
        for (at, ends) in line.coords.windows(2).enumerate() {
            let length_m = distance_m(ends[0], ends[1]);
            if length_m < least_m || at == 0 || at == last {
                continue;
            }
            let flat = Flat::at((ends[0] + ends[1]) / 2.0);
            let left = left_of(flat.step(ends[0], ends[1]));
            let sign = if line.left == unit { 1.0 } else { -1.0 };
            found.push(Edge {
                p: ends[0],
                q: ends[1],
                other: line.other(unit),
                length_m,
                flat,
                inward: left * sign,
            });
        }
    }
    found.sort_by(|a, b| {
        b.length_m
            .total_cmp(&a.length_m)
            .then(a.p.x.total_cmp(&b.p.x))
    });
    found
}

/// The records of a county and of a neighbour.
pub(crate) fn both(base: &Base, unit: DivisionCode, other: DivisionCode) -> [&Record; 2] {
    [
        &base.counties[&unit_key(unit)],
        &base.counties[&unit_key(other)],
    ]
}

/// A place inside a county, at least so far from every edge, metres.
pub(crate) fn inner_place(base: &Base, unit: DivisionCode, clear_m: f64) -> Option<Coord<f64>> {
    let record = &base.counties[&unit_key(unit)];
    let bbox = record.bbox()?;
    for row in 1..8 {
        for column in 1..8 {
            let c = round(
                Coord {
                    x: bbox.west + (bbox.east - bbox.west) * f64::from(column) / 8.0,
                    y: bbox.south + (bbox.north - bbox.south) * f64::from(row) / 8.0,
                },
                6,
            );
            let flat = Flat::at(c);
            let is_clear = || {
                rings(polygons(record))
                    .flat_map(|ring| ring.0.windows(2))
                    .all(|ends| {
                        let (a, b) = (flat.step(c, ends[0]), flat.step(c, ends[1]));
                        let along = b - a;
                        let share = (-(a.x * along.x + a.y * along.y)
                            / (along.x * along.x + along.y * along.y).max(1e-12))
                        .clamp(0.0, 1.0);
                        let near = a + along * share;
                        near.x.hypot(near.y) > clear_m
                    })
            };
            if holds(record, c) && is_clear() {
                return Some(c);
            }
        }
    }
    None
}

/// A square round a place, its side in metres, closed, clockwise as the set's rings are.
pub(crate) fn square(c: Coord<f64>, side_m: f64) -> Vec<Coord<f64>> {
    let (flat, half) = (Flat::at(c), side_m / 2.0);
    [
        (-half, -half),
        (-half, half),
        (half, half),
        (half, -half),
        (-half, -half),
    ]
    .map(|(east, north)| flat.moved(c, east, north))
    .to_vec()
}
