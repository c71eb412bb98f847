//! Signing in from the page.

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::json;
use zhifang_http::{Options, SESSION_COOKIE};

use crate::house::{House, TOKEN};

const KIND: (&str, &str) = ("content-type", "application/json");

fn sign_in() -> String {
    json!({"token": TOKEN}).to_string()
}

/// The parts of a cookie after its value.
fn flags(cookie: &str) -> Vec<&str> {
    cookie.split("; ").skip(1).collect()
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let house = House::new();
    let answer = house.ask("POST", "/session", &[KIND], sign_in()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["name"], "zhang");
    let cookie = answer.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with(&format!("{SESSION_COOKIE}=")),
        "{cookie}"
    );
    for flag in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(flags(&cookie).contains(&flag), "{cookie}");
    }
    assert!(!flags(&cookie).contains(&"Secure"), "{cookie}");
    let secure = house
        .ask(
            "POST",
            "/session",
            &[KIND, ("x-forwarded-proto", "https")],
            sign_in(),
        )
        .await;
    assert!(flags(secure.header("set-cookie")).contains(&"Secure"));
    let below = House::with(Options {
        base_path: "/map".to_owned(),
        ..Options::default()
    });
    let answer = below.ask("POST", "/map/session", &[KIND], sign_in()).await;
    assert!(flags(answer.header("set-cookie")).contains(&"Path=/map"));
    let out = house
        .ask("DELETE", "/session", &[("x-zhifang", "1")], Body::empty())
        .await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(flags(out.header("set-cookie")).contains(&"Max-Age=0"));
    let wrong = house
        .ask(
            "POST",
            "/session",
            &[KIND],
            json!({"token": "zf_x"}).to_string(),
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.header("set-cookie"), "");
}

#[tokio::test]
async fn a_session_reads_anywhere_and_writes_from_its_own_page_alone() {
    let house = House::new();
    let answer = house.ask("POST", "/session", &[KIND], sign_in()).await;
    let cookie = answer
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let session = ("cookie", cookie.as_str());
    assert_eq!(house.get("/v1/me", &[session]).await.status, StatusCode::OK);
    assert_eq!(
        house.get("/v1/me", &[]).await.status,
        StatusCode::UNAUTHORIZED
    );
    let feature = json!({"type": "Feature", "geometry": null,
        "properties": {"id": "n-9", "name": "新桥", "division": "420682"}})
    .to_string();
    let items = "/ogc/collections/names/items";
    let kind = ("content-type", "application/geo+json");
    for headers in [
        vec![session, kind],
        vec![session, kind, ("sec-fetch-site", "cross-site")],
        vec![
            session,
            kind,
            ("sec-fetch-site", "cross-site"),
            ("x-zhifang", "1"),
        ],
    ] {
        let answer = house.ask("POST", items, &headers, feature.clone()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    let own = [session, kind, ("sec-fetch-site", "same-origin")];
    let answer = house.ask("POST", items, &own, feature).await;
    assert_eq!(answer.status, StatusCode::CREATED);
}

#[tokio::test]
async fn the_cookie_is_not_the_token_and_is_worth_nothing_after_signing_out() {
    let house = House::new();
    let answer = house.ask("POST", "/session", &[KIND], sign_in()).await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap();
    let session = ("cookie", cookie);
    let name = cookie.split('=').nth(1).unwrap();
    assert!(!cookie.contains(TOKEN));
    let as_token = format!("Bearer {name}");
    let bearer = [("authorization", as_token.as_str())];
    let asked = house.get("/v1/me", &bearer).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.get("/v1/me", &[session]).await.status, StatusCode::OK);
    let out = [session, ("sec-fetch-site", "same-origin")];
    house.ask("DELETE", "/session", &out, Body::empty()).await;
    let after = house.get("/v1/me", &[session]).await;
    assert_eq!(after.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_body_without_a_token_is_told_what_it_lacks() {
    let house = House::new();
    for (body, path) in [
        ("{}", "/token"),
        ("", ""),
        ("[1]", ""),
        ("{\"token\": 5}", "/token"),
        ("{\"token\": \"x\", \"user\": 1}", "/user"),
    ] {
        let answer = house.ask("POST", "/session", &[KIND], body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        assert_eq!(problem["errors"][0]["path"], path, "{problem}");
        let message = problem["errors"][0]["message"].as_str().unwrap();
        assert!(
            message.chars().any(|c| c > '\u{4e00}') && message.contains(' '),
            "{message}"
        );
    }
}
