//! What stands in GDAL's place in a program built without it.

use std::path::Path;

use zhifang_core::Record;

use crate::error::Error;
use crate::format::Format;
use crate::raw::{Columns, FileFacts, Sink};
use crate::write::{ExportOptions, ExportReport};

pub(crate) fn read(
    _path: &Path,
    format: Format,
    _is_packed: bool,
    _layer: Option<&str>,
    _columns: &mut Columns,
    _sink: &mut Sink<'_>,
) -> Result<FileFacts, Error> {
    Err(Error::NeedsGdal {
        format: format.as_str(),
    })
}

pub(crate) fn write(
    _records: &[&Record],
    options: &ExportOptions,
    _path: &Path,
) -> Result<ExportReport, Error> {
    Err(Error::NeedsGdal {
        format: options.format.as_str(),
    })
}

pub(crate) mod child {
    //! The child's entry point in a program that has no GDAL.

    use std::io::{Read, Write};

    pub(crate) fn main(
        _args: &[String],
        _input: &mut dyn Read,
        _output: &mut dyn Write,
        errors: &mut dyn Write,
    ) -> i32 {
        // Nothing is left to do when even the message cannot be written.
        let _ = writeln!(
            errors,
            "built without `gdal`; rebuild with `--features gdal`"
        );
        2
    }
}
