//! What people type, brought to one form.

use std::sync::OnceLock;

/// One character of a folded text, and the character of the original that it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folded {
    /// The folded character.
    pub character: char,
    /// Position in the original, in characters from 0.
    pub origin: usize,
}

static LOOK_ALIKES: &str = include_str!("../tables/look_alikes.txt");

/// Pairs of CJK radicals and compatibility ideographs with the character they stand for
/// (Unicode 15.0: `EquivalentUnifiedIdeograph`, and NFKC of the compatibility blocks).
fn look_alikes() -> &'static [(char, char)] {
    static PAIRS: OnceLock<Vec<(char, char)>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        let pair = |line: &str| {
            let mut both = line.chars();
            Some((both.next()?, both.next()?))
        };
        let mut pairs: Vec<_> = LOOK_ALIKES.lines().filter_map(pair).collect();
        pairs.sort_unstable();
        pairs
    })
}

/// One character folded: full-width to half-width, upper to lower case, tone marks off, ü to
/// `v`, radicals and compatibility ideographs to the character they look like, any apostrophe to
/// `'`, any blank to a space. Traditional characters stay: see [`crate::standard_form`].
pub fn fold_character(character: char) -> char {
    match character {
        'A'..='Z' => character.to_ascii_lowercase(),
        'a'..='z' | '0'..='9' | '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' => character,
        '\u{ff01}'..='\u{ff5e}' => {
            let half = u32::from(character) - 0xfee0;
            fold_character(char::from_u32(half).unwrap_or(character))
        }
        '’' | '‘' | '`' | '´' | 'ʼ' | 'ʻ' | '′' => '\'',
        'ā' | 'á' | 'ǎ' | 'à' | 'Ā' | 'Á' | 'Ǎ' | 'À' | 'ă' | 'â' => 'a',
        'ē' | 'é' | 'ě' | 'è' | 'ê' | 'Ē' | 'É' | 'Ě' | 'È' | 'Ê' | 'ë' => 'e',
        'ī' | 'í' | 'ǐ' | 'ì' | 'ĭ' => 'i',
        'ō' | 'ó' | 'ǒ' | 'ò' | 'Ō' | 'Ó' | 'Ǒ' | 'Ò' | 'ŏ' | 'ô' | 'ö' => 'o',
        'ū' | 'ú' | 'ǔ' | 'ù' | 'ŭ' | 'Ū' | 'Ú' | 'Ǔ' | 'Ù' => 'u',
        'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' | 'ü' | 'Ü' | 'Ǖ' | 'Ǘ' | 'Ǚ' | 'Ǜ' => 'v',
        'ń' | 'ň' | 'ǹ' => 'n',
        'ḿ' => 'm',
        '\u{3000}' => ' ',
        _ if character.is_whitespace() => ' ',
        _ => match look_alikes().binary_search_by_key(&character, |pair| pair.0) {
            Ok(at) => look_alikes().get(at).map_or(character, |pair| pair.1),
            Err(_) => character,
        },
    }
}

/// The text folded character by character ([`fold_character`]), combining tone marks dropped,
/// `u:` read as ü, each with its place in the original.
pub fn fold_characters(text: &str) -> Vec<Folded> {
    let mut folded: Vec<Folded> = Vec::new();
    for (origin, character) in text.chars().enumerate() {
        match character {
            // A combining diaeresis makes the u before it a ü; other marks are tones.
            '\u{308}' | ':' | '：'
                if folded.last().is_some_and(|last| last.character == 'u')
                    && is_umlaut_place(&folded) =>
            {
                if let Some(last) = folded.last_mut() {
                    last.character = 'v';
                }
            }
            '\u{300}'..='\u{36f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{feff}'
            | '\u{fe00}'..='\u{fe0f}' => {}
            _ => folded.push(Folded {
                character: fold_character(character),
                origin,
            }),
        }
    }
    folded
}

/// ü follows n, l, j, q, x or y only.
fn is_umlaut_place(folded: &[Folded]) -> bool {
    let before = folded.len().checked_sub(2).and_then(|at| folded.get(at));
    before.is_some_and(|before| matches!(before.character, 'n' | 'l' | 'j' | 'q' | 'x' | 'y'))
}

/// The text folded: see [`fold_character`].
///
/// ```
/// use zhifang_pinyin::fold;
/// assert_eq!(fold("ＬǙ’ān"), "lv'an");
/// assert_eq!(fold("nu\u{308}\u{30c}"), "nv");
/// assert_eq!(fold("⻄安"), "西安");
/// ```
pub fn fold(text: &str) -> String {
    fold_characters(text)
        .into_iter()
        .map(|folded| folded.character)
        .collect()
}

/// The text without tone marks, letters and case otherwise as they were: `Lǎohékǒu` →
/// `Laohekou`, ü kept.
pub fn strip_tones(text: &str) -> String {
    let strip = |character: char| match character {
        'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => 'ü',
        'Ǖ' | 'Ǘ' | 'Ǚ' | 'Ǜ' => 'Ü',
        'ü' | 'Ü' => character,
        _ if character.is_ascii() => character,
        _ => {
            let folded = fold_character(character);
            match (folded.is_ascii_alphabetic(), character.is_uppercase()) {
                (true, true) => folded.to_ascii_uppercase(),
                (true, false) if character < '\u{2e80}' => folded,
                _ => character,
            }
        }
    };
    text.chars().map(strip).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{fold, fold_characters, strip_tones};

    #[test]
    fn forms_of_u_umlaut_meet() {
        for form in ["lü", "lv", "LÜ", "lu:", "lu\u{308}", "ｌｖ", "lǜ", "lǘ"] {
            assert_eq!(fold(form), "lv", "{form}");
        }
        assert_eq!(fold("hu:bei"), "hu:bei");
    }

    #[test]
    fn look_alikes_become_the_character() {
        assert_eq!(fold("⻄安⻓安⽼河⼝"), "西安长安老河口");
    }

    #[test]
    fn every_folded_character_knows_its_origin() {
        let folded = fold_characters("Lu\u{308} 安");
        let places: Vec<_> = folded
            .iter()
            .map(|one| (one.character, one.origin))
            .collect();
        assert_eq!(places, [('l', 0), ('v', 1), (' ', 3), ('安', 4)]);
    }

    #[test]
    fn tones_come_off_and_case_stays() {
        assert_eq!(
            strip_tones("Lǎohékǒu Shì, Ē'ěr Lǜ"),
            "Laohekou Shi, E'er Lü"
        );
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
