use proptest::prelude::*;

use super::*;
use crate::demonstration;

/// All choices of `count` of `of`.
fn choices(of: usize, count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    (count - 1..of)
        .flat_map(|last| {
            choices(last, count - 1).into_iter().map(move |mut choice| {
                choice.push(last);
                choice
            })
        })
        .collect()
}

fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

fn ground(points: &[(f64, f64)], people: &[u32], standing: &[(f64, f64)], limit: f64) -> Ground {
    let demand = (0..points.len())
        .map(|at| Demand {
            id: format!("n{at:03}"),
            name: String::new(),
            division: None,
            origin: crate::DemandOrigin::Settlement,
            lon: 0.0,
            lat: 0.0,
            population: f64::from(people[at]),
            population_60: None,
        })
        .collect();
    let column = |to: &(f64, f64)| points.iter().map(|from| distance(*from, *to)).collect();
    Ground {
        demand,
        people: people.iter().map(|people| f64::from(*people)).collect(),
        columns: points.iter().map(column).collect(),
        standing: points
            .iter()
            .map(|from| {
                let near = standing.iter().map(|to| distance(*from, *to));
                near.fold(f64::INFINITY, f64::min)
            })
            .collect(),
        existing: standing.len(),
        method: Method::Line,
        limit: Some(limit),
    }
}

fn worlds() -> impl Strategy<Value = Ground> {
    let point = || (0.0..100.0_f64, 0.0..100.0_f64);
    (4_usize..14).prop_flat_map(move |count| {
        (
            prop::collection::vec(point(), count),
            prop::collection::vec(1_u32..500, count),
            prop::collection::vec(point(), 0..3),
            5.0..50.0_f64,
        )
            .prop_map(|(points, people, standing, limit)| {
                ground(&points, &people, &standing, limit)
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn all_four_models_find_what_trying_everything_finds(ground in worlds(), count in 1_usize..5) {
        let size = ground.demand.len();
        let count = count.min(size);
        let all = choices(size, count);
        let penalty = penalty(&ground);
        let measured = |model| all.iter().map(move |choice| (model, choice));
        let value = |(model, choice): (SiteModel, &Vec<usize>)| measure(&ground, model, choice, penalty);

        let most = measured(SiteModel::Mclp).map(value).fold(0.0, f64::max);
        let found = choose_covering(&ground, count);
        prop_assert!(found.proven);
        prop_assert_eq!(found.objective, Some(most));
        prop_assert_eq!(measure(&ground, SiteModel::Mclp, &found.chosen, penalty), most);

        let least = measured(SiteModel::PMedian).map(value).fold(f64::INFINITY, f64::min);
        let found = choose_median(&ground, count);
        prop_assert!(found.proven);
        prop_assert!((found.objective.unwrap() - least).abs() <= 1e-6 * least.max(1.0));

        let radius = measured(SiteModel::PCenter).map(value).fold(f64::INFINITY, f64::min);
        let found = choose_center(&ground, count);
        prop_assert!(found.proven);
        prop_assert_eq!(found.objective, Some(radius));
        prop_assert!(measure(&ground, SiteModel::PCenter, &found.chosen, penalty) <= radius);

        let total: f64 = ground.people.iter().sum();
        let found = choose_fewest(&ground);
        prop_assert!(found.proven);
        prop_assert_eq!(measure(&ground, SiteModel::Lscp, &found.chosen, penalty), total);
        if let Some(fewer) = found.chosen.len().checked_sub(1) {
            let covers = |choice: &Vec<usize>| measure(&ground, SiteModel::Lscp, choice, penalty) >= total;
            prop_assert!(!choices(size, fewer).iter().any(covers));
        }
    }
}

fn query(model: SiteModel, count: usize, limit: Option<Limit>, mode: Mode) -> SiteQuery {
    SiteQuery {
        within: "420682".parse().unwrap(),
        kind: FacilityKind::Service("elderly_home"),
        count,
        model,
        limit,
        mode,
        day: "2026-11-25".parse().unwrap(),
    }
}

#[test]
fn the_county_is_solved_to_proof_in_all_four_models() {
    let view = demonstration::view();
    let metres = Some(Limit::Metres(3_000.0));
    for (model, limit) in [
        (SiteModel::Mclp, metres),
        (SiteModel::PMedian, None),
        (SiteModel::PCenter, None),
        (SiteModel::Lscp, metres),
    ] {
        for mode in [Mode::Line, Mode::Walk] {
            let found = site(&view, &query(model, 10, limit, mode)).unwrap();
            assert!(found.proven, "{model:?} {mode:?} {:?}", found.gap_percent);
            assert_eq!((found.demand_points, found.existing), (259, 13));
            assert_eq!(found.curve.len(), found.chosen.len() + 1);
            if model == SiteModel::Lscp {
                assert_eq!(found.covered_after, Some(521_800.0));
            } else if model != SiteModel::PCenter {
                assert_eq!(found.chosen.len(), 10);
            }
        }
    }
}

#[test]
fn the_same_question_has_the_same_answer() {
    let view = demonstration::view();
    let asked = query(SiteModel::Mclp, 5, Some(Limit::Metres(2_000.0)), Mode::Walk);
    let text = || serde_json::to_string(&site(&view, &asked).unwrap()).unwrap();
    assert_eq!(text(), text());
}

#[test]
fn the_curve_rises_by_what_each_adds() {
    let view = demonstration::view();
    let asked = query(SiteModel::Mclp, 6, Some(Limit::Minutes(30.0)), Mode::Walk);
    let found = site(&view, &asked).unwrap();
    let values: Vec<f64> = found.curve.iter().filter_map(|point| point.value).collect();
    assert!(values.is_sorted() && values.len() == 7);
    assert_eq!(values.first().copied(), found.covered_before);
    assert_eq!(values.last().copied(), found.covered_after);
    assert_eq!(found.objective, found.covered_after);
    let gains: f64 = found.curve.iter().filter_map(|point| point.gain).sum();
    assert_eq!(Some(gains), found.newly_covered);
}

#[test]
fn impossible_questions_say_what_is_missing() {
    let view = demonstration::view();
    let without = site(&view, &query(SiteModel::Mclp, 3, None, Mode::Line)).unwrap_err();
    assert!(without.to_string().contains("`minutes`"), "{without}");
    assert!(site(&view, &query(SiteModel::PMedian, 0, None, Mode::Line)).is_err());
    assert!("p-centre".parse::<SiteModel>().is_err());
}
