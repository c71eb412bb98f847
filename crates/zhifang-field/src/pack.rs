//! A pack: all that a crew needs for a line, in one GeoJSON file that needs no network.

use serde_json::{Map, Value, json};
use zhifang_core::geometry::to_geojson;
use zhifang_core::{Collection, Record};
use zhifang_index::View;

use crate::content::{canonical, sha256_hex};
use crate::form::observation_form;
use crate::near::{records_near, seats_near};
use crate::plan::{centimetres, legs_json};
use crate::round::Round;
use crate::standing::{MarkerStanding, standing};
use crate::words::number_of;

/// Names and seats this near to the line go into the pack, metres.
const NAMES_M: f64 = 1_000.0;
/// Names in a pack at most: the nearest.
const MOST_NAMES: usize = 300;
/// Structures, claims, disputes and findings this near to the line concern it, metres.
const WORKS_M: f64 = 50.0;

/// The pack of a round: an RFC 7946 FeatureCollection with the inspection, its line, its legs,
/// markers, structures, earlier observations, names along the line, both units, and, as far as
/// `may_read` lets them through, claims, disputes and findings.
///
/// Every Feature says `collection`, `id` and `version`. The foreign member `pack` names the
/// inspection, tells what an observation must carry (`observation`, a JSON Schema), and holds
/// the digest of the Features by which a pack that was changed is noticed. The same register
/// gives the same pack, byte by byte.
pub fn pack(view: View<'_>, round: &Round<'_>, may_read: &dyn Fn(&Record) -> bool) -> Value {
    let mut features = Vec::new();
    features.push(feature(round.inspection));
    if let Some(line) = round.line {
        let mut described = feature(line);
        if let Some(course) = &round.course {
            set(
                &mut described,
                "length_m",
                json!(centimetres(course.length_m)),
            );
        }
        features.push(described);
    }
    features.extend(legs(round));
    features.extend(markers(round));
    features.extend(along(view, round, may_read));
    features.extend(
        round
            .observations
            .iter()
            .filter(|one| may_read(one))
            .map(|one| feature(one)),
    );
    features.extend(units(view, round));
    let mut text = String::new();
    for one in &features {
        canonical(one, &mut text);
    }
    json!({
        "type": "FeatureCollection",
        "name": format!("pack-{}", round.inspection.id),
        "pack": {
            "format": 1,
            "inspection": &*round.inspection.id,
            "inspection_version": round.inspection.version,
            "sha256": sha256_hex(&text),
            "crs": "EPSG:4490",
            "observation": observation_form(round),
        },
        "features": features,
    })
}

fn set(feature: &mut Value, name: &str, value: Value) {
    if let Some(Value::Object(properties)) = feature.get_mut("properties") {
        properties.insert(name.to_owned(), value);
    }
}

/// A record as a Feature of a pack, known by the id under which the register has it.
fn feature(record: &Record) -> Value {
    let mut feature = record.to_feature();
    set(
        &mut feature,
        "collection",
        json!(record.collection.as_str()),
    );
    set(&mut feature, "id", json!(&*record.id));
    set(&mut feature, "version", json!(record.version));
    feature
}

/// A record of which only the name matters.
fn brief(record: &Record, away_m: Option<f64>, at_seat: bool) -> Value {
    let geometry = match record.position("seat").filter(|_| at_seat) {
        Some(seat) => json!({"type": "Point", "coordinates": [seat.lon, seat.lat]}),
        None if at_seat => Value::Null,
        None => record.geometry.as_deref().map_or(Value::Null, to_geojson),
    };
    let mut properties = Map::new();
    properties.insert("collection".to_owned(), json!(record.collection.as_str()));
    properties.insert("id".to_owned(), json!(&*record.id));
    properties.insert("version".to_owned(), json!(record.version));
    properties.insert("name".to_owned(), json!(&*record.name));
    for field in ["division", "level", "kind", "category", "pinyin"] {
        if let Some(value) = record.property(field) {
            properties.insert(field.to_owned(), value);
        }
    }
    if let Some(away_m) = away_m {
        properties.insert("distance_m".to_owned(), json!(away_m.round()));
    }
    json!({
        "type": "Feature",
        "id": &*record.id,
        "geometry": geometry,
        "properties": properties,
    })
}

fn legs(round: &Round<'_>) -> Vec<Value> {
    let Some(course) = &round.course else {
        return Vec::new();
    };
    (1..)
        .zip(course.legs.iter().zip(legs_json(course)))
        .map(|(order, (leg, mut properties))| {
            let id = format!("{}-leg-{order:03}", round.inspection.id);
            if let Value::Object(map) = &mut properties {
                map.insert("collection".to_owned(), json!("legs"));
                map.insert("id".to_owned(), json!(id));
                map.insert("version".to_owned(), json!(round.inspection.version));
                map.insert("order".to_owned(), json!(order));
            }
            json!({
                "type": "Feature",
                "id": id,
                "geometry": to_geojson(&leg.geometry),
                "properties": properties,
            })
        })
        .collect()
}

/// Markers in walking order, with what the last round and this one saw.
fn markers(round: &Round<'_>) -> Vec<Value> {
    let today = zhifang_core::Timestamp::default().day();
    let standing = standing(round, today);
    let stations = round.course.iter().flat_map(|course| &course.stations);
    stations
        .zip(&standing.markers)
        .map(|(station, seen)| {
            let mut described = feature(station.marker);
            set(&mut described, "number", json!(number_of(station.marker)));
            set(
                &mut described,
                "along_m",
                json!(centimetres(station.along_m)),
            );
            set(&mut described, "off_m", json!(centimetres(station.off_m)));
            set(&mut described, "verdict", json!(seen.verdict.as_str()));
            if let Some(last) = MarkerStanding::latest(seen) {
                set(&mut described, "last_observation", json!(&*last.id));
                set(
                    &mut described,
                    "last_seen_state",
                    json!(last.fields.text("state")),
                );
                set(
                    &mut described,
                    "last_seen_at",
                    json!(last.fields.text("observed_at")),
                );
            }
            described
        })
        .collect()
}

/// Structures, claims, disputes, findings and names along the line.
fn along(view: View<'_>, round: &Round<'_>, may_read: &dyn Fn(&Record) -> bool) -> Vec<Value> {
    let geometry = round
        .line
        .and_then(|line| line.geometry.as_deref())
        .or(round.inspection.geometry.as_deref());
    let (Some(course), Some(geometry)) = (&round.course, geometry) else {
        return Vec::new();
    };
    let mut features = Vec::new();
    for collection in [
        Collection::Structures,
        Collection::Claims,
        Collection::Disputes,
        Collection::Findings,
    ] {
        let near = records_near(view, collection, course, geometry, WORKS_M);
        let near: std::collections::BTreeSet<&str> =
            near.iter().map(|(_, record)| &*record.id).collect();
        let concerned = view.records(collection).filter(|record| {
            let of_line = record.fields.text("boundary");
            record.status == zhifang_core::Status::Published
                && (of_line == Some(round.line_id())
                    || (of_line.is_none() && near.contains(&*record.id)))
        });
        features.extend(concerned.filter(|one| may_read(one)).map(feature));
    }
    let names = records_near(view, Collection::Names, course, geometry, NAMES_M);
    let seats = seats_near(view, course, geometry, NAMES_M);
    let mut named: Vec<(f64, Value)> = names
        .into_iter()
        .map(|(away_m, name)| (away_m, brief(name, Some(away_m), false)))
        .chain(
            seats
                .into_iter()
                .filter(|(_, unit)| unit.division != round.lead && unit.division != round.other)
                .map(|(away_m, unit)| (away_m, brief(unit, Some(away_m), true))),
        )
        .collect();
    named.sort_by(|a, b| a.0.total_cmp(&b.0));
    features.extend(named.into_iter().take(MOST_NAMES).map(|(_, name)| name));
    features
}

/// Both units of the line, by name.
fn units(view: View<'_>, round: &Round<'_>) -> Vec<Value> {
    [("lead", round.lead), ("other", round.other)]
        .into_iter()
        .filter_map(|(role, code)| {
            let unit = view.division(code?)?;
            let mut described = brief(unit, None, true);
            set(&mut described, "role", json!(role));
            Some(described)
        })
        .collect()
}
