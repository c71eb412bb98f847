//! Places are made up first and found again.

use super::*;

const TRUE_PLACE: Coord<f64> = Coord {
    x: 111.605_974,
    y: 32.622_082,
};

/// Sights from the place: azimuth and distance to each object.
fn sights(objects: &[(f64, f64)], turned_deg: f64) -> Vec<Sight> {
    let sight = |(at, (azimuth, away)): (usize, &(f64, f64))| Sight {
        number: at + 1,
        what: String::new(),
        object: destination(TRUE_PLACE, *azimuth, *away),
        bearing_deg: Some((azimuth - turned_deg).rem_euclid(360.0)),
        distance_m: Some(*away),
    };
    objects.iter().enumerate().map(sight).collect()
}

const THREE: [(f64, f64); 3] = [(24.1, 22.5), (143.2, 89.4), (262.0, 30.0)];

fn off_m(found: &SetOut) -> f64 {
    distance_m(found.place.into(), TRUE_PLACE)
}

/// A registered position some metres off.
fn registered() -> (LonLat, f64) {
    (LonLat::from(destination(TRUE_PLACE, 77.0, 12.0)), 0.5)
}

#[test]
fn three_objects_give_the_place_back_whatever_north_the_bearings_had() {
    let place = LonLat::from(TRUE_PLACE);
    for (north, turned) in [
        (North::True, 0.0),
        (North::Grid, convergence_deg(place)),
        (
            North::Magnetic {
                declination_deg: Some(-4.2),
            },
            -4.2,
        ),
        (
            North::Magnetic {
                declination_deg: None,
            },
            -4.2,
        ),
    ] {
        let found = set_out(
            &sights(&THREE, turned),
            Some(registered()),
            north,
            &Errors::default(),
        );
        let found = found.unwrap();
        assert!(off_m(&found) < 0.002, "{north:?}: {found:?}");
        assert!(
            (found.turned_deg - turned).abs() < 0.01,
            "{north:?}: {found:?}"
        );
        assert!(
            found.residuals.iter().all(|one| !one.is_suspect),
            "{found:?}"
        );
        assert!((found.from_registered_m.unwrap() - 12.0).abs() < 0.01);
        assert_eq!(found.agrees_with_registered, Some(false));
    }
    // Without a registered position too.
    let found = set_out(&sights(&THREE, 0.0), None, North::True, &Errors::default()).unwrap();
    assert!(off_m(&found) < 0.002, "{found:?}");
}

#[test]
fn a_moved_object_stands_out() {
    let mut four = sights(&[THREE[0], THREE[1], THREE[2], (318.0, 61.0)], 0.0);
    four[1].object = destination(four[1].object, 200.0, 9.0);
    let found = set_out(&four, Some(registered()), North::True, &Errors::default()).unwrap();
    let suspect: Vec<usize> = found
        .residuals
        .iter()
        .filter(|one| one.is_suspect)
        .map(|one| one.number)
        .collect();
    assert!(suspect.contains(&2), "{found:?}");
}

#[test]
fn what_tells_no_place_is_said() {
    let one_distance = Sight {
        bearing_deg: None,
        ..sights(&THREE, 0.0).remove(0)
    };
    let errors = Errors::default();
    let magnetic = North::Magnetic {
        declination_deg: None,
    };
    assert_eq!(
        set_out(&[], None, North::True, &errors),
        Err(MarkerError::TooFew { found: 0 })
    );
    assert_eq!(
        set_out(
            std::slice::from_ref(&one_distance),
            Some(registered()),
            North::True,
            &errors
        ),
        Err(MarkerError::TooFew { found: 1 })
    );
    // Twice the same object by distance: a circle.
    let twice = [one_distance.clone(), one_distance];
    assert_eq!(
        set_out(&twice, Some(registered()), North::True, &errors),
        Err(MarkerError::Undetermined)
    );
    // One object with both and an unknown needle: anywhere on a circle.
    let one = &sights(&THREE, 0.0)[..1];
    assert!(set_out(one, Some(registered()), magnetic, &errors).is_err());
    assert!(set_out(one, Some(registered()), North::True, &errors).is_ok());
}

/// A sum of twelve even numbers is close to a normal one (central limit).
fn normal(state: &mut u64) -> f64 {
    let mut even = || {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..12).map(|_| even()).sum::<f64>() - 6.0
}

#[test]
fn the_ellipse_holds_as_many_places_as_it_promises() {
    let errors = Errors::default();
    let (mut within_one, mut within_95, mut agrees) = (0, 0, 0);
    let (mut state, rounds) = (7, 2_000);
    let true_place = LonLat::from(TRUE_PLACE);
    for _ in 0..rounds {
        let mut noisy = sights(&THREE, 0.0);
        for sight in &mut noisy {
            let distance = sight.distance_m.unwrap();
            let sigma = errors.distance_m.hypot(errors.distance_share * distance);
            sight.distance_m = Some(distance + sigma * normal(&mut state));
            let bearing = sight.bearing_deg.unwrap() + errors.bearing_deg * normal(&mut state);
            sight.bearing_deg = Some(bearing);
            let (east, north) = (normal(&mut state), normal(&mut state));
            let azimuth = east.atan2(north).to_degrees();
            let away = errors.object_m * east.hypot(north);
            sight.object = destination(sight.object, azimuth, away);
        }
        let found = set_out(&noisy, Some((true_place, 0.0)), North::True, &errors).unwrap();
        agrees += usize::from(found.agrees_with_registered.unwrap());
        let place: Coord<f64> = found.place.into();
        let turned = (bearing_deg(place, TRUE_PLACE) - found.ellipse.azimuth_deg).to_radians();
        let away = distance_m(place, TRUE_PLACE);
        let (along, across) = (
            away * turned.cos() / found.ellipse.major_m,
            away * turned.sin() / found.ellipse.minor_m,
        );
        let size = along.hypot(across);
        within_one += usize::from(size <= 1.0);
        within_95 += usize::from(size <= Ellipse::OF_95);
    }
    let share = |count: usize| count as f64 / f64::from(rounds);
    assert!(
        (share(within_one) - 0.393).abs() < 0.05,
        "{}",
        share(within_one)
    );
    assert!(
        (share(within_95) - 0.95).abs() < 0.02,
        "{}",
        share(within_95)
    );
    assert_eq!(agrees, within_95);
}
