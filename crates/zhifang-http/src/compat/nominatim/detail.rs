//! The details of a place: the parts of its address, its further properties, its names.

use serde_json::{Map, Value, json};
use zhifang_core::{DivisionLevel, Lang};

use super::super::kind::Kind;
use super::super::place::{Place, name_in};

/// The parts of an address from below; a key stands once.
pub(super) fn address(place: &Place<'_>) -> Vec<(&'static str, String)> {
    let mut parts: Vec<(&'static str, String)> = vec![(place.kind.address, place.name.clone())];
    let mut above: Vec<(DivisionLevel, String)> = place.units().collect();
    above.reverse();
    parts.extend(
        above
            .into_iter()
            .map(|(level, name)| (Kind::of_level(level).address, name)),
    );
    if let Some(city) = place.city_without_prefecture()
        && place.level() != Some(DivisionLevel::Province)
    {
        parts.push(("city", city));
    }
    parts.extend(
        place
            .iso_code()
            .map(|code| ("ISO3166-2-lvl4", code.to_owned())),
    );
    parts.push(("country", place.country().to_owned()));
    parts.push(("country_code", "cn".to_owned()));
    let mut seen: Vec<&str> = Vec::new();
    parts.retain(|(key, _)| {
        let is_new = !seen.contains(key);
        seen.push(key);
        is_new
    });
    parts
}

/// OpenStreetMap's `admin_level` of a level in China.
const fn admin_level(level: DivisionLevel) -> u8 {
    match level {
        DivisionLevel::Country => 2,
        DivisionLevel::Province => 4,
        DivisionLevel::Prefecture => 5,
        DivisionLevel::County => 6,
        DivisionLevel::Township => 8,
        DivisionLevel::Village => 10,
    }
}

/// The units of the chain by `admin_level`, highest first.
pub(super) fn admin(place: &Place<'_>) -> Vec<(u8, String)> {
    let own = place.level().map(|level| (level, place.name.clone()));
    let mut units: Vec<(u8, String)> = place
        .units()
        .chain(own)
        .map(|(level, name)| (admin_level(level), name))
        .collect();
    units.sort_by_key(|(level, _)| *level);
    units
}

/// Further properties, all as text, under the names of our own fields.
pub(super) fn extratags(place: &Place<'_>) -> Map<String, Value> {
    let mut tags = Map::new();
    if let Some(level) = place.level() {
        tags.insert(
            "admin_level".to_owned(),
            json!(admin_level(level).to_string()),
        );
    }
    for field in [
        "code",
        "level",
        "kind",
        "category",
        "class_code",
        "pinyin",
        "population",
        "households",
        "valid_from",
        "source",
    ] {
        let text = match place.record.property(field) {
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) => number.to_string(),
            _ => continue,
        };
        tags.insert(field.to_owned(), json!(text));
    }
    tags
}

/// All names under OpenStreetMap's keys.
pub(super) fn names(place: &Place<'_>) -> Map<String, Value> {
    let record = place.record;
    let mut names = Map::new();
    let mut put = |key: &str, name: &str| {
        names.insert(key.to_owned(), json!(name));
    };
    put("name", &record.name);
    put("name:zh", &record.name);
    put("name:en", &name_in(record, Lang::En));
    if let Some(pinyin) = record.fields.text("pinyin") {
        put("name:zh_pinyin", pinyin);
    }
    let list = |names: Vec<&str>| names.join(";");
    let short = list(record.fields.texts("short_names").collect());
    let named = |alias: &&Map<String, Value>, former: bool| {
        (alias.get("kind").and_then(Value::as_str) == Some("former")) == former
    };
    let name_of = |alias: &'_ Map<String, Value>| {
        alias.get("name").and_then(Value::as_str).map(str::to_owned)
    };
    let fields = &record.fields;
    let old: Vec<String> = fields
        .texts("former_names")
        .map(str::to_owned)
        .chain(fields.objects("former_names").filter_map(name_of))
        .chain(
            fields
                .objects("aliases")
                .filter(|alias| named(alias, true))
                .filter_map(name_of),
        )
        .collect();
    let other: Vec<String> = fields
        .objects("aliases")
        .filter(|alias| named(alias, false))
        .filter_map(name_of)
        .collect();
    for (key, value) in [
        ("short_name", short),
        ("old_name", old.join(";")),
        ("alt_name", other.join(";")),
    ] {
        if !value.is_empty() {
            put(key, &value);
        }
    }
    names
}
