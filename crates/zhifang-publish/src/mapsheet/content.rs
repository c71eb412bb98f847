//! What stands inside the neat line: areas, water, roads, lines, seats, markers, names.

mod feature;

use std::collections::{BTreeMap, BTreeSet};

use geo::Coord;
use zhifang_core::{Bbox, Collection, DivisionCode, DivisionLevel, Record, Status};
use zhifang_index::View;
use zhifang_pinyin::{Spelling, spell};

use super::frame;
use super::ground::{Ground, Unit, stands};
use super::label::{LAST_STRONG_RANK, Label, Paper, Place, roomiest};
use super::paper::Words;
use super::plane::Plane;
use super::svg::{Rect, Svg, number, path_data};
use super::symbol::{self, TINTS};

/// Roads of villages and streets are drawn at this scale and larger.
const SMALLEST_WITH_LANES: u32 = 150_000;
/// Villages are drawn at this scale and larger.
const SMALLEST_WITH_VILLAGES: u32 = 400_000;
/// Water and parks are drawn at this scale and larger, and lesser roads.
const SMALLEST_WITH_FEATURES: u32 = 600_000;
/// Roads are drawn at this scale and larger.
const SMALLEST_WITH_ROADS: u32 = 1_500_000;
/// Seats of counties are drawn at this scale and larger, unless counties are what the map shows.
const SMALLEST_WITH_COUNTY_SEATS: u32 = 1_500_000;
/// Seats of townships likewise.
const SMALLEST_WITH_TOWNSHIP_SEATS: u32 = 500_000;
/// Markers are drawn at this scale and larger, their numbers at a larger one.
const SMALLEST_WITH_MARKERS: u32 = 400_000;
const SMALLEST_WITH_MARKER_NUMBERS: u32 = 100_000;

/// What was drawn, for the legend.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    pub(super) lines: BTreeSet<DivisionLevel>,
    pub(super) seats: BTreeSet<DivisionLevel>,
    pub(super) roads: BTreeSet<RoadRank>,
    pub(super) has_water: bool,
    pub(super) has_park: bool,
    pub(super) has_markers: bool,
}

/// Roads by how they are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RoadRank {
    Major,
    Middle,
    Lane,
}

impl RoadRank {
    fn of(record: &Record) -> Self {
        match record.fields.text("class") {
            Some("motorway" | "expressway" | "national" | "provincial" | "trunk" | "primary") => {
                Self::Major
            }
            Some("county" | "secondary" | "township" | "tertiary") => Self::Middle,
            _ => Self::Lane,
        }
    }

    /// Casing, then line: colour and width in millimetres.
    pub(super) const fn strokes(self) -> [(&'static str, f64); 2] {
        match self {
            Self::Major => [("#a3672c", 0.62), ("#f4b266", 0.4)],
            Self::Middle => [("#9a8a6a", 0.42), ("#fff3cf", 0.26)],
            Self::Lane => [("#b9b09f", 0.16), ("#b9b09f", 0.0)],
        }
    }
}

/// Everything that drawing the inside needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inside<'a> {
    pub(super) view: View<'a>,
    pub(super) ground: &'a Ground<'a>,
    pub(super) place: &'a Unit<'a>,
    pub(super) plane: &'a Plane,
    pub(super) words: Words,
    pub(super) k: f64,
}

/// The name of a unit in Roman letters: the registered one, else spelled by rule.
pub(crate) fn roman(record: &Record, spelling: Spelling) -> String {
    record
        .fields
        .text("pinyin")
        .map_or_else(|| spell(&record.name, spelling), str::to_owned)
}

/// A village-level unit as a place: 李楼村民委员会 is the place 李楼村. A residents' committee that
/// is not named after a community keeps its name, for nobody has given it another.
pub(crate) fn place_name(name: &str) -> String {
    for (office, suffix) in [
        ("社区居民委员会", "社区"),
        ("社区居委会", "社区"),
        ("村民委员会", "村"),
        ("村委会", "村"),
    ] {
        if let Some(rest) = name.strip_suffix(office).filter(|rest| !rest.is_empty()) {
            let rest = rest.strip_suffix(suffix).unwrap_or(rest);
            return format!("{rest}{suffix}");
        }
    }
    name.to_owned()
}

impl Inside<'_> {
    /// Draws everything inside the neat line.
    pub(super) fn draw(&self, svg: &mut Svg) -> Drawn {
        let mut drawn = Drawn::default();
        let mut labels = Vec::new();
        let rect = self.plane.rect;
        let mut paper = Paper::new(rect);
        let bbox = self.plane.bbox();
        svg.clip("inside", rect);
        svg.rect(rect, "fill=\"#f7f4ee\"");
        self.areas(svg);
        self.features(svg, bbox, &mut drawn, &mut labels);
        self.roads(svg, bbox, &mut drawn, &mut labels);
        frame::grid(self.plane, self.k, svg);
        self.lines(svg, &mut drawn, &mut paper);
        self.markers(svg, bbox, &mut drawn, &mut labels, &mut paper);
        let villages = self.seats(svg, bbox, &mut drawn, &mut labels, &mut paper);
        self.neighbours(&mut labels);
        // The names of towns first; villages that they cover are left out, name and symbol.
        let (strong, mut rest): (Vec<Label>, Vec<Label>) = labels
            .into_iter()
            .partition(|label| label.rank <= LAST_STRONG_RANK);
        let mut names = Svg::part();
        paper.write(strong, &mut names);
        for (label, at) in villages {
            let r = symbol::seat_radius(DivisionLevel::Village) * self.k;
            if !paper.is_covered(Rect::new(at.x - r, at.y - r, 2.0 * r, 2.0 * r)) {
                symbol::seat(svg, at, DivisionLevel::Village, self.k);
                drawn.seats.insert(DivisionLevel::Village);
                rest.push(label);
            }
        }
        paper.write(rest, &mut names);
        svg.append(&names);
        svg.close();
        drawn
    }

    fn is_scale(&self, smallest: u32) -> bool {
        self.plane.denominator <= smallest
    }

    /// The units directly below the place in neighbouring tints, or the place itself.
    fn areas(&self, svg: &mut Svg) {
        let below: Vec<&Unit<'_>> = self
            .ground
            .units
            .iter()
            .filter(|unit| unit.record.parent() == Some(self.place.code))
            .collect();
        let mut tints: BTreeMap<DivisionCode, usize> = BTreeMap::new();
        let areas = if below.is_empty() {
            vec![self.place]
        } else {
            below
        };
        for unit in areas {
            let near = self.ground.coverage.neighbours(unit.code.as_u64());
            let used: BTreeSet<usize> = near
                .into_iter()
                .filter_map(DivisionCode::from_u64)
                .filter_map(|code| tints.get(&code).copied())
                .collect();
            // The least used of the free tints, so that a map is not two colours only.
            let count = |tint: usize| tints.values().filter(|&&other| other == tint).count();
            let tint = (0..TINTS.len())
                .filter(|tint| !used.contains(tint))
                .min_by_key(|&tint| count(tint))
                .unwrap_or(0);
            tints.insert(unit.code, tint);
            let attributes = format!(
                "fill=\"{0}\" stroke=\"{0}\" stroke-width=\"0.08\" fill-rule=\"evenodd\"",
                TINTS[tint]
            );
            svg.path(&self.area_data(unit), &attributes);
        }
    }

    fn area_data(&self, unit: &Unit<'_>) -> String {
        self.plane
            .polygons(&unit.polygons)
            .iter()
            .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
            .map(|ring| path_data(&ring.0, true))
            .collect()
    }

    /// The band round the place, then every line once, the highest level last.
    fn lines(&self, svg: &mut Svg, drawn: &mut Drawn, paper: &mut Paper) {
        let k = self.k;
        let band = format!(
            "fill=\"none\" stroke=\"#b06a9c\" stroke-opacity=\"0.32\" stroke-width=\"{}\" \
             stroke-linejoin=\"round\"",
            number(2.6 * k)
        );
        svg.path(&self.area_data(self.place), &band);
        for (&level, lines) in self.ground.lines.iter().rev() {
            let projected: Vec<Vec<Coord<f64>>> = lines
                .iter()
                .map(|line| self.plane.line(line))
                .filter(|line| touches(line, self.plane.rect))
                .collect();
            if projected.is_empty() {
                continue;
            }
            drawn.lines.insert(level);
            let data: String = projected
                .iter()
                .map(|line| path_data(line, false))
                .collect();
            svg.path(&data, &symbol::line(level).attributes(k));
            for line in &projected {
                paper.avoid(line, if level <= DivisionLevel::County { 3 } else { 1 });
            }
        }
    }

    fn markers(
        &self,
        svg: &mut Svg,
        bbox: Bbox,
        drawn: &mut Drawn,
        labels: &mut Vec<Label>,
        paper: &mut Paper,
    ) {
        if !self.is_scale(SMALLEST_WITH_MARKERS) {
            return;
        }
        for record in self.view.candidates_in(Collection::Markers, bbox) {
            let Some(place) = record
                .point()
                .filter(|_| record.status == Status::Published)
            else {
                continue;
            };
            let at = self.plane.place(place);
            if !self.plane.rect.has(at) {
                continue;
            }
            symbol::marker(svg, at, self.k);
            drawn.has_markers = true;
            let r = 0.62 * self.k;
            paper.take(Rect::new(at.x - r, at.y - r, 2.0 * r, 2.0 * r));
            if self.is_scale(SMALLEST_WITH_MARKER_NUMBERS) {
                let number = record.fields.text("number").unwrap_or(&record.id);
                labels.push(Label {
                    rank: 8,
                    lines: vec![(number.to_owned(), 1.35 * self.k)],
                    class: "marker",
                    place: Place::Beside(at, r),
                });
            }
        }
    }

    fn seats(
        &self,
        svg: &mut Svg,
        bbox: Bbox,
        drawn: &mut Drawn,
        labels: &mut Vec<Label>,
        paper: &mut Paper,
    ) -> Vec<(Label, Coord<f64>)> {
        let k = self.k;
        let mut villages = Vec::new();
        let mut seats: Vec<(DivisionLevel, &Record, Coord<f64>)> = self
            .view
            .seats_in(bbox)
            .filter(|record| stands(record))
            .filter_map(|record| {
                let level = record.level()?;
                let at = self.plane.place(record.position("seat")?);
                self.plane.rect.has(at).then_some((level, record, at))
            })
            .filter(|(level, record, _)| match level {
                DivisionLevel::Village => {
                    self.is_scale(SMALLEST_WITH_VILLAGES) && self.is_inside(record)
                }
                DivisionLevel::Township => {
                    self.is_scale(SMALLEST_WITH_TOWNSHIP_SEATS) && self.is_inside(record)
                }
                DivisionLevel::County => {
                    self.is_scale(SMALLEST_WITH_COUNTY_SEATS)
                        || record.parent() == Some(self.place.code)
                }
                _ => true,
            })
            .collect();
        seats.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
        for &(level, record, at) in &seats {
            let r = symbol::seat_radius(level) * k;
            let area = Rect::new(at.x - r, at.y - r, 2.0 * r, 2.0 * r).grown(0.05);
            if level == DivisionLevel::Village {
                paper.take_yielding(area);
            } else {
                symbol::seat(svg, at, level, k);
                drawn.seats.insert(level);
                paper.take(area);
            }
            let is_inside = self.is_inside(record);
            let (rank, size, class) = match level {
                DivisionLevel::Village => (7, 1.75, "village"),
                DivisionLevel::Township => (2, 2.75, "town"),
                _ if is_inside => (1, 4.0, "city"),
                _ => (5, 2.5, "far"),
            };
            let name = if level == DivisionLevel::Village {
                place_name(&record.name)
            } else {
                record.name.to_string()
            };
            let spelling = if level == DivisionLevel::Village {
                Spelling::settlement()
            } else {
                Spelling::division()
            };
            let label = Label {
                rank,
                lines: self.name_lines(record, &name, size * k, spelling),
                class,
                place: Place::Beside(at, r),
            };
            if level == DivisionLevel::Village {
                villages.push((label, at));
            } else {
                labels.push(label);
            }
        }
        // Units below the place without a seat carry their name in their middle.
        for unit in &self.ground.units {
            let has_seat = unit.record.position("seat").is_some();
            if unit.record.parent() == Some(self.place.code)
                && !has_seat
                && let Some((at, _)) =
                    roomiest(&self.plane.polygons(&unit.polygons), self.plane.rect)
            {
                labels.push(Label {
                    rank: 2,
                    lines: self.name_lines(
                        unit.record,
                        &unit.record.name,
                        2.75 * k,
                        Spelling::division(),
                    ),
                    class: "town",
                    place: Place::On(at),
                });
            }
        }
        villages
    }

    fn is_inside(&self, record: &Record) -> bool {
        let Some(code) = record.division else {
            return false;
        };
        code == self.place.code
            || self
                .view
                .ancestors_of(record, None)
                .iter()
                .any(|above| above.division == Some(self.place.code))
    }

    /// Names of the units round the place, in the roomiest spot of what is seen of them.
    fn neighbours(&self, labels: &mut Vec<Label>) {
        let k = self.k;
        let level = self.place.level;
        let outside: Vec<&Unit<'_>> = self
            .ground
            .units
            .iter()
            .filter(|unit| unit.level <= level && !unit.is_within(self.place.code))
            .filter(|unit| !self.place.is_within(unit.code))
            .collect();
        for unit in &outside {
            let is_divided = outside
                .iter()
                .any(|other| other.code != unit.code && other.is_within(unit.code));
            if is_divided {
                continue;
            }
            let polygons = self.plane.polygons(&unit.polygons);
            let Some((at, room)) = roomiest(&polygons, self.plane.rect) else {
                continue;
            };
            if room < 2.2 * k {
                continue;
            }
            let size = (room * 0.75).clamp(2.6 * k, 4.4 * k);
            let mut lines =
                self.name_lines(unit.record, &unit.record.name, size, Spelling::division());
            // What lies in another province or prefecture says so.
            let above = [DivisionLevel::Province, DivisionLevel::Prefecture]
                .into_iter()
                .find(|&above| unit.at(above) != self.place.at(above))
                .and_then(|above| unit.at(above))
                .filter(|code| *code != unit.code)
                .and_then(|code| self.view.unit(code, None));
            if let Some(above) = above
                && room > 5.0 * k
            {
                let name = match self.words {
                    Words::En => roman(above, Spelling::division()),
                    _ => above.name.to_string(),
                };
                lines.push((name, size * 0.62));
            }
            labels.push(Label {
                rank: 3,
                lines,
                class: "outside",
                place: Place::On(at),
            });
        }
    }

    fn name_lines(
        &self,
        record: &Record,
        name: &str,
        size: f64,
        spelling: Spelling,
    ) -> Vec<(String, f64)> {
        let roman = || {
            if name == &*record.name {
                roman(record, spelling)
            } else {
                spell(name, spelling)
            }
        };
        match self.words {
            Words::Zh => vec![(name.to_owned(), size)],
            Words::En => vec![(roman(), size * 0.85)],
            Words::Both => vec![(name.to_owned(), size), (roman(), size * 0.55)],
        }
    }
}

/// Whether any part of a line lies in the rectangle: its segments are halved until it is plain.
fn touches(line: &[Coord<f64>], rect: Rect) -> bool {
    line.windows(2)
        .any(|pair| segment_touches(pair[0], pair[1], rect, 12))
}

fn segment_touches(a: Coord<f64>, b: Coord<f64>, rect: Rect, depth: u8) -> bool {
    if rect.has(a) || rect.has(b) {
        return true;
    }
    let is_beside = (a.x < rect.x && b.x < rect.x)
        || (a.x > rect.right() && b.x > rect.right())
        || (a.y < rect.y && b.y < rect.y)
        || (a.y > rect.bottom() && b.y > rect.bottom());
    if is_beside || depth == 0 {
        return false;
    }
    let middle = Coord {
        x: f64::midpoint(a.x, b.x),
        y: f64::midpoint(a.y, b.y),
    };
    segment_touches(a, middle, rect, depth - 1) || segment_touches(middle, b, rect, depth - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committees_are_written_as_places() {
        for (office, place) in [
            ("李楼村民委员会", "李楼村"),
            ("李楼村村委会", "李楼村"),
            ("胜利路居委会", "胜利路居委会"),
            ("胜利路社区居委会", "胜利路社区"),
            ("光化街道", "光化街道"),
        ] {
            assert_eq!(place_name(office), place);
        }
    }
}
