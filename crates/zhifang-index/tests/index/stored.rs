//! The snapshot file: the same content back, and no panic whatever the bytes are.

use proptest::prelude::*;
use serde_json::json;
use zhifang_core::{Collection, Record, Timestamp};
use zhifang_index::{IndexError, Options, Snapshot};

use crate::followed::difference;
use crate::world;

fn bytes_of(snapshot: &Snapshot) -> Vec<u8> {
    let mut bytes = Vec::new();
    snapshot.to_bytes(&mut bytes).unwrap();
    bytes
}

fn rich() -> Record {
    let mut record = Record::new(Collection::Services, "s1", "救助站");
    record.division = Some("420682101".parse().unwrap());
    record.updated_at = Timestamp::from_micros(-1_234_567);
    record.updated_by = "张".into();
    record.source = "民政局".into();
    record.fields.set("beds", json!(12));
    record.fields.set("accessible", json!(true));
    record.fields.set(
        "extra",
        json!({"a": [null, false, -3, 0.1, "二", {"b": u64::MAX}]}),
    );
    record
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_written_comes_back(first in world::records(25), then in world::records(8)) {
        let changes = then.into_iter().chain([rich()]).map(|record| (record.key(), Some(record)));
        let options = Options { marker_step_deg: 0.01 };
        let snapshot = Snapshot::build(first, 7, &options).with_changes(changes, 9);
        let bytes = bytes_of(&snapshot);
        let read = Snapshot::from_bytes(&bytes).unwrap();
        prop_assert_eq!((read.seq(), read.options()), (9, &options));
        prop_assert_eq!(difference(&read, &snapshot), None);
        prop_assert_eq!(bytes_of(&read), bytes, "the same content gives the same bytes");
    }

    #[test]
    fn damage_is_an_error(
        records in world::records(12),
        at in any::<prop::sample::Index>(),
        byte in 1..=u8::MAX,
        cut in any::<bool>(),
    ) {
        let mut bytes = bytes_of(&Snapshot::build(records, 7, &Options::default()));
        let at = at.index(bytes.len());
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] ^= byte;
        }
        prop_assert!(Snapshot::from_bytes(&bytes).is_err());
    }

    #[test]
    fn content_with_a_right_sum_never_panics(
        records in world::records(12),
        changed in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = bytes_of(&Snapshot::build(records, 7, &Options::default()));
        let end = bytes.len() - 8;
        for (at, byte) in changed {
            let at = 12 + at.index(end - 12);
            bytes[at] = byte;
        }
        // The error names the sum that would be right.
        if let Err(IndexError::Checksum { found, .. }) = Snapshot::from_bytes(&bytes) {
            bytes[end..].copy_from_slice(&found.to_le_bytes());
        }
        if let Ok(snapshot) = Snapshot::from_bytes(&bytes) {
            bytes_of(&snapshot);
        }
    }

    #[test]
    fn any_bytes_are_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Snapshot::from_bytes(&bytes).is_err());
    }
}

#[test]
fn another_version_is_named() {
    let mut bytes = bytes_of(&Snapshot::empty(&Options::default()));
    bytes[8] = 99;
    let fault = Snapshot::from_bytes(&bytes).unwrap_err();
    assert_eq!(fault.to_string(), "stored snapshot: version 99, wanted 1");
}
