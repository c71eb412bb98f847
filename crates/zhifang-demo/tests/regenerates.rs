//! The committed demonstration is what the program makes.

use std::path::{Path, PathBuf};

use zhifang_demo::{Sources, generate};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data")
        .join(name)
}

#[test]
fn the_committed_files_are_made_again_byte_by_byte() {
    let read = |name: &str| std::fs::read(data(name)).unwrap();
    let made = generate(&Sources {
        counties: &read("nation/china_counties.geojson.gz"),
        prefectures: &read("nation/china_prefectures.geojson.gz"),
        provinces: &read("nation/china_provinces.geojson.gz"),
        divisions: &read("nation/china_divisions.csv.gz"),
        geonames: &read("nation/geonames_cn.csv.gz"),
        hanzi: &read("hanzi.csv.gz"),
        projects: &read("laohekou/laohekou_plan_projects.csv"),
    })
    .unwrap();
    assert!(made.files.len() >= 17);
    for file in &made.files {
        let committed = std::fs::read_to_string(data(&file.name)).unwrap();
        // Not `assert_eq!`: a difference would print megabytes.
        let line = committed
            .lines()
            .zip(file.text.lines())
            .position(|(old, new)| old != new);
        assert!(
            committed == file.text,
            "`{}` differs from line {line:?}",
            file.name
        );
    }
}
