//! ETags (RFC 9110 §8.8.3) and conditional requests for every public answer.
//!
//! The tag names the content; each content coding has its own strong tag, made by a suffix, so
//! that a request can be answered 304 before anything is compressed.

use std::fmt::Write as _;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};

/// Answers larger than this are sent without an ETag rather than held in memory, bytes.
const MAX_HASHED: u64 = 32 << 20;

const CODINGS: [&str; 3] = ["gzip", "br", "zstd"];

/// The quoted tag of a content: 128 bits of SHA-256 in hexadecimal.
pub fn content_tag(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let mut tag = String::with_capacity(34);
    tag.push('"');
    for byte in digest.iter().take(16) {
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

/// The tag without quotes, weakness mark and coding suffix.
pub fn bare_tag(tag: &str) -> &str {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    CODINGS
        .iter()
        .find_map(|coding| {
            tag.strip_suffix(coding)
                .and_then(|rest| rest.strip_suffix('-'))
        })
        .unwrap_or(tag)
}

/// Whether one of the tags in `If-None-Match` names this content.
pub fn matches_none(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .any(|given| given.trim() == "*" || bare_tag(given) == bare_tag(tag))
}

/// Inside compression: tags the plain answer and turns it into a 304 where the caller has it.
pub(crate) async fn tag_answers(request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut headers = HeaderMap::new();
    for known in request.headers().get_all(IF_NONE_MATCH) {
        headers.append(IF_NONE_MATCH, known.clone());
    }
    let response = next.run(request).await;
    if !is_read || response.status() != StatusCode::OK || !is_tagged_kind(&response) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let (tag, body) = match parts.headers.get(ETAG).and_then(|tag| tag.to_str().ok()) {
        Some(tag) => (tag.to_owned(), body),
        None => match body.collect().await {
            Ok(collected) => {
                let bytes: Bytes = collected.to_bytes();
                (content_tag(&bytes), Body::from(bytes))
            }
            Err(error) => {
                tracing::error!(%error, "an answer could not be read to tag it");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        },
    };
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.insert(ETAG, value);
    }
    parts
        .headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-cache"));
    if matches_none(&headers, &tag) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.remove(CONTENT_TYPE);
        parts.headers.remove(CONTENT_ENCODING);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, body)
}

/// Streams and answers of unknown length are not held back to be hashed.
fn is_tagged_kind(response: &Response) -> bool {
    use axum::body::HttpBody;
    response.headers().contains_key(ETAG)
        || response
            .body()
            .size_hint()
            .exact()
            .is_some_and(|size| size <= MAX_HASHED)
}

/// Outside compression: gives each content coding its own strong tag.
pub(crate) async fn suffix_tags(mut response: Response) -> Response {
    let coding = response
        .headers()
        .get(CONTENT_ENCODING)
        .and_then(|coding| coding.to_str().ok())
        .filter(|coding| CODINGS.contains(coding))
        .map(str::to_owned);
    if let Some(coding) = coding
        && let Some(tag) = response
            .headers()
            .get(ETAG)
            .and_then(|tag| tag.to_str().ok())
    {
        let tagged = format!("\"{}-{coding}\"", bare_tag(tag));
        if let Ok(value) = HeaderValue::from_str(&tagged) {
            response.headers_mut().insert(ETAG, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_of_any_coding_names_the_same_content() {
        let tag = content_tag(b"tile");
        assert_eq!(tag.len(), 34);
        let mut headers = HeaderMap::new();
        let gzip = format!("\"{}-gzip\"", bare_tag(&tag));
        headers.insert(IF_NONE_MATCH, HeaderValue::from_str(&gzip).unwrap());
        assert!(matches_none(&headers, &tag));
        assert!(!matches_none(&headers, &content_tag(b"other")));
    }
}
