//! Codes and levels of administrative divisions (行政区划代码): GB/T 2260 to the county,
//! GB/T 10114 to the township, the statistics bureau's 12 digits to the village.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is no division code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("division code `{text}`: wanted 2, 4, 6, 9 or 12 digits that begin with a province number")]
pub struct CodeError {
    /// The text as given.
    pub text: String,
}

/// Level of an administrative division (行政区划级别), from the country down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DivisionLevel {
    /// 国家.
    Country,
    /// 省级: province, autonomous region, municipality, special administrative region.
    Province,
    /// 地级: prefecture-level city, prefecture, autonomous prefecture, league.
    Prefecture,
    /// 县级: district, county, county-level city, banner.
    County,
    /// 乡级: town, township, sub-district.
    Township,
    /// 村级: villagers' or residents' committee.
    Village,
}

impl DivisionLevel {
    /// Every level, highest first.
    pub const ALL: [Self; 6] = [
        Self::Country,
        Self::Province,
        Self::Prefecture,
        Self::County,
        Self::Township,
        Self::Village,
    ];

    /// Word used in files and over HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Province => "province",
            Self::Prefecture => "prefecture",
            Self::County => "county",
            Self::Township => "township",
            Self::Village => "village",
        }
    }

    /// 0 for the country … 5 for the village.
    pub const fn rank(self) -> u8 {
        self as u8
    }

    /// The level with this [`rank`](Self::rank).
    pub fn from_rank(rank: u8) -> Option<Self> {
        Self::ALL.get(usize::from(rank)).copied()
    }

    /// The word in Chinese (省级 …).
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Country => "国家",
            Self::Province => "省级",
            Self::Prefecture => "地级",
            Self::County => "县级",
            Self::Township => "乡级",
            Self::Village => "村级",
        }
    }
}

impl fmt::Display for DivisionLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DivisionLevel {
    type Err = LevelError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str() == text || level.zh() == text)
            .ok_or_else(|| LevelError {
                text: text.to_owned(),
            })
    }
}

/// A word that is no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("level `{text}`: wanted country, province, prefecture, county, township or village")]
pub struct LevelError {
    /// The word as given.
    pub text: String,
}

/// Code of an administrative division (行政区划代码): 6, 9 or 12 digits.
///
/// The 2- and 4-digit codes of statistics tables are padded to six on parsing.
///
/// ```
/// use zhifang_core::{DivisionCode, DivisionLevel};
/// let town: DivisionCode = "420682101".parse()?;
/// assert_eq!(town.level(), DivisionLevel::Township);
/// assert_eq!(town.parent(), Some("420682".parse()?));
/// // Counties directly under a province have no invented prefecture:
/// assert_eq!("429004".parse::<DivisionCode>()?.parent(), Some("42".parse()?));
/// # Ok::<(), zhifang_core::CodeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DivisionCode(u64);

impl DivisionCode {
    /// The code written as a number, as in tile feature ids.
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The code whose number this is; `None` unless it has 6, 9 or 12 digits.
    pub fn from_u64(number: u64) -> Option<Self> {
        matches!(
            number,
            100_000..=999_999 | 100_000_000..=999_999_999 | 100_000_000_000..=999_999_999_999
        )
        .then_some(Self(number))
    }

    /// 6, 9 or 12.
    pub const fn digits(self) -> u32 {
        if self.0 < 1_000_000 {
            6
        } else if self.0 < 1_000_000_000 {
            9
        } else {
            12
        }
    }

    /// The first six digits: the county-level (or higher) unit.
    #[must_use]
    pub const fn county(self) -> Self {
        match self.digits() {
            6 => self,
            9 => Self(self.0 / 1_000),
            _ => Self(self.0 / 1_000_000),
        }
    }

    /// The province's code.
    #[must_use]
    pub const fn province(self) -> Self {
        Self(self.county().0 / 10_000 * 10_000)
    }

    /// Level as the shape of the code tells it: `xx0000` province, `xxxx00` prefecture.
    pub const fn level(self) -> DivisionLevel {
        match self.digits() {
            12 => DivisionLevel::Village,
            9 => DivisionLevel::Township,
            _ if self.0.is_multiple_of(10_000) => DivisionLevel::Province,
            _ if self.0.is_multiple_of(100) => DivisionLevel::Prefecture,
            _ => DivisionLevel::County,
        }
    }

    /// The unit above by prefix and the table of exceptions (`data/division_exceptions.csv`):
    /// headings are stepped over. `None` for a province.
    pub fn parent(self) -> Option<Self> {
        let mut up = self.prefix_parent()?;
        while exceptions().get(&up).is_some_and(|rule| rule.is_skipped()) {
            up = up.prefix_parent()?;
        }
        Some(up)
    }

    fn prefix_parent(self) -> Option<Self> {
        match self.digits() {
            12 | 9 => Some(Self(self.0 / 1_000)),
            _ if !self.0.is_multiple_of(100) => Some(Self(self.0 / 100 * 100)),
            _ if !self.0.is_multiple_of(10_000) => Some(Self(self.0 / 10_000 * 10_000)),
            _ => None,
        }
    }

    /// All units above, nearest first.
    pub fn ancestors(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.parent(), |code| code.parent())
    }

    /// Whether the code is a heading of the published tables (市辖区, 省直辖…), not a unit.
    pub fn is_heading(self) -> bool {
        exceptions()
            .get(&self)
            .is_some_and(|rule| *rule == ExceptionRule::Heading)
    }

    /// The digits that all codes of this unit and below begin with.
    pub fn prefix(self) -> CodePrefix {
        let digits = self.to_string();
        let trimmed = if self.digits() == 6 {
            digits
                .strip_suffix("0000")
                .or_else(|| digits.strip_suffix("00"))
                .unwrap_or(&digits)
        } else {
            &digits
        };
        CodePrefix::from_digits(trimmed)
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn parse_digits(text: &str) -> Result<u64, CodeError> {
    let fault = || CodeError {
        text: text.to_owned(),
    };
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || text.starts_with('0') {
        return Err(fault());
    }
    text.parse().map_err(|_| fault())
}

impl FromStr for DivisionCode {
    type Err = CodeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = parse_digits(text)?;
        match text.len() {
            2 => Ok(Self(number * 10_000)),
            4 => Ok(Self(number * 100)),
            6 | 9 | 12 => Ok(Self(number)),
            _ => Err(CodeError {
                text: text.to_owned(),
            }),
        }
    }
}

impl Serialize for DivisionCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DivisionCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// 2, 4, 6, 9 or 12 leading digits: a unit and everything below it (`within=`).
///
/// `420000` and `42` mean the same; so do `441900` and `4419`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CodePrefix {
    number: u64,
    digits: u32,
}

impl CodePrefix {
    fn from_digits(text: &str) -> Self {
        let number = text
            .bytes()
            .fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0'));
        Self {
            number,
            digits: u32::try_from(text.len()).unwrap_or(12),
        }
    }

    /// Whether the code begins with these digits.
    pub fn covers(self, code: DivisionCode) -> bool {
        code.digits() >= self.digits
            && code.as_u64() / 10_u64.pow(code.digits() - self.digits) == self.number
    }

    /// Whether every code under `other` is also under this prefix.
    pub fn covers_prefix(self, other: Self) -> bool {
        other.digits >= self.digits
            && other.number / 10_u64.pow(other.digits - self.digits) == self.number
    }

    /// The unit that the prefix names.
    pub fn unit(self) -> DivisionCode {
        match self.digits {
            2 => DivisionCode(self.number * 10_000),
            4 => DivisionCode(self.number * 100),
            _ => DivisionCode(self.number),
        }
    }
}

impl fmt::Display for CodePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}

impl FromStr for CodePrefix {
    type Err = CodeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<DivisionCode>().map(DivisionCode::prefix)
    }
}

impl Serialize for CodePrefix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CodePrefix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExceptionRule {
    /// Stands in the tables, is no unit.
    Heading,
    /// Would follow from the prefix, exists nowhere.
    Absent,
    /// A unit that looks odd and is right.
    Unit,
}

impl ExceptionRule {
    fn is_skipped(self) -> bool {
        matches!(self, Self::Heading | Self::Absent)
    }
}

fn exceptions() -> &'static BTreeMap<DivisionCode, ExceptionRule> {
    static TABLE: OnceLock<BTreeMap<DivisionCode, ExceptionRule>> = OnceLock::new();
    TABLE.get_or_init(|| {
        include_str!("../../../data/division_exceptions.csv")
            .lines()
            .skip(1)
            .filter_map(|line| {
                let mut cells = line.split(',');
                let code = cells.next()?.parse().ok()?;
                let rule = match cells.next()? {
                    "heading" => ExceptionRule::Heading,
                    "absent" => ExceptionRule::Absent,
                    _ => ExceptionRule::Unit,
                };
                Some((code, rule))
            })
            .collect()
    })
}

/// Whether a name of a published table is a heading (市辖区, 县, 省直辖县级行政区划 …), not a unit.
///
/// Only county rows and above carry headings; 市 and 县 alone are headings there.
pub fn is_heading_name(name: &str) -> bool {
    matches!(name, "市辖区" | "县" | "市")
        || name.starts_with("省直辖")
        || name.starts_with("自治区直辖")
        || (name.ends_with("市市辖区") && name.chars().count() > 3)
}

/// Kind of a division (类别) as its level and the end of its name tell it, e.g. 县级市, 镇.
pub fn division_kind(code: DivisionCode, name: &str) -> &'static str {
    if code.is_heading() || (code.digits() == 6 && is_heading_name(name)) {
        return "heading";
    }
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
    match code.level() {
        DivisionLevel::Country => "国家",
        DivisionLevel::Province => match code.as_u64() / 10_000 {
            11 | 12 | 31 | 50 => "直辖市",
            81 | 82 => "特别行政区",
            _ if ends(&["自治区"]) => "自治区",
            _ => "省",
        },
        DivisionLevel::Prefecture => match name {
            _ if ends(&["自治州"]) => "自治州",
            _ if ends(&["地区"]) => "地区",
            _ if ends(&["盟"]) => "盟",
            _ if ends(&["市"]) => "地级市",
            _ => "其他",
        },
        DivisionLevel::County => match name {
            _ if ends(&["自治县"]) => "自治县",
            _ if ends(&["自治旗"]) => "自治旗",
            _ if ends(&["林区"]) => "林区",
            _ if ends(&["特区"]) => "特区",
            _ if ends(&["旗"]) => "旗",
            _ if ends(&["区"]) => "市辖区",
            _ if ends(&["县"]) => "县",
            _ if ends(&["市"]) => "县级市",
            _ => "其他",
        },
        DivisionLevel::Township => match name {
            _ if ends(&["街道", "街道办事处"]) => "街道",
            _ if ends(&["民族苏木"]) => "民族苏木",
            _ if ends(&["苏木"]) => "苏木",
            _ if ends(&["镇"]) => "镇",
            _ if ends(&["民族乡"]) || (ends(&["乡"]) && name.contains('族')) => "民族乡",
            _ if ends(&["乡"]) => "乡",
            _ if ends(&["地区"]) => "地区",
            _ => "其他",
        },
        DivisionLevel::Village => match name {
            _ if ends(&["居委会", "居民委员会", "社区"]) => "居民委员会",
            _ if ends(&["村委会", "村民委员会", "村", "嘎查"]) => "村民委员会",
            _ => "其他",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn code(text: &str) -> DivisionCode {
        text.parse().unwrap()
    }

    #[rstest]
    #[case::village("420682101201", Some("420682101"))]
    #[case::county("420682", Some("420600"))]
    #[case::under_province("429004", Some("420000"))]
    #[case::municipality_district("110101", Some("110000"))]
    #[case::municipality_county("500235", Some("500000"))]
    #[case::prefecture_without_counties("441900003", Some("441900"))]
    #[case::jiayuguan("620201001", Some("620200"))]
    #[case::taiwan("710009", Some("710000"))]
    #[case::hong_kong("810101", Some("810000"))]
    #[case::province("420000", None)]
    fn parents_follow_prefix_and_exceptions(#[case] unit: &str, #[case] parent: Option<&str>) {
        assert_eq!(code(unit).parent(), parent.map(code));
    }

    #[test]
    fn short_codes_are_padded_and_prefixes_cover() {
        assert_eq!(code("42"), code("420000"));
        let hubei: CodePrefix = "420000".parse().unwrap();
        assert!(hubei.covers(code("420682101201")) && !hubei.covers(code("410000")));
        let dongguan: CodePrefix = "441900".parse().unwrap();
        assert!(dongguan.covers(code("441900003")) && dongguan.covers(code("441900")));
        assert!("4206821".parse::<DivisionCode>().is_err());
        assert!("04".parse::<DivisionCode>().is_err());
    }
}
