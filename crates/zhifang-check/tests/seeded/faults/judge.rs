//! Planting in batches, checking, and whether each fault was found.

use std::collections::{BTreeMap, BTreeSet};

use geo::Coord;
use zhifang_check::{Finding, Options, Register, Report, Severity, check};
use zhifang_core::{Collection, DivisionCode, Lang, Record, RecordKey};
use zhifang_topology::distance_m;

use super::base::{Base, Records};
use super::{Kind, Measure, Planted, Set};

/// What came of the faults of one kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub(crate) rule: &'static str,
    pub(crate) planted: usize,
    pub(crate) found: usize,
    /// What was wrong with those that were not found.
    pub(crate) missed: Vec<String>,
    /// Largest difference of a width in metres, and in shares of the width.
    pub(crate) off_m: f64,
    pub(crate) off_share: f64,
}

struct Placed {
    kind: &'static str,
    fault: Planted,
    zone: BTreeSet<DivisionCode>,
}

fn report(records: &Records, base: &Base) -> Report {
    let register = Register::new(records.values(), base.day);
    check(&register, &Options::on(base.day)).expect("all rules are known")
}

/// Errors on the clean set: there should be none.
pub(crate) fn judge_clean(base: &Base) -> Vec<String> {
    Set::ALL
        .into_iter()
        .flat_map(|set| {
            let report = report(&set.records(base), base);
            report
                .findings
                .into_iter()
                .map(move |finding| (set, finding))
        })
        .filter(|(_, finding)| finding.severity == Severity::Error)
        .map(|(set, finding)| {
            format!(
                "{set:?}: {} {}",
                finding.rule,
                finding.message.pick(Lang::En)
            )
        })
        .collect()
}

/// Plants every kind in so many places and checks; the outcomes by kind, and the errors that no
/// fault explains.
pub(crate) fn run(
    base: &Base,
    kinds: &[Kind],
    places: usize,
) -> (BTreeMap<&'static str, Outcome>, Vec<String>) {
    let mut outcomes: BTreeMap<&'static str, Outcome> = BTreeMap::new();
    let mut strangers = Vec::new();
    for set in Set::ALL {
        let clean = set.records(base);
        let mut left: Vec<(Kind, usize)> = kinds
            .iter()
            .filter(|kind| kind.set == set)
            .map(|kind| (*kind, places))
            .collect();
        let mut tried: BTreeSet<(&str, DivisionCode)> = BTreeSet::new();
        loop {
            let mut records = clean.clone();
            let placed = plant(base, &mut records, &mut left, &mut tried);
            if placed.is_empty() {
                break;
            }
            let report = report(&records, base);
            for one in &placed {
                let outcome = outcomes.entry(one.kind).or_default();
                outcome.rule = one.fault.rule;
                outcome.planted += 1;
                match judge(&report, one) {
                    Ok((metres, share)) => {
                        outcome.found += 1;
                        outcome.off_m = outcome.off_m.max(metres);
                        outcome.off_share = outcome.off_share.max(share);
                    }
                    Err(reason) => outcome.missed.push(reason),
                }
            }
            strangers.extend(unexplained(&report, &placed, &records));
        }
    }
    (outcomes, strangers)
}

/// A number that orders counties differently for each kind, the same on every run.
fn shuffle(kind: &str, unit: DivisionCode) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in kind.bytes().chain(unit.to_string().bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^ (hash >> 29)
}

/// Plants as many of the faults that are left as find room: no two share a neighbour.
fn plant(
    base: &Base,
    records: &mut Records,
    left: &mut [(Kind, usize)],
    tried: &mut BTreeSet<(&str, DivisionCode)>,
) -> Vec<Placed> {
    let mut taken: BTreeSet<DivisionCode> = BTreeSet::new();
    let mut placed = Vec::new();
    for (kind, count) in left.iter_mut().filter(|(_, count)| *count > 0) {
        let mut sites: Vec<DivisionCode> = base.inner.iter().copied().collect();
        sites.sort_by_key(|unit| shuffle(kind.name, *unit));
        for unit in sites {
            if *count == 0 {
                break;
            }
            let zone = base.zone(unit);
            if !zone.is_disjoint(&taken) || !tried.insert((kind.name, unit)) {
                continue;
            }
            if let Some(fault) = (kind.plant)(base, records, unit) {
                taken.extend(&zone);
                placed.push(Placed {
                    kind: kind.name,
                    fault,
                    zone,
                });
                *count -= 1;
            }
        }
    }
    placed
}

/// Whether the report says what it must; how far its measure is from the truth.
fn judge(report: &Report, one: &Placed) -> Result<(f64, f64), String> {
    let fault = &one.fault;
    let wanted: Vec<String> = fault.owners.iter().map(ToString::to_string).collect();
    let of_owners: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| {
            let subjects: BTreeSet<RecordKey> = finding.subjects.iter().cloned().collect();
            finding.rule == fault.rule && subjects == fault.owners
        })
        .collect();
    if of_owners.is_empty() {
        let told: Vec<String> = report
            .findings
            .iter()
            .filter(|finding| {
                finding
                    .subjects
                    .iter()
                    .any(|subject| fault.owners.contains(subject))
            })
            .map(|finding| {
                let subjects: Vec<String> =
                    finding.subjects.iter().map(ToString::to_string).collect();
                format!(
                    "{} of {}: {}",
                    finding.rule,
                    subjects.join(" "),
                    finding.message.en
                )
            })
            .collect();
        return Err(format!(
            "{} of {} not found; told are {told:?}",
            fault.rule,
            wanted.join(" ")
        ));
    }
    let mut reasons = Vec::new();
    for finding in of_owners {
        match fits(finding, fault) {
            Ok(off) => return Ok(off),
            Err(reason) => reasons.push(format!("{reason}: {}", finding.message.en)),
        }
    }
    Err(format!(
        "{} of {}: {}",
        fault.rule,
        wanted.join(" "),
        reasons.join("; ")
    ))
}

fn fits(finding: &Finding, fault: &Planted) -> Result<(f64, f64), String> {
    if let Some((place, within_m)) = fault.at {
        let told = finding.place.ok_or("no place")?;
        let away = distance_m(place, Coord::from(told));
        if away > within_m {
            return Err(format!("its place is {away:.1} m away"));
        }
    }
    if let Some(text) = &fault.says
        && !finding.message.zh.contains(text.as_str())
    {
        return Err(format!("does not say {text}"));
    }
    if let Some(truth) = fault.area_m2 {
        // Nine decimals are a tenth of a millimetre, all along.
        let rounding = match fault.measure {
            Some(Measure::Width(width)) => truth / width * 2e-4,
            _ => 0.1,
        };
        let told: f64 = finding.extents.iter().map(|extent| extent.area_m2).sum();
        if (told - truth).abs() > (truth * 0.005).max(rounding) {
            return Err(format!("covers {told} m² where {truth} is true"));
        }
    }
    let (told, truth) = match fault.measure {
        None => return Ok((0.0, 0.0)),
        Some(Measure::Width(truth)) => {
            (finding.extents.first().map(|extent| extent.width_m), truth)
        }
        Some(Measure::Size(truth)) => (finding.size.map(|size| size.value), truth),
    };
    let told = told.ok_or("no measure")?;
    let off = (told - truth).abs();
    if off > (truth.abs() * 0.05).max(0.02) {
        return Err(format!("measures {told} where {truth} is true"));
    }
    let is_width = matches!(fault.measure, Some(Measure::Width(_)));
    Ok(if is_width {
        (off, off / truth)
    } else {
        (0.0, 0.0)
    })
}

/// Errors that none of the planted faults explains.
fn unexplained(report: &Report, placed: &[Placed], records: &Records) -> Vec<String> {
    report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .filter(|finding| {
            let units: BTreeSet<DivisionCode> = finding
                .subjects
                .iter()
                .flat_map(|subject| units_of(subject, records))
                .collect();
            !placed.iter().any(|one| {
                (finding.rule == one.fault.rule || one.fault.also.contains(&finding.rule))
                    && (!units.is_disjoint(&one.zone)
                        || finding
                            .subjects
                            .iter()
                            .any(|subject| one.fault.owners.contains(subject)))
            })
        })
        .map(|finding| {
            let units: BTreeSet<DivisionCode> = finding
                .subjects
                .iter()
                .flat_map(|subject| units_of(subject, records))
                .collect();
            let near: Vec<&str> = placed
                .iter()
                .filter(|one| !units.is_disjoint(&one.zone))
                .map(|one| one.kind)
                .collect();
            format!("{} near {near:?}: {}", finding.rule, finding.message.en)
        })
        .collect()
}

fn units_of(subject: &RecordKey, records: &Records) -> Vec<DivisionCode> {
    let Some(record) = records.get(subject) else {
        return Vec::new();
    };
    let code = |name: &str| record.fields.text(name).and_then(|text| text.parse().ok());
    let sides = |record: &Record| -> Vec<DivisionCode> {
        record
            .fields
            .texts("sides")
            .filter_map(|text| text.parse().ok())
            .collect()
    };
    match subject.collection {
        Collection::Divisions => record.division.into_iter().collect(),
        Collection::Markers => sides(record),
        _ => ["left", "right", "claimant"]
            .into_iter()
            .filter_map(code)
            .chain(record.division)
            .collect(),
    }
}
