//! Records from the Features that editors send: validated against the schema, fault by fault.

mod rule;

use std::sync::Arc;

use serde_json::{Map, Value};
use zhifang_core::geometry::from_geojson;
use zhifang_core::{Collection, Day, DivisionCode, GeometryClass, Record, Status, Validity};

/// One fault of one part of a Feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON Pointer (RFC 6901) into the Feature.
    pub path: String,
    /// What is wrong and what was wanted.
    pub message: String,
}

impl Fault {
    fn new(path: &str, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            message: message.into(),
        }
    }
}

type Object = Map<String, Value>;

/// Properties that the register sets itself; in a body they are passed over.
const SET_BY_THE_REGISTER: [&str; 3] = ["version", "updated_at", "updated_by"];

/// A new record from a Feature. Its id is the Feature's, the property `id`, the natural key, or
/// one that is made; two that disagree are a fault.
///
/// # Errors
/// Every fault that was found.
pub fn from_feature(collection: Collection, feature: &Object) -> Result<Record, Vec<Fault>> {
    let properties = properties_of(feature)?;
    let mut faults = Vec::new();
    rule::is_feature(feature, false, &mut faults);
    rule::storable(feature, &mut faults);
    let id = match identity(collection, feature, properties) {
        Ok(id) => id,
        Err(fault) => {
            faults.push(fault);
            return Err(faults);
        }
    };
    let mut record = Record::new(collection, &id, "");
    record.source = Arc::from("edit");
    apply(&mut record, feature, &mut faults);
    checked(None, record, faults)
}

/// Identifier of a new record; for a division the code in full, so that `42` is `420000`.
fn identity(
    collection: Collection,
    feature: &Object,
    properties: &Object,
) -> Result<String, Fault> {
    let is_division = collection == Collection::Divisions;
    let key = collection.natural_key();
    let key_path = format!("/properties/{key}");
    let mut given = vec![
        ("/properties/id", properties.get("id")),
        ("/id", feature.get("id")),
        (key_path.as_str(), properties.get(key)),
    ];
    if is_division {
        given.push(("/properties/division", properties.get("division")));
    }
    let mut id: Option<String> = None;
    for (path, value) in given {
        let text = match value {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) if text.trim().is_empty() => continue,
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return Err(Fault::new(path, "wanted a text")),
        };
        let value = if is_division {
            let wanted = || Fault::new(path, format!("`{text}`: wanted 2, 4, 6, 9 or 12 digits"));
            rule::padded(&text).ok_or_else(wanted)?
        } else {
            text
        };
        // An earlier life is named by its code and the day from which it was valid.
        let is_bare_of = |id: &str| is_division && id.split('@').next() == Some(&value);
        match &id {
            None => id = Some(value),
            Some(id) if *id == value || is_bare_of(id) => {}
            // An id beside a natural key of another form (marker number, project number) is usual.
            Some(_) if path == key_path && !is_division && key != "id" => {}
            Some(id) => return Err(Fault::new(path, format!("`{value}` disagrees with `{id}`"))),
        }
    }
    match id {
        Some(id) => Ok(id),
        None if is_division => Err(Fault::new(
            &key_path,
            "is missing; a division is known by its code",
        )),
        None if key != "id" => Err(Fault::new(
            &key_path,
            format!("is missing; `{collection}` are known by it"),
        )),
        None => Ok(made_id(collection)),
    }
}

/// The edited record, if nothing is wrong with it.
fn checked(
    before: Option<&Record>,
    after: Record,
    mut faults: Vec<Fault>,
) -> Result<Record, Vec<Fault>> {
    if faults.is_empty() {
        rule::whole(before, &after, &mut faults);
        rule::fitting_parent(before, &after, &mut faults);
    }
    if faults.is_empty() {
        Ok(after)
    } else {
        Err(faults)
    }
}

/// The record as the Feature says it: what the Feature does not say is cleared.
///
/// # Errors
/// Every fault that was found.
pub fn replacement(record: &Record, feature: &Object) -> Result<Record, Vec<Fault>> {
    let mut next = Record::new(record.collection, &record.id, "");
    next.version = record.version;
    next.source = Arc::clone(&record.source);
    let mut faults = Vec::new();
    rule::is_feature(feature, false, &mut faults);
    rule::storable(feature, &mut faults);
    rule::same_identity(record, feature, properties_of(feature)?, false, &mut faults);
    apply(&mut next, feature, &mut faults);
    checked(Some(record), next, faults)
}

/// The record with a merge patch (RFC 7396) of its Feature applied.
///
/// # Errors
/// Every fault that was found.
pub fn patched(record: &Record, patch: &Object) -> Result<Record, Vec<Fault>> {
    let mut next = record.clone();
    let mut faults = Vec::new();
    rule::is_feature(patch, true, &mut faults);
    rule::storable(patch, &mut faults);
    rule::same_identity(record, patch, properties_of(patch)?, true, &mut faults);
    let mut patch = patch.clone();
    // Objects merge member by member; everything else is replaced.
    if let Some(Value::Object(properties)) = patch.get_mut("properties") {
        for (name, value) in properties.iter_mut() {
            if let (Value::Object(given), Some(Value::Object(old))) =
                (&*value, record.fields.get(name))
            {
                let mut merged = old.clone();
                merge(&mut merged, given);
                *value = Value::Object(merged);
            }
        }
    }
    apply(&mut next, &patch, &mut faults);
    checked(Some(record), next, faults)
}

fn merge(target: &mut Object, patch: &Object) {
    for (name, value) in patch {
        match value {
            Value::Null => {
                target.remove(name);
            }
            Value::Object(inner) => {
                let slot = target
                    .entry(name.clone())
                    .or_insert_with(|| Value::Object(Map::new()));
                if !slot.is_object() {
                    *slot = Value::Object(Map::new());
                }
                if let Value::Object(slot) = slot {
                    merge(slot, inner);
                }
            }
            other => {
                target.insert(name.clone(), other.clone());
            }
        }
    }
}

fn properties_of(feature: &Object) -> Result<&Object, Vec<Fault>> {
    static NONE: std::sync::OnceLock<Object> = std::sync::OnceLock::new();
    match feature.get("properties") {
        None | Some(Value::Null) => Ok(NONE.get_or_init(Map::new)),
        Some(Value::Object(properties)) => Ok(properties),
        Some(_) => Err(vec![Fault::new("/properties", "wanted an object")]),
    }
}

/// A random identifier with the collection's first letter.
fn made_id(collection: Collection) -> String {
    use std::hash::{BuildHasher as _, Hasher as _};
    // The standard library's hasher is keyed from the system's randomness: twice gives 128 bits.
    let bits = || {
        std::collections::hash_map::RandomState::new()
            .build_hasher()
            .finish()
    };
    let letter = collection.as_str().chars().next().unwrap_or('r');
    format!("{letter}-{:016x}{:016x}", bits(), bits())
}

fn apply(record: &mut Record, feature: &Object, faults: &mut Vec<Fault>) {
    if let Some(geometry) = feature.get("geometry") {
        apply_geometry(record, geometry, faults);
    }
    match properties_of(feature) {
        Ok(properties) => {
            // The name first: what kind of unit follows from it is not stored.
            let (first, rest): (Vec<_>, Vec<_>) =
                properties.iter().partition(|(name, _)| *name == "name");
            for (name, value) in first.into_iter().chain(rest) {
                apply_property(record, name, value, faults);
            }
        }
        Err(found) => faults.extend(found),
    }
}

fn apply_geometry(record: &mut Record, value: &Value, faults: &mut Vec<Fault>) {
    if value.is_null() {
        record.geometry = None;
        return;
    }
    let geometry = match from_geojson(value) {
        Ok(geometry) => geometry,
        Err(error) => return faults.push(Fault::new("/geometry", error.to_string())),
    };
    if !takes(record.collection.geometry(), &geometry) {
        let message = format!("`{}` takes no such geometry", record.collection);
        return faults.push(Fault::new("/geometry", message));
    }
    let mut outside = false;
    zhifang_core::geometry::for_each_coord(&geometry, &mut |c| {
        outside |= !((-180.0..=180.0).contains(&c.x) && (-90.0..=90.0).contains(&c.y));
    });
    if outside {
        let message = "a position lies outside -180..180 and -90..90: longitude first, in degrees";
        return faults.push(Fault::new("/geometry/coordinates", message));
    }
    record.geometry = Some(Arc::new(geometry));
}

fn takes(class: GeometryClass, geometry: &geo_types::Geometry<f64>) -> bool {
    use geo_types::Geometry::{LineString, MultiLineString, MultiPolygon, Point, Polygon};
    match class {
        GeometryClass::Any => true,
        GeometryClass::Point => matches!(geometry, Point(_)),
        GeometryClass::Line => matches!(geometry, LineString(_) | MultiLineString(_)),
        GeometryClass::Polygon => matches!(geometry, Polygon(_) | MultiPolygon(_)),
        GeometryClass::LineOrPolygon => {
            matches!(
                geometry,
                LineString(_) | MultiLineString(_) | Polygon(_) | MultiPolygon(_)
            )
        }
        GeometryClass::PointOrPolygon => {
            matches!(geometry, Point(_) | Polygon(_) | MultiPolygon(_))
        }
    }
}

fn apply_property(record: &mut Record, name: &str, value: &Value, faults: &mut Vec<Fault>) {
    let path = format!("/properties/{name}");
    let mut fault = |message: String| {
        faults.push(Fault {
            path: path.clone(),
            message,
        });
    };
    if SET_BY_THE_REGISTER.contains(&name) || name == "id" {
        return;
    }
    if record.collection == Collection::Divisions && name == "code" {
        return;
    }
    match name {
        "name" => match value {
            Value::String(text) => record.name = text.as_str().into(),
            Value::Null => record.name = "".into(),
            _ => fault("wanted a text".to_owned()),
        },
        "source" => match value {
            Value::String(text) => record.source = Arc::from(text.as_str()),
            Value::Null => record.source = Arc::from(""),
            _ => fault("wanted a text".to_owned()),
        },
        "status" => match value.as_str().map(str::parse::<Status>) {
            Some(Ok(status)) => record.status = status,
            Some(Err(error)) => fault(error.to_string()),
            None => fault("wanted draft, published or retired".to_owned()),
        },
        "division" if record.collection == Collection::Divisions => {}
        "division" => match value {
            Value::Null => record.division = None,
            other => match text_of(other).parse::<DivisionCode>() {
                Ok(code) => record.division = Some(code),
                Err(error) => fault(error.to_string()),
            },
        },
        "valid_from" | "valid_to" => {
            let day = match value {
                Value::Null => Ok(None),
                other => text_of(other).parse::<Day>().map(Some),
            };
            match day {
                Ok(day) => {
                    record.valid = if name == "valid_from" {
                        Validity {
                            from: day,
                            ..record.valid
                        }
                    } else {
                        Validity {
                            to: day,
                            ..record.valid
                        }
                    };
                }
                Err(error) => fault(error.to_string()),
            }
        }
        "extra" => match value {
            Value::Object(_) | Value::Null => record.fields.set("extra", value.clone()),
            _ => fault("wanted an object".to_owned()),
        },
        _ => match record.collection.field(name) {
            Some(_) if value.is_null() => record.fields.set(name, Value::Null),
            None => fault(format!(
                "is no property of `{}`; put it under `extra`",
                record.collection
            )),
            Some(field) => match zhifang_io::field_value(field.kind, value) {
                Ok(value) if is_derived(record, name, &value) => {
                    record.fields.set(name, Value::Null);
                }
                Ok(value) => record.fields.set(name, value),
                Err(message) => fault(message),
            },
        },
    }
}

/// Level, kind and parent of a division are stored only where they differ from what follows from
/// the code.
fn is_derived(record: &Record, name: &str, value: &Value) -> bool {
    if record.collection != Collection::Divisions || !matches!(name, "level" | "kind" | "parent") {
        return false;
    }
    let mut bare = Record::new(record.collection, &record.id, &record.name);
    bare.division = record.division;
    bare.property(name).as_ref() == Some(value)
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Object {
        match value {
            Value::Object(object) => object,
            _ => Map::new(),
        }
    }

    #[test]
    fn every_fault_of_a_feature_is_named_by_its_place() {
        let feature = object(
            json!({"type": "Feature", "id": "s1", "geometry": {"type": "Point", "coordinates": [32.4, 111.6]},
            "properties": {"name": 5, "kind": "castle", "colour": "red", "beds": "many"}}),
        );
        let faults = from_feature(Collection::Services, &feature).unwrap_err();
        let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "/geometry/coordinates",
                "/properties/name",
                "/properties/beds",
                "/properties/colour",
                "/properties/kind"
            ]
        );
    }

    #[test]
    fn a_patch_changes_what_it_names_and_null_clears() {
        let feature = object(
            json!({"type": "Feature", "id": "n1", "properties": {"name": "汉江", "category": 1, "meaning": "?"}}),
        );
        let record = from_feature(Collection::Names, &feature).unwrap();
        let patch = object(json!({"properties": {"meaning": null, "category": 2}}));
        let next = patched(&record, &patch).unwrap();
        assert_eq!(
            (&*next.name, next.fields.number("category")),
            ("汉江", Some(2.0))
        );
        assert!(next.fields.get("meaning").is_none());
    }

    #[test]
    fn two_ids_that_disagree_are_a_fault() {
        let feature = object(json!({"id": "a", "properties": {"id": "b"}}));
        assert!(from_feature(Collection::Names, &feature).is_err());
    }

    fn paths(result: Result<Record, Vec<Fault>>) -> Vec<String> {
        let faults = result.unwrap_err();
        faults.into_iter().map(|fault| fault.path).collect()
    }

    fn feature(properties: Value) -> Object {
        let mut feature = json!({"type": "Feature", "geometry": null});
        feature["properties"] = properties;
        object(feature)
    }

    #[test]
    fn a_body_that_says_nothing_makes_no_record() {
        let empty = [
            object(json!({})),
            object(json!({"type": "FeatureCollection", "features": []})),
        ];
        for collection in Collection::ALL {
            for body in &empty {
                let found = paths(from_feature(collection, body));
                assert!(
                    found.contains(&"/type".to_owned()),
                    "{collection} {found:?}"
                );
            }
            assert!(
                from_feature(collection, &feature(json!({}))).is_err(),
                "{collection}"
            );
        }
        let nameless = feature(json!({"id": "n1", "name": " ", "category": 1}));
        assert_eq!(
            paths(from_feature(Collection::Names, &nameless)),
            ["/properties/name"]
        );
        let numberless = feature(json!({"id": "m1", "name": "1号界桩"}));
        assert_eq!(
            paths(from_feature(Collection::Markers, &numberless)),
            ["/properties/number"]
        );
    }

    #[test]
    fn a_padded_code_is_the_code() {
        for (given, id) in [("42", "420000"), ("4206", "420600"), ("4419", "441900")] {
            let body = feature(json!({"code": given, "name": "某地"}));
            assert_eq!(&*from_feature(Collection::Divisions, &body).unwrap().id, id);
        }
        let body = feature(json!({"id": "420000", "code": 42, "name": "湖北省"}));
        assert!(from_feature(Collection::Divisions, &body).is_ok());
        let body = feature(json!({"id": "420000", "code": "43", "name": "湖北省"}));
        assert_eq!(
            paths(from_feature(Collection::Divisions, &body)),
            ["/properties/code"]
        );
        let life = feature(json!({"id": "420682@2002-12-01", "code": "420682", "name": "某市"}));
        assert_eq!(
            &*from_feature(Collection::Divisions, &life).unwrap().id,
            "420682@2002-12-01"
        );
    }

    #[test]
    fn the_character_nul_is_found_wherever_it_stands() {
        let body = object(json!({"type": "Feature", "id": "s1\u{0}", "properties": {
            "name": "a\u{0}", "kind": "day_care", "address": "b\u{0}", "beds": 4,
            "extra": {"k\u{0}": 1, "deep": [{"a/b": "\u{0}"}]}}}));
        let mut found = paths(from_feature(Collection::Services, &body));
        found.sort();
        assert_eq!(
            found,
            [
                "/id",
                "/properties/address",
                "/properties/extra/deep/0/a~1b",
                "/properties/extra/k\u{0}",
                "/properties/name"
            ]
        );
    }

    #[test]
    fn an_edit_keeps_what_names_the_record() {
        let body = feature(json!({"code": "420682", "name": "老河口市"}));
        let mut record = from_feature(Collection::Divisions, &body).unwrap();
        record.version = 3;
        for (name, value) in [
            ("id", json!("420683")),
            ("id", json!(null)),
            ("code", json!("420683")),
            ("version", json!(2)),
            ("division", json!("420683")),
        ] {
            let patch = object(json!({"properties": {name: value}}));
            assert_eq!(
                paths(patched(&record, &patch)),
                [format!("/properties/{name}")]
            );
        }
        let same = json!({"id": "420682", "code": 420_682, "version": 3, "division": "420682"});
        assert!(
            patched(
                &record,
                &object(json!({"id": "420682", "properties": same}))
            )
            .is_ok()
        );
        let whole = record.to_feature();
        assert_eq!(replacement(&record, &object(whole)).unwrap(), record);
        let blank = object(json!({"properties": {"name": ""}}));
        assert_eq!(paths(patched(&record, &blank)), ["/properties/name"]);
    }

    #[test]
    fn a_unit_lies_under_those_whose_digits_it_begins_with() {
        let body = feature(json!({"code": "420682101", "name": "李楼镇"}));
        let record = from_feature(Collection::Divisions, &body).unwrap();
        for (parent, is_good) in [
            ("420682", true),
            ("420600", true),
            ("420683", false),
            ("420682101", false),
            ("410000", false),
        ] {
            let patch = object(json!({"properties": {"parent": parent}}));
            assert_eq!(patched(&record, &patch).is_ok(), is_good, "{parent}");
        }
        // A county directly under its province, and a forest farm that is a unit by the table.
        for (code, parent) in [("429004", "420000"), ("629700", "620000")] {
            let body = feature(json!({"code": code, "name": "某地", "parent": parent}));
            let record = from_feature(Collection::Divisions, &body).unwrap();
            assert!(record.fields.get("parent").is_none(), "{code}");
        }
    }
}
