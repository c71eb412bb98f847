//! Lists of words: leaders, persons, foreign places, brands, famous features, odd words.

use serde::Deserialize;

use super::fault;
use crate::error::Error;

const FILE: &str = "words.csv";

/// Which list a word stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordList {
    /// 国家领导人.
    Leader,
    /// 人名.
    Person,
    /// 外国人名、地名.
    Foreign,
    /// 企业名称、商标.
    Brand,
    /// 著名自然地理实体.
    Famous,
    /// 文化遗产地.
    Heritage,
    /// 夸大.
    Exaggerated,
    /// 怪异.
    Odd,
    /// 低俗.
    Indecent,
}

/// All lists.
#[derive(Debug, Clone)]
pub struct Words(Vec<(WordList, String)>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    list: WordList,
    word: String,
    #[serde(rename = "note")]
    _note: String,
}

impl Words {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let mut words = Vec::new();
        for (number, row) in csv::Reader::from_reader(text.as_bytes())
            .deserialize::<Row>()
            .enumerate()
        {
            let row = row.map_err(|error| fault(FILE, error.to_string()))?;
            if row.word.is_empty() {
                return Err(fault(
                    FILE,
                    format!("line {}: the word is empty", number + 2),
                ));
            }
            words.push((row.list, row.word));
        }
        // Longest first, so that the most telling word is named.
        words.sort_by(|a, b| {
            let key = |(list, word): &(WordList, String)| {
                (*list, std::cmp::Reverse(word.chars().count()), word.clone())
            };
            key(a).cmp(&key(b))
        });
        Ok(Self(words))
    }

    /// The words of a list, the longest first.
    pub fn of(&self, list: WordList) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(of, _)| *of == list)
            .map(|(_, word)| word.as_str())
    }

    /// The first word of the list that stands in the text.
    pub fn found_in(&self, list: WordList, text: &str) -> Option<&str> {
        self.of(list).find(|word| text.contains(word))
    }
}
