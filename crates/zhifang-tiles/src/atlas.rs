//! The tiles of one snapshot: what is kept between changes, and the answer for one address.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use zhifang_core::{Bbox, Collection, Day, DivisionCode, Record, RecordKey, TileId};
use zhifang_index::{Audience, Snapshot, View};
use zhifang_topology::LAST_GENERALIZED_ZOOM;

use crate::divisions;
use crate::ground::{Ground, stands};
use crate::lines;
use crate::records;
use crate::tileset::{Layer, MAX_ZOOM, Tileset};

/// A tile with content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Mapbox Vector Tile 2.1, not compressed.
    pub bytes: Vec<u8>,
}

impl Tile {
    /// A strong hash of the content, for `ETag`: equal for equal bytes, and practically only
    /// for those. 32 hexadecimal digits.
    pub fn content_hash(&self) -> String {
        let digest = Sha256::digest(&self.bytes);
        let mut hash = [0; 16];
        hash.copy_from_slice(&digest[..16]);
        format!("{:032x}", u128::from_be_bytes(hash))
    }
}

/// An area that can be reached in some minutes (可达范围), computed elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct ReachArea {
    /// Id of the service that it belongs to, with the minutes.
    pub id: String,
    /// Name of the service.
    pub name: String,
    /// Kind of the service.
    pub kind: String,
    /// Minutes.
    pub minutes: u32,
    /// `walk`, `drive` or `line`.
    pub mode: String,
    /// The area, EPSG:4490.
    pub geometry: geo::MultiPolygon<f64>,
}

/// What a change means for the tiles that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Touched {
    /// A division with a polygon comes, goes, moves or changes its place in the hierarchy.
    pub ground: bool,
    /// A record changes that lines are drawn or claims are told apart by.
    pub lines: bool,
}

impl Touched {
    /// What becoming `after` means for a record that is `before` as those see it who see all.
    pub fn by(before: Option<&Record>, after: Option<&Record>) -> Self {
        let mut touched = Self::default();
        for record in before.into_iter().chain(after) {
            touched.lines |= matches!(
                record.collection,
                Collection::Boundaries | Collection::Claims | Collection::Disputes
            );
        }
        let is_division = |record: &&Record| record.collection == Collection::Divisions;
        let ground = |record: Option<&Record>| {
            let record = record.filter(is_division)?;
            let geometry = record.geometry.clone()?;
            Some((
                geometry,
                record.status,
                record.valid,
                record.level(),
                record.parent(),
            ))
        };
        touched.ground = match (ground(before), ground(after)) {
            (None, None) => false,
            (Some(a), Some(b)) => {
                (a.1, &a.2, a.3, a.4) != (b.1, &b.2, b.3, b.4)
                    || (!Arc::ptr_eq(&a.0, &b.0) && a.0 != b.0)
            }
            _ => true,
        };
        touched
    }

    /// Both together.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            ground: self.ground || other.ground,
            lines: self.lines || other.lines,
        }
    }
}

/// What of the line records an audience sees.
#[derive(Debug, Default)]
pub(crate) struct LineRecords {
    /// Line records by the pair of their units, lower code first.
    pub(crate) by_pair: FxHashMap<(DivisionCode, DivisionCode), Box<str>>,
    /// Parties of each dispute, in its own order.
    pub(crate) parties: FxHashMap<Box<str>, Vec<DivisionCode>>,
}

/// The tiles of a snapshot (图集): generalised ground, kept from one snapshot to the next for as
/// long as no division's polygon changes. Everything else is drawn from the snapshot itself.
#[derive(Debug, Clone)]
pub struct Atlas {
    ground: Arc<Ground>,
    public: Arc<LineRecords>,
    staff: Arc<LineRecords>,
    reach: Arc<Vec<ReachArea>>,
    day: Option<Day>,
}

impl Atlas {
    /// The tiles of a snapshot: of today's published records, or of those in force on a day.
    ///
    /// Finds the arcs of all polygons; the ground of a zoom is generalised when a tile of it is
    /// first asked for.
    pub fn build(snapshot: &Snapshot, day: Option<Day>) -> Self {
        Self {
            ground: Arc::new(Ground::build(snapshot.view(Audience::Public), day, None)),
            public: Arc::new(lines::records(snapshot.view(Audience::Public), day)),
            staff: Arc::new(lines::records(snapshot.view(Audience::Staff), day)),
            reach: Arc::default(),
            day,
        }
    }

    /// The tiles of the next snapshot; what `touched` says is unchanged is kept.
    #[must_use]
    pub fn refreshed(&self, snapshot: &Snapshot, touched: Touched) -> Self {
        let mut next = self.clone();
        if touched.ground {
            let view = snapshot.view(Audience::Public);
            next.ground = Arc::new(Ground::build(view, self.day, Some(&self.ground)));
        }
        if touched.lines {
            next.public = Arc::new(lines::records(snapshot.view(Audience::Public), self.day));
            next.staff = Arc::new(lines::records(snapshot.view(Audience::Staff), self.day));
        }
        next
    }

    /// The same tiles with these areas in the layer `reach`.
    #[must_use]
    pub fn with_reach(mut self, areas: Vec<ReachArea>) -> Self {
        self.reach = Arc::new(areas);
        self
    }

    /// Units of the same level that share a line with this one, ascending.
    pub fn neighbours(&self, code: DivisionCode) -> Vec<DivisionCode> {
        self.ground.neighbours(code)
    }

    /// Generalises the ground of a zoom now rather than with its first tile.
    pub fn prepare(&self, zoom: u8) {
        self.ground.drawn(zoom);
    }

    /// Generalises the ground of every zoom, half a second's work for the nation's units, and
    /// nothing where it is done already.
    pub fn prepare_all(&self) {
        for zoom in 0..=LAST_GENERALIZED_ZOOM + 1 {
            self.prepare(zoom);
        }
    }

    /// The tiles as an audience sees them; `view` must be of the snapshot they were built of or
    /// refreshed to.
    pub fn tiles<'a>(&'a self, view: View<'a>) -> Tiles<'a> {
        let records = match view.audience() {
            Audience::Public => &self.public,
            Audience::Staff => &self.staff,
        };
        Tiles {
            ground: &self.ground,
            records,
            reach: &self.reach,
            view,
            bound: None,
            day: self.day,
        }
    }
}

/// How a role that counts in a part of the register only sees the rest of it.
#[derive(Clone, Copy)]
pub(crate) struct Bound<'a> {
    pub(crate) public: View<'a>,
    pub(crate) reads: &'a (dyn Fn(&Record) -> bool + Sync),
}

impl std::fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bound")
    }
}

/// The tiles as an audience sees them.
#[derive(Debug, Clone, Copy)]
pub struct Tiles<'a> {
    pub(crate) ground: &'a Ground,
    pub(crate) records: &'a LineRecords,
    pub(crate) reach: &'a [ReachArea],
    pub(crate) view: View<'a>,
    pub(crate) bound: Option<Bound<'a>>,
    pub(crate) day: Option<Day>,
}

impl<'a> Tiles<'a> {
    /// The same tiles for one who sees in full only those records that `reads` says, and of the
    /// others their public form in `public`, where they have one.
    #[must_use]
    pub fn bounded(
        mut self,
        public: View<'a>,
        reads: &'a (dyn Fn(&Record) -> bool + Sync),
    ) -> Self {
        self.bound = Some(Bound { public, reads });
        self
    }

    /// Records whose boxes meet the window, each in the form in which it may be seen.
    pub(crate) fn candidates(&self, collection: Collection, window: Bbox) -> Vec<&'a Record> {
        let all = self.view.candidates_in(collection, window);
        let Some(Bound { public, reads }) = self.bound else {
            return all.collect();
        };
        let is_read = |record: &Record| {
            let in_full = self.view.record(record.collection, &record.id);
            in_full.is_some_and(reads)
        };
        let others = public
            .candidates_in(collection, window)
            .filter(|record| !is_read(record));
        all.filter(|record| reads(record)).chain(others).collect()
    }

    /// The tile's bytes; `None` where it has no content (HTTP: 204), or beyond the last zoom.
    pub fn tile(&self, tileset: Tileset, tile: TileId) -> Option<Tile> {
        let bytes = self.bytes(tileset, tile, |_| true);
        (!bytes.is_empty()).then_some(Tile { bytes })
    }

    /// The bytes of those layers that are wanted.
    pub(crate) fn bytes(
        &self,
        tileset: Tileset,
        tile: TileId,
        is_wanted: impl Fn(&Layer) -> bool,
    ) -> Vec<u8> {
        let mut bytes = Vec::new();
        for layer in tileset.layers().iter().filter(|layer| is_wanted(layer)) {
            bytes.extend(self.layer(layer, tile));
        }
        bytes
    }

    /// The bytes of one layer; empty where it has no content.
    pub fn layer(&self, layer: &Layer, tile: TileId) -> Vec<u8> {
        if tile.z() > MAX_ZOOM || tile.z() < layer.min_zoom || !self.shows(layer) {
            return Vec::new();
        }
        match (layer.name, layer.collection) {
            ("divisions", _) => divisions::divisions(self, layer, tile),
            ("division_labels", _) => divisions::labels(self, layer, tile),
            ("boundaries", _) => lines::boundaries(self, layer, tile),
            ("reach", _) => records::reach(self, layer, tile),
            (_, Some(collection)) => records::records(self, layer, collection, tile),
            (_, None) => Vec::new(),
        }
    }

    /// Whether the audience may see the layer at all.
    pub fn shows(&self, layer: &Layer) -> bool {
        layer
            .collection
            .is_none_or(|collection| self.view.shows(collection))
    }

    /// TileJSON 3.0 of a tileset for this audience; see [`Tileset::tile_json`].
    pub fn tile_json(
        &self,
        tileset: Tileset,
        template: &str,
        lang: zhifang_core::Lang,
    ) -> serde_json::Value {
        tileset.tile_json(template, self.bounds(), |layer| self.shows(layer), lang)
    }

    /// The box round all polygons; the whole world where there are none.
    pub fn bounds(&self) -> Bbox {
        self.ground.bounds().unwrap_or(Bbox {
            west: -180.0,
            south: -zhifang_core::tile::MAX_LATITUDE,
            east: 180.0,
            north: zhifang_core::tile::MAX_LATITUDE,
        })
    }

    /// Whether a record takes part in the map.
    pub(crate) fn stands(&self, record: &Record) -> bool {
        stands(record, self.day)
    }

    /// The record of a unit, for its names.
    pub(crate) fn unit(&self, code: DivisionCode) -> Option<&'a Record> {
        self.view.unit(code, self.day)
    }
}

/// What a change of one record means, given the snapshot before it.
pub fn touched(snapshot: &Snapshot, key: &RecordKey, after: Option<&Record>) -> Touched {
    let before = snapshot
        .view(Audience::Staff)
        .record(key.collection, &key.id);
    Touched::by(before, after)
}
