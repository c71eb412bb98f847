//! The stored index: mark, version, content, checksum.
//!
//! Columns are stored as they stand in memory, little-endian, so that reading them is copying
//! them; only small tables that follow from others are made again.

mod read;
mod sum;
#[cfg(test)]
mod tests;
mod write;

use std::io::{self, Write};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::entry::NameKind;
use crate::error::GeocodeError;
use crate::index::NameIndex;
use read::Reader;
use write::Writer;

/// What a stored index begins with; the line end tells a transfer that changed line ends.
const MARK: [u8; 8] = *b"ZFNAME\r\n";

/// Version of the content that follows. To be raised as well when the same entries make another
/// index: what is stored was made by the rules of its day.
const VERSION: u32 = 3;

/// Bytes before the content: mark and version.
const HEAD: usize = 12;

/// Bytes after the content: the checksum.
const TAIL: usize = 8;

/// Which parts of an extra follow.
mod part {
    pub(super) const ID: u8 = 1;
    pub(super) const COLLECTION: u8 = 1 << 1;
    pub(super) const PARENT: u8 = 1 << 2;
    pub(super) const CATEGORY: u8 = 1 << 3;
    pub(super) const PLACE: u8 = 1 << 4;
    pub(super) const POPULATION: u8 = 1 << 5;
    pub(super) const REPLACED: u8 = 1 << 6;
    pub(super) const ALIASES: u8 = 1 << 7;
}

const KINDS: [NameKind; 5] = [
    NameKind::Official,
    NameKind::Former,
    NameKind::Short,
    NameKind::Alias,
    NameKind::Code,
];

fn number_of_kind(kind: NameKind) -> u8 {
    let at = KINDS.iter().position(|known| *known == kind);
    at.map_or(u8::MAX, |at| at as u8)
}

fn kind_of_number(number: u8) -> Option<NameKind> {
    KINDS.get(usize::from(number)).copied()
}

impl NameIndex {
    /// Writes the index in the versioned form that [`from_bytes`] reads. The same index gives the
    /// same bytes.
    ///
    /// # Errors
    /// What the writer answers.
    ///
    /// [`from_bytes`]: Self::from_bytes
    pub fn to_bytes(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&MARK)?;
        out.write_all(&VERSION.to_le_bytes())?;
        let mut writer = Writer::new(out);
        writer.base(&self.base)?;
        writer.base(&self.overlay)?;
        let mut hidden: Vec<u32> = self.hidden.iter().copied().collect();
        hidden.sort_unstable();
        writer.words(&hidden)?;
        writer.finish()
    }

    /// The index that [`to_bytes`](Self::to_bytes) wrote. Any other bytes are an error, never a
    /// panic, and ask for no more memory than a small multiple of their own length.
    ///
    /// # Errors
    /// [`GeocodeError`]: no index, another version, damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, GeocodeError> {
        let Some((head, rest)) = bytes.split_at_checked(HEAD) else {
            return Err(GeocodeError::NotAnIndex);
        };
        let Some(version) = head.strip_prefix(&MARK) else {
            return Err(GeocodeError::NotAnIndex);
        };
        let found = version.try_into().map_or(0, u32::from_le_bytes);
        if found != VERSION {
            return Err(GeocodeError::Version {
                wanted: VERSION,
                found,
            });
        }
        let cut = || GeocodeError::Content {
            reason: "ends early",
            offset: rest.len(),
        };
        let (content, tail) = rest
            .len()
            .checked_sub(TAIL)
            .and_then(|at| rest.split_at_checked(at))
            .ok_or_else(cut)?;
        let wanted = tail.try_into().map_or(0, u64::from_le_bytes);
        let found = sum::of(content);
        if found != wanted {
            return Err(GeocodeError::Checksum { wanted, found });
        }
        Self::from_content(content)
    }

    fn from_content(content: &[u8]) -> Result<Self, GeocodeError> {
        let mut reader = Reader::new(content);
        let base = reader.base()?;
        let overlay = reader.base()?;
        let hidden: FxHashSet<u32> = reader.words_below(base.units.len())?.into_iter().collect();
        reader.end()?;
        crate::edges::prepare();
        Ok(Self {
            base: Arc::new(base),
            overlay: Arc::new(overlay),
            hidden: Arc::new(hidden),
        })
    }
}
