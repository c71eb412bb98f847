//! Checks of the register, for those with a role.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa::IntoParams;
use zhifang_check::{
    Decision, DecisionError, Finding, Options, Register, RepairError, Report, changes, chosen,
    decided, find, repair, rules_json,
};
use zhifang_core::{Action, CodePrefix, Collection, Day, DivisionCode, Record, Timestamp, allows};
use zhifang_engine::{EngineError, World};
use zhifang_index::Audience;
use zhifang_store::{Expect, StoreError, Write};

use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::params::Params;
use crate::state::AppState;

const JSON: &str = "application/json";
const GEO_JSON: &str = "application/geo+json";

/// How often findings are worked out anew when somebody else wrote in between.
const ATTEMPTS: usize = 8;

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

/// Parameters of a check whose findings are kept.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SaveQuery {
    /// The unit to check, and everything below it; the bound of the role when absent.
    within: Option<String>,
    /// Only these rules, with commas between.
    only: Option<String>,
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
    let options = options(&caller, query.within.as_deref(), query.only.as_deref())?;
    let world = app.world()?;
    let task = move || {
        let register = register(&world, options.day);
        let report = check(&register, &options)?;
        let mut bytes = Vec::new();
        let written = if as_geojson {
            report.write_geojson(&mut bytes)
        } else {
            report.write_json(&mut bytes)
        };
        written.map_err(|error| ApiError::internal(&error))?;
        Ok((bytes, if as_geojson { GEO_JSON } else { JSON }))
    };
    let (bytes, kind) = app.blocking(task).await?;
    Ok(([(CONTENT_TYPE, kind)], bytes).into_response())
}

pub(super) fn now() -> Timestamp {
    chrono::Utc::now().into()
}

fn options(caller: &Caller, within: Option<&str>, only: Option<&str>) -> ApiResult<Options> {
    let mut options = Options::on(now().day());
    options.only = only
        .iter()
        .flat_map(|only| only.split(','))
        .map(|rule| rule.trim().to_owned())
        .collect();
    chosen(&options.only).map_err(|error| ApiError::parameter("only", error.to_string()))?;
    options.within = scope(caller, within)?;
    Ok(options)
}

fn check(register: &Register<'_>, options: &Options) -> ApiResult<Report> {
    zhifang_check::check(register, options)
        .map_err(|error| ApiError::parameter("only", error.to_string()))
}

/// Every record as staff see it.
pub(super) fn register(world: &World, day: Day) -> Register<'_> {
    let view = world.snapshot.view(Audience::Staff);
    let records = Collection::ALL
        .into_iter()
        .flat_map(|collection| view.records(collection));
    Register::new(records, day)
}

/// Works records out from the newest world and stores them, expecting each as it was read; on a
/// register that moved on meanwhile, again.
pub(super) fn store<T>(
    app: &AppState,
    by: &str,
    day: Day,
    work: impl Fn(&Register<'_>) -> ApiResult<(T, Vec<Record>)>,
) -> ApiResult<(T, Vec<Record>)> {
    let engine = app.engine();
    let mut attempt = 1;
    loop {
        engine.refresh()?;
        let world = app.world()?;
        let (answer, records) = work(&register(&world, day))?;
        if records.is_empty() {
            return Ok((answer, records));
        }
        let write = |record: Record| Write {
            expect: match record.version {
                0 => Expect::Absent,
                version => Expect::Version(version),
            },
            record,
        };
        match engine.commit(records.into_iter().map(write).collect(), by, now()) {
            Ok(receipt) => return Ok((answer, receipt.records)),
            Err(EngineError::Register {
                source: StoreError::Conflict { .. },
            }) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Runs the check and keeps what it finds in the collection `findings`, with what was decided
/// about it before.
#[utoipa::path(post, path = "/v1/checks", tag = "boundary", params(SaveQuery),
    responses((status = 200, description = "the summary, and how many findings were written", body = Object),
        (status = 403, description = "not an editor, or outside the role's division", body = crate::Problem),
        (status = 404, description = "not for the public", body = crate::Problem)))]
pub(crate) async fn save_check(
    State(app): State<AppState>,
    caller: Caller,
    Params(query): Params<SaveQuery>,
) -> ApiResult<Json<Value>> {
    caller.require_collection(Collection::Findings)?;
    let options = options(&caller, query.within.as_deref(), query.only.as_deref())?;
    let unit = options.within.map(CodePrefix::unit);
    if !allows(&caller.actor, Action::Write, Collection::Findings, unit) {
        return Err(ApiError::forbidden(
            "this needs the role of an editor there",
        ));
    }
    let desk = app.clone();
    let by = caller.actor.name().to_owned();
    let task = move || {
        let (summary, written) = store(&desk, &by, options.day, |register| {
            let report = check(register, &options)?;
            let records = changes(&report, register, &options, &by);
            Ok((report.summary(), records))
        })?;
        Ok(json!({"summary": summary, "written": written.len()}))
    };
    Ok(Json(app.blocking(task).await?))
}

/// What is said about a finding; an address takes its own members only.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Confirmation {
    note: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Acceptance {
    reason: String,
    until: Option<Day>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RepairOrder {
    side: Option<DivisionCode>,
    dry_run: bool,
}

pub(super) fn said<T: Default + DeserializeOwned>(body: &Bytes) -> ApiResult<T> {
    if body.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(body).map_err(|error| {
        ApiError::bad_request(format!("the body does not say what is decided: {error}"))
    })
}

/// The finding of today with an id.
fn finding(register: &Register<'_>, options: &Options, id: &str) -> ApiResult<Finding> {
    find(register, options, id)
        .ok_or_else(|| ApiError::not_found(format!("`findings/{id}`, by a check of today,")))
}

/// Stores a decision and answers with the finding as it then stands. A review needs a role that
/// reaches every unit concerned, anything else one of them.
async fn decide(
    app: AppState,
    caller: Caller,
    id: String,
    action: Action,
    decision: Decision,
) -> ApiResult<Json<Value>> {
    let desk = app.clone();
    let task = move || {
        let options = Options::on(now().day());
        let by = caller.actor.name();
        let ((), records) = store(&desk, by, options.day, |register| {
            let finding = finding(register, &options, &id)?;
            let units = finding.units(register);
            let may = |unit| allows(&caller.actor, action, Collection::Findings, unit);
            let mut each = units.iter().map(|unit| may(Some(*unit)));
            let is_allowed = if units.is_empty() {
                may(None)
            } else if action == Action::Review {
                each.all(|may| may)
            } else {
                each.any(|may| may)
            };
            if !is_allowed {
                let units: Vec<String> = units.iter().map(ToString::to_string).collect();
                return Err(ApiError::forbidden(format!(
                    "`{by}` may not decide this: the finding concerns {}",
                    units.join(", ")
                )));
            }
            let record = decided(&finding, register, &decision, options.day, by).map_err(
                |error| match error {
                    DecisionError::NoReason => ApiError::parameter("/reason", error.to_string()),
                    _ => ApiError::parameter("/until", error.to_string()),
                },
            )?;
            Ok(((), vec![record]))
        })?;
        Ok(records.first().map_or(Value::Null, Record::to_feature))
    };
    Ok(Json(app.blocking(task).await?))
}

/// An editor of one of the units says that the finding is so. Body: `{"note": "…"}`, or none.
#[utoipa::path(post, path = "/v1/checks/{id}/confirm", tag = "boundary",
    params(("id" = String, Path, description = "id of the finding")),
    request_body(content = Object, content_type = "application/json"),
    responses((status = 200, description = "the finding as it stands", body = Object),
        (status = 400, description = "another member than `note`", body = crate::Problem),
        (status = 403, description = "not an editor, or outside the role's division", body = crate::Problem),
        (status = 404, description = "not found by a check of today, or not for the public", body = crate::Problem)))]
pub(crate) async fn confirm_finding(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> ApiResult<Json<Value>> {
    caller.require_collection(Collection::Findings)?;
    let Confirmation { note } = said(&body)?;
    let decision = Decision::Confirm { note };
    decide(app, caller, id, Action::Write, decision).await
}

/// A reviewer whose division holds every unit concerned lets the finding stay: one side alone
/// does not. Body: `{"reason": "…", "until": "2027-01-01"}`; without `until` for good.
#[utoipa::path(post, path = "/v1/checks/{id}/accept", tag = "boundary",
    params(("id" = String, Path, description = "id of the finding")),
    request_body(content = Object, content_type = "application/json"),
    responses((status = 200, description = "the finding as it stands", body = Object),
        (status = 400, description = "no reason, or a day that is over", body = crate::Problem),
        (status = 403, description = "not a reviewer, or not of all units concerned", body = crate::Problem),
        (status = 404, description = "not found by a check of today, or not for the public", body = crate::Problem)))]
pub(crate) async fn accept_finding(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> ApiResult<Json<Value>> {
    caller.require_collection(Collection::Findings)?;
    let Acceptance { reason, until } = said(&body)?;
    let decision = Decision::Accept { reason, until };
    decide(app, caller, id, Action::Review, decision).await
}

/// Repairs a finding at the side of one unit, and changes nothing else; what the repair rests on
/// must still stand when it is stored. Body: `{"side": "420682", "dry_run": true}`.
#[utoipa::path(post, path = "/v1/checks/{id}/repair", tag = "boundary",
    params(("id" = String, Path, description = "id of the finding")),
    request_body(content = Object, content_type = "application/json"),
    responses((status = 200, description = "the unit as it is then, and what it wins in m²", body = Object),
        (status = 400, description = "no side", body = crate::Problem),
        (status = 403, description = "not an editor of the side", body = crate::Problem),
        (status = 404, description = "not found by a check of today, or not for the public", body = crate::Problem),
        (status = 409, description = "the place cannot be repaired at that side", body = crate::Problem)))]
pub(crate) async fn repair_finding(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> ApiResult<Json<Value>> {
    caller.require_collection(Collection::Findings)?;
    let RepairOrder { side, dry_run } = said(&body)?;
    let side = side
        .ok_or_else(|| ApiError::parameter("/side", "wanted the code of the unit that changes"))?;
    let desk = app.clone();
    let task = move || {
        let options = Options::on(now().day());
        let by = caller.actor.name();
        let ((won_m2, unit), records) = store(&desk, by, options.day, |register| {
            let unit = register
                .unit(side)
                .ok_or_else(|| ApiError::not_found(format!("`divisions/{side}`")))?;
            caller.require(Action::Write, unit)?;
            let done = repair(register, &options, &id, side).map_err(|error| match error {
                RepairError::UnknownFinding { .. } => {
                    ApiError::not_found(format!("`findings/{id}`, by a check of today,"))
                }
                other => ApiError::status(StatusCode::CONFLICT, "not-repaired", other.to_string()),
            })?;
            let unit = done.after.to_feature();
            if dry_run {
                return Ok(((done.won_m2, unit), Vec::new()));
            }
            let note = format!("{side} {:+.1} m²", done.won_m2);
            let decision = Decision::Repair { note };
            let told = decided(&done.finding, register, &decision, options.day, by)
                .map_err(|error| ApiError::bad_request(error.to_string()))?;
            let mut records = vec![done.after, told];
            // Written as they are: where another changed one meanwhile, the repair is made anew.
            records.extend(done.others);
            Ok(((done.won_m2, unit), records))
        })?;
        let unit = records.first().map_or(unit, Record::to_feature);
        Ok(json!({"won_m2": won_m2, "dry_run": dry_run, "unit": unit}))
    };
    Ok(Json(app.blocking(task).await?))
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
