//! The life of a finding: open, confirmed, accepted, repaired, gone, and back again.
//!
//! A check tells what is so today. What people decided about a finding is kept in the collection
//! `findings` under the finding's id, which is the same on every run.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use zhifang_core::{Collection, Day, Lang, Record, RecordKey};

use crate::finding::Finding;
use crate::register::Register;
use crate::report::{Report, check};
use crate::scope::{Options, Scope};

/// Where a finding stands (处理状态).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum State {
    /// 待处理.
    #[default]
    Open,
    /// 已确认: a person looked, it is so.
    Confirmed,
    /// 已接受: it may stay, for a reason and perhaps for a time.
    Accepted,
    /// 已修复: repaired on request.
    Repaired,
    /// 已消失: a later check did not find it.
    Gone,
    /// 再次出现: found again after it was repaired or gone.
    Back,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::Confirmed,
        Self::Accepted,
        Self::Repaired,
        Self::Gone,
        Self::Back,
    ];

    /// Word in files and over HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Confirmed => "confirmed",
            Self::Accepted => "accepted",
            Self::Repaired => "repaired",
            Self::Gone => "gone",
            Self::Back => "back",
        }
    }

    /// Word for people.
    pub fn title(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Self::Open => ("待处理", "open"),
            Self::Confirmed => ("已确认", "confirmed"),
            Self::Accepted => ("已接受", "accepted"),
            Self::Repaired => ("已修复", "repaired"),
            Self::Gone => ("已消失", "gone"),
            Self::Back => ("再次出现", "back"),
        };
        lang.pick(zh, en)
    }

    /// The state that a record of `findings` holds.
    pub fn of(record: &Record) -> Self {
        let word = record.fields.text("finding_state");
        let is_word = |state: &Self| Some(state.as_str()) == word;
        Self::ALL.into_iter().find(is_word).unwrap_or_default()
    }
}

/// Whether a stored finding is accepted on a day.
pub(crate) fn is_accepted(record: &Record, day: Option<Day>) -> bool {
    let until = record
        .fields
        .text("until")
        .and_then(|text| text.parse::<Day>().ok());
    State::of(record) == State::Accepted
        && until.is_none_or(|until| day.is_none_or(|day| day <= until))
}

/// Where a finding stands that is found today.
pub(crate) fn state_of(stored: Option<&Record>, day: Option<Day>) -> State {
    match stored.map(|record| (State::of(record), record)) {
        None => State::Open,
        Some((State::Gone | State::Repaired | State::Back, _)) => State::Back,
        Some((State::Accepted, record)) if !is_accepted(record, day) => State::Open,
        Some((state, _)) => state,
    }
}

/// What a person decides about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is so.
    Confirm {
        /// A remark.
        note: Option<String>,
    },
    /// It may stay.
    Accept {
        /// Why.
        reason: String,
        /// The last day on which it may; for good where absent.
        until: Option<Day>,
    },
    /// It was repaired.
    Repair {
        /// How.
        note: String,
    },
}

/// Why a decision is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecisionError {
    /// It may stay, but nobody says why.
    #[error("reason: blank; wanted why the finding may stay")]
    NoReason,
    /// It would be over before it begins.
    #[error("until `{until}`: wanted {day} or a later day")]
    Past {
        /// As given.
        until: Day,
        /// The day of the decision.
        day: Day,
    },
}

/// The record of a finding of today after a decision, with what was decided before; nothing is
/// stored.
///
/// # Errors
/// [`DecisionError`].
pub fn decided(
    finding: &Finding,
    register: &Register<'_>,
    decision: &Decision,
    day: Day,
    by: &str,
) -> Result<Record, DecisionError> {
    let stored = register.record(Collection::Findings, &finding.id);
    let mut record = recorded(finding, stored, register, day, by);
    let (state, note) = match decision {
        Decision::Confirm { note } => (State::Confirmed, note.clone().unwrap_or_default()),
        Decision::Accept { reason, until } => {
            if reason.trim().is_empty() {
                return Err(DecisionError::NoReason);
            }
            if let Some(until) = until.filter(|until| *until < day) {
                return Err(DecisionError::Past { until, day });
            }
            record.fields.set("reason", json!(reason));
            let until = until.map_or(Value::Null, |until| json!(until.to_string()));
            record.fields.set("until", until);
            (State::Accepted, reason.clone())
        }
        Decision::Repair { note } => (State::Repaired, note.clone()),
    };
    enter(&mut record, state, day, by, &note);
    Ok(record)
}

/// The finding of today with an id.
pub fn find(register: &Register<'_>, options: &Options, id: &str) -> Option<Finding> {
    let options = Options {
        only: vec![rule_of(id)],
        ..options.clone()
    };
    let report = check(register, &options).ok()?;
    let mut all = report.findings.into_iter().chain(report.set_aside);
    all.find(|finding| finding.id == id)
}

/// The rule in a finding's id.
pub(crate) fn rule_of(id: &str) -> String {
    id.splitn(3, '-').take(2).collect::<Vec<_>>().join("-")
}

/// A record that a stored finding is about: `COLLECTION/ID`.
fn subject(text: &str) -> Option<RecordKey> {
    let (collection, id) = text.split_once('/')?;
    Some(RecordKey::new(collection.parse().ok()?, id))
}

/// Puts a record into a state and writes it into its log.
fn enter(record: &mut Record, state: State, day: Day, by: &str, note: &str) {
    record.fields.set("finding_state", json!(state.as_str()));
    let mut log: Vec<Value> = record
        .fields
        .objects("log")
        .cloned()
        .map(Value::Object)
        .collect();
    log.push(json!({"date": day.to_string(), "by": by, "step": state.as_str(), "note": note}));
    record.fields.set("log", Value::Array(log));
    if state != State::Accepted {
        record.fields.remove("reason");
        record.fields.remove("until");
    }
}

/// A record of a finding as it is found, with what was decided before.
pub fn recorded(
    finding: &Finding,
    stored: Option<&Record>,
    register: &Register<'_>,
    day: Day,
    by: &str,
) -> Record {
    let division = finding.subjects.iter().find_map(|subject| {
        let record = register.record(subject.collection, &subject.id)?;
        record.division
    });
    let mut record = finding.to_record(division);
    let state = state_of(stored, Some(day));
    let Some(stored) = stored else {
        enter(&mut record, State::Open, day, by, "");
        return record;
    };
    record.version = stored.version;
    record.source = stored.source.clone();
    for name in ["finding_state", "log", "reason", "until"] {
        if let Some(value) = stored.fields.get(name) {
            record.fields.set(name, value.clone());
        }
    }
    if State::of(stored) != state {
        enter(&mut record, state, day, by, "");
    }
    record
}

/// What a report changes in the collection `findings`: new ones, those whose size or words
/// changed, those that are back, and those that are gone. Only what the report looked at is
/// touched: its rules, and the part of the register that the options name.
pub fn changes(
    report: &Report,
    register: &Register<'_>,
    options: &Options,
    by: &str,
) -> Vec<Record> {
    let stored: BTreeMap<&str, &Record> = register
        .all(Collection::Findings)
        .iter()
        .map(|record| (&*record.id, *record))
        .collect();
    let found: BTreeMap<&str, &Finding> = report
        .findings
        .iter()
        .chain(&report.set_aside)
        .map(|finding| (finding.id.as_str(), finding))
        .collect();
    let mut writes: Vec<Record> = found
        .values()
        .filter_map(|finding| {
            let stored = stored.get(finding.id.as_str()).copied();
            let record = recorded(finding, stored, register, options.day, by);
            let is_same = stored.is_some_and(|stored| stored.says_the_same_as(&record));
            (!is_same).then_some(record)
        })
        .collect();
    let scope = Scope::new(register, options);
    let is_in = |record: &Record| {
        let subjects = record.fields.texts("subjects").filter_map(subject);
        subjects
            .chain([record.key()])
            .any(|key| scope.is_about(&key))
    };
    for (id, record) in &stored {
        let is_looked_at = record
            .fields
            .text("rule")
            .is_some_and(|rule| report.looked.contains(&rule));
        let is_over = matches!(State::of(record), State::Gone | State::Repaired);
        if !found.contains_key(id) && is_looked_at && !is_over && is_in(record) {
            let mut gone = (*record).clone();
            enter(&mut gone, State::Gone, options.day, by, "");
            writes.push(gone);
        }
    }
    writes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    /// Applies writes to records, as a store would.
    fn stored(records: &mut Vec<Record>, writes: Vec<Record>) {
        for mut write in writes {
            write.version += 1;
            records.retain(|record| record.key() != write.key());
            records.push(write);
        }
    }

    fn saved(records: &mut Vec<Record>, options: &Options) -> Report {
        let copy = records.clone();
        let register = Register::new(&copy, options.day);
        let report = check(&register, options).unwrap();
        stored(records, changes(&report, &register, options, "cli"));
        report
    }

    fn state(records: &[Record], rule: &str) -> State {
        let record = records
            .iter()
            .find(|record| record.fields.text("rule") == Some(rule));
        State::of(record.unwrap())
    }

    #[test]
    fn a_finding_lives_from_open_to_gone_and_back() {
        let mut options = Options::on(day("2026-05-01"));
        let nameless = Record::new(Collection::Divisions, "420682", "");
        let mut records = vec![nameless.clone()];
        let report = saved(&mut records, &options);
        assert_eq!(state(&records, "ATT-05"), State::Open);
        let id = report
            .findings
            .iter()
            .find(|one| one.rule == "ATT-05")
            .unwrap()
            .id
            .clone();

        // The same again: nothing to write, the same id.
        let before = records.clone();
        let again = saved(&mut records, &options);
        assert_eq!(records, before);
        assert!(again.findings.iter().any(|one| one.id == id));

        // Accepted until the end of May: it does not fail the check till then.
        let accept = |reason: &str, until| Decision::Accept {
            reason: reason.to_owned(),
            until: Some(day(until)),
        };
        let copy = records.clone();
        let register = Register::new(&copy, options.day);
        let found = find(&register, &options, &id).unwrap();
        let decide = |decision| decided(&found, &register, &decision, options.day, "li");
        assert_eq!(
            decide(accept(" ", "2026-05-31")),
            Err(DecisionError::NoReason)
        );
        assert_eq!(
            decide(accept("新设", "2026-04-30")),
            Err(DecisionError::Past {
                until: day("2026-04-30"),
                day: options.day
            })
        );
        let accepted = decide(accept("新设，名称待批", "2026-05-31")).unwrap();
        stored(&mut records, vec![accepted]);
        let report = saved(&mut records, &options);
        assert_eq!((report.accepted(), report.fails(None)), (1, false));
        assert_eq!(state(&records, "ATT-05"), State::Accepted);
        options.day = day("2026-06-01");
        let report = saved(&mut records, &options);
        assert_eq!((report.accepted(), report.fails(None)), (0, true));
        assert_eq!(state(&records, "ATT-05"), State::Open);

        // Named: gone. Nameless once more: back.
        let mut named = nameless.clone();
        named.name = "老河口市".into();
        stored(&mut records, vec![named]);
        saved(&mut records, &options);
        assert_eq!(state(&records, "ATT-05"), State::Gone);
        stored(&mut records, vec![nameless]);
        let report = saved(&mut records, &options);
        assert_eq!(state(&records, "ATT-05"), State::Back);
        assert!(
            report
                .findings
                .iter()
                .any(|one| one.id == id && one.state == State::Back)
        );
        let record = records.iter().find(|record| *record.id == *id).unwrap();
        let steps: Vec<_> = record
            .fields
            .objects("log")
            .map(|step| step["step"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(steps, ["open", "accepted", "open", "gone", "back"]);
    }

    #[test]
    fn a_check_of_a_part_or_of_one_rule_leaves_the_rest_alone() {
        let mut options = Options::on(day("2026-05-01"));
        let mut records = vec![
            Record::new(Collection::Divisions, "420682", ""),
            Record::new(Collection::Divisions, "420625", ""),
        ];
        saved(&mut records, &options);
        for record in &mut records {
            if record.collection == Collection::Divisions {
                record.name = format!("县{}", record.id).into();
            }
        }
        options.within = Some("420682".parse().unwrap());
        saved(&mut records, &options);
        let states = |records: &[Record]| -> Vec<(String, State)> {
            let blank = records
                .iter()
                .filter(|record| record.fields.text("rule") == Some("ATT-05"));
            let mut all: Vec<_> = blank
                .map(|record| (record.division.unwrap().to_string(), State::of(record)))
                .collect();
            all.sort();
            all
        };
        let wanted = [
            ("420625".to_owned(), State::Open),
            ("420682".to_owned(), State::Gone),
        ];
        assert_eq!(states(&records), wanted);
        options.within = None;
        options.only = vec!["GEO".to_owned()];
        saved(&mut records, &options);
        assert_eq!(states(&records), wanted);
    }
}
