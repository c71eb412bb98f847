//! A record as linked data: JSON-LD 1.1 in the words of schema.org, its place also in those of
//! GeoSPARQL 1.1 (OGC 22-047r1).
//!
//! Only what is public of a record anyway is said, and of its shape the point or the box: who
//! wants the line takes the feature, which is linked.

use serde_json::{Map, Value, json};
use zhifang_core::{Bbox, Collection, Record};
use zhifang_index::View;

/// Media type (IANA).
pub(super) const JSON_LD: &str = "application/ld+json";

/// The record under its address `own`; `base` is the service's.
pub(super) fn linked(record: &Record, view: View<'_>, base: &str, own: &str) -> Value {
    let mut document = Map::new();
    let mut say = |key: &str, value: Value| {
        let is_empty = match &value {
            Value::Null => true,
            Value::Array(list) => list.is_empty(),
            Value::String(text) => text.is_empty(),
            _ => false,
        };
        if !is_empty {
            document.insert(key.to_owned(), value);
        }
    };
    let text = |field: &str| record.fields.text(field).map(str::to_owned);
    say(
        "@context",
        json!({
            "@vocab": "https://schema.org/",
            "geosparql": "http://www.opengis.net/ont/geosparql#",
        }),
    );
    say("@id", json!(own));
    say("@type", json!(kind(record)));
    say("name", json!({"@value": record.name, "@language": "zh"}));
    let roman = text("pinyin").map(|name| json!({"@value": name, "@language": "zh-Latn"}));
    let others = ["former_names", "aliases", "short_names"]
        .into_iter()
        .flat_map(|field| {
            let plain = record.fields.texts(field).map(str::to_owned);
            let named = record.fields.objects(field).filter_map(|object| {
                let name = object.get("name").and_then(Value::as_str);
                name.map(str::to_owned)
            });
            plain.chain(named).collect::<Vec<_>>()
        })
        .map(|name| json!({"@value": name, "@language": "zh"}));
    say(
        "alternateName",
        Value::Array(roman.into_iter().chain(others).collect()),
    );
    if record.collection == Collection::Divisions {
        let code = record.division.map(|code| code.to_string());
        say(
            "identifier",
            json!({"@type": "PropertyValue", "propertyID": "GB/T 2260", "value": code}),
        );
    } else {
        say("identifier", json!(record.id.as_ref()));
    }
    let parent = match record.collection {
        Collection::Divisions => record.parent(),
        _ => record.division,
    };
    if let Some(unit) = parent.and_then(|code| view.unit(code, None)) {
        say(
            "containedInPlace",
            json!({
                "@id": format!("{base}/ogc/collections/divisions/items/{}", unit.id),
                "@type": "AdministrativeArea",
                "name": {"@value": unit.name, "@language": "zh"},
            }),
        );
    }
    place(record, &mut say);
    say("description", json!(text("meaning")));
    say("telephone", json!(text("phone")));
    say("address", json!(text("address")));
    say("dateModified", json!(record.updated_at.to_string()));
    let formed = json!({"@id": format!("{own}?f=geojson"), "@type": "DataDownload",
        "encodingFormat": "application/geo+json", "contentUrl": format!("{own}?f=geojson")});
    say("subjectOf", formed);
    Value::Object(document)
}

/// What it is, in schema.org's words.
fn kind(record: &Record) -> &'static str {
    match record.collection {
        Collection::Divisions => "AdministrativeArea",
        Collection::Services => "CivicStructure",
        Collection::Cemeteries => "Cemetery",
        Collection::Names if record.fields.number("category") == Some(1.0) => "Landform",
        Collection::Projects => "Project",
        _ => "Place",
    }
}

/// Where it lies: a point, and the box of what is more than one.
fn place(record: &Record, say: &mut impl FnMut(&str, Value)) {
    let bbox = record.geometry.as_deref().and_then(Bbox::of_geometry);
    let middle = bbox.map(|bbox| Bbox::centre(&bbox));
    if let Some(at) = record.anchor().or(middle) {
        say(
            "geo",
            json!({"@type": "GeoCoordinates", "latitude": at.lat, "longitude": at.lon}),
        );
    }
    if let Some(Bbox {
        west,
        south,
        east,
        north,
    }) = bbox
    {
        let wkt = if record.point().is_some() {
            format!("POINT ({west} {south})")
        } else {
            format!(
                "POLYGON (({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"
            )
        };
        let key = if record.point().is_some() {
            "geosparql:hasGeometry"
        } else {
            "geosparql:hasBoundingBox"
        };
        let literal = json!({"@type": "geosparql:wktLiteral",
            "@value": format!("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> {wkt}")});
        say(
            key,
            json!({"@type": "geosparql:Geometry", "geosparql:asWKT": literal}),
        );
    }
}
