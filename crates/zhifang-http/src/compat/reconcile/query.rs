//! Reconciliation queries: candidates with a score, and whether one of them is certain.

use serde_json::{Map, Value, json};
use zhifang_core::{CodePrefix, DivisionCode, DivisionLevel, Record};
use zhifang_engine::World;
use zhifang_geocode::{Candidate, MatchHow, NameKind, SearchQuery};

use super::super::flaw::Flaw;
use super::super::place::units_above;
use super::vocabulary::EntityType;
use super::{entity, object};
use crate::caller::Caller;
use crate::limits::{QUERY_CHARS, RECONCILE_BATCH, SEARCH_RESULTS};
use crate::state::AppState;
use crate::visible::Visible;

/// Candidates unless asked otherwise.
const CANDIDATES: usize = 10;
/// Answers looked through when a condition cannot be told to the engine.
const LOOKED_THROUGH: usize = 100;
/// Confidence from which on a name written in full counts as certain; the engine's confidence
/// is calibrated: of what it gives 0.9, at least 98 of 100 are right.
const CERTAIN: f64 = 0.9;
/// The same for a name written without its generic part, or in other forms of its characters.
const CERTAIN_IF_SHORT: f64 = 0.95;
/// Conditions read of one query.
const MOST_CONDITIONS: usize = 20;

/// Answers a batch: an object of queries by key.
pub(super) fn batch(app: &AppState, caller: &Caller, text: &str) -> Result<Value, Flaw> {
    let queries = object("queries", text)?;
    if queries.len() > RECONCILE_BATCH {
        return Err(Flaw::new(
            axum::http::StatusCode::PAYLOAD_TOO_LARGE,
            format!(
                "{} queries in a batch: at most {RECONCILE_BATCH}, see batchSize in the manifest.",
                queries.len()
            ),
        ));
    }
    let world = app.world()?;
    let visible = Visible::new(&world, caller);
    let mut results = Map::new();
    for (key, query) in queries {
        let question = Question::new(&query).map_err(|message| {
            Flaw::bad(format!(
                "query '{}': {message}",
                super::super::asked::shown(&key)
            ))
        })?;
        results.insert(
            key,
            json!({"result": candidates(&world, &visible, &question)}),
        );
    }
    Ok(Value::Object(results))
}

/// Answers one query, as services did before batches: JSON, or the bare words.
pub(super) fn single(app: &AppState, caller: &Caller, text: &str) -> Result<Value, Flaw> {
    let query = if text.starts_with('{') {
        Value::Object(object("query", text)?)
    } else {
        json!({"query": text})
    };
    let question = Question::new(&query).map_err(Flaw::bad)?;
    let world = app.world()?;
    let visible = Visible::new(&world, caller);
    Ok(json!({"result": candidates(&world, &visible, &question)}))
}

/// A query, read.
#[derive(Debug, Default)]
struct Question {
    words: String,
    limit: usize,
    /// One of these; `None`: any.
    types: Option<Vec<EntityType>>,
    /// The units above by code, any of them: itself or whatever is below.
    within: Vec<DivisionCode>,
    /// The unit directly above, any of these.
    parents: Vec<DivisionCode>,
    levels: Vec<DivisionLevel>,
    categories: Vec<u8>,
    /// A condition that nothing can fulfil.
    is_void: bool,
}

impl Question {
    fn new(query: &Value) -> Result<Self, String> {
        let map = query
            .as_object()
            .ok_or_else(|| "wanted a JSON object".to_owned())?;
        let words = match map.get("query") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return Err("'query' must be a string".to_owned()),
        };
        let mut question = Self {
            words: words.trim().chars().take(QUERY_CHARS).collect(),
            limit: limit(map.get("limit"))?,
            types: types(map)?,
            ..Self::default()
        };
        let conditions = match map.get("properties") {
            None | Some(Value::Null) => &[][..],
            Some(Value::Array(list)) => list.as_slice(),
            Some(_) => return Err("'properties' must be an array".to_owned()),
        };
        for condition in conditions.iter().take(MOST_CONDITIONS) {
            let pid = condition.get("pid").or_else(|| condition.get("p"));
            let pid = pid
                .and_then(Value::as_str)
                .ok_or_else(|| "a property has no 'pid'".to_owned())?;
            question.add_condition(pid, condition.get("v").unwrap_or(&Value::Null));
        }
        if map.get("query").is_none() && conditions.is_empty() {
            return Err("there is neither 'query' nor 'properties'".to_owned());
        }
        Ok(question)
    }

    /// Conditions of other properties than these are not read: what a table says beside may
    /// differ without being wrong.
    fn add_condition(&mut self, pid: &str, values: &Value) {
        let texts = texts_of(values);
        if texts.is_empty() {
            return;
        }
        let codes: Vec<DivisionCode> = texts.iter().filter_map(|text| text.parse().ok()).collect();
        match pid {
            "within" | "parent" | "province" | "prefecture" | "county" | "township" => {
                if codes.is_empty() {
                    // By name: the words above go before the words themselves, and the engine
                    // answers what is consistent with both.
                    let above = texts.first().map(String::as_str).unwrap_or_default();
                    self.words = format!("{above} {}", self.words);
                } else if pid == "parent" {
                    self.parents.extend(codes);
                } else {
                    self.within.extend(codes);
                }
            }
            "level" => {
                let levels = texts
                    .iter()
                    .filter_map(|text| text.parse::<DivisionLevel>().ok());
                self.levels.extend(levels);
                self.is_void |= self.levels.is_empty();
            }
            "category" => {
                let numbers = texts.iter().filter_map(|text| text.parse::<u8>().ok());
                self.categories.extend(numbers);
                self.is_void |= self.categories.is_empty();
            }
            "code" | "id" if self.words.is_empty() => {
                self.words = texts.into_iter().next().unwrap_or_default();
            }
            _ => {}
        }
    }

    /// What the engine is asked; conditions that it does not know are looked at afterwards.
    fn to_search(&self) -> SearchQuery {
        let mut query = SearchQuery::new(self.words.as_str());
        let prefix = |codes: &[DivisionCode]| match codes {
            [code] => Some(code.prefix()),
            _ => None::<CodePrefix>,
        };
        query.within = prefix(&self.within).or_else(|| prefix(&self.parents));
        let levels = || {
            self.types.iter().flatten().map(|one| match one {
                EntityType::Level(level) => Some(*level),
                _ => None,
            })
        };
        query.level = match (
            self.levels.as_slice(),
            levels().collect::<Vec<_>>().as_slice(),
        ) {
            ([level], _) | (_, [Some(level)]) => Some(*level),
            _ => None,
        };
        query.limit = if self.is_plain() {
            self.limit
        } else {
            LOOKED_THROUGH
        };
        query
    }

    fn is_plain(&self) -> bool {
        self.types.is_none()
            && self.within.is_empty()
            && self.parents.is_empty()
            && self.levels.is_empty()
            && self.categories.is_empty()
    }

    fn keeps(&self, visible: &Visible<'_>, record: &Record) -> bool {
        let view = visible.widest();
        let is_asked_type = self.types.as_ref().is_none_or(|types| {
            EntityType::of_record(record)
                .iter()
                .any(|one| types.contains(one))
        });
        let is_within = self.within.is_empty()
            || self.within.iter().any(|code| {
                record.division == Some(*code)
                    || units_above(view, record)
                        .iter()
                        .any(|unit| unit.division == Some(*code))
            });
        let is_child = self.parents.is_empty() || {
            let above = units_above(view, record);
            let parent = above.last().and_then(|unit| unit.division);
            parent.is_some_and(|parent| self.parents.contains(&parent))
        };
        let is_level = self.levels.is_empty()
            || record
                .level()
                .is_some_and(|level| self.levels.contains(&level));
        let category = record.fields.number("category").map(|number| number as u8);
        let is_category = self.categories.is_empty()
            || category.is_some_and(|number| self.categories.contains(&number));
        is_asked_type && is_within && is_child && is_level && is_category
    }
}

fn limit(value: Option<&Value>) -> Result<usize, String> {
    let number = match value {
        None | Some(Value::Null) => return Ok(CANDIDATES),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(other) => other.as_f64(),
    };
    match number {
        Some(number) if number >= 1.0 => Ok((number as usize).min(SEARCH_RESULTS)),
        _ => Err("'limit' must be a positive number".to_owned()),
    }
}

/// Types asked for, unless they are only wishes (`type_strict` = `should`). An unknown type is
/// one that no entity has.
fn types(map: &Map<String, Value>) -> Result<Option<Vec<EntityType>>, String> {
    let id = |value: &Value| match value {
        Value::String(id) => Some(id.clone()),
        Value::Object(map) => map.get("id").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let ids: Vec<String> = match map.get("type") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(list)) => list.iter().filter_map(id).collect(),
        Some(one) => vec![id(one).ok_or_else(|| "'type' must be a string".to_owned())?],
    };
    match map.get("type_strict").and_then(Value::as_str) {
        None | Some("any" | "all") => {}
        Some("should") => return Ok(None),
        Some(_) => return Err("'type_strict' must be any, all or should".to_owned()),
    }
    if ids.iter().all(|id| id.trim().is_empty()) {
        return Ok(None);
    }
    Ok(Some(
        ids.iter().filter_map(|id| EntityType::of_id(id)).collect(),
    ))
}

/// The values of a condition as text: bare ones, the ids of entities, or lists of these.
fn texts_of(values: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(map) => ["id", "name"]
            .iter()
            .find_map(|key| map.get(*key).and_then(Value::as_str))
            .map(str::to_owned),
        _ => None,
    };
    let values = match values {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    values
        .iter()
        .filter_map(text)
        .map(|text| text.trim().chars().take(QUERY_CHARS).collect::<String>())
        .filter(|text| !text.is_empty())
        .take(MOST_CONDITIONS)
        .collect()
}

fn candidates(world: &World, visible: &Visible<'_>, question: &Question) -> Vec<Value> {
    if question.words.is_empty() || question.is_void {
        return Vec::new();
    }
    let view = visible.widest();
    let found = world.names.search(&question.to_search());
    let mut shown: Vec<(f64, Value)> = Vec::new();
    for (rank, candidate) in found.iter().enumerate() {
        if shown.len() == question.limit {
            break;
        }
        let Some(record) = visible.record(candidate.collection, &candidate.id) else {
            continue;
        };
        if !question.keeps(visible, record) {
            continue;
        }
        let score = (candidate.confidence.clamp(0.0, 1.0) * 10_000.0).round() / 100.0;
        let described = json!({
            "id": entity::id_of(record),
            "name": record.name,
            "description": entity::description(view, record),
            "score": score,
            "match": rank == 0 && is_certain(candidate),
            "type": entity::types(record),
            "features": features(candidate),
        });
        shown.push((score, described));
    }
    // The engine's order decides among equal scores.
    shown.sort_by(|one, other| other.0.total_cmp(&one.0));
    shown.into_iter().map(|(_, described)| described).collect()
}

/// Whether nobody needs to look: the name in force, written as it is, consistent with all that
/// was said, nothing left over, and no other answer that fits as well.
fn is_certain(candidate: &Candidate) -> bool {
    let is_written = match candidate.matched.how {
        MatchHow::Exact | MatchHow::Code => candidate.confidence >= CERTAIN,
        MatchHow::Core | MatchHow::Variant => candidate.confidence >= CERTAIN_IF_SHORT,
        _ => false,
    };
    let is_in_force = matches!(
        candidate.matched.kind,
        NameKind::Official | NameKind::Short | NameKind::Code
    );
    candidate.equals == 1
        && is_written
        && is_in_force
        && !candidate.is_retired
        && candidate.rest.trim().is_empty()
}

fn features(candidate: &Candidate) -> Value {
    let how = |wanted: &[MatchHow]| wanted.contains(&candidate.matched.how);
    json!([
        {"id": "confidence", "value": candidate.confidence},
        {"id": "rank_score", "value": candidate.score},
        {"id": "equals", "value": candidate.equals},
        {"id": "name_exact", "value": how(&[MatchHow::Exact, MatchHow::Code])},
        {"id": "name_written", "value": how(&[MatchHow::Exact, MatchHow::Core, MatchHow::Variant, MatchHow::Code])},
        {"id": "former_name", "value": candidate.matched.kind == NameKind::Former},
        {"id": "in_force", "value": !candidate.is_retired},
        {"id": "rest_characters", "value": candidate.rest.chars().count()},
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_in_all_their_shapes() {
        let question = Question::new(&json!({
            "query": "李楼", "limit": "3", "type": ["township", {"id": "village"}],
            "properties": [
                {"pid": "within", "v": {"id": "420682", "name": "老河口市"}},
                {"pid": "level", "v": ["乡级", "village"]},
                {"p": "category", "v": 2},
                {"pid": "colour", "v": true},
            ],
        }))
        .unwrap();
        assert_eq!((question.limit, question.words.as_str()), (3, "李楼"));
        assert_eq!(question.within, ["420682".parse().unwrap()]);
        assert_eq!(
            question.levels,
            [DivisionLevel::Township, DivisionLevel::Village]
        );
        assert_eq!(question.categories, [2]);
        let named = Question::new(&json!({
            "query": "李楼", "properties": [{"pid": "parent", "v": "湖北老河口"}],
        }));
        assert_eq!(named.unwrap().words, "湖北老河口 李楼");
    }

    #[test]
    fn faults_say_what_was_wanted() {
        for (query, said) in [
            (json!([]), "object"),
            (json!({}), "neither"),
            (json!({"query": {}}), "'query'"),
            (json!({"query": "a", "limit": 0}), "'limit'"),
            (json!({"query": "a", "limit": "x"}), "'limit'"),
            (json!({"query": "a", "properties": {}}), "'properties'"),
            (json!({"query": "a", "properties": [{"v": 1}]}), "'pid'"),
            (
                json!({"query": "a", "type": "name", "type_strict": "no"}),
                "'type_strict'",
            ),
        ] {
            let message = Question::new(&query).unwrap_err();
            assert!(message.contains(said), "{query}: {message}");
        }
    }

    #[test]
    fn an_unknown_type_is_one_that_nothing_has_and_a_wish_is_no_condition() {
        let types = |query: Value| types(query.as_object().unwrap()).unwrap();
        assert_eq!(types(json!({"type": "Q515"})), Some(vec![]));
        assert_eq!(
            types(json!({"type": "county", "type_strict": "should"})),
            None
        );
        assert_eq!(types(json!({"type": ""})), None);
    }
}
