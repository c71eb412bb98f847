//! The page and its files; every deep link answers the page itself.

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, HeaderValue,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::error::{ApiError, ApiResult};
use crate::state::AppState;

/// Pages of the web app; it reads the path itself.
const PAGES: [&str; 6] = [
    "/",
    "/place/{id}",
    "/at/{point}",
    "/assist",
    "/desk",
    "/embed",
];

pub(crate) fn routes() -> Router<AppState> {
    PAGES.iter().fold(Router::new(), |router, page| {
        router.route(page, get(get_page))
    })
}

async fn get_page(State(app): State<AppState>, headers: HeaderMap) -> ApiResult<Response> {
    // The path under which the browser sees us, a proxy's prefix included.
    let url = app.base_url(&headers);
    let path = url
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map(|(_, path)| path);
    let base = path.map(|path| format!("/{path}")).unwrap_or_default();
    zhifang_web::index(&base)
        .map(respond)
        .ok_or_else(|| ApiError::not_found("the page"))
}

/// What stands outside the base path: nothing.
pub(crate) async fn get_nothing(uri: Uri) -> ApiError {
    ApiError::not_found(format!("`{}`", uri.path()))
}

/// A file of the page, or nothing at all.
pub(crate) async fn get_file_or_nothing(method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    match zhifang_web::assets(path) {
        Some(asset) if matches!(method, Method::GET | Method::HEAD) => respond(asset),
        _ => ApiError::not_found(format!("`{}`", uri.path())).into_response(),
    }
}

fn respond(asset: zhifang_web::Asset) -> Response {
    let is_page = asset.mime.starts_with("text/html");
    let cache = asset.cache_control();
    let mut response = asset.bytes.into_owned().into_response();
    let headers = response.headers_mut();
    let text = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
    headers.insert(CONTENT_TYPE, text(asset.mime));
    headers.insert(ETAG, text(&asset.etag));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if is_page {
        let policy = zhifang_web::CONTENT_SECURITY_POLICY;
        headers.insert(CONTENT_SECURITY_POLICY, text(policy));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("geolocation=(self)"),
        );
    }
    response
}
