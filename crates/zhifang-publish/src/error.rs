//! What can go wrong while publishing.

use thiserror::Error;
use zhifang_core::DivisionCode;

/// Why nothing could be published.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The register has no published unit of this code.
    #[error("`{code}` is no published unit of the register")]
    NoUnit {
        /// The code asked for.
        code: DivisionCode,
    },
    /// A map needs an area to draw.
    #[error("`{code}` {name} has no polygon in the register: wanted one to draw a map of")]
    NoPolygon {
        /// The code asked for.
        code: DivisionCode,
        /// Its name.
        name: String,
    },
    /// The unit does not fit on the paper at the scale.
    #[error(
        "`{code}` at 1:{denominator} takes {width_mm:.0} × {height_mm:.0} mm: \
         {paper} has room for {room_width_mm:.0} × {room_height_mm:.0} mm; \
         wanted a larger sheet or 1:{fitting}"
    )]
    TooLarge {
        /// The code asked for.
        code: DivisionCode,
        /// The scale asked for.
        denominator: u32,
        /// Width of the unit on paper, millimetres.
        width_mm: f64,
        /// Height of the unit on paper, millimetres.
        height_mm: f64,
        /// The paper.
        paper: &'static str,
        /// Width inside the neat line, millimetres.
        room_width_mm: f64,
        /// Height inside the neat line, millimetres.
        room_height_mm: f64,
        /// The largest usual scale that fits.
        fitting: u32,
    },
    /// A word of the command line that is none of those known.
    #[error("`{text}` is no {what}: wanted {wanted}")]
    Word {
        /// What was given.
        text: String,
        /// What it should have been.
        what: &'static str,
        /// The words that are known.
        wanted: &'static str,
    },
    /// No font at hand has Chinese characters.
    #[error(
        "none of the {count} font faces at hand has Chinese characters: wanted one that has `老`"
    )]
    NoChineseFont {
        /// How many faces were looked at.
        count: usize,
    },
    /// The drawing could not be turned into PDF.
    #[error("the drawing cannot become PDF: {reason}")]
    Pdf {
        /// What the converter says.
        reason: String,
    },
    /// The map tiles could not be written.
    #[error("cannot write the tiles")]
    Tiles(#[from] zhifang_tiles::Error),
    /// The page's files are not in the program.
    #[error("the page is not built into this program: wanted `{file}`")]
    NoPage {
        /// The file that is missing.
        file: String,
    },
    /// A file of the publication could not be written.
    #[error("cannot write `{path}`")]
    Write {
        /// Its path inside the publication.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}
