//! Coordinates as tables of results write them: degrees, minutes, seconds; the plane of the
//! Gauss-Krüger zone; the angle between its north and true north.

use zhifang_core::LonLat;
use zhifang_datum::ellipsoid::CGCS2000;
use zhifang_datum::{Easting, GaussKruger, zone_of_longitude};

/// Degrees of latitude over which the direction of the meridian is taken.
const STEP_DEG: f64 = 1e-3;

/// A place on the plane of its 3-degree zone, zone number before the easting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OnGrid {
    /// Longitude of the central meridian, degrees.
    pub central_meridian_deg: f64,
    /// X, the northing, metres.
    pub x_m: f64,
    /// Y, the easting with the zone's number before it, metres.
    pub y_m: f64,
}

fn grid(place: LonLat) -> Option<(GaussKruger, f64)> {
    let zone = zone_of_longitude(place.lon, 3)?;
    let grid = GaussKruger::of_zone(&CGCS2000, zone, true);
    Some((grid, zone.central_meridian()))
}

/// The place on the plane of its zone; `None` outside China's zones.
pub fn on_grid(place: LonLat) -> Option<OnGrid> {
    let (grid, central_meridian_deg) = grid(place)?;
    let Easting {
        easting_m,
        northing_m,
    } = grid.forward(place);
    Some(OnGrid {
        central_meridian_deg,
        x_m: northing_m,
        y_m: easting_m,
    })
}

/// The convergence of meridians (子午线收敛角), degrees: what is added to a grid azimuth
/// (坐标方位角) to get the true one. 0 outside China's zones.
pub fn convergence_deg(place: LonLat) -> f64 {
    let Some((grid, _)) = grid(place) else {
        return 0.0;
    };
    let north = LonLat {
        lon: place.lon,
        lat: place.lat + STEP_DEG,
    };
    let (a, b) = (grid.forward(place), grid.forward(north));
    let of_meridian = (b.easting_m - a.easting_m).atan2(b.northing_m - a.northing_m);
    -of_meridian.to_degrees()
}

/// `111°34′18.8364″`, to a ten-thousandth of a second (3 mm).
pub fn dms(degrees: f64) -> String {
    let all = (degrees.abs() * 36_000_000.0).round();
    let (whole, rest) = ((all / 36_000_000.0).floor(), all % 36_000_000.0);
    let (minutes, seconds) = ((rest / 600_000.0).floor(), rest % 600_000.0 / 10_000.0);
    let sign = if degrees < 0.0 { "-" } else { "" };
    format!("{sign}{whole}°{minutes:02}′{seconds:07.4}″")
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhifang_topology::{bearing_deg, destination};

    #[test]
    fn seconds_carry_over() {
        assert_eq!(dms(111.571_899), "111°34′18.8364″");
        assert_eq!(dms(32.999_999_999_9), "33°00′00.0000″");
        assert_eq!(dms(-0.5), "-0°30′00.0000″");
    }

    #[test]
    fn a_grid_azimuth_and_the_convergence_make_the_true_one() {
        for (lon, lat) in [
            (111.67, 32.385),
            (110.2, 45.0),
            (109.6, 22.0),
            (112.4, 31.0),
        ] {
            let place = LonLat { lon, lat };
            let there = destination(place.into(), 73.0, 80.0);
            let (a, b) = (on_grid(place).unwrap(), on_grid(there.into()).unwrap());
            let on_paper = (b.y_m - a.y_m).atan2(b.x_m - a.x_m).to_degrees();
            let true_one = bearing_deg(place.into(), there);
            let off = on_paper + convergence_deg(place) - true_one;
            assert!(off.abs() < 1e-3, "{lon} {lat}: {off}");
            // East of the central meridian the grid's north lies east of true north.
            let middle = a.central_meridian_deg;
            assert_eq!(convergence_deg(place) > 0.0, lon > middle);
        }
    }
}
