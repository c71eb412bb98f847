//! What an edit must keep to: texts that can be stored, an identity that stays, a key, a name, and
//! a unit above that the code allows.

use serde_json::Value;
use zhifang_core::{Collection, DivisionCode, Record};

use super::{Fault, Object};

/// The body must be a GeoJSON Feature; in a patch its type may be left out.
pub(super) fn is_feature(body: &Object, is_patch: bool, faults: &mut Vec<Fault>) {
    match body.get("type") {
        Some(Value::String(kind)) if kind == "Feature" => {}
        None if is_patch => {}
        None => faults.push(Fault::new("/type", "is missing; wanted Feature")),
        Some(other) => faults.push(Fault::new("/type", format!("{other}: wanted Feature"))),
    }
}

/// Finds the character U+0000, which no text of a register may hold, wherever it stands.
pub(super) fn storable(body: &Object, faults: &mut Vec<Fault>) {
    for (name, value) in body {
        walk_member("", name, value, faults);
    }
}

fn walk_member(above: &str, name: &str, value: &Value, faults: &mut Vec<Fault>) {
    let path = format!("{above}/{}", name.replace('~', "~0").replace('/', "~1"));
    if name.contains('\0') {
        faults.push(Fault::new(&path, "the name holds the character U+0000"));
    }
    walk(&path, value, faults);
}

fn walk(path: &str, value: &Value, faults: &mut Vec<Fault>) {
    match value {
        Value::String(text) if text.contains('\0') => {
            faults.push(Fault::new(path, "holds the character U+0000"));
        }
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                // Positions are numbers, and there may be a million.
                if !value.is_number() {
                    walk(&format!("{path}/{at}"), value, faults);
                }
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                walk_member(path, name, value, faults);
            }
        }
        _ => {}
    }
}

/// A division's identifier with its code written out: `42` is `420000`, and an earlier life keeps
/// its day.
pub(super) fn padded(id: &str) -> Option<String> {
    let (code, from) = match id.split_once('@') {
        Some((code, from)) => (code, Some(from)),
        None => (id, None),
    };
    let code: DivisionCode = code.parse().ok()?;
    match from {
        None => Some(code.to_string()),
        Some(from) => {
            let day: zhifang_core::Day = from.parse().ok()?;
            Some(format!("{code}@{day}"))
        }
    }
}

/// What names a record stays as it is: an edit may repeat it, and in a replacement leave it out.
pub(super) fn same_identity(
    record: &Record,
    body: &Object,
    properties: &Object,
    is_patch: bool,
    faults: &mut Vec<Fault>,
) {
    let is_division = record.collection == Collection::Divisions;
    let is_own = |text: &str, own: &str| {
        text == own || (is_division && padded(text).as_deref() == Some(own))
    };
    let mut must_be = |path: &str, given: Option<&Value>, own: &str| {
        let is_same = match given {
            None => true,
            Some(Value::Null) => !is_patch,
            Some(Value::String(text)) => is_own(text, own),
            Some(Value::Number(number)) => is_own(&number.to_string(), own),
            Some(_) => false,
        };
        if !is_same {
            let message = format!("is `{own}` and no edit changes it");
            faults.push(Fault::new(path, message));
        }
    };
    must_be("/id", body.get("id"), &record.id);
    must_be("/properties/id", properties.get("id"), &record.id);
    let version = record.version.to_string();
    must_be("/properties/version", properties.get("version"), &version);
    if let Some(code) = record.division.filter(|_| is_division) {
        let code = code.to_string();
        must_be("/properties/code", properties.get("code"), &code);
        must_be("/properties/division", properties.get("division"), &code);
    }
}

/// A key, a name where people call it by one, and something to say. What a record from elsewhere
/// lacks already may stay lacking.
pub(super) fn whole(before: Option<&Record>, after: &Record, faults: &mut Vec<Fault>) {
    let is_blank = |text: Option<&str>| text.is_none_or(|text| text.trim().is_empty());
    let collection = after.collection;
    let is_called = matches!(
        collection,
        Collection::Divisions
            | Collection::Names
            | Collection::Services
            | Collection::Cemeteries
            | Collection::Projects
    );
    let had_name = before.is_none_or(|before| !is_blank(Some(&before.name)));
    if is_called && had_name && is_blank(Some(&after.name)) {
        faults.push(Fault::new("/properties/name", "is missing or blank"));
    }
    let key = collection.natural_key();
    if !matches!(key, "id" | "code") {
        let had_key = before.is_none_or(|before| !is_blank(before.fields.text(key)));
        if had_key && is_blank(after.fields.text(key)) {
            let path = format!("/properties/{key}");
            faults.push(Fault::new(&path, "is missing or blank"));
        }
    }
    let says_nothing =
        is_blank(Some(&after.name)) && after.geometry.is_none() && after.fields.is_empty();
    if before.is_none() && says_nothing && faults.is_empty() {
        let message = "there is neither a name nor a geometry nor any field";
        faults.push(Fault::new("/properties", message));
    }
}

/// A unit lies under one whose digits its code begins with; what follows from the code and the
/// table of exceptions is not stored and so not asked about here.
pub(super) fn fitting_parent(before: Option<&Record>, after: &Record, faults: &mut Vec<Fault>) {
    let given = after.fields.text("parent");
    let is_kept = before.is_some_and(|before| before.fields.text("parent") == given);
    let (Some(given), Some(code), false) = (given, after.division, is_kept) else {
        return;
    };
    if after.collection != Collection::Divisions {
        return;
    }
    let fits = given
        .parse::<DivisionCode>()
        .is_ok_and(|parent| parent != code && !parent.is_heading() && parent.prefix().covers(code));
    if !fits {
        let wanted = code.parent().map_or_else(
            || "no unit, as a province has none above it".to_owned(),
            |parent| format!("`{parent}`"),
        );
        let message = format!("`{given}`: `{code}` lies under {wanted}");
        faults.push(Fault::new("/properties/parent", message));
    }
}
