//! What can go wrong in a store, and how to mend it.

use std::error::Error;
use std::path::PathBuf;

use zhifang_core::{Record, RecordKey};

use crate::register::Expect;

/// Cause of an error, as the driver told it.
pub(crate) type Cause = Box<dyn Error + Send + Sync>;

/// Faults of a store. Store addresses are printed without passwords.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The address names no store.
    #[error("store `{url}`: {reason}; wanted `sqlite:PATH` or `postgres://USER@HOST/DATABASE`")]
    Url {
        /// The address without password.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// This build has no PostgreSQL.
    #[error("store `{url}`: this program was built without `postgis`")]
    WithoutPostgis {
        /// The address without password.
        url: String,
    },
    /// The store cannot be opened or reached.
    #[error("store `{place}` cannot be opened")]
    Open {
        /// Which store.
        place: String,
        /// Why.
        source: Cause,
    },
    /// SQLite would lose data on a file system that several machines share.
    #[error("store `{path}` lies on a network file system (`{kind}`)")]
    NetworkFs {
        /// The database file.
        path: PathBuf,
        /// Type of the file system, as the kernel names it.
        kind: String,
    },
    /// The file or schema is something else.
    #[error("`{place}` is no register: {reason}")]
    Foreign {
        /// Which store or file.
        place: String,
        /// How it was told.
        reason: String,
    },
    /// A later program has written the store.
    #[error("store `{place}` has format {found}, this program reads up to {known}")]
    Newer {
        /// Which store or file.
        place: String,
        /// Format found.
        found: i64,
        /// Format known.
        known: i64,
    },
    /// PostGIS is neither there nor can be made.
    #[error("store `{place}`: the extension `postgis` is missing and cannot be created")]
    Extension {
        /// Which store.
        place: String,
        /// Why it cannot be created.
        source: Cause,
    },
    /// Another writer held the store for too long.
    #[error("store `{place}` is busy: another writer held it for {seconds} s")]
    Busy {
        /// Which store.
        place: String,
        /// How long was waited.
        seconds: u64,
    },
    /// No room on the disk; nothing was written.
    #[error("store `{place}`: the disk is full")]
    DiskFull {
        /// Which store.
        place: String,
    },
    /// The store may not be written.
    #[error("store `{place}` is read-only")]
    ReadOnly {
        /// Which store.
        place: String,
    },
    /// The record is not at the version that the edit was made on.
    #[error("record `{key}`: wanted {expected}, found {}", found_version(found.as_deref()))]
    Conflict {
        /// Which record.
        key: RecordKey,
        /// What the writer believed.
        expected: Expect,
        /// What the register has.
        found: Option<Box<Record>>,
    },
    /// The record cannot be stored as it is.
    #[error("record `{key}` cannot be stored: {reason}")]
    Unstorable {
        /// Which record.
        key: RecordKey,
        /// Why not.
        reason: String,
    },
    /// What is stored cannot be read.
    #[error("store `{place}` is damaged{}: {reason}", at_seq(*seq))]
    Corrupt {
        /// Which store or file.
        place: String,
        /// Entry of the change log, where known.
        seq: Option<u64>,
        /// What was found.
        reason: String,
    },
    /// A user of that name is there already.
    #[error("user `{name}` exists already")]
    UserExists {
        /// The name.
        name: String,
    },
    /// No user of that name.
    #[error("user `{name}` is unknown")]
    UserUnknown {
        /// The name.
        name: String,
    },
    /// The user was shut out: a new token would let them in again.
    #[error("user `{name}` is revoked and gets no token")]
    UserRevoked {
        /// The name.
        name: String,
    },
    /// The user is not shut out, so there is nothing to give back.
    #[error("user `{name}` is not revoked")]
    UserActive {
        /// The name.
        name: String,
    },
    /// The token is in use already.
    #[error("user `{name}`: the token belongs to another user")]
    TokenTaken {
        /// The name.
        name: String,
    },
    /// A backup is restored into an empty store only.
    #[error("store `{place}` is not empty: it has {head} changes")]
    NotEmpty {
        /// Which store.
        place: String,
        /// Its last change.
        head: u64,
    },
    /// A backup never overwrites a file.
    #[error("backup `{path}`: the file exists already")]
    BackupExists {
        /// The file.
        path: PathBuf,
    },
    /// The backup cannot be written.
    #[error("backup `{path}` cannot be written")]
    Backup {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Cause,
    },
    /// The connection broke while the commit was under way: it may have happened or not.
    #[error("store `{place}`: the connection was lost during the commit, whose outcome is unknown")]
    Unknown {
        /// Which store.
        place: String,
        /// How the connection was lost.
        source: Cause,
    },
    /// Anything else the database said.
    #[error("store `{place}`: cannot {doing}")]
    Database {
        /// Which store.
        place: String,
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        source: Cause,
    },
}

impl StoreError {
    /// How to mend it, for people, where that is known.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Url { .. } => Some("give --store or ZHIFANG_STORE an address of that form"),
            Self::WithoutPostgis { .. } => Some("rebuild with `--features postgis`"),
            Self::Open { .. } => {
                Some("see that the folder or server exists, is reachable, and may be written")
            }
            Self::NetworkFs { .. } => {
                Some("put the file on a local disk, or use a postgres:// store")
            }
            Self::Foreign { .. } => Some("name another file or database"),
            Self::Newer { .. } => Some("use the newer program"),
            Self::Extension { .. } => Some(
                "install PostGIS on the server and let an administrator run \
                 `CREATE EXTENSION postgis` in the database",
            ),
            Self::Busy { .. } => Some("try again when the import or other long write has ended"),
            Self::DiskFull { .. } => Some("free some space; nothing of this command was written"),
            Self::ReadOnly { .. } => Some("see to the owner and rights of the file and its folder"),
            Self::Conflict { .. } => Some("read the record again and repeat the edit on it"),
            Self::Corrupt { .. } => Some("run `zhifang verify`, and restore the last backup"),
            Self::NotEmpty { .. } => Some("restore into a store that does not exist yet"),
            Self::BackupExists { .. } => Some("name another file"),
            Self::Unknown { .. } => {
                Some("look whether the change is in the register before repeating it")
            }
            Self::UserExists { .. } => Some("give the user a new token, or choose another name"),
            Self::UserRevoked { .. } => Some("let the user in again with `user restore NAME`"),
            Self::UserActive { .. } => Some("give the user a new token with `user token NAME`"),
            _ => None,
        }
    }
}

fn found_version(found: Option<&Record>) -> String {
    found.map_or_else(
        || "no such record".to_owned(),
        |record| format!("version {}", record.version),
    )
}

fn at_seq(seq: Option<u64>) -> String {
    seq.map_or_else(String::new, |seq| format!(" at change {seq}"))
}
