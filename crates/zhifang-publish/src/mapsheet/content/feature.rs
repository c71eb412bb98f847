//! Water, parks and roads.

use std::collections::BTreeMap;

use geo::{Coord, Geometry};
use zhifang_core::{Bbox, Collection, Record, Status};
use zhifang_pinyin::Spelling;

use super::{
    Drawn, Inside, RoadRank, SMALLEST_WITH_FEATURES, SMALLEST_WITH_LANES, SMALLEST_WITH_ROADS,
};
use crate::mapsheet::ground::polygons;
use crate::mapsheet::label::{Label, Place, roomiest};
use crate::mapsheet::paper::Words;
use crate::mapsheet::svg::{Svg, number, path_data};

impl Inside<'_> {
    /// Water and parks from the register of names.
    pub(super) fn features(
        &self,
        svg: &mut Svg,
        bbox: Bbox,
        drawn: &mut Drawn,
        labels: &mut Vec<Label>,
    ) {
        if !self.is_scale(SMALLEST_WITH_FEATURES) {
            return;
        }
        let k = self.k;
        for record in self.view.candidates_in(Collection::Names, bbox) {
            if record.status != Status::Published {
                continue;
            }
            let name = &*record.name;
            let is_water = is_water(record);
            let is_park = record.fields.number("category") == Some(4.0) && name.ends_with("公园");
            let label = |place: Place, size: f64, class: &'static str| Label {
                rank: 4,
                lines: self.name_lines(record, name, size * k, Spelling::feature()),
                class,
                place,
            };
            match record.geometry.as_deref() {
                Some(Geometry::LineString(line)) if is_water => {
                    drawn.has_water = true;
                    let points = self.plane.line(&line.0);
                    let is_great = name.ends_with('江');
                    let width = if is_great { 1.1 } else { 0.32 } * k;
                    let attributes = format!(
                        "fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" \
                         stroke-linejoin=\"round\" stroke-linecap=\"round\"",
                        if is_great { "#a9d3ea" } else { "#6db0d6" },
                        number(width)
                    );
                    svg.path(&path_data(&points, false), &attributes);
                    let size = if is_great { 3.2 } else { 2.1 };
                    labels.push(label(Place::Along(points), size, "water"));
                }
                Some(geometry @ (Geometry::Polygon(_) | Geometry::MultiPolygon(_)))
                    if is_water || is_park =>
                {
                    let Some(area) = polygons(geometry) else {
                        continue;
                    };
                    let polygons = self.plane.polygons(&area);
                    let data: String = polygons
                        .iter()
                        .flat_map(|one| std::iter::once(one.exterior()).chain(one.interiors()))
                        .map(|ring| path_data(&ring.0, true))
                        .collect();
                    let (fill, stroke, class) = if is_water {
                        ("#bfe0f1", "#5b9fc8", "water")
                    } else {
                        ("#cfe5bd", "#8fb573", "park")
                    };
                    let width = number(0.14 * k);
                    svg.path(
                        &data,
                        &format!("fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"{width}\""),
                    );
                    drawn.has_water |= is_water;
                    drawn.has_park |= is_park;
                    if let Some((at, _)) = roomiest(&polygons, self.plane.rect) {
                        labels.push(label(Place::Beside(at, 0.8 * k), 1.9, class));
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn roads(
        &self,
        svg: &mut Svg,
        bbox: Bbox,
        drawn: &mut Drawn,
        labels: &mut Vec<Label>,
    ) {
        let mut by_rank: BTreeMap<RoadRank, Vec<Vec<Coord<f64>>>> = BTreeMap::new();
        let mut longest: BTreeMap<&str, (f64, Vec<Coord<f64>>)> = BTreeMap::new();
        for record in self.view.candidates_in(Collection::Roads, bbox) {
            let rank = RoadRank::of(record);
            let smallest = match rank {
                RoadRank::Major => SMALLEST_WITH_ROADS,
                RoadRank::Middle => SMALLEST_WITH_FEATURES,
                RoadRank::Lane => SMALLEST_WITH_LANES,
            };
            if record.status != Status::Published || !self.is_scale(smallest) {
                continue;
            }
            if let Some(Geometry::LineString(line)) = record.geometry.as_deref() {
                let points = self.plane.line(&line.0);
                let length: f64 = points
                    .windows(2)
                    .map(|pair| (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y))
                    .sum();
                let known = longest.entry(&record.name).or_default();
                if rank == RoadRank::Major && length > known.0 {
                    *known = (length, points.clone());
                }
                by_rank.entry(rank).or_default().push(points);
            }
        }
        // Casings first, so that crossings stay open; lesser roads under greater ones.
        for step in 0..2 {
            for (rank, roads) in by_rank.iter().rev() {
                let (colour, width) = rank.strokes()[step];
                if width <= 0.0 {
                    continue;
                }
                drawn.roads.insert(*rank);
                let data: String = roads.iter().map(|road| path_data(road, false)).collect();
                let width = number(width * self.k);
                svg.path(
                    &data,
                    &format!(
                        "fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" \
                         stroke-linejoin=\"round\" stroke-linecap=\"round\""
                    ),
                );
            }
        }
        for (name, (length, points)) in longest {
            // A number such as G316 in a frame would need the shield; names stand along the road.
            if length > 25.0 * self.k && !name.is_empty() && self.words != Words::En {
                labels.push(Label {
                    rank: 6,
                    lines: vec![(name.to_owned(), 1.7 * self.k)],
                    class: "road",
                    place: Place::Along(points),
                });
            }
        }
    }
}

/// Whether a name is one of water: by its category (1 natural, 7 water works) and generic term.
fn is_water(record: &Record) -> bool {
    const WATER: [&str; 14] = [
        "江", "河", "湖", "溪", "沟", "渠", "港", "塘", "堰", "水库", "海", "洋", "水", "泊",
    ];
    let category = record.fields.number("category");
    let generic = record.fields.text("generic").unwrap_or(&record.name);
    (category == Some(1.0) || category == Some(7.0))
        && WATER.iter().any(|word| generic.ends_with(word))
}
