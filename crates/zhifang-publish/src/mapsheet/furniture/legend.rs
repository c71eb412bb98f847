//! The legend: what was drawn, and nothing else.

use zhifang_core::DivisionLevel;

use super::at;
use crate::mapsheet::content::{Drawn, RoadRank};
use crate::mapsheet::paper::{Layout, Words};
use crate::mapsheet::svg::{Anchor, Rect, Svg, ems, number};
use crate::mapsheet::symbol;

/// A sample in the legend.
enum Sample {
    Line(DivisionLevel),
    Road(RoadRank),
    Seat(DivisionLevel),
    Marker,
    Water,
    Park,
    Band,
}

pub(super) fn legend(words: Words, drawn: &Drawn, layout: &Layout, area: Rect, svg: &mut Svg) {
    let k = layout.k;
    let heading = words.pick("图例", "Legend");
    svg.text(
        at(area.x, area.y + 3.2 * k),
        3.2 * k,
        Anchor::Start,
        "class=\"head\"",
        &heading,
    );
    let mut entries: Vec<(Sample, (&str, &str))> = Vec::new();
    entries.extend(
        drawn
            .seats
            .iter()
            .map(|&level| (Sample::Seat(level), symbol::seat_name(level))),
    );
    entries.extend(
        drawn
            .lines
            .iter()
            .map(|&level| (Sample::Line(level), symbol::line_name(level))),
    );
    entries.push((Sample::Band, ("本图范围", "Extent of this map")));
    entries.extend(drawn.roads.iter().map(|&rank| {
        let name = match rank {
            RoadRank::Major => ("国道、省道", "National, provincial road"),
            RoadRank::Middle => ("县道、乡道", "County, township road"),
            RoadRank::Lane => ("村道、街道", "Village road, street"),
        };
        (Sample::Road(rank), name)
    }));
    if drawn.has_water {
        entries.push((Sample::Water, ("河流、水库", "River, reservoir")));
    }
    if drawn.has_park {
        entries.push((Sample::Park, ("公园", "Park")));
    }
    if drawn.has_markers {
        entries.push((
            Sample::Marker,
            ("界桩（概略位置）", "Boundary marker (rounded)"),
        ));
    }
    let row = 4.7 * k;
    let top = area.y + 7.2 * k;
    let rows = (((area.bottom() - top) / row).floor() as usize).max(1);
    let columns = entries.len().div_ceil(rows).max(1);
    let rows = entries.len().div_ceil(columns);
    let breadth = area.width / columns as f64;
    for (number, (sample, (zh, en))) in entries.iter().enumerate() {
        let x = area.x + breadth * (number / rows) as f64;
        let y = top + row * (number % rows) as f64;
        draw_sample(sample, x, y, k, svg);
        let text_at = x + 12.5 * k;
        let room = breadth - 13.0 * k;
        let size = |text: &str, size: f64| size.min(room / ems(text).max(1.0));
        match words {
            Words::Zh => svg.text(
                at(text_at, y + 0.9 * k),
                size(zh, 2.4 * k),
                Anchor::Start,
                "class=\"note\"",
                zh,
            ),
            Words::En => svg.text(
                at(text_at, y + 0.9 * k),
                size(en, 2.2 * k),
                Anchor::Start,
                "class=\"note\"",
                en,
            ),
            Words::Both => {
                svg.text(
                    at(text_at, y + 0.1 * k),
                    size(zh, 2.2 * k),
                    Anchor::Start,
                    "class=\"note\"",
                    zh,
                );
                svg.text(
                    at(text_at, y + 2.0 * k),
                    size(en, 1.5 * k),
                    Anchor::Start,
                    "class=\"note\"",
                    en,
                );
            }
        }
    }
}

fn draw_sample(sample: &Sample, x: f64, y: f64, k: f64, svg: &mut Svg) {
    let (from, to) = (at(x, y), at(x + 11.0 * k, y));
    let middle = at(x + 5.5 * k, y);
    match sample {
        Sample::Line(level) => svg.line(from, to, &symbol::line(*level).attributes(k)),
        Sample::Seat(level) => symbol::seat(svg, middle, *level, k),
        Sample::Marker => symbol::marker(svg, middle, k),
        Sample::Road(rank) => {
            for (colour, width) in rank.strokes() {
                if width > 0.0 {
                    let width = number(width * k);
                    svg.line(
                        from,
                        to,
                        &format!("stroke=\"{colour}\" stroke-width=\"{width}\""),
                    );
                }
            }
        }
        Sample::Water => {
            let area = Rect::new(x + 6.4 * k, y - 1.1 * k, 4.2 * k, 2.2 * k);
            let wave = format!(
                "M{} {}q{} {} {} 0t{} 0",
                number(x),
                number(y),
                number(1.3 * k),
                number(-1.6 * k),
                number(2.6 * k),
                number(2.6 * k)
            );
            let width = number(0.4 * k);
            svg.path(
                &wave,
                &format!("fill=\"none\" stroke=\"#6db0d6\" stroke-width=\"{width}\""),
            );
            let attributes = format!(
                "rx=\"{}\" fill=\"#bfe0f1\" stroke=\"#5b9fc8\" stroke-width=\"{}\"",
                number(0.9 * k),
                number(0.14 * k)
            );
            svg.rect(area, &attributes);
        }
        Sample::Park => {
            let area = Rect::new(x + 3.0 * k, y - 1.2 * k, 5.0 * k, 2.4 * k);
            svg.rect(
                area,
                "fill=\"#cfe5bd\" stroke=\"#8fb573\" stroke-width=\"0.14\"",
            );
        }
        Sample::Band => {
            let width = number(2.6 * k);
            svg.line(
                from,
                to,
                &format!("stroke=\"#b06a9c\" stroke-opacity=\"0.32\" stroke-width=\"{width}\""),
            );
        }
    }
}
