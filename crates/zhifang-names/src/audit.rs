//! Which place names of a text, a table or a sign register are not the standard ones
//! (地名管理条例 art. 18), and which would be.
//!
//! One automaton runs over all forms at once, standard ones included, and takes the longest that
//! begins first: so 汉水 is not found inside a standard 汉水路. A second one runs over sounds.

mod form;
mod sign;
mod sound;
mod table;
#[cfg(test)]
mod tests;
mod write;

use serde::Serialize;
use zhifang_core::{CodePrefix, Day, DivisionCode};
use zhifang_index::View;

use crate::rules::Rules;
use form::Lexicon;
use sound::Sounds;

pub use write::{write_hits, write_hits_csv};

/// How a name differs from the standard one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// 曾用名.
    Former,
    /// 停用地名.
    Retired,
    /// 别名、俗称.
    Alias,
    /// 误写, as the register lists it.
    Misspelling,
    /// 同音错字.
    Homophone,
    /// A sign's text is another than its name.
    Other,
}

impl Difference {
    /// Word in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Former => "former",
            Self::Retired => "retired",
            Self::Alias => "alias",
            Self::Misspelling => "misspelling",
            Self::Homophone => "homophone",
            Self::Other => "other",
        }
    }

    /// 中文.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Former => "曾用名",
            Self::Retired => "停用地名",
            Self::Alias => "别名",
            Self::Misspelling => "误写",
            Self::Homophone => "同音错字",
            Self::Other => "与标准地名不符",
        }
    }
}

/// A standard name that is meant, or may be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Standard {
    /// The standard name; empty where the place has none any more.
    pub name: String,
    /// `names` or `divisions`.
    pub collection: &'static str,
    /// The entry.
    pub id: String,
    /// The division it belongs to.
    pub division: Option<DivisionCode>,
    /// The divisions above in words.
    pub place: String,
}

/// A name that is not the standard one, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The name as written.
    pub text: String,
    /// How it differs.
    pub how: Difference,
    /// What would be right; several where the text does not say which place is meant.
    pub standard: Vec<Standard>,
    /// Line, from 1; of a table the line on which the row begins.
    pub line: usize,
    /// Character in the line, from 1; of a table in the cell.
    pub column: usize,
    /// Byte (UTF-8) from the beginning, from 0; of a table in the cell.
    pub offset: usize,
    /// Column of a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Sign of a sign register.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign: Option<String>,
}

/// Finds names that are not the standard ones.
#[derive(Debug)]
pub struct Auditor {
    lexicon: Lexicon,
    sounds: Sounds,
    marks_before: Vec<String>,
    marks_after: Vec<String>,
}

impl Auditor {
    /// An auditor for the names of a unit. Without a unit: for the nation's units down to the
    /// township and every entry of the register; names of villages are too alike for that.
    pub fn build(rules: &Rules, view: View<'_>, within: Option<CodePrefix>, day: Day) -> Self {
        let audit = rules.audit();
        let lexicon = Lexicon::build(view, within, day, audit.min_chars);
        let sounds = Sounds::build(&lexicon, audit.min_chars + 1);
        Self {
            lexicon,
            sounds,
            marks_before: audit.marks_before.clone(),
            marks_after: audit.marks_after.clone(),
        }
    }

    /// Every name of the text that is not the standard one, in the order of the text.
    pub fn text(&self, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        let spans = self.lexicon.spans(text);
        let slips = self.sounds.slips(text, &self.lexicon, &spans);
        // 洪山咀镇 says more than 洪山咀 in it.
        let is_in_slip = |span: &form::Span| {
            slips
                .iter()
                .any(|(start, end, _)| *start <= span.start && span.end <= *end)
        };
        for span in spans.iter().filter(|span| !is_in_slip(span)) {
            let is_marked = self.is_marked(text, span.start, span.end);
            if let Some((how, standard)) = self.lexicon.standard_of(span.pattern, text, span.start)
                && !is_marked
            {
                hits.push((span.start, span.end, how, standard));
            }
        }
        for (start, end, standard) in slips {
            hits.push((start, end, Difference::Homophone, standard));
        }
        hits.sort_by_key(|(start, end, ..)| (*start, *end));
        let mut places = Places::new(text);
        hits.into_iter()
            .map(|(start, end, how, standard)| {
                let (line, column) = places.of(start);
                Hit {
                    text: text.get(start..end).unwrap_or_default().to_owned(),
                    how,
                    standard,
                    line,
                    column,
                    offset: start,
                    field: None,
                    sign: None,
                }
            })
            .collect()
    }

    /// Whether a former name is called one: 原光化县, 光化县（今老河口市）.
    fn is_marked(&self, text: &str, start: usize, end: usize) -> bool {
        let (before, after) = (
            text.get(..start).unwrap_or_default(),
            text.get(end..).unwrap_or_default(),
        );
        let quoted = before.trim_end_matches(['“', '"', '「', '《', ' ']);
        self.marks_before
            .iter()
            .any(|mark| quoted.ends_with(mark.as_str()))
            || self
                .marks_after
                .iter()
                .any(|mark| after.starts_with(mark.as_str()))
    }
}

/// Lines and columns of ascending byte offsets.
struct Places<'t> {
    text: &'t str,
    at: usize,
    line: usize,
    line_start: usize,
}

impl<'t> Places<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            line_start: 0,
        }
    }

    fn of(&mut self, offset: usize) -> (usize, usize) {
        let between = self.text.get(self.at..offset).unwrap_or_default();
        for (place, _) in between.match_indices('\n') {
            self.line += 1;
            self.line_start = self.at + place + 1;
        }
        self.at = offset;
        let column = self
            .text
            .get(self.line_start..offset)
            .unwrap_or_default()
            .chars()
            .count();
        (self.line, column + 1)
    }
}
