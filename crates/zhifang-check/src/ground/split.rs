//! Corners of three units that stand in two places.

use geo::Coord;
use rustc_hash::FxHashMap;

use super::table::{EdgeTable, ends};
use super::{Face, Ground, UnitAt};
use crate::plane::{Plane, norm};

/// Corners of three units nearer than this, metres, are meant to be one.
const REACH_M: f64 = 100.0;
/// How far a face may lie outside the corner's edges, degrees: crossings are rounded.
const MARGIN_DEG: f64 = 1e-9;

/// A tri-point that two units share and the third has elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Split {
    /// The three units, ascending.
    pub(crate) units: Vec<UnitAt>,
    /// The corner of the two.
    pub(crate) shared: Coord<f64>,
    /// The third one's own corner.
    pub(crate) alone: Coord<f64>,
    /// Where both copies of the lines meet again.
    ends: [Coord<f64>; 2],
}

impl Split {
    /// Whether a face is what this corner's four edges enclose.
    pub(crate) fn holds(&self, face: &Face) -> bool {
        let corners = [self.shared, self.alone, self.ends[0], self.ends[1]];
        let span = |value: fn(&Coord<f64>) -> f64| {
            let values = corners.iter().map(value);
            let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(v), high.max(v))
            });
            low - MARGIN_DEG..=high + MARGIN_DEG
        };
        let (lons, lats) = (span(|c| c.x), span(|c| c.y));
        face.units.iter().all(|unit| self.units.contains(unit))
            && face.rings.first().is_some_and(|ring| {
                ring.iter()
                    .all(|c| lons.contains(&c.x) && lats.contains(&c.y))
            })
    }

    /// How far apart the two places are, metres.
    pub(crate) fn apart_m(&self) -> f64 {
        zhifang_topology::distance_m(self.shared, self.alone)
    }
}

/// The split corners of a layer. Two units end at the shared corner with one loose edge each;
/// from their other ends two edges of a third unit meet in a corner of its own.
pub(super) fn splits(ground: &Ground<'_>, table: &EdgeTable) -> Vec<Split> {
    let mut loose: FxHashMap<u32, Vec<(u32, UnitAt)>> = FxHashMap::default();
    for (key, owners) in table.iter() {
        let ([owner], (a, b)) = (owners, ends(key)) else {
            continue;
        };
        loose.entry(a).or_default().push((b, owner.unit()));
        loose.entry(b).or_default().push((a, owner.unit()));
    }
    let coord = |vertex: u32| ground.coords[vertex as usize];
    let mut found = Vec::new();
    for (&shared, around) in &loose {
        let [(one, a), (other, b)] = *around.as_slice() else {
            continue;
        };
        if a == b {
            continue;
        }
        let corners = loose.get(&one).into_iter().flatten();
        let third = corners
            .filter(|(_, unit)| *unit != a && *unit != b)
            .find(|(corner, unit)| {
                *corner != shared
                    && loose
                        .get(corner)
                        .is_some_and(|around| around.contains(&(other, *unit)))
            });
        let Some(&(alone, unit)) = third else {
            continue;
        };
        let (shared, alone) = (coord(shared), coord(alone));
        if norm(Plane::at(shared).metres(alone)) >= REACH_M {
            continue;
        }
        let mut units = vec![a, b, unit];
        units.sort_unstable();
        found.push(Split {
            units,
            shared,
            alone,
            ends: [coord(one), coord(other)],
        });
    }
    found.sort_by(|a, b| {
        a.units
            .cmp(&b.units)
            .then(a.shared.x.total_cmp(&b.shared.x))
            .then(a.shared.y.total_cmp(&b.shared.y))
    });
    found
}
