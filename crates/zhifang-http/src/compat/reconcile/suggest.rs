//! Suggest services for entities, types and properties, and their flyouts.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use zhifang_geocode::SearchQuery;

use super::super::asked::Asked;
use super::super::flaw::Flaw;
use super::vocabulary::{EntityType, Property};
use super::{entity, page, written};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::limits::{QUERY_CHARS, SEARCH_RESULTS};
use crate::routes::escape;
use crate::state::AppState;
use crate::visible::Visible;

/// Suggestions of one answer.
const SUGGESTIONS: usize = 20;
/// Suggestions skipped at most; farther down nobody types.
const MOST_SKIPPED: usize = 480;

/// Entities whose names begin so, best first.
#[utoipa::path(get, path = "/reconcile/suggest/entity", tag = "compatible", params(
        ("prefix" = String, Query, description = "what is typed so far: Hanzi, Pinyin, initials, a code"),
        ("cursor" = Option<i64>, Query, description = "suggestions to skip"),
        ("limit" = Option<i64>, Query, description = "suggestions at most (20)"),
        ("type" = Option<String>, Query, description = "only of this type"),
        ("callback" = Option<String>, Query, description = "JSONP")),
    responses((status = 200, description = "`{\"result\": […]}`", body = Object)))]
pub(crate) async fn suggest_entity(
    State(app): State<AppState>,
    caller: Result<Caller, ApiError>,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = Asked::new(query.as_deref(), b"");
    let answer = caller
        .map_err(Flaw::from)
        .and_then(|caller| entities(&app, &caller, &asked));
    written(&asked, answer)
}

/// Types whose ids or names hold this.
#[utoipa::path(get, path = "/reconcile/suggest/type", tag = "compatible", params(
        ("prefix" = Option<String>, Query, description = "what is typed so far"),
        ("cursor" = Option<i64>, Query, description = "suggestions to skip"),
        ("callback" = Option<String>, Query, description = "JSONP")),
    responses((status = 200, description = "`{\"result\": […]}`", body = Object)))]
pub(crate) async fn suggest_type(RawQuery(query): RawQuery) -> Response {
    let asked = Asked::new(query.as_deref(), b"");
    let all = EntityType::all().map(|one| (one.id(), one.name(), one.described_with_broader()));
    written(&asked, vocabulary(&asked, all))
}

/// Properties whose ids or names hold this.
#[utoipa::path(get, path = "/reconcile/suggest/property", tag = "compatible", params(
        ("prefix" = Option<String>, Query, description = "what is typed so far"),
        ("cursor" = Option<i64>, Query, description = "suggestions to skip"),
        ("callback" = Option<String>, Query, description = "JSONP")),
    responses((status = 200, description = "`{\"result\": […]}`", body = Object)))]
pub(crate) async fn suggest_property(RawQuery(query): RawQuery) -> Response {
    let asked = Asked::new(query.as_deref(), b"");
    let all = Property::of_type(None).into_iter();
    let all = all.map(|one| (one.id().to_owned(), one.name(), one.described()));
    written(&asked, vocabulary(&asked, all))
}

/// A small picture of an entity in words.
#[utoipa::path(get, path = "/reconcile/flyout/entity", tag = "compatible",
    params(("id" = String, Query, description = "id of the entity")),
    responses((status = 200, description = "`{\"id\", \"html\"}`", body = Object), (status = 404, description = "no such entity", body = Object)))]
pub(crate) async fn flyout_entity(
    State(app): State<AppState>,
    caller: Result<Caller, ApiError>,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = Asked::new(query.as_deref(), b"");
    let html = caller.map_err(Flaw::from).and_then(|caller| {
        let world = app.world()?;
        let visible = Visible::new(&world, &caller);
        let record = entity::find(&visible, id(&asked)).ok_or_else(|| missing("entity", &asked))?;
        Ok(page::summary(visible.widest(), record))
    });
    written(&asked, html.map(|html| flyout(&asked, &html)))
}

/// A type in words.
#[utoipa::path(get, path = "/reconcile/flyout/type", tag = "compatible",
    params(("id" = String, Query, description = "id of the type")),
    responses((status = 200, description = "`{\"id\", \"html\"}`", body = Object), (status = 404, description = "no such type", body = Object)))]
pub(crate) async fn flyout_type(RawQuery(query): RawQuery) -> Response {
    let asked = Asked::new(query.as_deref(), b"");
    let found = EntityType::of_id(id(&asked)).map(EntityType::name);
    written(&asked, named(&asked, "type", found))
}

/// A property in words.
#[utoipa::path(get, path = "/reconcile/flyout/property", tag = "compatible",
    params(("id" = String, Query, description = "id of the property")),
    responses((status = 200, description = "`{\"id\", \"html\"}`", body = Object), (status = 404, description = "no such property", body = Object)))]
pub(crate) async fn flyout_property(RawQuery(query): RawQuery) -> Response {
    let asked = Asked::new(query.as_deref(), b"");
    let found = Property::of_id(id(&asked)).map(Property::name);
    written(&asked, named(&asked, "property", found))
}

fn id(asked: &Asked) -> &str {
    asked.text("id").unwrap_or_default()
}

pub(super) fn missing(what: &str, asked: &Asked) -> Flaw {
    Flaw::new(
        axum::http::StatusCode::NOT_FOUND,
        format!(
            "There is no {what} '{}'.",
            super::super::asked::shown(id(asked))
        ),
    )
}

fn named(asked: &Asked, what: &str, name: Option<String>) -> Result<Value, Flaw> {
    let name = name.ok_or_else(|| missing(what, asked))?;
    let html = format!(
        "<p>{} <code>{}</code></p>",
        escape(&name),
        escape(id(asked))
    );
    Ok(flyout(asked, &html))
}

fn flyout(asked: &Asked, html: &str) -> Value {
    json!({"id": id(asked), "html": html})
}

/// Suggestions to skip, and how many are wanted.
fn window(asked: &Asked) -> Result<(usize, usize), Flaw> {
    let cursor = asked.integer("cursor")?.unwrap_or(0);
    let cursor =
        usize::try_from(cursor).map_err(|_| Flaw::bad("Parameter 'cursor' must be 0 or more."))?;
    Ok((cursor, asked.limit(SUGGESTIONS, SEARCH_RESULTS)?))
}

fn entities(app: &AppState, caller: &Caller, asked: &Asked) -> Result<Value, Flaw> {
    let (cursor, limit) = window(asked)?;
    let prefix = asked.text("prefix").unwrap_or_default();
    if prefix.chars().count() > QUERY_CHARS {
        return Err(Flaw::bad(format!(
            "'prefix' is over {QUERY_CHARS} characters."
        )));
    }
    let wanted = asked.text("type").map(EntityType::of_id);
    let world = app.world()?;
    if prefix.is_empty() || cursor > MOST_SKIPPED || wanted == Some(None) {
        return Ok(json!({"result": []}));
    }
    let wanted = wanted.flatten();
    let visible = Visible::new(&world, caller);
    let view = visible.widest();
    let query = SearchQuery {
        limit: if wanted.is_some() {
            MOST_SKIPPED
        } else {
            cursor + limit
        },
        ..SearchQuery::new(prefix)
    };
    let found = world.names.autocomplete(&query);
    let result: Vec<Value> = found
        .iter()
        .filter_map(|candidate| visible.record(candidate.collection, &candidate.id))
        .filter(|record| wanted.is_none_or(|one| EntityType::of_record(record).contains(&one)))
        .skip(cursor)
        .take(limit)
        .map(|record| {
            json!({
                "id": entity::id_of(record),
                "name": record.name,
                "description": entity::description(view, record),
                "notable": entity::types(record),
            })
        })
        .collect();
    Ok(json!({"result": result}))
}

/// Words of the vocabulary that hold what is typed, those that begin with it first.
fn vocabulary(
    asked: &Asked,
    all: impl Iterator<Item = (String, String, Value)>,
) -> Result<Value, Flaw> {
    let (cursor, limit) = window(asked)?;
    let typed = asked.text("prefix").unwrap_or_default().to_lowercase();
    let mut found: Vec<(bool, Value)> = all
        .filter_map(|(id, name, described)| {
            let name = name.to_lowercase();
            let begins = id.starts_with(&typed) || name.starts_with(&typed);
            (begins || name.contains(&typed) || id.contains(&typed)).then_some((begins, described))
        })
        .collect();
    found.sort_by_key(|(begins, _)| !begins);
    let result = found.into_iter().map(|(_, described)| described);
    Ok(json!({"result": result.skip(cursor).take(limit).collect::<Vec<_>>()}))
}
