//! GCJ-02 (国测局坐标), the offset of licensed Chinese web maps, and its inverse.
//!
//! The forward formula is the one that all open implementations share (Krassovsky ellipsoid,
//! three trigonometric sums in longitude - 105° and latitude - 35°).

use std::f64::consts::PI;

use zhifang_core::LonLat;

/// Semi-major axis of the Krassovsky ellipsoid, metres, as the published formula has it.
const SEMI_MAJOR_M: f64 = 6_378_245.0;
/// First eccentricity squared of the Krassovsky ellipsoid.
const ECCENTRICITY_2: f64 = 0.006_693_421_622_965_943;

/// Whether a position lies in the usual rectangle of China (72.004..137.8347 E,
/// 0.8293..55.8271 N), outside which both web-map offsets are the identity.
pub fn is_offset(place: LonLat) -> bool {
    (72.004..=137.8347).contains(&place.lon) && (0.8293..=55.8271).contains(&place.lat)
}

/// GCJ-02 position of a WGS 84 / CGCS2000 one; the same position outside the rectangle.
pub fn forward(place: LonLat) -> LonLat {
    if !is_offset(place) {
        return place;
    }
    let (x, y) = (place.lon - 105.0, place.lat - 35.0);
    let shared = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let north_m = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + shared
        + (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let east_m = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + shared
        + (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    let latitude = place.lat.to_radians();
    let squeeze = 1.0 - ECCENTRICITY_2 * latitude.sin().powi(2);
    let meridian_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / (squeeze * squeeze.sqrt());
    let parallel_m = SEMI_MAJOR_M / squeeze.sqrt() * latitude.cos();
    LonLat::new(
        place.lon + (east_m / parallel_m).to_degrees(),
        place.lat + (north_m / meridian_m).to_degrees(),
    )
}

/// WGS 84 / CGCS2000 position of a GCJ-02 one, by iteration to better than 1e-9 degrees; the
/// same position outside the rectangle.
pub fn inverse(place: LonLat) -> LonLat {
    invert(place, forward)
}

/// Solves `forward(x) = place` by fixed-point iteration: the offset changes by less than one
/// part in a hundred over its own length, so each round wins at least two digits. A position
/// next to the rectangle's edge that has no original is returned as it is.
pub(crate) fn invert(place: LonLat, forward: impl Fn(LonLat) -> LonLat) -> LonLat {
    if !is_offset(place) {
        return place;
    }
    let mut guess = place;
    for _ in 0..30 {
        let image = forward(guess);
        let (east, north) = (image.lon - place.lon, image.lat - place.lat);
        if east.abs() < 1e-12 && north.abs() < 1e-12 {
            return guess;
        }
        guess = LonLat::new(guess.lon - east, guess.lat - north);
    }
    let image = forward(guess);
    let is_close = (image.lon - place.lon).abs() < 1e-9 && (image.lat - place.lat).abs() < 1e-9;
    if is_close { guess } else { place }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tiananmen in WGS 84 and GCJ-02 as the open implementations give it.
    #[test]
    fn forward_agrees_with_the_published_reference_point() {
        let moved = forward(LonLat::new(116.397_428, 39.909_23));
        assert!((moved.lon - 116.403_671).abs() < 2e-6, "{moved:?}");
        assert!((moved.lat - 39.910_633).abs() < 2e-6, "{moved:?}");
    }

    #[test]
    fn identity_outside_the_rectangle() {
        for place in [
            LonLat::new(72.003, 30.0),
            LonLat::new(100.0, 55.9),
            LonLat::new(2.35, 48.85),
        ] {
            assert_eq!(forward(place), place);
            assert_eq!(inverse(place), place);
        }
    }

    proptest! {
        #[test]
        fn inverse_undoes_forward(lon in 73.0..136.0f64, lat in 3.0..54.0f64) {
            let place = LonLat::new(lon, lat);
            let back = inverse(forward(place));
            prop_assert!((back.lon - lon).abs() < 1e-9 && (back.lat - lat).abs() < 1e-9);
        }

        #[test]
        fn inverse_ends_on_any_input(lon in -180.0..180.0f64, lat in -90.0..90.0f64) {
            let back = inverse(LonLat::new(lon, lat));
            prop_assert!(back.lon.is_finite() && (back.lon - lon).abs() < 0.02);
        }
    }
}
