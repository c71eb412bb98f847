//! Formats that GDAL reads and writes, through its child process. The program is its own child,
//! as the real one is, so it brings its own `main`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test program with a main of its own"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use geo_types::{Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use serde_json::json;
use zhifang_core::{Collection, Crs, Day, Record};
use zhifang_io::{
    Error, ExportOptions, Format, ImportOptions, ImportPlan, Records, export_file, export_to,
    plan_import,
};

type Case = (&'static str, fn(&Path));

const CASES: [Case; 12] = [
    ("every_format_reads_back", every_format_reads_back),
    (
        "a_flatgeobuf_holds_what_has_no_place",
        a_flatgeobuf_holds_what_has_no_place,
    ),
    ("other_systems_read_back", other_systems_read_back),
    (
        "mixed_geometry_makes_several_shapefiles",
        mixed_geometry_makes_several_shapefiles,
    ),
    (
        "gbk_tables_without_cpg_are_decoded",
        gbk_tables_without_cpg_are_decoded,
    ),
    (
        "a_shapefile_without_prj_needs_a_system",
        a_shapefile_without_prj_needs_a_system,
    ),
    ("layers_are_chosen_by_name", layers_are_chosen_by_name),
    (
        "a_disguised_vrt_reads_nothing",
        a_disguised_vrt_reads_nothing,
    ),
    ("broken_files_are_errors", broken_files_are_errors),
    (
        "names_that_mean_more_than_a_file_are_refused",
        names_that_mean_more_than_a_file_are_refused,
    ),
    (
        "packed_files_are_unpacked_within_limits",
        packed_files_are_unpacked_within_limits,
    ),
    ("a_dxf_bomb_is_stopped", a_dxf_bomb_is_stopped),
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().map(String::as_str) == Some(zhifang_io::gdal_child::ARGUMENT) {
        let status = zhifang_io::gdal_child::main(
            &args[1..],
            &mut std::io::stdin(),
            &mut std::io::stdout(),
            &mut std::io::stderr(),
        );
        std::process::exit(status);
    }
    if args.iter().any(|arg| arg == "--list") {
        for (name, _) in CASES {
            println!("{name}: test");
        }
        return;
    }
    let wanted = args.iter().find(|arg| !arg.starts_with('-'));
    let is_wanted = |name: &str| wanted.is_none_or(|filter| name.contains(filter.as_str()));
    for (name, case) in CASES.iter().filter(|(name, _)| is_wanted(name)) {
        let folder = tempfile::tempdir().unwrap();
        let start = Instant::now();
        case(folder.path());
        println!("test {name} ... ok ({:?})", start.elapsed());
    }
}

fn import(
    collection: Collection,
    files: &[PathBuf],
    register: &[Record],
    change: impl Fn(&mut ImportOptions),
) -> Result<ImportPlan, Error> {
    let mut options = ImportOptions::new(collection, Day::from_ymd(2026, 5, 1).unwrap());
    change(&mut options);
    let records = Records::new(collection, register.iter().cloned());
    plan_import(files, &options, &records, &mut |_| {})
}

fn ring(x: f64, y: f64) -> LineString<f64> {
    LineString::from(vec![
        (x, y),
        (x + 0.3, y + 0.012_345_678),
        (x + 0.2, y + 0.4),
        (x, y),
    ])
}

fn counties() -> Vec<Record> {
    let shapes: [Option<MultiPolygon<f64>>; 3] = [
        Some(MultiPolygon(vec![Polygon::new(ring(111.5, 32.2), vec![])])),
        Some(MultiPolygon(vec![
            Polygon::new(ring(112.5, 32.2), vec![]),
            Polygon::new(ring(113.123_456_789, 33.2), vec![]),
        ])),
        None,
    ];
    let names = ["老河口市", "谷城县", "樊城区"];
    let codes = ["420682", "420625", "420606"];
    shapes
        .into_iter()
        .zip(names)
        .zip(codes)
        .map(|((shape, name), code)| {
            let mut record = Record::new(Collection::Divisions, code, name);
            record.version = 3;
            record.source = Arc::from("survey; of 2024");
            record.valid.from = Day::from_ymd(1983, 8, 19);
            record.geometry = shape.map(|shape| Arc::new(shape.into()));
            record.fields.set("population", json!(521_800));
            record.fields.set("population_60", json!(98_000));
            record
                .fields
                .set("area_km2", json!(1_032.123_456_789_012_3));
            record.fields.set("short_names", json!(["河口", "均"]));
            record.fields.set(
                "former_names",
                json!([{"name": "光化县", "to": "1983-08-19"}]),
            );
            record.fields.set(
                "seat",
                json!({"type":"Point","coordinates":[111.670_123, 32.385]}),
            );
            record.fields.set("extra", json!({"note": "x", "rank": 5}));
            record
        })
        .collect()
}

fn services() -> Vec<Record> {
    (0..4)
        .map(|n| {
            let mut record =
                Record::new(Collection::Services, &format!("s{n}"), &format!("站点 {n}"));
            record.version = 1;
            let place = Point::new(111.6 + f64::from(n) * 0.012_345_678_9, 32.4);
            record.geometry = Some(Arc::new(place.into()));
            record.fields.set("kind", json!("day_care"));
            record.fields.set("accessible", json!(n % 2 == 0));
            record.fields.set("comprehensive", json!(true));
            record
                .fields
                .set("hours", json!("Mo-Fr 08:00-17:30; PH off"));
            record.fields.set("opened", json!("2020-01-02"));
            record.fields.set("floor_area_m2", json!(123.456));
            record
                .fields
                .set("serves", json!(["420682001", "420682101"]));
            record
        })
        .collect()
}

fn projects() -> Vec<Record> {
    (1..3)
        .map(|n| {
            let mut record = Record::new(Collection::Projects, &n.to_string(), "项目");
            record.version = 1;
            record.fields.set("no", json!(n.to_string()));
            record.fields.set("start", json!(2022));
            record.fields.set("end", json!(2024));
            record.fields.set("content", json!("占地20亩;床位300张"));
            record
        })
        .collect()
}

fn written(folder: &Path, records: &[Record], format: Format, name: &str) -> PathBuf {
    let path = folder.join(name);
    let records: Vec<&Record> = records.iter().collect();
    let options = ExportOptions::new(records[0].collection, format);
    let report = export_file(&records, &options, &path).unwrap();
    assert_eq!(report.written, records.len() as u64);
    path
}

fn assert_unchanged(files: &[PathBuf], records: &[Record]) {
    let plan = import(records[0].collection, files, records, |_| {}).unwrap();
    let changed: Vec<_> = plan
        .writes
        .iter()
        .map(|planned| {
            let before = records.iter().find(|record| record.id == planned.record.id);
            format!("{before:#?}\n{:#?}", planned.record)
        })
        .collect();
    assert_eq!(
        plan.report.unchanged,
        records.len() as u64,
        "{files:?} {:?}\n{}",
        plan.report,
        changed.first().map(String::as_str).unwrap_or_default()
    );
}

fn every_format_reads_back(folder: &Path) {
    for (kind, records) in [("c", counties()), ("s", services()), ("p", projects())] {
        for (format, ending) in [
            (Format::GeoPackage, "gpkg"),
            (Format::FlatGeobuf, "fgb"),
            (Format::Kml, "kml"),
            (Format::Shapefile, "shp"),
            (Format::Shapefile, "zip"),
        ] {
            let file = written(folder, &records, format, &format!("{kind}.{ending}"));
            assert_unchanged(&[file], &records);
        }
    }
}

fn a_flatgeobuf_holds_what_has_no_place(folder: &Path) {
    let line = LineString::from(vec![(111.7, 32.4), (111.8, 32.5)]);
    let holed = Polygon::new(
        ring(111.7, 32.4),
        vec![LineString::from(vec![
            (111.71, 32.41),
            (111.72, 32.42),
            (111.72, 32.41),
            (111.71, 32.41),
        ])],
    );
    let point = Point::new(111.7, 32.4);
    let lines = MultiLineString(vec![line.clone(), line.clone()]);
    let shapes: Vec<Option<Geometry<f64>>> = vec![
        None,
        Some(point.into()),
        Some(MultiPoint(vec![point, Point::new(111.8, 32.5)]).into()),
        Some(line.clone().into()),
        Some(lines.into()),
        Some(MultiLineString(vec![line]).into()),
        Some(holed.clone().into()),
        Some(MultiPolygon(vec![holed.clone(), Polygon::new(ring(112.7, 32.4), vec![])]).into()),
        Some(MultiPolygon(vec![holed]).into()),
        None,
    ];
    let records: Vec<Record> = (0..)
        .zip(shapes)
        .map(|(n, shape)| {
            let mut record = Record::new(Collection::Names, &format!("n{n}"), "汉江");
            record.version = 1;
            record.geometry = shape.map(Arc::new);
            record.fields.set("category", json!(2));
            record.fields.set("population", json!(5));
            record
        })
        .collect();
    let file = written(folder, &records, Format::FlatGeobuf, "names.fgb");
    assert_unchanged(std::slice::from_ref(&file), &records);
    let all: Vec<&Record> = records.iter().collect();
    let mut options = ExportOptions::new(Collection::Names, Format::FlatGeobuf);
    options.crs = Crs::Epsg(4546);
    let grid = folder.join("grid.fgb");
    export_file(&all, &options, &grid).unwrap();
    assert_unchanged(&[grid], &records);
    // Another reader counts the same.
    if let Ok(told) = Command::new("ogrinfo")
        .arg("-so")
        .arg("-al")
        .arg(&file)
        .output()
    {
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(told.contains("Feature Count: 10"), "{told}");
        assert!(told.contains("4490"), "{told}");
    }
    let none = folder.join("none.fgb");
    let report = export_file(&[], &options, &none).unwrap();
    assert_eq!(report.written, 0);
    assert_eq!(std::fs::read(none).unwrap()[..3], *b"fgb");
}

fn other_systems_read_back(folder: &Path) {
    let records = services();
    for (format, ending) in [
        (Format::GeoPackage, "gpkg"),
        (Format::FlatGeobuf, "fgb"),
        (Format::Shapefile, "zip"),
    ] {
        for number in [4546, 3857, 4326] {
            let path = folder.join(format!("o{number}.{ending}"));
            let mut options = ExportOptions::new(Collection::Services, format);
            options.crs = Crs::Epsg(number);
            let all: Vec<&Record> = records.iter().collect();
            export_file(&all, &options, &path).unwrap();
            assert_unchanged(&[path], &records);
        }
    }
    let mut options = ExportOptions::new(Collection::Services, Format::Kml);
    options.crs = Crs::Epsg(3857);
    let all: Vec<&Record> = records.iter().collect();
    assert!(export_file(&all, &options, &folder.join("x.kml")).is_err());
    let mut bytes = Vec::new();
    let options = ExportOptions::new(Collection::Services, Format::FlatGeobuf);
    export_to(&all, &options, &mut bytes).unwrap();
    assert_eq!(&bytes[..3], b"fgb");
}

fn mixed_geometry_makes_several_shapefiles(folder: &Path) {
    let shapes: [Geometry<f64>; 3] = [
        Point::new(111.7, 32.4).into(),
        LineString::from(vec![(111.7, 32.4), (111.8, 32.5)]).into(),
        Polygon::new(ring(111.7, 32.4), vec![]).into(),
    ];
    let records: Vec<Record> = (0..)
        .zip(shapes)
        .map(|(n, shape)| {
            let mut record = Record::new(Collection::Names, &format!("n{n}"), "汉江");
            record.version = 1;
            record.geometry = Some(Arc::new(shape));
            record
        })
        .collect();
    let zip = written(folder, &records, Format::Shapefile, "names.zip");
    assert_unchanged(&[zip], &records);
    written(folder, &records, Format::Shapefile, "names.shp");
    let files = ["names.shp", "names_line.shp", "names_polygon.shp"].map(|n| folder.join(n));
    assert_unchanged(&files, &records);
    let gpkg = written(folder, &records, Format::GeoPackage, "names.gpkg");
    assert_unchanged(&[gpkg], &records);
}

/// Runs one of GDAL's own programs, as another party would have made the file.
fn ogr2ogr(args: &[&str]) {
    let status = Command::new("ogr2ogr").args(args).status().unwrap();
    assert!(status.success(), "{args:?}");
}

fn gbk_tables_without_cpg_are_decoded(folder: &Path) {
    let csv = folder.join("in.csv");
    std::fs::write(
        &csv,
        "id,name,WKT\ns1,老河口市光化街道,POINT (111.7 32.4)\n",
    )
    .unwrap();
    let shp = folder.join("gbk.shp");
    let (shp_text, csv_text) = (shp.to_str().unwrap(), csv.to_str().unwrap());
    ogr2ogr(&[
        "-lco",
        "ENCODING=CP936",
        "-a_srs",
        "EPSG:4490",
        shp_text,
        csv_text,
    ]);
    for with_cpg in [true, false] {
        if !with_cpg {
            let _ = std::fs::remove_file(folder.join("gbk.cpg"));
            let mut table = std::fs::read(folder.join("gbk.dbf")).unwrap();
            table[29] = 0;
            std::fs::write(folder.join("gbk.dbf"), table).unwrap();
        }
        let plan = import(
            Collection::Services,
            std::slice::from_ref(&shp),
            &[],
            |_| {},
        )
        .unwrap();
        assert_eq!(
            &*plan.writes[0].record.name, "老河口市光化街道",
            "{with_cpg}"
        );
        let is_told = plan
            .report
            .warnings
            .iter()
            .any(|w| w.code == "decoded_as_gbk");
        assert_eq!(is_told, !with_cpg);
    }
}

fn a_shapefile_without_prj_needs_a_system(folder: &Path) {
    let file = written(folder, &services(), Format::Shapefile, "s.shp");
    std::fs::remove_file(folder.join("s.prj")).unwrap();
    let fault = import(
        Collection::Services,
        std::slice::from_ref(&file),
        &[],
        |_| {},
    );
    assert!(matches!(fault, Err(Error::MissingSourceCrs { .. })));
    let plan = import(Collection::Services, &[file], &services(), |options| {
        options.source_crs = Some(Crs::STORED);
    });
    assert_eq!(plan.unwrap().report.unchanged, 4);
}

fn layers_are_chosen_by_name(folder: &Path) {
    let file = written(folder, &services(), Format::GeoPackage, "s.gpkg");
    let pick = |layer: &str| {
        import(
            Collection::Services,
            std::slice::from_ref(&file),
            &[],
            |options| {
                options.layer = Some(layer.to_owned());
            },
        )
    };
    assert_eq!(pick("services").unwrap().report.accepted, 4);
    let fault = pick("nothing").unwrap_err();
    assert!(fault.to_string().contains("services"), "{fault}");
    let warned = |plan: &ImportPlan| {
        let of_layers = |warning: &&zhifang_io::Warning| warning.code == "other_layers";
        plan.report.warnings.iter().find(of_layers).cloned()
    };
    let (name, other) = (file.display().to_string(), "second");
    ogr2ogr(&["-update", "-nln", other, &name, &name, "services"]);
    assert_eq!(warned(&pick("services").unwrap()), None);
    let plan = import(
        Collection::Services,
        std::slice::from_ref(&file),
        &[],
        |_| (),
    );
    let told = warned(&plan.unwrap()).unwrap().message;
    assert!(
        told.contains("`services`") && told.contains("`second`"),
        "{told}"
    );
    let zip = written(folder, &services(), Format::Shapefile, "s.zip");
    let plan = import(Collection::Services, &[zip], &[], |options| {
        options.layer = Some("s".to_owned());
    });
    assert_eq!(plan.unwrap().report.accepted, 4);
}

fn a_disguised_vrt_reads_nothing(folder: &Path) {
    let secret = folder.join("secret.csv");
    std::fs::write(&secret, "id,name\nx,secret\n").unwrap();
    let vrt = format!(
        "<OGRVRTDataSource><OGRVRTLayer name=\"secret\"><SrcDataSource>{}</SrcDataSource>\
         </OGRVRTLayer></OGRVRTDataSource>",
        secret.display()
    );
    for ending in ["kml", "dxf", "gpkg", "fgb", "shp"] {
        let file = folder.join(format!("v.{ending}"));
        std::fs::write(&file, &vrt).unwrap();
        let outcome = import(Collection::Names, &[file], &[], |options| {
            options.source_crs = Some(Crs::STORED);
        });
        match outcome {
            Err(Error::Gdal { .. }) => {}
            Ok(plan) => assert_eq!(plan.report.read, 0, "{ending}"),
            Err(other) => panic!("{ending}: {other}"),
        }
    }
}

fn broken_files_are_errors(folder: &Path) {
    let file = written(folder, &counties(), Format::GeoPackage, "c.gpkg");
    let bytes = std::fs::read(&file).unwrap();
    for ending in ["gpkg", "fgb", "kml", "shp"] {
        let cut = folder.join(format!("cut.{ending}"));
        std::fs::write(&cut, &bytes[..bytes.len() / 3]).unwrap();
        let outcome = import(Collection::Divisions, &[cut], &[], |_| {});
        let is_refused = match &outcome {
            Err(Error::Gdal { .. }) => true,
            Ok(plan) => plan.report.accepted < 3,
            Err(_) => false,
        };
        assert!(is_refused, "{ending}: {outcome:?}");
    }
    let fgb = written(folder, &services(), Format::FlatGeobuf, "s.fgb");
    let bytes = std::fs::read(&fgb).unwrap();
    std::fs::write(&fgb, &bytes[..bytes.len() - 40]).unwrap();
    let outcome = import(Collection::Services, &[fgb], &[], |_| {});
    assert!(matches!(outcome, Err(Error::Gdal { .. })), "{outcome:?}");
}

fn names_that_mean_more_than_a_file_are_refused(_folder: &Path) {
    for name in [
        "/vsicurl/http://127.0.0.1:9/x.kml",
        "http://127.0.0.1:9/x.kml",
        "/dev/zero.kml",
    ] {
        let outcome = import(Collection::Names, &[PathBuf::from(name)], &[], |_| {});
        assert!(
            matches!(outcome, Err(Error::Io { .. })),
            "{name}: {outcome:?}"
        );
    }
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let args = ["read", "kml", "relative.kml"].map(str::to_owned);
    // The child's own refusal, without its limits in this process.
    let status = Command::new(std::env::current_exe().unwrap())
        .arg(zhifang_io::gdal_child::ARGUMENT)
        .args(&args)
        .output()
        .unwrap();
    output.extend(status.stdout);
    errors.extend(status.stderr);
    assert_eq!(status.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&errors).contains("no absolute path"));
    assert!(output.is_empty());
}

fn packed_files_are_unpacked_within_limits(folder: &Path) {
    let file = written(folder, &services(), Format::FlatGeobuf, "s.fgb");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, &std::fs::read(file).unwrap()).unwrap();
    let gz = folder.join("t.fgb.gz");
    std::fs::write(&gz, packed.finish().unwrap()).unwrap();
    assert_unchanged(&[gz], &services());

    let bomb = folder.join("bomb.zip");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&bomb).unwrap());
    archive
        .start_file("../../x.shp", zip::write::SimpleFileOptions::default())
        .unwrap();
    let blank = vec![0_u8; 1 << 20];
    for _ in 0..64 {
        std::io::Write::write_all(&mut archive, &blank).unwrap();
    }
    archive.finish().unwrap();
    let outcome = import(Collection::Services, &[bomb], &[], |_| {});
    assert!(
        matches!(outcome, Err(Error::TooLarge { .. })),
        "{outcome:?}"
    );
}

/// Blocks that insert ten blocks that insert ten blocks …: 10^8 points out of a small file.
fn a_dxf_bomb_is_stopped(folder: &Path) {
    use std::fmt::Write as _;
    let mut dxf = String::from("0\nSECTION\n2\nBLOCKS\n");
    for level in 0..8 {
        write!(
            dxf,
            "0\nBLOCK\n8\n0\n2\nB{level}\n70\n0\n10\n0.0\n20\n0.0\n"
        )
        .unwrap();
        for n in 0..10 {
            if level == 0 {
                write!(dxf, "0\nPOINT\n8\n0\n10\n{n}.0\n20\n{n}.0\n").unwrap();
            } else {
                let below = level - 1;
                write!(dxf, "0\nINSERT\n8\n0\n2\nB{below}\n10\n{n}.0\n20\n{n}.0\n").unwrap();
            }
        }
        dxf += "0\nENDBLK\n8\n0\n";
    }
    dxf += "0\nENDSEC\n0\nSECTION\n2\nENTITIES\n0\nINSERT\n8\n0\n2\nB7\n10\n0.0\n20\n0.0\n0\nENDSEC\n0\nEOF\n";
    let file = folder.join("bomb.dxf");
    std::fs::write(&file, dxf).unwrap();
    let start = Instant::now();
    let outcome = import(Collection::Names, &[file], &[], |options| {
        options.source_crs = Some(Crs::STORED);
    });
    assert!(matches!(outcome, Err(Error::Gdal { .. })), "{outcome:?}");
    assert!(start.elapsed() < Duration::from_mins(5));
}
