//! The register's promises: nothing acknowledged is lost, both times can be asked.

use serde_json::{Value, json};
use zhifang_tests::Desk;

fn place(desk: &Desk, id: &str, name: &str) -> String {
    let feature = json!({"type": "FeatureCollection", "features": [{
        "type": "Feature", "id": id,
        "properties": {"id": id, "name": name, "division": "420682", "category": 1},
        "geometry": {"type": "Point", "coordinates": [111.67, 32.38]},
    }]});
    desk.file(&format!("{id}.geojson"), feature.to_string())
        .display()
        .to_string()
}

#[test]
fn every_version_is_kept_and_can_be_asked_for() {
    let desk = Desk::new();
    desk.run(&["import", "names", &place(&desk, "n1", "旧名")])
        .expect(0);
    let first: Value =
        serde_json::from_str(desk.run(&["history", "names/n1"]).stdout().trim()).expect("one line");
    std::thread::sleep(std::time::Duration::from_millis(20));
    desk.run(&["import", "names", &place(&desk, "n1", "新名")])
        .expect(0);
    let history = desk.run(&["history", "names/n1"]).stdout();
    assert_eq!(history.lines().count(), 2);
    let at = first["at"].as_str().expect("a time");
    let then = desk.run(&["export", "names", "--known-at", at]).json(0);
    assert_eq!(then["features"][0]["properties"]["name"], "旧名");
    let now = desk.run(&["export", "names"]).json(0);
    assert_eq!(now["features"][0]["properties"]["name"], "新名");
    let seqs: Vec<u64> = desk
        .run(&["changes"])
        .stdout()
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok()?["seq"].as_u64())
        .collect();
    assert_eq!(seqs, [1, 2]);
    desk.run(&["verify"]).expect(0);
}

#[test]
fn a_backup_restores_into_another_register() {
    let desk = Desk::new();
    desk.run(&["import", "names", &place(&desk, "n1", "汉江")])
        .expect(0);
    let copy = desk.path("copy.backup").display().to_string();
    desk.run(&["backup", &copy]).expect(0);
    let other = Desk::new();
    other.run(&["restore", &copy]).expect(0);
    assert_eq!(
        other.run(&["export", "names"]).stdout(),
        desk.run(&["export", "names"]).stdout()
    );
    other.run(&["verify"]).expect(0);
}

#[test]
fn an_acknowledged_edit_survives_a_power_cut() {
    let desk = Desk::new();
    let token = desk
        .run(&["user", "add", "zhang", "--role", "editor"])
        .stdout()
        .trim()
        .to_owned();
    let server = desk.serve(&[]);
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/geo+json"),
    ];
    let mut acknowledged = Vec::new();
    for number in 0..20 {
        let id = format!("n{number}");
        let body = json!({"type": "Feature", "id": id, "geometry": null,
            "properties": {"name": "地名", "division": "420682"}});
        let answer = server.send(
            "POST",
            "/ogc/collections/names/items",
            &headers,
            Some(body.to_string().as_bytes()),
        );
        assert_eq!(answer.status, 201, "{}", answer.text());
        acknowledged.push(id);
    }
    server.kill();
    let export = desk.run(&["export", "names"]).json(0);
    for id in acknowledged {
        let found = export["features"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|feature| feature["id"] == id.as_str());
        assert!(found, "`{id}` was lost");
    }
    desk.run(&["verify"]).expect(0);
}
