//! Field values in binary. JSON text would not do: a decimal reader may miss the last bit.

use serde_json::{Map, Number, Value};

use super::CodecError;

/// Nesting that a stored value may have, as JSON readers allow.
const MAX_DEPTH: u32 = 128;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const NATURAL: u8 = 3;
const NEGATIVE: u8 = 4;
const FLOAT: u8 = 5;
const TEXT: u8 = 6;
const LIST: u8 = 7;
const OBJECT: u8 = 8;

/// Variable-length integer, seven bits a byte, lowest first (LEB128).
pub(super) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number as u8) | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Length and UTF-8 bytes.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Refuses the character U+0000: PostgreSQL's text cannot hold it, and a record must fit both
/// stores.
pub(super) fn free_of_nul(what: &str, text: &str) -> Result<(), CodecError> {
    if text.contains('\0') {
        return Err(CodecError::new(format!(
            "its {what} holds the character U+0000"
        )));
    }
    Ok(())
}

/// Kind and content; objects sorted by name.
pub(super) fn put_value(out: &mut Vec<u8>, value: &Value) -> Result<(), CodecError> {
    put_nested(out, value, 0)
}

fn put_nested(out: &mut Vec<u8>, value: &Value, depth: u32) -> Result<(), CodecError> {
    if depth > MAX_DEPTH {
        return Err(CodecError::new(format!(
            "a field is nested deeper than {MAX_DEPTH} levels"
        )));
    }
    match value {
        Value::Null => out.push(NULL),
        Value::Bool(false) => out.push(FALSE),
        Value::Bool(true) => out.push(TRUE),
        Value::Number(number) => put_number(out, number),
        Value::String(text) => {
            free_of_nul("text of a field", text)?;
            out.push(TEXT);
            put_text(out, text);
        }
        Value::Array(list) => {
            out.push(LIST);
            put_varint(out, list.len() as u64);
            for value in list {
                put_nested(out, value, depth + 1)?;
            }
        }
        Value::Object(map) => {
            out.push(OBJECT);
            put_varint(out, map.len() as u64);
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_by_key(|(name, _)| *name);
            for (name, value) in entries {
                free_of_nul("name of a field", name)?;
                put_text(out, name);
                put_nested(out, value, depth + 1)?;
            }
        }
    }
    Ok(())
}

fn put_number(out: &mut Vec<u8>, number: &Number) {
    if let Some(natural) = number.as_u64() {
        out.push(NATURAL);
        put_varint(out, natural);
    } else if let Some(whole) = number.as_i64() {
        out.push(NEGATIVE);
        put_varint(out, !(whole as u64));
    } else {
        out.push(FLOAT);
        // Adding zero turns -0.0 into 0.0, which says the same.
        let float = number.as_f64().unwrap_or_default() + 0.0;
        out.extend_from_slice(&float.to_le_bytes());
    }
}

/// Reads a body from its beginning.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], CodecError> {
        let end = usize::try_from(count)
            .ok()
            .and_then(|count| self.at.checked_add(count));
        let slice = end.and_then(|end| self.bytes.get(self.at..end));
        let slice =
            slice.ok_or_else(|| CodecError::new(format!("body ends early at byte {}", self.at)))?;
        self.at += slice.len();
        Ok(slice)
    }

    pub(super) fn byte(&mut self) -> Result<u8, CodecError> {
        self.take(1)
            .map(|slice| slice.first().copied().unwrap_or_default())
    }

    pub(super) fn varint(&mut self) -> Result<u64, CodecError> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(CodecError::new(format!(
            "an integer does not end at byte {}",
            self.at
        )))
    }

    pub(super) fn text(&mut self) -> Result<&'a str, CodecError> {
        let length = self.varint()?;
        let at = self.at;
        std::str::from_utf8(self.take(length)?)
            .map_err(|_| CodecError::new(format!("text at byte {at} is not UTF-8")))
    }

    pub(super) fn value(&mut self) -> Result<Value, CodecError> {
        self.nested(0)
    }

    fn nested(&mut self, depth: u32) -> Result<Value, CodecError> {
        if depth > MAX_DEPTH {
            return Err(CodecError::new("a field is nested too deep"));
        }
        match self.byte()? {
            NULL => Ok(Value::Null),
            FALSE => Ok(Value::Bool(false)),
            TRUE => Ok(Value::Bool(true)),
            NATURAL => self.varint().map(Value::from),
            NEGATIVE => self
                .varint()
                .map(|number| Value::from((!number).cast_signed())),
            FLOAT => {
                let bytes = self.take(8)?.try_into().unwrap_or_default();
                Number::from_f64(f64::from_le_bytes(bytes))
                    .map(Value::Number)
                    .ok_or_else(|| CodecError::new("a number is not finite"))
            }
            TEXT => self.text().map(Value::from),
            LIST => {
                let count = self.varint()?;
                // Every value takes a byte, so a false count cannot ask for much memory.
                let room = count.min(self.bytes.len() as u64) as usize;
                let mut list = Vec::with_capacity(room);
                for _ in 0..count {
                    list.push(self.nested(depth + 1)?);
                }
                Ok(Value::Array(list))
            }
            OBJECT => {
                let mut map = Map::new();
                for _ in 0..self.varint()? {
                    let name = self.text()?.to_owned();
                    map.insert(name, self.nested(depth + 1)?);
                }
                Ok(Value::Object(map))
            }
            other => Err(CodecError::new(format!("value of unknown kind {other}"))),
        }
    }

    pub(super) fn end(&self) -> Result<(), CodecError> {
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(CodecError::new(format!(
                "body goes on after its end at byte {}",
                self.at
            )))
        }
    }
}
