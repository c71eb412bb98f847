//! A register entry of a standard place name, and the statutory check of a name.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;
use zhifang_core::{Collection, LonLat};
use zhifang_names::{Measures, Question, Verdict};

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

/// A name that is to be checked.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NameCheckQuery {
    /// The whole name, e.g. 友谊路.
    name: String,
    /// The unit in which it lies or will lie.
    within: String,
    /// 1 to 8, or natural, division, village, park, street, building, facility, other.
    category: String,
    /// Class code, GB/T 18521.
    class_code: Option<String>,
    /// Roman spelling to compare with the rule.
    pinyin: Option<String>,
    /// Longitude of the place.
    lon: Option<f64>,
    /// Latitude of the place.
    lat: Option<f64>,
    /// Length, metres.
    length_m: Option<f64>,
    /// Width, metres.
    width_m: Option<f64>,
    /// Area, square metres.
    area_m2: Option<f64>,
    /// Storeys.
    storeys: Option<f64>,
    /// The entry that bears the name, or is to be renamed to it.
    id: Option<String>,
}

/// The statutory check of a name: what each rule finds, on which evidence, and how to mend it.
/// Without a token names are compared with the public register only.
#[utoipa::path(get, path = "/v1/names/check", tag = "register", params(NameCheckQuery),
    responses((status = 200, description = "the verdict; `findings` is empty when nothing was found", body = Object),
        (status = 400, description = "the name, the unit or the category cannot be understood", body = crate::Problem)))]
pub(crate) async fn check_name(
    State(app): State<AppState>,
    caller: Caller,
    Params(query): Params<NameCheckQuery>,
) -> ApiResult<Json<Verdict>> {
    let category = query
        .category
        .parse()
        .map_err(|error: zhifang_names::Error| {
            ApiError::parameter("category", error.to_string())
        })?;
    let within = query
        .within
        .parse()
        .map_err(|error: zhifang_core::CodeError| {
            ApiError::parameter("within", error.to_string())
        })?;
    let today = zhifang_core::Timestamp::from(chrono::Utc::now()).day();
    let mut question = Question::new(&query.name, category, within, today);
    question.place = match (query.lon, query.lat) {
        (None, None) => None,
        (Some(lon), Some(lat)) => Some(
            LonLat::try_new(lon, lat)
                .map_err(|error| ApiError::parameter("lon", error.to_string()))?,
        ),
        _ => {
            return Err(ApiError::parameter(
                "lon",
                "`lon` and `lat` belong together",
            ));
        }
    };
    question.class_code = query.class_code;
    question.pinyin = query.pinyin;
    question.own = query.id;
    question.measures = Measures {
        length_m: query.length_m,
        width_m: query.width_m,
        area_m2: query.area_m2,
        storeys: query.storeys,
    };
    let world = app.world()?;
    let desk = app.clone();
    let verdict = app
        .blocking(move || {
            let visible = Visible::new(&world, &caller);
            let see = move |collection: Collection, id: &str| visible.record(collection, id);
            Ok(desk
                .naming()
                .check(&world, caller.audience(), &see, &question)?)
        })
        .await?;
    Ok(Json(verdict))
}
