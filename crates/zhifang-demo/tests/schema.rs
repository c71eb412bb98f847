//! The committed records hold the schema's fields, each of its kind.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where its data is not as committed"
)]

use std::path::Path;

use serde_json::{Map, Value};
use zhifang_core::schema::{Collection, FieldKind};
use zhifang_core::{Day, DivisionCode, Timestamp};

fn features(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data")
        .join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let collection: Value = serde_json::from_str(&text).unwrap();
    collection["features"].as_array().unwrap().clone()
}

fn is_of(kind: FieldKind, value: &Value) -> bool {
    let text = value.as_str();
    let each =
        |holds: fn(&Value) -> bool| value.as_array().is_some_and(|list| list.iter().all(holds));
    let is_code = |value: &Value| {
        value
            .as_str()
            .is_some_and(|code| code.parse::<DivisionCode>().is_ok())
    };
    match kind {
        FieldKind::Text => value.is_string(),
        FieldKind::Choice(words) => text.is_some_and(|text| words.contains(&text)),
        FieldKind::Integer => value.is_i64() || value.is_u64(),
        FieldKind::Number => value.is_number(),
        FieldKind::Flag => value.is_boolean(),
        FieldKind::Day => text.is_some_and(|text| text.parse::<Day>().is_ok()),
        FieldKind::Time => text.is_some_and(|text| text.parse::<Timestamp>().is_ok()),
        FieldKind::Code => is_code(value),
        FieldKind::CodeList => each(is_code),
        FieldKind::TextList => each(Value::is_string),
        FieldKind::ObjectList => each(Value::is_object),
        FieldKind::Object => value.is_object(),
        FieldKind::Position => value.as_array().is_some_and(|pair| pair.len() == 2),
    }
}

fn check(collection: Collection, name: &str) {
    for feature in features(name) {
        let properties: &Map<String, Value> = feature["properties"].as_object().unwrap();
        let id = properties["id"].as_str().unwrap();
        if let Some(key) = properties.get(collection.natural_key()) {
            assert_eq!(key, id, "{name}: the natural key is the id");
        }
        for (field, value) in properties.iter().filter(|(_, value)| !value.is_null()) {
            // `kind` of a dash is extra: it tells the nation's line from others.
            if let Some(known) = collection.field(field) {
                assert!(is_of(known.kind, value), "{name} {id} {field}: {value}");
            } else {
                assert_eq!(
                    (name, field.as_str()),
                    ("nation/dashes.geojson", "kind"),
                    "{id}"
                );
            }
        }
        let source = properties["source"].as_str().unwrap();
        let is_made = !name.starts_with("nation") && !feature["geometry"].is_null();
        assert!(
            !is_made || source.contains("illustrative"),
            "{name} {id}: {source}"
        );
    }
}

#[test]
fn every_property_is_a_field_of_its_collection() {
    check(Collection::Divisions, "laohekou/townships.geojson");
    check(Collection::Divisions, "laohekou/villages.geojson");
    check(Collection::Boundaries, "nation/dashes.geojson");
    for collection in Collection::ALL {
        if !matches!(collection, Collection::Divisions | Collection::Findings) {
            check(collection, &format!("laohekou/{collection}.geojson"));
        }
    }
}

#[test]
fn the_plans_figures_come_out() {
    let sum = |name: &str, field: &str, wanted: &dyn Fn(&Value) -> bool| -> u64 {
        features(name)
            .iter()
            .map(|feature| &feature["properties"])
            .filter(|properties| wanted(properties))
            .filter_map(|properties| properties[field].as_u64())
            .sum()
    };
    let count = |name: &str, kind: &str| {
        features(name)
            .iter()
            .filter(|feature| feature["properties"]["kind"] == kind)
            .count()
    };
    assert_eq!(
        sum("laohekou/villages.geojson", "population", &|_| true),
        521_800
    );
    assert_eq!(
        sum("laohekou/villages.geojson", "population_60", &|_| true),
        94_714
    );
    assert_eq!(sum("laohekou/services.geojson", "beds", &|_| true), 3_315);
    assert_eq!(
        sum("laohekou/services.geojson", "nursing_beds", &|_| true),
        1_200
    );
    let is_village = |properties: &Value| properties["level"] == "village";
    assert_eq!(
        sum("laohekou/cemeteries.geojson", "area_m2", &is_village),
        400_000
    );
    assert_eq!(count("laohekou/services.geojson", "elderly_home"), 13);
    assert_eq!(count("laohekou/services.geojson", "day_care"), 138);
    assert_eq!(count("laohekou/services.geojson", "home_care_center"), 36);
}
