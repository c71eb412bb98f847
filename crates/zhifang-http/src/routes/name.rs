//! A register entry of a standard place name.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;
use zhifang_core::Collection;

use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::params::Params;
use crate::routes::division::TimeQuery;
use crate::state::AppState;
use crate::visible::Visible;

/// One standard name with its signs, as a GeoJSON Feature.
#[utoipa::path(get, path = "/v1/names/{id}", tag = "register",
    params(("id" = String, Path, description = "identifier of the entry"), TimeQuery),
    responses((status = 200, description = "the entry", body = Object), (status = 404, description = "no such name", body = crate::Problem)))]
pub(crate) async fn find_name(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Params(times): Params<TimeQuery>,
) -> ApiResult<Json<Value>> {
    let as_of = times.as_of()?;
    let world = app.world_at(times.known_at()?).await?;
    let visible = Visible::new(&world, &caller);
    let missing = || ApiError::not_found(format!("name `{id}`"));
    let record = visible.record(Collection::Names, &id).ok_or_else(missing)?;
    if as_of.is_some_and(|day| !record.is_valid_on(day)) {
        return Err(missing());
    }
    let mut feature = record.to_feature();
    let signs: Vec<Value> = visible
        .merge(|view| view.records(Collection::Signs).collect())
        .into_iter()
        .filter(|sign| sign.fields.text("name_id") == Some(id.as_str()))
        .map(zhifang_core::Record::to_feature)
        .collect();
    if let Some(map) = feature.as_object_mut() {
        map.insert("signs".to_owned(), Value::from(signs));
    }
    Ok(Json(feature))
}
