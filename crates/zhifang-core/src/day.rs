//! Days and instants: validity by the day in Asia/Shanghai, changes by the microsecond in UTC.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is no day or no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DayError {
    /// Not a calendar day.
    #[error("day `{text}`: wanted YYYY-MM-DD")]
    Day {
        /// The text as given.
        text: String,
    },
    /// Not an instant.
    #[error("time `{text}`: wanted RFC 3339, e.g. 2026-05-01T08:00:00+08:00")]
    Time {
        /// The text as given.
        text: String,
    },
}

/// A calendar day in Asia/Shanghai (which has kept UTC+8 without change since 1991).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// The day of the civil calendar; `None` when there is no such day.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self::from_date)
    }

    fn from_date(date: NaiveDate) -> Self {
        Self(date.num_days_from_ce())
    }

    /// The chrono date.
    pub fn to_date(self) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(self.0).unwrap_or_default()
    }

    /// Days since 0001-01-01, for compact storage.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The day with this [`number`](Self::number); `None` outside the calendar.
    pub fn from_number(number: i32) -> Option<Self> {
        NaiveDate::from_num_days_from_ce_opt(number).map(Self::from_date)
    }

    /// The day `days` later (earlier when negative).
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The same day `years` later; 29 February becomes 1 March where there is none.
    #[must_use]
    pub fn plus_years(self, years: i32) -> Self {
        let date = self.to_date();
        let year = date.year() + years;
        NaiveDate::from_ymd_opt(year, date.month(), date.day())
            .or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
            .map_or(self, Self::from_date)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_date().format("%Y-%m-%d").fmt(f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = DayError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .filter(|date| (1..=9999).contains(&date.year()) && text.len() == 10)
            .map(Self::from_date)
            .ok_or_else(|| DayError::Day {
                text: text.to_owned(),
            })
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An instant, microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The chrono instant.
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }

    /// The calendar day in Asia/Shanghai.
    pub fn day(self) -> Day {
        Day::from_date((self.to_utc() + TimeDelta::hours(8)).date_naive())
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_micros())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = DayError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text)
            .map(|time| Self(time.timestamp_micros()))
            .map_err(|_| DayError::Time {
                text: text.to_owned(),
            })
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// From when to when something is valid: half-open, days in Asia/Shanghai, open where `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Validity {
    /// First day.
    pub from: Option<Day>,
    /// First day on which it is valid no more.
    pub to: Option<Day>,
}

impl Validity {
    /// Whether the day lies inside.
    pub fn contains(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }

    /// Whether the two dates are in order (or one is open).
    pub fn is_ordered(&self) -> bool {
        match (self.from, self.to) {
            (Some(from), Some(to)) => from < to,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_turn_over_at_midnight_in_shanghai() {
        let time: Timestamp = "2026-04-30T16:00:00Z".parse().unwrap();
        assert_eq!(time.day(), Day::from_ymd(2026, 5, 1).unwrap());
        assert_eq!(time.to_string(), "2026-04-30T16:00:00Z");
    }

    #[test]
    fn validity_is_half_open() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let validity = Validity {
            from: Some(day("2010-07-01")),
            to: Some(day("2016-01-01")),
        };
        assert!(validity.contains(day("2010-07-01")) && !validity.contains(day("2016-01-01")));
        assert!("2010-7-1".parse::<Day>().is_err() && "2010-02-30".parse::<Day>().is_err());
    }
}
