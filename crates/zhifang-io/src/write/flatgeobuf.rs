//! FlatGeobuf 3 with features that have no geometry, which GDAL leaves out when it writes.
//!
//! The format (magic bytes, then a header and features as size-prefixed FlatBuffers, without
//! spatial index, which has no place for what lies nowhere) is written front to back: a table's
//! children follow it, as FlatBuffers allow.

use std::io::{self, Write};
use std::path::Path;

use geo_types::{Coord, Geometry, LineString, Polygon};
use serde_json::Value;
use zhifang_core::{Crs, FieldKind, Record};
use zhifang_crs::Transformer;

use crate::error::Error;
use crate::write::sheet::{Column, Sheet};
use crate::write::{ExportOptions, ExportReport, feature};

/// Writes the records.
pub(crate) fn write(
    records: &[&Record],
    options: &ExportOptions,
    transformer: &Transformer,
    out: &mut dyn Write,
) -> Result<ExportReport, Error> {
    let io = || Error::io("write", Path::new("-"));
    let sheet = Sheet::new(records, options.collection, options.crs, transformer);
    let columns: Vec<&Column> = sheet
        .columns
        .iter()
        .filter(|column| **column != Column::Geometry)
        .collect();
    let kinds: Vec<Kind> = columns.iter().map(|column| Kind::of(column)).collect();
    let named: Vec<(String, Kind)> = columns
        .iter()
        .map(|column| column.heading())
        .zip(kinds.iter().copied())
        .collect();
    let epsg = match options.crs {
        Crs::Epsg(number) => Some(number),
        _ => None,
    };
    let layer = options.collection.as_str();
    write_header(out, layer, &named, records.len(), epsg).map_err(io())?;
    for record in records {
        let values = columns
            .iter()
            .map(|column| Ok(sheet.cell(record, column)?.unwrap_or(Value::Null)))
            .collect::<Result<Vec<_>, Error>>()?;
        let geometry = feature::geometry(record, transformer)?;
        write_feature(out, geometry.as_ref(), &kinds, &values).map_err(io())?;
    }
    Ok(ExportReport {
        written: records.len() as u64,
        ..ExportReport::default()
    })
}

/// Kind of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `Long`.
    Integer,
    /// `Double`.
    Real,
    /// `String`.
    Text,
}

impl Kind {
    fn of(column: &Column) -> Self {
        match column {
            Column::Field("version", _)
            | Column::Field(_, FieldKind::Integer | FieldKind::Flag) => Self::Integer,
            Column::Field(_, FieldKind::Number) => Self::Real,
            _ => Self::Text,
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Integer => 7,
            Self::Real => 10,
            Self::Text => 11,
        }
    }
}

const MAGIC: [u8; 8] = [b'f', b'g', b'b', 3, b'f', b'g', b'b', 0];

/// Writes the magic bytes and the header.
fn write_header(
    out: &mut dyn Write,
    layer: &str,
    columns: &[(String, Kind)],
    count: usize,
    epsg: Option<u32>,
) -> io::Result<()> {
    let mut buffer = Buffer::new();
    // name, geometry_type unknown: each feature says its own; no index: node size 0.
    let mut fields = vec![
        (0, Cell::Child),
        (2, Cell::U8(0)),
        (7, Cell::Child),
        (8, Cell::U64(count as u64)),
        (9, Cell::U16(0)),
    ];
    if epsg.is_some() {
        fields.push((10, Cell::Child));
    }
    let places = buffer.root(&fields);
    let mut places = places.into_iter();
    let mut next = || places.next().unwrap_or_default();
    buffer.text_at(next(), layer);
    let slots = buffer.vector_of_tables_at(next(), columns.len());
    for (slot, (name, kind)) in slots.into_iter().zip(columns) {
        let places = buffer.table_at(slot, &[(0, Cell::Child), (1, Cell::U8(kind.number()))]);
        if let Some(place) = places.first() {
            buffer.text_at(*place, name);
        }
    }
    if let Some(code) = epsg {
        let places = buffer.table_at(next(), &[(0, Cell::Child), (1, Cell::U32(code))]);
        if let Some(place) = places.first() {
            buffer.text_at(*place, "EPSG");
        }
    }
    out.write_all(&MAGIC)?;
    buffer.write(out)
}

/// Writes a feature; values in the order of the columns, null where there is none.
fn write_feature(
    out: &mut dyn Write,
    geometry: Option<&Geometry<f64>>,
    kinds: &[Kind],
    values: &[Value],
) -> io::Result<()> {
    let mut properties = Vec::new();
    for (at, (kind, value)) in kinds.iter().zip(values).enumerate() {
        let cell: Vec<u8> = match (kind, value) {
            (_, Value::Null) => continue,
            (Kind::Integer, value) => {
                let number = value
                    .as_i64()
                    .or_else(|| value.as_bool().map(i64::from))
                    .or_else(|| value.as_f64().map(|number| number as i64));
                let Some(number) = number else { continue };
                number.to_le_bytes().to_vec()
            }
            (Kind::Real, value) => {
                let Some(number) = value.as_f64() else {
                    continue;
                };
                number.to_le_bytes().to_vec()
            }
            (Kind::Text, value) => {
                let text = crate::value::to_text(value);
                let mut cell = (text.len() as u32).to_le_bytes().to_vec();
                cell.extend_from_slice(text.as_bytes());
                cell
            }
        };
        properties.extend_from_slice(&(at as u16).to_le_bytes());
        properties.extend_from_slice(&cell);
    }
    let mut fields = vec![(1, Cell::Child)];
    if geometry.is_some() {
        fields.push((0, Cell::Child));
    }
    let mut buffer = Buffer::new();
    let places = buffer.root(&fields);
    if let Some(place) = places.first() {
        buffer.vector_at(*place, 1, properties.len(), &properties);
    }
    if let (Some(place), Some(geometry)) = (places.get(1), geometry) {
        write_geometry(&mut buffer, *place, geometry);
    }
    buffer.write(out)
}

/// A geometry's coordinates, and where its parts end, counted in positions.
struct Flat {
    kind: u8,
    ends: Vec<u32>,
    xy: Vec<Coord<f64>>,
}

impl Flat {
    fn of(kind: u8, lines: &[&LineString<f64>]) -> Self {
        let mut flat = Self {
            kind,
            ends: Vec::new(),
            xy: Vec::new(),
        };
        for line in lines {
            flat.xy.extend_from_slice(&line.0);
            flat.ends.push(flat.xy.len() as u32);
        }
        // One line or ring needs no ends; readers want those of several lines, even of one.
        if flat.ends.len() < 2 && kind != 5 {
            flat.ends.clear();
        }
        flat
    }

    fn polygon(polygon: &Polygon<f64>) -> Self {
        let rings: Vec<&LineString<f64>> = std::iter::once(polygon.exterior())
            .chain(polygon.interiors())
            .collect();
        Self::of(3, &rings)
    }

    fn put(&self, buffer: &mut Buffer, slot: usize) {
        let mut fields = vec![(1, Cell::Child), (6, Cell::U8(self.kind))];
        if !self.ends.is_empty() {
            fields.push((0, Cell::Child));
        }
        let places = buffer.table_at(slot, &fields);
        let xy: Vec<u8> = self
            .xy
            .iter()
            .flat_map(|at| [at.x.to_le_bytes(), at.y.to_le_bytes()])
            .flatten()
            .collect();
        if let Some(place) = places.first() {
            buffer.vector_at(*place, 8, self.xy.len() * 2, &xy);
        }
        if let Some(place) = places.get(1) {
            let ends: Vec<u8> = self.ends.iter().flat_map(|end| end.to_le_bytes()).collect();
            buffer.vector_at(*place, 4, self.ends.len(), &ends);
        }
    }
}

fn write_geometry(buffer: &mut Buffer, slot: usize, geometry: &Geometry<f64>) {
    let many = |buffer: &mut Buffer, kind: u8, count: usize| {
        let places = buffer.table_at(slot, &[(6, Cell::U8(kind)), (7, Cell::Child)]);
        let place = places.first().copied().unwrap_or_default();
        buffer.vector_of_tables_at(place, count)
    };
    match geometry {
        Geometry::Point(point) => Flat {
            kind: 1,
            ends: Vec::new(),
            xy: vec![point.0],
        }
        .put(buffer, slot),
        Geometry::MultiPoint(points) => Flat {
            kind: 4,
            ends: Vec::new(),
            xy: points.0.iter().map(|point| point.0).collect(),
        }
        .put(buffer, slot),
        Geometry::Line(line) => Flat {
            kind: 2,
            ends: Vec::new(),
            xy: vec![line.start, line.end],
        }
        .put(buffer, slot),
        Geometry::LineString(line) => Flat::of(2, &[line]).put(buffer, slot),
        Geometry::MultiLineString(lines) => {
            let lines: Vec<&LineString<f64>> = lines.0.iter().collect();
            Flat::of(5, &lines).put(buffer, slot);
        }
        Geometry::Polygon(polygon) => Flat::polygon(polygon).put(buffer, slot),
        Geometry::Rect(rect) => Flat::polygon(&rect.to_polygon()).put(buffer, slot),
        Geometry::Triangle(triangle) => Flat::polygon(&triangle.to_polygon()).put(buffer, slot),
        Geometry::MultiPolygon(polygons) => {
            let slots = many(buffer, 6, polygons.0.len());
            for (slot, polygon) in slots.into_iter().zip(&polygons.0) {
                Flat::polygon(polygon).put(buffer, slot);
            }
        }
        Geometry::GeometryCollection(all) => {
            let slots = many(buffer, 7, all.0.len());
            for (slot, geometry) in slots.into_iter().zip(&all.0) {
                write_geometry(buffer, slot, geometry);
            }
        }
    }
}

/// A field of a table: a number, or the place of a child that follows.
#[derive(Debug, Clone, Copy)]
enum Cell {
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    Child,
}

impl Cell {
    const fn size(self) -> usize {
        match self {
            Self::U8(_) => 1,
            Self::U16(_) => 2,
            Self::U32(_) | Self::Child => 4,
            Self::U64(_) => 8,
        }
    }

    const fn number(self) -> u64 {
        match self {
            Self::U8(number) => number as u64,
            Self::U16(number) => number as u64,
            Self::U32(number) => number as u64,
            Self::U64(number) => number,
            Self::Child => 0,
        }
    }
}

/// A FlatBuffer that grows at its end.
struct Buffer(Vec<u8>);

impl Buffer {
    const fn new() -> Self {
        Self(Vec::new())
    }

    /// The root table; the places of its children in the order given.
    fn root(&mut self, fields: &[(usize, Cell)]) -> Vec<usize> {
        self.0.extend_from_slice(&[0; 4]);
        self.table_at(0, fields)
    }

    /// A table with its vtable before it, whose offset goes to `slot`; the places of its children.
    fn table_at(&mut self, slot: usize, fields: &[(usize, Cell)]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..fields.len()).collect();
        let cell = |at: usize| fields.get(at).map_or(Cell::Child, |(_, cell)| *cell);
        order.sort_by_key(|at| std::cmp::Reverse(cell(*at).size()));
        let width = 4 + 2 * fields.iter().map(|(slot, _)| slot + 1).max().unwrap_or(0);
        let mut vtable = vec![0_u16; width / 2];
        let mut body = vec![0_u8; 4];
        let mut offsets = vec![0; fields.len()];
        for at in order {
            let Some((number, cell)) = fields.get(at) else {
                continue;
            };
            let size = cell.size();
            body.resize(body.len().next_multiple_of(size), 0);
            if let Some(entry) = vtable.get_mut(2 + number) {
                *entry = body.len() as u16;
            }
            if let Some(offset) = offsets.get_mut(at) {
                *offset = body.len();
            }
            let bytes = cell.number().to_le_bytes();
            body.extend(bytes.into_iter().take(size));
        }
        for (entry, number) in vtable.iter_mut().zip([width, body.len()]) {
            *entry = number as u16;
        }
        self.align(2);
        let before = self.0.len();
        for entry in vtable {
            self.0.extend_from_slice(&entry.to_le_bytes());
        }
        self.align(8);
        let start = self.0.len();
        self.point(slot);
        self.0.extend_from_slice(&body);
        self.set(start, (start - before) as u32);
        let children = offsets.into_iter().zip(fields);
        children
            .filter(|(_, (_, cell))| matches!(cell, Cell::Child))
            .map(|(offset, _)| start + offset)
            .collect()
    }

    /// A vector of numbers of `size` bytes.
    fn vector_at(&mut self, slot: usize, size: usize, count: usize, bytes: &[u8]) {
        self.align(4);
        while size == 8 && !(self.0.len() + 4).is_multiple_of(8) {
            self.0.push(0);
        }
        self.point(slot);
        self.0.extend_from_slice(&(count as u32).to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    /// A vector of tables that follow; the places for their offsets.
    fn vector_of_tables_at(&mut self, slot: usize, count: usize) -> Vec<usize> {
        self.vector_at(slot, 4, count, &vec![0; 4 * count]);
        let start = self.0.len() - 4 * count;
        (0..count).map(|at| start + 4 * at).collect()
    }

    /// A text, which ends with a zero byte.
    fn text_at(&mut self, slot: usize, text: &str) {
        self.vector_at(slot, 1, text.len(), text.as_bytes());
        self.0.push(0);
    }

    fn align(&mut self, size: usize) {
        self.0.resize(self.0.len().next_multiple_of(size), 0);
    }

    /// Lets the offset in `slot` point to what comes next.
    fn point(&mut self, slot: usize) {
        self.set(slot, (self.0.len() - slot) as u32);
    }

    fn set(&mut self, slot: usize, number: u32) {
        if let Some(bytes) = self.0.get_mut(slot..slot + 4) {
            bytes.copy_from_slice(&number.to_le_bytes());
        }
    }

    /// Size and content.
    fn write(mut self, out: &mut dyn Write) -> io::Result<()> {
        self.align(8);
        let size = u32::try_from(self.0.len()).map_err(|_| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "a feature is over 4 GiB, which FlatGeobuf cannot hold",
            )
        })?;
        out.write_all(&size.to_le_bytes())?;
        out.write_all(&self.0)
    }
}
