//! Geometry in and out of the two notations that the house uses: WKB to store, GeoJSON to talk.

use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Point, Polygon,
};
use serde_json::Value;

/// Bytes or JSON that are no geometry of ours.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GeometryError {
    /// The bytes end early or hold an unknown type.
    #[error("stored geometry: {reason} at byte {offset}")]
    Wkb {
        /// What was wrong.
        reason: &'static str,
        /// Where, from 0.
        offset: usize,
    },
    /// The JSON is no GeoJSON geometry (RFC 7946 §3.1).
    #[error("geometry: {reason}")]
    GeoJson {
        /// What was wrong.
        reason: String,
    },
    /// A coordinate is not a finite number.
    #[error("geometry: coordinate `{x} {y}` is not a finite number")]
    NotFinite {
        /// First number.
        x: f64,
        /// Second number.
        y: f64,
    },
}

/// Calls `visit` for every vertex in reading order.
pub fn for_each_coord(geometry: &Geometry<f64>, visit: &mut impl FnMut(Coord<f64>)) {
    fn line(line: &LineString<f64>, visit: &mut impl FnMut(Coord<f64>)) {
        line.0.iter().for_each(|c| visit(*c));
    }
    fn polygon(polygon: &Polygon<f64>, visit: &mut impl FnMut(Coord<f64>)) {
        line(polygon.exterior(), visit);
        polygon
            .interiors()
            .iter()
            .for_each(|ring| line(ring, visit));
    }
    match geometry {
        Geometry::Point(p) => visit(p.0),
        Geometry::Line(l) => {
            visit(l.start);
            visit(l.end);
        }
        Geometry::LineString(l) => line(l, visit),
        Geometry::Polygon(p) => polygon(p, visit),
        Geometry::MultiPoint(m) => m.0.iter().for_each(|p| visit(p.0)),
        Geometry::MultiLineString(m) => m.0.iter().for_each(|l| line(l, visit)),
        Geometry::MultiPolygon(m) => m.0.iter().for_each(|p| polygon(p, visit)),
        Geometry::GeometryCollection(m) => {
            for part in &m.0 {
                for_each_coord_dyn(part, visit);
            }
        }
        Geometry::Rect(r) => line(r.to_polygon().exterior(), visit),
        Geometry::Triangle(t) => line(t.to_polygon().exterior(), visit),
    }
}

// A generic function that calls itself with `&mut F` would be instantiated without end.
fn for_each_coord_dyn(geometry: &Geometry<f64>, visit: &mut dyn FnMut(Coord<f64>)) {
    for_each_coord(geometry, &mut |c| visit(c));
}

/// Number of vertices.
pub fn vertex_count(geometry: &Geometry<f64>) -> usize {
    let mut count = 0;
    for_each_coord(geometry, &mut |_| count += 1);
    count
}

/// The same geometry with every vertex replaced.
#[must_use]
pub fn map_coords(
    geometry: &Geometry<f64>,
    change: &mut dyn FnMut(Coord<f64>) -> Coord<f64>,
) -> Geometry<f64> {
    fn line(l: &LineString<f64>, f: &mut dyn FnMut(Coord<f64>) -> Coord<f64>) -> LineString<f64> {
        LineString(l.0.iter().map(|c| f(*c)).collect())
    }
    fn polygon(p: &Polygon<f64>, f: &mut dyn FnMut(Coord<f64>) -> Coord<f64>) -> Polygon<f64> {
        let shell = line(p.exterior(), f);
        Polygon::new(
            shell,
            p.interiors().iter().map(|ring| line(ring, f)).collect(),
        )
    }
    match geometry {
        Geometry::Point(p) => Geometry::Point(Point(change(p.0))),
        Geometry::Line(l) => Geometry::LineString(LineString(vec![change(l.start), change(l.end)])),
        Geometry::LineString(l) => Geometry::LineString(line(l, change)),
        Geometry::Polygon(p) => Geometry::Polygon(polygon(p, change)),
        Geometry::MultiPoint(m) => {
            Geometry::MultiPoint(MultiPoint(m.0.iter().map(|p| Point(change(p.0))).collect()))
        }
        Geometry::MultiLineString(m) => Geometry::MultiLineString(MultiLineString(
            m.0.iter().map(|l| line(l, change)).collect(),
        )),
        Geometry::MultiPolygon(m) => Geometry::MultiPolygon(MultiPolygon(
            m.0.iter().map(|p| polygon(p, change)).collect(),
        )),
        Geometry::GeometryCollection(m) => Geometry::GeometryCollection(GeometryCollection(
            m.0.iter().map(|part| map_coords(part, change)).collect(),
        )),
        Geometry::Rect(r) => Geometry::Polygon(polygon(&r.to_polygon(), change)),
        Geometry::Triangle(t) => Geometry::Polygon(polygon(&t.to_polygon(), change)),
    }
}

/// GeoJSON geometry object (RFC 7946 §3.1), two numbers a position, as stored.
pub fn to_geojson(geometry: &Geometry<f64>) -> Value {
    let geometry = geojson::Geometry::from(geometry);
    serde_json::to_value(geometry).unwrap_or(Value::Null)
}

/// A geometry from a GeoJSON geometry object; heights are dropped, winding is kept as given.
///
/// # Errors
/// [`GeometryError::GeoJson`] when it is no geometry, [`GeometryError::NotFinite`].
pub fn from_geojson(value: &Value) -> Result<Geometry<f64>, GeometryError> {
    let parsed: geojson::Geometry =
        serde::Deserialize::deserialize(value).map_err(|fault: serde_json::Error| {
            GeometryError::GeoJson {
                reason: fault.to_string(),
            }
        })?;
    let geometry = Geometry::<f64>::try_from(parsed).map_err(|fault| GeometryError::GeoJson {
        reason: fault.to_string(),
    })?;
    let mut fault = None;
    for_each_coord(&geometry, &mut |c| {
        if !(c.x.is_finite() && c.y.is_finite()) {
            fault.get_or_insert(GeometryError::NotFinite { x: c.x, y: c.y });
        }
    });
    fault.map_or(Ok(geometry), Err)
}

/// Well-known binary (OGC 06-103r4 §8), little-endian, two dimensions.
pub fn to_wkb(geometry: &Geometry<f64>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(16 + vertex_count(geometry) * 16);
    write_wkb(geometry, &mut bytes);
    bytes
}

fn write_wkb(geometry: &Geometry<f64>, out: &mut Vec<u8>) {
    fn head(out: &mut Vec<u8>, kind: u32) {
        out.push(1);
        out.extend(kind.to_le_bytes());
    }
    fn count(out: &mut Vec<u8>, n: usize) {
        out.extend(u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes());
    }
    fn coord(out: &mut Vec<u8>, c: Coord<f64>) {
        out.extend(c.x.to_le_bytes());
        out.extend(c.y.to_le_bytes());
    }
    fn line(out: &mut Vec<u8>, l: &LineString<f64>) {
        count(out, l.0.len());
        l.0.iter().for_each(|c| coord(out, *c));
    }
    fn polygon(out: &mut Vec<u8>, p: &Polygon<f64>) {
        head(out, 3);
        if p.exterior().0.is_empty() {
            count(out, 0);
            return;
        }
        count(out, 1 + p.interiors().len());
        line(out, p.exterior());
        p.interiors().iter().for_each(|ring| line(out, ring));
    }
    match geometry {
        Geometry::Point(p) => {
            head(out, 1);
            coord(out, p.0);
        }
        Geometry::Line(l) => {
            head(out, 2);
            line(out, &LineString(vec![l.start, l.end]));
        }
        Geometry::LineString(l) => {
            head(out, 2);
            line(out, l);
        }
        Geometry::Polygon(p) => polygon(out, p),
        Geometry::MultiPoint(m) => {
            head(out, 4);
            count(out, m.0.len());
            for p in &m.0 {
                head(out, 1);
                coord(out, p.0);
            }
        }
        Geometry::MultiLineString(m) => {
            head(out, 5);
            count(out, m.0.len());
            for l in &m.0 {
                head(out, 2);
                line(out, l);
            }
        }
        Geometry::MultiPolygon(m) => {
            head(out, 6);
            count(out, m.0.len());
            m.0.iter().for_each(|p| polygon(out, p));
        }
        Geometry::GeometryCollection(m) => {
            head(out, 7);
            count(out, m.0.len());
            m.0.iter().for_each(|part| write_wkb(part, out));
        }
        Geometry::Rect(r) => polygon(out, &r.to_polygon()),
        Geometry::Triangle(t) => polygon(out, &t.to_polygon()),
    }
}

/// Nesting that a stored geometry may have; collections of collections end here.
const MAX_DEPTH: u32 = 16;

/// A geometry from well-known binary, either byte order; Z, M and SRID (EWKB) are skipped.
///
/// # Errors
/// [`GeometryError::Wkb`] when the bytes end early, are too deep or of unknown type.
pub fn from_wkb(bytes: &[u8]) -> Result<Geometry<f64>, GeometryError> {
    let mut reader = WkbReader { bytes, offset: 0 };
    reader.geometry(0)
}

struct WkbReader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

#[derive(Clone, Copy)]
struct WkbHead {
    big: bool,
    kind: u32,
    extra: u32,
}

impl WkbReader<'_> {
    fn fault<T>(&self, reason: &'static str) -> Result<T, GeometryError> {
        Err(GeometryError::Wkb {
            reason,
            offset: self.offset,
        })
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], GeometryError> {
        let end = self.offset + N;
        match self
            .bytes
            .get(self.offset..end)
            .and_then(|slice| slice.try_into().ok())
        {
            Some(array) => {
                self.offset = end;
                Ok(array)
            }
            None => self.fault("ends early"),
        }
    }

    fn u32(&mut self, big: bool) -> Result<u32, GeometryError> {
        let raw = self.take::<4>()?;
        Ok(if big {
            u32::from_be_bytes(raw)
        } else {
            u32::from_le_bytes(raw)
        })
    }

    fn f64(&mut self, big: bool) -> Result<f64, GeometryError> {
        let raw = self.take::<8>()?;
        Ok(if big {
            f64::from_be_bytes(raw)
        } else {
            f64::from_le_bytes(raw)
        })
    }

    fn head(&mut self) -> Result<WkbHead, GeometryError> {
        let big = match self.take::<1>()? {
            [0] => true,
            [1] => false,
            _ => return self.fault("unknown byte order"),
        };
        let raw = self.u32(big)?;
        if raw & 0x2000_0000 != 0 {
            self.u32(big)?;
        }
        let thousands = (raw & 0x0fff_ffff) / 1000;
        let z = raw & 0x8000_0000 != 0 || matches!(thousands, 1 | 3);
        let m = raw & 0x4000_0000 != 0 || matches!(thousands, 2 | 3);
        Ok(WkbHead {
            big,
            kind: (raw & 0x0fff_ffff) % 1000,
            extra: u32::from(z) + u32::from(m),
        })
    }

    fn coord(&mut self, head: WkbHead) -> Result<Coord<f64>, GeometryError> {
        let (x, y) = (self.f64(head.big)?, self.f64(head.big)?);
        for _ in 0..head.extra {
            self.f64(head.big)?;
        }
        Ok(Coord { x, y })
    }

    fn line(&mut self, head: WkbHead) -> Result<LineString<f64>, GeometryError> {
        let n = self.u32(head.big)? as usize;
        if n > self.bytes.len() / 16 + 1 {
            return self.fault("count larger than the bytes left");
        }
        (0..n)
            .map(|_| self.coord(head))
            .collect::<Result<Vec<_>, _>>()
            .map(LineString)
    }

    fn polygon(&mut self, head: WkbHead) -> Result<Polygon<f64>, GeometryError> {
        let n = self.u32(head.big)?;
        let mut rings = Vec::new();
        for _ in 0..n {
            rings.push(self.line(head)?);
        }
        let mut rings = rings.into_iter();
        let shell = rings.next().unwrap_or_else(|| LineString(Vec::new()));
        Ok(Polygon::new(shell, rings.collect()))
    }

    fn parts<T>(
        &mut self,
        head: WkbHead,
        mut read: impl FnMut(&mut Self, WkbHead) -> Result<T, GeometryError>,
    ) -> Result<Vec<T>, GeometryError> {
        let n = self.u32(head.big)?;
        let mut parts = Vec::new();
        for _ in 0..n {
            let inner = self.head()?;
            parts.push(read(self, inner)?);
        }
        Ok(parts)
    }

    fn geometry(&mut self, depth: u32) -> Result<Geometry<f64>, GeometryError> {
        if depth > MAX_DEPTH {
            return self.fault("nested too deeply");
        }
        let head = self.head()?;
        Ok(match head.kind {
            1 => Geometry::Point(Point(self.coord(head)?)),
            2 => Geometry::LineString(self.line(head)?),
            3 => Geometry::Polygon(self.polygon(head)?),
            4 => Geometry::MultiPoint(MultiPoint(
                self.parts(head, Self::coord)?
                    .into_iter()
                    .map(Point)
                    .collect(),
            )),
            5 => Geometry::MultiLineString(MultiLineString(self.parts(head, Self::line)?)),
            6 => Geometry::MultiPolygon(MultiPolygon(self.parts(head, Self::polygon)?)),
            7 => {
                let n = self.u32(head.big)?;
                let mut parts = Vec::new();
                for _ in 0..n {
                    parts.push(self.geometry(depth + 1)?);
                }
                Geometry::GeometryCollection(GeometryCollection(parts))
            }
            _ => return self.fault("unknown geometry type"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wkb_and_geojson_read_back_what_they_wrote() {
        let ring = |x: f64| {
            LineString::from(vec![
                (x, 0.0),
                (x + 1.0, 0.0),
                (x + 1.0, 0.1),
                (x, 0.3),
                (x, 0.0),
            ])
        };
        let geometry = Geometry::MultiPolygon(MultiPolygon(vec![
            Polygon::new(ring(111.670_123), vec![ring(0.1)]),
            Polygon::new(ring(5.0), vec![]),
        ]));
        assert_eq!(from_wkb(&to_wkb(&geometry)).unwrap(), geometry);
        assert_eq!(from_geojson(&to_geojson(&geometry)).unwrap(), geometry);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_wkb_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = from_wkb(&bytes);
        }

        /// Lengths and kinds of a right beginning, and then anything.
        #[test]
        fn no_damage_makes_the_wkb_reader_panic(
            flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            cut in any::<prop::sample::Index>(),
        ) {
            let ring = LineString::from(vec![(1.0, 0.0), (2.0, 0.0), (2.0, 0.1), (1.0, 0.0)]);
            let polygon = Polygon::new(ring.clone(), vec![ring.clone()]);
            let geometry = Geometry::GeometryCollection(GeometryCollection(vec![
                Geometry::MultiPolygon(MultiPolygon(vec![polygon])),
                Geometry::LineString(ring),
            ]));
            let mut bytes = to_wkb(&geometry);
            for (at, byte) in flips {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let _ = from_wkb(&bytes);
            let _ = from_wkb(&bytes[..cut.index(bytes.len())]);
        }
    }
}
