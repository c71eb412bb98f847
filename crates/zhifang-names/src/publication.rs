//! What an approved application makes of the register: the public entry with its announcement.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use zhifang_core::{Collection, Record, Status};

use crate::application::{Application, Kind};
use crate::error::Error;

/// The six facts of an announcement (地名备案公告管理办法): standard name, Roman spelling, division,
/// description of position, approving body, day of approval.
pub const ANNOUNCEMENT_FACTS: [&str; 6] = [
    "name",
    "pinyin",
    "division",
    "position",
    "authority",
    "approved_on",
];

/// The announcement of an approved application.
///
/// # Errors
/// [`Error::Lacks`] with the fact that is missing.
fn announcement(application: &Application, target: Option<&Record>) -> Result<Value, Error> {
    let lacks = |lacks| Error::Lacks {
        step: "publish",
        lacks,
    };
    let pinyin = application
        .fields
        .get("pinyin")
        .and_then(Value::as_str)
        .ok_or_else(|| lacks("the Roman spelling"))?;
    let stored = target
        .and_then(|target| target.fields.get("announcement"))
        .and_then(|old| old.get("position"))
        .and_then(Value::as_str);
    let position = application
        .dossier
        .text("position")
        .or(stored)
        .or_else(|| (application.kind == Kind::Retirement).then_some(""))
        .ok_or_else(|| lacks("the description of position"))?;
    let approved_on = application
        .approved_on
        .ok_or_else(|| lacks("the day of approval"))?;
    let mut facts = json!({
        "name": application.name,
        "pinyin": pinyin,
        "division": application.division.to_string(),
        "position": position,
        "authority": application.authority.zh,
        "approved_on": approved_on.to_string(),
        "kind": application.kind.as_str(),
    });
    if let (Some(facts), Some(day)) = (facts.as_object_mut(), application.announced_on) {
        facts.insert("published_on".to_owned(), Value::from(day.to_string()));
    }
    Ok(facts)
}

/// The entry that a published application makes or changes; `target` is the entry or unit that
/// is renamed or retired, as it stands.
///
/// A renaming keeps the old name with its years: as an alias of kind `former` of an entry, under
/// `former_names` of a unit.
///
/// # Errors
/// [`Error::Lacks`], [`Error::Target`].
pub fn publication(application: &Application, target: Option<&Record>) -> Result<Record, Error> {
    let announcement = announcement(application, target)?;
    let approved_on = application.approved_on;
    let mut record = match (application.kind, target) {
        (Kind::Naming, _) => {
            let mut record = Record::new(
                Collection::Names,
                &entry_id(&application.id),
                &application.name,
            );
            record.division = Some(application.division);
            record.valid.from = approved_on;
            record.source = Arc::from("naming");
            record.geometry.clone_from(&application.geometry);
            record
        }
        (_, Some(target)) => target.clone(),
        (_, None) => {
            return Err(Error::Target {
                id: application.target.clone().unwrap_or_default(),
            });
        }
    };
    let is_unit = record.collection == Collection::Divisions;
    match application.kind {
        Kind::Retirement => {
            record.status = Status::Retired;
            record.valid.to = approved_on;
        }
        Kind::Naming => {}
        Kind::Renaming => {
            let field = if is_unit { "former_names" } else { "aliases" };
            let mut former = Map::new();
            former.insert("name".to_owned(), Value::from(&*record.name));
            if !is_unit {
                former.insert("kind".to_owned(), Value::from("former"));
            }
            // The last renaming, or the entry's own beginning, is where the old name began.
            let from = record
                .fields
                .objects(field)
                .filter_map(|alias| alias.get("to").and_then(Value::as_str))
                .max()
                .map(str::to_owned)
                .or_else(|| record.valid.from.map(|day| day.to_string()));
            if let Some(from) = from {
                former.insert("from".to_owned(), Value::from(from));
            }
            if let Some(to) = approved_on {
                former.insert("to".to_owned(), Value::from(to.to_string()));
            }
            let mut list = record
                .fields
                .get(field)
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            list.push(Value::Object(former));
            record.fields.set(field, Value::Array(list));
            record.name = application.name.as_str().into();
            if application.geometry.is_some() && !is_unit {
                record.geometry.clone_from(&application.geometry);
            }
        }
    }
    if is_unit {
        if let Some(pinyin) = application.fields.get("pinyin") {
            record.fields.set("pinyin", pinyin.clone());
        }
        return Ok(record);
    }
    if application.kind != Kind::Retirement {
        record
            .fields
            .set("category", Value::from(application.category.number()));
        for (name, value) in &application.fields {
            record.fields.set(name, value.clone());
        }
    }
    let state = match application.kind {
        Kind::Retirement => "retired",
        Kind::Naming | Kind::Renaming => "published",
    };
    record.fields.set("name_status", Value::from(state));
    record.fields.set("announcement", announcement);
    if let Some(document) = &application.document {
        record
            .fields
            .set("document", Value::from(document.as_str()));
    }
    if let (Some(day), false) = (
        application.announced_on,
        application.kind == Kind::Retirement,
    ) {
        record
            .fields
            .set("published_on", Value::from(day.to_string()));
    }
    Ok(record)
}

/// The identifier of the entry that a naming makes: the application's, told apart by its letter.
fn entry_id(application: &str) -> String {
    let bare = application.strip_prefix("app@").unwrap_or(application);
    format!("n-{bare}")
}
