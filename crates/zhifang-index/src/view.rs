//! What an audience sees of a snapshot.

mod covering;
mod hierarchy;
mod nearest;
mod spatial;

use std::iter::FusedIterator;
use std::sync::Arc;

use zhifang_core::{Collection, Record};

use crate::delta::Changed;
use crate::snapshot::{Audience, Snapshot};
use crate::table::Table;

pub use covering::{Covering, PointLocator};
pub use nearest::{Near, NearQuery};

/// What an audience sees of a snapshot; cheap to make and to copy.
///
/// For [`Audience::Public`] restricted collections and drafts do not exist, and a marker's
/// rounded position is its position in every answer.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    snapshot: &'a Snapshot,
    audience: Audience,
}

impl<'a> View<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, audience: Audience) -> Self {
        Self { snapshot, audience }
    }

    /// The snapshot behind it.
    pub fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }

    /// Whose view it is.
    pub fn audience(&self) -> Audience {
        self.audience
    }

    /// Whether the collection exists for this audience.
    pub fn shows(&self, collection: Collection) -> bool {
        self.audience == Audience::Staff || collection.is_public()
    }

    /// The record of this id, of any status.
    pub fn record(&self, collection: Collection, id: &str) -> Option<&'a Record> {
        if let Some(changed) = self.snapshot.delta.get(collection, id) {
            return changed.see(self.audience);
        }
        let table = self.snapshot.base.table(collection);
        table.see(table.position(id)?, self.audience)
    }

    /// All records of the collection, sorted by id, retired ones included.
    pub fn records(&self, collection: Collection) -> Records<'a> {
        let table = self.snapshot.base.table(collection);
        self.records_between(collection, 0, table.records.len() as u32, |_| true)
    }

    /// Records of the collection with an id above this one, sorted by id.
    pub fn records_after(&self, collection: Collection, id: &str) -> Records<'a> {
        let table = self.snapshot.base.table(collection);
        let start = table.records.partition_point(|record| *record.id <= *id);
        let end = table.records.len() as u32;
        self.records_between(collection, start as u32, end, |changed| {
            *changed.key.id > *id
        })
    }

    /// Number of records of the collection, retired ones included.
    pub fn len(&self, collection: Collection) -> usize {
        let delta = &self.snapshot.delta;
        let table = self.snapshot.base.table(collection);
        let seen = table.seen(self.audience);
        let (mut gone, mut came) = (0, 0);
        for changed in delta.of(collection) {
            let before = changed
                .base
                .and_then(|index| table.see(index, self.audience));
            gone += usize::from(before.is_some());
            came += usize::from(changed.see(self.audience).is_some());
        }
        seen - gone + came
    }

    /// Whether the collection has no record for this audience.
    pub fn is_empty(&self, collection: Collection) -> bool {
        self.len(collection) == 0
    }

    /// Base records from `start` to before `end`, with the changed ones that `takes` picks.
    fn records_between(
        &self,
        collection: Collection,
        start: u32,
        end: u32,
        takes: impl Fn(&Changed) -> bool,
    ) -> Records<'a> {
        let changes = self.snapshot.delta.of(collection);
        let first = changes
            .iter()
            .position(|changed| takes(changed))
            .unwrap_or(changes.len());
        let count = changes[first..]
            .iter()
            .take_while(|changed| takes(changed))
            .count();
        Records {
            table: self.snapshot.base.table(collection),
            next: start,
            end,
            changes: &changes[first..first + count],
            audience: self.audience,
        }
    }

    /// The base record at a place, unless it has changed or is hidden.
    fn unchanged(&self, collection: Collection, index: u32) -> Option<&'a Record> {
        let table = self.snapshot.base.table(collection);
        let record = table.see(index, self.audience)?;
        let masked = !self.snapshot.delta.is_empty() && self.snapshot.delta.masks(record);
        (!masked).then_some(record)
    }

    /// The changed records of a collection that the audience sees.
    fn changed(&self, collection: Collection) -> impl Iterator<Item = (&'a Changed, &'a Record)> {
        let audience = self.audience;
        let changes: &'a [Arc<Changed>] = self.snapshot.delta.of(collection);
        changes
            .iter()
            .filter_map(move |changed| Some((&**changed, changed.see(audience)?)))
    }
}

/// Records of a collection, sorted by id.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    table: &'a Table,
    next: u32,
    end: u32,
    changes: &'a [Arc<Changed>],
    audience: Audience,
}

impl<'a> Iterator for Records<'a> {
    type Item = &'a Record;

    fn next(&mut self) -> Option<&'a Record> {
        loop {
            let base = (self.next < self.end)
                .then(|| self.table.records.get(self.next as usize))
                .flatten();
            let change = self.changes.first();
            let take_change = match (base, change) {
                (None, None) => return None,
                (Some(base), Some(change)) => change.key.id <= base.id,
                (base, _) => base.is_none(),
            };
            let seen =
                if let (true, Some((change, rest))) = (take_change, self.changes.split_first()) {
                    self.changes = rest;
                    // The change stands in the place of the base record of the same id.
                    if base.is_some_and(|base| base.id == change.key.id) {
                        self.next += 1;
                    }
                    change.see(self.audience)
                } else {
                    self.next += 1;
                    self.table.see(self.next - 1, self.audience)
                };
            if seen.is_some() {
                return seen;
            }
        }
    }
}

impl FusedIterator for Records<'_> {}
