//! The numbering standard as code (GB/T 17796-2009): line, serial, type letter.
//!
//! Each line is a numbering unit, numbered from west to east or from north to south, from 001. A
//! province line's number has eight characters: the two provinces' two digits, three of the
//! serial, the type letter. Below, provinces write their own pattern; the shipped one is both
//! units' codes in place of the four digits.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use zhifang_core::{DivisionCode, DivisionLevel, Record};

use crate::error::MarkerError;

/// How a marker stands at its place (类型码).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TypeCode {
    /// 单立: one marker on the line.
    Q,
    /// 同号双立, on the side of the unit with the smaller code.
    A,
    /// 同号双立, on the other side.
    B,
    /// 同号三立.
    C,
    /// 同号三立.
    D,
    /// 同号三立.
    E,
}

impl TypeCode {
    /// Every type.
    pub const ALL: [Self; 6] = [Self::Q, Self::A, Self::B, Self::C, Self::D, Self::E];

    /// Its letter.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Q => "Q",
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
        }
    }

    /// The type of a letter.
    pub fn of_letter(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.letter() == letter)
    }

    /// The type that a marker's record names; one that names none stands alone.
    pub fn of(marker: &Record) -> Self {
        let letter = marker.fields.text("type").unwrap_or("Q");
        Self::of_letter(letter).unwrap_or(Self::Q)
    }

    /// All markers of one number that stand together with one of this type, itself included.
    pub const fn group(self) -> &'static [Self] {
        match self {
            Self::Q => &[Self::Q],
            Self::A | Self::B => &[Self::A, Self::B],
            Self::C | Self::D | Self::E => &[Self::C, Self::D, Self::E],
        }
    }

    /// 单立, 同号双立, 同号三立.
    pub const fn standing(self) -> (&'static str, &'static str) {
        match self.group().len() {
            1 => ("单立", "single"),
            2 => ("同号双立", "one of a pair"),
            _ => ("同号三立", "one of three"),
        }
    }
}

/// How many digits each piece of a number has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pattern {
    /// Digits that tell the line: half of them each side's code, ascending.
    pub line_digits: usize,
    /// Digits of the serial.
    pub serial_digits: usize,
    /// Whether the type letter ends it.
    pub has_letter: bool,
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = u8::from(self.has_letter);
        write!(f, "{}+{}+{letter}", self.line_digits, self.serial_digits)
    }
}

impl FromStr for Pattern {
    type Err = MarkerError;

    fn from_str(text: &str) -> Result<Self, MarkerError> {
        let fault = || MarkerError::Pattern {
            text: text.to_owned(),
        };
        let pieces: Vec<usize> = text
            .split('+')
            .map(|piece| piece.trim().parse().map_err(|_| fault()))
            .collect::<Result<_, _>>()?;
        match pieces[..] {
            [
                line_digits @ (4 | 8 | 12 | 18 | 24),
                serial_digits @ 1..=6,
                letter @ 0..=1,
            ] => Ok(Self {
                line_digits,
                serial_digits,
                has_letter: letter == 1,
            }),
            _ => Err(fault()),
        }
    }
}

impl Pattern {
    /// The number of a serial; fails when the serial has more digits than the pattern.
    ///
    /// # Errors
    /// [`MarkerError::Spent`].
    pub fn compose(&self, stem: &str, serial: u32, kind: TypeCode) -> Result<String, MarkerError> {
        let digits = self.serial_digits;
        let text = format!("{serial:0digits$}");
        if text.len() > digits {
            return Err(MarkerError::Spent {
                stem: stem.to_owned(),
                serial,
                digits,
            });
        }
        let letter = if self.has_letter { kind.letter() } else { "" };
        Ok(format!("{stem}{text}{letter}"))
    }

    /// Takes a number apart; a type letter may be missing where old tables left it out.
    pub fn parse(&self, text: &str) -> Option<Number> {
        let text = text.trim();
        let last = text.char_indices().next_back()?;
        let (digits, kind) = match TypeCode::of_letter(&text[last.0..]) {
            Some(kind) => (&text[..last.0], kind),
            None => (text, TypeCode::Q),
        };
        let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let at = digits.len().checked_sub(self.serial_digits)?;
        let serial = digits.get(at..).filter(|_| is_plain)?.parse().ok()?;
        Some(Number {
            stem: digits[..at].to_owned(),
            serial,
            kind,
        })
    }

    /// The number in a marker's record, where it fits the record's serial and type.
    pub fn number_of(&self, marker: &Record) -> Option<Number> {
        let text = marker.fields.text("number").unwrap_or(&marker.id);
        let kind = TypeCode::of(marker);
        let Some(serial) = marker
            .fields
            .get("serial")
            .and_then(serde_json::Value::as_u64)
        else {
            return self.parse(text);
        };
        let serial = u32::try_from(serial).ok()?;
        let tail = self.compose("", serial, kind).ok()?;
        let stem = text.strip_suffix(&tail)?.to_owned();
        Some(Number { stem, serial, kind })
    }

    /// What the numbers on a line begin with.
    ///
    /// # Errors
    /// [`MarkerError::Incomplete`] when the line does not name both sides, or by shorter codes
    /// than the pattern asks for.
    pub fn stem_of(&self, line: &Record) -> Result<String, MarkerError> {
        let half = self.line_digits / 2;
        let side = |field: &'static str| {
            let code = line.fields.text(field)?;
            code.parse::<DivisionCode>().ok()?;
            code.get(..half)
        };
        let wanted = |field| MarkerError::Incomplete {
            id: line.id.to_string(),
            field,
        };
        let mut sides = [
            side("left").ok_or_else(|| wanted("left"))?,
            side("right").ok_or_else(|| wanted("right"))?,
        ];
        sides.sort_unstable();
        Ok(sides.concat())
    }
}

/// A number taken apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number {
    /// What the numbers of its series begin with.
    pub stem: String,
    /// The serial.
    pub serial: u32,
    /// The type letter.
    pub kind: TypeCode,
}

/// A pattern for each level of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patterns(BTreeMap<DivisionLevel, Pattern>);

/// Digits of a serial that the standard has.
const SERIAL_DIGITS: usize = 3;

impl Default for Patterns {
    fn default() -> Self {
        let pattern = |line_digits| Pattern {
            line_digits,
            serial_digits: SERIAL_DIGITS,
            has_letter: true,
        };
        Self(BTreeMap::from([
            (DivisionLevel::Province, pattern(4)),
            (DivisionLevel::Prefecture, pattern(12)),
            (DivisionLevel::County, pattern(12)),
            (DivisionLevel::Township, pattern(18)),
            (DivisionLevel::Village, pattern(24)),
        ]))
    }
}

impl Patterns {
    /// The pattern of a level's lines.
    pub fn of(&self, level: DivisionLevel) -> Pattern {
        let shipped = Pattern {
            line_digits: 12,
            serial_digits: SERIAL_DIGITS,
            has_letter: true,
        };
        self.0.get(&level).copied().unwrap_or(shipped)
    }

    /// The pattern of a line.
    ///
    /// # Errors
    /// [`MarkerError::Incomplete`] when the line names no level.
    pub fn of_line(&self, line: &Record) -> Result<Pattern, MarkerError> {
        let level = line.fields.text("level").and_then(|word| word.parse().ok());
        level
            .map(|level| self.of(level))
            .ok_or_else(|| MarkerError::Incomplete {
                id: line.id.to_string(),
                field: "level",
            })
    }

    /// Takes a level's pattern from `LEVEL=4+3+1`.
    ///
    /// # Errors
    /// [`MarkerError::Pattern`].
    pub fn set(&mut self, text: &str) -> Result<(), MarkerError> {
        let fault = || MarkerError::Pattern {
            text: text.to_owned(),
        };
        let (level, pattern) = text.split_once('=').ok_or_else(fault)?;
        let level = level.trim().parse().map_err(|_| fault())?;
        self.0.insert(level, pattern.parse().map_err(|_| fault())?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use zhifang_core::Collection;

    #[test]
    fn a_province_line_has_numbers_of_eight_characters() {
        let patterns = Patterns::default();
        let mut line = Record::new(Collection::Boundaries, "411326420682", "");
        line.fields.set("level", json!("province"));
        line.fields.set("left", json!("420682"));
        line.fields.set("right", json!("411326"));
        let pattern = patterns.of_line(&line).unwrap();
        let stem = pattern.stem_of(&line).unwrap();
        assert_eq!(stem, "4142");
        let number = pattern.compose(&stem, 7, TypeCode::A).unwrap();
        assert_eq!(number, "4142007A");
        let parsed = pattern.parse(&number).unwrap();
        assert_eq!(
            (parsed.stem.as_str(), parsed.serial, parsed.kind),
            ("4142", 7, TypeCode::A)
        );
        // As an old table has it, without the letter.
        assert_eq!(pattern.parse("1253165").unwrap().serial, 165);
        assert!(pattern.compose(&stem, 1000, TypeCode::Q).is_err());
        for text in ["", "Q", "界桩7", "12Q", "é"] {
            assert!(pattern.parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_pattern_is_configured_for_its_level() {
        let mut patterns = Patterns::default();
        patterns.set("county=12+4+0").unwrap();
        let pattern = patterns.of(DivisionLevel::County);
        assert_eq!(pattern.to_string(), "12+4+0");
        assert_eq!(
            pattern.compose("420625420682", 31, TypeCode::Q).unwrap(),
            "4206254206820031"
        );
        for text in [
            "county",
            "county=5+3+1",
            "shire=4+3+1",
            "county=12+9+1",
            "county=12+3+2",
        ] {
            assert!(patterns.set(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_composed_is_read_back(serial in 0_u32..1000, kind in 0_usize..6, line in 1000_u32..9999) {
            let pattern = Patterns::default().of(DivisionLevel::Province);
            let number = Number { stem: line.to_string(), serial, kind: TypeCode::ALL[kind] };
            let text = pattern.compose(&number.stem, number.serial, number.kind).unwrap();
            proptest::prop_assert_eq!(pattern.parse(&text), Some(number));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = Patterns::default().of(DivisionLevel::County).parse(&text);
            let _ = Patterns::default().set(&text);
        }
    }
}
