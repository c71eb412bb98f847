//! Public holidays and make-up working days of the mainland (法定节假日和调休), as dated data.

use std::sync::{Arc, OnceLock};

use compact_calendar::CompactCalendar;
use zhifang_core::Day;

/// What kind of day it is for offices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayKind {
    /// Neither a public holiday nor a made-up working day.
    Ordinary,
    /// 放假.
    Holiday,
    /// 调休上班: a Saturday or Sunday on which offices work.
    MakeUp,
}

/// First and last day off as (month, day), by year.
/// Source: the State Council office's yearly notices on holidays (国务院办公厅关于部分节假日
/// 安排的通知) for 2025 and 2026. Years that are not listed have ordinary days only.
const HOLIDAYS: &[(i32, [u32; 2], [u32; 2])] = &[
    (2025, [1, 1], [1, 1]),
    (2025, [1, 28], [2, 4]),
    (2025, [4, 4], [4, 6]),
    (2025, [5, 1], [5, 5]),
    (2025, [5, 31], [6, 2]),
    (2025, [10, 1], [10, 8]),
    (2026, [1, 1], [1, 3]),
    (2026, [2, 15], [2, 23]),
    (2026, [4, 4], [4, 6]),
    (2026, [5, 1], [5, 5]),
    (2026, [6, 19], [6, 21]),
    (2026, [9, 25], [9, 27]),
    (2026, [10, 1], [10, 7]),
];

/// Weekend days on which offices work, of the same notices.
const MAKE_UP: &[(i32, u32, u32)] = &[
    (2025, 1, 26),
    (2025, 2, 8),
    (2025, 4, 27),
    (2025, 9, 28),
    (2025, 10, 11),
    (2026, 1, 4),
    (2026, 2, 14),
    (2026, 2, 28),
    (2026, 5, 9),
    (2026, 9, 20),
    (2026, 10, 10),
];

/// What kind of day it is for offices.
pub fn day_kind(day: Day) -> DayKind {
    let is = |year, month, date| Day::from_ymd(year, month, date);
    if MAKE_UP
        .iter()
        .any(|&(year, month, date)| is(year, month, date) == Some(day))
    {
        return DayKind::MakeUp;
    }
    let is_off = HOLIDAYS.iter().any(|&(year, first, last)| {
        is(year, first[0], first[1]).is_some_and(|first| first <= day)
            && is(year, last[0], last[1]).is_some_and(|last| day <= last)
    });
    if is_off {
        DayKind::Holiday
    } else {
        DayKind::Ordinary
    }
}

/// The days off as the `PH` of opening hours.
pub(crate) fn calendar() -> Arc<CompactCalendar> {
    static CALENDAR: OnceLock<Arc<CompactCalendar>> = OnceLock::new();
    Arc::clone(CALENDAR.get_or_init(|| {
        let mut days = CompactCalendar::default();
        for &(year, first, last) in HOLIDAYS {
            let (Some(first), Some(last)) = (
                Day::from_ymd(year, first[0], first[1]),
                Day::from_ymd(year, last[0], last[1]),
            ) else {
                continue;
            };
            for number in first.number()..=last.number() {
                if let Some(day) = Day::from_number(number) {
                    days.insert(day.to_date());
                }
            }
        }
        Arc::new(days)
    }))
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, Weekday};

    use super::*;

    #[test]
    fn every_made_up_working_day_is_a_weekend_day_outside_the_holidays() {
        for &(year, month, date) in MAKE_UP {
            let day = Day::from_ymd(year, month, date).unwrap();
            assert!(
                matches!(day.to_date().weekday(), Weekday::Sat | Weekday::Sun),
                "{day}"
            );
            assert_eq!(day_kind(day), DayKind::MakeUp);
            assert!(!calendar().contains(day.to_date()), "{day}");
        }
    }

    #[test]
    fn the_notices_days_off_add_up() {
        // 2025 has 28 days off by its notice, 2026 has 33.
        for (year, count) in [(2025, 28), (2026, 33)] {
            let off = calendar().iter().filter(|day| day.year() == year).count();
            assert_eq!(off, count, "{year}");
        }
    }
}
