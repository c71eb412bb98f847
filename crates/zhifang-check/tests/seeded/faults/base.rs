//! The clean set: real polygons, and the lines and markers that follow from them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use geo::{Coord, Geometry, LineString, MultiPolygon, Point};
use serde_json::{Value, json};
use zhifang_core::{Collection, Day, DivisionCode, Record, RecordKey, geometry};
use zhifang_topology::{
    Coverage, Layers, UnitInput, bearing_deg, destination, distance_m, length_m,
};

/// Provinces whose files hold real faults or no land neighbours; the clean set leaves them out.
const FAULTY: [u64; 9] = [23, 32, 37, 46, 53, 65, 71, 81, 82];

/// The one municipality that others surround: it must not be missing between them.
const INLAND: u64 = 500_000;

/// Records by key: what faults are planted into.
pub(crate) type Records = BTreeMap<RecordKey, Record>;

/// A line that two counties share.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) id: String,
    /// Seen along the coordinates.
    pub(crate) left: DivisionCode,
    pub(crate) right: DivisionCode,
    pub(crate) coords: Vec<Coord<f64>>,
}

impl Shared {
    pub(crate) fn other(&self, unit: DivisionCode) -> DivisionCode {
        if self.left == unit {
            self.right
        } else {
            self.left
        }
    }
}

/// The clean set with what a seeder must know of it.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) day: Day,
    pub(crate) counties: Records,
    pub(crate) prefectures: Records,
    pub(crate) lines: Vec<Shared>,
    pub(crate) line_records: Records,
    pub(crate) of_unit: BTreeMap<DivisionCode, Vec<usize>>,
    pub(crate) neighbours: BTreeMap<DivisionCode, BTreeSet<DivisionCode>>,
    /// Ids of the markers of each line.
    pub(crate) markers: BTreeMap<String, Vec<RecordKey>>,
    /// Counties that have neighbours all round.
    pub(crate) inner: BTreeSet<DivisionCode>,
    /// Tri-points: where the ends of lines of three counties meet.
    pub(crate) tri_points: Vec<(Coord<f64>, Vec<DivisionCode>)>,
}

/// The bits of a position.
pub(crate) fn bits(c: Coord<f64>) -> (u64, u64) {
    (c.x.to_bits(), c.y.to_bits())
}

fn read(file: &Value, keep: &dyn Fn(u64) -> bool) -> Records {
    let mut records = Records::new();
    for feature in file["features"].as_array().into_iter().flatten() {
        let text = |key: &str| feature["properties"][key].as_str().unwrap_or_default();
        let Ok(code) = text("code").parse::<DivisionCode>() else {
            continue;
        };
        let province = code.as_u64() / 10_000;
        if FAULTY.contains(&province) || !keep(province) {
            continue;
        }
        let mut record = Record::new(Collection::Divisions, text("code"), text("name"));
        let shape = match geometry::from_geojson(&feature["geometry"]) {
            Ok(Geometry::Polygon(polygon)) => MultiPolygon(vec![polygon]),
            Ok(Geometry::MultiPolygon(polygons)) => polygons,
            _ => continue,
        };
        record.geometry = Some(Arc::new(Geometry::MultiPolygon(shape)));
        records.insert(record.key(), record);
    }
    records
}

/// The polygons of a record of the set.
pub(crate) fn polygons(record: &Record) -> &MultiPolygon<f64> {
    let shape = match record.geometry.as_deref() {
        Some(Geometry::MultiPolygon(polygons)) => Some(polygons),
        _ => None,
    };
    shape.expect("a county of the set has polygons")
}

/// The key of a county.
pub(crate) fn unit_key(code: DivisionCode) -> RecordKey {
    RecordKey::new(Collection::Divisions, &code.to_string())
}

impl Base {
    /// From the files of counties and prefectures; only provinces that `keep` names by their two
    /// digits.
    pub(crate) fn new(counties: &Value, prefectures: &Value, keep: &dyn Fn(u64) -> bool) -> Self {
        let counties = read(counties, keep);
        let mut prefectures = read(prefectures, keep);
        // Municipalities stand in for their prefectures; without all provinces beside them they
        // would leave gaps as provinces.
        prefectures.retain(|key, record| {
            let number = record.division.map_or(0, DivisionCode::as_u64);
            !counties.contains_key(key) && (number % 10_000 != 0 || number == INLAND)
        });
        let layers = Layers::one(3);
        let code_of = |id: u64| DivisionCode::from_u64(id).expect("a code of the file");
        let coverage = Coverage::build(counties.values().map(|record| UnitInput {
            id: record.division.expect("a county has its code").as_u64(),
            layers,
            geometry: polygons(record),
        }));
        let mut base = Self {
            day: Day::from_ymd(2026, 5, 1).expect("a day"),
            counties,
            prefectures,
            lines: Vec::new(),
            line_records: Records::new(),
            of_unit: BTreeMap::new(),
            neighbours: BTreeMap::new(),
            markers: BTreeMap::new(),
            inner: BTreeSet::new(),
            tri_points: Vec::new(),
        };
        let mut outer = BTreeSet::new();
        let mut count: BTreeMap<(DivisionCode, DivisionCode), usize> = BTreeMap::new();
        for line in coverage.shared_lines(3) {
            let (Some(left), Some(right)) = (line.left.map(code_of), line.right.map(code_of))
            else {
                outer.extend(line.left.or(line.right).map(code_of));
                continue;
            };
            let pair = (left.min(right), left.max(right));
            let number = count.entry(pair).or_default();
            *number += 1;
            let id = match *number {
                1 => format!("{}{}", pair.0, pair.1),
                number => format!("{}{}-{number}", pair.0, pair.1),
            };
            for unit in [left, right] {
                base.of_unit.entry(unit).or_default().push(base.lines.len());
            }
            base.neighbours.entry(left).or_default().insert(right);
            base.neighbours.entry(right).or_default().insert(left);
            let coords = line.coords.0;
            base.lines.push(Shared {
                id,
                left,
                right,
                coords,
            });
        }
        base.inner = base
            .neighbours
            .keys()
            .filter(|unit| !outer.contains(unit) && unit.as_u64() % 100 != 0)
            .copied()
            .collect();
        base.find_tri_points();
        base.record_lines();
        base
    }

    fn find_tri_points(&mut self) {
        // Units round an end of lines, and how many lines end there.
        type Node = (Coord<f64>, BTreeSet<DivisionCode>, usize);
        let mut at: BTreeMap<(u64, u64), Node> = BTreeMap::new();
        for line in &self.lines {
            let (first, last) = (line.coords[0], line.coords[line.coords.len() - 1]);
            for end in [first, last].into_iter().filter(|_| first != last) {
                let entry = at.entry(bits(end)).or_insert((end, BTreeSet::new(), 0));
                entry.1.extend([line.left, line.right]);
                entry.2 += 1;
            }
        }
        self.tri_points = at
            .into_values()
            .filter(|(_, units, ends)| units.len() == 3 && *ends == 3)
            .map(|(place, units, _)| (place, units.into_iter().collect()))
            .collect();
    }

    fn record_lines(&mut self) {
        let mut serials: BTreeMap<String, u64> = BTreeMap::new();
        let mut marked = BTreeSet::new();
        let tri_at: BTreeMap<(u64, u64), &Vec<DivisionCode>> = self
            .tri_points
            .iter()
            .map(|(place, units)| (bits(*place), units))
            .collect();
        for line in &self.lines {
            let pair = (line.left.min(line.right), line.left.max(line.right));
            let level = level_between(line.left, line.right);
            let course = LineString(line.coords.clone());
            let length = length_m(&course);
            let mut record = Record::new(
                Collection::Boundaries,
                &line.id,
                &format!("{}—{}界线", pair.0, pair.1),
            );
            record.division = Some(pair.0);
            record.geometry = Some(Arc::new(Geometry::LineString(course)));
            record.valid.from = Day::from_ymd(2001, 12, 31);
            for (name, value) in [
                ("level", json!(level)),
                ("left", json!(line.left)),
                ("right", json!(line.right)),
                ("line_status", json!("agreed")),
                (
                    "agreement",
                    json!({"document": "勘界协议书", "date": "1998-03-08", "scale": 50_000}),
                ),
                ("length_agreed_m", json!(length.round())),
            ] {
                record.fields.set(name, value);
            }
            self.line_records.insert(record.key(), record);
            let stem = if level == "province" {
                format!(
                    "{:02}{:02}",
                    pair.0.as_u64() / 10_000,
                    pair.1.as_u64() / 10_000
                )
            } else {
                format!("{}{}", pair.0, pair.1)
            };
            let serial = serials.entry(stem.clone()).or_default();
            for (place, kind) in stands(line, length, &tri_at, &mut marked) {
                if *serial >= 999 {
                    break;
                }
                *serial += 1;
                for record in markers(line, &stem, *serial, place, &kind) {
                    self.markers
                        .entry(line.id.clone())
                        .or_default()
                        .push(record.key());
                    self.line_records.insert(record.key(), record);
                }
            }
        }
    }

    /// Lines of a county whose other side is an inner county too.
    pub(crate) fn lines_of(&self, unit: DivisionCode) -> impl Iterator<Item = &Shared> {
        self.of_unit
            .get(&unit)
            .into_iter()
            .flatten()
            .map(|at| &self.lines[*at])
            .filter(move |line| self.inner.contains(&line.other(unit)))
    }

    /// A county and all that touch it.
    pub(crate) fn zone(&self, unit: DivisionCode) -> BTreeSet<DivisionCode> {
        let mut zone: BTreeSet<_> = self
            .neighbours
            .get(&unit)
            .into_iter()
            .flatten()
            .copied()
            .collect();
        zone.insert(unit);
        zone
    }
}

/// The highest level whose numbers differ (written from the code list, apart from the rules).
pub(crate) fn level_between(a: DivisionCode, b: DivisionCode) -> &'static str {
    let (a, b) = (a.as_u64(), b.as_u64());
    if a / 10_000 != b / 10_000 {
        "province"
    } else if a / 100 != b / 100 && !matches!(a / 10_000, 11 | 12 | 31 | 50) {
        "prefecture"
    } else {
        "county"
    }
}

enum Stand {
    Single,
    Pair,
    Tri(Vec<DivisionCode>),
}

/// Where markers stand on a line, from its beginning: one about every 11 km, every fourth a pair
/// on both banks, and one of three faces at each tri-point that has none yet.
fn stands(
    line: &Shared,
    length: f64,
    tri_at: &BTreeMap<(u64, u64), &Vec<DivisionCode>>,
    marked: &mut BTreeSet<(u64, u64)>,
) -> Vec<(Coord<f64>, Stand)> {
    let mut found = Vec::new();
    let (first, last) = (line.coords[0], line.coords[line.coords.len() - 1]);
    let tri = |end: Coord<f64>, marked: &mut BTreeSet<_>| {
        let units = *tri_at.get(&bits(end))?;
        marked
            .insert(bits(end))
            .then(|| (end, Stand::Tri(units.clone())))
    };
    found.extend(tri(first, marked));
    let count = (length / 11_000.0).round() as usize;
    for number in 0..count {
        let mut left = length * (number as f64 + 0.5) / count as f64;
        for ends in line.coords.windows(2) {
            let step = distance_m(ends[0], ends[1]);
            if left <= step {
                let place = ends[0] + (ends[1] - ends[0]) * (left / step);
                let kind = if number % 4 == 2 {
                    Stand::Pair
                } else {
                    Stand::Single
                };
                found.push((round(place, 6), kind));
                break;
            }
            left -= step;
        }
    }
    found.extend(tri(last, marked));
    found
}

/// To so many decimals.
pub(crate) fn round(c: Coord<f64>, decimals: i32) -> Coord<f64> {
    let scale = 10_f64.powi(decimals);
    Coord {
        x: (c.x * scale).round() / scale,
        y: (c.y * scale).round() / scale,
    }
}

/// How far a marker of a pair stands from the line, metres.
const BANK_M: f64 = 60.0;

fn markers(line: &Shared, stem: &str, serial: u64, place: Coord<f64>, kind: &Stand) -> Vec<Record> {
    let (low, high) = (line.left.min(line.right), line.left.max(line.right));
    match kind {
        Stand::Single => vec![marker(line, stem, serial, "Q", place, &[low, high], low)],
        Stand::Tri(units) => vec![marker(line, stem, serial, "Q", place, units, low)],
        Stand::Pair => {
            let near = line
                .coords
                .windows(2)
                .min_by(|a, b| {
                    let far = |ends: &[Coord<f64>]| {
                        distance_m(ends[0], place) + distance_m(ends[1], place)
                            - distance_m(ends[0], ends[1])
                    };
                    far(a).total_cmp(&far(b))
                })
                .expect("a line has pieces");
            let course = bearing_deg(near[0], near[1]);
            // A stands on the side of the unit with the smaller code.
            let turn = if low == line.left { -90.0 } else { 90.0 };
            let bank = |turn: f64| round(destination(place, course + turn, BANK_M), 7);
            vec![
                marker(line, stem, serial, "A", bank(turn), &[low, high], low),
                marker(line, stem, serial, "B", bank(-turn), &[low, high], high),
            ]
        }
    }
}

fn marker(
    line: &Shared,
    stem: &str,
    serial: u64,
    letter: &str,
    place: Coord<f64>,
    sides: &[DivisionCode],
    keeper: DivisionCode,
) -> Record {
    let number = format!("{stem}{serial:03}{letter}");
    let mut record = Record::new(Collection::Markers, &number, &format!("{number}号界桩"));
    record.division = Some(sides[0]);
    record.geometry = Some(Arc::new(Geometry::Point(Point(place))));
    let reference = |bearing: f64, metres: f64| {
        let there = destination(place, bearing, metres);
        json!({"what": "房屋西南角", "bearing_deg": bearing, "distance_m": metres, "lon": there.x, "lat": there.y})
    };
    for (name, value) in [
        ("number", json!(number)),
        ("boundary", json!(line.id)),
        ("sides", json!(sides)),
        ("serial", json!(serial)),
        ("type", json!(letter)),
        ("faces", json!(sides.len())),
        ("state", json!("good")),
        ("keeper", json!(keeper)),
        (
            "references",
            json!([
                reference(8.3, 59.7),
                reference(122.5, 16.9),
                reference(271.8, 39.7)
            ]),
        ),
        (
            "surveys",
            json!([{"date": "1998-05-10", "method": "GNSS", "accuracy_m": 0.5, "lon": place.x, "lat": place.y}]),
        ),
        ("last_inspected", json!("2024-05-20")),
    ] {
        record.fields.set(name, value);
    }
    record
}
