//! What people and machines send that means no place.

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
