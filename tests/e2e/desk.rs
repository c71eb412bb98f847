//! The desk's own manners: users, interrupts, files written whole, what is refused and in which
//! words.

use std::fmt::Write as _;
use std::io::Read as _;
use std::process::{Command, Stdio};

use serde_json::Value;
use zhifang_tests::{Desk, program};

fn text(path: &std::path::Path) -> String {
    path.display().to_string()
}

/// A revoked user gets no token by `user token`; `user restore` lets him in again, and says so.
#[test]
fn a_revoked_user_stays_out_until_restored() {
    let desk = Desk::new();
    desk.run(&["user", "add", "wu", "--role", "editor"])
        .expect(0);
    desk.run(&["user", "restore", "wu"]).expect(2);
    desk.run(&["user", "revoke", "wu"]).expect(0);
    let run = desk.run(&["--lang", "en", "user", "token", "wu"]);
    run.expect(2);
    assert_eq!(run.stdout(), "");
    assert!(run.stderr().contains("revoked"), "{}", run.stderr());
    assert!(run.stderr().contains("user restore"), "{}", run.stderr());
    assert!(desk.run(&["user", "list"]).stdout().contains("revoked"));
    let run = desk.run(&["user", "restore", "wu"]);
    assert!(run.expect(0).stdout().starts_with("zf_"));
    assert!(desk.run(&["user", "list"]).stdout().contains("active"));
    desk.run(&["user", "token", "wu"]).expect(0);
    for name in ["", "  ", " wu", "w\nu"] {
        desk.run(&["user", "add", name, "--role", "editor"])
            .expect(2);
    }
}

/// An interrupt after the commit comes too late: the report is printed to its end. The reader
/// that does not read holds the program between its commit and its exit.
#[test]
fn an_interrupt_after_the_commit_leaves_the_report_whole() {
    let desk = Desk::new();
    let mut rows = "id,name,population\ngood,汉江,1\n".to_owned();
    for number in 0..4_000 {
        let _ = writeln!(rows, "bad{number},坏行,many people live here {number}");
    }
    let file = text(&desk.file("names.csv", rows));
    let mut child = Command::new(program())
        .args(["--store", desk.store(), "import", "names", &file])
        .args(["--report", "json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    // The good row is in the register: the commit is over, and the report fills the pipe.
    let is_written = (0..400).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        desk.run(&["changes"]).stdout().contains("good")
    });
    assert!(is_written, "the import did not come to its commit");
    for _ in 0..2 {
        let sent = Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status();
        assert!(sent.is_ok_and(|status| status.success()));
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let mut told = String::new();
    child
        .stdout
        .take()
        .expect("a pipe")
        .read_to_string(&mut told)
        .expect("a report");
    assert_eq!(child.wait().expect("an end").code(), Some(1));
    let report: Value = serde_json::from_str(&told).expect("a whole report");
    assert_eq!(report["accepted"], 1);
    assert_eq!(report["rejections"].as_array().map(Vec::len), Some(4_000));
}

/// Where a file cannot be written whole, what stood there stays.
#[test]
fn an_export_that_fails_leaves_the_old_file_and_names_it() {
    let desk = Desk::new();
    let rows = text(&desk.file("names.csv", "id,name\na,汉江\n"));
    desk.run(&["import", "names", &rows]).expect(0);
    for ending in ["gpkg", "shp", "csv", "geojson", "fgb", "xlsx", "kml"] {
        let path = desk.file(&format!("old.{ending}"), "old");
        let part = if ending == "shp" { "old.dbf.part" } else { "" };
        let part = match part {
            "" => desk.path(&format!("old.{ending}.part")),
            part => desk.path(part),
        };
        // A folder in the way, as a full disk cannot be had everywhere.
        std::fs::create_dir(&part).expect("a folder");
        let run = desk.run(&["export", "names", "--format", ending, "-o", &text(&path)]);
        run.expect(2);
        assert!(run.stderr().contains("old."), "{}", run.stderr());
        assert!(!run.stderr().contains("`-`"), "{}", run.stderr());
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), "old");
        std::fs::remove_dir(&part).expect("a folder");
        desk.run(&["export", "names", "--format", ending, "-o", &text(&path)])
            .expect(0);
        assert_ne!(std::fs::read(&path).unwrap_or_default(), b"old");
        let left = std::fs::read_dir(desk.path("."))
            .expect("a folder")
            .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
            .any(|name| name.contains(".part"));
        assert!(!left, "{ending}: a part is left");
    }
}

/// What cannot be meant is refused, with what could be.
#[test]
fn a_property_and_a_unit_that_do_not_exist_are_refused() {
    let desk = Desk::new();
    let rows = text(&desk.file("names.csv", "id,name\na,汉江\n"));
    desk.run(&["import", "names", &rows]).expect(0);
    let run = desk.run(&["--lang", "en", "export", "names", "--filter", "nmae = 'x'"]);
    run.expect(2);
    assert!(run.stderr().contains("`nmae`"), "{}", run.stderr());
    assert!(run.stderr().contains("`name`"), "{}", run.stderr());
    desk.run(&[
        "export",
        "names",
        "--filter",
        "extra.colour = 'x' OR name = 'y'",
    ])
    .expect(0);

    // In a register without divisions nothing can be told.
    desk.run(&["export", "names", "--within", "999999"])
        .expect(0);
    let units = "code,name\n420000,湖北省\n420600,襄阳市\n420682,老河口市\n";
    let units = text(&desk.file("units.csv", units));
    desk.run(&["import", "divisions", &units]).expect(0);
    // A typing error is told; that a unit is not in this register is no fault.
    let told: [&[&str]; 3] = [
        &["export", "names", "--within", "999999"],
        &["import", "names", &rows, "--complete", "--within", "999999"],
        &[
            "user",
            "add",
            "wu",
            "--role",
            "editor",
            "--division",
            "999999",
        ],
    ];
    for arguments in told {
        let run = desk.run(arguments);
        run.expect(0);
        assert!(run.stderr().contains("999999"), "{}", run.stderr());
    }
    for code in ["42", "4206", "420682"] {
        desk.run(&["export", "names", "--within", code]).expect(0);
    }
    // The files bring the unit themselves.
    let more = text(&desk.file("more.csv", "code,name\n430000,湖南省\n"));
    desk.run(&["import", "divisions", &more, "--complete", "--within", "43"])
        .expect(0);
}

/// Two columns that mean one field: neither may be lost silently.
#[test]
fn clashing_columns_are_refused_by_name() {
    let desk = Desk::new();
    let cases: [(&str, &[&str], [&str; 2]); 5] = [
        (
            "id,name,nm\na,甲,乙\n",
            &["--map", "nm=name"],
            ["`name`", "`nm`"],
        ),
        (
            "a,b,name\n1,2,甲\n",
            &["--map", "a=id", "--map", "b=id"],
            ["`a`", "`b`"],
        ),
        ("id,name,name\na,甲,乙\n", &[], ["`name`", "`name`"]),
        ("id,名称,name\na,甲,乙\n", &[], ["`名称`", "`name`"]),
        (
            "id,name,colour,c\na,甲,1,2\n",
            &["--map", "c=extra.colour"],
            ["`colour`", "`c`"],
        ),
    ];
    for (rows, maps, named) in cases {
        let file = text(&desk.file("names.csv", rows));
        let mut arguments = vec!["import", "names", &file];
        arguments.extend(maps);
        let run = desk.run(&arguments);
        run.expect(2);
        for column in named {
            assert!(run.stderr().contains(column), "{rows}: {}", run.stderr());
        }
    }
    let file = text(&desk.file("names.csv", "id,name,nm\na,甲,乙\n"));
    desk.run(&["import", "names", &file, "--map", "nm=extra.nm"])
        .expect(0);
}

/// A row about a draft or retired record is warned of; an explicit status publishes drafts.
#[test]
fn rows_about_drafts_and_retired_records_are_told() {
    let desk = Desk::new();
    let both = text(&desk.file("both.csv", "id,name\na,甲\nb,乙\n"));
    let one = text(&desk.file("one.csv", "id,name\nb,乙\n"));
    let import = |file: &str, more: &[&str]| {
        let mut arguments = vec!["import", "names", file, "--report", "json"];
        arguments.extend(more);
        desk.run(&arguments).json(0)
    };
    let codes = |report: &Value| -> Vec<String> {
        report["warnings"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|warning| format!("{}@{}", warning["code"], warning["row"]).replace('"', ""))
            .collect()
    };
    assert!(codes(&import(&both, &["--status", "draft"])).is_empty());
    assert!(codes(&import(&both, &["--status", "draft"])).is_empty());
    let report = import(&both, &[]);
    assert_eq!(codes(&report), ["stays_draft@1", "stays_draft@2"]);
    assert_eq!(report["unchanged"], 2);
    let report = import(&both, &["--status", "published"]);
    assert_eq!((&report["changed"], codes(&report).len()), (&2.into(), 0));
    assert_eq!(import(&one, &["--complete"])["retired"], 1);
    for more in [&[][..], &["--status", "published"]] {
        let report = import(&both, more);
        assert_eq!(codes(&report), ["stays_retired@1"]);
        assert_eq!(report["unchanged"], 2);
    }
}

/// A table that ends within a quoted cell has lost its tail, or a quotation mark.
#[test]
fn a_table_cut_off_in_a_quoted_cell_is_refused() {
    let desk = Desk::new();
    let file = text(&desk.file("cut.csv", "id,name\na,甲\nb,\"乙\nc,丙\n"));
    let run = desk.run(&["--lang", "en", "import", "names", &file]);
    run.expect(2);
    assert!(run.stderr().contains("row 2 (line 3)"), "{}", run.stderr());
    assert_eq!(desk.run(&["changes"]).stdout(), "");
}

/// Standard error: one JSON object a line where asked, and the language chosen.
#[test]
fn standard_error_keeps_to_its_form_and_language() {
    let desk = Desk::new();
    let wrong: [&[&str]; 4] = [
        &["import", "names", "no-such.csv"],
        &["import", "castles", "x.csv"],
        &["--store", "sqlite:/nowhere/at/all.db", "verify"],
        &["user", "token", "nobody"],
    ];
    for arguments in wrong {
        let mut all = vec!["--log-format", "json"];
        all.extend(arguments);
        let run = desk.run(&all);
        run.expect(2);
        assert!(!run.stderr().is_empty());
        for line in run.stderr().lines() {
            let object: Value = serde_json::from_str(line).unwrap_or_default();
            assert!(object["level"].is_string(), "{line}");
            assert!(object["message"].is_string(), "{line}");
        }
        let chinese = desk.run(arguments).stderr();
        assert!(chinese.starts_with("错误："), "{chinese}");
        let mut all = vec!["--lang", "en"];
        all.extend(arguments);
        let english = desk.run(&all).stderr();
        assert!(
            english.is_ascii() && english.starts_with("error: "),
            "{english}"
        );
    }
    let rows = "id,name,population,lon,lat\na,甲,many,,\nb,乙,,x,1\nc,丙,,,,9\n";
    let file = text(&desk.file("names.csv", rows));
    let run = desk.run(&["import", "names", &file, "--source-crs", "EPSG:4490"]);
    for words in ["应为整数", "应为有限的数", "5 个列名下有 6 个单元格"] {
        assert!(run.expect(1).stdout().contains(words), "{}", run.stdout());
    }
}

/// The service listens at the name of a host too.
#[test]
fn the_service_takes_a_host_name() {
    let desk = Desk::new();
    let mut child = Command::new(program())
        .args(["--store", desk.store(), "--log-format", "json"])
        .args(["serve", "--listen", "localhost:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("a pipe");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("a line");
    assert!(line.starts_with("listening on http://"), "{line}");
    let _ = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    let output = child.wait_with_output().expect("an end");
    assert_eq!(output.status.code(), Some(0));
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        let object: Value = serde_json::from_str(line).unwrap_or_default();
        assert!(object["message"].is_string(), "{line}");
    }
}
