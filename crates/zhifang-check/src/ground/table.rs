//! Edges by vertex numbers, with the units on either side.

/// Who lies beside an edge: unit and side in one number. Right is seen from the lower to the
/// higher vertex number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Owner(u32);

impl Owner {
    pub(crate) fn new(unit: u32, is_right: bool) -> Self {
        Self(unit << 1 | u32::from(is_right))
    }

    pub(crate) fn unit(self) -> u32 {
        self.0 >> 1
    }

    pub(crate) fn is_right(self) -> bool {
        self.0 & 1 == 1
    }
}

/// The two vertex numbers of an edge as one number, the lower first.
pub(crate) fn key(a: u32, b: u32) -> u64 {
    u64::from(a.min(b)) << 32 | u64::from(a.max(b))
}

/// The lower and the higher vertex number of an edge.
pub(crate) fn ends(key: u64) -> (u32, u32) {
    ((key >> 32) as u32, key as u32)
}

/// Every edge of a layer once, ascending, with its owners.
#[derive(Debug, Default)]
pub(crate) struct EdgeTable {
    keys: Vec<u64>,
    /// Where the owners of each edge start; one longer than `keys`.
    starts: Vec<u32>,
    owners: Vec<Owner>,
}

impl EdgeTable {
    pub(crate) fn new(mut owned: Vec<(u64, Owner)>) -> Self {
        owned.sort_unstable();
        let mut table = Self {
            keys: Vec::with_capacity(owned.len() / 2),
            starts: Vec::with_capacity(owned.len() / 2 + 1),
            owners: Vec::with_capacity(owned.len()),
        };
        for (key, owner) in owned {
            if table.keys.last() != Some(&key) {
                table.keys.push(key);
                table.starts.push(table.owners.len() as u32);
            }
            table.owners.push(owner);
        }
        table.starts.push(table.owners.len() as u32);
        table
    }

    /// Edges with their owners, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &[Owner])> {
        self.keys
            .iter()
            .enumerate()
            .map(|(at, key)| (*key, self.owners_at(at)))
    }

    /// The owners of an edge; none where there is no such edge.
    pub(crate) fn owners(&self, key: u64) -> &[Owner] {
        self.keys
            .binary_search(&key)
            .map_or(&[], |at| self.owners_at(at))
    }

    fn owners_at(&self, at: usize) -> &[Owner] {
        &self.owners[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

/// Whether an edge lies between two units, one on each side.
pub(crate) fn is_matched(owners: &[Owner]) -> bool {
    matches!(owners, [a, b] if a.is_right() != b.is_right() && a.unit() != b.unit())
}
