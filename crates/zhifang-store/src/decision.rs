//! What a write means for the register, whichever the store.

use zhifang_core::{Operation, Status};

use crate::codec::{CodecError, Encoded, status_of};
use crate::register::Expect;
use crate::seal::Previous;

/// What the register has under a key, in stored form.
#[derive(Debug, Clone)]
pub(crate) struct Current {
    pub(crate) place: Previous,
    pub(crate) version: u32,
    pub(crate) source: String,
    pub(crate) name: String,
    pub(crate) body: Vec<u8>,
    pub(crate) geometry: Option<Vec<u8>>,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The expectation fails.
    Conflict,
    /// The register says so already.
    Unchanged,
    /// A new version.
    Store {
        operation: Operation,
        version: u32,
        previous: Previous,
    },
}

/// Weighs a write against what the register has. The stored form is canonical, so that equal
/// bytes are the test of saying the same.
pub(crate) fn decide(
    expect: Expect,
    current: Option<&Current>,
    source: &str,
    name: &str,
    encoded: &Encoded,
) -> Result<Decision, CodecError> {
    let is_met = match (expect, current) {
        (Expect::Any, _) | (Expect::Absent, None) => true,
        (Expect::Version(wanted), Some(current)) => wanted == current.version,
        (Expect::Absent, Some(_)) | (Expect::Version(_), None) => false,
    };
    if !is_met {
        return Ok(Decision::Conflict);
    }
    let Some(current) = current else {
        return Ok(Decision::Store {
            operation: Operation::Create,
            version: 1,
            previous: Previous::Absent,
        });
    };
    if current.body == encoded.body
        && current.name == name
        && current.source == source
        && current.geometry == encoded.geometry
    {
        return Ok(Decision::Unchanged);
    }
    let was_retired = status_of(&current.body)? == Status::Retired;
    let is_retired = status_of(&encoded.body)? == Status::Retired;
    let operation = if is_retired && !was_retired {
        Operation::Retire
    } else {
        Operation::Update
    };
    Ok(Decision::Store {
        operation,
        version: current.version + 1,
        previous: current.place,
    })
}
