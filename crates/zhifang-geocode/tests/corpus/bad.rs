//! What people and machines send that means no place.

use super::Dice;

/// Texts of every bad kind, the longest of 10,000 characters.
pub(crate) fn words() -> Vec<String> {
    let long = |text: &str| text.repeat(10_000 / text.chars().count());
    let mut words: Vec<String> = [
        "",
        " ",
        "\t\r\n\u{3000}\u{a0}",
        "\0\u{1}\u{7f}\u{85}\u{202e}\u{feff}",
        "😀👨‍👩‍👧‍👦🇨🇳",
        "河😀南",
        "' OR 1=1; DROP TABLE names; --",
        "%' UNION SELECT * FROM users WHERE ''='",
        "(a+)+$",
        "((((((((((.*)*)*)*)*)*)*)*)*)*)",
        "[\u{4e00}-\u{9fff}]{1,}(?=.*){99}",
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "{\"q\": null}",
        "москва 東京 서울 παρις 北京 beijing مكة",
        "i\u{307}ßﬁǅ",
        "\u{d7a3}\u{1100}\u{1161}",
        "999999999999999999999999",
        "000000000000",
        "-1",
        "1e308",
        "NaN",
    ]
    .map(str::to_owned)
    .to_vec();
    words.extend(
        [
            "a",
            "zh",
            "xi'an",
            "村",
            "李家",
            "河南",
            "1",
            "市",
            "😀",
            " ",
            "a村1",
            "shishi",
            "石狮市",
        ]
        .map(long),
    );
    words
}

/// Texts thrown together from a seed: long scrambles of characters, of letters and syllables, of
/// both, few things many times, emoji, and all of them at 10,000 characters.
pub(crate) fn scrambles(seed: u64, count: usize, common: &[char]) -> Vec<String> {
    const SYLLABLES: [&str; 24] = [
        "shi", "xian", "xiang", "zhen", "cun", "he", "nan", "bei", "dong", "li", "an", "yang",
        "zhou", "jia", "lou", "kou", "shan", "hu", "ji", "g", "zh", "lv", "a", "er",
    ];
    const ODD: [&str; 12] = [
        "😀",
        "👨\u{200d}👩\u{200d}👧",
        "🇨🇳",
        "\u{301}",
        "\u{200b}",
        "，",
        " ",
        "'",
        "１２",
        "号",
        "路",
        "ß",
    ];
    let mut dice = Dice(seed);
    let mut words = Vec::with_capacity(count);
    for number in 0..count {
        let length = if number % 8 == 7 {
            10_000
        } else {
            20 + dice.roll(180)
        };
        let kind = dice.roll(7);
        // A word of few pieces again and again, in every other text.
        let few: Vec<char> = (0..=dice.roll(3)).map(|_| *dice.pick(common)).collect();
        let mut text = String::new();
        let mut made = 0;
        while made < length {
            let kind = match kind {
                4 => dice.roll(2),
                5 if dice.roll(3) > 0 => 0,
                other => other,
            };
            let piece: String = match kind {
                0 => dice.pick(common).to_string(),
                1 => (*dice.pick(&SYLLABLES)).to_owned(),
                2 => char::from(b'a' + dice.roll(26) as u8).to_string(),
                3 => dice.pick(&few).to_string(),
                5 => (*dice.pick(&ODD)).to_owned(),
                _ => SYLLABLES[few.len()].to_owned(),
            };
            made += piece.chars().count();
            text.push_str(&piece);
        }
        words.push(text);
    }
    words
}
