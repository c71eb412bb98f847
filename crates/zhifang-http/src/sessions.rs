//! Who is signed in on the page: a cookie names a session, and the session a token. Neither can
//! be made from the other, and what was signed out or has run out is worth nothing.
//!
//! Sessions live in the memory of this process: after a restart people sign in again, and several
//! nodes behind one address want each visitor to stay with one of them.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

/// How long a session lasts.
pub(crate) const LASTS: Duration = Duration::from_hours(12);
/// Sessions kept at most; the oldest give way.
const MOST: usize = 10_000;

type Hash = [u8; 32];

/// Sessions by the hash of their names, each with its token's hash and its end.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<Hash, (Hash, Instant)>>);

fn hashed(name: &str) -> Hash {
    Sha256::digest(name.as_bytes()).into()
}

impl Sessions {
    /// A new session of the token with this hash: the name that goes into the cookie.
    pub(crate) fn open(&self, token: Hash) -> Result<String, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let mut name = String::with_capacity(64);
        for byte in bytes {
            let _ = write!(name, "{byte:02x}");
        }
        let now = Instant::now();
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= MOST {
            sessions.retain(|_, (_, end)| *end > now);
        }
        if sessions.len() >= MOST {
            let oldest = sessions.iter().min_by_key(|(_, (_, end))| *end);
            if let Some(oldest) = oldest.map(|(name, _)| *name) {
                sessions.remove(&oldest);
            }
        }
        sessions.insert(hashed(&name), (token, now + LASTS));
        Ok(name)
    }

    /// Hash of the token that the session stands for, while it lasts.
    pub(crate) fn token_of(&self, name: &str) -> Option<Hash> {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (token, end) = sessions.get(&hashed(name))?;
        (*end > Instant::now()).then_some(*token)
    }

    /// Ends a session.
    pub(crate) fn close(&self, name: &str) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.remove(&hashed(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_stands_for_its_token_until_it_is_closed() {
        let sessions = Sessions::default();
        let (a, b) = (
            sessions.open([1; 32]).unwrap(),
            sessions.open([2; 32]).unwrap(),
        );
        assert_ne!(a, b);
        assert_eq!(sessions.token_of(&a), Some([1; 32]));
        sessions.close(&a);
        assert_eq!(sessions.token_of(&a), None);
        assert_eq!(sessions.token_of(&b), Some([2; 32]));
        assert_eq!(sessions.token_of("0"), None);
    }
}
