//! Where a lost marker must stand again (恢复点位), from bearings and distances to its reference
//! objects, with the error ellipse.
//!
//! Least squares over what was recorded when the marker stood, against where its objects are
//! today: each bearing and each distance with its own error, the objects' positions with theirs.
//! Whatever is measured beyond the two that are needed shows in the residuals.

use std::collections::BTreeMap;

use geo::Coord;
use serde_json::{Map, Value};
use zhifang_core::{LonLat, Record};
use zhifang_topology::{bearing_deg, destination, distance_m};

use crate::error::MarkerError;
use crate::grid::convergence_deg;

/// A reference object (方位物) with its place and what was recorded from the marker to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// Its number in the record, from 1.
    pub number: usize,
    /// What it is.
    pub what: String,
    /// Where it is, EPSG:4490.
    pub object: Coord<f64>,
    /// Azimuth from the marker to it, degrees, against the north that is said with it.
    pub bearing_deg: Option<f64>,
    /// Distance from the marker to it, metres.
    pub distance_m: Option<f64>,
}

/// Against which north the bearings were taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum North {
    /// 真方位角.
    True,
    /// 坐标方位角, in the marker's 3-degree zone.
    Grid,
    /// 磁方位角.
    Magnetic {
        /// 磁偏角 then and there, degrees, positive where the needle points east of true north;
        /// worked out from the sights themselves where it is not known.
        declination_deg: Option<f64>,
    },
}

impl North {
    /// What is added to a bearing at a place to make it a true one, degrees; `None` for a needle
    /// whose declination is not known.
    pub fn turn_deg(self, place: LonLat) -> Option<f64> {
        match self {
            Self::True => Some(0.0),
            Self::Grid => Some(convergence_deg(place)),
            Self::Magnetic { declination_deg } => declination_deg,
        }
    }
}

/// The north that a reference object's record names: `north` (`true`, `grid`, `magnetic`) with
/// `declination_deg`; true north where it names none.
pub fn north_of(object: &Map<String, Value>) -> North {
    match object.get("north").and_then(Value::as_str) {
        Some("grid") => North::Grid,
        Some("magnetic") => North::Magnetic {
            declination_deg: object.get("declination_deg").and_then(Value::as_f64),
        },
        _ => North::True,
    }
}

/// Standard errors of what was recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Errors {
    /// Of a bearing, degrees.
    pub bearing_deg: f64,
    /// Of a distance, metres.
    pub distance_m: f64,
    /// Of a distance, by its length.
    pub distance_share: f64,
    /// Of an object's position in each direction, metres.
    pub object_m: f64,
}

impl Default for Errors {
    /// A compass read to half a degree, a tape, objects by satellite to half a metre.
    fn default() -> Self {
        Self {
            bearing_deg: 0.5,
            distance_m: 0.1,
            distance_share: 0.002,
            object_m: 0.5,
        }
    }
}

/// The error ellipse (误差椭圆) of one standard error: 39 % of the cases; multiplied by 2.448 it
/// holds 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ellipse {
    /// Its long half-axis, metres.
    pub major_m: f64,
    /// Its short half-axis, metres.
    pub minor_m: f64,
    /// Azimuth of the long axis, degrees from true north, below 180.
    pub azimuth_deg: f64,
}

impl Ellipse {
    /// By how much the half-axes grow so that the ellipse holds 95 of 100 cases.
    pub const OF_95: f64 = 2.447_7;

    fn of(xx: f64, xy: f64, yy: f64) -> Self {
        let middle = f64::midpoint(xx, yy);
        let reach = ((xx - yy) / 2.0).hypot(xy);
        Self {
            major_m: (middle + reach).max(0.0).sqrt(),
            minor_m: (middle - reach).max(0.0).sqrt(),
            azimuth_deg: (0.5 * (2.0 * xy).atan2(yy - xx))
                .to_degrees()
                .rem_euclid(180.0),
        }
    }
}

/// What a sight says against the place found.
#[derive(Debug, Clone, PartialEq)]
pub struct Residual {
    /// The sight's number.
    pub number: usize,
    /// Recorded minus computed azimuth, degrees.
    pub bearing_deg: Option<f64>,
    /// Recorded minus computed distance, metres.
    pub distance_m: Option<f64>,
    /// Whether one of them is off by more than three of its standard errors: the object was moved
    /// or mistaken, or the record is wrong.
    pub is_suspect: bool,
}

/// Where the marker must stand.
#[derive(Debug, Clone, PartialEq)]
pub struct SetOut {
    /// The place, EPSG:4490.
    pub place: LonLat,
    /// How sure it is.
    pub ellipse: Ellipse,
    /// What each sight says against it.
    pub residuals: Vec<Residual>,
    /// Sights beyond those needed.
    pub redundancy: usize,
    /// What was added to the bearings to make them true, degrees.
    pub turned_deg: f64,
    /// Whether that was worked out from the sights.
    pub is_turn_found: bool,
    /// From the registered position to the place, metres.
    pub from_registered_m: Option<f64>,
    /// Whether the registered position and the place agree within what both may be off by, at
    /// 95 %.
    pub agrees_with_registered: Option<bool>,
}

/// The sights in a marker's record whose objects have coordinates: as measured today, by number
/// from 1, else as recorded.
pub fn sights_of(marker: &Record, measured: &BTreeMap<usize, LonLat>) -> Vec<Sight> {
    let objects = marker.fields.objects("references").enumerate();
    objects
        .filter_map(|(at, object)| {
            let field = |name: &str| object.get(name).and_then(Value::as_f64);
            let number = at + 1;
            let recorded = || {
                let (lon, lat) = field("lon").zip(field("lat"))?;
                Some(Coord { x: lon, y: lat })
            };
            let what = object.get("what").and_then(|what| what.as_str());
            Some(Sight {
                number,
                what: what.unwrap_or_default().to_owned(),
                object: measured
                    .get(&number)
                    .map(|place| Coord::from(*place))
                    .or_else(recorded)?,
                bearing_deg: field("bearing_deg"),
                distance_m: field("distance_m").filter(|distance| *distance > 0.0),
            })
        })
        .collect()
}

/// One bearing or distance as an equation in east, north and turn.
struct Equation {
    sight: usize,
    is_bearing: bool,
    row: [f64; 3],
    /// Recorded minus computed.
    gap: f64,
    sigma: f64,
}

/// Shortest distance to an object at which its direction is taken, metres.
const NEAREST_M: f64 = 0.05;
/// Most steps of the iteration; it ends in a handful.
const STEPS: usize = 60;
/// A place less sure than this is none, metres.
const UNSURE_M: f64 = 1_000.0;
/// A residual of so many standard errors is suspect.
const SUSPECT: f64 = 3.0;
/// 95 % of a chi-square distribution with two degrees of freedom.
const CHI_SQUARE_95: f64 = 5.991;

fn turn(degrees: f64) -> f64 {
    (degrees + 180.0).rem_euclid(360.0) - 180.0
}

/// What the sights say of a place, with the turn of their bearings.
fn equations(sights: &[Sight], at: Coord<f64>, turned_deg: f64, errors: &Errors) -> Vec<Equation> {
    let mut equations = Vec::with_capacity(sights.len() * 2);
    for (number, sight) in sights.iter().enumerate() {
        let away = distance_m(at, sight.object).max(NEAREST_M);
        let azimuth = bearing_deg(at, sight.object);
        let (sin, cos) = azimuth.to_radians().sin_cos();
        if let Some(distance) = sight.distance_m {
            let sigma = errors
                .distance_m
                .hypot(errors.distance_share * distance)
                .hypot(errors.object_m);
            equations.push(Equation {
                sight: number,
                is_bearing: false,
                row: [-sin, -cos, 0.0],
                gap: distance - away,
                sigma,
            });
        }
        if let Some(bearing) = sight.bearing_deg {
            let sideways = errors.object_m / sight.distance_m.unwrap_or(away).max(NEAREST_M);
            equations.push(Equation {
                sight: number,
                is_bearing: true,
                row: [-cos / away, sin / away, -1.0],
                gap: turn(bearing + turned_deg - azimuth).to_radians(),
                sigma: errors.bearing_deg.to_radians().hypot(sideways),
            });
        }
    }
    equations
}

/// The inverse of the normal matrix of so many unknowns; `None` where they do not follow.
fn inverse(equations: &[Equation], unknowns: usize) -> Option<[[f64; 3]; 3]> {
    let mut work = [[0.0; 6]; 3];
    for one in equations {
        for (at, line) in work.iter_mut().enumerate().take(unknowns) {
            for (to, cell) in line.iter_mut().enumerate().take(unknowns) {
                *cell += one.row[at] * one.row[to] / (one.sigma * one.sigma);
            }
        }
    }
    let scale: [f64; 3] = std::array::from_fn(|at| work[at][at].max(f64::MIN_POSITIVE));
    for (at, line) in work.iter_mut().enumerate() {
        line[3 + at] = 1.0;
    }
    for at in 0..unknowns {
        let pivot = (at..unknowns).max_by(|a, b| {
            let size = |row: usize| work[row][at].abs() / scale[row];
            size(*a).total_cmp(&size(*b))
        })?;
        if work[pivot][at].abs() <= 1e-9 * scale[at] {
            return None;
        }
        work.swap(at, pivot);
        let head = work[at][at];
        work[at].iter_mut().for_each(|cell| *cell /= head);
        let line = work[at];
        for (other, row) in work.iter_mut().enumerate().take(unknowns) {
            if other != at {
                let share = row[at];
                for (cell, by) in row.iter_mut().zip(line) {
                    *cell -= share * by;
                }
            }
        }
    }
    Some(std::array::from_fn(|at| {
        std::array::from_fn(|to| work[at][3 + to])
    }))
}

/// The step that the equations ask for.
fn step(equations: &[Equation], inverse: &[[f64; 3]; 3], unknowns: usize) -> [f64; 3] {
    let right: [f64; 3] = std::array::from_fn(|at| {
        equations
            .iter()
            .map(|one| one.row[at] * one.gap / (one.sigma * one.sigma))
            .sum()
    });
    std::array::from_fn(|at| {
        if at < unknowns {
            (0..unknowns).map(|to| inverse[at][to] * right[to]).sum()
        } else {
            0.0
        }
    })
}

/// Where to begin: the registered position, else what one sight with both says, else amidst the
/// objects.
fn beginning(sights: &[Sight], registered: Option<LonLat>, turned_deg: f64) -> Coord<f64> {
    if let Some(place) = registered {
        return place.into();
    }
    let whole = sights.iter().find_map(|sight| {
        let back = sight.bearing_deg? + turned_deg + 180.0;
        Some(destination(sight.object, back, sight.distance_m?))
    });
    let middle = || {
        let sum = sights
            .iter()
            .fold(Coord { x: 0.0, y: 0.0 }, |sum, sight| sum + sight.object);
        sum / sights.len().max(1) as f64
    };
    whole.unwrap_or_else(middle)
}

/// Works out where a marker stood from its sights.
///
/// `registered` is its registered position with the accuracy of its survey, metres; the place
/// does not depend on it but for where the iteration begins.
///
/// # Errors
/// [`MarkerError::TooFew`], [`MarkerError::Undetermined`].
pub fn set_out(
    sights: &[Sight],
    registered: Option<(LonLat, f64)>,
    north: North,
    errors: &Errors,
) -> Result<SetOut, MarkerError> {
    let bearings = sights.iter().filter(|sight| sight.bearing_deg.is_some());
    let bearings = bearings.count();
    let distances = sights.iter().filter(|sight| sight.distance_m.is_some());
    let found = bearings + distances.count();
    let known = registered.map(|(place, _)| place);
    let about = known.or_else(|| sights.first().map(|sight| sight.object.into()));
    let known_turn = about.and_then(|place| north.turn_deg(place));
    let mut turned_deg = known_turn.unwrap_or(0.0);
    let is_turn_found = known_turn.is_none() && bearings > 0;
    let unknowns = if is_turn_found { 3 } else { 2 };
    if found < unknowns {
        return Err(MarkerError::TooFew { found });
    }
    let mut at = beginning(sights, known, turned_deg);
    let mut is_settled = false;
    for _ in 0..STEPS {
        let equations = equations(sights, at, turned_deg, errors);
        let inverse = inverse(&equations, unknowns).ok_or(MarkerError::Undetermined)?;
        let [east, north, turned] = step(&equations, &inverse, unknowns);
        let length = east.hypot(north);
        if !length.is_finite() || length > UNSURE_M * 100.0 {
            return Err(MarkerError::Undetermined);
        }
        at = destination(at, east.atan2(north).to_degrees(), length);
        turned_deg = turn(turned_deg + turned.to_degrees());
        if length < 1e-5 && turned.abs() < 1e-9 {
            is_settled = true;
            break;
        }
    }
    if !is_settled {
        return Err(MarkerError::Undetermined);
    }
    let equations = equations(sights, at, turned_deg, errors);
    let inverse = inverse(&equations, unknowns).ok_or(MarkerError::Undetermined)?;
    let [xx, xy, yy] = [inverse[0][0], inverse[0][1], inverse[1][1]];
    let ellipse = Ellipse::of(xx, xy, yy);
    if ellipse.major_m.is_nan() || ellipse.major_m > UNSURE_M {
        return Err(MarkerError::Undetermined);
    }
    let place = LonLat::from(at);
    Ok(SetOut {
        place,
        ellipse,
        residuals: residuals(sights, &equations, &inverse, unknowns),
        redundancy: found - unknowns,
        turned_deg,
        is_turn_found,
        from_registered_m: known.map(|known| distance_m(known.into(), at)),
        agrees_with_registered: registered.map(|(known, accuracy_m)| {
            // The mean error of a point is that of both directions together.
            let own = accuracy_m * accuracy_m / 2.0;
            let (azimuth, away) = (bearing_deg(at, known.into()), distance_m(at, known.into()));
            let (east, north) = azimuth.to_radians().sin_cos();
            let (east, north) = (east * away, north * away);
            let (xx, yy) = (xx + own, yy + own);
            let spread = xx * yy - xy * xy;
            let squares = yy * east * east - 2.0 * xy * east * north + xx * north * north;
            squares <= CHI_SQUARE_95 * spread
        }),
    })
}

/// What each sight says against the place, and which one stands out.
fn residuals(
    sights: &[Sight],
    equations: &[Equation],
    inverse: &[[f64; 3]; 3],
    unknowns: usize,
) -> Vec<Residual> {
    let is_off = |one: &Equation| {
        let taken: f64 = (0..unknowns)
            .flat_map(|at| (0..unknowns).map(move |to| (at, to)))
            .map(|(at, to)| one.row[at] * inverse[at][to] * one.row[to])
            .sum();
        // A sight that nothing controls has no residual of its own.
        let share = 1.0 - taken / (one.sigma * one.sigma);
        share > 1e-6 && one.gap.abs() > SUSPECT * one.sigma * share.sqrt()
    };
    let told = |(at, sight): (usize, &Sight)| {
        let own = || equations.iter().filter(move |one| one.sight == at);
        let gap = |is_bearing| {
            own()
                .find(|one| one.is_bearing == is_bearing)
                .map(|one| one.gap)
        };
        Residual {
            number: sight.number,
            bearing_deg: gap(true).map(f64::to_degrees),
            distance_m: gap(false),
            is_suspect: own().any(is_off),
        }
    };
    sights.iter().enumerate().map(told).collect()
}

#[cfg(test)]
mod tests;
