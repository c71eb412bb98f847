//! Tiles, read by a decoder that others wrote, as text.

use std::fmt::Write as _;

use geo_types::{Coord, Geometry, LineString, Polygon};
use mvt_reader::Reader;
use mvt_reader::feature::Value;
use zhifang_tests::Server;

use super::assert_same;

/// Vertices shown of a line or ring; the rest is counted.
const SHOWN: usize = 12;

pub(super) fn reads_as_accepted(server: &Server) {
    for (name, path) in [
        ("tile_base_8", "/tiles/base/8/207/103.mvt"),
        ("tile_base_11", "/tiles/base/11/1659/829.mvt"),
        ("tile_assistance_11", "/tiles/assistance/11/1659/829.mvt"),
        ("tile_boundary_10", "/tiles/boundary/10/829/414.mvt"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_same(name, &text(answer.body));
    }
}

fn text(bytes: Vec<u8>) -> String {
    let reader = Reader::new(bytes).expect("a vector tile");
    let mut out = String::new();
    for layer in reader.get_layer_metadata().expect("layers") {
        let _ = writeln!(
            out,
            "{} version {} extent {} features {}",
            layer.name, layer.version, layer.extent, layer.feature_count
        );
        for feature in reader
            .get_features_as::<i32>(layer.layer_index)
            .expect("features")
        {
            let mut properties: Vec<String> = feature
                .properties
                .into_iter()
                .flatten()
                .map(|(key, value)| format!("{key}={}", plain(value)))
                .collect();
            properties.sort();
            let id = feature.id.map(|id| id.to_string()).unwrap_or_default();
            let shape = shape(&feature.geometry);
            let _ = writeln!(out, "  #{id} {}\n    {shape}", properties.join(" "));
        }
    }
    out
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Float(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::Int(number) | Value::SInt(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null => "null".to_owned(),
    }
}

fn shape(geometry: &Geometry<i32>) -> String {
    match geometry {
        Geometry::Point(point) => format!("POINT({})", coordinates(&[point.0])),
        Geometry::MultiPoint(many) => {
            let all: Vec<Coord<i32>> = many.iter().map(|point| point.0).collect();
            format!("MULTIPOINT({})", coordinates(&all))
        }
        Geometry::LineString(line) => format!("LINESTRING({})", coordinates(&line.0)),
        Geometry::MultiLineString(many) => {
            let lines: Vec<String> = many.iter().map(ring).collect();
            format!("MULTILINESTRING({})", lines.join(","))
        }
        Geometry::Polygon(one) => format!("POLYGON({})", polygon(one)),
        Geometry::MultiPolygon(many) => {
            let parts: Vec<String> = many
                .iter()
                .map(|one| format!("({})", polygon(one)))
                .collect();
            format!("MULTIPOLYGON({})", parts.join(","))
        }
        other => format!("{other:?}"),
    }
}

fn polygon(polygon: &Polygon<i32>) -> String {
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    rings.map(ring).collect::<Vec<_>>().join(",")
}

fn ring(line: &LineString<i32>) -> String {
    format!("({})", coordinates(&line.0))
}

fn coordinates(all: &[Coord<i32>]) -> String {
    let shown = all.iter().take(SHOWN);
    let mut words: Vec<String> = shown.map(|at| format!("{} {}", at.x, at.y)).collect();
    if all.len() > SHOWN {
        words.push(format!("… {} in all", all.len()));
    }
    words.join(",")
}
