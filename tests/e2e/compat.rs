//! Clients of other services, unchanged: geopy's Photon and Nominatim, an OpenRefine-like session.

use std::process::Command;

use serde_json::{Value, json};
use zhifang_tests::{Answer, Desk, Server, data, percent, project_root};

/// Units above Laohekou, which the county's own files do not hold.
const ABOVE: &str = "code,name\n420000,湖北省\n410000,河南省\n420600,襄阳市\n420300,十堰市\n411300,南阳市\n420684,宜城市\n";

/// One register and one server for all of them.
#[test]
fn existing_clients_work_unchanged() {
    let desk = Desk::new();
    let above = desk.file("above.csv", ABOVE);
    let import = |collection: &str, file: &std::path::Path| {
        let file = file.to_str().expect("a path in UTF-8");
        let run = desk.run(&["import", collection, file]);
        assert!(run.status() <= 1, "{}", run.stderr());
    };
    import("divisions", &above);
    for file in ["laohekou_and_neighbours", "townships", "villages"] {
        import("divisions", &data(&format!("laohekou/{file}.geojson")));
    }
    import("names", &data("laohekou/names.geojson"));
    let server = desk.serve(&[]);
    geopy_is_content(&server);
    photon_answers_in_its_form(&server);
    nominatim_answers_in_all_its_formats(&server);
    nominatim_knows_a_place_by_its_number(&server);
    the_manifest_says_what_there_is(&server);
    a_table_is_reconciled_and_extended(&server);
    certainty_is_not_invented(&server);
    bad_input_is_refused_in_the_form_of_the_interface(&server);
    caching_and_cross_origin_hold_here_too(&server);
    the_document_lists_them(&server);
    what_ended_gives_way_to_what_took_its_place(&desk, &server);
    assert_eq!(server.stop(), 0);
}

fn geopy_is_content(server: &Server) {
    let root = project_root();
    let python = root.join(".tools/clients/bin/python");
    assert!(
        python.exists(),
        "geopy is not installed: run `scripts/setup test` first"
    );
    let host = server.url.strip_prefix("http://").expect("a plain address");
    let output = Command::new(python)
        .arg(root.join("tests/clients/geocoders.py"))
        .arg(host)
        .output()
        .expect("python starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn photon_answers_in_its_form(server: &Server) {
    let answer = server.json(&format!("/api/?q={}&unknown=1", percent("老河口市")));
    assert_eq!(answer["type"], "FeatureCollection");
    let feature = &answer["features"][0];
    assert_eq!(feature["geometry"]["type"], "Point");
    let properties = &feature["properties"];
    for (key, value) in [
        ("osm_type", json!("R")),
        ("osm_id", json!(420_682)),
        ("osm_key", json!("place")),
        ("osm_value", json!("county")),
        ("type", json!("county")),
        ("name", json!("老河口市")),
        ("city", json!("襄阳市")),
        ("state", json!("湖北省")),
        ("country", json!("中国")),
        ("countrycode", json!("CN")),
    ] {
        assert_eq!(properties[key], value, "{key}: {feature}");
    }
    let extent: Vec<f64> = numbers(&properties["extent"]);
    assert!(
        extent[0] < extent[2] && extent[1] > extent[3],
        "west, north, east, south: {extent:?}"
    );
    // Half typed; only towns; in English.
    let towns = server.json("/api?q=lilou&layer=district&lang=en&limit=50");
    let towns = list(&towns["features"]);
    assert_eq!(towns[0]["properties"]["name"], "Lilou Zhen");
    assert!(
        towns
            .iter()
            .all(|town| town["properties"]["type"] == "district")
    );
    let here = server.json("/reverse?lat=32.3387&lon=111.7319&limit=50&radius=3");
    let kinds: Vec<&str> = list(&here["features"])
        .iter()
        .filter_map(|place| place["properties"]["type"].as_str())
        .collect();
    assert!(
        kinds.contains(&"locality") && kinds.contains(&"district"),
        "{kinds:?}"
    );
    let sea = server.json("/reverse?lat=10&lon=150");
    assert_eq!(sea["features"], json!([]));
    let ours = server.json("/v1/reverse?lat=32.3387&lon=111.7319");
    assert!(ours["divisions"].is_array(), "ours is still ours");
}

fn nominatim_answers_in_all_its_formats(server: &Server) {
    let query = format!(
        "/nominatim/search?q={}&limit=1&addressdetails=1&format=",
        percent("李楼镇")
    );
    let ask = |format: &str| server.get(&format!("{query}{format}"));
    let v2 = ask("jsonv2").json();
    assert_eq!(v2[0]["category"], "boundary");
    assert!(v2[0]["lat"].is_string() && v2[0]["boundingbox"][0].is_string());
    assert_eq!(v2[0]["address"]["town"], "李楼镇");
    assert_eq!(ask("json").json()[0]["class"], "boundary");
    let feature = &ask("geojson").json()["features"][0];
    assert_eq!(feature["properties"]["place_id"], 420_682_106);
    let bbox = numbers(&feature["bbox"]);
    assert!(bbox[0] < bbox[2] && bbox[1] < bbox[3]);
    let geocoding = ask("geocodejson").json();
    assert_eq!(geocoding["geocoding"]["query"], "李楼镇");
    let properties = &geocoding["features"][0]["properties"]["geocoding"];
    assert_eq!(properties["county"], "老河口市");
    assert_eq!(properties["admin"]["level4"], "湖北省");
    let xml = ask("xml");
    assert_eq!(xml.header("content-type"), Some("text/xml; charset=utf-8"));
    let text = xml.text();
    assert!(text.contains("<place place_id=\"420682106\"") && text.contains("<town>李楼镇</town>"));
    let reverse = "/nominatim/reverse.php?lat=32.3387&lon=111.7319&zoom=12";
    let xml = server.get(reverse).text();
    assert!(xml.contains("<addressparts><town>李楼镇</town>"), "{xml}");
    assert_eq!(
        server.json(&format!("{reverse}&format=json"))["name"],
        "李楼镇"
    );
    let nowhere = "/nominatim/reverse?lat=10&lon=150";
    assert!(
        server
            .get(nowhere)
            .text()
            .contains("<error>Unable to geocode</error>")
    );
    assert_eq!(
        server.json(&format!("{nowhere}&format=jsonv2")),
        json!({"error": "Unable to geocode"})
    );
    assert_eq!(server.get("/nominatim/status").text(), "OK");
    let status = server.json("/nominatim/status.php?format=json");
    assert_eq!(
        (&status["status"], &status["message"]),
        (&json!(0), &json!("OK"))
    );
    assert!(status["data_updated"].is_string());
    let call = server.get(&format!("{query}json&json_callback=app.found"));
    assert!(call.text().starts_with("/**/app.found([{"));
    // A position in the box of words, latitude first.
    let pasted = server.json(&format!(
        "/nominatim/search?q={}",
        percent("32.3387, 111.7319")
    ));
    assert_eq!(list(&pasted).len(), 1);
}

fn nominatim_knows_a_place_by_its_number(server: &Server) {
    let found = server.json(&format!("/nominatim/search?q={}", percent("老河口")));
    let ids: Vec<u64> = list(&found)
        .iter()
        .filter_map(|place| place["place_id"].as_u64())
        .collect();
    let name = *ids.iter().find(|id| **id > 1 << 40).expect("a name");
    assert!(name < 1 << 63);
    let looked_up = server.json(&format!(
        "/nominatim/lookup?format=jsonv2&osm_ids=R420682,N{name},n-420682001001,420682106,W1,x"
    ));
    let again: Vec<&Value> = list(&looked_up)
        .iter()
        .map(|place| &place["place_id"])
        .collect();
    assert_eq!(again.len(), 4, "{looked_up}");
    assert_eq!((again[0], again[1]), (&json!(420_682), &json!(name)));
    assert!(looked_up[0]["address"].is_object(), "addresses by default");
    // A client that keeps numbers as floats gives the number back rounded.
    let rounded = format!("{}", name as f64);
    let page = server.json(&format!(
        "/nominatim/search?q={}&exclude_place_ids=420682,{rounded}",
        percent("老河口")
    ));
    for place in list(&page) {
        assert!(
            place["place_id"] != name && place["place_id"] != 420_682,
            "{place}"
        );
    }
    let by_rounded = server.json(&format!("/nominatim/lookup?format=json&osm_ids=N{rounded}"));
    assert_eq!(by_rounded[0]["place_id"], name);
}

fn the_manifest_says_what_there_is(server: &Server) {
    let manifest = server.json("/reconcile");
    assert!(list(&manifest["versions"]).contains(&json!("0.2")));
    for field in [
        "name",
        "identifierSpace",
        "schemaSpace",
        "documentation",
        "serviceVersion",
    ] {
        assert!(
            manifest[field]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{field}"
        );
    }
    for kind in list(&manifest["defaultTypes"]) {
        assert!(kind["id"].is_string() && kind["name"].is_string());
    }
    assert!(
        manifest["batchSize"]
            .as_u64()
            .is_some_and(|size| size >= 10)
    );
    for template in [&manifest["view"]["url"], &manifest["preview"]["url"]] {
        assert!(template.as_str().is_some_and(|url| url.contains("{{id}}")));
    }
    assert!(manifest["preview"]["width"].is_u64() && manifest["preview"]["height"].is_u64());
    for what in ["entity", "type", "property"] {
        let suggest = &manifest["suggest"][what];
        assert!(suggest["service_url"].is_string() && suggest["service_path"].is_string());
        let flyout = suggest["flyout_service_path"].as_str();
        assert!(flyout.is_some_and(|path| path.contains("${id}")), "{what}");
    }
    for setting in list(&manifest["extend"]["property_settings"]) {
        for field in ["name", "label", "type"] {
            assert!(setting[field].is_string(), "{setting}");
        }
    }
}

/// What OpenRefine does with a table, one request after another, by what the manifest says.
fn a_table_is_reconciled_and_extended(server: &Server) {
    let manifest = server.json("/reconcile");
    let path = |service: &Value, part: &str| {
        let url = format!(
            "{}{}",
            service["service_url"].as_str().unwrap_or_default(),
            service[part].as_str().unwrap_or_default()
        );
        url.strip_prefix(&server.url)
            .expect("an address of this server")
            .to_owned()
    };
    // Which types are in a sample of the column?
    let types = server.json(&format!(
        "{}?prefix={}",
        path(&manifest["suggest"]["type"], "service_path"),
        percent("乡级")
    ));
    assert_eq!(types["result"][0]["id"], "township");
    assert_eq!(types["result"][0]["broader"][0]["id"], "division");
    let properties = path(&manifest["suggest"]["property"], "service_path");
    let properties = server.json(&format!("{properties}?prefix=with"));
    assert_eq!(properties["result"][0]["id"], "within");
    let queries = json!({
        "q0": {"query": "李楼镇", "type": "township", "type_strict": "should", "limit": 5,
            "properties": [{"pid": "within", "v": {"id": "420682", "name": "老河口市"}}]},
        "q1": {"query": "薛集", "type": ["township"], "properties": [{"pid": "within", "v": "湖北老河口"}]},
        "q2": {"query": "汉江", "type": "name"},
        "q3": {"query": "420682106"},
        "q4": {"query": "", "limit": 3},
        "q5": {"query": "😀\u{0}", "type": "Q515"},
    });
    let answer = post(server, &[("queries", &queries.to_string())]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let results = answer.json();
    let top = |key: &str| results[key]["result"][0].clone();
    assert_eq!(top("q0")["id"], "420682106");
    assert_eq!(top("q0")["match"], true, "{}", top("q0"));
    assert_eq!(top("q1")["name"], "薛集镇");
    assert_eq!(top("q2")["name"], "汉江");
    assert_eq!(top("q3")["id"], "420682106");
    assert_eq!(results["q4"], json!({"result": []}));
    assert_eq!(results["q5"], json!({"result": []}));
    for candidate in results
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(_, one)| list(&one["result"]))
    {
        assert!(
            candidate["score"]
                .as_f64()
                .is_some_and(|score| (0.0..=100.0).contains(&score))
        );
        assert!(candidate["match"].is_boolean() && candidate["description"].is_string());
        assert!(!list(&candidate["type"]).is_empty());
        for feature in list(&candidate["features"]) {
            assert!(feature["value"].is_boolean() || feature["value"].is_number());
        }
    }
    // The same by GET, under the other name of the form, and as one query.
    let by_get = server.json(&format!(
        "/reconcile?queries={}",
        percent(&queries.to_string())
    ));
    assert_eq!(by_get, results);
    let form = format!("queries={}", percent(&queries.to_string()));
    let kind = ("content-type", "multipart/x-www-form-urlencoded");
    let other = server.send("POST", "/reconcile", &[kind], Some(form.as_bytes()));
    assert_eq!(other.json(), results);
    let single = server.json(&format!("/reconcile?query={}", percent("老河口市")));
    assert_eq!(single["result"][0]["id"], "420682");
    let called = server.get("/reconcile?callback=jsonp1");
    assert!(called.text().starts_with("/**/jsonp1({"));
    // A person looks at a candidate, and searches for another.
    let id = "n-420682001001";
    let preview = manifest["preview"]["url"].as_str().unwrap_or_default();
    let preview = preview.replace("{{id}}", id).replace(&server.url, "");
    let page = server.get(&preview);
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"))
    );
    assert!(page.text().contains("小东门社区"));
    let view = manifest["view"]["url"].as_str().unwrap_or_default();
    let view = server.get(&view.replace("{{id}}", id).replace(&server.url, ""));
    assert_eq!(view.status, 303);
    let page = view
        .header("location")
        .unwrap_or_default()
        .replace(&server.url, "");
    assert_eq!(server.get(&page).status, 200, "{page}");
    let suggest = path(&manifest["suggest"]["entity"], "service_path");
    let first = server.json(&format!("{suggest}?prefix=li&limit=5"));
    let next = server.json(&format!("{suggest}?prefix=li&limit=5&cursor=5"));
    assert_eq!(list(&first["result"]).len(), 5);
    for entity in list(&first["result"]) {
        assert!(!list(&entity["notable"]).is_empty());
        assert!(!list(&next["result"]).contains(entity), "cursor skips");
    }
    for (what, id) in [
        ("entity", "420682"),
        ("type", "county"),
        ("property", "within"),
    ] {
        let template = path(&manifest["suggest"][what], "flyout_service_path");
        let flyout = server.json(&template.replace("${id}", id));
        assert_eq!(flyout["id"], id);
        assert!(
            flyout["html"]
                .as_str()
                .is_some_and(|html| html.contains(id)),
            "{flyout}"
        );
    }
    // The table gets columns.
    let proposals = path(&manifest["extend"]["propose_properties"], "service_path");
    let proposals = server.json(&format!("{proposals}?type=township&limit=50"));
    assert_eq!(proposals["type"], "township");
    let ids: Vec<&str> = list(&proposals["properties"])
        .iter()
        .filter_map(|property| property["id"].as_str())
        .collect();
    for wanted in ["county", "lon", "lat", "pinyin"] {
        assert!(ids.contains(&wanted), "{wanted}: {ids:?}");
    }
    let extend = json!({"ids": ["420682106", id, "nothing"], "properties": [
        {"id": "county"}, {"id": "province", "settings": {"lang": "en"}}, {"id": "lon"},
        {"id": "population"}, {"id": "valid_from"}, {"id": "within", "settings": {"limit": "1"}}, {"id": "colour"}]});
    let extended = post(server, &[("extend", &extend.to_string())]).json();
    let meta: Vec<&Value> = list(&extended["meta"])
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(meta.len(), 7);
    assert_eq!(extended["meta"][0]["type"]["id"], "county");
    let row = &extended["rows"][id];
    assert_eq!(row["county"], json!([{"id": "420682", "name": "老河口市"}]));
    assert_eq!(
        row["province"],
        json!([{"id": "420000", "name": "Hubei Sheng"}])
    );
    assert_eq!(row["lon"], json!([{"float": 111.706_009}]));
    assert_eq!(row["population"], json!([{"int": 7186}]));
    assert_eq!(
        row["valid_from"],
        json!([{"date": "2022-05-01T00:00:00+08:00"}])
    );
    assert_eq!(row["within"], json!([{"id": "420000", "name": "湖北省"}]));
    assert_eq!(row["colour"], json!([]));
    assert_eq!(extended["rows"]["nothing"]["lon"], json!([]));
}

fn certainty_is_not_invented(server: &Server) {
    let queries = json!({
        "exact": {"query": "湖北省襄阳市老河口市"},
        // A village and the name of its seat.
        "twins": {"query": "府洲", "limit": 10},
        "slip": {"query": "老河囗市李楼振"},
        "pinyin": {"query": "lilou"},
        "beside": {"query": "老河口市人民路12号"},
        "elsewhere": {"query": "李楼镇", "properties": [{"pid": "within", "v": "410000"}]},
    });
    let results = post(server, &[("queries", &queries.to_string())]).json();
    let matches = |key: &str| {
        let candidates = list(&results[key]["result"]);
        candidates.iter().filter(|one| one["match"] == true).count()
    };
    assert_eq!(matches("exact"), 1, "{}", results["exact"]);
    for key in ["twins", "slip", "pinyin", "beside", "elsewhere"] {
        assert_eq!(matches(key), 0, "{key}: {}", results[key]);
    }
}

fn bad_input_is_refused_in_the_form_of_the_interface(server: &Server) {
    let long = "a".repeat(10_000);
    let is_photon = |answer: &Answer| answer.json()["message"].is_string();
    let is_nominatim = |answer: &Answer| {
        let error = &answer.json()["error"];
        error["code"] == u64::from(answer.status) && error["message"].is_string()
    };
    let is_reconcile = |answer: &Answer| {
        let body = answer.json();
        body["status"] == "error" && body["message"].is_string()
    };
    for path in [
        "/api",
        "/api?q=",
        "/api?q=%20%00",
        "/api?q=a&limit=-1",
        "/api?q=a&limit=x",
        "/api?q=a&lat=abc&lon=1",
        "/api?q=a&lat=1",
        "/api?q=a&lat=91&lon=1",
        "/api?q=a&lang=xx",
        "/api?q=a&layer=castle",
        "/api?q=a&osm_tag=a:b:c",
        "/api?q=a&bbox=1,2,3",
        "/reverse",
        "/reverse?lat=1&lon=1&radius=-1",
        "/reverse?lat=NaN&lon=1",
        &format!("/api?q={long}"),
    ] {
        let answer = server.get(path);
        let shown = path.get(..60).unwrap_or(path);
        if path.contains("%00") {
            assert!(matches!(answer.status, 200 | 400), "{shown}");
            continue;
        }
        assert_eq!(answer.status, 400, "{shown}: {}", answer.text());
        assert!(is_photon(&answer), "{shown}: {}", answer.text());
    }
    for path in [
        "/nominatim/search",
        "/nominatim/search?q=a&city=b",
        "/nominatim/search?q=a&format=pdf",
        "/nominatim/search?q=a&limit=-1",
        "/nominatim/search?q=a&limit=ten",
        "/nominatim/search?q=a&viewbox=1,2",
        "/nominatim/search?q=a&layer=castle",
        "/nominatim/search?q=a&featureType=castle",
        "/nominatim/search?q=a&json_callback=a(",
        "/nominatim/reverse?format=json&lat=abc&lon=1",
        "/nominatim/reverse?format=json&lat=1",
        "/nominatim/reverse?format=json&lat=1&lon=200",
        "/nominatim/reverse?format=json&lat=inf&lon=1",
        &format!("/nominatim/search?q={long}"),
        &format!("/nominatim/lookup?format=json&osm_ids={}", "R1,".repeat(60)),
        "/nominatim/status?format=xml",
    ] {
        let answer = server.get(path);
        let shown = path.get(..60).unwrap_or(path);
        assert_eq!(answer.status, 400, "{shown}: {}", answer.text());
        assert!(is_nominatim(&answer), "{shown}: {}", answer.text());
    }
    let xml = server.get("/nominatim/reverse?lat=%3Cb%3E&lon=1");
    assert_eq!(xml.status, 400);
    assert_eq!(xml.header("content-type"), Some("text/xml; charset=utf-8"));
    assert!(xml.text().contains("<error><code>400</code><message>"));
    let batch: Value = (0..60)
        .map(|at| (format!("q{at}"), json!({"query": "a"})))
        .collect();
    for (form, status) in [
        ("queries=x".to_owned(), 400),
        ("queries=[]".to_owned(), 400),
        ("queries=".to_owned(), 400),
        (format!("queries={}", "[".repeat(10_000)), 400),
        (format!("queries={}", percent(&batch.to_string())), 413),
        ("queries={\"a\":{\"query\":{}}}".to_owned(), 400),
        (
            "queries={\"a\":{\"query\":\"a\",\"limit\":-1}}".to_owned(),
            400,
        ),
        ("extend={}".to_owned(), 400),
        ("extend={\"ids\":[1],\"properties\":[]}".to_owned(), 400),
        ("x".repeat(2 << 20), 413),
    ] {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let answer = server.send("POST", "/reconcile", &[kind], Some(form.as_bytes()));
        let shown = form.get(..40).unwrap_or(&form);
        assert_eq!(answer.status, status, "{shown}: {}", answer.text());
        assert!(is_reconcile(&answer), "{shown}: {}", answer.text());
    }
    let json = ("content-type", "application/json");
    let answer = server.send("POST", "/reconcile", &[json], Some(b"{}"));
    assert!(answer.status == 415 && is_reconcile(&answer));
    assert_eq!(server.get("/reconcile/preview?id=nothing").status, 404);
    assert!(is_reconcile(
        &server.get("/reconcile/suggest/entity?prefix=a&cursor=-1")
    ));
    // What the router refuses has the form of the interface too.
    for (path, has_form) in [
        ("/api", &is_photon as &dyn Fn(&Answer) -> bool),
        ("/nominatim/search", &is_nominatim),
        ("/reconcile/suggest/type", &is_reconcile),
    ] {
        let answer = server.send("POST", path, &[], Some(b"a"));
        assert_eq!(answer.status, 405, "{path}");
        assert!(
            answer.header("allow").is_some() && has_form(&answer),
            "{path}"
        );
        let stranger = ("authorization", "Bearer nobody");
        let answer = server.send("GET", &format!("{path}?q=a"), &[stranger], None);
        assert!(
            answer.status == 200 || answer.status == 401 && has_form(&answer),
            "{path}"
        );
    }
    // Words that mean nothing find nothing.
    for words in [
        "😀",
        "\u{0}\u{1b}",
        "' OR 1=1 --",
        "(a+)+$",
        "\u{fffd}",
        "ﷺ",
    ] {
        for path in [
            format!("/api?q={}", percent(words)),
            format!("/nominatim/search?q={}", percent(words)),
            format!("/nominatim/search?format=xml&q={}", percent(words)),
            format!("/reconcile/suggest/entity?prefix={}", percent(words)),
            format!("/reconcile?query={}", percent(words)),
        ] {
            let status = server.get(&path).status;
            assert!(matches!(status, 200 | 400), "{path}: {status}");
        }
    }
    assert_eq!(server.get("/api?q=%FF%FE").status, 200);
}

fn caching_and_cross_origin_hold_here_too(server: &Server) {
    let words = percent("老河口");
    for path in [
        format!("/api?q={words}"),
        format!("/nominatim/search?q={words}&format=xml"),
        "/reconcile".to_owned(),
        "/reconcile/preview?id=420682".to_owned(),
    ] {
        let origin = ("origin", "https://example.org");
        let answer = server.send("GET", &path, &[origin], None);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("*"),
            "{path}"
        );
        let tag = answer.header("etag").expect("a tag").to_owned();
        let again = server.send("GET", &path, &[("if-none-match", &tag)], None);
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        let gzip = server.send("GET", &path, &[("accept-encoding", "gzip")], None);
        assert_eq!(gzip.status, 200);
    }
}

fn the_document_lists_them(server: &Server) {
    let document = server.json("/openapi.json");
    for path in [
        "/api",
        "/reverse",
        "/nominatim/search",
        "/nominatim/reverse",
        "/nominatim/lookup",
        "/nominatim/status",
        "/reconcile",
        "/reconcile/preview",
        "/reconcile/suggest/entity",
        "/reconcile/extend/propose",
    ] {
        assert!(document["paths"][path]["get"].is_object(), "{path}");
    }
    assert!(document["paths"]["/reconcile"]["post"].is_object());
    assert_eq!(
        document["x-limits"]["reconcile_batch"],
        server.json("/reconcile")["batchSize"]
    );
}

/// A unit that has ended is not shown as if it stood.
fn what_ended_gives_way_to_what_took_its_place(desk: &Desk, server: &Server) {
    let file = desk.file(
        "ended.geojson",
        json!({"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null,
            "properties": {"code": "420682199", "name": "旧集镇", "status": "retired",
                "valid_to": "2003-01-01", "replaced_by": ["420682106"]}}]})
        .to_string(),
    );
    desk.run(&["import", "divisions", file.to_str().expect("a path")])
        .expect(0);
    let found = (0..100)
        .map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            server.json(&format!(
                "/nominatim/search?q={}",
                percent("老河口市旧集镇")
            ))
        })
        .find(|found| found[0]["place_id"] == 420_682_106);
    assert!(found.is_some(), "the successor stands for it");
    let query = json!({"a": {"query": "老河口市旧集镇"}}).to_string();
    let candidate = post(server, &[("queries", &query)]).json()["a"]["result"][0].clone();
    assert_eq!(
        candidate["id"], "420682199",
        "a table of old names wants the old unit"
    );
    assert_eq!(candidate["match"], false);
    let description = candidate["description"].as_str().unwrap_or_default();
    assert!(description.contains("2003-01-01"), "{candidate}");
}

fn post(server: &Server, form: &[(&str, &str)]) -> Answer {
    let body: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{name}={}", percent(value)))
        .collect();
    let kind = ("content-type", "application/x-www-form-urlencoded");
    server.send(
        "POST",
        "/reconcile",
        &[kind],
        Some(body.join("&").as_bytes()),
    )
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().filter_map(Value::as_f64).collect()
}
