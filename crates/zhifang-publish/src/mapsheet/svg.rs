//! The few shapes that a sheet is made of, as SVG 1.1 in millimetres.

use std::fmt::Write as _;

use geo::Coord;

/// A rectangle on the paper, millimetres from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Rect {
    pub(super) fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    pub(super) fn right(self) -> f64 {
        self.x + self.width
    }

    pub(super) fn bottom(self) -> f64 {
        self.y + self.height
    }

    pub(super) fn centre(self) -> Coord<f64> {
        Coord {
            x: self.x + self.width / 2.0,
            y: self.y + self.height / 2.0,
        }
    }

    /// The rectangle with this much more on every side.
    pub(super) fn grown(self, by: f64) -> Self {
        Self::new(
            self.x - by,
            self.y - by,
            self.width + 2.0 * by,
            self.height + 2.0 * by,
        )
    }

    pub(super) fn meets(self, other: Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    pub(super) fn holds(self, other: Self) -> bool {
        other.x >= self.x
            && other.y >= self.y
            && other.right() <= self.right()
            && other.bottom() <= self.bottom()
    }

    pub(super) fn has(self, at: Coord<f64>) -> bool {
        self.holds(Self::new(at.x, at.y, 0.0, 0.0))
    }
}

/// Where a text hangs on its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// Two decimals of a millimetre, without idle zeros.
pub(super) fn number(value: f64) -> String {
    let mut text = format!("{value:.2}");
    let kept = text.trim_end_matches('0').trim_end_matches('.').len();
    text.truncate(kept);
    if text == "-0" { "0".to_owned() } else { text }
}

/// A drawing that grows.
#[derive(Debug)]
pub(super) struct Svg {
    text: String,
}

impl Svg {
    /// A sheet of this size, white, with `style` for its classes.
    pub(super) fn new(width_mm: f64, height_mm: f64, style: &str) -> Self {
        let (w, h) = (number(width_mm), number(height_mm));
        Self {
            text: format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}mm\" height=\"{h}mm\" \
                 viewBox=\"0 0 {w} {h}\">\n<style>{style}</style>\n\
                 <rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n"
            ),
        }
    }

    /// A part that is put into a sheet later.
    pub(super) fn part() -> Self {
        Self {
            text: String::new(),
        }
    }

    pub(super) fn append(&mut self, part: &Self) {
        self.text.push_str(&part.text);
    }

    pub(super) fn open(&mut self, attributes: &str) {
        let _ = writeln!(self.text, "<g {attributes}>");
    }

    pub(super) fn close(&mut self) {
        self.text.push_str("</g>\n");
    }

    /// What follows in the group is cut off at the rectangle.
    pub(super) fn clip(&mut self, id: &str, rect: Rect) {
        let _ = write!(self.text, "<clipPath id=\"{id}\">");
        self.rect(rect, "");
        let _ = writeln!(self.text, "</clipPath>\n<g clip-path=\"url(#{id})\">");
    }

    pub(super) fn path(&mut self, data: &str, attributes: &str) {
        if !data.is_empty() {
            let _ = writeln!(self.text, "<path d=\"{data}\" {attributes}/>");
        }
    }

    pub(super) fn rect(&mut self, rect: Rect, attributes: &str) {
        let [x, y, w, h] = [rect.x, rect.y, rect.width, rect.height].map(number);
        let _ = writeln!(
            self.text,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" {attributes}/>"
        );
    }

    pub(super) fn circle(&mut self, at: Coord<f64>, radius: f64, attributes: &str) {
        let [x, y, r] = [at.x, at.y, radius].map(number);
        let _ = writeln!(
            self.text,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" {attributes}/>"
        );
    }

    pub(super) fn line(&mut self, from: Coord<f64>, to: Coord<f64>, attributes: &str) {
        self.path(&path_data(&[from, to], false), attributes);
    }

    /// Text whose baseline starts, is centred or ends at `at`; `size` is the height of an em.
    pub(super) fn text(
        &mut self,
        at: Coord<f64>,
        size: f64,
        anchor: Anchor,
        attributes: &str,
        text: &str,
    ) {
        let [x, y, s] = [at.x, at.y, size].map(number);
        let _ = writeln!(
            self.text,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{s}\" text-anchor=\"{}\" {attributes}>{}</text>",
            anchor.word(),
            escape(text)
        );
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }
}

/// The `d` of a path through the points; points closer than the eye can tell are left out.
pub(super) fn path_data(points: &[Coord<f64>], is_ring: bool) -> String {
    const NEAREST_MM: f64 = 0.03;
    let mut data = String::new();
    let mut last: Option<Coord<f64>> = None;
    for (at, point) in points.iter().enumerate() {
        let is_end = at == 0 || at + 1 == points.len();
        if let Some(last) = last
            && !is_end
            && (point.x - last.x).hypot(point.y - last.y) < NEAREST_MM
        {
            continue;
        }
        let word = if last.is_none() { 'M' } else { 'L' };
        let _ = write!(data, "{word}{} {}", number(point.x), number(point.y));
        last = Some(*point);
    }
    if is_ring && !data.is_empty() {
        data.push('Z');
    }
    data
}

/// Text as it may stand between tags and in attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML 1.0 has no other control characters.
            c if c.is_control() && !matches!(c, '\t' | '\n') => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Width of a text in ems: an em for each Chinese character, about half of one for others.
pub(super) fn ems(text: &str) -> f64 {
    text.chars()
        .map(|c| match c {
            '\u{2e80}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{ffef}'
            | '\u{20000}'..='\u{3ffff}' => 1.0,
            ' ' | '.' | ',' | '\'' | 'i' | 'l' | 'ī' | 'ì' | 'í' | 'ǐ' => 0.32,
            c if c.is_uppercase() => 0.68,
            _ => 0.58,
        })
        .sum()
}
