//! A joint inspection from plan to report: packs out, observations in, in any order.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use zhifang_tests::{Desk, Run, Server, data, program};

const LINE: &str = "411381420682";
const ROUND: &str = "i-2027-411381420682";

/// Laohekou with its lines, markers and what lies across them, and one inspection planned.
fn planned() -> Desk {
    let desk = Desk::new();
    for (collection, file) in [
        ("divisions", "laohekou_and_neighbours"),
        ("names", "names"),
        ("boundaries", "boundaries"),
        ("markers", "markers"),
        ("disputes", "disputes"),
        ("claims", "claims"),
        ("structures", "structures"),
        ("inspections", "inspections"),
        ("observations", "observations"),
    ] {
        let path = data(&format!("laohekou/{file}.geojson"))
            .display()
            .to_string();
        desk.run(&["import", collection, &path]).expect(0);
    }
    let plan = plan_line(&desk);
    assert_eq!(plan.stdout(), format!("{ROUND}\n"));
    desk
}

fn plan_line(desk: &Desk) -> Run {
    let arguments = ["--within", "420682", "--boundary", LINE, "--year", "2027"];
    let run = desk.run(&[&["inspect", "plan"], arguments.as_slice()].concat());
    run.expect(0);
    run
}

fn features(document: &Value) -> Vec<Value> {
    document["features"].as_array().cloned().unwrap_or_default()
}

/// Markers of a pack, in walking order.
fn markers(pack: &Value) -> Vec<Value> {
    features(pack)
        .into_iter()
        .filter(|one| one["properties"]["collection"] == "markers")
        .collect()
}

/// What a crew of one side writes down about some markers of its pack.
fn crew(pack: &Value, number: u32, side: &str, seen: std::ops::Range<usize>) -> Vec<Value> {
    let markers = markers(pack);
    seen.map(|at| {
        let marker = &markers[at];
        json!({
            "type": "Feature",
            "geometry": marker["geometry"],
            "properties": {
                "uuid": format!("00000000-0000-4000-8000-{number:04}{at:08}"),
                "marker": marker["properties"]["number"],
                "marker_version": marker["properties"]["version"],
                "state": marker["properties"]["state"],
                "observed_at": format!("2026-10-08T{:02}:15:00+08:00", 8 + at),
                "observer": "张", "side": side, "accuracy_m": 1.5,
            },
        })
    })
    .collect()
}

fn collection(features: &[Value]) -> String {
    json!({"type": "FeatureCollection", "features": features}).to_string()
}

fn merge(desk: &Desk, files: &[&str], status: i32) -> Value {
    let mut arguments = vec!["inspect", "merge", ROUND];
    arguments.extend(files);
    arguments.extend(["--report", "json"]);
    desk.run(&arguments).json(status)
}

/// The observations of the register by id, without what the store itself adds.
fn observations(desk: &Desk) -> BTreeMap<String, Value> {
    let export = desk.run(&["export", "observations"]).json(0);
    features(&export)
        .into_iter()
        .map(|mut one| {
            if let Some(properties) = one["properties"].as_object_mut() {
                properties.retain(|name, _| !name.starts_with("updated_") && name != "version");
            }
            let id = one["properties"]["id"].as_str().unwrap_or_default();
            (id.to_owned(), one.clone())
        })
        .collect()
}

#[test]
fn two_crews_files_make_the_same_register_in_either_order() {
    let one = planned();
    let other = planned();
    // Planned again, nothing is new.
    assert_eq!(plan_line(&one).stdout(), format!("{ROUND}\n"));
    let exported = one.run(&["export", "inspections"]).json(0);
    assert_eq!(features(&exported).len(), 4);

    let file = one.path("pack.geojson").display().to_string();
    one.run(&["inspect", "pack", ROUND, "-o", &file]).expect(0);
    let text = std::fs::read_to_string(&file).expect("the pack");
    assert_eq!(text, one.run(&["inspect", "pack", ROUND]).stdout());
    let pack: Value = serde_json::from_str(&text).expect("JSON");
    assert!(markers(&pack).len() >= 12 && text.len() < 1 << 20);
    for one in features(&pack) {
        let properties = &one["properties"];
        assert!(properties["collection"].is_string() && properties["id"].is_string());
        assert!(properties["version"].is_u64(), "{one}");
    }

    let mut second = crew(&pack, 2, "420682", 3..9);
    // The sides differ about one marker; the other crew's phone wrote one observation twice over.
    second[0]["properties"]["state"] = json!("missing");
    let mut twice = crew(&pack, 1, "411381", 1..2);
    twice[0]["properties"]["note"] = json!("another content");
    second.extend(twice);
    let files: Vec<(String, String)> = [&one, &other]
        .into_iter()
        .map(|desk| {
            let first = collection(&crew(&pack, 1, "411381", 0..6));
            let a = desk.file("a.geojson", first);
            let b = desk.file("b.geojson", collection(&second));
            (a.display().to_string(), b.display().to_string())
        })
        .collect();
    let (a, b) = (&files[0].0, &files[0].1);
    let report = merge(&one, &[a], 0);
    assert_eq!(
        (&report["accepted"], &report["known"]),
        (&json!(6), &json!(0))
    );
    let report = merge(&one, &[b], 1);
    let kinds: Vec<&Value> = report["conflicts"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|conflict| &conflict["kind"])
        .collect();
    assert_eq!(kinds, ["sides_differ", "same_uuid"], "{report}");
    assert_eq!(report["accepted"], 5);
    merge(&other, &[&files[1].1], 0);
    merge(&other, &[&files[1].0], 1);

    // What the two registers hold is the same, but for which content has the plain uuid as id.
    let said = |desk: &Desk| {
        let kept = observations(desk);
        let mut said: Vec<String> = kept
            .into_values()
            .map(|mut one| {
                let id = one["properties"]["id"].as_str().unwrap_or_default();
                let uuid = id.split('@').next().unwrap_or_default().to_owned();
                one["id"] = json!(uuid);
                one["properties"]["id"] = json!(uuid);
                one["properties"]["uuid"] = json!(uuid);
                let count = one["properties"]["conflict"].as_array().map(Vec::len);
                one["properties"]["conflict"] = json!(count);
                one.to_string()
            })
            .collect();
        said.sort();
        said
    };
    assert_eq!(said(&one), said(&other));
    assert_eq!(observations(&one).len(), 16 + 6 + 7);

    // Twice is once, and what a person must decide is still said.
    let before = observations(&one);
    let again = merge(&one, &[a, b], 1);
    assert_eq!(again["accepted"], 0);
    assert_eq!(observations(&one), before);

    let status = one
        .run(&["inspect", "status", ROUND, "--format", "json"])
        .json(0);
    assert_eq!(
        (&status["state"], &status["seen"]),
        (&json!("open"), &json!(9))
    );
    assert_eq!(status["conflicts"].as_array().map(Vec::len), Some(2));
    assert!(status["walked_m"].as_f64() > Some(10_000.0), "{status}");
    one.run(&["inspect", "close", ROUND, "--signed", "411381,420682"])
        .expect(1);
}

#[test]
fn observations_of_an_older_marker_are_kept_for_a_person() {
    let desk = planned();
    let pack: Value = desk.run(&["inspect", "pack", ROUND]).json(0);
    // The register moves on after the pack was made.
    let mut moved = markers(&pack)[2].clone();
    moved["properties"] = json!({
        "id": moved["properties"]["id"], "number": moved["properties"]["number"],
        "material": "混凝土",
    });
    let file = desk.file("moved.geojson", collection(&[moved]));
    desk.run(&["import", "markers", &file.display().to_string()])
        .expect(0);
    let first = collection(&crew(&pack, 1, "411381", 2..3));
    let first = desk.file("a.geojson", first).display().to_string();
    let second = collection(&crew(&pack, 2, "420682", 2..3));
    let second = desk.file("b.geojson", second).display().to_string();
    assert_eq!(merge(&desk, &[&first], 0)["accepted"], 1);
    let report = merge(&desk, &[&second], 1);
    assert_eq!(report["conflicts"][0]["kind"], "older_marker_version");
    let kept = observations(&desk);
    let in_conflict = kept
        .values()
        .filter(|one| one["properties"]["conflict"].is_array());
    assert_eq!(in_conflict.count(), 2);
    // What was exported is read back as unchanged.
    let export = desk.run(&["export", "observations"]).stdout();
    let export = desk.file("o.geojson", export).display().to_string();
    let report = desk
        .run(&["import", "observations", &export, "--report", "json"])
        .json(0);
    assert_eq!(report["read"], report["unchanged"], "{report}");
}

#[test]
fn a_bad_file_or_a_killed_merge_leaves_the_register_as_it_was() {
    let desk = planned();
    let head = |desk: &Desk| desk.run(&["changes"]).stdout().lines().count();
    let before = head(&desk);
    let pack: Value = desk.run(&["inspect", "pack", ROUND]).json(0);
    let good = desk.file("good.geojson", collection(&crew(&pack, 1, "411381", 0..2)));
    let good = good.display().to_string();
    let bad = desk.file("bad.geojson", "{\"type\":\"Feature\",");
    let bad = bad.display().to_string();
    for arguments in [
        ["inspect", "merge", ROUND, &good, &bad].as_slice(),
        &["inspect", "merge", ROUND, "absent.geojson"],
        &["inspect", "merge", "i-none", &good],
        &["inspect", "pack", "i-none"],
        &[
            "inspect",
            "plan",
            "--within",
            "420682",
            "--boundary",
            "none",
        ],
    ] {
        let run = desk.run(arguments);
        assert!(run.expect(2).stderr().starts_with("错误："));
        assert_eq!(run.stdout(), "");
    }
    assert_eq!(head(&desk), before);

    let many: Vec<Value> = (0..4_000_u32)
        .map(|number| {
            let mut one = crew(&pack, 9, "420682", 0..1).remove(0);
            let uuid = format!("00000000-0000-4000-9000-{number:012}");
            one["properties"] = json!({
                "uuid": uuid, "note": "界线完好",
                "observed_at": "2026-10-08T09:00:00+08:00",
            });
            one
        })
        .collect();
    let many = desk.file("many.geojson", collection(&many));
    let many = many.display().to_string();
    for wait_ms in [60, 120, 180, 240, 300] {
        let mut child = Command::new(program())
            .args(["--store", desk.store(), "inspect", "merge", ROUND, &many])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(Duration::from_millis(wait_ms));
        let _ = child.kill();
        let _ = child.wait();
        let kept = observations(&desk).len() - 16;
        assert!(
            kept == 0 || kept == 4_000,
            "{kept} of 4000 after {wait_ms} ms"
        );
    }
    let report = merge(&desk, &[&many], 0);
    let count = |name: &str| report[name].as_u64().unwrap_or_default();
    assert_eq!(count("accepted") + count("known"), 4_000);
    assert_eq!(observations(&desk).len(), 4_016);
    desk.run(&["verify"]).expect(0);
}

#[test]
fn both_sides_agree_and_sign_and_the_register_follows() {
    let desk = planned();
    let pack: Value = desk.run(&["inspect", "pack", ROUND]).json(0);
    let all = markers(&pack).len();
    let mut seen = crew(&pack, 1, "411381", 0..all);
    seen.extend(crew(&pack, 2, "420682", 0..all));
    let file = desk.file("all.geojson", collection(&seen));
    let report = merge(&desk, &[&file.display().to_string()], 0);
    assert_eq!(report["accepted"], all * 2);
    let page = desk
        .run(&["inspect", "report", ROUND, "--format", "html"])
        .stdout();
    assert!(page.contains("<!DOCTYPE html>") && page.contains("双方签字"));
    let document = desk
        .run(&["inspect", "report", ROUND, "--format", "json"])
        .json(0);
    assert_eq!(document["standing"]["unseen"], json!([]));
    let planted = &document["structures"][1];
    assert_eq!(planted["consent_lacking"], json!(["420682"]), "{document}");
    desk.run(&["inspect", "close", ROUND, "--signed", "411381"])
        .expect(1);
    desk.run(&["inspect", "close", ROUND, "--signed", "411381,420682"])
        .expect(0);
    let line = desk
        .run(&[
            "export",
            "boundaries",
            "--filter",
            &format!("id = '{LINE}'"),
        ])
        .json(0);
    assert_eq!(
        line["features"][0]["properties"]["inspected_on"],
        "2026-10-08"
    );
    // The clock of the law starts again, and the other side leads.
    let plan = desk
        .run(&[
            "inspect",
            "plan",
            "--within",
            "420682",
            "--boundary",
            LINE,
            "--year",
            "2031",
            "--format",
            "json",
        ])
        .json(0);
    let next = &plan["inspections"][0];
    assert_eq!(
        (&next["lead"], &next["due"]),
        (&json!("420682"), &json!("2031-10-08"))
    );
}

fn token(desk: &Desk, name: &str, role: &str, division: &str) -> String {
    let run = desk.run(&["user", "add", name, "--role", role, "--division", division]);
    format!("Bearer {}", run.expect(0).stdout().trim())
}

fn ask(server: &Server, method: &str, path: &str, token: &str, body: Option<&str>) -> (u16, Value) {
    let kind = ("content-type", "application/geo+json");
    let mut headers = vec![kind];
    if !token.is_empty() {
        headers.push(("authorization", token));
    }
    let answer = server.send(method, path, &headers, body.map(str::as_bytes));
    (answer.status, answer.json())
}

#[test]
fn crews_hand_in_over_http_and_only_they() {
    let desk = planned();
    let ours = token(&desk, "li", "inspector", "420682");
    let theirs = token(&desk, "wang", "inspector", "411381");
    let reader = token(&desk, "zhao", "viewer", "420682");
    let elsewhere = desk.file("elsewhere.csv", "code,name\n110101,东城区\n");
    desk.run(&["import", "divisions", &elsewhere.display().to_string()])
        .expect(0);
    let stranger = token(&desk, "qian", "inspector", "110101");
    let server = desk.serve(&[]);
    let of_round = format!("/v1/inspections/{ROUND}");
    let pack_path = format!("{of_round}/pack");
    let post_path = format!("{of_round}/observations");
    let get = |path: &str, token: &str| ask(&server, "GET", path, token, None);

    for path in ["/v1/inspections", &of_round, &pack_path] {
        assert_eq!(get(path, "").0, 404, "{path}");
    }
    assert_eq!(ask(&server, "POST", &post_path, "", Some("{}")).0, 404);
    let listed = get("/v1/inspections", &reader).1;
    assert_eq!(features(&listed).len(), 4);
    assert_eq!(features(&get("/v1/inspections", &stranger).1).len(), 0);
    assert_eq!(get(&of_round, &stranger).0, 404);
    assert_eq!(get("/v1/inspections?colour=red", &reader).0, 400);
    for token in [&reader, &stranger] {
        assert_eq!(get(&pack_path, token).0, 403);
        let body = collection(&[]);
        assert_eq!(ask(&server, "POST", &post_path, token, Some(&body)).0, 403);
    }
    assert_eq!(get("/v1/inspections/none/pack", &ours).0, 404);

    let (status, pack) = get(&pack_path, &ours);
    assert_eq!(status, 200);
    assert_eq!(get(&pack_path, &theirs).1["pack"], pack["pack"]);
    let post = |token: &str, features: &[Value]| {
        let body = collection(features);
        let (status, answer) = ask(&server, "POST", &post_path, token, Some(&body));
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let mut first = crew(&pack, 1, "420682", 0..4);
    first.push(json!({"type": "Feature", "geometry": null, "properties": {"state": "good"}}));
    let answer = post(&ours, &first);
    assert_eq!(
        (&answer["accepted"], &answer["known"]),
        (&json!(4), &json!(0))
    );
    assert_eq!(answer["rejected"][0]["row"], 5);
    assert_eq!(answer["rejected"][0]["field"], "uuid");
    assert_eq!(
        post(&theirs, &crew(&pack, 2, "411381", 0..2))["accepted"],
        2
    );
    let again = post(&ours, &crew(&pack, 1, "420682", 0..4));
    assert_eq!(
        (&again["accepted"], &again["known"]),
        (&json!(0), &json!(4))
    );
    let one = crew(&pack, 3, "420682", 5..6).remove(0).to_string();
    let (status, answer) = ask(&server, "POST", &post_path, &ours, Some(&one));
    assert_eq!((status, &answer["accepted"]), (200, &json!(1)));
    for bad in [
        "",
        "{",
        "[1]",
        "{\"type\":\"FeatureCollection\",\"features\":7}",
    ] {
        assert_eq!(
            ask(&server, "POST", &post_path, &ours, Some(bad)).0,
            400,
            "{bad}"
        );
    }

    let (status, found) = get(&of_round, &ours);
    assert_eq!((status, &found["status"]["seen"]), (200, &json!(5)));
    let id = "00000000-0000-4000-8000-000100000000";
    let item = format!("/ogc/collections/observations/items/{id}");
    assert_eq!(get(&item, &ours).0, 200);
    assert_eq!(get(&item, "").0, 404);
    let changes = |token: &str| {
        let headers = [("authorization", token)];
        let headers = if token.is_empty() {
            &headers[1..]
        } else {
            &headers[..]
        };
        server
            .send("GET", "/v1/changes?since=0", headers, None)
            .text()
    };
    assert!(changes(&ours).contains(id) && !changes("").contains(id));
    let report = server.send(
        "GET",
        &format!("{of_round}/report?f=text&lang=en"),
        &[("authorization", &ours)],
        None,
    );
    assert!(report.text().contains("Joint inspection report"));
    assert_eq!(server.stop(), 0);
}
