//! Which drivers may open a file of a declared format: identification goes by content, so a list
//! that is left open would read a VRT named `.kml`, and through it any file of the machine.

use crate::format::Format;

/// Drivers for reading.
pub(crate) fn readers(format: Format) -> &'static [&'static str] {
    match format {
        Format::FlatGeobuf => &["FlatGeobuf"],
        Format::Shapefile => &["ESRI Shapefile"],
        Format::GeoPackage => &["GPKG"],
        Format::Kml => &["LIBKML", "KML"],
        Format::Dxf => &["DXF"],
        Format::FileGdb => &["OpenFileGDB"],
        Format::GeoJson | Format::GeoJsonSeq | Format::Csv | Format::Xlsx => &[],
    }
}

/// The driver for writing.
pub(crate) fn writer(format: Format) -> Option<&'static str> {
    match format {
        Format::FlatGeobuf => Some("FlatGeobuf"),
        Format::Shapefile => Some("ESRI Shapefile"),
        Format::GeoPackage => Some("GPKG"),
        // LIBKML takes a time that grows with the square of what is written.
        Format::Kml => Some("KML"),
        _ => None,
    }
}

/// Drivers that are not even registered: those that follow references to other files or hosts.
pub(crate) const SKIPPED: &str = "VRT,OGR_VRT,GPX,WMS,WFS,WCS,WMTS,OAPIF,OGCAPI,HTTP,GML,GMLAS,GeoRSS,CSW,Carto,AmigoCloud,\
     Elastic,EEDA,PLSCENES,NGW,GNMFile,GNMDatabase,MVT,SQLite,PostgreSQL,MySQL,ODBC,PGeo,MSSQLSpatial";

/// Fields of LIBKML that are mechanics of the format. They get names of their own, so that
/// columns called `end` or `description` stay columns, and are not read.
pub(crate) const KML_FIELDS: [(&str, &str); 18] = [
    ("LIBKML_NAME_FIELD", "name"),
    ("LIBKML_ID_FIELD", "kml_id"),
    ("LIBKML_DESCRIPTION_FIELD", "kml_description"),
    ("LIBKML_TIMESTAMP_FIELD", "kml_timestamp"),
    ("LIBKML_BEGIN_FIELD", "kml_begin"),
    ("LIBKML_END_FIELD", "kml_end"),
    ("LIBKML_ALTITUDEMODE_FIELD", "kml_altitudemode"),
    ("LIBKML_TESSELLATE_FIELD", "kml_tessellate"),
    ("LIBKML_EXTRUDE_FIELD", "kml_extrude"),
    ("LIBKML_VISIBILITY_FIELD", "kml_visibility"),
    ("LIBKML_DRAWORDER_FIELD", "kml_draworder"),
    ("LIBKML_ICON_FIELD", "kml_icon"),
    ("LIBKML_SNIPPET_FIELD", "kml_snippet"),
    ("LIBKML_HEADING_FIELD", "kml_heading"),
    ("LIBKML_TILT_FIELD", "kml_tilt"),
    ("LIBKML_ROLL_FIELD", "kml_roll"),
    ("LIBKML_PHOTOOVERLAY_FIELD", "kml_photooverlay"),
    ("LIBKML_MODEL_FIELD", "kml_model"),
];
