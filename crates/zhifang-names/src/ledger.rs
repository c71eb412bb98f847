//! The index of names by written form and by sound: who bears this name, without reading all.

use std::collections::BTreeSet;
use std::hash::Hasher as _;
use std::sync::Arc;

use rustc_hash::FxHasher;
use zhifang_core::{Collection, DivisionCode, Record, RecordKey};
use zhifang_index::View;

use crate::form::{forms, sound_key, written_key};

/// Names of divisions and of the register by written form and by sound.
///
/// It answers with candidates: the record may have changed since, or be hidden from whoever
/// asks, so the asker looks at the record itself. 24 bytes a name.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    base: Arc<Base>,
    /// Entries of records that changed since the base was made.
    overlay: Arc<BTreeSet<(Kind, u32, RecordKey)>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Written,
    Sound,
}

#[derive(Debug, Default)]
struct Base {
    written: Column,
    sound: Column,
    /// Identifiers that are no bare division codes.
    ids: Vec<(Collection, Box<str>)>,
}

/// Hashes in ascending order, and whose they are.
#[derive(Debug, Default)]
struct Column {
    hashes: Vec<u32>,
    slots: Vec<u64>,
}

/// Slots above this number are places in `ids`; below it they are division codes.
const IDS_FROM: u64 = 1 << 63;

/// Entries laid over the base beyond which it is made anew.
const MOST_OVERLAID: usize = 50_000;

fn hash(key: &str) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(key.as_bytes());
    let wide = hasher.finish();
    (wide ^ (wide >> 32)) as u32
}

/// Hashes of all forms of a record, none twice.
fn hashes(record: &Record) -> Vec<(Kind, u32)> {
    let mut found = Vec::new();
    for form in forms(record) {
        found.push((Kind::Written, hash(&written_key(form.text))));
        found.push((Kind::Sound, hash(&sound_key(form.text))));
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn is_named(record: &Record) -> bool {
    matches!(record.collection, Collection::Names | Collection::Divisions)
        && !record.name.trim().is_empty()
        && !record.is_heading()
}

impl Column {
    fn build(mut entries: Vec<(u32, u64)>) -> Self {
        entries.sort_unstable();
        Self {
            hashes: entries.iter().map(|(hash, _)| *hash).collect(),
            slots: entries.iter().map(|(_, slot)| *slot).collect(),
        }
    }

    fn of(&self, hash: u32) -> &[u64] {
        let start = self.hashes.partition_point(|one| *one < hash);
        let count = self
            .hashes
            .get(start..)
            .unwrap_or_default()
            .partition_point(|one| *one == hash);
        self.slots.get(start..start + count).unwrap_or_default()
    }
}

impl Ledger {
    /// The ledger of everything that the view shows; applications in the staff's view too.
    pub fn build(view: View<'_>) -> Self {
        let mut ids = Vec::new();
        let (mut written, mut sound) = (Vec::new(), Vec::new());
        let records = view
            .records(Collection::Divisions)
            .chain(view.records(Collection::Names));
        for record in records.filter(|record| is_named(record)) {
            let code = (record.collection == Collection::Divisions)
                .then(|| record.id.parse::<DivisionCode>().ok())
                .flatten();
            let slot = code.map_or_else(
                || {
                    ids.push((record.collection, record.id.clone()));
                    IDS_FROM + (ids.len() as u64 - 1)
                },
                DivisionCode::as_u64,
            );
            for (kind, hash) in hashes(record) {
                match kind {
                    Kind::Written => written.push((hash, slot)),
                    Kind::Sound => sound.push((hash, slot)),
                }
            }
        }
        let base = Base {
            written: Column::build(written),
            sound: Column::build(sound),
            ids,
        };
        Self {
            base: Arc::new(base),
            overlay: Arc::default(),
        }
    }

    /// The ledger after the changes; `None` when so many have been laid over it that it should be
    /// built anew.
    #[must_use]
    pub fn with_changes<'r>(
        &self,
        changes: impl IntoIterator<Item = &'r (RecordKey, Option<Record>)>,
    ) -> Option<Self> {
        let mut overlay = Arc::clone(&self.overlay);
        for (key, record) in changes {
            let Some(record) = record.as_ref().filter(|record| is_named(record)) else {
                continue;
            };
            let overlay = Arc::make_mut(&mut overlay);
            for (kind, hash) in hashes(record) {
                overlay.insert((kind, hash, key.clone()));
            }
        }
        (overlay.len() <= MOST_OVERLAID).then(|| Self {
            base: Arc::clone(&self.base),
            overlay,
        })
    }

    /// Records that may go by a name of these characters.
    pub fn written(&self, name: &str) -> Vec<RecordKey> {
        self.candidates(Kind::Written, &written_key(name))
    }

    /// Records that may go by a name of this sound, tones aside.
    pub fn sounding(&self, name: &str) -> Vec<RecordKey> {
        self.candidates(Kind::Sound, &sound_key(name))
    }

    fn candidates(&self, kind: Kind, key: &str) -> Vec<RecordKey> {
        let hash = hash(key);
        let column = match kind {
            Kind::Written => &self.base.written,
            Kind::Sound => &self.base.sound,
        };
        let mut keys: Vec<RecordKey> = column
            .of(hash)
            .iter()
            .filter_map(|slot| self.key(*slot))
            .collect();
        let none = RecordKey::new(Collection::Divisions, "");
        let laid_over = self
            .overlay
            .range((kind, hash, none)..)
            .take_while(|(of, at, _)| *of == kind && *at == hash)
            .map(|(_, _, key)| key.clone());
        keys.extend(laid_over);
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn key(&self, slot: u64) -> Option<RecordKey> {
        if slot < IDS_FROM {
            return Some(RecordKey::new(Collection::Divisions, &slot.to_string()));
        }
        let at = usize::try_from(slot - IDS_FROM).ok()?;
        let (collection, id) = self.base.ids.get(at)?;
        Some(RecordKey {
            collection: *collection,
            id: id.clone(),
        })
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.base.written.hashes.len() + self.base.sound.hashes.len() + self.overlay.len()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
