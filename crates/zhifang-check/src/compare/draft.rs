//! A dispute as it would be recorded, drafted from what two versions differ by.

use geo::{Geometry, LineString, MultiLineString, MultiPolygon, Polygon};
use serde_json::{Value, json};
use zhifang_core::{Collection, Day, DivisionCode, Record};

use super::submission::Item;
use crate::ground::polygons;
use crate::linework::code;
use crate::register::Register;

/// The dispute and both sides' claims as records; nothing is stored.
pub(crate) fn draft(
    register: &Register<'_>,
    ours: &Record,
    item: &Item,
    theirs: &Geometry<f64>,
    day: Day,
) -> Vec<Record> {
    let parties = parties(register, ours, item);
    let Some(first) = parties.first().copied() else {
        return Vec::new();
    };
    let other = parties.get(1).copied();
    let id = format!("draft-{}-{day}", ours.id);
    let mut dispute = Record::new(
        Collection::Disputes,
        &id,
        &format!("{}界线争议（草稿）", ours.name),
    );
    dispute.status = zhifang_core::Status::Draft;
    dispute.division = Some(first);
    dispute.geometry =
        Some(Geometry::MultiPolygon(MultiPolygon(item.deviation.faces.clone())).into());
    let names: Vec<String> = parties.iter().map(ToString::to_string).collect();
    let mut set = |name: &str, value: Value| dispute.fields.set(name, value);
    if ours.collection == Collection::Boundaries {
        set("boundary", json!(ours.id));
    }
    set("parties", json!(names));
    set("kind", json!("land"));
    set("dispute_state", json!("reported"));
    set("since", json!(day.to_string()));
    set("area_m2", json!(item.deviation.area_m2().round()));
    set(
        "log",
        json!([{"date": day.to_string(), "step": "reported", "note": format!(
            "两版界线最大相差 {:.0} 米，其间 {:.0} 平方米", item.deviation.max_m, item.deviation.area_m2()
        )}]),
    );
    let mut records = vec![dispute];
    let own = ours.geometry.as_deref();
    for (number, (claimant, shape)) in [(Some(first), own), (other, Some(theirs))]
        .into_iter()
        .enumerate()
    {
        let Some(shape) = shape else { continue };
        let mut claim = Record::new(
            Collection::Claims,
            &format!("{id}-{}", number + 1),
            if number == 0 {
                "登记一方的主张线（草稿）"
            } else {
                "提交一方的主张线（草稿）"
            },
        );
        claim.status = zhifang_core::Status::Draft;
        claim.division = claimant.or(Some(first));
        claim.geometry = Some(as_lines(shape).into());
        claim.fields.set("dispute", json!(id));
        if let Some(claimant) = claimant {
            claim.fields.set("claimant", json!(claimant.to_string()));
        }
        claim.fields.set("evidence", json!([]));
        records.push(claim);
    }
    records
}

/// The two units that a difference concerns, the one on record first: left and right of a line;
/// for a unit itself and the neighbour whose ground the submission takes or that gains it.
fn parties(register: &Register<'_>, ours: &Record, item: &Item) -> Vec<DivisionCode> {
    if ours.collection == Collection::Boundaries {
        return [code(ours, "left"), code(ours, "right")]
            .into_iter()
            .flatten()
            .collect();
    }
    let Some(own) = ours.division else {
        return Vec::new();
    };
    let mut parties = vec![own];
    let largest = item.deviation.faces.iter().max_by(|a, b| {
        let m2 = |face: &&Polygon<f64>| zhifang_topology::ring_area_m2(face.exterior());
        m2(a).total_cmp(&m2(b))
    });
    let corners = largest
        .into_iter()
        .flat_map(|face| face.exterior().0.iter());
    let level = ours.level();
    let other = corners.into_iter().find_map(|corner| {
        register.units().iter().find_map(|(code, unit)| {
            let is_near = *code != own
                && unit.level() == level
                && unit
                    .bbox()
                    .is_some_and(|bbox| bbox.contains((*corner).into()))
                && polygons(unit).is_some_and(|parts| {
                    parts.iter().any(|part| {
                        part.exterior().0.contains(corner)
                            || crate::plane::is_inside([&*part.exterior().0], *corner)
                    })
                });
            is_near.then_some(*code)
        })
    });
    parties.extend(other);
    parties
}

fn as_lines(shape: &Geometry<f64>) -> Geometry<f64> {
    let rings = |parts: &[Polygon<f64>]| -> Vec<LineString<f64>> {
        parts.iter().map(|part| part.exterior().clone()).collect()
    };
    match shape {
        Geometry::Polygon(polygon) => Geometry::LineString(polygon.exterior().clone()),
        Geometry::MultiPolygon(parts) => {
            Geometry::MultiLineString(MultiLineString(rings(&parts.0)))
        }
        other => other.clone(),
    }
}
