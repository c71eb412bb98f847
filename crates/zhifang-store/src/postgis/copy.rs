//! Rows of the change log in the server's binary copy format.

use bytes::{BufMut as _, Bytes, BytesMut};
use geo_types::{Geometry, LineString, Polygon};
use zhifang_core::geometry::{for_each_coord, from_wkb, vertex_count};

/// EPSG number of CGCS2000.
const SRID: u32 = 4490;

/// Says in a geometry's type that its SRID follows (EWKB).
const HAS_SRID: u32 = 0x2000_0000;

/// Bytes after which the rows are sent off.
const CHUNK: usize = 256 * 1024;

/// Columns in the order in which [`Rows`] writes them.
pub(super) const COLUMNS: &str = "seq, collection, id, version, operation, previous, source, \
    name, body, geometry, shape, digest";

/// A row to be written.
#[derive(Debug)]
pub(super) struct CopyRow<'a> {
    pub(super) seq: i64,
    pub(super) collection: u8,
    pub(super) id: &'a str,
    pub(super) version: u32,
    pub(super) operation: u8,
    pub(super) previous: i64,
    pub(super) source: &'a str,
    pub(super) name: &'a str,
    pub(super) body: &'a [u8],
    pub(super) geometry: Option<&'a [u8]>,
    pub(super) digest: &'a [u8],
}

/// Rows on their way.
#[derive(Debug)]
pub(super) struct Rows(BytesMut);

impl Rows {
    pub(super) fn new() -> Self {
        let mut buffer = BytesMut::with_capacity(CHUNK + 4096);
        buffer.put_slice(b"PGCOPY\n\xff\r\n\0");
        buffer.put_i32(0); // flags
        buffer.put_i32(0); // length of the header's extension
        Self(buffer)
    }

    fn field(&mut self, bytes: &[u8]) {
        self.0
            .put_i32(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
        self.0.put_slice(bytes);
    }

    fn null(&mut self) {
        self.0.put_i32(-1);
    }

    /// Adds a row; returns what is to be sent now, if so much has gathered.
    pub(super) fn add(&mut self, row: &CopyRow<'_>) -> Option<Bytes> {
        self.0.put_i16(12);
        self.field(&row.seq.to_be_bytes());
        self.field(&i16::from(row.collection).to_be_bytes());
        self.field(row.id.as_bytes());
        self.field(&row.version.to_be_bytes());
        self.field(&i16::from(row.operation).to_be_bytes());
        self.field(&row.previous.to_be_bytes());
        self.field(row.source.as_bytes());
        self.field(row.name.as_bytes());
        self.field(row.body);
        let ewkb = row.geometry.and_then(with_srid);
        match &ewkb {
            Some(ewkb) => self.field(ewkb),
            None => self.null(),
        }
        match row.geometry {
            Some(wkb) if ewkb.is_none() => self.field(wkb),
            _ => self.null(),
        }
        self.field(row.digest);
        (self.0.len() >= CHUNK).then(|| self.0.split().freeze())
    }

    /// The rest, to be sent last.
    pub(super) fn end(mut self) -> Bytes {
        self.0.put_i16(-1);
        self.0.freeze()
    }
}

/// The geometry with its SRID, if PostGIS takes it and gives back the same bytes.
fn with_srid(wkb: &[u8]) -> Option<Vec<u8>> {
    let geometry = from_wkb(wkb).ok()?;
    let (order, rest) = wkb.split_first()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    if *order != 1 || !is_taken(&geometry) {
        return None;
    }
    let mut ewkb = Vec::with_capacity(wkb.len() + 4);
    ewkb.push(1);
    ewkb.extend_from_slice(&(u32::from_le_bytes(*kind) | HAS_SRID).to_le_bytes());
    ewkb.extend_from_slice(&SRID.to_le_bytes());
    ewkb.extend_from_slice(rest);
    Some(ewkb)
}

/// Whether PostGIS reads the geometry: it refuses lines of one point and rings of fewer than
/// four or not closed, and takes points that are not finite for empty ones.
fn is_taken(geometry: &Geometry<f64>) -> bool {
    let mut is_finite = true;
    for_each_coord(geometry, &mut |c| {
        is_finite &= c.x.is_finite() && c.y.is_finite();
    });
    is_finite && vertex_count(geometry) > 0 && parts_are_taken(geometry)
}

fn parts_are_taken(geometry: &Geometry<f64>) -> bool {
    let line = |line: &LineString<f64>| line.0.len() > 1;
    let ring = |ring: &LineString<f64>| ring.0.len() > 3 && ring.0.first() == ring.0.last();
    let polygon =
        |polygon: &Polygon<f64>| ring(polygon.exterior()) && polygon.interiors().iter().all(ring);
    match geometry {
        Geometry::Point(_) | Geometry::MultiPoint(_) => true,
        Geometry::LineString(one) => line(one),
        Geometry::MultiLineString(many) => many.0.iter().all(line),
        Geometry::Polygon(one) => polygon(one),
        Geometry::MultiPolygon(many) => many.0.iter().all(polygon),
        Geometry::GeometryCollection(many) => many.0.iter().all(parts_are_taken),
        // Written as a line or polygon, and never read back as themselves.
        Geometry::Line(_) | Geometry::Rect(_) | Geometry::Triangle(_) => false,
    }
}
