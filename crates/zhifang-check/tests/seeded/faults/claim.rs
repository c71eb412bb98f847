//! Faults of claims and disputes.

use std::sync::Arc;

use geo::{Coord, Geometry, LineString};
use serde_json::json;
use zhifang_core::{Collection, DivisionCode, Record};
use zhifang_topology::{bearing_deg, destination, distance_m};

use super::base::{Base, Records};
use super::line::only_line;
use super::{Kind, Measure, Planted, Set, kind};

pub(crate) const KINDS: &[Kind] = &[
    kind("claims differ by 120 m, no dispute", Set::Lines, differ),
    kind(
        "one side's claim missing in an open dispute",
        Set::Lines,
        one_sided,
    ),
    kind("evidence of no statutory kind", Set::Lines, evidence),
];

pub(super) fn claim(
    id: &str,
    claimant: DivisionCode,
    boundary: &str,
    coords: Vec<Coord<f64>>,
) -> Record {
    let mut record = Record::new(Collection::Claims, id, "主张线");
    record.division = Some(claimant);
    record.geometry = Some(Arc::new(Geometry::LineString(LineString(coords))));
    for (name, value) in [
        ("boundary", json!(boundary)),
        ("claimant", json!(claimant)),
        (
            "evidence",
            json!([{"kind": "bilateral_agreement", "document": "协议书", "date": "1998-06-18"}]),
        ),
    ] {
        record.fields.set(name, value);
    }
    record
}

/// A straight stretch of a line of the county.
pub(super) fn stretch(
    base: &Base,
    unit: DivisionCode,
) -> Option<(&super::base::Shared, Coord<f64>, Coord<f64>)> {
    let line = only_line(base, unit)?;
    line.coords
        .windows(2)
        .find(|ends| distance_m(ends[0], ends[1]) > 900.0)
        .map(|ends| (line, ends[0], ends[1]))
}

fn differ(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let (line, p, q) = stretch(base, unit)?;
    let middle = destination((p + q) / 2.0, bearing_deg(p, q) + 90.0, 120.0);
    let one = claim(&format!("c-{unit}-a"), line.left, &line.id, vec![p, q]);
    let other = claim(
        &format!("c-{unit}-b"),
        line.right,
        &line.id,
        vec![p, middle, q],
    );
    let keys = [one.key(), other.key()];
    records.extend([one, other].map(|record| (record.key(), record)));
    Some(
        Planted::new("CLM-01", keys)
            .at(middle, 130.0)
            .measured(Measure::Size(120.0)),
    )
}

pub(super) fn dispute(unit: DivisionCode, line: &super::base::Shared) -> Record {
    let mut record = Record::new(Collection::Disputes, &format!("d-{unit}"), "争议地段");
    record.division = Some(unit);
    for (name, value) in [
        ("boundary", json!(line.id)),
        ("parties", json!([line.left, line.right])),
        ("kind", json!("land")),
        ("dispute_state", json!("open")),
        ("since", json!("2023-09-12")),
    ] {
        record.fields.set(name, value);
    }
    record
}

fn one_sided(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let (line, p, q) = stretch(base, unit)?;
    let matter = dispute(unit, line);
    let mut one = claim(&format!("c-{unit}-a"), line.left, &line.id, vec![p, q]);
    one.fields.set("dispute", json!(matter.id));
    let key = matter.key();
    records.extend([one, matter].map(|record| (record.key(), record)));
    Some(Planted::new("CLM-02", [key]).also(&["CLM-04"]))
}

fn evidence(base: &Base, records: &mut Records, unit: DivisionCode) -> Option<Planted> {
    let (line, p, q) = stretch(base, unit)?;
    let mut one = claim(&format!("c-{unit}-a"), line.left, &line.id, vec![p, q]);
    one.fields.set(
        "evidence",
        json!([
            {"kind": "bilateral_agreement", "document": "协议书", "date": "1998-06-18"},
            {"kind": "hearsay", "document": "传说", "date": "1950-01-01"},
        ]),
    );
    let key = one.key();
    records.insert(key.clone(), one);
    Some(Planted::new("CLM-03", [key]).saying("传说"))
}
