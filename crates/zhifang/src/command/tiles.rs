//! `tiles export` and `tiles stat`: static publishing of the public's map.

use std::fs::File;
use std::io::{BufWriter, Write as _};

use anyhow::Context as _;
use zhifang_core::Bbox;
use zhifang_index::Audience;
use zhifang_tiles::Export;

use crate::args::Tiles;
use crate::command::Context;
use crate::output::{Outcome, print_line, say};

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
            let part = output.with_extension("part");
            let file = File::create(&part)
                .with_context(|| format!("cannot create `{}`", part.display()))?;
            let mut out = BufWriter::new(file);
            let written = world
                .tiles(Audience::Public)
                .export_pmtiles(&export, &on_zoom, &mut out)
                .and_then(|written| out.flush().map(|()| written).map_err(Into::into));
            match written {
                Ok(written) => {
                    std::fs::rename(&part, output)
                        .with_context(|| format!("cannot put `{}` in place", output.display()))?;
                    say(&format!("{}: {written}", output.display()));
                }
                Err(error) => {
                    let _ = std::fs::remove_file(&part);
                    return Err(error).context("cannot export the tiles");
                }
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
