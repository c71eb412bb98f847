//! What is wrong with a request, before an interface puts it into its own form.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::error::{ApiError, OwnForm};

/// A refusal: its status, and a sentence that says what was wanted.
#[derive(Debug, Clone)]
pub(super) struct Flaw {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl Flaw {
    /// 400.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: message.into(),
        }
    }

    /// Another status.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    /// The refusal with this body, and the headers that go with its status.
    pub(super) fn answer(&self, body: &Value) -> Response {
        self.sign((self.status, Json(body)).into_response())
    }

    /// Adds the headers that go with the status, and marks the form as meant.
    pub(super) fn sign(&self, mut response: Response) -> Response {
        response.extensions_mut().insert(OwnForm);
        let header = match self.status {
            StatusCode::UNAUTHORIZED => Some((WWW_AUTHENTICATE, "Bearer")),
            StatusCode::SERVICE_UNAVAILABLE => Some((RETRY_AFTER, "2")),
            _ => None,
        };
        if let Some((name, value)) = header {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

impl From<ApiError> for Flaw {
    fn from(error: ApiError) -> Self {
        Self::new(error.status_code(), error.detail())
    }
}

/// Gives the refusals of the router under an interface (405 …) the interface's own form.
pub(super) fn in_own_form(response: Response, answer: impl Fn(&Flaw) -> Response) -> Response {
    let status = response.status();
    let is_own = response.extensions().get::<OwnForm>().is_some();
    if is_own || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let message = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            "This address does not take that method; see the Allow header."
        }
        StatusCode::PAYLOAD_TOO_LARGE => "The body is over the limit of this address.",
        _ => status
            .canonical_reason()
            .unwrap_or("The request was refused."),
    };
    let mut own = answer(&Flaw::new(status, message));
    for (name, value) in response.headers() {
        if name != CONTENT_TYPE && name != axum::http::header::CONTENT_LENGTH {
            own.headers_mut().insert(name.clone(), value.clone());
        }
    }
    own
}
