//! A numbering unit: its lines one after the other, its markers in order along them.

use std::collections::BTreeSet;

use geo::Coord;
use serde_json::{Value, json};
use zhifang_core::{DivisionCode, Lang, Record, Status};
use zhifang_topology::{Track, distance_m};

use crate::error::MarkerError;
use crate::numbering::{Number, Pattern, Patterns, TypeCode};

/// Ends of lines this near to each other, metres, are one node.
const NODE_M: f64 = 1.0;

/// A line of a series, as its numbers run.
#[derive(Debug, Clone)]
pub struct Stretch<'a> {
    /// The line.
    pub line: &'a Record,
    /// Its way, as it is digitised.
    pub track: Track<'a>,
    /// Whether the numbers run against its digitising.
    pub is_turned: bool,
    /// From the start of the series to where the numbers enter it, metres.
    pub start_m: f64,
}

impl Stretch<'_> {
    fn ends(&self) -> [Coord<f64>; 2] {
        let [first, last] = self.track.ends();
        if self.is_turned {
            [last, first]
        } else {
            [first, last]
        }
    }

    fn beside(&self, position: Coord<f64>) -> Beside {
        let foot = self.track.foot(position);
        let walked = if self.is_turned {
            self.track.length_m - foot.along_m
        } else {
            foot.along_m
        };
        let field = if foot.off_m > 0.0 { "left" } else { "right" };
        let code = self.line.fields.text(field);
        Beside {
            along_m: self.start_m + walked,
            off_m: foot.off_m,
            side: code
                .and_then(|code| code.parse().ok())
                .filter(|_| foot.off_m.abs() > ON_LINE_M),
        }
    }
}

/// A marker with its place in the series.
#[derive(Debug, Clone)]
pub struct Station<'a> {
    /// The marker.
    pub marker: &'a Record,
    /// The line that it stands on.
    pub line: &'a Record,
    /// Its number, where it has one of this series.
    pub number: Option<Number>,
    /// How it stands.
    pub kind: TypeCode,
    /// From the start of the series to the place on the line nearest to it, metres.
    pub along_m: f64,
    /// From there to the marker, metres.
    pub off_m: f64,
    /// The unit on whose side of the line it stands; none within its accuracy of the line.
    pub side: Option<DivisionCode>,
}

/// Markers nearer to the line than this stand on it, metres: what the standard allows for the
/// error of a marker's position.
const ON_LINE_M: f64 = 1.0;

/// The lines of one numbering unit in numbering order, and their markers.
#[derive(Debug, Clone)]
pub struct Series<'a> {
    /// What its numbers begin with.
    pub stem: String,
    /// How its numbers are written.
    pub pattern: Pattern,
    /// Its lines in numbering order.
    pub stretches: Vec<Stretch<'a>>,
    /// Its markers in force, in order along the lines.
    pub stations: Vec<Station<'a>>,
    /// Every serial that was ever given, retired markers' too: none is given twice.
    pub taken: BTreeSet<u32>,
}

/// Whether a record counts today.
fn is_live(record: &Record) -> bool {
    record.status != Status::Retired
}

impl<'a> Series<'a> {
    /// The series that a line's markers are numbered in.
    ///
    /// # Errors
    /// [`MarkerError`] when the line is unknown, has no geometry, or lacks what numbers are made of.
    pub fn of(
        lines: &[&'a Record],
        markers: &[&'a Record],
        line: &str,
        patterns: &Patterns,
    ) -> Result<Self, MarkerError> {
        let unknown = || MarkerError::UnknownLine {
            id: line.to_owned(),
        };
        let asked = lines
            .iter()
            .find(|record| &*record.id == line && is_live(record))
            .ok_or_else(unknown)?;
        let pattern = patterns.of_line(asked)?;
        let stem = pattern.stem_of(asked)?;
        let is_of_series = |record: &&&'a Record| {
            is_live(record)
                && patterns.of_line(record) == Ok(pattern)
                && pattern.stem_of(record).as_deref() == Ok(&stem)
        };
        let mut stretches: Vec<Stretch<'a>> = lines
            .iter()
            .filter(is_of_series)
            .filter_map(|record| {
                Some(Stretch {
                    line: record,
                    track: Track::of(record.geometry.as_deref()?)?,
                    is_turned: false,
                    start_m: 0.0,
                })
            })
            .collect();
        if !stretches.iter().any(|stretch| &*stretch.line.id == line) {
            return Err(MarkerError::NoGeometry {
                id: line.to_owned(),
            });
        }
        stretches.sort_by(|a, b| a.line.id.cmp(&b.line.id));
        let stretches = in_numbering_order(stretches);
        let numbers = markers.iter().filter_map(|marker| {
            let number = pattern.number_of(marker)?;
            (number.stem == stem).then_some(number.serial)
        });
        let taken = numbers.collect();
        let mut series = Self {
            stem,
            pattern,
            stretches,
            stations: Vec::new(),
            taken,
        };
        series.stations = markers
            .iter()
            .filter(|marker| is_live(marker))
            .filter_map(|marker| series.station(marker))
            .collect();
        series.stations.sort_by(|a, b| {
            a.along_m
                .total_cmp(&b.along_m)
                .then_with(|| a.kind.cmp(&b.kind))
                .then_with(|| a.marker.id.cmp(&b.marker.id))
        });
        // Markers of one number stand together, A before B, whichever foot comes first.
        let serial = |station: &Station<'_>| station.number.as_ref().map(|number| number.serial);
        let is_one =
            |a: &Station<'_>, b: &Station<'_>| serial(a).is_some() && serial(a) == serial(b);
        for group in series.stations.chunk_by_mut(is_one) {
            group.sort_by_key(|station| station.kind);
        }
        Ok(series)
    }

    fn station(&self, marker: &'a Record) -> Option<Station<'a>> {
        let line = marker.fields.text("boundary")?;
        let stretch = self
            .stretches
            .iter()
            .find(|stretch| &*stretch.line.id == line)?;
        let place = stretch.beside(marker.point()?.into());
        Some(Station {
            marker,
            line: stretch.line,
            number: self
                .pattern
                .number_of(marker)
                .filter(|number| number.stem == self.stem),
            kind: TypeCode::of(marker),
            along_m: place.along_m,
            off_m: place.off_m.abs(),
            side: place.side,
        })
    }

    /// How far along the series a position lies, and how far off its nearest line, metres.
    pub fn reach(&self, position: Coord<f64>) -> (f64, f64) {
        let nearest = self
            .stretches
            .iter()
            .map(|stretch| stretch.beside(position))
            .min_by(|a, b| a.off_m.abs().total_cmp(&b.off_m.abs()));
        nearest.map_or((0.0, f64::INFINITY), |place| {
            (place.along_m, place.off_m.abs())
        })
    }

    /// Its lines, its markers in order, and its course in words, as JSON.
    pub fn to_json(&self) -> Value {
        let mut last_m = 0.0;
        let mut markers = Vec::with_capacity(self.stations.len());
        for station in &self.stations {
            markers.push(json!({
                "id": &*station.marker.id,
                "number": station.marker.fields.text("number"),
                "boundary": &*station.line.id,
                "type": station.kind.letter(),
                "serial": station.number.as_ref().map(|number| number.serial),
                "along_m": rounded(station.along_m),
                "from_last_m": rounded(station.along_m - last_m),
                "off_m": rounded(station.off_m),
                "side": station.side.map(|side| side.to_string()),
            }));
            last_m = station.along_m;
        }
        let legs = self.course().into_iter().map(|leg| {
            json!({
                "from": leg.from,
                "to": leg.to,
                "boundary": leg.line,
                "start_m": rounded(leg.start_m),
                "length_m": rounded(leg.length_m),
                "bearing_deg": leg.bearing_deg.map(rounded),
                "text": leg.sentence(Lang::Zh),
                "text_en": leg.sentence(Lang::En),
            })
        });
        json!({
            "series": self.stem,
            "lines": self.stretches.iter().map(|one| &*one.line.id).collect::<Vec<_>>(),
            "length_m": rounded(self.length_m()),
            "course": legs.collect::<Vec<_>>(),
            "markers": markers,
        })
    }

    /// Length of all its lines, metres.
    pub fn length_m(&self) -> f64 {
        self.stretches
            .iter()
            .map(|stretch| stretch.track.length_m)
            .sum()
    }
}

/// To a thousandth: a millimetre, or the thousandth of a degree.
fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

/// Where a position lies beside a line.
struct Beside {
    along_m: f64,
    off_m: f64,
    side: Option<DivisionCode>,
}

/// Eastward and northward way between two positions, metres.
fn way_m(from: Coord<f64>, to: Coord<f64>) -> (f64, f64) {
    let corner = Coord { x: to.x, y: from.y };
    let east = distance_m(from, corner).copysign(to.x - from.x);
    let north = distance_m(corner, to).copysign(to.y - from.y);
    (east, north)
}

/// Lines one after the other, from west to east or from north to south, whichever is the longer
/// way of the whole (GB/T 17796-2009).
fn in_numbering_order(mut lines: Vec<Stretch<'_>>) -> Vec<Stretch<'_>> {
    let is_met = |lines: &[Stretch<'_>], own: usize, end: Coord<f64>| {
        lines.iter().enumerate().any(|(other, line)| {
            other != own && line.ends().iter().any(|c| distance_m(*c, end) < NODE_M)
        })
    };
    // Begin at a free end, so that the chain is walked once from one end to the other.
    let free: Vec<(usize, bool)> = (0..lines.len())
        .flat_map(|at| [(at, false), (at, true)])
        .filter(|(at, is_last)| !is_met(&lines, *at, lines[*at].ends()[usize::from(*is_last)]))
        .collect();
    let (mut at, mut is_turned) = free.first().copied().unwrap_or((0, false));
    let mut chain: Vec<Stretch<'_>> = Vec::with_capacity(lines.len());
    while !lines.is_empty() {
        let mut next = lines.remove(at);
        next.is_turned = is_turned;
        let [_, end] = next.ends();
        chain.push(next);
        let nearest = lines
            .iter()
            .enumerate()
            .flat_map(|(at, line)| {
                let [first, last] = line.ends();
                [
                    (at, false, distance_m(end, first)),
                    (at, true, distance_m(end, last)),
                ]
            })
            .min_by(|a, b| a.2.total_cmp(&b.2));
        (at, is_turned) = nearest.map_or((0, false), |(at, is_turned, _)| (at, is_turned));
    }
    let ends = chain
        .first()
        .zip(chain.last())
        .map(|(first, last)| (first.ends()[0], last.ends()[1]));
    let (east, north) = ends.map_or((0.0, 0.0), |(from, to)| way_m(from, to));
    let is_against = if east.abs() >= north.abs() {
        east < 0.0
    } else {
        north > 0.0
    };
    if is_against {
        chain.reverse();
        for stretch in &mut chain {
            stretch.is_turned = !stretch.is_turned;
        }
    }
    let mut start_m = 0.0;
    for stretch in &mut chain {
        stretch.start_m = start_m;
        start_m += stretch.track.length_m;
    }
    chain
}
