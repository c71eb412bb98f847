//! `CASEI` and `ACCENTI`.

use crate::node::Fold;

/// Base letters of U+00C0…U+017F; a blank where the letter has no base.
const LATIN: &str = "AAAAAA CEEEEIIII NOOOOO OUUUUY  aaaaaa ceeeeiiii nooooo ouuuuy yAaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGg\
GgGgHhHhIiIiIiIiIi  JjKk LlLlLl  LlNnNnNn   OoOoOo  RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZz ";
/// Base letters of U+01CD…U+01DC: the carons and the marked ü of Pinyin.
const PINYIN: &str = "AaIiOoUuUuUuUuUu";

/// The text without what the fold ignores.
pub(crate) fn folded(fold: Fold, text: &str) -> String {
    match fold {
        Fold::Case => text.chars().flat_map(char::to_lowercase).collect(),
        Fold::Accent => text
            .chars()
            .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
            .map(base)
            .collect(),
    }
}

fn base(character: char) -> char {
    let code = character as usize;
    let found = match character {
        '\u{c0}'..='\u{17f}' => LATIN.as_bytes().get(code - 0xc0),
        '\u{1cd}'..='\u{1dc}' => PINYIN.as_bytes().get(code - 0x1cd),
        _ => None,
    };
    found.map_or(character, |letter| {
        if *letter == b' ' {
            character
        } else {
            char::from(*letter)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tone_marks_and_diaereses_go() {
        assert_eq!(folded(Fold::Accent, "Lǎohékǒu Shì"), "Laohekou Shi");
        assert_eq!(folded(Fold::Accent, "lǘ lü nü ÑõŠžÿŵ"), "lu lu nu NoSzyw");
        assert_eq!(folded(Fold::Accent, "e\u{301}汉"), "e汉");
        assert_eq!(folded(Fold::Case, "LǍO口"), "lǎo口");
    }
}
