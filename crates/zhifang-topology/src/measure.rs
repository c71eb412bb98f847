//! Areas, lengths and bearings on the ellipsoid (Karney 2013, "Algorithms for geodesics").
//!
//! The computation uses WGS 84; the flattening of CGCS2000 differs in the eleventh digit, which
//! is less than a millimetre across the nation.

use geo::{
    Bearing, Coord, Destination, Distance, Geodesic, GeodesicArea, Length, LineString,
    MultiPolygon, Point, Polygon,
};

/// Area in square metres, holes taken out; the winding of the rings does not matter.
///
/// ```
/// use geo::{MultiPolygon, wkt};
/// let square: MultiPolygon = wkt!(MULTIPOLYGON(((111.6 32.3, 111.7 32.3, 111.7 32.4, 111.6 32.4, 111.6 32.3))));
/// let km2 = zhifang_topology::area_m2(&square) / 1e6;
/// assert!((km2 - 104.3).abs() < 0.1);
/// ```
pub fn area_m2(polygon: &MultiPolygon<f64>) -> f64 {
    polygon
        .iter()
        .map(|part| {
            let holes: f64 = part.interiors().iter().map(ring_area_m2).sum();
            (ring_area_m2(part.exterior()) - holes).max(0.0)
        })
        .sum()
}

/// Area in square metres enclosed by a ring, whichever way it turns.
pub fn ring_area_m2(ring: &LineString<f64>) -> f64 {
    Polygon::new(ring.clone(), Vec::new())
        .geodesic_area_signed()
        .abs()
}

/// Length in metres.
pub fn length_m(line: &LineString<f64>) -> f64 {
    Geodesic.length(line)
}

/// Distance in metres between two positions.
pub fn distance_m(a: Coord<f64>, b: Coord<f64>) -> f64 {
    Geodesic.distance(Point(a), Point(b))
}

/// Azimuth in degrees clockwise from true north, 0 ≤ azimuth < 360.
pub fn bearing_deg(from: Coord<f64>, to: Coord<f64>) -> f64 {
    Geodesic.bearing(Point(from), Point(to)).rem_euclid(360.0)
}

/// The position so many metres away on an azimuth (degrees clockwise from true north).
pub fn destination(from: Coord<f64>, bearing_deg: f64, distance_m: f64) -> Coord<f64> {
    Geodesic.destination(Point(from), bearing_deg, distance_m).0
}

/// A sector of 22.5° of the compass, as descriptions of a line's course use them
/// (边界线走向说明, GB/T 17796).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Compass(u8);

const WORDS_ZH: [&str; 16] = [
    "北",
    "北偏东北",
    "东北",
    "东偏东北",
    "东",
    "东偏东南",
    "东南",
    "南偏东南",
    "南",
    "南偏西南",
    "西南",
    "西偏西南",
    "西",
    "西偏西北",
    "西北",
    "北偏西北",
];

const WORDS_EN: [&str; 16] = [
    "north",
    "north-north-east",
    "north-east",
    "east-north-east",
    "east",
    "east-south-east",
    "south-east",
    "south-south-east",
    "south",
    "south-south-west",
    "south-west",
    "west-south-west",
    "west",
    "west-north-west",
    "north-west",
    "north-north-west",
];

impl Compass {
    /// The sector that an azimuth falls in; sectors are centred on their direction, so north
    /// goes from 348.75° (included) to 11.25° (excluded).
    ///
    /// ```
    /// use zhifang_topology::Compass;
    /// assert_eq!(Compass::from_degrees(40.0).zh(), "东北");
    /// assert_eq!(Compass::from_degrees(-12.0).en(), "north-north-west");
    /// ```
    pub fn from_degrees(azimuth: f64) -> Self {
        let sector = ((azimuth.rem_euclid(360.0) + 11.25) / 22.5).floor();
        Self(sector as u8 % 16)
    }

    /// Number of the sector, clockwise from north, 0..16.
    pub const fn sector(self) -> u8 {
        self.0
    }

    /// The word in Chinese.
    pub fn zh(self) -> &'static str {
        WORDS_ZH[usize::from(self.0)]
    }

    /// The word in English.
    pub fn en(self) -> &'static str {
        WORDS_EN[usize::from(self.0)]
    }

    /// How many sectors apart two directions are, 0..=8.
    pub fn apart(self, other: Self) -> u8 {
        let difference = self.0.abs_diff(other.0);
        difference.min(16 - difference)
    }
}

/// Local metres per degree at a latitude: east and north, from the radii of curvature.
///
/// Good to a part in a million over a few hundred metres, which is what comparisons within a
/// tolerance need; lengths that are reported come from [`distance_m`].
pub(crate) fn metres_per_degree(lat: f64) -> [f64; 2] {
    const SEMI_MAJOR_M: f64 = 6_378_137.0;
    const E2: f64 = 0.006_694_380_022_900_8;
    let (sin, cos) = lat.to_radians().sin_cos();
    let w2 = 1.0 - E2 * sin * sin;
    let prime_vertical = SEMI_MAJOR_M / w2.sqrt();
    let meridian = SEMI_MAJOR_M * (1.0 - E2) / (w2 * w2.sqrt());
    [
        prime_vertical * cos.max(1e-9) * 1_f64.to_radians(),
        meridian * 1_f64.to_radians(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn winding_does_not_change_an_area_and_holes_are_taken_out() {
        let ring = |w: f64, e: f64| {
            LineString::from(vec![(w, 32.0), (e, 32.0), (e, 32.1), (w, 32.1), (w, 32.0)])
        };
        let mut turned = ring(111.0, 111.1);
        turned.0.reverse();
        let plain = area_m2(&MultiPolygon(vec![Polygon::new(
            ring(111.0, 111.1),
            vec![],
        )]));
        let backwards = area_m2(&MultiPolygon(vec![Polygon::new(turned, vec![])]));
        assert!((plain - backwards).abs() < 1e-3);
        let hole = LineString::from(vec![(111.02, 32.02), (111.04, 32.02), (111.03, 32.04)]);
        let holed = area_m2(&MultiPolygon(vec![Polygon::new(
            ring(111.0, 111.1),
            vec![hole.clone()],
        )]));
        assert!((plain - holed - ring_area_m2(&hole)).abs() < 1.0);
    }

    #[test]
    fn every_sixteenth_of_the_compass_has_its_word() {
        for sector in 0..16_u8 {
            let middle = f64::from(sector) * 22.5;
            for azimuth in [middle - 11.2, middle, middle + 11.2] {
                assert_eq!(Compass::from_degrees(azimuth).sector(), sector);
            }
        }
        assert_eq!(Compass::from_degrees(348.75).zh(), "北");
        assert_eq!(
            Compass::from_degrees(0.0).apart(Compass::from_degrees(337.5)),
            1
        );
    }

    #[test]
    fn local_scale_agrees_with_the_geodesic() {
        for lat in [0.0, 20.0, 32.4, 53.0] {
            let [east, north] = metres_per_degree(lat);
            let at = Coord { x: 111.0, y: lat };
            let by_lon = distance_m(at, Coord { x: 111.001, y: lat });
            let by_lat = distance_m(
                at,
                Coord {
                    x: 111.0,
                    y: lat + 0.001,
                },
            );
            assert!((by_lon / (east * 0.001) - 1.0).abs() < 1e-6);
            assert!((by_lat / (north * 0.001) - 1.0).abs() < 1e-6);
        }
    }
}
