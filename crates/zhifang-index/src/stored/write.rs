//! Records to bytes.

use std::io::{self, Write};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::Value;
use zhifang_core::{Record, Status, geometry};

use super::sum::Sum;
use super::{Shared, flag, kind};
use crate::locator::CellParts;

/// Bytes gathered before they are summed and handed on: whole words.
const PIECE: usize = 1 << 16;

/// Writes the content, sums it, and ends with the sum.
pub(super) struct Writer<'w, W> {
    out: &'w mut W,
    buffer: Vec<u8>,
    sum: Sum,
    texts: FxHashMap<Shared, u64>,
    /// The time stored before, from which the next one is counted.
    time: i64,
}

impl<'w, W: Write> Writer<'w, W> {
    pub(super) fn new(out: &'w mut W) -> Self {
        let buffer = Vec::with_capacity(2 * PIECE);
        Self {
            out,
            buffer,
            sum: Sum::default(),
            texts: FxHashMap::default(),
            time: 0,
        }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() < PIECE {
            return Ok(());
        }
        let whole = self.buffer.len() / 8 * 8;
        self.sum.add(&self.buffer[..whole]);
        self.out.write_all(&self.buffer[..whole])?;
        self.buffer.drain(..whole);
        Ok(())
    }

    /// Seven bits a byte, least first, the top bit on all but the last.
    pub(super) fn number(&mut self, mut number: u64) -> io::Result<()> {
        let mut bytes = [0; 10];
        let mut length = 0;
        loop {
            let low = (number & 0x7f) as u8;
            number >>= 7;
            bytes[length] = if number == 0 { low } else { low | 0x80 };
            length += 1;
            if number == 0 {
                return self.bytes(&bytes[..length]);
            }
        }
    }

    /// The sign in the lowest bit.
    fn signed(&mut self, number: i64) -> io::Result<()> {
        self.number(((number << 1) ^ (number >> 63)) as u64)
    }

    pub(super) fn float(&mut self, number: f64) -> io::Result<()> {
        self.bytes(&number.to_le_bytes())
    }

    fn block(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.number(bytes.len() as u64)?;
        self.bytes(bytes)
    }

    /// A text that repeats: its number, or 0 and the text the first time.
    fn shared(&mut self, text: &Shared) -> io::Result<()> {
        if let Some(number) = self.texts.get(text) {
            return self.number(*number);
        }
        let number = self.texts.len() as u64 + 1;
        self.texts.insert(Arc::clone(text), number);
        self.number(0)?;
        self.block(text.as_bytes())
    }

    pub(super) fn record(&mut self, record: &Record) -> io::Result<()> {
        let usual = Record::new(record.collection, &record.id, "").division == record.division;
        let mut flags = match record.status {
            Status::Draft => 0,
            Status::Published => 1,
            Status::Retired => 2,
        };
        for (is_set, bit) in [
            (usual, flag::USUAL_DIVISION),
            (!usual && record.division.is_some(), flag::DIVISION),
            (record.valid.from.is_some(), flag::VALID_FROM),
            (record.valid.to.is_some(), flag::VALID_TO),
            (record.geometry.is_some(), flag::GEOMETRY),
            (!record.fields.is_empty(), flag::FIELDS),
        ] {
            flags |= if is_set { bit } else { 0 };
        }
        self.bytes(&[flags])?;
        self.block(record.id.as_bytes())?;
        self.block(record.name.as_bytes())?;
        if let (false, Some(code)) = (usual, record.division) {
            self.number(code.as_u64())?;
        }
        for day in [record.valid.from, record.valid.to].into_iter().flatten() {
            self.signed(i64::from(day.number()))?;
        }
        self.number(u64::from(record.version))?;
        let time = record.updated_at.micros();
        self.signed(time.wrapping_sub(self.time))?;
        self.time = time;
        self.shared(&record.updated_by)?;
        self.shared(&record.source)?;
        if let Some(shape) = &record.geometry {
            self.block(&geometry::to_wkb(shape))?;
        }
        if !record.fields.is_empty() {
            self.number(record.fields.len() as u64)?;
            for (name, value) in record.fields.iter() {
                self.block(name.as_bytes())?;
                self.value(value)?;
            }
        }
        Ok(())
    }

    fn value(&mut self, value: &Value) -> io::Result<()> {
        match value {
            Value::Null => self.bytes(&[kind::NULL]),
            Value::Bool(false) => self.bytes(&[kind::FALSE]),
            Value::Bool(true) => self.bytes(&[kind::TRUE]),
            Value::Number(number) => {
                if let Some(number) = number.as_u64() {
                    self.bytes(&[kind::UNSIGNED])?;
                    self.number(number)
                } else if let Some(number) = number.as_i64() {
                    self.bytes(&[kind::SIGNED])?;
                    self.signed(number)
                } else {
                    self.bytes(&[kind::FLOAT])?;
                    self.float(number.as_f64().unwrap_or_default())
                }
            }
            Value::String(text) => {
                self.bytes(&[kind::TEXT])?;
                self.block(text.as_bytes())
            }
            Value::Array(values) => {
                self.bytes(&[kind::LIST])?;
                self.number(values.len() as u64)?;
                values.iter().try_for_each(|value| self.value(value))
            }
            Value::Object(map) => {
                self.bytes(&[kind::OBJECT])?;
                self.number(map.len() as u64)?;
                map.iter().try_for_each(|(name, value)| {
                    self.block(name.as_bytes())?;
                    self.value(value)
                })
            }
        }
    }

    pub(super) fn cells(&mut self, cells: CellParts<'_>) -> io::Result<()> {
        let bbox = cells.bbox;
        for edge in [bbox.west, bbox.south, bbox.east, bbox.north] {
            self.float(edge)?;
        }
        self.bytes(&cells.root.to_le_bytes())?;
        self.number(cells.nodes.len() as u64)?;
        for child in cells.nodes.iter().flatten() {
            self.bytes(&child.to_le_bytes())?;
        }
        self.number(cells.lists.len() as u64)?;
        cells
            .lists
            .iter()
            .try_for_each(|entry| self.bytes(&entry.to_le_bytes()))
    }

    /// Hands on what is left, and the sum.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.sum.add(&self.buffer);
        self.out.write_all(&self.buffer)?;
        self.out.write_all(&self.sum.finish().to_le_bytes())
    }
}
