//! Bytes to records; whatever the bytes are, an answer and no panic.

use std::sync::Arc;

use serde_json::{Map, Number, Value};
use zhifang_core::{
    Bbox, Collection, Day, DivisionCode, Fields, Record, Status, Timestamp, Validity, geometry,
};

use super::{Shared, flag, kind};
use crate::error::IndexError;
use crate::locator::StoredCells;

/// Nesting that a field's value may have; JSON parsers end at 128.
const MAX_DEPTH: u32 = 200;

/// Least bytes of a record, from which a count that the content cannot hold is known.
const LEAST_RECORD: usize = 7;

pub(super) struct Reader<'a> {
    content: &'a [u8],
    offset: usize,
    texts: Vec<Shared>,
    time: i64,
}

impl<'a> Reader<'a> {
    pub(super) fn new(content: &'a [u8]) -> Self {
        Self {
            content,
            offset: 0,
            texts: Vec::new(),
            time: 0,
        }
    }

    fn fault(&self, reason: &'static str) -> IndexError {
        IndexError::Content {
            reason,
            offset: self.offset,
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], IndexError> {
        let found = self
            .offset
            .checked_add(length)
            .and_then(|end| self.content.get(self.offset..end))
            .ok_or_else(|| self.fault("ends early"))?;
        self.offset += length;
        Ok(found)
    }

    fn byte(&mut self) -> Result<u8, IndexError> {
        let byte = self.content.get(self.offset).copied();
        self.offset += 1;
        byte.ok_or_else(|| self.fault("ends early"))
    }

    pub(super) fn number(&mut self) -> Result<u64, IndexError> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(self.fault("number too long"))
    }

    fn signed(&mut self) -> Result<i64, IndexError> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(super) fn float(&mut self) -> Result<f64, IndexError> {
        let bytes = self.take(8)?;
        bytes
            .try_into()
            .map(f64::from_le_bytes)
            .map_err(|_| self.fault("ends early"))
    }

    fn block(&mut self) -> Result<&'a [u8], IndexError> {
        let length = self.number()?;
        let length = usize::try_from(length).map_err(|_| self.fault("text too long"))?;
        self.take(length)
    }

    fn text(&mut self) -> Result<&'a str, IndexError> {
        let bytes = self.block()?;
        std::str::from_utf8(bytes).map_err(|_| self.fault("text is not UTF-8"))
    }

    fn shared(&mut self) -> Result<Shared, IndexError> {
        match self.number()?.checked_sub(1) {
            None => {
                let text: Shared = Arc::from(self.text()?);
                self.texts.push(Arc::clone(&text));
                Ok(text)
            }
            Some(number) => usize::try_from(number)
                .ok()
                .and_then(|number| self.texts.get(number))
                .map(Arc::clone)
                .ok_or_else(|| self.fault("unknown text number")),
        }
    }

    /// A count of things of which each takes at least so many bytes.
    fn count(&mut self, least_bytes: usize) -> Result<usize, IndexError> {
        let count = self.number()?;
        let left = self.content.len().saturating_sub(self.offset) / least_bytes;
        usize::try_from(count)
            .ok()
            .filter(|count| *count <= left)
            .ok_or_else(|| self.fault("count larger than the bytes left"))
    }

    pub(super) fn records(&mut self, collection: Collection) -> Result<Vec<Record>, IndexError> {
        let count = self.count(LEAST_RECORD)?;
        let mut records: Vec<Record> = Vec::with_capacity(count);
        for _ in 0..count {
            let record = self.record(collection)?;
            if records.last().is_some_and(|before| before.id >= record.id) {
                return Err(self.fault("ids out of order"));
            }
            records.push(record);
        }
        Ok(records)
    }

    fn record(&mut self, collection: Collection) -> Result<Record, IndexError> {
        let flags = self.byte()?;
        let has = |bit| flags & bit != 0;
        let id = self.text()?;
        let name = self.text()?;
        let mut record = Record::new(collection, id, name);
        record.status = match flags & flag::STATUS {
            0 => Status::Draft,
            1 => Status::Published,
            2 => Status::Retired,
            _ => return Err(self.fault("unknown status")),
        };
        if has(flag::DIVISION) {
            let code = DivisionCode::from_u64(self.number()?);
            record.division = Some(code.ok_or_else(|| self.fault("no division code"))?);
        } else if !has(flag::USUAL_DIVISION) {
            record.division = None;
        }
        record.valid = Validity {
            from: if has(flag::VALID_FROM) {
                Some(self.day()?)
            } else {
                None
            },
            to: if has(flag::VALID_TO) {
                Some(self.day()?)
            } else {
                None
            },
        };
        let version = self.number()?;
        record.version = u32::try_from(version).map_err(|_| self.fault("version too large"))?;
        self.time = self.time.wrapping_add(self.signed()?);
        record.updated_at = Timestamp::from_micros(self.time);
        record.updated_by = self.shared()?;
        record.source = self.shared()?;
        if has(flag::GEOMETRY) {
            let shape = geometry::from_wkb(self.block()?);
            record.geometry = Some(Arc::new(shape.map_err(|_| self.fault("no geometry"))?));
        }
        if has(flag::FIELDS) {
            record.fields = self.fields()?;
        }
        Ok(record)
    }

    fn day(&mut self) -> Result<Day, IndexError> {
        let number = self.signed()?;
        i32::try_from(number)
            .ok()
            .and_then(Day::from_number)
            .ok_or_else(|| self.fault("no calendar day"))
    }

    fn fields(&mut self) -> Result<Fields, IndexError> {
        let count = self.count(2)?;
        let mut fields = Fields::new();
        for _ in 0..count {
            let name = self.text()?;
            let value = self.value(0)?;
            fields.set(name, value);
        }
        Ok(fields)
    }

    fn value(&mut self, depth: u32) -> Result<Value, IndexError> {
        if depth > MAX_DEPTH {
            return Err(self.fault("nested too deeply"));
        }
        Ok(match self.byte()? {
            kind::NULL => Value::Null,
            kind::FALSE => Value::Bool(false),
            kind::TRUE => Value::Bool(true),
            kind::UNSIGNED => Value::from(self.number()?),
            kind::SIGNED => Value::from(self.signed()?),
            kind::FLOAT => {
                let number = Number::from_f64(self.float()?);
                Value::Number(number.ok_or_else(|| self.fault("number is not finite"))?)
            }
            kind::TEXT => Value::from(self.text()?),
            kind::LIST => {
                let count = self.count(1)?;
                let values = (0..count).map(|_| self.value(depth + 1));
                Value::Array(values.collect::<Result<_, _>>()?)
            }
            kind::OBJECT => {
                let count = self.count(2)?;
                let mut map = Map::new();
                for _ in 0..count {
                    let name = self.text()?.to_owned();
                    map.insert(name, self.value(depth + 1)?);
                }
                Value::Object(map)
            }
            _ => return Err(self.fault("unknown kind of value")),
        })
    }

    pub(super) fn cells(&mut self) -> Result<StoredCells, IndexError> {
        let bbox = Bbox {
            west: self.float()?,
            south: self.float()?,
            east: self.float()?,
            north: self.float()?,
        };
        let root = self.words(1)?.first().copied().unwrap_or_default();
        let count = self.count(16)?;
        let nodes = self.words(4 * count)?.as_chunks::<4>().0.to_vec();
        let count = self.count(4)?;
        let lists = self.words(count)?;
        Ok(StoredCells {
            bbox,
            root,
            nodes,
            lists,
        })
    }

    fn words(&mut self, count: usize) -> Result<Vec<u32>, IndexError> {
        let bytes = self.take(4 * count)?;
        Ok(bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|word| u32::from_le_bytes(*word))
            .collect())
    }

    /// Nothing may follow the last record.
    pub(super) fn end(&self) -> Result<(), IndexError> {
        if self.offset == self.content.len() {
            Ok(())
        } else {
            Err(self.fault("bytes left over"))
        }
    }
}
