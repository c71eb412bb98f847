//! The tours of both READMEs, run as they are written, on the demonstration of Laohekou.

use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use zhifang_tests::{Desk, Server, data, program, project_root};

/// Where the tours say that the service stands.
const WRITTEN: &str = "localhost:8080";

/// Commands that end with 1 here, because there is something to tell; all others end with 0.
const FINDINGS: [&str; 6] = [
    "zhifang check ",
    "zhifang names check ",
    "zhifang names audit ",
    "zhifang assist gaps ",
    "zhifang inspect merge ",
    "zhifang import ",
];

/// The code spans of the tables in the section with this heading, in their order.
fn spans(readme: &str, heading: &str) -> Vec<String> {
    let path = project_root().join(readme);
    let text = std::fs::read_to_string(path).expect("a README");
    let (_, section) = text.split_once(heading).expect("the tour's heading");
    let section = section.split("\n## ").next().unwrap_or_default();
    section
        .lines()
        .filter(|line| line.starts_with('|'))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .map(|span| span.replace("\\|", "|"))
        .collect()
}

/// The files that the tours name, in the desk's folder.
fn lay_out(desk: &Desk) {
    desk.file(
        "names.csv",
        "id,name,category,division,lon,lat\ntour-1,示例巷,5,420682001,111.681,32.391\n",
    );
    let notice = "今年起光华县改建若干道路，请沿大桥街绕行。";
    let form = json!({"name": "朝霞路", "category": 5, "division": "420682001", "lon": 111.68, "lat": 32.39,
        "plan": "新建道路命名", "reasons": "新建", "position": "东起友谊路，西至汉江",
        "scale": "长 800 米、宽 20 米", "nature": "次干路", "meaning": "朝霞满天"})
    .to_string();
    let theirs = std::fs::read(data(
        "laohekou/laohekou_other_source_undeclared_crs.geojson",
    ))
    .expect("another publisher's lines");
    desk.file("theirs.geojson", theirs);
    let observed = std::fs::read_to_string(data("laohekou/observations.geojson"));
    let mut observed: Value =
        serde_json::from_str(&observed.expect("observations")).expect("GeoJSON");
    if let Some(features) = observed["features"].as_array_mut() {
        features.retain(|one| one["properties"]["inspection"] == "i-2026-02");
    }
    for (english, chinese, content) in [
        ("notice.txt", "通知.txt", notice.to_owned()),
        ("form.json", "申请.json", form),
        ("crew-a.geojson", "甲方.geojson", observed.to_string()),
        ("crew-b.geojson", "乙方.geojson", observed.to_string()),
    ] {
        desk.file(english, &content);
        desk.file(chinese, &content);
    }
}

/// Runs a command as a shell would, with the program in the path and the desk's register.
fn run(desk: &Desk, server: &Server, command: &str) -> Output {
    let address = server.url.strip_prefix("http://").unwrap_or_default();
    let command = command
        .replace(WRITTEN, address)
        .replace("curl ", "curl --fail --silent --show-error ");
    let path = std::env::var("PATH").unwrap_or_default();
    let program = program();
    let folder = program.parent().expect("a folder of the program");
    Command::new("sh")
        .args(["-c", &command])
        .env("PATH", format!("{}:{path}", folder.display()))
        .env("ZHIFANG_STORE", desk.store())
        .current_dir(desk.path(""))
        .stdin(Stdio::null())
        .output()
        .expect("a shell")
}

/// Runs what can be run of a tour; how many commands that were.
fn walk(readme: &str, heading: &str) -> usize {
    let desk = Desk::laohekou();
    lay_out(&desk);
    let server = desk.serve(&[]);
    let mut count = 0;
    for span in spans(readme, heading) {
        if span.contains('…') {
            continue;
        }
        if span.starts_with('/') {
            assert_eq!(server.get(&span).status, 200, "{readme}: {span}");
            count += 1;
        } else if ["zhifang ", "curl ", "ogrinfo "]
            .iter()
            .any(|name| span.starts_with(name))
        {
            let output = run(&desk, &server, &span);
            let is_finding = FINDINGS.iter().any(|name| span.starts_with(name));
            let status = output.status.code().unwrap_or(-1);
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(
                status == 0 || (status == 1 && is_finding),
                "{readme}: `{span}` ended with {status}: {told}"
            );
            assert!(
                !output.stdout.is_empty() || !told.is_empty() || span.contains("-o "),
                "`{span}` says nothing"
            );
            count += 1;
        }
    }
    assert_eq!(server.stop(), 0);
    count
}

#[test]
fn the_tours_can_be_walked_as_they_are_written() {
    let english = walk("README.md", "\n## A tour\n");
    let chinese = walk("README.zh-CN.md", "\n## 常用操作\n");
    assert!(english > 25, "only {english} commands");
    assert_eq!(english, chinese, "the two tours differ");
}
