//! Roman spelling by the rule for place names: words given apart are written apart, capitalised,
//! with tones, an apostrophe before a, o, e inside a word.

use std::collections::BTreeMap;

/// Characters whose commonest reading is not the one in these names.
const LOCAL: [(char, &str); 10] = [
    ('酂', "zàn"),
    ('查', "zhā"),
    ('任', "rén"),
    ('曾', "zēng"),
    ('种', "zhǒng"),
    ('场', "chǎng"),
    ('罗', "luó"),
    ('肖', "xiāo"),
    ('兴', "xīng"),
    ('地', "dì"),
];

/// `words` spelled, one Roman word each; `None` where a character has no reading.
pub(crate) fn spell(words: &[&str], readings: &BTreeMap<char, String>) -> Option<String> {
    let mut spelled = Vec::new();
    for word in words.iter().filter(|word| !word.is_empty()) {
        let mut text = String::new();
        for character in word.chars() {
            let reading = LOCAL
                .iter()
                .find(|(local, _)| *local == character)
                .map(|(_, reading)| *reading)
                .or_else(|| readings.get(&character).map(String::as_str))?;
            if !text.is_empty() && reading.starts_with(|first| "aoeāáǎàōóǒòēéěè".contains(first))
            {
                text.push('\'');
            }
            text.push_str(reading);
        }
        let mut letters = text.chars();
        let first = letters.next()?;
        spelled.push(first.to_uppercase().chain(letters).collect::<String>());
    }
    Some(spelled.join(" "))
}

/// Letters without tone marks in capitals, as on signs (GB 17733).
pub(crate) fn capitals(spelled: &str) -> String {
    spelled
        .chars()
        .map(|letter| match letter {
            'ā' | 'á' | 'ǎ' | 'à' => 'a',
            'ō' | 'ó' | 'ǒ' | 'ò' => 'o',
            'ē' | 'é' | 'ě' | 'è' => 'e',
            'ī' | 'í' | 'ǐ' | 'ì' => 'i',
            'ū' | 'ú' | 'ǔ' | 'ù' => 'u',
            'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => 'ü',
            'Ā' | 'Á' | 'Ǎ' | 'À' => 'A',
            'Ō' | 'Ó' | 'Ǒ' | 'Ò' => 'O',
            'Ē' | 'É' | 'Ě' | 'È' => 'E',
            other => other,
        })
        .collect::<String>()
        .to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_apart_and_vowels_are_set_off() {
        let readings = [('西', "xī"), ('安', "ān"), ('路', "lù")]
            .map(|(character, reading)| (character, reading.to_owned()))
            .into_iter()
            .collect();
        assert_eq!(
            spell(&["西安", "路"], &readings).as_deref(),
            Some("Xī'ān Lù")
        );
        assert_eq!(spell(&["酂"], &readings).as_deref(), Some("Zàn"));
        assert_eq!(spell(&["口"], &readings), None);
        assert_eq!(capitals("Xī'ān Lǜ"), "XI'AN LÜ");
    }
}
