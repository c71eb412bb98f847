//! The query as positions: what is left of the text once folded.

use zhifang_pinyin::{fold_characters, standard_form};

use crate::generic::english;
use crate::mask::{MOST_POSITIONS, Mask};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// A Han character, or the stand-in of an English generic word.
    Han,
    /// A Latin letter.
    Latin,
    Digit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) character: char,
    pub(crate) class: Class,
    /// First and last character of the original that it stands for.
    pub(crate) first: usize,
    pub(crate) last: usize,
    /// A separator stands before it.
    pub(crate) after_break: bool,
}

/// Characters that stand behind a house number.
const COUNTERS: &str = "号弄幢栋楼室单元院座层";

#[derive(Debug, Default)]
pub(crate) struct Query {
    pub(crate) original: Vec<char>,
    pub(crate) positions: Vec<Position>,
    pub(crate) han: Mask,
    pub(crate) latin: Mask,
    /// Positions of a street and house number, or of the country's name: no one expects a
    /// division to explain them.
    pub(crate) beside: Mask,
    /// At these positions a street's generic part begins, so what ends here is a street's name.
    pub(crate) street_at: Mask,
    /// Generic parts of streets with a house number, and the numbers.
    pub(crate) street_part: Mask,
    /// Positions at which a run of letters begins, as bits; of the first 64 only.
    pub(crate) runs: u64,
}

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        let original: Vec<char> = text.chars().take(MOST_POSITIONS).collect();
        let kept: String = original.iter().collect();
        let folded = fold_characters(&kept);
        let mut query = Self {
            original,
            ..Self::default()
        };
        let mut after_break = false;
        let mut at = 0;
        while let Some(one) = folded.get(at) {
            let character = one.character;
            if character.is_ascii_lowercase() {
                let run: Vec<_> = folded
                    .iter()
                    .skip(at)
                    .take_while(|next| next.character.is_ascii_lowercase())
                    .collect();
                let word: String = run.iter().map(|next| next.character).collect();
                let last = run.last().map_or(one.origin, |next| next.origin);
                at += run.len();
                // The possessive of Hubei's.
                let is_possessive = word == "s"
                    && at > 1
                    && folded
                        .get(at - 2)
                        .is_some_and(|before| before.character == '\'');
                if english::is_filler(&word) || is_possessive {
                    after_break = true;
                    continue;
                }
                if let Some(stand_in) = english::of_word(&word) {
                    query.push(stand_in, Class::Han, one.origin, last, true);
                    after_break = true;
                    continue;
                }
                for letter in run {
                    query.push(
                        letter.character,
                        Class::Latin,
                        letter.origin,
                        letter.origin,
                        after_break,
                    );
                    after_break = false;
                }
                continue;
            }
            at += 1;
            if character.is_ascii_digit() {
                query.push(character, Class::Digit, one.origin, one.origin, after_break);
            } else if character.is_alphanumeric() {
                query.push(
                    standard_form(character),
                    Class::Han,
                    one.origin,
                    one.origin,
                    after_break,
                );
            } else {
                after_break = true;
                continue;
            }
            after_break = false;
        }
        query.mark_streets();
        query.mark_numbers();
        query.mark_country();
        query
    }

    fn push(
        &mut self,
        character: char,
        class: Class,
        first: usize,
        last: usize,
        after_break: bool,
    ) {
        let at = self.positions.len();
        match class {
            Class::Han => self.han.set(at),
            Class::Latin => {
                let is_inside = !after_break
                    && self
                        .positions
                        .last()
                        .is_some_and(|before| before.class == Class::Latin);
                if !is_inside && at < 64 {
                    self.runs |= 1 << at;
                }
                self.latin.set(at);
            }
            Class::Digit => self.beside.set(at),
        }
        self.positions.push(Position {
            character,
            class,
            first,
            last,
            after_break,
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.positions.len()
    }

    pub(crate) fn character(&self, at: usize) -> Option<char> {
        self.positions.get(at).map(|position| position.character)
    }

    fn spells(&self, at: usize, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(offset, wanted)| self.character(at + offset) == Some(wanted))
    }

    fn mark_streets(&mut self) {
        const STREETS: [&str; 8] = ["大道", "大街", "胡同", "公路", "路", "街", "巷", "弄"];
        // 胜利路社区 is a community, 南街村 a village, 解放路街道 a subdistrict.
        const NOT_BEHIND: [&str; 10] = [
            "街道", "社区", "居委", "居民", "村", "街道", "道", "办", "镇", "乡",
        ];
        for at in 0..self.len() {
            // 芗城区，巷口街道: nothing that ends before a separator goes on behind it.
            if self.positions.get(at).is_some_and(|one| one.after_break) {
                continue;
            }
            let mut start = at;
            while start < at + 2
                && self
                    .character(start)
                    .is_some_and(|one| "东西南北中".contains(one))
            {
                start += 1;
            }
            // 东路: every way to read the directions before the generic part.
            for generic_at in at..=start {
                let begins = |one: char| "大胡公路街巷弄".contains(one);
                if !self.character(generic_at).is_some_and(begins) {
                    continue;
                }
                let found = STREETS
                    .iter()
                    .find(|street| self.spells(generic_at, street));
                let Some(street) = found else { continue };
                let end = generic_at + street.chars().count();
                if end > generic_at + 2 || NOT_BEHIND.iter().any(|other| self.spells(end, other)) {
                    continue;
                }
                self.street_at.set(at);
                if generic_at == at {
                    self.mark_street_tail(at, end);
                }
            }
        }
    }

    /// Marks the generic part, the number behind it and up to two characters of its name, which
    /// no division needs to explain.
    fn mark_street_tail(&mut self, at: usize, generic_end: usize) {
        let mut end = generic_end;
        while self
            .positions
            .get(end)
            .is_some_and(|next| next.class == Class::Digit || COUNTERS.contains(next.character))
        {
            end += 1;
        }
        if end > generic_end {
            self.street_part.set_range(at..end);
        }
        self.beside.set_range(at.saturating_sub(2)..end);
    }

    /// Marks what counts houses behind a number: 号 of 12号.
    fn mark_numbers(&mut self) {
        for at in 1..self.len() {
            let is_counted = self
                .positions
                .get(at - 1)
                .is_some_and(|before| before.class == Class::Digit);
            if is_counted && self.character(at).is_some_and(|one| COUNTERS.contains(one)) {
                self.beside.set(at);
            }
        }
    }

    fn mark_country(&mut self) {
        for country in ["中华人民共和国", "中国"] {
            let length = country.chars().count();
            if self.len() > length && self.spells(0, country) {
                self.beside.set_range(0..length);
                return;
            }
        }
    }

    /// The parts of the original that `used` does not cover, joined by blanks.
    pub(crate) fn rest(&self, used: Mask) -> String {
        let mut covered = vec![false; self.original.len()];
        let mut is_meant = vec![false; self.original.len()];
        for (at, position) in self.positions.iter().enumerate() {
            for original in position.first..=position.last {
                if let (Some(covered), Some(meant)) =
                    (covered.get_mut(original), is_meant.get_mut(original))
                {
                    *covered = used.contains(at);
                    *meant = true;
                }
            }
        }
        let mut parts: Vec<String> = Vec::new();
        let mut part = String::new();
        let mut separators = String::new();
        for ((character, covered), meant) in self.original.iter().zip(covered).zip(is_meant) {
            if !meant {
                separators.push(*character);
            } else if covered {
                parts.extend((!part.is_empty()).then(|| std::mem::take(&mut part)));
                separators.clear();
            } else {
                if !part.is_empty() {
                    part.push_str(&separators);
                }
                separators.clear();
                part.push(*character);
            }
        }
        parts.extend((!part.is_empty()).then_some(part));
        parts.join(" ")
    }

    /// The original text of the positions in `used`.
    pub(crate) fn text_of(&self, used: Mask) -> String {
        let mut text = String::new();
        for (at, position) in self.positions.iter().enumerate() {
            if used.contains(at) {
                text.extend(
                    self.original
                        .get(position.first..=position.last)
                        .unwrap_or(&[]),
                );
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Query;
    use crate::mask::Mask;

    #[test]
    fn the_rest_is_the_original_text() {
        let query = Query::parse("老河口市 光化街道，Ａ-12 号");
        let mut used = Mask::default();
        used.set_range(0..8);
        assert_eq!(query.rest(used), "Ａ-12 号");
        assert_eq!(query.text_of(used), "老河口市光化街道");
    }

    #[test]
    fn english_words_are_one_position_and_fillers_none() {
        let query = Query::parse("the City of Laohekou's Hubei");
        assert_eq!(query.len(), 1 + 8 + 5);
    }

    #[test]
    fn streets_are_seen_and_subdistricts_are_not() {
        let street = Query::parse("上海市山西南路12号");
        assert!(street.street_at.contains(5) && street.street_at.contains(6));
        assert!(!street.street_at.contains(3));
        for text in ["北京路街道", "胜利路社区", "南街村", "光化街道"] {
            let query = Query::parse(text);
            assert_eq!(query.street_at.count(), 0, "{text}");
        }
    }
}
