//! What an edit may say and what it may not.

use axum::http::StatusCode;
use geo_types::{Geometry, Point};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zhifang_core::{Collection, Role};

use crate::house::{Answer, House, TOKEN, record};

async fn edit(house: &House, method: &str, path: &str, tag: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {TOKEN}");
    let mut headers = vec![
        ("authorization", bearer.as_str()),
        ("content-type", "application/geo+json"),
    ];
    if !tag.is_empty() {
        headers.push(("if-match", tag));
    }
    let path = format!("/ogc/collections/{path}");
    house.ask(method, &path, &headers, body.to_string()).await
}

fn feature(properties: Value) -> Value {
    let mut feature = json!({"type": "Feature", "geometry": null});
    feature["properties"] = properties;
    feature
}

/// Refused with the paths of its faults.
#[track_caller]
fn assert_faults(answer: &Answer, status: u16, paths: &[&str]) {
    let problem = answer.json();
    assert_eq!(answer.status.as_u16(), status, "{problem}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let found: Vec<&str> = problem["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|fault| fault["path"].as_str().unwrap())
        .collect();
    assert_eq!(found, paths, "{problem}");
}

#[tokio::test]
async fn the_character_nul_is_refused_by_its_place() {
    let house = House::new();
    let body = feature(json!({"id": "n-2", "name": "新\0桥", "division": "420682"}));
    let answer = edit(&house, "POST", "names/items", "", &body).await;
    assert_faults(&answer, 400, &["/properties/name"]);
    let body = feature(json!({"id": "n\u{0}", "name": "新桥", "division": "420682"}));
    let answer = edit(&house, "POST", "names/items", "", &body).await;
    assert_faults(&answer, 400, &["/properties/id"]);
    for (name, path) in [
        ("meaning", "/properties/meaning"),
        ("name", "/properties/name"),
    ] {
        let body = json!({"properties": {name: "\0"}});
        let answer = edit(&house, "PATCH", "names/items/n-1", "*", &body).await;
        assert_faults(&answer, 400, &[path]);
    }
    let body = json!({"properties": {"extra": {"a": ["\0"]}}});
    let answer = edit(&house, "PATCH", "names/items/n-1", "*", &body).await;
    assert_faults(&answer, 400, &["/properties/extra/a/0"]);
}

#[tokio::test]
async fn a_padded_code_is_the_unit_that_is_there() {
    let house = House::new();
    let mut province = record(
        Collection::Divisions,
        "420000",
        "湖北省",
        Geometry::Point(Point::new(112.0, 31.0)),
    );
    (province.geometry, province.division) = (None, Some("420000".parse().unwrap()));
    house.write(vec![province], 1);
    let hash = Sha256::digest(b"zf_all").into();
    house
        .engine
        .register()
        .add_user("all", Role::Editor, None, &hash)
        .unwrap();
    let headers = [
        ("authorization", "Bearer zf_all"),
        ("content-type", "application/geo+json"),
    ];
    let body = feature(json!({"code": "42", "name": "湖北"}));
    let answer = house
        .ask(
            "POST",
            "/ogc/collections/divisions/items",
            &headers,
            body.to_string(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(answer.json()["current"]["id"], "420000");
    let twin = house.get("/ogc/collections/divisions/items/42", &[]).await;
    assert_eq!(twin.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_number_belongs_to_one_marker() {
    let house = House::new();
    let marker = |id: &str, number: &str| {
        feature(json!({"id": id, "name": "界桩", "number": number, "division": "420682"}))
    };
    let made = edit(&house, "POST", "markers/items", "", &marker("m-1", "7")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json());
    let answer = edit(&house, "POST", "markers/items", "", &marker("m-2", "7")).await;
    assert_faults(&answer, 409, &["/properties/number"]);
    let made = edit(&house, "POST", "markers/items", "", &marker("m-3", "8")).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let patch = json!({"properties": {"number": "7"}});
    let answer = edit(&house, "PATCH", "markers/items/m-3", "*", &patch).await;
    assert_faults(&answer, 409, &["/properties/number"]);
    let patch = json!({"properties": {"number": "9", "name": "九号"}});
    let answer = edit(&house, "PATCH", "markers/items/m-3", "*", &patch).await;
    assert_eq!(answer.status, StatusCode::OK);
    let body = feature(json!({"id": "p-1", "no": "A1", "name": "项目", "division": "420682"}));
    let made = edit(&house, "POST", "projects/items", "", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json());
    let body = feature(json!({"id": "p-2", "no": "A1", "name": "项目", "division": "420682"}));
    let answer = edit(&house, "POST", "projects/items", "", &body).await;
    assert_faults(&answer, 409, &["/properties/no"]);
}

#[tokio::test]
async fn an_observation_stays_as_it_was_made() {
    let house = House::new();
    let place = Geometry::Point(Point::new(111.2, 32.2));
    let mut seen = record(Collection::Observations, "u-1", "", place);
    seen.fields.set("uuid", json!("u-1"));
    house.write(vec![seen], 1);
    let item = "observations/items/u-1";
    let patch = json!({"properties": {"note": "改"}});
    let whole = feature(json!({"uuid": "u-1", "division": "420682"}));
    for (method, body) in [("PATCH", &patch), ("PUT", &whole), ("DELETE", &patch)] {
        let answer = edit(&house, method, item, "*", body).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{method}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("a new one"), "{detail}");
    }
}

#[tokio::test]
async fn a_body_must_be_a_feature_that_says_something() {
    let house = House::new();
    let many = json!({"type": "FeatureCollection", "features": [feature(json!({"name": "桥"}))]});
    for collection in Collection::ALL {
        for body in [
            json!({}),
            many.clone(),
            feature(json!({"division": "420682"})),
        ] {
            let path = format!("{collection}/items");
            let answer = edit(&house, "POST", &path, "", &body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {body}");
            assert_ne!(answer.json()["errors"], Value::Null, "{path} {body}");
        }
    }
    let body = feature(json!({"id": "m-9", "name": "界桩", "division": "420682"}));
    let answer = edit(&house, "POST", "markers/items", "", &body).await;
    assert_faults(&answer, 400, &["/properties/number"]);
}

#[tokio::test]
async fn what_no_edit_changes_is_named_and_the_unit_above_must_fit() {
    let house = House::new();
    for (name, value) in [
        ("code", json!("420683")),
        ("id", json!("420683")),
        ("version", json!(99)),
        ("parent", json!("410000")),
    ] {
        let patch = json!({"properties": {name: value}});
        let answer = edit(&house, "PATCH", "divisions/items/420682", "*", &patch).await;
        assert_faults(&answer, 400, &[&format!("/properties/{name}")]);
    }
    let mut whole = house
        .get("/ogc/collections/divisions/items/420682", &[])
        .await
        .json();
    whole["properties"]["kind"] = json!("县级市");
    let answer = edit(&house, "PUT", "divisions/items/420682", "*", &whole).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.json());
    whole["id"] = json!("420683");
    let answer = edit(&house, "PUT", "divisions/items/420682", "*", &whole).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}
