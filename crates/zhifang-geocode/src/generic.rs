//! Parting a name into its core (专名) and the generic parts (通名) that may follow it in a query.

use zhifang_core::DivisionLevel;
use zhifang_pinyin::{fold_characters, standard_form, trailing_people};

/// Stand-ins for English generic words, in a private-use block that names do not use.
pub(crate) mod english {
    pub(crate) const PROVINCE: char = '\u{f8e0}';
    pub(crate) const CITY: char = '\u{f8e1}';
    pub(crate) const COUNTY: char = '\u{f8e2}';
    pub(crate) const DISTRICT: char = '\u{f8e3}';
    pub(crate) const TOWN: char = '\u{f8e4}';
    pub(crate) const SUBDISTRICT: char = '\u{f8e5}';
    pub(crate) const VILLAGE: char = '\u{f8e6}';

    /// The stand-in for a lower-case English word.
    pub(crate) fn of_word(word: &str) -> Option<char> {
        Some(match word {
            "province" => PROVINCE,
            "city" | "municipality" | "prefecture" => CITY,
            "county" | "banner" => COUNTY,
            "district" => DISTRICT,
            "town" | "township" => TOWN,
            "subdistrict" | "street" => SUBDISTRICT,
            "village" | "community" => VILLAGE,
            _ => return None,
        })
    }

    /// Words that say nothing: articles, the country.
    pub(crate) fn is_filler(word: &str) -> bool {
        matches!(
            word,
            "of" | "the" | "in" | "near" | "autonomous" | "region" | "china" | "prc"
        )
    }
}

/// Generic words that stand inside cores and tell little: 烈山区工业园, 街道办事处驻地.
const GENERIC_WORDS: &[&str] = &[
    "街道办事处",
    "工业园区",
    "产业园区",
    "开发区",
    "管理区",
    "生活区",
    "居委会",
    "委员会",
    "办事处",
    "管委会",
    "工业园",
    "产业园",
    "度假区",
    "街道",
    "社区",
    "虚拟",
    "直属",
    "驻地",
    "直辖",
];

/// Which characters of a core (bit n for character n) are generic and tell less than others: the
/// last one of 浚县 and 王村, generic words, and 区 or 镇 in the middle of a longer name.
pub(crate) fn generic_mask(core: &[char]) -> u32 {
    let mut mask = 0_u32;
    let mut set = |at: usize| mask |= 1_u32.checked_shl(at as u32).unwrap_or(0);
    for (at, character) in core.iter().enumerate() {
        let is_last = at + 1 == core.len() && at > 0;
        if is_last && "市县区镇乡村".contains(*character)
            || at > 1 && !is_last && "市县区镇乡".contains(*character)
        {
            set(at);
        }
        for word in GENERIC_WORDS {
            let length = word.chars().count();
            let rest = core.get(at..at + length);
            if rest.is_some_and(|rest| rest.iter().copied().eq(word.chars())) {
                (at..at + length).for_each(&mut set);
            }
        }
    }
    mask
}

/// The name without the names of units above it that it repeats: 大湖镇's village
/// 连平县大湖镇油村村委会 is 油村村委会. `above` may stand in any order.
pub(crate) fn without_ancestors<'a>(
    name: &'a str,
    above: &[&str],
    level: Option<DivisionLevel>,
) -> &'a str {
    let mut kept = name;
    loop {
        let shorter = above.iter().find_map(|unit| {
            let rest = kept.strip_prefix(unit)?;
            let core = part(rest, level).core;
            let telling = core.len() - (generic_mask(&core).count_ones() as usize).min(core.len());
            let is_word = GENERIC_WORDS
                .iter()
                .any(|word| core.iter().copied().eq(word.chars()));
            (telling > 1 && !is_word || level != Some(DivisionLevel::Village) && core.len() > 1)
                .then_some(rest)
        });
        match shorter {
            Some(rest) => kept = rest,
            None => return kept,
        }
    }
}

/// A generic part that may stand behind the core, and what finding it there is worth.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Tail {
    pub(crate) text: Vec<char>,
    /// Worth in hundredths of a core character.
    pub(crate) worth: u8,
}

/// A name taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parted {
    /// Folded characters without the generic part.
    pub(crate) core: Vec<char>,
    /// Longest first among equals in worth.
    pub(crate) tails: Vec<Tail>,
}

const PROVINCE: &[&str] = &["特别行政区", "自治区", "省", "市"];
const PREFECTURE: &[&str] = &["自治州", "地区", "市", "盟"];
const COUNTY: &[&str] = &[
    "自治县",
    "自治旗",
    "新区",
    "林区",
    "特区",
    "市",
    "县",
    "区",
    "旗",
];
const TOWNSHIP: &[&str] = &[
    "街道办事处",
    "地区办事处",
    "民族苏木",
    "民族乡",
    "民族镇",
    "街道",
    "苏木",
    "办事处",
    "地区",
    "乡",
    "镇",
];
/// Offices of village (村) and urban (居) committees, longest first.
const COMMITTEES: &[(&str, Community)] = &[
    ("社区居民委员会", Community::Urban),
    ("社区居委会", Community::Urban),
    ("村民委员会", Community::Rural),
    ("居民委员会", Community::UrbanBare),
    ("嘎查委员会", Community::Gacha),
    ("村委会", Community::Rural),
    ("居委会", Community::UrbanBare),
    ("委员会", Community::Other),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Community {
    Rural,
    Urban,
    UrbanBare,
    Gacha,
    Other,
}

/// Generic parts that a careless writer puts for a unit's own, by level.
const CARELESS: [&[&str]; 5] = [
    &["省", "市", "自治区"],
    &["市", "州", "地区", "盟"],
    &["市", "县", "区", "旗"],
    &["镇", "乡", "街道办事处", "街道办", "街道", "办事处", "苏木"],
    &["村", "社区", "村委会", "居委会", "村民委员会", "居民委员会"],
];

const NAME_GENERICS: &[&str] = &[
    "风景名胜区",
    "自然保护区",
    "大道",
    "大街",
    "胡同",
    "水库",
    "公园",
    "广场",
    "小区",
    "花园",
    "大桥",
    "村",
    "路",
    "街",
    "巷",
    "山",
    "河",
    "江",
    "湖",
    "溪",
    "沟",
    "岭",
    "峰",
    "岛",
    "桥",
    "镇",
];

/// A name folded for matching: half width, lower case, standard characters, no blanks, what
/// stands in brackets left out.
pub(crate) fn key_characters(name: &str) -> Vec<char> {
    let mut depth = 0_u32;
    let mut key = Vec::new();
    for folded in fold_characters(name) {
        match folded.character {
            '(' | '（' | '〔' | '[' => depth += 1,
            ')' | '）' | '〕' | ']' => depth = depth.saturating_sub(1),
            other if depth == 0 && other.is_alphanumeric() => key.push(standard_form(other)),
            _ => {}
        }
    }
    key
}

/// What stands in the brackets of a name: 白城市生态新区 of 洮北区（白城市生态新区）.
pub(crate) fn bracketed(name: &str) -> Option<&str> {
    let (_, rest) = name.split_once(['（', '('])?;
    let (inner, _) = rest.split_once(['）', ')'])?;
    (inner.chars().count() > 2).then_some(inner)
}

/// The name of a village-level unit as a place: 李楼村民委员会 → 李楼村, 某某社区居委会 →
/// 某某社区, 某某居委会 → 某某; anything else as it is.
pub(crate) fn place_form(name: &str, level: Option<DivisionLevel>) -> String {
    if level != Some(DivisionLevel::Village) {
        return name.to_owned();
    }
    for (office, community) in COMMITTEES {
        let Some(rest) = name.strip_suffix(office).filter(|rest| !rest.is_empty()) else {
            continue;
        };
        let suffix = match community {
            Community::Rural if !rest.ends_with('村') => "村",
            Community::Urban => "社区",
            Community::Gacha => "嘎查",
            _ => "",
        };
        return format!("{rest}{suffix}");
    }
    name.to_owned()
}

/// Parts a name of the given level (`None`: no division).
pub(crate) fn part(name: &str, level: Option<DivisionLevel>) -> Parted {
    let key = key_characters(name);
    match level {
        Some(DivisionLevel::Village) => part_village(&key),
        Some(DivisionLevel::Province) => {
            part_unit(&key, PROVINCE, 0, &[english::PROVINCE, english::CITY])
        }
        Some(DivisionLevel::Prefecture) => {
            part_unit(&key, PREFECTURE, 1, &[english::CITY, english::COUNTY])
        }
        Some(DivisionLevel::County) => part_unit(
            &key,
            COUNTY,
            2,
            &[english::CITY, english::COUNTY, english::DISTRICT],
        ),
        Some(DivisionLevel::Township) => {
            part_unit(&key, TOWNSHIP, 3, &[english::TOWN, english::SUBDISTRICT])
        }
        Some(DivisionLevel::Country) => Parted {
            core: key,
            tails: Vec::new(),
        },
        None => part_name(&key),
    }
}

fn strip<'a>(key: &'a [char], generic: &str) -> Option<&'a [char]> {
    let length = generic.chars().count();
    let (head, tail) = key.split_at_checked(key.len().checked_sub(length)?)?;
    tail.iter().copied().eq(generic.chars()).then_some(head)
}

fn tail(text: impl IntoIterator<Item = char>, each: u8, most: u8) -> Tail {
    let text: Vec<char> = text.into_iter().collect();
    let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
    Tail {
        worth: each.saturating_mul(length).min(most),
        text,
    }
}

/// Worth of a character of the unit's own generic part.
const OWN_EACH: u8 = 35;
const OWN_MOST: u8 = 80;
/// Worth of a generic part that fits the level and is another than the unit's own.
pub(crate) const CARELESS_WORTH: u8 = 4;

/// The name without the names of peoples at its end, of which at least two characters stay.
/// Outside self-government, 乡 and 区 follow a people's name only where 族 is written:
/// 黑沟满族乡, not 高山乡.
fn without_peoples(mut bare: &[char], is_self_governed: bool) -> &[char] {
    loop {
        let length = trailing_people(bare);
        let is_sure = is_self_governed || bare.last() == Some(&'族');
        if length == 0 || bare.len() - length < 2 || !is_sure {
            return bare;
        }
        bare = bare.get(..bare.len() - length).unwrap_or(bare);
    }
}

fn part_unit(key: &[char], generics: &[&str], level: usize, english: &[char]) -> Parted {
    let mut tails: Vec<Tail> = Vec::new();
    let mut core = key;
    if let Some((generic, head)) = generics
        .iter()
        .find_map(|generic| Some((generic, strip(key, generic)?)))
    {
        let mut bare = head;
        let is_of_peoples =
            generic.starts_with("自治") || matches!(*generic, "乡" | "民族乡" | "区");
        if is_of_peoples {
            bare = without_peoples(bare, generic.starts_with("自治"));
        }
        // 东乡族自治县 is called 东乡.
        if bare.len() > 2 && bare.last() == Some(&'族') && generic.starts_with("自治") {
            bare = bare.get(..bare.len() - 1).unwrap_or(bare);
        }
        if bare.len() >= 2 {
            core = bare;
            let whole = key.get(bare.len()..).unwrap_or(&[]);
            tails.push(tail(whole.iter().copied(), OWN_EACH, OWN_MOST));
            if generic.starts_with("自治") {
                // 巴里坤哈萨克自治 before another name.
                let begun = whole.len().saturating_sub(1);
                tails.push(tail(whole.iter().copied().take(begun), OWN_EACH, OWN_MOST));
            }
            if bare.len() < head.len() {
                tails.push(tail(generic.chars(), OWN_EACH, OWN_MOST));
            }
            // 恩施州, 五峰县, 鄂伦春旗, 浦东区; not 道 of 街道.
            if let Some(last) = generic
                .chars()
                .last()
                .filter(|last| generic.chars().count() > 1 && "省州县旗区乡镇".contains(*last))
            {
                tails.push(tail([last], OWN_EACH, OWN_MOST));
            }
            if matches!(*generic, "街道" | "街道办事处") {
                for other in ["街道办事处", "街道办", "街道", "街办"] {
                    tails.push(tail(other.chars(), OWN_EACH, 70));
                }
            }
        }
    }
    if !tails.is_empty() {
        tails.extend(english.iter().map(|word| tail([*word], OWN_EACH, OWN_MOST)));
        for other in CARELESS.get(level).copied().unwrap_or(&[]) {
            tails.push(tail(other.chars(), CARELESS_WORTH, CARELESS_WORTH));
        }
    }
    finish(core, tails)
}

fn part_village(key: &[char]) -> Parted {
    let committee = COMMITTEES
        .iter()
        .find_map(|(office, community)| Some((strip(key, office)?, *community)));
    let (head, community) = match committee.filter(|(head, _)| !head.is_empty()) {
        Some((head, community)) => (head, community),
        None => match (strip(key, "社区"), strip(key, "嘎查"), strip(key, "村")) {
            (Some(head), _, _) if head.len() >= 2 => (head, Community::Urban),
            (_, Some(head), _) if head.len() >= 2 => (head, Community::Gacha),
            (_, _, Some(head)) if head.len() >= 2 => (key, Community::Rural),
            _ => (key, Community::Other),
        },
    };
    let is_village = community == Community::Rural;
    let mut core = head;
    let stripped = [if is_village { "村" } else { "社区" }, "嘎查"]
        .iter()
        .find_map(|generic| strip(head, generic))
        .filter(|bare| bare.len() >= 2);
    if let Some(bare) = stripped {
        core = bare;
    }
    let options: &[&str] = match community {
        Community::Rural => &["村村民委员会", "村民委员会", "村村委会", "村委会", "村"],
        Community::Urban | Community::UrbanBare => &[
            "社区居民委员会",
            "社区居委会",
            "居民委员会",
            "居委会",
            "社区",
        ],
        Community::Gacha => &["嘎查村委会", "嘎查委员会", "嘎查"],
        Community::Other => &["委员会"],
    };
    let mut tails: Vec<Tail> = options
        .iter()
        .map(|option| tail(option.chars(), OWN_EACH, 70))
        .collect();
    tails.push(tail([english::VILLAGE], OWN_EACH, OWN_MOST));
    for other in CARELESS[4] {
        tails.push(tail(other.chars(), CARELESS_WORTH, CARELESS_WORTH));
    }
    finish(core, tails)
}

fn part_name(key: &[char]) -> Parted {
    let parted = NAME_GENERICS.iter().find_map(|generic| {
        let head = strip(key, generic).filter(|head| head.len() >= 2)?;
        Some((head, tail(generic.chars(), OWN_EACH, OWN_MOST)))
    });
    match parted {
        Some((core, tail)) => finish(core, vec![tail]),
        None => finish(key, Vec::new()),
    }
}

/// Tails of more worth first, then longer ones; the first of equal text stays.
fn finish(core: &[char], mut tails: Vec<Tail>) -> Parted {
    tails.sort_by(|one, other| {
        (other.text.len(), other.worth, &one.text).cmp(&(one.text.len(), one.worth, &other.text))
    });
    tails.dedup_by(|later, kept| later.text == kept.text);
    Parted {
        core: core.to_vec(),
        tails,
    }
}

#[cfg(test)]
mod tests {
    use zhifang_core::DivisionLevel::{County, Prefecture, Province, Township, Village};

    use super::{part, place_form};

    #[test]
    fn cores_are_what_people_say() {
        for (name, level, core) in [
            ("广西壮族自治区", Province, "广西"),
            ("新疆维吾尔自治区", Province, "新疆"),
            ("北京市", Province, "北京"),
            ("恩施土家族苗族自治州", Prefecture, "恩施"),
            ("阿坝藏族羌族自治州", Prefecture, "阿坝"),
            ("积石山保安族东乡族撒拉族自治县", County, "积石山"),
            ("东乡族自治县", County, "东乡"),
            ("鄂伦春自治旗", County, "鄂伦春"),
            ("浚县", County, "浚县"),
            ("浦东新区", County, "浦东"),
            ("城区", County, "城区"),
            ("光化街道", Township, "光化"),
            ("小壕兔乡", Township, "小壕兔"),
            ("黑沟满族乡", Township, "黑沟"),
            ("李楼村民委员会", Village, "李楼"),
            ("李楼村村委会", Village, "李楼"),
            ("王村村委会", Village, "王村"),
            ("多福巷社区居委会", Village, "多福巷"),
            ("小东门居委会", Village, "小东门"),
            ("查干嘎查村委会", Village, "查干"),
            ("洮北区（白城市生态新区）", County, "洮北"),
        ] {
            let parted = part(name, Some(level));
            assert_eq!(parted.core.iter().collect::<String>(), core, "{name}");
        }
    }

    #[test]
    fn a_village_is_called_by_its_place() {
        for (name, place) in [
            ("李楼村民委员会", "李楼村"),
            ("李楼村村委会", "李楼村"),
            ("多福巷社区居委会", "多福巷社区"),
            ("小东门居委会", "小东门"),
            ("宋营村委会", "宋营村"),
            ("陈家庄村委会", "陈家庄村"),
        ] {
            assert_eq!(place_form(name, Some(Village)), place, "{name}");
        }
        assert_eq!(place_form("李楼镇", Some(Township)), "李楼镇");
    }

    #[test]
    fn longer_generic_parts_are_tried_first() {
        let parted = part("恩施土家族苗族自治州", Some(Prefecture));
        let texts: Vec<String> = parted
            .tails
            .iter()
            .map(|tail| tail.text.iter().collect())
            .collect();
        assert_eq!(
            &texts[..3],
            ["土家族苗族自治州", "土家族苗族自治", "自治州"]
        );
        assert!(texts.contains(&"州".to_owned()) && texts.contains(&"市".to_owned()));
    }
}
