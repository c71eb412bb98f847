//! BD-09 (百度坐标), Baidu's offset on top of GCJ-02, and its inverse.

use std::f64::consts::PI;

use zhifang_core::LonLat;

use crate::gcj02;

/// Frequency of Baidu's ripple, radians per degree.
const RIPPLE: f64 = PI * 3000.0 / 180.0;

/// BD-09 position of a WGS 84 / CGCS2000 one; the same position outside the rectangle of
/// [`gcj02::is_offset`].
pub fn forward(place: LonLat) -> LonLat {
    if gcj02::is_offset(place) {
        from_gcj02(gcj02::forward(place))
    } else {
        place
    }
}

/// WGS 84 / CGCS2000 position of a BD-09 one, by iteration to better than 1e-9 degrees; the
/// same position outside the rectangle.
pub fn inverse(place: LonLat) -> LonLat {
    gcj02::invert(place, forward)
}

/// BD-09 position of a GCJ-02 one.
fn from_gcj02(place: LonLat) -> LonLat {
    let radius = place.lon.hypot(place.lat) + 0.000_02 * (place.lat * RIPPLE).sin();
    let angle = place.lat.atan2(place.lon) + 0.000_003 * (place.lon * RIPPLE).cos();
    LonLat::new(radius * angle.cos() + 0.0065, radius * angle.sin() + 0.006)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forward_agrees_with_the_published_reference_point() {
        // The pair that the open implementations carry: GCJ-02 116.404 39.915.
        let moved = from_gcj02(LonLat::new(116.404, 39.915));
        assert!(
            (moved.lon - 116.410_369_493_710_29).abs() < 1e-9,
            "{moved:?}"
        );
        assert!(
            (moved.lat - 39.921_336_993_510_21).abs() < 1e-9,
            "{moved:?}"
        );
    }

    proptest! {
        #[test]
        fn inverse_undoes_forward(lon in 73.0..136.0f64, lat in 3.0..54.0f64) {
            let place = LonLat::new(lon, lat);
            let back = inverse(forward(place));
            prop_assert!((back.lon - lon).abs() < 1e-9 && (back.lat - lat).abs() < 1e-9);
        }
    }
}
