//! The change feed: lines for who asks once, events for who stays.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;
use zhifang_core::{Collection, Record, Status};

use crate::house::{House, TOKEN};

fn ids(lines: &[u8]) -> Vec<String> {
    let lines = std::str::from_utf8(lines).unwrap().lines();
    lines
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[tokio::test]
async fn the_public_reads_public_changes_and_a_user_all_of_his_county() {
    let house = House::new();
    let public = house.get("/v1/changes?since=0", &[]).await;
    assert_eq!(public.header("content-type"), "application/x-ndjson");
    assert_eq!(ids(&public.body).len(), 4);
    assert!(!ids(&public.body).contains(&"d-1".to_owned()));
    let bearer = format!("Bearer {TOKEN}");
    let known = house
        .get("/v1/changes?since=0", &[("authorization", &bearer)])
        .await;
    assert!(ids(&known.body).contains(&"d-1".to_owned()));
    let rest = house.get("/v1/changes?since=5", &[]).await;
    assert_eq!((rest.status, rest.body.len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn who_copies_the_public_register_is_told_what_was_withdrawn() {
    let house = House::new();
    let mut record = crate::house::records().remove(2);
    record.status = Status::Draft;
    house.write(vec![record], 1);
    let feed = house.get("/v1/changes?since=5", &[]).await;
    let entry: Value = serde_json::from_slice(&feed.body).unwrap();
    assert_eq!(
        (&entry["op"], &entry["id"]),
        (&"withdraw".into(), &"n-1".into())
    );
    assert_eq!(entry["after"], Value::Null);
    assert_eq!(entry["before"]["properties"]["name"], "示例桥");
}

/// Text of an event stream until it holds `wanted`.
async fn read_until(body: &mut Body, wanted: &str) -> String {
    let mut text = String::new();
    while !text.contains(wanted) {
        let frame = tokio::time::timeout(Duration::from_secs(10), body.frame());
        let frame = frame.await.expect("an event in time").unwrap().unwrap();
        if let Ok(data) = frame.into_data() {
            text.push_str(std::str::from_utf8(&data).unwrap());
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_stream_tells_what_was_and_what_happens_next() {
    let house = House::new();
    let request = Request::builder()
        .uri("/v1/changes?since=3")
        .header("accept", "text/event-stream")
        .header("accept-encoding", "gzip, br")
        .body(Body::empty())
        .unwrap();
    let answer = house.router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let headers = answer.headers();
    assert_eq!(headers.get("content-type").unwrap(), "text/event-stream");
    assert!(
        headers.get("content-encoding").is_none(),
        "an event must not wait for a coder's block"
    );
    let mut body = answer.into_body();
    let first = read_until(&mut body, "\n\n").await;
    assert!(
        first.contains("id: 4\n") || first.contains("id:4\n"),
        "{first}"
    );
    assert!(
        first.contains("4142001Q") && !first.contains("d-1"),
        "{first}"
    );
    let mut record = Record::new(Collection::Names, "n-3", "新桥");
    record.division = Some("420682".parse().unwrap());
    house.write(vec![record], 60);
    let next = read_until(&mut body, "n-3").await;
    assert!(next.contains("\"op\":\"create\""), "{next}");
}
