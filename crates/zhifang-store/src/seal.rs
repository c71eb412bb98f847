//! Digests of versions and the seals that chain commits, so that no entry of the log can be
//! changed, moved or taken out unseen.
//!
//! A version's digest stands for its content and its place in the commit. A commit's seal is made
//! of the seal before, the digests of its versions, its numbers, time and author.

use sha2::{Digest as _, Sha256};

/// SHA-256.
pub(crate) type Digest = [u8; 32];

/// The seal before the first commit.
pub(crate) const NO_SEAL: Digest = [0; 32];

/// What a digest is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Content<'a> {
    /// Place in the commit, from 0: known before the commit's numbers are.
    pub(crate) offset: u64,
    pub(crate) collection: u8,
    pub(crate) id: &'a str,
    pub(crate) version: u32,
    pub(crate) operation: u8,
    pub(crate) previous: Previous,
    pub(crate) source: &'a str,
    pub(crate) name: &'a str,
    pub(crate) body: &'a [u8],
    pub(crate) geometry: Option<&'a [u8]>,
}

/// The version before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Previous {
    /// There is none.
    Absent,
    /// In an earlier commit: its seq.
    Seq(u64),
    /// In the same commit: its place there.
    Offset(u64),
}

impl Previous {
    /// From the stored seq, in a commit that begins with `first`.
    pub(crate) const fn of(seq: u64, first: u64) -> Self {
        match seq {
            0 => Self::Absent,
            seq if seq >= first => Self::Offset(seq - first),
            seq => Self::Seq(seq),
        }
    }

    /// The seq to store, in a commit that begins with `first`.
    pub(crate) const fn seq(self, first: u64) -> u64 {
        match self {
            Self::Absent => 0,
            Self::Seq(seq) => seq,
            Self::Offset(offset) => first + offset,
        }
    }
}

fn put(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

/// Digest of a version.
pub(crate) fn digest(content: &Content<'_>) -> Digest {
    let mut hasher = Sha256::new();
    let (kind, number) = match content.previous {
        Previous::Absent => (0, 0),
        Previous::Seq(seq) => (1, seq),
        Previous::Offset(offset) => (2, offset),
    };
    let mut head = [0_u8; 24];
    head[0] = 1; // form of the digest
    head[1] = content.collection;
    head[2] = content.operation;
    head[3] = kind;
    head[4..8].copy_from_slice(&content.version.to_le_bytes());
    head[8..16].copy_from_slice(&content.offset.to_le_bytes());
    head[16..].copy_from_slice(&number.to_le_bytes());
    hasher.update(head);
    put(&mut hasher, content.id.as_bytes());
    put(&mut hasher, content.source.as_bytes());
    put(&mut hasher, content.name.as_bytes());
    put(&mut hasher, content.body);
    match content.geometry {
        None => hasher.update([0]),
        Some(geometry) => {
            hasher.update([1]);
            put(&mut hasher, geometry);
        }
    }
    hasher.finalize().into()
}

/// Makes the seal of a commit.
#[derive(Debug)]
pub(crate) struct Sealer(Sha256);

impl Sealer {
    /// Begins with the seal of the commit before.
    pub(crate) fn new(before: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        put(&mut hasher, before);
        Self(hasher)
    }

    /// Adds the next version.
    pub(crate) fn add(&mut self, digest: &Digest) {
        self.0.update(digest);
    }

    /// The seal.
    pub(crate) fn finish(mut self, first: u64, last: u64, at: i64, by: &str) -> Digest {
        self.0.update(first.to_le_bytes());
        self.0.update(last.to_le_bytes());
        self.0.update(at.to_le_bytes());
        put(&mut self.0, by.as_bytes());
        self.0.finalize().into()
    }
}
