//! `zhifang disputes …`, as typed.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use zhifang_check::Step;
use zhifang_core::Day;

use super::markers::PlanFormat;

#[derive(Debug, Subcommand)]
pub(crate) enum Disputes {
    /// All that is known of a dispute: claims, evidence, disputed ground, steps 争议卷宗
    Show {
        /// The dispute
        id: String,
        /// Form on standard output
        #[arg(long, default_value = "text", value_name = "FORMAT")]
        format: PlanFormat,
    },
    /// Add a document to a claim; only the law's nine kinds count 补充依据
    Evidence {
        /// The claim
        claim: String,
        /// `state_council_document`, …; another word lists them
        #[arg(long, value_name = "KIND")]
        kind: String,
        /// Title and number
        #[arg(long, value_name = "TEXT")]
        document: String,
        /// Its day
        #[arg(long, value_name = "DATE")]
        date: Option<Day>,
    },
    /// Take a step: open, consulting, mediated, decided, surveyed, filed, closed 办理
    Step {
        /// The dispute
        id: String,
        /// The step
        step: Step,
        /// The day it was done; today when absent
        #[arg(long, value_name = "DATE")]
        on: Option<Day>,
        /// The document: of a decision, a survey, a filing
        #[arg(long, value_name = "TEXT")]
        document: Option<String>,
        /// A remark; why, when it is closed without a line
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// The agreed and jointly surveyed stretch becomes the line, in one transaction 定界
    Settle(Settle),
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("stretch").required(true).args(["line", "claim"])))]
pub(crate) struct Settle {
    /// The dispute
    pub id: String,
    /// The surveyed stretch: GeoJSON with one line, EPSG:4490
    #[arg(long, value_name = "FILE.geojson")]
    pub line: Option<PathBuf>,
    /// The claim whose line both sides took
    #[arg(long, value_name = "ID")]
    pub claim: Option<String>,
    /// The agreement or decision
    #[arg(long, value_name = "TEXT")]
    pub document: String,
    /// Its day
    #[arg(long, value_name = "DATE")]
    pub decided_on: Day,
    /// The sealed map of the joint survey
    #[arg(long, value_name = "TEXT")]
    pub survey_document: String,
    /// Its day
    #[arg(long, value_name = "DATE")]
    pub surveyed_on: Day,
    /// Say what would change, write nothing
    #[arg(long)]
    pub dry_run: bool,
}
