//! The index that the page searches: a file for each first character.
//!
//! A name stands in the file of every Chinese character that it or an older form of it has, in that
//! of the first letter of its spelling, and units stand in the file of codes. So a query reads one
//! file, by its first character, and finds names that begin with it or hold it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use zhifang_core::{Collection, DivisionCode, DivisionLevel, Record, Status};
use zhifang_index::View;
use zhifang_pinyin::{is_han, read_name};

use super::Folder;
use crate::error::Error;
use crate::mapsheet::place_name;

/// A name with the characters under which it is filed.
struct Entry {
    keys: BTreeSet<String>,
    /// The unit above, or the one it lies in.
    above: Option<DivisionCode>,
    value: Value,
}

/// Writes the index of the names below a unit.
pub(super) fn index(
    folder: &mut Folder<'_>,
    view: View<'_>,
    units: &[&Record],
    code: DivisionCode,
) -> Result<(), Error> {
    let scope = view.scope(code.prefix());
    let inside = units.iter().copied().filter(|record| {
        // Those above and beside are found too: they have cards.
        record.level() != Some(DivisionLevel::Village) || scope.covers_record(record)
    });
    let named_units: BTreeSet<(String, Option<DivisionCode>)> = units
        .iter()
        .map(|record| (place_name(&record.name), record.division))
        .collect();
    let names = view
        .within(Collection::Names, code.prefix())
        .filter(|record| record.status == Status::Published)
        // A settlement's entry beside the unit of the same name would be found twice.
        .filter(|record| !named_units.contains(&(record.name.to_string(), record.division)));
    let mut files: BTreeMap<String, (BTreeMap<String, Value>, Vec<Value>)> = BTreeMap::new();
    for entry in inside.chain(names).filter_map(entry) {
        let mut above: Vec<&Record> = Vec::new();
        if let Some(code) = entry.above {
            above = view.ancestors(code);
            above.extend(view.unit(code, None));
        }
        for key in &entry.keys {
            let (units, entries) = files.entry(key.clone()).or_default();
            for unit in &above {
                if let (Some(code), Some(level)) = (unit.division, unit.level()) {
                    let parent = unit.parent().map(|code| code.to_string());
                    let reference =
                        json!([&*unit.name, level.as_str(), parent.unwrap_or_default()]);
                    units.entry(code.to_string()).or_insert(reference);
                }
            }
            entries.push(entry.value.clone());
        }
    }
    for (key, (units, entries)) in files {
        let file = json!({ "units": units, "entries": entries });
        folder.put_json(&format!("data/search/{key}.json"), &file)?;
    }
    Ok(())
}

fn entry(record: &Record) -> Option<Entry> {
    let level = record.level();
    let (name, above) = if record.collection == Collection::Divisions {
        (&*record.name, record.parent())
    } else {
        (&*record.name, record.division)
    };
    let readings = read_name(name);
    let syllables = || readings.iter().flatten().map(|reading| reading.syllable());
    let pinyin: String = syllables()
        .map(|syllable| ascii(syllable.as_str()))
        .collect();
    let initials: String = syllables()
        .map(|syllable| char::from(syllable.first_letter()))
        .collect();
    let also: Vec<&str> = ["former_names", "aliases"]
        .iter()
        .flat_map(|field| record.fields.objects(field))
        .filter_map(|object| object.get("name").and_then(Value::as_str))
        .chain(record.fields.texts("short_names"))
        .collect();
    let also = also.join(" ");
    let mut keys: BTreeSet<String> = name
        .chars()
        .chain(also.chars())
        .filter(|character| is_han(*character))
        .map(|character| format!("{:x}", u32::from(character)))
        .collect();
    keys.extend(pinyin.chars().next().map(String::from));
    if level.is_some_and(|level| level <= DivisionLevel::Township) {
        keys.insert("code".to_owned());
    }
    let at = record.anchor();
    let mut value = json!([
        &*record.id,
        name,
        level.map_or("", DivisionLevel::as_str),
        pinyin,
        initials,
        above.map(|code| code.to_string()).unwrap_or_default(),
        at.map(|at| at.lon),
        at.map(|at| at.lat),
    ]);
    if !also.is_empty()
        && let Some(list) = value.as_array_mut()
    {
        list.push(Value::from(also));
    }
    (!name.is_empty()).then_some(Entry { keys, above, value })
}

/// ü as v, the way it is typed.
fn ascii(syllable: &str) -> String {
    syllable.replace('ü', "v")
}
