//! Roman spelling of a name by its category and its parts.

use zhifang_pinyin::{Spelling, read_name, readings, spell, standard_form, strip_tones};

use crate::category::Category;
use crate::form::letters;

/// The spelling by rule, with tones.
pub(crate) fn by_rule(name: &str, specific: &str, generic: &str, category: Category) -> String {
    let spelling = match category {
        Category::DIVISION => Spelling::division(),
        // Villages are one word, communities two.
        Category::VILLAGE if generic.ends_with("社区") || generic.ends_with("委会") => {
            Spelling::division()
        }
        Category::VILLAGE => Spelling::settlement(),
        Category::STREET => Spelling::road(),
        _ => Spelling::feature(),
    };
    let whole = spell(name, spelling);
    let is_done = match category {
        Category::DIVISION | Category::VILLAGE => true,
        // Roads join their modifiers to the generic term: 中山东路 Zhōngshān Dōnglù.
        Category::STREET => whole.contains(' '),
        _ => false,
    };
    if is_done || generic.is_empty() || specific.is_empty() {
        return whole;
    }
    // The generic term is written apart in one word (森林公园), as long as it reads alone as it
    // does in the name.
    let word = |text: &str| spell(text, Spelling::settlement());
    let apart = format!("{} {}", word(specific), word(generic));
    if letters(&apart) == letters(&whole) {
        apart
    } else {
        whole
    }
}

/// How a given spelling differs from the one by rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Difference {
    /// Not at all.
    None,
    /// Another reading of a character that has several, written by rule.
    Local,
    /// Spaces, capitals, apostrophes or tone marks.
    Writing,
    /// Other sounds.
    Reading,
}

/// Compares a given spelling with the one by rule; one without any tone mark is compared without.
pub(crate) fn compare(name: &str, given: &str, rule: &str) -> Difference {
    let given = composed(given.trim());
    if given == rule || given == strip_tones(rule) {
        return Difference::None;
    }
    let sounds = |text: &str| -> String {
        text.to_lowercase()
            .chars()
            .filter(|character| character.is_alphabetic())
            .collect()
    };
    let (own, wanted) = (sounds(&given), sounds(rule));
    let is_read_alike = own == wanted || own == strip_tones(&wanted);
    if is_read_alike {
        Difference::Writing
    } else if shape(&given) == shape(rule)
        && !has_listed_reading(name)
        && misread(name, &given).is_none()
    {
        Difference::Local
    } else if letters(&given) == letters(rule) {
        Difference::Writing
    } else {
        Difference::Reading
    }
}

/// Whether a part of the name has a reading of its own by the list (六安 Lù'ān): none other is
/// right there.
fn has_listed_reading(name: &str) -> bool {
    name.chars()
        .zip(read_name(name))
        .any(|(character, reading)| {
            reading.is_some() && reading != readings(standard_form(character)).next()
        })
}

/// The first character that a spelling reads in a way it is never read; `None` where the
/// spelling can be right (a local reading among several). Names with characters other than Hanzi are left to people.
pub fn misread(word: &str, given: &str) -> Option<char> {
    let letters: String = given
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphabetic() || *c == '\u{308}')
        .collect();
    let has_tones = strip_tones(&letters) != letters;
    // Every place in the spelling that the characters so far can lead to.
    let mut ends = vec![0_usize];
    for character in word.chars() {
        let sounds: Vec<String> = readings(standard_form(character))
            .map(|reading| {
                let marked = reading.marked();
                if has_tones {
                    marked.to_owned()
                } else {
                    strip_tones(marked)
                }
            })
            .collect();
        if sounds.is_empty() {
            return None;
        }
        let plain = |sound: &String| strip_tones(sound);
        let mut next = Vec::new();
        for &end in &ends {
            let rest = letters.get(end..).unwrap_or_default();
            for sound in &sounds {
                // Neutral tone is written without a mark, whatever the character's own tone.
                for form in [sound.clone(), plain(sound)] {
                    if rest.starts_with(&form) {
                        next.push(end + form.len());
                    }
                }
            }
        }
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            return Some(character);
        }
        ends = next;
    }
    if ends.contains(&letters.len()) {
        None
    } else {
        word.chars().last()
    }
}

/// Where words begin and which letters are capitals, sounds aside.
fn shape(spelling: &str) -> Vec<bool> {
    spelling
        .split(' ')
        .map(|word| {
            let mut letters = word.chars().filter(|c| c.is_alphabetic());
            letters.next().is_some_and(char::is_uppercase) && !letters.any(char::is_uppercase)
        })
        .collect()
}

/// Typographic apostrophes as the plain one.
fn composed(text: &str) -> String {
    text.replace(['’', '‘', 'ʼ'], "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category(number: u8) -> Category {
        Category::new(number).unwrap()
    }

    #[test]
    fn names_are_spelled_by_category() {
        for (name, specific, generic, number, wanted) in [
            ("友谊路", "友谊", "路", 5, "Yǒuyì Lù"),
            ("中山东路", "中山东", "路", 5, "Zhōngshān Dōnglù"),
            ("李楼村", "李楼", "村", 3, "Lǐlóucūn"),
            ("小东门社区", "小东门", "社区", 3, "Xiǎodōngmén Shèqū"),
            ("老河口客运站", "老河口", "客运站", 7, "Lǎohékǒu Kèyùnzhàn"),
            ("西安市", "西安", "市", 2, "Xī'ān Shì"),
            (
                "百花山森林公园",
                "百花山",
                "森林公园",
                4,
                "Bǎihuāshān Sēnlíngōngyuán",
            ),
            ("望江楼", "望江", "楼", 8, "Wàngjiāng Lóu"),
        ] {
            assert_eq!(by_rule(name, specific, generic, category(number)), wanted);
        }
    }

    #[test]
    fn a_spelling_is_right_with_or_without_tones() {
        for (name, given, rule, wanted) in [
            ("友谊路", "Yǒuyì Lù", "Yǒuyì Lù", Difference::None),
            ("友谊路", "Youyi Lu", "Yǒuyì Lù", Difference::None),
            ("友谊路", "Youyilu", "Yǒuyì Lù", Difference::Writing),
            ("友谊路", "youyi Lu", "Yǒuyì Lù", Difference::Writing),
            ("西安市", "Xi’an Shi", "Xī'ān Shì", Difference::None),
            ("西安市", "Xian Shi", "Xī'ān Shì", Difference::Writing),
            ("六安市", "Liú'ān Shì", "Lù'ān Shì", Difference::Reading),
            ("六安市", "Liù'ān Shì", "Lù'ān Shì", Difference::Reading),
            ("重阳路", "Zhòngyáng Lù", "Chóngyáng Lù", Difference::Local),
        ] {
            assert_eq!(compare(name, given, rule), wanted, "{given}");
        }
    }
}
