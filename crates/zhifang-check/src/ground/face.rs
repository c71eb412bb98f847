//! Faces where the cover is not single: overlaps, gaps and holes, with owners, area and width.

use geo::{Coord, LineString};
use rstar::{AABB, RTree, RTreeObject};
use zhifang_core::{Bbox, LonLat};

use super::residue::{Contour, Residue, Stretch};
use super::table::{EdgeTable, Owner, is_matched};
use super::width::{half_perimeter, largest_circle};
use super::{Ground, Layer, UnitAt};
use crate::finding::Extent;
use crate::plane::{Plane, is_inside};

/// What is wrong with a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum FaceKind {
    /// Two or more units cover it.
    Overlap,
    /// No unit covers it, two or more lie round it.
    Gap,
    /// No unit covers it, one lies round it.
    Hole,
    /// A vertex that one side has and the other lacks, exactly on the line; no area.
    Vertex,
}

/// A face that is not covered once.
#[derive(Debug, Clone)]
pub(crate) struct Face {
    pub(crate) kind: FaceKind,
    /// The units that cover it, or that lie round it, ascending.
    pub(crate) units: Vec<UnitAt>,
    /// Outer ring first, EPSG:4490; empty for a vertex.
    pub(crate) rings: Vec<Vec<Coord<f64>>>,
    /// The units whose line each edge of the outer ring is.
    pub(crate) edge_units: Vec<Vec<UnitAt>>,
    pub(crate) area_m2: f64,
    /// Diameter of the largest circle inside.
    pub(crate) width_m: f64,
    pub(crate) length_m: f64,
    /// Middle of the largest circle.
    pub(crate) centre: Coord<f64>,
    /// One unit in the last place of its coordinates, metres.
    pub(crate) resolution_m: f64,
}

impl Face {
    /// Its measures, for a finding.
    pub(crate) fn extent(&self) -> Extent {
        Extent {
            place: LonLat::from(self.centre),
            width_m: self.width_m,
            mean_width_m: self.area_m2 / self.length_m.max(f64::MIN_POSITIVE),
            length_m: self.length_m,
            area_m2: self.area_m2,
        }
    }
}

/// A unit in the tree by which those at a place are found.
struct Placed {
    unit: UnitAt,
    envelope: AABB<[f64; 2]>,
}

impl RTreeObject for Placed {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

fn tree(ground: &Ground<'_>, units: &[UnitAt]) -> RTree<Placed> {
    let placed = |&unit: &UnitAt| {
        let bbox = &ground.units[unit as usize].bbox;
        let envelope = AABB::from_corners([bbox.west, bbox.south], [bbox.east, bbox.north]);
        Placed { unit, envelope }
    };
    RTree::bulk_load(units.iter().map(placed).collect())
}

/// The faces of one layer.
pub(super) fn faces(ground: &Ground<'_>, table: &EdgeTable, units: &[UnitAt]) -> Vec<Face> {
    let loose = table
        .iter()
        .filter(|(_, owners)| !is_matched(owners))
        .map(|(key, owners)| {
            (
                key,
                owners.iter().map(|owner| (*owner, 1)).collect::<Vec<_>>(),
            )
        });
    let residue = Residue::new(&ground.coords, loose);
    let tree = tree(ground, units);
    let others = |place: Coord<f64>| -> Vec<(UnitAt, i32)> {
        let mut found: Vec<(UnitAt, i32)> = tree
            .locate_in_envelope_intersecting(AABB::from_point([place.x, place.y]))
            .map(|placed| placed.unit)
            .filter(|unit| ground.is_inside(*unit, place))
            .map(|unit| (unit, 1))
            .collect();
        found.sort_unstable();
        found
    };
    let mut faces = classify(&residue, &others);
    let mut touches: Vec<Face> = residue.touches.iter().map(touch_face).collect();
    touches.sort_by(|a, b| a.units.cmp(&b.units).then(order(a.centre, b.centre)));
    touches.dedup_by(|a, b| a.units == b.units && a.centre == b.centre);
    // A vertex of a ring that is wrong anyway says nothing new.
    touches.retain(|touch| {
        !faces.iter().any(|face| {
            touch.units.iter().all(|unit| face.units.contains(unit))
                && face
                    .rings
                    .iter()
                    .flatten()
                    .any(|corner| *corner == touch.centre)
        })
    });
    faces.append(&mut touches);
    faces
}

fn touch_face(touch: &super::residue::Touch) -> Face {
    Face {
        kind: FaceKind::Vertex,
        units: vec![touch.with_vertex, touch.without],
        rings: Vec::new(),
        edge_units: Vec::new(),
        area_m2: 0.0,
        width_m: 0.0,
        length_m: 0.0,
        centre: touch.at,
        resolution_m: resolution_m(&[touch.at]),
    }
}

/// For each unit whose next layer below is this one, where both differ.
pub(super) fn unfilled(ground: &Ground<'_>, layer: &Layer) -> Vec<(UnitAt, Vec<Face>)> {
    let is_in = |layer: &Layer, unit: UnitAt| layer.units.binary_search(&unit).is_ok();
    // The first layer below a unit that it does not stand in for.
    let is_next_below = |unit: UnitAt| {
        let record = ground.units[unit as usize].record;
        let own = record
            .level()
            .unwrap_or(ground.units[unit as usize].code.level());
        ground
            .layers
            .iter()
            .find(|below| below.level > own && !is_in(below, unit))
            .is_some_and(|below| below.level == layer.level)
    };
    let mut groups: Vec<(UnitAt, UnitAt)> = Vec::new();
    for &unit in &layer.units {
        let mut up = ground.units[unit as usize].record.parent();
        let mut seen = Vec::new();
        while let Some(code) = up.filter(|code| !seen.contains(code)) {
            seen.push(code);
            let found = ground.units.binary_search_by_key(&code, |unit| unit.code);
            if let Ok(at) = found
                && is_next_below(at as UnitAt)
            {
                groups.push((at as UnitAt, unit));
            }
            up = found.map_or_else(|_| code.parent(), |at| ground.units[at].record.parent());
        }
    }
    groups.sort_unstable();
    groups
        .chunk_by(|a, b| a.0 == b.0)
        .map(|group| {
            let above = group[0].0;
            let below: Vec<UnitAt> = group.iter().map(|(_, unit)| *unit).collect();
            (above, difference(ground, above, &below))
        })
        .filter(|(_, faces)| !faces.is_empty())
        .collect()
}

/// Where a unit and those below it differ.
fn difference(ground: &Ground<'_>, above: UnitAt, below: &[UnitAt]) -> Vec<Face> {
    let mut owned: Vec<(u64, Owner)> = ground.owned_edges(below.iter().copied());
    owned.extend(ground.owned_edges([above]));
    owned.sort_unstable();
    let weight = |owner: &Owner| if owner.unit() == above { -1 } else { 1 };
    let loose = owned.chunk_by(|a, b| a.0 == b.0).filter_map(|run| {
        let net: i32 = run
            .iter()
            .map(|(_, owner)| {
                if owner.is_right() {
                    -weight(owner)
                } else {
                    weight(owner)
                }
            })
            .sum();
        (net != 0).then(|| {
            (
                run[0].0,
                run.iter()
                    .map(|(_, owner)| (*owner, weight(owner)))
                    .collect::<Vec<_>>(),
            )
        })
    });
    let residue = Residue::new(&ground.coords, loose.collect::<Vec<_>>());
    let others = |place: Coord<f64>| -> Vec<(UnitAt, i32)> {
        std::iter::once((above, -1))
            .chain(below.iter().map(|unit| (*unit, 1)))
            .filter(|(unit, _)| ground.is_inside(*unit, place))
            .collect()
    };
    // One above and one below cancel: the count is 0 where all is well.
    let mut faces = Vec::new();
    for contour in &residue.contours {
        let Some(stretch) = longest(&residue, contour) else {
            continue;
        };
        let is_counter_clockwise = contour.double_area > 0.0;
        let (count, mut units) = cover(&residue, stretch, is_counter_clockwise, &others);
        units.retain(|unit| *unit != above);
        let kind = match count {
            1.. if is_counter_clockwise => FaceKind::Overlap,
            ..=-1 if !is_counter_clockwise => FaceKind::Gap,
            _ => continue,
        };
        if kind == FaceKind::Gap {
            units = beside(&residue, contour);
            units.retain(|unit| *unit != above);
        }
        let edge_units = edge_units(&residue, contour);
        faces.extend(measured(
            kind,
            units,
            edge_units,
            vec![residue.ring(&contour.stretches)],
        ));
    }
    sort(&mut faces);
    faces
}

fn classify(residue: &Residue, others: &dyn Fn(Coord<f64>) -> Vec<(UnitAt, i32)>) -> Vec<Face> {
    let mut faces = Vec::new();
    let mut islands = Vec::new();
    let mut vertices = Vec::new();
    for contour in &residue.contours {
        let Some(stretch) = longest(residue, contour) else {
            continue;
        };
        let is_counter_clockwise = contour.double_area > 0.0;
        let ring = || residue.ring(&contour.stretches);
        if let Some(face) = vertex_face(residue, contour, &ring()) {
            vertices.push(face);
            continue;
        }
        let (count, mut units) = cover(residue, stretch, is_counter_clockwise, others);
        if is_counter_clockwise && count >= 2 {
            let lefts = contour.stretches.iter().flat_map(|at| {
                let sides = &residue.stretches[*at as usize].sides;
                sides
                    .iter()
                    .filter(|side| side.is_left)
                    .map(|side| side.unit)
            });
            units.extend(lefts);
            units.sort_unstable();
            units.dedup();
            faces.push((
                FaceKind::Overlap,
                units,
                edge_units(residue, contour),
                ring(),
            ));
        } else if !is_counter_clockwise && count == 0 {
            let units = beside(residue, contour);
            let kind = if units.len() > 1 {
                FaceKind::Gap
            } else {
                FaceKind::Hole
            };
            faces.push((kind, units, edge_units(residue, contour), ring()));
        } else {
            islands.push(ring());
        }
    }
    // Units inside a gap, and gaps inside an overlap, are no part of it.
    let mut measured_faces: Vec<Face> = faces
        .into_iter()
        .filter_map(|(kind, units, edge_units, outer)| {
            let turn = crate::plane::double_area(&outer).signum();
            let mut rings = vec![outer];
            for island in &islands {
                if crate::plane::double_area(island).signum() != turn
                    && island.first().is_some_and(|corner| {
                        !rings[0].contains(corner) && is_inside([rings[0].as_slice()], *corner)
                    })
                {
                    rings.push(island.clone());
                }
            }
            measured(kind, units, edge_units, rings)
        })
        .collect();
    measured_faces.append(&mut vertices);
    sort(&mut measured_faces);
    measured_faces
}

/// A contour between two units without any width: three points on a line, but for the last bits
/// of their coordinates. Who covers what is inside cannot be asked; one has a vertex there.
fn vertex_face(residue: &Residue, contour: &Contour, ring: &[Coord<f64>]) -> Option<Face> {
    let plane = Plane::at(*ring.first()?);
    let flat: Vec<Coord<f64>> = ring.iter().map(|c| plane.metres(*c)).collect();
    let length_m = half_perimeter(&flat);
    if crate::ground::width::ring_area(&flat) >= NO_WIDTH_M * length_m {
        return None;
    }
    let units = beside(residue, contour);
    (units.len() > 1).then(|| Face {
        kind: FaceKind::Vertex,
        units,
        rings: Vec::new(),
        edge_units: Vec::new(),
        area_m2: 0.0,
        width_m: 0.0,
        length_m: 0.0,
        centre: odd_corner(ring),
        resolution_m: resolution_m(ring),
    })
}

fn sort(faces: &mut [Face]) {
    faces.sort_by(|a, b| {
        a.kind
            .cmp(&b.kind)
            .then_with(|| a.units.cmp(&b.units))
            .then(order(a.centre, b.centre))
    });
}

fn order(a: Coord<f64>, b: Coord<f64>) -> std::cmp::Ordering {
    a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y))
}

/// The longest stretch of a contour: its middle is farthest from noise.
fn longest<'a>(residue: &'a Residue, contour: &Contour) -> Option<&'a Stretch> {
    let length_2 = |stretch: &Stretch| {
        let step = residue.coords[stretch.to as usize] - residue.coords[stretch.from as usize];
        crate::plane::dot(step, step)
    };
    contour
        .stretches
        .iter()
        .map(|at| &residue.stretches[*at as usize])
        .max_by(|a, b| length_2(a).total_cmp(&length_2(b)))
}

/// How often the ground beside a stretch is covered, inside its contour, and by which units.
fn cover(
    residue: &Residue,
    stretch: &Stretch,
    is_left: bool,
    others: &dyn Fn(Coord<f64>) -> Vec<(UnitAt, i32)>,
) -> (i32, Vec<UnitAt>) {
    let (a, b) = (
        residue.coords[stretch.from as usize],
        residue.coords[stretch.to as usize],
    );
    let near = stretch.sides.iter().filter(|side| side.is_left == is_left);
    let far = others((a + b) / 2.0);
    let far = far
        .iter()
        .filter(|(unit, _)| !stretch.sides.iter().any(|side| side.unit == *unit));
    let mut units = Vec::new();
    let mut count = 0;
    for (unit, weight) in near
        .map(|side| (side.unit, side.weight))
        .chain(far.copied())
    {
        units.push(unit);
        count += weight;
    }
    units.sort_unstable();
    units.dedup();
    (count, units)
}

/// The units whose line each stretch of a contour is.
fn edge_units(residue: &Residue, contour: &Contour) -> Vec<Vec<UnitAt>> {
    let units = |at: &u32| {
        let sides = &residue.stretches[*at as usize].sides;
        let mut units: Vec<UnitAt> = sides.iter().map(|side| side.unit).collect();
        units.dedup();
        units
    };
    contour.stretches.iter().map(units).collect()
}

/// The units beside a contour, ascending.
fn beside(residue: &Residue, contour: &Contour) -> Vec<UnitAt> {
    let mut units: Vec<UnitAt> = contour
        .stretches
        .iter()
        .flat_map(|at| {
            residue.stretches[*at as usize]
                .sides
                .iter()
                .map(|side| side.unit)
        })
        .collect();
    units.sort_unstable();
    units.dedup();
    units
}

/// Faces of a smaller extent than this, degrees, are measured in the plane: its scale is right to
/// a part in a million at this distance from its middle.
const PLANE_DEG: f64 = 0.2;
/// … and so are those whose area is a smaller share than this of the square of their length.
const THIN: f64 = 0.01;
/// Faces of a smaller mean width than this, metres, are no faces but a vertex too many.
const NO_WIDTH_M: f64 = 1e-5;

/// The corner of a ring that is no end of its longest edge.
fn odd_corner(ring: &[Coord<f64>]) -> Coord<f64> {
    let length_2 = |ends: &[Coord<f64>]| crate::plane::dot(ends[1] - ends[0], ends[1] - ends[0]);
    let longest = ring
        .windows(2)
        .max_by(|a, b| length_2(a).total_cmp(&length_2(b)));
    ring.iter()
        .find(|corner| longest.is_none_or(|ends| !ends.contains(corner)))
        .or(ring.first())
        .copied()
        .unwrap_or_default()
}

/// A face with its measures; `None` where nothing can be measured because it has no area at all.
fn measured(
    kind: FaceKind,
    units: Vec<UnitAt>,
    edge_units: Vec<Vec<UnitAt>>,
    rings: Vec<Vec<Coord<f64>>>,
) -> Option<Face> {
    let bbox = Bbox::of_coords(rings.first()?.iter().copied())?;
    let plane = Plane::at(Coord {
        x: f64::midpoint(bbox.west, bbox.east),
        y: f64::midpoint(bbox.south, bbox.north),
    });
    let flat: Vec<Vec<Coord<f64>>> = rings
        .iter()
        .map(|ring| ring.iter().map(|c| plane.metres(*c)).collect())
        .collect();
    // Edges are straight in degrees. A geodesic bends away from such an edge by decimetres in
    // some kilometres, which is more than a sliver is wide: small faces are measured in the plane.
    let is_small = bbox.east - bbox.west < PLANE_DEG && bbox.north - bbox.south < PLANE_DEG;
    let mut area_m2 = 0.0;
    for (at, (ring, flat)) in rings.iter().zip(&flat).enumerate() {
        let plane_m2 = crate::ground::width::ring_area(flat);
        let long = half_perimeter(flat);
        let ring_m2 = if is_small || plane_m2 < THIN * long * long {
            plane_m2
        } else {
            zhifang_topology::ring_area_m2(&LineString(ring.clone()))
        };
        area_m2 += if at == 0 { ring_m2 } else { -ring_m2 };
    }
    let area_m2 = area_m2.max(0.0);
    let length_m = half_perimeter(&flat[0]);
    let mean_m = area_m2 / length_m.max(f64::MIN_POSITIVE);
    if mean_m < NO_WIDTH_M {
        return None;
    }
    let circle = largest_circle(&flat)?;
    Some(Face {
        kind,
        units,
        area_m2,
        width_m: circle.radius * 2.0,
        length_m,
        centre: plane.degrees(circle.centre),
        resolution_m: resolution_m(&rings[0]),
        edge_units,
        rings,
    })
}

/// Metres in a degree of latitude, about.
const DEGREE_M: f64 = 111_320.0;

/// One unit in the last decimal that any of the coordinates uses, metres. Crossings of lines,
/// which have all digits, do not count.
pub(super) fn resolution_m(coords: &[Coord<f64>]) -> f64 {
    let mut counts: Vec<i32> = coords
        .iter()
        .map(|c| decimals(c.x).max(decimals(c.y)))
        .filter(|n| *n <= 9)
        .collect();
    counts.sort_unstable();
    let finest = counts.last().copied().unwrap_or(9);
    DEGREE_M * 10_f64.powi(-finest)
}

/// Decimals that a number needs, 0 to 10 (10: nine do not suffice).
pub(crate) fn decimals(number: f64) -> i32 {
    (0..10)
        .find(|&count| {
            let scaled = number * 10_f64.powi(count);
            (scaled - scaled.round()).abs() < 1e-4
        })
        .unwrap_or(10)
}
