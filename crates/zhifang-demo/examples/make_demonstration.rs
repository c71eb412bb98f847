//! Reads `data/*.gz` and writes the demonstration of Laohekou under `data/`.
//!
//! `cargo run -p zhifang-demo --example make_demonstration [DATA_FOLDER]`

use std::io::Write as _;
use std::path::{Path, PathBuf};

use zhifang_demo::{Sources, generate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data"),
        PathBuf::from,
    );
    let read = |name: &str| std::fs::read(folder.join(name));
    let demonstration = generate(&Sources {
        counties: &read("nation/china_counties.geojson.gz")?,
        prefectures: &read("nation/china_prefectures.geojson.gz")?,
        provinces: &read("nation/china_provinces.geojson.gz")?,
        divisions: &read("nation/china_divisions.csv.gz")?,
        geonames: &read("nation/geonames_cn.csv.gz")?,
        hanzi: &read("hanzi.csv.gz")?,
        projects: &read("laohekou/laohekou_plan_projects.csv")?,
    })?;
    for file in &demonstration.files {
        std::fs::write(folder.join(&file.name), &file.text)?;
    }
    writeln!(std::io::stdout(), "{}", demonstration.summary)?;
    Ok(())
}
