//! Records from the Features that editors send: validated against the schema, fault by fault.

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
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let key = collection.natural_key();
    let given = [
        ("/properties/id", text(properties.get("id"))),
        ("/id", text(feature.get("id"))),
        ("/properties", text(properties.get(key))),
    ];
    let mut id: Option<String> = None;
    for (path, value) in given {
        let Some(value) = value else { continue };
        match &id {
            None => id = Some(value),
            Some(id) if *id == value => {}
            // An id beside a natural key of another form (marker number, project number) is usual.
            Some(_) if path == "/properties" && collection != Collection::Divisions => {}
            Some(id) => {
                let message = format!("`{value}` disagrees with `{id}`");
                return Err(vec![Fault::new(path, message)]);
            }
        }
    }
    let id = match id {
        Some(id) => id,
        None if collection == Collection::Divisions => {
            return Err(vec![Fault::new(
                "/properties/code",
                "is missing; a division is known by its code",
            )]);
        }
        None => made_id(collection),
    };
    if collection == Collection::Divisions
        && id
            .split('@')
            .next()
            .is_none_or(|code| code.parse::<DivisionCode>().is_err())
    {
        return Err(vec![Fault::new(
            "/properties/code",
            format!("`{id}`: wanted 6, 9 or 12 digits"),
        )]);
    }
    let mut record = Record::new(collection, &id, "");
    record.source = Arc::from("edit");
    let mut faults = Vec::new();
    apply(&mut record, feature, &mut faults);
    if faults.is_empty() {
        Ok(record)
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
    apply(&mut next, feature, &mut faults);
    if faults.is_empty() {
        Ok(next)
    } else {
        Err(faults)
    }
}

/// The record with a merge patch (RFC 7396) of its Feature applied.
///
/// # Errors
/// Every fault that was found.
pub fn patched(record: &Record, patch: &Object) -> Result<Record, Vec<Fault>> {
    let mut next = record.clone();
    let mut faults = Vec::new();
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
    if faults.is_empty() {
        Ok(next)
    } else {
        Err(faults)
    }
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
            for (name, value) in properties {
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
            json!({"id": "s1", "geometry": {"type": "Point", "coordinates": [32.4, 111.6]},
            "properties": {"name": 5, "kind": "castle", "colour": "red", "beds": "many"}}),
        );
        let faults = from_feature(Collection::Services, &feature).unwrap_err();
        let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "/geometry/coordinates",
                "/properties/beds",
                "/properties/colour",
                "/properties/kind",
                "/properties/name"
            ]
        );
    }

    #[test]
    fn a_patch_changes_what_it_names_and_null_clears() {
        let feature = object(
            json!({"id": "n1", "properties": {"name": "汉江", "category": 1, "meaning": "?"}}),
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
}
