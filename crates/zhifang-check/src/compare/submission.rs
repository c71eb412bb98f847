//! A neighbour's submission against the register.

use std::collections::BTreeMap;

use geo::{Coord, Geometry, LineString, MultiPolygon, Polygon};
use serde_json::{Value, json};
use zhifang_core::{Collection, DivisionLevel, LonLat, Record, RecordKey, geometry};
use zhifang_datum::{Diagnosis, Likely, bd09, diagnose, gcj02};

use super::accuracy::Accuracy;
use super::deviation::{Agreement, Deviation, Stretch, deviation};
use super::draft::draft;
use crate::finding::{Finding, Severity, Text, area, metres, rounded};
use crate::ground::{lobes, polygons};
use crate::linework::{code, parts};
use crate::register::Register;
use crate::report::Report;
use crate::rules::text;
use crate::scope::Options;
use crate::write::stretch_json;

const BASIS: &str = "行政区域界线管理条例（国务院令第353号）第二、十四条";

/// Of two honest versions 95 % lie within so many times what both may be off by: errors of
/// generalisation have long tails. Two publications of seven counties, whose lines are known
/// not to have moved, keep within 2.8 to 3.8 times.
const SCATTER: f64 = 4.0;
/// Places in the profile of an item in JSON, at most.
const PROFILE_STEPS: usize = 500;

/// One unit or line in both versions.
#[derive(Debug, Clone)]
pub struct Item {
    /// The register's record.
    pub ours: RecordKey,
    /// How the submission names it.
    pub theirs: String,
    /// How far apart the outlines or lines are.
    pub deviation: Deviation,
    /// Ground that the submission adds to the unit, m²; for a line: ground left of ours.
    pub won_m2: f64,
    /// Ground that it takes from the unit, m²; for a line: ground right of ours.
    pub lost_m2: f64,
    /// Against which tolerance, metres.
    pub tolerance_m: f64,
    /// What it is called, for people.
    pub label: String,
    /// How exact the register's version and the submission's can be.
    pub accuracy: [Accuracy; 2],
    /// Both courses, the register's first, parts of either as lines.
    pub(crate) courses: [Vec<Vec<Coord<f64>>>; 2],
    /// A dispute and both claims, as drafts; empty where nothing is to be settled.
    pub draft: Vec<Record>,
}

impl Item {
    /// The submission's course, cut where its agreement with the register changes.
    pub fn stretches(&self) -> Vec<Stretch> {
        self.deviation.stretches(self.tolerance_m)
    }

    /// By how much both versions may differ when nothing is wrong, metres.
    pub fn may_differ_m(&self) -> f64 {
        self.accuracy[0]
            .with(&self.accuracy[1])
            .max(self.tolerance_m)
    }
}

/// A submission compared with the register.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Whether the submission looks shifted as a whole.
    pub diagnosis: Option<Diagnosis>,
    /// Matched records, in the order of the register.
    pub items: Vec<Item>,
    /// Records of the submission that match none of the register.
    pub unmatched: Vec<String>,
    /// What is to be settled, as findings `CMP-01` to `CMP-05`; write it like any report.
    pub report: Report,
}

impl Comparison {
    /// Stretch by stretch as JSON: every item with its distances, areas and stretches.
    pub fn to_json(&self) -> Value {
        let item = |item: &Item| {
            let stretches: Vec<Value> = item
                .stretches()
                .into_iter()
                .map(|stretch| {
                    let mut value = stretch_json(&stretch);
                    value["geometry"] = geometry::to_geojson(&Geometry::LineString(stretch.course));
                    value
                })
                .collect();
            let all = item.deviation.profile();
            let step = all.len().div_ceil(PROFILE_STEPS).max(1);
            let profile: Vec<Value> = all
                .chunks(step)
                .filter_map(|chunk| chunk.iter().max_by(|a, b| a.1.total_cmp(&b.1)))
                .map(|(along, distance)| json!([along.round(), rounded(*distance)]))
                .collect();
            let draft: Vec<Value> = item.draft.iter().map(Record::to_feature).collect();
            json!({
                "ours": item.ours.to_string(),
                "theirs": item.theirs,
                "max_m": item.deviation.max_m,
                "mean_m": item.deviation.mean_m,
                "p95_m": item.deviation.p95_m,
                "won_m2": item.won_m2,
                "lost_m2": item.lost_m2,
                "is_generalised": item.deviation.is_generalised,
                "tolerance_m": item.tolerance_m,
                "accuracy": {
                    "ours": item.accuracy[0].to_json(),
                    "theirs": item.accuracy[1].to_json(),
                    "may_differ_m": rounded(item.may_differ_m()),
                },
                "profile": profile,
                "stretches": stretches,
                "draft_dispute": draft,
            })
        };
        json!({
            "diagnosis": self.diagnosis,
            "items": self.items.iter().map(item).collect::<Vec<_>>(),
            "unmatched": self.unmatched,
            "report": self.report.to_json(),
        })
    }
}

/// Compares a submission (records in EPSG:4490 as declared) with the register: matched by code
/// or id, else by unique name in the scope. A submission that looks like GCJ-02, BD-09 or
/// shifted as a whole is called out first and then compared as if corrected, so that what is
/// left is the difference of the lines.
pub fn compare(register: &Register<'_>, submission: &[Record], options: &Options) -> Comparison {
    let matches = Matches::find(register, submission, options);
    let pairs = matches.pairs.iter().filter_map(|(ours, theirs)| {
        Some((theirs.geometry.as_deref()?, ours.geometry.as_deref()?))
    });
    let diagnosis = Some(diagnose(pairs)).filter(Diagnosis::is_shifted);
    let mut report = Report {
        looked: vec!["CMP"],
        ..Report::default()
    };
    if let Some(found) = &diagnosis {
        report.findings.push(shift_finding(found, submission));
    }
    let mut items = Vec::new();
    for (ours, theirs) in &matches.pairs {
        let Some(ours_geometry) = ours.geometry.as_deref() else {
            continue;
        };
        let Some(given) = theirs.geometry.as_deref() else {
            continue;
        };
        let corrected = diagnosis.as_ref().map(|found| corrected(given, found));
        let their_geometry = corrected.as_ref().unwrap_or(given);
        let Some(mut item) = item(ours, theirs, ours_geometry, their_geometry, options) else {
            continue;
        };
        item.label = label(register, ours);
        let finding = item_finding(ours, &item);
        if finding.severity == Severity::Error {
            item.draft = draft(register, ours, &item, their_geometry, options.day);
        }
        report.findings.push(finding);
        items.push(item);
    }
    for (name, reason) in &matches.unmatched {
        let message = Text::new(
            format!("提交的“{name}”{}；未比较", reason.zh),
            format!("`{name}` of the submission {}; not compared", reason.en),
        );
        report.findings.push(Finding::new(
            "CMP-02",
            Severity::Warning,
            Vec::new(),
            name,
            message,
        ));
    }
    for finding in &mut report.findings {
        finding.basis = BASIS;
    }
    report.sort();
    let unmatched = matches
        .unmatched
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    Comparison {
        diagnosis,
        items,
        unmatched,
        report,
    }
}

/// Which record of the submission is which of the register.
struct Matches<'a, 's> {
    pairs: Vec<(&'a Record, &'s Record)>,
    unmatched: Vec<(String, Text)>,
}

impl<'a, 's> Matches<'a, 's> {
    fn find(register: &Register<'a>, submission: &'s [Record], options: &Options) -> Self {
        let is_in = |record: &Record| {
            options.within.is_none_or(|within| {
                [record.division, code(record, "left"), code(record, "right")]
                    .into_iter()
                    .flatten()
                    .any(|unit| within.covers(unit))
            })
        };
        let mut by_name: BTreeMap<&str, Vec<&'a Record>> = BTreeMap::new();
        for (_, unit) in register
            .units()
            .iter()
            .filter(|(_, unit)| unit.geometry.is_some())
        {
            by_name.entry(&unit.name).or_default().push(unit);
        }
        let lines: Vec<&'a Record> = register.live(Collection::Boundaries).collect();
        let mut found = Self {
            pairs: Vec::new(),
            unmatched: Vec::new(),
        };
        for theirs in submission {
            let label = if theirs.name.trim().is_empty() {
                &theirs.id
            } else {
                &theirs.name
            };
            let ours = if parts(theirs).is_empty() {
                theirs
                    .division
                    .filter(|_| !theirs.id.is_empty())
                    .and_then(|code| register.unit(code))
                    .or_else(|| match by_name.get(&*theirs.name).map(Vec::as_slice) {
                        Some([one]) => Some(*one),
                        Some(several) => {
                            let mut inside = several.iter().filter(|unit| is_in(unit));
                            let first = inside.next().copied();
                            first.filter(|_| inside.next().is_none())
                        }
                        None => None,
                    })
            } else {
                let sides = |line: &Record| {
                    let (a, b) = (code(line, "left"), code(line, "right"));
                    (a.min(b), a.max(b))
                };
                register
                    .record(Collection::Boundaries, &theirs.id)
                    .or_else(|| {
                        let mut same = lines.iter().filter(|line| {
                            sides(theirs).0.is_some() && sides(line) == sides(theirs)
                        });
                        let first = same.next().copied();
                        first.filter(|_| same.next().is_none())
                    })
            };
            match ours {
                // Outside the scope: of no interest.
                Some(ours) if !is_in(ours) => {}
                Some(ours) if ours.geometry.is_none() => found.unmatched.push((
                    label.to_string(),
                    Text::new("在登记中没有图形", "has no geometry in the register"),
                )),
                Some(ours) => found.pairs.push((ours, theirs)),
                None => found.unmatched.push((
                    label.to_string(),
                    Text::new(
                        "在登记中找不到，或名称不唯一",
                        "is not in the register, or its name is not unique",
                    ),
                )),
            }
        }
        found.pairs.sort_by_key(|pair| pair.0.key());
        found
    }
}

fn corrected(given: &Geometry<f64>, found: &Diagnosis) -> Geometry<f64> {
    geometry::map_coords(given, &mut |c| match found.likely {
        Likely::Gcj02 => gcj02::inverse(c.into()).into(),
        Likely::Bd09 => bd09::inverse(c.into()).into(),
        Likely::Swapped => Coord { x: c.y, y: c.x },
        _ => crate::plane::Plane::at(c).degrees(Coord {
            x: -found.dx_m,
            y: -found.dy_m,
        }),
    })
}

fn shift_finding(found: &Diagnosis, submission: &[Record]) -> Finding {
    let (east, north) = (found.dx_m, found.dy_m);
    let length = metres(east.hypot(north));
    let (zh, en) = match found.likely {
        Likely::Gcj02 => ("疑似 GCJ-02 坐标", "looks like GCJ-02"),
        Likely::Bd09 => ("疑似 BD-09 坐标", "looks like BD-09"),
        Likely::Swapped => ("经纬度疑似颠倒", "has its axes swapped"),
        _ => ("整体平移", "is shifted as a whole"),
    };
    let message = Text::new(
        format!(
            "提交的图形{zh}：偏移 {}（向东 {east:.0} 米，向北 {north:.0} 米）；以下按改正后的坐标比较，请提交方声明坐标系",
            length.zh
        ),
        format!(
            "the submission {en}: off by {} ({east:.0} m east, {north:.0} m north); what follows is compared as if corrected, have its coordinate system declared",
            length.en
        ),
    );
    let place = submission.iter().find_map(Record::bbox).map(|b| {
        LonLat::new(
            f64::midpoint(b.west, b.east),
            f64::midpoint(b.south, b.north),
        )
    });
    Finding::new(
        "CMP-01",
        Severity::Error,
        Vec::new(),
        found.likely.as_str(),
        message,
    )
    .on(place)
    .sized(east.hypot(north), "m")
    .against(100.0)
}

/// The rings of a geometry with the direction that keeps the inside left.
fn rings(geometry: &Geometry<f64>) -> Vec<Vec<Coord<f64>>> {
    let one: Vec<&Polygon<f64>> = match geometry {
        Geometry::Polygon(polygon) => vec![polygon],
        Geometry::MultiPolygon(polygons) => polygons.iter().collect(),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for polygon in one {
        let all = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        for (at, ring) in all.enumerate() {
            let mut ring = ring.0.clone();
            if (crate::plane::double_area(&ring) > 0.0) == (at > 0) {
                ring.reverse();
            }
            found.push(ring);
        }
    }
    found
}

fn item(
    ours: &Record,
    theirs: &Record,
    our_geometry: &Geometry<f64>,
    their_geometry: &Geometry<f64>,
    options: &Options,
) -> Option<Item> {
    let theirs_label = if theirs.name.trim().is_empty() {
        &theirs.id
    } else {
        &theirs.name
    };
    let level = if ours.collection == Collection::Divisions {
        ours.level()
    } else {
        ours.fields.text("level").and_then(|word| word.parse().ok())
    };
    let tolerance_m = options.tolerance_m(level.unwrap_or(DivisionLevel::County));
    let accuracy = [
        Accuracy::of(ours, our_geometry),
        Accuracy::of(theirs, their_geometry),
    ];
    let courses;
    let (mut found, won_m2, lost_m2);
    if polygons(ours).is_some() {
        let (mine, other) = (rings(our_geometry), rings(their_geometry));
        if mine.is_empty() || other.is_empty() {
            return None;
        }
        let a: Vec<&[Coord<f64>]> = mine.iter().map(Vec::as_slice).collect();
        let b: Vec<&[Coord<f64>]> = other.iter().map(Vec::as_slice).collect();
        found = deviation(&a, &b);
        let pieces = lobes(
            b.iter()
                .map(|ring| (*ring, 1))
                .chain(a.iter().map(|ring| (*ring, -1))),
        );
        let sum = |is_plus: bool| -> f64 {
            pieces
                .iter()
                .filter(|lobe| lobe.is_plus == is_plus)
                .map(|lobe| zhifang_topology::ring_area_m2(&LineString(lobe.ring.clone())))
                .sum()
        };
        (won_m2, lost_m2) = (sum(true), sum(false));
        found.faces = pieces
            .into_iter()
            .map(|lobe| Polygon::new(LineString(lobe.ring), Vec::new()))
            .collect();
        (found.left_m2, found.right_m2) = (won_m2, lost_m2);
        courses = [mine, other];
    } else {
        let lines = |geometry: &Geometry<f64>| -> Vec<Vec<Coord<f64>>> {
            match geometry {
                Geometry::LineString(line) => vec![line.0.clone()],
                Geometry::MultiLineString(lines) => {
                    lines.iter().map(|line| line.0.clone()).collect()
                }
                _ => Vec::new(),
            }
        };
        let (mine, other) = (lines(our_geometry), lines(their_geometry));
        if mine.is_empty() || other.is_empty() {
            return None;
        }
        let a: Vec<&[Coord<f64>]> = mine.iter().map(Vec::as_slice).collect();
        let b: Vec<&[Coord<f64>]> = other.iter().map(Vec::as_slice).collect();
        found = deviation(&a, &b);
        (won_m2, lost_m2) = (found.left_m2, found.right_m2);
        courses = [mine, other];
    }
    let (ours, theirs) = (ours.key(), theirs_label.to_string());
    Some(Item {
        ours,
        theirs,
        deviation: found,
        won_m2,
        lost_m2,
        tolerance_m,
        label: String::new(),
        accuracy,
        courses,
        draft: Vec::new(),
    })
}

fn label(register: &Register<'_>, ours: &Record) -> String {
    match ours
        .division
        .filter(|_| ours.collection == Collection::Divisions)
    {
        Some(code) => register.label(code),
        None => format!("{}（{}）", ours.name, ours.id),
    }
}

fn item_finding(ours: &Record, item: &Item) -> Finding {
    let name = &item.label;
    let found = &item.deviation;
    let stretches = item.stretches();
    let apart: f64 = stretches
        .iter()
        .filter(|stretch| stretch.agreement == Agreement::Apart)
        .map(|stretch| stretch.to_m - stretch.from_m)
        .sum();
    let total: f64 = stretches
        .iter()
        .map(|stretch| stretch.to_m - stretch.from_m)
        .sum();
    let share = apart / total.max(1e-9) * 100.0;
    let (most, mean, p95) = (
        metres(found.max_m),
        metres(found.mean_m),
        metres(found.p95_m),
    );
    let (won, lost) = (area(item.won_m2), area(item.lost_m2));
    let tolerance = item.tolerance_m;
    let (rule, severity, zh, en) = if found.max_m <= 0.25 {
        ("CMP-05", Severity::Info, "一致", "agrees")
    } else if found.is_generalised {
        (
            "CMP-05",
            Severity::Info,
            "仅为综合取舍后的同一条线",
            "is merely a generalised version of the same line",
        )
    } else if found.max_m <= tolerance {
        (
            "CMP-04",
            Severity::Info,
            "差异在容差以内",
            "differs within the tolerance",
        )
    } else if found.p95_m <= SCATTER * item.may_differ_m() {
        (
            "CMP-03",
            Severity::Warning,
            "与登记不一致，但未超出两版各自的精度",
            "differs from the register, by no more than both versions may be off",
        )
    } else {
        (
            "CMP-03",
            Severity::Error,
            "与登记不一致",
            "differs from the register",
        )
    };
    let [own, their] = &item.accuracy;
    let classes = Text::new(
        format!(
            "精度等级：登记 {}（{}），提交 {}（{}）",
            own.class.as_str(),
            metres(own.metres).zh,
            their.class.as_str(),
            metres(their.metres).zh
        ),
        format!(
            "accuracy: register {} ({}), submission {} ({})",
            own.class.as_str(),
            metres(own.metres).en,
            their.class.as_str(),
            metres(their.metres).en
        ),
    );
    let numbers = Text::new(
        format!(
            "最大 {}，平均 {}，95% 在 {} 以内，{share:.0}% 长度超过容差 {tolerance} 米；提交方多 {}，少 {}",
            most.zh, mean.zh, p95.zh, won.zh, lost.zh
        ),
        format!(
            "{} at most, mean {}, 95 % within {}, {share:.0} % of its length beyond {tolerance} m; the submission has {} more and {} less",
            most.en, mean.en, p95.en, won.en, lost.en
        ),
    );
    let message = Text::new(
        format!("{name}：提交的图形{zh}（{}；{}）", numbers.zh, classes.zh),
        format!(
            "{name}: the submission {en} ({}; {})",
            numbers.en, classes.en
        ),
    );
    let unit = ours
        .division
        .filter(|_| ours.collection == Collection::Divisions);
    let finding = Finding::new(rule, severity, vec![item.ours.clone()], "", message)
        .on(Some(LonLat::from(found.at)))
        .shown(Geometry::MultiPolygon(MultiPolygon(found.faces.clone())))
        .sized(found.max_m, "m")
        .against(tolerance);
    if severity == Severity::Error {
        finding
            .propose(
                text!("维持登记的界线", "keep the registered line"),
                unit,
                Some(0.0),
            )
            .propose(
                text!("采用提交的界线", "take the submitted line"),
                unit,
                Some(item.won_m2 - item.lost_m2),
            )
    } else {
        finding
    }
}
