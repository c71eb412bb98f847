//! Health, readiness, metrics, and the documents of the interface.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Json, Router};
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

/// What has no place in the document that describes the rest.
pub(crate) fn undocumented() -> Router<AppState> {
    Router::new()
        .route("/openapi.json", get(get_openapi))
        .route("/docs", get(get_docs))
}

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

async fn get_docs() -> Html<String> {
    Html(docs_page(&super::openapi()))
}

/// A plain page of all addresses, readable without scripts.
fn docs_page(document: &Value) -> String {
    let mut rows = String::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let parameters: Vec<String> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|parameter| parameter["name"].as_str())
                .map(|name| format!("<code>{}</code>", escape(name)))
                .collect();
            let summary = operation["summary"].as_str().unwrap_or_default();
            let _ = writeln!(
                rows,
                "<tr><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                escape(&method.to_uppercase()),
                escape(path),
                escape(summary),
                parameters.join(" ")
            );
        }
    }
    format!(
        "<!doctype html><html lang=\"zh\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>职方接口 Zhifang API</title></head>\
         <body><h1>职方接口 Zhifang API</h1><p><a href=\"openapi.json\">openapi.json</a></p>\
         <table><thead><tr><th>方法 Method</th><th>地址 Path</th><th>说明 What it does</th>\
         <th>参数 Parameters</th></tr></thead><tbody>\n{rows}</tbody></table></body></html>"
    )
}

/// Text made safe for HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
