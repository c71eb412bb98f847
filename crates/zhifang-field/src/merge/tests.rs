//! Merging in any order, in any parts, any number of times.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use geo::{Geometry, LineString, Point};
use proptest::prelude::*;
use serde_json::{Value, json};
use zhifang_core::{Collection, Day, Record, RecordKey, Status, Timestamp};
use zhifang_index::{Audience, Options, Snapshot};

use super::{MergePlan, Row, plan_merge, rows_of};
use crate::close::close;
use crate::content::{digest, uuid_of};
use crate::error::FieldError;
use crate::outcome::ConflictKind;
use crate::round::Round;
use crate::standing::{Verdict, standing};

const INSPECTION: &str = "i-2026-l";

/// A register in memory, with versions as a store would count them.
#[derive(Clone)]
struct Store(BTreeMap<RecordKey, Record>);

impl Store {
    /// A line with four markers in their second version, and its inspection.
    fn new() -> Self {
        let mut store = Self(BTreeMap::new());
        let course = LineString::from(vec![(111.60, 32.30), (111.70, 32.30)]);
        let mut line = Record::new(Collection::Boundaries, "l", "谷城县—老河口市界线");
        line.geometry = Some(Arc::new(Geometry::LineString(course)));
        line.fields.set("left", json!("420625"));
        line.fields.set("right", json!("420682"));
        let mut inspection = Record::new(Collection::Inspections, INSPECTION, "联检");
        inspection.fields.set("boundary", json!("l"));
        inspection.fields.set("lead", json!("420625"));
        inspection.fields.set("other", json!("420682"));
        inspection.fields.set("state", json!("planned"));
        inspection.division = "420682".parse().ok();
        for number in 1..=4 {
            let id = format!("l00{number}Q");
            let mut marker = Record::new(Collection::Markers, &id, "");
            let lon = 111.60 + 0.02 * f64::from(number);
            marker.geometry = Some(Arc::new(Geometry::Point(Point::new(lon, 32.30))));
            marker.fields.set("number", json!(id));
            marker.fields.set("boundary", json!("l"));
            marker.fields.set("sides", json!(["420625", "420682"]));
            marker.fields.set("state", json!("good"));
            store.write(marker.clone());
            store.write(marker);
        }
        store.write(line);
        store.write(inspection);
        store
    }

    fn write(&mut self, mut record: Record) {
        let before = self.0.get(&record.key()).map_or(0, |record| record.version);
        record.version = before + 1;
        self.0.insert(record.key(), record);
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::build(self.0.values().cloned(), 1, &Options::default())
    }

    fn plan(&self, features: &[Value]) -> MergePlan {
        let rows: Vec<Row> = (1..)
            .zip(features)
            .map(|(row, feature)| Row {
                file: "f".to_owned(),
                row,
                feature: feature.clone(),
            })
            .collect();
        let snapshot = self.snapshot();
        plan_merge(snapshot.view(Audience::Staff), INSPECTION, &rows, now()).unwrap()
    }

    fn merge(&mut self, features: &[Value]) -> MergePlan {
        let plan = self.plan(features);
        for record in &plan.writes {
            let before = self.0.get(&record.key()).map_or(0, |old| old.version);
            assert_eq!(
                before, record.version,
                "{} was planned on another version",
                record.id
            );
            self.write(record.clone());
        }
        plan
    }

    fn observations(&self) -> impl Iterator<Item = &Record> {
        self.0
            .values()
            .filter(|record| record.collection == Collection::Observations)
    }

    /// What the register holds, whichever content has the plain uuid as its id.
    fn content(&self) -> BTreeSet<(String, String, bool, BTreeSet<String>)> {
        let digests: BTreeMap<&str, String> = self
            .observations()
            .map(|record| (&*record.id, digest(record)))
            .collect();
        self.observations()
            .map(|record| {
                let against = record
                    .fields
                    .texts("conflict")
                    .map(|id| digests[id].clone())
                    .collect();
                (
                    uuid_of(&record.id).to_owned(),
                    digests[&*record.id].clone(),
                    record.status == Status::Published,
                    against,
                )
            })
            .collect()
    }
}

fn now() -> Timestamp {
    "2026-11-25T12:00:00+08:00".parse().unwrap()
}

fn today() -> Day {
    now().day()
}

fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

fn seen(number: u32, marker: u32, state: &str, side: &str, version: u32) -> Value {
    json!({
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [111.60 + 0.02 * f64::from(marker), 32.30]},
        "properties": {
            "uuid": uuid(number), "marker": format!("l00{marker}Q"), "state": state,
            "side": side, "marker_version": version, "observer": "张", "accuracy_m": 1.0,
            "observed_at": format!("2026-10-08T09:{:02}:00+08:00", number % 60),
        },
    })
}

#[test]
fn what_was_merged_is_known_the_second_time() {
    let mut store = Store::new();
    let crew = [
        seen(1, 1, "good", "420625", 2),
        seen(2, 2, "tilted", "420625", 2),
        seen(2, 2, "倾斜", "420625", 2),
    ];
    let first = store.merge(&crew);
    assert_eq!((first.report.accepted, first.report.known), (2, 1));
    let kept = store.0.clone();
    let again = store.merge(&crew);
    assert_eq!((again.report.accepted, again.report.known), (0, 3));
    assert!(again.writes.is_empty() && store.0 == kept);
    let inspection = &store.0[&RecordKey::new(Collection::Inspections, INSPECTION)];
    assert_eq!(inspection.fields.text("state"), Some("open"));
}

#[test]
fn another_content_under_a_known_uuid_overwrites_nothing() {
    let mut store = Store::new();
    store.merge(&[seen(1, 1, "good", "420625", 2)]);
    let plan = store.merge(&[seen(1, 1, "missing", "420625", 2)]);
    assert_eq!((plan.report.accepted, plan.report.conflicts.len()), (0, 1));
    let conflict = &plan.report.conflicts[0];
    assert_eq!(conflict.kind, ConflictKind::SameUuid);
    assert_eq!(conflict.with, [uuid(1)]);
    let first = &store.0[&RecordKey::new(Collection::Observations, &uuid(1))];
    assert_eq!(first.fields.text("state"), Some("good"));
    assert_eq!(
        first.fields.texts("conflict").collect::<Vec<_>>(),
        [conflict.id.as_str()]
    );
    // The answer to the same upload, sent again, still says that a person must decide.
    let again = store.merge(&[seen(1, 1, "missing", "420625", 2)]);
    assert!(again.writes.is_empty() && again.report.conflicts.len() == 1);
    // An export of what is kept is known, under whichever id.
    let exported: Vec<Value> = store.observations().map(Record::to_feature).collect();
    assert!(store.merge(&exported).writes.is_empty());
    // A person retires one: the conflict is over and stays over.
    let mut wrong = store.0[&RecordKey::new(Collection::Observations, &conflict.id)].clone();
    wrong.status = Status::Retired;
    store.write(wrong);
    let after = store.merge(&[
        seen(1, 1, "missing", "420625", 2),
        seen(1, 1, "good", "420625", 2),
    ]);
    assert!(after.writes.is_empty());
    assert_eq!((after.report.known, after.report.conflicts.len()), (2, 0));
}

#[test]
fn two_on_an_older_marker_are_kept_for_a_person_and_one_alone_is_taken() {
    let mut store = Store::new();
    let one = store.merge(&[seen(1, 1, "good", "420625", 1)]);
    assert_eq!(one.report.accepted, 1);
    let two = store.merge(&[seen(2, 1, "good", "420682", 1)]);
    assert_eq!(
        two.report.conflicts[0].kind,
        ConflictKind::OlderMarkerVersion
    );
    assert_eq!(two.report.conflicts[0].with, [uuid(1)]);
    let both = |store: &Store| {
        store
            .observations()
            .all(|one| one.fields.texts("conflict").count() == 1)
    };
    assert!(both(&store));
    let snapshot = store.snapshot();
    let round = Round::of(snapshot.view(Audience::Staff), INSPECTION).unwrap();
    assert_eq!(
        standing(&round, today()).markers[0].verdict,
        Verdict::Conflict
    );
}

#[test]
fn sides_that_differ_are_both_kept_until_one_looks_again() {
    let mut store = Store::new();
    store.merge(&[seen(1, 1, "good", "420625", 2)]);
    let plan = store.merge(&[seen(2, 1, "damaged", "420682", 2)]);
    assert_eq!(plan.report.conflicts[0].kind, ConflictKind::SidesDiffer);
    assert_eq!(store.observations().count(), 2);
    let plan = store.merge(&[seen(3, 1, "damaged", "420625", 2)]);
    assert_eq!((plan.report.accepted, plan.report.conflicts.len()), (1, 0));
}

#[test]
fn rows_that_say_nothing_are_rejected_with_field_and_reason() {
    let mut store = Store::new();
    let mut line = seen(9, 1, "good", "420625", 2);
    line["geometry"] = json!({"type": "LineString", "coordinates": [[1, 2], [3, 4]]});
    let mut swapped = seen(8, 1, "good", "420625", 2);
    swapped["geometry"]["coordinates"] = json!([32.3, 111.6]);
    let mut elsewhere = seen(7, 1, "good", "420625", 2);
    elsewhere["properties"]["inspection"] = json!("i-other");
    let mut nameless = seen(6, 1, "good", "420625", 2);
    nameless["properties"]["uuid"] = json!("");
    let plan = store.merge(&[
        nameless,
        seen(1, 7, "good", "420625", 2),
        seen(2, 1, "splendid", "420625", 2),
        seen(3, 1, "good", "110101", 2),
        line,
        swapped,
        elsewhere,
        json!([1]),
    ]);
    let found: Vec<(&str, &str)> = plan
        .report
        .rejected
        .iter()
        .map(|one| (one.field.as_str(), one.code))
        .collect();
    assert_eq!(
        found,
        [
            ("uuid", "no_uuid"),
            ("marker", "unknown_marker"),
            ("state", "bad_value"),
            ("side", "no_side"),
            ("geometry", "wrong_geometry"),
            ("geometry", "bad_geometry"),
            ("inspection", "other_inspection"),
            ("type", "bad_row"),
        ]
    );
    assert!(plan.writes.is_empty());
}

#[test]
fn an_upload_without_end_does_not_grow_by_its_square() {
    let mut store = Store::new();
    let many: Vec<Value> = (0..3_000)
        .map(|number| seen(number, 1, "good", "420625", 1))
        .collect();
    let plan = store.merge(&many);
    assert_eq!(plan.report.conflicts.len(), 200);
    assert_eq!(plan.report.rejected.len(), 2_800);
    assert!(
        plan.report
            .rejected
            .iter()
            .all(|one| one.code == "too_many")
    );
    // Crews that hand in again what is kept are not held up by it.
    assert!(store.merge(&many).writes.is_empty());
}

#[test]
fn odd_rows_are_taken_and_named() {
    let mut store = Store::new();
    let mut shifted = seen(1, 1, "good", "420625", 2);
    let there = zhifang_datum::gcj02::forward(zhifang_core::LonLat::new(111.62, 32.30));
    shifted["geometry"]["coordinates"] = json!([there.lon, there.lat]);
    let mut far = seen(2, 2, "good", "420682", 2);
    far["geometry"]["coordinates"] = json!([111.65, 32.35, 90.0]);
    far["properties"]["observed_at"] = json!("2027-01-01T00:00:00+08:00");
    far["properties"]["weather"] = json!("rain");
    let plan = store.merge(&[shifted, far]);
    let codes: Vec<&str> = plan.report.warnings.iter().map(|one| one.code).collect();
    assert_eq!(codes, ["looks_gcj02", "clock_ahead", "far_from_marker"]);
    assert_eq!(plan.report.accepted, 2);
    let kept = &store.0[&RecordKey::new(Collection::Observations, &uuid(2))];
    assert_eq!(kept.fields.get("extra"), Some(&json!({"weather": "rain"})));
}

#[test]
fn a_round_closes_when_both_sides_agree_and_have_signed() {
    let mut store = Store::new();
    let crew = |first: u32, side: &str| -> Vec<Value> {
        (1..=4)
            .map(|marker| {
                let state = if marker == 3 { "tilted" } else { "good" };
                seen(first + marker, marker, state, side, 2)
            })
            .collect()
    };
    store.merge(&crew(0, "420625"));
    let sides = ["420625".parse().unwrap(), "420682".parse().unwrap()];
    let attempt = |store: &Store, signed: &[zhifang_core::DivisionCode]| {
        let snapshot = store.snapshot();
        let round = Round::of(snapshot.view(Audience::Staff), INSPECTION).unwrap();
        close(&round, signed, Some("一处倾斜"), today())
    };
    assert_eq!(attempt(&store, &sides).unwrap().against.len(), 4);
    store.merge(&crew(10, "420682"));
    assert_eq!(attempt(&store, &sides[..1]).unwrap().against.len(), 1);
    let closing = attempt(&store, &sides).unwrap();
    assert!(closing.against.is_empty());
    for record in closing.writes {
        store.write(record);
    }
    let marker = &store.0[&RecordKey::new(Collection::Markers, "l003Q")];
    assert_eq!(marker.fields.text("state"), Some("tilted"));
    assert_eq!(marker.fields.text("last_inspected"), Some("2026-10-08"));
    let line = &store.0[&RecordKey::new(Collection::Boundaries, "l")];
    assert_eq!(line.fields.text("inspected_on"), Some("2026-10-08"));
    assert!(matches!(
        attempt(&store, &sides),
        Err(FieldError::AlreadyClosed { .. })
    ));
    // What comes late is still known or kept.
    assert!(store.merge(&crew(0, "420625")).writes.is_empty());
}

#[test]
fn files_are_read_in_three_forms_and_bad_ones_say_why() {
    let one = seen(1, 1, "good", "420625", 2);
    let mut line = one.clone();
    line["properties"]["collection"] = json!("markers");
    let collection = json!({"type": "FeatureCollection", "features": [line, one]}).to_string();
    let rows = rows_of("a", collection.as_bytes()).unwrap();
    assert_eq!((rows.len(), rows[0].row), (1, 2));
    assert_eq!(rows_of("a", one.to_string().as_bytes()).unwrap().len(), 1);
    let lines = format!("\u{1e}{one}\n{one}\n");
    assert_eq!(rows_of("a", lines.as_bytes()).unwrap().len(), 2);
    for bad in [
        "",
        "{",
        "[]",
        "{\"type\":\"Point\",\"coordinates\":[1,2]}",
        "{\"type\":\"FeatureCollection\"}",
        "{\"type\":\"FeatureCollection\",\"features\":[],\"crs\":{\"properties\":{\"name\":\"EPSG:4547\"}}}",
    ] {
        let error = rows_of("a.geojson", bad.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with("`a.geojson`: "), "{error}");
    }
    assert!(rows_of("a", b"\xff\xfe").is_err());
}

/// Contents that meet each other under few uuids, markers, sides and versions.
fn any_sighting() -> impl Strategy<Value = Value> {
    let state = prop::sample::select(vec!["good", "tilted", "missing"]);
    let side = prop::sample::select(vec!["420625", "420682"]);
    (0..8_u32, 1..=4_u32, state, side, 1..=2_u32).prop_map(
        |(number, marker, state, side, version)| seen(number, marker, state, side, version),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_order_and_any_parts_make_the_same_register(
        sightings in prop::collection::vec(any_sighting(), 1..24),
        shuffled in any::<prop::sample::Index>(),
        cuts in prop::collection::vec(1..6_usize, 1..12),
        repeats in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let mut whole = Store::new();
        whole.merge(&sightings);
        let mut other: Vec<Value> = sightings.clone();
        other.extend(repeats.iter().map(|index| index.get(&sightings).clone()));
        let turn = shuffled.index(other.len());
        other.rotate_left(turn);
        other.reverse();
        let mut parts = Store::new();
        let mut rest = other.as_slice();
        let mut cuts = cuts.iter().cycle();
        while !rest.is_empty() {
            let size = cuts.next().map_or(1, |size| (*size).min(rest.len()));
            let (now, later) = rest.split_at(size);
            parts.merge(now);
            rest = later;
        }
        prop_assert_eq!(whole.content(), parts.content());
        // Nothing was lost: each content is there, once.
        let handed: BTreeSet<String> = sightings.iter().map(ToString::to_string).collect();
        prop_assert_eq!(whole.observations().count(), handed.len());
        // Again, nothing happens.
        let again = parts.merge(&sightings);
        prop_assert!(again.writes.is_empty());
        prop_assert_eq!(again.report.accepted, 0);
        let report = &again.report;
        prop_assert_eq!(
            report.read,
            report.accepted + report.known + (report.conflicts.len() + report.rejected.len()) as u64
        );
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = rows_of("f", &bytes);
    }
}
