//! Faults of a line's papers, of moves and repairs, and of ground in dispute.

use std::sync::Arc;

use geo::{Coord, Geometry, LineString, Point, Polygon};
use serde_json::{Value, json};
use zhifang_core::{Collection, DivisionCode, Record};
use zhifang_topology::{Compass, bearing_deg, destination, distance_m};

use super::base::{Base, Records, Shared};
use super::claim::{claim, dispute, stretch};
use super::line::{line_key, only_line};
use super::marker::single;
use super::{Kind, Measure, Planted, Set, change, kind};

pub(crate) const KINDS: &[Kind] = &[
    kind(
        "course in words against its direction",
        Set::Lines,
        |b, r, u| course(b, r, u, &|degrees, length| (degrees + 180.0, length)),
    ),
    kind("course in words, length 30 % off", Set::Lines, |b, r, u| {
        course(b, r, u, &|degrees, length| (degrees, length * 1.3))
    }),
    kind("one marker fewer than the line says", Set::Lines, count),
    kind(
        "moved without the neighbour's consent",
        Set::Lines,
        |b, r, u| alone(b, r, u, "MRK-10", "moved", "consents"),
    ),
    kind("repaired without the neighbour", Set::Lines, |b, r, u| {
        alone(b, r, u, "MRK-11", "repaired", "witnesses")
    }),
    kind("line of an open dispute not marked", Set::Lines, unmarked),
    kind("dispute settled, not surveyed", Set::Lines, unsurveyed),
    kind("office set up on disputed ground", Set::Lines, set_up),
];

/// Two single markers of a line that follow each other, with their serials.
fn two_singles<'b>(base: &'b Base, line: &Shared) -> Option<[(&'b Record, u64); 2]> {
    let markers = base.markers.get(&line.id)?;
    let record = |at: usize| {
        let record = &base.line_records[&markers[at]];
        let serial = record.fields.get("serial").and_then(Value::as_u64)?;
        let is_single = record.fields.text("type") == Some("Q");
        is_single.then_some((record, serial))
    };
    (1..markers.len()).find_map(|at| Some([record(at - 1)?, record(at)?]))
}

fn course(
    base: &Base,
    records: &mut Records,
    unit: DivisionCode,
    altered: &dyn Fn(f64, f64) -> (f64, f64),
) -> Option<Planted> {
    let line = only_line(base, unit)?;
    let [(one, from), (other, to)] = two_singles(base, line)?;
    let (a, b): (Coord<f64>, Coord<f64>) = (one.point()?.into(), other.point()?.into());
    // The length is the line's, from one marker to the next.
    let mut along = [0.0, 0.0];
    let mut walked = 0.0;
    let mut nearest = [f64::INFINITY; 2];
    for ends in line.coords.windows(2) {
        let step = distance_m(ends[0], ends[1]);
        for (at, place) in [a, b].into_iter().enumerate() {
            let (p, q) = (distance_m(ends[0], place), distance_m(place, ends[1]));
            if p + q - step < nearest[at] {
                nearest[at] = p + q - step;
                along[at] = walked + p;
            }
        }
        walked += step;
    }
    let (degrees, length) = altered(bearing_deg(a, b), along[1] - along[0]);
    let word = Compass::from_degrees(degrees).zh();
    let text = format!("从{from}号界桩起，向{word}行{length:.0}米，至{to}号界桩。");
    let key = line_key(&line.id);
    change(records, &key, |record| {
        record.fields.set("course", json!(text));
    });
    Some(Planted::new("LIN-10", [key]).at(a, 2.0))
}

fn count(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let line = only_line(base, unit)?;
    let markers = base.markers.get(&line.id)?.len();
    let key = line_key(&line.id);
    change(records, &key, |record| {
        let told = (markers + 1).to_string();
        record.fields.set("extra", json!({"JZKS": told}));
    });
    Some(Planted::new("LIN-14", [key]).measured(Measure::Size(1.0)))
}

fn alone(
    base: &Base,
    records: &mut Records,
    unit: DivisionCode,
    rule: &'static str,
    kind: &str,
    list: &str,
) -> Option<Planted> {
    let marker = single(base, unit)?;
    let key = marker.key();
    let sides: Vec<&str> = marker.fields.texts("sides").collect();
    let [present, absent] = sides[..] else {
        return None;
    };
    let at = Coord::from(marker.point()?);
    let surveys = json!([
        {"date": "1998-05-10", "accuracy_m": 0.5, "lon": at.x, "lat": at.y},
        {"date": "2020-06-01", "accuracy_m": 0.5, "lon": at.x, "lat": at.y,
         "kind": kind, list: [present], "filed_on": "2020-06-20"},
    ]);
    change(records, &key, |record| {
        record.fields.set("surveys", surveys);
    });
    Some(Planted::new(rule, [key]).at(at, 0.5).saying(absent))
}

/// A dispute with both sides' claims, which are the same.
fn matter(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Record> {
    let (line, p, q) = stretch(base, unit)?;
    let matter = dispute(unit, line);
    for (end, side) in [("a", line.left), ("b", line.right)] {
        let mut one = claim(&format!("c-{unit}-{end}"), side, &line.id, vec![p, q]);
        one.fields.set("dispute", json!(matter.id));
        records.insert(one.key(), one);
    }
    Some(matter)
}

fn unmarked(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let matter = matter(base, records, unit)?;
    let line = line_key(matter.fields.text("boundary")?);
    let key = matter.key();
    records.insert(key.clone(), matter);
    Some(Planted::new("CLM-04", [line, key]))
}

fn unsurveyed(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let mut matter = matter(base, records, unit)?;
    matter.fields.set("dispute_state", json!("decided"));
    let log = json!([{"date": "2024-01-10", "step": "decided", "document": "协议书"}]);
    matter.fields.set("log", log);
    let key = matter.key();
    records.insert(key.clone(), matter);
    Some(Planted::new("DIS-01", [key]).saying("联合勘测"))
}

fn set_up(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let mut matter = matter(base, records, unit)?;
    let (_, p, q) = stretch(base, unit)?;
    let middle = (p + q) / 2.0;
    let beside = |turn: f64| destination(middle, bearing_deg(p, q) + turn, 80.0);
    let ring = vec![p, beside(90.0), q, beside(-90.0), p];
    let ground = Polygon::new(LineString(ring), Vec::new());
    matter.geometry = Some(Arc::new(Geometry::Polygon(ground)));
    // The ground within and the line through it: marked, so that nothing else is wrong.
    change(
        records,
        &line_key(matter.fields.text("boundary")?),
        |line| {
            line.fields.set("line_status", json!("provisional"));
        },
    );
    let at = destination(middle, bearing_deg(p, q) + 90.0, 20.0);
    let mut office = Record::new(Collection::Services, &format!("f-{unit}"), "示例站");
    office.division = Some(unit);
    office.geometry = Some(Arc::new(Geometry::Point(Point(at))));
    for (name, value) in [
        ("kind", json!("day_care")),
        ("opened", json!("2024-02-01")),
        ("phone", json!("0710-0000000")),
        ("hours", json!("Mo-Su 08:00-18:00")),
    ] {
        office.fields.set(name, value);
    }
    let keys = [office.key(), matter.key()];
    records.extend([office, matter].map(|record| (record.key(), record)));
    Some(
        Planted::new("DIS-02", keys)
            .at(at, 1.0)
            .saying("示例站")
            .also(&["FAC-02"]),
    )
}
