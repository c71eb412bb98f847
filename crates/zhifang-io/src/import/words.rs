//! Reasons of rejections in Chinese. They arise where no language is known, in a few forms
//! (what was found, what was wanted); here these forms are said again.

/// What was wanted, in both languages.
const WANTED: [(&str, &str); 24] = [
    ("a whole number", "整数"),
    ("a finite number", "有限的数"),
    ("a number", "数"),
    ("true or false", "true 或 false（是、否）"),
    ("JSON", "JSON"),
    ("a text", "文本"),
    ("a day YYYY-MM-DD", "日期 YYYY-MM-DD"),
    ("a time, RFC 3339", "时间（RFC 3339）"),
    (
        "a division code of 2, 4, 6, 9 or 12 digits",
        "2、4、6、9 或 12 位区划代码",
    ),
    ("a division code", "区划代码"),
    ("a list of division codes", "区划代码的列表"),
    ("a list of texts", "文本的列表"),
    ("a list of objects", "对象的列表"),
    ("an object", "对象"),
    ("a JSON object", "JSON 对象"),
    (
        "a GeoJSON Point or [lon, lat]",
        "GeoJSON Point 或 [经度, 纬度]",
    ),
    (
        "a JSON array, or texts between semicolons",
        "JSON 数组，或以分号隔开的文本",
    ),
    ("a position", "位置"),
    ("a POINT", "POINT"),
    ("a position `lon lat`", "位置 `经度 纬度`"),
    ("a geometry type", "几何类型"),
    ("the end", "结尾"),
    ("a position of two numbers", "两个数的位置"),
    ("a list of positions", "位置的列表"),
];

/// Whole reasons.
const WHOLE: [(&str, &str); 11] = [
    (
        "coordinates need --source-crs or SRID=",
        "坐标需要 --source-crs 或 SRID=",
    ),
    (
        "holds the character U+0000, which no text may",
        "含有字符 U+0000，任何文本都不允许",
    ),
    ("lat without lon", "有 lat 而没有 lon"),
    ("lon without lat", "有 lon 而没有 lat"),
    ("`geometry` is no object", "`geometry` 不是对象"),
    (
        "a number stands where a list is wanted",
        "应为列表的地方是一个数",
    ),
    ("a list", "列表"),
    ("a position", "位置"),
    ("a number", "数"),
    ("an object", "对象"),
    ("nothing", "空"),
];

/// The reason in Chinese, or as it is where its form is not known.
pub(crate) fn chinese(reason: &str) -> String {
    whole(reason)
        .or_else(|| form(reason))
        .unwrap_or_else(|| reason.to_owned())
}

fn whole(reason: &str) -> Option<String> {
    let found = WHOLE.iter().find(|(english, _)| *english == reason)?;
    Some(found.1.to_owned())
}

fn wanted(text: &str) -> String {
    if let Some(words) = text.strip_prefix("one of ") {
        return format!("{words} 之一");
    }
    WANTED
        .iter()
        .find(|(english, _)| *english == text)
        .map_or_else(|| text.to_owned(), |(_, chinese)| (*chinese).to_owned())
}

fn form(reason: &str) -> Option<String> {
    if let Some(rest) = reason.strip_prefix("the text ends where ") {
        let what = rest.strip_suffix(" is wanted")?;
        return Some(format!("文本在需要{}的地方结束了", wanted(what)));
    }
    if let Some(rest) = reason.strip_prefix("wanted ") {
        let Some((what, found)) = rest.rsplit_once(", found ") else {
            return Some(format!("应为{}", wanted(rest)));
        };
        return Some(match found.rsplit_once(" at byte ") {
            Some((sign, byte)) => format!("第 {byte} 字节应为{}，却是 {sign}", wanted(what)),
            None => format!("应为{}，却是{}", wanted(what), chinese(found)),
        });
    }
    if let Some((found, what)) = reason.rsplit_once(": wanted ") {
        if what.contains(", found ") {
            return Some(format!("{found}：{}", form(&format!("wanted {what}"))?));
        }
        return Some(format!("{found}：应为{}", wanted(what)));
    }
    if let Some((found, headings)) = reason.split_once(" cells under ") {
        let headings = headings.strip_suffix(" headings")?;
        return Some(format!("{headings} 个列名下有 {found} 个单元格"));
    }
    if let Some(rest) = reason.strip_prefix("nested more than ") {
        return Some(format!("嵌套超过 {} 层", rest.strip_suffix(" deep")?));
    }
    if let Some((kind, _)) = reason.split_once(" is no geometry type") {
        return Some(format!("{kind} 不是几何类型（RFC 7946）"));
    }
    if let Some(rest) = reason.strip_prefix("position ") {
        let (place, rest) = rest.split_once(" does not exist in ")?;
        let (system, why) = rest.split_once(": ")?;
        return Some(format!("{system} 里没有位置 {place}：{why}"));
    }
    let (kind, rest) = reason.split_once(": ")?;
    let is_kind = kind.chars().all(|c| c.is_ascii_alphabetic());
    let said = form(rest).or_else(|| whole(rest)).filter(|_| is_kind)?;
    Some(format!("{kind}：{said}"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("`abc`: wanted a whole number", "`abc`：应为整数")]
    #[case("`x`: wanted one of a b", "`x`：应为a b 之一")]
    #[case("5 cells under 3 headings", "3 个列名下有 5 个单元格")]
    #[case("wanted `(`, found `x` at byte 6", "第 6 字节应为`(`，却是 `x`")]
    #[case(
        "Point: wanted a position of two numbers, found a list",
        "Point：应为两个数的位置，却是列表"
    )]
    #[case("lat without lon", "有 lat 而没有 lon")]
    #[case("something else", "something else")]
    fn reasons_are_said_again(#[case] english: &str, #[case] expected: &str) {
        assert_eq!(chinese(english), expected);
    }
}
