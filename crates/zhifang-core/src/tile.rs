//! Tile addresses and Web Mercator (EPSG:3857), the only place in the house where it is computed.

use crate::coordinate::{Bbox, LonLat};

/// Largest zoom that tiles are addressed at.
pub const MAX_ZOOM: u8 = 22;

/// Latitude at which the square world of Web Mercator ends, degrees.
pub const MAX_LATITUDE: f64 = 85.051_128_779_806_59;

/// A tile address outside its zoom's square.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("tile `{z}/{x}/{y}`: zoom goes from 0 to 22, x and y from 0 to 2^zoom - 1")]
pub struct TileError {
    /// Zoom as given.
    pub z: u32,
    /// Column as given.
    pub x: u32,
    /// Row as given.
    pub y: u32,
}

/// Address of a tile: zoom, column from the west, row from the north (XYZ scheme).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    z: u8,
    x: u32,
    y: u32,
}

impl TileId {
    /// An address that exists.
    ///
    /// # Errors
    /// [`TileError`] when zoom, column or row is out of range.
    pub fn try_new(z: u32, x: u32, y: u32) -> Result<Self, TileError> {
        match u8::try_from(z) {
            Ok(zoom) if zoom <= MAX_ZOOM && x >> zoom == 0 && y >> zoom == 0 => {
                Ok(Self { z: zoom, x, y })
            }
            _ => Err(TileError { z, x, y }),
        }
    }

    /// Zoom.
    pub const fn z(self) -> u8 {
        self.z
    }

    /// Column from the west.
    pub const fn x(self) -> u32 {
        self.x
    }

    /// Row from the north.
    pub const fn y(self) -> u32 {
        self.y
    }

    /// The tile that holds the position at this zoom.
    #[must_use]
    pub fn containing(place: LonLat, z: u8) -> Self {
        let z = z.min(MAX_ZOOM);
        let size = f64::from(1_u32 << z);
        let (x, y) = world(place);
        let cell = |part: f64| (part * size).floor().clamp(0.0, size - 1.0) as u32;
        Self {
            z,
            x: cell(x),
            y: cell(y),
        }
    }

    /// The four tiles of the next zoom; none below the last.
    pub fn children(self) -> impl Iterator<Item = Self> {
        (0..4_u32).filter_map(move |child| {
            let (x, y) = (2 * self.x + child % 2, 2 * self.y + child / 2);
            Self::try_new(u32::from(self.z) + 1, x, y).ok()
        })
    }

    /// The tile's box in degrees.
    pub fn bbox(self) -> Bbox {
        let size = f64::from(1_u32 << self.z);
        let north_west = unworld(f64::from(self.x) / size, f64::from(self.y) / size);
        let south_east = unworld(f64::from(self.x + 1) / size, f64::from(self.y + 1) / size);
        Bbox {
            west: north_west.lon,
            south: south_east.lat,
            east: south_east.lon,
            north: north_west.lat,
        }
    }
}

/// Position in the unit square of Web Mercator: x to the east, y to the south, both 0..1.
pub fn world(place: LonLat) -> (f64, f64) {
    let lat = place.lat.clamp(-MAX_LATITUDE, MAX_LATITUDE).to_radians();
    let x = (place.lon + 180.0) / 360.0;
    let y = (1.0 - lat.tan().asinh() / std::f64::consts::PI) / 2.0;
    (x, y)
}

/// Inverse of [`world`].
pub fn unworld(x: f64, y: f64) -> LonLat {
    let lat = (std::f64::consts::PI * (1.0 - 2.0 * y))
        .sinh()
        .atan()
        .to_degrees();
    LonLat::new(x * 360.0 - 180.0, lat)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_holds_the_place_it_was_asked_for() {
        let seat = LonLat::new(111.670, 32.385);
        for z in 0..=MAX_ZOOM {
            assert!(TileId::containing(seat, z).bbox().contains(seat));
        }
        assert!(TileId::try_new(3, 8, 0).is_err() && TileId::try_new(23, 0, 0).is_err());
    }
}
