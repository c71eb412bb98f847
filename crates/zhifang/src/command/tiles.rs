//! `tiles export` and `tiles stat`: static publishing of the public's map.

use anyhow::Context as _;
use zhifang_core::Bbox;
use zhifang_index::Audience;
use zhifang_tiles::Export;

use crate::args::Tiles;
use crate::command::Context;
use crate::output::{Outcome, print_line, say, write_to};

pub(crate) fn run(context: &Context, args: &Tiles) -> anyhow::Result<Outcome> {
    let engine = context.engine()?;
    let world = engine.world().context("the register could not be read")?;
    match args {
        Tiles::Export {
            output,
            tileset,
            minzoom,
            maxzoom,
            bbox,
            layer,
        } => {
            let export = Export {
                tileset: tileset.parse()?,
                layers: layer.clone(),
                zooms: *minzoom..=*maxzoom,
                bbox: bbox.as_deref().map(parse_bbox).transpose()?,
            };
            let on_zoom = |zoom, tiles| {
                say(&format!(
                    "z{zoom}: {tiles} {}",
                    context.lang.pick("个瓦片", "tiles")
                ));
            };
            let mut written = None;
            write_to(Some(output), |mut out| {
                let tiles = world.tiles(Audience::Public);
                written = Some(tiles.export_pmtiles(&export, &on_zoom, &mut out)?);
                Ok(())
            })
            .context("cannot export the tiles")?;
            if let Some(written) = written {
                say(&format!("{}: {written}", output.display()));
            }
        }
        Tiles::Stat { tileset, maxzoom } => {
            print_line(
                &world
                    .tiles(Audience::Public)
                    .statistics(tileset.parse()?, 0..=*maxzoom)
                    .to_string(),
            )?;
        }
    }
    Ok(Outcome::Done)
}

/// `W,S,E,N` in degrees.
pub(crate) fn parse_bbox(text: &str) -> anyhow::Result<Bbox> {
    let numbers: Vec<f64> = text
        .split(',')
        .map(|part| part.trim().parse::<f64>())
        .collect::<Result<_, _>>()
        .with_context(|| format!("--bbox `{text}`: wanted four numbers W,S,E,N"))?;
    let [west, south, east, north] = numbers[..] else {
        anyhow::bail!("--bbox `{text}`: wanted four numbers W,S,E,N");
    };
    Ok(Bbox::try_new(west, south, east, north)?)
}
