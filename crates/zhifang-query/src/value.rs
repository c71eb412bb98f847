//! Values while a filter looks at a record, and how they compare.

use std::borrow::Cow;
use std::cmp::Ordering;

use geo::Geometry;
use zhifang_core::{Day, Timestamp};

/// Days from 0001-01-01 to 1970-01-01, as [`Day::number`] counts.
const EPOCH_DAY: i64 = 719_163;
const DAY_MICROS: i64 = 86_400_000_000;
/// A day begins in Asia/Shanghai eight hours before it begins in Greenwich.
const SHANGHAI_MICROS: i64 = 8 * 3_600_000_000;

/// A value.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    /// Missing: every comparison with it is unknown.
    Null,
    Text(Cow<'a, str>),
    Number(f64),
    Flag(bool),
    Day(Day),
    Time(Timestamp),
    Span(Span),
    Shape(Cow<'a, Geometry>),
    List(Vec<Value<'a>>),
    /// An object: there, but not comparable.
    Other,
}

/// First and last microsecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Span {
    fn of_day(day: Day) -> Self {
        let first = (i64::from(day.number()) - EPOCH_DAY) * DAY_MICROS - SHANGHAI_MICROS;
        Self {
            first,
            last: first + DAY_MICROS - 1,
        }
    }
}

impl<'a> Value<'a> {
    /// A stored JSON value.
    pub(crate) fn of_json(json: Cow<'a, serde_json::Value>) -> Self {
        use serde_json::Value as Json;
        match json {
            Cow::Borrowed(Json::String(text)) => Self::Text(Cow::Borrowed(text)),
            Cow::Owned(Json::String(text)) => Self::Text(Cow::Owned(text)),
            Cow::Borrowed(Json::Array(list)) => Self::List(
                list.iter()
                    .map(|item| Self::of_json(Cow::Borrowed(item)))
                    .collect(),
            ),
            Cow::Owned(Json::Array(list)) => Self::List(
                list.into_iter()
                    .map(|item| Self::of_json(Cow::Owned(item)))
                    .collect(),
            ),
            other => match &*other {
                Json::Null => Self::Null,
                Json::Bool(flag) => Self::Flag(*flag),
                Json::Number(number) => number.as_f64().map_or(Self::Null, Self::Number),
                _ => Self::Other,
            },
        }
    }

    /// When it is, if it is a time or a text that says one.
    pub(crate) fn span(&self) -> Option<Span> {
        match self {
            Self::Span(span) => Some(*span),
            Self::Day(day) => Some(Span::of_day(*day)),
            Self::Time(time) => Some(Span {
                first: time.micros(),
                last: time.micros(),
            }),
            Self::Text(text) => {
                let day = text.parse::<Day>().map(Span::of_day).ok();
                day.or_else(|| {
                    let at = text.parse::<Timestamp>().ok()?.micros();
                    Some(Span {
                        first: at,
                        last: at,
                    })
                })
            }
            _ => None,
        }
    }

    /// How it compares; `None` where it does not. A time inside a day equals the day.
    pub(crate) fn compared(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(one), Self::Text(two)) => Some(one.cmp(two)),
            (Self::Number(one), Self::Number(two)) => one.partial_cmp(two),
            (Self::Flag(one), Self::Flag(two)) => Some(one.cmp(two)),
            (Self::Day(_) | Self::Time(_), _) | (_, Self::Day(_) | Self::Time(_)) => {
                let (one, two) = (self.span()?, other.span()?);
                Some(if one.last < two.first {
                    Ordering::Less
                } else if one.first > two.last {
                    Ordering::Greater
                } else {
                    Ordering::Equal
                })
            }
            (Self::List(one), Self::List(two)) => (one.len() == two.len()
                && one.iter().zip(two).all(|(one, two)| one.is_same_as(two)))
            .then_some(Ordering::Equal),
            _ => None,
        }
    }

    /// Whether it is the same value.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.compared(other) == Some(Ordering::Equal)
    }

    /// The number, if it is one.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}
