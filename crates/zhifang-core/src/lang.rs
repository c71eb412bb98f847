//! The two languages of everything that a person reads.

use serde::{Deserialize, Serialize};

/// Language of a message: Chinese unless asked otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// 简体中文.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The text in this language.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

impl std::str::FromStr for Lang {
    type Err = LangError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "zh" | "zh-CN" | "zh-Hans" => Ok(Self::Zh),
            "en" | "en-US" | "en-GB" => Ok(Self::En),
            _ => Err(LangError {
                text: text.to_owned(),
            }),
        }
    }
}

/// A language other than the two.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("language `{text}`: wanted zh or en")]
pub struct LangError {
    /// The tag as given.
    pub text: String,
}
