//! Gauss-Krüger (高斯-克吕格) projection and the Chinese 3- and 6-degree zones.
//!
//! Krüger's series in the third flattening to the sixth order, as given by Karney (2011),
//! "Transverse Mercator with an accuracy of a few nanometers", J. Geodesy 85, eq. 35 and 36.

use zhifang_core::{LonLat, Zone};

use crate::ellipsoid::Ellipsoid;

/// A plane position, metres. In Chinese practice the northing is called X and written first;
/// here, as in all of Zhifang, the easting comes first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Easting {
    /// Easting, metres, with or without zone prefix as the projection has it.
    pub easting_m: f64,
    /// Northing, metres from the equator.
    pub northing_m: f64,
}

/// The zone of this width (3 or 6 degrees) whose strip holds the longitude, if it is one of
/// China's: 25..45 of 3 degrees, 13..23 of 6.
///
/// ```
/// use zhifang_datum::zone_of_longitude;
/// let zone = zone_of_longitude(111.67, 3).expect("inside China");
/// assert_eq!((zone.number, zone.central_meridian()), (37, 111.0));
/// ```
pub fn zone_of_longitude(lon: f64, width_deg: u8) -> Option<Zone> {
    let number = match width_deg {
        3 => (lon / 3.0).round(),
        6 => (lon / 6.0).floor() + 1.0,
        _ => return None,
    };
    let range = if width_deg == 3 {
        25.0..=45.0
    } else {
        13.0..=23.0
    };
    range.contains(&number).then_some(Zone {
        width_deg,
        number: number as u8,
    })
}

/// The zone that an easting with prefix (eight digits before the point) carries: 13..23 are
/// 6-degree, 25..45 3-degree zones. `None` for eastings without prefix.
pub fn zone_of_prefixed_easting(easting_m: f64) -> Option<Zone> {
    let number = (easting_m / 1e6).floor();
    let width_deg = match number {
        13.0..=23.0 => 6,
        25.0..=45.0 => 3,
        _ => return None,
    };
    Some(Zone {
        width_deg,
        number: number as u8,
    })
}

/// Whether a pair of numbers looks like a Gauss-Krüger pair with its columns swapped: the
/// northing (1.8 to 6 million metres in China) stands first.
pub fn is_swapped_pair(first: f64, second: f64) -> bool {
    let is_northing = |number: f64| (1_800_000.0..6_000_000.0).contains(&number);
    let is_easting = |number: f64| {
        (100_000.0..900_000.0).contains(&number) || zone_of_prefixed_easting(number).is_some()
    };
    is_northing(first) && is_easting(second)
}

/// A Gauss-Krüger projection: scale 1 on the central meridian, northings from the equator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaussKruger {
    central_meridian_deg: f64,
    false_easting_m: f64,
    radius_m: f64,
    eccentricity: f64,
    alpha: [f64; 6],
    beta: [f64; 6],
}

impl GaussKruger {
    /// The projection of a zone; `is_prefixed` adds the zone number in front of the easting
    /// (false easting `zone`500000 instead of 500000 m).
    pub fn of_zone(ellipsoid: &Ellipsoid, zone: Zone, is_prefixed: bool) -> Self {
        let prefix_m = if is_prefixed {
            f64::from(zone.number) * 1e6
        } else {
            0.0
        };
        Self::new(ellipsoid, zone.central_meridian(), 500_000.0 + prefix_m)
    }

    /// The projection with this central meridian (degrees) and false easting (metres).
    pub fn new(ellipsoid: &Ellipsoid, central_meridian_deg: f64, false_easting_m: f64) -> Self {
        let n = ellipsoid.third_flattening();
        let (n2, n3, n4, n5, n6) = (n * n, n.powi(3), n.powi(4), n.powi(5), n.powi(6));
        Self {
            central_meridian_deg,
            false_easting_m,
            radius_m: ellipsoid.semi_major_m / (1.0 + n)
                * (1.0 + n2 / 4.0 + n4 / 64.0 + n6 / 256.0),
            eccentricity: ellipsoid.eccentricity_2().sqrt(),
            alpha: [
                n / 2.0 - 2.0 / 3.0 * n2 + 5.0 / 16.0 * n3 + 41.0 / 180.0 * n4 - 127.0 / 288.0 * n5
                    + 7891.0 / 37800.0 * n6,
                13.0 / 48.0 * n2 - 3.0 / 5.0 * n3 + 557.0 / 1440.0 * n4 + 281.0 / 630.0 * n5
                    - 1_983_433.0 / 1_935_360.0 * n6,
                61.0 / 240.0 * n3 - 103.0 / 140.0 * n4
                    + 15061.0 / 26880.0 * n5
                    + 167_603.0 / 181_440.0 * n6,
                49561.0 / 161_280.0 * n4 - 179.0 / 168.0 * n5 + 6_601_661.0 / 7_257_600.0 * n6,
                34729.0 / 80640.0 * n5 - 3_418_889.0 / 1_995_840.0 * n6,
                212_378_941.0 / 319_334_400.0 * n6,
            ],
            beta: [
                n / 2.0 - 2.0 / 3.0 * n2 + 37.0 / 96.0 * n3 - n4 / 360.0 - 81.0 / 512.0 * n5
                    + 96199.0 / 604_800.0 * n6,
                n2 / 48.0 + n3 / 15.0 - 437.0 / 1440.0 * n4 + 46.0 / 105.0 * n5
                    - 1_118_711.0 / 3_870_720.0 * n6,
                17.0 / 480.0 * n3 - 37.0 / 840.0 * n4 - 209.0 / 4480.0 * n5 + 5569.0 / 90720.0 * n6,
                4397.0 / 161_280.0 * n4 - 11.0 / 504.0 * n5 - 830_251.0 / 7_257_600.0 * n6,
                4583.0 / 161_280.0 * n5 - 108_847.0 / 3_991_680.0 * n6,
                20_648_693.0 / 638_668_800.0 * n6,
            ],
        }
    }

    /// Plane position of a geodetic one (degrees, on this ellipsoid). Meant for positions
    /// within some 30 degrees of the central meridian.
    pub fn forward(&self, place: LonLat) -> Easting {
        let (lat, lambda) = (
            place.lat.to_radians(),
            (place.lon - self.central_meridian_deg).to_radians(),
        );
        let tau = conformal(lat.tan(), self.eccentricity);
        let xi = tau.atan2(lambda.cos());
        let eta = (lambda.sin() / tau.hypot(lambda.cos())).asinh();
        let (mut x, mut y) = (xi, eta);
        for (k, alpha) in (1u8..).zip(self.alpha) {
            let k = 2.0 * f64::from(k);
            x += alpha * (k * xi).sin() * (k * eta).cosh();
            y += alpha * (k * xi).cos() * (k * eta).sinh();
        }
        Easting {
            easting_m: self.false_easting_m + self.radius_m * y,
            northing_m: self.radius_m * x,
        }
    }

    /// Geodetic position (degrees, on this ellipsoid) of a plane one.
    pub fn inverse(&self, place: Easting) -> LonLat {
        let xi = place.northing_m / self.radius_m;
        let eta = (place.easting_m - self.false_easting_m) / self.radius_m;
        let (mut x, mut y) = (xi, eta);
        for (k, beta) in (1u8..).zip(self.beta) {
            let k = 2.0 * f64::from(k);
            x -= beta * (k * xi).sin() * (k * eta).cosh();
            y -= beta * (k * xi).cos() * (k * eta).sinh();
        }
        let conformal_tau = x.sin() / y.sinh().hypot(x.cos());
        let lambda = y.sinh().atan2(x.cos());
        let tau = geographic(conformal_tau, self.eccentricity);
        LonLat::new(
            self.central_meridian_deg + lambda.to_degrees(),
            tau.atan().to_degrees(),
        )
    }
}

/// Tangent of the conformal latitude from that of the geographic one (Karney 2011, eq. 7-9).
fn conformal(tau: f64, e: f64) -> f64 {
    let sigma = (e * (e * tau / tau.hypot(1.0)).atanh()).sinh();
    tau * sigma.hypot(1.0) - sigma * tau.hypot(1.0)
}

/// The inverse of [`conformal`] by Newton's method (Karney 2011, eq. 19-21).
fn geographic(conformal_tau: f64, e: f64) -> f64 {
    let e2 = 1.0 - e * e;
    let mut tau = conformal_tau / e2;
    for _ in 0..8 {
        let guess = conformal(tau, e);
        let step = (conformal_tau - guess) / guess.hypot(1.0) * (1.0 + e2 * tau * tau)
            / (e2 * tau.hypot(1.0));
        tau += step;
        if step.abs() < 1e-15 * tau.abs().max(1.0) {
            break;
        }
    }
    tau
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::ellipsoid::{CGCS2000, IAG75, KRASSOVSKY};

    /// Laohekou's seat in zone 37: eastings as `EPSG:4546` and `EPSG:4525` have them.
    #[test]
    fn prefix_is_only_a_false_easting() {
        let zone = Zone {
            width_deg: 3,
            number: 37,
        };
        let seat = LonLat::new(111.670, 32.385);
        let plain = GaussKruger::of_zone(&CGCS2000, zone, false).forward(seat);
        let prefixed = GaussKruger::of_zone(&CGCS2000, zone, true).forward(seat);
        assert!((prefixed.easting_m - plain.easting_m - 37e6).abs() < 1e-6);
        assert_eq!(zone_of_prefixed_easting(prefixed.easting_m), Some(zone));
        assert_eq!(zone_of_prefixed_easting(plain.easting_m), None);
    }

    /// The meridian arc from the equator to 45° N: Helmert's series in the third flattening,
    /// an independent formula.
    #[rstest]
    #[case::cgcs2000(CGCS2000)]
    #[case::krassovsky(KRASSOVSKY)]
    #[case::iag75(IAG75)]
    fn northing_on_the_central_meridian_is_the_meridian_arc(#[case] ellipsoid: Ellipsoid) {
        let steps = 20_000;
        let e2 = ellipsoid.eccentricity_2();
        let density = |lat: f64| {
            ellipsoid.semi_major_m * (1.0 - e2) / (1.0 - e2 * lat.sin().powi(2)).powf(1.5)
        };
        let end = 45f64.to_radians();
        let h = end / f64::from(steps);
        let arc: f64 = (0..steps)
            .map(|i| {
                let a = f64::from(i) * h;
                h / 6.0 * (density(a) + 4.0 * density(a + h / 2.0) + density(a + h))
            })
            .sum();
        let plane =
            GaussKruger::new(&ellipsoid, 111.0, 500_000.0).forward(LonLat::new(111.0, 45.0));
        assert!(
            (plane.northing_m - arc).abs() < 1e-4,
            "{} {arc}",
            plane.northing_m
        );
        assert!((plane.easting_m - 500_000.0).abs() < 1e-9);
    }

    #[test]
    fn zones_of_longitudes_and_their_edges() {
        assert_eq!(zone_of_longitude(111.67, 6).unwrap().number, 19);
        assert!(zone_of_longitude(2.0, 6).is_none());
        assert_eq!(zone_of_longitude(75.0, 3).unwrap().number, 25);
    }

    #[test]
    fn swapped_pairs_are_seen() {
        assert!(is_swapped_pair(3_584_000.0, 562_000.0));
        assert!(is_swapped_pair(3_584_000.0, 37_562_000.0));
        assert!(!is_swapped_pair(37_562_000.0, 3_584_000.0));
        assert!(!is_swapped_pair(111.0, 32.0));
    }

    proptest! {
        #[test]
        fn inverse_undoes_forward(dlon in -6.0..6.0f64, lat in 3.0..54.0f64) {
            for ellipsoid in [CGCS2000, KRASSOVSKY, IAG75] {
                let plane = GaussKruger::new(&ellipsoid, 111.0, 500_000.0);
                let back = plane.inverse(plane.forward(LonLat::new(111.0 + dlon, lat)));
                prop_assert!((back.lon - 111.0 - dlon).abs() < 1e-11);
                prop_assert!((back.lat - lat).abs() < 1e-11);
            }
        }
    }
}
