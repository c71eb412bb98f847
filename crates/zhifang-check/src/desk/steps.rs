//! The steps of a dispute, each with its day: negotiation first, then the common superior
//! mediates, then decides; afterwards the joint survey and the filing
//! (行政区域边界争议处理条例第十一至十六条).

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value, json};
use zhifang_core::{Day, Lang, Record};

use super::DeskError;

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// 报告: a side reports it.
    Reported,
    /// 立案.
    Open,
    /// 协商: both sides talk; again for each round.
    Consulting,
    /// 调解: the common superior mediates.
    Mediated,
    /// 协议或裁决: signed by both, or decided by the superior.
    Decided,
    /// 联合勘测: both survey the decided line, map and minutes are sealed.
    Surveyed,
    /// 备案.
    Filed,
    /// 结案.
    Closed,
}

impl Step {
    /// Every step, in the order of the law.
    pub const ALL: [Self; 8] = [
        Self::Reported,
        Self::Open,
        Self::Consulting,
        Self::Mediated,
        Self::Decided,
        Self::Surveyed,
        Self::Filed,
        Self::Closed,
    ];

    /// Word in files and over HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Open => "open",
            Self::Consulting => "consulting",
            Self::Mediated => "mediated",
            Self::Decided => "decided",
            Self::Surveyed => "surveyed",
            Self::Filed => "filed",
            Self::Closed => "closed",
        }
    }

    /// Word for people.
    pub fn title(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Self::Reported => ("报告", "reported"),
            Self::Open => ("立案", "opened"),
            Self::Consulting => ("协商", "negotiated"),
            Self::Mediated => ("调解", "mediated"),
            Self::Decided => ("达成协议或裁决", "agreed or decided"),
            Self::Surveyed => ("联合勘测", "surveyed jointly"),
            Self::Filed => ("备案", "filed"),
            Self::Closed => ("结案", "closed"),
        };
        lang.pick(zh, en)
    }

    /// The state of the dispute after it; what follows a decision leaves it decided.
    const fn state(self) -> &'static str {
        match self {
            Self::Surveyed | Self::Filed => "decided",
            other => other.as_str(),
        }
    }

    /// What may follow it.
    fn followers(self) -> &'static [Self] {
        match self {
            Self::Reported => &[Self::Open, Self::Closed],
            Self::Open => &[Self::Consulting, Self::Mediated, Self::Closed],
            Self::Consulting => &[
                Self::Consulting,
                Self::Mediated,
                Self::Decided,
                Self::Closed,
            ],
            Self::Mediated => &[Self::Consulting, Self::Mediated, Self::Decided],
            Self::Decided => &[Self::Surveyed],
            Self::Surveyed => &[Self::Filed],
            Self::Filed => &[Self::Closed],
            Self::Closed => &[],
        }
    }

    /// A step that needs a document: the agreement or decision, the sealed map, the filing.
    const fn needs_document(self) -> bool {
        matches!(self, Self::Decided | Self::Surveyed | Self::Filed)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Step {
    type Err = DeskError;

    fn from_str(text: &str) -> Result<Self, DeskError> {
        let known = Self::ALL.into_iter().find(|step| step.as_str() == text);
        known.ok_or(DeskError::Missing {
            field: "step",
            wanted: "reported, open, consulting, mediated, decided, surveyed, filed or closed",
        })
    }
}

/// What is said with a step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepSaid {
    /// The day it was done.
    pub on: Option<Day>,
    /// Number and title of the document.
    pub document: Option<String>,
    /// A remark.
    pub note: Option<String>,
}

/// The dispute's last step and its day, by its log; by its state where the log is empty.
pub(crate) fn last_step(dispute: &Record) -> (Option<Step>, Option<Day>) {
    let text = |step: &Map<String, Value>, name: &str| {
        step.get(name).and_then(Value::as_str).map(str::to_owned)
    };
    let logged = dispute.fields.objects("log").filter_map(|step| {
        let word = text(step, "step")?.parse().ok()?;
        let day = text(step, "date").and_then(|day| day.parse().ok());
        Some((Some(word), day))
    });
    logged.last().unwrap_or_else(|| {
        let state = dispute.fields.text("dispute_state");
        (state.and_then(|word| word.parse().ok()), None)
    })
}

/// The steps that may follow.
pub fn next_steps(dispute: &Record) -> &'static [Step] {
    let (last, _) = last_step(dispute);
    last.map_or(&[Step::Reported], Step::followers)
}

/// The dispute after a step.
///
/// # Errors
/// [`DeskError::Order`] when it does not follow, [`DeskError::When`] when its day is before the
/// last step's or lies ahead, [`DeskError::Missing`] when it lacks its document, or, closed without
/// a line, its reason.
pub fn stepped(
    dispute: &Record,
    step: Step,
    said: &StepSaid,
    today: Day,
    by: &str,
) -> Result<Record, DeskError> {
    let (last, since) = last_step(dispute);
    if !next_steps(dispute).contains(&step) {
        let names = next_steps(dispute).iter().map(|step| step.as_str());
        let wanted = names.collect::<Vec<_>>().join(", ");
        return Err(DeskError::Order {
            step,
            after: last.map_or_else(String::new, |last| last.to_string()),
            wanted: if wanted.is_empty() {
                "nothing: it is closed".to_owned()
            } else {
                wanted
            },
        });
    }
    let day = said.on.unwrap_or(today);
    if day > today || since.is_some_and(|since| day < since) {
        return Err(DeskError::When {
            day,
            from: since.map_or_else(|| "…".to_owned(), |since| since.to_string()),
            to: today,
        });
    }
    let filled = |text: &Option<String>| {
        let text = text.as_deref().map(str::trim).unwrap_or_default();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let (document, note) = (filled(&said.document), filled(&said.note));
    if step.needs_document() && document.is_none() {
        return Err(DeskError::Missing {
            field: "document",
            wanted: "the agreement or decision, the sealed map, or the filing",
        });
    }
    let is_withdrawn = step == Step::Closed && last != Some(Step::Filed);
    if is_withdrawn && note.is_none() {
        return Err(DeskError::Missing {
            field: "note",
            wanted: "why it is closed without a line",
        });
    }
    let mut record = dispute.clone();
    let mut log: Vec<Value> = record
        .fields
        .objects("log")
        .cloned()
        .map(Value::Object)
        .collect();
    let mut entry = json!({"date": day.to_string(), "step": step.as_str(), "by": by});
    for (name, value) in [("document", document), ("note", note)] {
        if let Some(value) = value {
            entry[name] = json!(value);
        }
    }
    log.push(entry);
    record.fields.set("log", Value::Array(log));
    record.fields.set("dispute_state", json!(step.state()));
    Ok(record)
}
