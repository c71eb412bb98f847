//! The boundary desk: lines, markers, disputes.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};
use zhifang_core::{Collection, Record};

use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::params::Params;
use crate::routes::division::TimeQuery;
use crate::state::AppState;
use crate::visible::Visible;

async fn find_feature(
    app: &AppState,
    caller: &Caller,
    collection: Collection,
    id: &str,
    times: &TimeQuery,
    add: impl Fn(&Visible<'_>, &Record) -> Vec<(&'static str, Value)>,
) -> ApiResult<Json<Value>> {
    caller.require_collection(collection)?;
    let as_of = times.as_of()?;
    let world = app.world_at(times.known_at()?).await?;
    let visible = Visible::new(&world, caller);
    let record = visible
        .record(collection, id)
        .filter(|record| as_of.is_none_or(|day| record.is_valid_on(day)))
        .ok_or_else(|| ApiError::not_found(format!("`{collection}/{id}`")))?;
    let mut feature = record.to_feature();
    if let Some(map) = feature.as_object_mut() {
        for (name, value) in add(&visible, record) {
            map.insert(name.to_owned(), value);
        }
    }
    Ok(Json(feature))
}

fn features_that(
    visible: &Visible<'_>,
    collection: Collection,
    field: &str,
    id: &str,
) -> Vec<Value> {
    visible
        .merge(|view| view.records(collection).collect())
        .into_iter()
        .filter(|record| record.fields.text(field) == Some(id))
        .map(Record::to_feature)
        .collect()
}

/// One boundary line with its markers, as a GeoJSON Feature with foreign members.
#[utoipa::path(get, path = "/v1/boundaries/{id}", tag = "boundary",
    params(("id" = String, Path, description = "line code"), TimeQuery),
    responses((status = 200, description = "the line", body = Object), (status = 404, description = "no such line", body = crate::Problem)))]
pub(crate) async fn find_boundary(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Params(times): Params<TimeQuery>,
) -> ApiResult<Json<Value>> {
    find_feature(
        &app,
        &caller,
        Collection::Boundaries,
        &id,
        &times,
        |visible, line| {
            let length = line.geometry.as_deref().and_then(zhifang_engine::length_m);
            vec![
                ("length_m", json!(length)),
                (
                    "markers",
                    Value::from(features_that(visible, Collection::Markers, "boundary", &id)),
                ),
            ]
        },
    )
    .await
}

/// One boundary marker; the position is rounded for the public.
#[utoipa::path(get, path = "/v1/markers/{id}", tag = "boundary",
    params(("id" = String, Path, description = "identifier or number"), TimeQuery),
    responses((status = 200, description = "the marker", body = Object), (status = 404, description = "no such marker", body = crate::Problem)))]
pub(crate) async fn find_marker(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Params(times): Params<TimeQuery>,
) -> ApiResult<Json<Value>> {
    let world = app.world()?;
    let by_number = Visible::new(&world, &caller)
        .merge(|view| view.records(Collection::Markers).collect())
        .into_iter()
        .find(|marker| {
            &*marker.id == id.as_str() || marker.fields.text("number") == Some(id.as_str())
        })
        .map(|marker| marker.id.to_string());
    drop(world);
    let id = by_number.unwrap_or(id);
    find_feature(
        &app,
        &caller,
        Collection::Markers,
        &id,
        &times,
        |visible, _| {
            if caller.is_known() {
                vec![(
                    "observations",
                    Value::from(features_that(
                        visible,
                        Collection::Observations,
                        "marker",
                        &id,
                    )),
                )]
            } else {
                Vec::new()
            }
        },
    )
    .await
}

/// All disputes that the caller may see, as a GeoJSON FeatureCollection.
#[utoipa::path(get, path = "/v1/disputes", tag = "boundary",
    responses((status = 200, description = "disputes", body = Object), (status = 404, description = "not for the public", body = crate::Problem)))]
pub(crate) async fn list_disputes(
    State(app): State<AppState>,
    caller: Caller,
) -> ApiResult<Json<Value>> {
    list(&app, &caller, Collection::Disputes)
}

/// One dispute with its claims.
#[utoipa::path(get, path = "/v1/disputes/{id}", tag = "boundary",
    params(("id" = String, Path, description = "identifier"), TimeQuery),
    responses((status = 200, description = "the dispute", body = Object), (status = 404, description = "no such dispute", body = crate::Problem)))]
pub(crate) async fn find_dispute(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Params(times): Params<TimeQuery>,
) -> ApiResult<Json<Value>> {
    find_feature(
        &app,
        &caller,
        Collection::Disputes,
        &id,
        &times,
        |visible, _| {
            vec![(
                "claims",
                Value::from(features_that(visible, Collection::Claims, "dispute", &id)),
            )]
        },
    )
    .await
}

/// Every record of a collection that the caller may see.
pub(crate) fn list(
    app: &AppState,
    caller: &Caller,
    collection: Collection,
) -> ApiResult<Json<Value>> {
    caller.require_collection(collection)?;
    let world = app.world()?;
    let visible = Visible::new(&world, caller);
    let features: Vec<Value> = visible
        .merge(|view| view.records(collection).collect())
        .into_iter()
        .map(Record::to_feature)
        .collect();
    Ok(Json(
        json!({ "type": "FeatureCollection", "features": features }),
    ))
}
