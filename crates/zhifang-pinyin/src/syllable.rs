//! Toneless syllables as small numbers in alphabetical order.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::OnceLock;

use crate::table::table;

/// A toneless Pinyin syllable, `v` standing for ü. Numbers are alphabetical, so all syllables
/// that begin with the same letters are one range ([`Syllable::starting_with`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Syllable(u16);

/// A text that is no Pinyin syllable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no Pinyin syllable: wanted lower-case letters without tone, `v` for ü")]
pub struct ParseSyllableError {
    /// The text as given.
    pub text: String,
}

impl Syllable {
    /// Letters of the longest syllable (`zhuang`).
    pub const MAX_LETTERS: usize = 6;

    pub(crate) const fn from_id(id: u16) -> Self {
        Self(id)
    }

    /// The syllable with this [`id`](Self::id); `None` beyond the last.
    pub fn from_number(id: u16) -> Option<Self> {
        (id < Self::count()).then_some(Self(id))
    }

    /// Position in the alphabetical list of syllables, from 0.
    pub const fn id(self) -> u16 {
        self.0
    }

    /// How many syllables there are; every [`Syllable::id`] is below it.
    pub fn count() -> u16 {
        u16::try_from(table().syllables.len()).unwrap_or(u16::MAX)
    }

    /// The letters, lower case, `v` for ü.
    pub fn as_str(self) -> &'static str {
        table()
            .syllables
            .get(usize::from(self.0))
            .copied()
            .unwrap_or("")
    }

    /// The initial consonant (`zh` of `zhuang`); the first vowel where there is none.
    pub fn initial(self) -> &'static str {
        let text = self.as_str();
        let two = text.len() > 1 && matches!(text.as_bytes(), [b'z' | b'c' | b's', b'h', ..]);
        text.get(..if two { 2 } else { 1 }).unwrap_or(text)
    }

    /// First letter, as typed when abbreviating (`z` for `zhuang`).
    pub fn first_letter(self) -> u8 {
        self.as_str().as_bytes().first().copied().unwrap_or(b'?')
    }

    /// Ids of the syllables that begin with `letters`; empty if none does.
    pub fn starting_with(letters: &str) -> Range<u16> {
        let all = &table().syllables;
        let start = all.partition_point(|known| *known < letters);
        let length = all
            .iter()
            .skip(start)
            .take_while(|known| known.starts_with(letters))
            .count();
        let id = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        id(start)..id(start + length)
    }

    /// A class that is equal for syllables many speakers do not tell apart: z/zh, c/ch, s/sh,
    /// n/l, f/h, r/l, -n/-ng, v/u.
    pub fn fuzzy_class(self) -> u16 {
        static CLASSES: OnceLock<Vec<u16>> = OnceLock::new();
        let classes = CLASSES.get_or_init(|| {
            let mut keys: Vec<String> = Vec::new();
            let of = |text: &&str| {
                let key = fuzzy_key(text);
                let at = keys
                    .iter()
                    .position(|known| *known == key)
                    .unwrap_or_else(|| {
                        keys.push(key);
                        keys.len() - 1
                    });
                u16::try_from(at).unwrap_or(u16::MAX)
            };
            table().syllables.iter().map(of).collect()
        });
        classes
            .get(usize::from(self.0))
            .copied()
            .unwrap_or(u16::MAX)
    }
}

fn fuzzy_key(text: &str) -> String {
    let mut key = text.replace('v', "u");
    for (from, to) in [
        ("zh", "z"),
        ("ch", "c"),
        ("sh", "s"),
        ("l", "n"),
        ("r", "n"),
        ("h", "f"),
    ] {
        if let Some(rest) = key.strip_prefix(from) {
            key = format!("{to}{rest}");
        }
    }
    if key.ends_with("ng") {
        key.pop();
    }
    key
}

impl FromStr for Syllable {
    type Err = ParseSyllableError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match table().syllables.binary_search(&text) {
            Ok(at) => Ok(Self(u16::try_from(at).unwrap_or(u16::MAX))),
            Err(_) => Err(ParseSyllableError {
                text: text.to_owned(),
            }),
        }
    }
}

impl fmt::Display for Syllable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Syllable;

    fn syllable(text: &str) -> Syllable {
        text.parse().unwrap()
    }

    #[test]
    fn prefixes_are_ranges() {
        let range = Syllable::starting_with("zhua");
        let texts: Vec<_> = range.map(|id| Syllable::from_id(id).as_str()).collect();
        assert_eq!(texts, ["zhua", "zhuai", "zhuan", "zhuang"]);
        assert!(Syllable::starting_with("i").is_empty());
        assert_eq!(
            Syllable::starting_with("").len(),
            usize::from(Syllable::count())
        );
    }

    #[test]
    fn initials() {
        assert_eq!(syllable("zhuang").initial(), "zh");
        assert_eq!(syllable("an").initial(), "a");
        assert!("zhx".parse::<Syllable>().is_err());
    }

    #[test]
    fn fuzzy_pairs_share_a_class() {
        for (one, other) in [
            ("ning", "lin"),
            ("zhang", "zan"),
            ("hu", "fu"),
            ("lv", "nu"),
        ] {
            assert_eq!(
                syllable(one).fuzzy_class(),
                syllable(other).fuzzy_class(),
                "{one} {other}"
            );
        }
        assert_ne!(syllable("bei").fuzzy_class(), syllable("pei").fuzzy_class());
    }
}
