use std::path::PathBuf;

/// Why a command on files fails as a whole: wrong usage, or a file that cannot be read to its
/// end. Faults of single rows are no errors but rejections in the report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be opened, read or written.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried: `read`, `write` …
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file's ending names no format known here.
    #[error(
        "file `{}`: wanted .geojson .json .geojsonl .geojsonseq .csv .xlsx .fgb .shp .zip .gpkg .kml .dxf .gdb, each also with .gz",
        path.display()
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The file is broken at this place.
    #[error("file `{}`: line {line}, column {column}: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line from 1.
        line: usize,
        /// Column from 1.
        column: usize,
        /// What was wrong.
        reason: String,
    },
    /// The file is not what its ending says, or a part of it is missing.
    #[error("file `{}`: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        reason: String,
    },
    /// Text in no encoding known here.
    #[error(
        "file `{}`: not UTF-8 (first at byte {offset}) and not GBK either; save it as UTF-8",
        path.display()
    )]
    Encoding {
        /// The file.
        path: PathBuf,
        /// Offset of the first byte that is not UTF-8.
        offset: usize,
    },
    /// The file, or what it unpacks to, is larger than is read.
    #[error("file `{}`: {what} exceeds {limit}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What is too large.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// Coordinates without a reference system.
    #[error(
        "file `{}`: row {row} has coordinates but no reference system; give `--source-crs` (e.g. EPSG:4490, gcj02)",
        path.display()
    )]
    MissingSourceCrs {
        /// The file.
        path: PathBuf,
        /// First such row.
        row: u64,
    },
    /// The file declares a reference system that is not known.
    #[error("file `{}`: cannot use its coordinate system", path.display())]
    Crs {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: zhifang_crs::Error,
    },
    /// The file names a reference system that is not known.
    #[error("file `{}`: cannot use its coordinate system", path.display())]
    CrsName {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: zhifang_core::CrsError,
    },
    /// A reference system asked for that cannot be had.
    #[error("cannot transform coordinates")]
    Transform {
        /// Why not.
        source: zhifang_crs::Error,
    },
    /// `--map` names a field that the collection does not have.
    #[error("map `{column}={field}`: `{collection}` has no field `{field}`; wanted one of {known}")]
    MapField {
        /// Column of the file.
        column: String,
        /// The field asked for.
        field: String,
        /// The collection.
        collection: zhifang_core::Collection,
        /// Fields that it has.
        known: String,
    },
    /// `--map` names a column that the files do not have.
    #[error("map `{column}`: no file has this column; found {found}")]
    MapColumn {
        /// The column asked for.
        column: String,
        /// Columns that there are.
        found: String,
    },
    /// Two `--map` name one field, or one column twice.
    #[error("map: `{first}` and `{second}` are both to be `{field}`; keep one")]
    MapTwice {
        /// The first column.
        first: String,
        /// The second column.
        second: String,
        /// The field.
        field: String,
    },
    /// Two columns of a file mean the same field: which of them would count?
    #[error(
        "file `{}`: the columns `{first}` and `{second}` are both `{field}`; remove one, or give it another field with `--map`",
        path.display()
    )]
    SameField {
        /// The file.
        path: PathBuf,
        /// The first column.
        first: String,
        /// The second column.
        second: String,
        /// What both mean.
        field: String,
    },
    /// A table ends within a quoted cell: its tail is missing, or a quotation mark is.
    #[error(
        "file `{}`: the file ends inside a quoted cell that began in row {row} (line {line}); it may have been cut off",
        path.display()
    )]
    CutOff {
        /// The file.
        path: PathBuf,
        /// The row from 1, headings not counted (0: the headings).
        row: u64,
        /// The line of the file from 1.
        line: u64,
    },
    /// `--layer` names a layer that the file does not have.
    #[error("file `{}`: no layer `{layer}`; found {found}", path.display())]
    Layer {
        /// The file.
        path: PathBuf,
        /// The layer asked for.
        layer: String,
        /// Layers that there are.
        found: String,
    },
    /// The format needs GDAL, which this program was built without.
    #[error("format `{format}`: built without `gdal`; rebuild with `--features gdal`")]
    NeedsGdal {
        /// Name of the format.
        format: &'static str,
    },
    /// The GDAL process failed, was killed or took too long.
    #[error("file `{}`: GDAL: {reason}", path.display())]
    Gdal {
        /// The file.
        path: PathBuf,
        /// What happened.
        reason: String,
    },
    /// A record that a format cannot hold.
    #[error("cannot write record `{id}` as {format}: {reason}")]
    Unwritable {
        /// The record.
        id: String,
        /// Name of the format.
        format: &'static str,
        /// Why not.
        reason: String,
    },
}

impl Error {
    /// The same, where a write to a stream turns out to be one to this file.
    pub(crate) fn at(self, file: &std::path::Path) -> Self {
        match self {
            Self::Io {
                action,
                path,
                source,
            } if path.as_os_str() == "-" => Self::Io {
                action,
                path: file.to_owned(),
                source,
            },
            other => other,
        }
    }

    /// A maker of [`Error::Io`] for this action on this file.
    pub(crate) fn io(
        action: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
