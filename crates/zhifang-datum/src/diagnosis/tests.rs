use geo_types::{Geometry, LineString, Point, Polygon};

use super::*;

/// A county-like ring of `count` vertices round Laohekou with a wobbling radius.
fn ring(count: u32, change: impl Fn(LonLat, u32) -> LonLat) -> Geometry<f64> {
    let vertex = |i: u32| {
        let angle = f64::from(i) / f64::from(count) * std::f64::consts::TAU;
        let radius = 0.15 * (1.0 + 0.2 * (5.0 * angle).sin() + 0.1 * (11.0 * angle).cos());
        let place = LonLat::new(
            111.67 + radius * angle.cos(),
            32.39 + 0.8 * radius * angle.sin(),
        );
        Coord::from(change(place, i))
    };
    Polygon::new(
        LineString::new((0..=count).map(|i| vertex(i % count)).collect()),
        vec![],
    )
    .into()
}

fn moved(east_m: f64, north_m: f64) -> impl Fn(LonLat, u32) -> LonLat {
    move |p, _| LonLat::new(p.lon + east_m / 94_000.0, p.lat + north_m / 110_900.0)
}

fn plain(p: LonLat, _: u32) -> LonLat {
    p
}

#[test]
fn the_same_ring_agrees() {
    let reference = ring(80, plain);
    let found = diagnose([(&reference, &reference)]);
    assert_eq!(found.likely, Likely::None);
    assert!(found.residual_m < 1e-6);
}

#[test]
fn web_map_rings_are_called_by_name_whatever_their_vertices() {
    let reference = ring(80, plain);
    let gcj = ring(611, |p, _| gcj02::forward(p));
    let bd = ring(611, |p, _| bd09::forward(p));
    assert_eq!(diagnose([(&gcj, &reference)]).likely, Likely::Gcj02);
    assert_eq!(diagnose([(&bd, &reference)]).likely, Likely::Bd09);
}

#[test]
fn a_constant_offset_is_measured() {
    let reference = ring(200, plain);
    let given = ring(333, moved(-240.0, 310.0));
    let found = diagnose([(&given, &reference)]);
    assert_eq!(found.likely, Likely::Shift);
    assert!(
        (found.dx_m + 240.0).abs() < 10.0 && (found.dy_m - 310.0).abs() < 10.0,
        "{found:?}"
    );
}

#[test]
fn an_offset_under_a_hundred_metres_is_none() {
    let reference = ring(200, plain);
    let given = ring(333, moved(60.0, -50.0));
    assert_eq!(diagnose([(&given, &reference)]).likely, Likely::None);
}

#[test]
fn scatter_is_no_shift() {
    let reference = ring(200, plain);
    let scattered = ring(333, |p, i| {
        let angle = f64::from(i * 7919 % 360).to_radians();
        moved(170.0 * angle.cos(), 170.0 * angle.sin())(p, i)
    });
    assert_eq!(diagnose([(&scattered, &reference)]).likely, Likely::None);
}

#[test]
fn swapped_axes_are_seen() {
    let reference = ring(50, plain);
    let swapped = ring(50, |p, _| LonLat::new(p.lat, p.lon));
    assert_eq!(diagnose([(&swapped, &reference)]).likely, Likely::Swapped);
    assert!(!looks_swapped([]));
}

#[test]
fn three_points_share_an_offset_and_one_moved_point_does_not() {
    let places = [(111.6, 32.3), (111.7, 32.4), (111.8, 32.35)];
    let truth: Vec<Geometry<f64>> = places
        .iter()
        .map(|(x, y)| Point::new(*x, *y).into())
        .collect();
    let given: Vec<Geometry<f64>> = places
        .iter()
        .map(|(x, y)| Point::from(moved(150.0, -180.0)(LonLat::new(*x, *y), 0)).into())
        .collect();
    let found = diagnose(given.iter().zip(&truth));
    assert_eq!(found.likely, Likely::Shift);
    assert_eq!(diagnose([(&given[0], &truth[0])]).likely, Likely::None);
    let web: Geometry<f64> = Point::from(gcj02::forward(LonLat::new(111.6, 32.3))).into();
    assert_eq!(diagnose([(&web, &truth[0])]).likely, Likely::Gcj02);
}

#[test]
fn a_half_redrawn_ring_is_a_change_and_no_shift() {
    let reference = ring(200, plain);
    let redrawn = ring(200, |p, i| if i < 90 { moved(900.0, 0.0)(p, i) } else { p });
    assert_eq!(diagnose([(&redrawn, &reference)]).likely, Likely::None);
}

#[test]
fn unlike_kinds_and_nothing_at_all_are_none() {
    let area = ring(50, plain);
    let point: Geometry<f64> = Point::new(111.0, 32.0).into();
    assert_eq!(diagnose([(&point, &area)]).pairs, 0);
    assert_eq!(diagnose([]).likely, Likely::None);
}

/// Counties by name out of one of the demonstration's files.
fn counties(text: &str) -> std::collections::BTreeMap<String, Geometry<f64>> {
    let collection: geojson::FeatureCollection = text
        .parse::<geojson::GeoJson>()
        .unwrap()
        .try_into()
        .unwrap();
    collection
        .features
        .into_iter()
        .map(|feature| {
            let name = feature
                .property("name")
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned();
            (name, feature.geometry.unwrap().try_into().unwrap())
        })
        .collect()
}

/// Another publisher's drawing of Laohekou and its neighbours is GCJ-02 without saying so; once
/// corrected, 100 to 170 m of honest scatter are left, which are no shift.
#[test]
fn the_other_publishers_laohekou_is_gcj02_and_once_corrected_honest() {
    let reference = counties(include_str!(
        "../../../../data/laohekou/laohekou_and_neighbours.geojson"
    ));
    let given = counties(include_str!(
        "../../../../data/laohekou/laohekou_other_source_undeclared_crs.geojson"
    ));
    let found = diagnose(given.iter().map(|(name, shape)| (shape, &reference[name])));
    println!("{found:?}");
    assert_eq!((found.likely, found.pairs), (Likely::Gcj02, 7));
    assert!(
        (found.dx_m - 550.0).abs() < 60.0 && (found.dy_m + 200.0).abs() < 60.0,
        "{found:?}"
    );

    let corrected: Vec<_> = given
        .iter()
        .map(|(name, shape)| {
            let mut inverse = |c: Coord<f64>| Coord::from(gcj02::inverse(c.into()));
            (
                zhifang_core::geometry::map_coords(shape, &mut inverse),
                &reference[name],
            )
        })
        .collect();
    let found = diagnose(
        corrected
            .iter()
            .map(|(shape, reference)| (shape, *reference)),
    );
    println!("{found:?}");
    assert_eq!(found.likely, Likely::None);
    for (shape, reference) in &corrected {
        let alone = diagnose([(shape, *reference)]);
        println!("{alone:?}");
        assert_eq!(alone.likely, Likely::None);
    }
    for (name, shape) in &given {
        let alone = diagnose([(shape, &reference[name])]);
        println!("{name} {alone:?}");
        assert_eq!(alone.likely, Likely::Gcj02);
    }
}
