//! Records as rows of a table: the columns, and what stands in their cells.

use std::collections::BTreeSet;

use serde_json::Value;
use zhifang_core::{Collection, Crs, FieldKind, Record, schema::COMMON};
use zhifang_crs::Transformer;

use crate::error::Error;
use crate::geometry::wkt;
use crate::value;
use crate::write::feature;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Column {
    /// A field of the schema.
    Field(&'static str, FieldKind),
    /// A key of `extra`.
    Extra(String),
    /// The geometry.
    Geometry,
}

impl Column {
    /// Heading of the column.
    pub(crate) fn heading(&self) -> String {
        match self {
            Self::Field(name, _) => (*name).to_owned(),
            Self::Extra(key) => format!("extra.{key}"),
            Self::Geometry => "geometry".to_owned(),
        }
    }
}

/// A sheet's columns, and the system of its coordinates.
pub(crate) struct Sheet<'a> {
    pub(crate) columns: Vec<Column>,
    transformer: &'a Transformer,
    srid: Option<u32>,
}

impl<'a> Sheet<'a> {
    /// The columns for these records: all fields of the collection, the keys of `extra` that
    /// occur, the geometry.
    pub(crate) fn new(
        records: &[&Record],
        collection: Collection,
        crs: Crs,
        transformer: &'a Transformer,
    ) -> Self {
        let mut columns: Vec<Column> = COMMON
            .iter()
            .chain(collection.fields())
            .map(|field| Column::Field(field.name, field.kind))
            .collect();
        let keys: BTreeSet<&str> = records
            .iter()
            .filter_map(|record| record.fields.get("extra").and_then(Value::as_object))
            .flat_map(|extra| extra.keys().map(String::as_str))
            .collect();
        columns.extend(keys.into_iter().map(|key| Column::Extra(key.to_owned())));
        columns.push(Column::Geometry);
        let srid = match crs {
            Crs::Epsg(number) => Some(number),
            _ => None,
        };
        Self {
            columns,
            transformer,
            srid,
        }
    }

    /// The transformer of the sheet's coordinates.
    #[cfg(feature = "gdal")]
    pub(crate) fn transformer(&self) -> &Transformer {
        self.transformer
    }

    /// What stands in a cell; `None` where it is empty. Geometries and positions are EWKT.
    pub(crate) fn cell(&self, record: &Record, column: &Column) -> Result<Option<Value>, Error> {
        Ok(match column {
            Column::Field(name, FieldKind::Position) => {
                feature::position(record, name, self.transformer)?.map(|place| {
                    let point = geo_types::Point(place).into();
                    Value::from(wkt::write(&point, self.srid))
                })
            }
            Column::Field(name, _) => record.property(name),
            Column::Extra(key) => record
                .fields
                .get("extra")
                .and_then(|extra| extra.get(key))
                .cloned(),
            Column::Geometry => feature::geometry(record, self.transformer)?
                .map(|geometry| Value::from(wkt::write(&geometry, self.srid))),
        })
    }

    /// The cell as text.
    pub(crate) fn text(&self, record: &Record, column: &Column) -> Result<String, Error> {
        Ok(self
            .cell(record, column)?
            .map(|found| value::to_text(&found))
            .unwrap_or_default())
    }
}
