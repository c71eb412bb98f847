//! The peoples whose names stand in the names of autonomous divisions and 民族乡.

/// The 55 minority nationalities and 各族, without 族.
const PEOPLES: &[&str] = &[
    "蒙古",
    "回",
    "藏",
    "维吾尔",
    "苗",
    "彝",
    "壮",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "高山",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "塔吉克",
    "怒",
    "乌孜别克",
    "俄罗斯",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "京",
    "塔塔尔",
    "独龙",
    "鄂伦春",
    "赫哲",
    "门巴",
    "珞巴",
    "基诺",
    "各",
];

/// How many characters at the end of `name` are one people's name: 3 for 恩施土家族, 3 for
/// 新疆维吾尔 (names of several characters may stand without 族), 0 for 大理.
///
/// ```
/// let name: Vec<char> = "恩施土家族苗族".chars().collect();
/// assert_eq!(zhifang_pinyin::trailing_people(&name), 2);
/// ```
pub fn trailing_people(name: &[char]) -> usize {
    let bare = name.strip_suffix(&['族']).unwrap_or(name);
    let suffix = name.len() - bare.len();
    let ends_with = |people: &str| {
        let length = people.chars().count();
        bare.len() >= length
            && bare.iter().skip(bare.len() - length).copied().eq(people.chars())
            // Without 族 a single character is no sure sign of a people.
            && (suffix > 0 || length > 1)
    };
    let lengths = PEOPLES.iter().filter(|people| ends_with(people));
    lengths
        .map(|people| people.chars().count() + suffix)
        .max()
        .unwrap_or(0)
}
