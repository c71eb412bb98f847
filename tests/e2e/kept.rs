//! What versions before this one have published opens for ever, and says what it said then.
//!
//! The files lie in `tests/fixtures/compat/vN`, one set for each published version; see the README
//! there.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use zhifang_index::{Audience, Snapshot};
use zhifang_tests::{Desk, Server, data, percent, project_root};

use crate::snapshots::{assert_same, redacted};

const ROUND: &str = "i-2027-411381420682";
const LINE: &str = "411381420682";
/// Largest file of a set, bytes.
const LARGEST: u64 = 100_000;

fn folder() -> PathBuf {
    project_root().join("tests/fixtures/compat/v1")
}

/// The register with what is kept beside it, and the pack with what a crew brought back.
const FILES: [&str; 5] = [
    "register.db",
    "register.db.snapshot",
    "register.db.names",
    "pack.geojson",
    "observations.geojson",
];

/// A copy to work on: opening may migrate.
fn copied() -> Desk {
    let desk = Desk::new();
    for name in FILES {
        let content = fs::read(folder().join(name)).expect("a file of version 1");
        desk.file(name, content);
    }
    desk
}

#[test]
fn the_files_of_version_1_open_and_say_what_they_said() {
    for name in FILES {
        let length = fs::metadata(folder().join(name)).expect("a file").len();
        assert!(length <= LARGEST, "{name}: {length} bytes");
    }
    snapshot_opens();
    let desk = copied();
    let mut said = String::new();
    for arguments in [
        &["verify"][..],
        &["user", "list"],
        &["history", "names/n-420682001001"],
        &["export", "names", "--format", "csv", "--all"],
        &["export", "markers", "--format", "csv"],
        &["export", "divisions", "--filter", "code = '420682'"],
        &["inspect", "status", ROUND, "--format", "json"],
    ] {
        let run = desk.run(arguments);
        let answer = run.expect(0).stdout();
        let _ = writeln!(said, "$ zhifang {}\n{answer}", arguments.join(" "));
    }
    assert_same("compat_v1_register", &redacted(&said, &[]));
    let server = desk.serve(&[]);
    assert_same("compat_v1_service", &redacted(&asked(&server), &[]));
    assert_eq!(server.stop(), 0);
    pack_merges(&desk);
}

fn snapshot_opens() {
    let bytes = fs::read(folder().join("register.db.snapshot")).expect("the snapshot");
    let snapshot = Snapshot::from_bytes(&bytes).expect("a snapshot of version 1");
    let view = snapshot.view(Audience::Staff);
    let counts = zhifang_core::Collection::ALL.map(|collection| view.len(collection));
    assert_eq!(counts.iter().sum::<usize>(), 48, "{counts:?}");
    let head = copied().run(&["changes"]).stdout().lines().count();
    assert_eq!(usize::try_from(snapshot.seq()), Ok(head));
}

/// The service's answers from what was kept: names, ground, a tile.
fn asked(server: &Server) -> String {
    let mut said = String::new();
    for path in [
        format!("/v1/search?q={}&limit=3", percent("老河口")),
        "/v1/reverse?lon=111.67&lat=32.385".to_owned(),
        "/v1/divisions/420682".to_owned(),
    ] {
        let mut answer = server.json(&path);
        // How well a name matches is not what the file says.
        for feature in answer["features"].as_array_mut().into_iter().flatten() {
            if let Some(properties) = feature["properties"].as_object_mut() {
                properties.retain(|name, _| !matches!(name.as_str(), "score" | "confidence"));
            }
        }
        let _ = writeln!(said, "GET {path}\n{answer:#}");
    }
    assert_eq!(server.get("/tiles/base/8/207/103.mvt").status, 200);
    said
}

/// A pack of then is taken back now; twice is once.
fn pack_merges(desk: &Desk) {
    let pack = fs::read_to_string(folder().join("pack.geojson")).expect("the pack");
    let pack: Value = serde_json::from_str(&pack).expect("GeoJSON");
    let collections = |name: &str| {
        let features = pack["features"].as_array().into_iter().flatten();
        features
            .filter(|one| one["properties"]["collection"] == name)
            .count()
    };
    assert_eq!(
        (collections("markers"), collections("boundaries")),
        (12, 1),
        "{pack:#}"
    );
    let merge = [
        "inspect",
        "merge",
        ROUND,
        "observations.geojson",
        "--report",
        "json",
    ];
    let first = desk.run(&merge).json(0);
    assert_eq!(first["accepted"], 3, "{first}");
    let again = desk.run(&merge).json(0);
    assert_eq!(
        (&again["accepted"], &again["known"]),
        (&json!(0), &json!(3)),
        "{again}"
    );
}

/// Part of a shipped file.
fn excerpt(desk: &Desk, file: &str, keep: impl Fn(usize, &Value) -> bool) -> String {
    let path = data(&format!("laohekou/{file}.geojson"));
    let text = fs::read_to_string(path).expect("a shipped file");
    let mut document: Value = serde_json::from_str(&text).expect("GeoJSON");
    if let Some(features) = document["features"].as_array_mut() {
        let mut place = 0;
        features.retain(|feature| {
            place += 1;
            keep(place, &feature["properties"])
        });
    }
    let path = desk.file(&format!("{file}.geojson"), document.to_string());
    path.display().to_string()
}

/// Makes the set of this version, once, when it is published.
#[test]
#[ignore = "writes tests/fixtures/compat, by hand when a format gets a new version"]
fn write_the_files_of_this_version() {
    let desk = Desk::new();
    let import = |collection: &str, file: &str, keep: &dyn Fn(usize, &Value) -> bool| {
        desk.run(&["import", collection, &excerpt(&desk, file, keep)])
            .expect(0);
    };
    import("divisions", "laohekou_and_neighbours", &|_, _| true);
    import("names", "names", &|place, _| place <= 20);
    import("boundaries", "boundaries", &|_, one| one["id"] == LINE);
    import("markers", "markers", &|_, one| one["boundary"] == LINE);
    import("services", "services", &|place, _| place <= 7);
    let renamed = "id,name\nn-420682001001,东启街改名社区\n";
    let renamed = desk.file("renamed.csv", renamed).display().to_string();
    desk.run(&["import", "names", &renamed]).expect(0);
    desk.run(&[
        "user",
        "add",
        "zhang",
        "--role",
        "editor",
        "--division",
        "420682",
    ])
    .expect(0);
    let plan = [
        "inspect",
        "plan",
        "--within",
        "420682",
        "--boundary",
        LINE,
        "--year",
        "2027",
    ];
    desk.run(&plan).expect(0);
    desk.run(&["inspect", "pack", ROUND, "-o", "pack.geojson"])
        .expect(0);
    let pack = fs::read_to_string(desk.path("pack.geojson")).expect("the pack");
    let pack: Value = serde_json::from_str(&pack).expect("GeoJSON");
    let markers = pack["features"].as_array().into_iter().flatten();
    let markers = markers.filter(|one| one["properties"]["collection"] == "markers");
    let observed: Vec<Value> = markers
        .take(3)
        .enumerate()
        .map(|(at, marker)| {
            json!({"type": "Feature", "geometry": marker["geometry"], "properties": {
                "uuid": format!("00000000-0000-4000-8000-{at:012}"),
                "marker": marker["properties"]["number"],
                "marker_version": marker["properties"]["version"],
                "state": "good", "observed_at": format!("2026-10-08T{:02}:15:00+08:00", 8 + at),
                "observer": "张", "side": "420682", "accuracy_m": 1.5}})
        })
        .collect();
    let observed = json!({"type": "FeatureCollection", "features": observed});
    desk.file("observations.geojson", observed.to_string());
    // The service writes the snapshot and the names when it ends.
    assert_eq!(desk.serve(&[]).stop(), 0);
    desk.run(&["backup", "whole.db"]).expect(0);
    fs::create_dir_all(folder()).expect("the folder of fixtures");
    for name in FILES {
        let from = if name == "register.db" {
            "whole.db"
        } else {
            name
        };
        fs::copy(desk.path(from), folder().join(name)).expect("a copied file");
    }
}
