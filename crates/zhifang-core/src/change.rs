//! Changes: what the register's log says happened.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::day::Timestamp;
use crate::record::Record;

/// What a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// A record that was not there.
    Create,
    /// A new version.
    Update,
    /// A new version whose status is `retired`.
    Retire,
}

impl Operation {
    /// Word used in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Retire => "retire",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("operation `{text}`: wanted create, update or retire")]
pub struct OperationError {
    /// The word as given.
    pub text: String,
}

impl FromStr for Operation {
    type Err = OperationError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Create, Self::Update, Self::Retire]
            .into_iter()
            .find(|operation| operation.as_str() == text)
            .ok_or_else(|| OperationError {
                text: text.to_owned(),
            })
    }
}

/// One entry of the change log: a version of a record is its own entry (变更记录).
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Gap-free, in the order of commits, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Arc<str>,
    /// What was done.
    pub operation: Operation,
    /// The version before; `None` for a creation.
    pub before: Option<Record>,
    /// The version that the change made.
    pub after: Record,
}
