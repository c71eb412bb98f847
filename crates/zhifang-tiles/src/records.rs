//! Layers that draw the records of a collection one by one.

use std::collections::BTreeMap;

use geo::Geometry;
use serde_json::Value;
use zhifang_core::{Bbox, Collection, DivisionCode, LonLat, Record, TileId};

use crate::atlas::Tiles;
use crate::clip::TilePoint;
use crate::mvt::{Attribute, LayerWriter, Shape};
use crate::project::{grid_point, padded_bbox, tile_lines, tile_point, tile_polygons, unclipped};
use crate::tileset::{Layer, MAX_ZOOM};

/// Most features of one layer in one tile, best ranks first: 500 kB hold them.
const MOST_FEATURES: usize = 3000;

/// Smaller lines and areas of names are not drawn, in grid steps along the longer side: four CSS
/// pixels of a 512 px tile.
const SMALLEST_NAMED: i32 = 32;

/// Side of the largest squares of which one point each is drawn, in grid steps.
pub(crate) const LARGEST_SQUARE: i32 = 256;

/// A number for an id that a JavaScript client keeps entire (below 2⁵³), stable everywhere:
/// FNV-1a over its bytes, folded.
pub(crate) fn feature_id(id: &str) -> u64 {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 53)) & ((1 << 53) - 1)
}

/// Side of the squares of which one point each is drawn, in grid steps; 1 where all are drawn.
fn square(layer: &Layer, zoom: u8) -> i64 {
    match (layer.name, zoom) {
        (_, MAX_ZOOM..) => 1,
        // Names need room for their letters: 32 CSS pixels, from zoom 12 half of it.
        ("names", ..12) => LARGEST_SQUARE as i64,
        ("names", _) => 128,
        // Symbols may stand side by side: 8 CSS pixels, from zoom 12 half of it.
        (_, ..12) => 64,
        _ => 32,
    }
}

/// A record with its shape and the order in which it gives way: smaller is more important.
struct Candidate<'a> {
    record: &'a Record,
    rank: i64,
    shape: Shape,
}

pub(crate) fn records(
    tiles: &Tiles<'_>,
    layer: &Layer,
    collection: Collection,
    tile: TileId,
) -> Vec<u8> {
    let square = square(layer, tile.z());
    // Whole squares have to be looked at, so that neighbouring tiles choose the same points.
    let window = padded_bbox(tile, crate::clip::BUFFER + square as i32);
    let mut points: BTreeMap<[i64; 2], (i64, &Record, LonLat)> = BTreeMap::new();
    let mut others: Vec<Candidate<'_>> = Vec::new();
    let mut count = 0_i64;
    for record in tiles
        .candidates(collection, window)
        .into_iter()
        .filter(|record| tiles.stands(record))
    {
        let rank = rank(record);
        if let Some(place) = record.point() {
            let grid = grid_point(tile.z(), place);
            // With squares of one step every point counts, also several at one place.
            count += 1;
            let key = if square > 1 {
                grid.map(|n| n.div_euclid(square))
            } else {
                [count, 0]
            };
            let best = points.entry(key).or_insert((rank, record, place));
            if (rank, &record.id) < (best.0, &best.1.id) {
                *best = (rank, record, place);
            }
        } else if let Some(shape) = shape(tile, record, collection) {
            others.push(Candidate {
                record,
                rank,
                shape,
            });
        }
    }
    let shown = points.into_values().filter_map(|(rank, record, place)| {
        let point = tile_point(tile, place)?;
        Some(Candidate {
            record,
            rank,
            shape: Shape::points(&[point]),
        })
    });
    let mut chosen: Vec<Candidate<'_>> = others.into_iter().chain(shown).collect();
    chosen.sort_by(|a, b| a.rank.cmp(&b.rank).then(a.record.id.cmp(&b.record.id)));
    chosen.truncate(MOST_FEATURES);
    chosen.sort_by(|a, b| a.record.id.cmp(&b.record.id));
    let mut writer = LayerWriter::new(layer.name);
    for candidate in &chosen {
        let attributes = attributes(tiles, layer, candidate);
        writer.add(
            feature_id(&candidate.record.id),
            attributes,
            &candidate.shape,
        );
    }
    writer.finish()
}

fn shape(tile: TileId, record: &Record, collection: Collection) -> Option<Shape> {
    let geometry = record.geometry.as_deref()?;
    if collection == Collection::Names && tile.z() < MAX_ZOOM {
        let bbox = Bbox::of_geometry(geometry)?;
        let [low, high] = [
            unclipped(
                tile,
                geo::Coord {
                    x: bbox.west,
                    y: bbox.north,
                },
            ),
            unclipped(
                tile,
                geo::Coord {
                    x: bbox.east,
                    y: bbox.south,
                },
            ),
        ];
        if (high[0] - low[0]).max(high[1] - low[1]) < SMALLEST_NAMED {
            return None;
        }
    }
    let shape = match geometry {
        Geometry::MultiPoint(points) => {
            let points: Vec<TilePoint> = points
                .iter()
                .filter_map(|point| tile_point(tile, (*point).into()))
                .collect();
            Shape::points(&points)
        }
        Geometry::LineString(line) => {
            Shape::lines(tile_lines(tile, line).iter().map(Vec::as_slice))
        }
        Geometry::MultiLineString(lines) => {
            let pieces: Vec<Vec<TilePoint>> = lines
                .iter()
                .flat_map(|line| tile_lines(tile, line))
                .collect();
            Shape::lines(pieces.iter().map(Vec::as_slice))
        }
        Geometry::Polygon(polygon) => {
            let polygons = geo::MultiPolygon(vec![polygon.clone()]);
            Shape::polygons(&tile_polygons(tile, &polygons))
        }
        Geometry::MultiPolygon(polygons) => Shape::polygons(&tile_polygons(tile, polygons)),
        _ => return None,
    };
    (!shape.is_empty()).then_some(shape)
}

/// How important a record is on the map, 0 the most: people first, then whatever has none.
fn rank(record: &Record) -> i64 {
    const LARGEST_LOG2_PEOPLE: f64 = 25.0;
    const WITHOUT_PEOPLE: i64 = 30;
    match record.fields.number("population") {
        Some(people) if people > 0.0 => (LARGEST_LOG2_PEOPLE - people.log2())
            .round()
            .clamp(0.0, 29.0) as i64,
        _ => WITHOUT_PEOPLE,
    }
}

fn attributes<'a>(
    tiles: &Tiles<'a>,
    layer: &Layer,
    candidate: &Candidate<'a>,
) -> Vec<(&'static str, Attribute<'a>)> {
    let record = candidate.record;
    layer
        .fields
        .iter()
        .filter_map(|&(name, _)| {
            let value = match name {
                "id" => Attribute::Text(&record.id),
                "name" => Attribute::Text(&record.name),
                "name_en" => Attribute::Text(record.fields.text("pinyin")?),
                "rank" => Attribute::Whole(candidate.rank),
                "side" => Attribute::Whole(side(tiles, record)),
                _ => attribute(record.fields.get(name)?)?,
            };
            Some((name, value))
        })
        .collect()
}

fn attribute(value: &Value) -> Option<Attribute<'_>> {
    match value {
        Value::String(text) => Some(Attribute::Text(text)),
        Value::Bool(flag) => Some(Attribute::Flag(*flag)),
        Value::Number(number) => Some(match number.as_i64() {
            Some(whole) => Attribute::Whole(whole),
            None => Attribute::Number(number.as_f64()?.to_bits()),
        }),
        _ => None,
    }
}

/// Whose claim it is: 1 for the first party of the dispute, 2 for another one.
fn side(tiles: &Tiles<'_>, claim: &Record) -> i64 {
    let claimant = claim
        .fields
        .text("claimant")
        .and_then(|code| code.parse::<DivisionCode>().ok());
    let parties = claim
        .fields
        .text("dispute")
        .and_then(|id| tiles.records.parties.get(id));
    match (claimant, parties.and_then(|parties| parties.first())) {
        (Some(claimant), Some(first)) if claimant != *first => 2,
        _ => 1,
    }
}

/// Areas that can be reached.
pub(crate) fn reach(tiles: &Tiles<'_>, layer: &Layer, tile: TileId) -> Vec<u8> {
    let mut writer = LayerWriter::new(layer.name);
    for area in tiles.reach {
        let shape = Shape::polygons(&tile_polygons(tile, &area.geometry));
        let attributes = [
            ("id", Attribute::Text(area.id.as_str())),
            ("name", Attribute::Text(&area.name)),
            ("kind", Attribute::Text(&area.kind)),
            ("minutes", Attribute::Whole(i64::from(area.minutes))),
            ("mode", Attribute::Text(&area.mode)),
        ];
        writer.add(feature_id(&area.id), attributes, &shape);
    }
    writer.finish()
}
