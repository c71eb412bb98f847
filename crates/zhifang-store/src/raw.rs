//! Rows as they are stored: what backup, restore and verification pass on.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use zhifang_core::{CodePrefix, Record, Role, Timestamp};

use crate::codec::{CodecError, Stored, decode};
use crate::error::StoreError;
use crate::register::{TokenHash, User};
use crate::seal::{Content, Digest, Previous, digest};

/// A row of the change log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawVersion {
    pub(crate) seq: u64,
    pub(crate) collection: u8,
    pub(crate) id: String,
    pub(crate) version: u32,
    pub(crate) operation: u8,
    pub(crate) previous: u64,
    pub(crate) source: Arc<str>,
    pub(crate) name: String,
    pub(crate) body: Vec<u8>,
    pub(crate) geometry: Option<Vec<u8>>,
    pub(crate) digest: Vec<u8>,
}

impl RawVersion {
    /// The digest that its content has, in a commit that begins with `first`.
    pub(crate) fn computed_digest(&self, first: u64) -> Digest {
        digest(&Content {
            offset: self.seq.wrapping_sub(first),
            collection: self.collection,
            id: &self.id,
            version: self.version,
            operation: self.operation,
            previous: Previous::of(self.previous, first),
            source: &self.source,
            name: &self.name,
            body: &self.body,
            geometry: self.geometry.as_deref(),
        })
    }

    /// Its record.
    pub(crate) fn record(&self, at: i64, by: &Arc<str>) -> Result<Record, CodecError> {
        decode(Stored {
            collection: self.collection,
            id: &self.id,
            version: self.version,
            name: &self.name,
            body: &self.body,
            geometry: self.geometry.as_deref(),
            source: Arc::clone(&self.source),
            at,
            by: Arc::clone(by),
        })
    }
}

/// A row of the table of commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawBatch {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) at: i64,
    pub(crate) by: Arc<str>,
    pub(crate) seal: Vec<u8>,
}

/// A row of the table of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawUser {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) division: Option<String>,
    pub(crate) token_hash: Option<Vec<u8>>,
    pub(crate) created_at: i64,
    pub(crate) revoked_at: Option<i64>,
}

impl RawUser {
    /// The clock, for the times of users; changes bring their own.
    pub(crate) fn now() -> i64 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }

    /// A user added at this moment.
    pub(crate) fn new(
        name: &str,
        role: Role,
        division: Option<CodePrefix>,
        token_hash: &TokenHash,
    ) -> Self {
        Self {
            name: name.to_owned(),
            role: role.as_str().to_owned(),
            division: division.map(|prefix| prefix.to_string()),
            token_hash: Some(token_hash.to_vec()),
            created_at: Self::now(),
            revoked_at: None,
        }
    }

    /// Whether the user may get a token: who is let in may, who was shut out only where that is
    /// what is asked for (`is_back`).
    pub(crate) fn may_have_token(&self, is_back: bool) -> Result<(), StoreError> {
        let name = || self.name.clone();
        match (self.revoked_at.is_some(), is_back) {
            (true, false) => Err(StoreError::UserRevoked { name: name() }),
            (false, true) => Err(StoreError::UserActive { name: name() }),
            _ => Ok(()),
        }
    }

    /// The user, or what cannot be read.
    pub(crate) fn user(self, place: &str) -> Result<User, StoreError> {
        let damaged = |reason: String| StoreError::Corrupt {
            place: place.to_owned(),
            seq: None,
            reason: format!("user `{}`: {reason}", self.name),
        };
        let role = self
            .role
            .parse()
            .map_err(|fault| damaged(format!("{fault}")))?;
        let division = self
            .division
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|fault| damaged(format!("{fault}")))?;
        Ok(User {
            role,
            division,
            created_at: Timestamp::from_micros(self.created_at),
            revoked_at: self.revoked_at.map(Timestamp::from_micros),
            name: self.name,
        })
    }
}

/// Passes rows of the change log on, ascending, to whoever takes them.
pub(crate) type VersionSource<'a> =
    dyn FnMut(&mut VersionVisitor<'_>) -> Result<(), StoreError> + 'a;

/// Takes a row of the change log.
pub(crate) type VersionVisitor<'a> = dyn FnMut(RawVersion) -> Result<(), StoreError> + 'a;

/// Equal texts share one allocation.
#[derive(Debug, Default)]
pub(crate) struct Interner(HashMap<Box<str>, Arc<str>>);

impl Interner {
    /// The shared text.
    pub(crate) fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = Arc::from(text);
        self.0.insert(text.into(), Arc::clone(&shared));
        shared
    }
}

/// Finds the commit that a seq belongs to; quick when asked in ascending order.
#[derive(Debug)]
pub(crate) struct Batches {
    rows: Vec<RawBatch>,
    near: usize,
}

impl Batches {
    /// From all commits, ascending.
    pub(crate) const fn new(rows: Vec<RawBatch>) -> Self {
        Self { rows, near: 0 }
    }

    /// The commit that holds the seq.
    pub(crate) fn holding(&mut self, seq: u64) -> Option<&RawBatch> {
        let holds = |row: &RawBatch| row.first <= seq && seq <= row.last;
        if !self.rows.get(self.near).is_some_and(holds) {
            self.near = self.rows.partition_point(|row| row.last < seq);
        }
        self.rows.get(self.near).filter(|row| holds(row))
    }

    /// Last seq of the last commit; 0 when there is none.
    pub(crate) fn head(&self) -> u64 {
        self.rows.last().map_or(0, |row| row.last)
    }
}
