//! Roman spelling of place names by 中国地名汉语拼音字母拼写规则（汉语地名部分）, 1984, and GB/T 16159.
//!
//! Specific and generic parts are written apart, one-syllable modifiers joined to the part they
//! belong to, villages and natural towns in one word, every part capitalised, an apostrophe
//! before a syllable that begins with a, o or e.

use std::ops::Range;

use crate::fold::strip_tones;
use crate::people::trailing_people;
use crate::reading::{Reading, read_name};

/// What kind of name is spelled; it decides what is written apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameClass {
    /// An administrative division: 老河口市 → Lǎohékǒu Shì; a village is one word.
    Division,
    /// A natural village or town: 油坊镇 → Yóufángzhèn.
    Settlement,
    /// A road or street: 中山东路 → Zhōngshān Dōnglù.
    Road,
    /// A natural feature or other thing with a generic part: 武当山 → Wǔdāng Shān.
    Feature,
}

/// How to spell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Spelling {
    /// The kind of name.
    pub class: NameClass,
    /// Whether tone marks are written.
    pub tones: bool,
}

impl Spelling {
    /// As an administrative division, with tones.
    pub const fn division() -> Self {
        Self {
            class: NameClass::Division,
            tones: true,
        }
    }

    /// As a natural village or town, with tones.
    pub const fn settlement() -> Self {
        Self {
            class: NameClass::Settlement,
            tones: true,
        }
    }

    /// As a road or street, with tones.
    pub const fn road() -> Self {
        Self {
            class: NameClass::Road,
            tones: true,
        }
    }

    /// As a natural feature, with tones.
    pub const fn feature() -> Self {
        Self {
            class: NameClass::Feature,
            tones: true,
        }
    }

    /// The same without tone marks.
    #[must_use]
    pub const fn toneless(self) -> Self {
        Self {
            tones: false,
            ..self
        }
    }
}

/// Generic parts of divisions, longest first where one ends another; a space parts words.
const DIVISION_GENERICS: &[&str] = &[
    "高新 技术 产业 开发区",
    "经济 技术 开发区",
    "经济 开发区",
    "社区 居民 委员会",
    "社区 居委会",
    "街道 办事处",
    "地区 办事处",
    "特别 行政区",
    "村民 委员会",
    "居民 委员会",
    "管理 委员会",
    "民族 苏木",
    "村委会",
    "居委会",
    "管委会",
    "办事处",
    "自治区",
    "自治州",
    "自治县",
    "自治旗",
    "开发区",
    "管理区",
    "工业园",
    "民族乡",
    "民族镇",
    "地区",
    "新区",
    "林区",
    "特区",
    "矿区",
    "街道",
    "苏木",
    "社区",
    "嘎查",
    "农场",
    "林场",
    "渔场",
    "牧场",
    "省",
    "市",
    "县",
    "区",
    "盟",
    "旗",
    "镇",
    "乡",
];

const ROAD_GENERICS: &[&str] = &[
    "高速 公路",
    "公路",
    "大道",
    "大街",
    "胡同",
    "环路",
    "支路",
    "路",
    "街",
    "巷",
    "道",
    "弄",
    "里",
];

const FEATURE_GENERICS: &[&str] = &[
    "自然 保护区",
    "风景区",
    "水库",
    "运河",
    "群岛",
    "半岛",
    "山脉",
    "盆地",
    "高原",
    "平原",
    "大桥",
    "公园",
    "广场",
    "小区",
    "花园",
    "大厦",
    "车站",
    "机场",
    "山",
    "河",
    "江",
    "湖",
    "海",
    "岛",
    "溪",
    "沟",
    "岭",
    "峰",
    "湾",
    "港",
    "渠",
    "桥",
    "泉",
    "洞",
    "峡",
];

/// One-syllable modifiers that join the generic part behind them: 东路, 中旗.
const MODIFIERS: &str = "东西南北中前后左右上下新一二三四五六七八九十";

/// The Roman spelling of a name. Characters without a reading are kept as they are.
///
/// ```
/// use zhifang_pinyin::{Spelling, spell};
/// assert_eq!(spell("李楼镇", Spelling::division()), "Lǐlóu Zhèn");
/// assert_eq!(spell("李楼村", Spelling::division()), "Lǐlóucūn");
/// assert_eq!(spell("汉江路", Spelling::road().toneless()), "Hanjiang Lu");
/// ```
pub fn spell(name: &str, spelling: Spelling) -> String {
    let name: String = name
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    let characters: Vec<char> = name.chars().collect();
    let readings = read_name(&name);
    let mut words = Vec::new();
    // Brackets and middle dots part a name into names of their own.
    let mut start = 0;
    for at in 0..=characters.len() {
        let is_end = characters
            .get(at)
            .is_none_or(|character| "（）()·、".contains(*character));
        if is_end {
            let part = characters.get(start..at).unwrap_or(&[]);
            words.extend(parts(part, spelling.class).into_iter().map(|word| {
                let range = word.start + start..word.end + start;
                write_word(
                    characters.get(range.clone()).unwrap_or(&[]),
                    readings.get(range).unwrap_or(&[]),
                )
            }));
            start = at + 1;
        }
    }
    let text = words.join(" ");
    if spelling.tones {
        text
    } else {
        strip_tones(&text)
    }
}

/// The words of a name as ranges of characters.
fn parts(name: &[char], class: NameClass) -> Vec<Range<usize>> {
    if name.is_empty() {
        return Vec::new();
    }
    let generics = match class {
        NameClass::Division => DIVISION_GENERICS,
        NameClass::Road => ROAD_GENERICS,
        NameClass::Feature => FEATURE_GENERICS,
        NameClass::Settlement => return std::iter::once(0..name.len()).collect(),
    };
    let Some(generic) = generics.iter().find(|generic| ends_with(name, generic)) else {
        return std::iter::once(0..name.len()).collect();
    };
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut end = name.len() - length_of(generic);
    let mut at = end;
    for word in generic.split(' ') {
        words.push(at..at + word.chars().count());
        at += word.chars().count();
    }
    if class == NameClass::Road || *generic == "旗" {
        end = join_modifiers(name, end, &mut words);
    }
    if generic.starts_with("自治") || generic.ends_with('乡') || generic.starts_with("民族") {
        end = split_peoples(name, end, &mut words);
    }
    if *generic == "旗"
        && end > 2
        && (ends_with(&name[..end], "右翼") || ends_with(&name[..end], "左翼"))
    {
        words.insert(0, end - 2..end);
        end -= 2;
    }
    if end > 0 {
        words.insert(0, 0..end);
    }
    words
}

/// Moves one-syllable modifiers before the generic part into it, leaving two characters at least.
fn join_modifiers(name: &[char], mut end: usize, words: &mut [Range<usize>]) -> usize {
    while end > 2
        && name
            .get(end - 1)
            .is_some_and(|last| MODIFIERS.contains(*last))
    {
        end -= 1;
        if let Some(first) = words.first_mut() {
            first.start = end;
        }
    }
    end
}

/// Parts the peoples' names before the generic part: 保安族 东乡族 撒拉族.
fn split_peoples(name: &[char], mut end: usize, words: &mut Vec<Range<usize>>) -> usize {
    loop {
        let length = trailing_people(name.get(..end).unwrap_or(&[]));
        if length == 0 || length == end {
            return end;
        }
        words.insert(0, end - length..end);
        end -= length;
    }
}

fn length_of(generic: &str) -> usize {
    generic
        .chars()
        .filter(|character| *character != ' ')
        .count()
}

/// Whether the name ends with the generic part and has something before it.
fn ends_with(name: &[char], generic: &str) -> bool {
    let length = length_of(generic);
    name.len() > length
        && name
            .iter()
            .skip(name.len() - length)
            .copied()
            .eq(generic.chars().filter(|c| *c != ' '))
}

fn write_word(characters: &[char], readings: &[Option<Reading>]) -> String {
    let mut word = String::new();
    for (character, reading) in characters.iter().zip(readings) {
        let Some(reading) = reading else {
            word.push(crate::fold::fold_character(*character).to_ascii_uppercase());
            continue;
        };
        let marked = reading.marked();
        let vowel_first = matches!(
            reading.syllable().as_str().as_bytes(),
            [b'a' | b'o' | b'e', ..]
        );
        if word.is_empty() {
            let mut letters = marked.chars();
            word.extend(letters.next().into_iter().flat_map(char::to_uppercase));
            word.push_str(letters.as_str());
        } else {
            if vowel_first && word.ends_with(char::is_alphabetic) {
                word.push('\'');
            }
            word.push_str(marked);
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::{Spelling, spell};

    #[test]
    fn divisions_are_spelled_by_rule() {
        for (name, wanted) in [
            ("老河口市", "Lǎohékǒu Shì"),
            ("六安市", "Lù'ān Shì"),
            ("蚌埠市", "Bèngbù Shì"),
            ("厦门市", "Xiàmén Shì"),
            ("浚县", "Xùn Xiàn"),
            ("吕梁市", "Lǚliáng Shì"),
            ("西藏自治区", "Xīzàng Zìzhìqū"),
            ("新疆维吾尔自治区", "Xīnjiāng Wéiwú'ěr Zìzhìqū"),
            ("恩施土家族苗族自治州", "Ēnshī Tǔjiāzú Miáozú Zìzhìzhōu"),
            ("巴音郭楞蒙古自治州", "Bāyīnguōléng Měnggǔ Zìzhìzhōu"),
            ("科尔沁右翼中旗", "Kē'ěrqìn Yòuyì Zhōngqí"),
            ("香港特别行政区", "Xiānggǎng Tèbié Xíngzhèngqū"),
            ("神农架林区", "Shénnóngjià Línqū"),
            ("矿区", "Kuàng Qū"),
            ("光化街道", "Guānghuà Jiēdào"),
            ("李楼村民委员会", "Lǐlóu Cūnmín Wěiyuánhuì"),
            ("李楼村", "Lǐlóucūn"),
            (
                "洮北区（白城市生态新区）",
                "Táoběi Qū Báichéngshìshēngtài Xīnqū",
            ),
            ("市", "Shì"),
            ("", ""),
        ] {
            assert_eq!(spell(name, Spelling::division()), wanted, "{name}");
        }
    }

    #[test]
    fn tones_can_be_left_out() {
        assert_eq!(
            spell("吕梁市", Spelling::division().toneless()),
            "Lüliang Shi"
        );
        assert_eq!(
            spell("西安市", Spelling::division().toneless()),
            "Xi'an Shi"
        );
    }

    #[test]
    fn roads_join_their_modifiers() {
        for (name, wanted) in [
            ("中山东路", "Zhōngshān Dōnglù"),
            ("东风路", "Dōngfēng Lù"),
            ("江北路", "Jiāngběi Lù"),
            ("解放大道", "Jiěfàng Dàdào"),
            ("朝阳门内大街", "Cháoyángménnèi Dàjiē"),
            ("人民北一路", "Rénmín Běiyīlù"),
        ] {
            assert_eq!(spell(name, Spelling::road()), wanted, "{name}");
        }
    }

    #[test]
    fn settlements_are_one_word_and_features_two() {
        assert_eq!(spell("油坊镇", Spelling::settlement()), "Yóufángzhèn");
        assert_eq!(spell("武当山", Spelling::feature()), "Wǔdāng Shān");
        assert_eq!(
            spell("丹江口水库", Spelling::feature()),
            "Dānjiāngkǒu Shuǐkù"
        );
    }

    #[test]
    fn what_has_no_reading_stays() {
        assert_eq!(spell("A1区", Spelling::division()), "A1 Qū");
    }
}
