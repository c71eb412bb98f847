//! The life of a finding: kept, confirmed, accepted for a time, repaired, gone, back.

use serde_json::{Value, json};
use zhifang_tests::{Desk, Server};

/// Two counties side by side; the western one's copy of the common line bulges eastward by so
/// many degrees in its middle.
fn counties(bulge: f64) -> String {
    let unit = |code: &str, name: &str, ring: &[[f64; 2]]| {
        json!({
            "type": "Feature",
            "properties": {"code": code, "name": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        })
    };
    let west = [
        [111.412_345, 32.254_321],
        [111.612_345, 32.254_321],
        [111.612_345, 32.354_321],
        [111.612_345 + bulge, 32.454_321],
        [111.612_345, 32.554_321],
        [111.612_345, 32.654_321],
        [111.412_345, 32.654_321],
        [111.412_345, 32.254_321],
    ];
    let east = [
        [111.612_345, 32.254_321],
        [111.812_345, 32.254_321],
        [111.812_345, 32.654_321],
        [111.612_345, 32.654_321],
        [111.612_345, 32.554_321],
        [111.612_345, 32.454_321],
        [111.612_345, 32.354_321],
        [111.612_345, 32.254_321],
    ];
    let units = [
        unit("420625", "谷城县", &west),
        unit("420682", "老河口市", &east),
    ];
    // A county elsewhere, of which nothing is drawn.
    let far = json!({
        "type": "Feature", "geometry": null,
        "properties": {"code": "411381", "name": "邓州市"},
    });
    let features = units.into_iter().chain([far]).collect::<Vec<_>>();
    json!({"type": "FeatureCollection", "features": features}).to_string()
}

fn import(desk: &Desk, bulge: f64) {
    let file = desk.file("counties.geojson", counties(bulge));
    let file = file.display().to_string();
    desk.run(&["import", "divisions", &file, "--accept-shift"])
        .expect(0);
}

/// The register with an overlap of about 90 m, and the id of its finding.
fn overlapping() -> (Desk, String) {
    let desk = Desk::new();
    import(&desk, 0.001);
    let report = desk
        .run(&["check", "--only", "COV-01", "--format", "json"])
        .json(1);
    let findings = report["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 1, "{report}");
    let id = findings[0]["id"].as_str().expect("an id").to_owned();
    (desk, id)
}

/// What the register has under the finding's id: its state, and the steps that led there.
fn standing(desk: &Desk, id: &str) -> (String, Vec<String>) {
    let all = desk.run(&["export", "findings"]).json(0);
    let found = all["features"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|one| one["properties"]["id"] == id || one["id"] == id)
        .expect("a kept finding");
    let properties = &found["properties"];
    let steps = properties["log"].as_array().into_iter().flatten();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (
        word(&properties["finding_state"]),
        steps.map(|step| word(&step["step"])).collect(),
    )
}

fn divisions(desk: &Desk) -> Vec<Value> {
    let all = desk.run(&["export", "divisions"]).json(0);
    all["features"].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_finding_is_kept_decided_and_comes_back() {
    let (desk, id) = overlapping();
    let check = |more: &[&str], status| {
        desk.run(&[&["check", "--only", "COV-01"], more].concat())
            .expect(status);
    };
    check(&["--save"], 1);
    assert_eq!(standing(&desk, &id).0, "open");
    let seq = || desk.run(&["changes"]).stdout().lines().count();
    let before = seq();
    check(&["--save"], 1);
    assert_eq!(seq(), before, "the same check again writes nothing");

    // Words that decide nothing.
    for (arguments, wanted) in [
        (vec!["accept", &id, "--reason", " "], "blank"),
        (
            vec!["accept", &id, "--reason", "测", "--until", "2001-01-01"],
            "2001-01-01",
        ),
        (vec!["accept", "COV-01-0", "--reason", "测"], "COV-01-0"),
        (vec!["confirm", "nothing"], "nothing"),
        (vec!["repair", &id, "--side", "411381"], "420625, 420682"),
        (vec!["repair", "COV-01-0", "--side", "420625"], "COV-01-0"),
    ] {
        let run = desk.run(&[&["check"], arguments.as_slice()].concat());
        run.expect(2);
        assert!(
            run.stderr().contains(wanted),
            "{arguments:?}: {}",
            run.stderr()
        );
    }
    desk.run(&["check", "accept", &id]).expect(2);
    assert_eq!(seq(), before, "nothing was decided");

    desk.run(&["check", "confirm", &id, "--note", "已实地核对"])
        .expect(0);
    check(&[], 1);
    desk.run(&[
        "check",
        "accept",
        &id,
        "--reason",
        "等待联合勘测",
        "--until",
        "2999-12-31",
    ])
    .expect(0);
    check(&[], 0);
    check(&["--fail-on", "warning"], 0);
    let report = desk
        .run(&["check", "--only", "COV-01", "--format", "json"])
        .json(0);
    assert_eq!(report["summary"]["accepted"], 1);
    assert_eq!(report["set_aside"][0]["id"], id.as_str());
    // Taken back by saying that it is so.
    desk.run(&["check", "confirm", &id]).expect(0);
    check(&[], 1);

    let given = divisions(&desk);
    let repair = ["check", "repair", &id, "--side", "420625"];
    let run = desk.run(&[repair.as_slice(), &["--dry-run"]].concat());
    assert!(run.expect(0).stdout().contains("420682"));
    assert_eq!(divisions(&desk), given, "a dry run writes nothing");
    desk.run(&repair).expect(0);
    let now = divisions(&desk);
    let of = |all: &[Value], code: &str| {
        let found = all.iter().find(|one| one["properties"]["code"] == code);
        found.expect("the unit").clone()
    };
    assert_eq!(of(&now, "420682"), of(&given, "420682"));
    assert_ne!(
        of(&now, "420625")["geometry"],
        of(&given, "420625")["geometry"]
    );
    let wanted: Value = serde_json::from_str(&counties(0.0)).expect("JSON");
    let vertices = |feature: &Value| feature["geometry"].to_string().matches("],[").count();
    assert_eq!(
        vertices(&of(&now, "420625")),
        vertices(&wanted["features"][0])
    );
    check(&[], 0);
    desk.run(&repair).expect(2);
    assert_eq!(
        standing(&desk, &id).1,
        ["open", "confirmed", "accepted", "confirmed", "repaired"]
    );
    check(&["--save"], 0);
    assert_eq!(standing(&desk, &id).0, "repaired");

    import(&desk, 0.001);
    check(&["--save"], 1);
    assert_eq!(standing(&desk, &id).0, "back");
    import(&desk, 0.0);
    check(&["--save"], 0);
    assert_eq!(standing(&desk, &id).0, "gone");
    let run = desk.run(&["check", "confirm", &id]);
    assert!(
        run.expect(2).stderr().contains("not found"),
        "{}",
        run.stderr()
    );
}

/// A user's header.
fn token(desk: &Desk, name: &str, role: &str, division: &str) -> String {
    let run = desk.run(&["user", "add", name, "--role", role, "--division", division]);
    format!("Bearer {}", run.expect(0).stdout().trim())
}

fn post(server: &Server, path: &str, token: &str, body: &Value) -> (u16, Value) {
    let kind = ("content-type", "application/json");
    let headers = [kind, ("authorization", token)];
    let headers = if token.is_empty() {
        &headers[..1]
    } else {
        &headers[..]
    };
    let text = body.to_string();
    let answer = server.send("POST", path, headers, Some(text.as_bytes()));
    (answer.status, answer.json())
}

#[test]
fn over_http_each_decision_needs_its_role() {
    let (desk, id) = overlapping();
    let east = token(&desk, "dong", "editor", "420682");
    let west = token(&desk, "xi", "editor", "420625");
    let one_side = token(&desk, "shen", "reviewer", "420682");
    let both = token(&desk, "shi", "reviewer", "4206");
    let reader = token(&desk, "du", "viewer", "420682");
    let stranger = token(&desk, "wai", "reviewer", "411381");
    let server = desk.serve(&[]);
    let ask = |path: &str, token: &str, body: &Value| post(&server, path, token, body);
    let step = |step: &str| format!("/v1/checks/{id}/{step}");
    let none = json!({});

    for path in [
        "/v1/checks",
        &step("confirm"),
        &step("accept"),
        &step("repair"),
    ] {
        assert_eq!(ask(path, "", &none).0, 404, "{path}: not for the public");
    }
    assert_eq!(ask("/v1/checks", &reader, &none).0, 403);
    assert_eq!(ask("/v1/checks?within=411381", &east, &none).0, 403);
    assert_eq!(ask("/v1/checks?f=json", &east, &none).0, 400);
    let (status, saved) = ask("/v1/checks?only=COV-01", &east, &none);
    assert_eq!((status, &saved["written"]), (200, &json!(1)), "{saved}");
    let (_, saved) = ask("/v1/checks?only=COV-01", &west, &none);
    assert_eq!(saved["written"], 0, "the same from the other side");

    assert_eq!(ask(&step("confirm"), &reader, &none).0, 403);
    assert_eq!(ask(&step("confirm"), &stranger, &none).0, 403);
    assert_eq!(ask(&step("confirm"), &east, &json!({"reason": "x"})).0, 400);
    assert_eq!(ask("/v1/checks/COV-01-0/confirm", &east, &none).0, 404);
    let (status, found) = ask(&step("confirm"), &east, &json!({"note": "属实"}));
    assert_eq!(status, 200, "{found}");
    assert_eq!(found["properties"]["finding_state"], "confirmed");
    assert_eq!(found["properties"]["log"][1]["by"], "dong");

    let reason = json!({"reason": "等待联合勘测", "until": "2999-12-31"});
    assert_eq!(ask(&step("accept"), &east, &reason).0, 403, "an editor");
    assert_eq!(ask(&step("accept"), &one_side, &reason).0, 403, "one side");
    assert_eq!(ask(&step("accept"), &both, &none).0, 400, "no reason");
    let past = json!({"reason": "测", "until": "2001-01-01"});
    assert_eq!(ask(&step("accept"), &both, &past).0, 400);
    let (status, found) = ask(&step("accept"), &both, &reason);
    assert_eq!(status, 200, "{found}");
    assert_eq!(found["properties"]["until"], "2999-12-31");
    let report = server.send(
        "GET",
        "/v1/checks?only=COV-01",
        &[("authorization", &east)],
        None,
    );
    assert_eq!(report.json()["summary"]["errors"], 0);

    // No way round the desk.
    let path = format!("/ogc/collections/findings/items/{id}");
    let headers = [
        ("authorization", both.as_str()),
        ("if-match", "*"),
        ("content-type", "application/merge-patch+json"),
    ];
    let body = json!({"properties": {"finding_state": "gone"}}).to_string();
    let answer = server.send("PATCH", &path, &headers, Some(body.as_bytes()));
    assert_eq!(answer.status, 409, "{}", answer.text());

    let side = |code: &str| json!({"side": code});
    assert_eq!(ask(&step("repair"), &east, &none).0, 400);
    assert_eq!(ask(&step("repair"), &east, &side("420625")).0, 403);
    assert_eq!(ask(&step("repair"), &both, &side("411381")).0, 403);
    assert_eq!(ask(&step("repair"), &both, &side("420606")).0, 404);
    assert_eq!(ask(&step("confirm"), &both, &none).0, 200);
    let before = divisions(&desk);
    let (status, tried) = ask(
        &step("repair"),
        &west,
        &json!({"side": "420625", "dry_run": true}),
    );
    assert_eq!(status, 200, "{tried}");
    assert!(
        tried["won_m2"].as_f64().is_some_and(|won| won < -100_000.0),
        "{tried}"
    );
    assert_eq!(divisions(&desk), before);
}

#[test]
fn of_two_who_repair_at_once_one_does() {
    let (desk, id) = overlapping();
    let east = token(&desk, "dong", "editor", "420682");
    let west = token(&desk, "xi", "editor", "420625");
    let server = desk.serve(&[]);
    let path = format!("/v1/checks/{id}/repair");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let each = [(&east, "420682"), (&west, "420625")].map(|(token, code)| {
            let (server, path) = (&server, &path);
            scope.spawn(move || post(server, path, token, &json!({"side": code})).0)
        });
        each.map(|one| one.join().expect("no panic")).to_vec()
    });
    let done = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(done, 1, "{statuses:?}");
    assert!(
        statuses.contains(&404),
        "the other finds nothing left: {statuses:?}"
    );
    drop(server);
    desk.run(&["check", "--only", "COV"]).expect(0);
    assert_eq!(standing(&desk, &id).1, ["open", "repaired"]);
}
