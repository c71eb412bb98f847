//! The command line: helps, reports, errors, with both streams and the exit status.

use std::fmt::Write as _;

use zhifang_tests::Desk;

use super::{assert_same, redacted};

/// Rules whose findings depend on the day of the check.
const CLOCK: [&str; 2] = ["INS-", "MRK-12"];

/// What commands print, one after the other.
fn transcript(desk: &Desk, commands: &[&[&str]]) -> String {
    let folder = desk.path("");
    let folder = folder.display().to_string();
    let mut text = String::new();
    for arguments in commands {
        let run = desk.run(arguments);
        let shown: Vec<String> = arguments.iter().map(|argument| quoted(argument)).collect();
        let _ = writeln!(text, "$ zhifang {}", shown.join(" "));
        text.push_str(&run.stdout());
        for line in run.stderr().lines() {
            let _ = writeln!(text, "! {line}");
        }
        let _ = writeln!(text, "→ {}\n", run.status());
    }
    redacted(&text, &[(&folder, "[FOLDER]/")])
}

fn quoted(argument: &str) -> String {
    if argument.contains([' ', '\'', '"']) {
        format!("\"{argument}\"")
    } else {
        argument.to_owned()
    }
}

/// The commands that a help lists.
fn listed(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty() && *name != "help")
        .map(str::to_owned)
        .collect()
}

fn help(desk: &Desk, command: &[&str], out: &mut String) -> Vec<String> {
    let run = desk.run(&[command, &["--help"]].concat());
    let text = run.expect(0).stdout();
    let title = [&["zhifang"], command, &["--help"]].concat().join(" ");
    let _ = writeln!(out, "$ {title}\n{text}");
    listed(&text)
}

pub(super) fn help_reads_as_accepted() {
    let desk = Desk::new();
    let mut text = String::new();
    let commands = help(&desk, &[], &mut text);
    assert!(commands.len() > 10, "{commands:?}");
    assert_same("help", &redacted(&text, &[]));
    for command in &commands {
        let mut text = String::new();
        for part in help(&desk, &[command], &mut text) {
            let deeper = help(&desk, &[command, &part], &mut text);
            assert_eq!(deeper, Vec::<String>::new(), "{command} {part}");
        }
        assert_same(&format!("help_{command}"), &redacted(&text, &[]));
    }
}

pub(super) fn reads_as_accepted(desk: &Desk) {
    wrong_usage(desk);
    import(desk);
    check(desk);
    look_ups(desk);
    desks(desk);
}

fn wrong_usage(desk: &Desk) {
    desk.file(
        "truncated.geojson",
        r#"{"type":"FeatureCollection","features":[{"type":"Fea"#,
    );
    desk.file("bare.csv", "id,name,lon,lat\na,甲,111.6,32.3\n");
    let commands: [&[&str]; 9] = [
        &["import", "castles", "x.geojson"],
        &["import", "names"],
        &["import", "names", "absent.geojson"],
        &["import", "names", "truncated.geojson"],
        &["import", "names", "bare.csv"],
        &["import", "names", "bare.csv", "--source-crs", "EPSG:99999"],
        &["check", "--only", "XYZ-99"],
        &["export", "names", "--filter", "name = "],
        &["export", "names", "--as-of", "yesterday"],
    ];
    assert_same("wrong_usage", &transcript(desk, &commands));
    let english: Vec<Vec<&str>> = commands
        .iter()
        .map(|command| [&["--lang", "en"], *command].concat())
        .collect();
    let english: Vec<&[&str]> = english.iter().map(Vec::as_slice).collect();
    assert_same("wrong_usage_en", &transcript(desk, &english));
}

fn import(desk: &Desk) {
    desk.file(
        "three.csv",
        "id,name,category,lon,lat,colour\nt1,汉江,1,111.6,32.4,blue\nt1,汉水,1,111.6,32.4,\nt2,,1,,,\nt3,丙,九,111.6,32.4,\n",
    );
    let rows = [
        "import",
        "names",
        "three.csv",
        "--source-crs",
        "EPSG:4490",
        "--dry-run",
    ];
    let english = [&["--lang", "en"], rows.as_slice()].concat();
    let json = [rows.as_slice(), &["--report", "json"]].concat();
    let stop = [rows.as_slice(), &["--on-error", "stop"]].concat();
    let text = transcript(desk, &[&rows, &english, &json, &stop]);
    assert_same("import", &text);
}

fn check(desk: &Desk) {
    let list = desk.run(&["check", "--list"]).expect(0).stdout();
    let timeless: Vec<&str> = list
        .lines()
        .filter_map(|line| line.split('\t').next())
        .filter(|rule| !rule.is_empty() && !CLOCK.iter().any(|clock| rule.starts_with(clock)))
        .collect();
    let only = timeless.join(",");
    let arguments = ["check", "--within", "420682", "--only", &only];
    let english = [&["--lang", "en"], arguments.as_slice()].concat();
    let shortened = |text: String| text.replace(&only, "[RULES]");
    let text = shortened(transcript(desk, &[&arguments]));
    assert!(text.contains("MRK-03") && !text.contains("INS-"), "{text}");
    assert_same("check", &text);
    assert_same("check_en", &shortened(transcript(desk, &[&english])));
    let rules: [&[&str]; 2] = [&["check", "--list"], &["--lang", "en", "check", "--list"]];
    assert_same("check_list", &transcript(desk, &rules));
    let one = ["check", "--within", "420682", "--only", "REG-03,MRK-01"];
    for format in ["json", "geojson"] {
        let text = transcript(desk, &[&[one.as_slice(), &["--format", format]].concat()]);
        assert_same(&format!("check_{format}"), &text);
    }
}

fn look_ups(desk: &Desk) {
    let commands: [&[&str]; 7] = [
        &["reverse", "111.67", "32.385"],
        &["reverse", "150", "10"],
        &["geocode", "无此地名甲乙丙"],
        &[
            "export",
            "signs",
            "--format",
            "csv",
            "--filter",
            "state = 'missing'",
        ],
        &[
            "export",
            "divisions",
            "--format",
            "csv",
            "--filter",
            "code = '420682101200'",
        ],
        &["tiles", "stat", "--maxzoom", "7"],
        &["verify"],
    ];
    assert_same("look_ups", &transcript(desk, &commands));
}

fn desks(desk: &Desk) {
    let name = [
        "names",
        "check",
        "友谊路",
        "--within",
        "420682",
        "--category",
        "street",
    ];
    let english = [&["--lang", "en"], name.as_slice()].concat();
    let day = ["--as-of", "2026-11-01"];
    let horizon = ["assist", "horizon", "--within", "420682101"];
    let coverage = [
        "assist",
        "coverage",
        "--within",
        "420682",
        "--indicator",
        "3",
    ];
    let commands: [&[&str]; 5] = [
        &["boundaries", "adopt", "--within", "420682", "--dry-run"],
        &name,
        &english,
        &[horizon.as_slice(), &day].concat(),
        &[coverage.as_slice(), &day].concat(),
    ];
    assert_same("desks", &transcript(desk, &commands));
}
