//! The layer `boundaries`: every line once, at the highest level at which its sides differ.

use std::collections::BTreeMap;

use geo::Geometry;
use zhifang_core::{Collection, Day, DivisionCode, DivisionLevel, Record, TileId};
use zhifang_index::View;

use crate::atlas::{LineRecords, Tiles};
use crate::clip::{TilePoint, clip_line};
use crate::ground::{LineMeaning, stands};
use crate::mvt::{Attribute, LayerWriter, Shape};
use crate::project::{tile_bbox, tile_lines};
use crate::records::feature_id;
use crate::tileset::{Layer, first_zoom};

/// What of the line records stays the same for all tiles.
pub(crate) fn records(view: View<'_>, day: Option<Day>) -> LineRecords {
    let mut found = LineRecords::default();
    for record in view
        .records(Collection::Boundaries)
        .filter(|record| stands(record, day))
    {
        if let Some(pair) = pair(record) {
            found
                .by_pair
                .entry(pair)
                .or_insert_with(|| record.id.clone());
        }
    }
    for record in view.records(Collection::Disputes) {
        let parties = record
            .fields
            .texts("parties")
            .filter_map(|code| code.parse().ok());
        found.parties.insert(record.id.clone(), parties.collect());
    }
    found
}

/// The units of a line record, lower code first.
fn pair(record: &Record) -> Option<(DivisionCode, DivisionCode)> {
    let side = |field| record.fields.text(field)?.parse::<DivisionCode>().ok();
    let (left, right) = (side("left")?, side("right")?);
    Some((left.min(right), left.max(right)))
}

pub(crate) fn boundaries(tiles: &Tiles<'_>, layer: &Layer, tile: TileId) -> Vec<u8> {
    let drawn = tiles.ground.drawn(tile.z());
    let mut pieces: BTreeMap<LineMeaning, Vec<Vec<TilePoint>>> = BTreeMap::new();
    for (meaning, line) in drawn.lines_at(tile) {
        if first_zoom(meaning.level) <= tile.z() {
            let cut = clip_line(&drawn.line(tile, line));
            if !cut.is_empty() {
                pieces.entry(meaning).or_default().extend(cut);
            }
        }
    }
    let mut writer = LayerWriter::new(layer.name);
    for (meaning, pieces) in &pieces {
        let shape = Shape::lines(pieces.iter().map(Vec::as_slice));
        let record = shared_pair(*meaning)
            .and_then(|pair| tiles.records.by_pair.get(&pair))
            .and_then(|id| tiles.view.record(Collection::Boundaries, id));
        let id = record.map_or_else(|| line_code(*meaning), |record| record.id.to_string());
        let number = feature_id(&id);
        let mut attributes = vec![("id", Attribute::Owned(id))];
        attributes.extend(record.into_iter().flat_map(names));
        attributes.push(("level", Attribute::Text(meaning.level.as_str())));
        for (key, code) in [("left", meaning.left), ("right", meaning.right)] {
            if let Some(code) = code {
                attributes.push((key, Attribute::Owned(code.to_string())));
            }
        }
        writer.add(number, attributes, &shape);
    }
    as_given(tiles, tile, &mut writer);
    writer.finish()
}

/// Records of lines that no polygons have, such as the nation's dashes, drawn as they are given.
fn as_given<'a>(tiles: &Tiles<'a>, tile: TileId, writer: &mut LayerWriter<'a>) {
    let candidates = tiles
        .view
        .candidates_in(Collection::Boundaries, tile_bbox(tile));
    if candidates.len() == 0 {
        return;
    }
    let drawn = tiles.ground.pairs();
    for record in candidates.filter(|record| tiles.stands(record)) {
        let level = record
            .fields
            .text("level")
            .and_then(|word| word.parse().ok())
            .unwrap_or(DivisionLevel::County);
        if first_zoom(level) > tile.z()
            || pair(record).is_some_and(|pair| drawn.binary_search(&pair).is_ok())
        {
            continue;
        }
        let pieces: Vec<Vec<TilePoint>> = match record.geometry.as_deref() {
            Some(Geometry::LineString(line)) => tile_lines(tile, line),
            Some(Geometry::MultiLineString(lines)) => lines
                .iter()
                .flat_map(|line| tile_lines(tile, line))
                .collect(),
            _ => continue,
        };
        let mut attributes = vec![("id", Attribute::Text(&record.id))];
        attributes.extend(names(record));
        attributes.push(("level", Attribute::Text(level.as_str())));
        for key in ["left", "right"] {
            if let Some(code) = record.fields.text(key) {
                attributes.push((key, Attribute::Text(code)));
            }
        }
        writer.add(
            feature_id(&record.id),
            attributes,
            &Shape::lines(pieces.iter().map(Vec::as_slice)),
        );
    }
}

/// What a record says of its line beyond its units: name, standing, and the kind that imported
/// files may give it (dashes at sea differ in it).
fn names(record: &Record) -> impl Iterator<Item = (&'static str, Attribute<'_>)> {
    let name = (!record.name.is_empty()).then_some(&*record.name);
    let extra = || record.fields.get("extra")?.get("kind")?.as_str();
    let kind = record.fields.text("kind").or_else(extra);
    [
        ("name", name),
        ("line_status", record.fields.text("line_status")),
        ("kind", kind),
    ]
    .into_iter()
    .filter_map(|(key, text)| Some((key, Attribute::Text(text?))))
}

fn shared_pair(meaning: LineMeaning) -> Option<(DivisionCode, DivisionCode)> {
    let (left, right) = (meaning.left?, meaning.right?);
    Some((left.min(right), left.max(right)))
}

/// A code for a line without a record: its units' codes, the lower one first.
fn line_code(meaning: LineMeaning) -> String {
    match shared_pair(meaning) {
        Some((low, high)) => format!("{low}-{high}"),
        None => meaning
            .left
            .or(meaning.right)
            .map_or_else(String::new, |code| code.to_string()),
    }
}
