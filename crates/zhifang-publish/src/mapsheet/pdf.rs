//! A sheet as PDF: the same drawing, with the characters it uses of the fonts embedded.

use std::sync::Arc;

use svg2pdf::usvg;
use svg2pdf::usvg::fontdb;

use crate::error::Error;

/// Characters that a Chinese font has, names of places above all.
const CHINESE_SAMPLE: [char; 3] = ['老', '河', '镇'];

/// The fonts that a PDF may take characters from. Reading their files is the caller's.
#[derive(Debug, Default)]
pub struct Fonts {
    database: fontdb::Database,
    chinese: Option<String>,
}

impl Fonts {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the faces of a font file (TrueType, OpenType or a collection). The first family with
    /// Chinese characters becomes the one that is used wherever a sheet names none that is here.
    pub fn add(&mut self, bytes: Vec<u8>) {
        let before = self.database.len();
        self.database.load_font_data(bytes);
        if self.chinese.is_some() {
            return;
        }
        let chinese = self.database.faces().skip(before).find(|face| {
            self.database
                .with_face_data(face.id, |data, index| {
                    ttf_parser::Face::parse(data, index).is_ok_and(|face| {
                        CHINESE_SAMPLE
                            .iter()
                            .all(|&sample| face.glyph_index(sample).is_some())
                    })
                })
                .unwrap_or_default()
        });
        self.chinese = chinese
            .and_then(|face| face.families.first())
            .map(|(family, _)| family.clone());
    }

    /// The family that Chinese is written in.
    pub fn chinese_family(&self) -> Option<&str> {
        self.chinese.as_deref()
    }
}

/// The sheet as a one-page PDF of the same size, writing as text with subset fonts embedded.
///
/// # Errors
/// [`Error::NoChineseFont`]; [`Error::Pdf`] where the drawing is no sheet of [`draw`](crate::draw).
pub fn to_pdf(svg: &str, fonts: &Fonts) -> Result<Vec<u8>, Error> {
    let family = fonts.chinese_family().ok_or(Error::NoChineseFont {
        count: fonts.database.len(),
    })?;
    let mut database = fonts.database.clone();
    database.set_sans_serif_family(family);
    let options = usvg::Options {
        font_family: family.to_owned(),
        fontdb: Arc::new(database),
        dpi: 72.0,
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| Error::Pdf {
        reason: error.to_string(),
    })?;
    svg2pdf::to_pdf(
        &tree,
        svg2pdf::ConversionOptions::default(),
        svg2pdf::PageOptions { dpi: 72.0 },
    )
    .map_err(|error| Error::Pdf {
        reason: error.to_string(),
    })
}
