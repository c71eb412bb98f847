use proptest::prelude::*;

use super::*;
use crate::format::Format;
use crate::write::{ExportOptions, export_to};

#[test]
fn truncated_json_is_an_error_with_its_place() {
    let mut bench = Bench::new(Collection::Divisions);
    let text = "{\"type\":\"FeatureCollection\",\"features\":[\n{\"type\":\"Feature\",\"properties\":{\"code\":\"420682\"},\"geometry\":null},\n{\"type\":\"Fea";
    let file = bench.file("cut.geojson", text);
    match bench.try_import(&[file]) {
        Err(Error::Syntax { line, reason, .. }) => {
            assert_eq!(line, 3);
            assert!(reason.contains("after 1 features"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    assert!(bench.records.is_empty());
}

#[test]
fn deep_json_is_an_error_and_no_crash() {
    let mut bench = Bench::new(Collection::Divisions);
    let deep = format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":{}"#,
        "[".repeat(200_000)
    );
    let file = bench.file("deep.geojson", deep);
    assert!(matches!(
        bench.try_import(&[file]),
        Err(Error::Syntax { .. })
    ));
    let deep = format!("id,geometry\na,{}\n", "GEOMETRYCOLLECTION(".repeat(50_000));
    let report = Bench::new(Collection::Names).csv(&deep);
    assert_eq!(report.rejected, 1);
}

#[test]
fn a_row_with_the_character_nul_is_a_rejection() {
    let mut bench = Bench::new(Collection::Services);
    let report = bench
        .csv("id,name,address,extra.note\na\0,甲,,\nb,乙\0,,\nc,丙,街\0,\nd,丁,,\0\ne,戊,街,\n");
    assert_eq!((report.accepted, report.rejected), (1, 4), "{report:?}");
    let text = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","id":"f\u0000","properties":{"name":"己"},"geometry":null},
        {"type":"Feature","id":"g","properties":{"name":"庚","extra":{"a\u0000":[1]}},"geometry":null},
        {"type":"Feature","id":"h","properties":{"name":"辛","note\u0000":"x"},"geometry":null}]}"#;
    let file = bench.file("nul.geojson", text);
    let report = bench.import(&[file]);
    assert_eq!((report.accepted, report.rejected), (0, 3), "{report:?}");
    assert!(
        report
            .rejections
            .iter()
            .all(|one| one.reason.contains("U+0000"))
    );
}

#[test]
fn a_gzip_bomb_is_stopped() {
    let mut bench = Bench::new(Collection::Names);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(b"id,name\n").unwrap();
    let blank = vec![b' '; 1 << 20];
    for _ in 0..64 {
        packed.write_all(&blank).unwrap();
    }
    let file = bench.file("bomb.csv.gz", packed.finish().unwrap());
    assert!(matches!(
        bench.try_import(&[file]),
        Err(Error::TooLarge { .. })
    ));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed
        .write_all(b"{\"type\":\"FeatureCollection\",\"features\":[")
        .unwrap();
    for _ in 0..64 {
        packed.write_all(&blank).unwrap();
    }
    let file = bench.file("bomb.geojson.gz", packed.finish().unwrap());
    assert!(matches!(
        bench.try_import(&[file]),
        Err(Error::TooLarge { .. })
    ));
}

/// Two cells, in the first and the last corner of a sheet, in a file of two kilobytes.
#[test]
fn a_sparse_workbook_costs_nothing() {
    let mut bench = Bench::new(Collection::Names);
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "id").unwrap();
    sheet.write_string(1_048_575, 16_383, "x").unwrap();
    let file = bench.file("sparse.xlsx", book.save_to_buffer().unwrap());
    assert!(matches!(
        bench.try_import(&[file]),
        Err(Error::TooLarge { .. })
    ));
}

#[test]
fn ragged_rows_and_features_that_are_none_are_rejected_alone() {
    let report = Bench::new(Collection::Names).csv("id,name\na,x\nb,y,z\nc\n");
    assert_eq!((report.accepted, report.rejected), (2, 1));
    let mut bench = Bench::new(Collection::Names);
    let file = bench.file(
        "odd.geojson",
        r#"{"type":"FeatureCollection","features":[{"type":"Nothing"},
        {"type":"Feature","id":"a","properties":7,"geometry":null},
        {"type":"Feature","id":"b","properties":null,"geometry":"here"},
        {"type":"Feature","id":"c","properties":null,"geometry":{"type":"Point","coordinates":["1",2]}},
        {"type":"Feature","id":"d","properties":null,"geometry":{"type":"Point","coordinates":[]}}]}"#,
    );
    let report = bench.import(&[file]);
    assert_eq!((report.read, report.accepted, report.rejected), (5, 1, 4));
}

/// A small register in a format, as this house writes it.
fn written(format: Format) -> Vec<u8> {
    let mut bench = Bench::new(Collection::Cemeteries);
    let file = bench.file(
        "right.csv",
        "id,name,plots_planned,lon,lat\na,青山公墓,73,111.6,32.3\nb,河西公墓,10,111.7,32.4\n",
    );
    bench.options.source_crs = Some(Crs::STORED);
    bench.import(&[file]);
    assert_eq!(bench.records.len(), 2);
    let records: Vec<&Record> = bench.records.iter().collect();
    let mut bytes = Vec::new();
    let options = ExportOptions::new(Collection::Cemeteries, format);
    export_to(&records, &options, &mut bytes).unwrap();
    bytes
}

/// Words of well-known text in any order.
fn wkt_heaps() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec![
        "SRID=4490;",
        "SRID=",
        "POINT",
        "LINESTRING",
        "MULTIPOLYGON",
        "GEOMETRYCOLLECTION",
        "EMPTY",
        "Z",
        "ZM",
        "(",
        "((",
        ")",
        "))",
        ",",
        " ",
        "111.6",
        "32.3",
        "-1e308",
        "1e400",
        "NaN",
        "é",
        ";",
    ]);
    proptest::collection::vec(word, 0..16).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_damage_makes_a_reader_panic(
        format in proptest::sample::select(vec![
            (Format::Csv, "csv"), (Format::GeoJson, "geojson"), (Format::GeoJsonSeq, "geojsonl"), (Format::Xlsx, "xlsx"),
        ]),
        flips in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
    ) {
        let mut bytes = written(format.0);
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let mut bench = Bench::new(Collection::Cemeteries);
        let file = bench.file(&format!("damaged.{}", format.1), &bytes);
        let _ = bench.try_import(&[file]);
    }

    #[test]
    fn no_heap_of_well_known_words_makes_a_reader_panic(heap in wkt_heaps()) {
        let mut bench = Bench::new(Collection::Names);
        bench.options.source_crs = Some(Crs::STORED);
        let report = bench.csv(&format!("id,name,geometry\na,甲,\"{heap}\"\n"));
        prop_assert_eq!(report.read, 1);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        ending in prop_oneof![Just("csv"), Just("geojson"), Just("geojsonl"), Just("xlsx"), Just("csv.gz")],
    ) {
        let mut bench = Bench::new(Collection::Services);
        let file = bench.file(&format!("any.{ending}"), &bytes);
        let _ = bench.try_import(&[file]);
    }

    #[test]
    fn no_text_in_cells_makes_a_reader_panic(cells in proptest::collection::vec("\\PC{0,12}", 0..8)) {
        let mut bench = Bench::new(Collection::Services);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["id", "name", "beds", "geometry", "serves", "opened", "entrance", "x"]).unwrap();
        let mut row = cells.clone();
        row.resize(8, String::new());
        writer.write_record(&row).unwrap();
        let file = bench.file("any.csv", writer.into_inner().unwrap());
        let _ = bench.try_import(&[file]);
    }
}
