//! Coordinate systems on the wire: their addresses, the authority's order of axes.

use geo_types::{Coord, Geometry, LineString, MultiPolygon, Polygon};
use zhifang_core::geometry::map_coords;
use zhifang_core::{Bbox, Crs};
use zhifang_crs::{Transformer, is_north_first};

use crate::error::{ApiError, ApiResult};

/// The default system: WGS 84 with longitude first.
pub(crate) const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
/// The system in which everything is stored.
pub(crate) const STORED: &str = "http://www.opengis.net/def/crs/EPSG/0/4490";

/// CGCS2000 Gauss-Krüger grids: 6-degree and 3-degree zones, with zone prefix and without.
const GRIDS: std::ops::RangeInclusive<u32> = 4491..=4554;

/// The systems that are offered, the default first.
pub(crate) fn offered() -> Vec<String> {
    let mut list = vec![CRS84.to_owned(), STORED.to_owned()];
    let numbers = [4326, 3857].into_iter().chain(GRIDS);
    list.extend(numbers.map(|number| format!("http://www.opengis.net/def/crs/EPSG/0/{number}")));
    list
}

/// A system as asked for, with its transformer and order of axes.
#[derive(Debug)]
pub(crate) struct Reference {
    uri: String,
    // PROJ's objects stay on their thread, so the transformer is made where it is used.
    crs: Crs,
    north_first: bool,
}

impl Reference {
    /// The system of the parameter `name`, CRS84 when it is absent.
    pub(crate) fn parse(name: &str, text: Option<&str>) -> ApiResult<Self> {
        let text = text.unwrap_or(CRS84).trim_matches(['<', '>']);
        let uri = if text.starts_with("http") {
            text.to_owned()
        } else {
            match text.parse::<Crs>() {
                Ok(Crs::Epsg(4326)) if text.to_ascii_lowercase().contains("crs84") => {
                    CRS84.to_owned()
                }
                Ok(Crs::Epsg(number)) => format!("http://www.opengis.net/def/crs/EPSG/0/{number}"),
                _ => text.to_owned(),
            }
        };
        if !offered().contains(&uri) {
            return Err(ApiError::parameter(
                name,
                format!("`{text}` is not offered; see `crs` of the collection"),
            ));
        }
        let crs: Crs = uri.parse().map_err(|error: zhifang_core::CrsError| {
            ApiError::parameter(name, error.to_string())
        })?;
        Transformer::try_new(crs).map_err(|error| ApiError::parameter(name, error.to_string()))?;
        let north_first = match crs {
            Crs::Epsg(number) => uri != CRS84 && is_north_first(number),
            _ => false,
        };
        Ok(Self {
            uri,
            crs,
            north_first,
        })
    }

    fn transformer(&self) -> ApiResult<Transformer> {
        Transformer::try_new(self.crs)
            .map_err(|error| ApiError::parameter("crs", error.to_string()))
    }

    /// Its address, as `Content-Crs` gives it.
    pub(crate) fn uri(&self) -> &str {
        &self.uri
    }

    /// The system for a format that names it itself.
    pub(crate) fn crs(&self) -> Crs {
        if self.is_plain() {
            Crs::STORED
        } else {
            self.crs
        }
    }

    /// Whether positions pass as they are stored.
    pub(crate) fn is_plain(&self) -> bool {
        self.crs.is_stored() && !self.north_first
    }

    /// A stored geometry as it is written.
    pub(crate) fn write(&self, geometry: &Geometry<f64>) -> ApiResult<Geometry<f64>> {
        let moved = self
            .transformer()?
            .geometry_to_declared(geometry)
            .map_err(|error| ApiError::parameter("crs", error.to_string()))?;
        Ok(if self.north_first {
            map_coords(&moved, &mut swap)
        } else {
            moved
        })
    }

    /// A given geometry as it is stored.
    pub(crate) fn read(&self, geometry: &Geometry<f64>) -> ApiResult<Geometry<f64>> {
        let ordered = if self.north_first {
            map_coords(geometry, &mut swap)
        } else {
            geometry.clone()
        };
        self.transformer()?
            .geometry_to_stored(&ordered)
            .map_err(|error| ApiError::bad_request(error.to_string()))
    }

    /// A stored position of a filter, given in this system.
    pub(crate) fn read_coord(&self, coord: Coord<f64>) -> Coord<f64> {
        let ordered = if self.north_first { swap(coord) } else { coord };
        self.transformer()
            .ok()
            .and_then(|transformer| transformer.to_stored(ordered).ok())
            .unwrap_or(Coord {
                x: f64::NAN,
                y: f64::NAN,
            })
    }

    /// A box of four numbers in this system: itself where the system is plain, else the outline of
    /// the box, followed closely, since its straight sides are none in degrees.
    pub(crate) fn read_box(&self, numbers: [f64; 4]) -> ApiResult<Region> {
        let fault = |error: &dyn std::fmt::Display| ApiError::parameter("bbox", error.to_string());
        let [a, b, c, d] = numbers;
        let (west, south, east, north) = if self.north_first {
            (b, a, d, c)
        } else {
            (a, b, c, d)
        };
        if self.crs.is_stored() {
            return Bbox::try_new(west, south, east, north)
                .map(Region::Box)
                .map_err(|error| fault(&error));
        }
        if !(west <= east && south <= north) {
            return Err(ApiError::parameter(
                "bbox",
                "wanted the lower corner before the upper",
            ));
        }
        let transformer = self.transformer()?;
        let steps = 16;
        let mut ring = Vec::with_capacity(4 * steps + 1);
        let corners = [
            (west, south),
            (east, south),
            (east, north),
            (west, north),
            (west, south),
        ];
        for pair in corners.windows(2) {
            let (Some(from), Some(to)) = (pair.first(), pair.get(1)) else {
                continue;
            };
            for step in 0..steps {
                let share = step as f64 / steps as f64;
                let at = Coord {
                    x: from.0 + (to.0 - from.0) * share,
                    y: from.1 + (to.1 - from.1) * share,
                };
                ring.push(transformer.to_stored(at).map_err(|error| fault(&error))?);
            }
        }
        let outline = Polygon::new(LineString(ring), vec![]);
        Ok(Region::Outline(Geometry::MultiPolygon(MultiPolygon(vec![
            outline,
        ]))))
    }
}

/// What a `bbox` parameter covers, in degrees.
#[derive(Debug, Clone)]
pub(crate) enum Region {
    /// A box, perhaps across ±180°.
    Box(Bbox),
    /// A box of another system, as a polygon.
    Outline(Geometry<f64>),
}

fn swap(coord: Coord<f64>) -> Coord<f64> {
    Coord {
        x: coord.y,
        y: coord.x,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epsg_4490_has_latitude_first_and_crs84_longitude() {
        let point = Geometry::Point(geo_types::Point::new(111.67, 32.385));
        let stored = Reference::parse("crs", Some(STORED)).unwrap();
        assert_eq!(
            stored.write(&point).unwrap(),
            Geometry::Point(geo_types::Point::new(32.385, 111.67))
        );
        assert!(Reference::parse("crs", None).unwrap().is_plain());
        assert!(
            Reference::parse("crs", Some("http://www.opengis.net/def/crs/EPSG/0/9999")).is_err()
        );
    }
}
