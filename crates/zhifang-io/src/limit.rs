//! Bounds on what a hostile file can cost, counted by the bytes that really come out.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::error::Error;

/// Most bytes that a packed file may unpack to.
pub(crate) const MAX_UNPACKED: u64 = 2 << 30;
/// Most bytes of a table that is held in memory as a whole.
pub(crate) const MAX_TABLE: u64 = 1 << 30;
/// Unpacked bytes up to which any ratio is taken (short files of blanks pack well).
const RATIO_FREE: u64 = 10 << 20;
/// Largest ratio of unpacked to packed bytes past [`RATIO_FREE`].
pub(crate) const MAX_RATIO: u64 = 100;

/// Opens a regular file for buffered reading, unpacking gzip within the limits.
pub(crate) fn open(path: &Path, is_packed: bool) -> Result<Box<dyn Read>, Error> {
    let file = File::open(path).map_err(Error::io("read", path))?;
    let facts = file.metadata().map_err(Error::io("read", path))?;
    if facts.is_dir() {
        return Err(Error::Content {
            path: path.to_owned(),
            reason: "is a folder, wanted a file".to_owned(),
        });
    }
    let file = BufReader::with_capacity(1 << 16, file);
    if !is_packed {
        return Ok(Box::new(file));
    }
    let unpacked = MultiGzDecoder::new(file);
    Ok(Box::new(BufReader::with_capacity(
        1 << 16,
        Bounded::new(unpacked, facts.len()),
    )))
}

/// The whole file as bytes, at most [`MAX_TABLE`] of them.
pub(crate) fn read_all(path: &Path, is_packed: bool) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    open(path, is_packed)?
        .take(MAX_TABLE + 1)
        .read_to_end(&mut bytes)
        .map_err(|fault| fault_of_read(path, fault))?;
    if bytes.len() as u64 > MAX_TABLE {
        return Err(Error::TooLarge {
            path: path.to_owned(),
            what: "the number of bytes",
            limit: MAX_TABLE,
        });
    }
    Ok(bytes)
}

/// What a failed read means: a limit passed, or the disk.
pub(crate) fn fault_of_read(path: &Path, fault: io::Error) -> Error {
    match fault
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<BoundPassed>())
    {
        Some(passed) => Error::TooLarge {
            path: path.to_owned(),
            what: passed.what,
            limit: passed.limit,
        },
        None => Error::io("read", path)(fault),
    }
}

/// A limit that was passed while unpacking.
#[derive(Debug, thiserror::Error)]
#[error("{what} exceeds {limit}")]
pub(crate) struct BoundPassed {
    pub(crate) what: &'static str,
    pub(crate) limit: u64,
}

/// A reader of unpacked bytes that stops at the limits.
pub(crate) struct Bounded<R> {
    inner: R,
    packed: u64,
    passed: u64,
    limit: u64,
}

impl<R: Read> Bounded<R> {
    /// `packed` is the size of the packed bytes.
    pub(crate) fn new(inner: R, packed: u64) -> Self {
        Self {
            inner,
            packed: packed.max(1),
            passed: 0,
            limit: MAX_UNPACKED,
        }
    }

    /// With another limit on the bytes that come out.
    pub(crate) fn with_limit(mut self, limit: u64) -> Self {
        self.limit = limit;
        self
    }

    /// Bytes that came out so far.
    pub(crate) fn passed(&self) -> u64 {
        self.passed
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.passed += count as u64;
        let fault = |what, limit| Err(io::Error::other(BoundPassed { what, limit }));
        if self.passed > self.limit {
            return fault("the number of unpacked bytes", self.limit);
        }
        if self.passed > RATIO_FREE && self.passed / self.packed > MAX_RATIO {
            return fault("the ratio of unpacked to packed bytes", MAX_RATIO);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_is_stopped_by_the_bytes_that_come_out() {
        let mut bomb = Bounded::new(io::repeat(b' '), 4_000);
        let fault = io::copy(&mut bomb, &mut io::sink()).unwrap_err();
        assert!(fault.to_string().contains("ratio"), "{fault}");
        assert!(bomb.passed() < RATIO_FREE + (1 << 20));
        let mut large = Bounded::new(io::repeat(b' '), u64::MAX).with_limit(1 << 20);
        assert!(io::copy(&mut large, &mut io::sink()).is_err());
    }
}
