//! The checksum of a stored index.

/// An odd factor: multiplying by it loses nothing (the golden ratio's fraction, 64 bits).
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// A sum over bytes that come in pieces of whole words, but for the last.
///
/// Each step is a bijection of the state and of the word, so that a change within one word is
/// always seen; it guards against damage, not against forgery.
#[derive(Debug, Default)]
pub(super) struct Sum {
    state: u64,
    length: u64,
}

impl Sum {
    /// Takes in the next bytes; only the last piece may end within a word of eight.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.step(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(rest) {
                *to = *from;
            }
            self.step(u64::from_le_bytes(word));
        }
    }

    fn step(&mut self, word: u64) {
        self.state = (self.state.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    }

    /// The sum, length included.
    pub(super) fn finish(mut self) -> u64 {
        self.step(self.length);
        self.state ^ (self.state >> 29)
    }
}

/// The sum over these bytes.
pub(super) fn of(bytes: &[u8]) -> u64 {
    let mut sum = Sum::default();
    sum.add(bytes);
    sum.finish()
}
