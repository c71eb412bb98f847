//! The register's face: what every store answers.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use zhifang_core::{Change, CodePrefix, Record, RecordKey, Role, Timestamp};

use crate::error::StoreError;
use crate::verify::VerifyReport;

/// SHA-256 of a token; the token itself is stored nowhere.
pub type TokenHash = [u8; 32];

/// What the writer believes the register has under the record's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expect {
    /// Whatever it has.
    Any,
    /// Nothing: the record is new.
    Absent,
    /// The record in this version.
    Version(u32),
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any version"),
            Self::Absent => f.write_str("no such record"),
            Self::Version(version) => write!(f, "version {version}"),
        }
    }
}

/// A record to be stored. Its `version`, `updated_at` and `updated_by` are ignored.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// What the register shall say.
    pub record: Record,
    /// What it is believed to have.
    pub expect: Expect,
}

/// What a commit did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Receipt {
    /// The first change made. Greater than `last_seq` when there was none.
    pub first_seq: u64,
    /// The last change made, or the register's last when there was none.
    pub last_seq: u64,
    /// Every record of the batch in its order, as stored: version, time and author set.
    pub records: Vec<Record>,
    /// Positions in the batch, ascending, of writes that said what the register says already:
    /// they made no version, and their record above is the one of old.
    pub unchanged: Vec<usize>,
}

impl Receipt {
    /// Number of versions made.
    pub const fn changed(&self) -> u64 {
        (self.last_seq + 1).saturating_sub(self.first_seq)
    }
}

/// A user of the register (用户).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Login name, as written in the log.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// The unit within which the role counts; `None` for the whole register.
    pub division: Option<CodePrefix>,
    /// When the user was added.
    pub created_at: Timestamp,
    /// When the user was shut out.
    pub revoked_at: Option<Timestamp>,
}

/// The register (登记簿): all versions of all records, in the order of their commits.
///
/// Every method may be called from any thread, blocks it, and must not be called from within an
/// asynchronous task. Readers never wait for writers.
pub trait Register: Send + Sync + fmt::Debug {
    /// Number of the last change; 0 when there is none.
    fn head(&self) -> Result<u64, StoreError>;

    /// Hands over the current version of every record, retired ones too, in the order of their
    /// changes and in one consistent read; returns the number of the last change in it.
    fn load(&self, visit: &mut dyn FnMut(Record)) -> Result<u64, StoreError>;

    /// The record in its current version.
    fn record(&self, key: &RecordKey) -> Result<Option<Record>, StoreError>;

    /// All changes of the record, oldest first; none when there is no such record.
    fn history(&self, key: &RecordKey) -> Result<Vec<Change>, StoreError>;

    /// At most `limit` changes with `seq > since`, ascending.
    fn changes(&self, since: u64, limit: usize) -> Result<Vec<Change>, StoreError>;

    /// Every record changed since `at`, with the version that the register had then: `None` where
    /// it had none. Laid over the current records this is the register as known at that instant.
    ///
    /// The log's order counts, not the clock's: known is everything up to the last commit that is
    /// stamped `at` or earlier. Sorted by the seq of the first change after it.
    fn differing_since(
        &self,
        at: Timestamp,
    ) -> Result<Vec<(RecordKey, Option<Record>)>, StoreError>;

    /// Stores the batch, all or nothing. When it returns, the batch is on disk.
    ///
    /// Writes apply in their order; a key may stand in a batch twice. A write that says what the
    /// register says already makes no version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an expectation fails, [`StoreError::Busy`] when the writer's
    /// turn did not come within 30 s, [`StoreError::Unknown`] when the connection to the server
    /// was lost during the commit. In all cases but the last nothing was written.
    fn commit(&self, batch: Vec<Write>, by: &str, at: Timestamp) -> Result<Receipt, StoreError>;

    /// The register's head as soon as it is past `since`, or at the timeout. Commits of other
    /// processes and machines are seen within 250 ms.
    fn wait(&self, since: u64, timeout: Duration) -> Result<u64, StoreError>;

    /// All users, revoked ones too, sorted by name.
    fn users(&self) -> Result<Vec<User>, StoreError>;

    /// Adds a user who signs in with the token of this hash.
    ///
    /// # Errors
    /// [`StoreError::UserExists`], [`StoreError::TokenTaken`].
    fn add_user(
        &self,
        name: &str,
        role: Role,
        division: Option<CodePrefix>,
        token_hash: &TokenHash,
    ) -> Result<User, StoreError>;

    /// The user, not revoked, whose token has this hash.
    fn find_token(&self, token_hash: &TokenHash) -> Result<Option<User>, StoreError>;

    /// Shuts the user out; the name stays in the log and stays taken.
    ///
    /// # Errors
    /// [`StoreError::UserUnknown`].
    fn revoke(&self, name: &str) -> Result<(), StoreError>;

    /// Gives the user a new token in place of the old one. A revoked user gets none.
    ///
    /// # Errors
    /// [`StoreError::UserUnknown`], [`StoreError::UserRevoked`], [`StoreError::TokenTaken`].
    fn replace_token(&self, name: &str, token_hash: &TokenHash) -> Result<User, StoreError>;

    /// Lets a revoked user in again, with the role of before and a new token.
    ///
    /// # Errors
    /// [`StoreError::UserUnknown`], [`StoreError::UserActive`], [`StoreError::TokenTaken`].
    fn restore_user(&self, name: &str, token_hash: &TokenHash) -> Result<User, StoreError>;

    /// Reads everything and tells whether it is as it was written.
    fn verify(&self) -> Result<VerifyReport, StoreError>;

    /// Writes the whole register as of one instant to a new file, whichever the store; writers
    /// go on meanwhile. The file is a register of its own, and `restore` takes it into any store.
    ///
    /// # Errors
    /// [`StoreError::BackupExists`], [`StoreError::Backup`].
    fn backup(&self, path: &Path) -> Result<(), StoreError>;

    /// Takes a backup into this store, which must be empty; returns its head. The backup is
    /// verified before anything is written.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`], [`StoreError::Foreign`], [`StoreError::Corrupt`].
    fn restore(&self, path: &Path) -> Result<u64, StoreError>;

    /// The store's address for people, without password.
    fn place(&self) -> &str;
}
