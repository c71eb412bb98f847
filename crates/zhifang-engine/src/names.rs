//! What a record brings to the index of names.

use serde_json::{Map, Value};
use zhifang_core::{Collection, Record, Status, Validity};
use zhifang_geocode::{NameAlias, NameEntry, NameKind};

/// The record as an entry of the name index; `None` when it is not to be found by name:
/// headings, drafts, nameless records, and collections other than `divisions` and `names`.
pub fn name_entry(record: &Record) -> Option<NameEntry> {
    let is_searched = matches!(record.collection, Collection::Divisions | Collection::Names);
    if !is_searched
        || record.status == Status::Draft
        || record.name.is_empty()
        || record.is_heading()
    {
        return None;
    }
    let fields = &record.fields;
    let mut entry = match (record.collection, record.division) {
        (Collection::Divisions, Some(code)) => NameEntry::division(code, &*record.name),
        (collection, division) => {
            NameEntry::place_name(&*record.id, collection, &*record.name, division)
        }
    };
    entry.id = record.id.to_string();
    if record.collection == Collection::Divisions {
        entry.level = record.level();
        entry.parent = fields.get("parent").and(record.parent());
    }
    entry.category = fields.number("category").map(|category| category as u8);
    entry.aliases = aliases(record);
    entry.place = record.anchor().or_else(|| {
        let bbox = record.bbox()?;
        Some(zhifang_core::LonLat::new(
            f64::midpoint(bbox.west, bbox.east),
            f64::midpoint(bbox.south, bbox.north),
        ))
    });
    entry.population = fields.number("population").map(|people| people as u64);
    entry.validity = record.valid;
    entry.is_retired = record.status == Status::Retired;
    entry.replaced_by = fields
        .texts("replaced_by")
        .filter_map(|code| code.split('@').next()?.parse().ok())
        .collect();
    Some(entry)
}

fn aliases(record: &Record) -> Vec<NameAlias> {
    let fields = &record.fields;
    let short = fields.texts("short_names").map(|name| NameAlias {
        name: name.to_owned(),
        kind: NameKind::Short,
        validity: Validity::default(),
    });
    let former = fields
        .objects("former_names")
        .filter_map(|alias| dated(alias, NameKind::Former));
    let former_texts = fields.texts("former_names").map(|name| NameAlias {
        name: name.to_owned(),
        kind: NameKind::Former,
        validity: Validity::default(),
    });
    let others = fields.objects("aliases").filter_map(|alias| {
        let kind = match alias.get("kind").and_then(Value::as_str) {
            Some("former") => NameKind::Former,
            Some("abbreviation") => NameKind::Short,
            _ => NameKind::Alias,
        };
        dated(alias, kind)
    });
    short
        .chain(former)
        .chain(former_texts)
        .chain(others)
        .collect()
}

fn dated(alias: &Map<String, Value>, kind: NameKind) -> Option<NameAlias> {
    let text = |name: &str| alias.get(name).and_then(Value::as_str);
    let validity = Validity {
        from: text("from").and_then(|day| day.parse().ok()),
        to: text("to").and_then(|day| day.parse().ok()),
    };
    Some(NameAlias {
        name: text("name")?.to_owned(),
        kind,
        validity,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_division_brings_its_short_and_former_names() {
        let mut record = Record::new(Collection::Divisions, "110116", "怀柔区");
        record.fields.set("short_names", json!(["怀柔"]));
        record.fields.set(
            "former_names",
            json!([{"name": "怀柔县", "to": "2001-12-30"}]),
        );
        let entry = name_entry(&record).unwrap();
        let kinds: Vec<NameKind> = entry.aliases.iter().map(|alias| alias.kind).collect();
        assert_eq!(kinds, [NameKind::Short, NameKind::Former]);
        assert!(name_entry(&Record::new(Collection::Divisions, "110100", "市辖区")).is_none());
    }
}
