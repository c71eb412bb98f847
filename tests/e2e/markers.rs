//! Markers: in order along their line, numbered, on paper, and set out again when lost.

use serde_json::{Value, json};
use zhifang_tests::{Desk, data};

/// A line whose series lacks number 003.
const LINE: &str = "420607420682";
/// The river line, with its pairs on both banks.
const RIVER: &str = "420625420682";

fn desk() -> Desk {
    let desk = Desk::new();
    for (collection, file) in [
        ("divisions", "laohekou_and_neighbours"),
        ("boundaries", "boundaries"),
        ("markers", "markers"),
    ] {
        let path = data(&format!("laohekou/{file}.geojson"));
        desk.run(&["import", collection, &path.display().to_string()])
            .expect(0);
    }
    desk
}

fn list(desk: &Desk, line: &str) -> Vec<Value> {
    let all = desk
        .run(&["markers", "list", "--boundary", line, "--format", "json"])
        .json(0);
    all["markers"].as_array().cloned().unwrap_or_default()
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[test]
fn markers_stand_in_order_along_their_line_each_on_its_side() {
    let desk = desk();
    let markers = list(&desk, RIVER);
    assert!(markers.len() > 10, "{markers:?}");
    let order: Vec<_> = markers
        .iter()
        .map(|one| (one["serial"].as_u64(), one["type"].to_string()))
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    let singles = markers.iter().filter(|one| one["type"] != "B");
    let along: Vec<f64> = singles.map(|one| number(&one["along_m"])).collect();
    assert!(along.is_sorted(), "{along:?}");
    for one in &markers {
        let wanted = match one["type"].as_str() {
            Some("A") => Some("420625"),
            Some("B") => Some("420682"),
            _ => continue,
        };
        assert_eq!(one["side"].as_str(), wanted, "{one}");
        assert!(number(&one["off_m"]) > 100.0, "{one}");
    }
    // The province line goes on over two county lines.
    let markers = list(&desk, "411326420682");
    let lines: std::collections::BTreeSet<&str> = markers
        .iter()
        .filter_map(|one| one["boundary"].as_str())
        .collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    let serials: Vec<u64> = markers
        .iter()
        .filter_map(|one| one["serial"].as_u64())
        .collect();
    assert!(serials.is_sorted(), "{serials:?}");
    let csv = desk.run(&["markers", "list", "--boundary", RIVER, "--format", "csv"]);
    assert_eq!(
        csv.expect(0).stdout().lines().count(),
        list(&desk, RIVER).len() + 1
    );
    desk.run(&["markers", "list", "--boundary", "nowhere"])
        .expect(2);
}

#[test]
fn an_added_marker_gets_the_number_that_is_free_between_its_neighbours() {
    let desk = desk();
    let before = list(&desk, LINE);
    let place = |serial: u64| {
        let one = before
            .iter()
            .find(|one| one["serial"] == serial)
            .expect("the serial");
        let id = one["id"].as_str().expect("an id").to_owned();
        let all = desk.run(&["export", "markers"]).json(0);
        let features = all["features"].as_array().cloned().unwrap_or_default();
        let found = features
            .into_iter()
            .find(|one| one["properties"]["number"] == id.as_str());
        found.expect("the marker")["geometry"]["coordinates"].clone()
    };
    let (a, b) = (place(2), place(4));
    let middle = [0, 1].map(|axis| f64::midpoint(number(&a[axis]), number(&b[axis])));
    let at = format!("{},{}", middle[0], middle[1]);
    let missing = || {
        let report = desk
            .run(&["check", "--only", "MRK-03", "--format", "json"])
            .json(0);
        report["findings"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(missing(), 1);
    let next = |standing: &str| {
        let arguments = ["markers", "next", "--boundary", LINE, "--at", &at];
        desk.run(&[arguments.as_slice(), &["--standing", standing]].concat())
    };
    assert_eq!(next("single").expect(0).stdout(), format!("{LINE}003Q\n"));
    assert_eq!(next("pair").stdout(), format!("{LINE}003A\n{LINE}003B\n"));

    let added = json!({"type": "FeatureCollection", "features": [{
        "type": "Feature",
        "properties": {
            "id": "added-2026", "name": "增设界桩", "boundary": LINE,
            "sides": ["420607", "420682"], "faces": 2, "division": "420682",
        },
        "geometry": {"type": "Point", "coordinates": middle},
    }]});
    let file = desk.file("added.geojson", added.to_string());
    desk.run(&["import", "markers", &file.display().to_string()])
        .expect(0);
    let assign = ["markers", "assign", "--boundary", LINE, "--format", "json"];
    let seq = || desk.run(&["changes"]).stdout().lines().count();
    let unwritten = seq();
    let plan = desk
        .run(&[assign.as_slice(), &["--dry-run"]].concat())
        .json(0);
    assert_eq!(seq(), unwritten, "a dry run writes nothing");
    assert_eq!(plan["given"][0]["number"], format!("{LINE}003Q"));
    assert_eq!(plan["given"][0]["how"], "between");
    assert_eq!(desk.run(&assign).json(0), plan);
    assert_eq!(seq(), unwritten + 1, "one marker was written");
    assert_eq!(missing(), 0, "the series is whole again");
    let again = desk.run(&assign).json(0);
    assert_eq!(again["given"], json!([]));
    // The id stays, the number finds it.
    let found = list(&desk, LINE);
    let found = found
        .iter()
        .find(|one| one["id"] == "added-2026")
        .expect("the marker");
    assert_eq!(found["serial"], 3);
    assert_eq!(
        next("single").stdout(),
        format!("{LINE}{:03}Q\n", last(&desk) + 1)
    );
}

fn last(desk: &Desk) -> u64 {
    let all = list(desk, LINE);
    all.iter()
        .filter_map(|one| one["serial"].as_u64())
        .max()
        .unwrap_or(0)
}

#[test]
fn the_sheets_hold_every_marker_of_the_line() {
    let desk = desk();
    let on_line = |line: &str| {
        let all = list(&desk, line);
        all.iter().filter(|one| one["boundary"] == line).count()
    };
    let sheet = |more: &[&str]| {
        let run = desk.run(&[&["markers", "sheet", "--boundary", RIVER], more].concat());
        run.expect(0).stdout()
    };
    let records = sheet(&["--kind", "records"]);
    assert_eq!(records.matches("<section>").count(), on_line(RIVER));
    assert_eq!(records.matches("<svg").count(), on_line(RIVER));
    for words in [
        "界桩登记表",
        "同号双立双面型",
        "真方位角",
        "技术员",
        "谷城县",
        "在误差内",
    ] {
        assert!(records.contains(words), "{words}");
    }
    assert!(
        !records.contains("http://") || !records.contains("src="),
        "nothing from outside"
    );
    let results = sheet(&["--kind", "results"]);
    assert!(
        results.contains("界桩成果表") && results.contains("111°E") | results.contains("3° 带")
    );
    let csv = sheet(&["--kind", "results", "--format", "csv"]);
    assert_eq!(csv.lines().count(), on_line(RIVER) + 1);
    let csv = sheet(&["--kind", "records", "--format", "csv"]);
    assert!(csv.starts_with("JZBH,JXDM,JXMC,"), "{csv}");
    assert_eq!(csv.lines().count(), on_line(RIVER) + 1);
    let one = sheet(&["--kind", "records", "--marker", "420625420682001A"]);
    assert_eq!(one.matches("<section>").count(), 1);
    let english = [
        "--lang",
        "en",
        "markers",
        "sheet",
        "--boundary",
        RIVER,
        "--kind",
        "records",
    ];
    assert!(
        desk.run(&english)
            .expect(0)
            .stdout()
            .contains("Boundary marker record")
    );
    desk.run(&["markers", "sheet", "--boundary", RIVER, "--marker", "x"])
        .expect(2);
    let file = desk.path("results.html");
    let path = file.display().to_string();
    desk.run(&["markers", "sheet", "--boundary", RIVER, "-o", &path])
        .expect(0);
    assert_eq!(std::fs::read_to_string(file).expect("the sheet"), results);
}

/// A place so many metres from another, in an azimuth from north: on a sphere's tangent plane,
/// good to a centimetre within 100 m.
fn away(from: &Value, azimuth: f64, metres: f64) -> [f64; 2] {
    let (lon, lat) = (number(&from[0]), number(&from[1]));
    let (east, north) = azimuth.to_radians().sin_cos();
    let degree = 110_890.0;
    let wide = 111_320.0 * lat.to_radians().cos() * 1.000_95;
    [lon + east * metres / wide, lat + north * metres / degree]
}

#[test]
fn a_lost_marker_is_set_out_from_its_reference_objects() {
    let desk = desk();
    let lost = "4142003Q";
    let all = desk.run(&["export", "markers"]).json(0);
    let marker = all["features"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|one| one["properties"]["number"] == lost)
        .expect("the marker");
    let place = &marker["geometry"]["coordinates"];
    let references = marker["properties"]["references"]
        .as_array()
        .expect("objects");
    let objects: Vec<[f64; 2]> = references
        .iter()
        .map(|one| {
            away(
                place,
                number(&one["bearing_deg"]),
                number(&one["distance_m"]),
            )
        })
        .collect();
    let set_out = |objects: &[[f64; 2]], more: &[&str]| {
        let mut arguments = vec!["markers".to_owned(), "set-out".to_owned(), lost.to_owned()];
        for (at, [lon, lat]) in objects.iter().enumerate() {
            arguments.push("--object".to_owned());
            arguments.push(format!("{}={lon:.8},{lat:.8}", at + 1));
        }
        arguments.extend(more.iter().map(|word| (*word).to_owned()));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        desk.run(&arguments)
    };
    // Without where they are today nothing can be said.
    let run = set_out(&[], &[]);
    assert!(
        run.expect(2).stderr().contains("--object"),
        "{}",
        run.stderr()
    );
    set_out(&[], &["--object", "9=111.6,32.6"]).expect(2);
    set_out(&objects, &["--bearing-error", "0"]).expect(2);

    let found = set_out(&objects, &["--format", "json"]).json(0);
    let properties = &found["properties"];
    assert!(number(&properties["from_registered_m"]) < 0.3, "{found}");
    assert_eq!(properties["agrees_with_registered"], true);
    assert_eq!(properties["redundancy"], 4);
    let major = number(&properties["ellipse"]["major_m"]);
    assert!((0.1..1.5).contains(&major), "{found}");
    let text = set_out(&objects, &[]);
    assert!(
        text.expect(0).stdout().contains("误差椭圆"),
        "{}",
        text.stdout()
    );

    // Two objects do as well, less surely.
    let two = set_out(&objects[..2], &["--format", "json"]).json(0);
    assert!(number(&two["properties"]["ellipse"]["major_m"]) > major);
    // An object that was moved contradicts the others.
    let mut moved = objects.clone();
    moved[1][0] += 0.000_15;
    let run = set_out(&moved, &["--format", "json"]);
    let found = run.json(1);
    let suspects: Vec<&Value> = found["properties"]["objects"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| one["suspect"] == true)
        .collect();
    assert!(!suspects.is_empty(), "{found}");
}

#[test]
fn the_course_is_told_in_words_and_the_public_gets_rounded_places() {
    let desk = desk();
    let run = desk.run(&["markers", "course", "--boundary", LINE]);
    let told = run.expect(0).stdout();
    assert!(
        told.contains("方位角") && told.contains("至420607420682002Q号界桩。"),
        "{told}"
    );
    // What is written from the geometry agrees with it; turned round it does not.
    let line = |course: &str| {
        let all = desk.run(&["export", "boundaries"]).json(0);
        let features = all["features"].as_array().cloned().unwrap_or_default();
        let mut one = features
            .into_iter()
            .find(|one| one["properties"]["id"] == LINE)
            .expect("the line");
        one["properties"]["course"] = json!(course);
        let file = desk.file(
            "line.geojson",
            json!({"type": "FeatureCollection", "features": [one]}).to_string(),
        );
        desk.run(&["import", "boundaries", &file.display().to_string()])
            .expect(0);
        let report = desk
            .run(&["check", "--only", "LIN-10", "--format", "json"])
            .json(0);
        report["findings"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(line(&told.replace('\n', "")), 0);
    let leg = told.lines().nth(1).expect("a leg between two markers");
    let (_, word) = leg.split_once('向').expect("a direction");
    let word = word.split('（').next().unwrap_or_default();
    let wrong = if word.contains('北') { "南" } else { "北" };
    let turned = leg.replacen(&format!("向{word}（"), &format!("向{wrong}（"), 1);
    assert_eq!(
        line(&told.replace(leg, &turned).replace('\n', "")),
        1,
        "{turned}"
    );

    let server = desk.serve(&[]);
    let path = format!("/v1/boundaries/{LINE}/markers");
    let public = server.json(&path);
    let own = list(&desk, LINE);
    let markers = public["markers"].as_array().cloned().unwrap_or_default();
    assert_eq!(markers.len(), own.len());
    assert!(
        public["course"]
            .as_array()
            .is_some_and(|legs| legs.len() >= own.len())
    );
    let far = markers
        .iter()
        .zip(&own)
        .filter(|(rounded, exact)| rounded["along_m"] != exact["along_m"])
        .count();
    assert!(far > own.len() / 2, "positions are rounded for the public");
    assert_eq!(server.get("/v1/boundaries/nowhere/markers").status, 404);
}
