//! How large tiles are, by zoom and layer.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use crate::atlas::Tiles;
use crate::tileset::Tileset;

/// Sizes of one zoom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ZoomStatistics {
    /// Tiles with content.
    pub tiles: u64,
    /// Their bytes, not compressed.
    pub bytes: u64,
    /// Bytes of the largest one.
    pub largest: u64,
    /// Address of the largest one, `z/x/y`.
    pub largest_at: String,
    /// Bytes by layer.
    pub layers: BTreeMap<&'static str, u64>,
}

/// Sizes of a tileset by zoom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileStatistics {
    /// The tileset.
    pub tileset: Tileset,
    /// By zoom.
    pub zooms: BTreeMap<u8, ZoomStatistics>,
}

impl Tiles<'_> {
    /// Sizes of all tiles of a tileset, by zoom and layer, before compression.
    pub fn statistics(&self, tileset: Tileset, zooms: RangeInclusive<u8>) -> TileStatistics {
        let mut found = TileStatistics {
            tileset,
            zooms: BTreeMap::new(),
        };
        self.for_each_tile(tileset, zooms, |tile, bytes| {
            let zoom = found.zooms.entry(tile.z()).or_default();
            zoom.tiles += 1;
            zoom.bytes += bytes.len() as u64;
            if bytes.len() as u64 > zoom.largest {
                zoom.largest = bytes.len() as u64;
                zoom.largest_at = format!("{}/{}/{}", tile.z(), tile.x(), tile.y());
            }
            for layer in tileset.layers() {
                *zoom.layers.entry(layer.name).or_default() += self.layer(layer, tile).len() as u64;
            }
        });
        found
    }
}

impl fmt::Display for TileStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layers: Vec<&str> = self
            .tileset
            .layers()
            .iter()
            .map(|layer| layer.name)
            .collect();
        write!(f, "zoom\ttiles\tbytes\tlargest\tat")?;
        layers.iter().try_for_each(|layer| write!(f, "\t{layer}"))?;
        for (zoom, sizes) in &self.zooms {
            write!(
                f,
                "\n{zoom}\t{}\t{}\t{}\t{}",
                sizes.tiles, sizes.bytes, sizes.largest, sizes.largest_at
            )?;
            for layer in &layers {
                write!(
                    f,
                    "\t{}",
                    sizes.layers.get(layer).copied().unwrap_or_default()
                )?;
            }
        }
        Ok(())
    }
}
