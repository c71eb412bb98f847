//! The register's lines and markers as geometry: measured along, near, across.

use std::collections::BTreeMap;

use geo::{Coord, Geometry};
use rstar::{AABB, RTree, RTreeObject};
use zhifang_core::{Collection, DivisionCode, DivisionLevel, Record};

use crate::plane::{Plane, nearest_on, norm};
use crate::register::Register;

/// A boundary line in force (界线), the nation's dashes left out.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    pub(crate) record: &'a Record,
    pub(crate) parts: Vec<&'a [Coord<f64>]>,
    pub(crate) left: Option<DivisionCode>,
    pub(crate) right: Option<DivisionCode>,
    pub(crate) level: Option<DivisionLevel>,
}

/// A piece of a line in the tree by which those near a place are found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) line: u32,
    pub(crate) part: u32,
    pub(crate) at: u32,
    pub(crate) a: Coord<f64>,
    pub(crate) b: Coord<f64>,
}

impl RTreeObject for Piece {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners([self.a.x, self.a.y], [self.b.x, self.b.y])
    }
}

/// A side of a line, seen along it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineSide {
    Left,
    Right,
}

/// A place on a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnLine {
    pub(crate) place: Coord<f64>,
    pub(crate) distance_m: f64,
    /// From the start of the line's first part, metres.
    pub(crate) along_m: f64,
}

impl Line<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| part.len() < 2)
    }

    /// Geodesic length of all parts, metres.
    pub(crate) fn length_m(&self) -> f64 {
        self.parts
            .iter()
            .flat_map(|part| part.windows(2))
            .map(|ends| zhifang_topology::distance_m(ends[0], ends[1]))
            .sum()
    }

    /// The place on the line nearest to a position; `None` for an empty line.
    pub(crate) fn nearest(&self, place: Coord<f64>) -> Option<OnLine> {
        nearest_of(&self.parts, place)
    }

    /// On which side of the line a place lies; `None` on it, and for an empty line.
    pub(crate) fn side(&self, place: Coord<f64>) -> Option<LineSide> {
        let plane = Plane::at(place);
        let origin = Coord { x: 0.0, y: 0.0 };
        let mut best: Option<(f64, f64)> = None;
        for ends in self.parts.iter().flat_map(|part| part.windows(2)) {
            let (a, b) = (plane.metres(ends[0]), plane.metres(ends[1]));
            let distance = norm(nearest_on(a, b, origin).0);
            // At a corner the piece that the place is farther beside tells the side.
            let beside = crate::plane::cross(b - a, -a) / norm(b - a).max(f64::MIN_POSITIVE);
            let is_nearer = best.is_none_or(|(near, other)| {
                distance < near - 1e-6 || (distance <= near + 1e-6 && beside.abs() > other.abs())
            });
            if is_nearer {
                best = Some((distance, beside));
            }
        }
        best.filter(|(_, beside)| *beside != 0.0)
            .map(|(_, beside)| {
                if beside > 0.0 {
                    LineSide::Left
                } else {
                    LineSide::Right
                }
            })
    }

    /// The place so far along the line.
    pub(crate) fn at(&self, along_m: f64) -> Option<Coord<f64>> {
        let mut left = along_m;
        let mut last = None;
        for ends in self.parts.iter().flat_map(|part| part.windows(2)) {
            let length = step_m(ends[0], ends[1]);
            if left <= length && length > 0.0 {
                return Some(ends[0] + (ends[1] - ends[0]) * (left / length).max(0.0));
            }
            left -= length;
            last = Some(ends[1]);
        }
        last
    }

    /// First and last vertex of each part that is no ring.
    pub(crate) fn ends(&self) -> impl Iterator<Item = Coord<f64>> {
        self.parts
            .iter()
            .filter(|part| part.len() > 1 && part.first() != part.last())
            .flat_map(|part| [part[0], part[part.len() - 1]])
    }
}

fn step_m(a: Coord<f64>, b: Coord<f64>) -> f64 {
    norm(Plane::at(a).metres(b))
}

/// The place on lines nearest to a position.
pub(crate) fn nearest_of(parts: &[&[Coord<f64>]], place: Coord<f64>) -> Option<OnLine> {
    let plane = Plane::at(place);
    let origin = Coord { x: 0.0, y: 0.0 };
    let mut best: Option<OnLine> = None;
    let mut along = 0.0;
    for ends in parts.iter().flat_map(|part| part.windows(2)) {
        let (a, b) = (plane.metres(ends[0]), plane.metres(ends[1]));
        let (q, share) = nearest_on(a, b, origin);
        let distance_m = norm(q);
        let length = norm(b - a);
        if best.is_none_or(|best| distance_m < best.distance_m) {
            best = Some(OnLine {
                place: plane.degrees(q),
                distance_m,
                along_m: along + length * share,
            });
        }
        along += length;
    }
    best
}

/// The parts of a line geometry.
pub(crate) fn parts(record: &Record) -> Vec<&[Coord<f64>]> {
    match record.geometry.as_deref() {
        Some(Geometry::LineString(line)) => vec![&line.0],
        Some(Geometry::MultiLineString(lines)) => lines.iter().map(|line| &*line.0).collect(),
        _ => Vec::new(),
    }
}

/// A code in a field.
pub(crate) fn code(record: &Record, field: &str) -> Option<DivisionCode> {
    record.fields.text(field).and_then(|text| text.parse().ok())
}

/// A day in a field.
pub(crate) fn day(record: &Record, field: &str) -> Option<zhifang_core::Day> {
    record.fields.text(field).and_then(|text| text.parse().ok())
}

/// All lines, with a tree of their pieces.
#[derive(Debug)]
pub(crate) struct Linework<'a> {
    /// Ascending by id.
    pub(crate) lines: Vec<Line<'a>>,
    by_id: BTreeMap<&'a str, u32>,
    tree: RTree<Piece>,
}

impl<'a> Linework<'a> {
    pub(crate) fn build(register: &Register<'a>) -> Self {
        let lines: Vec<Line<'a>> = register
            .live(Collection::Boundaries)
            .map(|record| Line {
                record,
                parts: parts(record),
                left: code(record, "left"),
                right: code(record, "right"),
                level: record
                    .fields
                    .text("level")
                    .and_then(|word| word.parse().ok()),
            })
            .filter(|line| line.level != Some(DivisionLevel::Country))
            .collect();
        let by_id = lines
            .iter()
            .enumerate()
            .map(|(at, line)| (&*line.record.id, at as u32))
            .collect();
        let pieces = lines.iter().enumerate().flat_map(|(line, one)| {
            one.parts
                .iter()
                .enumerate()
                .flat_map(move |(part, coords)| {
                    coords.windows(2).enumerate().map(move |(at, ends)| Piece {
                        line: line as u32,
                        part: part as u32,
                        at: at as u32,
                        a: ends[0],
                        b: ends[1],
                    })
                })
        });
        let is_finite = |c: Coord<f64>| c.x.is_finite() && c.y.is_finite();
        let tree = RTree::bulk_load(
            pieces
                .filter(|piece| is_finite(piece.a) && is_finite(piece.b))
                .collect(),
        );
        Self { lines, by_id, tree }
    }

    /// The number of a line in `lines`.
    pub(crate) fn number(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn line(&self, id: &str) -> Option<&Line<'a>> {
        self.by_id.get(id).map(|at| &self.lines[*at as usize])
    }

    /// Pieces whose box meets the box round two places, widened by `reach_deg`.
    pub(crate) fn pieces_near(
        &self,
        a: Coord<f64>,
        b: Coord<f64>,
        reach_deg: f64,
    ) -> impl Iterator<Item = &Piece> {
        let low = [a.x.min(b.x) - reach_deg, a.y.min(b.y) - reach_deg];
        let high = [a.x.max(b.x) + reach_deg, a.y.max(b.y) + reach_deg];
        self.tree
            .locate_in_envelope_intersecting(AABB::from_corners(low, high))
    }

    /// Distance from a place to the nearest other line within `reach_deg`, metres.
    pub(crate) fn nearest_other(
        &self,
        line: u32,
        place: Coord<f64>,
        reach_deg: f64,
    ) -> Option<(f64, u32)> {
        let plane = Plane::at(place);
        let origin = Coord { x: 0.0, y: 0.0 };
        self.pieces_near(place, place, reach_deg)
            .filter(|piece| piece.line != line)
            .map(|piece| {
                let (a, b) = (plane.metres(piece.a), plane.metres(piece.b));
                (norm(nearest_on(a, b, origin).0), piece.line)
            })
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
    }
}
