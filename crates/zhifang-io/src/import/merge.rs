//! What the register will say once a row is laid over what it says.

use std::sync::Arc;

use geo_types::Geometry;
use serde_json::{Map, Value};
use zhifang_core::{
    Collection, DivisionLevel, FieldKind, Lang, LonLat, Record, Status, division_kind,
};

use crate::geometry::same;
use crate::import::patch::Patch;
use crate::raw::Cell;
use crate::value;

/// What a row brings beside its patch.
#[derive(Debug, Default)]
pub(crate) struct Brought {
    /// Geometry in EPSG:4490, in the collection's form.
    pub(crate) geometry: Option<Geometry<f64>>,
    /// Point of a unit without polygon.
    pub(crate) seat: Option<LonLat>,
}

/// A warning about a record that is taken all the same.
pub(crate) struct Concern {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// The record after the row, with what should be looked at. A value that says the same as the
/// stored one leaves it untouched, so that an unchanged record stays equal.
pub(crate) fn merge(
    base: Record,
    patch: &Patch,
    brought: Brought,
    (status, restates_drafts): (Option<Status>, bool),
    lang: Lang,
    concerns: &mut Vec<Concern>,
) -> Record {
    let is_new = base.version == 0 && base.name.is_empty();
    let mut record = base;
    if let Some(name) = &patch.name {
        record.name = name.as_str().into();
    }
    if record.name.trim().is_empty() && (is_new || patch.name.is_some()) {
        concerns.push(Concern {
            code: "blank_name",
            message: lang.pick("名称为空", "the name is blank").to_owned(),
        });
    }
    if record.collection != Collection::Divisions {
        patch.division.lay_over(&mut record.division);
    }
    let applies = is_new || (restates_drafts && record.status == Status::Draft);
    if let Some(status) = patch.status.or(status.filter(|_| applies)) {
        record.status = status;
    }
    patch.valid_from.lay_over(&mut record.valid.from);
    patch.valid_to.lay_over(&mut record.valid.to);
    if let Some(source) = &patch.source
        && **source != *record.source
    {
        record.source = Arc::from(source.as_str());
    }
    if let Some(geometry) = brought.geometry {
        let is_same = record
            .geometry
            .as_deref()
            .is_some_and(|stored| same::is_same(stored, &geometry));
        if !is_same {
            record.geometry = Some(Arc::new(geometry));
        }
    }
    for (field, given) in &patch.fields {
        let is_derived = record.collection == Collection::Divisions
            && matches!(field.name, "level" | "kind" | "parent");
        if !is_derived {
            set(&mut record, field.name, field.kind, given.clone());
        }
    }
    let has_seat = patch
        .fields
        .iter()
        .any(|(field, given)| field.name == "seat" && !given.is_null());
    if let (Some(seat), false) = (brought.seat, has_seat) {
        set(
            &mut record,
            "seat",
            FieldKind::Position,
            value::point_value(seat.into()),
        );
    }
    if record.collection == Collection::Divisions {
        derived(&mut record, patch, lang, concerns);
    }
    extra(&mut record, patch);
    let is_ordered = record.valid.is_ordered() && {
        let day = |name: &str| record.fields.text(name).map(str::to_owned);
        match (day("opened"), day("closed")) {
            (Some(opened), Some(closed)) => opened <= closed,
            _ => true,
        }
    };
    if !is_ordered {
        concerns.push(Concern {
            code: "dates_out_of_order",
            message: lang.pick("日期先后颠倒", "dates out of order").to_owned(),
        });
    }
    record
}

/// Stores a value unless the stored one says the same.
fn set(record: &mut Record, name: &str, kind: FieldKind, given: Value) {
    let is_same = match record.fields.get(name) {
        Some(stored) if kind == FieldKind::Position => value::is_same_position(stored, &given),
        Some(stored) => value::is_same(stored, &given),
        None => given.is_null(),
    };
    if !is_same {
        record.fields.set(name, given);
    }
}

/// Level, kind and parent of a division follow from its code; only what says otherwise is kept.
fn derived(record: &mut Record, patch: &Patch, lang: Lang, concerns: &mut Vec<Concern>) {
    let Some(code) = record.division else { return };
    for (field, given) in &patch.fields {
        let Some(text) = given.as_str() else {
            if matches!(field.name, "level" | "kind" | "parent") {
                record.fields.remove(field.name);
            }
            continue;
        };
        let is_implied = match field.name {
            "level" => {
                let shape = code.level();
                let level = text.parse::<DivisionLevel>().unwrap_or(shape);
                // The same unit stands in the lists of several levels; a list of villages that
                // has towns in it is a mistake worth telling.
                let is_high = |level: DivisionLevel| {
                    (DivisionLevel::Province.rank()..=DivisionLevel::County.rank())
                        .contains(&level.rank())
                };
                let is_twin = is_high(level) && is_high(shape);
                if level != shape && !is_twin && level != DivisionLevel::Country {
                    concerns.push(Concern {
                        code: "level_differs",
                        message: match lang {
                            Lang::Zh => format!("代码 {code} 属于 {shape} 级，不是 {level}"),
                            Lang::En => format!("code {code} is of level {shape}, not {level}"),
                        },
                    });
                }
                level != DivisionLevel::Country
            }
            "kind" => text == division_kind(code, &record.name),
            "parent" => Some(text) == code.parent().map(|parent| parent.to_string()).as_deref(),
            _ => continue,
        };
        if is_implied {
            record.fields.remove(field.name);
        } else {
            set(record, field.name, field.kind, given.clone());
        }
    }
}

/// Columns that the schema does not know, under `extra`.
fn extra(record: &mut Record, patch: &Patch) {
    if patch.extra.is_empty() {
        return;
    }
    let stored = record.fields.get("extra").and_then(Value::as_object);
    let mut members: Map<String, Value> = stored.cloned().unwrap_or_default();
    let mut is_changed = false;
    for (key, cell) in &patch.extra {
        let given = match cell {
            Cell::Empty => {
                is_changed |= members.remove(key).is_some();
                continue;
            }
            // Formats without types write the number 5 as the text `5`.
            Cell::Text(text) => match members.get(key) {
                Some(stored) if value::to_text(stored) == **text => continue,
                _ => Value::from(&**text),
            },
            Cell::Json(given) => given.clone(),
        };
        let is_same = members.get(key).is_some_and(|stored| {
            value::is_same(stored, &given)
                || given
                    .as_str()
                    .is_some_and(|text| value::to_text(stored) == text)
        });
        if !is_same {
            members.insert(key.clone(), given);
            is_changed = true;
        }
    }
    if is_changed {
        let value = if members.is_empty() {
            Value::Null
        } else {
            Value::Object(members)
        };
        record.fields.set("extra", value);
    }
}
