//! Where the service stands, as seen from outside: every link leads back to it.

use axum::http::StatusCode;
use serde_json::Value;
use zhifang_http::Options;

use crate::house::House;

/// Every absolute address in a document.
fn links(document: &Value) -> Vec<String> {
    match document {
        Value::String(text) if text.starts_with("http") && !text.contains("opengis.net") => {
            vec![text.clone()]
        }
        Value::Array(parts) => parts.iter().flat_map(links).collect(),
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| {
                matches!(
                    name.as_str(),
                    "href"
                        | "tiles"
                        | "links"
                        | "url"
                        | "servers"
                        | "sources"
                        | "base"
                        | "glyphs"
                        | "sprite"
                )
            })
            .flat_map(|(_, member)| links(member))
            .collect(),
        _ => Vec::new(),
    }
}

const DOCUMENTS: [&str; 6] = [
    "/ogc",
    "/ogc/collections/names/items",
    "/ogc/collections",
    "/tiles/base.json",
    "/styles/light.json",
    "/openapi.json",
];

#[tokio::test]
async fn links_name_the_host_that_was_asked() {
    let house = House::new();
    for path in DOCUMENTS {
        let found = links(
            &house
                .get(path, &[("host", "names.example.org:8080")])
                .await
                .json(),
        );
        assert!(!found.is_empty(), "{path}");
        for link in found {
            assert!(
                link.starts_with("http://names.example.org:8080/")
                    || link == "http://names.example.org:8080",
                "{path}: {link}"
            );
        }
    }
}

#[tokio::test]
async fn under_a_base_path_everything_stands_below_it_and_nothing_above() {
    let house = House::with(Options {
        base_path: "/map".to_owned(),
        ..Options::default()
    });
    for path in DOCUMENTS {
        let answer = house.get(&format!("/map{path}"), &[("host", "h")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        for link in links(&answer.json()) {
            assert!(link.starts_with("http://h/map"), "{path}: {link}");
        }
        let outside = house.get(path, &[]).await;
        assert_eq!(outside.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(outside.header("content-type"), "application/problem+json");
    }
    for path in ["/map", "/map/"] {
        let page = house.get(path, &[]).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(
            page.header("content-type").starts_with("text/html"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_proxy_in_front_is_believed_only_where_one_stands() {
    let forwarded = [
        ("host", "inner:8080"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "names.example.org"),
        ("x-forwarded-prefix", "/public/"),
    ];
    let house = House::new();
    for link in links(&house.get("/ogc", &forwarded).await.json()) {
        assert!(
            link.starts_with("https://names.example.org/public/ogc")
                || link.starts_with("https://names.example.org/public/docs"),
            "{link}"
        );
    }
    let alone = House::with(Options {
        trusted_proxies: vec!["192.0.2.0/24".parse().unwrap()],
        ..Options::default()
    });
    for link in links(&alone.get("/ogc", &forwarded).await.json()) {
        assert!(link.starts_with("http://inner:8080/"), "{link}");
    }
    let hostile = [
        ("host", "h"),
        ("x-forwarded-host", "a\"><script>"),
        ("x-forwarded-proto", "javascript"),
    ];
    for link in links(&house.get("/ogc", &hostile).await.json()) {
        assert!(link.starts_with("http://h/"), "{link}");
    }
}
