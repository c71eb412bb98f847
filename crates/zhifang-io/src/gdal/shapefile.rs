//! What a Shapefile's sisters say about its texts.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::gdal_room::encoding;

/// Bytes of the table that are looked at.
const LOOKED_AT: u64 = 16 << 20;

/// The encoding that GDAL must be told: `None` where the file says it itself (a .cpg file, or the
/// table's language byte), else what its bytes look like.
pub(crate) fn encoding(shp: &Path) -> Option<&'static str> {
    if sister(shp, "cpg").is_some() {
        return None;
    }
    let mut bytes = Vec::new();
    // A table that cannot be read is GDAL's to complain about.
    File::open(sister(shp, "dbf")?)
        .ok()?
        .take(LOOKED_AT)
        .read_to_end(&mut bytes)
        .ok()?;
    // dBASE: byte 29 is the language driver. 0 says nothing and 0x57 (ANSI) is what programs
    // write that mean the machine's own code page.
    match bytes.get(29) {
        Some(0 | 0x57) => {}
        _ => return None,
    }
    let head = u16::from_le_bytes([*bytes.get(8)?, *bytes.get(9)?]);
    let names = bytes.get(32..usize::from(head))?;
    let rows = bytes.get(usize::from(head)..)?;
    encoding::sniff(rows)
        .or_else(|| encoding::sniff(names))
        .or(Some("UTF-8"))
}

/// The file beside, whatever the case of its ending.
fn sister(shp: &Path, ending: &str) -> Option<PathBuf> {
    [ending.to_owned(), ending.to_uppercase()]
        .into_iter()
        .map(|ending| shp.with_extension(ending))
        .find(|path| path.is_file())
}
