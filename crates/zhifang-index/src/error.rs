//! What can be wrong with a stored snapshot.

/// Bytes that are no snapshot of this version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The bytes do not begin as a snapshot does.
    #[error("stored snapshot: wanted the mark `ZFSNAP` at the start, found other bytes")]
    NotASnapshot,
    /// Written by another version of the program.
    #[error("stored snapshot: version {found}, wanted {wanted}")]
    Version {
        /// Version that this program writes and reads.
        wanted: u32,
        /// Version found in the file.
        found: u32,
    },
    /// The sum over the content is not the stored one: the file was cut or changed.
    #[error("stored snapshot: checksum {found:016x}, wanted {wanted:016x}")]
    Checksum {
        /// Sum stored in the file.
        wanted: u64,
        /// Sum of the bytes read.
        found: u64,
    },
    /// A part cannot be read although the sum is right.
    #[error("stored snapshot: {reason} at byte {offset}")]
    Content {
        /// What was wrong.
        reason: &'static str,
        /// Where in the content, from 0.
        offset: usize,
    },
}
