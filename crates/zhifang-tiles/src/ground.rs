//! The divisions' ground: which unit is drawn at which level, and its lines at every zoom.

mod drawn;
mod label;
mod levels;

use std::sync::{Arc, OnceLock};

use geo::{Geometry, MultiPolygon};
use rustc_hash::FxHashMap;
use zhifang_core::{Bbox, Collection, Day, DivisionCode, DivisionLevel, LonLat, Record, Status};
use zhifang_index::View;
use zhifang_topology::{
    Coverage, Generalization, LAST_GENERALIZED_ZOOM, Layers, UnitInput, ZoomCoverage,
};

use crate::tileset::first_zoom;

pub(crate) use drawn::{Drawn, LineMeaning};

/// Levels that are drawn, highest first.
pub(crate) const DRAWN_LEVELS: [DivisionLevel; 5] = [
    DivisionLevel::Province,
    DivisionLevel::Prefecture,
    DivisionLevel::County,
    DivisionLevel::Township,
    DivisionLevel::Village,
];

/// Units of the province level in GB/T 2260: with all of them the outer edge is the nation's.
const PROVINCES_OF_THE_NATION: usize = 34;

/// A unit with a polygon.
#[derive(Debug)]
pub(crate) struct GroundUnit {
    pub(crate) code: DivisionCode,
    pub(crate) level: DivisionLevel,
    /// The levels it is drawn for.
    pub(crate) layers: Layers,
    /// Their words, highest first, with commas.
    pub(crate) levels: String,
    geometry: Arc<Geometry<f64>>,
    label: OnceLock<LabelPlace>,
}

/// Where a unit without a known seat carries its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LabelPlace {
    pub(crate) at: LonLat,
    pub(crate) area_km2: f64,
}

/// Divisions with polygons, on the grids of all zooms; made when first asked for.
#[derive(Debug)]
pub(crate) struct Ground {
    coverage: Coverage,
    /// In the order of [`Coverage::units`].
    units: Vec<GroundUnit>,
    by_code: FxHashMap<DivisionCode, u32>,
    /// Codes above each unit and itself, highest first, with their levels.
    chains: Vec<Vec<(DivisionCode, DivisionLevel)>>,
    divided: levels::Divided,
    is_nation: bool,
    generalized: [OnceLock<Generalization>; 3],
    zooms: [OnceLock<Drawn>; LAST_GENERALIZED_ZOOM as usize + 1],
    detail: OnceLock<Drawn>,
    pairs: OnceLock<Vec<(DivisionCode, DivisionCode)>>,
}

/// Whether a division takes part in the map: published, or in force on the day.
pub(crate) fn stands(record: &Record, day: Option<Day>) -> bool {
    let in_force = match day {
        None => record.status == Status::Published && !record.id.contains('@'),
        Some(day) => record.is_valid_on(day),
    };
    in_force && !record.is_heading()
}

/// The polygons of a division's geometry.
fn polygons(geometry: &Geometry<f64>) -> Option<MultiPolygon<f64>> {
    match geometry {
        Geometry::Polygon(polygon) => Some(MultiPolygon(vec![polygon.clone()])),
        Geometry::MultiPolygon(polygons) => Some(polygons.clone()),
        _ => None,
    }
}

impl GroundUnit {
    /// Where the unit's name stands: its pole of inaccessibility, found once.
    pub(crate) fn label_place(&self) -> LabelPlace {
        *self.label.get_or_init(|| label::place(&self.geometry))
    }
}

impl Ground {
    /// Units of the same level that share a line with this one, ascending.
    pub(crate) fn neighbours(&self, code: DivisionCode) -> Vec<DivisionCode> {
        let unit = |code: DivisionCode| self.units.get(*self.by_code.get(&code)? as usize);
        let Some(own) = unit(code) else {
            return Vec::new();
        };
        let codes = self.coverage.neighbours(code.as_u64());
        codes
            .into_iter()
            .filter_map(DivisionCode::from_u64)
            .filter(|code| unit(*code).is_some_and(|other| other.level == own.level))
            .collect()
    }

    /// The ground of the units in force; label places of units that kept their geometry are
    /// taken over from `earlier`.
    pub(crate) fn build(view: View<'_>, day: Option<Day>, earlier: Option<&Self>) -> Self {
        let mut found: Vec<(DivisionCode, &Record, Arc<Geometry<f64>>)> = view
            .records(Collection::Divisions)
            .filter(|record| record.geometry.is_some() && stands(record, day))
            .filter_map(|record| {
                Some((
                    record.division?,
                    record,
                    Arc::clone(record.geometry.as_ref()?),
                ))
            })
            .filter(|(.., geometry)| {
                matches!(**geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_))
            })
            .collect();
        found.sort_by_key(|(code, ..)| *code);
        found.dedup_by_key(|(code, ..)| *code);

        let chains: Vec<Vec<(DivisionCode, DivisionLevel)>> = found
            .iter()
            .map(|(_, record, _)| levels::chain(view, record, day))
            .collect();
        let drawn = levels::drawn_layers(&chains);
        let owned: Vec<MultiPolygon<f64>> = found
            .iter()
            .map(|(.., geometry)| polygons(geometry).unwrap_or_else(|| MultiPolygon(Vec::new())))
            .collect();
        let coverage = Coverage::build(found.iter().zip(&drawn).zip(&owned).map(
            |(((code, ..), layers), geometry)| UnitInput {
                id: code.as_u64(),
                layers: *layers,
                geometry,
            },
        ));
        let units: Vec<GroundUnit> = found
            .iter()
            .zip(&drawn)
            .map(|((code, record, geometry), &layers)| {
                let label = earlier
                    .and_then(|ground| ground.unit(*code))
                    .filter(|unit| Arc::ptr_eq(&unit.geometry, geometry))
                    .map(|unit| unit.label.clone())
                    .unwrap_or_default();
                GroundUnit {
                    code: *code,
                    level: record.level().unwrap_or_else(|| code.level()),
                    layers,
                    levels: levels::words(layers),
                    geometry: Arc::clone(geometry),
                    label,
                }
            })
            .collect();
        let provinces = units
            .iter()
            .filter(|unit| unit.level == DivisionLevel::Province)
            .count();
        Self {
            by_code: units
                .iter()
                .zip(0..)
                .map(|(unit, at)| (unit.code, at))
                .collect(),
            divided: levels::Divided::new(&chains),
            is_nation: provinces >= PROVINCES_OF_THE_NATION,
            coverage,
            units,
            chains,
            generalized: Default::default(),
            zooms: Default::default(),
            detail: OnceLock::new(),
            pairs: OnceLock::new(),
        }
    }

    pub(crate) fn units(&self) -> &[GroundUnit] {
        &self.units
    }

    pub(crate) fn unit(&self, code: DivisionCode) -> Option<&GroundUnit> {
        self.by_code.get(&code).map(|&at| &self.units[at as usize])
    }

    /// The units and lines to draw at a zoom: on its own grid up to the last generalised zoom,
    /// on the grid of full detail above.
    pub(crate) fn drawn(&self, zoom: u8) -> &Drawn {
        let Some(slot) = self.zooms.get(usize::from(zoom)) else {
            return self.detail.get_or_init(|| {
                let layers = layers_at(u8::MAX);
                Drawn::new(ZoomCoverage::detail(&self.coverage, layers), self)
            });
        };
        slot.get_or_init(|| {
            let group = usize::from(zoom >= first_zoom(DivisionLevel::Prefecture))
                + usize::from(zoom >= first_zoom(DivisionLevel::County));
            let lines = self.generalized[group]
                .get_or_init(|| Generalization::new(&self.coverage, layers_at(zoom)));
            Drawn::new(lines.zoom(zoom), self)
        })
    }

    /// The highest level at which the units of a line's sides differ.
    ///
    /// A side without a unit differs at the level above the highest unit whose edge it is: at the
    /// outer edge of a province of a whole nation that is the country.
    pub(crate) fn line_level(
        &self,
        left: Option<u32>,
        right: Option<u32>,
        top: u8,
    ) -> DivisionLevel {
        if let (Some(left), Some(right)) = (left, right) {
            let (left, right) = (&self.chains[left as usize], &self.chains[right as usize]);
            DRAWN_LEVELS
                .into_iter()
                .find(|&level| self.divided.at(left, level) != self.divided.at(right, level))
                .unwrap_or(DivisionLevel::Village)
        } else {
            let level = DivisionLevel::from_rank(top).unwrap_or(DivisionLevel::Village);
            if level == DivisionLevel::Province && self.is_nation {
                DivisionLevel::Country
            } else {
                level
            }
        }
    }

    /// Pairs of units with a common line, lower code first, ascending.
    pub(crate) fn pairs(&self) -> &[(DivisionCode, DivisionCode)] {
        self.pairs.get_or_init(|| {
            let mut pairs: Vec<(DivisionCode, DivisionCode)> = self
                .drawn(u8::MAX)
                .meanings()
                .iter()
                .filter_map(|meaning| {
                    let (left, right) = (meaning.left?, meaning.right?);
                    Some((left.min(right), left.max(right)))
                })
                .collect();
            pairs.sort_unstable();
            pairs.dedup();
            pairs
        })
    }

    /// The box round all polygons.
    pub(crate) fn bounds(&self) -> Option<Bbox> {
        Bbox::of_coords(
            self.coverage
                .arcs()
                .flat_map(|arc| arc.coords.iter().copied()),
        )
    }
}

/// Layers of all levels that are drawn at a zoom.
pub(crate) fn layers_at(zoom: u8) -> Layers {
    DRAWN_LEVELS
        .into_iter()
        .filter(|level| first_zoom(*level) <= zoom)
        .map(DivisionLevel::rank)
        .collect()
}
