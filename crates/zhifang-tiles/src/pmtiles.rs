//! PMTiles v3: a whole tileset in one file, to be served without a server.

mod directory;
mod hilbert;

use std::fmt;
use std::io::Write;
use std::ops::RangeInclusive;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use zhifang_core::{Bbox, Lang, LonLat, TileId};
use zhifang_topology::LAST_GENERALIZED_ZOOM;

use crate::atlas::Tiles;
use crate::error::Error;
use crate::project::tile_bbox;
use crate::tileset::{MAX_ZOOM, Tileset};

use directory::Entry;

/// Length of the header (PMTiles v3 §3).
const HEADER_BYTES: usize = 127;

/// Header and root directory together fit in the first read of a client (§4.1).
const MOST_ROOT_BYTES: usize = 16_384 - HEADER_BYTES;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Addresses with a tile.
    pub addressed: u64,
    /// Tiles stored, equal ones once.
    pub stored: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} tiles, {} stored, {} bytes",
            self.addressed, self.stored, self.bytes
        )
    }
}

impl Tiles<'_> {
    /// Writes a tileset as PMTiles v3: clustered, equal tiles stored once, gzip inside. The same
    /// content gives the same bytes.
    ///
    /// With `bbox` only tiles that meet the box. The tiles are held in memory until all are
    /// known, since the directory comes first in the file.
    ///
    /// # Errors
    /// [`Error::ZoomRange`]; [`Error::Write`] from `out`.
    pub fn export_pmtiles(
        &self,
        tileset: Tileset,
        zooms: RangeInclusive<u8>,
        bbox: Option<Bbox>,
        out: &mut impl Write,
    ) -> Result<Written, Error> {
        let (from, to) = (*zooms.start(), *zooms.end());
        if from > to || to > MAX_ZOOM {
            return Err(Error::ZoomRange {
                from,
                to,
                max: MAX_ZOOM,
            });
        }
        let mut archive = Archive::default();
        self.for_each_tile(tileset, zooms, bbox, |tile, bytes| {
            archive.add(hilbert::tile_number(tile), &bytes)
        })?;
        let bounds = bbox.unwrap_or_else(|| self.bounds());
        let metadata = self.tile_json(tileset, "", Lang::Zh);
        archive.write(from, to, bounds, &metadata, out)
    }

    /// Calls `visit` for every tile with content, by zoom and along the Hilbert curve.
    pub(crate) fn for_each_tile(
        &self,
        tileset: Tileset,
        zooms: RangeInclusive<u8>,
        bbox: Option<Bbox>,
        mut visit: impl FnMut(TileId, Vec<u8>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut addresses: Vec<TileId> = TileId::try_new(0, 0, 0).into_iter().collect();
        for zoom in 0..=*zooms.end() {
            addresses.sort_by_key(|tile| hilbert::tile_number(*tile));
            let mut next = Vec::new();
            for &tile in &addresses {
                if bbox.is_some_and(|bbox| !bbox.parts().any(|part| part.intersects(&tile.bbox())))
                {
                    continue;
                }
                let content = if zoom >= *zooms.start() {
                    self.tile(tileset, tile)
                } else {
                    None
                };
                let has_more = self.may_have_more(tileset, tile, content.is_some());
                if let Some(content) = content {
                    visit(tile, content.bytes)?;
                }
                if has_more && zoom < *zooms.end() {
                    next.extend(tile.children());
                }
            }
            addresses = next;
        }
        Ok(())
    }

    /// Whether tiles below this one may have content, given whether it has some itself.
    pub fn may_have_more(&self, tileset: Tileset, tile: TileId, has_content: bool) -> bool {
        if has_content {
            return true;
        }
        // Ground that a generalised zoom leaves out comes back in full detail.
        let has_ground = tileset == Tileset::Base
            && tile.z() <= LAST_GENERALIZED_ZOOM
            && !self.ground.drawn(tile.z() + 1).units_at(tile).is_empty();
        has_ground
            || (tileset == Tileset::Base && self.view.seats_in(tile_bbox(tile)).len() > 0)
            || tileset.layers().iter().any(|layer| match layer.collection {
                Some(collection) => {
                    self.shows(layer)
                        && self.view.candidates_in(collection, tile_bbox(tile)).len() > 0
                }
                None => false,
            })
    }
}

#[derive(Default)]
struct Archive {
    entries: Vec<Entry>,
    data: Vec<u8>,
    known: FxHashMap<[u8; 32], (u64, u32)>,
    addressed: u64,
}

impl Archive {
    fn add(&mut self, number: u64, bytes: &[u8]) -> Result<(), Error> {
        self.addressed += 1;
        let key: [u8; 32] = Sha256::digest(bytes).into();
        let (offset, length) = if let Some(&place) = self.known.get(&key) {
            place
        } else {
            let packed = gzip(bytes)?;
            let place = (self.data.len() as u64, packed.len() as u32);
            self.data.extend(packed);
            self.known.insert(key, place);
            place
        };
        match self.entries.last_mut() {
            Some(last) if last.offset == offset && last.number + u64::from(last.run) == number => {
                last.run += 1;
            }
            _ => self.entries.push(Entry {
                number,
                offset,
                length,
                run: 1,
            }),
        }
        Ok(())
    }

    fn write(
        &self,
        min_zoom: u8,
        max_zoom: u8,
        bounds: Bbox,
        metadata: &serde_json::Value,
        out: &mut impl Write,
    ) -> Result<Written, Error> {
        let (root, leaves) = directory::directories(&self.entries, MOST_ROOT_BYTES)?;
        let metadata = gzip(metadata.to_string().as_bytes())?;
        let root_at = HEADER_BYTES as u64;
        let metadata_at = root_at + root.len() as u64;
        let leaves_at = metadata_at + metadata.len() as u64;
        let data_at = leaves_at + leaves.len() as u64;

        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend(b"PMTiles\x03");
        for number in [
            root_at,
            root.len() as u64,
            metadata_at,
            metadata.len() as u64,
            leaves_at,
            leaves.len() as u64,
            data_at,
            self.data.len() as u64,
            self.addressed,
            self.entries.len() as u64,
            self.known.len() as u64,
        ] {
            header.extend(number.to_le_bytes());
        }
        // Clustered; directories and tiles gzip; Mapbox vector tiles (§3.2-3.4).
        header.extend([1, 2, 2, 1, min_zoom, max_zoom]);
        let middle = LonLat::new(
            f64::midpoint(bounds.west, bounds.east),
            f64::midpoint(bounds.south, bounds.north),
        );
        let e7 = |degrees: f64| ((degrees * 1e7).round() as i32).to_le_bytes();
        for degrees in [bounds.west, bounds.south, bounds.east, bounds.north] {
            header.extend(e7(degrees));
        }
        header.push(min_zoom);
        header.extend(e7(middle.lon));
        header.extend(e7(middle.lat));

        for part in [&header, &root, &metadata, &leaves, &self.data] {
            out.write_all(part)?;
        }
        Ok(Written {
            addressed: self.addressed,
            stored: self.known.len() as u64,
            bytes: data_at + self.data.len() as u64,
        })
    }
}

/// Gzip without a time or a name, so that equal content gives equal bytes.
fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes)?;
    encoder.finish()
}
