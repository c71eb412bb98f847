//! Faults of markers.

use std::sync::Arc;

use geo::{Coord, Geometry, Point};
use serde_json::{Value, json};
use zhifang_core::{Collection, DivisionCode, Record, RecordKey};
use zhifang_topology::{bearing_deg, destination, distance_m};

use super::base::{Base, Records, bits, unit_key};
use super::line::line_key;
use super::{Kind, Measure, Planted, Set, change, kind};

pub(crate) const KINDS: &[Kind] = &[
    kind("marker 30 m off its line", Set::Lines, |b, r, u| {
        off(b, r, u, 30.0)
    }),
    kind("marker 3 m off its line", Set::Lines, |b, r, u| {
        off(b, r, u, 3.0)
    }),
    kind("marker number used twice", Set::Lines, twice),
    kind(
        "marker number that does not fit its type",
        Set::Lines,
        misfit,
    ),
    kind("marker numbers out of order", Set::Lines, disorder),
    kind("marker number missing in the series", Set::Lines, gap),
    kind("marker of another line", Set::Lines, other_line),
    kind("marker of an unknown line", Set::Lines, unknown_line),
    kind("A and B on each other's side", Set::Lines, wrong_side),
    kind(
        "marker with three faces between two units",
        Set::Lines,
        |b, r, u| set(b, r, u, "MRK-05", "faces", json!(3)),
    ),
    kind(
        "marker names another unit as its side",
        Set::Lines,
        wrong_sides,
    ),
    kind("tri-point marker 40 m away", Set::Lines, tri_away),
    kind("A without its B", Set::Lines, alone),
    kind("two reference objects only", Set::Lines, few_references),
    kind(
        "reference object at the wrong azimuth",
        Set::Lines,
        wrong_reference,
    ),
    kind("marker surveyed 12 m from its place", Set::Lines, moved),
    kind("keeper is no neighbour", Set::Lines, keeper),
    kind("not inspected for six years", Set::Lines, |b, r, u| {
        set(b, r, u, "MRK-12", "last_inspected", json!("2020-04-01"))
    }),
];

fn place(record: &Record) -> Coord<f64> {
    record
        .point()
        .map(Coord::from)
        .expect("a marker is a point")
}

/// Markers on lines of the county whose other side is an inner county, by type letter and count
/// of sides.
fn markers<'b>(
    base: &'b Base,
    unit: DivisionCode,
    letter: &'b str,
    sides: usize,
) -> Vec<&'b Record> {
    base.lines_of(unit)
        .filter_map(|line| base.markers.get(&line.id))
        .flatten()
        .map(|key| &base.line_records[key])
        .filter(|record| {
            record.fields.text("type") == Some(letter)
                && record.fields.texts("sides").count() == sides
        })
        .collect()
}

pub(super) fn single(base: &Base, unit: DivisionCode) -> Option<&Record> {
    markers(base, unit, "Q", 2).into_iter().next()
}

fn stand(records: &mut Records, key: &RecordKey, at: Coord<f64>) {
    change(records, key, |record| {
        record.geometry = Some(Arc::new(Geometry::Point(Point(at))));
        record.fields.set(
            "surveys",
            json!([{"date": "1998-05-10", "accuracy_m": 0.5, "lon": at.x, "lat": at.y}]),
        );
        record.fields.set("references", json!([{"what": "a", "bearing_deg": 1.0, "distance_m": 9.0}, {"what": "b", "bearing_deg": 100.0, "distance_m": 9.0}, {"what": "c", "bearing_deg": 200.0, "distance_m": 9.0}]));
    });
}

/// The piece of a marker's line on which it stands.
fn piece(base: &Base, marker: &Record) -> Option<(Coord<f64>, Coord<f64>)> {
    let line = base
        .lines
        .iter()
        .find(|line| marker.fields.text("boundary") == Some(&line.id))?;
    let at = place(marker);
    line.coords
        .windows(2)
        .map(|ends| (ends[0], ends[1]))
        .min_by(|a, b| {
            let far = |(p, q): &(Coord<f64>, Coord<f64>)| {
                distance_m(*p, at) + distance_m(*q, at) - distance_m(*p, *q)
            };
            far(a).total_cmp(&far(b))
        })
}

fn off(base: &Base, records: &mut Records, unit: DivisionCode, metres: f64) -> Option<Planted> {
    let found = markers(base, unit, "Q", 2).into_iter().find_map(|marker| {
        let (p, q) = piece(base, marker)?;
        let at = place(marker);
        (distance_m(p, at) > 100.0 && distance_m(q, at) > 100.0).then_some((marker, p, q))
    });
    let (marker, p, q) = found?;
    let at = destination(place(marker), bearing_deg(p, q) + 90.0, metres);
    // Nothing else of the line may be nearer.
    let line = base
        .lines
        .iter()
        .find(|line| marker.fields.text("boundary") == Some(&line.id))?;
    if line.coords.windows(2).any(|ends| {
        (ends[0], ends[1]) != (p, q) && ends.iter().any(|c| distance_m(*c, at) < metres * 1.5)
    }) {
        return None;
    }
    stand(records, &marker.key(), at);
    Some(
        Planted::new("MRK-01", [marker.key()])
            .at(at, 0.5)
            .measured(Measure::Size(metres)),
    )
}

fn twice(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let marker = single(base, unit)?;
    let mut twin = marker.clone();
    twin.id = format!("{}-又", marker.id).into();
    let key = twin.key();
    records.insert(key.clone(), twin);
    Some(Planted::new("MRK-02", [marker.key(), key]))
}

fn misfit(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let marker = single(base, unit)?;
    change(records, &marker.key(), |record| {
        record.fields.set("type", json!("A"));
    });
    Some(Planted::new("MRK-02", [marker.key()]).also(&["MRK-07", "MRK-03", "MRK-01"]))
}

/// Three markers on one line, the serials of the last two exchanged.
fn disorder(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    for line in base.lines_of(unit) {
        let mut on: Vec<&Record> = markers(base, unit, "Q", 2)
            .into_iter()
            .filter(|marker| marker.fields.text("boundary") == Some(&line.id))
            .collect();
        on.sort_by_key(|marker| marker.fields.number("serial").unwrap_or_default() as u64);
        let Some(run) = on.windows(2).find(|run| {
            let serial = |at: usize| run[at].fields.number("serial").unwrap_or_default();
            serial(1) - serial(0) < 1.5
        }) else {
            continue;
        };
        if on.len() < 4 {
            continue;
        }
        let (a, b) = (run[0], run[1]);
        let keys = [a.key(), b.key()];
        let places = [place(b), place(a)];
        for (key, at) in keys.iter().zip(places) {
            stand(records, key, at);
        }
        return Some(
            Planted::new("MRK-03", keys).at(places[0], distance_m(places[0], places[1]) + 1.0),
        );
    }
    None
}

fn gap(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let singles = markers(base, unit, "Q", 2);
    let stem = |marker: &Record| marker.id[..marker.id.len() - 4].to_owned();
    let serial = |marker: &Record| marker.fields.number("serial").unwrap_or_default() as u64;
    let all = |stem: &str, serial: u64| {
        base.line_records.values().find(|record| {
            record.collection == Collection::Markers
                && record.id.starts_with(&format!("{stem}{serial:03}"))
        })
    };
    let marker = singles.into_iter().find(|marker| {
        let (stem, serial) = (stem(marker), serial(marker));
        serial > 1 && all(&stem, serial - 1).is_some() && all(&stem, serial + 1).is_some()
    })?;
    let (stem, serial) = (stem(marker), serial(marker));
    let keys = [all(&stem, serial - 1)?.key(), all(&stem, serial + 1)?.key()];
    records.remove(&marker.key());
    Some(Planted::new("MRK-03", keys).saying(format!("{stem}{serial:03}")))
}

/// A marker that names a line on which it does not stand.
fn other_line(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let marker = single(base, unit)?;
    let own = marker.fields.text("boundary")?.to_owned();
    let other = base.lines_of(unit).find(|line| line.id != own)?;
    change(records, &marker.key(), |record| {
        record.fields.set("boundary", json!(other.id));
    });
    Some(
        Planted::new(
            "MRK-04",
            [marker.key(), line_key(&other.id), line_key(&own)],
        )
        .at(place(marker), 0.1)
        .also(&["MRK-01", "MRK-02", "MRK-05", "MRK-03"]),
    )
}

fn unknown_line(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let marker = single(base, unit)?;
    change(records, &marker.key(), |record| {
        record.fields.set("boundary", json!("000000000000"));
    });
    Some(
        Planted::new("MRK-04", [marker.key()])
            .at(place(marker), 0.1)
            .also(&["MRK-03"]),
    )
}

fn partner(base: &Base, marker: &Record) -> Option<Record> {
    let id = format!("{}B", &marker.id[..marker.id.len() - 1]);
    base.line_records
        .get(&RecordKey::new(Collection::Markers, &id))
        .cloned()
}

fn wrong_side(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let a = markers(base, unit, "A", 2).into_iter().next()?;
    let b = partner(base, a)?;
    let places = [place(&b), place(a)];
    for (key, at) in [a.key(), b.key()].iter().zip(places) {
        stand(records, key, at);
    }
    Some(Planted::new("MRK-07", [a.key(), b.key()]).at(places[0], 0.5))
}

fn set(
    base: &Base,
    records: &mut Records,
    unit: DivisionCode,
    rule: &'static str,
    name: &str,
    value: Value,
) -> Option<Planted> {
    let marker = single(base, unit)?;
    change(records, &marker.key(), |record| {
        record.fields.set(name, value);
    });
    Some(Planted::new(rule, [marker.key()]).at(place(marker), 0.1))
}

fn wrong_sides(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let marker = single(base, unit)?;
    let sides: Vec<&str> = marker.fields.texts("sides").collect();
    let stranger = base.neighbours[&unit]
        .iter()
        .map(ToString::to_string)
        .find(|code| !sides.contains(&code.as_str()))?;
    let new = json!([sides[0], stranger]);
    change(records, &marker.key(), |record| {
        record.fields.set("sides", new);
        record.fields.set("keeper", json!(sides[0]));
    });
    Some(Planted::new("MRK-05", [marker.key()]).at(place(marker), 0.1))
}

fn tri_away(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let marker = markers(base, unit, "Q", 3).into_iter().next()?;
    let line = base
        .lines
        .iter()
        .find(|line| marker.fields.text("boundary") == Some(&line.id))?;
    let at = place(marker);
    // Along the line, so that it stays on it.
    let coords: Vec<Coord<f64>> = if bits(line.coords[0]) == bits(at) {
        line.coords.clone()
    } else {
        line.coords.iter().rev().copied().collect()
    };
    let step = distance_m(coords[0], coords[1]);
    if bits(coords[0]) != bits(at) || step < 50.0 {
        return None;
    }
    let moved = coords[0] + (coords[1] - coords[0]) * (40.0 / step);
    stand(records, &marker.key(), moved);
    Some(
        Planted::new("MRK-06", [marker.key()])
            .at(moved, 0.5)
            .measured(Measure::Size(40.0)),
    )
}

fn alone(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let a = markers(base, unit, "A", 2).into_iter().next()?;
    records.remove(&partner(base, a)?.key());
    Some(Planted::new("MRK-07", [a.key()]).at(place(a), 0.1))
}

fn few_references(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let marker = single(base, unit)?;
    let two: Vec<Value> = marker
        .fields
        .get("references")?
        .as_array()?
        .iter()
        .take(2)
        .cloned()
        .collect();
    set(base, records, unit, "MRK-08", "references", json!(two))
        .map(|planted| planted.measured(Measure::Size(2.0)))
}

fn wrong_reference(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let marker = single(base, unit)?;
    let mut all = marker.fields.get("references")?.as_array()?.clone();
    all[1]["bearing_deg"] = json!(126.0);
    set(base, records, unit, "MRK-08", "references", json!(all))
        .map(|planted| planted.saying("第 2 个方位物"))
}

fn moved(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let marker = single(base, unit)?;
    let there = destination(place(marker), 77.0, 12.0);
    let survey = json!([
        {"date": "2023-06-01", "accuracy_m": 0.5, "lon": there.x, "lat": there.y},
        marker.fields.get("surveys")?.as_array()?.first()?.clone(),
    ]);
    set(base, records, unit, "MRK-09", "surveys", survey)
        .map(|planted| planted.measured(Measure::Size(12.0)))
}

fn keeper(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let marker = single(base, unit)?;
    let sides: Vec<&str> = marker.fields.texts("sides").collect();
    let stranger = base.neighbours[&unit]
        .iter()
        .map(ToString::to_string)
        .find(|code| !sides.contains(&code.as_str()))?;
    let _ = unit_key(unit);
    set(base, records, unit, "MRK-12", "keeper", json!(stranger))
}
