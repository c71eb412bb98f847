//! Edits (part 4): every one names the version it was made on, nothing is overwritten unseen.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderValue, IF_MATCH, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use zhifang_core::{Action, Collection, Record, Timestamp, public_view};
use zhifang_engine::draft::{self, Fault};
use zhifang_engine::{EngineError, FROM_LINES, follow_line};
use zhifang_index::{Audience, View};
use zhifang_store::{Expect, StoreError, Write};

use super::collection::known;
use super::items::{GEO_JSON, encode, feature, version_of_tag, version_tag};
use super::reference::Reference;
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult, FieldFault};
use crate::state::AppState;
use crate::visible::Visible;

/// The body as a JSON object.
fn object(body: &Bytes) -> ApiResult<Map<String, Value>> {
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(ApiError::bad_request("the body must be a JSON object")),
        Err(error) => Err(ApiError::bad_request(format!(
            "the body is no JSON: {error}"
        ))),
    }
}

fn invalid(faults: Vec<Fault>) -> ApiError {
    let errors = faults
        .into_iter()
        .map(|fault| FieldFault {
            path: fault.path,
            message: fault.message,
        })
        .collect();
    ApiError::invalid("the record cannot be taken as it is; see `errors`", errors)
}

/// The system of a body's coordinates, from `Content-Crs` (part 4 §6.3), CRS84 else.
fn reference_of(headers: &HeaderMap) -> ApiResult<Reference> {
    let text = headers
        .get("content-crs")
        .and_then(|value| value.to_str().ok());
    Reference::parse("Content-Crs", text)
}

/// Puts the body's geometry into EPSG:4490.
fn to_stored(body: &mut Map<String, Value>, headers: &HeaderMap) -> ApiResult<()> {
    let reference = reference_of(headers)?;
    if reference.is_plain() {
        return Ok(());
    }
    if let Some(given) = body.get("geometry").filter(|given| !given.is_null()) {
        let geometry = zhifang_core::geometry::from_geojson(given)
            .map_err(|error| ApiError::parameter("/geometry", error.to_string()))?;
        let stored = reference.read(&geometry)?;
        body.insert(
            "geometry".to_owned(),
            zhifang_core::geometry::to_geojson(&stored),
        );
    }
    Ok(())
}

fn now() -> Timestamp {
    chrono::Utc::now().into()
}

/// The record as it stands, for one who may know of it.
fn current(app: &AppState, caller: &Caller, collection: Collection, id: &str) -> ApiResult<Record> {
    caller.known()?;
    let world = app.world()?;
    let is_seen = Visible::new(&world, caller)
        .record(collection, id)
        .is_some();
    let view = world.snapshot.view(Audience::Staff);
    view.record(collection, id)
        .filter(|_| is_seen)
        .cloned()
        .ok_or_else(|| ApiError::not_found(format!("`{collection}/{id}`")))
}

/// What is said to one whose edit meets another record under the same key: that record as he may
/// see it, or no more than that the key is taken.
fn taken(found: &Record, caller: &Caller, marker_step_deg: f64) -> ApiError {
    if caller.allows(Action::ReadRestricted, found) {
        return ApiError::version_conflict(found.to_feature());
    }
    match public_view(found, marker_step_deg) {
        Some(seen) => ApiError::version_conflict(seen.to_feature()),
        None => ApiError::status(
            StatusCode::CONFLICT,
            "taken",
            format!("`{}` is taken; choose another id", found.key()),
        ),
    }
}

/// 428 without `If-Match`, 412 with the newer version when it names another one.
fn require_version(headers: &HeaderMap, record: &Record) -> ApiResult<()> {
    let Some(value) = headers.get(IF_MATCH) else {
        return Err(ApiError::precondition_required());
    };
    let text = value.to_str().unwrap_or_default();
    let named = text
        .split(',')
        .any(|tag| tag.trim() == "*" || version_of_tag(tag) == Some(record.version));
    if named {
        Ok(())
    } else {
        Err(ApiError::version_conflict(record.to_feature()))
    }
}

/// Commits an edit, with what follows from it, off the request threads; the stored record.
async fn commit(
    app: &AppState,
    caller: &Caller,
    before: Option<Record>,
    record: Record,
) -> ApiResult<Record> {
    if zhifang_engine::naming::is_of_the_desk(before.as_ref(), &record) {
        let detail = "applications go through /v1/applications, step by step";
        return Err(ApiError::status(
            StatusCode::CONFLICT,
            "naming-desk",
            detail,
        ));
    }
    if record.collection == Collection::Findings {
        let detail = "findings are what a check finds; they go through /v1/checks: save, confirm, \
                      accept, repair";
        return Err(ApiError::status(StatusCode::CONFLICT, "check-desk", detail));
    }
    if record.collection == Collection::Observations && before.is_some() {
        let detail = "an observation stays as it was made; what is wrong with one is said by a \
                      new one";
        return Err(ApiError::status(StatusCode::CONFLICT, "immutable", detail));
    }
    let world = app.world()?;
    let engine = Arc::clone(app.engine());
    let by = caller.actor.name().to_owned();
    let caller = caller.clone();
    app.blocking(move || {
        // Held until the record shows, so that two edits at once cannot take one key.
        let _keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(world) = engine.world() {
            let view = world.snapshot.view(Audience::Staff);
            require_free_key(view, &caller, before.as_ref(), &record)?;
        }
        let mut batch = Vec::new();
        if let Some(before) = &before {
            let following = following(world.snapshot.view(Audience::Staff), before, &record)?;
            batch.extend(following.into_iter().map(|unit| {
                let expect = Expect::Version(unit.version);
                Write {
                    record: unit,
                    expect,
                }
            }));
        }
        let expect = before.map_or(Expect::Absent, |before| Expect::Version(before.version));
        batch.insert(0, Write { record, expect });
        let receipt = engine
            .commit(batch, &by, now())
            .map_err(|error| match error {
                EngineError::Register {
                    source:
                        StoreError::Conflict {
                            found: Some(found), ..
                        },
                } => taken(&found, &caller, engine.marker_step_deg()),
                other => other.into(),
            })?;
        receipt
            .records
            .into_iter()
            .next()
            .ok_or_else(|| ApiError::bad_request("nothing was to be written"))
    })
    .await
}

/// Held by an edit between the look whether its natural key is free and the taking of it.
static KEYS: Mutex<()> = Mutex::new(());

/// A marker's number, a project's number, an observation's uuid belong to one record.
fn require_free_key(
    view: View<'_>,
    caller: &Caller,
    before: Option<&Record>,
    after: &Record,
) -> ApiResult<()> {
    let key = after.collection.natural_key();
    let (Some(text), false) = (after.fields.text(key), matches!(key, "id" | "code")) else {
        return Ok(());
    };
    if before.is_some_and(|before| before.fields.text(key) == Some(text)) {
        return Ok(());
    }
    let holder = view
        .records(after.collection)
        .find(|other| other.id != after.id && other.fields.text(key) == Some(text));
    let Some(holder) = holder else {
        return Ok(());
    };
    let of_whom = if caller.allows(Action::ReadRestricted, holder) {
        format!("`{}` ({})", holder.key(), holder.status)
    } else {
        "another record".to_owned()
    };
    Err(ApiError::taken(
        &format!("/properties/{key}"),
        format!("`{text}` is that of {of_whom} already"),
    ))
}

/// Units whose polygons follow an edited line; a polygon that derives from lines is not edited
/// itself.
fn following(view: View<'_>, before: &Record, after: &Record) -> ApiResult<Vec<Record>> {
    let refuse = |detail: String| ApiError::status(StatusCode::CONFLICT, "shared-line", detail);
    match before.collection {
        Collection::Divisions
            if before.fields.text("geometry_state") == Some(FROM_LINES)
                && before.geometry != after.geometry =>
        {
            Err(refuse(
                "the polygon derives from shared lines; edit its lines instead".to_owned(),
            ))
        }
        Collection::Boundaries => follow_line(view, before, after).map_err(refuse),
        _ => Ok(Vec::new()),
    }
}

fn with_tag(mut response: Response, record: &Record, caller: &Caller) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&version_tag(record, caller)) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

fn stored(record: &Record, caller: &Caller) -> ApiResult<Response> {
    let document = feature(record, &Reference::parse("crs", None)?, None)?;
    let response = ([(CONTENT_TYPE, GEO_JSON)], document.to_string()).into_response();
    Ok(with_tag(response, record, caller))
}

/// A new item from a Feature; the id is taken from it, or made.
#[utoipa::path(post, path = "/ogc/collections/{collection}/items", tag = "features",
    params(("collection" = String, Path)), request_body(content = Object, content_type = "application/geo+json"),
    responses((status = 201, description = "stored; `Location` says where"),
        (status = 400, description = "not to be taken as it is", body = crate::Problem),
        (status = 401, description = "no token", body = crate::Problem), (status = 403, description = "not there", body = crate::Problem),
        (status = 409, description = "the id is taken", body = crate::Problem)))]
pub(crate) async fn create_item(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path(name): Path<String>,
    body: Bytes,
) -> ApiResult<Response> {
    let collection = known(&name, &caller)?;
    caller.known()?;
    let mut body = object(&body)?;
    to_stored(&mut body, &headers)?;
    let record = draft::from_feature(collection, &body).map_err(invalid)?;
    caller.require(Action::Write, &record)?;
    let made = commit(&app, &caller, None, record).await?;
    let base = app.base_url(&headers);
    let location = format!(
        "{base}/ogc/collections/{collection}/items/{}",
        encode(&made.id)
    );
    let mut response = (StatusCode::CREATED, stored(&made, &caller)?).into_response();
    if let Ok(value) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, value);
    }
    Ok(response)
}

/// Replaces an item by the Feature; `If-Match` names the version that was edited.
#[utoipa::path(put, path = "/ogc/collections/{collection}/items/{id}", tag = "features",
    params(("collection" = String, Path), ("id" = String, Path)), request_body(content = Object, content_type = "application/geo+json"),
    responses((status = 200, description = "stored", body = Object, content_type = "application/geo+json"),
        (status = 412, description = "it has a newer version, in `current`", body = crate::Problem),
        (status = 428, description = "no If-Match", body = crate::Problem)))]
pub(crate) async fn replace_item(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path((name, id)): Path<(String, String)>,
    body: Bytes,
) -> ApiResult<Response> {
    let collection = known(&name, &caller)?;
    let record = current(&app, &caller, collection, &id)?;
    caller.require(Action::Write, &record)?;
    require_version(&headers, &record)?;
    let mut body = object(&body)?;
    to_stored(&mut body, &headers)?;
    let next = draft::replacement(&record, &body).map_err(invalid)?;
    caller.require(Action::Write, &next)?;
    let made = commit(&app, &caller, Some(record), next).await?;
    stored(&made, &caller)
}

/// Changes an item by a merge patch (RFC 7396) of its Feature; null clears.
#[utoipa::path(patch, path = "/ogc/collections/{collection}/items/{id}", tag = "features",
    params(("collection" = String, Path), ("id" = String, Path)), request_body(content = Object, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "stored", body = Object, content_type = "application/geo+json"),
        (status = 412, description = "it has a newer version, in `current`", body = crate::Problem),
        (status = 428, description = "no If-Match", body = crate::Problem)))]
pub(crate) async fn update_item(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path((name, id)): Path<(String, String)>,
    body: Bytes,
) -> ApiResult<Response> {
    let collection = known(&name, &caller)?;
    let record = current(&app, &caller, collection, &id)?;
    caller.require(Action::Write, &record)?;
    require_version(&headers, &record)?;
    let mut body = object(&body)?;
    to_stored(&mut body, &headers)?;
    let next = draft::patched(&record, &body).map_err(invalid)?;
    caller.require(Action::Write, &next)?;
    let made = commit(&app, &caller, Some(record), next).await?;
    stored(&made, &caller)
}

/// Retires an item: it stays in the register, with today as its end.
#[utoipa::path(delete, path = "/ogc/collections/{collection}/items/{id}", tag = "features",
    params(("collection" = String, Path), ("id" = String, Path)),
    responses((status = 204, description = "retired"),
        (status = 412, description = "it has a newer version, in `current`", body = crate::Problem),
        (status = 428, description = "no If-Match", body = crate::Problem)))]
pub(crate) async fn retire_item(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path((name, id)): Path<(String, String)>,
) -> ApiResult<Response> {
    let collection = known(&name, &caller)?;
    let record = current(&app, &caller, collection, &id)?;
    caller.require(Action::Write, &record)?;
    require_version(&headers, &record)?;
    let mut next = record.clone();
    next.retire(now().day());
    commit(&app, &caller, Some(record), next).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
