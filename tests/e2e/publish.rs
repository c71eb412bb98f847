//! Sheets, and a site that needs no service behind it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use zhifang_tests::{Desk, project_root};

#[test]
fn a_sheet_has_its_scale_its_names_and_its_approval_number() {
    let desk = Desk::laohekou();
    let sheet = desk
        .run(&[
            "publish",
            "mapsheet",
            "--within",
            "420682",
            "--approval-number",
            "鄂S(2026)001号",
        ])
        .expect(0)
        .stdout();
    for wanted in [
        "width=\"297mm\"",
        "老河口市行政区划图",
        "审图号：鄂S(2026)001号",
        "比例尺 1:",
        "中央经线111°E",
        "光化街道",
        "邓州市",
        "县级界",
        "111°40′",
    ] {
        assert!(sheet.contains(wanted), "the sheet lacks `{wanted}`");
    }
    assert_eq!(
        sheet.matches("<g ").count(),
        sheet.matches("</g>").count(),
        "every group is closed"
    );
    let again = desk.run(&["publish", "mapsheet", "--within", "420682"]);
    let plain = again.expect(0).stdout();
    assert!(plain.contains("审图号：____"), "the field is always there");

    let both = desk.run(&[
        "--lang",
        "both",
        "publish",
        "mapsheet",
        "--within",
        "420682001",
    ]);
    let both = both.expect(0).stdout();
    assert!(both.contains("老河口市光化街道行政区划图") && both.contains("Guānghuà"));
}

#[test]
fn what_cannot_be_drawn_is_said_and_nothing_is_written() {
    let desk = Desk::laohekou();
    let file = desk.path("sheet.svg").display().to_string();
    for (arguments, wanted) in [
        (["--within", "420682", "--scale", "1:50000"], "larger sheet"),
        (
            ["--within", "420683", "--scale", "auto"],
            "no published unit",
        ),
        (["--within", "420682001001", "--scale", "auto"], "polygon"),
        (["--within", "420682", "--scale", "50000"], "wanted `auto`"),
    ] {
        let mut all = vec!["publish", "mapsheet", "--size", "a4", "-o", &file];
        all.extend(arguments);
        let run = desk.run(&all);
        assert_eq!(run.status(), 2, "{arguments:?}");
        assert!(
            run.stderr().contains(wanted),
            "{arguments:?}: {}",
            run.stderr()
        );
        assert!(!Path::new(&file).exists());
    }
    let run = desk.run(&["--lang", "both", "tiles", "stat"]);
    assert_eq!(run.status(), 2);
}

#[test]
fn a_series_has_a_sheet_for_each_township_with_its_fonts_inside() {
    let desk = Desk::laohekou();
    let folder = desk.path("series");
    let run = desk.run(&[
        "publish",
        "mapsheet",
        "--within",
        "420682",
        "--series",
        "--format",
        "pdf",
        "-o",
        &folder.display().to_string(),
    ]);
    run.expect(0);
    let files = files_of(&folder);
    assert_eq!(files.len(), 14, "the county and thirteen townships");
    for (path, bytes) in &files {
        assert!(bytes.starts_with(b"%PDF-"), "{path}");
        let holds = |wanted: &[u8]| bytes.windows(wanted.len()).any(|part| part == wanted);
        assert!(holds(b"/FontFile"), "{path} has no font inside");
        assert!(bytes.len() < 2_000_000, "{path}: fonts are subset");
    }
}

#[test]
fn a_gazetteer_tells_what_is_known_and_leads_to_every_entry() {
    let desk = Desk::laohekou();
    let book = desk
        .run(&["publish", "gazetteer", "--within", "420682"])
        .expect(0)
        .stdout();
    for wanted in [
        "<title>老河口市地名志</title>",
        "<rt>lǎo</rt>",
        "<span class=\"roman\">Hàn Jiāng</span>",
        "汉水",
        "含义",
        "音序索引",
        "<h3>8 画</h3>",
        "@page u420682001",
    ] {
        assert!(book.contains(wanted), "the book lacks `{wanted}`");
    }
    assert!(!book.contains("http"), "nothing from outside");
    let ids: Vec<&str> = book
        .split("<article id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(ids.len() > 500, "{} entries", ids.len());
    for id in &ids {
        let link = format!("href=\"#{id}\"");
        assert_eq!(
            book.matches(&link).count(),
            2,
            "{id} stands in both indexes"
        );
    }
    let again = desk.run(&["publish", "gazetteer", "--within", "420682"]);
    assert_eq!(
        again.expect(0).stdout(),
        book,
        "the same register, the same bytes"
    );
    let run = desk.run(&["publish", "gazetteer", "--within", "420699"]);
    assert_eq!(run.status(), 2);
}

#[test]
fn a_site_is_the_same_twice_and_works_from_files_alone() {
    let desk = Desk::laohekou();
    let publish = |name: &str| {
        let folder = desk.path(name);
        let run = desk.run(&[
            "publish",
            "site",
            "--within",
            "420682",
            "--maxzoom",
            "11",
            "-o",
            &folder.display().to_string(),
        ]);
        run.expect(0);
        folder
    };
    let folder = publish("site");
    let files = files_of(&folder);
    assert_eq!(files, files_of(&publish("again")), "published twice");

    let manifest: Value =
        serde_json::from_slice(&files["manifest.json"]).expect("a story in a folder of its own");
    assert!(
        manifest["seq"]
            .as_u64()
            .expect("a story in a folder of its own")
            > 0
    );
    let listed = manifest["files"]
        .as_array()
        .expect("a story in a folder of its own");
    assert_eq!(listed.len() + 1, files.len(), "all but the manifest itself");
    for entry in listed {
        let bytes = &files[entry["path"]
            .as_str()
            .expect("a story in a folder of its own")];
        assert_eq!(
            entry["bytes"]
                .as_u64()
                .expect("a story in a folder of its own"),
            bytes.len() as u64
        );
        assert_eq!(
            entry["sha256"]
                .as_str()
                .expect("a story in a folder of its own")
                .len(),
            64
        );
    }
    let text = |path: &str| {
        String::from_utf8(files[path].clone()).expect("a story in a folder of its own")
    };
    assert!(text("styles/light.json").contains("pmtiles://tiles/base.pmtiles"));
    assert!(
        !text("index.html").contains("http://"),
        "nothing from outside"
    );

    // What is published a second time replaces a site, and nothing else.
    publish("site");
    desk.file("kept.txt", "mine");
    let run = desk.run(&[
        "publish",
        "site",
        "--within",
        "420682",
        "-o",
        &desk.path(".").display().to_string(),
    ]);
    assert_eq!(run.status(), 2);
    assert!(desk.path("kept.txt").exists());

    let url = serve(desk.path(""));
    let story = project_root().join("tests/browser/folder.mjs");
    let browser = Command::new("node")
        .arg(story)
        .env("ZHIFANG_URL", format!("{url}/site"))
        .output()
        .expect("node runs");
    assert!(
        browser.status.success(),
        "{}{}",
        String::from_utf8_lossy(&browser.stdout),
        String::from_utf8_lossy(&browser.stderr)
    );
}

/// Every file below a folder with its bytes.
fn files_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for path in std::fs::read_dir(next)
            .expect("a story in a folder of its own")
            .flatten()
            .map(|e| e.path())
        {
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .expect("a story in a folder of its own")
                    .display()
                    .to_string();
                files.insert(
                    name,
                    std::fs::read(path).expect("a story in a folder of its own"),
                );
            }
        }
    }
    files
}

/// A server of files with ranges, and of nothing else, for as long as the test runs.
fn serve(root: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a story in a folder of its own");
    let url = format!(
        "http://{}",
        listener
            .local_addr()
            .expect("a story in a folder of its own")
    );
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let root = root.clone();
            std::thread::spawn(move || {
                let _ = answer(&root, &stream);
            });
        }
    });
    url
}

fn answer(root: &Path, mut stream: &TcpStream) -> std::io::Result<()> {
    let mut path = String::new();
    let mut range = None;
    for line in BufReader::new(stream).lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if path.is_empty() {
            line.split(' ')
                .nth(1)
                .unwrap_or_default()
                .clone_into(&mut path);
        }
        let lower = line.to_lowercase();
        if let Some(bytes) = lower.strip_prefix("range: bytes=") {
            let mut ends = bytes.split('-').map(|end| end.parse::<usize>().ok());
            range = ends.next().flatten().zip(ends.next().flatten());
        }
    }
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let file = root.join(path.trim_start_matches('/'));
    let file = if path.ends_with('/') {
        file.join("index.html")
    } else {
        file
    };
    let Ok(bytes) = std::fs::read(&file) else {
        return stream.write_all(
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        );
    };
    let kind = match file.extension().and_then(|end| end.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    };
    let (status, part, extra) = match range {
        Some((from, to)) if from < bytes.len() => {
            let to = to.min(bytes.len() - 1);
            let extra = format!("content-range: bytes {from}-{to}/{}\r\n", bytes.len());
            ("206 Partial Content", &bytes[from..=to], extra)
        }
        _ => ("200 OK", &bytes[..], String::new()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n{extra}\
         accept-ranges: bytes\r\nconnection: close\r\n\r\n",
        part.len()
    )?;
    stream.write_all(part)
}
