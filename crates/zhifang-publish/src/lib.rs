#![doc = include_str!("../README.md")]

mod error;
mod gazetteer;
mod mapsheet;
mod site;

pub use error::Error;
pub use gazetteer::{GazetteerRequest, GazetteerWritten, gazetteer};
pub use mapsheet::{Fonts, Paper, Request, Scale, Words, draw, series, to_pdf};
pub use site::{SiteRequest, SiteWritten, site};
