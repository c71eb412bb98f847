#![doc = include_str!("../README.md")]

mod error;
mod mapsheet;
mod site;

pub use error::Error;
pub use mapsheet::{Fonts, Paper, Request, Scale, Words, draw, series, to_pdf};
pub use site::{SiteRequest, SiteWritten, site};
