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
    assert_eq!(now["properties"]["agreement"]["document"], "襄政函〔2026〕1号");
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
