//! Which record is this row? By `id`, else by natural key, else by the Feature's id; two that
//! disagree are a rejection.

use serde_json::Value;
use zhifang_core::{Collection, DivisionCode, Lang};

use crate::import::patch::{Patch, RowFault};

/// What is known of records by natural key, stored or planned.
pub(crate) type ByNaturalKey<'a> = dyn Fn(&str) -> Option<String> + 'a;
/// Whether a record of this identifier is stored or planned.
pub(crate) type Exists<'a> = dyn Fn(&str) -> bool + 'a;

/// Identifier of a row's record.
///
/// # Errors
/// `no_key`, `key_disagreement`, `bad_value`.
pub(crate) fn resolve(
    collection: Collection,
    patch: &Patch,
    feature_id: Option<&Value>,
    by_key: &ByNaturalKey<'_>,
    exists: &Exists<'_>,
    lang: Lang,
) -> Result<String, RowFault> {
    let feature = FeatureId::of(feature_id);
    if collection == Collection::Divisions {
        return division(patch, &feature, lang);
    }
    let disagree = |a: &str, b: &str, field: &str| RowFault {
        code: "key_disagreement",
        field: Some(field.to_owned()),
        reason: match lang {
            Lang::Zh => format!("两个标识指向不同的记录：`{a}` 与 `{b}`"),
            Lang::En => format!("two keys name different records: `{a}` and `{b}`"),
        },
    };
    let explicit = patch.id.as_deref();
    // A number on the Feature is a row counter of the program that wrote it as often as a key,
    // so it never contradicts a real one.
    let strong_feature = feature.text.as_deref().filter(|_| !feature.is_number);
    if let (Some(id), Some(other)) = (explicit, strong_feature)
        && id != other
    {
        return Err(disagree(id, other, "id"));
    }
    let named = explicit.or(strong_feature);
    let key_field = collection.natural_key();
    let key = if key_field == "id" {
        None
    } else {
        patch.text(key_field)
    };
    if let Some(key) = key.filter(|key| !key.trim().is_empty()) {
        return match (named, by_key(key)) {
            (Some(id), Some(found)) if found != id => Err(disagree(id, &found, key_field)),
            (Some(id), _) => Ok(id.to_owned()),
            (None, Some(found)) => Ok(found),
            (None, None) => {
                if exists(key) {
                    // The identifier is taken by a record with another natural key.
                    return Err(disagree(key, key, key_field));
                }
                Ok(key.to_owned())
            }
        };
    }
    named
        .or(feature.text.as_deref())
        .map(str::to_owned)
        .ok_or_else(|| no_key(collection, lang))
}

fn no_key(collection: Collection, lang: Lang) -> RowFault {
    let key = collection.natural_key();
    let wanted = if key == "id" {
        "`id`".to_owned()
    } else {
        format!("`id` / `{key}`")
    };
    RowFault {
        code: "no_key",
        field: Some(key.to_owned()),
        reason: match lang {
            Lang::Zh => format!("没有标识：需要 {wanted}"),
            Lang::En => format!("no key: wanted {wanted}"),
        },
    }
}

/// The `id` member of a Feature as text.
struct FeatureId {
    text: Option<String>,
    is_number: bool,
}

impl FeatureId {
    fn of(value: Option<&Value>) -> Self {
        match value {
            Some(Value::String(text)) if !text.trim().is_empty() => Self {
                text: Some(text.trim().to_owned()),
                is_number: false,
            },
            Some(Value::Number(number)) => Self {
                text: Some(number.to_string()),
                is_number: true,
            },
            _ => Self {
                text: None,
                is_number: false,
            },
        }
    }
}

/// `code` or `code@valid_from` in its parts.
fn life(text: &str) -> Option<(DivisionCode, Option<&str>)> {
    let (code, from) = match text.split_once('@') {
        Some((code, from)) => (code, Some(from)),
        None => (text, None),
    };
    Some((code.parse().ok()?, from))
}

fn division(patch: &Patch, feature: &FeatureId, lang: Lang) -> Result<String, RowFault> {
    let explicit = match patch.id.as_deref() {
        None => None,
        Some(text) => Some(life(text).ok_or_else(|| RowFault {
            code: "bad_value",
            field: Some("id".to_owned()),
            reason: match lang {
                Lang::Zh => format!("`{text}`：行政区划的标识就是代码"),
                Lang::En => format!("`{text}`: the id of a division is its code"),
            },
        })?),
    };
    let is_alone = explicit.is_none() && patch.code.is_none();
    // Beside another key a Feature's id counts when it has the shape of a code.
    let feature = feature
        .text
        .as_deref()
        .filter(|text| is_alone || text.split('@').next().is_some_and(|code| code.len() >= 6))
        .and_then(life);
    let mut found: Option<(DivisionCode, Option<&str>)> = None;
    let candidates = [
        (explicit, "id"),
        (patch.code.map(|(code, _)| (code, None)), "code"),
        (feature, "id"),
    ];
    for (candidate, field) in candidates {
        let Some((code, from)) = candidate else {
            continue;
        };
        match found {
            None => found = Some((code, from)),
            Some((known, _)) if known != code => {
                return Err(RowFault {
                    code: "key_disagreement",
                    field: Some(field.to_owned()),
                    reason: match lang {
                        Lang::Zh => format!("标识与代码不一致：`{known}` 与 `{code}`"),
                        Lang::En => format!("id and code disagree: `{known}` and `{code}`"),
                    },
                });
            }
            Some((_, None)) if from.is_some() && field == "id" && explicit.is_none() => {
                found = Some((code, from));
            }
            Some(_) => {}
        }
    }
    match found {
        Some((code, None)) => Ok(code.to_string()),
        Some((code, Some(from))) => Ok(format!("{code}@{from}")),
        None => Err(no_key(Collection::Divisions, lang)),
    }
}
