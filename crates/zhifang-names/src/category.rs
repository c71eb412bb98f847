//! The eight statutory kinds of place name (地名管理条例 art. 3).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use zhifang_core::{Collection, DivisionLevel, Record};

use crate::error::Error;

/// A statutory category, 1 to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Category(u8);

impl Category {
    /// 自然地理实体.
    pub const NATURAL: Self = Self(1);
    /// 行政区划.
    pub const DIVISION: Self = Self(2);
    /// 村民委员会、居民委员会所在地.
    pub const VILLAGE: Self = Self(3);
    /// 街路巷.
    pub const STREET: Self = Self(5);
    /// 交通运输、水利、电力、通信、气象等设施.
    pub const FACILITY: Self = Self(7);

    /// Every category.
    pub const ALL: [Self; 8] = [
        Self(1),
        Self(2),
        Self(3),
        Self(4),
        Self(5),
        Self(6),
        Self(7),
        Self(8),
    ];

    const WORDS: [&str; 8] = [
        "natural", "division", "village", "park", "street", "building", "facility", "other",
    ];

    /// The category of this number.
    pub fn new(number: u8) -> Option<Self> {
        (1..=8).contains(&number).then_some(Self(number))
    }

    /// 1 to 8.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The category of a record: a division's by its level, a name's as stored.
    pub fn of(record: &Record) -> Option<Self> {
        match record.collection {
            Collection::Divisions if record.level() == Some(DivisionLevel::Village) => {
                Some(Self::VILLAGE)
            }
            Collection::Divisions => Some(Self::DIVISION),
            Collection::Names => record
                .fields
                .number("category")
                .and_then(|number| Self::new(number as u8)),
            _ => None,
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Category {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let word = text.trim();
        let by_word = Self::WORDS.iter().position(|known| *known == word);
        word.parse()
            .ok()
            .or_else(|| by_word.and_then(|at| u8::try_from(at + 1).ok()))
            .and_then(Self::new)
            .ok_or_else(|| Error::Category {
                text: text.chars().take(40).collect(),
            })
    }
}

impl TryFrom<u8> for Category {
    type Error = Error;
    fn try_from(number: u8) -> Result<Self, Error> {
        Self::new(number).ok_or_else(|| Error::Category {
            text: number.to_string(),
        })
    }
}

impl From<Category> for u8 {
    fn from(category: Category) -> Self {
        category.0
    }
}
