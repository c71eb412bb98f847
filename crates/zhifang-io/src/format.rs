//! Which format is this file in? By its ending; `.gz` is read through.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::error::Error;

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// GeoJSON, RFC 7946.
    GeoJson,
    /// GeoJSON text sequence or one Feature a line, RFC 8142.
    GeoJsonSeq,
    /// Comma separated values, RFC 4180.
    Csv,
    /// Office Open XML workbook.
    Xlsx,
    /// FlatGeobuf, through GDAL.
    FlatGeobuf,
    /// ESRI Shapefile, alone with its sisters or in a zip, through GDAL.
    Shapefile,
    /// OGC GeoPackage, through GDAL.
    GeoPackage,
    /// KML 2.2, through GDAL.
    Kml,
    /// AutoCAD DXF, through GDAL (read only).
    Dxf,
    /// ESRI file geodatabase, a folder, through GDAL (read only).
    FileGdb,
}

/// A word that names no format of `export`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("format `{text}`: wanted geojson, geojsonseq, csv, xlsx, gpkg, shp, kml or fgb")]
pub struct FormatError {
    /// The word as given.
    pub text: String,
}

impl Format {
    /// The format that the file's ending names, and whether the file is packed with gzip.
    ///
    /// # Errors
    /// [`Error::UnknownFormat`].
    pub fn of_path(path: &Path) -> Result<(Self, bool), Error> {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        let (name, is_packed) = name
            .strip_suffix(".gz")
            .map_or((name.as_str(), false), |bare| (bare, true));
        let format = match name.rsplit('.').next().unwrap_or_default() {
            "geojson" | "json" => Self::GeoJson,
            "geojsonl" | "geojsonseq" | "geojsons" | "ndjson" | "jsonl" => Self::GeoJsonSeq,
            "csv" | "tsv" | "txt" => Self::Csv,
            "xlsx" => Self::Xlsx,
            "fgb" => Self::FlatGeobuf,
            "shp" | "zip" => Self::Shapefile,
            "gpkg" => Self::GeoPackage,
            "kml" => Self::Kml,
            "dxf" => Self::Dxf,
            "gdb" => Self::FileGdb,
            _ => {
                return Err(Error::UnknownFormat {
                    path: path.to_owned(),
                });
            }
        };
        Ok((format, is_packed))
    }

    /// The word of `--format`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GeoJson => "geojson",
            Self::GeoJsonSeq => "geojsonseq",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::FlatGeobuf => "fgb",
            Self::Shapefile => "shp",
            Self::GeoPackage => "gpkg",
            Self::Kml => "kml",
            Self::Dxf => "dxf",
            Self::FileGdb => "gdb",
        }
    }

    /// Media type for HTTP.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::GeoJson => "application/geo+json",
            Self::GeoJsonSeq => "application/geo+json-seq",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::FlatGeobuf => "application/flatgeobuf",
            Self::Shapefile => "application/zip",
            Self::GeoPackage => "application/geopackage+sqlite3",
            Self::Kml => "application/vnd.google-earth.kml+xml",
            Self::Dxf => "image/vnd.dxf",
            Self::FileGdb => "application/octet-stream",
        }
    }

    /// Whether GDAL reads and writes it.
    pub const fn needs_gdal(self) -> bool {
        !matches!(
            self,
            Self::GeoJson | Self::GeoJsonSeq | Self::Csv | Self::Xlsx
        )
    }

    /// Whether the format itself fixes what its coordinates mean (RFC 7946 §4, KML).
    pub(crate) const fn has_fixed_crs(self) -> bool {
        matches!(self, Self::GeoJson | Self::GeoJsonSeq | Self::Kml)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = FormatError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [
            Self::GeoJson,
            Self::GeoJsonSeq,
            Self::Csv,
            Self::Xlsx,
            Self::FlatGeobuf,
            Self::Shapefile,
            Self::GeoPackage,
            Self::Kml,
        ]
        .into_iter()
        .find(|format| format.as_str() == text)
        .ok_or_else(|| FormatError {
            text: text.to_owned(),
        })
    }
}
