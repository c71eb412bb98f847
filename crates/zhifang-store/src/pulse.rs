//! Wakes those who wait for the next change.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The highest head known to this process.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    head: Mutex<u64>,
    risen: Condvar,
}

impl Pulse {
    /// Tells the head; a lower one than known is ignored.
    pub(crate) fn raise(&self, head: u64) {
        let mut known = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        if head > *known {
            *known = head;
            self.risen.notify_all();
        }
    }

    /// The head known, as soon as it is past `since` or `timeout` has gone by.
    pub(crate) fn wait(&self, since: u64, timeout: Duration) -> u64 {
        let end = Instant::now().checked_add(timeout);
        let mut known = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        while *known <= since {
            let left = end.map_or(timeout, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break;
            }
            known = self
                .risen
                .wait_timeout(known, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        *known
    }
}
