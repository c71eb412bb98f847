//! The ellipsoids of the Chinese national systems, geodetic to geocentric and back.

/// An ellipsoid of revolution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ellipsoid {
    /// Semi-major axis, metres.
    pub semi_major_m: f64,
    /// Inverse flattening.
    pub inverse_flattening: f64,
}

/// CGCS2000 (EPSG:1024): the ellipsoid of EPSG:4490.
pub const CGCS2000: Ellipsoid = Ellipsoid {
    semi_major_m: 6_378_137.0,
    inverse_flattening: 298.257_222_101,
};
/// Krassovsky 1940 (EPSG:7024): Beijing 1954.
pub const KRASSOVSKY: Ellipsoid = Ellipsoid {
    semi_major_m: 6_378_245.0,
    inverse_flattening: 298.3,
};
/// IAG 1975 (EPSG:7049): Xian 1980.
pub const IAG75: Ellipsoid = Ellipsoid {
    semi_major_m: 6_378_140.0,
    inverse_flattening: 298.257,
};

/// A geocentric position in metres: x to the Greenwich meridian, z to the north pole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geocentric {
    /// Metres towards 0° E on the equator.
    pub x: f64,
    /// Metres towards 90° E on the equator.
    pub y: f64,
    /// Metres towards the north pole.
    pub z: f64,
}

impl Ellipsoid {
    /// Flattening.
    pub fn flattening(&self) -> f64 {
        1.0 / self.inverse_flattening
    }

    /// Third flattening `n = f / (2 - f)`.
    pub fn third_flattening(&self) -> f64 {
        let f = self.flattening();
        f / (2.0 - f)
    }

    /// First eccentricity squared.
    pub fn eccentricity_2(&self) -> f64 {
        let f = self.flattening();
        f * (2.0 - f)
    }

    /// Geocentric position of a geodetic one (degrees) on the ellipsoid's surface.
    pub fn to_geocentric(&self, place: zhifang_core::LonLat) -> Geocentric {
        let (lon, lat) = (place.lon.to_radians(), place.lat.to_radians());
        let e2 = self.eccentricity_2();
        let radius = self.semi_major_m / (1.0 - e2 * lat.sin().powi(2)).sqrt();
        Geocentric {
            x: radius * lat.cos() * lon.cos(),
            y: radius * lat.cos() * lon.sin(),
            z: radius * (1.0 - e2) * lat.sin(),
        }
    }

    /// Geodetic position (degrees) below a geocentric one; the height is dropped. Iterated to
    /// a hundredth of a millimetre for heights of terrain.
    pub fn to_geodetic(&self, place: Geocentric) -> zhifang_core::LonLat {
        let e2 = self.eccentricity_2();
        let axis = place.x.hypot(place.y);
        let mut lat = place.z.atan2(axis * (1.0 - e2));
        for _ in 0..12 {
            let radius = self.semi_major_m / (1.0 - e2 * lat.sin().powi(2)).sqrt();
            let next = (place.z + e2 * radius * lat.sin()).atan2(axis);
            let is_settled = (next - lat).abs() < 1e-15;
            lat = next;
            if is_settled {
                break;
            }
        }
        zhifang_core::LonLat::new(place.y.atan2(place.x).to_degrees(), lat.to_degrees())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zhifang_core::LonLat;

    use super::*;

    proptest! {
        #[test]
        fn geodetic_round_trip(lon in -180.0..180.0f64, lat in -89.0..89.0f64) {
            for ellipsoid in [CGCS2000, KRASSOVSKY, IAG75] {
                let back = ellipsoid.to_geodetic(ellipsoid.to_geocentric(LonLat::new(lon, lat)));
                prop_assert!((back.lon - lon).abs() < 1e-9 && (back.lat - lat).abs() < 1e-9);
            }
        }
    }
}
