//! Data extension: values of properties of entities that are known already.

use axum::extract::RawQuery;
use axum::response::Response;
use serde_json::{Map, Value, json};
use zhifang_core::{Collection, DivisionCode, FieldKind, Lang, LonLat, Record};
use zhifang_index::View;
use zhifang_pinyin::Spelling;

use super::super::asked::{Asked, shown};
use super::super::flaw::Flaw;
use super::super::place::{Place, units_above};
use super::vocabulary::{EntityType, Property};
use super::{entity, object, written};
use crate::caller::Caller;
use crate::limits::{EXTEND_IDS, EXTEND_PROPERTIES};
use crate::state::AppState;
use crate::visible::Visible;

/// Proposals unless asked otherwise.
const PROPOSALS: usize = 50;

/// Properties that entities of a type may have.
#[utoipa::path(get, path = "/reconcile/extend/propose", tag = "compatible", params(
        ("type" = Option<String>, Query, description = "id of a type; of an unknown one, nothing"),
        ("limit" = Option<i64>, Query, description = "properties at most"),
        ("callback" = Option<String>, Query, description = "JSONP")),
    responses((status = 200, description = "`{\"type\", \"limit\", \"properties\"}`", body = Object)))]
pub(crate) async fn propose_properties(RawQuery(query): RawQuery) -> Response {
    let asked = Asked::new(query.as_deref(), b"");
    written(&asked, proposals(&asked))
}

fn proposals(asked: &Asked) -> Result<Value, Flaw> {
    let limit = asked.limit(PROPOSALS, PROPOSALS)?;
    let of = asked.text("type");
    let known = of.map(EntityType::of_id);
    let properties: Vec<Value> = match known {
        Some(None) => Vec::new(),
        known => Property::of_type(known.flatten())
            .into_iter()
            .take(limit)
            .map(Property::described)
            .collect(),
    };
    Ok(json!({"type": of.unwrap_or_default(), "limit": limit, "properties": properties}))
}

/// A property asked for, with its settings.
struct Column {
    id: String,
    property: Option<Property>,
    limit: usize,
    lang: Lang,
}

impl Column {
    fn new(value: &Value) -> Result<Self, Flaw> {
        let id = value
            .get("id")
            .and_then(Value::as_str)
            .ok_or_else(|| Flaw::bad("A property of 'extend' has no 'id'."))?;
        let settings = value.get("settings").unwrap_or(&Value::Null);
        let limit = match settings.get("limit") {
            Some(Value::String(text)) => text.trim().parse().unwrap_or(0.0),
            Some(other) => other.as_f64().unwrap_or(0.0),
            None => 0.0,
        };
        let is_english = settings.get("lang").and_then(Value::as_str) == Some("en");
        Ok(Self {
            id: id.to_owned(),
            property: Property::of_id(id),
            limit: if limit >= 1.0 {
                limit as usize
            } else {
                usize::MAX
            },
            lang: if is_english { Lang::En } else { Lang::Zh },
        })
    }

    fn described(&self) -> Value {
        let Some(property) = self.property else {
            return json!({"id": self.id, "name": self.id});
        };
        let mut described = json!({"id": self.id, "name": property.name_in(self.lang)});
        if let Some(of) = property.value_type() {
            described["type"] = of.described();
        }
        described
    }
}

/// Rows of values for the ids and properties of a data extension query.
pub(super) fn rows(app: &AppState, caller: &Caller, text: &str) -> Result<Value, Flaw> {
    let query = object("extend", text)?;
    let list = |name: &str, most: usize| match query.get(name) {
        Some(Value::Array(list)) if list.len() <= most => Ok(list),
        Some(Value::Array(list)) => Err(Flaw::new(
            axum::http::StatusCode::PAYLOAD_TOO_LARGE,
            format!("{} {name} in 'extend': at most {most}.", list.len()),
        )),
        _ => Err(Flaw::bad(format!("'extend' wants an array of '{name}'."))),
    };
    let ids = list("ids", EXTEND_IDS)?;
    let columns = list("properties", EXTEND_PROPERTIES)?
        .iter()
        .map(Column::new)
        .collect::<Result<Vec<_>, _>>()?;
    let world = app.world()?;
    let visible = Visible::new(&world, caller);
    let mut rows = Map::new();
    for id in ids {
        let id = id
            .as_str()
            .ok_or_else(|| Flaw::bad(format!("An id is no string: {}", shown(&id.to_string()))))?;
        let record = entity::find(&visible, id);
        let cells = columns.iter().map(|column| {
            let values = match (record, column.property) {
                (Some(record), Some(property)) => {
                    let mut values = values(visible.widest(), record, property, column.lang);
                    values.truncate(column.limit);
                    values
                }
                _ => Vec::new(),
            };
            (column.id.clone(), Value::from(values))
        });
        rows.insert(id.to_owned(), Value::Object(cells.collect()));
    }
    let meta: Vec<Value> = columns.iter().map(Column::described).collect();
    Ok(json!({"meta": meta, "rows": rows}))
}

fn values(view: View<'_>, record: &Record, property: Property, lang: Lang) -> Vec<Value> {
    let position = || Place::new(view, record, lang).map(|place| place.position);
    match property {
        Property::Label => vec![json!({"str": entity::label(view, record, lang)})],
        Property::Lon => of_number(position().map(|place: LonLat| place.lon)),
        Property::Lat => of_number(position().map(|place| place.lat)),
        Property::Within => units_above(view, record)
            .into_iter()
            .map(|unit| entity::described(unit, lang))
            .collect(),
        Property::Above(level) => units_above(view, record)
            .into_iter()
            .filter(|unit| unit.level() == Some(level))
            .map(|unit| entity::described(unit, lang))
            .collect(),
        Property::Field(field) => {
            let given = record.property(field.name).filter(|value| !value.is_null());
            let Some(value) = given.or_else(|| spelled(record, field.name)) else {
                return Vec::new();
            };
            let parts = match value {
                Value::Array(list) if field.kind != FieldKind::Position => list,
                one => vec![one],
            };
            let is_entity = property.value_type().is_some();
            parts
                .iter()
                .filter_map(|part| of_value(view, part, field.kind, is_entity, lang))
                .collect()
        }
    }
}

/// The spelling of a unit's name by rule, where the register holds none.
fn spelled(record: &Record, field: &str) -> Option<Value> {
    let is_due =
        field == "pinyin" && record.collection == Collection::Divisions && !record.name.is_empty();
    is_due.then(|| Value::from(zhifang_pinyin::spell(&record.name, Spelling::division())))
}

fn of_number(number: Option<f64>) -> Vec<Value> {
    number
        .map(|number| json!({"float": number}))
        .into_iter()
        .collect()
}

/// A stored value as a cell; the forms are those of the specification.
fn of_value(
    view: View<'_>,
    value: &Value,
    kind: FieldKind,
    is_entity: bool,
    lang: Lang,
) -> Option<Value> {
    let text = |text: String| json!({"str": text});
    Some(match (value, kind) {
        (Value::Null, _) => return None,
        (Value::String(code), _) if is_entity => {
            let unit = code.parse::<DivisionCode>().ok();
            match unit.and_then(|code| view.division(code)) {
                Some(unit) => entity::described(unit, lang),
                None => text(code.clone()),
            }
        }
        (Value::String(day), FieldKind::Day) => json!({"date": format!("{day}T00:00:00+08:00")}),
        (Value::String(at), FieldKind::Time) => json!({"date": at}),
        (Value::String(words), _) => text(words.clone()),
        (Value::Number(number), FieldKind::Integer) if number.as_i64().is_some() => {
            json!({"int": number})
        }
        (Value::Number(number), FieldKind::Integer)
            if number.as_f64().is_some_and(|number| number.fract() == 0.0) =>
        {
            json!({"int": number.as_f64().unwrap_or_default() as i64})
        }
        (Value::Number(number), _) => json!({"float": number}),
        // A former name or alias with its years.
        (Value::Object(map), FieldKind::ObjectList) => {
            text(map.get("name").and_then(Value::as_str)?.to_owned())
        }
        (other, _) => text(other.to_string()),
    })
}
