//! The change feed: what happened since, as lines or as events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use zhifang_core::{Action, Change, Record, public_view};
use zhifang_engine::Engine;

use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::limits::CHANGES;
use crate::params::Params;
use crate::state::AppState;

/// Parameters of the change feed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangeQuery {
    /// Changes after this sequence number; 0 for all.
    #[serde(default)]
    since: u64,
    /// At most so many, 10,000 at the most.
    limit: Option<usize>,
}

/// How often an event stream asks the register.
const POLL: Duration = Duration::from_millis(500);

/// Changes in the order of commits, one JSON object a line (`application/x-ndjson`).
///
/// With `Accept: text/event-stream` the stream goes on with what happens next.
#[utoipa::path(get, path = "/v1/changes", tag = "register", params(ChangeQuery),
    responses((status = 200, description = "changes after `since`, ascending", content_type = "application/x-ndjson")))]
pub(crate) async fn list_changes(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Params(query): Params<ChangeQuery>,
) -> ApiResult<Response> {
    let limit = query.limit.unwrap_or(CHANGES).clamp(1, CHANGES);
    let follows = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/event-stream"));
    if follows {
        // A client that lost its connection goes on where it was (WHATWG HTML §9.2.2).
        let since = headers
            .get("last-event-id")
            .and_then(|id| id.to_str().ok())
            .and_then(|id| id.parse().ok())
            .unwrap_or(query.since);
        return Ok(follow(app, caller, since).into_response());
    }
    let engine = Arc::clone(app.engine());
    let body = app
        .blocking(move || {
            let mut lines = Vec::new();
            // Hidden entries must not end a page early: read on until the page is full.
            let mut since = query.since;
            let mut written = 0;
            while written < limit {
                let changes = read(&engine, since, limit)?;
                let Some(last) = changes.last() else { break };
                since = last.seq;
                for change in &changes {
                    if written < limit
                        && let Some(entry) =
                            visible_entry(change, &caller, engine.marker_step_deg())
                    {
                        lines.extend(entry.to_string().into_bytes());
                        lines.push(b'\n');
                        written += 1;
                    }
                }
            }
            Ok(lines)
        })
        .await?;
    Ok((
        [(header::CONTENT_TYPE, "application/x-ndjson")],
        Body::from(body),
    )
        .into_response())
}

fn read(engine: &Engine, since: u64, limit: usize) -> ApiResult<Vec<Change>> {
    engine
        .register()
        .changes(since, limit)
        .map_err(ApiError::from)
}

fn follow(app: AppState, caller: Caller, since: u64) -> impl IntoResponse {
    let events = stream::unfold(
        (app, caller, since),
        |(app, caller, mut since)| async move {
            loop {
                let engine = Arc::clone(app.engine());
                let changes = app.blocking(move || read(&engine, since, 500)).await.ok()?;
                let Some(last) = changes.last() else {
                    tokio::time::sleep(POLL).await;
                    continue;
                };
                since = last.seq;
                let step = app.engine().marker_step_deg();
                let events: Vec<Result<Event, Infallible>> = changes
                    .iter()
                    .filter_map(|change| Some((change.seq, visible_entry(change, &caller, step)?)))
                    .map(|(seq, entry)| {
                        Ok(Event::default().id(seq.to_string()).data(entry.to_string()))
                    })
                    .collect();
                return Some((stream::iter(events), (app, caller, since)));
            }
        },
    );
    Sse::new(futures_util::StreamExt::flatten(events)).keep_alive(KeepAlive::default())
}

/// The entry as the caller may see it: in full within his bound, the public form else, or not at all.
pub(crate) fn visible_entry(
    change: &Change,
    caller: &Caller,
    marker_step_deg: f64,
) -> Option<Value> {
    let in_full = caller.is_known() && caller.allows(Action::ReadRestricted, &change.after);
    let show = |record: &Record| {
        if in_full {
            Some(record.to_feature())
        } else {
            public_view(record, marker_step_deg).map(|view| view.to_feature())
        }
    };
    let (before, after) = (change.before.as_ref().and_then(show), show(&change.after));
    // What was shown and is hidden now has gone for this reader, who must not keep it.
    let operation = match (&before, &after) {
        (None, None) => return None,
        (Some(_), None) => "withdraw",
        _ => change.operation.as_str(),
    };
    let by = if in_full {
        Value::from(&*change.by)
    } else {
        Value::Null
    };
    Some(json!({
        "seq": change.seq,
        "at": change.at.to_string(),
        "by": by,
        "op": operation,
        "collection": change.after.collection.as_str(),
        "id": &*change.after.id,
        "version": change.after.version,
        "before": before,
        "after": after,
    }))
}
