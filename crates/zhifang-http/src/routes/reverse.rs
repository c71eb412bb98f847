//! A position to what is here.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use zhifang_core::{Collection, Lang, Meters};
use zhifang_engine::batch::place_of;
use zhifang_engine::{DEFAULT_RADIUS_M, Here, ReverseQuery, reverse};

use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::limits::RADIUS_M;
use crate::params::Params;
use crate::routes::division::{parse_as_of, parse_known_at};
use crate::state::AppState;
use crate::visible::Visible;

/// Parameters of a reverse look-up.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Reverse {
    /// Longitude in degrees, or easting in metres of `crs`.
    lon: f64,
    /// Latitude in degrees, or northing in metres of `crs`.
    lat: f64,
    /// Coordinate system of the position; EPSG:4490 when absent.
    crs: Option<String>,
    /// Names within so many metres (2,000).
    radius: Option<f64>,
    /// What was valid on this day.
    as_of: Option<String>,
    /// What the register said at this instant.
    known_at: Option<String>,
    /// Language of the direction words: zh or en.
    lang: Option<String>,
}

/// The position as asked, and what is here.
#[derive(Debug, Serialize)]
pub(crate) struct ReverseAnswer {
    pub lon: f64,
    pub lat: f64,
    pub crs: String,
    #[serde(flatten)]
    pub here: Here,
}

pub(crate) fn parse_lang(text: Option<&str>) -> ApiResult<Lang> {
    text.map_or(Ok(Lang::Zh), str::parse)
        .map_err(|error: zhifang_core::LangError| ApiError::parameter("lang", error.to_string()))
}

/// What is here: units from the province down, nearest names, nearest line and marker.
#[utoipa::path(get, path = "/v1/reverse", tag = "search", params(Reverse),
    responses((status = 200, description = "what is here; empty lists outside", body = Object),
        (status = 400, description = "a parameter does not parse", body = crate::Problem)))]
pub(crate) async fn geocode_reverse(
    State(app): State<AppState>,
    caller: Caller,
    Params(query): Params<Reverse>,
) -> ApiResult<Json<ReverseAnswer>> {
    let radius = query.radius.unwrap_or(DEFAULT_RADIUS_M);
    if !(0.0..=RADIUS_M).contains(&radius) {
        return Err(ApiError::parameter(
            "radius",
            format!("wanted 0 to {RADIUS_M} metres"),
        ));
    }
    let (place, crs) = place_of(query.lon, query.lat, query.crs.as_deref()).map_err(|error| {
        ApiError::parameter(if query.crs.is_some() { "crs" } else { "lon" }, error)
    })?;
    let asked = ReverseQuery {
        place,
        radius: Meters(radius),
        day: parse_as_of(query.as_of.as_deref())?,
        lang: parse_lang(query.lang.as_deref())?,
    };
    let world = app
        .world_at(parse_known_at(query.known_at.as_deref())?)
        .await?;
    let visible = Visible::new(&world, &caller);
    let mut here = reverse(&world, visible.public(), &asked);
    // The stone itself is for those whose role reaches it.
    if caller.is_known()
        && let Some(marker) = reverse(&world, visible.widest(), &asked).marker
        && let Some(record) = visible.widest().record(Collection::Markers, &marker.id)
        && visible.reads_in_full(record)
    {
        here.marker = Some(marker);
    }
    Ok(Json(ReverseAnswer {
        lon: query.lon,
        lat: query.lat,
        crs: crs.to_string(),
        here,
    }))
}
