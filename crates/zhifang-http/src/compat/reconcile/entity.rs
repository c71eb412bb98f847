//! Entities: divisions by code, names by id.

use serde_json::{Value, json};
use zhifang_core::{Collection, Lang, Record, Status};
use zhifang_index::View;

use super::super::place::{name_in, units_above};
use super::vocabulary::EntityType;
use crate::visible::Visible;

/// What a name's id is written with where it is also the code of a division.
const NAME_PREFIX: &str = "names/";

/// The record of an entity.
pub(super) fn find<'a>(visible: &Visible<'a>, id: &str) -> Option<&'a Record> {
    let name = |id: &str| visible.record(Collection::Names, id);
    if let Some(id) = id.strip_prefix(NAME_PREFIX) {
        return name(id);
    }
    visible
        .record(Collection::Divisions, id)
        .filter(|record| !record.is_heading())
        .or_else(|| name(id))
}

/// The id of a record as an entity.
pub(super) fn id_of(record: &Record) -> String {
    let could_be_code = record.id.starts_with(|first: char| first.is_ascii_digit())
        || record.id.starts_with(NAME_PREFIX);
    if record.collection == Collection::Names && could_be_code {
        return format!("{NAME_PREFIX}{}", record.id);
    }
    record.id.to_string()
}

/// Id and name.
pub(super) fn described(record: &Record, lang: Lang) -> Value {
    json!({"id": id_of(record), "name": name_in(record, lang)})
}

/// The name with all units above, from the province down.
pub(super) fn label(view: View<'_>, record: &Record, lang: Lang) -> String {
    let mut names: Vec<String> = units_above(view, record)
        .into_iter()
        .chain([record])
        .map(|unit| name_in(unit, lang))
        .collect();
    names.dedup();
    if lang == Lang::En {
        names.reverse();
        return names.join(", ");
    }
    names.concat()
}

/// What tells namesakes apart: the type, the units above, and whether it has ended.
pub(super) fn description(view: View<'_>, record: &Record) -> String {
    let kind = match record.kind() {
        Some(kind) => kind.to_owned(),
        None => EntityType::of_record(record)
            .first()
            .map(|one| one.name())
            .unwrap_or_default(),
    };
    let above: String = units_above(view, record)
        .into_iter()
        .map(|unit| unit.name.to_string())
        .collect();
    let mut parts = vec![kind, above];
    if record.status == Status::Retired {
        let until = record.valid.to.map(|day| day.to_string());
        parts.push(format!("已停用 ended {}", until.unwrap_or_default()));
    }
    parts.retain(|part| !part.trim().is_empty());
    parts.join(" · ")
}

/// The types of a record, by id and name.
pub(super) fn types(record: &Record) -> Vec<Value> {
    EntityType::of_record(record)
        .into_iter()
        .map(EntityType::described)
        .collect()
}
