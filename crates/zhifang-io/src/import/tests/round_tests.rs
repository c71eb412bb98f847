//! What an export writes an import reads back as unchanged.

use std::sync::Arc;

use geo_types::{Geometry, LineString, MultiPolygon, Point, Polygon};
use proptest::prelude::*;
use serde_json::{Value, json};
use zhifang_core::{FieldKind, Fields, GeometryClass, Validity};

use super::*;
use crate::{ExportOptions, Format, export_to};

fn export(records: &[Record], options: &ExportOptions) -> Vec<u8> {
    let records: Vec<&Record> = records.iter().collect();
    let mut out = Vec::new();
    let report = export_to(&records, options, &mut out).unwrap();
    assert_eq!(report.written, records.len() as u64);
    out
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[老河口汉江 a-z0-9,;\"'=+_-]{1,12}",
        "[\\[\\]{}；，、]{1,4}",
        Just(" edge ".to_owned()),
        Just("0042".to_owned()),
        Just("1e5".to_owned()),
        Just("true".to_owned()),
    ]
}

fn place() -> impl Strategy<Value = (f64, f64)> {
    (73.0..135.0f64, 4.0..53.0f64)
}

fn geometry(collection: Collection) -> BoxedStrategy<Option<Geometry<f64>>> {
    let ring = |(x, y): (f64, f64)| {
        LineString::from(vec![(x, y), (x + 0.3, y), (x + 0.2, y + 0.4), (x, y)])
    };
    let polygon = move |at| {
        let shell: LineString<f64> = ring(at);
        Polygon::new(shell, vec![])
    };
    let shape: BoxedStrategy<Geometry<f64>> = match collection.geometry() {
        GeometryClass::Polygon if collection == Collection::Divisions => {
            proptest::collection::vec(place(), 1..3)
                .prop_map(move |at| MultiPolygon(at.into_iter().map(polygon).collect()).into())
                .boxed()
        }
        GeometryClass::Polygon | GeometryClass::PointOrPolygon => {
            place().prop_map(move |at| polygon(at).into()).boxed()
        }
        GeometryClass::Line | GeometryClass::LineOrPolygon => (place(), place())
            .prop_map(|(a, b)| LineString::from(vec![a, b]).into())
            .boxed(),
        _ => place().prop_map(|at| Point::from(at).into()).boxed(),
    };
    proptest::option::of(shape).boxed()
}

fn value(kind: FieldKind) -> BoxedStrategy<Value> {
    match kind {
        FieldKind::Text => text().prop_map(Value::from).boxed(),
        FieldKind::Choice(words) => proptest::sample::select(words)
            .prop_map(Value::from)
            .boxed(),
        FieldKind::Integer => (-1000..5000i64).prop_map(Value::from).boxed(),
        FieldKind::Number => (-1.0e6..1.0e6f64).prop_map(Value::from).boxed(),
        FieldKind::Flag => any::<bool>().prop_map(Value::from).boxed(),
        FieldKind::Day => Just(json!("2021-03-04")).boxed(),
        FieldKind::Time => Just(json!("2026-05-01T08:00:00+08:00")).boxed(),
        FieldKind::Code => Just(json!("420682")).boxed(),
        FieldKind::CodeList => Just(json!(["420682", "420625101"])).boxed(),
        FieldKind::TextList => proptest::collection::vec(text(), 1..3)
            .prop_map(|texts| texts.into_iter().map(Value::from).collect())
            .boxed(),
        FieldKind::ObjectList => text().prop_map(|t| json!([{"name": t, "n": 1.5}])).boxed(),
        FieldKind::Object => text().prop_map(|t| json!({"a": t, "b": [1, null]})).boxed(),
        FieldKind::Position => place()
            .prop_map(|(x, y)| json!({"type":"Point","coordinates":[x, y]}))
            .boxed(),
    }
}

/// A record with some of its collection's fields.
fn record(collection: Collection, number: usize) -> impl Strategy<Value = Record> {
    let ignored = ["code", "level", "kind", "parent", "geometry_state"];
    let fields: Vec<_> = collection
        .fields()
        .iter()
        .filter(|f| collection != Collection::Divisions || !ignored.contains(&f.name))
        .map(|field| (Just(field.name), proptest::option::of(value(field.kind))))
        .collect();
    let extra = proptest::option::of((text(), -5..5i64));
    (text(), fields, geometry(collection), extra, any::<bool>()).prop_map(
        move |(name, fields, geometry, extra, is_dated)| {
            let id = if collection == Collection::Divisions {
                (420_101 + number).to_string()
            } else {
                format!("r{number}")
            };
            let mut record = Record::new(collection, &id, &name);
            record.version = 1;
            record.source = Arc::from("survey");
            record.geometry = geometry.map(Arc::new);
            if is_dated {
                record.valid = Validity {
                    from: Day::from_ymd(2001, 2, 3),
                    to: Day::from_ymd(2031, 2, 3),
                };
            }
            let mut set = Fields::new();
            for (name, value) in fields {
                set.set(name, value.unwrap_or(Value::Null));
            }
            if let Some((text, number)) = extra {
                set.set("extra", json!({"note": text, "number": number}));
            }
            let key = collection.natural_key();
            if key != "id" && key != "code" {
                set.set(key, Value::from(format!("key{number}")));
            }
            record.fields = set;
            record
        },
    )
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    proptest::sample::select(&Collection::ALL[..]).prop_flat_map(|collection| {
        (0..4usize)
            .map(|number| record(collection, number))
            .collect::<Vec<_>>()
    })
}

fn reads_back(records: &[Record], options: &ExportOptions, name: &str) {
    let bytes = export(records, options);
    let mut bench = Bench::new(options.collection);
    bench.records = records.to_vec();
    let file = bench.file(name, &bytes);
    let report = bench.import(std::slice::from_ref(&file));
    if report.unchanged != 4 {
        let changed: Vec<_> = bench
            .records
            .iter()
            .zip(records)
            .filter(|(a, b)| a != b)
            .collect();
        panic!(
            "{name}: {report:?}\n{changed:#?}\n{}",
            String::from_utf8_lossy(&bytes)
        );
    }
    // Into an empty register it brings the same records.
    let mut empty = Bench::new(options.collection);
    let report = empty.import(&[file]);
    assert_eq!(
        (report.accepted, report.rejected),
        (4, 0),
        "{name}: {report:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_rust_format_reads_back(records in records()) {
        let collection = records[0].collection;
        for (format, name) in [
            (Format::GeoJson, "r.geojson"),
            (Format::GeoJsonSeq, "r.geojsonl"),
            (Format::Csv, "r.csv"),
            (Format::Xlsx, "r.xlsx"),
        ] {
            reads_back(&records, &ExportOptions::new(collection, format), name);
        }
    }

    #[test]
    fn other_systems_read_back_by_their_own_word(records in records(), system in 0..3usize) {
        let collection = records[0].collection;
        for (format, name) in [(Format::GeoJson, "r.geojson"), (Format::Csv, "r.csv")] {
            let mut options = ExportOptions::new(collection, format);
            options.crs = ["EPSG:3857", "EPSG:4326", "EPSG:4490"][system].parse().unwrap();
            reads_back(&records, &options, name);
        }
        let mut options = ExportOptions::new(collection, Format::GeoJson);
        options.crs = Crs::Gcj02;
        reads_back(&records, &options, "r.geojson");
    }
}

#[test]
fn shipped_counties_read_back() {
    let mut bench = Bench::new(Collection::Divisions);
    bench.import(&[nation("china_provinces.geojson.gz")]);
    let count = bench.records.len() as u64;
    for (format, name) in [(Format::GeoJson, "r.geojson"), (Format::Csv, "r.csv")] {
        let bytes = export(
            &bench.records,
            &ExportOptions::new(Collection::Divisions, format),
        );
        let file = bench.file(name, bytes);
        let report = bench.import(&[file]);
        assert_eq!(
            report.unchanged,
            count,
            "{name}: {:?}",
            report.rejections.first()
        );
    }
}
