//! Methods, codings and tags (RFC 9110) and the rules for other sites' pages (CORS).

use std::io::Read as _;

use axum::body::Body;
use axum::http::StatusCode;

use crate::house::House;

/// Documents of each kind: features, a register entry, a tile, text, a document of the service.
const DOCUMENTS: [&str; 6] = [
    "/ogc/collections/divisions/items?limit=2",
    "/v1/divisions/420682",
    "/tiles/base/7/103/51.mvt",
    "/v1/search?q=%E8%80%81%E6%B2%B3%E5%8F%A3",
    "/ogc/conformance",
    "/openapi.json",
];

#[tokio::test]
async fn head_answers_as_get_without_a_body() {
    let house = House::new();
    for path in DOCUMENTS {
        let get = house.get(path, &[]).await;
        let head = house.ask("HEAD", path, &[], Body::empty()).await;
        assert_eq!(get.status, StatusCode::OK, "{path}");
        assert_eq!(head.status, StatusCode::OK, "{path}");
        assert!(!get.body.is_empty() && head.body.is_empty(), "{path}");
        for name in ["content-type", "etag"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
            assert_ne!(head.header(name), "", "{path} {name}");
        }
    }
}

fn decoded(coding: &str, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match coding {
        "gzip" => {
            flate2::read::GzDecoder::new(body)
                .read_to_end(&mut out)
                .unwrap();
        }
        "br" => {
            brotli::Decompressor::new(body, 4096)
                .read_to_end(&mut out)
                .unwrap();
        }
        "zstd" => out = zstd::decode_all(body).unwrap(),
        _ => out = body.to_vec(),
    }
    out
}

#[tokio::test]
async fn each_coding_holds_the_content_under_a_tag_of_its_own_and_is_known_again() {
    let house = House::new();
    for path in DOCUMENTS {
        let plain = house.get(path, &[]).await;
        let tag = plain.header("etag").to_owned();
        assert_eq!(plain.header("content-encoding"), "", "{path}");
        let mut tags = vec![tag.clone()];
        for coding in ["gzip", "br", "zstd"] {
            let answer = house.get(path, &[("accept-encoding", coding)]).await;
            let used = answer.header("content-encoding");
            // Contents that a coding would make longer stay as they are.
            assert!(used == coding || used.is_empty(), "{path} {coding}: {used}");
            assert!(used == coding || plain.body.len() < 300, "{path} {coding}");
            assert_eq!(decoded(used, &answer.body), plain.body, "{path} {coding}");
            assert!(
                answer
                    .header("vary")
                    .to_lowercase()
                    .contains("accept-encoding"),
                "{path} {coding}"
            );
            tags.push(answer.header("etag").to_owned());
            for known in [&tag, &tags[tags.len() - 1]] {
                let headers = [("accept-encoding", coding), ("if-none-match", known)];
                let again = house.get(path, &headers).await;
                assert_eq!(
                    again.status,
                    StatusCode::NOT_MODIFIED,
                    "{path} {coding} {known}"
                );
                assert!(again.body.is_empty() && !again.header("etag").is_empty());
            }
        }
        let coded = tags.iter().filter(|one| **one != tag).count();
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), coded + 1, "{path}: {tags:?}");
        let other = house.get(path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn the_coding_that_the_caller_weighs_highest_is_taken() {
    let house = House::new();
    let path = "/ogc/collections/divisions/items?limit=2";
    for (accepted, coding) in [
        ("gzip;q=0.1, br;q=0.9", "br"),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("gzip;q=0, zstd", "zstd"),
        ("gzip;q=0", ""),
        ("identity", ""),
        ("compress", ""),
    ] {
        for path in [path, "/tiles/base/7/103/51.mvt"] {
            let answer = house.get(path, &[("accept-encoding", accepted)]).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert_eq!(
                answer.header("content-encoding"),
                coding,
                "{accepted} {path}"
            );
        }
    }
}

#[tokio::test]
async fn an_edit_changes_the_tag() {
    let house = House::new();
    let path = "/ogc/collections/names/items/n-1";
    let before = house.get(path, &[]).await;
    let mut record = zhifang_core::Record::new(zhifang_core::Collection::Names, "n-1", "示例大桥");
    record.division = Some("420682".parse().unwrap());
    house.write(vec![record], 60);
    let tag = before.header("etag").to_owned();
    let after = house.get(path, &[("if-none-match", &tag)]).await;
    assert_eq!(after.status, StatusCode::OK);
    assert_ne!(after.header("etag"), tag);
}

#[tokio::test]
async fn another_sites_page_may_read_and_ask_first() {
    let house = House::new();
    let origin = ("origin", "https://map.example.org");
    let answer = house.get("/v1/divisions/420682", &[origin]).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let exposed = answer
        .header("access-control-expose-headers")
        .to_lowercase();
    for name in ["etag", "link", "location", "ogc-numbermatched"] {
        assert!(exposed.contains(name), "{exposed}");
    }
    assert_eq!(
        answer.header("access-control-allow-credentials"),
        "",
        "a session stays with its page"
    );
    let headers = [
        origin,
        ("access-control-request-method", "PATCH"),
        (
            "access-control-request-headers",
            "authorization,if-match,content-type",
        ),
    ];
    let path = "/ogc/collections/names/items/n-1";
    let preflight = house.ask("OPTIONS", path, &headers, Body::empty()).await;
    assert!(preflight.status.is_success(), "{}", preflight.status);
    assert_eq!(preflight.header("access-control-allow-origin"), "*");
    assert!(
        preflight
            .header("access-control-allow-methods")
            .contains("PATCH")
    );
    let allowed = preflight
        .header("access-control-allow-headers")
        .to_lowercase();
    // `*` does not stand for Authorization (Fetch §2.2.2): it must be named.
    assert!(allowed.contains("authorization"), "{allowed}");
    let problem = house.get("/nowhere", &[origin]).await;
    assert_eq!(
        problem.header("access-control-allow-origin"),
        "*",
        "a page must be able to read why"
    );
}
