//! The service over HTTP on the full demonstration: one server, many questions.

use serde_json::json;
use zhifang_tests::{Desk, Server, percent};

/// One long story rather than twenty starts of the nation.
#[test]
fn the_demonstration_answers_every_door() {
    let desk = Desk::new();
    let server = desk.serve(&["--demo"]);
    search_finds_places(&server);
    reverse_names_the_chain(&server);
    tiles_are_served_and_cached(&server);
    faults_are_problems(&server);
    the_public_sees_no_dispute(&server);
    features_page_and_filter(&server);
    edits_need_a_token_and_a_version(&desk, &server);
    assert_eq!(server.stop(), 0);
}

fn search_finds_places(server: &Server) {
    for (query, code) in [
        ("老河口", "420682"),
        ("laohekou", "420682"),
        ("湖北省襄阳市老河口市", "420682"),
        ("光化街道", "420682001"),
    ] {
        let answer = server.json(&format!("/v1/search?q={}&limit=3", percent(query)));
        let first = &answer["features"][0]["properties"];
        assert_eq!(first["id"], code, "{query}: {answer}");
        assert!(
            first["confidence"]
                .as_f64()
                .is_some_and(|c| (0.0..=1.0).contains(&c))
        );
    }
    let nothing = server.get("/v1/search?q=");
    assert_eq!(nothing.status, 400);
    let suggestions = server.json(&format!("/v1/autocomplete?q={}", percent("老河")));
    assert_eq!(suggestions["features"][0]["properties"]["id"], "420682");
}

fn reverse_names_the_chain(server: &Server) {
    let answer = server.json("/v1/reverse?lon=111.67&lat=32.385");
    let codes: Vec<&str> = answer["divisions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|unit| unit["code"].as_str())
        .collect();
    assert_eq!(&codes[..3], ["420000", "420600", "420682"], "{answer}");
    let sea = server.json("/v1/reverse?lon=150&lat=10");
    assert_eq!((&sea["divisions"], &sea["names"]), (&json!([]), &json!([])));
}

fn tiles_are_served_and_cached(server: &Server) {
    let tilejson = server.json("/tiles/base.json");
    assert_eq!(tilejson["tilejson"], "3.0.0");
    let layers: Vec<&str> = tilejson["vector_layers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|layer| layer["id"].as_str())
        .collect();
    assert_eq!(
        layers,
        [
            "divisions",
            "division_labels",
            "boundaries",
            "names",
            "signs"
        ]
    );
    let tile = server.get("/tiles/base/4/12/6.mvt");
    assert_eq!(tile.status, 200);
    assert_eq!(
        tile.header("content-type"),
        Some("application/vnd.mapbox-vector-tile")
    );
    let reader = mvt_reader::Reader::new(tile.body.clone()).expect("a vector tile");
    assert!(
        reader
            .get_layer_names()
            .expect("names")
            .contains(&"divisions".to_owned())
    );
    let tag = tile.header("etag").expect("a tag").to_owned();
    let again = server.send(
        "GET",
        "/tiles/base/4/12/6",
        &[("if-none-match", &tag)],
        None,
    );
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(server.get("/tiles/base/6/0/0").status, 204);
    assert_eq!(server.get("/tiles/base/3/9/0").status, 404);
    assert_eq!(server.get("/tiles/base/3/x/0").status, 400);
}

fn faults_are_problems(server: &Server) {
    for (path, status) in [
        ("/nowhere", 404),
        ("/v1/reverse?lon=north&lat=1", 400),
        ("/v1/search?q=a&colour=red", 400),
        ("/v1/divisions/999999", 404),
        ("/ogc/collections/castles", 404),
        ("/ogc/collections/names/items?filter=((((", 400),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{path}"
        );
        let problem = answer.json();
        assert_eq!(problem["status"], status, "{path}");
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty())
        );
    }
    let answer = server.send("POST", "/healthz", &[], None);
    assert_eq!(answer.status, 405);
    assert!(answer.header("allow").is_some());
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
}

fn the_public_sees_no_dispute(server: &Server) {
    for path in [
        "/v1/disputes",
        "/ogc/collections/claims/items",
        "/ogc/collections/disputes",
    ] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    let markers = server.json("/ogc/collections/markers/items?limit=1000");
    for marker in markers["features"].as_array().into_iter().flatten() {
        for number in marker["geometry"]["coordinates"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let thousandths = number.as_f64().unwrap_or(0.5) * 1000.0;
            assert!((thousandths - thousandths.round()).abs() < 1e-6, "{marker}");
        }
        assert!(marker["properties"].get("surveys").is_none());
    }
    let changes = server.get("/v1/changes?since=0&limit=200");
    assert_eq!(changes.status, 200);
    assert!(!changes.text().contains("\"disputes\""));
}

fn features_page_and_filter(server: &Server) {
    let landing = server.json("/ogc");
    assert!(
        landing["links"]
            .as_array()
            .is_some_and(|links| links.len() > 3)
    );
    let conformance = server.json("/ogc/conformance").to_string();
    assert!(conformance.contains("ogcapi-features-1/1.0/conf/core"));
    let mut seen = 0;
    let mut next = "/ogc/collections/services/items?limit=50".to_owned();
    let total = server.json(&next)["numberMatched"]
        .as_u64()
        .expect("a count");
    loop {
        let page = server.json(&next);
        seen += page["features"].as_array().map_or(0, Vec::len) as u64;
        let link = page["links"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|link| link["rel"] == "next");
        match link.and_then(|link| link["href"].as_str()) {
            Some(href) => href
                .strip_prefix(&server.url)
                .unwrap_or(href)
                .clone_into(&mut next),
            None => break,
        }
    }
    assert_eq!(seen, total);
    let filter = percent("kind = 'elderly_home' AND beds > 100");
    let some = server.json(&format!(
        "/ogc/collections/services/items?limit=1000&filter={filter}"
    ));
    let features = some["features"].as_array().cloned().unwrap_or_default();
    assert!(!features.is_empty());
    assert!(
        features
            .iter()
            .all(|feature| feature["properties"]["beds"].as_u64() > Some(100))
    );
}

fn edits_need_a_token_and_a_version(desk: &Desk, server: &Server) {
    let path = "/ogc/collections/names/items";
    let body = json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [111.67, 32.38]},
        "properties": {"id": "story-1", "name": "故事桥", "division": "420682", "category": 7}});
    let bytes = body.to_string().into_bytes();
    let kind = ("content-type", "application/geo+json");
    assert_eq!(server.send("POST", path, &[kind], Some(&bytes)).status, 401);
    let token = |name: &str, role: &str, division: &str| {
        let run = desk.run(&["user", "add", name, "--role", role, "--division", division]);
        format!("Bearer {}", run.expect(0).stdout().trim())
    };
    let stranger = token("wang", "editor", "411381");
    assert_eq!(
        server
            .send(
                "POST",
                path,
                &[kind, ("authorization", &stranger)],
                Some(&bytes)
            )
            .status,
        403
    );
    let editor = token("zhang", "editor", "420682");
    let auth = ("authorization", editor.as_str());
    let made = server.send("POST", path, &[kind, auth], Some(&bytes));
    assert_eq!(made.status, 201, "{}", made.text());
    assert!(
        made.header("location")
            .is_some_and(|location| location.ends_with("/names/items/story-1"))
    );
    let found = server.json(&format!("/v1/search?q={}&within=420682", percent("故事桥")));
    assert_eq!(
        found["features"][0]["properties"]["id"], "story-1",
        "{found}"
    );
    let item = server.get("/ogc/collections/names/items/story-1");
    let tag = item.header("etag").expect("a tag").to_owned();
    let patch = json!({"properties": {"name": "故事大桥"}})
        .to_string()
        .into_bytes();
    let merge = ("content-type", "application/merge-patch+json");
    let item_path = "/ogc/collections/names/items/story-1";
    assert_eq!(
        server
            .send("PATCH", item_path, &[merge, auth], Some(&patch))
            .status,
        428
    );
    let patched = server.send(
        "PATCH",
        item_path,
        &[merge, auth, ("if-match", &tag)],
        Some(&patch),
    );
    assert!(matches!(patched.status, 200 | 204), "{}", patched.text());
    let late = server.send(
        "PATCH",
        item_path,
        &[merge, auth, ("if-match", &tag)],
        Some(&patch),
    );
    assert_eq!(late.status, 412);
    assert_eq!(late.json()["current"]["properties"]["name"], "故事大桥");
    let tag = server
        .get(item_path)
        .header("etag")
        .expect("a tag")
        .to_owned();
    let gone = server.send("DELETE", item_path, &[auth, ("if-match", &tag)], None);
    assert_eq!(gone.status, 204);
    let retired = server.get(item_path);
    assert!(retired.status == 404 || retired.json()["properties"]["status"] == "retired");
}
