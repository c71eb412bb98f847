//! Bringing files in: the report, the counts on the real data, the bad input.

use serde_json::{Value, json};
use zhifang_tests::{Desk, data};

/// A shipped file; `.gz` is read through.
fn shipped(name: &str) -> String {
    data(&format!("nation/{name}")).display().to_string()
}

fn counts(report: &Value) -> (u64, u64, u64, u64, u64) {
    let count = |name: &str| report[name].as_u64().unwrap_or(u64::MAX);
    (
        count("read"),
        count("accepted"),
        count("unchanged"),
        count("changed"),
        count("rejected"),
    )
}

#[test]
fn the_nations_polygons_are_counted_as_they_are() {
    let desk = Desk::new();
    let import = |name: &str| {
        let file = shipped(name);
        desk.run(&["import", "divisions", &file, "--report", "json"])
            .json(1)
    };
    assert_eq!(
        counts(&import("china_counties.geojson.gz")),
        (2898, 2891, 0, 0, 7)
    );
    assert_eq!(
        counts(&import("china_prefectures.geojson.gz")),
        (388, 335, 40, 0, 13)
    );
    assert_eq!(
        counts(&import("china_provinces.geojson.gz")),
        (42, 27, 7, 0, 8)
    );
    assert_eq!(
        counts(&import("china_provinces.geojson.gz")),
        (42, 0, 34, 0, 8)
    );
}

#[test]
fn undeclared_gcj02_is_called_out_and_not_written() {
    let desk = Desk::new();
    let truth = data("laohekou/laohekou_and_neighbours.geojson")
        .display()
        .to_string();
    let other = data("laohekou/laohekou_other_source_undeclared_crs.geojson")
        .display()
        .to_string();
    desk.run(&["import", "divisions", &truth]).expect(0);
    let report = desk
        .run(&["import", "divisions", &other, "--report", "json"])
        .json(1);
    let warning = report["warnings"]
        .as_array()
        .and_then(|warnings| {
            warnings
                .iter()
                .find(|warning| warning["code"] == "looks_shifted")
        })
        .unwrap_or_else(|| panic!("no warning: {report}"));
    assert!(warning.to_string().contains("gcj02"), "{warning}");
    assert_eq!(report["rejected"], 7);
    assert_eq!(
        report["accepted"].as_u64().unwrap_or(9) + report["changed"].as_u64().unwrap_or(9),
        0
    );
    let declared = desk.run(&[
        "import",
        "divisions",
        &other,
        "--source-crs",
        "gcj02",
        "--report",
        "json",
    ]);
    assert!(declared.status() < 2, "{}", declared.stderr());
}

#[test]
fn a_record_is_known_by_id_or_natural_key_and_twice_is_a_rejection() {
    let desk = Desk::new();
    let file = desk.file(
        "names.csv",
        "id,name,category,lon,lat,colour\nn1,汉江,1,111.6,32.4,blue\nn1,汉水,1,111.6,32.4,\nn2,,1,,,\n",
    );
    let file = file.display().to_string();
    let report = desk
        .run(&[
            "import",
            "names",
            &file,
            "--source-crs",
            "EPSG:4490",
            "--report",
            "json",
        ])
        .json(1);
    assert_eq!(counts(&report), (3, 2, 0, 0, 1));
    let rejection = &report["rejections"][0];
    assert_eq!(rejection["row"], 2, "{rejection}");
    assert!(
        rejection["reason"]
            .as_str()
            .unwrap_or_default()
            .contains('1'),
        "{rejection}"
    );
    assert!(
        !report["warnings"]
            .as_array()
            .map_or(&[][..], Vec::as_slice)
            .is_empty()
    );
    let export = desk.run(&["export", "names"]).json(0);
    let first = &export["features"][0];
    assert_eq!(first["properties"]["extra"], json!({"colour": "blue"}));
    assert_eq!(first["geometry"]["coordinates"], json!([111.6, 32.4]));
    let again = desk
        .run(&[
            "import",
            "names",
            &file,
            "--source-crs",
            "EPSG:4490",
            "--report",
            "json",
        ])
        .json(1);
    assert_eq!(counts(&again), (3, 0, 2, 0, 1));
}

#[test]
fn what_export_writes_import_reads_back_as_unchanged() {
    let desk = Desk::new();
    let services = data("laohekou/services.geojson").display().to_string();
    desk.run(&["import", "services", &services]).expect(0);
    for format in ["geojson", "geojsonseq", "csv", "xlsx", "gpkg", "fgb"] {
        let file = desk.path(&format!("out.{format}")).display().to_string();
        desk.run(&["export", "services", "--format", format, "-o", &file])
            .expect(0);
        let mut arguments = vec!["import", "services", &file, "--report", "json"];
        if matches!(format, "csv" | "xlsx") {
            arguments.extend(["--source-crs", "EPSG:4490"]);
        }
        let report = desk.run(&arguments).json(0);
        assert_eq!(report["read"], report["unchanged"], "{format}: {report}");
    }
}

#[test]
fn bad_input_says_what_where_and_leaves_the_register_alone() {
    let desk = Desk::new();
    let cases: [(&str, &[u8], &[&str]); 6] = [
        ("truncated.geojson", br#"{"type":"FeatureCollection","features":[{"type":"Fea"#, &[]),
        ("nan.geojson", br#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"a"},"geometry":{"type":"Point","coordinates":[NaN,32]}}]}"#, &[]),
        ("empty.geojson", b"", &[]),
        ("coordinates.csv", b"id,name,lon,lat\na,b,111,32\n", &[]),
        ("unknown_crs.csv", b"id,name,lon,lat\na,b,111,32\n", &["--source-crs", "EPSG:99999"]),
        ("vrt.geojson", b"<OGRVRTDataSource><OGRVRTLayer name=\"x\"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>", &[]),
    ];
    for (name, content, more) in cases {
        let file = desk.file(name, content).display().to_string();
        let mut arguments = vec!["import", "names", &file];
        arguments.extend(more);
        let run = desk.run(&arguments);
        assert_ne!(run.status(), 0, "{name}: {}", run.stdout());
        assert!(
            run.status() == 1 || !run.stderr().is_empty(),
            "{name} says nothing"
        );
        assert_eq!(
            desk.run(&["export", "names"]).json(0)["features"],
            json!([]),
            "{name}"
        );
    }
    desk.run(&["import", "names", "no-such-file.geojson"])
        .expect(2);
    desk.run(&["import", "castles", "x.geojson"]).expect(2);
}
