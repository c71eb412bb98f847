//! Plans, packs and reports of a small county.

use std::collections::BTreeSet;
use std::sync::Arc;

use geo::{Geometry, LineString, Point};
use serde_json::{Value, json};
use zhifang_core::{Collection, Day, Lang, Record};
use zhifang_index::{Audience, Options, Snapshot};

use super::{DEFAULT_LEVELS, PlanQuery, plan};
use crate::error::FieldError;
use crate::pack::pack;
use crate::report::report;
use crate::round::Round;

fn line(id: &str, level: &str, sides: [&str; 2], lat: f64) -> Record {
    let mut record = Record::new(Collection::Boundaries, id, &format!("{id}界线"));
    let course = LineString::from(vec![(111.60, lat), (111.70, lat)]);
    record.geometry = Some(Arc::new(Geometry::LineString(course)));
    record.version = 1;
    record.fields.set("level", json!(level));
    record.fields.set("left", json!(sides[0]));
    record.fields.set("right", json!(sides[1]));
    record
}

fn marker(number: &str, of: &str, sides: &[&str], lon: f64, lat: f64, last: &str) -> Record {
    let mut record = Record::new(Collection::Markers, number, number);
    record.geometry = Some(Arc::new(Geometry::Point(Point::new(lon, lat))));
    record.version = 3;
    for (name, value) in [
        ("number", json!(number)),
        ("boundary", json!(of)),
        ("sides", json!(sides)),
        ("state", json!("missing")),
        ("keeper", json!(sides[0])),
        ("last_inspected", json!(last)),
    ] {
        record.fields.set(name, value);
    }
    record
}

fn county() -> Vec<Record> {
    let mut claim = Record::new(Collection::Claims, "c1", "主张线");
    claim.fields.set("boundary", json!("fresh"));
    claim.geometry = line("x", "county", ["420625", "420682"], 32.31).geometry;
    let mut bridge = Record::new(Collection::Structures, "x1", "<桥>");
    bridge.fields.set("boundary", json!("fresh"));
    bridge.fields.set(
        "consents",
        json!([{"unit": "420682", "date": "2019-05-08"}]),
    );
    bridge.geometry = Some(Arc::new(Geometry::Point(Point::new(111.65, 32.30))));
    let mut name = Record::new(Collection::Names, "n1", "汉江");
    name.geometry = Some(Arc::new(Geometry::Point(Point::new(111.65, 32.305))));
    let mut far = Record::new(Collection::Names, "n2", "远处");
    far.geometry = Some(Arc::new(Geometry::Point(Point::new(111.65, 32.39))));
    vec![
        Record::new(Collection::Divisions, "420625", "谷城县"),
        Record::new(Collection::Divisions, "420682", "老河口市"),
        line("fresh", "county", ["420625", "420682"], 32.30),
        line("stale", "county", ["420606", "420682"], 32.20),
        line(
            "villages",
            "village",
            ["420682101201", "420682101202"],
            32.10,
        ),
        line("elsewhere", "county", ["110101", "110102"], 39.90),
        marker(
            "f1",
            "fresh",
            &["420625", "420682"],
            111.62,
            32.30,
            "2024-05-01",
        ),
        marker(
            "f2",
            "fresh",
            &["420625", "420682"],
            111.68,
            32.30,
            "2025-05-01",
        ),
        // A tri-point numbered with another line's series.
        marker(
            "t1",
            "stale",
            &["420606", "420625", "420682"],
            111.60,
            32.30,
            "2016-01-01",
        ),
        marker(
            "s1",
            "stale",
            &["420606", "420682"],
            111.65,
            32.20,
            "2018-03-01",
        ),
        claim,
        bridge,
        name,
        far,
    ]
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn query(boundary: Option<&str>, year: i32) -> PlanQuery<'_> {
    PlanQuery {
        within: Some("420682".parse().unwrap()),
        boundary,
        year,
        levels: DEFAULT_LEVELS.to_vec(),
    }
}

#[test]
fn lines_that_are_due_are_planned_once_and_the_sides_lead_in_turn() {
    let mut records = county();
    let snapshot = Snapshot::build(records.clone(), 1, &Options::default());
    let view = snapshot.view(Audience::Staff);
    let today = day("2026-11-25");
    let first = plan(view, &query(None, 2026), today).unwrap();
    let ids: Vec<&str> = first.lines.iter().map(|one| &*one.inspection.id).collect();
    assert_eq!(ids, ["i-2026-stale"]);
    assert_eq!(
        (first.not_due, first.next_due),
        (1, Some(day("2029-05-01")))
    );
    let fields = &first.lines[0].inspection.fields;
    assert_eq!(fields.text("due"), Some("2021-01-01"));
    assert_eq!(fields.text("lead"), Some("420606"));
    assert!(first.lines[0].days_late > 5 * 365);
    // Planned again, it is the same one.
    let mut kept = first.writes().remove(0);
    kept.version = 1;
    records.push(kept.clone());
    let snapshot = Snapshot::build(records.clone(), 2, &Options::default());
    let again = plan(snapshot.view(Audience::Staff), &query(None, 2026), today).unwrap();
    assert_eq!(&*again.lines[0].inspection.id, "i-2026-stale");
    assert!(again.writes().is_empty());
    // Once it is closed, the other side leads the next round, five years on.
    records.pop();
    kept.fields.set("state", json!("closed"));
    kept.fields.set("report", json!({"date": "2026-12-01"}));
    records.push(kept);
    let snapshot = Snapshot::build(records, 3, &Options::default());
    let view = snapshot.view(Audience::Staff);
    assert!(
        plan(view, &query(None, 2026), today)
            .unwrap()
            .lines
            .is_empty()
    );
    let next = plan(view, &query(None, 2031), today).unwrap();
    let stale = next
        .lines
        .iter()
        .find(|one| &*one.line.id == "stale")
        .unwrap();
    assert_eq!(stale.inspection.fields.text("lead"), Some("420682"));
    assert_eq!(stale.inspection.fields.text("due"), Some("2031-12-01"));
    // An extra inspection of the same year (art. 12: after a disaster) has an id of its own.
    let extra = plan(view, &query(Some("stale"), 2026), today).unwrap();
    assert_eq!(&*extra.lines[0].inspection.id, "i-2026-stale-2");
}

#[test]
fn a_line_asked_for_by_id_must_be_there_and_touch_the_unit() {
    let snapshot = Snapshot::build(county(), 1, &Options::default());
    let view = snapshot.view(Audience::Staff);
    let today = day("2026-11-25");
    let ask = |id, year| plan(view, &query(Some(id), year), today);
    assert_eq!(ask("fresh", 2026).unwrap().lines.len(), 1);
    assert_eq!(ask("villages", 2026).unwrap().lines.len(), 1);
    assert!(matches!(
        ask("none", 2026),
        Err(FieldError::UnknownLine { .. })
    ));
    assert!(matches!(
        ask("elsewhere", 2026),
        Err(FieldError::OutOfScope { .. })
    ));
    assert!(matches!(ask("fresh", 12026), Err(FieldError::Year { .. })));
}

fn planned() -> Snapshot {
    let mut records = county();
    let snapshot = Snapshot::build(records.clone(), 1, &Options::default());
    let view = snapshot.view(Audience::Staff);
    let plan = plan(view, &query(Some("fresh"), 2026), day("2026-11-25")).unwrap();
    records.extend(plan.writes());
    Snapshot::build(records, 2, &Options::default())
}

#[test]
fn a_pack_holds_what_the_crew_needs_and_is_the_same_byte_by_byte() {
    let snapshot = planned();
    let view = snapshot.view(Audience::Staff);
    let round = Round::of(view, "i-2026-fresh").unwrap();
    let made = pack(view, &round, &|_| true);
    assert_eq!(made.to_string(), pack(view, &round, &|_| true).to_string());
    let features = made["features"].as_array().unwrap();
    let mut ids = BTreeSet::new();
    for feature in features {
        let properties = &feature["properties"];
        assert!(properties["collection"].is_string() && properties["id"].is_string());
        assert!(properties["version"].is_u64(), "{feature}");
        assert!(ids.insert(feature["id"].as_str().unwrap()), "{feature}");
    }
    let of = |collection: &str| -> Vec<&str> {
        features
            .iter()
            .filter(|one| one["properties"]["collection"] == collection)
            .filter_map(|one| one["properties"]["id"].as_str())
            .collect()
    };
    assert_eq!(
        of("markers"),
        ["t1", "f1", "f2"],
        "in walking order, the tri-point too"
    );
    assert_eq!(of("legs").len(), 3);
    assert_eq!((of("claims"), of("structures")), (vec!["c1"], vec!["x1"]));
    assert_eq!((of("names"), of("divisions").len()), (vec!["n1"], 2));
    let form = &made["pack"]["observation"]["properties"]["properties"]["properties"];
    assert_eq!(form["marker"]["enum"], json!(["t1", "f1", "f2"]));
    assert_eq!(form["side"]["enum"], json!(["420625", "420682"]));
    let no_claims = pack(view, &round, &|record: &Record| {
        record.collection.is_public()
    });
    assert!(!no_claims.to_string().contains("主张线"));
    assert_ne!(no_claims["pack"]["sha256"], made["pack"]["sha256"]);
}

#[test]
fn a_report_says_what_is_to_be_mended_and_who_must_be_there() {
    let mut records: Vec<Record> = Vec::new();
    let snapshot = planned();
    let view = snapshot.view(Audience::Staff);
    for collection in Collection::ALL {
        records.extend(view.records(collection).cloned());
    }
    for (number, side) in [(1, "420625"), (2, "420682")] {
        let mut seen = Record::new(Collection::Observations, &format!("u{number}"), "");
        for (name, value) in [
            ("inspection", json!("i-2026-fresh")),
            ("marker", json!("f1")),
            ("state", json!("missing")),
            ("side", json!(side)),
            ("observer", json!("<李>")),
            ("observed_at", json!("2026-11-20T09:00:00+08:00")),
        ] {
            seen.fields.set(name, value);
        }
        records.push(seen);
    }
    let snapshot = Snapshot::build(records, 3, &Options::default());
    let view = snapshot.view(Audience::Staff);
    let round = Round::of(view, "i-2026-fresh").unwrap();
    let report = report(view, &round, day("2026-11-25"));
    let document = report.to_json();
    let task = |number: &str| -> Value {
        let tasks = document["tasks"].as_array().unwrap();
        tasks
            .iter()
            .find(|one| one["marker"] == number)
            .cloned()
            .unwrap()
    };
    assert_eq!(task("f1")["task"], "remake");
    assert_eq!(task("f1")["who"], "谷城县负责，老河口市到场");
    assert_eq!(task("f2")["task"], "visit");
    assert_eq!(
        document["structures"][0]["consent_lacking"],
        json!(["420625"])
    );
    assert_eq!(document["standing"]["seen"], 1);
    let mut text = Vec::new();
    report.write_text(&mut text, Lang::Zh).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("重新制作，在原位恢复") && text.contains("老河口市  签字"));
    let mut page = Vec::new();
    report.write_html(&mut page, Lang::En).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("&lt;桥&gt;") && page.contains("&lt;李&gt;") && !page.contains("<桥>"));
    assert_eq!(
        report.to_geojson()["features"].as_array().unwrap().len(),
        1 + 3 + 2 + 1
    );
}
