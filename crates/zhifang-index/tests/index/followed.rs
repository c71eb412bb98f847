//! A snapshot that followed its changes answers as one built from the result.

use std::fmt::Write;

use proptest::prelude::*;
use zhifang_core::{Collection, LonLat, Record, RecordKey};
use zhifang_index::{Audience, NearQuery, Options, Snapshot};

use crate::world;

/// Everything that a snapshot answers about the grid, in words that can be compared.
fn answers(snapshot: &Snapshot) -> Vec<String> {
    let mut said = Vec::new();
    for audience in [Audience::Public, Audience::Staff] {
        let view = snapshot.view(audience);
        for collection in Collection::ALL {
            said.push(format!("{collection} {}", view.len(collection)));
            said.push(String::new());
            for record in view.records(collection) {
                assert_eq!(view.record(collection, &record.id), Some(record));
                write!(said.last_mut().unwrap(), "{record:?} ").unwrap();
            }
        }
        let ids = |records: &mut dyn Iterator<Item = &Record>| -> String {
            let words: Vec<String> = records
                .map(|record| format!("{}v{}", record.id, record.version))
                .collect();
            words.join(" ")
        };
        for code in world::CODES {
            let code = code.parse().unwrap();
            said.push(format!(
                "{code} {:?}",
                view.children(code).collect::<Vec<_>>()
            ));
            said.push(ids(&mut view.ancestors(code).into_iter()));
            said.push(ids(&mut view
                .ancestors_on(code, Some(world::turn()))
                .into_iter()));
            said.push(ids(&mut view.lives(code).into_iter()));
            said.push(ids(&mut view.division(code).into_iter()));
            said.push(ids(&mut view.division_on(code, world::turn()).into_iter()));
            for collection in world::KINDS {
                said.push(ids(&mut view.within(*collection, code.prefix())));
            }
        }
        for x in 0..5 {
            for y in 0..5 {
                let place = LonLat::new(110.0 + 2.0 * f64::from(x), 30.0 + 2.0 * f64::from(y));
                for day in [None, Some(world::turn())] {
                    let units = view.covering(place, day);
                    said.push(ids(&mut units.iter().map(|unit| unit.record)));
                }
                let bbox = zhifang_core::Bbox {
                    west: place.lon,
                    south: place.lat,
                    east: place.lon + 1.0,
                    north: place.lat + 1.0,
                };
                said.push(ids(&mut view.seats_in(bbox)));
                for collection in world::KINDS {
                    said.push(ids(&mut view.intersecting(*collection, bbox)));
                    let near = view.nearest(*collection, place, NearQuery::first(3), |_| true);
                    said.push(format!(
                        "{:?}",
                        near.iter()
                            .map(|n| (&n.record.id, n.distance))
                            .collect::<Vec<_>>()
                    ));
                }
            }
        }
    }
    said
}

/// The first answer in which the two differ.
pub(crate) fn difference(one: &Snapshot, other: &Snapshot) -> Option<(String, String)> {
    let (one, other) = (answers(one), answers(other));
    assert_eq!(one.len(), other.len(), "each says as much as the other");
    one.into_iter().zip(other).find(|(a, b)| a != b)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn base_and_changes_answer_as_a_rebuild(
        first in world::records(25),
        changes in prop::collection::vec((world::record(), prop::bool::weighted(0.3)), 0..25),
        split in 0..25_usize,
    ) {
        let mut kept: std::collections::BTreeMap<RecordKey, Record> =
            first.iter().map(|record| (record.key(), record.clone())).collect();
        let changes: Vec<(RecordKey, Option<Record>)> = changes
            .into_iter()
            .map(|(record, goes)| (record.key(), (!goes).then_some(record)))
            .collect();
        for (key, record) in &changes {
            match record {
                Some(record) => kept.insert(key.clone(), record.clone()),
                None => kept.remove(key),
            };
        }
        let base = Snapshot::build(first, 1, &Options::default());
        let split = split.min(changes.len());
        let followed = base
            .with_changes(changes[..split].iter().cloned(), 2)
            .with_changes(changes[split..].iter().cloned(), 3);
        let rebuilt = Snapshot::build(kept.into_values(), 3, &Options::default());
        prop_assert_eq!(difference(&followed, &rebuilt), None);
        let merged = followed.compacted();
        prop_assert_eq!((merged.delta_len(), merged.seq()), (0, 3));
        prop_assert_eq!(difference(&merged, &rebuilt), None);
    }
}

#[test]
fn the_handle_swaps_while_readers_keep_theirs() {
    let handle = zhifang_index::SnapshotHandle::new(Snapshot::empty(&Options::default()));
    let held = handle.load();
    let record = Record::new(Collection::Names, "n", "汉江");
    handle.swap(held.with_changes([(record.key(), Some(record))], 1));
    assert_eq!((held.seq(), handle.load().seq()), (0, 1));
    assert_eq!(
        handle.load().view(Audience::Public).len(Collection::Names),
        1
    );
    assert!(held.view(Audience::Public).is_empty(Collection::Names));
}
