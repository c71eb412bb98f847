//! Rows of texts under a heading: what CSV and XLSX have in common.

use geo_types::Point;

use crate::geometry::wkt;
use crate::raw::{Cell, Columns, RawGeometry, RawRecord, Target};

/// Columns that a table may have; more is no table of records.
pub(crate) const MAX_COLUMNS: usize = 2_000;

/// Makes records of a table's rows.
pub(crate) struct Table {
    numbers: Vec<Option<u32>>,
    targets: Vec<Target>,
    width: usize,
    row: u64,
}

impl Table {
    /// A table with these headings. A heading without text has no meaning and is left out.
    pub(crate) fn new<'a>(columns: &mut Columns, headings: impl Iterator<Item = &'a str>) -> Self {
        let (mut numbers, mut targets) = (Vec::new(), Vec::new());
        for heading in headings {
            if heading.trim().is_empty() {
                numbers.push(None);
                targets.push(Target::Audit);
            } else {
                let number = columns.number(heading);
                if numbers.contains(&Some(number)) {
                    columns.note_repeated(heading);
                }
                numbers.push(Some(number));
                targets.push(columns.column(number).1);
            }
        }
        Self {
            width: numbers.len(),
            numbers,
            targets,
            row: 0,
        }
    }

    /// Number of headings.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The record of the next row. Cells past the last heading are a fault of the row; missing
    /// ones at its end are taken as absent columns.
    pub(crate) fn record<'a>(&mut self, cells: impl Iterator<Item = &'a str>) -> RawRecord {
        self.row += 1;
        let mut record = RawRecord {
            row: self.row,
            ..RawRecord::default()
        };
        record.cells.reserve(self.width);
        let (mut lon, mut lat, mut text) = ("", "", "");
        let mut count = 0;
        let meanings = self
            .numbers
            .iter()
            .zip(&self.targets)
            .map(Some)
            .chain(std::iter::repeat(None));
        for (cell, meaning) in cells.zip(meanings) {
            count += 1;
            match meaning {
                None if cell.is_empty() => count -= 1,
                None | Some((_, Target::Audit)) => {}
                Some((_, Target::Lon)) => lon = cell.trim(),
                Some((_, Target::Lat)) => lat = cell.trim(),
                Some((_, Target::Geometry)) => text = cell,
                Some((number, _)) => {
                    let cell = match cell {
                        "" => Cell::Empty,
                        text => Cell::Text(text.into()),
                    };
                    record.cells.extend(number.map(|number| (number, cell)));
                }
            }
        }
        if count > self.width {
            record.fault = Some(format!("{count} cells under {} headings", self.width));
        }
        record.geometry = geometry(lon, lat, text);
        record
    }
}

/// The geometry of a row: WKT before lon and lat.
fn geometry(lon: &str, lat: &str, text: &str) -> RawGeometry {
    if !text.trim().is_empty() {
        return match wkt::parse(text) {
            Ok((Some(geometry), srid)) => RawGeometry::Given {
                geometry,
                srid,
                has_open_ring: false,
            },
            Ok((None, _)) => RawGeometry::Absent,
            Err(reason) => RawGeometry::Fault {
                field: "geometry",
                reason,
            },
        };
    }
    match (lon.is_empty(), lat.is_empty()) {
        (true, true) => return RawGeometry::Absent,
        (true, false) => {
            return RawGeometry::Fault {
                field: "lon",
                reason: "lat without lon".to_owned(),
            };
        }
        (false, true) => {
            return RawGeometry::Fault {
                field: "lat",
                reason: "lon without lat".to_owned(),
            };
        }
        (false, false) => {}
    }
    let number = |field, text: &str| match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(RawGeometry::Fault {
            field,
            reason: format!("`{text}`: wanted a finite number"),
        }),
    };
    match (number("lon", lon), number("lat", lat)) {
        (Ok(x), Ok(y)) => RawGeometry::Given {
            geometry: Point::new(x, y).into(),
            srid: None,
            has_open_ring: false,
        },
        (Err(fault), _) | (_, Err(fault)) => fault,
    }
}
