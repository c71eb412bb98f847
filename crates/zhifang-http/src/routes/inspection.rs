//! Joint inspections: what is planned and how far it is, packs out, observations in.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use zhifang_core::{Action, Collection, Lang, Record};
use zhifang_engine::{InspectionError, World, merge_observations};
use zhifang_field::{FieldError, Round, pack, report, rows_of, standing};
use zhifang_index::Audience;

use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::params::Params;
use crate::routes::boundary::list;
use crate::state::AppState;
use crate::visible::Visible;

const GEO_JSON: &str = "application/geo+json";

fn now() -> zhifang_core::Timestamp {
    chrono::Utc::now().into()
}

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        match error {
            FieldError::UnknownInspection { id } => Self::not_found(format!("`inspections/{id}`")),
            other => Self::bad_request(other.to_string()),
        }
    }
}

impl From<InspectionError> for ApiError {
    fn from(error: InspectionError) -> Self {
        match error {
            InspectionError::Field(error) => error.into(),
            InspectionError::Engine(error) => error.into(),
            _ => Self::unavailable("the register is being read; try again in a moment", 2),
        }
    }
}

/// Language of messages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LangQuery {
    /// zh or en.
    lang: Option<String>,
}

impl LangQuery {
    fn parse(&self) -> ApiResult<Lang> {
        let lang = self.lang.as_deref().map(str::parse).transpose();
        lang.map(Option::unwrap_or_default)
            .map_err(|error: zhifang_core::LangError| {
                ApiError::parameter("lang", error.to_string())
            })
    }
}

/// No parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// The inspection for one who may act on it: 404 for the public, 403 for a role that does not
/// observe or whose division covers neither side.
fn for_crews<'w>(world: &'w World, caller: &Caller, id: &str) -> ApiResult<&'w Record> {
    caller.require_collection(Collection::Inspections)?;
    let view = world.snapshot.view(Audience::Staff);
    let inspection = view
        .record(Collection::Inspections, id)
        .ok_or_else(|| ApiError::not_found(format!("`inspections/{id}`")))?;
    caller.require(Action::Observe, inspection)?;
    Ok(inspection)
}

/// All joint inspections that the caller may see, as a GeoJSON FeatureCollection.
#[utoipa::path(get, path = "/v1/inspections", tag = "boundary",
    responses((status = 200, description = "inspections", body = Object), (status = 404, description = "not for the public", body = crate::Problem)))]
pub(crate) async fn list_inspections(
    State(app): State<AppState>,
    caller: Caller,
    Params(Nothing {}): Params<Nothing>,
) -> ApiResult<Json<Value>> {
    list(&app, &caller, Collection::Inspections)
}

/// One joint inspection and how far it has come: markers seen and not, states, length walked,
/// what is to be decided.
#[utoipa::path(get, path = "/v1/inspections/{id}", tag = "boundary",
    params(("id" = String, Path, description = "identifier")),
    responses((status = 200, description = "the inspection, with a member `status`", body = Object), (status = 404, description = "no such inspection", body = crate::Problem)))]
pub(crate) async fn find_inspection(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Params(Nothing {}): Params<Nothing>,
) -> ApiResult<Json<Value>> {
    caller.require_collection(Collection::Inspections)?;
    let world = app.world()?;
    let inspection = Visible::new(&world, &caller)
        .record(Collection::Inspections, &id)
        .ok_or_else(|| ApiError::not_found(format!("`inspections/{id}`")))?;
    let round = Round::of(world.snapshot.view(Audience::Staff), &id)?;
    let mut feature = inspection.to_feature();
    if let Some(members) = feature.as_object_mut() {
        let standing = standing(&round, now().day());
        members.insert("status".to_owned(), standing.to_json());
    }
    Ok(Json(feature))
}

/// The pack for the crews: one GeoJSON file that needs no network.
#[utoipa::path(get, path = "/v1/inspections/{id}/pack", tag = "boundary",
    params(("id" = String, Path, description = "identifier")),
    responses((status = 200, description = "the pack", body = Object, content_type = "application/geo+json"),
        (status = 403, description = "neither side is within the role's division, or the role does not observe", body = crate::Problem),
        (status = 404, description = "no such inspection", body = crate::Problem)))]
pub(crate) async fn get_pack(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Params(Nothing {}): Params<Nothing>,
) -> ApiResult<Response> {
    let world = app.world()?;
    let id = for_crews(&world, &caller, &id)?.id.to_string();
    let made = app
        .blocking(move || {
            let view = world.snapshot.view(Audience::Staff);
            let round = Round::of(view, &id)?;
            // Both sides walk together: what either handed in for this round is for both.
            let may_read = |record: &Record| {
                record.collection == Collection::Observations || caller.may_read(record)
            };
            Ok((pack(view, &round, &may_read).to_string(), id))
        })
        .await?;
    let (text, id) = made;
    let safe: String = id
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let file = format!("attachment; filename=\"{safe}.geojson\"");
    Ok((
        [
            (CONTENT_TYPE, GEO_JSON.to_owned()),
            (CONTENT_DISPOSITION, file),
        ],
        text,
    )
        .into_response())
}

/// Parameters of a report.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportQuery {
    /// json, geojson, html or text.
    f: Option<String>,
    /// zh or en.
    lang: Option<String>,
}

/// The joint inspection report: both sides' words on every marker, what is to be mended and who
/// must be there, room for both signatures.
#[utoipa::path(get, path = "/v1/inspections/{id}/report", tag = "boundary",
    params(("id" = String, Path, description = "identifier"), ReportQuery),
    responses((status = 200, description = "the report", body = Object), (status = 404, description = "no such inspection", body = crate::Problem)))]
pub(crate) async fn get_report(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Params(query): Params<ReportQuery>,
) -> ApiResult<Response> {
    caller.require_collection(Collection::Inspections)?;
    let lang = LangQuery { lang: query.lang }.parse()?;
    let world = app.world()?;
    if Visible::new(&world, &caller)
        .record(Collection::Inspections, &id)
        .is_none()
    {
        return Err(ApiError::not_found(format!("`inspections/{id}`")));
    }
    let view = world.snapshot.view(Audience::Staff);
    let round = Round::of(view, &id)?;
    let made = report(view, &round, now().day());
    let mut bytes = Vec::new();
    let (written, kind) = match query.f.as_deref() {
        None | Some("json") => {
            bytes = made.to_json().to_string().into_bytes();
            (Ok(()), "application/json")
        }
        Some("geojson") => {
            bytes = made.to_geojson().to_string().into_bytes();
            (Ok(()), GEO_JSON)
        }
        Some("html") => (
            made.write_html(&mut bytes, lang),
            "text/html; charset=utf-8",
        ),
        Some("text") => (
            made.write_text(&mut bytes, lang),
            "text/plain; charset=utf-8",
        ),
        Some(other) => {
            let message = format!("`{other}`: wanted json, geojson, html or text");
            return Err(ApiError::parameter("f", message));
        }
    };
    written.map_err(|error| ApiError::internal(&error))?;
    Ok(([(CONTENT_TYPE, kind)], bytes).into_response())
}

/// Takes observations in, as a set union by uuid: the same again changes nothing.
#[utoipa::path(post, path = "/v1/inspections/{id}/observations", tag = "boundary",
    params(("id" = String, Path, description = "identifier"), LangQuery),
    request_body(content = Object, content_type = "application/geo+json", description = "a FeatureCollection, or one Feature, of observations"),
    responses((status = 200, description = "what became of every row: `accepted`, `known`, `conflicts`, `rejected`", body = Object),
        (status = 400, description = "no GeoJSON; nothing was written", body = crate::Problem),
        (status = 403, description = "neither side is within the role's division, or the role does not observe", body = crate::Problem),
        (status = 404, description = "no such inspection", body = crate::Problem)))]
pub(crate) async fn add_observations(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Params(query): Params<LangQuery>,
    body: Bytes,
) -> ApiResult<Json<Value>> {
    let lang = query.parse()?;
    for_crews(&*app.world()?, &caller, &id)?;
    let engine = Arc::clone(app.engine());
    let by = caller.actor.name().to_owned();
    let report = app
        .blocking(move || {
            let rows = rows_of("body", &body)?;
            Ok(merge_observations(&engine, &id, &rows, &by, now())?)
        })
        .await?;
    let mut answer = report.to_json(lang);
    if let Some(members) = answer.as_object_mut() {
        members.insert("files".to_owned(), json!([]));
    }
    Ok(Json(answer))
}
