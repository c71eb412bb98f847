//! Counters for `/metrics` (Prometheus text format 0.0.4).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::state::AppState;

/// Upper edges of the latency histogram, seconds.
const BUCKETS: [f64; 9] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];

#[derive(Debug, Default, Clone)]
struct Route {
    by_status: BTreeMap<u16, u64>,
    buckets: [u64; BUCKETS.len()],
    seconds: f64,
    count: u64,
}

/// Requests by route template, never by content.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    routes: Mutex<BTreeMap<String, Route>>,
}

impl Metrics {
    fn record(&self, route: &str, status: u16, took: Duration) {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        if !routes.contains_key(route) {
            routes.insert(route.to_owned(), Route::default());
        }
        let Some(entry) = routes.get_mut(route) else {
            return;
        };
        *entry.by_status.entry(status).or_default() += 1;
        let seconds = took.as_secs_f64();
        for (count, edge) in entry.buckets.iter_mut().zip(BUCKETS) {
            *count += u64::from(seconds <= edge);
        }
        entry.seconds += seconds;
        entry.count += 1;
    }

    pub(crate) fn render(&self, app: &AppState) -> String {
        let mut text = String::new();
        let routes = self
            .routes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        text.push_str("# HELP zhifang_requests_total Requests answered.\n# TYPE zhifang_requests_total counter\n");
        for (route, entry) in &routes {
            for (status, count) in &entry.by_status {
                let _ = writeln!(
                    text,
                    "zhifang_requests_total{{route=\"{route}\",status=\"{status}\"}} {count}"
                );
            }
        }
        text.push_str("# HELP zhifang_request_seconds Time to answer.\n# TYPE zhifang_request_seconds histogram\n");
        for (route, entry) in &routes {
            for (edge, count) in BUCKETS.iter().zip(entry.buckets) {
                let _ = writeln!(
                    text,
                    "zhifang_request_seconds_bucket{{route=\"{route}\",le=\"{edge}\"}} {count}"
                );
            }
            let _ = writeln!(
                text,
                "zhifang_request_seconds_bucket{{route=\"{route}\",le=\"+Inf\"}} {}",
                entry.count
            );
            let _ = writeln!(
                text,
                "zhifang_request_seconds_sum{{route=\"{route}\"}} {}",
                entry.seconds
            );
            let _ = writeln!(
                text,
                "zhifang_request_seconds_count{{route=\"{route}\"}} {}",
                entry.count
            );
        }
        let seq = app.engine().world().map_or(0, |world| world.snapshot.seq());
        text.push_str("# HELP zhifang_snapshot_seq Change that the snapshot stands at.\n# TYPE zhifang_snapshot_seq gauge\n");
        let _ = writeln!(text, "zhifang_snapshot_seq {seq}");
        text
    }
}

/// Counts each request under its route template.
pub(crate) async fn count_requests(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let started = std::time::Instant::now();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    app.metrics()
        .record(&route, response.status().as_u16(), started.elapsed());
    response
}
