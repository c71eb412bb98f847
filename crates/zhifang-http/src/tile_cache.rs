//! Drawn tiles, kept until a change touches them.
//!
//! The cache follows the newest world: a tile that may be another in it is never served, and the
//! key carries what the caller may see: it never reaches another through the cache. A tile
//! that comes out the same in the next world keeps its codings: drawing is quick, coding is not.
//! What the public sees of the first zooms, where tiles are large and everybody begins, is drawn
//! and coded in the background.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use zhifang_core::{Action, Actor, CodePrefix, Day, Record, Role, TileId};
use zhifang_engine::World;
use zhifang_index::Audience;
use zhifang_tiles::{Atlas, Layer, Tiles, Tileset};

use crate::caller::Caller;
use crate::coding::{Coded, Coding};

/// Bytes of tiles kept at most.
const MOST_BYTES: usize = 128 << 20;

/// The last zoom that is drawn ahead of requests.
const LAST_AHEAD: u8 = 8;
/// Codings that browsers and map servers ask for.
const CODED_AHEAD: [Coding; 2] = [Coding::Gzip, Coding::Brotli];

/// What of the restricted records one sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Sight {
    /// None.
    Public,
    /// All.
    Staff,
    /// What a role may read within its bound.
    Bound(Role, CodePrefix),
}

impl Sight {
    /// What a caller sees on the tiles of a set: only the boundary desk's hold what is restricted.
    pub(crate) fn of(caller: &Caller, tileset: Tileset) -> Self {
        match &caller.actor {
            _ if tileset != Tileset::Boundary => Self::Public,
            Actor::Anonymous => Self::Public,
            Actor::Cli | Actor::User { division: None, .. } => Self::Staff,
            Actor::User {
                role,
                division: Some(bound),
                ..
            } => Self::Bound(*role, *bound),
        }
    }
}

type Key = (Sight, Tileset, TileId, Option<Day>);
/// The tile; none where it is empty.
pub(crate) type Drawn = Option<Arc<Coded>>;

#[derive(Default)]
struct Kept {
    seq: u64,
    tiles: HashMap<Key, Drawn>,
    /// Tiles that may have changed since they were drawn, for their codings.
    before: HashMap<Key, Drawn>,
    /// Size of all of them.
    bytes: usize,
    /// The atlas of another day, for the time slider.
    past: Option<(Day, Arc<Atlas>)>,
}

/// Draws from the tiles as the caller sees them.
fn seen<'a, T>(
    world: &'a World,
    caller: &Caller,
    sight: Sight,
    tiles: impl Fn(Audience) -> Tiles<'a>,
    draw: impl FnOnce(Tiles<'_>) -> T,
) -> T {
    let reads = |record: &Record| caller.allows(Action::ReadRestricted, record);
    match sight {
        Sight::Public => draw(tiles(Audience::Public)),
        Sight::Staff => draw(tiles(Audience::Staff)),
        Sight::Bound(..) => {
            let public = world.snapshot.view(Audience::Public);
            draw(tiles(Audience::Staff).bounded(public, &reads))
        }
    }
}

/// One layer of a tile as the caller sees it, drawn now.
pub(crate) fn layer(
    world: &World,
    caller: &Caller,
    tileset: Tileset,
    layer: &Layer,
    tile: TileId,
) -> Vec<u8> {
    let sight = Sight::of(caller, tileset);
    let draw = |tiles: Tiles<'_>| tiles.layer(layer, tile);
    seen(world, caller, sight, |audience| world.tiles(audience), draw)
}

/// Bytes of memory that a kept tile takes, with its codings at most.
fn size_of(drawn: &Drawn) -> usize {
    const EMPTY: usize = 64;
    drawn.as_ref().map_or(EMPTY, |tile| tile.size())
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
        sight: Sight,
        tileset: Tileset,
        tile: TileId,
        day: Option<Day>,
    ) -> Option<Drawn> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.follow(world);
        (kept.seq == world.snapshot.seq())
            .then(|| kept.tiles.get(&(sight, tileset, tile, day)).cloned())
            .flatten()
    }

    /// Draws the tile as the caller sees it and keeps it.
    pub(crate) fn draw(
        &self,
        world: &World,
        caller: &Caller,
        tileset: Tileset,
        tile: TileId,
        day: Option<Day>,
    ) -> Drawn {
        let sight = Sight::of(caller, tileset);
        let draw = |tiles: Tiles<'_>| tiles.tile(tileset, tile);
        let drawn = match day {
            None => seen(world, caller, sight, |audience| world.tiles(audience), draw),
            Some(day) => {
                let atlas = self.atlas(world, day);
                let tiles = |audience| atlas.tiles(world.snapshot.view(audience));
                seen(world, caller, sight, tiles, draw)
            }
        };
        let drawn = drawn.map(|tile| Arc::new(Coded::new(tile.bytes)));
        let key = (sight, tileset, tile, day);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.follow(world);
        if kept.seq != world.snapshot.seq() {
            return drawn;
        }
        let before = kept.before.remove(&key);
        kept.bytes -= before.as_ref().map_or(0, size_of);
        let drawn = drawn.map(|tile| match before.flatten() {
            Some(same) if same.tag == tile.tag => same,
            _ => tile,
        });
        kept.keep(key, drawn.clone());
        drawn
    }

    /// Draws and codes the first zooms of the base map for the public, until `is_over` says that
    /// a newer world is there; what is kept already costs a look.
    pub(crate) fn draw_ahead(&self, world: &World, is_over: &dyn Fn() -> bool) {
        let (caller, tileset) = (Caller::default(), Tileset::Base);
        let tiles = world.tiles(Audience::Public);
        let mut zoom: Vec<TileId> = TileId::try_new(0, 0, 0).into_iter().collect();
        while !zoom.is_empty() {
            let mut next = Vec::new();
            for tile in zoom {
                if is_over() {
                    return;
                }
                let drawn = match self.get(world, Sight::Public, tileset, tile, None) {
                    Some(drawn) => drawn,
                    None => self.draw(world, &caller, tileset, tile, None),
                };
                if let Some(drawn) = &drawn {
                    for coding in CODED_AHEAD {
                        drawn.bytes(coding);
                    }
                }
                if tile.z() < LAST_AHEAD && tiles.may_have_more(tileset, tile, drawn.is_some()) {
                    next.extend(tile.children());
                }
            }
            zoom = next;
        }
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
    /// Sets aside what may be another tile in a newer world.
    fn follow(&mut self, world: &World) {
        let seq = world.snapshot.seq();
        if self.seq >= seq {
            return;
        }
        let stale = world.stale_since(self.seq);
        let touched: Vec<Key> = self
            .tiles
            .keys()
            .filter(|(_, _, tile, _)| stale.touches(*tile))
            .copied()
            .collect();
        for key in touched {
            if let Some(tile) = self.tiles.remove(&key) {
                self.before.insert(key, tile);
            }
        }
        self.past = None;
        self.seq = seq;
    }

    fn keep(&mut self, key: Key, drawn: Drawn) {
        let size = size_of(&drawn);
        if self.bytes + size > MOST_BYTES {
            self.before.clear();
            self.bytes = self.tiles.values().map(size_of).sum();
        }
        if self.bytes + size > MOST_BYTES {
            self.tiles.clear();
            self.bytes = 0;
        }
        self.bytes += size;
        // Two requests may have drawn it at the same time.
        let twin = self.tiles.insert(key, drawn);
        self.bytes -= twin.as_ref().map_or(0, size_of);
    }
}
