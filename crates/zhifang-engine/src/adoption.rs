//! Given polygons become shared lines (由面生成公共界线), and lines give polygons back.
//!
//! A unit's geometry is `given` until its outline is made of lines that it shares with its
//! neighbours; from then on it is `lines`, and changes only with them.

mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use geo_types::{Geometry, LineString, MultiPolygon};
use serde::Serialize;
use serde_json::{Value, json};
use zhifang_core::{CodePrefix, Collection, Day, DivisionCode, DivisionLevel, Record, Status};
use zhifang_index::View;
use zhifang_topology::{
    AdoptedLine, Adoption, Agreement, BoundaryLine, LeftoverKind, adopt, distance_m, length_m,
    polygonize_lenient,
};

/// Value of `geometry_state` of a unit whose polygon derives from lines.
pub const FROM_LINES: &str = "lines";

/// Why there is nothing to adopt.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AdoptionError {
    /// The unit is not in the register.
    #[error("unit `{within}` is not in the register; import it first")]
    UnknownUnit {
        /// The unit.
        within: DivisionCode,
    },
    /// No unit directly below has a polygon.
    #[error("no unit directly below `{within}` has a polygon; import their polygons first")]
    NoPolygons {
        /// The unit.
        within: DivisionCode,
    },
    /// The tolerance is no length.
    #[error("tolerance `{metres}`: wanted 0 to 100 metres")]
    Tolerance {
        /// As given.
        metres: f64,
    },
}

/// One line of the proposal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LineReport {
    /// Line record that holds it; none for the outer edge.
    pub id: Option<String>,
    /// Unit on the left.
    pub left: Option<DivisionCode>,
    /// Unit on the right.
    pub right: Option<DivisionCode>,
    /// Geodesic length, metres.
    pub length_m: f64,
    /// `exact`, `within_tolerance` or `one_sided`.
    pub agreement: &'static str,
    /// `new`, `unchanged`, `differs` or `outer`.
    pub state: &'static str,
    /// Vertices that move or are inserted.
    pub shifts: usize,
    /// The largest shift, metres.
    pub largest_shift_m: f64,
}

/// What does not fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// `gap`, `overlap`, `same_side`, `polygon`, `line_differs` or `not_closed`.
    pub kind: &'static str,
    /// The units concerned.
    pub units: Vec<DivisionCode>,
    /// Area, m².
    pub area_m2: f64,
    /// Length, metres.
    pub length_m: f64,
    /// What it is, in English words.
    pub message: String,
    /// What it is, in Chinese words.
    pub message_zh: String,
    /// Where.
    pub geometry: Value,
}

/// The proposal and what it would write.
#[derive(Debug, Clone, PartialEq)]
pub struct AdoptionPlan {
    /// The unit whose children are adopted.
    pub within: DivisionCode,
    /// Tolerance, metres.
    pub tolerance_m: f64,
    /// Lines, in the order of the topology room.
    pub lines: Vec<LineReport>,
    /// Everything that does not fit, with its geometry.
    pub differences: Vec<Difference>,
    /// Units whose polygons derive from lines then.
    pub adopted: Vec<DivisionCode>,
    /// Units that stay as they were given.
    pub left_as_given: Vec<DivisionCode>,
    /// Records to be written in one transaction.
    pub writes: Vec<Record>,
}

impl AdoptionPlan {
    /// The report as JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "within": self.within,
            "tolerance_m": self.tolerance_m,
            "lines": self.lines,
            "differences": self.differences,
            "adopted": self.adopted,
            "left_as_given": self.left_as_given,
            "writes": self.writes.len(),
        })
    }
}

fn polygons_of(record: &Record) -> Option<MultiPolygon<f64>> {
    match record.geometry.as_deref()? {
        Geometry::Polygon(polygon) => Some(MultiPolygon(vec![polygon.clone()])),
        Geometry::MultiPolygon(polygons) => Some(polygons.clone()),
        _ => None,
    }
}

/// Proposes shared lines for the units directly below `within`; nothing is written.
///
/// # Errors
/// [`AdoptionError`].
pub fn plan_adoption(
    view: View<'_>,
    within: CodePrefix,
    tolerance_m: f64,
    today: Day,
) -> Result<AdoptionPlan, AdoptionError> {
    if !(0.0..=100.0).contains(&tolerance_m) {
        return Err(AdoptionError::Tolerance {
            metres: tolerance_m,
        });
    }
    let unit = within.unit();
    if view.division(unit).is_none() {
        return Err(AdoptionError::UnknownUnit { within: unit });
    }
    let units: BTreeMap<u64, (&Record, MultiPolygon<f64>)> = view
        .children(unit)
        .filter_map(|code| view.unit(code, None))
        .filter_map(|record| Some((record.division?.as_u64(), (record, polygons_of(record)?))))
        .collect();
    if units.is_empty() {
        return Err(AdoptionError::NoPolygons { within: unit });
    }
    let proposal = adopt(
        units.iter().map(|(id, (_, polygons))| (*id, polygons)),
        tolerance_m,
    );
    let mut plan = AdoptionPlan {
        within: unit,
        tolerance_m,
        lines: Vec::new(),
        differences: differences_of(view, &units, &proposal),
        adopted: Vec::new(),
        left_as_given: Vec::new(),
        writes: Vec::new(),
    };
    let mut lines = Lines::of(view, tolerance_m);
    for line in &proposal.lines {
        let (report, record) = lines.place(view, line, today, &mut plan.differences);
        plan.lines.push(report);
        plan.writes.extend(record);
    }
    derive_units(&proposal, &units, &mut plan);
    Ok(plan)
}

fn code(id: u64) -> Option<DivisionCode> {
    DivisionCode::from_u64(id)
}

fn codes(ids: &[u64]) -> Vec<DivisionCode> {
    ids.iter().copied().filter_map(code).collect()
}

fn differences_of(
    view: View<'_>,
    units: &BTreeMap<u64, (&Record, MultiPolygon<f64>)>,
    proposal: &Adoption,
) -> Vec<Difference> {
    // Ground between the units that belongs to one from elsewhere is its enclave, no gap.
    let is_enclave = |geometry: &Geometry<f64>| {
        let level = units.values().next().and_then(|(record, _)| record.level());
        view.meeting(Collection::Divisions, geometry).any(|other| {
            other.status == Status::Published
                && other.level() == level
                && other
                    .division
                    .is_some_and(|code| !units.contains_key(&code.as_u64()))
        })
    };
    let is_real = |leftover: &&zhifang_topology::Leftover| {
        leftover.kind != LeftoverKind::Gap || !is_enclave(&leftover.geometry)
    };
    let leftovers = proposal.leftovers.iter().filter(is_real).map(|leftover| {
        let (kind, (message_zh, message)) = told::leftover(leftover.kind);
        Difference {
            kind,
            units: codes(&leftover.units),
            area_m2: leftover.area_m2,
            length_m: leftover.length_m,
            message,
            message_zh,
            geometry: zhifang_core::geometry::to_geojson(&leftover.geometry),
        }
    });
    let faults = proposal.irregularities.iter().map(told::irregular);
    leftovers.chain(faults).collect()
}

/// The registered lines, by pair of units, and the ids that are taken.
struct Lines<'a> {
    by_pair: BTreeMap<(DivisionCode, DivisionCode), Vec<&'a Record>>,
    given: BTreeMap<(DivisionCode, DivisionCode), usize>,
    tolerance_m: f64,
}

impl<'a> Lines<'a> {
    fn of(view: View<'a>, tolerance_m: f64) -> Self {
        let mut by_pair: BTreeMap<_, Vec<&Record>> = BTreeMap::new();
        for line in view.records(Collection::Boundaries) {
            let side = |name: &str| line.fields.text(name)?.parse::<DivisionCode>().ok();
            if let (Some(left), Some(right)) = (side("left"), side("right")) {
                by_pair
                    .entry((left.min(right), left.max(right)))
                    .or_default()
                    .push(line);
            }
        }
        Self {
            by_pair,
            given: BTreeMap::new(),
            tolerance_m,
        }
    }

    /// Where a proposed line goes: a registered one that it equals, or a new record.
    fn place(
        &mut self,
        view: View<'_>,
        line: &AdoptedLine,
        today: Day,
        differences: &mut Vec<Difference>,
    ) -> (LineReport, Option<Record>) {
        let (left, right) = (line.left.and_then(code), line.right.and_then(code));
        let mut report = LineReport {
            id: None,
            left,
            right,
            length_m: (length_m(&line.coords) * 100.0).round() / 100.0,
            agreement: match line.agreement {
                Agreement::Exact => "exact",
                Agreement::WithinTolerance => "within_tolerance",
                Agreement::OneSided => "one_sided",
            },
            state: "outer",
            shifts: line.shifts.len(),
            largest_shift_m: line.largest_shift().map_or(0.0, |(metres, _)| metres),
        };
        let (Some(left), Some(right)) = (left, right) else {
            return (report, None);
        };
        let pair = (left.min(right), left.max(right));
        let known = self
            .by_pair
            .get(&pair)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let live = || {
            known
                .iter()
                .filter(|record| record.status == Status::Published)
        };
        if let Some(same) =
            live().find(|record| is_same_line(record, &line.coords, self.tolerance_m))
        {
            report.id = Some(same.id.to_string());
            report.state = "unchanged";
            return (report, None);
        }
        if let Some(near) =
            live().find(|record| shares_an_end(record, &line.coords, self.tolerance_m))
        {
            report.id = Some(near.id.to_string());
            report.state = "differs";
            let (message_zh, message) = told::line_differs(&near.id);
            differences.push(Difference {
                kind: "line_differs",
                units: vec![left, right],
                area_m2: 0.0,
                length_m: report.length_m,
                message,
                message_zh,
                geometry: zhifang_core::geometry::to_geojson(&Geometry::LineString(
                    line.coords.clone(),
                )),
            });
            return (report, None);
        }
        let number = self.given.entry(pair).or_insert(0);
        let id = loop {
            *number += 1;
            let id = match *number {
                1 => format!("{}{}", pair.0, pair.1),
                n => format!("{}{}-{n}", pair.0, pair.1),
            };
            if !known.iter().any(|record| *record.id == *id) {
                break id;
            }
        };
        let name = |code| {
            view.division(code)
                .map_or_else(|| code.to_string(), |unit| unit.name.to_string())
        };
        let mut record = Record::new(
            Collection::Boundaries,
            &id,
            &format!("{}—{}界线", name(pair.0), name(pair.1)),
        );
        record.division = Some(pair.0);
        record.valid.from = Some(today);
        record.source = Arc::from("boundaries adopt");
        record.geometry = Some(Arc::new(Geometry::LineString(line.coords.clone())));
        let level = level_between(view, left, right);
        record.fields.set("level", json!(level.as_str()));
        record.fields.set("left", json!(left));
        record.fields.set("right", json!(right));
        let status = if level == DivisionLevel::Village {
            "management"
        } else {
            "given"
        };
        record.fields.set("line_status", json!(status));
        report.id = Some(id);
        report.state = "new";
        (report, Some(record))
    }
}

/// The highest level at which the chains of two units differ.
fn level_between(view: View<'_>, left: DivisionCode, right: DivisionCode) -> DivisionLevel {
    let chain = |code| {
        let above = view.ancestors(code).into_iter().chain(view.division(code));
        above
            .filter_map(|unit| Some((unit.level()?, unit.division?)))
            .collect::<BTreeMap<_, _>>()
    };
    let (left, right) = (chain(left), chain(right));
    DivisionLevel::ALL
        .into_iter()
        .find(|level| match (left.get(level), right.get(level)) {
            (Some(a), Some(b)) => a != b,
            (None, None) => false,
            _ => true,
        })
        .unwrap_or(DivisionLevel::Village)
}

fn line_of(record: &Record) -> Option<&LineString<f64>> {
    match record.geometry.as_deref()? {
        Geometry::LineString(line) => Some(line),
        Geometry::MultiLineString(lines) if lines.0.len() == 1 => lines.0.first(),
        _ => None,
    }
}

/// Vertex by vertex within the tolerance, in either direction.
fn is_same_line(record: &Record, coords: &LineString<f64>, tolerance_m: f64) -> bool {
    let Some(line) = line_of(record) else {
        return false;
    };
    if line.0.len() != coords.0.len() {
        return false;
    }
    let near = |a, b| a == b || distance_m(a, b) <= tolerance_m;
    line.0.iter().zip(&coords.0).all(|(a, b)| near(*a, *b))
        || line
            .0
            .iter()
            .rev()
            .zip(&coords.0)
            .all(|(a, b)| near(*a, *b))
}

/// Whether both ends lie together: another course between the same nodes.
fn shares_an_end(record: &Record, coords: &LineString<f64>, tolerance_m: f64) -> bool {
    let Some(line) = line_of(record) else {
        return false;
    };
    let ends = |line: &LineString<f64>| Some((*line.0.first()?, *line.0.last()?));
    let near = |a, b| a == b || distance_m(a, b) <= tolerance_m;
    match (ends(line), ends(coords)) {
        (Some((a, b)), Some((c, d))) => (near(a, c) && near(b, d)) || (near(a, d) && near(b, c)),
        _ => false,
    }
}

/// Derives every unit from the proposed lines. Units that a difference touches stay as given;
/// of the others those whose vertices shift get the derived polygon, the rest keep theirs bit
/// for bit.
fn derive_units(
    proposal: &Adoption,
    units: &BTreeMap<u64, (&Record, MultiPolygon<f64>)>,
    plan: &mut AdoptionPlan,
) {
    let lines = proposal.lines.iter().map(|line| BoundaryLine {
        coords: &line.coords,
        left: line.left,
        right: line.right,
    });
    let (derived, faults) = polygonize_lenient(lines);
    plan.differences.extend(faults.iter().map(told::unclosed));
    let touched: BTreeSet<DivisionCode> = plan
        .differences
        .iter()
        // A fault of a polygon is told; the lines that could be made of it count.
        .filter(|difference| difference.kind != "polygon")
        .flat_map(|difference| difference.units.iter().copied())
        .collect();
    let shifted: BTreeSet<u64> = proposal
        .lines
        .iter()
        .flat_map(|line| line.shifts.iter().map(|shift| shift.unit))
        .collect();
    let mut states = Vec::new();
    for (id, (record, _)) in units {
        let Some(code) = code(*id) else { continue };
        let Some(polygons) = derived.get(id).filter(|_| !touched.contains(&code)) else {
            plan.left_as_given.push(code);
            continue;
        };
        plan.adopted.push(code);
        let mut next = (*record).clone();
        next.fields.set("geometry_state", json!(FROM_LINES));
        if shifted.contains(id) {
            next.geometry = Some(Arc::new(Geometry::MultiPolygon(polygons.clone())));
        }
        if !next.says_the_same_as(record) {
            states.push(next);
        }
    }
    plan.writes.extend(states);
}

/// What an edit of a line means for the polygons that derive from it: the units on its sides,
/// with their new polygons. Nothing where neither side derives from lines.
///
/// # Errors
/// A sentence that says why the edited line does not bound its units.
pub fn follow_line(view: View<'_>, before: &Record, after: &Record) -> Result<Vec<Record>, String> {
    let side = |name: &str| {
        before
            .fields
            .text(name)
            .and_then(|text| text.parse::<DivisionCode>().ok())
    };
    let (Some(left), Some(right)) = (side("left"), side("right")) else {
        return Ok(Vec::new());
    };
    if before.geometry == after.geometry {
        return Ok(Vec::new());
    }
    let derives = |code| {
        view.unit(code, None)
            .is_some_and(|unit| unit.fields.text("geometry_state") == Some(FROM_LINES))
    };
    if !derives(left) || !derives(right) {
        return Ok(Vec::new());
    }
    let Some(old) = line_of(before) else {
        return Err("the registered line has no single course; it cannot be followed".to_owned());
    };
    let Some(new) = line_of(after) else {
        return Err("a line that units derive from must keep one course".to_owned());
    };
    // Both units with all that touch them: the lines of others stay as they are.
    let parents: BTreeSet<DivisionCode> = [left, right]
        .into_iter()
        .filter_map(|code| view.unit(code, None)?.parent())
        .collect();
    let units: BTreeMap<u64, (&Record, MultiPolygon<f64>)> = parents
        .into_iter()
        .flat_map(|parent| view.children(parent))
        .filter_map(|code| view.unit(code, None))
        .filter_map(|record| Some((record.division?.as_u64(), (record, polygons_of(record)?))))
        .collect();
    let layers = zhifang_topology::Layers::one(0);
    let coverage = zhifang_topology::Coverage::build(units.iter().map(|(id, (_, geometry))| {
        zhifang_topology::UnitInput {
            id: *id,
            layers,
            geometry,
        }
    }));
    let lines = coverage.shared_lines(0);
    let pair = [left.as_u64(), right.as_u64()];
    let mut is_found = false;
    let edited: Vec<(Option<u64>, Option<u64>, LineString<f64>)> = lines
        .into_iter()
        .map(|line| {
            let of_pair = line.left.is_some_and(|unit| pair.contains(&unit))
                && line.right.is_some_and(|unit| pair.contains(&unit));
            let forward = of_pair && line.coords == *old;
            let backward = of_pair && line.coords.0.iter().rev().eq(old.0.iter());
            is_found |= forward || backward;
            let coords = match (forward, backward) {
                (true, _) => new.clone(),
                (_, true) => LineString(new.0.iter().rev().copied().collect()),
                _ => line.coords,
            };
            (line.left, line.right, coords)
        })
        .collect();
    if !is_found {
        return Err(
            "the registered line is not the common edge of its units; run `check` first".to_owned(),
        );
    }
    let (derived, faults) =
        polygonize_lenient(edited.iter().map(|(left, right, coords)| BoundaryLine {
            coords,
            left: *left,
            right: *right,
        }));
    let mut changed = Vec::new();
    for id in pair {
        let Some((record, _)) = units.get(&id) else {
            continue;
        };
        let Some(polygons) = derived.get(&id) else {
            let fault = faults.first().map_or_else(String::new, ToString::to_string);
            return Err(format!("the lines of unit `{id}` would not close: {fault}"));
        };
        let mut next = (*record).clone();
        next.geometry = Some(Arc::new(Geometry::MultiPolygon(polygons.clone())));
        changed.push(next);
    }
    Ok(changed)
}
