//! The neat line with kilometre grid (方里网) and graticule (经纬网), both with their numbers.

use geo::Coord;

use super::paper::Layout;
use super::plane::Plane;
use super::svg::{Anchor, Rect, Svg, number};

/// Distances of grid lines, metres.
const GRID_M: [f64; 12] = [
    100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0, 50_000.0, 100_000.0,
    200_000.0, 500_000.0,
];

/// Distances of graticule ticks, minutes.
const GRATICULE_MIN: [f64; 12] = [
    0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0,
];

/// A side of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Top,
    Bottom,
    Left,
    Right,
}

impl Side {
    const ALL: [Self; 4] = [Self::Top, Self::Bottom, Self::Left, Self::Right];

    fn is_level(self) -> bool {
        matches!(self, Self::Top | Self::Bottom)
    }

    /// The point of the neat line this far along the side, and the way outwards.
    fn at(self, rect: Rect, along: f64) -> (Coord<f64>, Coord<f64>) {
        let (x, y, dx, dy) = match self {
            Self::Top => (along, rect.y, 0.0, -1.0),
            Self::Bottom => (along, rect.bottom(), 0.0, 1.0),
            Self::Left => (rect.x, along, -1.0, 0.0),
            Self::Right => (rect.right(), along, 1.0, 0.0),
        };
        (Coord { x, y }, Coord { x: dx, y: dy })
    }

    fn range(self, rect: Rect) -> (f64, f64) {
        if self.is_level() {
            (rect.x, rect.right())
        } else {
            (rect.y, rect.bottom())
        }
    }
}

/// The lines of the kilometre grid, inside the neat line and under the map's content.
pub(super) fn grid(plane: &Plane, k: f64, svg: &mut Svg) {
    let rect = plane.rect;
    svg.open(&format!(
        "stroke=\"#4c7da6\" stroke-opacity=\"0.5\" stroke-width=\"{}\" fill=\"none\"",
        number(0.1 * k)
    ));
    for (x, _) in grid_lines(plane, k, true) {
        svg.line(
            Coord { x, y: rect.y },
            Coord {
                x,
                y: rect.bottom(),
            },
            "",
        );
    }
    for (y, _) in grid_lines(plane, k, false) {
        svg.line(Coord { x: rect.x, y }, Coord { x: rect.right(), y }, "");
    }
    svg.close();
}

/// Distance of the grid's lines, metres.
fn grid_step(plane: &Plane, k: f64) -> f64 {
    let mm = |metres: f64| metres * 1000.0 / f64::from(plane.denominator);
    GRID_M
        .into_iter()
        .find(|&metres| mm(metres) >= 18.0 * k)
        .unwrap_or(1_000_000.0)
}

/// Positions on the paper of the grid's lines with their plane coordinates, metres.
fn grid_lines(plane: &Plane, k: f64, is_easting: bool) -> Vec<(f64, f64)> {
    let step = grid_step(plane, k);
    let rect = plane.rect;
    let corner = |x: f64, y: f64| plane.plane_of_paper(Coord { x, y });
    let (low, high) = (corner(rect.x, rect.bottom()), corner(rect.right(), rect.y));
    let (from, to) = if is_easting {
        (low.x, high.x)
    } else {
        (low.y, high.y)
    };
    let mut lines = Vec::new();
    let mut metres = (from / step).ceil() * step;
    while metres <= to {
        let at = plane.paper_of_plane(Coord {
            x: metres,
            y: metres,
        });
        lines.push((if is_easting { at.x } else { at.y }, metres));
        metres += step;
    }
    lines
}

/// Neat line, outer line, and between them the numbers of grid and graticule.
pub(super) fn frame(plane: &Plane, layout: &Layout, svg: &mut Svg) {
    let k = layout.k;
    let rect = plane.rect;
    let hair = format!(
        "fill=\"none\" stroke=\"#1a1a1a\" stroke-width=\"{}\"",
        number(0.18 * k)
    );
    let heavy = format!(
        "fill=\"none\" stroke=\"#1a1a1a\" stroke-width=\"{}\"",
        number(0.85 * k)
    );
    svg.rect(rect, &hair);
    svg.rect(layout.outer, &heavy);

    for side in Side::ALL {
        let (from, to) = side.range(rect);
        let degrees = graticule(plane, side, k);
        // Where a number of the grid would meet one of the graticule the grid's gives way.
        let mut taken: Vec<f64> = Vec::new();
        for (along, minutes) in degrees {
            let (at, out) = side.at(rect, along);
            let end = Coord {
                x: at.x + out.x * 2.0 * k,
                y: at.y + out.y * 2.0 * k,
            };
            svg.line(at, end, &hair);
            if along - from > 15.0 * k && to - along > 15.0 * k {
                let text = degrees_text(minutes);
                write(svg, at, out, 4.2 * k, 1.9 * k, "#1a1a1a", &text, side);
                taken.push(along);
            }
        }
        for (along, metres) in grid_lines(plane, k, side.is_level()) {
            let (at, out) = side.at(rect, along);
            let end = Coord {
                x: at.x + out.x * 0.9 * k,
                y: at.y + out.y * 0.9 * k,
            };
            svg.line(at, end, "stroke=\"#2f6390\" stroke-width=\"0.14\"");
            let is_free = taken.iter().all(|other| (other - along).abs() > 6.0 * k);
            if is_free && along - from > 5.0 * k && to - along > 5.0 * k {
                let text = kilometres_text(metres);
                write(svg, at, out, 1.9 * k, 1.6 * k, "#2f6390", &text, side);
            }
        }
    }
    corners(plane, layout, svg);
}

/// The four corners' longitudes and latitudes, exact to the second, as topographic sheets have.
fn corners(plane: &Plane, layout: &Layout, svg: &mut Svg) {
    let k = layout.k;
    let rect = plane.rect;
    for (x, y) in [
        (rect.x, rect.y),
        (rect.right(), rect.y),
        (rect.x, rect.bottom()),
        (rect.right(), rect.bottom()),
    ] {
        let place = plane.degrees(Coord { x, y });
        let is_left = x == rect.x;
        let is_top = y == rect.y;
        let at = Coord {
            x: if is_left { x + 0.6 * k } else { x - 0.6 * k },
            y: if is_top { y - 3.4 * k } else { y + 4.7 * k },
        };
        let anchor = if is_left { Anchor::Start } else { Anchor::End };
        let text = format!("{} {}", seconds_text(place.lon), seconds_text(place.lat));
        svg.text(at, 1.35 * k, anchor, "fill=\"#444444\"", &text);
    }
}

/// Writes a number beside the frame, centred on its line; on the sides it is read from the right.
fn write(
    svg: &mut Svg,
    at: Coord<f64>,
    out: Coord<f64>,
    distance: f64,
    size: f64,
    colour: &str,
    text: &str,
    side: Side,
) {
    let centre = Coord {
        x: at.x + out.x * distance,
        y: at.y + out.y * distance,
    };
    let baseline = size * 0.36;
    if side.is_level() {
        let at = Coord {
            x: centre.x,
            y: centre.y + baseline,
        };
        svg.text(
            at,
            size,
            Anchor::Middle,
            &format!("fill=\"{colour}\""),
            text,
        );
    } else {
        let at = Coord {
            x: centre.x + baseline,
            y: centre.y,
        };
        let turn = format!(
            "fill=\"{colour}\" transform=\"rotate(-90 {} {})\"",
            number(at.x),
            number(at.y)
        );
        svg.text(at, size, Anchor::Middle, &turn, text);
    }
}

/// Where whole minutes meet a side of the neat line: place along it and minutes of arc.
fn graticule(plane: &Plane, side: Side, k: f64) -> Vec<(f64, i64)> {
    let rect = plane.rect;
    let (from, to) = side.range(rect);
    let minutes = |along: f64| {
        let place = plane.degrees(side.at(rect, along).0);
        60.0 * if side.is_level() {
            place.lon
        } else {
            place.lat
        }
    };
    let (low, high) = (minutes(from), minutes(to));
    let per_mm = (high - low).abs() / (to - from);
    let step = GRATICULE_MIN
        .into_iter()
        .find(|step| step / per_mm >= 28.0 * k)
        .unwrap_or(600.0);
    let (first, last) = (low.min(high), low.max(high));
    let mut ticks = Vec::new();
    let mut wanted = (first / step).ceil() * step;
    while wanted <= last {
        // Along a side the values go one way only: halve until a micrometre is left.
        let (mut a, mut b) = (from, to);
        while b - a > 0.001 {
            let middle = f64::midpoint(a, b);
            if (minutes(middle) < wanted) == (low < high) {
                a = middle;
            } else {
                b = middle;
            }
        }
        ticks.push((a, (wanted * 60.0).round() as i64));
        wanted += step;
    }
    ticks
}

/// `111°40′`, with seconds where there are some.
fn degrees_text(seconds: i64) -> String {
    let (degrees, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest == 0 {
        format!("{degrees}°{minutes:02}′")
    } else {
        format!("{degrees}°{minutes:02}′{rest:02}″")
    }
}

fn seconds_text(degrees: f64) -> String {
    let seconds = (degrees * 3600.0).round() as i64;
    format!(
        "{}°{:02}′{:02}″",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// Whole kilometres, or with one decimal on plans.
fn kilometres_text(metres: f64) -> String {
    // Without a negative zero.
    let kilometres = metres / 1000.0 + 0.0;
    if (kilometres - kilometres.round()).abs() < 1e-6 {
        format!("{kilometres:.0}")
    } else {
        format!("{kilometres:.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_frame_are_written_as_on_maps() {
        assert_eq!(degrees_text(111 * 3600 + 40 * 60), "111°40′");
        assert_eq!(degrees_text(32 * 3600 + 5 * 60 + 30), "32°05′30″");
        assert_eq!(seconds_text(111.5), "111°30′00″");
        assert_eq!(kilometres_text(37_560_000.0), "37560");
        assert_eq!(kilometres_text(3_585_500.0), "3585.5");
    }
}
