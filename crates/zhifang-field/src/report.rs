//! The joint inspection report (联检报告): every marker with both sides' words, what is to be
//! mended and who must be there, the works across the line, and room for both signatures.

mod html;
mod text;

use serde_json::{Value, json};
use zhifang_core::geometry::to_geojson;
use zhifang_core::{Collection, Day, DivisionCode, Record, Status};
use zhifang_index::View;

use crate::plan::centimetres;
use crate::round::{Round, code_in};
use crate::standing::{MarkerStanding, Standing, Verdict, standing};
use crate::words::{Words, number_of, words};

/// What is to be done about a marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) code: &'static str,
    pub(crate) what: Words,
    /// Who does it, and who must be present.
    pub(crate) who: Words,
}

/// A work that crosses or nears the line (跨界设施).
#[derive(Debug, Clone)]
pub(crate) struct Work<'a> {
    pub(crate) record: &'a Record,
    /// Sides whose consent is not on record.
    pub(crate) lacking: Vec<DivisionCode>,
    pub(crate) is_filed: bool,
}

/// A report on a round, to be written as text, JSON, GeoJSON or one HTML page.
#[derive(Debug, Clone)]
pub struct InspectionReport<'a> {
    pub(crate) round: &'a Round<'a>,
    pub(crate) standing: Standing<'a>,
    pub(crate) lead: String,
    pub(crate) other: String,
    pub(crate) tasks: Vec<Option<Task>>,
    pub(crate) works: Vec<Work<'a>>,
    pub(crate) today: Day,
}

/// The report on a round as it stands on a day.
pub fn report<'a>(view: View<'a>, round: &'a Round<'a>, today: Day) -> InspectionReport<'a> {
    let name = |code: Option<DivisionCode>| match code {
        Some(code) => view
            .division(code)
            .map_or_else(|| code.to_string(), |unit| unit.name.to_string()),
        None => "-".to_owned(),
    };
    let standing = standing(round, today);
    let tasks = standing
        .markers
        .iter()
        .map(|one| task_of(one, &|code| name(Some(code))))
        .collect();
    let works = view
        .records(Collection::Structures)
        .filter(|one| one.status == Status::Published)
        .filter(|one| one.fields.text("boundary") == Some(round.line_id()))
        .map(|record| work_of(record, round))
        .collect();
    InspectionReport {
        round,
        standing,
        lead: name(round.lead),
        other: name(round.other),
        tasks,
        works,
        today,
    }
}

/// What follows from a marker's state: the keeper acts, the neighbour is present (art. 6), a
/// marker that was moved goes back to its registered position, for the move has no effect.
fn task_of(one: &MarkerStanding<'_>, name: &dyn Fn(DivisionCode) -> String) -> Option<Task> {
    let (code, what) = match (one.verdict, one.state()?) {
        (Verdict::Differ | Verdict::Conflict, _) => (
            "decide",
            Words::new(
                "双方记录不一致，共同复核",
                "the records differ; both look again",
            ),
        ),
        (Verdict::Unseen, _) => ("visit", Words::new("尚未检查", "not seen yet")),
        (_, "tilted") => (
            "straighten",
            Words::new("扶正加固", "set upright and make firm"),
        ),
        (_, "damaged") => ("repair", Words::new("修复", "repair")),
        (_, "buried") => ("uncover", Words::new("清理出露", "uncover")),
        (_, "moved") => (
            "restore",
            Words::new(
                "擅自移动无效，按登记位置恢复",
                "the move has no effect; put it back to its registered position",
            ),
        ),
        (_, "missing") => (
            "remake",
            Words::new("重新制作，在原位恢复", "make anew and set up in its place"),
        ),
        _ => return None,
    };
    let sides: Vec<String> = one
        .marker
        .fields
        .texts("sides")
        .filter_map(|code| code.parse::<DivisionCode>().ok())
        .map(name)
        .collect();
    let who = match code_in(one.marker, "keeper") {
        _ if matches!(code, "decide" | "visit") => {
            let (zh, en) = (sides.join("、"), sides.join(", "));
            words!("{zh}共同到场", "{en} together")
        }
        Some(keeper) => {
            let keeper_code = keeper.to_string();
            let present: Vec<String> = one
                .marker
                .fields
                .texts("sides")
                .filter(|code| *code != keeper_code)
                .filter_map(|code| code.parse::<DivisionCode>().ok())
                .map(name)
                .collect();
            let (who, zh, en) = (name(keeper), present.join("、"), present.join(", "));
            words!("{who}负责，{zh}到场", "{who} acts, {en} present")
        }
        None => {
            let (zh, en) = (sides.join("、"), sides.join(", "));
            words!(
                "管理方未明确，{zh}共同到场",
                "no keeper is named; {en} together"
            )
        }
    };
    Some(Task { code, what, who })
}

fn work_of<'a>(record: &'a Record, round: &Round<'_>) -> Work<'a> {
    let given: Vec<DivisionCode> = record
        .fields
        .objects("consents")
        .filter_map(|consent| consent.get("unit")?.as_str()?.parse().ok())
        .collect();
    Work {
        record,
        lacking: [round.lead, round.other]
            .into_iter()
            .flatten()
            .filter(|side| !given.iter().any(|code| side.prefix().covers(*code)))
            .collect(),
        is_filed: record.fields.get("filed_on").is_some(),
    }
}

impl InspectionReport<'_> {
    /// The units that have signed, as the inspection's report says.
    pub(crate) fn signed(&self) -> Vec<&str> {
        self.round
            .inspection
            .fields
            .get("report")
            .and_then(|report| report.get("signed_by")?.as_array())
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    fn field(&self, name: &str) -> Option<&Value> {
        self.round.inspection.fields.get(name)
    }

    /// The report as JSON.
    pub fn to_json(&self) -> Value {
        let tasks: Vec<Value> = self
            .standing
            .markers
            .iter()
            .zip(&self.tasks)
            .filter_map(|(one, task)| Some((one, task.as_ref()?)))
            .map(|(one, task)| {
                json!({
                    "marker": number_of(one.marker),
                    "task": task.code,
                    "what": task.what.zh,
                    "what_en": task.what.en,
                    "who": task.who.zh,
                    "who_en": task.who.en,
                })
            })
            .collect();
        let works: Vec<Value> = self
            .works
            .iter()
            .map(|work| {
                json!({
                    "id": &*work.record.id,
                    "name": &*work.record.name,
                    "kind": work.record.fields.text("kind"),
                    "owner": work.record.fields.text("owner"),
                    "consent_lacking": work.lacking,
                    "is_filed": work.is_filed,
                })
            })
            .collect();
        let signed = self.signed();
        let signature = |code: Option<DivisionCode>, name: &str| {
            let code = code.map(|code| code.to_string());
            let has_signed = code.as_deref().is_some_and(|code| signed.contains(&code));
            json!({"unit": code, "name": name, "has_signed": has_signed})
        };
        json!({
            "inspection": &*self.round.inspection.id,
            "name": &*self.round.inspection.name,
            "boundary": self.round.line_id(),
            "boundary_name": self.round.line.map(|line| &*line.name),
            "level": self.round.line.and_then(|line| line.fields.text("level")),
            "round": self.field("round"),
            "state": self.round.state(),
            "due": self.field("due"),
            "as_of": self.today,
            "lead": {"unit": self.round.lead, "name": self.lead},
            "other": {"unit": self.round.other, "name": self.other},
            "standing": self.standing.to_json(),
            "tasks": tasks,
            "structures": works,
            "signatures": [
                signature(self.round.lead, &self.lead),
                signature(self.round.other, &self.other),
            ],
            "report": self.field("report"),
        })
    }

    /// The report as an RFC 7946 FeatureCollection: the line, its markers with what was found
    /// and what is to be done, the observations, the works; the summary beside them.
    pub fn to_geojson(&self) -> Value {
        let mut features = Vec::new();
        if let Some(line) = self.round.line {
            features.push(json!({
                "type": "Feature",
                "id": &*line.id,
                "geometry": line.geometry.as_deref().map(to_geojson),
                "properties": {
                    "collection": "boundaries",
                    "id": &*line.id,
                    "name": &*line.name,
                    "length_m": centimetres(self.standing.length_m),
                    "walked_m": centimetres(self.standing.walked_m),
                },
            }));
        }
        for (one, task) in self.standing.markers.iter().zip(&self.tasks) {
            features.push(json!({
                "type": "Feature",
                "id": &*one.marker.id,
                "geometry": one.marker.geometry.as_deref().map(to_geojson),
                "properties": {
                    "collection": "markers",
                    "id": &*one.marker.id,
                    "number": number_of(one.marker),
                    "along_m": centimetres(one.along_m),
                    "registered_state": one.marker.fields.text("state"),
                    "state": one.state(),
                    "verdict": one.verdict.as_str(),
                    "seen_off_m": one.seen_off_m().map(centimetres),
                    "task": task.as_ref().map(|task| task.code),
                    "what": task.as_ref().map(|task| &task.what.zh),
                    "who": task.as_ref().map(|task| &task.who.zh),
                },
            }));
        }
        let seen = self
            .standing
            .markers
            .iter()
            .flat_map(|one| one.observations.iter())
            .chain(&self.standing.elsewhere);
        for record in seen {
            features.push(with_collection(record));
        }
        for work in &self.works {
            features.push(with_collection(work.record));
        }
        json!({
            "type": "FeatureCollection",
            "features": features,
            "report": self.to_json(),
        })
    }
}

fn with_collection(record: &Record) -> Value {
    let mut feature = record.to_feature();
    if let Some(Value::Object(properties)) = feature.get_mut("properties") {
        let collection = record.collection.as_str();
        properties.insert("collection".to_owned(), json!(collection));
    }
    feature
}
