//! Values of fields: from the texts and JSON of files to the register's form, and back.

use geo_types::{Coord, Geometry, Point};
use serde_json::{Map, Number, Value};
use zhifang_core::{Day, DivisionCode, FieldKind, Timestamp};

use crate::geometry::wkt;
use crate::raw::Cell;

/// Brings a position of the file, with the SRID that it carries itself, to EPSG:4490.
pub(crate) type Place<'a> = dyn Fn(Coord<f64>, Option<u32>) -> Result<Coord<f64>, String> + 'a;

/// A field's value from a cell.
///
/// # Errors
/// What was wanted and found, in words.
pub(crate) fn parse(kind: FieldKind, cell: &Cell, place: &Place<'_>) -> Result<Value, String> {
    match cell {
        Cell::Empty => Ok(Value::Null),
        Cell::Text(text) => from_text(kind, text, place),
        Cell::Json(value) => from_json(kind, value, place),
    }
}

/// A field's value from JSON whose positions are in EPSG:4490 already.
///
/// # Errors
/// What was wanted and found, in words.
pub fn field_value(kind: FieldKind, value: &Value) -> Result<Value, String> {
    from_json(kind, value, &|place, _| Ok(place))
}

fn fault<T>(found: &str, wanted: &str) -> Result<T, String> {
    let short: String = found.chars().take(60).collect();
    Err(format!("`{short}`: wanted {wanted}"))
}

fn from_text(kind: FieldKind, given: &str, place: &Place<'_>) -> Result<Value, String> {
    let text = given.trim();
    if text.is_empty() && !matches!(kind, FieldKind::Text) {
        return Ok(Value::Null);
    }
    match kind {
        FieldKind::Text => Ok(Value::from(given)),
        FieldKind::Choice(words) => choice(text, words),
        FieldKind::Integer => match text.parse::<i64>() {
            Ok(number) => Ok(Value::from(number)),
            Err(_) => match text.parse::<f64>() {
                Ok(number) => integer(number).map_or_else(|| fault(text, "a whole number"), Ok),
                Err(_) => fault(text, "a whole number"),
            },
        },
        FieldKind::Number => match text.parse::<f64>().ok().and_then(Number::from_f64) {
            Some(number) => Ok(Value::Number(number)),
            None => fault(text, "a finite number"),
        },
        FieldKind::Flag => match text.to_lowercase().as_str() {
            "true" | "1" | "yes" | "y" | "是" | "有" => Ok(Value::Bool(true)),
            "false" | "0" | "no" | "n" | "否" | "无" => Ok(Value::Bool(false)),
            _ => fault(text, "true or false"),
        },
        FieldKind::Day => day(text).map(|day| Value::from(day.to_string())),
        FieldKind::Time => time(text),
        FieldKind::Code => code(text),
        FieldKind::CodeList => list(text)?.iter().map(|item| code(item)).collect(),
        FieldKind::TextList => Ok(list(text)?.into_iter().map(Value::from).collect()),
        FieldKind::ObjectList | FieldKind::Object => match serde_json::from_str::<Value>(text) {
            Ok(value) => from_json(kind, &value, place),
            Err(_) => fault(text, "JSON"),
        },
        FieldKind::Position => position_text(text, place),
    }
}

fn from_json(kind: FieldKind, value: &Value, place: &Place<'_>) -> Result<Value, String> {
    if let (Value::String(text), false) = (value, matches!(kind, FieldKind::Text)) {
        return from_text(kind, text, place);
    }
    let wanted = |what: &str| fault(&value.to_string(), what);
    match kind {
        FieldKind::Text => match value {
            Value::String(_) => Ok(value.clone()),
            Value::Number(number) => Ok(Value::from(number_text(number))),
            Value::Bool(flag) => Ok(Value::from(flag.to_string())),
            _ => wanted("a text"),
        },
        FieldKind::Choice(words) => choice(&value.to_string(), words),
        FieldKind::Integer => match value.as_i64() {
            Some(number) => Ok(Value::from(number)),
            None => value
                .as_f64()
                .and_then(integer)
                .map_or_else(|| wanted("a whole number"), Ok),
        },
        FieldKind::Number => match value.as_f64().and_then(Number::from_f64) {
            Some(number) => Ok(Value::Number(number)),
            None => wanted("a number"),
        },
        FieldKind::Flag => match (value.as_bool(), value.as_f64()) {
            (Some(flag), _) => Ok(Value::Bool(flag)),
            (None, Some(number)) if number == 0.0 || number == 1.0 => {
                Ok(Value::Bool(number == 1.0))
            }
            _ => wanted("true or false"),
        },
        FieldKind::Day => wanted("a day YYYY-MM-DD"),
        FieldKind::Time => wanted("a time, RFC 3339"),
        FieldKind::Code => match value {
            Value::Number(number) => code(&number_text(number)),
            _ => wanted("a division code"),
        },
        FieldKind::CodeList => match value {
            Value::Array(items) => items
                .iter()
                .map(|item| from_json(FieldKind::Code, item, place))
                .collect(),
            _ => wanted("a list of division codes"),
        },
        FieldKind::TextList => match value {
            Value::Array(items) => items
                .iter()
                .map(|item| from_json(FieldKind::Text, item, place))
                .collect(),
            _ => wanted("a list of texts"),
        },
        FieldKind::ObjectList => match value {
            Value::Array(items) if items.iter().all(Value::is_object) => Ok(value.clone()),
            _ => wanted("a list of objects"),
        },
        FieldKind::Object => {
            if value.is_object() {
                Ok(value.clone())
            } else {
                wanted("an object")
            }
        }
        FieldKind::Position => {
            let pair = value.as_array().or_else(|| {
                let is_point = value.get("type").and_then(Value::as_str) == Some("Point");
                value
                    .get("coordinates")
                    .filter(|_| is_point)
                    .and_then(Value::as_array)
            });
            let number = |at: usize| pair.and_then(|pair| pair.get(at)).and_then(Value::as_f64);
            match (number(0), number(1)) {
                (Some(x), Some(y)) => place(Coord { x, y }, None).map(point_value),
                _ => wanted("a GeoJSON Point or [lon, lat]"),
            }
        }
    }
}

/// A number as text; whole ones without point, as tables write codes and telephone numbers.
fn number_text(number: &Number) -> String {
    match number.as_f64().and_then(integer) {
        Some(whole) if !number.is_i64() && !number.is_u64() => whole.to_string(),
        _ => number.to_string(),
    }
}

fn integer(number: f64) -> Option<Value> {
    let is_whole = number.fract() == 0.0 && number.abs() < 9.0e15;
    is_whole.then(|| Value::from(number as i64))
}

fn choice(text: &str, words: &[&str]) -> Result<Value, String> {
    match words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
        Some(word) => Ok(Value::from(*word)),
        None => fault(text, &format!("one of {}", words.join(" "))),
    }
}

fn code(text: &str) -> Result<Value, String> {
    match text.trim().parse::<DivisionCode>() {
        Ok(code) => Ok(Value::from(code.to_string())),
        Err(_) => fault(text, "a division code of 2, 4, 6, 9 or 12 digits"),
    }
}

/// A day: YYYY-MM-DD, or the day of a time, or with slashes.
///
/// # Errors
/// What was wanted.
pub(crate) fn day(text: &str) -> Result<Day, String> {
    let text = text.trim();
    if let Ok(day) = text.parse() {
        return Ok(day);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time.day());
    }
    let mut parts = text
        .split(['/', '.', '-'])
        .map(|part| part.parse::<u32>().ok());
    match (
        parts.next().flatten(),
        parts.next().flatten(),
        parts.next().flatten(),
        parts.next(),
    ) {
        (Some(year @ 1000..=9999), Some(month), Some(day), None) => {
            let year = i32::try_from(year).unwrap_or_default();
            Day::from_ymd(year, month, day).map_or_else(|| fault(text, "a day YYYY-MM-DD"), Ok)
        }
        _ => fault(text, "a day YYYY-MM-DD"),
    }
}

fn time(text: &str) -> Result<Value, String> {
    match text.parse::<Timestamp>() {
        Ok(_) => Ok(Value::from(text)),
        Err(_) => fault(text, "a time, RFC 3339"),
    }
}

/// Items of a list: a JSON array, or texts between semicolons.
fn list(text: &str) -> Result<Vec<String>, String> {
    if text.starts_with('[') {
        return match serde_json::from_str::<Vec<Value>>(text) {
            Ok(items) => Ok(items
                .into_iter()
                .map(|item| match item {
                    Value::String(text) => text,
                    other => other.to_string(),
                })
                .collect()),
            Err(_) => fault(text, "a JSON array, or texts between semicolons"),
        };
    }
    Ok(text
        .split([';', '；'])
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect())
}

fn position_text(text: &str, place: &Place<'_>) -> Result<Value, String> {
    if text.starts_with(['{', '[']) {
        return match serde_json::from_str::<Value>(text) {
            Ok(value) if !value.is_string() => from_json(FieldKind::Position, &value, place),
            _ => fault(text, "a position"),
        };
    }
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return match wkt::parse(text)? {
            (Some(Geometry::Point(point)), srid) => place(point.0, srid).map(point_value),
            _ => fault(text, "a POINT"),
        };
    }
    let mut numbers = text.split([' ', ',', ';']).filter(|part| !part.is_empty());
    let mut number = || numbers.next().and_then(|part| part.parse::<f64>().ok());
    match (number(), number()) {
        (Some(x), Some(y)) if x.is_finite() && y.is_finite() => {
            place(Coord { x, y }, None).map(point_value)
        }
        _ => fault(text, "a position `lon lat`"),
    }
}

/// A position in the register's form.
pub(crate) fn point_value(place: Coord<f64>) -> Value {
    let mut point = Map::new();
    point.insert("type".to_owned(), Value::from("Point"));
    point.insert(
        "coordinates".to_owned(),
        Value::from(vec![place.x, place.y]),
    );
    Value::Object(point)
}

/// Share of a number within which two are the same: formats write 15 digits.
const SAME_SHARE: f64 = 1e-14;

/// Whether two values say the same: numbers by size, positions by place.
pub(crate) fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a == b
                || match (a.as_f64(), b.as_f64()) {
                    (Some(a), Some(b)) => (a - b).abs() <= SAME_SHARE * a.abs().max(b.abs()),
                    _ => false,
                }
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| is_same(a, b)))
        }
        _ => a == b,
    }
}

/// Whether two positions, in whatever form, are the same to a tenth of a millimetre.
pub(crate) fn is_same_position(a: &Value, b: &Value) -> bool {
    let here: &Place<'_> = &|place, _| Ok(place);
    let read = |value: &Value| {
        let point = from_json(FieldKind::Position, value, here).ok()?;
        let pair = point.get("coordinates")?.as_array()?.clone();
        Some(Geometry::from(Point::new(
            pair.first()?.as_f64()?,
            pair.get(1)?.as_f64()?,
        )))
    };
    match (read(a), read(b)) {
        (Some(a), Some(b)) => crate::geometry::same::is_same(&a, &b),
        _ => is_same(a, b),
    }
}

/// The text that stands for a value in formats without types.
pub(crate) fn to_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            let is_plain = |item: &&str| {
                !item.is_empty()
                    && item.trim().len() == item.len()
                    && !item.contains([';', '；'])
                    && !item.starts_with('[')
            };
            match texts {
                Some(texts) if !texts.is_empty() && texts.iter().all(is_plain) => texts.join(";"),
                _ => value.to_string(),
            }
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn text(kind: FieldKind, text: &str) -> Result<Value, String> {
        parse(kind, &Cell::Text(text.into()), &|place, _| Ok(place))
    }

    #[rstest]
    #[case(FieldKind::Integer, "12.0", json!(12))]
    #[case(FieldKind::Number, "1e3", json!(1000.0))]
    #[case(FieldKind::Flag, "是", json!(true))]
    #[case(FieldKind::Day, "2024/3/5", json!("2024-03-05"))]
    #[case(FieldKind::Code, "4419", json!("441900"))]
    #[case(FieldKind::CodeList, "420682;420625", json!(["420682", "420625"]))]
    #[case(FieldKind::TextList, r#"["a;b","c"]"#, json!(["a;b", "c"]))]
    #[case(FieldKind::Position, "111.67 32.385", json!({"type":"Point","coordinates":[111.67,32.385]}))]
    #[case(FieldKind::Position, "SRID=4490;POINT(1 2)", json!({"type":"Point","coordinates":[1.0,2.0]}))]
    #[case(FieldKind::Text, " spaced ", json!(" spaced "))]
    fn texts_become_values(#[case] kind: FieldKind, #[case] given: &str, #[case] wanted: Value) {
        assert_eq!(text(kind, given).unwrap(), wanted);
    }

    #[rstest]
    #[case(FieldKind::Integer, "12.5")]
    #[case(FieldKind::Number, "NaN")]
    #[case(FieldKind::Number, "inf")]
    #[case(FieldKind::Day, "2024-02-30")]
    #[case(FieldKind::Code, "12345")]
    #[case(FieldKind::Position, "NaN 1")]
    #[case(FieldKind::Choice(&["good", "bad"]), "ugly")]
    fn faults_name_what_was_found(#[case] kind: FieldKind, #[case] given: &str) {
        assert!(text(kind, given).unwrap_err().contains(given));
    }

    #[test]
    fn lists_are_written_so_that_they_read_back() {
        for list in [
            json!(["a", "b"]),
            json!(["a;b"]),
            json!([" x"]),
            json!(["[1]", "y"]),
        ] {
            assert_eq!(text(FieldKind::TextList, &to_text(&list)).unwrap(), list);
        }
    }
}
