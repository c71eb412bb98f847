//! Who calls: a bearer token, a session cookie, or nobody.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use zhifang_core::{Action, Actor, Collection, DivisionCode, Record, allows};
use zhifang_index::Audience;

use crate::error::ApiError;
use crate::state::AppState;

/// Name of the session cookie.
pub const SESSION_COOKIE: &str = "zhifang_session";

/// The caller, looked up by token.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// Who it is.
    pub actor: Actor,
}

impl Caller {
    /// Whether a user stands behind the request.
    pub fn is_known(&self) -> bool {
        self.actor != Actor::Anonymous
    }

    /// What the caller may see.
    pub fn audience(&self) -> Audience {
        if self.is_known() {
            Audience::Staff
        } else {
            Audience::Public
        }
    }

    /// Whether this record may be shown to the caller as it stands in the staff's view.
    pub fn may_read(&self, record: &Record) -> bool {
        record.collection.is_public() || self.allows(Action::ReadRestricted, record)
    }

    /// Whether the caller may do this to the record.
    pub fn allows(&self, action: Action, record: &Record) -> bool {
        let codes = bound_codes(record);
        if codes.is_empty() {
            return allows(&self.actor, action, record.collection, None);
        }
        codes
            .into_iter()
            .any(|code| allows(&self.actor, action, record.collection, Some(code)))
    }

    /// 401 for nobody, 403 for the wrong role or division, else nothing.
    pub fn require(&self, action: Action, record: &Record) -> Result<(), ApiError> {
        self.known()?;
        if self.allows(action, record) {
            return Ok(());
        }
        Err(ApiError::forbidden(format!(
            "`{}` may not do this to `{}`: the role or its division does not reach there",
            self.actor.name(),
            record.key()
        )))
    }

    /// 401 unless a user stands behind the request.
    pub fn known(&self) -> Result<(), ApiError> {
        if self.is_known() {
            Ok(())
        } else {
            Err(ApiError::unauthorized(
                "this needs a token: `Authorization: Bearer zf_…`",
            ))
        }
    }

    /// A restricted collection is not there for the public (404), and open to any role.
    pub fn require_collection(&self, collection: Collection) -> Result<(), ApiError> {
        if collection.is_public() || self.is_known() {
            Ok(())
        } else {
            Err(ApiError::not_found(format!("`{collection}`")))
        }
    }
}

/// The divisions that a record touches for the purpose of rights: its own, or its two sides.
fn bound_codes(record: &Record) -> Vec<DivisionCode> {
    let mut codes: Vec<DivisionCode> = record.division.into_iter().collect();
    for field in [
        "left", "right", "lead", "other", "claimant", "side", "keeper",
    ] {
        codes.extend(
            record
                .fields
                .text(field)
                .and_then(|code| code.parse::<DivisionCode>().ok()),
        );
    }
    for field in ["sides", "parties"] {
        codes.extend(
            record
                .fields
                .texts(field)
                .filter_map(|code| code.parse::<DivisionCode>().ok()),
        );
    }
    codes
}

/// What a request says of its caller.
enum Said {
    Nothing,
    Token(String),
    Session(String),
}

/// The token in the header, or else the name of the session in the cookie.
fn said(headers: &HeaderMap) -> Result<Said, ApiError> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        return match text.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Ok(Said::Token(token.trim().to_owned()))
            }
            _ => Err(ApiError::unauthorized(
                "`Authorization` must be `Bearer` and a token",
            )),
        };
    }
    Ok(session_of(headers).map_or(Said::Nothing, Said::Session))
}

/// The name of the session in the cookie.
pub(crate) fn session_of(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == SESSION_COOKIE)
        .map(|(_, name)| name.to_owned())
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let actor = match said(&parts.headers)? {
            Said::Nothing => None,
            Said::Token(token) => Some(app.user_of_token(&token).await?.ok_or_else(|| {
                ApiError::unauthorized("the token is unknown, expired or revoked")
            })?),
            // A cookie is sent by the browser even when another site asks: only our own page may
            // write.
            Said::Session(_) if !parts.method.is_safe() && !is_same_origin(&parts.headers) => {
                return Err(ApiError::forbidden(
                    "a session may only be used by its own page",
                ));
            }
            Said::Session(name) => app.user_of_session(&name).await?,
        };
        Ok(actor.map_or_else(Self::default, |actor| Self { actor }))
    }
}

fn is_same_origin(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").map_or_else(
        || headers.contains_key("x-zhifang"),
        |site| site == "same-origin",
    )
}
