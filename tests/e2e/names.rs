//! The naming desk: the statutory check, an application's way through the offices, what the public
//! sees of it, and the search for names that are not the standard ones.

use serde_json::{Value, json};
use zhifang_tests::{Answer, Desk, Server};

const UNITS: &str = "code,name
420000,湖北省
420600,襄阳市
420682,老河口市
420625,谷城县
420682001,光化街道
420682102,李楼镇
420682102201,李楼村民委员会
";

fn name(id: &str, text: &str, category: u8, more: &Value) -> Value {
    let mut properties = json!({
        "id": id, "name": text, "division": "420682001", "category": category,
        "valid_from": "2022-06-01",
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        properties[key] = value.clone();
    }
    json!({"type": "Feature", "id": id, "properties": properties,
        "geometry": {"type": "Point", "coordinates": [111.67, 32.385]}})
}

/// A county with a street, a river, a heritage tower and three signs.
fn county() -> Desk {
    let desk = Desk::new();
    let units = desk.file("units.csv", UNITS).display().to_string();
    desk.run(&["import", "divisions", &units]).expect(0);
    let names = json!({"type": "FeatureCollection", "features": [
        name("n-street", "友谊路", 5, &json!({"pinyin": "Yǒuyì Lù", "sign_ids": ["s-1"]})),
        name("n-river", "汉江", 1, &json!({"aliases": [{"name": "汉水", "kind": "alias"}]})),
        name("n-tower", "望江楼", 8, &json!({"heritage": {"level": "county", "listed_on": "2023-06-01"}})),
    ]});
    let names = desk.file("names.geojson", names.to_string());
    desk.run(&["import", "names", &names.display().to_string()])
        .expect(0);
    let sign = |id: &str, text: &str| {
        json!({"type": "Feature", "properties": {"id": id, "division": "420682001",
                "name_id": "n-street", "text": text, "state": "good"},
            "geometry": {"type": "Point", "coordinates": [111.67, 32.385]}})
    };
    let signs = json!({"type": "FeatureCollection", "features": [sign("s-1", "友谊路"), sign("s-2", "友宜路")]});
    let signs = desk.file("signs.geojson", signs.to_string());
    desk.run(&["import", "signs", &signs.display().to_string()]);
    desk
}

fn form(more: &Value) -> Value {
    let mut form = json!({
        "name": "和平路", "category": 5, "division": "420682001", "lon": 111.68, "lat": 32.39,
        "plan": "新建道路命名", "reasons": "新建", "position": "东起友谊路，西至汉江",
        "scale": "长 800 米、宽 20 米", "nature": "次干路", "meaning": "祈愿和平",
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        form[key] = value.clone();
    }
    form
}

#[test]
fn the_check_names_the_rule_the_evidence_and_a_way_out() {
    let desk = county();
    let check = |text: &str, more: &[&str]| {
        let mut arguments = vec![
            "names",
            "check",
            text,
            "--within",
            "420682",
            "--category",
            "5",
        ];
        arguments.extend(["--format", "json"]);
        arguments.extend(more);
        desk.run(&arguments)
    };
    let good = check("和平路", &["--width", "20"]).json(0);
    assert_eq!(good["findings"], json!([]));
    assert_eq!(good["pinyin"], "Hépíng Lù");
    let twin = check("友谊路", &["--lon", "111.68", "--lat", "32.385"]).json(1);
    let finding = &twin["findings"][0];
    assert_eq!(
        (&finding["rule"], &finding["severity"]),
        (&json!("NAM-01"), &json!("error"))
    );
    let evidence = &finding["evidence"][0];
    assert_eq!(evidence["id"], "n-street");
    assert_eq!(evidence["how"], "same_characters");
    assert_eq!(evidence["place"], "湖北省襄阳市老河口市光化街道");
    assert!(
        evidence["distance_m"]
            .as_f64()
            .is_some_and(|far| (900.0..1000.0).contains(&far))
    );
    assert!(
        finding["proposal"]["en"]
            .as_str()
            .is_some_and(|text| text.contains("free in range"))
    );
    let alike = check("友宜路", &[]).json(1);
    assert_eq!(alike["findings"][0]["evidence"][0]["how"], "same_sound");
    let person = check("张自忠路", &["--reason", "NAM-02=纪念地名，经上级同意"]).json(1);
    assert_eq!(person["findings"][0]["reason"], "纪念地名，经上级同意");
    let text = desk.run(&[
        "--lang",
        "en",
        "names",
        "check",
        "友谊路",
        "--within",
        "420682",
        "--category",
        "street",
    ]);
    assert!(
        text.expect(1).stdout().contains("NAM-01 [error]"),
        "{}",
        text.stdout()
    );
}

#[test]
fn what_cannot_be_understood_ends_with_2_and_says_why() {
    let desk = county();
    let long = "路".repeat(10_000);
    for (text, within, category, wanted) in [
        ("", "420682", "5", "empty"),
        ("   ", "420682", "5", "empty"),
        (long.as_str(), "420682", "5", "10000 characters"),
        ("友谊😀路", "420682", "5", "U+1F600"),
        ("友谊\u{1}路", "420682", "5", "U+0001"),
        ("友谊路", "420682", "9", "wanted 1 to 8"),
        ("友谊路", "420682", "castle", "wanted 1 to 8"),
        ("友谊路", "420683", "5", "no unit"),
        ("友谊路", "42068x", "5", "division code"),
    ] {
        let run = desk.run(&[
            "names",
            "check",
            text,
            "--within",
            within,
            "--category",
            category,
        ]);
        run.expect(2);
        assert!(run.stderr().contains(wanted), "{wanted}: {}", run.stderr());
        assert!(run.stdout().is_empty());
    }
    for arguments in [
        &["names", "audit", "nowhere.txt"][..],
        &["names", "show", "app@none"],
        &["names", "approve", "app@none", "--document", "1"],
        &[
            "names",
            "retire",
            "n-none",
            "--reason",
            "x",
            "--document",
            "1",
        ],
        &["names", "report", "--within", "420683"],
        &["names", "list", "--state", "lost"],
    ] {
        desk.run(arguments).expect(2);
    }
}

#[test]
fn an_application_goes_through_the_desk_on_the_command_line() {
    let desk = county();
    for (user, role) in [("zhang", "editor"), ("wang", "reviewer"), ("li", "viewer")] {
        desk.run(&["user", "add", user, "--role", role, "--division", "420682"])
            .expect(0);
    }
    let file = desk.file("form.json", form(&json!({})).to_string());
    let file = file.display().to_string();
    desk.run(&["names", "apply", &file, "--as", "li"]).expect(2);
    let applied = desk
        .run(&["names", "apply", &file, "--as", "zhang", "--format", "json"])
        .json(0);
    let id = applied["application"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert_eq!(applied["application"]["state"], "applied");
    assert_eq!(applied["application"]["generic"], "路");
    // A pending application is seen by the next one.
    let second = desk.run(&[
        "names",
        "check",
        "和平路",
        "--within",
        "420682",
        "--category",
        "5",
        "--format",
        "json",
    ]);
    assert_eq!(second.json(1)["findings"][0]["rule"], "NAM-19");

    let step = |arguments: &[&str], status: i32| {
        let mut all = vec!["names"];
        all.extend(arguments);
        desk.run(&all).expect(status).stderr()
    };
    // Not out of turn, not by whoever applied, not without the right.
    step(&["approve", &id, "--document", "1", "--as", "wang"], 2);
    assert!(step(&["review", &id, "--accept", "--as", "zhang"], 2).contains("zhang"));
    step(&["review", &id, "--return", "--as", "wang"], 2);
    step(
        &[
            "review",
            &id,
            "--return",
            "--note",
            "补规模",
            "--as",
            "wang",
        ],
        0,
    );
    step(&["amend", &id, &file, "--as", "zhang"], 0);
    step(&["review", &id, "--accept", "--as", "wang"], 0);
    step(
        &[
            "approve",
            &id,
            "--document",
            "河政函〔2026〕1号",
            "--on",
            "2026-01-05",
            "--as",
            "wang",
        ],
        0,
    );
    // Approved long ago: the filing and the announcement are overdue.
    let overdue = desk
        .run(&["names", "list", "--overdue", "--format", "json"])
        .json(1);
    assert_eq!(overdue[0]["clock"]["file_by"], "2026-01-20");
    assert_eq!(
        desk.run(&["export", "names"]).json(0)["features"]
            .as_array()
            .map(Vec::len),
        Some(3)
    );
    step(&["publish", &id, "--as", "wang"], 0);
    step(&["file", &id, "--on", "2026-01-15", "--as", "zhang"], 0);
    desk.run(&["names", "list", "--overdue"]).expect(0);

    let entry = id.replace("app@", "n-");
    let history = desk.run(&["history", &format!("names/{entry}")]).stdout();
    let made: Value = serde_json::from_str(history.trim()).expect("one version");
    assert_eq!(made["by"], "wang");
    let properties = &made["after"]["properties"];
    for (fact, value) in [
        ("name", "和平路"),
        ("pinyin", "Hépíng Lù"),
        ("division", "420682001"),
        ("position", "东起友谊路，西至汉江"),
        ("approved_on", "2026-01-05"),
    ] {
        assert_eq!(properties["announcement"][fact], value);
    }
    assert!(properties["announcement"]["authority"].is_string());
    assert!(properties["extra"].is_null(), "the dossier stays inside");
    let shown = desk.run(&["names", "show", &id]).json(0);
    let steps: Vec<&str> = shown["log"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry["step"].as_str())
        .collect();
    assert_eq!(
        steps,
        [
            "apply", "return", "amend", "accept", "approve", "publish", "file"
        ]
    );
    step(&["reject", &id, "--reason", "x"], 2);
    desk.run(&["verify"]).expect(0);
}

#[test]
fn renaming_keeps_the_old_name_and_heritage_is_locked() {
    let desk = county();
    let rename = |target: &str, text: &str, more: &[&str]| {
        let mut all = vec!["names", "apply", "--target", target, "--name", text];
        all.extend([
            "--plan",
            "更名",
            "--reasons",
            "道路改建",
            "--position",
            "城东",
        ]);
        all.extend(["--format", "json"]);
        all.extend(more);
        desk.run(&all)
    };
    let through = |id: &str, document_status: i32| {
        desk.run(&["names", "review", id, "--accept"]).expect(0);
        desk.run(&["names", "approve", id, "--document", "2"])
            .expect(document_status);
    };
    let street = rename("n-street", "和睦路", &[]).json(0);
    let id = street["application"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    through(&id, 0);
    desk.run(&["names", "publish", &id]).expect(0);
    let export = desk
        .run(&["export", "names", "--filter", "id = 'n-street'"])
        .json(0);
    let properties = &export["features"][0]["properties"];
    assert_eq!(properties["name"], "和睦路");
    assert_eq!(properties["aliases"][0]["name"], "友谊路");
    assert_eq!(properties["aliases"][0]["from"], "2022-06-01");
    // The old name is found in texts from now on.
    let text = desk.file("notice.txt", "通知：\n请到友谊路 3 号。\n");
    let text = text.display().to_string();
    let hits = desk
        .run(&[
            "names", "audit", &text, "--within", "420682", "--format", "json",
        ])
        .json(1);
    assert_eq!(hits["hits"][0]["how"], "former");
    assert_eq!(hits["hits"][0]["standard"][0]["name"], "和睦路");
    assert_eq!(
        (&hits["hits"][0]["line"], &hits["hits"][0]["column"]),
        (&json!(2), &json!(3))
    );

    let tower = rename("n-tower", "观江楼", &[]).json(1);
    assert_eq!(tower["check"]["findings"][0]["rule"], "NAM-17");
    let id = tower["application"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    through(&id, 2);
    desk.run(&["names", "reject", &id, "--reason", "地名文化遗产"])
        .expect(0);
    desk.run(&[
        "names",
        "retire",
        "n-tower",
        "--reason",
        "拆除",
        "--document",
        "3",
    ])
    .expect(2);
    desk.run(&[
        "names",
        "retire",
        "n-river",
        "--reason",
        "并入",
        "--document",
        "3",
        "--on",
        "2026-02-01",
    ])
    .expect(0);
    let river = desk
        .run(&["export", "names", "--all", "--filter", "id = 'n-river'"])
        .json(0);
    let properties = &river["features"][0]["properties"];
    assert_eq!(properties["status"], "retired");
    assert_eq!(properties["valid_to"], "2026-02-01");
}

#[test]
fn texts_tables_and_signs_are_searched() {
    let desk = county();
    let table = desk.file(
        "addresses.csv",
        "no,address\n1,友谊路1号\n2,\"汉水边，友宜路\"\n",
    );
    let table = table.display().to_string();
    let run = desk.run(&[
        "names", "audit", &table, "--column", "address", "--within", "420682", "--format", "csv",
    ]);
    let rows = run.expect(1).stdout();
    assert_eq!(rows.lines().count(), 3, "{rows}");
    assert!(rows.contains("汉水,alias,汉江") && rows.contains("友宜路,homophone,友谊路"));
    desk.run(&["names", "audit", &table, "--column", "street"])
        .expect(2);
    let signs = desk
        .run(&["names", "audit", "--signs", "--format", "json"])
        .json(1);
    assert_eq!(signs["count"], 1);
    assert_eq!(signs["hits"][0]["sign"], "s-2");
    // A text in GB 18030 is read as well.
    let gbk = desk.file("gbk.txt", [0xba, 0xba, 0xcb, 0xae]);
    let gbk = gbk.display().to_string();
    desk.run(&["names", "audit", &gbk, "--within", "420682"])
        .expect(1);
    let clean = desk.file("clean.txt", "汉江边的友谊路");
    let clean = clean.display().to_string();
    desk.run(&["names", "audit", &clean, "--within", "420682"])
        .expect(0);
    let report = desk
        .run(&["names", "report", "--within", "420682", "--format", "json"])
        .json(0);
    let row = &report["rows"][0];
    assert_eq!(
        (&row["code"], &row["names"]),
        (&json!("420682001"), &json!(3))
    );
    assert_eq!(
        (&row["sign_faulty"], &row["sign_missing"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(report["rows"][1]["code"], "420682102");
    let page = desk.run(&["names", "report", "--within", "420682", "--format", "html"]);
    assert!(page.expect(0).stdout().starts_with("<!doctype html>"));
}

/// A complete import retires what the file does not hold, and what is retired is public: an
/// application must not be among it.
#[test]
fn a_complete_import_leaves_applications_alone() {
    let desk = county();
    let file = desk.file("form.json", form(&json!({"name": "隐秘路"})).to_string());
    let file = file.display().to_string();
    let applied = desk
        .run(&["names", "apply", &file, "--format", "json"])
        .json(0);
    let id = applied["application"]["id"].as_str().expect("an id");
    let whole = json!({"type": "FeatureCollection", "features": [name("n-street", "友谊路", 5, &json!({}))]});
    let whole = desk.file("whole.geojson", whole.to_string());
    let whole = whole.display().to_string();
    let report = desk
        .run(&[
            "import",
            "names",
            &whole,
            "--complete",
            "--within",
            "420682",
            "--report",
            "json",
        ])
        .json(0);
    assert_eq!(report["retired"], 2, "the river and the tower");
    assert_eq!(desk.run(&["names", "show", id]).json(0)["state"], "applied");
    let server = desk.serve(&[]);
    let public = Clerk {
        server: &server,
        bearer: None,
    };
    the_public_sees_nothing(&server, &public, id, "隐秘路");
    assert_eq!(server.stop(), 0);
}

struct Clerk<'s> {
    server: &'s Server,
    bearer: Option<String>,
}

impl Clerk<'_> {
    fn send(
        &self,
        method: &str,
        path: &str,
        version: Option<&str>,
        body: Option<&Value>,
    ) -> Answer {
        let mut headers = vec![("content-type", "application/json")];
        if let Some(bearer) = &self.bearer {
            headers.push(("authorization", bearer));
        }
        if let Some(version) = version {
            headers.push(("if-match", version));
        }
        let body = body.map(|body| body.to_string().into_bytes());
        self.server.send(method, path, &headers, body.as_deref())
    }

    #[track_caller]
    fn expect(
        &self,
        status: u16,
        method: &str,
        path: &str,
        version: Option<&str>,
        body: Option<&Value>,
    ) -> Answer {
        let answer = self.send(method, path, version, body);
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        if status >= 400 {
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json")
            );
        }
        answer
    }
}

#[test]
fn the_desk_over_http_keeps_roles_apart_and_the_public_out() {
    let desk = county();
    let token = |user: &str, role: &str, division: &str| {
        let run = desk.run(&["user", "add", user, "--role", role, "--division", division]);
        Some(format!("Bearer {}", run.expect(0).stdout().trim()))
    };
    let bearers = [
        token("zhang", "editor", "420682"),
        token("wang", "reviewer", "420682"),
        token("zhao", "reviewer", "420682"),
        token("li", "viewer", "420682"),
        token("chen", "admin", "420625"),
        None,
    ];
    let server = desk.serve(&[]);
    let [editor, reviewer, other, viewer, stranger, public] = bearers.map(|bearer| Clerk {
        server: &server,
        bearer,
    });
    let applications = "/v1/applications";

    public.expect(404, "GET", applications, None, None);
    public.expect(404, "POST", applications, None, Some(&form(&json!({}))));
    viewer.expect(403, "POST", applications, None, Some(&form(&json!({}))));
    stranger.expect(403, "POST", applications, None, Some(&form(&json!({}))));
    let lacking = editor.expect(
        400,
        "POST",
        applications,
        None,
        Some(&form(&json!({"plan": " "}))),
    );
    assert_eq!(lacking.json()["errors"][0]["path"], "/plan");
    for fault in [
        json!({"name": ""}),
        json!({"name": "友谊😀路"}),
        json!({"category": 12}),
        json!({"division": "420682999"}),
        json!({"colour": 1}),
        json!({"kind": "renaming"}),
    ] {
        editor.expect(400, "POST", applications, None, Some(&form(&fault)));
    }

    let made = editor.expect(
        201,
        "POST",
        applications,
        None,
        Some(&form(&json!({"name": "隐秘路"}))),
    );
    let id = made.json()["application"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let path = format!("{applications}/{id}");
    assert!(
        made.header("location")
            .is_some_and(|at| at.ends_with(&path))
    );
    let mut version = made.header("etag").expect("a version").to_owned();

    the_public_sees_nothing(&server, &public, &id, "隐秘路");
    stranger.expect(404, "GET", &path, None, None);
    assert_eq!(
        viewer.expect(200, "GET", &path, None, None).json()["state"],
        "applied"
    );
    let shown = viewer.expect(200, "GET", &path, None, None).json();
    assert_eq!(shown["verdict"]["findings"], json!([]), "{shown}");
    let listed = viewer.expect(200, "GET", applications, None, None).json();
    assert_eq!(listed["number_matched"], 1);
    assert_eq!(
        stranger.expect(200, "GET", applications, None, None).json()["number_matched"],
        0
    );
    viewer.expect(400, "GET", "/v1/applications?state=lost", None, None);
    viewer.expect(400, "GET", "/v1/applications?colour=red", None, None);
    // Not through the back door either.
    let patch = json!({"properties": {"status": "published", "extra": null}});
    let item = format!("/ogc/collections/names/items/{id}");
    reviewer.expect(409, "PATCH", &item, Some("*"), Some(&patch));

    let step = |clerk: &Clerk<'_>, word: &str, version: &str, body: Value, status: u16| {
        let answer = clerk.expect(
            status,
            "POST",
            &format!("{path}/{word}"),
            Some(version),
            Some(&body),
        );
        answer.header("etag").unwrap_or_default().to_owned()
    };
    let accept = json!({"decision": "accept"});
    reviewer.expect(428, "POST", &format!("{path}/review"), None, Some(&accept));
    public.expect(
        404,
        "POST",
        &format!("{path}/review"),
        Some(&version),
        Some(&accept),
    );
    step(
        &reviewer,
        "approve",
        &version,
        json!({"document": "1"}),
        409,
    );
    step(&editor, "review", &version, accept.clone(), 403);
    step(&viewer, "review", &version, accept.clone(), 403);
    step(&reviewer, "review", "\"v99\"", accept.clone(), 412);
    step(
        &reviewer,
        "review",
        &version,
        json!({"decision": "maybe"}),
        400,
    );
    step(
        &reviewer,
        "review",
        &version,
        json!({"decision": "return"}),
        400,
    );
    step(&reviewer, "burn", &version, json!({}), 404);
    let old = version.clone();
    version = step(&reviewer, "review", &version, accept.clone(), 200);
    step(&other, "approve", &old, json!({"document": "1"}), 412);
    step(&reviewer, "approve", &version, json!({}), 400);
    step(
        &reviewer,
        "approve",
        &version,
        json!({"document": "1", "on": "2999-01-01"}),
        400,
    );
    version = step(
        &reviewer,
        "approve",
        &version,
        json!({"document": "河政函〔2026〕1号"}),
        200,
    );
    the_public_sees_nothing(&server, &public, &id, "隐秘路");
    step(&editor, "publish", &version, json!({}), 403);
    step(&other, "publish", &version, json!({}), 200);

    let entry = id.replace("app@", "n-");
    let shown = public
        .expect(200, "GET", &format!("/v1/names/{entry}"), None, None)
        .json();
    assert_eq!(shown["properties"]["announcement"]["name"], "隐秘路");
    assert_eq!(shown["properties"]["name_status"], "published");
    let found = public
        .expect(
            200,
            "GET",
            &format!("/v1/search?q={}", percent("隐秘路")),
            None,
            None,
        )
        .json();
    assert_eq!(found["features"][0]["properties"]["id"], entry.as_str());
    the_reviewer_does_not_approve_his_own(&reviewer, &other);
    checks_over_http(&public, &viewer);
    assert_eq!(server.stop(), 0);
}

fn the_reviewer_does_not_approve_his_own(reviewer: &Clerk<'_>, other: &Clerk<'_>) {
    let made = reviewer.expect(
        201,
        "POST",
        "/v1/applications",
        None,
        Some(&form(&json!({"name": "毛泽东路"}))),
    );
    let body = made.json();
    assert_eq!(body["check"]["findings"][0]["rule"], "NAM-02");
    let path = format!(
        "/v1/applications/{}",
        body["application"]["id"].as_str().expect("an id")
    );
    let version = made.header("etag").expect("a version");
    let accept = json!({"decision": "accept"});
    reviewer.expect(
        403,
        "POST",
        &format!("{path}/review"),
        Some(version),
        Some(&accept),
    );
    let next = other.expect(
        200,
        "POST",
        &format!("{path}/review"),
        Some(version),
        Some(&accept),
    );
    let version = next.header("etag").expect("a version");
    let document = json!({"document": "1"});
    reviewer.expect(
        403,
        "POST",
        &format!("{path}/approve"),
        Some(version),
        Some(&document),
    );
    let refused = other.expect(
        409,
        "POST",
        &format!("{path}/approve"),
        Some(version),
        Some(&document),
    );
    assert!(
        refused.json()["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("NAM-02"))
    );
    // Another may not take it back, whoever applied may.
    other.expect(
        403,
        "POST",
        &format!("{path}/withdraw"),
        Some(version),
        None,
    );
    reviewer.expect(
        200,
        "POST",
        &format!("{path}/withdraw"),
        Some(version),
        None,
    );
}

fn checks_over_http(public: &Clerk<'_>, viewer: &Clerk<'_>) {
    let check = |clerk: &Clerk<'_>, text: &str, status: u16| {
        let path = format!(
            "/v1/names/check?name={}&within=420682&category=5",
            percent(text)
        );
        clerk.expect(status, "GET", &path, None, None).json()
    };
    assert_eq!(
        check(public, "友谊路", 200)["findings"][0]["evidence"][0]["id"],
        "n-street"
    );
    assert_eq!(check(public, "和顺路", 200)["findings"], json!([]));
    let long = "路".repeat(2_000);
    for text in ["", " ", "友谊😀路", "友\u{0}路", long.as_str()] {
        let problem = check(public, text, 400);
        assert_eq!(problem["errors"][0]["path"], "name", "{problem}");
    }
    for query in [
        "name=a&within=420683&category=5",
        "name=a&within=4&category=5",
        "name=a&within=420682&category=0",
        "name=a&within=420682",
        "name=a&within=420682&category=5&x=1",
    ] {
        public.expect(400, "GET", &format!("/v1/names/check?{query}"), None, None);
    }
    assert_eq!(
        check(viewer, "友宜路", 200)["findings"][0]["evidence"][0]["how"],
        "same_sound"
    );
}

/// Neither by its identifier nor by its name, in no collection, tile, search or feed.
fn the_public_sees_nothing(server: &Server, public: &Clerk<'_>, id: &str, text: &str) {
    for path in [
        format!("/v1/names/{id}"),
        format!("/ogc/collections/names/items/{id}"),
        format!("/v1/applications/{id}"),
    ] {
        public.expect(404, "GET", &path, None, None);
    }
    let q = percent(text);
    for path in [
        "/ogc/collections/names/items?limit=1000".to_owned(),
        "/v1/changes?limit=10000".to_owned(),
        format!("/v1/search?q={q}"),
        format!("/v1/autocomplete?q={q}"),
        format!("/v1/names/check?name={q}&within=420682&category=5&lon=111.68&lat=32.39"),
        "/v1/reverse?lon=111.68&lat=32.39".to_owned(),
    ] {
        let answer = server.get(&path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let body = answer.text();
        assert!(!body.contains(id), "{path}: {body}");
        // The check says the name that it was asked for, and nothing else of it.
        if path.contains("/check") {
            assert_eq!(answer.json()["findings"], json!([]), "{body}");
        } else if !path.contains("q=") {
            assert!(!body.contains(text), "{path}: {body}");
        }
    }
    let tile = server.get("/tiles/base/14/13274/6622");
    assert!(!String::from_utf8_lossy(&tile.body).contains(text));
}

fn percent(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |out, byte| out + &format!("%{byte:02X}"))
}
