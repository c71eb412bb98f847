//! Numbers for markers that have none: along the line, or beside those that were given before.

use std::collections::BTreeSet;

use serde_json::json;
use zhifang_core::{Record, RecordKey};

use crate::error::MarkerError;
use crate::numbering::TypeCode;
use crate::series::{Series, Station};
use crate::words::Words;

/// How a serial was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The series is numbered for the first time, or anew: in order along the line.
    InOrder,
    /// A serial that was never given lies between the neighbours'.
    Between,
    /// No serial is free between the neighbours': the next after the last.
    AfterLast,
}

impl How {
    /// Word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InOrder => "in-order",
            Self::Between => "between",
            Self::AfterLast => "after-last",
        }
    }

    /// In words.
    pub fn words(self) -> Words {
        match self {
            Self::InOrder => Words::new("按走向顺编", "in order along the line"),
            Self::Between => Words::new("相邻两号之间的空号", "free between its neighbours"),
            Self::AfterLast => Words::new(
                "相邻两号之间无空号，接末号",
                "none is free between its neighbours: after the last",
            ),
        }
    }
}

/// A number for a marker.
#[derive(Debug, Clone)]
pub struct Given<'a> {
    /// The marker.
    pub marker: &'a Record,
    /// Its number.
    pub number: String,
    /// Its serial.
    pub serial: u32,
    /// Its type: of a pair, A on the side of the smaller code whatever the record said.
    pub kind: TypeCode,
    /// Where it stands along the series, metres.
    pub along_m: f64,
    /// How the serial was found.
    pub how: How,
}

/// Numbers worked out, and not stored.
#[derive(Debug, Clone, Default)]
pub struct Plan<'a> {
    /// The new numbers, in order along the line.
    pub given: Vec<Given<'a>>,
    /// Markers that keep the number they have.
    pub kept: usize,
    /// Markers that get no number, and why.
    pub left: Vec<(RecordKey, Words)>,
}

impl Plan<'_> {
    /// The markers' records with their numbers.
    pub fn writes(&self) -> Vec<Record> {
        let numbered = |given: &Given<'_>| {
            let mut record = given.marker.clone();
            record.fields.set("number", json!(given.number));
            record.fields.set("serial", json!(given.serial));
            record.fields.set("type", json!(given.kind.letter()));
            record
        };
        self.given.iter().map(numbered).collect()
    }
}

/// Markers of one number: one, a pair, or three.
struct Group<'s, 'a> {
    members: Vec<(&'s Station<'a>, TypeCode)>,
    serial: Option<u32>,
}

/// Works out numbers for the markers of a series that have none; with `is_anew` for all of them,
/// as if none had been given.
///
/// # Errors
/// [`MarkerError::Spent`] when the serials run out.
pub fn assign<'a>(series: &Series<'a>, is_anew: bool) -> Result<Plan<'a>, MarkerError> {
    let mut plan = Plan::default();
    let groups = grouped(series, is_anew, &mut plan);
    let mut taken: BTreeSet<u32> = if is_anew {
        BTreeSet::new()
    } else {
        series.taken.clone()
    };
    let is_first = taken.is_empty();
    for (at, group) in groups.iter().enumerate() {
        if group.serial.is_some() {
            plan.kept += group.members.len();
            continue;
        }
        let last = taken.last().copied().unwrap_or(0);
        let (serial, how) = if is_first {
            (last + 1, How::InOrder)
        } else {
            let before = groups[..at].iter().rev().find_map(|group| group.serial);
            let after = groups[at + 1..].iter().find_map(|group| group.serial);
            match free_between(&taken, before, after) {
                Some(serial) => (serial, How::Between),
                None => (last + 1, How::AfterLast),
            }
        };
        taken.insert(serial);
        for (station, kind) in &group.members {
            plan.given.push(Given {
                marker: station.marker,
                number: series.pattern.compose(&series.stem, serial, *kind)?,
                serial,
                kind: *kind,
                along_m: station.along_m,
                how,
            });
        }
    }
    Ok(plan)
}

/// The smallest serial between two neighbours' that was never given.
fn free_between(taken: &BTreeSet<u32>, before: Option<u32>, after: Option<u32>) -> Option<u32> {
    let (low, high) = match (before, after) {
        (Some(before), Some(after)) => (before.min(after), before.max(after)),
        // Before the first: whatever lies below it.
        (None, Some(after)) => (0, after),
        (Some(_) | None, None) => return None,
    };
    (low + 1..high).find(|serial| !taken.contains(serial))
}

/// The markers by number, in order; those that cannot be numbered are told in the plan.
fn grouped<'s, 'a>(
    series: &'s Series<'a>,
    is_anew: bool,
    plan: &mut Plan<'a>,
) -> Vec<Group<'s, 'a>> {
    let mut groups: Vec<Group<'s, 'a>> = Vec::new();
    let mut stations = series.stations.iter().peekable();
    while let Some(station) = stations.next() {
        if !is_anew && let Some(number) = &station.number {
            let serial = Some(number.serial);
            match groups.last_mut() {
                Some(last) if last.serial == serial => last.members.push((station, station.kind)),
                _ => groups.push(Group {
                    members: vec![(station, station.kind)],
                    serial,
                }),
            }
            continue;
        }
        if !is_anew && station.marker.fields.text("number").is_some() {
            let words = Words::new(
                "已有编号，但不合本界线的规则；改正后再编，或重新编号",
                "has a number that does not fit the line's pattern; correct it, or number anew",
            );
            plan.left.push((station.marker.key(), words));
            continue;
        }
        let mut members = vec![station];
        // Those that share its number stand next to it along the line.
        let wanted = station.kind.group();
        while members.len() < wanted.len()
            && let Some(next) = stations.next_if(|next| {
                wanted.contains(&next.kind)
                    && (is_anew || next.number.is_none())
                    && !members.iter().any(|member| member.kind == next.kind)
            })
        {
            members.push(next);
        }
        if members.len() < wanted.len() {
            let letters = |kinds: &mut dyn Iterator<Item = TypeCode>| {
                kinds.map(TypeCode::letter).collect::<Vec<_>>().join("、")
            };
            let absent = letters(
                &mut wanted
                    .iter()
                    .copied()
                    .filter(|kind| !members.iter().any(|member| member.kind == *kind)),
            );
            for member in &members {
                let words = Words::new(
                    format!("同号界桩缺 {absent} 桩"),
                    format!("{absent} of its number is missing beside it"),
                );
                plan.left.push((member.marker.key(), words));
            }
            continue;
        }
        groups.push(Group {
            members: lettered(members),
            serial: None,
        });
    }
    groups
}

/// The members with their letters: of a pair, A on the side of the unit with the smaller code.
fn lettered<'s, 'a>(members: Vec<&'s Station<'a>>) -> Vec<(&'s Station<'a>, TypeCode)> {
    let mut lettered: Vec<_> = members
        .into_iter()
        .map(|member| (member, member.kind))
        .collect();
    if let [(one, a), (two, b)] = lettered.as_mut_slice()
        && let (Some(of_one), Some(of_two)) = (one.side, two.side)
        && of_one != of_two
    {
        (*a, *b) = if of_one < of_two {
            (TypeCode::A, TypeCode::B)
        } else {
            (TypeCode::B, TypeCode::A)
        };
    }
    lettered.sort_by_key(|(_, kind)| *kind);
    lettered
}

/// The number that a marker set at a position would bear.
#[derive(Debug, Clone, PartialEq)]
pub struct Free {
    /// The numbers: one, or those of a pair or of three.
    pub numbers: Vec<String>,
    /// How the serial was found.
    pub how: How,
    /// Where the position lies along the series, metres.
    pub along_m: f64,
    /// How far off the line it lies, metres.
    pub off_m: f64,
    /// Number of the marker before it, if any.
    pub before: Option<String>,
    /// Number of the marker after it, if any.
    pub after: Option<String>,
}

/// The next free number at a position.
///
/// # Errors
/// [`MarkerError::Spent`] when the serials run out.
pub fn free_at(
    series: &Series<'_>,
    position: geo::Coord<f64>,
    kind: TypeCode,
) -> Result<Free, MarkerError> {
    let (along_m, off_m) = series.reach(position);
    let numbered = || {
        series
            .stations
            .iter()
            .filter(|station| station.number.is_some())
    };
    let before = numbered().rfind(|station| station.along_m <= along_m);
    let after = numbered().find(|station| station.along_m > along_m);
    let serial = |station: Option<&Station<'_>>| {
        station.and_then(|station| station.number.as_ref().map(|number| number.serial))
    };
    let last = series.taken.last().copied().unwrap_or(0);
    let (serial, how) = if series.taken.is_empty() {
        (1, How::InOrder)
    } else {
        match free_between(&series.taken, serial(before), serial(after)) {
            Some(serial) => (serial, How::Between),
            None => (last + 1, How::AfterLast),
        }
    };
    let text = |station: Option<&Station<'_>>| {
        station.and_then(|station| station.marker.fields.text("number").map(str::to_owned))
    };
    Ok(Free {
        numbers: kind
            .group()
            .iter()
            .map(|kind| series.pattern.compose(&series.stem, serial, *kind))
            .collect::<Result<_, _>>()?,
        how,
        along_m,
        off_m,
        before: text(before),
        after: text(after),
    })
}
