//! Readings with their tone, and the reading of a whole name.

use crate::character::readings;
use crate::syllable::Syllable;
use crate::table::table;

/// The tone number of a neutral syllable.
pub const TONELESS: u8 = 0;

/// One toned syllable, such as `lǎo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reading(u16);

impl Reading {
    pub(crate) const fn from_id(id: u16) -> Self {
        Self(id)
    }

    /// With its tone mark and ü: `lǎo`, `lǘ`.
    pub fn marked(self) -> &'static str {
        table()
            .toned
            .get(usize::from(self.0))
            .map_or("", |toned| toned.marked)
    }

    /// Without its tone.
    pub fn syllable(self) -> Syllable {
        Syllable::from_id(
            table()
                .toned
                .get(usize::from(self.0))
                .map_or(0, |toned| toned.plain),
        )
    }

    /// 1 to 4, [`TONELESS`] for the neutral tone.
    pub fn tone(self) -> u8 {
        table()
            .toned
            .get(usize::from(self.0))
            .map_or(TONELESS, |toned| toned.tone)
    }
}

/// The reading of every character of a name as a place name: special places first (六安, 蚌埠,
/// 内蒙古; the longest wins), else the character's commonest reading in place names. `None` for
/// characters without a reading. 子 and the like are neutral only after another character.
///
/// ```
/// let read = zhifang_pinyin::read_name("六安市");
/// let marked: Vec<_> = read.iter().flatten().map(|reading| reading.marked()).collect();
/// assert_eq!(marked, ["lù", "ān", "shì"]);
/// ```
pub fn read_name(name: &str) -> Vec<Option<Reading>> {
    let characters: Vec<char> = name.chars().map(crate::character::standard_form).collect();
    let mut read = Vec::with_capacity(characters.len());
    while read.len() < characters.len() {
        let rest = characters.get(read.len()..).unwrap_or(&[]);
        if let Some(ids) = special(rest) {
            read.extend(ids.iter().map(|id| Some(Reading(*id))));
            continue;
        }
        let is_first = read.is_empty();
        read.push(rest.first().and_then(|character| {
            let mut known = readings(*character);
            let commonest = known.next()?;
            if is_first && commonest.tone() == TONELESS {
                return Some(
                    known
                        .find(|other| other.tone() != TONELESS)
                        .unwrap_or(commonest),
                );
            }
            Some(commonest)
        }));
    }
    read
}

/// Reading ids of the longest special place that `rest` begins with.
fn special(rest: &[char]) -> Option<&'static [u16]> {
    let entries = table().places.get(rest.first()?)?;
    let found = entries
        .iter()
        .find(|place| rest.starts_with(&place.characters));
    found.map(|place| place.readings.as_slice())
}

/// The special reading of exactly this place, where it has one (`蚌埠`, without 市).
pub fn place_readings(name: &str) -> Option<Vec<Reading>> {
    let characters: Vec<char> = name.chars().collect();
    let ids = special(&characters)?;
    (ids.len() == characters.len()).then(|| ids.iter().map(|id| Reading(*id)).collect())
}

#[cfg(test)]
mod tests {
    use super::{place_readings, read_name};

    fn marked(name: &str) -> String {
        let read = read_name(name);
        read.iter()
            .map(|one| one.map_or("?", |reading| reading.marked()))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn special_places_win_over_the_commonest_reading() {
        for (name, wanted) in [
            ("蚌埠", "bèng bù"),
            ("重庆北路", "chóng qìng běi lù"),
            ("长子县", "zhǎng zǐ xiàn"),
            ("长沙", "cháng shā"),
            ("浚县", "xùn xiàn"),
            ("廈門", "xià mén"),
            ("都江堰", "dū jiāng yàn"),
            ("A区", "? qū"),
            ("罗田", "luó tián"),
            ("世纪社区", "shì jì shè qū"),
            ("纪家庄", "jǐ jiā zhuāng"),
            ("酂阳街道", "zàn yáng jiē dào"),
            ("酂城镇", "cuó chéng zhèn"),
            ("长葛", "cháng gě"),
            ("闵行", "mǐn háng"),
            ("新干县", "xīn gàn xiàn"),
            ("阆中", "làng zhōng"),
        ] {
            assert_eq!(marked(name), wanted, "{name}");
        }
    }

    #[test]
    fn a_suffix_like_child_is_neutral_only_after_another_character() {
        assert_eq!(marked("子洲"), "zǐ zhōu");
        assert_eq!(marked("沟子"), "gōu zi");
    }

    #[test]
    fn readings_of_other_words_are_none_of_a_name() {
        let marked = |one| {
            let all = crate::readings(one);
            all.map(crate::Reading::marked).collect::<Vec<_>>()
        };
        assert_eq!(marked('广'), ["guǎng"]);
        assert_eq!(marked('万'), ["wàn"]);
        assert_eq!(marked('乐'), ["lè", "yuè"]);
    }

    #[test]
    fn only_whole_places_are_places() {
        assert!(place_readings("六安").is_some());
        assert!(place_readings("六安市").is_none() && place_readings("六").is_none());
    }
}
