use super::*;
use crate::demonstration;

fn ask(within: &str, indicator: Option<&str>) -> Result<Coverage, AssistError> {
    let query = CoverageQuery {
        within: within.parse().unwrap(),
        indicator: indicator.map(str::to_owned),
        day: "2026-11-25".parse().unwrap(),
    };
    coverage(&demonstration::view(), &query, &Plan::laohekou())
}

fn one(id: &str) -> IndicatorValue {
    ask("420682", Some(id)).unwrap().indicators.remove(0)
}

#[test]
fn the_plans_own_figures_are_held_against_the_register() {
    let beds = one("beds_per_thousand");
    assert_eq!(
        (beds.numerator, beds.denominator),
        (Some(3_315.0), Some(94_714.0))
    );
    assert_eq!(
        (beds.computed, beds.differs_from_stated),
        (Some(35.0), Some(false))
    );
    // 40 per thousand of 94,714 are 3,788.56: 3,789 beds, 474 more.
    assert_eq!(
        (beds.to_build, beds.to_build_unit_en),
        (Some(474.0), Some("beds"))
    );
    let nursing = one("nursing_share");
    assert_eq!(nursing.computed, Some(36.2));
    assert_eq!(
        nursing.differs_from_stated,
        Some(true),
        "the plan says 40 %"
    );
    assert_eq!(nursing.difference, Some(-3.8));
    assert_eq!(nursing.to_build, Some(458.0), "half of 3,315 is 1,657.5");
}

#[test]
fn every_indicator_names_its_set_and_the_day() {
    let all = ask("420682", None).unwrap();
    assert_eq!(all.indicators.len(), 13);
    for indicator in &all.indicators {
        assert!(indicator.denominator_set.is_some(), "{}", indicator.name);
        assert!(indicator.computed.is_some(), "{}", indicator.name);
        assert_eq!(indicator.as_of.to_string(), "2026-11-25");
        if indicator
            .by_township
            .iter()
            .any(|town| town.denominator > 0.0)
        {
            assert_eq!(indicator.by_township.len(), 13, "{}", indicator.name);
        }
    }
}

#[test]
fn ten_townships_of_the_plan_stand_beside_thirteen_of_the_code_list() {
    let stations = one("social_work_stations");
    assert_eq!(
        stations.denominator_set.as_ref().unwrap().id,
        "townships_statutory"
    );
    assert_eq!(stations.denominator, Some(10.0));
    assert_eq!(stations.numerator, Some(10.0));
    assert_eq!(stations.other_sets[0].denominator, 13.0);
    let care = one("disability_care");
    assert_eq!(
        (care.computed, care.target, care.to_build),
        (Some(3.0), Some(10.0), Some(7.0))
    );
    assert_eq!(care.without.len(), 7);
}

#[test]
fn shares_of_villages_count_by_the_named_set() {
    let points = one("social_work_points");
    assert_eq!(points.denominator, Some(259.0));
    // 62 points, two of them in one village.
    assert_eq!(points.numerator, Some(61.0));
    // 30 % of 259 is 77.7: 78 villages.
    assert_eq!(points.to_build, Some(17.0));
    let care = one("day_care");
    assert_eq!(
        care.denominator_set.as_ref().unwrap().id,
        "resident_committees"
    );
    assert_eq!(care.other_sets[0].denominator, 259.0);
    let burial = one("burial_served");
    assert_eq!(
        (burial.by, burial.computed),
        (Some(Basis::Served), Some(100.0))
    );
}

#[test]
fn the_quarter_hour_circle_names_its_method_and_has_no_target() {
    let circle = one("home_care_circle");
    assert_eq!(circle.method, Some(crate::Method::Roads));
    assert_eq!(
        (circle.denominator, circle.target, circle.to_build),
        (Some(94_714.0), None, None)
    );
    let towns: f64 = circle.by_township.iter().map(|town| town.numerator).sum();
    assert_eq!(Some(towns), circle.numerator);
    assert!(
        circle
            .computed
            .is_some_and(|share| share > 1.0 && share < 99.0),
        "{circle:?}"
    );
}

#[test]
fn elsewhere_nothing_is_stated_and_a_township_counts_itself() {
    let town = ask("420682101", Some("beds_per_thousand"))
        .unwrap()
        .indicators
        .remove(0);
    assert_eq!(town.denominator, Some(7_756.0));
    assert_eq!(town.by_township.len(), 1);
    assert!(matches!(ask("429004", None), Err(AssistError::Unit { .. })));
    let wider = ask("4206", Some("beds_per_thousand"))
        .unwrap()
        .indicators
        .remove(0);
    assert_eq!(
        (wider.stated, wider.target, wider.to_build),
        (None, None, None)
    );
    assert_eq!(wider.computed, Some(35.0));
}

#[test]
fn an_indicator_is_found_by_number_id_or_words_and_else_refused() {
    assert_eq!(
        ask("420682", Some("4")).unwrap().indicators[0].id,
        Some("nursing_share")
    );
    assert_eq!(
        ask("420682", Some("社工点")).unwrap().indicators[0].id,
        Some("social_work_points")
    );
    for text in ["99", "-", ""] {
        assert!(
            matches!(
                ask("420682", Some(text)),
                Err(AssistError::Indicator { .. })
            ),
            "{text}"
        );
    }
}

#[test]
fn the_answer_is_the_same_twice() {
    let text = |coverage: &Coverage| serde_json::to_string(coverage).unwrap();
    assert_eq!(
        text(&ask("420682", None).unwrap()),
        text(&ask("420682", None).unwrap())
    );
}
