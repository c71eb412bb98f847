//! Bad input from outside: every one says what is wrong, and the register is as it was.

use std::fmt::Write as _;

use serde_json::Value;
use zhifang_tests::{Desk, percent};

const NESTED: usize = 30_000;

/// The head of the log, which any write would move.
fn head(desk: &Desk) -> String {
    desk.run(&["changes"]).expect(0).stdout()
}

/// A workbook of two cells in opposite corners: a table of 17 billion cells for who believes it.
fn corners() -> Vec<u8> {
    const PARTS: [(&str, &str); 5] = [
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        ),
        (
            "xl/worksheets/sheet1.xml",
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>"#,
        ),
    ];
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in PARTS {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .expect("a part");
        std::io::Write::write_all(&mut archive, text.as_bytes()).expect("memory");
    }
    archive.finish().expect("an archive").into_inner()
}

/// Files that cannot be read: exit status 2, and a sentence that names the file.
#[test]
fn a_file_that_cannot_be_read_is_named_and_nothing_is_written() {
    let desk = Desk::new();
    desk.run(&["user", "list"]).expect(0);
    let before = head(&desk);
    let deep = format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"id":"a","x":{}1{}}},"geometry":null}}]}}"#,
        "[".repeat(NESTED),
        "]".repeat(NESTED)
    );
    let files: [(&str, Vec<u8>, &str); 8] = [
        ("truncated.geojson", br#"{"type":"FeatureCollection","features":[{"type":"Feature","prop"#.to_vec(), "line 1"),
        ("deep.geojson", deep.into_bytes(), "recursion limit"),
        ("nan.geojson", br#"{"type":"Feature","properties":{"id":"a"},"geometry":{"type":"Point","coordinates":[NaN,1]}}"#.to_vec(), "line 1"),
        ("vrt.geojson", b"<OGRVRTDataSource><OGRVRTLayer name=\"x\"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>".to_vec(), "line 1"),
        ("empty.csv", Vec::new(), "heading"),
        ("no.xlsx", b"hello".to_vec(), "XLSX"),
        ("corners.xlsx", corners(), "columns exceeds"),
        ("bare.csv", "id,name,lon,lat\na,甲,111.6,32.3\n".as_bytes().to_vec(), "--source-crs"),
    ];
    for (name, content, reason) in files {
        let path = desk.file(name, content);
        let path = path.to_str().expect("UTF-8");
        let run = desk.run(&["--lang", "en", "import", "names", path]);
        run.expect(2);
        assert!(run.stderr().contains(name), "{name}: {}", run.stderr());
        assert!(run.stderr().contains(reason), "{name}: {}", run.stderr());
    }
    let path = desk.file("crs.csv", "id,name,lon,lat\na,甲,111.6,32.3\n");
    let path = path.to_str().expect("UTF-8");
    let run = desk.run(&["import", "names", path, "--source-crs", "EPSG:99999"]);
    assert!(run.expect(2).stderr().contains("EPSG:99999"));
    assert_eq!(head(&desk), before);
}

/// Rows that cannot be taken: each is a rejection with row, key, field and reason.
#[test]
fn a_bad_row_is_a_rejection_that_names_row_and_field() {
    let desk = Desk::new();
    let bomb = format!(
        "{}POINT(1 1){}",
        "GEOMETRYCOLLECTION(".repeat(NESTED),
        ")".repeat(NESTED)
    );
    let mut swapped = "id,name,lon,lat\n".to_owned();
    for number in 0..20 {
        let _ = writeln!(
            swapped,
            "s{number},村{number},{},{}",
            32.3 + f64::from(number) / 1e3,
            111.6 + f64::from(number) / 1e3
        );
    }
    let tables: [(&str, String, u64, u64, &str, &str); 5] = [
        (
            "nan.csv",
            "id,name,lon,lat\na,甲,NaN,32\nb,乙,inf,32\nc,丙,111.6,32.3\n".to_owned(),
            1,
            2,
            "bad_geometry",
            "lon",
        ),
        (
            "bomb.csv",
            format!("id,name,geometry\nd,丁,\"{bomb}\"\n"),
            0,
            1,
            "bad_geometry",
            "geometry",
        ),
        ("swapped.csv", swapped, 0, 20, "looks_shifted", "geometry"),
        (
            "twice.csv",
            "id,name\ne,戊\ne,己\n".to_owned(),
            1,
            1,
            "duplicate_key",
            "id",
        ),
        (
            "category.csv",
            "id,name,category\nf,庚,九\ng,辛,3\n".to_owned(),
            1,
            1,
            "bad_value",
            "category",
        ),
    ];
    for (name, content, accepted, rejected, code, field) in tables {
        let path = desk.file(name, content);
        let report = desk
            .run(&[
                "import",
                "names",
                path.to_str().expect("UTF-8"),
                "--source-crs",
                "EPSG:4490",
                "--report",
                "json",
            ])
            .json(1);
        assert_eq!(
            (&report["accepted"], &report["rejected"]),
            (&accepted.into(), &rejected.into()),
            "{name}: {report}"
        );
        let first = &report["rejections"][0];
        assert_eq!(
            (&first["code"], &first["field"]),
            (&code.into(), &field.into()),
            "{name}: {first}"
        );
        assert!(
            first["row"].as_u64().is_some_and(|row| row > 0),
            "{name}: {first}"
        );
    }
    let (gbk, _, _) = encoding_rs::GBK.encode("id,name\nh,甲村\n");
    let path = desk.file("gbk.csv", &gbk);
    desk.run(&["import", "names", path.to_str().expect("UTF-8")])
        .expect(0);
    let stored = desk.run(&["export", "names", "--filter", "id='h'"]).json(0);
    assert_eq!(stored["features"][0]["properties"]["name"], "甲村");
}

#[test]
fn a_missing_parent_is_warned_of_once() {
    let desk = Desk::new();
    let path = desk.file(
        "parent.csv",
        "code,name,parent\n420682,老河口市,429999\n420683,枣阳市,429999\n",
    );
    let report = desk
        .run(&[
            "import",
            "divisions",
            path.to_str().expect("UTF-8"),
            "--report",
            "json",
        ])
        .json(0);
    let found: Vec<&Value> = report["warnings"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(found.len(), 1, "{report}");
    assert_eq!(
        (&found[0]["code"], &found[0]["row"]),
        (&"parent_missing".into(), &1.into())
    );
}

/// Requests that ask for too much or for nonsense: 4xx as a problem, never 5xx, never slow.
#[test]
fn a_hostile_request_is_a_problem_and_costs_nothing() {
    let desk = Desk::new();
    let path = desk.file("names.csv", "id,name,lon,lat\na,甲村,111.6,32.3\n");
    desk.run(&[
        "import",
        "names",
        path.to_str().expect("UTF-8"),
        "--source-crs",
        "EPSG:4490",
    ])
    .expect(0);
    let server = desk.serve(&[]);
    let filter = |text: &str| format!("/ogc/collections/names/items?filter={}", percent(text));
    let bombs = [
        filter(&format!(
            "{}name='a'{}",
            "(".repeat(2_000),
            ")".repeat(2_000)
        )),
        filter(&format!("{}name='a'", "NOT ".repeat(1_000))),
        filter(&format!(
            "S_INTERSECTS(geometry,{}POINT(1 1){})",
            "GEOMETRYCOLLECTION(".repeat(300),
            ")".repeat(300)
        )),
        filter(&r#"{"op":"and","args":["#.repeat(300)),
        filter("name = "),
        filter("nosuch = 1"),
        "/ogc/collections/names/items?bbox=1,2,3".to_owned(),
        "/ogc/collections/names/items?limit=0".to_owned(),
        "/ogc/collections/names/items?unknown=1".to_owned(),
        "/v1/search?q=".to_owned(),
        "/v1/search?q=a&limit=-1".to_owned(),
        "/v1/search?q=a&within=xx".to_owned(),
        "/v1/reverse?lon=1e308&lat=1".to_owned(),
        "/v1/reverse?lon=NaN&lat=1".to_owned(),
        "/v1/reverse?lat=1".to_owned(),
        "/tiles/base/x/0/0".to_owned(),
        "/tiles/base/3/9/9".to_owned(),
        "/v1/changes?since=-1".to_owned(),
    ];
    for path in bombs {
        let answer = server.get(&path);
        assert!(
            (400..500).contains(&answer.status),
            "{path}: {}",
            answer.status
        );
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{path}"
        );
        let problem = answer.json();
        assert_eq!(problem["status"], answer.status, "{problem}");
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty()),
            "{problem}"
        );
    }
    let patient = server.get(&filter(&format!("name LIKE '{}'", "%甲".repeat(300))));
    assert_eq!(patient.status, 200);
    for (path, kind, body) in [
        ("/v1/geocode/batch", "text/csv", "name\n老河口\n"),
        ("/v1/reverse/batch", "text/csv", "x,y\n1,2\n"),
        ("/v1/reverse/batch", "application/pdf", "lon,lat\n"),
    ] {
        let answer = server.send(
            "POST",
            path,
            &[("content-type", kind)],
            Some(body.as_bytes()),
        );
        assert!(
            (400..500).contains(&answer.status),
            "{path}: {}",
            answer.text()
        );
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
    }
    let rows = server.send(
        "POST",
        "/v1/reverse/batch",
        &[("content-type", "application/x-ndjson")],
        Some(b"{\"lon\":111.6,\"lat\":32.3}\nnot json\n{\"lon\":\"x\"}\n"),
    );
    assert_eq!(rows.status, 200);
    let errors = rows
        .text()
        .lines()
        .filter(|line| line.contains("zf_error"))
        .count();
    assert_eq!(errors, 2, "{}", rows.text());
    assert_eq!(server.stop(), 0);
}

#[test]
fn a_busy_port_and_a_foreign_file_are_told_with_what_to_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let desk = Desk::new();
    let run = desk.run(&["serve", "--listen", &address]);
    let told = run.expect(2).stderr();
    assert!(
        told.contains(&address) && told.contains("--listen"),
        "{told}"
    );
    let desk = Desk::new();
    let file = desk.file("register.db", "no register at all");
    let run = desk.run(&["--lang", "en", "verify"]);
    assert!(
        run.expect(2).stderr().contains("is no register"),
        "{}",
        run.stderr()
    );
    assert_eq!(
        std::fs::read_to_string(&file).expect("the file"),
        "no register at all"
    );
}

/// Formats that GDAL reads in a process of its own: whatever the bytes, the program ends by itself
/// and says something.
#[test]
fn a_damaged_file_of_any_format_ends_in_a_report_or_an_error() {
    let desk = Desk::new();
    let rows = "id,name,kind,lon,lat\na,甲,day_care,111.6,32.3\nb,乙,day_care,111.7,32.4\n";
    let rows = desk.file("services.csv", rows).display().to_string();
    desk.run(&["import", "services", &rows, "--source-crs", "EPSG:4490"])
        .expect(0);
    let mut chance: usize = 0x5EED;
    for format in ["fgb", "gpkg", "kml", "xlsx"] {
        let right = desk.path(&format!("right.{format}"));
        let right = right.to_str().expect("UTF-8");
        desk.run(&["export", "services", "--format", format, "-o", right])
            .expect(0);
        let bytes = std::fs::read(right).expect("the exported file");
        for number in 0..10 {
            let mut damaged = bytes.clone();
            for _ in 0..3 {
                chance = chance
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let at = (chance >> 20) % damaged.len();
                damaged[at] = (chance >> 40).to_le_bytes()[0];
            }
            if number % 3 == 0 {
                damaged.truncate(damaged.len() / 2);
            }
            let file = desk.file(&format!("damaged-{number}.{format}"), &damaged);
            let run = desk.run(&[
                "import",
                "services",
                file.to_str().expect("UTF-8"),
                "--source-crs",
                "EPSG:4490",
                "--dry-run",
            ]);
            assert!(
                (0..=2).contains(&run.status()),
                "{format} {number}: {}",
                run.stderr()
            );
            assert!(
                !run.stdout().is_empty() || run.stderr().contains("错误："),
                "{format} {number} says nothing"
            );
            assert!(!run.stderr().contains("panicked"), "{}", run.stderr());
        }
    }
    desk.run(&["verify"]).expect(0);
}
