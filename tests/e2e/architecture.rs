//! The rooms' dependencies are as drawn, and the pure rooms reach nothing that does I/O.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;
use zhifang_tests::project_root;

/// Which rooms each room may depend on; whoever changes this changes the drawing too.
const ALLOWED: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("datum", &["core"]),
    ("pinyin", &["core"]),
    ("query", &["core"]),
    ("crs", &["core", "datum"]),
    ("io", &["core", "crs", "datum", "pinyin", "topology"]),
    ("store", &["core"]),
    ("topology", &["core"]),
    ("index", &["core", "topology"]),
    ("tiles", &["core", "pinyin", "topology", "index"]),
    ("geocode", &["core", "index", "pinyin"]),
    (
        "check",
        &[
            "core", "topology", "index", "datum", "pinyin", "names", "markers",
        ],
    ),
    ("names", &["core", "index", "pinyin"]),
    ("field", &["core", "datum", "topology", "index"]),
    ("markers", &["core", "datum", "topology"]),
    ("assist", &["core", "datum", "index"]),
    ("web", &[]),
    (
        "publish",
        &[
            "core", "datum", "pinyin", "topology", "index", "tiles", "names", "web",
        ],
    ),
    ("demo", &["core", "topology", "pinyin"]),
    (
        "engine",
        &[
            "core", "crs", "io", "store", "topology", "index", "tiles", "geocode", "names", "field",
        ],
    ),
];

/// Rooms without files, sockets, clock or threads of their own.
const PURE: &[&str] = &[
    "core", "datum", "pinyin", "query", "topology", "index", "tiles", "geocode", "check", "names",
    "field", "assist", "markers",
];

/// What no pure room may reach, however far down.
const IO_CRATES: &[&str] = &[
    "tokio",
    "axum",
    "gdal",
    "gdal-sys",
    "proj",
    "proj-sys",
    "tokio-postgres",
    "rusqlite",
];

pub(crate) fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--filter-platform",
            "x86_64-unknown-linux-gnu",
        ])
        .current_dir(project_root())
        .output()
        .expect("cargo metadata runs");
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

fn strings(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn the_arrows_between_the_rooms_point_one_way() {
    let metadata = metadata();
    for (room, allowed) in ALLOWED {
        let name = format!("zhifang-{room}");
        let package = metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|package| strings(&package["name"]) == name)
            .unwrap_or_else(|| panic!("`{name}` is no package"));
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let is_normal = dependency["kind"].is_null();
            if let Some(other) = strings(&dependency["name"]).strip_prefix("zhifang-")
                && is_normal
            {
                assert!(
                    allowed.contains(&other),
                    "`{name}` may not depend on `zhifang-{other}`"
                );
            }
        }
    }
}

#[test]
fn the_pure_rooms_reach_no_file_socket_or_database() {
    let metadata = metadata();
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|package| (strings(&package["id"]), strings(&package["name"])))
        .collect();
    let mut arrows: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let targets = node["deps"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|dep| {
                dep["dep_kinds"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .any(|kind| kind["kind"].is_null())
            })
            .map(|dep| strings(&dep["pkg"]))
            .collect();
        arrows.insert(strings(&node["id"]), targets);
    }
    for room in PURE {
        let name = format!("zhifang-{room}");
        let start = names
            .iter()
            .find(|(_, package)| **package == name)
            .map(|(id, _)| *id)
            .expect("a package");
        let mut seen = BTreeSet::new();
        let mut open = vec![start];
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(arrows.get(id).into_iter().flatten());
            }
        }
        for id in seen {
            let package = names.get(id).copied().unwrap_or_default();
            assert!(
                !IO_CRATES.contains(&package),
                "`{name}` reaches `{package}`"
            );
        }
    }
}
