//! A line as it is walked: markers in order, legs between them, days.

use geo::{Coord, Geometry, LineString, MultiLineString};
use zhifang_core::Record;
use zhifang_topology::{Compass, bearing_deg, distance_m};

use crate::words::number_of;

/// Ground that a crew covers in a day, metres. No standard gives a figure; joint inspections of
/// county lines report about this pace.
pub const DAY_M: f64 = 12_000.0;

/// Markers closer to the line's end than this stand at its end, metres.
const END_M: f64 = 1.0;

/// A marker with its place along the line.
#[derive(Debug, Clone, Copy)]
pub struct Station<'a> {
    /// The marker.
    pub marker: &'a Record,
    /// From the start of the line to the place nearest to the marker, metres.
    pub along_m: f64,
    /// From there to the marker, metres.
    pub off_m: f64,
}

/// A stretch of the line from one marker (or pair of markers) to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Leg {
    /// Numbers of the markers where it starts; none at a start of the line without marker.
    pub from: Vec<String>,
    /// Numbers of the markers where it ends; none at an end of the line without marker.
    pub to: Vec<String>,
    /// Where it starts along the line, metres.
    pub start_m: f64,
    /// Its length on the ellipsoid, metres.
    pub length_m: f64,
    /// Azimuth from its start to its end, degrees from true north; none for a leg that closes.
    pub bearing_deg: Option<f64>,
    /// The day of the walk on which it is covered, from 1.
    pub day: u32,
    /// Its course, EPSG:4490.
    pub geometry: Geometry<f64>,
}

impl Leg {
    /// The direction word of its azimuth.
    pub fn compass(&self) -> Option<Compass> {
        self.bearing_deg.map(Compass::from_degrees)
    }
}

/// The course of a line.
#[derive(Debug, Clone)]
pub struct Course<'a> {
    parts: Vec<&'a [Coord<f64>]>,
    /// Length on the ellipsoid, metres.
    pub length_m: f64,
    /// Markers in walking order.
    pub stations: Vec<Station<'a>>,
    /// Legs in walking order.
    pub legs: Vec<Leg>,
}

fn parts_of(geometry: &Geometry<f64>) -> Vec<&[Coord<f64>]> {
    let parts: Vec<&[Coord<f64>]> = match geometry {
        Geometry::LineString(line) => vec![&line.0],
        Geometry::MultiLineString(lines) => lines.0.iter().map(|line| &*line.0).collect(),
        _ => Vec::new(),
    };
    parts.into_iter().filter(|part| part.len() > 1).collect()
}

/// Marker numbers at one place of the line, and how far along it is.
struct Node {
    numbers: Vec<String>,
    along_m: f64,
}

impl<'a> Course<'a> {
    /// The course of a line geometry without markers; `None` when it is no line.
    pub fn of(geometry: &'a Geometry<f64>) -> Option<Self> {
        let parts = parts_of(geometry);
        let length_m = parts
            .iter()
            .flat_map(|part| part.windows(2))
            .map(|ends| distance_m(ends[0], ends[1]))
            .sum();
        (length_m > 0.0).then_some(Self {
            parts,
            length_m,
            stations: Vec::new(),
            legs: Vec::new(),
        })
    }

    /// The same with markers in their places and the legs between them.
    #[must_use]
    pub fn with_markers(mut self, markers: impl IntoIterator<Item = &'a Record>) -> Self {
        self.stations = markers
            .into_iter()
            .filter_map(|marker| {
                let place = marker.point()?;
                let (along_m, off_m) = self.nearest(place.into());
                Some(Station {
                    marker,
                    along_m,
                    off_m,
                })
            })
            .collect();
        self.stations.sort_by(|a, b| {
            a.along_m
                .total_cmp(&b.along_m)
                .then_with(|| number_of(a.marker).cmp(number_of(b.marker)))
        });
        self.legs = self.cut();
        self
    }

    /// How far along the line the place nearest to a position is, and how far off the position
    /// lies, metres.
    pub fn nearest(&self, place: Coord<f64>) -> (f64, f64) {
        // A plane at the position is good enough to choose the place; lengths are geodesic.
        let shrink = place.y.to_radians().cos();
        let flat = |c: Coord<f64>| Coord {
            x: (c.x - place.x) * shrink,
            y: c.y - place.y,
        };
        let (mut best, mut along_m, mut start_m) = (f64::INFINITY, 0.0, 0.0);
        let mut foot = place;
        for ends in self.parts.iter().flat_map(|part| part.windows(2)) {
            let (a, b) = (flat(ends[0]), flat(ends[1]));
            let step = b - a;
            let square = step.x * step.x + step.y * step.y;
            let share = if square > 0.0 {
                (-(a.x * step.x + a.y * step.y) / square).clamp(0.0, 1.0)
            } else {
                0.0
            };
            let near = a + step * share;
            let distance = near.x * near.x + near.y * near.y;
            let length_m = distance_m(ends[0], ends[1]);
            if distance < best {
                best = distance;
                along_m = start_m + length_m * share;
                foot = ends[0] + (ends[1] - ends[0]) * share;
            }
            start_m += length_m;
        }
        (along_m, distance_m(foot, place))
    }

    /// The stretch from one place along the line to another.
    fn slice(&self, from_m: f64, to_m: f64) -> Geometry<f64> {
        let mut lines: Vec<LineString<f64>> = Vec::new();
        let mut start_m = 0.0;
        for part in &self.parts {
            let mut line: Vec<Coord<f64>> = Vec::new();
            for ends in part.windows(2) {
                let length_m = distance_m(ends[0], ends[1]);
                let end_m = start_m + length_m;
                if end_m >= from_m && start_m <= to_m && length_m > 0.0 {
                    let at = |along_m: f64| {
                        let share = ((along_m - start_m) / length_m).clamp(0.0, 1.0);
                        match share {
                            0.0 => ends[0],
                            1.0 => ends[1],
                            share => ends[0] + (ends[1] - ends[0]) * share,
                        }
                    };
                    let (a, b) = (at(from_m.max(start_m)), at(to_m.min(end_m)));
                    if line.last() != Some(&a) {
                        line.push(a);
                    }
                    if a != b {
                        line.push(b);
                    }
                }
                start_m = end_m;
            }
            if line.len() > 1 {
                lines.push(LineString(line));
            }
        }
        if lines.len() == 1 {
            Geometry::LineString(lines.remove(0))
        } else {
            Geometry::MultiLineString(MultiLineString(lines))
        }
    }

    /// Stations of one place: the two or three markers of one number stand together.
    fn nodes(&self) -> Vec<Node> {
        let mut nodes: Vec<(Node, Option<f64>, Option<&str>)> = Vec::new();
        for station in &self.stations {
            let serial = station.marker.fields.number("serial");
            let line = station.marker.fields.text("boundary");
            let is_single = matches!(station.marker.fields.text("type"), None | Some("Q"));
            let number = number_of(station.marker).to_owned();
            match nodes.last_mut() {
                Some((node, with, of))
                    if !is_single && serial.is_some() && *with == serial && *of == line =>
                {
                    node.numbers.push(number);
                }
                _ => nodes.push((
                    Node {
                        numbers: vec![number],
                        along_m: station.along_m,
                    },
                    serial.filter(|_| !is_single),
                    line,
                )),
            }
        }
        nodes.into_iter().map(|(node, ..)| node).collect()
    }

    fn cut(&self) -> Vec<Leg> {
        let mut nodes = self.nodes();
        if nodes.first().is_none_or(|node| node.along_m > END_M) {
            nodes.insert(
                0,
                Node {
                    numbers: Vec::new(),
                    along_m: 0.0,
                },
            );
        }
        if nodes
            .last()
            .is_some_and(|node| node.along_m < self.length_m - END_M)
        {
            nodes.push(Node {
                numbers: Vec::new(),
                along_m: self.length_m,
            });
        }
        let (mut day, mut walked_m) = (1, 0.0);
        let mut legs = Vec::new();
        for ends in nodes.windows(2) {
            let length_m = ends[1].along_m - ends[0].along_m;
            if walked_m > 0.0 && walked_m + length_m > DAY_M {
                day += 1;
                walked_m = 0.0;
            }
            walked_m += length_m;
            let geometry = self.slice(ends[0].along_m, ends[1].along_m);
            legs.push(Leg {
                from: ends[0].numbers.clone(),
                to: ends[1].numbers.clone(),
                start_m: ends[0].along_m,
                length_m,
                bearing_deg: bearing_of(&geometry),
                day,
                geometry,
            });
        }
        legs
    }
}

fn bearing_of(geometry: &Geometry<f64>) -> Option<f64> {
    let parts = parts_of(geometry);
    let (first, last) = (parts.first()?.first()?, parts.last()?.last()?);
    (first != last).then(|| bearing_deg(*first, *last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::sync::Arc;
    use zhifang_core::Collection;

    fn marker(number: &str, serial: u32, kind: &str, lon: f64, lat: f64) -> Record {
        let mut record = Record::new(Collection::Markers, number, number);
        record.geometry = Some(Arc::new(Geometry::Point(geo::Point::new(lon, lat))));
        record.fields.set("number", json!(number));
        record.fields.set("serial", json!(serial));
        record.fields.set("type", json!(kind));
        record.fields.set("boundary", json!("l"));
        record
    }

    #[test]
    fn legs_run_from_marker_to_marker_and_add_up_to_the_line() {
        let line = Geometry::LineString(LineString::from(vec![
            (111.6, 32.3),
            (111.7, 32.3),
            (111.7, 32.4),
        ]));
        let markers = [
            marker("2Q", 2, "Q", 111.7, 32.35),
            marker("1A", 1, "A", 111.65, 32.3002),
            marker("1B", 1, "B", 111.65, 32.2998),
        ];
        let course = Course::of(&line).unwrap().with_markers(&markers);
        let order: Vec<&str> = course
            .stations
            .iter()
            .map(|s| number_of(s.marker))
            .collect();
        assert_eq!(order, ["1A", "1B", "2Q"]);
        assert_eq!(course.legs.len(), 3);
        assert_eq!(course.legs[1].from, ["1A", "1B"]);
        assert_eq!(course.legs[1].to, ["2Q"]);
        let sum: f64 = course.legs.iter().map(|leg| leg.length_m).sum();
        assert!((sum - course.length_m).abs() < 1e-6);
        assert!((course.stations[0].off_m - 22.2).abs() < 0.3);
        assert_eq!(course.legs[0].compass().unwrap().en(), "east");
        assert_eq!(course.legs[2].compass().unwrap().en(), "north");
    }

    #[test]
    fn a_line_without_markers_is_one_leg_and_a_point_is_no_course() {
        let line = Geometry::LineString(LineString::from(vec![(111.6, 32.3), (111.7, 32.3)]));
        let course = Course::of(&line).unwrap().with_markers([]);
        assert_eq!(course.legs.len(), 1);
        assert!(course.legs[0].from.is_empty() && course.legs[0].to.is_empty());
        assert!(Course::of(&Geometry::Point(geo::Point::new(1.0, 1.0))).is_none());
    }
}
