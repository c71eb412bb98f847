//! Single characters: standing, strokes, forms, readings.

use crate::reading::Reading;
use crate::table::table;

/// Readings of a character, the one commonest in place names first; empty for what is no Han
/// character. Special places (六安) are the business of [`crate::read_name`].
///
/// ```
/// let marked: Vec<_> = zhifang_pinyin::readings('重').map(|reading| reading.marked()).collect();
/// assert_eq!(marked, ["chóng", "zhòng"]);
/// ```
pub fn readings(character: char) -> impl Iterator<Item = Reading> {
    table().readings(character).map(Reading::from_id)
}

/// Whether the character is one of the 8,105 of 通用规范汉字表 (2013), which place names must
/// keep to (地名管理条例 art. 9).
pub fn is_standard_character(character: char) -> bool {
    table().tier(character) > 0
}

/// The character's tier in 通用规范汉字表: 1 (3,500 common ones), 2 (3,000), 3 (1,605, many for
/// names of places and persons), `None` outside it.
pub fn standard_tier(character: char) -> Option<u8> {
    Some(table().tier(character)).filter(|tier| *tier > 0)
}

/// Number of strokes (Unihan kTotalStrokes), `None` where unknown.
pub fn strokes(character: char) -> Option<u8> {
    Some(table().strokes(character)).filter(|count| *count > 0)
}

/// Whether the table knows it as a Han character.
pub fn is_han(character: char) -> bool {
    table().contains(character)
}

/// The form searched for: a standard character stays (乾 in 乾县 is no 干), a traditional or
/// variant one becomes its standard form (襄陽 → 襄阳, 峯 → 峰), anything else stays.
pub fn standard_form(character: char) -> char {
    if character.is_ascii() {
        character
    } else {
        table().form(character).unwrap_or(character)
    }
}

/// The text with every character in its standard form: traditional to simplified, one to one.
pub fn simplify(text: &str) -> String {
    text.chars().map(standard_form).collect()
}

/// Other forms of the character (variants, simplified and traditional forms), in code order.
pub fn variants(character: char) -> impl Iterator<Item = char> {
    table().variants(character)
}

#[cfg(test)]
mod tests {
    use super::{is_standard_character, simplify, standard_form, standard_tier, strokes, variants};

    #[test]
    fn traditional_text_becomes_simplified() {
        assert_eq!(
            simplify("湖北省襄陽市老河口市仙人渡鎮"),
            "湖北省襄阳市老河口市仙人渡镇"
        );
        assert_eq!(simplify("臺灣、廣東、瀋陽、後裏"), "台湾、广东、沈阳、后里");
    }

    #[test]
    fn a_standard_character_is_its_own_form() {
        assert_eq!(standard_form('乾'), '乾');
        assert!(variants('乾').any(|other| other == '干'));
        assert_eq!(standard_form('x'), 'x');
    }

    #[test]
    fn standing_and_strokes() {
        assert!(is_standard_character('襄') && !is_standard_character('鎮'));
        assert_eq!(standard_tier('一'), Some(1));
        assert_eq!(standard_tier('鎮'), None);
        assert_eq!(strokes('河'), Some(8));
    }
}
