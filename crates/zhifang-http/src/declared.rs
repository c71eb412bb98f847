//! Which parameters does an address take? Those that the OpenAPI document declares: another one
//! is refused, and so is one that is given twice.
//!
//! The compatible interfaces pass over what they do not know, as the services do whose clients
//! they serve; pages and files have no operation in the document and no parameters to refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use axum::extract::{MatchedPath, Query, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use crate::error::{ApiError, ApiResult};
use crate::state::AppState;

/// Its parameters are also all properties of the collection, which its handler knows.
const ITEMS: &str = "get /ogc/collections/{collection}/items";

type Names = BTreeSet<String>;

/// Names of parameters by method and route.
static DECLARED: LazyLock<BTreeMap<String, Names>> =
    LazyLock::new(|| names_of(&crate::routes::generated()));

fn names_of(document: &Value) -> BTreeMap<String, Names> {
    let mut declared = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            if operation["tags"][0] == "compatible" {
                continue;
            }
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let names = parameters
                .filter(|parameter| parameter["in"] == "query")
                .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned))
                .collect();
            declared.insert(format!("{method} {path}"), names);
        }
    }
    declared
}

/// Refuses a request with a parameter that its address does not take.
pub(crate) async fn refuse_undeclared(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    match check(&app, &request) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn check(app: &AppState, request: &Request) -> ApiResult<()> {
    if request.uri().query().is_none_or(str::is_empty) {
        return Ok(());
    }
    let Some(route) = request.extensions().get::<MatchedPath>() else {
        return Ok(());
    };
    let base = app.options().base_path.as_str();
    let path = route.as_str();
    let path = path.strip_prefix(base).unwrap_or(path);
    let method = match *request.method() {
        Method::HEAD => "get".to_owned(),
        ref other => other.as_str().to_ascii_lowercase(),
    };
    let address = format!("{method} {path}");
    let Some(names) = DECLARED.get(&address) else {
        return Ok(());
    };
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(request.uri())
        .map_err(|error| ApiError::bad_request(error.body_text()))?;
    let mut seen = BTreeSet::new();
    for (name, _) in &pairs {
        if !names.contains(name) && address != ITEMS {
            let there: Vec<&str> = names.iter().map(String::as_str).collect();
            let there = if there.is_empty() {
                "none".to_owned()
            } else {
                there.join(", ")
            };
            let message = format!("is no parameter here; there is {there}");
            return Err(ApiError::parameter(name, message));
        }
        if !seen.insert(name) {
            return Err(ApiError::parameter(name, "is given twice"));
        }
    }
    Ok(())
}
