//! The planar arcs of units of all levels, and who lies on either side.

mod build;
mod irregularity;

use geo::{Coord, LineString, MultiPolygon, Polygon};

use crate::chain::{EdgeSet, Owner};

pub use irregularity::Irregularity;

/// A unit's polygons as they go in.
#[derive(Debug, Clone, Copy)]
pub struct UnitInput<'a> {
    /// Stable id, normally the division's code as a number.
    pub id: u64,
    /// The levels at which the unit covers the ground.
    pub layers: Layers,
    /// Its polygons, EPSG:4490, any winding.
    pub geometry: &'a MultiPolygon<f64>,
}

/// A set of layers (level ranks 0..16). A unit without parent or children at a level stands in
/// for it and so lies in several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Layers(u16);

impl Layers {
    /// The set of one layer; ranks above 15 are taken as 15.
    pub fn one(layer: u8) -> Self {
        Self(1 << layer.min(15))
    }

    /// Adds a layer.
    #[must_use]
    pub fn with(self, layer: u8) -> Self {
        Self(self.0 | Self::one(layer).0)
    }

    /// Whether the layer is in the set.
    pub fn contains(self, layer: u8) -> bool {
        self.0 & Self::one(layer).0 != 0
    }

    /// Whether the two sets share a layer.
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The layers, ascending.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..16).filter(move |&layer| self.contains(layer))
    }
}

impl FromIterator<u8> for Layers {
    fn from_iter<I: IntoIterator<Item = u8>>(layers: I) -> Self {
        layers.into_iter().fold(Self::default(), Self::with)
    }
}

/// Position of a unit in [`Coverage::units`] (ascending by id).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitIndex(pub(crate) u32);

impl UnitIndex {
    /// As a position in a list.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// An arc walked forwards or backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ArcUse {
    /// Position of the arc in [`Coverage::arcs`].
    pub arc: u32,
    /// Whether the ring goes against the arc's own direction.
    pub is_reversed: bool,
}

/// A unit as rings of arcs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageUnit {
    /// Id as given.
    pub id: u64,
    /// Layers as given.
    pub layers: Layers,
    /// Parts, each a list of rings: the exterior first, then holes, in the order and winding of
    /// the input. A ring starts at a node where it has one.
    pub parts: Vec<Vec<Vec<ArcUse>>>,
}

/// The arcs of a set of units: maximal stretches with the same units on the same sides.
///
/// Arcs come in ascending order of their first vertex (by longitude, then latitude) and run from
/// their lower to their higher end, whatever the order and winding of the input, so that equal
/// polygons give equal arcs.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    units: Vec<CoverageUnit>,
    coords: Vec<Coord<f64>>,
    starts: Vec<u32>,
    owner_starts: Vec<u32>,
    owners: Vec<Owner>,
    irregularities: Vec<Irregularity>,
}

impl Coverage {
    /// Finds the arcs of the units. Vertices are one only where all bits of both coordinates are
    /// equal; nothing is snapped. O(n log n) in the number of vertices.
    ///
    /// Faulty polygons do not stop it: what is wrong is in [`Coverage::irregularities`], and
    /// the units keep their rings as far as they have any.
    ///
    /// ```
    /// use geo::{MultiPolygon, wkt};
    /// use zhifang_topology::{Coverage, Layers, UnitInput};
    /// let west: MultiPolygon = wkt!(MULTIPOLYGON(((0. 0., 1. 0., 1. 1., 0. 1., 0. 0.))));
    /// let east: MultiPolygon = wkt!(MULTIPOLYGON(((1. 0., 2. 0., 2. 1., 1. 1., 1. 0.))));
    /// let layers = Layers::one(3);
    /// let coverage = Coverage::build([
    ///     UnitInput { id: 1, layers, geometry: &west },
    ///     UnitInput { id: 2, layers, geometry: &east },
    /// ]);
    /// assert_eq!(coverage.arc_count(), 3, "two outer lines and the shared one");
    /// assert_eq!(coverage.neighbours(1), [2]);
    /// ```
    pub fn build<'a>(units: impl IntoIterator<Item = UnitInput<'a>>) -> Self {
        build::build(units)
    }

    /// The same arcs with other layers for the units.
    #[must_use]
    pub fn relayered(&self, layers: impl Fn(&CoverageUnit) -> Layers) -> Self {
        let mut coverage = self.clone();
        for unit in &mut coverage.units {
            unit.layers = layers(unit);
        }
        coverage
    }

    /// Units, ascending by id.
    pub fn units(&self) -> &[CoverageUnit] {
        &self.units
    }

    /// Where a unit stands in [`Coverage::units`].
    pub fn find(&self, id: u64) -> Option<UnitIndex> {
        self.units
            .binary_search_by_key(&id, |unit| unit.id)
            .ok()
            .map(|at| UnitIndex(at as u32))
    }

    /// Number of arcs.
    pub fn arc_count(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Number of vertices of all arcs, ends counted for each arc.
    pub fn vertex_count(&self) -> usize {
        self.coords.len()
    }

    /// All arcs.
    pub fn arcs(&self) -> impl Iterator<Item = ArcView<'_>> {
        (0..self.arc_count() as u32).map(|arc| self.arc(arc))
    }

    /// One arc, by its position.
    ///
    /// # Panics
    /// When there is no such arc.
    pub fn arc(&self, arc: u32) -> ArcView<'_> {
        let at = arc as usize;
        ArcView {
            id: arc,
            coords: &self.coords[self.starts[at] as usize..self.starts[at + 1] as usize],
            owners: &self.owners
                [self.owner_starts[at] as usize..self.owner_starts[at + 1] as usize],
            units: &self.units,
        }
    }

    /// What is wrong with the polygons, in a stable order.
    pub fn irregularities(&self) -> &[Irregularity] {
        &self.irregularities
    }

    /// The unit's polygons again: the same vertices, bit for bit, with rings turned so that they
    /// start at a node. `None` for an unknown id.
    pub fn polygon(&self, id: u64) -> Option<MultiPolygon<f64>> {
        let unit = &self.units[self.find(id)?.index()];
        let part = |rings: &Vec<Vec<ArcUse>>| {
            let mut rings = rings.iter().map(|ring| LineString(self.ring_coords(ring)));
            let shell = rings.next().unwrap_or_else(|| LineString(Vec::new()));
            Polygon::new(shell, rings.collect())
        };
        Some(MultiPolygon(unit.parts.iter().map(part).collect()))
    }

    /// Vertices of a ring of arcs, first one repeated at the end.
    pub fn ring_coords(&self, ring: &[ArcUse]) -> Vec<Coord<f64>> {
        let mut coords = Vec::new();
        for step in ring {
            let arc = self.arc(step.arc).coords;
            let skip = usize::from(!coords.is_empty());
            if step.is_reversed {
                coords.extend(arc.iter().rev().skip(skip));
            } else {
                coords.extend(arc.iter().skip(skip));
            }
        }
        coords
    }

    /// Ids of the units that share a line with this one in one of its layers, ascending.
    pub fn neighbours(&self, id: u64) -> Vec<u64> {
        let Some(index) = self.find(id) else {
            return Vec::new();
        };
        let unit = &self.units[index.index()];
        let mut found: Vec<u64> = unit
            .parts
            .iter()
            .flatten()
            .flatten()
            .flat_map(|step| {
                let arc = self.arc(step.arc);
                let is_right = arc.owners.contains(&Owner::new(index.0, true));
                arc.owners
                    .iter()
                    .filter(move |owner| owner.is_right() != is_right)
            })
            .map(|owner| &self.units[owner.unit() as usize])
            .filter(|other| other.id != id && other.layers.intersects(unit.layers))
            .map(|other| other.id)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Edges of arcs as an edge set (one edge an arc), owners as `keep` leaves them.
    pub(crate) fn arc_edges(&self, keep: impl Fn(Owner) -> bool) -> (EdgeSet, Vec<Coord<f64>>) {
        let mut nodes: Vec<Coord<f64>> = self
            .arcs()
            .flat_map(|arc| [arc.coords.first().copied(), arc.coords.last().copied()])
            .flatten()
            .collect();
        nodes.sort_by(compare);
        nodes.dedup_by(|a, b| compare(a, b).is_eq());
        let number = |coord: Option<&Coord<f64>>| {
            coord
                .and_then(|c| nodes.binary_search_by(|node| compare(node, c)).ok())
                .unwrap_or(0) as u32
        };
        let mut edges = EdgeSet {
            owner_starts: vec![0],
            ..EdgeSet::default()
        };
        for arc in self.arcs() {
            edges
                .ends
                .push([number(arc.coords.first()), number(arc.coords.last())]);
            edges
                .owners
                .extend(arc.owners.iter().copied().filter(|&owner| keep(owner)));
            edges.owner_starts.push(edges.owners.len() as u32);
        }
        (edges, nodes)
    }
}

/// Order of positions: by longitude, then latitude.
pub(crate) fn compare(a: &Coord<f64>, b: &Coord<f64>) -> std::cmp::Ordering {
    a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y))
}

/// An arc with its neighbours.
#[derive(Debug, Clone, Copy)]
pub struct ArcView<'a> {
    /// Position in the coverage.
    pub id: u32,
    /// Vertices; first and last are equal for a ring without other node.
    pub coords: &'a [Coord<f64>],
    owners: &'a [Owner],
    units: &'a [CoverageUnit],
}

impl<'a> ArcView<'a> {
    /// Units left of the arc's direction, all layers, ascending by id.
    pub fn left_units(&self) -> impl Iterator<Item = UnitIndex> + 'a {
        self.side(false)
    }

    /// Units right of the arc's direction, all layers, ascending by id.
    pub fn right_units(&self) -> impl Iterator<Item = UnitIndex> + 'a {
        self.side(true)
    }

    /// The unit of this layer on the left; the lowest id where several overlap.
    pub fn left(&self, layer: u8) -> Option<u64> {
        self.at(layer, false)
    }

    /// The unit of this layer on the right; the lowest id where several overlap.
    pub fn right(&self, layer: u8) -> Option<u64> {
        self.at(layer, true)
    }

    /// Number of units beside the arc in one layer: two between neighbours, one at the outer
    /// border or beside a fault, more where units overlap.
    pub fn owner_count(&self, layer: u8) -> usize {
        self.owners
            .iter()
            .filter(|owner| self.units[owner.unit() as usize].layers.contains(layer))
            .count()
    }

    pub(crate) fn owners(&self) -> &'a [Owner] {
        self.owners
    }

    fn side(&self, is_right: bool) -> impl Iterator<Item = UnitIndex> + 'a {
        self.owners
            .iter()
            .filter(move |owner| owner.is_right() == is_right)
            .map(|owner| UnitIndex(owner.unit()))
    }

    fn at(&self, layer: u8, is_right: bool) -> Option<u64> {
        let units = self.units;
        self.side(is_right)
            .map(|unit| &units[unit.index()])
            .find(|unit| unit.layers.contains(layer))
            .map(|unit| unit.id)
    }
}
