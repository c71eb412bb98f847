//! Roman spelling of a name by its category and its parts.

use zhifang_pinyin::{Spelling, spell, strip_tones};

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
    let is_apart = whole.contains(' ') || generic.is_empty() || specific.is_empty();
    if is_apart || category == Category::VILLAGE {
        return whole;
    }
    // A generic term that the spelling rules do not list is written apart all the same, as long
    // as it reads alone as it does in the name.
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
    /// Spaces, capitals, apostrophes or tone marks.
    Writing,
    /// Other sounds.
    Reading,
}

/// Compares a given spelling with the one by rule; one without any tone mark is compared without.
pub(crate) fn compare(given: &str, rule: &str) -> Difference {
    let given = composed(given.trim());
    if given == rule || given == strip_tones(rule) {
        Difference::None
    } else if letters(&given) == letters(rule) {
        Difference::Writing
    } else {
        Difference::Reading
    }
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
            ("望江楼", "望江", "楼", 8, "Wàngjiāng Lóu"),
        ] {
            assert_eq!(by_rule(name, specific, generic, category(number)), wanted);
        }
    }

    #[test]
    fn a_spelling_is_right_with_or_without_tones() {
        assert_eq!(compare("Yǒuyì Lù", "Yǒuyì Lù"), Difference::None);
        assert_eq!(compare("Youyi Lu", "Yǒuyì Lù"), Difference::None);
        assert_eq!(compare("Youyilu", "Yǒuyì Lù"), Difference::Writing);
        assert_eq!(compare("Xi’an Shi", "Xī'ān Shì"), Difference::None);
        assert_eq!(compare("Liuan Shi", "Lù'ān Shì"), Difference::Reading);
    }
}
