//! What an observation says, apart from how it was written down: two with the same digest are one.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zhifang_core::{Collection, FieldKind, Record, Timestamp};

/// Hexadecimal digits of a digest in the id of another content under a known uuid.
const SHORT: usize = 12;

/// The uuid that an id stands for: `UUID@DIGEST` is another content handed in under `UUID`.
pub(crate) fn uuid_of(id: &str) -> &str {
    match id.split_once('@') {
        Some((uuid, digest))
            if digest.len() == SHORT && digest.bytes().all(|b| b.is_ascii_hexdigit()) =>
        {
            uuid
        }
        _ => id,
    }
}

/// The id under which another content of a known uuid is kept.
pub(crate) fn variant_id(uuid: &str, digest: &str) -> String {
    let short: String = digest.chars().take(SHORT).collect();
    format!("{uuid}@{short}")
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn sha256_hex(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}

/// Digest of what an observation says: position and own fields. How a number or an instant is
/// written makes no difference; the register's bookkeeping (name, division, source, conflicts,
/// versions) is no part of it.
pub(crate) fn digest(observation: &Record) -> String {
    let mut text = String::new();
    let position = observation.point();
    let _ = write!(text, "{:?};", position.map(|place| (place.lon, place.lat)));
    let fields = Collection::Observations.fields().iter();
    for (name, kind) in fields
        .map(|field| (field.name, Some(field.kind)))
        .chain([("extra", None)])
    {
        let value = match name {
            "conflict" => None,
            _ => observation.fields.get(name),
        };
        let Some(value) = value else { continue };
        let _ = write!(text, "{name}=");
        match (kind, value) {
            (Some(FieldKind::Time), Value::String(time)) => match time.parse::<Timestamp>() {
                Ok(at) => {
                    let _ = write!(text, "{}", at.micros());
                }
                Err(_) => canonical(value, &mut text),
            },
            (Some(FieldKind::Text), Value::String(uuid)) if name == "uuid" => {
                canonical(&Value::from(uuid_of(uuid)), &mut text);
            }
            _ => canonical(value, &mut text),
        }
        text.push(';');
    }
    sha256_hex(&text)
}

/// JSON with sorted names and numbers as 64-bit floating point.
pub(crate) fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut names: Vec<&String> = map.keys().collect();
            names.sort();
            out.push('{');
            for name in names {
                let _ = write!(out, "{name:?}:");
                canonical(map.get(name).unwrap_or(&Value::Null), out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Number(number) => {
            let _ = write!(out, "{:?}", number.as_f64());
        }
        Value::String(text) => {
            let _ = write!(out, "{text:?}");
        }
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_said_otherwise_has_the_same_digest() {
        let observation = |time: &str, accuracy: Value, uuid: &str| {
            let mut record = Record::new(Collection::Observations, uuid, "");
            record.fields.set("uuid", json!(uuid));
            record.fields.set("observed_at", json!(time));
            record.fields.set("accuracy_m", accuracy);
            record
        };
        let one = observation("2026-10-08T09:18:00+08:00", json!(2), "u");
        let mut two = observation("2026-10-08T01:18:00Z", json!(2.0), "u@0123456789ab");
        two.fields.set("conflict", json!(["u"]));
        two.name = "other".into();
        assert_eq!(digest(&one), digest(&two));
        let three = observation("2026-10-08T09:18:01+08:00", json!(2), "u");
        assert_ne!(digest(&one), digest(&three));
        assert_eq!(uuid_of("a@b"), "a@b");
    }
}
