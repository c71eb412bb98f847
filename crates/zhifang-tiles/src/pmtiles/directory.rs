//! Directories (PMTiles v3 §4).

use super::Packer;
use crate::mvt::put_varint;

/// A run of addresses with one tile, or (in a root directory) a leaf directory where `run` is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) offset: u64,
    pub(super) length: u32,
    pub(super) run: u32,
}

/// The root directory and the leaf directories, compressed.
pub(super) fn directories(
    entries: &[Entry],
    most_root: usize,
) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let root = serialize(entries)?;
    if root.len() <= most_root {
        return Ok((root, Vec::new()));
    }
    let mut leaf_size = 4096;
    loop {
        let mut leaves = Vec::new();
        let mut root = Vec::new();
        for group in entries.chunks(leaf_size) {
            let leaf = serialize(group)?;
            root.push(Entry {
                number: group[0].number,
                offset: leaves.len() as u64,
                length: leaf.len() as u32,
                run: 0,
            });
            leaves.extend(leaf);
        }
        let root = serialize(&root)?;
        if root.len() <= most_root {
            return Ok((root, leaves));
        }
        leaf_size *= 2;
    }
}

fn serialize(entries: &[Entry]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    put_varint(&mut out, entries.len() as u64);
    let mut last = 0;
    for entry in entries {
        put_varint(&mut out, entry.number - last);
        last = entry.number;
    }
    for entry in entries {
        put_varint(&mut out, u64::from(entry.run));
    }
    for entry in entries {
        put_varint(&mut out, u64::from(entry.length));
    }
    for (at, entry) in entries.iter().enumerate() {
        let follows = at > 0 && {
            let before = &entries[at - 1];
            before.offset + u64::from(before.length) == entry.offset
        };
        put_varint(&mut out, if follows { 0 } else { entry.offset + 1 });
    }
    Packer::default().pack(&out)
}
