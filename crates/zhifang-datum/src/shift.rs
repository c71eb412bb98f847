//! Datum shifts that users supply: seven parameters in space, four in the plane.
//!
//! Local parameters from a surveying office are centimetre to decimetre; PROJ's default ones
//! for Xian 1980 and Beijing 1954 are a metre-level guess.

use serde::{Deserialize, Serialize};
use zhifang_core::LonLat;

use crate::ellipsoid::{Ellipsoid, Geocentric};
use crate::zone::Easting;

/// Seconds of arc in a radian.
const ARC_SECONDS: f64 = 206_264.806_247_096_36;

/// Seven-parameter (Bursa-Wolf, position vector rotation, EPSG method 9606) shift from a local
/// datum to CGCS2000 (七参数).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SevenParameters {
    /// Translation along x, metres.
    pub dx_m: f64,
    /// Translation along y, metres.
    pub dy_m: f64,
    /// Translation along z, metres.
    pub dz_m: f64,
    /// Rotation about x, seconds of arc.
    pub rx_arcsec: f64,
    /// Rotation about y, seconds of arc.
    pub ry_arcsec: f64,
    /// Rotation about z, seconds of arc.
    pub rz_arcsec: f64,
    /// Scale difference, parts per million.
    pub scale_ppm: f64,
}

impl SevenParameters {
    /// Position on `target` of a position on `source`, both in degrees, heights taken as zero.
    pub fn forward(&self, place: LonLat, source: &Ellipsoid, target: &Ellipsoid) -> LonLat {
        let p = source.to_geocentric(place);
        let m = 1.0 + self.scale_ppm * 1e-6;
        let (rx, ry, rz) = (
            self.rx_arcsec / ARC_SECONDS,
            self.ry_arcsec / ARC_SECONDS,
            self.rz_arcsec / ARC_SECONDS,
        );
        target.to_geodetic(Geocentric {
            x: self.dx_m + m * (p.x - rz * p.y + ry * p.z),
            y: self.dy_m + m * (rz * p.x + p.y - rx * p.z),
            z: self.dz_m + m * (-ry * p.x + rx * p.y + p.z),
        })
    }

    /// The way back: iterated, so that it undoes [`Self::forward`] to better than 1e-10 degrees.
    pub fn inverse(&self, place: LonLat, source: &Ellipsoid, target: &Ellipsoid) -> LonLat {
        let mut guess = place;
        for _ in 0..10 {
            let image = self.forward(guess, source, target);
            guess = LonLat::new(
                guess.lon - (image.lon - place.lon),
                guess.lat - (image.lat - place.lat),
            );
        }
        guess
    }
}

/// Four-parameter (similarity) shift in the plane of one Gauss-Krüger zone, from a local datum
/// to CGCS2000 (四参数).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FourParameters {
    /// Translation of eastings, metres.
    pub de_m: f64,
    /// Translation of northings, metres.
    pub dn_m: f64,
    /// Rotation, seconds of arc, counter-clockwise.
    pub rotation_arcsec: f64,
    /// Scale difference, parts per million.
    pub scale_ppm: f64,
}

impl FourParameters {
    /// Plane position in CGCS2000 of one in the local datum (eastings without zone prefix).
    pub fn forward(&self, place: Easting) -> Easting {
        let m = 1.0 + self.scale_ppm * 1e-6;
        let (sin, cos) = (self.rotation_arcsec / ARC_SECONDS).sin_cos();
        Easting {
            easting_m: self.de_m + m * (place.easting_m * cos - place.northing_m * sin),
            northing_m: self.dn_m + m * (place.easting_m * sin + place.northing_m * cos),
        }
    }

    /// The way back.
    pub fn inverse(&self, place: Easting) -> Easting {
        let m = 1.0 + self.scale_ppm * 1e-6;
        let (sin, cos) = (self.rotation_arcsec / ARC_SECONDS).sin_cos();
        let (e, n) = (
            (place.easting_m - self.de_m) / m,
            (place.northing_m - self.dn_m) / m,
        );
        Easting {
            easting_m: e * cos + n * sin,
            northing_m: n * cos - e * sin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ellipsoid::{CGCS2000, KRASSOVSKY};

    #[test]
    fn seven_parameters_there_and_back() {
        let shift = SevenParameters {
            dx_m: 15.8,
            dy_m: -154.4,
            dz_m: -82.3,
            rx_arcsec: 1.2,
            ry_arcsec: -0.7,
            rz_arcsec: 2.5,
            scale_ppm: 3.1,
        };
        let place = LonLat::new(111.67, 32.385);
        let moved = shift.forward(place, &KRASSOVSKY, &CGCS2000);
        assert!((moved.lon - place.lon).abs() > 1e-5);
        let back = shift.inverse(moved, &KRASSOVSKY, &CGCS2000);
        assert!((back.lon - place.lon).abs() < 1e-10 && (back.lat - place.lat).abs() < 1e-10);
    }

    /// The worked example of EPSG Guidance Note 7-2, position vector transformation (WGS 72 to
    /// WGS 84), reduced to its surface position.
    #[test]
    fn rotation_has_the_position_vector_sign() {
        let shift = SevenParameters {
            dx_m: 0.0,
            dy_m: 0.0,
            dz_m: 4.5,
            rx_arcsec: 0.0,
            ry_arcsec: 0.0,
            rz_arcsec: 0.554,
            scale_ppm: 0.219,
        };
        let sphere = CGCS2000;
        let moved = shift.forward(LonLat::new(4.0, 55.0), &sphere, &sphere);
        assert!((moved.lon - 4.0 - 0.554 / 3600.0).abs() < 1e-9, "{moved:?}");
    }

    #[test]
    fn four_parameters_there_and_back() {
        let shift = FourParameters {
            de_m: 113.2,
            dn_m: -4.5,
            rotation_arcsec: -2.3,
            scale_ppm: 5.0,
        };
        let place = Easting {
            easting_m: 562_993.1,
            northing_m: 3_584_772.9,
        };
        let back = shift.inverse(shift.forward(place));
        assert!((back.easting_m - place.easting_m).abs() < 1e-6);
        assert!((back.northing_m - place.northing_m).abs() < 1e-6);
    }
}
