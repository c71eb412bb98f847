use super::*;
use crate::demonstration;

fn query(kind: &str, limit: Limit, mode: Mode) -> GapsQuery {
    GapsQuery {
        within: "420682".parse().unwrap(),
        kind: kind.parse().unwrap(),
        limit,
        mode,
        day: "2026-11-25".parse().unwrap(),
    }
}

#[test]
fn those_without_come_by_people_and_the_sums_agree() {
    let view = demonstration::view();
    let found = gaps(
        &view,
        &query("home_care_center", Limit::Minutes(30.0), Mode::Walk),
    )
    .unwrap();
    assert_eq!((found.method, found.demand_points), (Method::Roads, 259));
    assert_eq!(found.population, 521_800.0);
    assert!(!found.gaps.is_empty());
    assert!(
        found
            .gaps
            .is_sorted_by(|a, b| a.demand.population >= b.demand.population)
    );
    assert!(
        found
            .gaps
            .iter()
            .all(|gap| gap.minutes.is_none_or(|minutes| minutes > 29.9))
    );
    let sum: f64 = found.gaps.iter().map(|gap| gap.demand.population).sum();
    assert_eq!(sum, found.population_unserved);
}

#[test]
fn a_wider_limit_leaves_fewer_without() {
    let view = demonstration::view();
    let count = |metres: f64, mode| {
        gaps(&view, &query("day_care", Limit::Metres(metres), mode))
            .unwrap()
            .gaps
            .len()
    };
    assert!(count(1_000.0, Mode::Line) > count(2_000.0, Mode::Line));
    assert!(
        count(2_000.0, Mode::Walk) >= count(2_000.0, Mode::Line),
        "roads are no shorter"
    );
}

#[test]
fn villages_stand_in_where_there_are_no_settlements() {
    use zhifang_core::Collection;
    use zhifang_index::{Audience, Options, Snapshot};
    let records = demonstration::all();
    let without = records.into_iter().filter(|record| {
        record.collection != Collection::Names
            || record.division.and_then(township_of) != "420682101".parse().ok()
    });
    let snapshot = Snapshot::build(without, 1, &Options::default());
    let view = snapshot.view(Audience::Public);
    let asked = query("elderly_home", Limit::Metres(1.0), Mode::Line);
    let found = gaps(&view, &asked).unwrap();
    assert_eq!(found.demand_points, 259);
    let villages = found
        .gaps
        .iter()
        .filter(|gap| gap.demand.origin == crate::DemandOrigin::Village);
    assert_eq!(villages.count(), 24);
}

#[test]
fn nonsense_limits_are_refused() {
    let view = demonstration::view();
    for limit in [
        Limit::Metres(0.0),
        Limit::Minutes(f64::NAN),
        Limit::Metres(f64::INFINITY),
    ] {
        assert!(gaps(&view, &query("day_care", limit, Mode::Line)).is_err());
    }
}
