#![doc = include_str!("../README.md")]

mod character;
mod fold;
mod people;
mod reading;
mod segment;
mod spell;
mod syllable;
mod table;

pub use character::{
    is_han, is_standard_character, readings, simplify, standard_form, standard_tier, strokes,
    variants,
};
pub use fold::{Folded, fold, fold_character, fold_characters, strip_tones};
pub use people::trailing_people;
pub use reading::{Reading, TONELESS, place_readings, read_name};
pub use segment::{Piece, PieceKind, best_split, pieces};
pub use spell::{NameClass, Spelling, spell};
pub use syllable::{ParseSyllableError, Syllable};
