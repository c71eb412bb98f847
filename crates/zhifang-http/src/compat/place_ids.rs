//! From the number of a place back to the record of a name.

use std::sync::{Arc, Mutex, PoisonError};

use zhifang_core::Collection;
use zhifang_engine::World;
use zhifang_index::Audience;

use super::place::{hash_of_id, is_same_id};

/// Numbers and ids of all names, sorted by number, as of one change of the register.
#[derive(Debug)]
struct Table {
    seq: u64,
    ids: Vec<(u64, Box<str>)>,
}

impl Table {
    fn new(world: &World) -> Self {
        let names = world
            .snapshot
            .view(Audience::Staff)
            .records(Collection::Names);
        let mut ids: Vec<(u64, Box<str>)> = names
            .map(|record| (hash_of_id(&record.id), record.id.clone()))
            .collect();
        ids.sort_unstable();
        Self {
            seq: world.snapshot.seq(),
            ids,
        }
    }

    fn find(&self, number: u64) -> Option<&str> {
        // Rounding to a float keeps the order.
        let start = self
            .ids
            .partition_point(|(hash, _)| (*hash as f64) < number as f64);
        let (hash, id) = self.ids.get(start)?;
        is_same_id(*hash, number).then_some(id)
    }
}

/// The table, made when it is first asked and again when a number is not in it and the register
/// has changed since: a number never stands for another id, so what was found stays true.
#[derive(Debug, Default)]
pub(crate) struct PlaceIds(Mutex<Option<Arc<Table>>>);

impl PlaceIds {
    /// The id of the name with this number. May read through all names; not for a request thread.
    pub(super) fn find(&self, world: &World, number: u64) -> Option<String> {
        let known = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(table) = &known {
            let found = table.find(number).map(str::to_owned);
            if found.is_some() || table.seq == world.snapshot.seq() {
                return found;
            }
        }
        let table = Arc::new(Table::new(world));
        let found = table.find(number).map(str::to_owned);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(table);
        found
    }
}
