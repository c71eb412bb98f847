//! Checks of the register, for those with a role.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use zhifang_check::{Options, Register, chosen, rules_json};
use zhifang_core::{Action, CodePrefix, Collection, Record, allows};
use zhifang_index::Audience;

use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::params::Params;
use crate::state::AppState;

/// Parameters of a check.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CheckQuery {
    /// The unit to check, and everything below it; the bound of the role when absent.
    within: Option<String>,
    /// Only these rules, with commas between.
    only: Option<String>,
    /// json or geojson.
    f: Option<String>,
}

/// What the rules find: heaviest first, the same ids on every run.
#[utoipa::path(get, path = "/v1/checks", tag = "boundary", params(CheckQuery),
    responses((status = 200, description = "findings", body = Object), (status = 403, description = "outside the role's division", body = crate::Problem),
        (status = 404, description = "not for the public", body = crate::Problem)))]
pub(crate) async fn run_check(
    State(app): State<AppState>,
    caller: Caller,
    Params(query): Params<CheckQuery>,
) -> ApiResult<Response> {
    caller.require_collection(Collection::Findings)?;
    let as_geojson = match query.f.as_deref() {
        None | Some("json") => false,
        Some("geojson") => true,
        Some(other) => {
            return Err(ApiError::parameter(
                "f",
                format!("`{other}`: wanted json or geojson"),
            ));
        }
    };
    let mut options = Options::on(zhifang_core::Timestamp::from(chrono::Utc::now()).day());
    options.only = query
        .only
        .iter()
        .flat_map(|only| only.split(','))
        .map(|rule| rule.trim().to_owned())
        .collect();
    chosen(&options.only).map_err(|error| ApiError::parameter("only", error.to_string()))?;
    options.within = scope(&caller, query.within.as_deref())?;
    let world = app.world()?;
    let task = move || {
        let view = world.snapshot.view(Audience::Staff);
        let records: Vec<&Record> = Collection::ALL
            .into_iter()
            .flat_map(|collection| view.records(collection))
            .collect();
        let register = Register::new(records.iter().copied(), options.day);
        let report = zhifang_check::check(&register, &options)
            .map_err(|error| ApiError::parameter("only", error.to_string()))?;
        let mut bytes = Vec::new();
        let (written, kind) = if as_geojson {
            (report.write_geojson(&mut bytes), "application/geo+json")
        } else {
            (report.write_json(&mut bytes), "application/json")
        };
        written.map_err(|error| ApiError::internal(&error))?;
        Ok((kind, bytes))
    };
    let (kind, bytes) = app.blocking(task).await?;
    Ok(([(CONTENT_TYPE, kind)], bytes).into_response())
}

/// The unit that is asked for, which must lie within the bound of the role.
fn scope(caller: &Caller, within: Option<&str>) -> ApiResult<Option<CodePrefix>> {
    let within: Option<CodePrefix> =
        within
            .map(str::parse)
            .transpose()
            .map_err(|error: zhifang_core::CodeError| {
                ApiError::parameter("within", error.to_string())
            })?;
    let unit = within.map(CodePrefix::unit);
    if allows(
        &caller.actor,
        Action::ReadRestricted,
        Collection::Findings,
        unit,
    ) {
        return Ok(within);
    }
    match (&caller.actor, within) {
        (
            zhifang_core::Actor::User {
                division: Some(bound),
                ..
            },
            None,
        ) => Ok(Some(*bound)),
        _ => Err(ApiError::forbidden(
            "the role's division does not reach that far",
        )),
    }
}

/// The rules with severity, tolerance and source.
#[utoipa::path(get, path = "/v1/checks/rules", tag = "boundary",
    responses((status = 200, description = "rules", body = Object), (status = 404, description = "not for the public", body = crate::Problem)))]
pub(crate) async fn list_rules(caller: Caller) -> ApiResult<Response> {
    caller.require_collection(Collection::Findings)?;
    let rules = chosen(&[]).map_err(|error| ApiError::internal(&error))?;
    let cards: Vec<_> = rules.iter().map(|rule| rule.card()).collect();
    Ok((
        [(CONTENT_TYPE, "application/json")],
        rules_json(&cards).to_string(),
    )
        .into_response())
}
