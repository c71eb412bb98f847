//! Shared lines from polygons that were drawn one by one.

mod leftover;
mod snap;

use geo::{Coord, LineString, MultiPolygon};
use rustc_hash::FxHashMap;

use crate::coverage::{Coverage, Irregularity, Layers, UnitInput, compare};

pub use leftover::{Leftover, LeftoverKind};

/// How far apart two units' copies of one line may lie to be taken as one line, metres.
///
/// Files with six decimals hold a position to 0.11 m, so that two roundings of one surveyed point
/// differ by up to 0.16 m and a rounded vertex may lie as far off its neighbour's segment; marker
/// positions themselves are good to 1 m (GB/T 17796). Half a metre is above the first and below
/// the second: it joins what was one line and keeps apart what two surveys disagree about.
pub const ADOPT_TOLERANCE_M: f64 = 0.5;

/// What the proposal does to one unit's outline at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    /// The unit whose outline changes.
    pub unit: u64,
    /// Whether the unit had a vertex there, or only a segment passing by.
    pub kind: ShiftKind,
    /// The unit's own vertex, or the nearest position on its segment.
    pub from: Coord<f64>,
    /// The vertex of the proposed line.
    pub to: Coord<f64>,
    /// How far apart the two are, metres.
    pub distance_m: f64,
}

/// How a unit's outline comes to the proposed vertex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShiftKind {
    /// A vertex of the unit moves.
    Moved,
    /// The unit gets a vertex that only its neighbour had.
    Inserted,
}

/// What speaks for a proposed line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Both units had the same vertices, bit for bit.
    Exact,
    /// The two copies lay within the tolerance of each other; see the shifts.
    WithinTolerance,
    /// Only one unit has this line: an outer border, or the edge of a leftover.
    OneSided,
}

/// One proposed line.
#[derive(Debug, Clone, PartialEq)]
pub struct AdoptedLine {
    /// Vertices, EPSG:4490, from the lower end to the higher.
    pub coords: LineString<f64>,
    /// Unit on the left.
    pub left: Option<u64>,
    /// Unit on the right.
    pub right: Option<u64>,
    /// Position of the first vertex in [`Adoption::nodes`].
    pub from_node: u32,
    /// Position of the last vertex there; equal to `from_node` for a closed line.
    pub to_node: u32,
    /// What speaks for it.
    pub agreement: Agreement,
    /// Every place where a unit's outline would change, in the order of the line.
    pub shifts: Vec<Shift>,
}

impl AdoptedLine {
    /// The largest shift, metres, and where; `None` when nothing shifts.
    pub fn largest_shift(&self) -> Option<(f64, Coord<f64>)> {
        self.shifts
            .iter()
            .max_by(|a, b| a.distance_m.total_cmp(&b.distance_m))
            .map(|shift| (shift.distance_m, shift.to))
    }
}

/// The proposal: nothing is changed until somebody takes it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Adoption {
    /// One line for each stretch between two nodes, in ascending order of the first vertex.
    pub lines: Vec<AdoptedLine>,
    /// Ends of lines, ascending by longitude and latitude.
    pub nodes: Vec<Coord<f64>>,
    /// What does not match, with its geometry.
    pub leftovers: Vec<Leftover>,
    /// Faults of the polygons themselves, as given or as the proposal would leave them.
    pub irregularities: Vec<Irregularity>,
}

/// Proposes shared lines for units of one level whose polygons need not match exactly.
///
/// Copies that agree in every bit are taken first; only what remains is compared by distance.
/// There, vertices of different units within `tolerance_m` become one (the vertex that most units
/// have, then that of the lowest id), and a vertex within the tolerance of a neighbour's segment
/// is put into it. Two vertices of one unit are never joined. Each such change is a [`Shift`] of
/// its line. Applied to the lines, [`crate::polygonize`] gives polygons that fit together, apart
/// from the leftovers.
///
/// ```
/// use geo::{MultiPolygon, wkt};
/// use zhifang_topology::{ADOPT_TOLERANCE_M, Agreement, adopt};
/// let west: MultiPolygon = wkt!(MULTIPOLYGON(((0. 0., 1. 0., 1. 1., 0. 1., 0. 0.))));
/// let east: MultiPolygon = wkt!(MULTIPOLYGON(((1.000001 0., 2. 0., 2. 1., 1. 1., 1.000001 0.))));
/// let proposal = adopt([(1, &west), (2, &east)], ADOPT_TOLERANCE_M);
/// let shared = proposal.lines.iter().find(|line| line.left.is_some() && line.right.is_some());
/// let shared = shared.expect("the two copies are 0.11 m apart");
/// assert_eq!(shared.agreement, Agreement::WithinTolerance);
/// assert_eq!((shared.shifts.len(), shared.shifts[0].unit), (1, 2));
/// ```
pub fn adopt<'a>(
    units: impl IntoIterator<Item = (u64, &'a MultiPolygon<f64>)>,
    tolerance_m: f64,
) -> Adoption {
    let units: Vec<(u64, &MultiPolygon<f64>)> = units.into_iter().collect();
    let layers = Layers::one(0);
    let exact = Coverage::build(units.iter().map(|&(id, geometry)| UnitInput {
        id,
        layers,
        geometry,
    }));
    let snapped = snap::snap(&exact, tolerance_m);
    let coverage = match &snapped.polygons {
        polygons if polygons.is_empty() => exact,
        polygons => Coverage::build(units.iter().map(|&(id, given)| UnitInput {
            id,
            layers,
            geometry: polygons.get(&id).unwrap_or(given),
        })),
    };
    propose(&coverage, &snapped.shifts)
}

/// Shifts by unit and the bits of the vertex they lead to.
type ShiftTable = FxHashMap<(u64, u64, u64), Shift>;

fn propose(coverage: &Coverage, shifts: &ShiftTable) -> Adoption {
    let units = coverage.units();
    let mut lines = Vec::new();
    for (owners, coords) in coverage.layer_chains(0, <[_]>::to_vec) {
        let side = |is_right: bool| {
            owners
                .iter()
                .find(|owner| owner.is_right() == is_right)
                .map(|owner| units[owner.unit() as usize].id)
        };
        let (left, right) = (side(false), side(true));
        if left == right {
            continue;
        }
        let found: Vec<Shift> = coords
            .0
            .iter()
            .flat_map(|c| {
                [left, right]
                    .into_iter()
                    .flatten()
                    .filter_map(|unit| shifts.get(&(unit, c.x.to_bits(), c.y.to_bits())).cloned())
            })
            .collect();
        let agreement = match (left, right) {
            (Some(_), Some(_)) if found.is_empty() => Agreement::Exact,
            (Some(_), Some(_)) => Agreement::WithinTolerance,
            _ => Agreement::OneSided,
        };
        lines.push(AdoptedLine {
            coords,
            left,
            right,
            from_node: 0,
            to_node: 0,
            agreement,
            shifts: found,
        });
    }
    let mut nodes: Vec<Coord<f64>> = lines
        .iter()
        .flat_map(|line| {
            [
                line.coords.0.first().copied(),
                line.coords.0.last().copied(),
            ]
        })
        .flatten()
        .collect();
    nodes.sort_by(compare);
    nodes.dedup();
    let number = |coord: Option<&Coord<f64>>| {
        coord.map_or(0, |c| {
            nodes.partition_point(|node| compare(node, c).is_lt())
        }) as u32
    };
    for line in &mut lines {
        line.from_node = number(line.coords.0.first());
        line.to_node = number(line.coords.0.last());
    }
    Adoption {
        leftovers: leftover::leftovers(coverage),
        irregularities: coverage.irregularities().to_vec(),
        lines,
        nodes,
    }
}

#[cfg(test)]
mod tests;
