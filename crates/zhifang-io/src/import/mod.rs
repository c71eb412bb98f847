//! From files to planned writes and a report.

mod claim;
mod complete;
mod history;
mod key;
mod merge;
mod patch;
mod place;
mod run;
mod series;
mod shift;
mod words;

use std::path::PathBuf;

use zhifang_core::{CodePrefix, Collection, Crs, Day, Lang, Record, Status};
use zhifang_crs::LocalParameters;

use crate::error::Error;
use crate::lookup::Lookup;
use crate::report::ImportReport;

/// What to do when a row is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnError {
    /// Good rows are written.
    #[default]
    Skip,
    /// Nothing is written.
    Stop,
}

/// How to import.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line, free of the others"
)]
pub struct ImportOptions {
    /// Into which collection.
    pub collection: Collection,
    /// The reference system of the coordinates; goes before what a file says itself.
    pub source_crs: Option<Crs>,
    /// The user's parameters for the old datums.
    pub parameters: LocalParameters,
    /// Columns of the file to read as fields: `(column, field)`.
    pub map: Vec<(String, String)>,
    /// Layer or sheet, where a file has several.
    pub layer: Option<String>,
    /// What to do when a row is rejected.
    pub on_error: OnError,
    /// Retire the records that the files do not have, of the levels that they do have.
    pub complete: bool,
    /// The scope of `complete`, and of matching by name.
    pub within: Option<CodePrefix>,
    /// Take coordinates that look shifted.
    pub accept_shift: bool,
    /// A row without a key is the one record of its name in the scope; for submissions that are
    /// compared, never for what is written.
    pub match_names: bool,
    /// Status of new records, unless a row has its own; stored ones keep theirs.
    pub status: Option<Status>,
    /// Whether `status` was asked for by a person: then it publishes drafts that the rows name.
    pub restate_drafts: bool,
    /// Keep a polygon that differs from a unit's shared lines as a claim.
    pub as_claim: bool,
    /// How far a polygon may lie from a unit's shared lines and still say the same, metres.
    pub lines_tolerance_m: f64,
    /// Today in Asia/Shanghai, the end of what `complete` retires.
    pub today: Day,
    /// Language of messages.
    pub lang: Lang,
}

impl ImportOptions {
    /// The defaults for a collection.
    pub fn new(collection: Collection, today: Day) -> Self {
        Self {
            collection,
            source_crs: None,
            parameters: LocalParameters::default(),
            map: Vec::new(),
            layer: None,
            on_error: OnError::Skip,
            complete: false,
            within: None,
            accept_shift: false,
            match_names: false,
            status: None,
            restate_drafts: false,
            as_claim: false,
            lines_tolerance_m: 1.0,
            today,
            lang: Lang::Zh,
        }
    }
}

/// What a planned write is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlannedKind {
    /// A new record.
    New,
    /// A change of a record.
    Changed,
    /// The retirement of a record.
    Retired,
}

/// A record to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// What the register shall say.
    pub record: Record,
    /// The row that says so; 0 where a record is written because of others.
    pub row: u64,
    /// What kind of write.
    pub kind: PlannedKind,
    /// Version of the record that the plan was made against; `None` where there was none.
    pub expected_version: Option<u32>,
}

/// What an import will write, and what it will report.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportPlan {
    /// The report, as if everything below had been written.
    pub report: ImportReport,
    /// What to write, in one transaction; empty when rows were rejected under
    /// [`OnError::Stop`].
    pub writes: Vec<Planned>,
}

/// Reads files and plans what to write: nothing is written here.
///
/// `progress` is told the number of rows read every few thousand rows.
///
/// # Errors
/// Wrong usage, and files that cannot be read to their end. Faults of rows are in the report.
pub fn plan_import(
    files: &[PathBuf],
    options: &ImportOptions,
    lookup: &dyn Lookup,
    progress: &mut dyn FnMut(u64),
) -> Result<ImportPlan, Error> {
    run::run(files, options, lookup, progress)
}

#[cfg(test)]
mod tests;
