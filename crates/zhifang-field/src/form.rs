//! What an observation must carry, as a JSON Schema that a form can be built from.

use serde_json::{Map, Value, json};
use zhifang_core::schema::MARKER_STATES;
use zhifang_core::{Collection, Lang};

use crate::round::Round;
use crate::words::{number_of, state_word};

/// The schema (JSON Schema 2020-12) of one observation of this round: a GeoJSON Feature, its
/// fields with titles in both languages, its choices, and which of them are needed.
///
/// A row without `uuid`, or with neither marker nor position, or with a marker but no state, is
/// rejected on merging; of the others under `wanted` the lack is only said.
pub fn observation_form(round: &Round<'_>) -> Value {
    let mut properties = Map::new();
    for field in Collection::Observations.fields() {
        let kind = match field.name {
            "conflict" => continue,
            "uuid" => json!({"type": "string", "format": "uuid"}),
            "inspection" => json!({"const": &*round.inspection.id}),
            "marker" => {
                let stations = round.course.iter().flat_map(|course| &course.stations);
                let numbers: Vec<&str> = stations.map(|one| number_of(one.marker)).collect();
                json!({"type": "string", "enum": numbers})
            }
            "state" => {
                let choice = |state: &&str| {
                    json!({
                        "const": state,
                        "title": state_word(state, Lang::Zh),
                        "title_en": state_word(state, Lang::En),
                    })
                };
                let choices: Vec<Value> = MARKER_STATES.iter().map(choice).collect();
                json!({"type": "string", "oneOf": choices})
            }
            "observed_at" => json!({
                "type": "string", "format": "date-time",
                "description": "带时区 with its zone",
            }),
            "side" => {
                let sides = [round.lead, round.other];
                let sides: Vec<String> = sides.iter().flatten().map(ToString::to_string).collect();
                json!({"type": "string", "enum": sides})
            }
            "accuracy_m" => json!({"type": "number", "minimum": 0}),
            "marker_version" => json!({
                "type": "integer", "minimum": 0,
                "description": "数据包中该界桩的 version  the marker's `version` in this pack",
            }),
            "photos" => json!({
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["sha256"],
                    "properties": {
                        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                        "bearing_deg": {"type": "number", "minimum": 0, "exclusiveMaximum": 360},
                    },
                },
            }),
            _ => json!({"type": "string"}),
        };
        let mut kind = match kind {
            Value::Object(kind) => kind,
            _ => Map::new(),
        };
        kind.insert("title".to_owned(), Value::from(field.zh));
        kind.insert("title_en".to_owned(), Value::from(field.en));
        properties.insert(field.name.to_owned(), Value::Object(kind));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "geometry": {
                "description": "CGCS2000 / WGS 84，经度在前 longitude first",
                "type": ["object", "null"],
                "properties": {
                    "type": {"const": "Point"},
                    "coordinates": {"type": "array", "minItems": 2, "items": {"type": "number"}},
                },
            },
            "properties": {
                "type": "object",
                "required": ["uuid", "marker", "state"],
                "wanted": ["observed_at", "observer", "side", "accuracy_m", "marker_version"],
                "properties": properties,
            },
        },
    })
}
