//! Polygons become shared lines; from then on they change with their lines only.

use serde_json::{Value, json};
use zhifang_tests::{Desk, data};

fn townships() -> Desk {
    let desk = Desk::new();
    for (collection, file) in [
        ("divisions", "laohekou_and_neighbours"),
        ("divisions", "townships"),
        ("boundaries", "boundaries"),
    ] {
        let path = data(&format!("laohekou/{file}.geojson"))
            .display()
            .to_string();
        desk.run(&["import", collection, &path]).expect(0);
    }
    desk
}

fn polygon(desk: &Desk, code: &str) -> Value {
    let filter = format!("id = '{code}'");
    let export = desk
        .run(&["export", "divisions", "--filter", &filter])
        .json(0);
    export["features"][0]["geometry"].clone()
}

#[test]
fn adopted_units_keep_their_polygons_bit_for_bit_and_a_second_run_finds_nothing_new() {
    let desk = townships();
    let before = polygon(&desk, "420682001");
    let dry = desk
        .run(&[
            "boundaries",
            "adopt",
            "--within",
            "420682",
            "--dry-run",
            "--report",
            "json",
        ])
        .json(0);
    assert_eq!(dry["adopted"].as_array().map(Vec::len), Some(13));
    assert_eq!(dry["differences"], json!([]));
    desk.run(&["boundaries", "adopt", "--within", "420682"])
        .expect(0);
    assert_eq!(polygon(&desk, "420682001"), before);
    let again = desk
        .run(&[
            "boundaries",
            "adopt",
            "--within",
            "420682",
            "--report",
            "json",
        ])
        .json(0);
    assert_eq!(again["writes"], 0);
    let townships = data("laohekou/townships.geojson").display().to_string();
    let report = desk
        .run(&["import", "divisions", &townships, "--report", "json"])
        .json(0);
    assert_eq!(report["read"], report["unchanged"], "{report}");
}

#[test]
fn moving_a_line_moves_both_its_units_and_nothing_else() {
    let desk = townships();
    desk.run(&["boundaries", "adopt", "--within", "420682"])
        .expect(0);
    let token = desk
        .run(&["user", "add", "zhang", "--role", "editor"])
        .stdout()
        .trim()
        .to_owned();
    let server = desk.serve(&[]);
    let bearer = format!("Bearer {token}");
    let auth = ("authorization", bearer.as_str());
    let merge = ("content-type", "application/merge-patch+json");
    let path = "/ogc/collections/boundaries/items/420682001420682105";
    let line = server.get(path);
    let tag = line.header("etag").expect("a tag").to_owned();
    let mut geometry = line.json()["geometry"].clone();
    let coordinates = geometry["coordinates"].as_array_mut().expect("a line");
    let middle = coordinates.len() / 2;
    let moved = json!([
        coordinates[middle][0].as_f64().expect("a number") + 0.000_1,
        coordinates[middle][1].as_f64().expect("a number") + 0.000_1,
    ]);
    coordinates[middle] = moved.clone();
    let unit = |code: &str| server.json(&format!("/ogc/collections/divisions/items/{code}"));
    let others_before = unit("420682104")["properties"]["version"].clone();
    let body = json!({ "geometry": geometry }).to_string().into_bytes();
    let answer = server.send(
        "PATCH",
        path,
        &[merge, auth, ("if-match", &tag)],
        Some(&body),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    for code in ["420682001", "420682105"] {
        let text = unit(code)["geometry"].to_string();
        assert!(
            text.contains(&moved.to_string()),
            "{code} did not follow its line"
        );
    }
    assert_eq!(unit("420682104")["properties"]["version"], others_before);
    // The polygon itself is no longer edited.
    let item = server.get("/ogc/collections/divisions/items/420682001");
    let tag = item.header("etag").expect("a tag").to_owned();
    let square = json!({"geometry": {"type": "Polygon", "coordinates": [[[111.0, 32.0], [111.1, 32.0], [111.1, 32.1], [111.0, 32.0]]]}});
    let bytes = square.to_string().into_bytes();
    let path = "/ogc/collections/divisions/items/420682001";
    assert_eq!(
        server
            .send(
                "PATCH",
                path,
                &[merge, auth, ("if-match", &tag)],
                Some(&bytes)
            )
            .status,
        409
    );
}
