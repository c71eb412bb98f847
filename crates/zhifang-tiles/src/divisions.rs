//! The layers `divisions` and `division_labels`.

use zhifang_core::{Day, DivisionLevel, LonLat, Record, TileId};
use zhifang_pinyin::Spelling;
use zhifang_topology::LAST_GENERALIZED_ZOOM;

use crate::atlas::Tiles;
use crate::clip::{is_kept, parts};
use crate::ground::layers_at;
use crate::mvt::{Attribute, LayerWriter, Shape};
use crate::project::{tile_bbox, tile_point};
use crate::tileset::{Layer, first_zoom};

/// Every unit that is drawn at the zoom, highest levels first, then by code.
pub(crate) fn divisions(tiles: &Tiles<'_>, layer: &Layer, tile: TileId) -> Vec<u8> {
    let drawn = tiles.ground.drawn(tile.z());
    let layers = layers_at(tile.z());
    let mut units: Vec<_> = drawn
        .units_at(tile)
        .into_iter()
        .map(|zoomed| (&tiles.ground.units()[zoomed.unit.index()], zoomed))
        .filter(|(unit, _)| unit.layers.intersects(layers))
        .collect();
    units.sort_by_key(|(unit, _)| (unit.level, unit.code));
    let mut writer = LayerWriter::new(layer.name);
    for (unit, zoomed) in units {
        let rings = drawn.rings(tile, zoomed);
        // Generalised rings that lie wholly in the tile are fit to be drawn as they are.
        let is_whole = tile.z() <= LAST_GENERALIZED_ZOOM
            && rings.iter().flatten().all(|point| is_kept(*point));
        let shape = if is_whole {
            Shape::polygons(&[rings])
        } else {
            Shape::polygons(&parts(rings))
        };
        if shape.is_empty() {
            continue;
        }
        let Some(record) = tiles.unit(unit.code) else {
            continue;
        };
        let mut attributes = names(record, unit.level, tiles.day);
        attributes.push(("levels", Attribute::Text(&unit.levels)));
        writer.add(unit.code.as_u64(), attributes, &shape);
    }
    writer.finish()
}

/// What a unit is called, as it was called on the day. A spelling that the register does not hold
/// is made by the rule for Roman letters (中国地名汉语拼音字母拼写规则).
fn names(
    record: &Record,
    level: DivisionLevel,
    day: Option<Day>,
) -> Vec<(&'static str, Attribute<'_>)> {
    let mut attributes = Vec::with_capacity(6);
    if let Some(code) = record.division {
        attributes.push(("code", Attribute::Owned(code.to_string())));
    }
    let name = record.name_on(day);
    attributes.push(("name", Attribute::Text(name)));
    match record.fields.text("pinyin") {
        Some(spelling) if *name == *record.name => {
            attributes.push(("name_en", Attribute::Text(spelling)));
        }
        _ if name.is_empty() => {}
        _ => {
            let spelling = zhifang_pinyin::spell(name, Spelling::division());
            attributes.push(("name_en", Attribute::Owned(spelling)));
        }
    }
    attributes.push(("level", Attribute::Text(level.as_str())));
    if let Some(parent) = record.parent() {
        attributes.push(("parent", Attribute::Owned(parent.to_string())));
    }
    attributes
}

/// One point a unit, the same at all zooms: its seat, else the middle of its largest part.
pub(crate) fn labels(tiles: &Tiles<'_>, layer: &Layer, tile: TileId) -> Vec<u8> {
    let is_due = |level: DivisionLevel| first_zoom(level) <= tile.z();
    let mut found: Vec<(&Record, DivisionLevel, LonLat, f64)> = Vec::new();
    for record in tiles.view.seats_in(tile_bbox(tile)) {
        let (Some(level), Some(seat)) = (record.level(), record.position("seat")) else {
            continue;
        };
        if is_due(level) && tiles.stands(record) {
            let unit = record.division.and_then(|code| tiles.ground.unit(code));
            let area = unit.map_or(0.0, |unit| unit.label_place().area_km2);
            found.push((record, level, seat, area));
        }
    }
    for zoomed in tiles.ground.drawn(tile.z()).units_at(tile) {
        let unit = &tiles.ground.units()[zoomed.unit.index()];
        let Some(record) = is_due(unit.level).then(|| tiles.unit(unit.code)).flatten() else {
            continue;
        };
        if record.position("seat").is_none() {
            let place = unit.label_place();
            found.push((record, unit.level, place.at, place.area_km2));
        }
    }
    found.sort_by_key(|(record, level, ..)| (*level, record.division, &record.id));
    let mut writer = LayerWriter::new(layer.name);
    for (record, level, place, area_km2) in found {
        let Some(point) = tile_point(tile, place) else {
            continue;
        };
        let mut attributes = names(record, level, tiles.day);
        attributes.push(("rank", Attribute::Whole(rank(area_km2))));
        let id = record
            .division
            .map_or(0, zhifang_core::DivisionCode::as_u64);
        writer.add(id, attributes, &Shape::points(&[point]));
    }
    writer.finish()
}

/// Which of two labels of one level gives way: the larger rank. Each step is half the area.
fn rank(area_km2: f64) -> i64 {
    const LARGEST_LOG2_KM2: f64 = 21.0;
    if area_km2 > 0.0 {
        (LARGEST_LOG2_KM2 - area_km2.log2())
            .round()
            .clamp(0.0, 40.0) as i64
    } else {
        40
    }
}
