use super::{HEAD, MARK, TAIL, VERSION, sum};
use crate::{GeocodeError, NameAlias, NameChange, NameEntry, NameIndex, NameKind, SearchQuery};
use proptest::prelude::*;
use zhifang_core::{Collection, Day, LonLat, Validity};

fn division(code: &str, name: &str) -> NameEntry {
    NameEntry::division(code.parse().unwrap(), name)
}

fn entries() -> Vec<NameEntry> {
    let mut named: Vec<NameEntry> = [
        ("420000", "湖北省"),
        ("420600", "襄阳市"),
        ("420682", "老河口市"),
        ("420682101", "李楼镇"),
        ("420682101200", "李楼村民委员会"),
        ("341500", "六安市"),
        ("340000", "安徽省"),
        ("110000", "北京市"),
        ("110116", "怀柔区"),
        ("220802", "洮北区（白城市生态新区）"),
        ("370911101", "高新技术产业开发区"),
        ("623000", "甘南藏族自治州"),
    ]
    .into_iter()
    .map(|(code, name)| division(code, name))
    .collect();
    let day = |text: &str| text.parse::<Day>().ok();
    named[8].aliases.push(NameAlias {
        name: "怀柔县".to_owned(),
        kind: NameKind::Former,
        validity: Validity {
            from: None,
            to: day("2001-12-30"),
        },
    });
    named[8].place = Some(LonLat::new(116.63, 40.32));
    named[8].population = Some(441_000);
    let mut ended = division("420681", "老河口县");
    ended.is_retired = true;
    ended.validity.to = day("1979-11-16");
    ended.replaced_by = vec!["420682".parse().unwrap()];
    named.push(ended);
    let mut lake = NameEntry::place_name(
        "name-7",
        Collection::Names,
        "马冲水库",
        "420682".parse().ok(),
    );
    lake.category = Some(1);
    lake.validity.from = day("1958-01-01");
    named.push(lake);
    named
}

fn index() -> NameIndex {
    NameIndex::build(entries()).with_changes([
        NameChange::Put(division("420682102", "仙人渡镇")),
        NameChange::Put(division("420682101", "李楼街道")),
        NameChange::Remove {
            collection: Collection::Divisions,
            id: "623000".to_owned(),
        },
    ])
}

fn bytes_of(index: &NameIndex) -> Vec<u8> {
    let mut bytes = Vec::new();
    index.to_bytes(&mut bytes).unwrap();
    bytes
}

/// Puts the right sum behind changed content.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - TAIL;
    let right = sum::of(&bytes[HEAD..end]).to_le_bytes();
    bytes[end..].copy_from_slice(&right);
    bytes
}

const QUERIES: [&str; 14] = [
    "湖北laohe口李楼",
    "怀柔县",
    "怀柔",
    "lhk",
    "liuan",
    "马冲水库",
    "name-7",
    "420682",
    "白城市生态新区",
    "高新区",
    "甘南",
    "仙人渡",
    "老河口县",
    "李楼村",
];

#[test]
fn what_was_stored_answers_alike() {
    let before = index();
    let bytes = bytes_of(&before);
    let after = NameIndex::from_bytes(&bytes).unwrap();
    assert_eq!(
        (before.len(), before.overlay_len()),
        (after.len(), after.overlay_len())
    );
    assert_eq!(bytes_of(&after), bytes);
    for q in QUERIES {
        let query = SearchQuery {
            explain: true,
            ..SearchQuery::new(q)
        };
        assert_eq!(before.search(&query), after.search(&query), "{q}");
        assert_eq!(
            before.autocomplete(&query),
            after.autocomplete(&query),
            "{q}"
        );
    }
    let change = || [NameChange::Put(division("420682", "光化市"))];
    let query = SearchQuery::new("光化李楼");
    assert_eq!(
        before.with_changes(change()).search(&query),
        after.with_changes(change()).search(&query)
    );
}

#[test]
fn an_empty_index_can_be_stored() {
    let bytes = bytes_of(&NameIndex::build([]));
    assert!(NameIndex::from_bytes(&bytes).unwrap().is_empty());
}

/// When this fails and the content is right, raise `VERSION` and put the new sum here: an index
/// stored by the program of before must not be taken for one that this program would build.
#[test]
fn another_content_has_another_version() {
    let bytes = bytes_of(&NameIndex::build(entries()));
    assert_eq!((VERSION, sum::of(&bytes)), (3, 8_949_335_458_493_840_984));
}

#[test]
fn other_bytes_are_told_apart() {
    let bytes = bytes_of(&index());
    assert_eq!(
        NameIndex::from_bytes(b"").unwrap_err(),
        GeocodeError::NotAnIndex
    );
    let text = [b"ZFNAME\n\n".as_slice(), &[0; 64]].concat();
    assert_eq!(
        NameIndex::from_bytes(&text).unwrap_err(),
        GeocodeError::NotAnIndex
    );
    let mut newer = bytes.clone();
    newer[MARK.len()] += 1;
    assert_eq!(
        NameIndex::from_bytes(&newer).unwrap_err(),
        GeocodeError::Version {
            wanted: VERSION,
            found: VERSION + 1
        }
    );
}

#[test]
fn a_cut_or_a_flipped_bit_is_an_error() {
    let bytes = bytes_of(&index());
    for at in 0..bytes.len() {
        assert!(NameIndex::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        assert!(NameIndex::from_bytes(&flipped).is_err(), "flipped at {at}");
    }
}

/// Cut content under a right sum: the reader itself must hold.
#[test]
fn a_cut_under_a_right_sum_is_an_error() {
    let bytes = bytes_of(&index());
    for at in HEAD..bytes.len() - TAIL {
        let cut = [&bytes[..at], &[0; TAIL]].concat();
        let error = NameIndex::from_bytes(&sealed(cut)).unwrap_err();
        assert!(
            matches!(error, GeocodeError::Content { .. }),
            "{at}: {error}"
        );
    }
}

#[test]
fn a_count_beyond_the_end_asks_for_no_memory() {
    let content = [&MARK[..], &VERSION.to_le_bytes(), &[0xff; 4], &[0; TAIL]].concat();
    let error = NameIndex::from_bytes(&sealed(content)).unwrap_err();
    assert_eq!(
        error,
        GeocodeError::Content {
            reason: "count beyond the end",
            offset: 4
        }
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    /// Whoever forges the sum as well gets an error or an index that answers something.
    #[test]
    fn forged_content_never_panics(
        changes in prop::collection::vec((0_usize..1_000_000, any::<u8>()), 1..4),
        query in prop::sample::select(QUERIES.to_vec()),
    ) {
        let mut bytes = bytes_of(&index());
        let length = bytes.len() - HEAD - TAIL;
        for (at, byte) in changes {
            bytes[HEAD + at % length] = byte;
        }
        if let Ok(forged) = NameIndex::from_bytes(&sealed(bytes)) {
            forged.search(&SearchQuery::new(query));
            forged.autocomplete(&SearchQuery::new(query));
            let _ = forged.with_changes([NameChange::Put(division("420682", "光化市"))]);
        }
    }
}
