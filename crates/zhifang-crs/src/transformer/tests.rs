use geo_types::{Point, coord};
use rstest::rstest;
use zhifang_datum::{FourParameters, SevenParameters};

use super::*;

const SEAT: Coord<f64> = Coord {
    x: 111.670,
    y: 32.385,
};

fn there_and_back(transformer: &Transformer, within: f64) -> Coord<f64> {
    let given = transformer.to_declared(SEAT).unwrap();
    let back = transformer.to_stored(given).unwrap();
    assert!(
        (back.x - SEAT.x).abs() < within && (back.y - SEAT.y).abs() < within,
        "{back:?}"
    );
    given
}

#[rstest]
#[case::same("EPSG:4490", 111.670, 32.385)]
#[case::wgs84("EPSG:4326", 111.670, 32.385)]
#[case::mercator("EPSG:3857", 12_431_047.5, 3_814_478.9)]
#[case::zone_with_prefix("EPSG:4525", 37_563_022.0, 3_584_600.0)]
#[case::zone_without_prefix("EPSG:4546", 563_022.0, 3_584_600.0)]
#[case::six_degrees("EPSG:4508", 563_022.0, 3_584_600.0)]
#[case::web_map("gcj02", 111.6757, 32.3831)]
#[case::other_web_map("bd09", 111.6822, 32.3891)]
fn own_formulas_go_there_and_back(#[case] system: &str, #[case] x: f64, #[case] y: f64) {
    let transformer = Transformer::try_new(system.parse().unwrap()).unwrap();
    let given = there_and_back(&transformer, 1e-9);
    let close = if x > 1000.0 { 1000.0 } else { 0.001 };
    assert!(
        (given.x - x).abs() < close && (given.y - y).abs() < close,
        "{given:?}"
    );
    assert_eq!(transformer.caution(), None);
}

#[test]
fn old_datums_take_seven_or_four_parameters_and_either_prefix() {
    let seven = SevenParameters {
        dx_m: -2.0,
        dy_m: 5.0,
        dz_m: 11.0,
        rx_arcsec: 0.1,
        ry_arcsec: -0.2,
        rz_arcsec: 0.3,
        scale_ppm: 1.0,
    };
    let four = FourParameters {
        de_m: 110.0,
        dn_m: -3.0,
        rotation_arcsec: 1.0,
        scale_ppm: 2.0,
    };
    let parameters = LocalParameters {
        xian80: Some(LocalShift::Seven(seven)),
        beijing54: Some(LocalShift::Four(four)),
    };
    for system in [
        "xian80:37",
        "beijing54:37",
        "xian80:6/19",
        "EPSG:2361",
        "EPSG:2413",
    ] {
        let transformer =
            Transformer::with_parameters(system.parse().unwrap(), &parameters).unwrap();
        there_and_back(&transformer, 1e-9);
    }
    let transformer =
        Transformer::with_parameters("xian80:37".parse().unwrap(), &parameters).unwrap();
    let with = coord! { x: 37_563_022.0, y: 3_584_600.0 };
    let without = coord! { x: 563_022.0, y: 3_584_600.0 };
    let (a, b) = (
        transformer.to_stored(with).unwrap(),
        transformer.to_stored(without).unwrap(),
    );
    assert!((a.x - b.x).abs() < 1e-12 && (a.y - b.y).abs() < 1e-12);
}

#[test]
fn eastings_of_another_zone_and_numbers_without_end_are_refused() {
    let zone_37 = Transformer::try_new(Crs::Epsg(4525)).unwrap();
    let other = zone_37.to_stored(coord! { x: 38_563_022.0, y: 3_584_600.0 });
    assert!(
        other.is_err(),
        "the neighbouring zone is a million metres away"
    );
    let far = zone_37
        .to_stored(coord! { x: 563_022.0, y: 3_584_600.0 })
        .unwrap_err();
    assert!(far.to_string().contains("EPSG:4525"), "{far}");
    assert!(zone_37.to_stored(coord! { x: f64::NAN, y: 1.0 }).is_err());
    let point: Geometry<f64> = Point::new(f64::INFINITY, 0.0).into();
    assert!(zone_37.geometry_to_stored(&point).is_err());
}

#[test]
#[cfg(not(feature = "proj"))]
fn without_proj_the_error_says_how_to_get_it() {
    for system in ["EPSG:32649", "xian80:38"] {
        let fault = Transformer::try_new(system.parse().unwrap()).unwrap_err();
        let text = fault.to_string();
        assert!(
            text.contains(system) && text.contains("built without `proj`"),
            "{text}"
        );
    }
}

#[test]
#[cfg(feature = "proj")]
fn proj_agrees_with_the_own_formulas_and_knows_the_rest() {
    for number in [3857, 4525, 4546, 4508, 4497] {
        let own = Transformer::try_new(Crs::Epsg(number)).unwrap();
        let name = format!("EPSG:{number}");
        let pipeline = Pipeline::try_new(&name, &name).unwrap();
        let (a, b) = (
            own.to_declared(SEAT).unwrap(),
            pipeline.to_declared(SEAT).unwrap(),
        );
        assert!(
            (a.x - b.x).abs() < 1e-3 && (a.y - b.y).abs() < 1e-3,
            "{number}: {a:?} {b:?}"
        );
    }
    let utm = Transformer::try_new(Crs::Epsg(32649)).unwrap();
    there_and_back(&utm, 1e-8);
    for system in [
        "xian80:37",
        "beijing54:37",
        "beijing54:6/19",
        "EPSG:4610",
        "EPSG:2382",
    ] {
        let old = Transformer::try_new(system.parse().unwrap()).unwrap();
        assert_eq!(old.caution(), Some(Caution::MetreLevelGuess));
        there_and_back(&old, 1e-6);
    }
    let unknown = Transformer::try_new(Crs::Epsg(999_999)).unwrap_err();
    assert!(unknown.to_string().contains("EPSG:999999"));
}
