//! A point and figures for each of the 259 village-level units.

use geo::{BoundingRect, Contains, Coord, Point};
use serde_json::json;

use crate::feature::Feature;
use crate::plane::{distance_m, moved, outline_distance_m, rounded};
use crate::random::Random;
use crate::source::{Base, COUNTY};
use crate::township::Township;

/// People of the county (2006, the published figure that the demonstration keeps).
pub(crate) const POPULATION: u64 = 521_800;
/// People of 60 and over that 3,315 beds at 35 a thousand imply.
pub(crate) const POPULATION_60: u64 = 94_714;
/// Households: made, 2.9 persons each.
pub(crate) const HOUSEHOLDS: u64 = 179_931;

/// A village-level unit and what the program makes of it.
#[derive(Debug, Clone)]
pub(crate) struct Village {
    pub(crate) code: String,
    pub(crate) name: String,
    /// The place without the committee: 宋营, 小东门社区.
    pub(crate) place: String,
    pub(crate) township: usize,
    pub(crate) seat: Coord,
    /// A residents' committee (居民委员会).
    pub(crate) is_urban: bool,
    pub(crate) population: u64,
    pub(crate) population_60: u64,
    pub(crate) households: u64,
}

/// The place that a committee's published name speaks of.
fn place_name(name: &str, township: &Township) -> String {
    if name.ends_with("虚拟生活区") {
        return township.name.clone();
    }
    for (suffix, kind) in [("社区居委会", "社区"), ("居委会", "社区"), ("村委会", "")]
    {
        if let Some(place) = name.strip_suffix(suffix) {
            return format!("{place}{kind}");
        }
    }
    name.to_owned()
}

/// `total` shared out by `weights`, to the last one (largest remainders).
pub(crate) fn shared_out(total: u64, weights: &[f64]) -> Vec<u64> {
    let sum: f64 = weights.iter().sum();
    let exact: Vec<f64> = weights
        .iter()
        .map(|weight| weight / sum * total as f64)
        .collect();
    let mut parts: Vec<u64> = exact.iter().map(|part| part.floor() as u64).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|one, two| (exact[*two].fract()).total_cmp(&exact[*one].fract()));
    let given: u64 = parts.iter().sum();
    for index in order.into_iter().take((total - given) as usize) {
        parts[index] += 1;
    }
    parts
}

/// The villages in code order.
pub(crate) fn settle(base: &Base, townships: &[Township]) -> Vec<Village> {
    let mut random = Random::new(3);
    let mut villages: Vec<Village> = Vec::new();
    for unit in &base.villages {
        let Some(township) = townships
            .iter()
            .position(|township| unit.code.starts_with(&township.code))
        else {
            continue;
        };
        let home = &townships[township];
        let is_urban = unit.name.ends_with("居委会");
        let taken: Vec<Coord> = villages
            .iter()
            .filter(|village| village.township == township)
            .map(|village| village.seat)
            .collect();
        let is_city = home.name.ends_with("街道");
        let place = place_name(&unit.name, home);
        let is_seat_village = home.name.contains(place.trim_end_matches("社区"));
        let reach_m = match (is_urban || is_seat_village, is_city) {
            (true, true) => Some(2_600.0),
            (true, false) => Some(700.0),
            (false, _) => None,
        };
        villages.push(Village {
            code: unit.code.clone(),
            name: unit.name.clone(),
            place,
            township,
            seat: spot(&mut random, home, &taken, reach_m),
            is_urban,
            population: 0,
            population_60: 0,
            households: 0,
        });
    }
    let mut weigh = |city: (f64, f64), town: (f64, f64), village: (f64, f64)| -> Vec<f64> {
        villages
            .iter()
            .map(|village_unit| {
                let home = &townships[village_unit.township];
                let (low, high) = match (village_unit.is_urban, home.name.ends_with("街道")) {
                    (true, true) => city,
                    (true, false) => town,
                    (false, _) if home.name.ends_with('场') => (village.0 * 0.3, village.0 * 0.4),
                    (false, _) => village,
                };
                random.between(low, high)
            })
            .collect()
    };
    let people = shared_out(
        POPULATION,
        &weigh((4_200.0, 7_800.0), (2_600.0, 4_400.0), (1_100.0, 2_200.0)),
    );
    let shares = weigh((0.14, 0.18), (0.15, 0.19), (0.17, 0.23));
    let old: Vec<f64> = people
        .iter()
        .zip(&shares)
        .map(|(people, share)| *people as f64 * share)
        .collect();
    let old = shared_out(POPULATION_60, &old);
    let sizes = weigh((2.6, 2.9), (2.7, 3.0), (2.8, 3.3));
    let homes: Vec<f64> = people
        .iter()
        .zip(&sizes)
        .map(|(people, size)| *people as f64 / size)
        .collect();
    let homes = shared_out(HOUSEHOLDS, &homes);
    for (index, village) in villages.iter_mut().enumerate() {
        village.population = people[index];
        village.population_60 = old[index];
        village.households = homes[index];
    }
    villages
}

/// A place in the township that keeps away from those taken (Mitchell's best candidate).
fn spot(random: &mut Random, home: &Township, taken: &[Coord], reach_m: Option<f64>) -> Coord {
    let Some(frame) = home.outline.bounding_rect() else {
        return home.seat;
    };
    let clear_m = if home.name.ends_with('场') {
        150.0
    } else {
        350.0
    };
    let mut best = (f64::NEG_INFINITY, home.seat);
    let mut tried = 0;
    while tried < 24 {
        let place = match reach_m {
            Some(reach_m) => moved(
                home.seat,
                random.between(-reach_m, reach_m),
                random.between(-reach_m, reach_m),
            ),
            None => rounded(Coord {
                x: random.between(frame.min().x, frame.max().x),
                y: random.between(frame.min().y, frame.max().y),
            }),
        };
        if !home.outline.contains(&Point(place))
            || outline_distance_m(place, &home.outline) < clear_m
        {
            continue;
        }
        tried += 1;
        let apart = taken
            .iter()
            .map(|other| distance_m(*other, place))
            .fold(distance_m(home.seat, place).max(200.0), f64::min);
        if apart > best.0 {
            best = (apart, place);
        }
    }
    best.1
}

/// The records of `divisions` with a seat and figures, no polygon.
pub(crate) fn village_records(villages: &[Village], townships: &[Township]) -> Vec<Feature> {
    villages
        .iter()
        .map(|village| {
            let mut feature = Feature::new(&village.code, &village.name, &village.code);
            feature.unset("division");
            feature
                .with("code", village.code.as_str())
                .with("level", "village")
                .with("parent", townships[village.township].code.as_str())
                .with("seat", json!([village.seat.x, village.seat.y]))
                .with("population", village.population)
                .with("population_60", village.population_60)
                .with("households", village.households)
        })
        .collect()
}

/// The records of `divisions` with the townships' polygons and sums; the county's figures too.
pub(crate) fn township_records(villages: &[Village], townships: &[Township]) -> Vec<Feature> {
    let mut records = Vec::new();
    for (index, township) in townships.iter().enumerate() {
        let sum = |figure: fn(&Village) -> u64| -> u64 {
            villages
                .iter()
                .filter(|village| village.township == index)
                .map(figure)
                .sum()
        };
        let mut feature = Feature::new(&township.code, &township.name, &township.code);
        feature.unset("division");
        if township.is_seat_real {
            feature.set(
                "source",
                "illustrative: outline and figures; the seat is GeoNames'",
            );
        }
        records.push(
            feature
                .with("code", township.code.as_str())
                .with("level", "township")
                .with("parent", COUNTY)
                .with("seat", json!([township.seat.x, township.seat.y]))
                .with("population", sum(|village| village.population))
                .with("population_60", sum(|village| village.population_60))
                .with("households", sum(|village| village.households))
                .at(township.outline.clone()),
        );
    }
    let mut county = Feature::new(COUNTY, "老河口市", COUNTY);
    county.unset("division");
    county.set("source", "population: 2006, published; of 60 and over: implied by the city's plan; households illustrative");
    records.push(
        county
            .with("code", COUNTY)
            .with("level", "county")
            .with("seat", json!([111.667_78, 32.385_83]))
            .with("population", POPULATION)
            .with("population_60", POPULATION_60)
            .with("households", HOUSEHOLDS),
    );
    records
}
