//! Health, readiness, metrics, and the documents of the interface.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::error::ApiResult;
use crate::state::AppState;

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "service", responses((status = 200, description = "ok")))]
pub(crate) async fn check_health() -> &'static str {
    "ok"
}

/// The snapshot stands and answers come from it; 503 until then.
#[utoipa::path(get, path = "/readyz", tag = "service",
    responses((status = 200, description = "ready"), (status = 503, description = "not yet", body = crate::Problem)))]
pub(crate) async fn check_ready(State(app): State<AppState>) -> ApiResult<&'static str> {
    app.world().map(|_| "ready")
}

/// Counters in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "service", responses((status = 200, description = "counters")))]
pub(crate) async fn read_metrics(State(app): State<AppState>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        app.metrics().render(&app),
    )
}

/// The OpenAPI document (3.1) of everything that is served; limits in `x-limits`.
#[utoipa::path(get, path = "/openapi.json", tag = "service", responses((status = 200, description = "the document", body = Object)))]
pub(crate) async fn get_openapi(State(app): State<AppState>, headers: HeaderMap) -> Json<Value> {
    let mut document = super::openapi();
    if let Some(map) = document.as_object_mut() {
        map.insert(
            "servers".to_owned(),
            json!([{ "url": app.base_url(&headers) }]),
        );
    }
    Json(document)
}

/// Text made safe for HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
