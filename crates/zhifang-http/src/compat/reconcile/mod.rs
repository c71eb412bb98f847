//! The W3C Reconciliation Service API 0.2, as OpenRefine speaks it: manifest, queries, preview,
//! suggest with flyouts, data extension.

mod entity;
mod extend;
mod manifest;
mod page;
mod query;
mod suggest;
mod vocabulary;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::asked::Asked;
use super::flaw::{Flaw, in_own_form};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::limits::RECONCILE_BYTES;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    use axum::routing::get;
    OpenApiRouter::new()
        .routes(routes!(reconcile, reconcile_post))
        .routes(routes!(page::preview_entity))
        .routes(routes!(page::view_entity))
        .routes(routes!(suggest::suggest_entity))
        .routes(routes!(suggest::suggest_type))
        .routes(routes!(suggest::suggest_property))
        .routes(routes!(suggest::flyout_entity))
        .routes(routes!(suggest::flyout_type))
        .routes(routes!(suggest::flyout_property))
        .routes(routes!(extend::propose_properties))
        .route("/reconcile/", get(reconcile).post(reconcile_post))
        .layer(axum::middleware::map_response(|response: Response| async {
            in_own_form(response, refuse)
        }))
}

/// The manifest; with `queries` or `query` candidates, with `extend` values.
#[utoipa::path(get, path = "/reconcile", tag = "compatible", params(
        ("queries" = Option<String>, Query, description = "JSON: a batch of reconciliation queries by key"),
        ("query" = Option<String>, Query, description = "one query: JSON, or the bare words"),
        ("extend" = Option<String>, Query, description = "JSON: ids and properties of a data extension"),
        ("callback" = Option<String>, Query, description = "JSONP")),
    responses((status = 200, description = "manifest, results by key, or rows", body = Object),
        (status = 400, description = "`{\"status\": \"error\", \"message\": …}`", body = Object),
        (status = 413, description = "a batch over its size", body = Object)))]
pub(crate) async fn reconcile(
    State(app): State<AppState>,
    caller: Result<Caller, ApiError>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let asked = Asked::new(query.as_deref(), b"");
    off_the_request_threads(move || answer(&app, caller, &asked, &headers)).await
}

/// Candidates for a batch of queries, or values of a data extension, from a form.
#[utoipa::path(post, path = "/reconcile", tag = "compatible",
    request_body(content = String, content_type = "application/x-www-form-urlencoded",
        description = "`queries`, `query` or `extend` as in GET"),
    responses((status = 200, description = "results by key, or rows", body = Object),
        (status = 400, description = "`{\"status\": \"error\", \"message\": …}`", body = Object),
        (status = 413, description = "a batch over its size", body = Object)))]
pub(crate) async fn reconcile_post(
    State(app): State<AppState>,
    caller: Result<Caller, ApiError>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Response {
    // A body over the limit is read to its end, so that the client is there for the answer.
    let body = match body {
        Ok(body) if body.len() <= RECONCILE_BYTES => body,
        Ok(_) => {
            let message = format!("The body is over {RECONCILE_BYTES} bytes.");
            return refuse(&Flaw::new(StatusCode::PAYLOAD_TOO_LARGE, message));
        }
        Err(rejection) => {
            return refuse(&Flaw::new(rejection.status(), "The body cannot be read."));
        }
    };
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    // `multipart/x-www-form-urlencoded` is what some clients call the same form.
    if !(kind.is_empty() || kind.contains("x-www-form-urlencoded")) {
        return refuse(&Flaw::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The body must be a form: application/x-www-form-urlencoded.",
        ));
    }
    let asked = Asked::new(query.as_deref(), &body);
    off_the_request_threads(move || answer(&app, caller, &asked, &headers)).await
}

/// A batch is many searches: not for a request thread.
async fn off_the_request_threads(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| refuse(&Flaw::from(ApiError::internal(&error))))
}

fn answer(
    app: &AppState,
    caller: Result<Caller, ApiError>,
    asked: &Asked,
    headers: &HeaderMap,
) -> Response {
    let answered = caller.map_err(Flaw::from).and_then(|caller| {
        if let Some(text) = asked.text("queries") {
            query::batch(app, &caller, text)
        } else if let Some(text) = asked.text("query") {
            query::single(app, &caller, text)
        } else if let Some(text) = asked.text("extend") {
            extend::rows(app, &caller, text)
        } else if asked.get("queries").or(asked.get("extend")).is_some() {
            Err(Flaw::bad("'queries' and 'extend' must hold a JSON object."))
        } else {
            Ok(manifest::manifest(&app.base_url(headers)))
        }
    });
    written(asked, answered)
}

/// The answer as JSON or JSONP, or the refusal.
fn written(asked: &Asked, answer: Result<Value, Flaw>) -> Response {
    match (answer, asked.text("callback")) {
        (Ok(value), None) => axum::Json(value).into_response(),
        (Ok(value), Some(callback)) => super::jsonp(callback, &value)
            .unwrap_or_else(|| refuse(&Flaw::bad("'callback' must be a dotted name."))),
        (Err(flaw), _) => refuse(&flaw),
    }
}

fn refuse(flaw: &Flaw) -> Response {
    flaw.answer(&json!({
        "status": "error",
        "code": flaw.status.as_u16(),
        "message": flaw.message,
    }))
}

/// A JSON object from a parameter.
fn object(name: &str, text: &str) -> Result<serde_json::Map<String, Value>, Flaw> {
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Flaw::bad(format!("'{name}' must hold a JSON object."))),
        Err(error) => Err(Flaw::bad(format!("'{name}' is no JSON: {error}"))),
    }
}
