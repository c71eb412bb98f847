//! Bytes of a vector tile (Mapbox Vector Tile 2.1).

use rustc_hash::FxHashMap;

use crate::clip::TilePoint;

/// Grid steps along the side of a tile.
pub(crate) const EXTENT: u32 = zhifang_topology::EXTENT;

/// A value of an attribute (MVT 2.1 §4.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Attribute<'a> {
    Text(&'a str),
    Owned(String),
    Whole(i64),
    /// Bits of a double.
    Number(u64),
    Flag(bool),
}

impl Attribute<'_> {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Text(text) => put_bytes(&mut out, 1, text.as_bytes()),
            Self::Owned(text) => put_bytes(&mut out, 1, text.as_bytes()),
            Self::Number(bits) => {
                put_key(&mut out, 3, 1);
                out.extend(bits.to_le_bytes());
            }
            Self::Whole(number) if *number >= 0 => {
                put_key(&mut out, 5, 0);
                put_varint(&mut out, number.unsigned_abs());
            }
            Self::Whole(number) => {
                put_key(&mut out, 6, 0);
                put_varint(&mut out, ((number << 1) ^ (number >> 63)).cast_unsigned());
            }
            Self::Flag(flag) => {
                put_key(&mut out, 7, 0);
                put_varint(&mut out, u64::from(*flag));
            }
        }
        out
    }
}

/// Geometry of a feature in tile coordinates.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    kind: u8,
    commands: Vec<u32>,
    cursor: TilePoint,
}

const MOVE_TO: u32 = 1;
const LINE_TO: u32 = 2;
const CLOSE_PATH: u32 = 7;

impl Shape {
    pub(crate) fn points(points: &[TilePoint]) -> Self {
        let mut shape = Self {
            kind: 1,
            ..Self::default()
        };
        if !points.is_empty() {
            shape.command(MOVE_TO, points.len());
            for point in points {
                shape.step(*point);
            }
        }
        shape
    }

    /// Lines of two points or more each.
    pub(crate) fn lines<'a>(lines: impl IntoIterator<Item = &'a [TilePoint]>) -> Self {
        let mut shape = Self {
            kind: 2,
            ..Self::default()
        };
        for line in lines {
            if let [first, rest @ ..] = line
                && !rest.is_empty()
            {
                shape.command(MOVE_TO, 1);
                shape.step(*first);
                shape.command(LINE_TO, rest.len());
                for point in rest {
                    shape.step(*point);
                }
            }
        }
        shape
    }

    /// Parts of rings with the inside on the left, north up; written exterior first and turned,
    /// so that exteriors have a positive area in the tile's coordinates (MVT 2.1 §4.3.4.4).
    pub(crate) fn polygons(parts: &[Vec<Vec<TilePoint>>]) -> Self {
        let mut shape = Self {
            kind: 3,
            ..Self::default()
        };
        for ring in parts.iter().flatten() {
            let n = ring.len();
            if n < 3 {
                continue;
            }
            shape.command(MOVE_TO, 1);
            shape.step(ring[n - 1]);
            shape.command(LINE_TO, n - 1);
            for point in ring[..n - 1].iter().rev() {
                shape.step(*point);
            }
            shape.command(CLOSE_PATH, 1);
        }
        shape
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    fn command(&mut self, id: u32, count: usize) {
        self.commands.push((count as u32) << 3 | id);
    }

    fn step(&mut self, to: TilePoint) {
        for (to, from) in to.into_iter().zip(self.cursor) {
            let delta = to - from;
            self.commands
                .push(((delta << 1) ^ (delta >> 31)).cast_unsigned());
        }
        self.cursor = to;
    }
}

/// A layer under construction.
#[derive(Debug)]
pub(crate) struct LayerWriter<'a> {
    name: &'static str,
    keys: Vec<&'static str>,
    values: FxHashMap<Attribute<'a>, u32>,
    encoded_values: Vec<u8>,
    features: Vec<u8>,
    feature_count: usize,
}

impl<'a> LayerWriter<'a> {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            keys: Vec::new(),
            values: FxHashMap::default(),
            encoded_values: Vec::new(),
            features: Vec::new(),
            feature_count: 0,
        }
    }

    pub(crate) fn add(
        &mut self,
        id: u64,
        attributes: impl IntoIterator<Item = (&'static str, Attribute<'a>)>,
        shape: &Shape,
    ) {
        if shape.is_empty() {
            return;
        }
        let mut tags = Vec::new();
        for (key, value) in attributes {
            let number = self
                .keys
                .iter()
                .position(|known| *known == key)
                .unwrap_or_else(|| {
                    self.keys.push(key);
                    self.keys.len() - 1
                });
            put_varint(&mut tags, number as u64);
            let next = self.values.len() as u32;
            let encoded_values = &mut self.encoded_values;
            let number = *self.values.entry(value).or_insert_with_key(|value| {
                put_bytes(encoded_values, 4, &value.encode());
                next
            });
            put_varint(&mut tags, u64::from(number));
        }
        let mut feature = Vec::with_capacity(shape.commands.len() * 2 + tags.len() + 16);
        put_key(&mut feature, 1, 0);
        put_varint(&mut feature, id);
        put_bytes(&mut feature, 2, &tags);
        put_key(&mut feature, 3, 0);
        put_varint(&mut feature, u64::from(shape.kind));
        let mut geometry = Vec::with_capacity(shape.commands.len() * 2);
        for command in &shape.commands {
            put_varint(&mut geometry, u64::from(*command));
        }
        put_bytes(&mut feature, 4, &geometry);
        put_bytes(&mut self.features, 2, &feature);
        self.feature_count += 1;
    }

    /// The layer as a field of a tile; empty where it has no feature.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut tile = Vec::new();
        if self.feature_count == 0 {
            return tile;
        }
        let mut layer = Vec::with_capacity(self.features.len() + self.encoded_values.len() + 64);
        put_key(&mut layer, 15, 0);
        put_varint(&mut layer, 2);
        put_bytes(&mut layer, 1, self.name.as_bytes());
        layer.extend(self.features);
        for key in self.keys {
            put_bytes(&mut layer, 3, key.as_bytes());
        }
        layer.extend(self.encoded_values);
        put_key(&mut layer, 5, 0);
        put_varint(&mut layer, u64::from(EXTENT));
        put_bytes(&mut tile, 3, &layer);
        tile
    }
}

pub(crate) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_key(out: &mut Vec<u8>, field: u32, wire_type: u32) {
    put_varint(out, u64::from(field << 3 | wire_type));
}

fn put_bytes(out: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    put_key(out, field, 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
