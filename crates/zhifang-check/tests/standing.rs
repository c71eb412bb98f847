//! A report brought up to date after edits equals one made anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use geo::{Coord, Geometry, LineString, MultiPolygon, Point, Polygon};
use proptest::prelude::*;
use serde_json::json;
use zhifang_check::{Edit, Options, Register, Standing, check};
use zhifang_core::{Collection, Day, Record, RecordKey, geometry};

const COLUMNS: i32 = 6;
const ROWS: i32 = 4;
/// Side of a county, degrees.
const SIDE: f64 = 0.1;

type Records = BTreeMap<RecordKey, Record>;

/// A corner of the grid, off its place by a little that both sides share.
fn corner(column: i32, row: i32) -> Coord<f64> {
    let noise = |seed: i32| f64::from((seed * 7_919) % 97) / 97.0 * 0.02;
    Coord {
        x: ((111.0 + f64::from(column) * SIDE + noise(column * 31 + row)) * 1e6).round() / 1e6,
        y: ((32.0 + f64::from(row) * SIDE + noise(column + row * 53)) * 1e6).round() / 1e6,
    }
}

fn ring(corners: &[(i32, i32)]) -> LineString<f64> {
    let first = corners.first();
    LineString(
        corners
            .iter()
            .chain(first)
            .map(|(column, row)| corner(*column, *row))
            .collect(),
    )
}

fn unit(code: u64, name: &str, ring: LineString<f64>) -> Record {
    let mut record = Record::new(Collection::Divisions, &code.to_string(), name);
    record.geometry = Some(Arc::new(Geometry::MultiPolygon(MultiPolygon(vec![
        Polygon::new(ring, Vec::new()),
    ]))));
    record
}

fn code(column: i32, row: i32) -> u64 {
    // Two columns of the grid are a prefecture.
    420_000
        + (u64::try_from(column / 2).expect("columns count from 0") + 1) * 100
        + u64::try_from(row * 2 + column % 2).expect("rows count from 0")
        + 21
}

/// Counties in a grid, prefectures of two columns each, lines between some, markers on them.
fn clean() -> Records {
    let mut records = Records::new();
    let mut add = |record: Record| records.insert(record.key(), record);
    for column in 0..COLUMNS {
        for row in 0..ROWS {
            let corners = [
                (column, row),
                (column + 1, row),
                (column + 1, row + 1),
                (column, row + 1),
            ];
            add(unit(
                code(column, row),
                &format!("县{column}{row}"),
                ring(&corners),
            ));
        }
    }
    for pair in 0..COLUMNS / 2 {
        let (west, east) = (pair * 2, pair * 2 + 2);
        let mut corners: Vec<(i32, i32)> = (west..=east).map(|column| (column, 0)).collect();
        corners.extend((1..=ROWS).map(|row| (east, row)));
        corners.extend((west..east).rev().map(|column| (column, ROWS)));
        corners.extend((1..ROWS).rev().map(|row| (west, row)));
        let number = 420_000 + (u64::try_from(pair).expect("pairs count from 0") + 1) * 100;
        add(unit(number, &format!("市{pair}"), ring(&corners)));
    }
    for row in 0..ROWS {
        for column in 0..COLUMNS - 1 {
            let (left, right) = (code(column, row), code(column + 1, row));
            let id = format!("{left}{right}");
            let mut line = Record::new(Collection::Boundaries, &id, "界线");
            // North to south: the east is left.
            let (a, b) = (corner(column + 1, row + 1), corner(column + 1, row));
            line.geometry = Some(Arc::new(Geometry::LineString(LineString(vec![a, b]))));
            line.fields.set("left", json!(right.to_string()));
            line.fields.set("right", json!(left.to_string()));
            line.fields.set(
                "level",
                json!(if column % 2 == 0 {
                    "county"
                } else {
                    "prefecture"
                }),
            );
            line.fields.set("agreement", json!({"document": "协议书"}));
            add(line);
            let number = format!("{id}001Q");
            let mut marker = Record::new(Collection::Markers, &number, "界桩");
            marker.geometry = Some(Arc::new(Geometry::Point(Point((a + b) / 2.0))));
            for (name, value) in [
                ("number", json!(number)),
                ("boundary", json!(id)),
                ("sides", json!([left.to_string(), right.to_string()])),
                ("serial", json!(1)),
                ("type", json!("Q")),
            ] {
                marker.fields.set(name, value);
            }
            add(marker);
        }
    }
    records
}

/// What an editor does, for good or ill.
#[derive(Debug, Clone)]
enum Deed {
    /// A corner of one county, or of a prefecture, moves (not that of its neighbours).
    Corner {
        unit: usize,
        at: usize,
        east: f64,
        north: f64,
    },
    /// A unit moves as a whole.
    Shift {
        unit: usize,
        east: f64,
        north: f64,
    },
    Round {
        unit: usize,
        decimals: i32,
    },
    Turn {
        unit: usize,
    },
    Hole {
        unit: usize,
    },
    Grow {
        unit: usize,
        factor: f64,
    },
    Name {
        unit: usize,
        blank: bool,
    },
    Undraw {
        unit: usize,
    },
    Line {
        at: usize,
        east: f64,
    },
    Exchange {
        at: usize,
    },
    Marker {
        at: usize,
        east: f64,
    },
    Remove {
        at: usize,
    },
    /// Back to what it was at first.
    Mend {
        at: usize,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
    let step = || -0.03..0.03_f64;
    prop_oneof![
        4 => (0..30_usize, 0..6_usize, step(), step()).prop_map(|(unit, at, east, north)| Deed::Corner { unit, at, east, north }),
        2 => (0..30_usize, step(), step()).prop_map(|(unit, east, north)| Deed::Shift { unit, east, north }),
        1 => (0..30_usize, 1..4_i32).prop_map(|(unit, decimals)| Deed::Round { unit, decimals }),
        1 => (0..30_usize).prop_map(|unit| Deed::Turn { unit }),
        1 => (0..30_usize).prop_map(|unit| Deed::Hole { unit }),
        1 => (0..30_usize, 0.2..2.5_f64).prop_map(|(unit, factor)| Deed::Grow { unit, factor }),
        1 => (0..30_usize, any::<bool>()).prop_map(|(unit, blank)| Deed::Name { unit, blank }),
        1 => (0..30_usize).prop_map(|unit| Deed::Undraw { unit }),
        2 => (0..40_usize, step()).prop_map(|(at, east)| Deed::Line { at, east }),
        1 => (0..40_usize).prop_map(|at| Deed::Exchange { at }),
        2 => (0..40_usize, step()).prop_map(|(at, east)| Deed::Marker { at, east }),
        1 => (0..40_usize).prop_map(|at| Deed::Remove { at }),
        3 => (0..200_usize).prop_map(|at| Deed::Mend { at }),
    ]
}

fn nth(records: &Records, collection: Collection, at: usize) -> Option<Record> {
    let all: Vec<&Record> = records
        .values()
        .filter(|record| record.collection == collection)
        .collect();
    (!all.is_empty()).then(|| all[at % all.len()].clone())
}

fn redrawn(record: &mut Record, edit: &mut dyn FnMut(usize, Coord<f64>) -> Coord<f64>) {
    let Some(shape) = record.geometry.clone() else {
        return;
    };
    let mut at = 0;
    let moved = geometry::map_coords(&shape, &mut |c| {
        at += 1;
        edit(at - 1, c)
    });
    record.geometry = Some(Arc::new(moved));
}

fn rings(record: &Record) -> Option<Vec<Polygon<f64>>> {
    match record.geometry.as_deref()? {
        Geometry::MultiPolygon(parts) => Some(parts.0.clone()),
        _ => None,
    }
}

fn done(deed: &Deed, records: &Records, first: &Records) -> Option<(RecordKey, Option<Record>)> {
    use Collection::{Boundaries, Divisions, Markers};
    let changed = match deed {
        Deed::Corner {
            unit,
            at,
            east,
            north,
        } => {
            let mut record = nth(records, Divisions, *unit)?;
            let count = rings(&record)?.first()?.exterior().0.len();
            let at = at % (count - 1);
            redrawn(&mut record, &mut |number, c| {
                let is_it = number == at || (at == 0 && number == count - 1);
                if is_it {
                    Coord {
                        x: c.x + east,
                        y: c.y + north,
                    }
                } else {
                    c
                }
            });
            record
        }
        Deed::Shift { unit, east, north } => {
            let mut record = nth(records, Divisions, *unit)?;
            redrawn(&mut record, &mut |_, c| Coord {
                x: c.x + east,
                y: c.y + north,
            });
            record
        }
        Deed::Round { unit, decimals } => {
            let mut record = nth(records, Divisions, *unit)?;
            let scale = 10_f64.powi(*decimals);
            redrawn(&mut record, &mut |_, c| Coord {
                x: (c.x * scale).round() / scale,
                y: (c.y * scale).round() / scale,
            });
            record
        }
        Deed::Turn { unit } => {
            let mut record = nth(records, Divisions, *unit)?;
            let parts = rings(&record)?.into_iter().map(|part| {
                let mut ring = part.exterior().clone();
                ring.0.reverse();
                Polygon::new(ring, part.interiors().to_vec())
            });
            record.geometry = Some(Arc::new(Geometry::MultiPolygon(MultiPolygon(
                parts.collect(),
            ))));
            record
        }
        Deed::Hole { unit } => {
            let mut record = nth(records, Divisions, *unit)?;
            let mut parts = rings(&record)?;
            let bbox = record.bbox()?;
            let at = |x: f64, y: f64| Coord {
                x: bbox.west + (bbox.east - bbox.west) * x,
                y: bbox.south + (bbox.north - bbox.south) * y,
            };
            parts[0].interiors_push(LineString(vec![
                at(0.4, 0.4),
                at(0.5, 0.4),
                at(0.45, 0.5),
                at(0.4, 0.4),
            ]));
            record.geometry = Some(Arc::new(Geometry::MultiPolygon(MultiPolygon(parts))));
            record
        }
        Deed::Grow { unit, factor } => {
            let mut record = nth(records, Divisions, *unit)?;
            let bbox = record.bbox()?;
            let middle = Coord {
                x: f64::midpoint(bbox.west, bbox.east),
                y: f64::midpoint(bbox.south, bbox.north),
            };
            redrawn(&mut record, &mut |_, c| middle + (c - middle) * *factor);
            record
        }
        Deed::Name { unit, blank } => {
            let mut record = nth(records, Divisions, *unit)?;
            record.name = if *blank { "".into() } else { "县00".into() };
            record
        }
        Deed::Undraw { unit } => {
            let mut record = nth(records, Divisions, *unit)?;
            record.geometry = None;
            record
        }
        Deed::Line { at, east } => {
            let mut record = nth(records, Boundaries, *at)?;
            redrawn(&mut record, &mut |number, c| {
                if number == 1 {
                    Coord {
                        x: c.x + east,
                        y: c.y,
                    }
                } else {
                    c
                }
            });
            record
        }
        Deed::Exchange { at } => {
            let mut record = nth(records, Boundaries, *at)?;
            let (left, right) = (
                record.fields.remove("left")?,
                record.fields.remove("right")?,
            );
            record.fields.set("left", right);
            record.fields.set("right", left);
            record
        }
        Deed::Marker { at, east } => {
            let mut record = nth(records, Markers, *at)?;
            redrawn(&mut record, &mut |_, c| Coord {
                x: c.x + east,
                y: c.y,
            });
            record
        }
        Deed::Remove { at } => {
            let record = nth(records, if at % 2 == 0 { Boundaries } else { Markers }, *at)?;
            return Some((record.key(), None));
        }
        Deed::Mend { at } => {
            let all: Vec<&Record> = first.values().collect();
            all[at % all.len()].clone()
        }
    };
    Some((changed.key(), Some(changed)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_any_edits_the_kept_report_is_the_one_made_anew(deeds in prop::collection::vec(prop::collection::vec(deed(), 1..3), 1..8)) {
        let day = Day::from_ymd(2026, 5, 1).unwrap();
        let options = Options::on(day);
        let first = clean();
        let mut records = first.clone();
        let mut standing = Standing::new(&Register::new(records.values(), day), &options).unwrap();
        for batch in &deeds {
            let before = records.clone();
            let mut keys = Vec::new();
            for deed in batch {
                if let Some((key, after)) = done(deed, &records, &first) {
                    match after {
                        Some(record) => records.insert(key.clone(), record),
                        None => records.remove(&key),
                    };
                    keys.push(key);
                }
            }
            keys.sort();
            keys.dedup();
            let edits: Vec<Edit<'_>> = keys
                .iter()
                .map(|key| Edit { before: before.get(key), after: records.get(key) })
                .collect();
            let register = Register::new(records.values(), day);
            standing.update(&register, &edits).unwrap();
            let anew = check(&register, &options).unwrap();
            let kept = standing.report(&register);
            let lines = |report: &zhifang_check::Report| -> Vec<String> {
                report.findings.iter().map(|finding| format!("{} {} {:?}", finding.id, finding.message.en, finding.place)).collect()
            };
            prop_assert_eq!(lines(&kept), lines(&anew));
            prop_assert_eq!(kept, anew);
        }
    }
}
