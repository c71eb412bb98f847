//! Positions, boxes and lengths: longitude first, degrees, CGCS2000 (EPSG:4490).

use geo_types::{Coord, Geometry, Point};
use serde::{Deserialize, Serialize};

/// A position outside the range of geographic coordinates.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CoordinateError {
    /// Not a finite number, or outside -180..=180 / -90..=90 degrees.
    #[error(
        "position `{lon} {lat}`: longitude must be within -180..180 and latitude within -90..90"
    )]
    OutOfRange {
        /// Longitude as given, degrees.
        lon: f64,
        /// Latitude as given, degrees.
        lat: f64,
    },
    /// A box whose south is above its north, or with a number that is not finite.
    #[error(
        "box `{west},{south},{east},{north}`: wanted west,south,east,north in degrees with south <= north"
    )]
    BadBox {
        /// Western edge as given.
        west: f64,
        /// Southern edge as given.
        south: f64,
        /// Eastern edge as given.
        east: f64,
        /// Northern edge as given.
        north: f64,
    },
}

/// A position, longitude and latitude in degrees, CGCS2000 (EPSG:4490).
///
/// ```
/// use zhifang_core::LonLat;
/// let seat = LonLat::try_new(111.670, 32.385)?;
/// assert!(LonLat::try_new(32.385, 111.670).is_err(), "latitude 111 does not exist");
/// # Ok::<(), zhifang_core::CoordinateError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LonLat {
    /// Longitude, degrees east.
    pub lon: f64,
    /// Latitude, degrees north.
    pub lat: f64,
}

impl LonLat {
    /// A position without a range check; for numbers that have been checked before.
    pub const fn new(lon: f64, lat: f64) -> Self {
        Self { lon, lat }
    }

    /// A position within the range of geographic coordinates.
    ///
    /// # Errors
    /// [`CoordinateError::OutOfRange`] when a number is not finite or out of range.
    pub fn try_new(lon: f64, lat: f64) -> Result<Self, CoordinateError> {
        if (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat) {
            Ok(Self { lon, lat })
        } else {
            Err(CoordinateError::OutOfRange { lon, lat })
        }
    }
}

impl From<LonLat> for Point<f64> {
    fn from(place: LonLat) -> Self {
        Point::new(place.lon, place.lat)
    }
}

impl From<LonLat> for Coord<f64> {
    fn from(place: LonLat) -> Self {
        Coord {
            x: place.lon,
            y: place.lat,
        }
    }
}

impl From<Coord<f64>> for LonLat {
    fn from(coord: Coord<f64>) -> Self {
        Self {
            lon: coord.x,
            lat: coord.y,
        }
    }
}

impl From<Point<f64>> for LonLat {
    fn from(point: Point<f64>) -> Self {
        Self {
            lon: point.x(),
            lat: point.y(),
        }
    }
}

/// A length in metres on the ellipsoid.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, Default)]
pub struct Meters(pub f64);

/// A box in degrees. `west > east` means that it crosses the antimeridian (RFC 7946 §5.2);
/// go through [`Bbox::parts`] to get plain boxes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bbox {
    /// Western edge, degrees.
    pub west: f64,
    /// Southern edge, degrees.
    pub south: f64,
    /// Eastern edge, degrees.
    pub east: f64,
    /// Northern edge, degrees.
    pub north: f64,
}

impl Bbox {
    /// A box from its four edges.
    ///
    /// # Errors
    /// [`CoordinateError::BadBox`] when a number is not finite or south is above north.
    pub fn try_new(west: f64, south: f64, east: f64, north: f64) -> Result<Self, CoordinateError> {
        let finite = [west, south, east, north]
            .iter()
            .all(|number| number.is_finite());
        if finite && south <= north {
            Ok(Self {
                west,
                south,
                east,
                north,
            })
        } else {
            Err(CoordinateError::BadBox {
                west,
                south,
                east,
                north,
            })
        }
    }

    /// The plain boxes (west ≤ east) that make up this one: two when it crosses ±180°.
    pub fn parts(&self) -> impl Iterator<Item = Bbox> {
        let (first, second) = if self.west > self.east {
            (
                Self {
                    east: 180.0,
                    ..*self
                },
                Some(Self {
                    west: -180.0,
                    ..*self
                }),
            )
        } else {
            (*self, None)
        };
        std::iter::once(first).chain(second)
    }

    /// The smallest plain box round all positions; `None` when there is none.
    pub fn of_coords(coords: impl IntoIterator<Item = Coord<f64>>) -> Option<Self> {
        coords.into_iter().fold(None, |found: Option<Self>, c| {
            Some(match found {
                None => Self {
                    west: c.x,
                    south: c.y,
                    east: c.x,
                    north: c.y,
                },
                Some(b) => Self {
                    west: b.west.min(c.x),
                    south: b.south.min(c.y),
                    east: b.east.max(c.x),
                    north: b.north.max(c.y),
                },
            })
        })
    }

    /// The smallest plain box round a geometry; `None` when it is empty.
    pub fn of_geometry(geometry: &Geometry<f64>) -> Option<Self> {
        let mut found = None;
        crate::geometry::for_each_coord(geometry, &mut |c| {
            let point = Self {
                west: c.x,
                south: c.y,
                east: c.x,
                north: c.y,
            };
            found = Some(found.map_or(point, |b: Self| b.union(&point)));
        });
        found
    }

    /// The middle of a box that does not cross the antimeridian.
    #[must_use]
    pub const fn centre(&self) -> LonLat {
        LonLat::new(
            f64::midpoint(self.west, self.east),
            f64::midpoint(self.south, self.north),
        )
    }

    /// The smallest box round both (plain boxes).
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }

    /// Whether two plain boxes share a point (edges count).
    pub fn intersects(&self, other: &Self) -> bool {
        self.west <= other.east
            && other.west <= self.east
            && self.south <= other.north
            && other.south <= self.north
    }

    /// Whether the box, antimeridian included, holds the position (edges count).
    pub fn contains(&self, place: LonLat) -> bool {
        self.parts().any(|b| {
            (b.west..=b.east).contains(&place.lon) && (b.south..=b.north).contains(&place.lat)
        })
    }
}
