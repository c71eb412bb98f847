//! Open or closed (是否开放): `opening_hours` of OpenStreetMap, read in Asia/Shanghai.
//!
//! Offices follow the public holidays although their hours seldom say so. So hours that name no
//! `PH` and end with the working week are closed on holidays, and on a weekend day that was made
//! a working day they are those of the last ordinary weekday before it.

use chrono::{Datelike, TimeDelta, Weekday};
use opening_hours::schedule::Schedule;
use opening_hours::{Context, ContextHolidays, OpeningHours, RuleKind};
use serde::Serialize;
use zhifang_core::{Day, Timestamp};

use crate::holiday::{self, DayKind, day_kind};

/// Days that are looked through for the next change; beyond it none is told.
const HORIZON_DAYS: i32 = 14;

/// Characters of hours that are read: no honest ones are longer.
const MOST_CHARS: usize = 1_000;

const DAY_MINUTES: i64 = 24 * 60;

/// Whether a place is open, and until when that stays so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OpenState {
    /// `None` where the hours leave it open (by appointment) or cannot be read.
    pub open: Option<bool>,
    /// When it changes; `None` where it does not within two weeks.
    pub next_change: Option<Timestamp>,
}

/// Whether hours in `opening_hours` syntax are open at the instant.
///
/// `None` where the text is no such hours.
pub fn open_state(hours: &str, at: Timestamp) -> Option<OpenState> {
    if hours.len() > MOST_CHARS {
        return None;
    }
    let context = Context::default().with_holidays(ContextHolidays::new(
        holiday::calendar(),
        std::sync::Arc::default(),
    ));
    let parsed = OpeningHours::parse(hours).ok()?.with_context(context);
    let names_holidays = hours.contains("PH") || hours.contains("SH");
    let book = Book {
        parsed,
        names_holidays,
    };
    let today = at.day();
    let minute = minute_of_day(at);
    let here = book.kind_at(today, minute);
    let next_change = book.change_after(today, minute, here);
    let open = match here {
        RuleKind::Open => Some(true),
        RuleKind::Closed => Some(false),
        RuleKind::Unknown => None,
    };
    Some(OpenState { open, next_change })
}

/// Hours with the rules for holidays.
struct Book {
    parsed: OpeningHours,
    names_holidays: bool,
}

impl Book {
    /// The day's spans: minutes from midnight and what they are, in order.
    fn spans(&self, day: Day) -> Vec<(i64, i64, RuleKind)> {
        let Some(day) = self.day_that_counts(day) else {
            return vec![(0, DAY_MINUTES, RuleKind::Closed)];
        };
        spans_of(self.parsed.schedule_at(day.to_date()))
    }

    /// The day whose schedule counts; `None` where offices are closed for a holiday.
    fn day_that_counts(&self, day: Day) -> Option<Day> {
        if self.names_holidays {
            return Some(day);
        }
        match day_kind(day) {
            DayKind::Holiday => {
                let rests = self.is_closed_all(nearest_ordinary(day, |week| week == Weekday::Sun));
                (!rests).then_some(day)
            }
            DayKind::MakeUp if self.is_closed_all(day) => {
                let works = |week| !matches!(week, Weekday::Sat | Weekday::Sun);
                Some(nearest_ordinary(day, works))
            }
            DayKind::Ordinary | DayKind::MakeUp => Some(day),
        }
    }

    fn is_closed_all(&self, day: Day) -> bool {
        spans_of(self.parsed.schedule_at(day.to_date()))
            .iter()
            .all(|(_, _, kind)| *kind == RuleKind::Closed)
    }

    fn kind_at(&self, day: Day, minute: i64) -> RuleKind {
        self.spans(day)
            .iter()
            .find(|(start, end, _)| (*start..*end).contains(&minute))
            .map_or(RuleKind::Closed, |(_, _, kind)| *kind)
    }

    fn change_after(&self, today: Day, minute: i64, here: RuleKind) -> Option<Timestamp> {
        for offset in 0..HORIZON_DAYS {
            let day = today.plus_days(offset);
            let from = if offset == 0 { minute } else { 0 };
            let mut at = from;
            for (start, end, kind) in self.spans(day) {
                if end <= from {
                    continue;
                }
                // What stands between two spans is closed.
                if start > at && here != RuleKind::Closed {
                    return Some(instant(day, at));
                }
                if kind != here {
                    return Some(instant(day, start.max(at)));
                }
                at = end;
            }
            if at < DAY_MINUTES && here != RuleKind::Closed {
                return Some(instant(day, at));
            }
        }
        None
    }
}

fn spans_of(schedule: Schedule) -> Vec<(i64, i64, RuleKind)> {
    schedule
        .into_iter()
        .map(|span| {
            let start = i64::from(span.range.start.mins_from_midnight());
            let end = i64::from(span.range.end.mins_from_midnight());
            (start, end.min(DAY_MINUTES), span.kind)
        })
        .filter(|(start, end, _)| start < end)
        .collect()
}

/// The last ordinary day before this one on such a day of the week.
fn nearest_ordinary(day: Day, is_wanted: impl Fn(Weekday) -> bool) -> Day {
    (1..60)
        .map(|back| day.plus_days(-back))
        .find(|day| is_wanted(day.to_date().weekday()) && day_kind(*day) == DayKind::Ordinary)
        .unwrap_or(day)
}

fn minute_of_day(at: Timestamp) -> i64 {
    let micros = at.micros() + 8 * 3_600_000_000;
    micros.rem_euclid(86_400_000_000) / 60_000_000
}

/// The instant of a minute of a day in Asia/Shanghai.
fn instant(day: Day, minute: i64) -> Timestamp {
    let midnight = day.to_date().and_time(chrono::NaiveTime::MIN).and_utc();
    (midnight + TimeDelta::minutes(minute - 8 * 60)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(hours: &str, at: &str) -> (Option<bool>, Option<String>) {
        let found = open_state(hours, at.parse().unwrap()).unwrap();
        let next = found.next_change.map(|time| {
            let local = time.to_utc() + TimeDelta::hours(8);
            local.format("%m-%d %H:%M").to_string()
        });
        (found.open, next)
    }

    const OFFICE: &str = "Mo-Fr 08:30-12:00,14:30-17:30";

    #[test]
    fn offices_close_for_lunch_and_for_the_weekend() {
        let next = |text: &str| Some(text.to_owned());
        assert_eq!(
            state(OFFICE, "2026-11-25T09:00:00+08:00"),
            (Some(true), next("11-25 12:00"))
        );
        assert_eq!(
            state(OFFICE, "2026-11-25T12:00:00+08:00"),
            (Some(false), next("11-25 14:30"))
        );
        assert_eq!(
            state(OFFICE, "2026-11-25T17:29:59+08:00"),
            (Some(true), next("11-25 17:30"))
        );
        assert_eq!(
            state(OFFICE, "2026-11-27T18:00:00+08:00"),
            (Some(false), next("11-30 08:30"))
        );
        // The same instant, written in UTC.
        assert_eq!(
            state(OFFICE, "2026-11-25T01:00:00Z"),
            (Some(true), next("11-25 12:00"))
        );
    }

    #[test]
    fn round_the_clock_never_changes() {
        assert_eq!(
            state("24/7", "2026-10-01T03:00:00+08:00"),
            (Some(true), None)
        );
        assert_eq!(
            state("off", "2026-11-25T09:00:00+08:00"),
            (Some(false), None)
        );
    }

    #[test]
    fn holidays_close_offices_and_made_up_days_open_them() {
        // Thursday, National Day; Saturday, 10 October, made a working day.
        assert_eq!(state(OFFICE, "2026-10-01T09:00:00+08:00").0, Some(false));
        assert_eq!(
            state(OFFICE, "2026-10-01T09:00:00+08:00").1.as_deref(),
            Some("10-08 08:30")
        );
        assert_eq!(state(OFFICE, "2026-10-10T09:00:00+08:00").0, Some(true));
        assert_eq!(state(OFFICE, "2026-10-11T09:00:00+08:00").0, Some(false));
        // The Friday before 4 January 2026 was a holiday itself.
        assert_eq!(state(OFFICE, "2026-01-04T09:00:00+08:00").0, Some(true));
    }

    #[test]
    fn daily_hours_go_on_through_holidays_unless_they_say_otherwise() {
        assert_eq!(
            state("Mo-Su 08:00-18:00", "2026-10-01T09:00:00+08:00").0,
            Some(true)
        );
        let with_holidays = "Mo-Su 08:00-18:00; PH off";
        assert_eq!(
            state(with_holidays, "2026-10-01T09:00:00+08:00").0,
            Some(false)
        );
        assert_eq!(
            state(with_holidays, "2026-10-09T09:00:00+08:00").0,
            Some(true)
        );
    }

    #[test]
    fn nights_run_over_midnight() {
        let (open, next) = state("Mo-Su 20:00-06:00", "2026-11-25T23:00:00+08:00");
        assert_eq!((open, next.as_deref()), (Some(true), Some("11-26 06:00")));
        assert_eq!(
            state("Mo-Su 20:00-06:00", "2026-11-26T05:00:00+08:00").0,
            Some(true)
        );
    }

    #[test]
    fn appointments_are_unknown_and_nonsense_is_none() {
        assert_eq!(
            state(
                "Mo-Fr 09:00-17:00 unknown \"by appointment\"",
                "2026-11-25T10:00:00+08:00"
            )
            .0,
            None
        );
        assert!(open_state("上午八点", "2026-11-25T10:00:00+08:00".parse().unwrap()).is_none());
        let long = "Mo-Fr 08:00-09:00;".repeat(1_000);
        assert!(open_state(&long, "2026-11-25T10:00:00+08:00".parse().unwrap()).is_none());
    }
}
