//! The dispute desk: the dossier, evidence of the law's kinds, steps with their days, the line.

use serde_json::{Value, json};
use zhifang_tests::{Desk, data};

/// The demonstration's dispute with its line, claims and what stands there.
fn desk() -> Desk {
    let desk = Desk::new();
    for (collection, file) in [
        ("divisions", "laohekou_and_neighbours"),
        ("boundaries", "boundaries"),
        ("disputes", "disputes"),
        ("claims", "claims"),
        ("cemeteries", "cemeteries"),
    ] {
        let path = data(&format!("laohekou/{file}.geojson"));
        let run = desk.run(&["import", collection, &path.display().to_string()]);
        assert!(run.status() < 2, "{file}: {}", run.stderr());
    }
    desk
}

fn show(desk: &Desk) -> Value {
    desk.run(&["disputes", "show", "d-01", "--format", "json"])
        .json(0)
}

fn records(desk: &Desk, collection: &str, id: &str) -> Value {
    let all = desk.run(&["export", collection, "--all"]).json(0);
    let features = all["features"].as_array().cloned().unwrap_or_default();
    let found = features
        .into_iter()
        .find(|one| one["properties"]["id"] == id);
    found.expect("the record")
}

#[test]
fn the_dossier_holds_both_claims_their_evidence_and_the_ground() {
    let desk = desk();
    let dossier = show(&desk);
    assert_eq!(dossier["parties"].as_array().map(Vec::len), Some(2));
    assert_eq!(dossier["claims"][0]["colour"], "red");
    assert_eq!(dossier["claims"][1]["colour"], "blue");
    let articles: Vec<&Value> = dossier["claims"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|claim| claim["evidence"].as_array().into_iter().flatten())
        .map(|paper| &paper["article"])
        .collect();
    assert_eq!(articles, [7, 8, 7, 8]);
    assert!(
        dossier["area_m2"]
            .as_f64()
            .is_some_and(|area| area > 10_000.0),
        "{dossier}"
    );
    let inside = dossier["inside"].as_array().cloned().unwrap_or_default();
    assert!(inside.iter().any(|one| one["id"] == "g-080"), "{inside:?}");
    let text = desk.run(&["disputes", "show", "d-01"]);
    assert!(
        text.expect(0).stdout().contains("依据（第七条）"),
        "{}",
        text.stdout()
    );
    desk.run(&["disputes", "show", "d-99"]).expect(2);
}

#[test]
fn only_lawful_evidence_and_steps_are_taken() {
    let desk = desk();
    let seq = || desk.run(&["changes"]).stdout().lines().count();
    let before = seq();
    let evidence = |kind: &str| {
        desk.run(&[
            "disputes",
            "evidence",
            "c-01",
            "--kind",
            kind,
            "--document",
            "省界详图（1996）",
            "--date",
            "1996-03-01",
        ])
    };
    let refused = evidence("newspaper");
    assert!(
        refused.expect(2).stderr().contains("provincial_document"),
        "{}",
        refused.stderr()
    );
    let step = |arguments: &[&str]| desk.run(&[&["disputes", "step", "d-01"], arguments].concat());
    for arguments in [
        &["filed", "--document", "x"][..],
        &["decided"],
        &["closed"],
        &["mediated", "--on", "2024-03-14"],
        &["mediated", "--on", "2999-01-01"],
        &["shouted"],
    ] {
        step(arguments).expect(2);
    }
    assert_eq!(seq(), before, "nothing of it was written");
    evidence("provincial_document").expect(0);
    assert_eq!(
        show(&desk)["claims"][1]["evidence"]
            .as_array()
            .map(Vec::len),
        Some(3)
    );
    step(&["mediated", "--on", "2025-05-06", "--note", "襄阳市主持"]).expect(0);
    let dossier = show(&desk);
    assert_eq!(dossier["state"], "mediated");
    assert_eq!(
        dossier["next"],
        json!(["consulting", "mediated", "decided"])
    );
}

#[test]
fn the_agreed_line_becomes_the_line_in_one_transaction() {
    let desk = desk();
    let line = records(&desk, "boundaries", "420607420682");
    // The superior's line runs midway between both claims.
    let ends = |id: &str| records(&desk, "claims", id)["geometry"]["coordinates"].clone();
    let (ours, theirs) = (ends("c-01"), ends("c-02"));
    let middle = |at: usize, axis: usize| {
        let number = |line: &Value| line[at][axis].as_f64().unwrap_or_default();
        f64::midpoint(number(&ours), number(&theirs))
    };
    let count = ours.as_array().map_or(0, Vec::len);
    let stretch: Vec<[f64; 2]> = (0..count)
        .map(|at| [middle(at, 0), middle(at, 1)])
        .collect();
    let file = desk.file(
        "agreed.geojson",
        json!({"type": "LineString", "coordinates": stretch}).to_string(),
    );
    let path = file.display().to_string();
    let settle = |more: &[&str]| {
        let arguments = [
            "disputes",
            "settle",
            "d-01",
            "--document",
            "襄政函〔2026〕1号",
            "--decided-on",
            "2026-01-10",
            "--survey-document",
            "联合勘测图",
            "--surveyed-on",
            "2026-03-01",
        ];
        desk.run(&[arguments.as_slice(), more].concat())
    };
    let seq = || desk.run(&["changes"]).stdout().lines().count();
    let before = seq();
    settle(&[]).expect(2);
    let off = desk.file(
        "off.geojson",
        r#"{"type":"LineString","coordinates":[[111.9,32.3],[111.8,32.3]]}"#,
    );
    let refused = settle(&["--line", &off.display().to_string()]);
    assert!(
        refused.expect(2).stderr().contains("beside"),
        "{}",
        refused.stderr()
    );
    settle(&["--line", &path, "--dry-run"]).expect(0);
    assert_eq!(seq(), before, "nothing of it was written");
    let run = settle(&["--line", &path]);
    run.expect(0);

    let now = records(&desk, "boundaries", "420607420682");
    assert_ne!(now["geometry"], line["geometry"]);
    assert_eq!(
        now["properties"]["agreement"]["document"],
        "襄政函〔2026〕1号"
    );
    let vertices = now["geometry"]["coordinates"].to_string();
    let inner = json!(stretch[count / 2]).to_string();
    assert!(
        vertices.contains(&inner),
        "the surveyed vertices are the line's: {inner}"
    );
    for claim in ["c-01", "c-02"] {
        assert_eq!(
            records(&desk, "claims", claim)["properties"]["status"],
            "retired"
        );
    }
    let dossier = show(&desk);
    assert_eq!(
        (&dossier["state"], &dossier["next"]),
        (&json!("decided"), &json!(["filed"]))
    );
    settle(&["--line", &path]).expect(2);
    // What it was before stays in the register.
    let history = desk.run(&["history", "boundaries/420607420682"]);
    assert!(history.expect(0).stdout().lines().count() >= 2);
    for (step, document) in [("filed", "民政部备案"), ("closed", "")] {
        desk.run(&["disputes", "step", "d-01", step, "--document", document])
            .expect(0);
    }
    assert_eq!(show(&desk)["state"], "closed");
    desk.run(&["check", "--only", "DIS-01"]).expect(0);
}

/// A user's header.
fn token(desk: &Desk, name: &str, role: &str, division: &str) -> String {
    let run = desk.run(&["user", "add", name, "--role", role, "--division", division]);
    format!("Bearer {}", run.expect(0).stdout().trim())
}

#[test]
fn over_http_a_side_negotiates_and_the_superior_decides() {
    let desk = desk();
    let ours = token(&desk, "he", "editor", "420682");
    let theirs = token(&desk, "xiang", "editor", "420607");
    let one_side = token(&desk, "shen", "reviewer", "420682");
    let superior = token(&desk, "shi", "reviewer", "4206");
    let stranger = token(&desk, "wai", "reviewer", "411381");
    let server = desk.serve(&[]);
    let ask = |method: &str, path: &str, token: &str, body: &Value| {
        let kind = ("content-type", "application/json");
        let headers = [kind, ("authorization", token)];
        let headers = if token.is_empty() {
            &headers[..1]
        } else {
            &headers[..]
        };
        let text = body.to_string();
        let body = (method == "POST").then_some(text.as_bytes());
        let answer = server.send(method, path, headers, body);
        (answer.status, answer.json())
    };
    let none = json!({});
    let dossier = "/v1/disputes/d-01/dossier";
    let steps = "/v1/disputes/d-01/steps";
    let evidence = "/v1/disputes/d-01/evidence";
    assert_eq!(ask("GET", dossier, "", &none).0, 404, "not for the public");
    for path in [steps, evidence] {
        assert_eq!(ask("POST", path, "", &none).0, 404, "not for the public");
    }
    assert_eq!(ask("GET", dossier, &stranger, &none).0, 403);
    let (status, read) = ask("GET", dossier, &theirs, &none);
    assert_eq!(
        (status, &read["state"]),
        (200, &json!("consulting")),
        "{read}"
    );
    assert_eq!(ask("GET", "/v1/disputes/d-99/dossier", &ours, &none).0, 404);

    let paper = |claim: &str, kind: &str| json!({"claim": claim, "kind": kind, "document": "省界详图", "date": "1996-03-01"});
    assert_eq!(
        ask("POST", evidence, &ours, &paper("c-01", "hearsay")).0,
        400
    );
    assert_eq!(
        ask("POST", evidence, &ours, &paper("c-02", "resource_title")).0,
        403
    );
    assert_eq!(
        ask("POST", evidence, &ours, &paper("c-99", "resource_title")).0,
        404
    );
    let (status, claim) = ask("POST", evidence, &ours, &paper("c-01", "resource_title"));
    assert_eq!(status, 200, "{claim}");
    assert_eq!(
        claim["properties"]["evidence"].as_array().map(Vec::len),
        Some(3)
    );

    let step = |step: &str| json!({"step": step, "document": "襄政函〔2026〕1号"});
    assert_eq!(ask("POST", steps, &ours, &step("shouted")).0, 400);
    assert_eq!(
        ask(
            "POST",
            steps,
            &ours,
            &json!({"step": "consulting", "on": "2999-01-01"})
        )
        .0,
        400
    );
    assert_eq!(ask("POST", steps, &superior, &step("filed")).0, 409);
    assert_eq!(ask("POST", steps, &theirs, &step("consulting")).0, 200);
    for token in [&ours, &one_side, &stranger] {
        assert_eq!(ask("POST", steps, token, &step("mediated")).0, 403);
    }
    let (status, after) = ask("POST", steps, &superior, &step("mediated"));
    assert_eq!(status, 200, "{after}");
    assert_eq!(after["properties"]["dispute_state"], "mediated");
    let (status, after) = ask("POST", steps, &superior, &step("decided"));
    assert_eq!(
        (status, &after["properties"]["log"][5]["by"]),
        (200, &json!("shi")),
        "{after}"
    );
}
