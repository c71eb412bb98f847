//! Pages of an entity: a small one for frames, and the way to its full one.

use std::fmt::Write as _;

use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use zhifang_core::{Lang, Record};
use zhifang_index::View;

use super::super::asked::Asked;
use super::super::flaw::Flaw;
use super::super::place::name_in;
use super::{entity, refuse, suggest};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::routes::escape;
use crate::state::AppState;
use crate::visible::Visible;

/// A small page of an entity, to be shown in a frame.
#[utoipa::path(get, path = "/reconcile/preview", tag = "compatible",
    params(("id" = String, Query, description = "id of the entity")),
    responses((status = 200, description = "HTML", content_type = "text/html"), (status = 404, description = "no such entity", body = Object)))]
pub(crate) async fn preview_entity(
    State(app): State<AppState>,
    caller: Result<Caller, ApiError>,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = Asked::new(query.as_deref(), b"");
    found(&app, caller, &asked, |view, record| {
        let page = format!(
            "<!doctype html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
             <body>{}</body></html>\n",
            escape(&record.name),
            summary(view, record)
        );
        // Clients show it in a frame of theirs.
        let policy = "default-src 'none'; frame-ancestors *";
        (
            [
                (CONTENT_TYPE, "text/html; charset=utf-8"),
                (CONTENT_SECURITY_POLICY, policy),
            ],
            page,
        )
            .into_response()
    })
}

/// Leads to the page of an entity.
#[utoipa::path(get, path = "/reconcile/view", tag = "compatible",
    params(("id" = String, Query, description = "id of the entity")),
    responses((status = 303, description = "the page of the record"), (status = 404, description = "no such entity", body = Object)))]
pub(crate) async fn view_entity(
    State(app): State<AppState>,
    caller: Result<Caller, ApiError>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let asked = Asked::new(query.as_deref(), b"");
    let base = app.base_url(&headers);
    found(&app, caller, &asked, |_, record| {
        let mut address = format!("{base}/ogc/collections/{}/items/", record.collection);
        for byte in record.id.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
                address.push(char::from(byte));
            } else {
                let _ = write!(address, "%{byte:02X}");
            }
        }
        address.push_str("?f=html");
        (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response()
    })
}

fn found(
    app: &AppState,
    caller: Result<Caller, ApiError>,
    asked: &Asked,
    answer: impl FnOnce(View<'_>, &Record) -> Response,
) -> Response {
    let answered = caller.map_err(Flaw::from).and_then(|caller| {
        let world = app.world()?;
        let visible = Visible::new(&world, &caller);
        let id = asked.text("id").unwrap_or_default();
        let record = entity::find(&visible, id).ok_or_else(|| suggest::missing("entity", asked))?;
        Ok(answer(visible.widest(), record))
    });
    answered.unwrap_or_else(|flaw: Flaw| refuse(&flaw))
}

/// Name, spelling, kind, chain and code of an entity in HTML.
pub(super) fn summary(view: View<'_>, record: &Record) -> String {
    let code = entity::id_of(record);
    let mut lines = vec![
        entity::label(view, record, Lang::Zh),
        name_in(record, Lang::En),
        entity::description(view, record),
    ];
    if let Some(people) = record.fields.number("population") {
        lines.push(format!("人口 Population {people}"));
    }
    let mut html = format!(
        "<h1>{}</h1>\n<p><code>{}</code></p>\n",
        escape(&record.name),
        escape(&code)
    );
    for line in lines {
        let _ = writeln!(html, "<p>{}</p>", escape(&line));
    }
    html
}
