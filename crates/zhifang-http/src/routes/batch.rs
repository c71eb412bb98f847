//! Many look-ups in one request: streamed both ways, order kept, bounded memory.
//!
//! The body is read on a thread of its own through a short queue, so that neither a slow client
//! nor a long file holds more than a few blocks in memory.

use std::io::{self, BufReader, Read, Write};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use tokio::sync::mpsc;
use utoipa::IntoParams;
use zhifang_core::{Actor, Day};
use zhifang_engine::World;
use zhifang_engine::batch::{self, Question};
use zhifang_index::Audience;

use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::limits::{BATCH_BYTES, BATCH_LINE_BYTES};
use crate::params::Params;
use crate::routes::division::{parse_as_of, parse_known_at};
use crate::state::AppState;

/// Parameters of a batch.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Batch {
    /// What was valid on this day.
    as_of: Option<String>,
    /// What the register said at this instant.
    known_at: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    Csv,
    Ndjson,
}

fn notation(headers: &HeaderMap) -> ApiResult<Notation> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim() {
        "text/csv" => Ok(Notation::Csv),
        "application/x-ndjson" | "application/jsonl" | "application/ndjson" => Ok(Notation::Ndjson),
        other => Err(ApiError::status(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media-type",
            format!("`{other}`: wanted text/csv or application/x-ndjson"),
        )),
    }
}

/// Texts to places, one a row.
#[utoipa::path(post, path = "/v1/geocode/batch", tag = "search", params(Batch),
    request_body(content((String = "text/csv"), (String = "application/x-ndjson"))),
    responses((status = 200, description = "the rows with `zf_*` columns, or with a `zf` member", content((String = "text/csv"), (String = "application/x-ndjson"))),
        (status = 415, description = "neither CSV nor NDJSON", body = crate::Problem)))]
pub(crate) async fn geocode_batch(
    State(app): State<AppState>,
    headers: HeaderMap,
    Params(batch): Params<Batch>,
    body: Body,
) -> ApiResult<Response> {
    let question = Question::Geocode {
        column: "q".to_owned(),
        within: None,
    };
    answer(&app, &headers, &batch, body, question).await
}

/// Positions to units, one a row.
#[utoipa::path(post, path = "/v1/reverse/batch", tag = "search", params(Batch),
    request_body(content((String = "text/csv"), (String = "application/x-ndjson"))),
    responses((status = 200, description = "the rows with `zf_*` columns, or with a `zf` member", content((String = "text/csv"), (String = "application/x-ndjson"))),
        (status = 415, description = "neither CSV nor NDJSON", body = crate::Problem)))]
pub(crate) async fn reverse_batch(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Params(batch): Params<Batch>,
    body: Body,
) -> ApiResult<Response> {
    let question = Question::Reverse {
        // A role with a bound gets the public's answers: its rows may lie anywhere.
        audience: match caller.actor {
            Actor::Cli | Actor::User { division: None, .. } => Audience::Staff,
            Actor::Anonymous | Actor::User { .. } => Audience::Public,
        },
    };
    answer(&app, &headers, &batch, body, question).await
}

async fn answer(
    app: &AppState,
    headers: &HeaderMap,
    batch: &Batch,
    body: Body,
    question: Question,
) -> ApiResult<Response> {
    let notation = notation(headers)?;
    let day = parse_as_of(batch.as_of.as_deref())?;
    let world = app
        .world_at(parse_known_at(batch.known_at.as_deref())?)
        .await?;
    run(world, body, notation, question, day).await
}

/// Blocks that may wait in either queue.
const QUEUE: usize = 8;
/// Bytes of answers that are sent together.
const BLOCK: usize = 64 << 10;

/// Answers once the first block is made, so that a batch which cannot be read at all is a problem
/// with its status and not a stream that breaks.
async fn run(
    world: Arc<World>,
    body: Body,
    notation: Notation,
    question: Question,
    day: Option<Day>,
) -> ApiResult<Response> {
    let (input, feed) = mpsc::channel::<io::Result<Bytes>>(QUEUE);
    let (answers, mut output) = mpsc::channel::<io::Result<Bytes>>(QUEUE);
    tokio::spawn(async move {
        let mut blocks = body.into_data_stream();
        while let Some(block) = blocks.next().await {
            if input.send(block.map_err(io::Error::other)).await.is_err() {
                break;
            }
        }
    });
    tokio::task::spawn_blocking(move || {
        let reader = Bounded {
            feed,
            block: Bytes::new(),
            read: 0,
            line: 0,
        };
        let mut writer = Answers {
            answers: answers.clone(),
            block: Vec::with_capacity(BLOCK),
        };
        let done = match notation {
            Notation::Csv => batch::csv(&world, &question, day, reader, &mut writer),
            Notation::Ndjson => {
                batch::ndjson(&world, &question, day, BufReader::new(reader), &mut writer)
            }
        };
        if let Err(error) = done.and_then(|_| writer.flush()) {
            // Once the status is sent, breaking the stream is the only honest end.
            let _ = answers.blocking_send(Err(error));
        }
    });
    let kind = match notation {
        Notation::Csv => "text/csv; charset=utf-8",
        Notation::Ndjson => "application/x-ndjson",
    };
    let first = match output.recv().await {
        Some(Err(error)) => return Err(ApiError::bad_request(error.to_string())),
        first => first,
    };
    let rest = stream::unfold(output, |mut output| async move {
        output.recv().await.map(|block| (block, output))
    });
    // A compressor asks once more after the end.
    let blocks = stream::iter(first).chain(rest).fuse();
    Ok(([(CONTENT_TYPE, kind)], Body::from_stream(blocks)).into_response())
}

/// The request's body as a reader, bounded as a whole and in its lines: what goes beyond the bound
/// of a line is left out, but for quotes, so that the lines after it are still told apart.
struct Bounded {
    feed: mpsc::Receiver<io::Result<Bytes>>,
    block: Bytes,
    read: usize,
    line: usize,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            while self.block.is_empty() {
                match self.feed.blocking_recv() {
                    Some(block) => self.block = block?,
                    None => return Ok(0),
                }
            }
            let taken = self.block.split_to(buffer.len().min(self.block.len()));
            self.read += taken.len();
            if self.read > BATCH_BYTES {
                return Err(io::Error::other(format!(
                    "the batch is over {BATCH_BYTES} bytes"
                )));
            }
            let mut kept = 0;
            for &byte in &taken {
                self.line = if byte == b'\n' { 0 } else { self.line + 1 };
                if (self.line <= BATCH_LINE_BYTES || byte == b'"')
                    && let Some(target) = buffer.get_mut(kept)
                {
                    *target = byte;
                    kept += 1;
                }
            }
            if kept > 0 {
                return Ok(kept);
            }
        }
    }
}

/// The answer's body as a writer that sends whole blocks.
struct Answers {
    answers: mpsc::Sender<io::Result<Bytes>>,
    block: Vec<u8>,
}

impl Write for Answers {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.block.extend_from_slice(bytes);
        if self.block.len() >= BLOCK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        let block = Bytes::from(std::mem::take(&mut self.block));
        self.answers
            .blocking_send(Ok(block))
            .map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the client went away"))
    }
}
