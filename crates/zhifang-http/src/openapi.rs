//! What the handlers' own descriptions leave unsaid in the OpenAPI document: who may call, in
//! which form refusals come, what is served beside the operations; and the document in the older
//! version of the format.

use serde_json::{Map, Value, json};

use crate::caller::SESSION_COOKIE;
use crate::error::PROBLEM_JSON;
use crate::limits;

/// What is not there for the public.
const FOR_ROLES: [&str; 5] = [
    "/v1/applications",
    "/v1/checks",
    "/v1/disputes",
    "/v1/inspections",
    "/v1/me",
];

/// Adds what holds for the document as a whole.
pub(crate) fn complete(document: &mut Value) {
    let schemes = json!({
        "bearer": {"type": "http", "scheme": "bearer",
            "description": "令牌，`zhifang user add` 只显示一次。A token, printed once by `zhifang user add`."},
        "cookie": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE,
            "description": "网页登录后的会话；写入只限本站页面。The session of the web app; it writes from its own page alone."},
    });
    document["components"]["securitySchemes"] = schemes;
    document["security"] = json!([{}, {"bearer": []}, {"cookie": []}]);
    document["x-limits"] = limits::published();
    for (path, methods) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            describe(path, method, operation);
        }
    }
    if let Some(paths) = document["paths"].as_object_mut() {
        paths.extend(files());
    }
}

fn describe(path: &str, method: &str, operation: &mut Value) {
    let is_compatible = operation["tags"][0] == "compatible";
    let is_search = operation["tags"][0] == "search";
    if path == "/session" {
        operation["security"] = json!([]);
    } else if !is_compatible
        && !is_search
        && (method != "get" || FOR_ROLES.iter().any(|start| path.starts_with(start)))
    {
        operation["security"] = json!([{"bearer": []}, {"cookie": []}]);
        let refused = problem("没有登录，或令牌无效 nobody, or an unknown token");
        let responses = &mut operation["responses"];
        if method != "get" && responses.get("401").is_none() {
            responses["401"] = refused;
        }
    }
    for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        let Some(content) = response["content"].as_object_mut() else {
            continue;
        };
        let is_problem = content
            .get("application/json")
            .and_then(|json| json["schema"]["$ref"].as_str())
            .is_some_and(|name| name.ends_with("/Problem"));
        if is_problem && let Some(schema) = content.remove("application/json") {
            content.insert(PROBLEM_JSON.to_owned(), schema);
        }
    }
    if !is_compatible {
        operation["responses"]["default"] = problem("其他拒绝 any other refusal");
    }
}

fn problem(description: &str) -> Value {
    json!({"description": description,
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}})
}

/// Pages and files, which take no part in the operations.
fn files() -> Map<String, Value> {
    let file = |id: &str, tag: &str, summary: &str, kind: &str, parameters: &[&str]| {
        let parameters: Vec<Value> = parameters
            .iter()
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        json!({"get": {"operationId": id, "tags": [tag], "summary": summary, "parameters": parameters,
            "responses": {"200": {"description": "the file", "content": {kind: {}}}, "404": problem("no such file")}}})
    };
    let mut files = Map::new();
    files.insert(
        "/".to_owned(),
        file("get_page", "service", "The web app.", "text/html", &[]),
    );
    files.insert(
        "/sprites/{file}".to_owned(),
        file(
            "get_sprite",
            "tiles",
            "Symbols of the styles, as an index and a picture.",
            "image/png",
            &["file"],
        ),
    );
    files.insert(
        "/fonts/{file}".to_owned(),
        file(
            "get_font",
            "tiles",
            "Fonts of the web app.",
            "font/woff2",
            &["file"],
        ),
    );
    files
}

/// The document in OpenAPI 3.0, which clients of OGC API Features part 1 read: there a schema has
/// one type, and `nullable` beside it.
pub(crate) fn older(document: &Value) -> Value {
    let mut older = document.clone();
    lower(&mut older);
    older["openapi"] = Value::from("3.0.3");
    older
}

fn lower(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(lower),
        Value::Object(map) => {
            for (name, inner) in map.iter_mut() {
                // Under `properties` the names are those of data and mean nothing here.
                match inner {
                    Value::Object(members) if name == "properties" => {
                        members.values_mut().for_each(lower);
                    }
                    Value::Object(_) | Value::Array(_) if name == "enum" || name == "default" => {}
                    inner => lower(inner),
                }
            }
            lower_schema(map);
        }
        _ => {}
    }
}

fn lower_schema(schema: &mut Map<String, Value>) {
    let is_null = |value: &Value| value == "null" || value["type"] == "null";
    if let Some(Value::Array(types)) = schema.get("type") {
        let nullable = types.iter().any(is_null);
        let rest: Vec<Value> = types.iter().filter(|one| !is_null(one)).cloned().collect();
        match <[Value; 1]>::try_from(rest) {
            Ok([only]) => schema.insert("type".to_owned(), only),
            Err(_) => schema.remove("type"),
        };
        if nullable {
            schema.insert("nullable".to_owned(), Value::Bool(true));
        }
    }
    for choice in ["oneOf", "anyOf"] {
        let Some(Value::Array(list)) = schema.get_mut(choice) else {
            continue;
        };
        let before = list.len();
        list.retain(|one| !is_null(one));
        if list.len() == before {
            continue;
        }
        if list.len() == 1
            && let Some(only) = schema.remove(choice)
        {
            schema.insert("allOf".to_owned(), only);
        }
        schema.insert("nullable".to_owned(), Value::Bool(true));
    }
    for (word, plain) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        if let Some(bound) = schema.get(word).filter(|bound| bound.is_number()).cloned() {
            schema.insert(plain.to_owned(), bound);
            schema.insert(word.to_owned(), Value::Bool(true));
        }
    }
    if schema.contains_key("prefixItems") {
        schema.remove("prefixItems");
        schema.insert("items".to_owned(), json!({}));
    }
    schema.remove("propertyNames");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operations(document: &Value) -> Vec<(String, String, Value)> {
        let mut all = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                all.push((path.clone(), method.clone(), operation.clone()));
            }
        }
        all
    }

    #[test]
    fn the_document_says_who_may_call_and_how_refusals_come() {
        let document = crate::routes::openapi();
        let schemes = &document["components"]["securitySchemes"];
        assert_eq!(schemes["bearer"]["scheme"], "bearer");
        assert_eq!(schemes["cookie"]["name"], SESSION_COOKIE);
        let roles = json!([{"bearer": []}, {"cookie": []}]);
        for (path, method, operation) in operations(&document) {
            let is_write = method != "get"
                && !path.ends_with("/batch")
                && path != "/session"
                && operation["tags"][0] != "compatible";
            assert_eq!(
                operation["security"] == roles,
                is_write || FOR_ROLES.iter().any(|start| path.starts_with(start)),
                "{method} {path}"
            );
            let text = operation["responses"].to_string();
            let problems = text.matches("#/components/schemas/Problem").count();
            assert_eq!(
                problems,
                text.matches(PROBLEM_JSON).count(),
                "{method} {path} {text}"
            );
        }
        for path in ["/", "/docs", "/openapi.json", "/sprites/{file}"] {
            assert!(document["paths"][path]["get"].is_object(), "{path}");
        }
        assert_eq!(
            document["x-limits"]["filter_bytes"],
            zhifang_query::MAX_BYTES
        );
        let batch = &document["paths"]["/v1/geocode/batch"]["post"];
        for kind in ["text/csv", "application/x-ndjson"] {
            assert!(batch["requestBody"]["content"][kind].is_object(), "{kind}");
            assert!(
                batch["responses"]["200"]["content"][kind].is_object(),
                "{kind}"
            );
        }
    }

    #[test]
    fn the_older_form_has_one_type_a_schema() {
        let document = older(&crate::routes::openapi());
        assert_eq!(document["openapi"], "3.0.3");
        let text = document.to_string();
        assert!(!text.contains("\"null\""), "{text}");
        assert!(!text.contains("\"type\":["), "{text}");
        let mut schema = json!({
            "properties": {"const": {"type": ["integer", "null"], "exclusiveMinimum": 0}},
            "oneOf": [{"type": "null"}, {"$ref": "#/a"}],
        });
        lower(&mut schema);
        assert_eq!(
            schema,
            json!({
                "properties": {"const": {"type": "integer", "nullable": true, "minimum": 0, "exclusiveMinimum": true}},
                "allOf": [{"$ref": "#/a"}],
                "nullable": true,
            })
        );
    }
}
