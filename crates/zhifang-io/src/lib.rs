#![doc = include_str!("../README.md")]

mod error;
mod format;
pub mod gdal_child;
#[cfg(feature = "gdal")]
#[path = "gdal/mod.rs"]
mod gdal_room;
#[cfg(not(feature = "gdal"))]
#[path = "gdal_absent.rs"]
mod gdal_room;
mod geometry;
mod import;
mod limit;
mod lookup;
mod raw;
mod read;
mod report;
mod short_name;
mod value;
mod write;

pub use error::Error;
pub use format::{Format, FormatError};
pub use import::{ImportOptions, ImportPlan, OnError, Planned, PlannedKind, plan_import};
pub use lookup::{CountyLines, Lookup, Records};
pub use report::{ImportReport, Rejection, Warning};
pub use value::field_value;
pub use write::{ExportOptions, ExportReport, export_file, export_to};
