//! What rules that compare a unit with all others must know of every unit.

use geo::Coord;
use zhifang_core::{Bbox, DivisionCode, DivisionLevel, LonLat};

use super::{Ground, Unit, UnitAt, decimals};

/// Vertices of a unit of which the decimals are counted, at most.
const DECIMAL_SAMPLE: usize = 200;

/// A unit in a few numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    pub(crate) code: DivisionCode,
    pub(crate) level: DivisionLevel,
    /// The levels at which it covers the ground, a bit for each rank.
    pub(crate) layers: u8,
    pub(crate) bbox: Bbox,
    /// Its first vertex.
    pub(crate) corner: Option<LonLat>,
    /// Whether most of its rings keep the inside left.
    pub(crate) is_left_handed: bool,
    /// Decimals of its coordinates.
    pub(crate) decimals: i32,
}

impl Facts {
    /// Whether it covers the ground at a level.
    pub(crate) fn is_in(&self, level: DivisionLevel) -> bool {
        self.layers & (1 << level.rank()) != 0
    }

    pub(crate) fn of(unit: &Unit<'_>, layers: u8) -> Self {
        let good = unit
            .rings
            .iter()
            .filter(|ring| ring.is_counter_clockwise != ring.is_hole)
            .count();
        let total: usize = unit.rings.iter().map(|ring| ring.coords.len()).sum();
        let stride = total.div_ceil(DECIMAL_SAMPLE).max(1);
        let needed = |c: &Coord<f64>| decimals(c.x).max(decimals(c.y));
        let sample = unit.rings.iter().flat_map(|ring| ring.coords);
        Self {
            code: unit.code,
            level: unit.record.level().unwrap_or(unit.code.level()),
            layers,
            bbox: unit.bbox,
            corner: unit
                .rings
                .first()
                .and_then(|ring| ring.coords.first())
                .map(|c| LonLat::from(*c)),
            is_left_handed: good * 2 >= unit.rings.len(),
            decimals: sample.step_by(stride).map(needed).max().unwrap_or(0),
        }
    }
}

/// The facts of every unit, ascending by code.
pub(super) fn facts(ground: &Ground<'_>) -> Vec<Facts> {
    let layers = |at: UnitAt| {
        let of = ground.layers.iter();
        of.filter(|layer| layer.units.binary_search(&at).is_ok())
            .fold(0, |mask, layer| mask | 1 << layer.level.rank())
    };
    (0..)
        .zip(&ground.units)
        .map(|(at, unit)| Facts::of(unit, layers(at)))
        .collect()
}
