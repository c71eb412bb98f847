//! Stories that need much: QGIS, every tile of the nation. `scripts/test --all` runs them.

use std::path::Path;
use std::process::Command;

use zhifang_tests::{Desk, project_root};

/// Runs a client's script, which says itself what it sees and must end well.
#[track_caller]
fn is_content(python: &Path, script: &str, arguments: &[&str]) {
    let status = Command::new(python)
        // Without the script's folder in the path: a client's package may bear the script's name.
        .arg("-I")
        .arg(project_root().join("tests/clients").join(script))
        .args(arguments)
        .status()
        .expect("python starts");
    assert!(
        status.success(),
        "{script} {}: {status}",
        arguments.join(" ")
    );
}

#[test]
#[ignore = "needs QGIS: scripts/test --all"]
fn qgis_opens_what_the_service_offers() {
    let desk = Desk::laohekou();
    let server = desk.serve(&[]);
    is_content(Path::new("/usr/bin/python3"), "qgis.py", &[&server.url]);
    assert_eq!(server.stop(), 0);
}

#[test]
#[ignore = "reads thousands of tiles with GEOS: scripts/test --all"]
fn neighbours_neither_part_nor_overlap_from_zoom_3_to_12() {
    let desk = Desk::new();
    let server = desk.serve(&["--demo"]);
    let faults = ["check", "--only", "COV-01,COV-02", "--format", "geojson"];
    let faults = desk.file("faults.geojson", desk.run(&faults).stdout());
    let python = project_root().join(".tools/peers/bin/python");
    is_content(
        &python,
        "pyramid.py",
        &[&server.url, &faults.display().to_string()],
    );
    assert_eq!(server.stop(), 0);
}
