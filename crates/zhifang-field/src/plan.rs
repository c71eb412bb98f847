//! Which lines are to be inspected in a year, whose turn it is, and until when.
//!
//! Every line is inspected jointly once in five years (行政区域界线管理条例, art. 12); the two
//! sides lead in turn, round by round (民政部令第28号); township lines follow by analogy (art. 19).

use std::cmp::Reverse;
use std::sync::Arc;

use serde_json::{Value, json};
use zhifang_core::{
    CodePrefix, Collection, Day, DivisionCode, DivisionLevel, Lang, Record, Status,
};
use zhifang_index::View;

use crate::course::Course;
use crate::error::FieldError;
use crate::round::{code_in, course_of, day_in};
use crate::words::{Words, number_of, words};

/// Years from one joint inspection to the next.
pub const ROUND_YEARS: i32 = 5;

/// Levels planned unless asked otherwise. Lines between villages are management lines, no legal
/// boundaries.
pub const DEFAULT_LEVELS: [DivisionLevel; 4] = [
    DivisionLevel::Province,
    DivisionLevel::Prefecture,
    DivisionLevel::County,
    DivisionLevel::Township,
];

/// What a plan is asked for.
#[derive(Debug, Clone)]
pub struct PlanQuery<'q> {
    /// Lines that touch a unit of this one; every line when absent.
    pub within: Option<CodePrefix>,
    /// Only this line, due or not.
    pub boundary: Option<&'q str>,
    /// The year of the round.
    pub year: i32,
    /// Levels of lines; a line asked for by id is planned whatever its level.
    pub levels: Vec<DivisionLevel>,
}

/// A line that is to be inspected.
#[derive(Debug, Clone)]
pub struct PlannedLine<'a> {
    /// The inspection: the register's unfinished one, or a new one (version 0).
    pub inspection: Record,
    /// The line.
    pub line: &'a Record,
    /// The last joint inspection that the register knows of.
    pub last: Option<Day>,
    /// Until when the law wants it; none for a line never inspected.
    pub legal_due: Option<Day>,
    /// Days past the inspection's due day; 0 or less when there is time.
    pub days_late: i32,
    /// The walk.
    pub course: Course<'a>,
}

/// The plan of a year, most overdue first.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// The year of the round.
    pub year: i32,
    /// Lines to be inspected.
    pub lines: Vec<PlannedLine<'a>>,
    /// Lines of the scope that are not due in that year.
    pub not_due: usize,
    /// The earliest legal due day among those.
    pub next_due: Option<Day>,
}

fn is_finished(inspection: &Record) -> bool {
    inspection.status != Status::Published
        || matches!(inspection.fields.text("state"), Some("closed" | "filed"))
}

fn round_of(inspection: &Record) -> Option<i64> {
    inspection.fields.get("round").and_then(Value::as_i64)
}

/// The day on which a finished inspection was done.
fn done_on(inspection: &Record) -> Option<Day> {
    inspection
        .fields
        .get("report")
        .and_then(|report| report.get("date")?.as_str()?.parse().ok())
        .or_else(|| day_in(inspection, "due"))
}

/// The last joint inspection of a line: its own field, its finished inspections, else the
/// earliest of its markers' last days, so that a marker left out keeps the clock running.
fn last_inspected(line: &Record, inspections: &[&Record], course: &Course<'_>) -> Option<Day> {
    let closed = inspections
        .iter()
        .filter(|one| one.status == Status::Published && is_finished(one))
        .filter_map(|one| done_on(one))
        .max();
    let known = day_in(line, "inspected_on").max(closed);
    known.or_else(|| {
        course
            .stations
            .iter()
            .filter(|station| station.marker.fields.text("boundary") == Some(&line.id))
            .map(|station| day_in(station.marker, "last_inspected"))
            .min()
            .flatten()
    })
}

/// Whose turn it is: the side that did not lead the round before (or, planning backwards, the
/// one after); the side with the smaller code leads the first.
fn lead_of(
    sides: (DivisionCode, DivisionCode),
    inspections: &[&Record],
    year: i32,
) -> (DivisionCode, DivisionCode) {
    let (one, two) = (sides.0.min(sides.1), sides.0.max(sides.1));
    let year = i64::from(year);
    let standing = || {
        inspections
            .iter()
            .filter(|one| one.status == Status::Published)
    };
    let before = standing()
        .filter(|one| round_of(one).is_some_and(|round| round <= year))
        .max_by_key(|one| (round_of(one), &one.id));
    let after = standing()
        .filter(|one| round_of(one).is_some_and(|round| round > year))
        .min_by_key(|one| (round_of(one), &one.id));
    match before.or(after).and_then(|round| code_in(round, "lead")) {
        Some(lead) if lead == one => (two, one),
        _ => (one, two),
    }
}

/// The lines to be inspected in the year: those due by its end, those never inspected, and
/// those whose inspection is under way. Planning twice plans nothing new.
///
/// # Errors
/// [`FieldError::UnknownLine`], [`FieldError::NotInspectable`], [`FieldError::OutOfScope`] for a
/// line that was asked for by id; [`FieldError::Year`].
pub fn plan<'a>(view: View<'a>, query: &PlanQuery<'_>, today: Day) -> Result<Plan<'a>, FieldError> {
    let last_day = (1950..=9000)
        .contains(&query.year)
        .then(|| Day::from_ymd(query.year, 12, 31))
        .flatten()
        .ok_or(FieldError::Year { year: query.year })?;
    let scope = query.within.map(|prefix| view.scope(prefix));
    let inspections: Vec<&Record> = view.records(Collection::Inspections).collect();
    let mut plan = Plan {
        year: query.year,
        lines: Vec::new(),
        not_due: 0,
        next_due: None,
    };
    let lines: Vec<&Record> = match query.boundary {
        Some(id) => vec![
            view.record(Collection::Boundaries, id)
                .ok_or_else(|| FieldError::UnknownLine { id: id.to_owned() })?,
        ],
        None => view.records(Collection::Boundaries).collect(),
    };
    for line in lines {
        let sides = match sides_of(line) {
            Ok(sides) => sides,
            Err(found) if query.boundary.is_some() => {
                let id = line.id.to_string();
                return Err(FieldError::NotInspectable { id, found });
            }
            Err(_) => continue,
        };
        let touches = |code| scope.as_ref().is_none_or(|scope| scope.covers(code));
        if !touches(sides.0) && !touches(sides.1) {
            if let (Some(id), Some(within)) = (query.boundary, query.within) {
                return Err(FieldError::OutOfScope {
                    id: id.to_owned(),
                    within: within.to_string(),
                });
            }
            continue;
        }
        if query.boundary.is_none() && !level_of(line).is_some_and(|l| query.levels.contains(&l)) {
            continue;
        }
        let of_line: Vec<&Record> = inspections
            .iter()
            .copied()
            .filter(|one| one.fields.text("boundary") == Some(&line.id))
            .collect();
        let geometry = line.geometry.as_deref();
        let ends = [Some(sides.0), Some(sides.1)];
        let Some(course) = geometry.and_then(|line_of| course_of(view, &line.id, ends, line_of))
        else {
            continue;
        };
        let last = last_inspected(line, &of_line, &course);
        let legal_due = last.map(|day| day.plus_years(ROUND_YEARS));
        let unfinished = of_line
            .iter()
            .filter(|one| !is_finished(one))
            .min_by_key(|one| (round_of(one), &one.id));
        let under_way = unfinished
            .filter(|one| query.boundary.is_some() || round_of(one) <= Some(query.year.into()));
        let is_due = legal_due.is_none_or(|due| due <= last_day) && unfinished.is_none();
        if under_way.is_none() && !is_due && query.boundary.is_none() {
            plan.not_due += 1;
            plan.next_due = match (plan.next_due, legal_due) {
                (Some(one), Some(two)) => Some(one.min(two)),
                (one, two) => one.or(two),
            };
            continue;
        }
        let inspection = if let Some(known) = under_way {
            (*known).clone()
        } else {
            let (lead, other) = lead_of(sides, &of_line, query.year);
            let in_scope = if touches(lead) { lead } else { other };
            let division = line
                .division
                .filter(|code| touches(*code))
                .unwrap_or(in_scope);
            let due = legal_due.map_or(last_day, |due| due.min(last_day));
            new_inspection(view, line, query.year, (lead, other), due, division)
        };
        let due = day_in(&inspection, "due").unwrap_or(last_day);
        plan.lines.push(PlannedLine {
            inspection,
            line,
            last,
            legal_due,
            days_late: today.number() - due.number(),
            course,
        });
    }
    plan.lines.sort_by(|a, b| {
        (Reverse(a.days_late), &a.line.id).cmp(&(Reverse(b.days_late), &b.line.id))
    });
    Ok(plan)
}

fn level_of(line: &Record) -> Option<DivisionLevel> {
    line.fields.text("level").and_then(|word| word.parse().ok())
}

fn sides_of(line: &Record) -> Result<(DivisionCode, DivisionCode), &'static str> {
    if line.status != Status::Published {
        return Err("one that is not published");
    }
    let (Some(left), Some(right)) = (code_in(line, "left"), code_in(line, "right")) else {
        return Err("no unit on one of its sides");
    };
    if line.geometry.as_deref().and_then(Course::of).is_none() {
        return Err("no course");
    }
    Ok((left, right))
}

fn new_inspection(
    view: View<'_>,
    line: &Record,
    year: i32,
    (lead, other): (DivisionCode, DivisionCode),
    due: Day,
    division: DivisionCode,
) -> Record {
    let base = format!("i-{year}-{}", line.id);
    let mut id = base.clone();
    let mut number = 1;
    while view.record(Collection::Inspections, &id).is_some() {
        number += 1;
        id = format!("{base}-{number}");
    }
    let title = line.name.strip_suffix("界线").unwrap_or(&line.name);
    let title = if title.is_empty() { &*line.id } else { title };
    let mut record = Record::new(
        Collection::Inspections,
        &id,
        &format!("{title}{year}年联检"),
    );
    record.division = Some(division);
    record.source = Arc::from("inspect plan");
    record.geometry.clone_from(&line.geometry);
    record.fields.set("round", json!(year));
    record.fields.set("boundary", json!(&*line.id));
    record.fields.set("lead", json!(lead));
    record.fields.set("other", json!(other));
    record.fields.set("state", json!("planned"));
    record.fields.set("due", json!(due));
    record
}

/// Centimetres are more than a walk needs.
pub(crate) fn centimetres(metres: f64) -> f64 {
    (metres * 100.0).round() / 100.0
}

/// The markers of a course as JSON, in walking order.
pub(crate) fn stations_json(course: &Course<'_>) -> Vec<Value> {
    course
        .stations
        .iter()
        .map(|station| {
            json!({
                "number": number_of(station.marker),
                "along_m": centimetres(station.along_m),
                "off_m": centimetres(station.off_m),
                "state": station.marker.fields.text("state"),
                "last_inspected": station.marker.fields.text("last_inspected"),
            })
        })
        .collect()
}

/// The legs of a course as JSON, in walking order.
pub(crate) fn legs_json(course: &Course<'_>) -> Vec<Value> {
    course
        .legs
        .iter()
        .map(|leg| {
            json!({
                "from": leg.from,
                "to": leg.to,
                "start_m": centimetres(leg.start_m),
                "length_m": centimetres(leg.length_m),
                "bearing_deg": leg.bearing_deg.map(|degrees| (degrees * 10.0).round() / 10.0),
                "direction": leg.compass().map(zhifang_topology::Compass::zh),
                "direction_en": leg.compass().map(zhifang_topology::Compass::en),
                "day": leg.day,
            })
        })
        .collect()
}

impl PlannedLine<'_> {
    /// Whether the register has the inspection already.
    pub fn is_known(&self) -> bool {
        self.inspection.version > 0
    }

    fn to_json(&self) -> Value {
        let field = |name: &str| self.inspection.fields.get(name).cloned();
        json!({
            "id": &*self.inspection.id,
            "name": &*self.inspection.name,
            "is_new": !self.is_known(),
            "boundary": &*self.line.id,
            "boundary_name": &*self.line.name,
            "level": self.line.fields.text("level"),
            "round": field("round"),
            "state": field("state"),
            "lead": field("lead"),
            "other": field("other"),
            "last_inspected": self.last,
            "due": field("due"),
            "overdue": self.days_late > 0,
            "days_late": self.days_late.max(0),
            "length_m": centimetres(self.course.length_m),
            "days": self.course.legs.last().map_or(0, |leg| leg.day),
            "markers": stations_json(&self.course),
            "legs": legs_json(&self.course),
        })
    }

    /// One line for a person.
    pub fn headline(&self) -> Words {
        let name = &self.line.name;
        let lead = self.inspection.fields.text("lead").unwrap_or("-");
        let due = self.inspection.fields.text("due").unwrap_or("-");
        let (km, markers) = (self.course.length_m / 1000.0, self.course.stations.len());
        let mut text = words!(
            "{name}：{lead} 牵头，期限 {due}，{km:.1} 公里，界桩 {markers} 座",
            "{name}: led by {lead}, due {due}, {km:.1} km, {markers} markers"
        );
        if self.days_late > 0 {
            let late = self.days_late;
            text.push(&words!("，已逾期 {late} 天", ", {late} days overdue"));
        }
        if self.is_known() {
            text.push(&Words::new("（已有任务）", " (in the register already)"));
        }
        text
    }
}

impl Plan<'_> {
    /// Inspections that the register does not have yet.
    pub fn writes(&self) -> Vec<Record> {
        self.lines
            .iter()
            .filter(|line| !line.is_known())
            .map(|line| line.inspection.clone())
            .collect()
    }

    /// The plan as JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "year": self.year,
            "inspections": self.lines.iter().map(PlannedLine::to_json).collect::<Vec<_>>(),
            "not_due": self.not_due,
            "next_due": self.next_due,
        })
    }

    /// What a person should know beside the ids.
    pub fn summary(&self, lang: Lang) -> String {
        let fresh = self.lines.iter().filter(|line| !line.is_known()).count();
        let (all, rest) = (self.lines.len(), self.not_due);
        let mut text = words!(
            "{all} 条界线列入计划，其中新任务 {fresh} 项；{rest} 条未到期",
            "{all} lines planned, {fresh} of them new; {rest} not due"
        );
        if let Some(day) = self.next_due {
            text.push(&words!("，最早应于 {day} 前联检", ", the first by {day}"));
        }
        text.pick(lang).to_owned()
    }
}

#[cfg(test)]
mod tests;
