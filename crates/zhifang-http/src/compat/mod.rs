//! Interfaces that existing clients speak: Photon, Nominatim, and the W3C Reconciliation Service
//! API. They read their own parameters, ignore unknown ones, answer errors in their own form, and
//! ask the same engine as everything else.

mod asked;
mod find;
mod flaw;
mod kind;
mod nominatim;
mod photon;
mod place;
mod place_ids;
mod reconcile;

use axum::http::header::{CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

pub(crate) use place_ids::PlaceIds;

/// Longest name of a callback.
const CALLBACK_CHARS: usize = 100;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(photon::routes())
        .merge(nominatim::routes())
        .merge(reconcile::routes())
}

/// An answer wrapped in a call, for clients from before CORS; `None` where the callback is no
/// dotted name, so that nothing else can be put into the script.
fn jsonp(callback: &str, value: &Value) -> Option<Response> {
    let is_name = |part: &str| {
        let mut characters = part.chars();
        let is_start = |one: char| one.is_ascii_alphabetic() || one == '_' || one == '$';
        characters.next().is_some_and(is_start)
            && characters.all(|one| is_start(one) || one.is_ascii_digit())
    };
    if callback.len() > CALLBACK_CHARS || !callback.split('.').all(is_name) {
        return None;
    }
    let headers: [(HeaderName, &str); 2] = [
        (CONTENT_TYPE, "application/javascript; charset=utf-8"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Some((headers, format!("/**/{callback}({value})")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_callback_is_a_dotted_name_and_nothing_else() {
        for good in ["jQuery123_4", "a.b.c", "$", "_"] {
            assert!(jsonp(good, &json!(1)).is_some(), "{good}");
        }
        for bad in ["", "a.", "1a", "a(b)", "alert;", "a b", "名", "<script>"] {
            assert!(jsonp(bad, &json!(1)).is_none(), "{bad}");
        }
    }
}
