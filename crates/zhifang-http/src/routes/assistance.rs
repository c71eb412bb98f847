//! The assistance map: nearest services, coverage of the plan, gaps, reach, siting, horizon.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use zhifang_assist::{
    AssistError, Coverage, CoverageQuery, FacilityKind, Gaps, GapsQuery, Horizon, HorizonQuery,
    Limit, Mode, Nearest, NearestQuery, NeedAssumptions, Plan, Reach, ReachOrigin, ReachQuery,
    Site, SiteModel, SiteQuery,
};
use zhifang_core::{CodePrefix, Day, LonLat, Timestamp};
use zhifang_index::View;

use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::limits::NEAREST_RESULTS;
use crate::params::Params;
use crate::routes::division::parse_as_of;
use crate::routes::reverse::parse_lang;
use crate::state::AppState;
use crate::visible::Visible;

/// Every path of the assistance map.
pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(find_nearest))
        .routes(routes!(read_coverage))
        .routes(routes!(list_gaps))
        .routes(routes!(draw_reach))
        .routes(routes!(choose_sites))
        .routes(routes!(read_horizon))
}

/// Parameters of the nearest services.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct NearestParams {
    /// Longitude, degrees.
    lon: f64,
    /// Latitude, degrees.
    lat: f64,
    /// Kind of service or cemetery, e.g. `day_care`; all services when absent.
    kind: Option<String>,
    /// Services at most (5, up to 100).
    limit: Option<usize>,
    /// Only what is open at this time: RFC 3339.
    open_at: Option<String>,
    /// walk (4.5 km/h), elder (3.6 km/h), ebike (15 km/h), drive, or line; walk when absent.
    mode: Option<String>,
    /// Language of the kinds' titles: zh or en.
    lang: Option<String>,
}

/// Parameters of the plan's indicators.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CoverageParams {
    /// The unit: any prefix of 2, 4, 6, 9 or 12 digits.
    within: String,
    /// One indicator: its number in the plan, its id, or a part of its wording.
    indicator: Option<String>,
    /// The day; today when absent.
    as_of: Option<String>,
}

/// Parameters of the service gaps.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct GapsParams {
    /// The unit: any prefix of 2, 4, 6, 9 or 12 digits.
    within: String,
    /// Kind of service or cemetery.
    kind: String,
    /// What counts as in reach, minutes; or `metres`.
    minutes: Option<f64>,
    /// What counts as in reach, metres of the way; or `minutes`.
    metres: Option<f64>,
    /// walk, elder, ebike, drive or line; walk when absent.
    mode: Option<String>,
    /// The day; today when absent.
    as_of: Option<String>,
}

/// Parameters of a reach.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReachParams {
    /// A service, cemetery, name or division to start from; or `lon` and `lat`.
    id: Option<String>,
    /// Longitude of the start, degrees.
    lon: Option<f64>,
    /// Latitude of the start, degrees.
    lat: Option<f64>,
    /// How long, minutes (15, up to 120); the exact minute counts.
    minutes: Option<f64>,
    /// walk, elder, ebike, drive or line; walk when absent.
    mode: Option<String>,
    /// The day; today when absent.
    as_of: Option<String>,
}

/// Parameters of siting.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SiteParams {
    /// The unit: any prefix of 2, 4, 6, 9 or 12 digits.
    within: String,
    /// Kind of service or cemetery; those that stand are kept.
    kind: String,
    /// How many new ones (1, up to 200); `lscp` finds the number itself.
    count: Option<usize>,
    /// mclp, p-median, p-center or lscp; mclp when absent.
    model: Option<String>,
    /// Reach in metres; or `minutes`. The covering models need one of the two.
    metres: Option<f64>,
    /// Reach in minutes; or `metres`.
    minutes: Option<f64>,
    /// walk, elder, ebike, drive or line; walk when absent.
    mode: Option<String>,
    /// The day; today when absent.
    as_of: Option<String>,
}

/// Parameters of the cemetery horizon.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HorizonParams {
    /// The unit: any prefix of 2, 4, 6, 9 or 12 digits.
    within: String,
    /// Deaths a year per thousand people (6.1).
    deaths_per_thousand: Option<f64>,
    /// Cremations per hundred deaths (95).
    cremation_percent: Option<f64>,
    /// Share of the urns that go to public cemeteries, percent (50).
    share_percent: Option<f64>,
    /// The day; today when absent.
    as_of: Option<String>,
}

fn fault(error: &AssistError) -> ApiError {
    let name = match error {
        AssistError::Kind { .. } => "kind",
        AssistError::Mode { .. } => "mode",
        AssistError::Model { .. } => "model",
        AssistError::Range { name, .. } => name,
        AssistError::Unit { .. } | AssistError::TooMany { .. } => "within",
        AssistError::Origin { id } => return ApiError::not_found(format!("`{id}`")),
        AssistError::Indicator { .. } => "indicator",
        other => return ApiError::internal(other),
    };
    ApiError::parameter(name, error.to_string())
}

fn parse<T: std::str::FromStr<Err = AssistError>>(text: &str) -> ApiResult<T> {
    text.parse().map_err(|error: AssistError| fault(&error))
}

fn parse_mode(text: Option<&str>) -> ApiResult<Mode> {
    text.map_or(Ok(Mode::default()), parse)
}

fn parse_within(text: &str) -> ApiResult<CodePrefix> {
    text.parse()
        .map_err(|error: zhifang_core::CodeError| ApiError::parameter("within", error.to_string()))
}

fn parse_place(lon: f64, lat: f64) -> ApiResult<LonLat> {
    LonLat::try_new(lon, lat).map_err(|error| {
        let name = if (-180.0..=180.0).contains(&lon) {
            "lat"
        } else {
            "lon"
        };
        ApiError::parameter(name, error.to_string())
    })
}

fn parse_limit(minutes: Option<f64>, metres: Option<f64>) -> ApiResult<Option<Limit>> {
    let limit = match (minutes, metres) {
        (Some(_), Some(_)) => {
            return Err(ApiError::parameter(
                "metres",
                "stands beside `minutes`; wanted one of them",
            ));
        }
        (Some(minutes), None) => Limit::Minutes(minutes),
        (None, Some(metres)) => Limit::Metres(metres),
        (None, None) => return Ok(None),
    };
    limit.checked().map(Some).map_err(|error| fault(&error))
}

fn now() -> Timestamp {
    chrono::Utc::now().into()
}

fn day_of(as_of: Option<&str>) -> ApiResult<Day> {
    Ok(parse_as_of(as_of)?.unwrap_or_else(|| now().day()))
}

/// Asks the room off the request threads, of what the caller may see.
async fn answer<T: Serialize + Send + 'static>(
    app: &AppState,
    caller: Caller,
    ask: impl FnOnce(&View<'_>) -> Result<T, AssistError> + Send + 'static,
) -> ApiResult<Json<T>> {
    let world = app.world()?;
    app.blocking(move || {
        let view = Visible::new(&world, &caller).widest();
        ask(&view).map(Json).map_err(|error| fault(&error))
    })
    .await
}

/// The nearest services: telephone, hours, open now, the way there, links into map apps each in
/// its own datum. What cannot be reached has null for a distance.
#[utoipa::path(get, path = "/v1/assistance/nearest", tag = "assistance", params(NearestParams),
    responses((status = 200, description = "hotlines, and services nearest first", body = Object),
        (status = 400, description = "a parameter does not parse", body = crate::Problem)))]
async fn find_nearest(
    State(app): State<AppState>,
    caller: Caller,
    Params(asked): Params<NearestParams>,
) -> ApiResult<Json<Nearest>> {
    let limit = asked.limit.unwrap_or(5);
    if !(1..=NEAREST_RESULTS).contains(&limit) {
        return Err(ApiError::parameter(
            "limit",
            format!("wanted 1 to {NEAREST_RESULTS}"),
        ));
    }
    // To the minute, as opening hours are: within one the answer and its tag stay the same.
    let minute = Timestamp::from_micros(now().micros() / 60_000_000 * 60_000_000);
    // `+` of a zone arrives as a space when the client did not encode it.
    let open_at = asked
        .open_at
        .map(|text| text.replace(' ', "+").parse::<Timestamp>())
        .transpose();
    let query = NearestQuery {
        kind: asked
            .kind
            .as_deref()
            .map(parse::<FacilityKind>)
            .transpose()?,
        limit,
        open_at: open_at.map_err(|error| ApiError::parameter("open_at", error.to_string()))?,
        mode: parse_mode(asked.mode.as_deref())?,
        lang: parse_lang(asked.lang.as_deref())?,
        ..NearestQuery::new(parse_place(asked.lon, asked.lat)?, minute)
    };
    answer(&app, caller, move |view| {
        Ok(zhifang_assist::nearest(view, &query))
    })
    .await
}

/// The plan's indicators, stated and computed: numerator, denominator with its named set, day,
/// records that lack a field, what is still to be built, by township.
#[utoipa::path(get, path = "/v1/assistance/coverage", tag = "assistance", params(CoverageParams),
    responses((status = 200, description = "the indicators", body = Object),
        (status = 400, description = "a parameter does not parse", body = crate::Problem)))]
async fn read_coverage(
    State(app): State<AppState>,
    caller: Caller,
    Params(asked): Params<CoverageParams>,
) -> ApiResult<Json<Coverage>> {
    let query = CoverageQuery {
        within: parse_within(&asked.within)?,
        indicator: asked.indicator,
        day: day_of(asked.as_of.as_deref())?,
    };
    answer(&app, caller, move |view| {
        zhifang_assist::coverage(view, &query, &Plan::laohekou())
    })
    .await
}

/// Settlements without a service of the kind within the limit, most people first.
#[utoipa::path(get, path = "/v1/assistance/gaps", tag = "assistance", params(GapsParams),
    responses((status = 200, description = "the gaps", body = Object),
        (status = 400, description = "a parameter does not parse", body = crate::Problem)))]
async fn list_gaps(
    State(app): State<AppState>,
    caller: Caller,
    Params(asked): Params<GapsParams>,
) -> ApiResult<Json<Gaps>> {
    let limit = parse_limit(asked.minutes, asked.metres)?.ok_or_else(|| {
        ApiError::parameter("minutes", "is missing, and so is `metres`; wanted one")
    })?;
    let query = GapsQuery {
        within: parse_within(&asked.within)?,
        kind: parse(&asked.kind)?,
        limit,
        mode: parse_mode(asked.mode.as_deref())?,
        day: day_of(asked.as_of.as_deref())?,
    };
    answer(&app, caller, move |view| zhifang_assist::gaps(view, &query)).await
}

/// What can be reached in some minutes, as a GeoJSON Feature, with the people who live there.
#[utoipa::path(get, path = "/v1/assistance/reach", tag = "assistance", params(ReachParams),
    responses((status = 200, description = "GeoJSON Feature", body = Object),
        (status = 400, description = "a parameter does not parse", body = crate::Problem),
        (status = 404, description = "no such record with a place", body = crate::Problem)))]
async fn draw_reach(
    State(app): State<AppState>,
    caller: Caller,
    Params(asked): Params<ReachParams>,
) -> ApiResult<Json<Reach>> {
    let origin = match (asked.id, asked.lon, asked.lat) {
        (Some(id), None, None) => ReachOrigin::Id(id),
        (None, Some(lon), Some(lat)) => ReachOrigin::Place(parse_place(lon, lat)?),
        (Some(_), ..) => {
            return Err(ApiError::parameter(
                "id",
                "stands beside `lon` or `lat`; wanted one of them",
            ));
        }
        (None, Some(_), None) => return Err(ApiError::parameter("lat", "is missing beside `lon`")),
        (None, None, Some(_)) => return Err(ApiError::parameter("lon", "is missing beside `lat`")),
        (None, None, None) => {
            return Err(ApiError::parameter(
                "id",
                "is missing, and so are `lon` and `lat`",
            ));
        }
    };
    let query = ReachQuery {
        origin,
        minutes: asked.minutes.unwrap_or(15.0),
        mode: parse_mode(asked.mode.as_deref())?,
        day: day_of(asked.as_of.as_deref())?,
    };
    answer(&app, caller, move |view| {
        zhifang_assist::reach(view, &query)
    })
    .await
}

/// Where the next services should go: those that stand are kept, the choice is proven to be the
/// best or its distance to the bound is stated.
#[utoipa::path(get, path = "/v1/assistance/site", tag = "assistance", params(SiteParams),
    responses((status = 200, description = "the chosen sites with bound and proof", body = Object),
        (status = 400, description = "a parameter does not parse", body = crate::Problem)))]
async fn choose_sites(
    State(app): State<AppState>,
    caller: Caller,
    Params(asked): Params<SiteParams>,
) -> ApiResult<Json<Site>> {
    let query = SiteQuery {
        within: parse_within(&asked.within)?,
        kind: parse(&asked.kind)?,
        count: asked.count.unwrap_or(1),
        model: asked
            .model
            .as_deref()
            .map_or(Ok(SiteModel::default()), parse)?,
        limit: parse_limit(asked.minutes, asked.metres)?,
        mode: parse_mode(asked.mode.as_deref())?,
        day: day_of(asked.as_of.as_deref())?,
    };
    answer(&app, caller, move |view| zhifang_assist::site(view, &query)).await
}

/// How long cemeteries last, by cemetery, township and unit, under several scenarios, against
/// the lines of 20 and 30 years.
#[utoipa::path(get, path = "/v1/assistance/horizon", tag = "assistance", params(HorizonParams),
    responses((status = 200, description = "years left and ground wanted", body = Object),
        (status = 400, description = "a parameter does not parse", body = crate::Problem)))]
async fn read_horizon(
    State(app): State<AppState>,
    caller: Caller,
    Params(asked): Params<HorizonParams>,
) -> ApiResult<Json<Horizon>> {
    let usual = NeedAssumptions::default();
    let query = HorizonQuery {
        within: parse_within(&asked.within)?,
        day: day_of(asked.as_of.as_deref())?,
        assumptions: NeedAssumptions {
            deaths_per_thousand: asked
                .deaths_per_thousand
                .unwrap_or(usual.deaths_per_thousand),
            cremation_percent: asked.cremation_percent.unwrap_or(usual.cremation_percent),
            share_percent: asked.share_percent.unwrap_or(usual.share_percent),
            stated: Plan::laohekou().stated_cremations(),
            ..usual
        },
    };
    answer(&app, caller, move |view| {
        zhifang_assist::horizon(view, &query)
    })
    .await
}
