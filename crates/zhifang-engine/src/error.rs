//! What can go wrong between a register and its world.

use std::path::PathBuf;

use zhifang_geocode::GeocodeError;
use zhifang_index::IndexError;
use zhifang_store::StoreError;

/// Faults of the engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The register cannot be read or written.
    #[error("the register cannot be used")]
    Register {
        /// What the store said.
        #[from]
        source: StoreError,
    },
    /// A snapshot file, or that of its names, cannot be written.
    #[error("snapshot `{path}` cannot be written")]
    SnapshotWrite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A snapshot file cannot be used; the register is read instead.
    #[error("snapshot `{path}` cannot be used")]
    SnapshotRead {
        /// The file.
        path: PathBuf,
        /// Why.
        source: IndexError,
    },
    /// A file of names cannot be used; the names are indexed anew.
    #[error("index of names `{path}` cannot be used")]
    NamesRead {
        /// The file.
        path: PathBuf,
        /// Why.
        source: GeocodeError,
    },
}
