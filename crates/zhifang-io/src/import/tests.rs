use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use zhifang_core::{DivisionCode, DivisionLevel, Fields};

use super::*;
use crate::lookup::Records;

mod history_tests;
mod hostile_tests;
mod round_tests;

/// A register in memory and a folder for files.
pub(super) struct Bench {
    folder: TempDir,
    pub(super) records: Vec<Record>,
    pub(super) options: ImportOptions,
}

pub(super) fn nation(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data/nation")
        .join(name)
}

pub(super) fn laohekou(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data/laohekou")
        .join(name)
}

impl Bench {
    pub(super) fn new(collection: Collection) -> Self {
        let mut options = ImportOptions::new(collection, Day::from_ymd(2026, 5, 1).unwrap());
        options.lang = Lang::En;
        Self {
            folder: tempfile::tempdir().unwrap(),
            records: Vec::new(),
            options,
        }
    }

    pub(super) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::File::create(&path)
            .unwrap()
            .write_all(bytes.as_ref())
            .unwrap();
        path
    }

    pub(super) fn try_import(&mut self, files: &[PathBuf]) -> Result<ImportReport, Error> {
        let register = Records::new(self.options.collection, self.records.iter().cloned());
        let plan = plan_import(files, &self.options, &register, &mut |_| {})?;
        let report = plan.report;
        assert_eq!(
            report.read,
            report.accepted + report.unchanged + report.changed + report.rejected,
            "{report:?}"
        );
        assert_eq!(report.rejected, report.rejections.len() as u64);
        for planned in plan.writes {
            let mut record = planned.record;
            record.version = planned.expected_version.unwrap_or(0) + 1;
            match self
                .records
                .iter_mut()
                .find(|known| known.id == record.id && known.collection == record.collection)
            {
                Some(known) => *known = record,
                None => self.records.push(record),
            }
        }
        Ok(report)
    }

    pub(super) fn import(&mut self, files: &[PathBuf]) -> ImportReport {
        self.try_import(files).unwrap()
    }

    pub(super) fn csv(&mut self, text: &str) -> ImportReport {
        let file = self.file("rows.csv", text);
        self.import(&[file])
    }

    pub(super) fn record(&self, id: &str) -> &Record {
        self.records
            .iter()
            .find(|record| &*record.id == id)
            .unwrap()
    }
}

fn counts(report: &ImportReport) -> (u64, u64, u64, u64, u64) {
    (
        report.read,
        report.accepted,
        report.unchanged,
        report.changed,
        report.rejected,
    )
}

#[test]
fn the_nations_files_count_as_published() {
    let mut bench = Bench::new(Collection::Divisions);
    let counties = bench.import(&[nation("china_counties.geojson.gz")]);
    assert_eq!(counts(&counties), (2898, 2891, 0, 0, 7));
    assert!(
        counties
            .rejections
            .iter()
            .all(|r| r.code == "wrong_geometry"),
        "{counties:?}"
    );
    let invalid: Vec<_> = counties
        .warnings
        .iter()
        .filter(|w| w.code == "invalid_geometry")
        .collect();
    assert_eq!(invalid.len(), 1, "{invalid:?}");
    let prefectures = bench.import(&[nation("china_prefectures.geojson.gz")]);
    assert_eq!(counts(&prefectures), (388, 335, 40, 0, 13));
    let provinces = bench.import(&[nation("china_provinces.geojson.gz")]);
    assert_eq!(counts(&provinces), (42, 27, 7, 0, 8));
    let again = bench.import(&[nation("china_counties.geojson.gz")]);
    assert_eq!(counts(&again), (2898, 0, 2891, 0, 7));
}

#[test]
fn padded_twins_are_one_record_and_headings_are_known() {
    let mut bench = Bench::new(Collection::Divisions);
    let report = bench.csv(
        "code,level,name\n44,province,广东省\n4419,prefecture,东莞市\n441900,county,东莞市\n\
         4290,prefecture,省直辖县级行政区划\n429004,county,仙桃市\n620201,county,嘉峪关市\n",
    );
    assert_eq!(counts(&report), (6, 5, 1, 0, 0));
    assert_eq!(
        bench.record("441900").level(),
        Some(DivisionLevel::Prefecture)
    );
    assert!(bench.record("441900").fields.is_empty());
    assert!(bench.record("429000").is_heading() && bench.record("620201").is_heading());
    let renamed = bench.csv("code,level,name\n4419,prefecture,东莞\n441900,county,东莞市\n");
    assert_eq!(counts(&renamed), (2, 0, 0, 2, 0));
}

#[test]
fn a_key_twice_is_rejected_and_names_the_first_row() {
    let mut bench = Bench::new(Collection::Divisions);
    let report = bench.csv("code,name\n420682,老河口市\n420625,谷城县\n420682,老河口\n");
    assert_eq!(counts(&report), (3, 2, 0, 0, 1));
    let rejection = &report.rejections[0];
    assert_eq!(
        (rejection.row, rejection.code.as_str()),
        (3, "duplicate_key")
    );
    assert!(rejection.reason.contains("row 1"), "{rejection:?}");
    assert_eq!(rejection.id.as_deref(), Some("420682"));
}

#[test]
fn keys_that_disagree_or_lack_are_rejected() {
    let mut bench = Bench::new(Collection::Markers);
    bench.options.source_crs = Some(Crs::STORED);
    bench.csv("id,number,lon,lat\nm1,4241001A,111.6,32.6\nm2,4241002Q,111.7,32.6\n");
    let report = bench.csv("id,number\nm1,4241002Q\n,\n,4241001A\n");
    assert_eq!(counts(&report), (3, 0, 1, 0, 2));
    assert_eq!(report.rejections[0].code, "key_disagreement");
    assert_eq!(report.rejections[1].code, "no_key");

    let mut bench = Bench::new(Collection::Divisions);
    let file = bench.file(
        "two.geojson",
        r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","id":"420625","properties":{"code":"420682","name":"x"},"geometry":null},
        {"type":"Feature","id":"420682","properties":{"name":"老河口市"},"geometry":null},
        {"type":"Feature","id":3,"properties":{"code":"420606","name":"樊城区"},"geometry":null}]}"#,
    );
    let report = bench.import(&[file]);
    assert_eq!(counts(&report), (3, 2, 0, 0, 1));
    assert_eq!(report.rejections[0].code, "key_disagreement");
}

#[test]
fn absent_columns_leave_empty_cells_clear_and_unknown_columns_are_kept() {
    let mut bench = Bench::new(Collection::Services);
    let first = bench.csv(
        "id,name,kind,phone,beds,geometry,manager,extra.floor\n\
         s1,敬老院,elderly_home,0710-1,12,SRID=4490;POINT(111.7 32.4),王,3\n",
    );
    assert_eq!(counts(&first), (1, 1, 0, 0, 0));
    let same = bench.csv("id,name\ns1,敬老院\n");
    assert_eq!(counts(&same), (1, 0, 1, 0, 0));
    let cleared = bench.csv("id,phone,extra.floor\ns1,,\n");
    assert_eq!(counts(&cleared), (1, 0, 0, 1, 0));
    let record = bench.record("s1");
    assert_eq!(record.fields.text("phone"), None);
    assert_eq!(record.fields.number("beds"), Some(12.0));
    assert!(record.geometry.is_some());
    let extra = record.fields.get("extra").unwrap();
    assert_eq!(extra, &serde_json::json!({"manager": "王"}));
}

#[test]
fn bad_values_are_rejected_with_row_and_field() {
    let mut bench = Bench::new(Collection::Services);
    bench.options.source_crs = Some(Crs::STORED);
    let report = bench.csv(
        "id,name,kind,beds,lon,lat\n\
         a,x,palace,1,111.7,32.4\nb,x,shelter,many,111.7,32.4\nc,x,shelter,1,NaN,32.4\n\
         d,x,shelter,1,111.7,inf\ne,x,shelter,1,111.7,\nf,x,shelter,1,111.7,32.4\n",
    );
    assert_eq!(counts(&report), (6, 1, 0, 0, 5));
    let fields: Vec<_> = report
        .rejections
        .iter()
        .map(|r| (r.row, r.field.as_deref().unwrap()))
        .collect();
    assert_eq!(
        fields,
        [(1, "kind"), (2, "beds"), (3, "lon"), (4, "lat"), (5, "lat")]
    );
}

#[test]
fn blank_names_and_dates_out_of_order_are_taken_with_a_warning() {
    let mut bench = Bench::new(Collection::Names);
    let report = bench.csv("id,name,valid_from,valid_to\nn1, ,2020-01-01,2010-01-01\nn2,汉江,,\n");
    assert_eq!(counts(&report), (2, 2, 0, 0, 0));
    let codes: Vec<_> = report.warnings.iter().map(|w| w.code.as_str()).collect();
    assert_eq!(codes, ["blank_name", "dates_out_of_order"]);
}

#[test]
fn tables_with_coordinates_need_a_reference_system() {
    let mut bench = Bench::new(Collection::Services);
    let file = bench.file("s.csv", "id,name,lon,lat\ns1,x,111.7,32.4\n");
    let fault = bench.try_import(&[file]).unwrap_err();
    assert!(fault.to_string().contains("--source-crs"), "{fault}");
    bench.options.source_crs = Some("EPSG:4546".parse().unwrap());
    let report = bench.csv("id,name,lon,lat\ns1,x,563022,3584600\ns2,y,3584600,563022\n");
    assert_eq!(counts(&report), (2, 1, 0, 0, 1));
    assert_eq!(report.warnings[0].likely.as_deref(), Some("swapped"));
    let place = bench.record("s1").point().unwrap();
    assert!(
        (place.lon - 111.67).abs() < 1e-3 && (place.lat - 32.385).abs() < 1e-2,
        "{place:?}"
    );
    assert!(bench.record("s1").source.contains("EPSG:4546"));
}

#[test]
fn old_crs_members_are_honoured_and_unknown_ones_are_errors() {
    let mut bench = Bench::new(Collection::Services);
    let text = |crs: &str| {
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","id":"s1",
            "properties":{{"name":"x"}},"geometry":{{"type":"Point","coordinates":[563022,3584600]}}}}],
            "crs":{{"type":"name","properties":{{"name":"{crs}"}}}}}}"#
        )
    };
    let file = bench.file("a.geojson", text("urn:ogc:def:crs:EPSG::4546"));
    bench.import(&[file]);
    assert!((bench.record("s1").point().unwrap().lon - 111.67).abs() < 1e-3);
    let file = bench.file("b.geojson", text("urn:x:martian"));
    let fault = bench.try_import(&[file]).unwrap_err();
    let cause = std::error::Error::source(&fault).unwrap().to_string();
    assert!(cause.contains("martian"), "{cause}");
}

#[test]
fn another_publishers_undeclared_gcj02_is_not_taken() {
    let mut bench = Bench::new(Collection::Divisions);
    bench.import(&[laohekou("laohekou_and_neighbours.geojson")]);
    let other = laohekou("laohekou_other_source_undeclared_crs.geojson");
    let report = bench.import(std::slice::from_ref(&other));
    assert_eq!((report.read, report.rejected), (7, 7));
    assert!(report.rejections.iter().all(|r| r.code == "looks_shifted"));
    let warning = report
        .warnings
        .iter()
        .find(|w| w.code == "looks_shifted")
        .unwrap();
    assert_eq!(warning.likely.as_deref(), Some("gcj02"));
    assert!((warning.dx_m.unwrap() - 550.0).abs() < 60.0, "{warning:?}");
    bench.options.source_crs = Some(Crs::Gcj02);
    let report = bench.import(&[other]);
    assert!(
        report.warnings.iter().all(|w| w.code != "looks_shifted"),
        "{:?}",
        report.warnings
    );
    assert!(report.rejections.iter().all(|r| r.code == "no_key"));
}

/// Where the register has nothing, the shipped county lines are compared with, by name.
#[test]
fn shipped_county_lines_stand_in_for_an_empty_register() {
    let mut known = Bench::new(Collection::Divisions);
    known.import(&[laohekou("laohekou_and_neighbours.geojson")]);
    let counties = crate::CountyLines::new(known.records.iter().map(|record| {
        let geometry = record.geometry.as_deref().unwrap().clone();
        (record.division.unwrap(), record.name.to_string(), geometry)
    }));
    let register =
        Records::new(Collection::Divisions, []).with_county_lines(std::sync::Arc::new(counties));
    let options = ImportOptions::new(Collection::Divisions, known.options.today);
    let file = laohekou("laohekou_other_source_undeclared_crs.geojson");
    let plan = plan_import(&[file], &options, &register, &mut |_| {}).unwrap();
    let warning = &plan.report.warnings[0];
    assert_eq!(warning.likely.as_deref(), Some("gcj02"), "{warning:?}");
    assert_eq!(plan.report.rejected, 7);
}

#[test]
fn swapped_and_misplaced_rows_are_not_taken_unless_asked() {
    let mut bench = Bench::new(Collection::Services);
    let text = |x: f64, y: f64, id: &str| {
        format!(
            r#"{{"type":"Feature","id":"{id}","properties":{{"name":"x"}},"geometry":{{"type":"Point","coordinates":[{x},{y}]}}}}"#
        )
    };
    let rows = [
        text(32.4, 111.7, "a"),
        text(2.35, 48.85, "b"),
        text(111.7, 32.4, "c"),
    ];
    let file = bench.file(
        "s.geojson",
        format!(
            r#"{{"type":"FeatureCollection","features":[{}]}}"#,
            rows.join(",")
        ),
    );
    let report = bench.import(std::slice::from_ref(&file));
    assert_eq!(counts(&report), (3, 1, 0, 0, 2));
    let likely: Vec<_> = report
        .warnings
        .iter()
        .filter_map(|w| w.likely.as_deref())
        .collect();
    assert_eq!(likely, ["swapped", "outside_area"]);
    bench.options.accept_shift = true;
    let report = bench.import(&[file]);
    assert_eq!(
        counts(&report),
        (3, 1, 1, 0, 1),
        "latitude 111.7 exists nowhere"
    );
}

#[test]
fn invalid_geometry_is_taken_as_given_with_a_warning() {
    let mut bench = Bench::new(Collection::Disputes);
    let report = bench.csv(
        "id,name,geometry\nd1,x,\"SRID=4490;POLYGON((111 32,111.1 32.1,111.1 32,111 32.1,111 32))\"\n",
    );
    assert_eq!(counts(&report), (1, 1, 0, 0, 0));
    assert_eq!(report.warnings[0].code, "invalid_geometry");
}

#[test]
fn complete_retires_the_levels_of_the_file_inside_the_scope() {
    let mut bench = Bench::new(Collection::Divisions);
    bench.csv(
        "code,level,name\n420600,prefecture,襄阳市\n420682,county,老河口市\n420625,county,谷城县\n\
         411381,county,邓州市\n420682001,township,光化街道\n",
    );
    bench.options.complete = true;
    bench.options.within = Some("42".parse().unwrap());
    let report = bench.csv("code,level,name\n420682,county,老河口市\n");
    assert_eq!(report.retired, 1);
    let retired = bench.record("420625");
    assert_eq!(retired.status, Status::Retired);
    assert_eq!(retired.valid.to, Some(bench.options.today));
}

#[test]
fn stop_writes_nothing_and_status_is_set() {
    let mut bench = Bench::new(Collection::Names);
    bench.options.status = Some(Status::Draft);
    bench.csv("id,name\nn1,汉江\n");
    assert_eq!(bench.record("n1").status, Status::Draft);
    bench.options.on_error = OnError::Stop;
    let report = bench.csv("id,name,population\nn2,x,1\nn3,y,many\n");
    assert_eq!((report.rejected, bench.records.len()), (1, 1));
}

#[test]
fn columns_are_mapped_and_chinese_titles_are_understood() {
    let mut bench = Bench::new(Collection::Projects);
    bench.options.map = vec![("investment_10k_yuan".to_owned(), "investment".to_owned())];
    let report = bench.import(&[laohekou("laohekou_plan_projects.csv")]);
    assert_eq!(counts(&report), (20, 20, 0, 0, 0));
    assert_eq!(bench.record("1").fields.number("investment"), Some(1800.0));
    bench
        .options
        .map
        .push(("nowhere".to_owned(), "name".to_owned()));
    let file = laohekou("laohekou_plan_projects.csv");
    assert!(matches!(
        bench.try_import(std::slice::from_ref(&file)),
        Err(Error::MapColumn { .. })
    ));
    bench.options.map = vec![("no".to_owned(), "martian".to_owned())];
    assert!(matches!(
        bench.try_import(&[file]),
        Err(Error::MapField { .. })
    ));

    let mut bench = Bench::new(Collection::Services);
    bench.csv("标识,名称,电话\ns1,敬老院,0710\n");
    assert_eq!(bench.record("s1").fields.text("phone"), Some("0710"));
}

#[test]
fn gbk_tables_are_decoded_and_told() {
    let mut bench = Bench::new(Collection::Names);
    let (bytes, _, _) = encoding_rs::GBK.encode("id,name\nn1,老河口\n");
    let file = bench.file("n.csv", bytes);
    let report = bench.import(&[file]);
    assert_eq!(report.warnings[0].code, "decoded_as_gbk");
    assert_eq!(&*bench.record("n1").name, "老河口");
}

#[test]
fn points_of_units_without_polygons_become_their_seat() {
    let mut bench = Bench::new(Collection::Divisions);
    let report =
        bench.csv("code,name,geometry\n420682101201,李楼村,SRID=4490;POINT(111.7 32.35)\n");
    assert_eq!(counts(&report), (1, 1, 0, 0, 0));
    let place = bench.record("420682101201").position("seat").unwrap();
    assert!((place.lon - 111.7).abs() < 1e-12);
}

#[test]
fn a_polygon_for_a_unit_of_shared_lines_is_compared() {
    let mut bench = Bench::new(Collection::Divisions);
    let row = |shift: f64| {
        format!(
            "code,name,geometry\n420682,老河口市,\"SRID=4490;POLYGON((111.5 32.2,{} 32.2,111.8 32.6,111.5 32.2))\"\n",
            111.8 + shift
        )
    };
    bench.csv(&row(0.0));
    for record in &mut bench.records {
        record.fields.set("geometry_state", "lines".into());
    }
    assert_eq!(counts(&bench.csv(&row(0.000_002))), (1, 0, 1, 0, 0));
    bench.options.as_claim = true;
    let report = bench.csv(&row(0.0008));
    assert_eq!(report.rejections[0].code, "differs_from_lines");
    let claim = bench
        .records
        .iter()
        .find(|r| r.collection == Collection::Claims)
        .unwrap();
    assert_eq!(claim.fields.text("claimant"), Some("420682"));
}

#[test]
fn the_whole_nation_is_read() {
    let mut options = ImportOptions::new(Collection::Divisions, Day::from_ymd(2026, 5, 1).unwrap());
    options.lang = Lang::En;
    let register = Records::new(Collection::Divisions, []);
    let start = std::time::Instant::now();
    let files = [nation("china_divisions.csv.gz")];
    let plan = plan_import(&files, &options, &register, &mut |_| {}).unwrap();
    println!("{} rows in {:?}", plan.report.read, start.elapsed());
    let report = plan.report;
    assert_eq!(report.read, 665_276);
    assert_eq!(
        (report.rejected, report.changed),
        (0, 0),
        "{:?}",
        report.rejections.first()
    );
    assert_eq!(report.unchanged, 3, "441900, 442000 and 460400 stand twice");
    assert!(report.warnings.is_empty(), "{:?}", report.warnings.first());
    let fields: usize = plan
        .writes
        .iter()
        .map(|planned| planned.record.fields.len())
        .sum();
    assert_eq!(fields, 0, "a plain unit carries no field of its own");
    let code: DivisionCode = "420682".parse().unwrap();
    let town = plan
        .writes
        .iter()
        .find(|planned| planned.record.division == Some(code))
        .unwrap();
    assert_eq!(town.record.fields, Fields::new());
}
