//! One error for every door: RFC 9457 problem details. Status codes are chosen here alone.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use zhifang_engine::EngineError;
use zhifang_engine::naming::NamingError;
use zhifang_store::StoreError;

/// One fault of one part of the request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldFault {
    /// Parameter, or JSON Pointer into the body.
    pub path: String,
    /// What is wrong and what was wanted.
    pub message: String,
}

/// Problem details (RFC 9457), media type `application/problem+json`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened here and how to mend it.
    pub detail: String,
    /// The parts at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldFault>,
    /// Members of the kind.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub more: Map<String, Value>,
}

/// What a handler answers instead of its result.
#[derive(Debug, Clone)]
pub struct ApiError(Box<Refusal>);

/// What an error holds; boxed, so that results of handlers stay small.
#[derive(Debug, Clone)]
struct Refusal {
    status: StatusCode,
    slug: &'static str,
    detail: String,
    errors: Vec<FieldFault>,
    more: Map<String, Value>,
    headers: HeaderMap,
}

/// Result of a handler.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    fn new(status: StatusCode, slug: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Refusal {
            status,
            slug,
            detail: detail.into(),
            errors: Vec::new(),
            more: Map::new(),
            headers: HeaderMap::new(),
        }))
    }

    /// 400: a parameter does not parse or is out of range.
    pub fn parameter(path: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut error = Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            format!("`{path}`: {message}"),
        );
        error.0.errors.push(FieldFault {
            path: path.to_owned(),
            message,
        });
        error
    }

    /// 400: the request as a whole cannot be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", detail)
    }

    /// 400 with one fault for each part of the body.
    pub fn invalid(detail: impl Into<String>, errors: Vec<FieldFault>) -> Self {
        {
            let mut error = Self::new(StatusCode::BAD_REQUEST, "invalid-record", detail);
            error.0.errors = errors;
            error
        }
    }

    /// 401: a token is wanted, or the one given is unknown.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail);
        error
            .0
            .headers
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        error
    }

    /// 403: the role does not reach that far.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 404: there is nothing here, or nothing that the caller may know of.
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            format!("{what} is not here"),
        )
    }

    /// 406 or 415 and other answers that are a status and a sentence.
    pub fn status(status: StatusCode, slug: &'static str, detail: impl Into<String>) -> Self {
        Self::new(status, slug, detail)
    }

    /// 428: the edit names no version.
    pub fn precondition_required() -> Self {
        Self::new(
            StatusCode::PRECONDITION_REQUIRED,
            "precondition-required",
            "send If-Match with the ETag of the version that you edited",
        )
    }

    /// 412: somebody else was faster; `current` carries the newer version.
    pub fn version_conflict(current: Value) -> Self {
        let mut error = Self::new(
            StatusCode::PRECONDITION_FAILED,
            "version-conflict",
            "the record has changed since that version; nothing was overwritten",
        );
        error.0.more.insert("current".to_owned(), current);
        error
    }

    /// 409: it is there already.
    pub fn exists(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "exists", detail)
    }

    /// 409: a part of the body is what another record has for its own.
    pub fn taken(path: &str, message: String) -> Self {
        let mut error = Self::new(
            StatusCode::CONFLICT,
            "exists",
            format!("`{path}`: {message}"),
        );
        error.0.errors.push(FieldFault {
            path: path.to_owned(),
            message,
        });
        error
    }

    /// 413: over a limit, which the detail names.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
    }

    /// 503: try again in a moment.
    pub fn unavailable(detail: impl Into<String>, retry_after_s: u64) -> Self {
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail);
        error
            .0
            .headers
            .insert(RETRY_AFTER, HeaderValue::from(retry_after_s));
        error
    }

    /// 500: the chain goes to the log, the caller gets a fixed sentence.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        let mut chain = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            chain = format!("{chain}: {cause}");
            source = cause.source();
        }
        tracing::error!(error = %chain, "a request failed inside");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something failed inside; it was logged",
        )
    }

    /// The problem as it is written.
    pub fn problem(&self) -> Problem {
        Problem {
            kind: format!("urn:zhifang:problem:{}", self.0.slug),
            title: title(self.0.status).to_owned(),
            status: self.0.status.as_u16(),
            detail: self.0.detail.clone(),
            errors: self.0.errors.clone(),
            more: self.0.more.clone(),
        }
    }

    /// The HTTP status.
    pub fn status_code(&self) -> StatusCode {
        self.0.status
    }

    /// The sentence for the caller.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }
}

fn title(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "请求有误 Bad request",
        401 => "需要登录 Authentication required",
        403 => "权限不足 Forbidden",
        404 => "未找到 Not found",
        405 => "方法不允许 Method not allowed",
        406 => "无法提供该格式 Not acceptable",
        409 => "已存在 Conflict",
        412 => "版本冲突 Precondition failed",
        413 => "内容过大 Content too large",
        415 => "不支持的格式 Unsupported media type",
        428 => "缺少版本 Precondition required",
        503 => "暂不可用 Service unavailable",
        500 => "内部错误 Internal error",
        _ => status.canonical_reason().unwrap_or("Error"),
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict {
                found: Some(found), ..
            } => Self::version_conflict(found.to_feature()),
            StoreError::Conflict { key, .. } => {
                Self::exists(format!("`{key}` has another version"))
            }
            StoreError::Unstorable { key, reason } => Self::invalid(
                format!("`{key}` cannot be stored: {reason}"),
                vec![FieldFault {
                    path: String::new(),
                    message: reason,
                }],
            ),
            StoreError::Busy { .. } => {
                Self::unavailable("another write is under way; try again", 5)
            }
            other => Self::internal(&other),
        }
    }
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Register { source } => source.into(),
            other => Self::internal(&other),
        }
    }
}

impl From<NamingError> for ApiError {
    fn from(error: NamingError) -> Self {
        use zhifang_names::Error;
        let sentence = error.to_string();
        let conflict = |slug| Self::new(StatusCode::CONFLICT, slug, sentence.clone());
        match error {
            NamingError::Engine(error) => error.into(),
            NamingError::NotReady => Self::unavailable(sentence, 2),
            NamingError::Missing { id } => Self::not_found(format!("application `{id}`")),
            NamingError::Stale { current } => Self::version_conflict(current.to_feature()),
            NamingError::Forbidden { .. } | NamingError::Names(Error::SamePerson { .. }) => {
                Self::forbidden(sentence)
            }
            NamingError::Names(Error::State { .. }) => conflict("wrong-state"),
            NamingError::Names(Error::Check { .. }) => conflict("check-failed"),
            NamingError::Names(Error::Dossier { fields }) => {
                let errors = fields
                    .iter()
                    .map(|field| FieldFault {
                        path: format!("/{field}"),
                        message: "is missing".to_owned(),
                    })
                    .collect();
                Self::invalid(sentence, errors)
            }
            NamingError::Names(Error::Category { .. }) => Self::parameter("category", sentence),
            NamingError::Names(Error::Within { .. }) => Self::parameter("within", sentence),
            NamingError::Names(Error::Target { .. }) => Self::parameter("target", sentence),
            NamingError::Names(
                Error::NameEmpty | Error::NameLong { .. } | Error::NameCharacter { .. },
            ) => Self::parameter("name", sentence),
            other => Self::bad_request(other.to_string()),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.0.status, Json(self.problem())).into_response();
        response.headers_mut().extend(self.0.headers);
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        response
    }
}

/// Media type of RFC 9457.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Marks a refusal that is in the form of an interface of its own and stays as it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnForm;

/// Gives the router's own refusals (404, 405, 413, 415 …) the form of a problem.
pub(crate) async fn problems_from_the_router(response: Response) -> Response {
    let status = response.status();
    let is_ours = response.headers().get(CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes()
            .windows(4)
            .any(|part| part == b"json" || part == b"html")
    });
    let is_ours = is_ours || response.extensions().get::<OwnForm>().is_some();
    if is_ours || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (parts, _) = response.into_parts();
    let detail = match status.as_u16() {
        404 => "there is nothing at this address; /openapi.json lists what there is",
        405 => "this address does not take that method; see the Allow header",
        413 => "the body is over the limit of this address; see x-limits in /openapi.json",
        415 => "the body is of a media type that this address does not take",
        408 => "the request took too long",
        _ => status
            .canonical_reason()
            .unwrap_or("the request was refused"),
    };
    let mut error = ApiError::new(status, "refused", detail);
    for (name, value) in &parts.headers {
        if name != CONTENT_TYPE && name != axum::http::header::CONTENT_LENGTH {
            error.0.headers.insert(name.clone(), value.clone());
        }
    }
    error.into_response()
}
