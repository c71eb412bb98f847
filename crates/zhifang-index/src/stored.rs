//! The snapshot file: mark, version, content, checksum.
//!
//! Records are stored as they are, sorted, and the locator's cells, which take longest to make;
//! trees and tables are built on opening, which costs less than reading them would.

mod read;
mod sum;
mod write;

use std::array;
use std::io::{self, Write};
use std::sync::Arc;

use zhifang_core::{Collection, Record};

use crate::error::IndexError;
use crate::snapshot::{Audience, Options, Snapshot};
use read::Reader;
use write::Writer;

/// What a snapshot file begins with; the line end tells a transfer that changed line ends.
const MARK: [u8; 8] = *b"ZFSNAP\r\n";

/// Version of the content that follows.
const VERSION: u32 = 1;

/// Bytes before the content: mark and version.
const HEAD: usize = 12;

/// Bytes after the content: the checksum.
const TAIL: usize = 8;

/// What the first byte of a record says.
mod flag {
    pub(super) const STATUS: u8 = 0b11;
    /// The division is what [`zhifang_core::Record::new`] makes of the id.
    pub(super) const USUAL_DIVISION: u8 = 1 << 2;
    pub(super) const DIVISION: u8 = 1 << 3;
    pub(super) const VALID_FROM: u8 = 1 << 4;
    pub(super) const VALID_TO: u8 = 1 << 5;
    pub(super) const GEOMETRY: u8 = 1 << 6;
    pub(super) const FIELDS: u8 = 1 << 7;
}

/// The first byte of a field's value.
mod kind {
    pub(super) const NULL: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const UNSIGNED: u8 = 3;
    pub(super) const SIGNED: u8 = 4;
    pub(super) const FLOAT: u8 = 5;
    pub(super) const TEXT: u8 = 6;
    pub(super) const LIST: u8 = 7;
    pub(super) const OBJECT: u8 = 8;
}

impl Snapshot {
    /// Writes the snapshot, changes merged, in the versioned form that [`from_bytes`] reads.
    ///
    /// The same records give the same bytes.
    ///
    /// # Errors
    /// What the writer answers.
    ///
    /// [`from_bytes`]: Self::from_bytes
    pub fn to_bytes(&self, out: &mut impl Write) -> io::Result<()> {
        if self.delta_len() > 0 {
            return self.compacted().to_bytes(out);
        }
        out.write_all(&MARK)?;
        out.write_all(&VERSION.to_le_bytes())?;
        let mut writer = Writer::new(out);
        writer.number(self.seq())?;
        writer.float(self.options().marker_step_deg)?;
        let view = self.view(Audience::Staff);
        for collection in Collection::ALL {
            writer.number(view.len(collection) as u64)?;
            for record in view.records(collection) {
                writer.record(record)?;
            }
        }
        writer.cells(self.base.locator.cells().parts())?;
        writer.finish()
    }

    /// The snapshot that [`to_bytes`](Self::to_bytes) wrote. Any other bytes are an error,
    /// never a panic.
    ///
    /// # Errors
    /// [`IndexError`]: no snapshot, another version, damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IndexError> {
        let Some((head, rest)) = bytes.split_at_checked(HEAD) else {
            return Err(IndexError::NotASnapshot);
        };
        let Some(version) = head.strip_prefix(&MARK) else {
            return Err(IndexError::NotASnapshot);
        };
        let found = version.try_into().map_or(0, u32::from_le_bytes);
        if found != VERSION {
            return Err(IndexError::Version {
                wanted: VERSION,
                found,
            });
        }
        let cut = || IndexError::Content {
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
            return Err(IndexError::Checksum { wanted, found });
        }
        let mut reader = Reader::new(content);
        let seq = reader.number()?;
        let marker_step_deg = reader.float()?;
        let mut tables: [Vec<Record>; Collection::ALL.len()] = array::from_fn(|_| Vec::new());
        for (collection, records) in Collection::ALL.into_iter().zip(&mut tables) {
            *records = reader.records(collection)?;
        }
        let cells = reader.cells()?;
        reader.end()?;
        Ok(Self::from_sorted(
            tables,
            Some(cells),
            seq,
            &Options { marker_step_deg },
        ))
    }
}

/// Texts that repeat from record to record: who stored it, where it comes from.
type Shared = Arc<str>;
