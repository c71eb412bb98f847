//! The shipped demonstration as a snapshot, for tests.

use std::sync::OnceLock;

use serde_json::Value;
use zhifang_core::{Collection, Record, geometry};
use zhifang_index::{Audience, Options, Snapshot, View};

macro_rules! shipped {
    ($name:literal) => {
        include_str!(concat!("../../../data/laohekou/", $name, ".geojson"))
    };
}

/// A record of a GeoJSON feature.
pub(crate) fn record(collection: Collection, feature: &Value) -> Record {
    let properties = feature["properties"].as_object().unwrap();
    let text = |name: &str| {
        properties
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let mut record = Record::new(collection, text("id"), text("name"));
    record.source = text("source").into();
    if let Ok(code) = text("division").parse() {
        record.division = Some(code);
    }
    record.valid.from = text("valid_from").parse().ok();
    record.valid.to = text("valid_to").parse().ok();
    if !feature["geometry"].is_null() {
        record.geometry = Some(geometry::from_geojson(&feature["geometry"]).unwrap().into());
    }
    let common = [
        "id",
        "name",
        "division",
        "status",
        "source",
        "valid_from",
        "valid_to",
        "code",
    ];
    for (name, value) in properties {
        if !common.contains(&name.as_str()) {
            record.fields.set(name, value.clone());
        }
    }
    record
}

fn records(collection: Collection, text: &str) -> Vec<Record> {
    let json: Value = serde_json::from_str(text).unwrap();
    let features = json["features"].as_array().unwrap();
    features
        .iter()
        .map(|feature| record(collection, feature))
        .collect()
}

/// All records of the demonstration that this room reads.
pub(crate) fn all() -> Vec<Record> {
    [
        (Collection::Divisions, shipped!("townships")),
        (Collection::Divisions, shipped!("villages")),
        (Collection::Names, shipped!("names")),
        (Collection::Signs, shipped!("signs")),
        (Collection::Services, shipped!("services")),
        (Collection::Cemeteries, shipped!("cemeteries")),
        (Collection::Roads, shipped!("roads")),
    ]
    .into_iter()
    .flat_map(|(collection, text)| records(collection, text))
    .collect()
}

/// The demonstration as everyone sees it.
pub(crate) fn view() -> View<'static> {
    static SNAPSHOT: OnceLock<Snapshot> = OnceLock::new();
    SNAPSHOT
        .get_or_init(|| Snapshot::build(all(), 1, &Options::default()))
        .view(Audience::Public)
}
