//! Search results in the form of every answer that carries them.

use serde_json::{Map, Value, json};
use zhifang_geocode::Candidate;

/// The properties of a result, as in every answer that carries search results.
pub fn candidate_properties(candidate: &Candidate) -> Map<String, Value> {
    let chain: Vec<Value> = candidate
        .division
        .iter()
        .map(|unit| json!({"code": unit.code, "name": unit.name, "level": unit.level}))
        .collect();
    let mut map = Map::new();
    map.insert("id".to_owned(), json!(candidate.id));
    map.insert(
        "collection".to_owned(),
        json!(candidate.collection.as_str()),
    );
    map.insert("name".to_owned(), json!(candidate.name));
    map.insert("label".to_owned(), json!(candidate.label));
    map.insert("category".to_owned(), json!(candidate.category));
    map.insert("level".to_owned(), json!(candidate.level));
    map.insert("division".to_owned(), Value::from(chain));
    let mut matched = Map::new();
    matched.insert("name".to_owned(), json!(candidate.matched.name));
    matched.insert("kind".to_owned(), json!(candidate.matched.kind.as_str()));
    matched.insert("how".to_owned(), json!(candidate.matched.how.as_str()));
    if let Some(from) = candidate.matched.validity.from {
        matched.insert("from".to_owned(), json!(from));
    }
    if let Some(to) = candidate.matched.validity.to {
        matched.insert("to".to_owned(), json!(to));
    }
    map.insert("matched".to_owned(), Value::Object(matched));
    map.insert("score".to_owned(), json!(candidate.score));
    map.insert("confidence".to_owned(), json!(candidate.confidence));
    map.insert("equals".to_owned(), json!(candidate.equals));
    map.insert("rest".to_owned(), json!(candidate.rest));
    if candidate.is_retired {
        map.insert("status".to_owned(), json!("retired"));
        map.insert("valid_to".to_owned(), json!(candidate.validity.to));
        map.insert("replaced_by".to_owned(), json!(candidate.replaced_by));
    }
    if let Some(explanation) = &candidate.explain {
        let steps: Vec<Value> = explanation
            .steps
            .iter()
            .map(|step| {
                json!({"id": step.id, "name": step.name, "text": step.text,
                    "how": step.how.as_str(), "score": step.score})
            })
            .collect();
        let explained =
            json!({"steps": steps, "leftover": explanation.leftover, "prior": explanation.prior});
        map.insert("explain".to_owned(), explained);
    }
    map
}
