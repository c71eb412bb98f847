//! What can be wrong with a stored index.

/// Bytes that are no index of names of this version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GeocodeError {
    /// The bytes do not begin as an index does.
    #[error("stored index of names: wanted the mark `ZFNAME` at the start, found other bytes")]
    NotAnIndex,
    /// Written by another version of the program.
    #[error("stored index of names: version {found}, wanted {wanted}")]
    Version {
        /// Version that this program writes and reads.
        wanted: u32,
        /// Version found in the file.
        found: u32,
    },
    /// The sum over the content is not the stored one: the file was cut or changed.
    #[error("stored index of names: checksum {found:016x}, wanted {wanted:016x}")]
    Checksum {
        /// Sum stored in the file.
        wanted: u64,
        /// Sum of the bytes read.
        found: u64,
    },
    /// A part cannot be read although the sum is right.
    #[error("stored index of names: {reason} at byte {offset}")]
    Content {
        /// What was wrong.
        reason: &'static str,
        /// Where in the content, from 0.
        offset: usize,
    },
}
