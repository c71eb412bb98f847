//! `LIKE` patterns: `%` any run, `_` any character, `\` takes the next as it is.

/// A pattern cut at its `%`, each piece found leftmost in turn: no going back, whatever the input.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
    is_open_at_start: bool,
    is_open_at_end: bool,
}

/// A run without `%`.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    /// Without `_`: searched by the standard library in linear time.
    Plain(String),
    /// With `_` (`None`).
    Mixed(Vec<Option<char>>),
}

impl Piece {
    fn new(characters: Vec<Option<char>>) -> Self {
        match characters.iter().copied().collect::<Option<String>>() {
            Some(text) => Self::Plain(text),
            None => Self::Mixed(characters),
        }
    }

    /// Length of the match at the start of `text`, bytes.
    fn at_start(&self, text: &str) -> Option<usize> {
        match self {
            Self::Plain(plain) => text.starts_with(plain.as_str()).then_some(plain.len()),
            Self::Mixed(characters) => {
                let mut found = text.char_indices();
                for wanted in characters {
                    let (_, character) = found.next()?;
                    if wanted.is_some_and(|wanted| wanted != character) {
                        return None;
                    }
                }
                Some(found.next().map_or(text.len(), |(at, _)| at))
            }
        }
    }

    /// What follows the leftmost match in `text`.
    fn after_first<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self {
            Self::Plain(plain) => text
                .find(plain.as_str())
                .and_then(|at| text.get(at + plain.len()..)),
            Self::Mixed(_) => text
                .char_indices()
                .filter_map(|(at, _)| text.get(at..))
                .find_map(|rest| self.at_start(rest).and_then(|length| rest.get(length..))),
        }
    }

    fn is_at_end(&self, text: &str) -> bool {
        match self {
            Self::Plain(plain) => text.ends_with(plain.as_str()),
            Self::Mixed(characters) => {
                let skipped = text.chars().count().checked_sub(characters.len());
                skipped
                    .map(|skipped| {
                        text.char_indices()
                            .nth(skipped)
                            .map_or(text.len(), |(at, _)| at)
                    })
                    .and_then(|at| text.get(at..))
                    .is_some_and(|tail| self.at_start(tail) == Some(tail.len()))
            }
        }
    }
}

impl Pattern {
    /// Compiles the text of a pattern.
    pub(crate) fn new(text: &str) -> Self {
        let mut pieces = vec![Vec::new()];
        let mut is_open_at_end = false;
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            is_open_at_end = character == '%';
            match character {
                '%' => pieces.push(Vec::new()),
                '_' => pieces
                    .last_mut()
                    .into_iter()
                    .for_each(|piece| piece.push(None)),
                '\\' => {
                    let next = characters.next().unwrap_or('\\');
                    pieces
                        .last_mut()
                        .into_iter()
                        .for_each(|piece| piece.push(Some(next)));
                }
                other => pieces
                    .last_mut()
                    .into_iter()
                    .for_each(|piece| piece.push(Some(other))),
            }
        }
        Self {
            is_open_at_start: text.starts_with('%'),
            is_open_at_end,
            pieces: pieces
                .into_iter()
                .filter(|piece| !piece.is_empty())
                .map(Piece::new)
                .collect(),
        }
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some((last, firsts)) = self.pieces.split_last() else {
            return text.is_empty() || self.is_open_at_end;
        };
        let mut rest = text;
        for (index, piece) in firsts.iter().enumerate() {
            let found = if index == 0 && !self.is_open_at_start {
                piece.at_start(rest).and_then(|length| rest.get(length..))
            } else {
                piece.after_first(rest)
            };
            match found {
                Some(after) => rest = after,
                None => return false,
            }
        }
        let is_fixed = firsts.is_empty() && !self.is_open_at_start;
        match (is_fixed, self.is_open_at_end) {
            (true, true) => last.at_start(rest).is_some(),
            (true, false) => last.at_start(rest) == Some(rest.len()),
            (false, true) => last.after_first(rest).is_some(),
            (false, false) => last.is_at_end(rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, by trying every way.
    fn oracle(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('%', rest)) => (0..=text.len()).any(|skip| oracle(rest, &text[skip..])),
            Some(('_', rest)) => !text.is_empty() && oracle(rest, &text[1..]),
            Some((first, rest)) => text.first() == Some(first) && oracle(rest, &text[1..]),
        }
    }

    proptest::proptest! {
        #[test]
        fn a_pattern_matches_what_its_definition_matches(
            pattern in "[ab口%_]{0,8}", text in "[ab口]{0,10}",
        ) {
            let expected = oracle(
                &pattern.chars().collect::<Vec<_>>(),
                &text.chars().collect::<Vec<_>>(),
            );
            proptest::prop_assert_eq!(Pattern::new(&pattern).matches(&text), expected);
        }
    }

    #[test]
    fn an_escaped_sign_is_itself() {
        assert!(Pattern::new(r"50\%").matches("50%") && !Pattern::new(r"50\%").matches("500"));
        assert!(Pattern::new(r"a\").matches(r"a\"));
    }

    #[test]
    fn a_pattern_of_eight_kilobytes_is_quick_on_a_long_text() {
        let pattern = Pattern::new(&"%a_".repeat(2_700));
        let text = format!("{}b", "a".repeat(200_000));
        assert!(pattern.matches(&text));
        assert!(!Pattern::new(&"%a".repeat(4_000)).matches(&text));
    }
}
