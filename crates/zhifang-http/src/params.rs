//! Query and path parameters whose faults are problems that name the parameter.

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// Query parameters, parsed; unknown ones are refused where `T` denies them.
#[derive(Debug, Clone, Copy)]
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(rejection) => Err(query_fault(&rejection)),
        }
    }
}

/// Finds the parameter that the parser complained of in its sentence.
fn query_fault(rejection: &QueryRejection) -> ApiError {
    let text = rejection.body_text();
    let text = text
        .strip_prefix("Failed to deserialize query string: ")
        .unwrap_or(&text);
    if let Some(name) = text.split('`').nth(1)
        && (text.contains("unknown field") || text.contains("missing field"))
    {
        let message = if text.contains("unknown field") {
            let wanted = text
                .split_once("expected ")
                .map_or("nothing", |(_, wanted)| wanted);
            format!("is no parameter here; there is {wanted}")
        } else {
            "is missing".to_owned()
        };
        return ApiError::parameter(name, message);
    }
    match text.split_once(": ") {
        Some((name, message)) if !name.contains(' ') => ApiError::parameter(name, message),
        _ => ApiError::bad_request(text.to_owned()),
    }
}
