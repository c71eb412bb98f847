//! 位置略图: the marker, its line and its reference objects, to scale, north up.

use std::fmt::Write as _;
use std::io::{self, Write};

use geo::Coord;
use zhifang_core::Lang;
use zhifang_topology::{bearing_deg, distance_m};

use super::{Facts, escaped};

/// Half of the drawing, pixels.
const HALF: f64 = 160.0;
/// Room at its edge for the names of objects, pixels.
const MARGIN: f64 = 34.0;
/// Ground shown where no object tells how much, metres.
const GROUND_M: f64 = 50.0;
/// Places of the line that are drawn to each side.
const STEPS: i32 = 16;

/// A place by azimuth (degrees) and distance (metres) from the middle, in pixels.
fn at(azimuth: f64, away_m: f64, scale: f64) -> (f64, f64) {
    let (sin, cos) = azimuth.to_radians().sin_cos();
    (HALF + sin * away_m * scale, HALF - cos * away_m * scale)
}

/// The longest of 1, 2, 5, 10 … metres that is no longer than a length.
fn round_length(longest_m: f64) -> f64 {
    let ten = 10_f64.powf(longest_m.max(1.0).log10().floor());
    let steps = [5.0, 2.0, 1.0];
    let found = steps.into_iter().find(|step| step * ten <= longest_m);
    found.unwrap_or(1.0) * ten
}

pub(super) fn draw(facts: &Facts<'_, '_>, out: &mut impl Write, lang: Lang) -> io::Result<()> {
    let Some(place) = facts.marker().point() else {
        return Ok(());
    };
    let middle: Coord<f64> = place.into();
    let farthest = facts
        .sights
        .iter()
        .filter_map(|sight| sight.distance_m)
        .fold(0.0_f64, f64::max);
    let ground_m = if farthest > 0.0 { farthest } else { GROUND_M };
    let scale = (HALF - MARGIN) / ground_m;
    let size = HALF * 2.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{size}\" height=\"{size}\" viewBox=\"0 0 {size} {size}\" font-family=\"sans-serif\" font-size=\"11\" role=\"img\" aria-label=\"{}\"><rect width=\"{size}\" height=\"{size}\" fill=\"#fff\" stroke=\"#999\"/>",
        lang.pick("位置略图", "sketch of the place")
    );
    line(facts, middle, scale, &mut svg);
    for (number, sight) in facts.sights.iter().enumerate() {
        let turned = sight.north.turn_deg(place).unwrap_or(0.0);
        let (Some(bearing), Some(away)) = (sight.bearing_deg, sight.distance_m) else {
            continue;
        };
        let (x, y) = at(bearing + turned, away, scale);
        let anchor = if x > HALF { "end" } else { "start" };
        let (number, what) = (number + 1, escaped(sight.what));
        let below = if y > HALF { y + 15.0 } else { y - 7.0 };
        let _ = write!(
            svg,
            "<path d=\"M{HALF} {HALF}L{x:.1} {y:.1}\" stroke=\"#777\" stroke-dasharray=\"4 3\"/><circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"#fff\" stroke=\"#1c1b19\"/><text x=\"{x:.1}\" y=\"{below:.1}\" text-anchor=\"{anchor}\">{number} {what} {away:.1} m</text>"
        );
    }
    let bar_m = round_length(ground_m / 2.0);
    let (bar, low) = (bar_m * scale, size - 12.0);
    let _ = write!(
        svg,
        "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"9\" height=\"9\" fill=\"#8a1c00\"/><path d=\"M{:.1} 34V10m-4 8l4-8l4 8\" fill=\"none\" stroke=\"#1c1b19\"/><text x=\"{:.1}\" y=\"20\">N</text><path d=\"M12 {low}h{bar:.1}m0 -4v8m-{bar:.1} -8v8\" fill=\"none\" stroke=\"#1c1b19\"/><text x=\"{:.1}\" y=\"{:.1}\">{bar_m} m</text></svg>",
        HALF - 4.5,
        HALF - 4.5,
        size - 16.0,
        size - 30.0,
        bar + 18.0,
        low + 4.0,
    );
    writeln!(out, "{svg}")
}

/// The line on both sides of the marker, as far as the drawing shows it.
fn line(facts: &Facts<'_, '_>, middle: Coord<f64>, scale: f64, svg: &mut String) {
    let Some(stretch) = facts.stretch else {
        return;
    };
    let here_m = stretch.track.foot(middle).along_m;
    let reach_m = HALF / scale;
    let mut path = String::new();
    for step in -STEPS..=STEPS {
        let along_m = here_m + reach_m * f64::from(step) / f64::from(STEPS);
        if !(0.0..=stretch.track.length_m).contains(&along_m) {
            continue;
        }
        let place = stretch.track.at(along_m);
        let (x, y) = at(bearing_deg(middle, place), distance_m(middle, place), scale);
        let letter = if path.is_empty() { 'M' } else { 'L' };
        let _ = write!(path, "{letter}{x:.1} {y:.1}");
    }
    let _ = write!(
        svg,
        "<path d=\"{path}\" fill=\"none\" stroke=\"#8a1c00\" stroke-width=\"1.6\" stroke-dasharray=\"9 3 2 3\"/>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_has_a_round_length() {
        for (longest, wanted) in [
            (44.7, 20.0),
            (50.0, 50.0),
            (9.9, 5.0),
            (1.2, 1.0),
            (0.3, 1.0),
        ] {
            assert!((round_length(longest) - wanted).abs() < 1e-9, "{longest}");
        }
    }
}
