//! The embedded character table: `tables/hanzi.bin`, made by the `build_tables` example.
//!
//! Little-endian columns after a header of magic `ZFPY`, version and an FNV-1a checksum. The bytes
//! stay where the binary holds them; only small offsets and one 56 kB lookup table are made.

use std::collections::HashMap;
use std::sync::OnceLock;

static BYTES: &[u8] = include_bytes!("../tables/hanzi.bin");

/// Magic and version (5 bytes), then the checksum (4 bytes).
const HEADER: usize = 9;
/// The block of common characters that is looked up by position instead of by binary search.
const DIRECT: std::ops::Range<u32> = 0x3400..0xA000;
const NO_ROW: u16 = u16::MAX;

/// One toned syllable: its toneless id, its tone and its spelling with the tone mark.
#[derive(Debug)]
pub(crate) struct Toned {
    pub(crate) plain: u16,
    pub(crate) tone: u8,
    pub(crate) marked: &'static str,
}

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) syllables: Vec<&'static str>,
    pub(crate) toned: Vec<Toned>,
    direct: Vec<u16>,
    codepoints: &'static [u8],
    tiers: &'static [u8],
    strokes: &'static [u8],
    reading_offsets: &'static [u8],
    reading_ids: &'static [u8],
    forms: &'static [u8],
    variants: &'static [u8],
    /// Places whose reading is special, by their first character.
    pub(crate) places: HashMap<char, Vec<Place>>,
}

#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) characters: Vec<char>,
    pub(crate) readings: Vec<u16>,
}

/// Reads columns in order; the file is our own, so running off its end is a build fault that the
/// checksum test finds. It then yields empty columns instead of a panic.
struct Cursor(&'static [u8]);

impl Cursor {
    fn take(&mut self, count: usize) -> &'static [u8] {
        let (head, tail) = self.0.split_at(count.min(self.0.len()));
        self.0 = tail;
        head
    }

    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn u16(&mut self) -> u16 {
        u16_at(self.take(2), 0)
    }

    fn text(&mut self) -> &'static str {
        let length = usize::from(self.byte());
        std::str::from_utf8(self.take(length)).unwrap_or("")
    }
}

fn u16_at(column: &[u8], row: usize) -> u16 {
    match column.get(row * 2..row * 2 + 2) {
        Some(pair) => u16::from_le_bytes([pair[0], pair[1]]),
        None => 0,
    }
}

fn u24_at(column: &[u8], offset: usize) -> u32 {
    match column.get(offset..offset + 3) {
        Some(three) => u32::from_le_bytes([three[0], three[1], three[2], 0]),
        None => 0,
    }
}

fn char_at(column: &[u8], offset: usize) -> char {
    char::from_u32(u24_at(column, offset)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

pub(crate) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(Table::decode)
}

impl Table {
    fn decode() -> Self {
        let mut cursor = Cursor(BYTES.get(HEADER..).unwrap_or(&[]));
        let syllables: Vec<_> = (0..cursor.u16()).map(|_| cursor.text()).collect();
        let toned = (0..cursor.u16())
            .map(|_| Toned {
                plain: cursor.u16(),
                tone: cursor.byte(),
                marked: cursor.text(),
            })
            .collect();
        let rows = usize::from(cursor.u16());
        let codepoints = cursor.take(rows * 3);
        let tiers = cursor.take(rows);
        let strokes = cursor.take(rows);
        let reading_offsets = cursor.take((rows + 1) * 2);
        let reading_ids = cursor.take(usize::from(u16_at(reading_offsets, rows)) * 2);
        let forms = usize::from(cursor.u16());
        let forms = cursor.take(forms * 6);
        let variants = usize::from(cursor.u16());
        let variants = cursor.take(variants * 6);
        let mut places: HashMap<char, Vec<Place>> = HashMap::new();
        for _ in 0..cursor.u16() {
            let length = usize::from(cursor.byte());
            let mut place = Place {
                characters: Vec::new(),
                readings: Vec::new(),
            };
            for _ in 0..length {
                place.characters.push(char_at(cursor.take(3), 0));
                place.readings.push(cursor.u16());
            }
            if let Some(first) = place.characters.first() {
                places.entry(*first).or_default().push(place);
            }
        }
        for entries in places.values_mut() {
            entries.sort_by_key(|place| std::cmp::Reverse(place.characters.len()));
        }
        let mut direct = vec![NO_ROW; DIRECT.len()];
        for row in 0..rows {
            let codepoint = u24_at(codepoints, row * 3);
            if let Some(slot) = codepoint
                .checked_sub(DIRECT.start)
                .and_then(|at| direct.get_mut(at as usize))
            {
                *slot = u16::try_from(row).unwrap_or(NO_ROW);
            }
        }
        Self {
            syllables,
            toned,
            direct,
            codepoints,
            tiers,
            strokes,
            reading_offsets,
            reading_ids,
            forms,
            variants,
            places,
        }
    }

    fn row(&self, character: char) -> Option<usize> {
        let codepoint = u32::from(character);
        if DIRECT.contains(&codepoint) {
            let row = *self.direct.get((codepoint - DIRECT.start) as usize)?;
            return (row != NO_ROW).then_some(usize::from(row));
        }
        let rows = self.codepoints.len() / 3;
        let at = partition_point(rows, |row| u24_at(self.codepoints, row * 3) < codepoint);
        (u24_at(self.codepoints, at * 3) == codepoint && at < rows).then_some(at)
    }

    pub(crate) fn contains(&self, character: char) -> bool {
        self.row(character).is_some()
    }

    pub(crate) fn tier(&self, character: char) -> u8 {
        self.row(character)
            .and_then(|row| self.tiers.get(row))
            .copied()
            .unwrap_or(0)
    }

    pub(crate) fn strokes(&self, character: char) -> u8 {
        self.row(character)
            .and_then(|row| self.strokes.get(row))
            .copied()
            .unwrap_or(0)
    }

    /// Ids of the character's readings, commonest first.
    pub(crate) fn readings(&self, character: char) -> impl Iterator<Item = u16> + use<> {
        let range = self.row(character).map_or(0..0, |row| {
            usize::from(u16_at(self.reading_offsets, row))
                ..usize::from(u16_at(self.reading_offsets, row + 1))
        });
        let ids = self.reading_ids;
        range.map(move |at| u16_at(ids, at))
    }

    pub(crate) fn form(&self, character: char) -> Option<char> {
        let mut found = pairs_from(self.forms, character);
        found.next()
    }

    pub(crate) fn variants(&self, character: char) -> impl Iterator<Item = char> + use<> {
        pairs_from(self.variants, character)
    }
}

/// The second halves of the sorted pairs whose first half is `character`.
fn pairs_from(pairs: &'static [u8], character: char) -> impl Iterator<Item = char> {
    let codepoint = u32::from(character);
    let start = partition_point(pairs.len() / 6, |at| u24_at(pairs, at * 6) < codepoint);
    (start..pairs.len() / 6)
        .take_while(move |at| u24_at(pairs, at * 6) == codepoint)
        .map(|at| char_at(pairs, at * 6 + 3))
}

/// First position in `0..length` for which `is_before` no longer holds.
fn partition_point(length: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low.midpoint(high);
        if is_before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::{BYTES, HEADER, table};

    #[test]
    fn embedded_table_is_whole() {
        assert_eq!(&BYTES[..5], b"ZFPY\x01");
        let sum = BYTES[HEADER..].iter().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(*byte)).wrapping_mul(16_777_619)
        });
        assert_eq!(BYTES[5..HEADER], sum.to_le_bytes());
        assert!(BYTES.len() < 700_000);
    }

    #[test]
    fn the_standard_table_has_8105_characters() {
        let standard = table().tiers.iter().filter(|tier| **tier > 0).count();
        assert_eq!(standard, 8105);
    }

    #[test]
    fn characters_beyond_the_direct_block_are_found() {
        assert!(table().contains('𬭊') && table().contains('〇'));
        assert!(!table().contains('A') && !table().contains('\u{10FFFF}'));
    }
}
