//! What changed since the base was built: few records, kept sorted, searched one by one.

use std::cmp::Ordering;
use std::sync::Arc;

use zhifang_core::{Bbox, Collection, Record, RecordKey};

use crate::area::Area;
use crate::snapshot::{Audience, Options};
use crate::table::{PublicFace, is_finite};

/// The newest state of one record.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) key: RecordKey,
    /// Its place in the base, where it was there.
    pub(crate) base: Option<u32>,
    /// `None` when it is gone.
    pub(crate) record: Option<Record>,
    face: PublicFace,
    bbox: Option<Bbox>,
    /// The polygon of a division.
    pub(crate) area: Option<Area>,
}

impl Changed {
    fn new(key: RecordKey, record: Option<Record>, base: Option<u32>, options: &Options) -> Self {
        let face = record
            .as_ref()
            .map_or(PublicFace::Hidden, |r| PublicFace::of(r, options));
        let bbox = record.as_ref().and_then(Record::bbox).filter(is_finite);
        let area = record
            .as_ref()
            .filter(|record| record.collection == Collection::Divisions)
            .and_then(|record| record.geometry.as_deref())
            .and_then(Area::of);
        Self {
            key,
            base,
            record,
            face,
            bbox,
            area,
        }
    }

    pub(crate) fn see(&self, audience: Audience) -> Option<&Record> {
        self.record
            .as_ref()
            .and_then(|record| self.face.see(record, audience))
    }

    /// The box round the geometry that the audience sees.
    pub(crate) fn bbox(&self, audience: Audience) -> Option<Bbox> {
        match (audience, &self.face) {
            (Audience::Public, PublicFace::Hidden) => None,
            (Audience::Public, PublicFace::Other(view)) => view.bbox().filter(is_finite),
            _ => self.bbox,
        }
    }
}

/// Changed records, sorted by collection and id. A copy shares them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Delta(Vec<Arc<Changed>>);

impl Delta {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn find(&self, collection: Collection, id: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|entry| {
            entry
                .key
                .collection
                .cmp(&collection)
                .then_with(|| (*entry.key.id).cmp(id))
        })
    }

    /// The change of this record, if there is one.
    pub(crate) fn get(&self, collection: Collection, id: &str) -> Option<&Changed> {
        if self.0.is_empty() {
            return None;
        }
        self.find(collection, id).ok().map(|at| &*self.0[at])
    }

    /// Takes in a record's newest state.
    pub(crate) fn set(
        &mut self,
        key: RecordKey,
        record: Option<Record>,
        base: Option<u32>,
        options: &Options,
    ) {
        let found = self.find(key.collection, &key.id);
        let gone = record.is_none() && base.is_none();
        match found {
            Ok(at) if gone => {
                self.0.remove(at);
            }
            Err(_) if gone => {}
            Ok(at) => self.0[at] = Arc::new(Changed::new(key, record, base, options)),
            Err(at) => self
                .0
                .insert(at, Arc::new(Changed::new(key, record, base, options))),
        }
    }

    /// The changes of one collection, sorted by id.
    pub(crate) fn of(&self, collection: Collection) -> &[Arc<Changed>] {
        let below = |order: Ordering| {
            self.0
                .partition_point(|entry| entry.key.collection.cmp(&collection) < order)
        };
        let start = below(Ordering::Equal);
        let end = below(Ordering::Greater);
        &self.0[start..end]
    }

    /// Whether the base's record of this id no longer counts.
    pub(crate) fn masks(&self, record: &Record) -> bool {
        self.get(record.collection, &record.id).is_some()
    }
}
