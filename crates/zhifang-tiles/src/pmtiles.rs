//! PMTiles v3: a whole tileset in one file, to be served without a server.

mod directory;
mod hilbert;

use std::fmt;
use std::io::Write;
use std::ops::RangeInclusive;

use flate2::{Compress, Compression, FlushCompress, Status};
use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};
use zhifang_core::{Bbox, Collection, Lang, LonLat, TileId};
use zhifang_topology::LAST_GENERALIZED_ZOOM;

use crate::atlas::Tiles;
use crate::error::Error;
use crate::project::tile_bbox;
use crate::tileset::{Layer, MAX_ZOOM, Tileset};
use crate::workers::in_order;

use directory::Entry;

/// Length of the header (PMTiles v3 §3).
const HEADER_BYTES: usize = 127;

/// Level of gzip: above it tiles gain a percent at twice the time.
const GZIP_LEVEL: u32 = 6;
/// Window of gzip, as a power of two: the largest there is.
const GZIP_WINDOW: u8 = 15;

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

/// What goes into an archive.
#[derive(Debug, Clone)]
pub struct Export {
    /// The tileset.
    pub tileset: Tileset,
    /// Names of the layers to write; all where there are none.
    pub layers: Vec<String>,
    /// First and last zoom.
    pub zooms: RangeInclusive<u8>,
    /// Only tiles that meet the box.
    pub bbox: Option<Bbox>,
}

impl Export {
    /// Every layer of a tileset between two zooms.
    pub fn of(tileset: Tileset, zooms: RangeInclusive<u8>) -> Self {
        Self {
            tileset,
            layers: Vec::new(),
            zooms,
            bbox: None,
        }
    }

    fn checked(&self) -> Result<(), Error> {
        let (from, to) = (*self.zooms.start(), *self.zooms.end());
        if from > to || to > MAX_ZOOM {
            return Err(Error::ZoomRange {
                from,
                to,
                max: MAX_ZOOM,
            });
        }
        let names = self.tileset.layers().iter().map(|layer| layer.name);
        for wanted in &self.layers {
            if !names.clone().any(|name| name == wanted) {
                return Err(Error::UnknownLayer {
                    text: wanted.clone(),
                    layers: names.collect::<Vec<_>>().join(", "),
                });
            }
        }
        Ok(())
    }

    fn has(&self, layer: &Layer) -> bool {
        self.layers.is_empty() || self.layers.iter().any(|name| name == layer.name)
    }
}

impl Tiles<'_> {
    /// Writes tiles as PMTiles v3: clustered, equal tiles stored once, gzip inside. The same
    /// content gives the same bytes, on however many cores.
    ///
    /// The tiles are held in memory until all are known, since the directory comes first in the
    /// file. `on_zoom` is told each zoom that is done, with the tiles it has.
    ///
    /// # Errors
    /// [`Error::ZoomRange`], [`Error::UnknownLayer`]; [`Error::Write`] from `out`.
    pub fn export_pmtiles(
        &self,
        export: &Export,
        on_zoom: &dyn Fn(u8, u64),
        out: &mut impl Write,
    ) -> Result<Written, Error> {
        export.checked()?;
        let tileset = export.tileset;
        let (from, to) = (*export.zooms.start(), *export.zooms.end());
        let mut archive = Archive::default();
        let mut addresses: Vec<TileId> = TileId::try_new(0, 0, 0).into_iter().collect();
        for zoom in 0..=to {
            addresses.sort_by_cached_key(|tile| hilbert::tile_number(*tile));
            let made = in_order(&addresses, Packer::default, |packer, tile| {
                let content = if zoom < from {
                    Vec::new()
                } else {
                    self.bytes(tileset, tile, |layer| export.has(layer))
                };
                let has_more = zoom < to && self.may_have_more(tileset, tile, !content.is_empty());
                (packer.packed(&content, &archive.known), has_more)
            });
            let before = archive.addressed;
            let mut next = Vec::new();
            for (tile, (packed, has_more)) in addresses.iter().zip(made) {
                if let Some(packed) = packed? {
                    archive.add(hilbert::tile_number(*tile), packed);
                }
                if has_more {
                    next.extend(
                        tile.children()
                            .filter(|child| is_within(*child, export.bbox)),
                    );
                }
            }
            if zoom >= from {
                on_zoom(zoom, archive.addressed - before);
            }
            addresses = next;
        }
        let bounds = export.bbox.unwrap_or_else(|| self.bounds());
        let shows = |layer: &Layer| self.shows(layer) && export.has(layer);
        let metadata = tileset.tile_json("", bounds, shows, Lang::Zh);
        archive.write(from, to, bounds, &metadata, out)
    }

    /// Calls `visit` for every tile with content, by zoom and along the Hilbert curve.
    pub(crate) fn for_each_tile(
        &self,
        tileset: Tileset,
        zooms: RangeInclusive<u8>,
        mut visit: impl FnMut(TileId, Vec<u8>),
    ) {
        let mut addresses: Vec<TileId> = TileId::try_new(0, 0, 0).into_iter().collect();
        for zoom in 0..=*zooms.end() {
            addresses.sort_by_cached_key(|tile| hilbert::tile_number(*tile));
            let mut next = Vec::new();
            for &tile in &addresses {
                let content = self.tile(tileset, tile);
                if self.may_have_more(tileset, tile, content.is_some()) {
                    next.extend(tile.children());
                }
                if let Some(content) = content.filter(|_| zooms.contains(&zoom)) {
                    visit(tile, content.bytes);
                }
            }
            addresses = next;
        }
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
            || tileset.layers().iter().any(|layer| {
                // Lines are drawn from the ground, and the dashes as they are given.
                let given = (layer.name == "boundaries").then_some(Collection::Boundaries);
                layer.collection.or(given).is_some_and(|collection| {
                    self.shows(layer)
                        && self.view.candidates_in(collection, tile_bbox(tile)).len() > 0
                })
            })
    }
}

fn is_within(tile: TileId, bbox: Option<Bbox>) -> bool {
    bbox.is_none_or(|bbox| bbox.parts().any(|part| part.intersects(&tile.bbox())))
}

/// Names a content.
type Key = [u8; 32];

/// Where contents lie in the data: offset and length.
type Places = FxHashMap<Key, (u64, u32)>;

/// A tile's content, packed by the first who meets it.
struct Packed {
    key: Key,
    bytes: Option<Vec<u8>>,
}

/// Packs contents, each once.
struct Packer {
    met: FxHashSet<Key>,
    /// Kept from tile to tile: making its tables costs more than packing a small tile.
    gzip: Compress,
}

impl Default for Packer {
    fn default() -> Self {
        Self {
            met: FxHashSet::default(),
            gzip: Compress::new_gzip(Compression::new(GZIP_LEVEL), GZIP_WINDOW),
        }
    }
}

impl Packer {
    /// None for no content. What this packer met before, or the archive knows, stays unpacked:
    /// the packer meets tiles in their order, so an earlier one brought the bytes.
    fn packed(&mut self, content: &[u8], known: &Places) -> std::io::Result<Option<Packed>> {
        if content.is_empty() {
            return Ok(None);
        }
        let key: Key = Sha256::digest(content).into();
        let is_new = !known.contains_key(&key) && self.met.insert(key);
        let bytes = is_new.then(|| self.pack(content)).transpose()?;
        Ok(Some(Packed { key, bytes }))
    }

    /// Gzip without a time or a name, so that equal content gives equal bytes.
    fn pack(&mut self, content: &[u8]) -> std::io::Result<Vec<u8>> {
        // Room for what deflate makes of noise, with the header and the sum.
        let mut out = Vec::with_capacity(content.len() + content.len() / 1000 + 64);
        self.gzip.reset();
        loop {
            let read = self.gzip.total_in() as usize;
            let status =
                self.gzip
                    .compress_vec(&content[read..], &mut out, FlushCompress::Finish)?;
            if status == Status::StreamEnd {
                return Ok(out);
            }
            out.reserve(content.len() / 2 + 64);
        }
    }
}

#[derive(Default)]
struct Archive {
    entries: Vec<Entry>,
    data: Vec<u8>,
    known: Places,
    addressed: u64,
}

impl Archive {
    fn add(&mut self, number: u64, packed: Packed) {
        self.addressed += 1;
        let place = self.known.get(&packed.key).copied();
        let (offset, length) = place.unwrap_or_else(|| {
            let bytes = packed.bytes.unwrap_or_default();
            let place = (self.data.len() as u64, bytes.len() as u32);
            self.data.extend(bytes);
            self.known.insert(packed.key, place);
            place
        });
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
        let metadata = Packer::default().pack(metadata.to_string().as_bytes())?;
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
