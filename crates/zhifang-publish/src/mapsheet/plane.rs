//! From degrees to millimetres on the paper and back.

use geo::{Coord, LineString, MultiPolygon, Polygon};
use zhifang_core::{Bbox, LonLat};
use zhifang_datum::{Easting, GaussKruger, ellipsoid::CGCS2000, zone_of_longitude};

use super::svg::Rect;

/// Units broader than this get a central meridian of their own, degrees.
const BROADEST_IN_A_ZONE_DEG: f64 = 4.5;

/// Scale denominators that maps are made at.
const USUAL: [u32; 36] = [
    500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 60_000,
    75_000, 80_000, 100_000, 120_000, 150_000, 180_000, 200_000, 250_000, 300_000, 350_000,
    400_000, 450_000, 500_000, 600_000, 750_000, 1_000_000, 1_500_000, 2_000_000, 2_500_000,
    3_000_000, 3_500_000, 4_000_000, 4_500_000, 5_000_000,
];

/// The Gauss-Krüger plane of a sheet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Projection {
    gauss: GaussKruger,
    pub(super) central_meridian_deg: f64,
    /// Number of the 3-degree zone; none for a unit broader than one.
    pub(super) zone: Option<u8>,
}

impl Projection {
    /// The 3-degree zone of the box's middle, or a plane about its middle meridian.
    pub(super) fn of(bbox: Bbox) -> Self {
        let middle = f64::midpoint(bbox.west, bbox.east);
        let zone = zone_of_longitude(middle, 3)
            .filter(|_| bbox.east - bbox.west <= BROADEST_IN_A_ZONE_DEG);
        match zone {
            Some(zone) => Self {
                gauss: GaussKruger::of_zone(&CGCS2000, zone, true),
                central_meridian_deg: zone.central_meridian(),
                zone: Some(zone.number),
            },
            None => Self {
                gauss: GaussKruger::new(&CGCS2000, middle.round(), 500_000.0),
                central_meridian_deg: middle.round(),
                zone: None,
            },
        }
    }

    pub(super) fn forward(&self, at: Coord<f64>) -> Coord<f64> {
        let plane = self.gauss.forward(LonLat::new(at.x, at.y));
        Coord {
            x: plane.easting_m,
            y: plane.northing_m,
        }
    }

    pub(super) fn inverse(&self, at: Coord<f64>) -> LonLat {
        self.gauss.inverse(Easting {
            easting_m: at.x,
            northing_m: at.y,
        })
    }

    /// The box round all vertices on the plane: lower left and upper right, metres.
    pub(super) fn extent(&self, polygons: &MultiPolygon<f64>) -> Option<[Coord<f64>; 2]> {
        let mut extent: Option<[Coord<f64>; 2]> = None;
        for at in polygons.0.iter().flat_map(|polygon| &polygon.exterior().0) {
            let at = self.forward(*at);
            let [low, high] = extent.get_or_insert([at, at]);
            *low = Coord {
                x: low.x.min(at.x),
                y: low.y.min(at.y),
            };
            *high = Coord {
                x: high.x.max(at.x),
                y: high.y.max(at.y),
            };
        }
        extent
    }
}

/// A projection laid on a rectangle of the paper.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    pub(super) projection: Projection,
    pub(super) denominator: u32,
    pub(super) rect: Rect,
    /// Plane position of the rectangle's middle, metres.
    centre: Coord<f64>,
    mm_per_m: f64,
}

impl Plane {
    pub(super) fn new(
        projection: Projection,
        extent: [Coord<f64>; 2],
        rect: Rect,
        denominator: u32,
    ) -> Self {
        Self {
            projection,
            denominator,
            rect,
            centre: Coord {
                x: f64::midpoint(extent[0].x, extent[1].x),
                y: f64::midpoint(extent[0].y, extent[1].y),
            },
            mm_per_m: 1000.0 / f64::from(denominator),
        }
    }

    /// Millimetres on the paper of a position in degrees.
    pub(super) fn paper(&self, at: Coord<f64>) -> Coord<f64> {
        self.paper_of_plane(self.projection.forward(at))
    }

    pub(super) fn paper_of_plane(&self, at: Coord<f64>) -> Coord<f64> {
        let middle = self.rect.centre();
        Coord {
            x: middle.x + (at.x - self.centre.x) * self.mm_per_m,
            y: middle.y - (at.y - self.centre.y) * self.mm_per_m,
        }
    }

    pub(super) fn plane_of_paper(&self, at: Coord<f64>) -> Coord<f64> {
        let middle = self.rect.centre();
        Coord {
            x: self.centre.x + (at.x - middle.x) / self.mm_per_m,
            y: self.centre.y - (at.y - middle.y) / self.mm_per_m,
        }
    }

    pub(super) fn degrees(&self, at: Coord<f64>) -> LonLat {
        self.projection.inverse(self.plane_of_paper(at))
    }

    pub(super) fn place(&self, at: LonLat) -> Coord<f64> {
        self.paper(Coord {
            x: at.lon,
            y: at.lat,
        })
    }

    pub(super) fn line(&self, line: &[Coord<f64>]) -> Vec<Coord<f64>> {
        line.iter().map(|at| self.paper(*at)).collect()
    }

    pub(super) fn polygons(&self, polygons: &MultiPolygon<f64>) -> Vec<Polygon<f64>> {
        let ring = |ring: &LineString<f64>| LineString(self.line(&ring.0));
        polygons
            .0
            .iter()
            .map(|polygon| {
                Polygon::new(
                    ring(polygon.exterior()),
                    polygon.interiors().iter().map(ring).collect(),
                )
            })
            .collect()
    }

    /// The box in degrees that covers the rectangle.
    pub(super) fn bbox(&self) -> Bbox {
        const STEPS: u32 = 16;
        let edge = (0..=STEPS).flat_map(|step| {
            let part = f64::from(step) / f64::from(STEPS);
            let x = self.rect.x + part * self.rect.width;
            let y = self.rect.y + part * self.rect.height;
            [
                Coord { x, y: self.rect.y },
                Coord {
                    x,
                    y: self.rect.bottom(),
                },
                Coord { x: self.rect.x, y },
                Coord {
                    x: self.rect.right(),
                    y,
                },
            ]
        });
        let corners = edge.map(|at| {
            let at = self.degrees(at);
            Coord {
                x: at.lon,
                y: at.lat,
            }
        });
        Bbox::of_coords(corners).unwrap_or(Bbox {
            west: -180.0,
            south: -90.0,
            east: 180.0,
            north: 90.0,
        })
    }
}

/// The largest usual scale at which an extent of metres fits into millimetres; beyond the usual
/// ones the exact fit.
pub(super) fn fitting_scale(extent: [Coord<f64>; 2], room: Rect) -> u32 {
    let wanted = ((extent[1].x - extent[0].x) / room.width)
        .max((extent[1].y - extent[0].y) / room.height)
        * 1000.0;
    USUAL
        .into_iter()
        .find(|&denominator| f64::from(denominator) >= wanted)
        .unwrap_or(wanted.ceil() as u32)
}
