//! What is refused, and in which words.

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::json;

use crate::house::{Answer, House, TOKEN};

/// A problem of this status.
#[track_caller]
fn assert_problem(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status.as_u16(), status, "{what}: {:?}", answer.body);
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{what}"
    );
    let problem = answer.json();
    assert_eq!(problem["status"], status, "{what}");
    for member in ["type", "title", "detail"] {
        assert!(
            problem[member]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{what} {member}"
        );
    }
}

#[tokio::test]
async fn a_method_that_is_not_there_names_those_that_are() {
    let house = House::new();
    for (method, path, wanted) in [
        ("POST", "/healthz", "GET"),
        ("DELETE", "/v1/search", "GET"),
        ("PUT", "/tiles/base.json", "GET"),
        ("GET", "/v1/reverse/batch", "POST"),
        ("PATCH", "/ogc/collections/names/items", "POST"),
        ("POST", "/ogc/collections/names/items/n-1", "PATCH"),
    ] {
        let answer = house.ask(method, path, &[], Body::empty()).await;
        assert_problem(&answer, 405, path);
        assert!(
            answer.header("allow").contains(wanted),
            "{path}: {}",
            answer.header("allow")
        );
    }
}

#[tokio::test]
async fn a_parameter_that_nobody_knows_is_named() {
    let house = House::new();
    for path in [
        "/v1/search?q=a&colour=red",
        "/v1/autocomplete?q=a&colour=red",
        "/v1/reverse?lon=111.2&lat=32.2&colour=red",
        "/v1/changes?colour=red",
        "/tiles/base/7/103/51.mvt?colour=red",
        "/tiles/base.json?colour=red",
        "/ogc?colour=red",
        "/ogc/collections?colour=red",
        "/ogc/collections/names/items?colour=red",
        "/ogc/collections/names/items/n-1?colour=red",
        "/v1/assistance/nearest?lon=111.2&lat=32.2&colour=red",
        "/v1/divisions/420682?colour=red",
        "/v1/names/n-1?colour=red",
        "/v1/boundaries/x?colour=red",
        "/v1/markers/4142001Q?colour=red",
        "/v1/disputes?colour=red",
        "/v1/me?colour=red",
        "/v1/checks/rules?colour=red",
        "/ogc/conformance?colour=red",
        "/ogc/functions?colour=red",
        "/ogc/tileMatrixSets?colour=red",
        "/ogc/tileMatrixSets/WebMercatorQuad?colour=red",
        "/ogc/api?colour=red",
        "/ogc/tiles?colour=red",
        "/ogc/tiles/WebMercatorQuad?colour=red",
        "/ogc/tiles/WebMercatorQuad/7/51/103?colour=red",
        "/ogc/collections/names/queryables?colour=red",
        "/ogc/collections/names/sortables?colour=red",
        "/ogc/collections/names/schema?colour=red",
        "/ogc/collections/divisions/tiles/WebMercatorQuad/7/51/103?colour=red",
        "/openapi.json?colour=red",
        "/docs?colour=red",
        "/healthz?colour=red",
        "/readyz?colour=red",
        "/metrics?colour=red",
    ] {
        let answer = house.get(path, &[]).await;
        assert_problem(&answer, 400, path);
        assert!(
            answer.json().to_string().contains("colour"),
            "{path}: {}",
            answer.json()
        );
    }
    for path in [
        "/ogc/collections/names/items?limit=1&limit=2",
        "/ogc/collections/names/items/n-1?f=json&f=html",
        "/v1/search?q=a&q=b",
    ] {
        let answer = house.get(path, &[]).await;
        assert_problem(&answer, 400, path);
    }
    for (method, path) in [
        ("POST", "/ogc/collections/names/items?colour=red"),
        ("PATCH", "/ogc/collections/names/items/n-1?colour=red"),
        ("DELETE", "/ogc/collections/names/items/n-1?colour=red"),
        ("POST", "/session?colour=red"),
        ("HEAD", "/healthz?colour=red"),
    ] {
        let answer = house.ask(method, path, &[], Body::empty()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{method} {path}");
    }
    let below = House::with(zhifang_http::Options {
        base_path: "/map".to_owned(),
        ..zhifang_http::Options::default()
    });
    let answer = below.get("/map/healthz?colour=red", &[]).await;
    assert_problem(&answer, 400, "below a base path");
    for path in [
        "/ogc/conformance?f=json",
        "/ogc/functions?f=json",
        "/ogc/api?f=json",
        "/ogc/tileMatrixSets?f=json",
        "/ogc/collections/names/queryables?f=json",
        "/ogc/collections/names/schema?f=json",
        "/ogc/tiles/WebMercatorQuad?f=html",
        "/ogc/collections/names/items?name=x&f=json",
    ] {
        assert_eq!(house.get(path, &[]).await.status, StatusCode::OK, "{path}");
    }
    // Clients of other services send what those take: these doors pass over what they do not know.
    for path in [
        "/api?q=%E8%80%81&colour=red",
        "/nominatim/search?q=a&colour=red",
        "/reverse?lon=111.2&lat=32.2&colour=red",
    ] {
        assert_eq!(house.get(path, &[]).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn what_is_hidden_is_as_what_is_not_there() {
    let house = House::new();
    let hidden = house.get("/ogc/collections/disputes/items/d-1", &[]).await;
    let absent = house.get("/ogc/collections/disputes/items/d-9", &[]).await;
    assert_problem(&hidden, 404, "hidden");
    assert_problem(&absent, 404, "absent");
    let named = |answer: &Answer| answer.json().to_string().replace("d-1", "d-9");
    assert_eq!(named(&hidden), named(&absent));
    let bearer = format!("Bearer {TOKEN}");
    let shown = house
        .get(
            "/ogc/collections/disputes/items/d-1",
            &[("authorization", &bearer)],
        )
        .await;
    assert_eq!(shown.status, StatusCode::OK);
    let marker = house
        .get("/ogc/collections/markers/items/4142001Q", &[])
        .await
        .json();
    assert_eq!(marker["geometry"]["coordinates"], json!([111.5, 32.25]));
}

#[tokio::test]
async fn a_write_needs_a_token_a_role_and_a_version() {
    let house = House::new();
    let items = "/ogc/collections/names/items";
    let item = "/ogc/collections/names/items/n-1";
    let bearer = format!("Bearer {TOKEN}");
    let auth = ("authorization", bearer.as_str());
    let kind = ("content-type", "application/geo+json");
    let merge = ("content-type", "application/merge-patch+json");
    let feature = |division: &str| {
        json!({"type": "Feature", "geometry": null, "properties": {"id": "n-2", "name": "新桥", "division": division}}).to_string()
    };
    let answer = house.ask("POST", items, &[kind], feature("420682")).await;
    assert_problem(&answer, 401, "nobody");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    let answer = house
        .ask("POST", items, &[kind, auth], feature("411381"))
        .await;
    assert_problem(&answer, 403, "another county");
    let patch = json!({"properties": {"name": "示例大桥"}}).to_string();
    let answer = house
        .ask("PATCH", item, &[merge, auth], patch.clone())
        .await;
    assert_problem(&answer, 428, "no version");
    let tag = house.get(item, &[auth]).await.header("etag").to_owned();
    let good = [merge, auth, ("if-match", tag.as_str())];
    assert!(
        house
            .ask("PATCH", item, &good, patch.clone())
            .await
            .status
            .is_success()
    );
    let late = house.ask("PATCH", item, &good, patch).await;
    assert_problem(&late, 412, "the second editor");
    assert_eq!(late.json()["current"]["properties"]["name"], "示例大桥");
    let answer = house.ask("POST", items, &[kind, auth], "{").await;
    assert_problem(&answer, 400, "no JSON");
    let answer = house
        .ask("POST", items, &[kind, auth], feature("420682"))
        .await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert!(
        answer
            .header("location")
            .ends_with("/ogc/collections/names/items/n-2")
    );
}

#[tokio::test]
async fn an_oversized_body_is_refused_also_when_it_is_packed_small() {
    let house = House::new();
    let bearer = format!("Bearer {TOKEN}");
    let bomb = zstd::encode_all(&vec![b' '; 64 << 20][..], 19).unwrap();
    assert!(bomb.len() < 16 << 10, "{} bytes", bomb.len());
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/geo+json"),
        ("content-encoding", "zstd"),
    ];
    let answer = house
        .ask("POST", "/ogc/collections/names/items", &headers, bomb)
        .await;
    assert_problem(&answer, 413, "a bomb");
}
