//! Draws the tiles of plain GeoJSON files of divisions and prints how long it takes and how large
//! they are: `measure_tiles counties.geojson prefectures.geojson provinces.geojson`, with
//! `--pmtiles FILE` as the last two to write an archive of zooms 0 to 12 too.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use geo::Geometry;
use zhifang_core::{Collection, LonLat, Record, TileId};
use zhifang_index::{Audience, Options, Snapshot};
use zhifang_tiles::{Atlas, Export, Tileset};

fn read(path: &str, records: &mut BTreeMap<String, Record>) -> Result<(), Box<dyn Error>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "an example may read the files it is given"
    )]
    let text = String::from_utf8(std::fs::read(path)?)?;
    let file = geojson::FeatureCollection::try_from(text.parse::<geojson::GeoJson>()?)?;
    for feature in file.features {
        let text = |key| {
            feature
                .property(key)
                .and_then(|value| value.as_str())
                .unwrap_or_default()
        };
        let (code, name) = (text("code").to_owned(), text("name").to_owned());
        let geometry = feature
            .geometry
            .map(Geometry::<f64>::try_from)
            .transpose()?;
        if !code.is_empty() {
            let mut record = Record::new(Collection::Divisions, &code, &name);
            record.geometry = geometry.map(Arc::new);
            records.insert(code, record);
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "printing is what this example is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut paths = arguments.split(|argument| argument == "--pmtiles");
    let mut records = BTreeMap::new();
    for path in paths.next().unwrap_or_default() {
        read(path, &mut records)?;
    }
    let snapshot = Snapshot::build(records.into_values(), 1, &Options::default());
    let start = Instant::now();
    let atlas = Atlas::build(&snapshot, None);
    println!("arcs: {:.1?}", start.elapsed());
    for zoom in 0..=9 {
        let start = Instant::now();
        atlas.prepare(zoom);
        println!("ground of zoom {zoom}: {:.1?}", start.elapsed());
    }
    let tiles = atlas.tiles(snapshot.view(Audience::Public));
    for zoom in 0..=14 {
        let tile = TileId::containing(LonLat::new(111.67, 32.385), zoom);
        let first = Instant::now();
        tiles.tile(Tileset::Base, tile);
        let first = first.elapsed();
        let start = Instant::now();
        let content = tiles.tile(Tileset::Base, tile);
        let size = content.map_or(0, |tile| tile.bytes.len());
        println!(
            "{zoom}/{}/{}: {size} bytes, {first:.2?}, {:.2?}",
            tile.x(),
            tile.y(),
            start.elapsed()
        );
    }
    let start = Instant::now();
    println!("{}", tiles.statistics(Tileset::Base, 0..=8));
    println!("statistics: {:.1?}", start.elapsed());
    if let Some([path]) = paths.next() {
        let mut bytes = Vec::new();
        let start = Instant::now();
        let written =
            tiles.export_pmtiles(&Export::of(Tileset::Base, 0..=12), &|_, _| (), &mut bytes)?;
        println!("{written}: {:.1?}", start.elapsed());
        std::fs::write(path, bytes)?;
    }
    Ok(())
}
