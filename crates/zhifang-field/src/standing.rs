//! How far an inspection has come: what was seen, by whom, and where the two sides differ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use zhifang_core::{Day, Lang, LonLat, Record, Status, Timestamp};
use zhifang_topology::distance_m;

use crate::content::uuid_of;
use crate::outcome::ConflictKind;
use crate::plan::centimetres;
use crate::round::{Round, code_in, day_in};
use crate::words::{Words, number_of, state_word, words};

/// Accuracy taken where a phone gave none, metres.
const ACCURACY_M: f64 = 5.0;
/// Standard errors by which two positions of one stone may differ.
const SIGMAS: f64 = 3.0;
/// Crews stand beside the stone, not on it, metres.
const BESIDE_M: f64 = 5.0;

/// What the observations of a marker say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nobody has seen it in this round.
    Unseen,
    /// One side has, or nobody knows which.
    OneSide,
    /// Both sides say the same.
    Agreed,
    /// The sides say different things.
    Differ,
    /// Observations stand against each other; a person must decide.
    Conflict,
}

impl Verdict {
    /// Word used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unseen => "unseen",
            Self::OneSide => "one_side",
            Self::Agreed => "agreed",
            Self::Differ => "differ",
            Self::Conflict => "conflict",
        }
    }

    /// The word for people.
    pub fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Unseen => lang.pick("未检查", "not seen"),
            Self::OneSide => lang.pick("仅一方", "one side only"),
            Self::Agreed => lang.pick("双方一致", "both sides agree"),
            Self::Differ => lang.pick("双方不一致", "sides differ"),
            Self::Conflict => lang.pick("待裁定", "to be decided"),
        }
    }
}

/// The latest observation of each side, and whether they agree.
pub(crate) struct Views<'a> {
    pub(crate) lead: Option<&'a Record>,
    pub(crate) other: Option<&'a Record>,
    pub(crate) verdict: Verdict,
    pub(crate) difference: Option<Words>,
}

fn seen_at(record: &Record) -> Option<Timestamp> {
    record
        .fields
        .text("observed_at")
        .and_then(|text| text.parse().ok())
}

/// The two sides' views of one marker; each side's latest observation counts, so that a second
/// look of a side ends a difference by itself.
pub(crate) fn verdict_of<'a>(round: &Round<'_>, seen: &[&'a Record]) -> Views<'a> {
    let latest = |side| {
        seen.iter()
            .copied()
            .filter(|one| {
                let unit = code_in(one, "side").and_then(|code| round.side_of(code));
                unit.is_some() && unit == side
            })
            .max_by(|a, b| (seen_at(a), &a.id).cmp(&(seen_at(b), &b.id)))
    };
    let (lead, other) = (latest(round.lead), latest(round.other));
    let difference = match (lead, other) {
        (Some(lead), Some(other)) => difference_of(lead, other),
        _ => None,
    };
    let verdict = match (lead, other, &difference) {
        _ if seen.is_empty() => Verdict::Unseen,
        (Some(_), Some(_), Some(_)) => Verdict::Differ,
        (Some(_), Some(_), None) => Verdict::Agreed,
        _ => Verdict::OneSide,
    };
    Views {
        lead,
        other,
        verdict,
        difference,
    }
}

fn difference_of(lead: &Record, other: &Record) -> Option<Words> {
    let state = |one: &Record, lang| {
        let word = one.fields.text("state").unwrap_or("-");
        state_word(word, lang).to_owned()
    };
    if lead.fields.text("state") != other.fields.text("state") {
        let zh = format!("{} / {}", state(lead, Lang::Zh), state(other, Lang::Zh));
        let en = format!("{} / {}", state(lead, Lang::En), state(other, Lang::En));
        return Some(Words::new(zh, en));
    }
    let place = |one: &Record| one.point();
    let (a, b) = (place(lead)?, place(other)?);
    let accuracy = |one: &Record| one.fields.number("accuracy_m").unwrap_or(ACCURACY_M);
    let allowed = SIGMAS * accuracy(lead).hypot(accuracy(other)) + BESIDE_M;
    let apart = distance_m(a.into(), b.into());
    (apart > allowed).then(|| {
        words!(
            "位置相差 {apart:.1} 米，超过 {allowed:.1} 米",
            "positions {apart:.1} m apart, more than {allowed:.1} m"
        )
    })
}

/// What the register would say of a marker once the round is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its state as both sides found it.
    pub state: String,
    /// The day of the later observation.
    pub last_inspected: Day,
}

/// A marker in a round.
#[derive(Debug, Clone)]
pub struct MarkerStanding<'a> {
    /// The marker as the register has it.
    pub marker: &'a Record,
    /// How far along the line it stands, metres.
    pub along_m: f64,
    /// What its observations say together.
    pub verdict: Verdict,
    /// The leading side's latest observation.
    pub lead: Option<&'a Record>,
    /// The other side's latest observation.
    pub other: Option<&'a Record>,
    /// Every observation that stands, ascending by id.
    pub observations: Vec<&'a Record>,
    /// Where the sides differ.
    pub difference: Option<Words>,
    /// Whether the register's marker has changed since it was observed.
    pub has_moved_on: bool,
    /// What follows for the register; none until both sides agree.
    pub proposal: Option<Proposal>,
}

impl<'a> MarkerStanding<'a> {
    /// The newest observation, whichever side made it.
    pub fn latest(&self) -> Option<&'a Record> {
        self.observations
            .iter()
            .copied()
            .max_by(|a, b| (seen_at(a), &a.id).cmp(&(seen_at(b), &b.id)))
    }

    /// The state that counts: as last seen, else as registered.
    pub fn state(&self) -> Option<&'a str> {
        self.latest()
            .and_then(|one| one.fields.text("state"))
            .or_else(|| self.marker.fields.text("state"))
    }

    /// How far off the register's position it was seen, metres.
    pub fn seen_off_m(&self) -> Option<f64> {
        let seen: LonLat = self.latest()?.point()?;
        Some(distance_m(self.marker.point()?.into(), seen.into()))
    }
}

/// Observations that stand against each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenConflict {
    /// Why.
    pub kind: ConflictKind,
    /// The marker.
    pub marker: Option<String>,
    /// The records, ascending.
    pub observations: Vec<String>,
}

/// How far an inspection has come.
#[derive(Debug, Clone)]
pub struct Standing<'a> {
    /// Its markers in walking order.
    pub markers: Vec<MarkerStanding<'a>>,
    /// Observations of places on the line without a marker of this line in force.
    pub elsewhere: Vec<&'a Record>,
    /// Observations that stand.
    pub observations: usize,
    /// What a person must decide.
    pub conflicts: Vec<OpenConflict>,
    /// Length of the line, metres.
    pub length_m: f64,
    /// Length of the legs whose markers were seen at both ends, metres.
    pub walked_m: f64,
    /// Days past the due day, when it is not done; 0 otherwise.
    pub days_late: i32,
}

/// The open conflicts among observations: links both of whose ends stand.
fn open_conflicts(observations: &[&Record]) -> Vec<OpenConflict> {
    let by_id: BTreeMap<&str, &Record> = observations.iter().map(|one| (&*one.id, *one)).collect();
    let mut groups: BTreeMap<(ConflictKind, &str), BTreeSet<&str>> = BTreeMap::new();
    for one in observations {
        for other in one.fields.texts("conflict") {
            let Some(other) = by_id.get(other) else {
                continue;
            };
            let uuid = uuid_of(&one.id);
            let key = if uuid == uuid_of(&other.id) {
                (ConflictKind::SameUuid, uuid)
            } else {
                let marker = one.fields.text("marker").unwrap_or_default();
                (ConflictKind::OlderMarkerVersion, marker)
            };
            groups
                .entry(key)
                .or_default()
                .extend([&*one.id, &*other.id]);
        }
    }
    groups
        .into_iter()
        .map(|((kind, _), ids)| OpenConflict {
            kind,
            marker: ids
                .iter()
                .find_map(|id| by_id.get(id)?.fields.text("marker"))
                .map(str::to_owned),
            observations: ids.into_iter().map(str::to_owned).collect(),
        })
        .collect()
}

/// How far an inspection has come on a day.
pub fn standing<'a>(round: &Round<'a>, today: Day) -> Standing<'a> {
    let seen: Vec<&Record> = round
        .observations
        .iter()
        .copied()
        .filter(|one| one.status == Status::Published)
        .collect();
    let mut conflicts = open_conflicts(&seen);
    let disputed: BTreeSet<&str> = conflicts
        .iter()
        .flat_map(|one| one.observations.iter().map(String::as_str))
        .collect();
    let mut by_marker: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for one in &seen {
        by_marker
            .entry(one.fields.text("marker").unwrap_or_default())
            .or_default()
            .push(one);
    }
    let stations = round.course.iter().flat_map(|course| &course.stations);
    let mut markers = Vec::new();
    for station in stations {
        // An import may name the marker by its id.
        let number = number_of(station.marker);
        let mut observations = by_marker.remove(number).unwrap_or_default();
        if number != &*station.marker.id {
            observations.extend(by_marker.remove(&*station.marker.id).unwrap_or_default());
        }
        markers.push(marker_standing(
            round,
            station.marker,
            station.along_m,
            observations,
            &disputed,
        ));
    }
    let elsewhere: Vec<&Record> = by_marker.into_values().flatten().collect();
    for one in markers.iter().filter(|one| one.verdict == Verdict::Differ) {
        let ids = [one.lead, one.other].into_iter().flatten();
        let mut observations: Vec<String> = ids.map(|record| record.id.to_string()).collect();
        observations.sort();
        conflicts.push(OpenConflict {
            kind: ConflictKind::SidesDiffer,
            marker: Some(number_of(one.marker).to_owned()),
            observations,
        });
    }
    conflicts.sort();
    let was_seen: BTreeSet<&str> = markers
        .iter()
        .filter(|one| one.verdict != Verdict::Unseen)
        .map(|one| number_of(one.marker))
        .collect();
    let is_seen = |numbers: &[String]| numbers.iter().all(|one| was_seen.contains(one.as_str()));
    let walked_m: f64 = round
        .course
        .iter()
        .flat_map(|course| &course.legs)
        .filter(|leg| !(leg.from.is_empty() && leg.to.is_empty()))
        .filter(|leg| is_seen(&leg.from) && is_seen(&leg.to))
        .map(|leg| leg.length_m)
        .sum();
    let late = day_in(round.inspection, "due").map_or(0, |due| today.number() - due.number());
    Standing {
        markers,
        elsewhere,
        observations: seen.len(),
        conflicts,
        length_m: round.course.as_ref().map_or(0.0, |course| course.length_m),
        // An empty sum is minus zero.
        walked_m: walked_m + 0.0,
        days_late: if round.is_closed() { 0 } else { late.max(0) },
    }
}

fn marker_standing<'a>(
    round: &Round<'_>,
    marker: &'a Record,
    along_m: f64,
    mut observations: Vec<&'a Record>,
    disputed: &BTreeSet<&str>,
) -> MarkerStanding<'a> {
    observations.sort_by(|a, b| a.id.cmp(&b.id));
    let views = verdict_of(round, &observations);
    let is_disputed = observations.iter().any(|one| disputed.contains(&*one.id));
    let verdict = if is_disputed {
        Verdict::Conflict
    } else {
        views.verdict
    };
    let is_older = |one: &Record| {
        let seen = one.fields.get("marker_version").and_then(Value::as_u64);
        seen.is_some_and(|seen| seen < u64::from(marker.version))
    };
    let has_moved_on = !round.is_closed() && observations.iter().any(|one| is_older(one));
    let proposal = match (verdict, views.lead, views.other) {
        (Verdict::Agreed, Some(lead), Some(other)) if !has_moved_on => {
            let day = seen_at(lead).max(seen_at(other)).map(Timestamp::day);
            let state = lead.fields.text("state").map(str::to_owned);
            state.zip(day).map(|(state, last_inspected)| Proposal {
                state,
                last_inspected,
            })
        }
        _ => None,
    };
    MarkerStanding {
        marker,
        along_m,
        verdict,
        lead: views.lead,
        other: views.other,
        observations,
        difference: views.difference,
        has_moved_on,
        proposal,
    }
}

impl Standing<'_> {
    /// How many markers somebody has seen.
    pub fn seen(&self) -> usize {
        self.markers
            .iter()
            .filter(|one| one.verdict != Verdict::Unseen)
            .count()
    }

    /// Numbers of the markers that nobody has seen.
    pub fn unseen(&self) -> Vec<&str> {
        self.markers
            .iter()
            .filter(|one| one.verdict == Verdict::Unseen)
            .map(|one| number_of(one.marker))
            .collect()
    }

    /// How many markers were seen in each state.
    pub fn states(&self) -> BTreeMap<&str, usize> {
        let mut states = BTreeMap::new();
        let seen = self
            .markers
            .iter()
            .filter(|one| one.verdict != Verdict::Unseen);
        for state in seen.filter_map(MarkerStanding::state) {
            *states.entry(state).or_insert(0) += 1;
        }
        states
    }

    /// The standing as JSON.
    pub fn to_json(&self) -> Value {
        let marker = |one: &MarkerStanding<'_>| {
            let proposal = one.proposal.as_ref().map(|proposal| {
                json!({"state": proposal.state, "last_inspected": proposal.last_inspected})
            });
            json!({
                "number": number_of(one.marker),
                "along_m": centimetres(one.along_m),
                "registered_state": one.marker.fields.text("state"),
                "state": one.state(),
                "verdict": one.verdict.as_str(),
                "lead": one.lead.map(|record| &*record.id),
                "other": one.other.map(|record| &*record.id),
                "observations": one.observations.len(),
                "difference": one.difference.as_ref().map(|text| &text.zh),
                "difference_en": one.difference.as_ref().map(|text| &text.en),
                "has_moved_on": one.has_moved_on,
                "proposal": proposal,
            })
        };
        let conflict = |one: &OpenConflict| {
            json!({
                "kind": one.kind.as_str(),
                "marker": one.marker,
                "observations": one.observations,
            })
        };
        let states: Map<String, Value> = self
            .states()
            .into_iter()
            .map(|(state, count)| (state.to_owned(), Value::from(count)))
            .collect();
        json!({
            "markers": self.markers.len(),
            "seen": self.seen(),
            "unseen": self.unseen(),
            "states": states,
            "observations": self.observations,
            "elsewhere": self.elsewhere.iter().map(|one| &*one.id).collect::<Vec<_>>(),
            "length_m": centimetres(self.length_m),
            "walked_m": centimetres(self.walked_m),
            "conflicts": self.conflicts.iter().map(conflict).collect::<Vec<_>>(),
            "overdue": self.days_late > 0,
            "days_late": self.days_late,
            "by_marker": self.markers.iter().map(marker).collect::<Vec<_>>(),
        })
    }

    /// One line for a person.
    pub fn headline(&self, round: &Round<'_>) -> Words {
        let name = &round.inspection.name;
        let state = round.state();
        let (seen, all) = (self.seen(), self.markers.len());
        let (walked, length) = (self.walked_m / 1000.0, self.length_m / 1000.0);
        let due = round.inspection.fields.text("due").unwrap_or("-");
        let state_zh = match state {
            "planned" => "计划",
            "open" => "进行中",
            "closed" => "已结束",
            "filed" => "已备案",
            other => other,
        };
        let mut text = words!(
            "{name}：{state_zh}，期限 {due}，界桩 {seen}/{all}，已走 {walked:.1}/{length:.1} 公里",
            "{name}: {state}, due {due}, markers {seen}/{all}, walked {walked:.1}/{length:.1} km"
        );
        let open = self.conflicts.len();
        if open > 0 {
            text.push(&words!("，待裁定 {open} 处", ", {open} to be decided"));
        }
        if self.days_late > 0 {
            let late = self.days_late;
            text.push(&words!("，已逾期 {late} 天", ", {late} days overdue"));
        }
        text
    }

    /// The standing in full for a person.
    pub fn to_text(&self, round: &Round<'_>, lang: Lang) -> String {
        use std::fmt::Write as _;
        let mut text = format!(
            "{} {}\n",
            round.inspection.id,
            self.headline(round).pick(lang)
        );
        for one in &self.markers {
            let state = one.state().map_or("-", |state| state_word(state, lang));
            let _ = write!(
                text,
                "  {} {:.0} m {} {}",
                number_of(one.marker),
                one.along_m,
                one.verdict.title(lang),
                state
            );
            if let Some(difference) = &one.difference {
                let _ = write!(text, " ({})", difference.pick(lang));
            }
            if one.has_moved_on {
                let word = lang.pick("登记已有变化", "changed in the register since");
                let _ = write!(text, " [{word}]");
            }
            text.push('\n');
        }
        for one in &self.conflicts {
            let _ = writeln!(
                text,
                "  {} [{}] {} {}",
                lang.pick("待裁定", "to be decided"),
                one.kind.as_str(),
                one.marker.as_deref().unwrap_or("-"),
                one.observations.join(" ")
            );
        }
        text
    }
}
