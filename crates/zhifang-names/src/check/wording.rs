//! Rules on the words themselves: script, persons, foreign names, brands, odd words.

use zhifang_pinyin::{fold_character, is_han, is_standard_character, standard_form};

use super::Desk;
use crate::category::Category;
use crate::error::Error;
use crate::rules::WordList;
use crate::text::{Text, text};
use crate::verdict::Severity;

/// Marks that stand in names: the dot between parts of a foreign-language name, brackets.
const MARKS: &str = "·•（）()－-—";

/// The name without blanks at its ends, or why it is none.
pub(crate) fn readable(given: &str, most: usize) -> Result<String, Error> {
    let name = given.trim();
    if name.is_empty() {
        return Err(Error::NameEmpty);
    }
    let found = name.chars().count();
    if found > most {
        return Err(Error::NameLong { found, most });
    }
    let stands_in_no_name = |character: char| {
        !(character.is_alphanumeric()
            || is_han(fold_character(character))
            || matches!(character, ' ' | '\u{3000}' | '\'' | '’')
            || MARKS.contains(character))
    };
    match name
        .chars()
        .enumerate()
        .find(|(_, c)| stands_in_no_name(*c))
    {
        Some((at, character)) => Err(Error::NameCharacter {
            found: format!("U+{:04X}", u32::from(character)),
            at: at + 1,
        }),
        None => Ok(name.to_owned()),
    }
}

/// A short word must be the whole specific part, a longer one may stand inside it.
fn names_it(specific: &str, word: &str) -> bool {
    if word.chars().count() < 3 {
        specific == word
    } else {
        specific.contains(word)
    }
}

impl Desk<'_, '_> {
    pub(super) fn wording(&mut self) {
        self.script();
        self.letters_and_digits();
        self.persons();
        self.foreign_and_brands();
        self.odd_words();
        self.borrowed_by_list();
    }

    fn script(&mut self) {
        let name = self.name.clone();
        let mut seen = Vec::new();
        for character in name.chars() {
            if seen.contains(&character) {
                continue;
            }
            seen.push(character);
            let folded = fold_character(character);
            let is_letter = folded.is_ascii_alphanumeric();
            if is_standard_character(character) || MARKS.contains(character) || is_letter {
                continue;
            }
            let standard = standard_form(folded);
            let proposal = if is_standard_character(standard) {
                let mended: String = name
                    .chars()
                    .map(|c| if c == character { standard } else { c })
                    .collect();
                text!("改用“{standard}”：{mended}", "write {standard}: {mended}")
            } else {
                Text::new(
                    "换用通用规范汉字表内的字",
                    "take a character of the table of 8,105 standard characters",
                )
            };
            let message = if character.is_whitespace() {
                Text::new("地名中有空格", "there is a blank in the name")
            } else if is_han(folded) {
                text!(
                    "“{character}”不在通用规范汉字表内",
                    "{character} is not in the table of 8,105 standard characters"
                )
            } else {
                text!(
                    "“{character}”不是国家通用文字",
                    "{character} is not of the national common script"
                )
            };
            self.find("NAM-05", &character.to_string(), message, proposal);
        }
    }

    fn letters_and_digits(&mut self) {
        let specific = self.specific.clone();
        let Some(found) = specific
            .chars()
            .find(|c| fold_character(*c).is_ascii_alphanumeric())
        else {
            return;
        };
        let mended: String = specific
            .chars()
            .map(|c| {
                let folded = fold_character(c);
                folded
                    .to_digit(10)
                    .and_then(|digit| "〇一二三四五六七八九".chars().nth(digit as usize))
                    .unwrap_or(c)
            })
            .collect();
        let generic = self.generic.map_or("", |generic| generic.term.as_str());
        let proposal = if mended
            .chars()
            .any(|c| fold_character(c).is_ascii_alphabetic())
        {
            Text::new("专名改用汉字", "write the specific part in Hanzi")
        } else {
            text!(
                "改用汉字数字：{mended}{generic}",
                "write the number in Hanzi: {mended}{generic}"
            )
        };
        let message = text!(
            "专名“{specific}”含字母或数字“{found}”",
            "the specific part {specific} holds the letter or digit {found}"
        );
        self.find("NAM-13", &specific, message, proposal);
    }

    fn persons(&mut self) {
        let specific = self.specific.clone();
        let words = &self.rules.words;
        let leader = words
            .of(WordList::Leader)
            .find(|word| names_it(&specific, word))
            .map(str::to_owned);
        if let Some(word) = leader {
            let message = text!(
                "“{word}”是国家领导人的名字，不得作地名",
                "{word} is the name of a national leader, which no place may bear"
            );
            self.find_weighing(
                "NAM-02",
                Some(Severity::Error),
                &word,
                message,
                Text::new("另拟专名", "choose another specific part"),
                Vec::new(),
            );
            return;
        }
        let listed = words
            .of(WordList::Person)
            .find(|word| names_it(&specific, word))
            .map(str::to_owned);
        let message = match listed {
            Some(word) => text!("“{word}”是人名", "{word} is a person's name"),
            None if self.looks_like_a_person(&specific) => text!(
                "专名“{specific}”像人名（姓氏加名字）",
                "the specific part {specific} looks like a personal name (surname and given name)"
            ),
            None => return,
        };
        self.find(
            "NAM-02",
            &specific,
            message,
            Text::new(
                "另拟专名；如与特定人物无关联，请在申请中说明理由",
                "choose another specific part, or say in the application why there is no specific link",
            ),
        );
    }

    fn looks_like_a_person(&self, specific: &str) -> bool {
        let person = self.rules.person();
        let is_given = |text: &str| {
            (1..=2).contains(&text.chars().count())
                && text.chars().all(|c| person.given.contains(c))
        };
        let compound = person.compound_surnames.iter().any(|surname| {
            specific
                .strip_prefix(surname.as_str())
                .is_some_and(is_given)
        });
        let mut characters = specific.chars();
        let Some(first) = characters.next() else {
            return false;
        };
        let rest = characters.as_str();
        compound
            || (person.surnames.contains(first) && is_given(rest))
            || (person.ambiguous_surnames.contains(first)
                && rest.chars().count() == 2
                && is_given(rest))
    }

    fn foreign_and_brands(&mut self) {
        let specific = self.specific.clone();
        let foreign = self.rules.words.found_in(WordList::Foreign, &specific);
        if let Some(word) = foreign.map(str::to_owned) {
            let message = text!(
                "“{word}”是外国人名或地名",
                "{word} is a foreign personal or place name"
            );
            let proposal = Text::new(
                "另拟反映当地特点的专名；如无特定关联，请说明理由",
                "choose a specific part of the locality, or say why there is no specific link",
            );
            self.find("NAM-03", &word, message, proposal);
        }
        let brand = self
            .rules
            .words
            .of(WordList::Brand)
            .find(|word| specific.starts_with(word));
        if let Some(word) = brand.map(str::to_owned) {
            let message = text!(
                "“{word}”是企业名称或商标",
                "{word} is the name of a company or a trade mark"
            );
            let proposal = Text::new(
                "去掉企业名称或商标；如无特定关联，请说明理由",
                "leave the company or trade mark out, or say why there is no specific link",
            );
            self.find("NAM-04", &word, message, proposal);
        }
    }

    fn odd_words(&mut self) {
        let specific = self.specific.clone();
        let lists = [
            (
                WordList::Indecent,
                Some(Severity::Error),
                "低俗或不雅",
                "indecent",
            ),
            (WordList::Exaggerated, None, "刻意夸大", "exaggerated"),
            (WordList::Odd, None, "怪异难懂", "odd"),
        ];
        for (list, weight, zh, en) in lists {
            // A division's name is not weighed against words such as 中国, 中央.
            if self.question.category == Category::DIVISION && list == WordList::Exaggerated {
                continue;
            }
            let found = self
                .rules
                .words
                .found_in(list, &specific)
                .map(str::to_owned);
            if let Some(word) = found {
                let message = text!("“{word}”{zh}", "{word} is {en}");
                let proposal = text!(
                    "去掉“{word}”或另拟专名",
                    "leave {word} out or choose another specific part"
                );
                self.find_weighing("NAM-14", weight, &word, message, proposal, Vec::new());
            }
        }
    }

    fn borrowed_by_list(&mut self) {
        if self.question.category != Category::DIVISION {
            return;
        }
        let specific = self.specific.clone();
        for (list, zh, en) in [
            (
                WordList::Famous,
                "著名自然地理实体",
                "a famous natural feature",
            ),
            (WordList::Heritage, "文化遗产地", "a heritage site"),
        ] {
            let is_listed = self.rules.words.of(list).any(|word| word == specific);
            if is_listed {
                let message = text!(
                    "“{specific}”是{zh}，行政区划不得以其作专名",
                    "{specific} is {en}; a division may not take it as its specific part"
                );
                let proposal = Text::new(
                    "以本行政区域内的地名作专名",
                    "take a name that lies inside the division",
                );
                self.find("NAM-06", &specific, message, proposal);
            }
        }
    }
}
