//! The end of a round: what both sides agreed on becomes what the register says.

use serde_json::{Map, Value, json};
use zhifang_core::{Day, DivisionCode, Record};

use crate::error::FieldError;
use crate::round::{Round, day_in};
use crate::standing::{Standing, Verdict, standing};
use crate::words::{Words, number_of, words};

/// What closing a round writes, and what it leaves for a person.
#[derive(Debug, Clone)]
pub struct Closing {
    /// Markers, the line and the inspection, versions as the register has them; none while
    /// something stands against the closing.
    pub writes: Vec<Record>,
    /// What stands against it: markers not seen, differences, conflicts, missing signatures.
    pub against: Vec<Words>,
}

/// Closes a round: markers get the state that both sides found and the day, the line its
/// `inspected_on`, the inspection its report with the signatures of both sides.
///
/// Nothing is written while a marker was not seen by both sides in agreement or a signature is
/// missing (art. 12: the result of a joint inspection is filed by both sides together).
///
/// # Errors
/// [`FieldError::AlreadyClosed`], [`FieldError::NotASide`].
pub fn close(
    round: &Round<'_>,
    signed: &[DivisionCode],
    text: Option<&str>,
    today: Day,
) -> Result<Closing, FieldError> {
    let id = || round.inspection.id.to_string();
    if round.is_closed() {
        let state = round.state().to_owned();
        return Err(FieldError::AlreadyClosed { id: id(), state });
    }
    let sides: Vec<DivisionCode> = [round.lead, round.other].into_iter().flatten().collect();
    if let Some(stranger) = signed.iter().find(|code| !sides.contains(code)) {
        let code = stranger.to_string();
        return Err(FieldError::NotASide { id: id(), code });
    }
    let standing = standing(round, today);
    let mut closing = Closing {
        writes: Vec::new(),
        against: against(&standing),
    };
    for side in sides.iter().filter(|side| !signed.contains(side)) {
        closing.against.push(words!(
            "缺 {side} 一方签字",
            "the signature of {side} is missing"
        ));
    }
    if !closing.against.is_empty() {
        return Ok(closing);
    }
    for one in &standing.markers {
        let Some(proposal) = &one.proposal else {
            continue;
        };
        let mut next = one.marker.clone();
        next.fields.set("state", json!(proposal.state));
        let last = day_in(one.marker, "last_inspected").max(Some(proposal.last_inspected));
        next.fields.set("last_inspected", json!(last));
        closing.writes.push(next);
    }
    let last = standing
        .markers
        .iter()
        .filter_map(|one| Some(one.proposal.as_ref()?.last_inspected))
        .max()
        .unwrap_or(today);
    if let Some(line) = round.line {
        let mut next = line.clone();
        let inspected = day_in(line, "inspected_on").max(Some(last));
        next.fields.set("inspected_on", json!(inspected));
        closing.writes.push(next);
    }
    let mut next = round.inspection.clone();
    let mut report = match next.fields.get("report") {
        Some(Value::Object(report)) => report.clone(),
        _ => Map::new(),
    };
    report.insert("date".to_owned(), json!(last));
    report.insert("signed_by".to_owned(), json!(sides));
    if let Some(text) = text {
        report.insert("text".to_owned(), json!(text));
    }
    next.fields.set("report", Value::Object(report));
    next.fields.set("state", json!("closed"));
    closing.writes.push(next);
    Ok(closing)
}

fn against(standing: &Standing<'_>) -> Vec<Words> {
    let mut found = Vec::new();
    for one in &standing.markers {
        let number = number_of(one.marker);
        let text = match one.verdict {
            Verdict::Unseen => words!("界桩 {number} 未检查", "marker {number} was not seen"),
            Verdict::OneSide => words!(
                "界桩 {number} 只有一方记录",
                "marker {number} was seen by one side only"
            ),
            Verdict::Differ | Verdict::Conflict => words!(
                "界桩 {number} 的记录待裁定",
                "the observations of marker {number} are to be decided"
            ),
            Verdict::Agreed if one.has_moved_on => words!(
                "界桩 {number} 在观测后登记已有变化，请核对",
                "marker {number} has changed in the register since it was observed; check it"
            ),
            Verdict::Agreed if one.proposal.is_none() => words!(
                "界桩 {number} 的记录缺时间",
                "the observations of marker {number} lack their time"
            ),
            Verdict::Agreed => continue,
        };
        found.push(text);
    }
    found
}
