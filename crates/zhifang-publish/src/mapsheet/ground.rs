//! What the register has inside the frame: units, their lines, names, roads, markers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use geo::{Coord, Geometry, MultiPolygon};
use zhifang_core::{Bbox, Collection, DivisionCode, DivisionLevel, Record, Status};
use zhifang_index::View;
use zhifang_topology::{ArcView, Coverage, Layers, UnitInput};

/// Units of the province level in GB/T 2260: with all of them the outer edge is the nation's.
const PROVINCES_OF_THE_NATION: usize = 34;

/// The codes of a unit and those above it, by rank of their level.
type Chain = [Option<u64>; 6];

/// A unit with an area.
#[derive(Debug)]
pub(super) struct Unit<'a> {
    pub(super) code: DivisionCode,
    pub(super) level: DivisionLevel,
    pub(super) record: &'a Record,
    pub(super) polygons: MultiPolygon<f64>,
    chain: Chain,
}

impl Unit<'_> {
    /// Whether the unit is this one or lies in it.
    pub(super) fn is_within(&self, code: DivisionCode) -> bool {
        self.chain.contains(&Some(code.as_u64()))
    }

    /// Whether it is of the lowest level drawn, higher, or stands in for a unit of that level: a
    /// county directly under its province on a map of prefectures.
    fn is_drawn_down_to(&self, lowest: DivisionLevel) -> bool {
        let between = usize::from(lowest.rank())..usize::from(self.level.rank());
        self.chain[between.start..between.end.max(between.start)]
            .iter()
            .all(Option::is_none)
    }

    /// The code of the unit of this level that it is or lies in.
    pub(super) fn at(&self, level: DivisionLevel) -> Option<DivisionCode> {
        self.chain[usize::from(level.rank())].and_then(DivisionCode::from_u64)
    }
}

/// Everything to draw.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    pub(super) units: Vec<Unit<'a>>,
    pub(super) coverage: Coverage,
    /// Lines by the highest level they divide, each drawn once.
    pub(super) lines: BTreeMap<DivisionLevel, Vec<Vec<Coord<f64>>>>,
}

/// The polygons of a geometry.
pub(crate) fn polygons(geometry: &Geometry<f64>) -> Option<MultiPolygon<f64>> {
    match geometry {
        Geometry::Polygon(polygon) => Some(MultiPolygon(vec![polygon.clone()])),
        Geometry::MultiPolygon(polygons) => Some(polygons.clone()),
        _ => None,
    }
}

/// Whether a record is drawn: in force today, no earlier life, no heading.
pub(super) fn stands(record: &Record) -> bool {
    record.status == Status::Published && !record.id.contains('@') && !record.is_heading()
}

impl<'a> Ground<'a> {
    /// The units whose areas meet the box, down to `lowest`, and their lines.
    pub(super) fn read(view: View<'a>, bbox: Bbox, lowest: DivisionLevel) -> Self {
        let mut units: Vec<Unit<'a>> = view
            .candidates_in(Collection::Divisions, bbox)
            .filter(|record| stands(record))
            .filter_map(|record| unit(view, record))
            .filter(|unit| unit.is_drawn_down_to(lowest))
            .collect();
        units.sort_by_key(|unit| unit.code);
        units.dedup_by_key(|unit| unit.code);
        let coverage = Coverage::build(units.iter().map(|unit| UnitInput {
            id: unit.code.as_u64(),
            layers: Layers::one(unit.level.rank()),
            geometry: &unit.polygons,
        }));
        let provinces = view
            .records(Collection::Divisions)
            .filter(|record| stands(record) && record.geometry.is_some())
            .filter(|record| record.level() == Some(DivisionLevel::Province))
            .take(PROVINCES_OF_THE_NATION)
            .count();
        let by_id: HashMap<u64, &Unit<'a>> = units
            .iter()
            .map(|unit| (unit.code.as_u64(), unit))
            .collect();
        let mut arcs: BTreeMap<DivisionLevel, Vec<Vec<Coord<f64>>>> = BTreeMap::new();
        for arc in coverage.arcs() {
            let level = line_level(&coverage, &by_id, arc, provinces == PROVINCES_OF_THE_NATION);
            if let Some(level) = level {
                arcs.entry(level).or_default().push(arc.coords.to_vec());
            }
        }
        let lines = arcs
            .into_iter()
            .map(|(level, arcs)| (level, joined(&arcs)))
            .collect();
        Self {
            units,
            coverage,
            lines,
        }
    }

    pub(super) fn unit(&self, code: DivisionCode) -> Option<&Unit<'a>> {
        self.units
            .binary_search_by_key(&code, |unit| unit.code)
            .ok()
            .map(|at| &self.units[at])
    }
}

fn unit<'a>(view: View<'a>, record: &'a Record) -> Option<Unit<'a>> {
    let code = record.division?;
    let level = record.level()?;
    let geometry: &Arc<Geometry<f64>> = record.geometry.as_ref()?;
    let mut chain = Chain::default();
    for above in view.ancestors_of(record, None) {
        if let (Some(level), Some(code)) = (above.level(), above.division) {
            chain[usize::from(level.rank())] = Some(code.as_u64());
        }
    }
    chain[usize::from(level.rank())] = Some(code.as_u64());
    Some(Unit {
        code,
        level,
        record,
        polygons: polygons(geometry)?,
        chain,
    })
}

/// One side of an arc: its highest level and its deepest unit.
type Side<'a> = (Option<DivisionLevel>, Option<&'a Unit<'a>>);

/// The highest level at which the two sides of an arc differ. A side without a unit differs from
/// the highest unit whose edge it is; at the edge of the whole nation that is the country.
fn line_level(
    coverage: &Coverage,
    by_id: &HashMap<u64, &Unit<'_>>,
    arc: ArcView<'_>,
    is_nation: bool,
) -> Option<DivisionLevel> {
    let side = |indices: &mut dyn Iterator<Item = zhifang_topology::UnitIndex>| {
        indices
            .filter_map(|index| by_id.get(&coverage.units()[index.index()].id).copied())
            .fold((None, None), |(highest, deepest): Side<'_>, unit| {
                let higher = |a: Option<DivisionLevel>| a.map_or(unit.level, |a| a.min(unit.level));
                let deeper = match deepest {
                    Some(other) if other.level >= unit.level => Some(other),
                    _ => Some(unit),
                };
                (Some(higher(highest)), deeper)
            })
    };
    let (left_top, left) = side(&mut arc.left_units());
    let (right_top, right) = side(&mut arc.right_units());
    match (left, right) {
        (Some(left), Some(right)) => (1..6)
            .find(|&rank| left.chain[rank] != right.chain[rank])
            .and_then(|rank| DivisionLevel::from_rank(rank as u8)),
        _ => left_top.or(right_top).map(|level| {
            if level == DivisionLevel::Province && is_nation {
                DivisionLevel::Country
            } else {
                level
            }
        }),
    }
}

/// Arcs of one level laid end to end where exactly two of them meet, so that dashes run on.
fn joined(arcs: &[Vec<Coord<f64>>]) -> Vec<Vec<Coord<f64>>> {
    let key = |at: Coord<f64>| (at.x.to_bits(), at.y.to_bits());
    let mut ends: HashMap<(u64, u64), Vec<usize>> = HashMap::new();
    for (number, arc) in arcs.iter().enumerate() {
        if let (Some(first), Some(last)) = (arc.first(), arc.last()) {
            ends.entry(key(*first)).or_default().push(number);
            ends.entry(key(*last)).or_default().push(number);
        }
    }
    let mut is_used = vec![false; arcs.len()];
    let mut lines = Vec::new();
    for start in 0..arcs.len() {
        if is_used[start] {
            continue;
        }
        is_used[start] = true;
        let mut line = arcs[start].clone();
        for _ in 0..2 {
            while let Some(&end) = line.last() {
                let next = ends
                    .get(&key(end))
                    .filter(|here| here.len() == 2)
                    .and_then(|here| here.iter().copied().find(|&number| !is_used[number]));
                let Some(next) = next else { break };
                is_used[next] = true;
                let arc = &arcs[next];
                if arc.first().is_some_and(|first| key(*first) == key(end)) {
                    line.extend(arc.iter().skip(1));
                } else {
                    line.extend(arc.iter().rev().skip(1));
                }
            }
            line.reverse();
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use geo::{LineString, Polygon};

    use super::*;

    #[test]
    fn arcs_are_joined_where_two_meet_and_end_where_three_do() {
        let line = |points: &[(f64, f64)]| -> Vec<Coord<f64>> {
            points.iter().map(|&(x, y)| Coord { x, y }).collect()
        };
        let lines = joined(&[
            line(&[(0.0, 0.0), (1.0, 0.0)]),
            line(&[(2.0, 0.0), (1.0, 0.0)]),
            line(&[(2.0, 0.0), (3.0, 0.0)]),
            line(&[(2.0, 0.0), (2.0, 1.0)]),
        ]);
        let mut lengths: Vec<usize> = lines.iter().map(Vec::len).collect();
        lengths.sort_unstable();
        assert_eq!(lengths, [2, 2, 3], "the first two are one");
    }

    #[test]
    fn a_line_stands_once_at_the_highest_level_that_it_divides() {
        let unit = |code: &str, name: &str, ring: &[(f64, f64)]| {
            let mut record = Record::new(Collection::Divisions, code, name);
            let area = Polygon::new(LineString::from(ring.to_vec()), Vec::new());
            record.geometry = Some(Arc::new(area.into()));
            record
        };
        // The county's and its neighbour's outlines have the vertices at which townships meet.
        let whole = [
            (0.0, 0.0),
            (2.0, 0.0),
            (2.0, 1.0),
            (2.0, 2.0),
            (0.0, 2.0),
            (0.0, 1.0),
        ];
        let south = [(0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (0.0, 1.0)];
        let north = [(0.0, 1.0), (2.0, 1.0), (2.0, 2.0), (0.0, 2.0)];
        let beside = [(2.0, 0.0), (4.0, 0.0), (4.0, 2.0), (2.0, 2.0), (2.0, 1.0)];
        let records = [
            unit("420682", "老河口市", &whole),
            unit("420682001", "光化街道", &south),
            unit("420682002", "酂阳街道", &north),
            unit("420625", "谷城县", &beside),
        ];
        let options = zhifang_index::Options::default();
        let snapshot = zhifang_index::Snapshot::build(records, 1, &options);
        let view = snapshot.view(zhifang_index::Audience::Public);
        let bbox = Bbox {
            west: -1.0,
            south: -1.0,
            east: 5.0,
            north: 3.0,
        };
        let ground = Ground::read(view, bbox, DivisionLevel::Township);
        let length = |level: DivisionLevel| -> f64 {
            let lines = ground.lines.get(&level).into_iter().flatten();
            lines
                .flat_map(|line| line.windows(2))
                .map(|pair| (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y))
                .sum()
        };
        assert_eq!(
            ground.lines.keys().copied().collect::<Vec<_>>(),
            [DivisionLevel::County, DivisionLevel::Township]
        );
        assert!((length(DivisionLevel::Township) - 2.0).abs() < 1e-9);
        // The shared line (2) and both outer edges (6 each), every stretch once.
        assert!((length(DivisionLevel::County) - 14.0).abs() < 1e-9);
    }
}
