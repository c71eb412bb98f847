//! Faults of boundary lines.

use std::sync::Arc;

use geo::{Coord, Geometry, LineString};
use serde_json::json;
use zhifang_core::{Collection, DivisionCode, Record, RecordKey};
use zhifang_topology::{distance_m, length_m};

use super::base::{Base, Records, Shared, bits, level_between, unit_key};
use super::edit::{Flat, left_of};
use super::{Kind, Measure, Planted, Set, change, kind};

pub(crate) const KINDS: &[Kind] = &[
    kind("line cut short by 400 m", Set::Lines, |b, r, u| {
        short(b, r, u)
    }),
    kind("line off the common edge by 50 m", Set::Lines, |b, r, u| {
        off_edge(b, r, u, 50.0)
    }),
    kind("line off the common edge by 3 m", Set::Lines, |b, r, u| {
        off_edge(b, r, u, 3.0)
    }),
    kind("left and right exchanged", Set::Lines, exchanged),
    kind("line without sides", Set::Lines, no_sides),
    kind("line recorded twice", Set::Lines, repeated),
    kind("line missing", Set::Lines, missing),
    kind("line of the wrong level", Set::Lines, wrong_level),
    kind("line without agreement", Set::Lines, |b, r, u| {
        field(b, r, u, "LIN-08", "agreement", json!(null))
    }),
    kind("agreed length 8 % off", Set::Lines, wrong_length),
    kind("line crosses itself", Set::Lines, crosses_itself),
    kind("line crosses another", Set::Lines, crosses_another),
];

pub(crate) fn line_key(id: &str) -> RecordKey {
    RecordKey::new(Collection::Boundaries, id)
}

/// The longest line of a county that is the only one between its two units and no ring.
pub(crate) fn only_line(base: &Base, unit: DivisionCode) -> Option<&Shared> {
    base.lines_of(unit)
        .filter(|line| {
            line.coords.first() != line.coords.last()
                && line.coords.len() > 5
                && base
                    .lines_of(unit)
                    .filter(|other| other.other(unit) == line.other(unit))
                    .count()
                    == 1
        })
        .max_by_key(|line| length_m(&LineString(line.coords.clone())) as u64)
}

fn redraw(records: &mut Records, key: &RecordKey, coords: Vec<Coord<f64>>) {
    change(records, key, |record| {
        record.geometry = Some(Arc::new(Geometry::LineString(LineString(coords))));
    });
}

const MARKERS: &[&str] = &["LIN-02", "LIN-09", "MRK-01", "MRK-05", "MRK-06"];

fn short(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let line = only_line(base, unit)?;
    let mut coords = line.coords.clone();
    let (a, b) = (coords[0], coords[1]);
    let long = distance_m(a, b);
    if long < 450.0 {
        return None;
    }
    let end = a + (b - a) * (400.0 / long);
    coords[0] = end;
    redraw(records, &line_key(&line.id), coords);
    Some(
        Planted::new("LIN-01", [line_key(&line.id)])
            .at(end, 1.0)
            .also(MARKERS),
    )
}

fn off_edge(
    base: &Base,
    records: &mut Records,
    unit: DivisionCode,
    metres: f64,
) -> Option<Planted> {
    let line = only_line(base, unit)?;
    let at = (2..line.coords.len() - 2)
        .filter(|at| {
            distance_m(line.coords[at - 1], line.coords[*at]) > metres * 3.0
                && distance_m(line.coords[*at], line.coords[at + 1]) > metres * 3.0
        })
        .find(|at| {
            let flat = Flat::at(line.coords[*at]);
            let (a, b) = (
                flat.step(line.coords[at - 1], line.coords[*at]),
                flat.step(line.coords[*at], line.coords[at + 1]),
            );
            (a.x * b.x + a.y * b.y) / (a.x.hypot(a.y) * b.x.hypot(b.y)) > 0.9
        })?;
    let flat = Flat::at(line.coords[at]);
    let left = left_of(flat.step(line.coords[at - 1], line.coords[at + 1]));
    let mut coords = line.coords.clone();
    coords[at] = flat.moved(coords[at], left.x * metres, left.y * metres);
    let place = coords[at];
    // Truth: how far apart both courses are, from the moved vertex to the two edges that met in
    // it, and from where it was to the two that meet in it now.
    let apart = |from: Coord<f64>, course: &[Coord<f64>]| {
        let to_edge = |ends: &[Coord<f64>]| {
            let (p, q) = (flat.step(from, ends[0]), flat.step(from, ends[1]));
            let along = q - p;
            let share = (-(p.x * along.x + p.y * along.y)
                / (along.x * along.x + along.y * along.y))
                .clamp(0.0, 1.0);
            let near = p + along * share;
            near.x.hypot(near.y)
        };
        course[at - 1..=at + 1]
            .windows(2)
            .map(to_edge)
            .fold(f64::INFINITY, f64::min)
    };
    let truth = apart(place, &line.coords).max(apart(line.coords[at], &coords));
    redraw(records, &line_key(&line.id), coords);
    Some(
        Planted::new("LIN-02", [line_key(&line.id)])
            .at(place, metres + 30.0)
            .measured(Measure::Size(truth))
            .also(&["MRK-01", "LIN-12"]),
    )
}

fn exchanged(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let line = only_line(base, unit)?;
    change(records, &line_key(&line.id), |record| {
        record.fields.set("left", json!(line.right));
        record.fields.set("right", json!(line.left));
    });
    Some(Planted::new("LIN-03", [line_key(&line.id)]).also(&["MRK-07", "MRK-01"]))
}

fn no_sides(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let line = only_line(base, unit)?;
    change(records, &line_key(&line.id), |record| {
        record.fields.remove("left");
    });
    Some(Planted::new("LIN-03", [line_key(&line.id)]).also(&["LIN-05"]))
}

fn repeated(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let line = only_line(base, unit)?;
    let mut twin = records[&line_key(&line.id)].clone();
    twin.id = format!("{}-又", line.id).into();
    let key = twin.key();
    records.insert(key.clone(), twin);
    Some(Planted::new("LIN-04", [line_key(&line.id), key]))
}

fn missing(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let line = only_line(base, unit)?;
    records.remove(&line_key(&line.id));
    records.retain(|key, record| {
        key.collection != Collection::Markers || record.fields.text("boundary") != Some(&line.id)
    });
    Some(
        Planted::new("LIN-05", [unit_key(line.left), unit_key(line.right)])
            .measured(Measure::Size(length_m(&LineString(line.coords.clone()))))
            .also(&["LIN-01"]),
    )
}

fn wrong_level(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let line = only_line(base, unit)?;
    let level = match level_between(line.left, line.right) {
        "county" => "province",
        _ => "township",
    };
    change(records, &line_key(&line.id), |record| {
        record.fields.set("level", json!(level));
    });
    Some(Planted::new("LIN-06", [line_key(&line.id)]).also(&["MRK-02"]))
}

fn field(
    base: &Base,
    records: &mut Records,
    unit: DivisionCode,
    rule: &'static str,
    name: &str,
    value: serde_json::Value,
) -> Option<Planted> {
    let line = only_line(base, unit)?;
    change(records, &line_key(&line.id), |record| {
        record.fields.set(name, value);
    });
    Some(Planted::new(rule, [line_key(&line.id)]))
}

fn wrong_length(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let line = only_line(base, unit)?;
    let agreed = length_m(&LineString(line.coords.clone())) * 1.08;
    let planted = field(
        base,
        records,
        unit,
        "LIN-09",
        "length_agreed_m",
        json!(agreed),
    )?;
    Some(planted.measured(Measure::Size((1.0 / 1.08 - 1.0) * 100.0)))
}

fn crosses_itself(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let line = only_line(base, unit)?;
    let at = (1..line.coords.len() - 4).find(|at| {
        let [a, b, c, d] = [0, 1, 2, 3].map(|step| line.coords[at + step]);
        super::edit::crosses(a, c, b, d) && distance_m(b, c) > 30.0
    })?;
    let mut coords = line.coords.clone();
    coords.swap(at + 1, at + 2);
    let place = (coords[at + 1] + coords[at + 2]) / 2.0;
    let far = distance_m(coords[at], coords[at + 3]) + distance_m(coords[at + 1], coords[at + 2]);
    redraw(records, &line_key(&line.id), coords);
    Some(
        Planted::new("LIN-12", [line_key(&line.id)])
            .at(place, far)
            .also(&["LIN-02", "LIN-09", "MRK-01"]),
    )
}

/// A line run on beyond its node, over the line that it ends at.
fn crosses_another(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let line = only_line(base, unit)?;
    let node = line.coords[0];
    // A record drawn across the middle of the line.
    let at = (1..line.coords.len() - 2)
        .find(|at| distance_m(line.coords[*at], line.coords[at + 1]) > 300.0)?;
    let (a, b) = (line.coords[at], line.coords[at + 1]);
    let flat = Flat::at(a);
    let left = left_of(flat.step(a, b));
    let middle = (a + b) / 2.0;
    let mut stray = Record::new(Collection::Boundaries, &format!("{}-岔", line.id), "岔线");
    let _ = bits(node);
    stray.division = Some(unit);
    stray.geometry = Some(Arc::new(Geometry::LineString(LineString(vec![
        flat.moved(middle, left.x * 80.0, left.y * 80.0),
        flat.moved(middle, -left.x * 80.0, -left.y * 80.0),
    ]))));
    for (name, value) in [
        ("level", json!(level_between(line.left, line.right))),
        ("left", json!(line.left)),
        ("right", json!(line.right)),
        ("line_status", json!("agreed")),
        (
            "agreement",
            json!({"document": "协议书", "date": "1998-01-01"}),
        ),
    ] {
        stray.fields.set(name, value);
    }
    let key = stray.key();
    records.insert(key.clone(), stray);
    Some(
        Planted::new("LIN-12", [line_key(&line.id), key])
            .at(middle, 1.0)
            .also(&["LIN-01", "LIN-02", "LIN-03"]),
    )
}
