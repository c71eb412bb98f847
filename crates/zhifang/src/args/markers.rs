//! `zhifang markers …`, as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use zhifang_core::LonLat;

#[derive(Debug, Subcommand)]
pub(crate) enum Markers {
    /// Markers in order along their line: distance along, distance off, side 沿线排列
    List {
        #[command(flatten)]
        line: Line,
        /// Form on standard output
        #[arg(long, default_value = "text", value_name = "FORMAT")]
        format: ListFormat,
    },
    /// The course of the line in words, from marker to marker 走向说明
    Course {
        #[command(flatten)]
        line: Line,
    },
    /// Number the markers that have no number: along the line, or beside those that have 编号
    Assign {
        #[command(flatten)]
        line: Line,
        /// Number all markers of the line anew, as if none had been numbered
        #[arg(long)]
        renumber: bool,
        /// Say what would be written, write nothing
        #[arg(long)]
        dry_run: bool,
        /// Form on standard output
        #[arg(long, default_value = "text", value_name = "FORMAT")]
        format: PlanFormat,
    },
    /// The next free number for a marker to be set at a place 增设界桩的编号
    Next {
        #[command(flatten)]
        line: Line,
        /// The place, EPSG:4490
        #[arg(long, value_name = "LON,LAT", value_parser = parse_place, allow_hyphen_values = true)]
        at: LonLat,
        /// One marker, a pair on both sides, or three at a tri-point
        #[arg(long, default_value = "single", value_name = "HOW")]
        standing: Standing,
        /// Form on standard output
        #[arg(long, default_value = "text", value_name = "FORMAT")]
        format: PlanFormat,
    },
    /// Sheets to be printed and signed: records (界桩登记表) or results (界桩成果表)
    Sheet {
        #[command(flatten)]
        line: Line,
        /// Only the marker of this number or id
        #[arg(long, value_name = "NUMBER")]
        marker: Option<String>,
        /// records: a page for each marker; results: one table
        #[arg(long, default_value = "results", value_name = "KIND")]
        kind: SheetKind,
        /// html, made for print, or csv
        #[arg(long, default_value = "html", value_name = "FORMAT")]
        format: SheetFormat,
        /// File to write; standard output when absent
        #[arg(short = 'o', long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Where a lost marker must stand again, from its reference objects 恢复点位
    SetOut(SetOut),
}

#[derive(Debug, Args)]
pub(crate) struct Line {
    /// The line
    #[arg(long, value_name = "ID")]
    pub boundary: String,
    /// How a level's numbers are written: digits of the line, of the serial, 1 for the type letter
    #[arg(long, value_name = "LEVEL=4+3+1")]
    pub pattern: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SetOut {
    /// Number or id of the marker
    pub marker: String,
    /// Where a reference object was found today, by its number in the record
    #[arg(long, value_name = "N=LON,LAT", value_parser = parse_object)]
    pub object: Vec<(usize, LonLat)>,
    /// North that the recorded azimuths were taken from; as the record says when absent
    #[arg(long, value_name = "NORTH")]
    pub north: Option<NorthWord>,
    /// Declination of the needle, degrees east; worked out from the objects when absent
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true)]
    pub declination: Option<f64>,
    /// Standard error of an azimuth, degrees
    #[arg(long, default_value_t = zhifang_markers::Errors::default().bearing_deg, value_name = "DEGREES")]
    pub bearing_error: f64,
    /// Standard error of a distance, metres
    #[arg(long, default_value_t = zhifang_markers::Errors::default().distance_m, value_name = "M")]
    pub distance_error: f64,
    /// Standard error of an object's position in each direction, metres
    #[arg(long, default_value_t = zhifang_markers::Errors::default().object_m, value_name = "M")]
    pub object_error: f64,
    /// Form on standard output
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    pub format: PlanFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    Text,
    Csv,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Standing {
    Single,
    Pair,
    Three,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SheetKind {
    Records,
    Results,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SheetFormat {
    Html,
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NorthWord {
    True,
    Grid,
    Magnetic,
}

fn parse_place(text: &str) -> Result<LonLat, String> {
    let fault = || format!("`{text}`: wanted LON,LAT in degrees, e.g. 111.67,32.385");
    let (lon, lat) = text.split_once(',').ok_or_else(fault)?;
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| fault());
    let (lon, lat) = (number(lon)?, number(lat)?);
    let is_on_earth = lon.abs() <= 180.0 && lat.abs() <= 90.0;
    if is_on_earth {
        Ok(LonLat { lon, lat })
    } else {
        Err(fault())
    }
}

fn parse_object(text: &str) -> Result<(usize, LonLat), String> {
    let fault = || format!("`{text}`: wanted N=LON,LAT, e.g. 1=111.67,32.385");
    let (number, place) = text.split_once('=').ok_or_else(fault)?;
    let number = number.trim().parse().ok().filter(|number| *number > 0);
    Ok((number.ok_or_else(fault)?, parse_place(place)?))
}
