//! One writer at a time, with an end to the waiting.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Holds the one thing that writers take turns with. A mutex would let them wait for ever.
#[derive(Debug)]
pub(crate) struct Gate<T> {
    slot: Mutex<Option<T>>,
    free: Condvar,
}

impl<T> Gate<T> {
    pub(crate) const fn new(thing: T) -> Self {
        Self {
            slot: Mutex::new(Some(thing)),
            free: Condvar::new(),
        }
    }

    /// The thing, or `None` if its turn did not come in time.
    pub(crate) fn take(&self, timeout: Duration) -> Option<Held<'_, T>> {
        let slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut slot, _) = self
            .free
            .wait_timeout_while(slot, timeout, |slot| slot.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        slot.take().map(|thing| Held {
            gate: self,
            thing: Some(thing),
        })
    }
}

/// The thing in one writer's hands; goes back when dropped.
#[derive(Debug)]
pub(crate) struct Held<'a, T> {
    gate: &'a Gate<T>,
    thing: Option<T>,
}

impl<T> Deref for Held<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.thing
            .as_ref()
            .expect("the thing is taken out by drop only")
    }
}

impl<T> DerefMut for Held<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.thing
            .as_mut()
            .expect("the thing is taken out by drop only")
    }
}

impl<T> Drop for Held<'_, T> {
    fn drop(&mut self) {
        *self
            .gate
            .slot
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = self.thing.take();
        self.gate.free.notify_one();
    }
}
