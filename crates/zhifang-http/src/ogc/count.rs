//! How many records of a collection stand, counted once for a world.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use zhifang_core::Collection;
use zhifang_index::{Audience, View};

/// Counts of the newest world that was asked.
#[derive(Debug, Default)]
pub(crate) struct Counts(Mutex<HashMap<(Audience, Collection), (u64, usize)>>);

impl Counts {
    /// The number that `count` finds in the view's snapshot, remembered for its sequence number.
    pub(crate) fn of(
        &self,
        view: View<'_>,
        collection: Collection,
        count: impl FnOnce() -> usize,
    ) -> usize {
        let key = (view.audience(), collection);
        let seq = view.snapshot().seq();
        let kept = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .copied();
        match kept {
            Some((of, found)) if of == seq => found,
            _ => {
                let found = count();
                self.0
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(key, (seq, found));
                found
            }
        }
    }
}
