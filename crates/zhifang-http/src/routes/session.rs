//! Signing in from the page: for the token a session is opened, whose cookie scripts cannot read.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use zhifang_core::Actor;

use crate::caller::{Caller, SESSION_COOKIE, session_of};
use crate::error::{ApiError, ApiResult, FieldFault};
use crate::sessions;
use crate::state::AppState;

/// A token to sign in with.
#[derive(Debug, ToSchema)]
pub(crate) struct SignIn {
    /// As printed once by `zhifang user add`.
    token: String,
}

/// The signed-in user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    name: String,
    role: String,
    division: Option<String>,
}

fn describe(actor: &Actor) -> ApiResult<Me> {
    match actor {
        Actor::User {
            name,
            role,
            division,
        } => Ok(Me {
            name: name.to_string(),
            role: role.to_string(),
            division: division.map(|prefix| prefix.to_string()),
        }),
        _ => Err(ApiError::unauthorized("nobody is signed in")),
    }
}

/// The body, with each of its faults in Chinese and English.
fn read(body: &Bytes) -> ApiResult<SignIn> {
    let fault = |path: &str, zh: &str, en: &str| {
        let fault = FieldFault {
            path: path.to_owned(),
            message: format!("{zh} {en}"),
        };
        ApiError::invalid(
            "登录请求有误，见 errors。The request to sign in is not whole; see `errors`.",
            vec![fault],
        )
    };
    let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(body) else {
        return Err(fault("", "须为 JSON 对象", "wanted a JSON object"));
    };
    if let Some(other) = members.keys().find(|name| *name != "token") {
        let path = format!("/{other}");
        return Err(fault(&path, "没有这一项", "there is no such member"));
    }
    match members.get("token") {
        Some(Value::String(token)) if !token.trim().is_empty() => Ok(SignIn {
            token: token.clone(),
        }),
        Some(Value::String(_)) | None => Err(fault("/token", "缺少令牌", "is missing")),
        Some(_) => Err(fault("/token", "须为文本", "wanted a text")),
    }
}

/// Sign in: sets the session cookie.
#[utoipa::path(post, path = "/session", tag = "service", request_body = SignIn,
    responses((status = 200, description = "signed in", body = Me), (status = 400, description = "no token in the body", body = crate::Problem), (status = 401, description = "unknown token", body = crate::Problem)))]
pub(crate) async fn open_session(
    State(app): State<AppState>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult<impl IntoResponse> {
    let sign_in = read(&body)?;
    let actor = app
        .user_of_token(sign_in.token.trim())
        .await?
        .ok_or_else(|| ApiError::unauthorized("the token is unknown, expired or revoked"))?;
    let me = describe(&actor)?;
    let secure = if app.base_url(&headers).starts_with("https:") {
        "; Secure"
    } else {
        ""
    };
    let path = if app.options().base_path.is_empty() {
        "/"
    } else {
        &app.options().base_path
    };
    let token = Sha256::digest(sign_in.token.trim().as_bytes());
    let session = app
        .sessions()
        .open(token.into())
        .map_err(|error| ApiError::internal(&error))?;
    let seconds = sessions::LASTS.as_secs();
    let cookie = format!(
        "{SESSION_COOKIE}={session}; Path={path}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"
    );
    Ok(([(SET_COOKIE, cookie)], Json(me)))
}

/// Sign out: ends the session and takes its cookie back.
#[utoipa::path(delete, path = "/session", tag = "service", responses((status = 204, description = "signed out")))]
pub(crate) async fn close_session(
    State(app): State<AppState>,
    headers: HeaderMap,
) -> impl IntoResponse {
    if let Some(name) = session_of(&headers) {
        app.sessions().close(&name);
    }
    let path = if app.options().base_path.is_empty() {
        "/"
    } else {
        &app.options().base_path
    };
    let cookie = format!("{SESSION_COOKIE}=; Path={path}; HttpOnly; SameSite=Lax; Max-Age=0");
    (StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)])
}

/// Who is signed in.
#[utoipa::path(get, path = "/v1/me", tag = "service",
    responses((status = 200, description = "the user", body = Me), (status = 401, description = "nobody", body = crate::Problem)))]
pub(crate) async fn who_am_i(caller: Caller) -> ApiResult<Json<Me>> {
    describe(&caller.actor).map(Json)
}
