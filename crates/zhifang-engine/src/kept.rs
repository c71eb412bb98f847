//! What is kept beside the register between starts: the snapshot, and the index of its names.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use zhifang_geocode::NameIndex;
use zhifang_index::Snapshot;

use crate::error::EngineError;

/// Bytes written at once.
const BLOCK: usize = 1 << 20;

/// How an unfinished file's name ends.
const PART: &str = "-part";
/// An unfinished file this old is no one's.
const ABANDONED: Duration = Duration::from_hours(1);

/// Bytes of the mark that stands before the index of names, and of the sum that ends a snapshot.
const MARK: usize = 16;
const SUM: usize = 8;

/// Which snapshot an index of names belongs to: its last change, and the sum over its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    seq: u64,
    sum: [u8; SUM],
}

impl Identity {
    fn bytes(self) -> [u8; MARK] {
        let mut mark = [0; MARK];
        let (seq, sum) = mark.split_at_mut(SUM);
        seq.copy_from_slice(&self.seq.to_le_bytes());
        sum.copy_from_slice(&self.sum);
        mark
    }
}

/// Where the index of names of a snapshot is kept.
fn names_path(snapshot: &Path) -> PathBuf {
    snapshot.with_extension("names")
}

/// The snapshot of a file; `None` if there is no file.
pub(crate) fn read_snapshot(path: &Path) -> Result<Option<(Snapshot, Identity)>, EngineError> {
    let Ok(bytes) = fs::read(path) else {
        return Ok(None);
    };
    let snapshot = Snapshot::from_bytes(&bytes).map_err(|source| EngineError::SnapshotRead {
        path: path.to_owned(),
        source,
    })?;
    let sum = bytes.last_chunk::<SUM>().copied().unwrap_or_default();
    let seq = snapshot.seq();
    Ok(Some((snapshot, Identity { seq, sum })))
}

/// The names kept with the snapshot at this path; `None` if there are none or they are another
/// snapshot's.
pub(crate) fn read_names(
    snapshot: &Path,
    identity: Identity,
) -> Result<Option<NameIndex>, EngineError> {
    let path = names_path(snapshot);
    let Ok(bytes) = fs::read(&path) else {
        return Ok(None);
    };
    let Some((mark, content)) = bytes.split_first_chunk::<MARK>() else {
        return Ok(None);
    };
    if *mark != identity.bytes() {
        return Ok(None);
    }
    match NameIndex::from_bytes(content) {
        Ok(names) => Ok(Some(names)),
        Err(source) => Err(EngineError::NamesRead { path, source }),
    }
}

/// Writes both, each whole or not at all; between the two the old names are no one's.
pub(crate) fn write(
    path: &Path,
    snapshot: &Snapshot,
    names: &NameIndex,
) -> Result<(), EngineError> {
    let mut sum = [0; SUM];
    replace(path, |out| {
        let mut out = LastBytes {
            out,
            last: [0; SUM],
        };
        snapshot.to_bytes(&mut out)?;
        sum = out.last;
        Ok(())
    })?;
    let identity = Identity {
        seq: snapshot.seq(),
        sum,
    };
    replace(&names_path(path), |out| {
        out.write_all(&identity.bytes())?;
        names.to_bytes(out)
    })
}

/// Writes a file beside its place and then puts it there. The unfinished file has a name of its
/// own, for another process or another engine may be keeping the same register.
fn replace(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), EngineError> {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let mut part = path.as_os_str().to_owned();
    part.push(format!("-{}-{number}{PART}", std::process::id()));
    let part = PathBuf::from(part);
    let written = File::create(&part).and_then(|file| {
        let mut out = BufWriter::with_capacity(BLOCK, file);
        content(&mut out)?;
        out.flush()?;
        fs::rename(&part, path)
    });
    sweep(path);
    written.map_err(|source| {
        let _ = fs::remove_file(&part);
        EngineError::SnapshotWrite {
            path: path.to_owned(),
            source,
        }
    })
}

/// Removes what writers that were killed left behind.
fn sweep(path: &Path) {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return;
    };
    let here = Path::new(".");
    let folder = if folder.as_os_str().is_empty() {
        here
    } else {
        folder
    };
    let Ok(files) = fs::read_dir(folder) else {
        return;
    };
    let name = name.to_string_lossy();
    for file in files.flatten() {
        let other = file.file_name();
        let other = other.to_string_lossy();
        let is_part = other
            .strip_prefix(&*name)
            .is_some_and(|rest| rest.starts_with('-') && rest.ends_with(PART));
        let age = file.metadata().and_then(|known| known.modified());
        let is_old = age.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > ABANDONED));
        if is_part && is_old {
            // Another one may sweep too.
            let _ = fs::remove_file(file.path());
        }
    }
}

/// Hands bytes on and remembers the last ones: a snapshot ends with its sum.
struct LastBytes<'w, W> {
    out: &'w mut W,
    last: [u8; SUM],
}

impl<W: Write> Write for LastBytes<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        let written = bytes.get(..count).unwrap_or(bytes);
        for byte in written.iter().skip(written.len().saturating_sub(SUM)) {
            self.last.rotate_left(1);
            if let Some(last) = self.last.last_mut() {
                *last = *byte;
            }
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
