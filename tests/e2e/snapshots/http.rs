//! Documents and problems over HTTP.

use std::fmt::Write as _;

use serde_json::{Value, json};
use zhifang_tests::{Answer, Desk, Server, percent};

use super::{assert_same, redacted};

/// JSON for reading: members in order of their names, one a line.
fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON is written")
}

pub(super) fn reads_as_accepted(desk: &Desk, server: &Server) {
    let document = |path: &str| redacted(&pretty(&server.json(path)), &[(&server.url, "[URL]")]);
    assert_same("openapi", &document("/openapi.json"));
    for (name, path) in [
        ("landing", "/ogc"),
        ("conformance", "/ogc/conformance"),
        ("collection", "/ogc/collections/services"),
        ("queryables", "/ogc/collections/services/queryables"),
        ("tilejson_base", "/tiles/base.json"),
        ("tilejson_assistance", "/tiles/assistance.json"),
        ("division", "/v1/divisions/420682101"),
        ("reverse", "/v1/reverse?lon=111.67&lat=32.385"),
    ] {
        assert_same(name, &document(path));
    }
    problems(desk, server);
}

/// Status, the headers that belong to it, and the body.
fn shown(out: &mut String, asked: &str, answer: &Answer) {
    let _ = writeln!(out, "{asked}\n{}", answer.status);
    for name in ["content-type", "allow", "www-authenticate", "retry-after"] {
        if let Some(value) = answer.header(name) {
            let _ = writeln!(out, "{name}: {value}");
        }
    }
    let _ = writeln!(out, "{}\n", pretty(&answer.json()));
}

fn problems(desk: &Desk, server: &Server) {
    let token = |name: &str, role: &str, division: &str| {
        let run = desk.run(&["user", "add", name, "--role", role, "--division", division]);
        format!("Bearer {}", run.expect(0).stdout().trim())
    };
    let editor = token("zhang", "editor", "420682");
    let stranger = token("wang", "editor", "411381");
    let inspector = token("li", "inspector", "420682");
    let items = "/ogc/collections/names/items";
    let kind = ("content-type", "application/geo+json");
    let merge = ("content-type", "application/merge-patch+json");
    let new =
        json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [111.67, 32.38]},
        "properties": {"id": "shown-1", "name": "示例桥", "division": "420682", "category": 7}})
        .to_string();
    let bad =
        json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [111.67, 32.38]},
        "properties": {"id": "shown-2", "name": "示例桥", "division": "4206x", "category": 9}})
        .to_string();
    let patch = json!({"properties": {"name": "示例大桥"}}).to_string();
    let item = "/ogc/collections/names/items/shown-1";
    let mut text = String::new();
    let mut ask = |title: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        let answer = server.send(method, path, headers, Some(body.as_bytes()));
        if answer.status >= 400 {
            shown(&mut text, &format!("{method} {path} ({title})"), &answer);
        }
        answer
    };
    for path in [
        "/nowhere",
        "/v1/divisions/999999",
        "/v1/disputes",
        "/tiles/base/3/9/9",
    ] {
        ask("public", "GET", path, &[], "");
    }
    for path in [
        "/v1/reverse?lon=north&lat=1",
        "/v1/search?q=a&colour=red",
        "/v1/search?q=",
        "/tiles/base/x/0/0",
        "/ogc/collections/names/items?limit=0",
        "/ogc/collections/names/items?bbox=1,2,3",
    ] {
        ask("public", "GET", path, &[], "");
    }
    let filter = percent("nosuch = 1");
    ask(
        "nosuch = 1",
        "GET",
        &format!("{items}?filter={filter}"),
        &[],
        "",
    );
    ask("public", "POST", "/healthz", &[], "");
    ask("public", "POST", items, &[kind], &new);
    ask(
        "another county's",
        "POST",
        items,
        &[kind, ("authorization", &stranger)],
        &new,
    );
    ask(
        "inspector",
        "POST",
        items,
        &[kind, ("authorization", &inspector)],
        &new,
    );
    let auth = ("authorization", editor.as_str());
    ask(
        "no token of ours",
        "POST",
        items,
        &[kind, ("authorization", "Bearer zf_x")],
        &new,
    );
    ask("faulty", "POST", items, &[kind, auth], &bad);
    ask("no JSON", "POST", items, &[kind, auth], "{");
    assert_eq!(ask("new", "POST", items, &[kind, auth], &new).status, 201);
    let tag = server.get(item).header("etag").expect("a tag").to_owned();
    ask("no version", "PATCH", item, &[merge, auth], &patch);
    let first = ask(
        "first",
        "PATCH",
        item,
        &[merge, auth, ("if-match", &tag)],
        &patch,
    );
    assert!(matches!(first.status, 200 | 204), "{}", first.text());
    ask(
        "second",
        "PATCH",
        item,
        &[merge, auth, ("if-match", &tag)],
        &patch,
    );
    assert_same("problems", &redacted(&text, &[(&server.url, "[URL]")]));
}
