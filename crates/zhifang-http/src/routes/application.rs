//! The naming desk's queue: applications and the steps that they go through. For those with a
//! role; for the public there are none.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{ETAG, HeaderValue, IF_MATCH, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use zhifang_core::{CodePrefix, Day, Record, Timestamp};
use zhifang_engine::naming::{Queue, Stepped};
use zhifang_names::{Application, ApplicationForm, Clock, Step, StepName};

use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::ogc::{version_of_tag, version_tag};
use crate::params::Params;
use crate::state::AppState;

/// Applications on a page.
const PAGE: usize = 100;
/// And at most.
const MOST: usize = 1_000;

fn now() -> Timestamp {
    chrono::Utc::now().into()
}

/// For the public there are no applications.
fn require_role(caller: &Caller) -> ApiResult<()> {
    if caller.is_known() {
        Ok(())
    } else {
        Err(ApiError::not_found("`applications`"))
    }
}

/// Which applications are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct QueueQuery {
    /// Only in this unit.
    within: Option<String>,
    /// applied, returned, in_review, approved, published, rejected or withdrawn.
    state: Option<String>,
    /// Only those with a filing or an announcement overdue.
    #[serde(default)]
    overdue: bool,
    /// On a page, 1,000 at most.
    limit: Option<usize>,
    /// Where the page begins, as a `next` link says it.
    next: Option<String>,
}

/// The applications that the caller may know of, with their clocks: open ones first.
#[utoipa::path(get, path = "/v1/applications", tag = "register", params(QueueQuery),
    responses((status = 200, description = "applications, and a `next` link where there are more", body = Object),
        (status = 404, description = "not for the public", body = crate::Problem)))]
pub(crate) async fn list_applications(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Params(query): Params<QueueQuery>,
) -> ApiResult<Json<Value>> {
    require_role(&caller)?;
    let within = query
        .within
        .as_deref()
        .map(str::parse::<CodePrefix>)
        .transpose()
        .map_err(|error| ApiError::parameter("within", error.to_string()))?;
    let state = match query.state.as_deref() {
        None => None,
        Some(word) => Some(zhifang_names::State::parse(word).ok_or_else(|| {
            let words = zhifang_names::State::ALL.map(zhifang_names::State::as_str);
            ApiError::parameter("state", format!("`{word}`: wanted {}", words.join(", ")))
        })?),
    };
    let limit = query.limit.unwrap_or(PAGE).clamp(1, MOST);
    let skip: usize = match query.next.as_deref() {
        None => 0,
        Some(text) => text
            .strip_prefix('a')
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| ApiError::parameter("next", "take it from the page before"))?,
    };
    let queue = Queue {
        within,
        state,
        is_overdue: query.overdue,
        by: None,
    };
    let found = app
        .naming()
        .applications(&caller.actor, &queue, now().day())?;
    let page: Vec<Value> = found
        .iter()
        .skip(skip)
        .take(limit)
        .map(|(application, due)| shown(application, due))
        .collect();
    let mut links = Vec::new();
    if skip + page.len() < found.len() {
        let base = app.base_url(&headers);
        let mut href = format!(
            "{base}/v1/applications?limit={limit}&next=a{}",
            skip + limit
        );
        for (name, value) in [("within", &query.within), ("state", &query.state)] {
            if let Some(value) = value {
                href = format!("{href}&{name}={value}");
            }
        }
        if query.overdue {
            href.push_str("&overdue=true");
        }
        links.push(json!({ "rel": "next", "href": href }));
    }
    Ok(Json(json!({
        "applications": page, "number_matched": found.len(), "links": links,
    })))
}

fn shown(application: &Application, due: &Clock) -> Value {
    let mut value = application.to_json();
    if let Some(map) = value.as_object_mut() {
        map.insert("clock".to_owned(), json!(due));
    }
    value
}

fn tagged(mut response: Response, record: &Record, caller: &Caller) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&version_tag(record, caller)) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// What a step made: the application, the public entry where there is one, the check.
fn made(stepped: &Stepped, caller: &Caller) -> Response {
    let body = json!({
        "application": stepped.application.to_json(),
        "entry": stepped.entry.as_ref().map(Record::to_feature),
        "check": stepped.verdict,
    });
    tagged(Json(body).into_response(), &stepped.record, caller)
}

fn form_of(body: &Bytes) -> ApiResult<ApplicationForm> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| ApiError::bad_request(format!("the body is no JSON: {error}")))?;
    ApplicationForm::from_json(value).map_err(|error| ApiError::bad_request(error.to_string()))
}

/// Hands an application in; the statutory check is made and kept with it.
#[utoipa::path(post, path = "/v1/applications", tag = "register", request_body(content = Object, content_type = "application/json"),
    responses((status = 201, description = "taken in; `Location` says where", body = Object),
        (status = 400, description = "the form or its dossier is not whole", body = crate::Problem),
        (status = 403, description = "outside the role or its division", body = crate::Problem),
        (status = 404, description = "not for the public", body = crate::Problem)))]
pub(crate) async fn create_application(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult<Response> {
    require_role(&caller)?;
    let form = form_of(&body)?;
    let base = app.base_url(&headers);
    let desk = app.clone();
    let actor = caller.actor.clone();
    let stepped = app
        .blocking(move || Ok(desk.naming().apply(&actor, form, now())?))
        .await?;
    let location = format!("{base}/v1/applications/{}", stepped.application.id);
    let mut response = made(&stepped, &caller);
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(value) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, value);
    }
    Ok(response)
}

/// One application with its file, its clocks and, while it is open, the statutory check as of
/// today; its ETag names the version.
#[utoipa::path(get, path = "/v1/applications/{id}", tag = "register",
    params(("id" = String, Path, description = "identifier of the application")),
    responses((status = 200, description = "the application", body = Object),
        (status = 404, description = "no such application, or not for the caller", body = crate::Problem)))]
pub(crate) async fn find_application(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    require_role(&caller)?;
    let (application, due) = app.naming().application(&caller.actor, &id, now().day())?;
    let record = application.to_record();
    let mut body = shown(&application, &due);
    if application.state.is_open() {
        let desk = app.clone();
        let verdict = app
            .blocking(move || Ok(desk.naming().verdict(&application, now().day()).ok()))
            .await?;
        if let Some(map) = body.as_object_mut() {
            map.insert("verdict".to_owned(), json!(verdict));
        }
    }
    Ok(tagged(Json(body).into_response(), &record, &caller))
}

/// What a step says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StepBody {
    /// For a review: accept or return.
    decision: Option<String>,
    /// What is said with it; `reason` is the same.
    note: Option<String>,
    reason: Option<String>,
    /// Number of the document.
    document: Option<String>,
    /// The day it was done.
    on: Option<Day>,
    /// Why it is approved though the check found errors.
    despite: Option<String>,
}

/// Takes a step: `review` (decision accept or return), `approve`, `reject`, `file`, `publish`,
/// `withdraw`, `amend` (the body is the form again). `If-Match` names the version.
#[utoipa::path(post, path = "/v1/applications/{id}/{step}", tag = "register",
    params(("id" = String, Path, description = "identifier of the application"),
        ("step" = String, Path, description = "review, approve, reject, file, publish, withdraw or amend")),
    request_body(content = Object, content_type = "application/json"),
    responses((status = 200, description = "the application after the step", body = Object),
        (status = 400, description = "the step lacks something", body = crate::Problem),
        (status = 403, description = "the role does not reach there, or the caller applied himself", body = crate::Problem),
        (status = 404, description = "no such application or step", body = crate::Problem),
        (status = 409, description = "the step does not begin where the application stands, or the check stands against it", body = crate::Problem),
        (status = 412, description = "it has a newer version, in `current`", body = crate::Problem),
        (status = 428, description = "no If-Match", body = crate::Problem)))]
pub(crate) async fn advance_application(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path((id, step)): Path<(String, String)>,
    body: Bytes,
) -> ApiResult<Response> {
    require_role(&caller)?;
    // Who may not know of it learns no more than that it is not here.
    let (application, _) = app.naming().application(&caller.actor, &id, now().day())?;
    let expect = expected(&headers, application.version)?;
    let desk = app.clone();
    let actor = caller.actor.clone();
    let stepped = if step == "amend" {
        let form = form_of(&body)?;
        app.blocking(move || {
            Ok(desk
                .naming()
                .amend(&actor, &id, Some(expect), form, now())?)
        })
        .await?
    } else {
        let step = step_of(&step, &body)?;
        app.blocking(move || {
            Ok(desk
                .naming()
                .step(&actor, &id, Some(expect), &step, now())?)
        })
        .await?
    };
    Ok(made(&stepped, &caller))
}

/// The version that `If-Match` names; 428 without.
fn expected(headers: &HeaderMap, current: u32) -> ApiResult<u32> {
    let value = headers
        .get(IF_MATCH)
        .ok_or_else(ApiError::precondition_required)?;
    let text = value.to_str().unwrap_or_default();
    let tags = || text.split(',').map(str::trim);
    if tags().any(|tag| tag == "*" || version_of_tag(tag) == Some(current)) {
        return Ok(current);
    }
    // A version that is none is out of date as well.
    Ok(tags().find_map(version_of_tag).unwrap_or(0))
}

fn step_of(word: &str, body: &Bytes) -> ApiResult<Step> {
    let said: StepBody = if body.is_empty() {
        StepBody::default()
    } else {
        serde_json::from_slice(body)
            .map_err(|error| ApiError::bad_request(format!("the body cannot be read: {error}")))?
    };
    let name = match (word, said.decision.as_deref()) {
        ("review", Some("accept")) => StepName::Accept,
        ("review", Some("return")) => StepName::Return,
        ("review", _) => {
            return Err(ApiError::parameter("/decision", "wanted accept or return"));
        }
        (_, Some(_)) => return Err(ApiError::parameter("/decision", "goes with a review only")),
        ("approve", None) => StepName::Approve,
        ("reject", None) => StepName::Reject,
        ("file", None) => StepName::File,
        ("publish", None) => StepName::Publish,
        ("withdraw", None) => StepName::Withdraw,
        _ => return Err(ApiError::not_found(format!("step `{word}`"))),
    };
    Ok(Step {
        name,
        note: said.note.or(said.reason),
        document: said.document,
        on: said.on,
        despite: said.despite,
    })
}
