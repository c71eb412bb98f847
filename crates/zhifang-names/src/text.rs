//! Texts in both languages.

use serde::{Deserialize, Serialize};
use zhifang_core::Lang;

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Text {
    /// 中文.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// The text in one language.
    pub fn pick(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

/// A [`Text`] from two formats over the same values.
macro_rules! text {
    ($zh:literal, $en:literal) => {
        $crate::text::Text::new(format!($zh), format!($en))
    };
}
pub(crate) use text;
