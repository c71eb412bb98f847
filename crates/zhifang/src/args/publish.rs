//! `zhifang publish …`, as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use zhifang_core::CodePrefix;
use zhifang_publish::{Paper, Scale};

#[derive(Debug, Subcommand)]
pub(crate) enum Publish {
    /// A unit on paper, to scale: SVG or PDF; with --lang both in both languages 地图图幅
    Mapsheet(Mapsheet),
    /// The book of a unit's names, township by township, with its indexes 地名志
    Gazetteer(Gazetteer),
    /// A read-only site in a folder that any web server can host 静态站点
    Site(Site),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BookFormat {
    Html,
}

#[derive(Debug, Args)]
pub(crate) struct Gazetteer {
    /// The unit, with everything below it
    #[arg(long, value_name = "CODE")]
    pub within: CodePrefix,
    /// html: one page, made for print as well
    #[arg(long, default_value = "html", value_name = "FORMAT")]
    pub format: BookFormat,
    /// Title in place of the unit's name
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// File to write; standard output when absent
    #[arg(short = 'o', long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Site {
    /// The unit, with everything below it
    #[arg(long, value_name = "CODE")]
    pub within: CodePrefix,
    /// Folder to write; it must be new, empty or an earlier site
    #[arg(short = 'o', long, value_name = "DIR")]
    pub output: PathBuf,
    /// Last zoom of the tiles; closer views are drawn from it
    #[arg(long, default_value_t = 14, value_name = "N")]
    pub maxzoom: u8,
    /// Where the folder will be found, for programs that read its styles; the page works anywhere
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Map approval number (审图号) shown on the map
    #[arg(long, value_name = "TEXT")]
    pub approval_number: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SheetFormat {
    Svg,
    Pdf,
}

#[derive(Debug, Args)]
pub(crate) struct Mapsheet {
    /// The unit to draw
    #[arg(long, value_name = "CODE")]
    pub within: CodePrefix,
    /// 1:N, or the largest usual scale at which the unit fits
    #[arg(long, default_value = "auto", value_name = "1:N|auto")]
    pub scale: Scale,
    /// a4, a3, a2, a1 or a0
    #[arg(long, default_value = "a3", value_name = "PAPER")]
    pub size: Paper,
    /// Broad instead of upright
    #[arg(long)]
    pub landscape: bool,
    /// svg or pdf; from the name of the file when absent, else svg
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<SheetFormat>,
    /// Title in place of the unit's name
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Map approval number (审图号); its field stays empty without one
    #[arg(long, value_name = "TEXT")]
    pub approval_number: Option<String>,
    /// A sheet for the unit and one for each unit directly below it, into the folder given with -o
    #[arg(long, requires = "output")]
    pub series: bool,
    /// Font files for PDF, the Chinese one first; the system's when absent
    #[arg(long = "font", value_name = "FILE")]
    pub fonts: Vec<PathBuf>,
    /// File to write, or folder with --series; standard output when absent
    #[arg(short = 'o', long, value_name = "FILE|DIR")]
    pub output: Option<PathBuf>,
}
