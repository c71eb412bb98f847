//! The stored form of a record: what is not a column of its own, in a few bytes.
//!
//! Body, format 1: the format's number; a byte of flags; the division (variable-length integer)
//! where it does not follow from the id; first and last day; the fields. A village without fields
//! takes two bytes. The form is canonical: records that say the same have the same bytes.

mod value;

use std::sync::Arc;

use geo_types::Geometry;
use zhifang_core::geometry::{from_wkb, to_wkb};
use zhifang_core::{
    Collection, Day, DivisionCode, Fields, Operation, Record, Status, Timestamp, Validity,
};

use value::{Reader, free_of_nul, put_text, put_value, put_varint};

/// Number that a body begins with.
const FORMAT: u8 = 1;

const STATUS_MASK: u8 = 0b0000_0011;
const HAS_FROM: u8 = 0b0000_0100;
const HAS_TO: u8 = 0b0000_1000;
const DIVISION_FOLLOWS: u8 = 0b0001_0000;
const DIVISION_GIVEN: u8 = 0b0010_0000;
const HAS_FIELDS: u8 = 0b0100_0000;

/// Bytes that are no body of ours, or a record that none can be made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CodecError(pub(crate) String);

impl CodecError {
    fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// Numbers of the collections in the stores. They are never given twice.
const COLLECTIONS: [(u8, Collection); 15] = [
    (1, Collection::Divisions),
    (2, Collection::Names),
    (3, Collection::Signs),
    (4, Collection::Boundaries),
    (5, Collection::Markers),
    (6, Collection::Claims),
    (7, Collection::Structures),
    (8, Collection::Findings),
    (9, Collection::Disputes),
    (10, Collection::Inspections),
    (11, Collection::Observations),
    (12, Collection::Services),
    (13, Collection::Cemeteries),
    (14, Collection::Projects),
    (15, Collection::Roads),
];

/// The collection's number in the stores.
pub(crate) fn collection_number(collection: Collection) -> u8 {
    COLLECTIONS
        .iter()
        .find(|(_, known)| *known == collection)
        .map(|(number, _)| *number)
        .expect("every collection has a number, which a test checks")
}

/// The collection with this number.
pub(crate) fn collection_of(number: u8) -> Result<Collection, CodecError> {
    COLLECTIONS
        .iter()
        .find(|(known, _)| *known == number)
        .map(|(_, collection)| *collection)
        .ok_or_else(|| CodecError::new(format!("collection number {number} is unknown")))
}

/// The operation's number in the stores.
pub(crate) const fn operation_number(operation: Operation) -> u8 {
    match operation {
        Operation::Create => 1,
        Operation::Update => 2,
        Operation::Retire => 3,
    }
}

/// The operation with this number.
pub(crate) fn operation_of(number: u8) -> Result<Operation, CodecError> {
    match number {
        1 => Ok(Operation::Create),
        2 => Ok(Operation::Update),
        3 => Ok(Operation::Retire),
        _ => Err(CodecError::new(format!(
            "operation number {number} is unknown"
        ))),
    }
}

/// What is stored of a record beside its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Encoded {
    /// Status, dates, division, fields.
    pub(crate) body: Vec<u8>,
    /// Well-known binary.
    pub(crate) geometry: Option<Vec<u8>>,
}

/// The stored form of the record.
pub(crate) fn encode(record: &Record) -> Result<Encoded, CodecError> {
    for (what, text) in [
        ("id", &*record.id),
        ("name", &*record.name),
        ("source", &*record.source),
    ] {
        free_of_nul(what, text)?;
    }
    if record.id.is_empty() {
        return Err(CodecError::new("its id is empty"));
    }
    let mut flags = match record.status {
        Status::Draft => 0,
        Status::Published => 1,
        Status::Retired => 2,
    };
    let mut body = vec![FORMAT, 0];
    let follows = division_by_id(record.collection, &record.id);
    match record.division {
        None => {}
        Some(code) if follows == Some(code) => flags |= DIVISION_FOLLOWS,
        Some(code) => {
            flags |= DIVISION_GIVEN;
            put_varint(&mut body, code.as_u64());
        }
    }
    for (day, flag) in [(record.valid.from, HAS_FROM), (record.valid.to, HAS_TO)] {
        if let Some(day) = day {
            flags |= flag;
            put_varint(&mut body, zigzag(day.number()));
        }
    }
    if !record.fields.is_empty() {
        flags |= HAS_FIELDS;
        put_varint(&mut body, record.fields.len() as u64);
        for (name, value) in record.fields.iter() {
            free_of_nul("name of a field", name)?;
            put_text(&mut body, name);
            put_value(&mut body, value)?;
        }
    }
    if let Some(slot) = body.get_mut(1) {
        *slot = flags;
    }
    let geometry = record
        .geometry
        .as_deref()
        .map(encode_geometry)
        .transpose()?;
    Ok(Encoded { body, geometry })
}

fn encode_geometry(geometry: &Geometry<f64>) -> Result<Vec<u8>, CodecError> {
    let bytes = to_wkb(geometry);
    // Only nested collections can be written and not be read again.
    if matches!(geometry, Geometry::GeometryCollection(_)) {
        from_wkb(&bytes).map_err(|fault| CodecError::new(fault.to_string()))?;
    }
    Ok(bytes)
}

/// The division that follows from a record's id.
fn division_by_id(collection: Collection, id: &str) -> Option<DivisionCode> {
    if collection != Collection::Divisions {
        return None;
    }
    id.split('@').next().and_then(|code| code.parse().ok())
}

/// The parts of a stored version from which its record is made.
#[derive(Debug, Clone)]
pub(crate) struct Stored<'a> {
    pub(crate) collection: u8,
    pub(crate) id: &'a str,
    pub(crate) version: u32,
    pub(crate) name: &'a str,
    pub(crate) body: &'a [u8],
    pub(crate) geometry: Option<&'a [u8]>,
    pub(crate) source: Arc<str>,
    pub(crate) at: i64,
    pub(crate) by: Arc<str>,
}

/// The record of a stored version.
pub(crate) fn decode(stored: Stored<'_>) -> Result<Record, CodecError> {
    let collection = collection_of(stored.collection)?;
    let mut reader = Reader::new(stored.body);
    let format = reader.byte()?;
    if format != FORMAT {
        return Err(CodecError::new(format!(
            "body has format {format}, known is {FORMAT}"
        )));
    }
    let flags = reader.byte()?;
    let status = status_of_flags(flags)?;
    let division = if flags & DIVISION_GIVEN != 0 {
        let number = reader.varint()?;
        let code = DivisionCode::from_u64(number)
            .ok_or_else(|| CodecError::new(format!("`{number}` is no division code")))?;
        Some(code)
    } else if flags & DIVISION_FOLLOWS != 0 {
        division_by_id(collection, stored.id)
    } else {
        None
    };
    let mut valid = Validity::default();
    if flags & HAS_FROM != 0 {
        valid.from = Some(read_day(&mut reader)?);
    }
    if flags & HAS_TO != 0 {
        valid.to = Some(read_day(&mut reader)?);
    }
    let mut fields = Fields::new();
    if flags & HAS_FIELDS != 0 {
        for _ in 0..reader.varint()? {
            let name = reader.text()?;
            let value = reader.value()?;
            fields.set(name, value);
        }
    }
    reader.end()?;
    let geometry = stored
        .geometry
        .map(from_wkb)
        .transpose()
        .map_err(|fault| CodecError::new(fault.to_string()))?
        .map(Arc::new);
    Ok(Record {
        collection,
        id: stored.id.into(),
        name: stored.name.into(),
        division,
        status,
        valid,
        version: stored.version,
        updated_at: Timestamp::from_micros(stored.at),
        updated_by: stored.by,
        source: stored.source,
        geometry,
        fields,
    })
}

/// The status that a body tells, without reading the rest.
pub(crate) fn status_of(body: &[u8]) -> Result<Status, CodecError> {
    let flags = body
        .get(1)
        .ok_or_else(|| CodecError::new("body ends early"))?;
    status_of_flags(*flags)
}

fn status_of_flags(flags: u8) -> Result<Status, CodecError> {
    match flags & STATUS_MASK {
        0 => Ok(Status::Draft),
        1 => Ok(Status::Published),
        2 => Ok(Status::Retired),
        other => Err(CodecError::new(format!("status number {other} is unknown"))),
    }
}

fn read_day(reader: &mut Reader<'_>) -> Result<Day, CodecError> {
    let number = unzigzag(reader.varint()?);
    i32::try_from(number)
        .ok()
        .and_then(Day::from_number)
        .ok_or_else(|| CodecError::new(format!("`{number}` is no day")))
}

const fn zigzag(number: i32) -> u64 {
    let wide = number as i64;
    ((wide << 1) ^ (wide >> 63)) as u64
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

#[cfg(test)]
mod tests;
