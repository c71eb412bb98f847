//! The counting itself, one function an indicator.

use std::collections::{BTreeMap, BTreeSet};

use zhifang_core::{Collection, DivisionCode, Record};

use crate::coverage::Rule;
use crate::coverage::facts::Facts;
use crate::demand::{Demand, demand_in, is_settlement};
use crate::facility::{around, door, ids_in, kind_of, stands};
use crate::gaps::township_of;
use crate::indicator::{DenominatorSet, MissingField, SetValue, TownshipValue, value};
use crate::travel::{Limit, Method, Mode, Total, geodesic_m};
use crate::trips::Trips;

/// Farthest that a volunteer station may stand from a centre that it adjoins, metres.
const ADJOINS_M: f64 = 50.0;

/// The home-care circle's quarter of an hour, on foot at an old person's pace.
const CIRCLE: Limit = Limit::Minutes(15.0);

/// What was counted.
pub(super) struct Counted {
    pub(super) numerator: f64,
    pub(super) denominator: f64,
    pub(super) set: DenominatorSet,
    pub(super) others: Vec<SetValue>,
    pub(super) method: Option<Method>,
    pub(super) missing: Vec<MissingField>,
    pub(super) without: Vec<DivisionCode>,
    pub(super) by_township: Vec<TownshipValue>,
}

const fn set(id: &'static str, name: &'static str, name_en: &'static str) -> DenominatorSet {
    DenominatorSet { id, name, name_en }
}

const STATUTORY: DenominatorSet = set(
    "townships_statutory",
    "乡镇街道（不含开发区、农场等类乡级单位）",
    "streets, towns and townships, without zones and farms of township rank",
);
const CODE_LIST: DenominatorSet = set(
    "townships_code_list",
    "区划代码表中的全部乡级单位",
    "all township-level units of the code list",
);
const VILLAGES: DenominatorSet = set(
    "villages_code_list",
    "区划代码表中的全部村级单位",
    "all village-level units of the code list",
);
const RESIDENTS: DenominatorSet = set(
    "resident_committees",
    "居民委员会（代码末三位001-199）",
    "residents' committees (last three digits 001-199)",
);
const OLD_PEOPLE: DenominatorSet = set("population_60", "60岁以上人口", "people of 60 and over");
const OLD_SETTLED: DenominatorSet = set(
    "population_60_of_settlements",
    "各居民点60岁以上人口",
    "people of 60 and over of the settlements",
);
const BEDS: DenominatorSet = set(
    "beds_of_elderly_homes",
    "养老机构床位",
    "beds of elderly homes",
);
const COUNTIES: DenominatorSet = set("counties", "县级单位", "county-level units");
const CENTRES: DenominatorSet = set(
    "community_centers",
    "社区综合服务设施",
    "community service centres",
);
const RURAL: DenominatorSet = set(
    "rural_settlements",
    "村委会所辖居民点",
    "settlements of villagers' committees",
);

/// Counts what the rule asks for; `factor` turns a fraction into the indicator's unit.
pub(super) fn count(facts: &Facts<'_>, rule: Rule, factor: f64) -> Counted {
    match rule {
        Rule::BedsPerThousand => beds_per_thousand(facts, factor),
        Rule::NursingShare => nursing_share(facts, factor),
        Rule::CountyBurial => county_burial(facts),
        Rule::ComprehensiveHomes => {
            let homes = facts.of_kind("elderly_home");
            let found = homes.filter(|home| home.fields.flag("comprehensive") == Some(true));
            let mut counted = townships(facts, &facts.townships_with(found), factor);
            let silent = facts
                .of_kind("elderly_home")
                .filter(|home| home.fields.flag("comprehensive").is_none());
            counted.missing.push(MissingField {
                field: "services.comprehensive",
                records: silent.count(),
            });
            counted
        }
        Rule::VolunteerStations => volunteer_stations(facts, factor),
        Rule::SocialWorkStations => of_townships(facts, "social_work_station", factor),
        Rule::ChildProtection => of_townships(facts, "child_protection_station", factor),
        Rule::DisabilityCare => of_townships(facts, "disability_care_station", factor),
        Rule::SocialWorkPoints => {
            let with = villages_of(facts.of_kind("social_work_point"));
            villages(
                facts,
                &with,
                factor,
                (VILLAGES, |_| true),
                &[(RESIDENTS, Facts::is_residents)],
            )
        }
        Rule::DayCare => {
            let with = villages_of(facts.of_kind("day_care"));
            villages(
                facts,
                &with,
                factor,
                (RESIDENTS, Facts::is_residents),
                &[(VILLAGES, |_| true)],
            )
        }
        Rule::HomeCareCircle => home_care_circle(facts, factor),
        Rule::BurialServed => burial_served(facts, factor),
        Rule::VillageSigns => village_signs(facts, factor),
    }
}

fn sum(records: &[&Record], field: &str) -> f64 {
    records
        .iter()
        .filter_map(|record| record.fields.number(field))
        .total()
}

fn lacking(records: &[&Record], field: &str) -> usize {
    records
        .iter()
        .filter(|record| record.fields.number(field).is_none())
        .count()
}

/// Values by township of a sum over homes and a figure of the township.
fn by_township(
    facts: &Facts<'_>,
    factor: f64,
    figures: impl Fn(&Record, DivisionCode) -> (f64, f64),
) -> Vec<TownshipValue> {
    facts
        .townships
        .iter()
        .filter_map(|unit| {
            let code = unit.division?;
            let (numerator, denominator) = figures(unit, code);
            Some(TownshipValue {
                code,
                name: unit.name.to_string(),
                numerator,
                denominator,
                value: value(numerator, denominator, factor),
            })
        })
        .collect()
}

fn homes_by_township<'a>(facts: &Facts<'a>) -> BTreeMap<DivisionCode, Vec<&'a Record>> {
    let mut homes: BTreeMap<DivisionCode, Vec<&'a Record>> = BTreeMap::new();
    for home in facts.of_kind("elderly_home") {
        if let Some(code) = facts.township(home) {
            homes.entry(code).or_default().push(home);
        }
    }
    homes
}

fn beds_per_thousand(facts: &Facts<'_>, factor: f64) -> Counted {
    let homes: Vec<&Record> = facts.of_kind("elderly_home").collect();
    let (people, silent) = facts.population_60();
    let placed = homes_by_township(facts);
    Counted {
        numerator: sum(&homes, "beds"),
        denominator: people,
        set: OLD_PEOPLE,
        others: Vec::new(),
        method: None,
        missing: vec![
            MissingField {
                field: "services.beds",
                records: lacking(&homes, "beds"),
            },
            MissingField {
                field: "divisions.population_60",
                records: silent,
            },
        ],
        without: Vec::new(),
        by_township: by_township(facts, factor, |unit, code| {
            let beds = placed.get(&code).map_or(0.0, |homes| sum(homes, "beds"));
            (beds, unit.fields.number("population_60").unwrap_or(0.0))
        }),
    }
}

fn nursing_share(facts: &Facts<'_>, factor: f64) -> Counted {
    let homes: Vec<&Record> = facts.of_kind("elderly_home").collect();
    let placed = homes_by_township(facts);
    Counted {
        numerator: sum(&homes, "nursing_beds"),
        denominator: sum(&homes, "beds"),
        set: BEDS,
        others: Vec::new(),
        method: None,
        missing: vec![
            MissingField {
                field: "services.nursing_beds",
                records: lacking(&homes, "nursing_beds"),
            },
            MissingField {
                field: "services.beds",
                records: lacking(&homes, "beds"),
            },
        ],
        without: Vec::new(),
        by_township: by_township(facts, factor, |_, code| {
            placed.get(&code).map_or((0.0, 0.0), |homes| {
                (sum(homes, "nursing_beds"), sum(homes, "beds"))
            })
        }),
    }
}

/// Whether the cemetery is for the public's benefit: by kind, a columbarium included.
fn is_public_benefit(record: &Record) -> bool {
    matches!(
        kind_of(record),
        "public_benefit" | "columbarium" | "ecological"
    )
}

fn county_burial(facts: &Facts<'_>) -> Counted {
    let with: BTreeSet<DivisionCode> = facts
        .cemeteries
        .iter()
        .filter(|record| is_public_benefit(record))
        .filter(|record| record.fields.text("level") == Some("county"))
        .filter_map(|record| record.division.map(DivisionCode::county))
        .collect();
    let codes: Vec<DivisionCode> = facts
        .counties
        .iter()
        .filter_map(|unit| unit.division)
        .collect();
    let without: Vec<DivisionCode> = codes
        .iter()
        .copied()
        .filter(|code| !with.contains(code))
        .collect();
    Counted {
        numerator: (codes.len() - without.len()) as f64,
        denominator: codes.len() as f64,
        set: COUNTIES,
        others: Vec::new(),
        method: None,
        missing: vec![MissingField {
            field: "cemeteries.level",
            records: facts
                .cemeteries
                .iter()
                .filter(|record| {
                    facts.scope.covers_record(record) && record.fields.text("level").is_none()
                })
                .count(),
        }],
        without,
        by_township: Vec::new(),
    }
}

fn of_townships(facts: &Facts<'_>, kind: &'static str, factor: f64) -> Counted {
    townships(facts, &facts.townships_with(facts.of_kind(kind)), factor)
}

/// Townships of the law, and beside them those of the code list, that are in the set.
fn townships(facts: &Facts<'_>, with: &BTreeSet<DivisionCode>, factor: f64) -> Counted {
    let codes: Vec<DivisionCode> = facts
        .townships
        .iter()
        .filter_map(|unit| unit.division)
        .collect();
    let statutory: Vec<DivisionCode> = codes
        .iter()
        .copied()
        .filter(|code| Facts::is_statutory(*code))
        .collect();
    let has =
        |codes: &[DivisionCode]| codes.iter().filter(|code| with.contains(code)).count() as f64;
    let (all, total) = (has(&codes), codes.len() as f64);
    Counted {
        numerator: has(&statutory),
        denominator: statutory.len() as f64,
        set: STATUTORY,
        others: vec![SetValue {
            denominator_set: CODE_LIST,
            numerator: all,
            denominator: total,
            value: value(all, total, factor),
        }],
        method: None,
        missing: Vec::new(),
        without: statutory
            .into_iter()
            .filter(|code| !with.contains(code))
            .collect(),
        by_township: by_township(facts, factor, |_, code| {
            (f64::from(u8::from(with.contains(&code))), 1.0)
        }),
    }
}

fn villages_of<'a>(records: impl Iterator<Item = &'a Record>) -> BTreeSet<DivisionCode> {
    records
        .filter_map(|record| record.division)
        .filter(|code| code.digits() == 12)
        .collect()
}

type Among = (DenominatorSet, fn(DivisionCode) -> bool);

/// Villages of a set, and beside it of others, that are in `with`.
fn villages(
    facts: &Facts<'_>,
    with: &BTreeSet<DivisionCode>,
    factor: f64,
    (set, belongs): Among,
    others: &[Among],
) -> Counted {
    let codes: Vec<DivisionCode> = facts
        .villages
        .iter()
        .filter_map(|unit| unit.division)
        .collect();
    let share = |belongs: fn(DivisionCode) -> bool| {
        let of: Vec<&DivisionCode> = codes.iter().filter(|code| belongs(**code)).collect();
        (
            of.iter().filter(|code| with.contains(code)).count() as f64,
            of.len() as f64,
        )
    };
    let (numerator, denominator) = share(belongs);
    let others = others.iter().map(|(set, belongs)| {
        let (numerator, denominator) = share(*belongs);
        SetValue {
            denominator_set: set.clone(),
            numerator,
            denominator,
            value: value(numerator, denominator, factor),
        }
    });
    Counted {
        numerator,
        denominator,
        set,
        others: others.collect(),
        method: None,
        missing: Vec::new(),
        without: codes
            .iter()
            .copied()
            .filter(|code| belongs(*code) && !with.contains(code))
            .collect(),
        by_township: by_township(facts, factor, |_, town| {
            let of = codes
                .iter()
                .filter(|code| belongs(**code) && township_of(**code) == Some(town));
            let (mut has, mut all) = (0.0, 0.0);
            for code in of {
                all += 1.0;
                has += f64::from(u8::from(with.contains(code)));
            }
            (has, all)
        }),
    }
}

fn volunteer_stations(facts: &Facts<'_>, factor: f64) -> Counted {
    let hosts = ids_in(facts.of_kind("volunteer_station"), "host");
    let mut stations: BTreeMap<Option<DivisionCode>, Vec<&Record>> = BTreeMap::new();
    for station in facts.of_kind("volunteer_station") {
        stations.entry(station.division).or_default().push(station);
    }
    let adjoins = |centre: &Record| {
        let near = stations.get(&centre.division).into_iter().flatten();
        near.filter_map(|station| door(station))
            .any(|place| door(centre).is_some_and(|centre| geodesic_m(centre, place) <= ADJOINS_M))
    };
    let centres: Vec<&Record> = facts.of_kind("community_center").collect();
    let mut towns: BTreeMap<DivisionCode, (f64, f64)> = BTreeMap::new();
    let mut numerator = 0.0;
    for centre in &centres {
        let has = hosts.contains(&*centre.id) || adjoins(centre);
        numerator += f64::from(u8::from(has));
        if let Some(code) = facts.township(centre) {
            let town = towns.entry(code).or_default();
            town.0 += f64::from(u8::from(has));
            town.1 += 1.0;
        }
    }
    let hostless = facts
        .of_kind("volunteer_station")
        .filter(|record| record.fields.text("host").is_none());
    Counted {
        numerator,
        denominator: centres.len() as f64,
        set: CENTRES,
        others: Vec::new(),
        method: None,
        missing: vec![MissingField {
            field: "services.host",
            records: hostless.count(),
        }],
        without: Vec::new(),
        by_township: by_township(facts, factor, |_, code| {
            towns.get(&code).copied().unwrap_or_default()
        }),
    }
}

fn home_care_circle(facts: &Facts<'_>, factor: f64) -> Counted {
    let demand = demand_in(&facts.view, &facts.scope, facts.day);
    let is_care = |record: &Record| matches!(kind_of(record), "home_care_center" | "day_care");
    let near = around(
        &facts.view,
        &facts.scope,
        &demand,
        is_care,
        Collection::Services,
        facts.day,
    );
    let mut places: Vec<_> = demand.iter().map(Demand::place).collect();
    places.extend(near.iter().map(|(_, place)| *place));
    let trips = Trips::new(&facts.view, places, Mode::Elder, facts.day);
    let from: Vec<usize> = (0..demand.len()).collect();
    let targets: Vec<usize> = (demand.len()..demand.len() + near.len()).collect();
    let ways = trips.nearest_of(&from, &targets);
    let mut towns: BTreeMap<DivisionCode, (f64, f64)> = BTreeMap::new();
    let (mut numerator, mut denominator) = (0.0, 0.0);
    for (one, way) in demand.iter().zip(ways) {
        let people = one.population_60.unwrap_or(0.0);
        let has = if way.is_some_and(|(_, way)| CIRCLE.holds(way)) {
            people
        } else {
            0.0
        };
        numerator += has;
        denominator += people;
        if let Some(code) = one.division.and_then(township_of) {
            let town = towns.entry(code).or_default();
            town.0 += has;
            town.1 += people;
        }
    }
    let silent = demand
        .iter()
        .filter(|one| one.population_60.is_none())
        .count();
    Counted {
        numerator,
        denominator,
        set: OLD_SETTLED,
        others: Vec::new(),
        method: Some(trips.method()),
        missing: vec![MissingField {
            field: "names.population_60",
            records: silent,
        }],
        without: Vec::new(),
        by_township: by_township(facts, factor, |_, code| {
            towns.get(&code).copied().unwrap_or_default()
        }),
    }
}

fn burial_served(facts: &Facts<'_>, factor: f64) -> Counted {
    let served: BTreeSet<DivisionCode> = facts
        .cemeteries
        .iter()
        .filter(|record| is_public_benefit(record))
        .flat_map(|record| record.fields.texts("serves"))
        .filter_map(|code| code.parse().ok())
        .collect();
    // Whoever serves a unit serves what lies below it.
    let is_served = |code: DivisionCode| {
        served.contains(&code) || code.ancestors().any(|above| served.contains(&above))
    };
    let with: BTreeSet<DivisionCode> = facts
        .villages
        .iter()
        .filter_map(|unit| unit.division)
        .filter(|code| is_served(*code))
        .collect();
    let mut counted = villages(facts, &with, factor, (VILLAGES, |_| true), &[]);
    let towns: BTreeSet<DivisionCode> = facts
        .townships
        .iter()
        .filter_map(|unit| unit.division)
        .filter(|code| {
            is_served(*code)
                || with
                    .iter()
                    .any(|village| township_of(*village) == Some(*code))
        })
        .collect();
    let of_towns = townships(facts, &towns, factor);
    counted.others.push(SetValue {
        denominator_set: of_towns.set,
        numerator: of_towns.numerator,
        denominator: of_towns.denominator,
        value: value(of_towns.numerator, of_towns.denominator, factor),
    });
    counted.others.extend(of_towns.others);
    let silent = facts
        .cemeteries
        .iter()
        .filter(|record| facts.scope.covers_record(record) && is_public_benefit(record))
        .filter(|record| record.fields.texts("serves").next().is_none());
    counted.missing.push(MissingField {
        field: "cemeteries.serves",
        records: silent.count(),
    });
    counted
}

fn village_signs(facts: &Facts<'_>, factor: f64) -> Counted {
    let signs: Vec<&Record> = facts
        .view
        .records(Collection::Signs)
        .filter(|sign| stands(sign, facts.day))
        .collect();
    let good = ids_in(
        signs
            .iter()
            .copied()
            .filter(|sign| sign.fields.text("state") == Some("good")),
        "name_id",
    );
    let settlements: Vec<&Record> = facts
        .view
        .records(Collection::Names)
        .filter(|name| is_settlement(name) && name.is_valid_on(facts.day))
        .filter(|name| facts.scope.covers_record(name))
        .filter(|name| name.division.is_none_or(|code| !Facts::is_residents(code)))
        .collect();
    let mut towns: BTreeMap<DivisionCode, (f64, f64)> = BTreeMap::new();
    let mut numerator = 0.0;
    for name in &settlements {
        let has = f64::from(u8::from(good.contains(&*name.id)));
        numerator += has;
        if let Some(code) = name.division.and_then(township_of) {
            let town = towns.entry(code).or_default();
            town.0 += has;
            town.1 += 1.0;
        }
    }
    let stateless = signs
        .iter()
        .filter(|sign| facts.scope.covers_record(sign) && sign.fields.text("state").is_none());
    Counted {
        numerator,
        denominator: settlements.len() as f64,
        set: RURAL,
        others: Vec::new(),
        method: None,
        missing: vec![MissingField {
            field: "signs.state",
            records: stateless.count(),
        }],
        without: Vec::new(),
        by_township: by_township(facts, factor, |_, code| {
            towns.get(&code).copied().unwrap_or_default()
        }),
    }
}
