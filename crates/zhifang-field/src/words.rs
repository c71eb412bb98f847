//! Sentences in both languages, and the words for states.

use zhifang_core::{Lang, Record};

/// A sentence in Chinese and English.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// 中文.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Words {
    /// A sentence from its two forms.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// Goes on with another sentence.
    pub(crate) fn push(&mut self, more: &Self) {
        self.zh.push_str(&more.zh);
        self.en.push_str(&more.en);
    }

    /// The form in this language.
    pub fn pick(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

/// A sentence in both languages, each formatted in place.
macro_rules! words {
    ($zh:literal, $en:literal) => {
        $crate::words::Words::new(format!($zh), format!($en))
    };
}
pub(crate) use words;

/// Words for the states of a marker (界桩状态), in the order of the schema.
const STATES: [(&str, &str); 6] = [
    ("good", "完好"),
    ("tilted", "倾斜"),
    ("damaged", "损坏"),
    ("buried", "掩埋"),
    ("moved", "移动"),
    ("missing", "丢失"),
];

/// The state that a crew means, by either word.
pub(crate) fn state_of(text: &str) -> Option<&'static str> {
    STATES
        .iter()
        .find(|(word, zh)| *word == text || *zh == text)
        .map(|(word, _)| *word)
}

/// A state for people.
pub(crate) fn state_word(state: &str, lang: Lang) -> &str {
    STATES
        .iter()
        .find(|(word, _)| *word == state)
        .map_or(state, |(word, zh)| lang.pick(zh, word))
}

/// What people call a marker: its number, else its id.
pub(crate) fn number_of(marker: &Record) -> &str {
    marker.fields.text("number").unwrap_or(&marker.id)
}
