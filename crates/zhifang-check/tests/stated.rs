//! What a register may state about itself that cannot be: parents in a circle, shapes that cross.

use std::sync::Arc;

use geo::{Geometry, wkt};
use zhifang_check::{Options, Register, check};
use zhifang_core::{Collection, Day, Record};

fn unit(code: &str, parent: Option<&str>, west: f64) -> Record {
    let mut record = Record::new(Collection::Divisions, code, code);
    if let Some(parent) = parent {
        record.fields.set("parent", parent.into());
    }
    let (east, south, north) = (west + 1.0, 32.0, 33.0);
    let ring = [(west, south), (east, south), (east, north), (west, north)];
    let ring = geo::LineString::from(ring.to_vec());
    record.geometry = Some(Arc::new(Geometry::Polygon(geo::Polygon::new(ring, vec![]))));
    record
}

fn found(records: &[Record], only: &str) -> Vec<String> {
    let mut options = Options::on("2026-05-01".parse::<Day>().expect("a day"));
    options.only = vec![only.to_owned()];
    let register = Register::new(records, options.day);
    let report = check(&register, &options).expect("a rule");
    report
        .findings
        .into_iter()
        .map(|one| one.message.en)
        .collect()
}

#[test]
fn parents_in_a_circle_end_and_are_found() {
    let own = vec![unit("420682", Some("420682"), 111.0)];
    let both = vec![
        unit("420682", Some("420625"), 111.0),
        unit("420625", Some("420682"), 112.0),
    ];
    for (records, count) in [(own, 1), (both, 2)] {
        let messages = found(&records, "ATT-01");
        let circles = messages.iter().filter(|text| text.contains("lead back"));
        assert_eq!(circles.count(), count, "{messages:?}");
        // Every rule comes to its end.
        let options = Options::on("2026-05-01".parse().unwrap());
        let register = Register::new(&records, options.day);
        assert!(check(&register, &options).is_ok());
    }
}

#[test]
fn a_parent_past_a_unit_or_beside_the_code_is_found() {
    let mut records = vec![
        unit("420000", None, 110.0),
        unit("420600", None, 110.0),
        unit("420682", None, 110.0),
        unit("420625", None, 111.0),
        unit("420682888", Some("420000"), 110.0),
        unit("420682003", Some("420625"), 110.0),
        unit("420682101", Some("420682"), 110.0),
    ];
    let messages = found(&records, "ATT-01");
    let of = |code: &str, word: &str| {
        let mut hits = messages.iter().filter(|text| text.contains(code));
        hits.any(|text| text.contains(word))
    };
    assert!(of("420682888", "past"), "{messages:?}");
    assert!(of("420682003", "does not begin with"), "{messages:?}");
    assert!(!of("420682101", ""), "{messages:?}");
    records.truncate(4);
    assert_eq!(found(&records, "ATT-01"), Vec::<String>::new());
}

#[test]
fn a_bow_tie_is_found_in_any_collection() {
    let mut records = Vec::new();
    for (number, collection) in [
        Collection::Names,
        Collection::Cemeteries,
        Collection::Projects,
        Collection::Structures,
        Collection::Disputes,
    ]
    .into_iter()
    .enumerate()
    {
        let mut record = Record::new(collection, &format!("r{number}"), "示例");
        let shape = wkt! { POLYGON((111.0 32.0, 112.0 33.0, 112.0 32.0, 111.0 33.0, 111.0 32.0)) };
        record.geometry = Some(Arc::new(shape.into()));
        records.push(record);
    }
    let messages = found(&records, "GEO-13");
    assert_eq!(messages.len(), 5, "{messages:?}");
    assert!(messages[0].contains("111.5"), "{messages:?}");
}
