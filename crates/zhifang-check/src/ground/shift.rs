//! Units that lie beside their place as a whole.

use geo::{Geometry, LineString, MultiLineString};
use rustc_hash::FxHashMap;
use zhifang_datum::{Diagnosis, diagnose};

use super::table::{ends, is_matched};
use super::{FaceKind, Ground, UnitAt};

/// A unit is asked whether it is shifted when no more than this share of its edges match …
const MATCHED_SHARE: f64 = 0.2;
/// … and it meets its neighbours wrongly in at least this many places …
const FAULTY_FACES: usize = 2;
/// … of at least this width, metres.
const FACE_WIDTH_M: f64 = 30.0;
/// How far round a unit its neighbours' lines are looked at, degrees (about 2 km).
const REACH_DEG: f64 = 0.02;

pub(super) fn shifted(ground: &Ground<'_>) -> Vec<(UnitAt, Diagnosis)> {
    let mut found: Vec<(UnitAt, Diagnosis)> = Vec::new();
    for layer in 0..ground.layers.len() {
        let mut counts: FxHashMap<UnitAt, usize> = FxHashMap::default();
        for face in ground.faces(layer) {
            let is_fault = matches!(face.kind, FaceKind::Overlap | FaceKind::Gap);
            if is_fault && face.width_m > FACE_WIDTH_M {
                for unit in &face.units {
                    *counts.entry(*unit).or_default() += 1;
                }
            }
        }
        counts.retain(|_, count| *count >= FAULTY_FACES);
        if counts.is_empty() {
            continue;
        }
        let mut edges: FxHashMap<UnitAt, (usize, usize)> = FxHashMap::default();
        for (_, owners) in ground.table(layer).iter() {
            let is_matched = is_matched(owners);
            for owner in owners
                .iter()
                .filter(|owner| counts.contains_key(&owner.unit()))
            {
                let (matched, all) = edges.entry(owner.unit()).or_default();
                *matched += usize::from(is_matched);
                *all += 1;
            }
        }
        let mut suspects: Vec<UnitAt> = edges
            .into_iter()
            .filter(|(_, (matched, all))| *matched as f64 <= MATCHED_SHARE * *all as f64)
            .map(|(unit, _)| unit)
            .collect();
        suspects.sort_unstable();
        for unit in suspects {
            if found.iter().any(|(other, _)| *other == unit) || !ground.is_in_focus(unit) {
                continue;
            }
            let Some(given) = ground.units[unit as usize].record.geometry.as_deref() else {
                continue;
            };
            let reference = loose_lines_round(ground, layer, unit);
            let diagnosis = diagnose([(given, &Geometry::MultiLineString(reference))]);
            if diagnosis.is_shifted() {
                found.push((unit, diagnosis));
            }
        }
    }
    found.extend(ground.known_shifted.iter().copied());
    found.sort_by_key(|(unit, _)| *unit);
    found
}

/// Edges near a unit that belong to others and match nothing: where its own line should be.
fn loose_lines_round(ground: &Ground<'_>, layer: usize, unit: UnitAt) -> MultiLineString<f64> {
    let b = &ground.units[unit as usize].bbox;
    let lines = ground
        .table(layer)
        .iter()
        .filter(|(_, owners)| {
            !is_matched(owners) && owners.iter().all(|owner| owner.unit() != unit)
        })
        .map(|(key, _)| {
            let (from, to) = ends(key);
            [ground.coords[from as usize], ground.coords[to as usize]]
        })
        .filter(|line| {
            line.iter().any(|c| {
                (b.west - REACH_DEG..=b.east + REACH_DEG).contains(&c.x)
                    && (b.south - REACH_DEG..=b.north + REACH_DEG).contains(&c.y)
            })
        });
    MultiLineString(lines.map(|line| LineString(line.to_vec())).collect())
}
