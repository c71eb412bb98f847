//! Drawn tiles, kept for as long as the world they were drawn from stands.
//!
//! The key carries the world's last change: a tile of an older world is never served, and the
//! audience: what one may see never reaches another through the cache. A tile that comes out the
//! same in the next world keeps its codings: drawing is quick, coding is not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use zhifang_core::{Day, TileId};
use zhifang_engine::World;
use zhifang_index::Audience;
use zhifang_tiles::{Atlas, Tileset};

use crate::coding::Coded;

/// Bytes of tiles kept at most.
const MOST_BYTES: usize = 128 << 20;

type Key = (Audience, Tileset, TileId, Option<Day>);
/// The tile; none where it is empty.
pub(crate) type Drawn = Option<Arc<Coded>>;

#[derive(Default)]
struct Kept {
    seq: u64,
    tiles: HashMap<Key, Drawn>,
    bytes: usize,
    /// The tiles of the world before, for their codings.
    before: HashMap<Key, Drawn>,
    /// The atlas of another day, for the time slider.
    past: Option<(Day, Arc<Atlas>)>,
}

/// Tiles of the newest world.
#[derive(Default)]
pub(crate) struct TileCache(Mutex<Kept>);

impl std::fmt::Debug for TileCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TileCache")
    }
}

impl TileCache {
    /// The tile if it was drawn from this world before.
    pub(crate) fn get(
        &self,
        world: &World,
        audience: Audience,
        tileset: Tileset,
        tile: TileId,
        day: Option<Day>,
    ) -> Option<Drawn> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.seq == world.snapshot.seq())
            .then(|| kept.tiles.get(&(audience, tileset, tile, day)).cloned())
            .flatten()
    }

    /// Draws the tile and keeps it.
    pub(crate) fn draw(
        &self,
        world: &World,
        audience: Audience,
        tileset: Tileset,
        tile: TileId,
        day: Option<Day>,
    ) -> Drawn {
        let drawn = match day {
            None => world.tiles(audience).tile(tileset, tile),
            Some(day) => {
                let atlas = self.atlas(world, day);
                atlas
                    .tiles(world.snapshot.view(audience))
                    .tile(tileset, tile)
            }
        };
        let drawn = drawn.map(|tile| Arc::new(Coded::new(tile.bytes)));
        let key = (audience, tileset, tile, day);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.follow(world);
        if kept.seq != world.snapshot.seq() {
            return drawn;
        }
        let drawn = drawn.map(|tile| match kept.before.remove(&key) {
            Some(Some(same)) if same.tag == tile.tag => same,
            _ => tile,
        });
        let size = drawn.as_ref().map_or(64, |tile| tile.size());
        if kept.bytes + size > MOST_BYTES {
            kept.tiles.clear();
            kept.bytes = 0;
        }
        kept.bytes += size;
        kept.tiles.insert(key, drawn.clone());
        drawn
    }

    fn atlas(&self, world: &World, day: Day) -> Arc<Atlas> {
        {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.follow(world);
            if let Some((kept_day, atlas)) = &kept.past
                && *kept_day == day
                && kept.seq == world.snapshot.seq()
            {
                return Arc::clone(atlas);
            }
        }
        let atlas = Arc::new(world.atlas_on(day));
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.seq == world.snapshot.seq() {
            kept.past = Some((day, Arc::clone(&atlas)));
        }
        atlas
    }
}

impl Kept {
    /// Forgets what was drawn from an older world.
    fn follow(&mut self, world: &World) {
        let seq = world.snapshot.seq();
        if self.seq < seq {
            *self = Self {
                seq,
                before: std::mem::take(&mut self.tiles),
                ..Self::default()
            };
        }
    }
}
