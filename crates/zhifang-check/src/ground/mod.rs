//! The ground of a check: polygons with numbered vertices, the levels that they cover, who lies
//! beside each edge, and the faces where units overlap or leave a gap.
//!
//! Edges are matched by the exact bits of their ends first; geometry is computed on the rest,
//! which is a tenth of a nation's edges and almost all of it coast.

mod face;
mod facts;
mod layer;
mod lobes;
mod residue;
mod shift;
mod split;
mod table;
mod unit;
pub(crate) mod width;

use std::sync::OnceLock;

use geo::Coord;
use rustc_hash::{FxHashMap, FxHashSet};
use zhifang_core::{DivisionCode, DivisionLevel, Record};
use zhifang_datum::Diagnosis;

use crate::register::Register;
use crate::scope::{Known, Options};

pub(crate) use face::{Face, FaceKind, decimals};
pub(crate) use facts::Facts;
pub(crate) use layer::Layer;
pub(crate) use lobes::lobes;
pub(crate) use split::Split;
pub(crate) use table::{EdgeTable, Owner, ends as edge_ends, is_matched, key as edge_key};
pub(crate) use unit::{Ring, Unit, polygons};

/// Number of a unit in [`Ground::units`].
pub(crate) type UnitAt = u32;

/// One unit in a few numbers; `None` where it has no polygon.
pub(crate) fn facts_of(code: DivisionCode, record: &Record, layers: u8) -> Option<Facts> {
    let parts = polygons(record)?;
    let unit = Unit::new(code, record, parts, &mut Vec::new(), &mut |_| 0);
    Some(Facts::of(&unit, layers))
}

/// A unit with the faces of its ground that its children leave open.
type Cover = (UnitAt, Vec<Face>);

/// Polygons and what follows from them.
#[derive(Debug)]
pub(crate) struct Ground<'a> {
    /// Units with polygons, ascending by code.
    pub(crate) units: Vec<Unit<'a>>,
    /// Positions of the numbered vertices.
    pub(crate) coords: Vec<Coord<f64>>,
    /// Vertex numbers of all rings in turn, first one repeated at the end.
    pub(crate) vertices: Vec<u32>,
    /// The levels at which something is drawn.
    pub(crate) layers: Vec<Layer>,
    tables: Vec<OnceLock<EdgeTable>>,
    faces: Vec<OnceLock<Vec<Face>>>,
    splits: Vec<OnceLock<Vec<Split>>>,
    covers: Vec<OnceLock<Vec<Cover>>>,
    shifted: OnceLock<Vec<(UnitAt, Diagnosis)>>,
    facts: OnceLock<Vec<Facts>>,
    /// Where only a part is looked at: whether each unit is of it, and those known to be shifted.
    focus: Option<Vec<bool>>,
    known_shifted: Vec<(UnitAt, Diagnosis)>,
    /// Vertex numbers by the bits of the position.
    numbers: FxHashMap<(u64, u64), u32>,
}

impl<'a> Ground<'a> {
    pub(crate) fn build(register: &Register<'a>, options: &Options, known: Option<&Known>) -> Self {
        let with_parts = |(code, record): (DivisionCode, &'a Record)| {
            polygons(record).map(|parts| (code, record, parts))
        };
        let units = register.units();
        let mut drawn: Vec<_> = match known {
            None => units.iter().copied().filter_map(with_parts).collect(),
            Some(known) => known
                .near
                .iter()
                .filter_map(|code| with_parts((*code, register.unit(*code)?)))
                .collect(),
        };
        // What is known was told apart by that before.
        if let Some(within) = options.within.filter(|_| known.is_none()) {
            let reach = drawn
                .iter()
                .filter(|(code, ..)| within.covers(*code))
                .filter_map(|(_, record, _)| record.bbox())
                .reduce(|all, one| all.union(&one));
            drawn.retain(|(code, record, _)| {
                within.covers(*code)
                    || reach.is_some_and(|reach| {
                        record.bbox().is_some_and(|bbox| bbox.intersects(&reach))
                    })
            });
        }
        let mut numbers: FxHashMap<(u64, u64), u32> = FxHashMap::default();
        numbers.reserve(400 * drawn.len().min(2_000));
        let mut ground = Self {
            units: Vec::with_capacity(drawn.len()),
            coords: Vec::new(),
            vertices: Vec::new(),
            layers: Vec::new(),
            tables: Vec::new(),
            faces: Vec::new(),
            splits: Vec::new(),
            covers: Vec::new(),
            shifted: OnceLock::new(),
            facts: OnceLock::new(),
            focus: None,
            known_shifted: Vec::new(),
            numbers: FxHashMap::default(),
        };
        for (code, record, parts) in drawn {
            let mut number = |coord: Coord<f64>| {
                // Zero has two bit patterns for one place.
                let key = ((coord.x + 0.0).to_bits(), (coord.y + 0.0).to_bits());
                let next = ground.coords.len() as u32;
                let number = *numbers.entry(key).or_insert(next);
                if number == next {
                    ground.coords.push(coord);
                }
                number
            };
            let unit = Unit::new(code, record, parts, &mut ground.vertices, &mut number);
            ground.units.push(unit);
        }
        ground.numbers = numbers;
        ground.layers = match known {
            None => layer::layers(&ground.units, register),
            Some(known) => layer::known_layers(&ground.units, &known.facts),
        };
        if let Some(known) = known {
            let codes = ground.units.iter().map(|unit| unit.code);
            ground.focus = Some(codes.map(|code| known.focus.contains(&code)).collect());
            let at =
                |code: DivisionCode| ground.units.binary_search_by_key(&code, |unit| unit.code);
            ground.known_shifted = known
                .shifted
                .iter()
                .filter(|(code, _)| !known.focus.contains(code))
                .filter_map(|(code, found)| Some((at(*code).ok()? as UnitAt, *found)))
                .collect();
        }
        let count = ground.layers.len();
        ground.tables.resize_with(count, OnceLock::new);
        ground.faces.resize_with(count, OnceLock::new);
        ground.splits.resize_with(count, OnceLock::new);
        ground.covers.resize_with(count, OnceLock::new);
        ground
    }

    /// The layer of a level, if something is drawn at it.
    pub(crate) fn layer(&self, level: DivisionLevel) -> Option<usize> {
        self.layers.iter().position(|layer| layer.level == level)
    }

    /// The number of the vertex at exactly this position.
    pub(crate) fn vertex(&self, place: Coord<f64>) -> Option<u32> {
        self.numbers
            .get(&((place.x + 0.0).to_bits(), (place.y + 0.0).to_bits()))
            .copied()
    }

    /// Those of the positions (as bits) at which three units of one level meet, or two at the
    /// outer border.
    pub(crate) fn nodes_among(&self, places: &[Coord<f64>]) -> FxHashSet<(u64, u64)> {
        let wanted: FxHashMap<u32, Coord<f64>> = places
            .iter()
            .filter_map(|c| self.vertex(*c).map(|vertex| (vertex, *c)))
            .collect();
        let mut nodes = FxHashSet::default();
        if wanted.is_empty() {
            return nodes;
        }
        for layer in 0..self.layers.len() {
            let mut around: FxHashMap<u32, (Vec<UnitAt>, bool)> = FxHashMap::default();
            for (key, owners) in self.table(layer).iter() {
                let (a, b) = table::ends(key);
                for vertex in [a, b]
                    .into_iter()
                    .filter(|vertex| wanted.contains_key(vertex))
                {
                    let (units, is_outer) = around.entry(vertex).or_default();
                    units.extend(owners.iter().map(|owner| owner.unit()));
                    *is_outer |= !is_matched(owners);
                }
            }
            for (vertex, (mut units, is_outer)) in around {
                units.sort_unstable();
                units.dedup();
                if units.len() + usize::from(is_outer) > 2 {
                    let place = wanted[&vertex];
                    nodes.insert((place.x.to_bits(), place.y.to_bits()));
                }
            }
        }
        nodes
    }

    /// Every edge of a layer with its owners.
    pub(crate) fn table(&self, layer: usize) -> &EdgeTable {
        self.tables[layer].get_or_init(|| {
            EdgeTable::new(self.owned_edges(self.layers[layer].units.iter().copied()))
        })
    }

    /// Overlaps, gaps and holes of a layer.
    pub(crate) fn faces(&self, layer: usize) -> &[Face] {
        self.faces[layer]
            .get_or_init(|| face::faces(self, self.table(layer), &self.layers[layer].units))
    }

    /// Corners of three units of a layer that stand in two places.
    pub(crate) fn splits(&self, layer: usize) -> &[Split] {
        self.splits[layer].get_or_init(|| split::splits(self, self.table(layer)))
    }

    /// Where the units of a layer do not cover the unit above exactly: for each such unit above
    /// the faces that it alone covers ([`FaceKind::Gap`]) or that only the lower ones cover
    /// ([`FaceKind::Overlap`]).
    pub(crate) fn unfilled(&self, layer: usize) -> &[(UnitAt, Vec<Face>)] {
        self.covers[layer].get_or_init(|| face::unfilled(self, &self.layers[layer]))
    }

    /// Every unit in a few numbers.
    pub(crate) fn facts(&self) -> &[Facts] {
        self.facts.get_or_init(|| facts::facts(self))
    }

    /// Whether a unit is of the part that is looked at.
    fn is_in_focus(&self, unit: UnitAt) -> bool {
        self.focus.as_ref().is_none_or(|focus| focus[unit as usize])
    }

    /// Units that lie beside their place as a whole, with the offset.
    pub(crate) fn shifted(&self) -> &[(UnitAt, Diagnosis)] {
        self.shifted.get_or_init(|| shift::shifted(self))
    }

    /// Edges of units as pairs of vertex number pair and owner.
    pub(crate) fn owned_edges(&self, units: impl IntoIterator<Item = UnitAt>) -> Vec<(u64, Owner)> {
        let mut owned = Vec::new();
        for unit in units {
            for ring in &self.units[unit as usize].rings {
                let is_interior_left = ring.is_counter_clockwise != ring.is_hole;
                for ends in self.vertices[ring.vertices.clone()].windows(2) {
                    let (a, b) = (ends[0], ends[1]);
                    if a != b {
                        let is_right = is_interior_left == (a > b);
                        owned.push((table::key(a, b), Owner::new(unit, is_right)));
                    }
                }
            }
        }
        owned
    }

    /// Whether the unit covers the position (its border belongs to neither side).
    pub(crate) fn is_inside(&self, unit: UnitAt, place: Coord<f64>) -> bool {
        let unit = &self.units[unit as usize];
        let bbox = &unit.bbox;
        (bbox.west..=bbox.east).contains(&place.x)
            && (bbox.south..=bbox.north).contains(&place.y)
            && crate::plane::is_inside(unit.rings.iter().map(|ring| ring.coords), place)
    }
}
