//! Paper, scale and language of a sheet, and where its parts stand.

use std::fmt;
use std::str::FromStr;

use zhifang_core::Lang;

use super::svg::Rect;
use crate::error::Error;

/// A paper size of ISO 216.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paper {
    /// 210 × 297 mm.
    A4,
    /// 297 × 420 mm.
    #[default]
    A3,
    /// 420 × 594 mm.
    A2,
    /// 594 × 841 mm.
    A1,
    /// 841 × 1189 mm.
    A0,
}

impl Paper {
    /// Width and height upright, millimetres.
    pub const fn size_mm(self) -> (f64, f64) {
        match self {
            Self::A4 => (210.0, 297.0),
            Self::A3 => (297.0, 420.0),
            Self::A2 => (420.0, 594.0),
            Self::A1 => (594.0, 841.0),
            Self::A0 => (841.0, 1189.0),
        }
    }

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::A3 => "a3",
            Self::A2 => "a2",
            Self::A1 => "a1",
            Self::A0 => "a0",
        }
    }

    /// How much larger writing and symbols are than on A4: a wall map is read from farther off.
    const fn enlargement(self) -> f64 {
        match self {
            Self::A4 => 1.0,
            Self::A3 => 1.18,
            Self::A2 => 1.4,
            Self::A1 => 1.7,
            Self::A0 => 2.0,
        }
    }
}

impl FromStr for Paper {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::A4, Self::A3, Self::A2, Self::A1, Self::A0]
            .into_iter()
            .find(|paper| paper.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| Error::Word {
                text: text.to_owned(),
                what: "paper size",
                wanted: "a4, a3, a2, a1 or a0",
            })
    }
}

/// Scale of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// The largest usual one at which the unit fits.
    #[default]
    Fitting,
    /// One to this many.
    One(u32),
}

impl FromStr for Scale {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "auto" {
            return Ok(Self::Fitting);
        }
        text.strip_prefix("1:")
            .map(|number| number.replace([' ', ',', '_'], ""))
            .and_then(|number| number.parse().ok())
            .filter(|denominator| (100..=50_000_000).contains(denominator))
            .map(Self::One)
            .ok_or_else(|| Error::Word {
                text: text.to_owned(),
                what: "scale",
                wanted: "`auto` or one such as 1:50000",
            })
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fitting => f.write_str("auto"),
            Self::One(denominator) => write!(f, "1:{denominator}"),
        }
    }
}

/// Languages of what is written on a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Words {
    /// 中文.
    #[default]
    Zh,
    /// English, names in Roman letters.
    En,
    /// Chinese with Roman letters and English beside it.
    Both,
}

impl Words {
    /// The language, unless it is both.
    pub const fn single(self) -> Option<Lang> {
        match self {
            Self::Zh => Some(Lang::Zh),
            Self::En => Some(Lang::En),
            Self::Both => None,
        }
    }

    /// The language that leads.
    pub const fn first(self) -> Lang {
        match self {
            Self::Zh | Self::Both => Lang::Zh,
            Self::En => Lang::En,
        }
    }

    /// One phrase of the two, or both.
    pub(crate) fn pick(self, zh: &str, en: &str) -> String {
        match self {
            Self::Zh => zh.to_owned(),
            Self::En => en.to_owned(),
            Self::Both => format!("{zh} {en}"),
        }
    }
}

impl FromStr for Words {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "zh" => Ok(Self::Zh),
            "en" => Ok(Self::En),
            "both" => Ok(Self::Both),
            _ => Err(Error::Word {
                text: text.to_owned(),
                what: "language",
                wanted: "zh, en or both",
            }),
        }
    }
}

/// Where the parts of a sheet stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) page: Rect,
    /// Enlargement of writing and symbols against A4.
    pub(super) k: f64,
    pub(super) title: Rect,
    /// Inside the neat line (内图廓).
    pub(super) map: Rect,
    /// Inside the outer line (外图廓); the numbers of grid and graticule stand between.
    pub(super) outer: Rect,
    /// Legend, inset, scale: below the map, or beside it on a broad sheet.
    pub(super) panel: Rect,
    pub(super) is_broad: bool,
}

/// Width of the band between neat line and outer line on A4.
const BAND_MM: f64 = 6.4;

impl Layout {
    pub(super) fn new(paper: Paper, is_landscape: bool) -> Self {
        let k = paper.enlargement();
        let (short, long) = paper.size_mm();
        let (width, height) = if is_landscape {
            (long, short)
        } else {
            (short, long)
        };
        let page = Rect::new(0.0, 0.0, width, height);
        let margin = 8.0 * k;
        let title = Rect::new(margin, margin * 0.8, width - 2.0 * margin, 13.0 * k);
        let foot = 6.0 * k;
        let top = title.bottom() + 1.5 * k;
        let bottom = height - margin * 0.8 - foot;
        let gap = 2.0 * k;
        let (outer, panel) = if is_landscape {
            let breadth = 56.0 * k;
            let outer = Rect::new(
                margin,
                top,
                width - 2.0 * margin - breadth - gap,
                bottom - top,
            );
            let panel = Rect::new(outer.right() + gap, top, breadth, bottom - top);
            (outer, panel)
        } else {
            let depth = 50.0 * k;
            let outer = Rect::new(
                margin,
                top,
                width - 2.0 * margin,
                bottom - top - depth - gap,
            );
            let panel = Rect::new(margin, outer.bottom() + gap, outer.width, depth);
            (outer, panel)
        };
        Self {
            page,
            k,
            title,
            map: outer.grown(-BAND_MM * k),
            outer,
            panel,
            is_broad: is_landscape,
        }
    }
}
