//! Builds the arcs of plain GeoJSON files (one level a file, highest first) and prints how long
//! each step takes: `measure_coverage provinces.geojson prefectures.geojson counties.geojson`.

use std::error::Error;
use std::time::Instant;

use geo::{Geometry, MultiPolygon};
use zhifang_topology::{Coverage, Generalization, Layers, UnitInput, ZoomCoverage};

type Units = Vec<(u64, MultiPolygon<f64>)>;

fn read(path: &str) -> Result<Units, Box<dyn Error>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "an example may read the files it is given"
    )]
    let text = String::from_utf8(std::fs::read(path)?)?;
    let collection: geojson::FeatureCollection = serde_json::from_str(&text)?;
    let mut units = Vec::new();
    for feature in collection.features {
        let code = feature
            .property("code")
            .and_then(|code| code.as_str()?.parse().ok());
        let geometry = feature
            .geometry
            .map(Geometry::<f64>::try_from)
            .transpose()?;
        match (code, geometry) {
            (Some(code), Some(Geometry::MultiPolygon(geometry))) => units.push((code, geometry)),
            (Some(code), Some(Geometry::Polygon(geometry))) => {
                units.push((code, MultiPolygon(vec![geometry])));
            }
            _ => {}
        }
    }
    Ok(units)
}

#[expect(clippy::print_stdout, reason = "printing is what this example is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut units: Vec<(u64, Layers, MultiPolygon<f64>)> = Vec::new();
    for (layer, path) in std::env::args().skip(1).enumerate() {
        for (code, geometry) in read(&path)? {
            match units.iter_mut().find(|(known, ..)| *known == code) {
                Some(known) => known.1 = known.1.with(layer as u8 + 1),
                None => units.push((code, Layers::one(layer as u8 + 1), geometry)),
            }
        }
    }
    let input = || {
        units.iter().map(|(id, layers, g)| UnitInput {
            id: *id,
            layers: *layers,
            geometry: g,
        })
    };
    for _ in 0..3 {
        let start = Instant::now();
        let coverage = Coverage::build(input());
        let built = start.elapsed();
        println!(
            "{} units, {} arcs, {} vertices, {} irregularities: {built:.1?}",
            coverage.units().len(),
            coverage.arc_count(),
            coverage.vertex_count(),
            coverage.irregularities().len(),
        );
    }
    let coverage = Coverage::build(input());
    for fault in coverage.irregularities() {
        println!("{fault:?}");
    }
    let exact = units.iter().filter(|(id, _, geometry)| {
        coverage.polygon(*id).is_some_and(|p| {
            p.0.iter()
                .zip(&geometry.0)
                .all(|(a, b)| a.exterior().0.len() == b.exterior().0.len())
        })
    });
    println!("{} units come back with as many vertices", exact.count());
    for layer in 1..=3 {
        let start = Instant::now();
        let lines = coverage.shared_lines(layer);
        let inner = lines
            .iter()
            .filter(|line| line.left.is_some() && line.right.is_some())
            .count();
        println!(
            "layer {layer}: {} lines, {inner} between two units: {:.1?}",
            lines.len(),
            start.elapsed()
        );
    }
    for (layers, zooms) in [(1..=1, 0..=3), (1..=2, 4..=5), (1..=3, 6..=8)] {
        let start = Instant::now();
        let lines = Generalization::new(&coverage, layers.clone().collect());
        println!(
            "lines of layers {layers:?} prepared: {:.1?}",
            start.elapsed()
        );
        for zoom in zooms {
            let start = Instant::now();
            let zoomed = lines.zoom(zoom);
            println!(
                "zoom {zoom}: {} units, {} lines, {} vertices, {} unresolved: {:.1?}",
                zoomed.units().len(),
                zoomed.lines().len(),
                zoomed.vertex_count(),
                zoomed.unresolved(),
                start.elapsed()
            );
        }
    }
    let start = Instant::now();
    let detail = ZoomCoverage::detail(&coverage, (1..=3).collect());
    println!(
        "detail: {} vertices: {:.1?}",
        detail.vertex_count(),
        start.elapsed()
    );
    Ok(())
}
