//! The words of CQL2 text.

use crate::error::{Error, Place};

/// A word, a literal or a sign.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    /// A keyword, function or property without quotes.
    Word(String),
    /// A property in double quotes.
    Quoted(String),
    /// A text in single quotes.
    Text(String),
    Number(f64),
    /// `( ) [ ] , = <> < > <= >= + - * / % ^`.
    Sign(&'static str),
    End,
}

impl Token {
    /// How a message names it.
    pub(crate) fn described(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Quoted(word) => format!("`\"{word}\"`"),
            Self::Text(text) => format!("the text `{text}`"),
            Self::Number(number) => format!("the number `{number}`"),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end".to_owned(),
        }
    }

    /// Whether it is this keyword, upper and lower case alike.
    pub(crate) fn is_word(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }
}

/// Two characters before one.
const SIGNS: [&str; 17] = [
    "<>", "<=", ">=", "(", ")", "[", "]", ",", "=", "<", ">", "+", "-", "*", "/", "%", "^",
];

/// The tokens of a text with the character at which each begins, counted from 1; `End` is last.
pub(crate) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, Error> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let start = at;
        let unexpected = |wanted, found: String| Error::Unexpected {
            place: Place::Character(start + 1),
            wanted,
            found,
        };
        if character.is_whitespace() {
            at += 1;
            continue;
        }
        let token = match character {
            '\'' | '"' => {
                let (content, next) = quoted(&characters, at, character)
                    .ok_or_else(|| unexpected("a closing quote", "the end".to_owned()))?;
                at = next;
                if character == '"' {
                    Token::Quoted(content)
                } else {
                    Token::Text(content)
                }
            }
            '0'..='9' | '.' => {
                at = number_end(&characters, at);
                let digits: String = characters.get(start..at).into_iter().flatten().collect();
                let number = digits
                    .parse::<f64>()
                    .ok()
                    .filter(|number| number.is_finite());
                Token::Number(number.ok_or_else(|| unexpected("a number", format!("`{digits}`")))?)
            }
            _ if is_word_start(character) => {
                while characters.get(at).is_some_and(|next| is_word_part(*next)) {
                    at += 1;
                }
                Token::Word(characters.get(start..at).into_iter().flatten().collect())
            }
            _ => {
                let sign = SIGNS
                    .into_iter()
                    .find(|sign| {
                        sign.chars()
                            .enumerate()
                            .all(|(index, own)| characters.get(at + index) == Some(&own))
                    })
                    .ok_or_else(|| {
                        unexpected("a word, a value or a sign", format!("`{character}`"))
                    })?;
                at += sign.len();
                Token::Sign(sign)
            }
        };
        tokens.push((token, start + 1));
    }
    tokens.push((Token::End, characters.len() + 1));
    Ok(tokens)
}

/// The content between quotes and where it goes on. A doubled quote is one; a backslash is itself
/// (the grammar's other form `\'` would leave a text that ends in a backslash without a spelling).
fn quoted(characters: &[char], open: usize, quote: char) -> Option<(String, usize)> {
    let mut content = String::new();
    let mut at = open + 1;
    loop {
        let character = *characters.get(at)?;
        let is_next_quote = characters.get(at + 1) == Some(&quote);
        if character == quote && !is_next_quote {
            return Some((content, at + 1));
        }
        if is_next_quote && character == quote {
            content.push(quote);
            at += 2;
        } else {
            content.push(character);
            at += 1;
        }
    }
}

fn number_end(characters: &[char], start: usize) -> usize {
    let digits = |mut at: usize| {
        while characters.get(at).is_some_and(char::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut at = digits(start);
    if characters.get(at) == Some(&'.') {
        at = digits(at + 1);
    }
    if matches!(characters.get(at), Some('e' | 'E')) {
        let sign = usize::from(matches!(characters.get(at + 1), Some('+' | '-')));
        let end = digits(at + 1 + sign);
        if end > at + 1 + sign {
            at = end;
        }
    }
    at
}

pub(crate) fn is_word_start(character: char) -> bool {
    character.is_alphabetic() || matches!(character, '_' | ':')
}

pub(crate) fn is_word_part(character: char) -> bool {
    is_word_start(character) || character.is_numeric() || character == '.'
}
