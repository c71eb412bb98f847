//! How people move, and how far is too far.

use std::str::FromStr;

use geo::{Distance, Geodesic, Point};
use serde::{Serialize, Serializer};
use zhifang_core::{LonLat, Record};

use crate::error::AssistError;

/// Detour factor of a straight line where no roads are loaded: the usual ratio of road to
/// straight-line distance in settled plains.
pub(crate) const DETOUR: f64 = 1.3;

/// Share of the walking speed off the roads.
pub(crate) const OFF_ROAD_SHARE: f64 = 0.8;

/// Speed of a car where a road states none and where there are no roads, km/h.
const DRIVE_KMH: f64 = 30.0;

/// A way of travelling (出行方式).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    /// 步行, 4.5 km/h.
    #[default]
    Walk,
    /// 老年人步行, 3.6 km/h: 15 minutes are 900 m.
    Elder,
    /// 电动自行车, 15 km/h, the legal pace of light e-bikes in mixed traffic.
    Ebike,
    /// 驾车, by the speed of each road.
    Drive,
    /// 直线: the geodesic, at walking speed.
    Line,
}

impl Mode {
    /// Word used over HTTP and in commands.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Walk => "walk",
            Self::Elder => "elder",
            Self::Ebike => "ebike",
            Self::Drive => "drive",
            Self::Line => "line",
        }
    }

    /// Speed away from any stated one, metres a second.
    pub const fn speed_mps(self) -> f64 {
        match self {
            Self::Walk | Self::Line => 4.5 / 3.6,
            Self::Elder => 1.0,
            Self::Ebike => 15.0 / 3.6,
            Self::Drive => DRIVE_KMH / 3.6,
        }
    }

    /// Speed on foot between a place and the nearest road, metres a second.
    pub(crate) const fn off_road_mps(self) -> f64 {
        let walking = match self {
            Self::Elder => 1.0,
            _ => 4.5 / 3.6,
        };
        walking * OFF_ROAD_SHARE
    }

    /// Speed on a road, metres a second; `None` where this way of travelling may not use it.
    pub(crate) fn road_mps(self, road: &Record) -> Option<f64> {
        if self == Self::Drive {
            let stated = road.fields.number("speed_kmh");
            let usable = stated.is_none_or(|kmh| kmh.is_finite() && kmh > 0.0);
            return usable.then(|| stated.unwrap_or(DRIVE_KMH) / 3.6);
        }
        let may_walk = road.fields.flag("walk") != Some(false);
        may_walk.then(|| self.speed_mps())
    }

    /// Whether one-way roads bind it.
    pub(crate) const fn heeds_oneway(self) -> bool {
        matches!(self, Self::Drive)
    }

    /// Minutes over a straight line of these metres, without roads.
    pub(crate) fn straight_minutes(self, metres: f64) -> f64 {
        metres / self.speed_mps() / 60.0
    }
}

impl FromStr for Mode {
    type Err = AssistError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [
            Self::Walk,
            Self::Elder,
            Self::Ebike,
            Self::Drive,
            Self::Line,
        ]
        .into_iter()
        .find(|mode| mode.as_str() == text)
        .ok_or_else(|| AssistError::Mode {
            text: text.to_owned(),
        })
    }
}

impl Serialize for Mode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// How a distance was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Along the quickest way over the register's roads, with the walk to and from them.
    Roads,
    /// Geodesic times the detour factor, because no road is near.
    StraightDetour,
    /// Geodesic.
    Line,
}

impl Method {
    /// Word in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Roads => "roads",
            Self::StraightDetour => "straight_line*1.3",
            Self::Line => "line",
        }
    }

    /// What a geodesic is multiplied by.
    pub(crate) const fn factor(self) -> f64 {
        match self {
            Self::StraightDetour => DETOUR,
            Self::Roads | Self::Line => 1.0,
        }
    }
}

impl Serialize for Method {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A limit of reach (服务半径), inclusive: the exact 15:00 is within 15 minutes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// Travel time.
    Minutes(f64),
    /// Length of the way.
    Metres(f64),
}

/// Slack of sums of floating-point numbers, in metres or seconds: far below what matters.
pub(crate) const SLACK: f64 = 1e-6;

impl Limit {
    /// A limit in range.
    ///
    /// # Errors
    /// [`AssistError::Range`] unless positive and at most a day or 1,000 km.
    pub fn checked(self) -> Result<Self, AssistError> {
        let (name, value, most, wanted) = match self {
            Self::Minutes(value) => ("minutes", value, 1_440.0, "over 0, at most 1440"),
            Self::Metres(value) => ("metres", value, 1e6, "over 0, at most 1000000"),
        };
        if value > 0.0 && value <= most {
            Ok(self)
        } else {
            Err(AssistError::Range {
                name,
                found: value.to_string(),
                wanted,
            })
        }
    }

    /// Whether the way lies within it.
    pub(crate) fn holds(self, way: Way) -> bool {
        way.measure(self) <= self.value() + SLACK
    }

    /// The number, minutes or metres.
    pub(crate) const fn value(self) -> f64 {
        match self {
            Self::Minutes(value) | Self::Metres(value) => value,
        }
    }
}

/// A way from a place to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Way {
    pub(crate) metres: f64,
    pub(crate) minutes: f64,
}

impl Way {
    /// The quantity that the limit limits.
    pub(crate) const fn measure(self, limit: Limit) -> f64 {
        match limit {
            Limit::Minutes(_) => self.minutes,
            Limit::Metres(_) => self.metres,
        }
    }
}

/// Geodesic distance on CGCS2000, metres.
pub(crate) fn geodesic_m(from: LonLat, to: LonLat) -> f64 {
    Geodesic.distance(Point::from(from), Point::from(to))
}

/// Metres with one decimal, as answers give them.
pub(crate) fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Sums that are 0 over nothing: the standard library's is -0, which a reader would wonder at.
pub(crate) trait Total {
    /// The sum.
    fn total(self) -> f64;
}

impl<I: Iterator<Item: std::borrow::Borrow<f64>>> Total for I {
    fn total(self) -> f64 {
        self.fold(0.0, |sum, number| {
            sum + *std::borrow::Borrow::borrow(&number)
        })
    }
}
