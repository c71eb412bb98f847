//! What the cards show: units by township, other records by shard.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use zhifang_core::{Collection, DivisionCode, Record, geometry};
use zhifang_index::View;
use zhifang_pinyin::{Spelling, spell};

use super::Folder;
use crate::error::Error;

/// Records in one file, about: a card costs one small request.
const RECORDS_IN_A_SHARD: usize = 120;

/// FNV-1a of 32 bits: which file holds a record. The page computes the same.
fn shard_of(id: &str, shards: u32) -> u32 {
    let hash = id.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash % shards.max(1)
}

/// Writes the records of a collection; returns over how many files they are spread.
pub(super) fn records(
    folder: &mut Folder<'_>,
    collection: Collection,
    records: Vec<&Record>,
) -> Result<u32, Error> {
    let count = records.len().div_ceil(RECORDS_IN_A_SHARD) as u32;
    let mut shards: BTreeMap<u32, Map<String, Value>> = BTreeMap::new();
    for record in records {
        let mut feature = record.to_feature();
        if collection == Collection::Names
            && record.fields.text("pinyin").is_none()
            && let Some(properties) = feature.get_mut("properties").and_then(Value::as_object_mut)
        {
            let roman = spell(&record.name, Spelling::feature());
            properties.insert("pinyin".to_owned(), Value::from(roman));
        }
        shards
            .entry(shard_of(&record.id, count))
            .or_default()
            .insert(record.id.to_string(), feature);
    }
    for (number, features) in shards {
        let path = format!("data/{collection}/{number}.json");
        folder.put_json(&path, &Value::Object(features))?;
    }
    Ok(count)
}

/// Writes the units: a file for each unit down to the county, and for each township with its
/// villages; and the areas, for what lies where.
pub(super) fn divisions(
    folder: &mut Folder<'_>,
    view: View<'_>,
    units: &[&Record],
    neighbours: &dyn Fn(DivisionCode) -> Vec<DivisionCode>,
) -> Result<(), Error> {
    let lines: Vec<&Record> = view.records(Collection::Boundaries).collect();
    let mut files: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut areas = Vec::new();
    for record in units {
        let Some(code) = record.division else {
            continue;
        };
        let digits = code.to_string();
        let file: String = digits.chars().take(9).collect();
        let shape = record
            .geometry
            .as_deref()
            .map_or(Value::Null, geometry::to_geojson);
        if !shape.is_null()
            && let Some(mut area) = reference(record)
            && let Some(area) = area.as_object_mut()
        {
            area.insert("geometry".to_owned(), shape.clone());
            areas.push((record.level(), code, Value::Object(area.clone())));
        }
        let mut card = described(record);
        card.insert("geometry".to_owned(), shape);
        let list =
            |units: Vec<&Record>| -> Value { units.into_iter().filter_map(reference).collect() };
        card.insert("ancestors".to_owned(), list(view.ancestors(code)));
        let children = view.children(code).filter_map(|code| view.unit(code, None));
        card.insert("children".to_owned(), list(children.collect()));
        let beside = neighbours(code).into_iter();
        let beside = beside.filter_map(|code| view.unit(code, None));
        card.insert("neighbours".to_owned(), list(beside.collect()));
        let own_lines = lines.iter().filter(|line| {
            ["left", "right"]
                .iter()
                .any(|side| line.fields.text(side) == Some(digits.as_str()))
        });
        card.insert(
            "lines".to_owned(),
            own_lines
                .map(|line| {
                    json!({
                        "id": &*line.id,
                        "level": line.fields.text("level"),
                        "left": line.fields.text("left"),
                        "right": line.fields.text("right"),
                    })
                })
                .collect(),
        );
        files
            .entry(file)
            .or_default()
            .insert(digits, Value::Object(card));
    }
    for (file, cards) in files {
        folder.put_json(
            &format!("data/divisions/{file}.json"),
            &Value::Object(cards),
        )?;
    }
    areas.sort_by_key(|(level, code, _)| (*level, *code));
    let areas: Value = areas.into_iter().map(|(.., area)| area).collect();
    folder.put_json("data/areas.json", &areas)
}

fn reference(record: &Record) -> Option<Value> {
    Some(json!({
        "code": record.division?.to_string(),
        "name": &*record.name,
        "level": record.level()?.as_str(),
    }))
}

/// The properties of a division with what is computed for people: spelling and area.
fn described(record: &Record) -> Map<String, Value> {
    let mut properties = record.properties();
    if !properties.contains_key("pinyin") && !record.name.is_empty() {
        let roman = spell(&record.name, Spelling::division());
        properties.insert("pinyin".to_owned(), Value::from(roman));
    }
    if !properties.contains_key("area_km2")
        && let Some(polygons) = record
            .geometry
            .as_deref()
            .and_then(crate::mapsheet::polygons)
    {
        let square_metres = zhifang_topology::area_m2(&polygons);
        let area = (square_metres / 1000.0).round() / 1000.0;
        properties.insert("area_km2".to_owned(), Value::from(area));
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_follow_fnv_1a_as_the_page_has_it() {
        // The reference value of the 32-bit hash of "foobar".
        assert_eq!(shard_of("foobar", 0xffff_ffff), 0xbf9c_f968);
        assert_eq!(shard_of("老河口", 1), 0);
        assert_eq!(shard_of("老河口", 0), 0);
    }
}
