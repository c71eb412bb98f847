//! What does not match between units, with its geometry.

use geo::{Contains, Coord, Geometry, InteriorPoint, LineString, Polygon};

use crate::coverage::{Coverage, compare};
use crate::measure::{length_m, ring_area_m2};
use crate::trace::{Directed, double_area, trace};

/// Why a stretch could not become a shared line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftoverKind {
    /// Ground that no unit has, with units all round it.
    Gap,
    /// Ground that several units have.
    Overlap,
    /// A stretch that units use from the same side.
    SameSide,
}

/// A place where the polygons do not fit together.
#[derive(Debug, Clone, PartialEq)]
pub struct Leftover {
    /// What it is.
    pub kind: LeftoverKind,
    /// The units concerned, ascending; one for an empty hole in a single unit.
    pub units: Vec<u64>,
    /// The polygon of a gap or overlap, the line of a stretch. Where two outlines cross each
    /// other several times the polygon's ring crosses itself likewise.
    pub geometry: Geometry<f64>,
    /// Area in square metres; 0 for a stretch.
    pub area_m2: f64,
    /// Length of the outline or stretch in metres.
    pub length_m: f64,
}

/// More owners than this round one ring mean the outer border of a group of units; an overlap of
/// so many at one spot would be reported pair by pair through its smaller rings.
const MOST_OVERLAPPING_UNITS: usize = 6;

pub(super) fn leftovers(coverage: &Coverage) -> Vec<Leftover> {
    let mut found = Vec::new();
    let mut walks: Vec<(u64, Vec<Coord<f64>>)> = Vec::new();
    for (owners, coords) in coverage.layer_chains(0, <[_]>::to_vec) {
        let id = |at: usize| coverage.units()[owners[at].unit() as usize].id;
        match owners.len() {
            0 => {}
            1 => {
                let mut coords = coords.0;
                if owners[0].is_right() {
                    coords.reverse();
                }
                walks.push((id(0), coords));
            }
            2 if owners[0].is_right() != owners[1].is_right() => {}
            n => {
                let mut units: Vec<u64> = (0..n).map(id).collect();
                units.dedup();
                if units.len() == n && coords.is_closed() {
                    // Several units have the same ring, all of it.
                    found.push(Leftover {
                        kind: LeftoverKind::Overlap,
                        units,
                        area_m2: ring_area_m2(&coords),
                        length_m: length_m(&coords),
                        geometry: Geometry::Polygon(Polygon::new(coords, Vec::new())),
                    });
                    continue;
                }
                found.push(Leftover {
                    kind: LeftoverKind::SameSide,
                    units,
                    area_m2: 0.0,
                    length_m: length_m(&coords),
                    geometry: Geometry::LineString(coords),
                });
            }
        }
    }
    found.extend(faces(&walks).into_iter().filter_map(|face| {
        if double_area(face.coords.iter().map(|c| [c.x, c.y])) <= 0.0 {
            return None;
        }
        let mut ring = face.coords;
        ring.push(*ring.first()?);
        let ring = LineString(ring);
        let kind = if face.is_outside {
            LeftoverKind::Gap
        } else if is_overlap(coverage, &face.units, &ring) {
            LeftoverKind::Overlap
        } else {
            return None;
        };
        Some(Leftover {
            kind,
            units: face.units,
            area_m2: ring_area_m2(&ring),
            length_m: length_m(&ring),
            geometry: Geometry::Polygon(Polygon::new(ring, Vec::new())),
        })
    }));
    found
}

fn is_overlap(coverage: &Coverage, units: &[u64], ring: &LineString<f64>) -> bool {
    if !(2..=MOST_OVERLAPPING_UNITS).contains(&units.len()) {
        return false;
    }
    let Some(inside) = Polygon::new(ring.clone(), Vec::new()).interior_point() else {
        return false;
    };
    let covering = units
        .iter()
        .filter(|&&unit| {
            coverage
                .polygon(unit)
                .is_some_and(|polygon| polygon.contains(&inside))
        })
        .count();
    covering >= 2
}

/// Ground between one-owner stretches that lies on the same side of all of them.
struct Face {
    units: Vec<u64>,
    coords: Vec<Coord<f64>>,
    /// Whether the owners of the stretches lie outside the face.
    is_outside: bool,
}

fn faces(walks: &[(u64, Vec<Coord<f64>>)]) -> Vec<Face> {
    let mut nodes: Vec<Coord<f64>> = walks
        .iter()
        .flat_map(|(_, walk)| [walk[0], walk[walk.len() - 1]])
        .collect();
    nodes.sort_by(compare);
    nodes.dedup();
    let number = |c: &Coord<f64>| nodes.partition_point(|node| compare(node, c).is_lt()) as u32;
    // Even items have their owner on the left, odd ones are the same stretch backwards.
    let mut items = Vec::with_capacity(walks.len() * 2);
    for (_, walk) in walks {
        let n = walk.len();
        let (from, to) = (number(&walk[0]), number(&walk[n - 1]));
        let leave = [walk[1].x - walk[0].x, walk[1].y - walk[0].y];
        let arrive = [walk[n - 1].x - walk[n - 2].x, walk[n - 1].y - walk[n - 2].y];
        items.push(Directed {
            from,
            to,
            leave,
            arrive,
        });
        let back = |v: [f64; 2]| [-v[0], -v[1]];
        items.push(Directed {
            from: to,
            to: from,
            leave: back(arrive),
            arrive: back(leave),
        });
    }
    let Ok(traced) = trace(&items) else {
        return Vec::new();
    };
    let mut faces = Vec::new();
    for ring in &traced {
        let is_outside = ring[0] % 2 == 1;
        if ring.iter().any(|item| (item % 2 == 1) != is_outside) {
            continue;
        }
        let mut units: Vec<u64> = ring
            .iter()
            .map(|&item| walks[item as usize / 2].0)
            .collect();
        units.sort_unstable();
        units.dedup();
        let mut coords = Vec::new();
        for &item in ring {
            let walk = &walks[item as usize / 2].1;
            if is_outside {
                coords.extend(walk[1..].iter().rev());
            } else {
                coords.extend(&walk[..walk.len() - 1]);
            }
        }
        faces.push(Face {
            units,
            coords,
            is_outside,
        });
    }
    faces
}
