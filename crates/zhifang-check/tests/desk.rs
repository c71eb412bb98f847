//! The dispute desk: steps in the order of the law, evidence of its kinds, the agreed line.

use std::sync::Arc;

use geo::{Coord, Geometry, LineString, wkt};
use serde_json::json;
use zhifang_check::{
    DeskError, EvidenceKind, Options, Register, Settlement, Severity, Step, StepSaid, check,
    dossier, next_steps, settle, stepped, with_evidence,
};
use zhifang_core::{Collection, Day, Record, Status};

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn today() -> Day {
    day("2026-05-01")
}

fn with(mut record: Record, fields: &[(&str, serde_json::Value)]) -> Record {
    for (name, value) in fields {
        record.fields.set(name, value.clone());
    }
    record
}

fn shaped(mut record: Record, shape: impl Into<Geometry<f64>>) -> Record {
    record.geometry = Some(Arc::new(shape.into()));
    record
}

const LINE: &str = "420607420682";

/// A line, a dispute over a triangle north of it, both claims, and what stands there.
fn records() -> Vec<Record> {
    let new = |collection, id, name: &str| Record::new(collection, id, name);
    let line = with(
        new(Collection::Boundaries, LINE, "襄州—老河口"),
        &[
            ("left", json!("420682")),
            ("right", json!("420607")),
            ("level", json!("county")),
        ],
    );
    let claim = |id, claimant: &str, shape: LineString<f64>| {
        let fields = [("dispute", json!("d")), ("claimant", json!(claimant))];
        shaped(with(new(Collection::Claims, id, ""), &fields), shape)
    };
    let dispute = with(
        new(Collection::Disputes, "d", "北坡"),
        &[
            ("boundary", json!(LINE)),
            ("parties", json!(["420607", "420682"])),
            ("dispute_state", json!("consulting")),
            ("since", json!("2023-09-12")),
            (
                "log",
                json!([
                    {"date": "2023-09-12", "step": "reported"},
                    {"date": "2023-11-20", "step": "open"},
                    {"date": "2024-03-15", "step": "consulting"},
                ]),
            ),
        ],
    );
    let place = |record, x: f64, from: &str| {
        let record = shaped(record, geo::Point::new(x, 32.005));
        with(record, &[("opened", json!(from))])
    };
    vec![
        shaped(
            line,
            wkt!(LINESTRING(111.0 32.0, 111.1 32.0, 111.2 32.0, 111.3 32.0)),
        ),
        shaped(
            dispute,
            wkt!(POLYGON((111.1 32.0, 111.2 32.0, 111.15 32.01, 111.1 32.0))),
        ),
        claim("ours", "420682", wkt!(LINESTRING(111.1 32.0, 111.2 32.0))),
        claim(
            "theirs",
            "420607",
            wkt!(LINESTRING(111.1 32.0, 111.15 32.01, 111.2 32.0)),
        ),
        place(
            new(Collection::Services, "old", "老站"),
            111.15,
            "2010-01-01",
        ),
        place(
            new(Collection::Services, "new", "新站"),
            111.151,
            "2024-01-01",
        ),
        place(new(Collection::Services, "undated", "某站"), 111.149, ""),
        place(
            new(Collection::Services, "outside", "别处"),
            111.3,
            "2024-01-01",
        ),
        place(new(Collection::Names, "n", "新巷"), 111.152, "2025-01-01"),
        place(new(Collection::Names, "o", "老巷"), 111.148, ""),
    ]
}

fn register(records: &[Record]) -> Register<'_> {
    Register::new(records, today())
}

fn dispute(records: &[Record]) -> &Record {
    let mut all = records.iter();
    all.find(|one| one.collection == Collection::Disputes)
        .expect("the dispute")
}

fn on(text: &str) -> StepSaid {
    StepSaid {
        on: Some(day(text)),
        document: Some("襄政函〔2026〕1号".to_owned()),
        note: None,
    }
}

#[test]
fn the_steps_follow_each_other_as_the_law_has_them() {
    let records = records();
    let mut record = dispute(&records).clone();
    assert_eq!(
        next_steps(&record),
        [
            Step::Consulting,
            Step::Mediated,
            Step::Decided,
            Step::Closed
        ]
    );
    let refused =
        |record: &Record, step, said: &StepSaid| stepped(record, step, said, today(), "li");
    let plain = StepSaid::default();
    assert!(matches!(
        refused(&record, Step::Open, &plain),
        Err(DeskError::Order { .. })
    ));
    assert!(matches!(
        refused(&record, Step::Filed, &on("2026-01-01")),
        Err(DeskError::Order { .. })
    ));
    assert!(matches!(
        refused(&record, Step::Decided, &plain),
        Err(DeskError::Missing {
            field: "document",
            ..
        })
    ));
    assert!(matches!(
        refused(&record, Step::Closed, &plain),
        Err(DeskError::Missing { field: "note", .. })
    ));
    assert!(matches!(
        refused(&record, Step::Mediated, &on("2024-03-14")),
        Err(DeskError::When { .. })
    ));
    assert!(matches!(
        refused(&record, Step::Mediated, &on("2026-05-02")),
        Err(DeskError::When { .. })
    ));
    for (step, when, state) in [
        (Step::Mediated, "2025-01-10", "mediated"),
        (Step::Decided, "2025-06-01", "decided"),
        (Step::Surveyed, "2025-09-01", "decided"),
        (Step::Filed, "2025-10-01", "decided"),
        (Step::Closed, "2025-10-02", "closed"),
    ] {
        record = stepped(&record, step, &on(when), today(), "li").unwrap();
        assert_eq!(record.fields.text("dispute_state"), Some(state));
    }
    assert_eq!(record.fields.objects("log").count(), 8);
    assert!(next_steps(&record).is_empty());
    assert!(matches!(
        refused(&record, Step::Closed, &on("2026-01-01")),
        Err(DeskError::Order { .. })
    ));
}

#[test]
fn only_what_the_law_names_is_evidence() {
    let records = records();
    let claim = records.iter().find(|one| &*one.id == "ours").unwrap();
    for kind in EvidenceKind::ALL {
        let with_it = with_evidence(claim, kind.as_str(), "图", Some(day("1999-01-01"))).unwrap();
        assert_eq!(with_it.fields.objects("evidence").count(), 1);
        // The same once more adds nothing.
        let again = with_evidence(&with_it, kind.as_str(), "图", Some(day("1999-01-01"))).unwrap();
        assert_eq!(again, with_it);
    }
    let articles = EvidenceKind::ALL.map(EvidenceKind::article);
    assert_eq!(articles, [7, 7, 7, 7, 7, 8, 8, 8, 8]);
    assert!(matches!(
        with_evidence(claim, "hearsay", "图", None),
        Err(DeskError::Kind { .. })
    ));
    assert!(matches!(
        with_evidence(claim, "resource_title", " ", None),
        Err(DeskError::Missing { .. })
    ));
}

#[test]
fn the_dossier_tells_the_ground_and_what_is_forbidden_there() {
    let records = records();
    let register = register(&records);
    let dossier = dossier(&register, "d").unwrap();
    let colours: Vec<(&str, &str)> = dossier
        .claims
        .iter()
        .map(|side| (&*side.claim.id, side.colour))
        .collect();
    assert_eq!(colours, [("theirs", "red"), ("ours", "blue")]);
    let difference = dossier.difference.as_ref().unwrap();
    let area = dossier.area_m2.unwrap();
    assert!((difference.area_m2() - area).abs() < area * 0.01, "{area}");
    assert!(
        (difference.max_m - 1109.0).abs() < 15.0,
        "{}",
        difference.max_m
    );
    let inside: Vec<(&str, Option<bool>)> = dossier
        .inside
        .iter()
        .map(|one| (&*one.record.id, one.is_new))
        .collect();
    let wanted = [
        ("n", Some(true)),
        ("o", None),
        ("new", Some(true)),
        ("old", Some(false)),
        ("undated", None),
    ];
    assert_eq!(inside, wanted);
    let mut text = Vec::new();
    dossier
        .write_text(&mut text, zhifang_core::Lang::Zh)
        .unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("第十条禁止") && text.contains("报民政部备案"),
        "{text}"
    );

    let mut options = Options::on(today());
    options.only = vec!["DIS-02".to_owned()];
    let found: Vec<(Severity, String)> = check(&register, &options)
        .unwrap()
        .findings
        .iter()
        .map(|one| (one.severity, one.subjects[0].id.to_string()))
        .collect();
    let wanted = [
        (Severity::Error, "n".to_owned()),
        (Severity::Error, "new".to_owned()),
        (Severity::Warning, "undated".to_owned()),
        (Severity::Info, "old".to_owned()),
    ];
    assert_eq!(found, wanted);
}

#[test]
fn a_line_in_an_open_dispute_is_marked_as_provisional() {
    let mut records = records();
    let mut options = Options::on(today());
    options.only = vec!["CLM-04".to_owned()];
    let told = |records: &[Record]| check(&register(records), &options).unwrap().findings.len();
    assert_eq!(told(&records), 1);
    records[0].fields.set("line_status", json!("provisional"));
    assert_eq!(told(&records), 0);
    records[0].fields.set("line_status", json!("agreed"));
    records[1].fields.set("dispute_state", json!("closed"));
    assert_eq!(told(&records), 0);
}

#[test]
fn the_agreed_stretch_becomes_the_line_and_the_claims_rest() {
    let records = records();
    let register = register(&records);
    let settlement = Settlement {
        stretch: wkt!(LINESTRING(111.2 32.0, 111.15 32.004, 111.1 32.0)),
        document: "协议书".to_owned(),
        decided_on: day("2026-01-10"),
        survey_document: "联合勘测图".to_owned(),
        surveyed_on: day("2026-03-01"),
    };
    let after = settle(&register, "d", &settlement, today(), "li").unwrap();
    let course: LineString<f64> =
        wkt!(LINESTRING(111.0 32.0, 111.1 32.0, 111.15 32.004, 111.2 32.0, 111.3 32.0));
    assert_eq!(
        after[0].geometry.as_deref(),
        Some(&Geometry::LineString(course))
    );
    let agreement = json!({"document": "协议书", "date": "2026-01-10"});
    assert_eq!(after[0].fields.get("agreement"), Some(&agreement));
    assert_eq!(after[1].fields.text("dispute_state"), Some("decided"));
    assert_eq!(next_steps(&after[1]), [Step::Filed]);
    assert!(
        after[2..]
            .iter()
            .all(|claim| claim.status == Status::Retired)
    );
    assert_eq!(after.len(), 4);

    // Not filed after a month: told.
    let mut then = records.clone();
    then.retain(|one| !after.iter().any(|other| other.key() == one.key()));
    then.extend(after.iter().cloned());
    let mut options = Options::on(today());
    options.only = vec!["DIS-01".to_owned()];
    let told = |records: &[Record], options: &Options| {
        let register = Register::new(records, options.day);
        check(&register, options).unwrap().findings.len()
    };
    assert_eq!(told(&then, &options), 1);
    options.day = day("2026-03-20");
    assert_eq!(told(&then, &options), 0);

    let beside = Settlement {
        stretch: LineString(vec![
            Coord { x: 111.1, y: 32.1 },
            Coord { x: 111.2, y: 32.0 },
        ]),
        ..settlement.clone()
    };
    assert!(matches!(
        settle(&register, "d", &beside, today(), "li"),
        Err(DeskError::Line { .. })
    ));
    assert!(matches!(
        settle(&register, "x", &settlement, today(), "li"),
        Err(DeskError::Unknown { .. })
    ));
    let early = Settlement {
        surveyed_on: day("2026-01-09"),
        ..settlement
    };
    assert!(matches!(
        settle(&register, "d", &early, today(), "li"),
        Err(DeskError::When { .. })
    ));
}
