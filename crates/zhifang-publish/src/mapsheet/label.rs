//! Names that do not cover each other: greedy placement, the most important first.

use geo::{Coord, LineString, Polygon};

use super::svg::{Anchor, Rect, Svg, ems};

/// What is to be written.
#[derive(Debug, Clone)]
pub(super) struct Label {
    /// Lower is placed earlier.
    pub(super) rank: u8,
    /// Lines of text with the size of each, millimetres an em.
    pub(super) lines: Vec<(String, f64)>,
    /// Class of the text in the sheet's style.
    pub(super) class: &'static str,
    pub(super) place: Place,
}

/// Where a name belongs.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// Beside a symbol of this radius.
    Beside(Coord<f64>, f64),
    /// On its point, as a name of an area.
    On(Coord<f64>),
    /// Its characters one by one along a line.
    Along(Vec<Coord<f64>>),
}

/// Names up to this rank are placed over symbols that yield.
pub(super) const LAST_STRONG_RANK: u8 = 2;

/// The paper with what is taken of it.
#[derive(Debug)]
pub(super) struct Paper {
    rect: Rect,
    taken: Vec<Rect>,
    /// Symbols that give way to the most important names.
    yielding: Vec<Rect>,
    columns: usize,
    /// How much each square millimetre counts against a name that covers it.
    cost: Vec<u8>,
}

impl Paper {
    pub(super) fn new(rect: Rect) -> Self {
        let columns = rect.width.ceil() as usize + 1;
        let rows = rect.height.ceil() as usize + 1;
        Self {
            rect,
            taken: Vec::new(),
            yielding: Vec::new(),
            columns,
            cost: vec![0; columns * rows],
        }
    }

    /// A symbol: no name may cover it.
    pub(super) fn take(&mut self, rect: Rect) {
        self.taken.push(rect);
    }

    /// A symbol that may be left out in favour of a name of [`LAST_STRONG_RANK`] or higher.
    pub(super) fn take_yielding(&mut self, rect: Rect) {
        self.yielding.push(rect);
    }

    /// Whether something hard lies on it.
    pub(super) fn is_covered(&self, rect: Rect) -> bool {
        self.taken.iter().any(|other| other.meets(rect))
    }

    /// A line: names had better not cover it.
    pub(super) fn avoid(&mut self, line: &[Coord<f64>], cost: u8) {
        for pair in line.windows(2) {
            let length = (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y);
            // A frame's worth of steps is enough for a segment that runs far outside.
            let steps = (length / 0.5).ceil().clamp(1.0, 4000.0) as u32;
            for step in 0..=steps {
                let part = f64::from(step) / f64::from(steps);
                let at = Coord {
                    x: pair[0].x + part * (pair[1].x - pair[0].x),
                    y: pair[0].y + part * (pair[1].y - pair[0].y),
                };
                if self.rect.has(at) {
                    let cell = self.cell(at);
                    self.cost[cell] = self.cost[cell].max(cost);
                }
            }
        }
    }

    fn cell(&self, at: Coord<f64>) -> usize {
        let column = (at.x - self.rect.x) as usize;
        let row = (at.y - self.rect.y) as usize;
        row * self.columns + column
    }

    fn is_free(&self, rect: Rect, rank: u8) -> bool {
        self.rect.grown(-0.6).holds(rect)
            && !self.is_covered(rect)
            && (rank <= LAST_STRONG_RANK || !self.yielding.iter().any(|other| other.meets(rect)))
    }

    fn cost(&self, rect: Rect) -> u32 {
        let yielding = self
            .yielding
            .iter()
            .filter(|other| other.meets(rect))
            .count();
        let mut sum = 25 * yielding as u32;
        let mut y = rect.y;
        while y < rect.bottom() {
            let mut x = rect.x;
            while x < rect.right() {
                let cell = self.cell(Coord { x, y });
                sum += u32::from(self.cost.get(cell).copied().unwrap_or_default());
                x += 1.0;
            }
            y += 1.0;
        }
        sum
    }

    /// Writes as many of the names as there is room for; returns how many were left out.
    pub(super) fn write(&mut self, mut labels: Vec<Label>, svg: &mut Svg) -> usize {
        labels.sort_by(|a, b| a.rank.cmp(&b.rank).then_with(|| a.lines.cmp_text(&b.lines)));
        let mut left_out = 0;
        for label in &labels {
            let is_written = match &label.place {
                Place::Beside(at, radius) => self.write_beside(label, *at, *radius, svg),
                Place::On(at) => self.write_on(label, *at, svg),
                Place::Along(line) => self.write_along(label, line, svg),
            };
            left_out += usize::from(!is_written);
        }
        left_out
    }

    fn write_beside(&mut self, label: &Label, at: Coord<f64>, r: f64, svg: &mut Svg) -> bool {
        let (width, height) = size(label);
        let gap = r + 0.35;
        let slant = r * 0.7 + 0.2;
        let (left, right) = (at.x - gap, at.x + gap);
        let places = [
            (Anchor::Start, right, at.y - height / 2.0),
            (Anchor::End, left, at.y - height / 2.0),
            (Anchor::Start, at.x + slant, at.y - slant - height),
            (Anchor::Start, at.x + slant, at.y + slant),
            (Anchor::End, at.x - slant, at.y - slant - height),
            (Anchor::End, at.x - slant, at.y + slant),
            (Anchor::Middle, at.x, at.y - gap - height),
            (Anchor::Middle, at.x, at.y + gap),
            (Anchor::Start, right, at.y - height * 0.8),
            (Anchor::Start, right, at.y - height * 0.2),
            (Anchor::End, left, at.y - height * 0.8),
            (Anchor::End, left, at.y - height * 0.2),
        ];
        let best = places
            .into_iter()
            .enumerate()
            .filter_map(|(order, (anchor, x, y))| {
                let left = match anchor {
                    Anchor::Start => x,
                    Anchor::Middle => x - width / 2.0,
                    Anchor::End => x - width,
                };
                let rect = Rect::new(left, y, width, height);
                self.is_free(rect, label.rank)
                    .then(|| (self.cost(rect) * 4 + order as u32, anchor, x, rect))
            })
            .min_by_key(|(cost, ..)| *cost);
        let Some((_, anchor, x, rect)) = best else {
            return false;
        };
        self.take(rect);
        write_lines(label, x, rect.y, anchor, svg);
        true
    }

    fn write_on(&mut self, label: &Label, at: Coord<f64>, svg: &mut Svg) -> bool {
        let (width, height) = size(label);
        let nudges = [0.0, -1.0, 1.0, -2.0, 2.0, -3.0, 3.0, -4.0, 4.0];
        for dy in nudges {
            for dx in [0.0, -0.3, 0.3] {
                let x = at.x + dx * width;
                let rect = Rect::new(
                    x - width / 2.0,
                    at.y + dy * height * 0.6 - height / 2.0,
                    width,
                    height,
                );
                if self.is_free(rect, label.rank) {
                    self.take(rect);
                    write_lines(label, x, rect.y, Anchor::Middle, svg);
                    return true;
                }
            }
        }
        false
    }

    /// The characters of a river stand apart along its middle part inside the frame.
    fn write_along(&mut self, label: &Label, line: &[Coord<f64>], svg: &mut Svg) -> bool {
        let Some((text, em)) = label.lines.first() else {
            return false;
        };
        let characters: Vec<char> = text.chars().collect();
        let inside: Vec<Coord<f64>> = longest_inside(line, self.rect);
        let length: f64 = inside
            .windows(2)
            .map(|pair| (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y))
            .sum();
        let count = characters.len() as f64;
        if ems(text) < count * 0.9 {
            // Roman letters stay together.
            let Some(at) = along(&inside, length / 2.0) else {
                return false;
            };
            return self.write_beside(label, at, 0.4, svg);
        }
        if length < count * em * 1.3 {
            return false;
        }
        let step = (length / (count + 1.0)).min(em * 7.0);
        for shift in [0.0, 0.12, -0.12, 0.24, -0.24] {
            let start = length * (0.5 + shift) - step * (count - 1.0) / 2.0;
            let rects: Vec<Rect> = (0..characters.len())
                .filter_map(|number| along(&inside, start + step * number as f64))
                .map(|at| Rect::new(at.x - em / 2.0, at.y - em / 2.0, *em, *em))
                .collect();
            if rects.len() == characters.len()
                && rects.iter().all(|rect| self.is_free(*rect, label.rank))
            {
                // Read downwards or to the right, whichever way the water runs.
                let is_backward = rects.first().zip(rects.last()).is_some_and(|(a, b)| {
                    let (dx, dy) = (b.x - a.x, b.y - a.y);
                    if dx.abs() > dy.abs() {
                        dx < 0.0
                    } else {
                        dy < 0.0
                    }
                });
                let ordered: Box<dyn Iterator<Item = &Rect>> = if is_backward {
                    Box::new(rects.iter().rev())
                } else {
                    Box::new(rects.iter())
                };
                for (character, rect) in characters.iter().zip(ordered) {
                    let at = Coord {
                        x: rect.x + em / 2.0,
                        y: rect.y + em * 0.86,
                    };
                    let class = format!("class=\"{}\"", label.class);
                    svg.text(at, *em, Anchor::Middle, &class, &character.to_string());
                }
                self.taken.extend(rects);
                return true;
            }
        }
        false
    }
}

/// Order of labels of one rank: by their text, so that the same register gives the same sheet.
trait CompareText {
    fn cmp_text(&self, other: &Self) -> std::cmp::Ordering;
}

impl CompareText for Vec<(String, f64)> {
    fn cmp_text(&self, other: &Self) -> std::cmp::Ordering {
        let text = |lines: &Self| lines.first().map(|(text, _)| text.clone());
        text(self).cmp(&text(other))
    }
}

fn size(label: &Label) -> (f64, f64) {
    let spacing = if label.class == "outside" { 1.35 } else { 1.0 };
    let width = label
        .lines
        .iter()
        .map(|(text, em)| ems(text) * em * spacing)
        .fold(0.0, f64::max);
    let height = label.lines.iter().map(|(_, em)| em * 1.12).sum();
    (width, height)
}

fn write_lines(label: &Label, x: f64, top: f64, anchor: Anchor, svg: &mut Svg) {
    let class = format!("class=\"{}\"", label.class);
    let mut y = top;
    for (text, em) in &label.lines {
        svg.text(
            Coord {
                x,
                y: y + em * 0.92,
            },
            *em,
            anchor,
            &class,
            text,
        );
        y += em * 1.12;
    }
}

/// The longest stretch of a line inside the rectangle.
fn longest_inside(line: &[Coord<f64>], rect: Rect) -> Vec<Coord<f64>> {
    let mut best: Vec<Coord<f64>> = Vec::new();
    for stretch in line.split(|at| !rect.has(*at)) {
        if stretch.len() > best.len() {
            best = stretch.to_vec();
        }
    }
    best
}

/// The place at this distance along a line.
fn along(line: &[Coord<f64>], distance: f64) -> Option<Coord<f64>> {
    let mut left = distance.max(0.0);
    for pair in line.windows(2) {
        let length = (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y);
        if left <= length && length > 0.0 {
            let part = left / length;
            return Some(Coord {
                x: pair[0].x + part * (pair[1].x - pair[0].x),
                y: pair[0].y + part * (pair[1].y - pair[0].y),
            });
        }
        left -= length;
    }
    None
}

/// A ring cut off at a rectangle (Sutherland and Hodgman 1974).
fn cut(ring: &[Coord<f64>], rect: Rect) -> Vec<Coord<f64>> {
    let sides: [(bool, f64, bool); 4] = [
        (true, rect.x, true),
        (true, rect.right(), false),
        (false, rect.y, true),
        (false, rect.bottom(), false),
    ];
    let mut points = ring.to_vec();
    for (is_x, limit, keeps_above) in sides {
        let of = |at: Coord<f64>| if is_x { at.x } else { at.y };
        let is_in = |at: Coord<f64>| (of(at) >= limit) == keeps_above || of(at) == limit;
        let mut kept = Vec::with_capacity(points.len());
        for at in 0..points.len() {
            let (a, b) = (points[at], points[(at + 1) % points.len()]);
            if is_in(a) {
                kept.push(a);
            }
            if is_in(a) != is_in(b) {
                let part = (limit - of(a)) / (of(b) - of(a));
                kept.push(Coord {
                    x: a.x + part * (b.x - a.x),
                    y: a.y + part * (b.y - a.y),
                });
            }
        }
        points = kept;
    }
    points
}

/// The place in the visible part of an area that is farthest from its edge and the frame, with
/// that distance.
pub(super) fn roomiest(polygons: &[Polygon<f64>], rect: Rect) -> Option<(Coord<f64>, f64)> {
    polygons
        .iter()
        .filter_map(|polygon| {
            let mut ring = cut(&polygon.exterior().0, rect);
            ring.push(*ring.first()?);
            deepest(&LineString(ring), rect)
        })
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

fn deepest(ring: &LineString<f64>, rect: Rect) -> Option<(Coord<f64>, f64)> {
    const STEPS: u32 = 24;
    let xs = || ring.0.iter().map(|at| at.x);
    let ys = || ring.0.iter().map(|at| at.y);
    let (west, east) = (
        xs().fold(rect.right(), f64::min),
        xs().fold(rect.x, f64::max),
    );
    let (north, south) = (
        ys().fold(rect.bottom(), f64::min),
        ys().fold(rect.y, f64::max),
    );
    let mut middle = Coord {
        x: f64::midpoint(west, east),
        y: f64::midpoint(north, south),
    };
    let mut half = Coord {
        x: (east - west) / 2.0,
        y: (south - north) / 2.0,
    };
    let mut best: Option<(Coord<f64>, f64)> = None;
    for _ in 0..3 {
        for column in 0..=STEPS {
            for row in 0..=STEPS {
                let part = |step: u32| 2.0 * f64::from(step) / f64::from(STEPS) - 1.0;
                let at = Coord {
                    x: middle.x + half.x * part(column),
                    y: middle.y + half.y * part(row),
                };
                let depth = depth(ring, at);
                if depth > best.map_or(0.0, |(_, depth)| depth) {
                    best = Some((at, depth));
                }
            }
        }
        middle = best?.0;
        half = Coord {
            x: half.x * 2.0 / f64::from(STEPS),
            y: half.y * 2.0 / f64::from(STEPS),
        };
    }
    best
}

/// Distance from the outline, positive inside.
fn depth(ring: &LineString<f64>, p: Coord<f64>) -> f64 {
    let mut is_inside = false;
    let mut nearest = f64::INFINITY;
    for line in ring.lines() {
        let (a, b) = (line.start, line.end);
        if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
            is_inside = !is_inside;
        }
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let squared = dx * dx + dy * dy;
        let part = if squared > 0.0 {
            (((p.x - a.x) * dx + (p.y - a.y) * dy) / squared).clamp(0.0, 1.0)
        } else {
            0.0
        };
        nearest = nearest.min((a.x + part * dx - p.x).hypot(a.y + part * dy - p.y));
    }
    if is_inside { nearest } else { -nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn town(name: &str, x: f64) -> Label {
        Label {
            rank: 1,
            lines: vec![(name.to_owned(), 3.0)],
            class: "town",
            place: Place::Beside(Coord { x, y: 20.0 }, 0.8),
        }
    }

    #[test]
    fn names_never_cover_each_other_and_stay_on_the_paper() {
        let mut paper = Paper::new(Rect::new(0.0, 0.0, 60.0, 40.0));
        let mut svg = Svg::new(60.0, 40.0, "");
        let labels: Vec<Label> = (0..30)
            .map(|at| town("老河口市", f64::from(at) * 2.0))
            .collect();
        let left_out = paper.write(labels, &mut svg);
        assert!(left_out > 0, "thirty names have no room");
        assert_eq!(svg.finish().matches("老河口市").count(), 30 - left_out);
        for (number, a) in paper.taken.iter().enumerate() {
            assert!(Rect::new(0.0, 0.0, 60.0, 40.0).holds(*a));
            assert!(paper.taken[number + 1..].iter().all(|b| !a.meets(*b)));
        }
    }

    #[test]
    fn the_roomiest_place_of_a_cut_square_is_its_visible_middle() {
        let square = geo::wkt!(POLYGON((-10. -10., 10. -10., 10. 10., -10. 10., -10. -10.)));
        let (at, depth) = roomiest(&[square], Rect::new(0.0, 0.0, 100.0, 100.0)).unwrap();
        assert!(
            (at.x - 5.0).abs() < 0.1 && (at.y - 5.0).abs() < 0.1,
            "{at:?}"
        );
        assert!((depth - 5.0).abs() < 0.1);
    }
}
