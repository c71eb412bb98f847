//! Map clients that others wrote, as they are: GDAL reads the features and the tiles.

use std::process::Command;

use serde_json::Value;
use zhifang_tests::{Desk, Server, data};

/// Laohekou with its neighbours in a register of its own.
fn county() -> Desk {
    let desk = Desk::new();
    for (collection, file) in [
        ("divisions", "laohekou_and_neighbours"),
        ("divisions", "townships"),
        ("divisions", "villages"),
        ("names", "names"),
        ("services", "services"),
    ] {
        let path = data(&format!("laohekou/{file}.geojson"));
        let run = desk.run(&["import", collection, path.to_str().expect("UTF-8")]);
        assert!(run.status() <= 1, "{}", run.stderr());
    }
    desk
}

/// What `ogr2ogr` makes of a source; its log on standard error tells what it asked the server.
fn converted(arguments: &[&str]) -> (Value, String) {
    let output = Command::new("ogr2ogr")
        .args(["--debug", "on", "-f", "GeoJSON", "/vsistdout/"])
        .args(arguments)
        .output()
        .expect("GDAL's programs are installed: run `scripts/setup test`");
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {log}");
    let text = String::from_utf8_lossy(&output.stdout);
    let value = serde_json::from_str(&text).expect("GeoJSON on standard output");
    (value, log)
}

fn names(collection: &Value) -> Vec<&str> {
    let features = collection["features"].as_array();
    let mut names: Vec<&str> = features
        .into_iter()
        .flatten()
        .filter_map(|feature| feature["properties"]["name"].as_str())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn gdal_reads_features_and_leaves_the_filter_to_the_server() {
    let desk = county();
    let server = desk.serve(&[]);
    let source = format!("OAPIF:{}/ogc", server.url);
    a_filter_is_pushed_down(&server, &source);
    every_page_is_read(&server, &source);
    other_formats_open(&server);
    tiles_open(&desk, &server);
    assert_eq!(server.stop(), 0);
}

fn a_filter_is_pushed_down(server: &Server, source: &str) {
    let (found, log) = converted(&[source, "divisions", "-where", "code = '420682'"]);
    assert_eq!(names(&found), ["老河口市"]);
    assert!(log.contains("filter=") && log.contains("420682"), "{log}");
    assert!(!log.contains("evaluated on client side"), "{log}");

    let wanted = "level = 'township' AND (name LIKE '%镇' OR name LIKE '%乡')";
    let (found, log) = converted(&[source, "divisions", "-where", wanted]);
    let towns = server.json(
        "/ogc/collections/divisions/items?limit=100&filter=level%3D%27township%27%20AND%20(name%20LIKE%20%27%25%E9%95%87%27%20OR%20name%20LIKE%20%27%25%E4%B9%A1%27)",
    );
    assert!(names(&found).len() > 5, "{found}");
    assert_eq!(names(&found), names(&towns));
    assert!(!log.contains("evaluated on client side"), "{log}");
}

fn every_page_is_read(server: &Server, source: &str) {
    let (found, log) = converted(&["-oo", "PAGE_SIZE=50", source, "names"]);
    let all = server.json("/ogc/collections/names/items?limit=10000");
    assert_eq!(names(&found).len(), names(&all).len());
    assert_eq!(names(&found), names(&all));
    assert!(log.matches("limit=50").count() > 3, "{log}");
    let (near, _) = converted(&[source, "names", "-spat", "111.6", "32.3", "111.7", "32.4"]);
    let boxed = server.json("/ogc/collections/names/items?limit=10000&bbox=111.6,32.3,111.7,32.4");
    assert_eq!(names(&near), names(&boxed));
    assert!(!names(&near).is_empty() && names(&near).len() < names(&all).len());
}

fn other_formats_open(server: &Server) {
    let address = format!("{}/ogc/collections/services/items?limit=1000", server.url);
    let services = server.json("/ogc/collections/services/items?limit=1000");
    let table = format!("/vsicurl_streaming/{address}&f=fgb");
    let (found, _) = converted(&[&table]);
    assert_eq!(names(&found), names(&services));
    assert!(!names(&found).is_empty());
}

/// A tile over Laohekou, read from a file: the driver's own rules of addresses do not matter here.
fn tiles_open(desk: &Desk, server: &Server) {
    let answer = server.get("/tiles/base/8/207/103.mvt");
    assert_eq!(answer.status, 200);
    let path = desk.path("8/207/103.mvt");
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a temporary folder");
    std::fs::write(&path, &answer.body).expect("a temporary file");
    let tile = path.display().to_string();
    let (found, _) = converted(&["-oo", "CLIP=NO", "-t_srs", "EPSG:4490", &tile, "divisions"]);
    assert!(names(&found).contains(&"老河口市"), "{found}");
}
