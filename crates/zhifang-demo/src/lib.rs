#![doc = include_str!("../README.md")]

mod error;
mod feature;
mod line;
mod mesh;
mod plane;
mod random;
mod source;
mod township;
mod verify;

pub use error::Error;
pub use random::Random;
pub use source::Sources;

use feature::Feature;
use source::Base;

/// A file of the demonstration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path under `data/`.
    pub name: String,
    /// Its whole text.
    pub text: String,
}

/// The files and what was checked on them.
#[derive(Debug, Clone)]
pub struct Demonstration {
    /// In order of name.
    pub files: Vec<File>,
    /// Figures for a person to read.
    pub summary: String,
}

/// Makes the demonstration from the published sources.
///
/// # Errors
/// A source that cannot be read or lacks a unit, or made data that breaks its promises.
pub fn generate(sources: &Sources<'_>) -> Result<Demonstration, Error> {
    let base = Base::read(sources)?;
    let (townships, inner) = township::divide(&base)?;
    let lines = line::county_lines(&base)?;
    let summary = verify::partition(&base.outline, &townships, &inner)?;
    let boundaries = line::records(&lines, &townships, &inner);
    let mut towns = Vec::new();
    for t in &townships { towns.push(Feature::new(&t.code,&t.name,&t.code).at(t.outline.clone())); }
    let files=vec![File{name:"laohekou/boundaries.geojson".to_owned(), text: feature::collection(&boundaries)},File{name:"laohekou/townships.geojson".to_owned(), text: feature::collection(&towns)}];
    Ok(Demonstration { files, summary })
}
