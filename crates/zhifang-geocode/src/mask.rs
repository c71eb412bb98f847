//! Sets of query positions.

/// Longest query in characters; what is longer is cut.
pub(crate) const MOST_POSITIONS: usize = 200;

/// A set of positions below [`MOST_POSITIONS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mask([u64; 4]);

impl Mask {
    pub(crate) fn set(&mut self, position: usize) {
        if let Some(word) = self.0.get_mut(position / 64) {
            *word |= 1 << (position % 64);
        }
    }

    pub(crate) fn set_range(&mut self, range: std::ops::Range<usize>) {
        for position in range {
            self.set(position);
        }
    }

    pub(crate) fn contains(self, position: usize) -> bool {
        self.0
            .get(position / 64)
            .is_some_and(|word| word & (1 << (position % 64)) != 0)
    }

    pub(crate) fn intersects(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(one, two)| one & two != 0)
    }

    #[must_use]
    pub(crate) fn union(self, other: Self) -> Self {
        let mut both = self;
        for (one, two) in both.0.iter_mut().zip(other.0) {
            *one |= two;
        }
        both
    }

    /// How many positions of `other` are in here.
    pub(crate) fn count_in(self, other: Self) -> u32 {
        self.0
            .iter()
            .zip(other.0)
            .map(|(one, two)| (one & two).count_ones())
            .sum()
    }

    /// The first position; 0 if there is none.
    pub(crate) fn start(self) -> usize {
        let mut words = self.0.iter().enumerate().filter(|(_, word)| **word != 0);
        words
            .next()
            .map_or(0, |(at, word)| at * 64 + word.trailing_zeros() as usize)
    }

    /// Behind the last position; 0 if there is none.
    pub(crate) fn end(self) -> usize {
        let words = self.0.iter().enumerate().rev();
        let mut used = words.filter(|(_, word)| **word != 0);
        used.next()
            .map_or(0, |(at, word)| at * 64 + 64 - word.leading_zeros() as usize)
    }

    pub(crate) fn count(self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn positions_are_kept_across_words() {
        let mut one = Mask::default();
        one.set_range(60..70);
        let mut two = Mask::default();
        two.set(70);
        assert!(!one.intersects(two) && one.contains(64) && !one.contains(70));
        assert_eq!(one.union(two).count(), 11);
        assert_eq!(one.count_in(one.union(two)), 10);
        two.set(999);
        assert_eq!(two.count(), 1);
        assert_eq!((two.end(), one.end(), Mask::default().end()), (71, 70, 0));
        assert_eq!((two.start(), one.start()), (70, 60));
    }
}
