//! Names that are written with another character of the same sound: 洪山咀镇 for 洪山嘴镇.

use aho_corasick::{AhoCorasick, MatchKind};
use zhifang_pinyin::{Reading, read_name};

use super::Standard;
use super::form::{Lexicon, Span};

/// The sounds of all standard names.
#[derive(Debug)]
pub(super) struct Sounds {
    automaton: Option<AhoCorasick>,
    /// Standard names of each pattern.
    names: Vec<Vec<String>>,
}

/// Two bytes for a syllable, the first below 128 and the second above: no match begins in between.
fn pair(reading: Reading) -> [u8; 2] {
    let number = reading.syllable().id();
    [((number >> 7) & 0x7f) as u8, 0x80 | (number & 0x7f) as u8]
}

/// What has no reading parts names: no pattern holds it.
const PART: [u8; 2] = [0xff, 0x00];

impl Sounds {
    pub(super) fn build(lexicon: &Lexicon, min_chars: usize) -> Self {
        let mut sounds = Self {
            automaton: None,
            names: Vec::new(),
        };
        let mut by_key: std::collections::BTreeMap<Vec<u8>, Vec<String>> =
            std::collections::BTreeMap::new();
        for name in lexicon.standard.keys() {
            if name.chars().count() < min_chars {
                continue;
            }
            let mut key = Vec::with_capacity(name.len());
            let is_read = read_name(name).into_iter().all(|reading| {
                key.extend(reading.map(pair).unwrap_or_default());
                reading.is_some()
            });
            if is_read {
                by_key.entry(key).or_default().push(name.clone());
            }
        }
        let keys: Vec<&Vec<u8>> = by_key.keys().collect();
        sounds.automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&keys)
            .ok()
            .filter(|_| !keys.is_empty());
        sounds.names = by_key.into_values().collect();
        sounds
    }

    /// Spans of the text that sound like a standard name and are written otherwise, with the
    /// names that are meant. `taken` are spans of known forms: what they cover is no slip.
    pub(super) fn slips(
        &self,
        text: &str,
        lexicon: &Lexicon,
        taken: &[Span],
    ) -> Vec<(usize, usize, Vec<Standard>)> {
        let Some(automaton) = &self.automaton else {
            return Vec::new();
        };
        let places: Vec<(usize, char)> = text.char_indices().collect();
        let bytes: Vec<u8> = read_name(text)
            .into_iter()
            .flat_map(|reading| reading.map_or(PART, pair))
            .collect();
        let mut slips = Vec::new();
        let mut next_taken = taken.iter().peekable();
        for found in automaton.find_iter(&bytes) {
            let (first, end) = (found.start() / 2, found.end() / 2);
            let Some((start, _)) = places.get(first).copied() else {
                continue;
            };
            let stop = places.get(end).map_or(text.len(), |(at, _)| *at);
            while next_taken.next_if(|span| span.end <= start).is_some() {}
            // A known form in the way; one that is not standard gives way to a longer name.
            let in_the_way = |span: &&Span| {
                span.start < stop
                    && !(span.start >= start
                        && span.end <= stop
                        && lexicon.is_non_standard(span.pattern))
            };
            if next_taken
                .clone()
                .take_while(|span| span.start < stop)
                .any(|span| in_the_way(&span))
            {
                continue;
            }
            let written = text.get(start..stop).unwrap_or_default();
            let mut owners = Vec::new();
            for name in self
                .names
                .get(found.pattern().as_usize())
                .into_iter()
                .flatten()
            {
                if is_slip(written, name) {
                    owners.extend(lexicon.standard.get(name).into_iter().flatten().copied());
                }
            }
            let near = lexicon.in_context(&owners, text, start);
            let chosen = match (near.is_empty(), lexicon.is_local) {
                (false, _) => near,
                (true, true) => owners,
                // A sound alone, anywhere in the nation, tells nothing.
                (true, false) => continue,
            };
            if !chosen.is_empty() {
                slips.push((start, stop, lexicon.standards(&chosen)));
            }
        }
        slips
    }
}

/// One character is another, two in long names; the generic term at the end is the same.
fn is_slip(written: &str, name: &str) -> bool {
    let differing = written
        .chars()
        .zip(name.chars())
        .filter(|(a, b)| a != b)
        .count();
    let most = if name.chars().count() > 4 { 2 } else { 1 };
    (1..=most).contains(&differing) && written.chars().last() == name.chars().last()
}
