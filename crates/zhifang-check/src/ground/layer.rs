//! Which units cover the ground at which level.

use rustc_hash::FxHashSet;
use zhifang_core::{DivisionCode, DivisionLevel};

use super::{Facts, Unit, UnitAt};
use crate::register::Register;

/// The units that together cover the ground at one level: those of the level, and those that
/// stand in for it because they have no parent or no children there (441900, 4290xx, 110000 …).
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) level: DivisionLevel,
    /// Ascending.
    pub(crate) units: Vec<UnitAt>,
}

/// The same for some of the units, as it is known of all.
pub(super) fn known_layers(units: &[Unit<'_>], facts: &[Facts]) -> Vec<Layer> {
    let fact = |unit: &Unit<'_>| {
        let at = facts.binary_search_by_key(&unit.code, |one| one.code);
        at.ok().map(|at| &facts[at])
    };
    DivisionLevel::ALL
        .into_iter()
        .skip(1)
        .filter(|level| facts.iter().any(|one| one.level == *level))
        .map(|level| Layer {
            level,
            units: (0..)
                .zip(units)
                .filter(|(_, unit)| fact(unit).is_some_and(|one| one.is_in(level)))
                .map(|(at, _)| at)
                .collect(),
        })
        .collect()
}

/// The layers from the province to the village at which a unit of that level is drawn.
pub(super) fn layers(units: &[Unit<'_>], register: &Register<'_>) -> Vec<Layer> {
    let level_of = |unit: &Unit<'_>| unit.record.level().unwrap_or(unit.code.level());
    // Which units have a drawn unit of which level below them.
    let mut below: FxHashSet<(DivisionCode, DivisionLevel)> = FxHashSet::default();
    for unit in units {
        let level = level_of(unit);
        below.extend(
            register
                .codes_above(unit.record)
                .into_iter()
                .map(|code| (code, level)),
        );
    }
    let has_below = |code, level| below.contains(&(code, level));
    DivisionLevel::ALL
        .into_iter()
        .skip(1)
        .filter(|level| units.iter().any(|unit| level_of(unit) == *level))
        .map(|level| {
            let is_in = |unit: &Unit<'_>| {
                let own = level_of(unit);
                if own == level {
                    return true;
                }
                // A unit without children at this level or one between stands in downwards, as
                // far as the county: townships and villages are drawn for a few counties only.
                let downwards = own < level
                    && level <= DivisionLevel::County
                    && DivisionLevel::ALL
                        .into_iter()
                        .filter(|between| *between > own && *between <= level)
                        .all(|between| !has_below(unit.code, between));
                // A unit whose parent stands above this level, and has units of this level
                // elsewhere, stands in upwards.
                let upwards = own > level
                    && unit.record.parent().is_some_and(|parent| {
                        register.unit(parent).map_or(parent.level(), |record| {
                            record.level().unwrap_or(parent.level())
                        }) < level
                            && has_below(parent, level)
                    });
                downwards || upwards
            };
            Layer {
                level,
                units: (0..units.len() as UnitAt)
                    .filter(|&at| is_in(&units[at as usize]))
                    .collect(),
            }
        })
        .collect()
}
