//! The dispute desk: the dossier, evidence, steps; and the markers of a line in their order.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use zhifang_check::{DeskError, Step, StepSaid, dossier, stepped, with_evidence};
use zhifang_core::{Action, Collection, Day, DivisionCode, Record, allows};
use zhifang_markers::{MarkerError, Patterns, Series};

use super::check::{now, register, said, store};
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::state::AppState;
use crate::visible::Visible;

impl From<DeskError> for ApiError {
    fn from(error: DeskError) -> Self {
        let sentence = error.to_string();
        match error {
            DeskError::Unknown { collection, id } => {
                Self::not_found(format!("`{collection}/{id}`"))
            }
            DeskError::Kind { .. } => Self::parameter("/kind", sentence),
            DeskError::Missing { field, .. } => Self::parameter(&format!("/{field}"), sentence),
            DeskError::When { .. } => Self::parameter("/on", sentence),
            _ => Self::status(StatusCode::CONFLICT, "dispute-desk", sentence),
        }
    }
}

/// All that is known of a dispute: claims with their evidence by article, what they differ by,
/// what lies on the disputed ground and since when, the steps so far and those that may follow.
#[utoipa::path(get, path = "/v1/disputes/{id}/dossier", tag = "boundary",
    params(("id" = String, Path, description = "identifier")),
    responses((status = 200, description = "the dossier", body = Object),
        (status = 403, description = "outside the role's division", body = crate::Problem),
        (status = 404, description = "no such dispute, or not for the public", body = crate::Problem)))]
pub(crate) async fn read_dossier(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> ApiResult<Json<Value>> {
    caller.require_collection(Collection::Disputes)?;
    let world = app.world()?;
    let task = move || {
        let register = register(&world, now().day());
        let dossier = dossier(&register, &id)?;
        caller.require(Action::ReadRestricted, dossier.dispute)?;
        Ok(dossier.to_json())
    };
    Ok(Json(app.blocking(task).await?))
}

/// A step with its day.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StepBody {
    step: String,
    on: Option<Day>,
    document: Option<String>,
    note: Option<String>,
}

/// Who may take a step: an editor of one side until the superior comes in, from then on a
/// reviewer whose division holds every side.
fn may_step(caller: &Caller, dispute: &Record, step: Step) -> ApiResult<()> {
    let sides: Vec<DivisionCode> = dispute
        .fields
        .texts("parties")
        .filter_map(|side| side.parse().ok())
        .collect();
    let may = |action, side| allows(&caller.actor, action, Collection::Disputes, side);
    let is_allowed = match step {
        Step::Reported | Step::Open | Step::Consulting => {
            may(Action::Write, dispute.division)
                || sides.iter().any(|side| may(Action::Write, Some(*side)))
        }
        _ if sides.is_empty() => may(Action::Review, None),
        _ => sides.iter().all(|side| may(Action::Review, Some(*side))),
    };
    if is_allowed {
        return Ok(());
    }
    Err(ApiError::forbidden(format!(
        "`{}` may not take the step `{step}`: an editor of a side opens and negotiates, the \
         reviewer of all sides mediates, decides and closes",
        caller.actor.name()
    )))
}

/// Takes a step. Body: `{"step": "mediated", "on": "2025-05-06", "document": "…", "note": "…"}`;
/// open, consulting, mediated, decided, surveyed, filed, closed, in the law's order.
#[utoipa::path(post, path = "/v1/disputes/{id}/steps", tag = "boundary",
    params(("id" = String, Path, description = "identifier")),
    request_body(content = Object, content_type = "application/json"),
    responses((status = 200, description = "the dispute after the step", body = Object),
        (status = 400, description = "no such step, no document, or a day that cannot be", body = crate::Problem),
        (status = 403, description = "not the role or not the side for it", body = crate::Problem),
        (status = 404, description = "no such dispute, or not for the public", body = crate::Problem),
        (status = 409, description = "the step does not follow", body = crate::Problem)))]
pub(crate) async fn take_step(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> ApiResult<Json<Value>> {
    caller.require_collection(Collection::Disputes)?;
    let StepBody {
        step,
        on,
        document,
        note,
    } = said(&body)?;
    let step: Step = step.parse()?;
    let said = StepSaid { on, document, note };
    let desk = app.clone();
    let task = move || {
        let today = now().day();
        let by = caller.actor.name();
        let ((), records) = store(&desk, by, today, |register| {
            let dispute = register
                .record(Collection::Disputes, &id)
                .ok_or_else(|| ApiError::not_found(format!("`disputes/{id}`")))?;
            may_step(&caller, dispute, step)?;
            Ok(((), vec![stepped(dispute, step, &said, today, by)?]))
        })?;
        Ok(records.first().map_or(Value::Null, Record::to_feature))
    };
    Ok(Json(app.blocking(task).await?))
}

/// A document for a claim.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct EvidenceBody {
    claim: String,
    kind: String,
    document: String,
    date: Option<Day>,
}

/// Adds a document to a claim of the dispute; only the law's nine kinds are taken. Body:
/// `{"claim": "c-01", "kind": "provincial_document", "document": "…", "date": "1996-03-01"}`.
#[utoipa::path(post, path = "/v1/disputes/{id}/evidence", tag = "boundary",
    params(("id" = String, Path, description = "identifier")),
    request_body(content = Object, content_type = "application/json"),
    responses((status = 200, description = "the claim with its evidence", body = Object),
        (status = 400, description = "a kind that the law does not name", body = crate::Problem),
        (status = 403, description = "not an editor of the claiming side", body = crate::Problem),
        (status = 404, description = "no such claim of this dispute, or not for the public", body = crate::Problem)))]
pub(crate) async fn add_evidence(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> ApiResult<Json<Value>> {
    caller.require_collection(Collection::Claims)?;
    let paper: EvidenceBody = said(&body)?;
    let desk = app.clone();
    let task = move || {
        let by = caller.actor.name();
        let ((), records) = store(&desk, by, now().day(), |register| {
            let claim = register
                .record(Collection::Claims, &paper.claim)
                .filter(|claim| claim.fields.text("dispute") == Some(&id))
                .ok_or_else(|| ApiError::not_found(format!("`claims/{}`", paper.claim)))?;
            let side = claim.fields.text("claimant");
            let side = side.and_then(|side| side.parse().ok());
            if !allows(&caller.actor, Action::Write, Collection::Claims, side) {
                return Err(ApiError::forbidden(
                    "only an editor of the claiming side adds to its evidence",
                ));
            }
            let record = with_evidence(claim, &paper.kind, &paper.document, paper.date)?;
            Ok(((), vec![record]))
        })?;
        Ok(records.first().map_or(Value::Null, Record::to_feature))
    };
    Ok(Json(app.blocking(task).await?))
}

/// The markers of a line in order along its numbering unit, with distances along and off it, and
/// the course in words; from the rounded positions for the public.
#[utoipa::path(get, path = "/v1/boundaries/{id}/markers", tag = "boundary",
    params(("id" = String, Path, description = "line code")),
    responses((status = 200, description = "markers in order", body = Object),
        (status = 404, description = "no such line", body = crate::Problem),
        (status = 409, description = "a line that cannot be walked", body = crate::Problem)))]
pub(crate) async fn list_line_markers(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> ApiResult<Json<Value>> {
    let world = app.world()?;
    let task = move || {
        let visible = Visible::new(&world, &caller);
        let lines = visible.merge(|view| view.records(Collection::Boundaries).collect());
        let markers = visible.merge(|view| view.records(Collection::Markers).collect());
        let series = Series::of(&lines, &markers, &id, &Patterns::default());
        let series = series.map_err(|error| match error {
            MarkerError::UnknownLine { .. } => ApiError::not_found(format!("`boundaries/{id}`")),
            other => ApiError::status(StatusCode::CONFLICT, "not-walked", other.to_string()),
        })?;
        Ok(series.to_json())
    };
    Ok(Json(app.blocking(task).await?))
}
