//! Limits of requests, each with its reason; `/openapi.json` publishes them as `x-limits`.

use serde_json::{Value, json};

/// Characters of a search text: longer than any chain of names; the rest could only cost time.
pub(crate) const QUERY_CHARS: usize = 200;
/// Results of a search.
pub(crate) const SEARCH_RESULTS: usize = 50;
/// Results of a look-up for the nearest.
pub(crate) const NEAREST_RESULTS: usize = 100;
/// Bytes of a body that is one record or a small collection.
pub(crate) const BODY_BYTES: usize = 16 << 20;
/// Bytes of a batch, which is streamed and never held whole.
pub(crate) const BATCH_BYTES: usize = 1 << 30;
/// Bytes of one line of a batch.
pub(crate) const BATCH_LINE_BYTES: usize = zhifang_engine::batch::LONGEST_ROW;
/// Records on a page of items.
pub(crate) const PAGE_RECORDS: usize = 10_000;
/// Records on a page of items unless asked otherwise.
pub(crate) const PAGE_RECORDS_DEFAULT: usize = 10;
/// Seconds that a request may take, streams aside.
pub(crate) const REQUEST_SECONDS: u64 = 60;
/// Metres of a radius.
pub(crate) const RADIUS_M: f64 = 100_000.0;
/// Entries of one answer of the change feed.
pub(crate) const CHANGES: usize = 10_000;
/// Queries of a reconciliation batch: each is a search.
pub(crate) const RECONCILE_BATCH: usize = 50;
/// Bytes of a reconciliation form.
pub(crate) const RECONCILE_BYTES: usize = 1 << 20;
/// Entities of one data extension.
pub(crate) const EXTEND_IDS: usize = 1_000;
/// Properties of one data extension.
pub(crate) const EXTEND_PROPERTIES: usize = 50;
/// Numbers of one Nominatim look-up.
pub(crate) const LOOKUPS: usize = 50;

/// The limits as published.
pub(crate) fn published() -> Value {
    json!({
        "query_chars": QUERY_CHARS,
        "search_results": SEARCH_RESULTS,
        "nearest_results": NEAREST_RESULTS,
        "body_bytes": BODY_BYTES,
        "batch_bytes": BATCH_BYTES,
        "batch_line_bytes": BATCH_LINE_BYTES,
        "page_records": PAGE_RECORDS,
        "page_records_default": PAGE_RECORDS_DEFAULT,
        "request_seconds": REQUEST_SECONDS,
        "radius_m": RADIUS_M,
        "changes": CHANGES,
        "reconcile_batch": RECONCILE_BATCH,
        "reconcile_bytes": RECONCILE_BYTES,
        "extend_ids": EXTEND_IDS,
        "extend_properties": EXTEND_PROPERTIES,
        "lookups": LOOKUPS,
        "filter_bytes": zhifang_query::MAX_BYTES,
        "filter_nodes": zhifang_query::MAX_NODES,
        "filter_depth": zhifang_query::MAX_DEPTH,
    })
}
