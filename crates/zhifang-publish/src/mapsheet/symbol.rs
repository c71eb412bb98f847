//! Lines and points by level: the same order and grammar as on the screen map, in millimetres.

use geo::Coord;
use zhifang_core::DivisionLevel;

use super::svg::{Svg, number};

/// Type faces: what Chinese systems have, then what stands on a bare one.
pub(super) const FONTS: &str = "'Noto Sans CJK SC','Source Han Sans SC','Noto Sans SC',\
     'Microsoft YaHei','PingFang SC','WenQuanYi Zen Hei','WenQuanYi Micro Hei',SimHei,\
     'Droid Sans Fallback',sans-serif";

/// Colour, width in millimetres and dashes in widths of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineSymbol {
    colour: &'static str,
    width: f64,
    dashes: &'static [f64],
}

/// The symbol of a line that divides units of this level.
pub(super) const fn line(level: DivisionLevel) -> LineSymbol {
    let (colour, width, dashes): (_, _, &[f64]) = match level {
        DivisionLevel::Country => ("#1a1a1a", 0.6, &[]),
        DivisionLevel::Province => ("#1a1a1a", 0.5, &[7.0, 2.2, 1.0, 2.2]),
        DivisionLevel::Prefecture => ("#1c1c1c", 0.42, &[6.0, 2.0, 1.0, 2.0, 1.0, 2.0]),
        DivisionLevel::County => ("#262626", 0.36, &[5.5, 2.5]),
        DivisionLevel::Township => ("#4a4a4a", 0.26, &[1.4, 2.4]),
        DivisionLevel::Village => ("#777777", 0.18, &[1.0, 3.5]),
    };
    LineSymbol {
        colour,
        width,
        dashes,
    }
}

impl LineSymbol {
    /// As attributes of a path.
    pub(super) fn attributes(self, k: f64) -> String {
        let width = self.width * k;
        let dashes: Vec<String> = self
            .dashes
            .iter()
            .map(|dash| number(dash * width))
            .collect();
        let dashes = if dashes.is_empty() {
            String::new()
        } else {
            format!(" stroke-dasharray=\"{}\"", dashes.join(" "))
        };
        format!(
            "fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"{dashes}",
            self.colour,
            number(width)
        )
    }
}

/// What the legend calls a line.
pub(super) const fn line_name(level: DivisionLevel) -> (&'static str, &'static str) {
    match level {
        DivisionLevel::Country => ("国界或海岸线", "National border, coast"),
        DivisionLevel::Province => ("省级界", "Province boundary"),
        DivisionLevel::Prefecture => ("地级界", "Prefecture boundary"),
        DivisionLevel::County => ("县级界", "County boundary"),
        DivisionLevel::Township => ("乡级界", "Township boundary"),
        DivisionLevel::Village => ("村级管理界", "Village limit"),
    }
}

/// What the legend calls a seat.
pub(super) const fn seat_name(level: DivisionLevel) -> (&'static str, &'static str) {
    match level {
        DivisionLevel::Country => ("首都", "Capital"),
        DivisionLevel::Province => ("省级驻地", "Province seat"),
        DivisionLevel::Prefecture => ("地级驻地", "Prefecture seat"),
        DivisionLevel::County => ("县级驻地", "County seat"),
        DivisionLevel::Township => ("乡级驻地", "Township seat"),
        DivisionLevel::Village => ("行政村、社区", "Village, community"),
    }
}

/// Radius of a seat's symbol, millimetres on A4.
pub(super) const fn seat_radius(level: DivisionLevel) -> f64 {
    match level {
        DivisionLevel::Country | DivisionLevel::Province => 1.35,
        DivisionLevel::Prefecture => 1.2,
        DivisionLevel::County => 1.1,
        DivisionLevel::Township => 0.72,
        DivisionLevel::Village => 0.36,
    }
}

/// Draws a seat.
pub(super) fn seat(svg: &mut Svg, at: Coord<f64>, level: DivisionLevel, k: f64) {
    let r = seat_radius(level) * k;
    let ring = |width: f64| {
        format!(
            "fill=\"#ffffff\" stroke=\"#1a1a1a\" stroke-width=\"{}\"",
            number(width * k)
        )
    };
    match level {
        DivisionLevel::Country | DivisionLevel::Province | DivisionLevel::Prefecture => {
            svg.circle(at, r, &ring(0.22));
            svg.circle(at, r * 0.62, &ring(0.22));
            svg.circle(at, r * 0.28, "fill=\"#1a1a1a\"");
        }
        DivisionLevel::County => {
            svg.circle(at, r, &ring(0.24));
            svg.circle(at, r * 0.45, "fill=\"#1a1a1a\"");
        }
        DivisionLevel::Township => svg.circle(at, r, &ring(0.24)),
        DivisionLevel::Village => svg.circle(
            at,
            r,
            &format!(
                "fill=\"#ffffff\" stroke=\"#555555\" stroke-width=\"{}\"",
                number(0.14 * k)
            ),
        ),
    }
}

/// Draws a boundary marker (界桩).
pub(super) fn marker(svg: &mut Svg, at: Coord<f64>, k: f64) {
    let r = 0.62 * k;
    let stroke = format!(
        "fill=\"#ffffff\" stroke=\"#a3262a\" stroke-width=\"{}\"",
        number(0.18 * k)
    );
    svg.circle(at, r, &stroke);
    let arm = |dx: f64, dy: f64| {
        [
            Coord {
                x: at.x - dx,
                y: at.y - dy,
            },
            Coord {
                x: at.x + dx,
                y: at.y + dy,
            },
        ]
    };
    for [from, to] in [arm(r, 0.0), arm(0.0, r)] {
        svg.line(from, to, &stroke);
    }
}

/// Colours of neighbouring areas; told apart also in grey.
pub(super) const TINTS: [&str; 6] = [
    "#fbe6d4", "#e3efd3", "#fbf3cd", "#e6e1f1", "#d8ecea", "#f8e0e4",
];
