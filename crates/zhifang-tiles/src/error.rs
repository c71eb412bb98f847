//! Why tiles cannot be named or written.

/// A tileset that does not exist, or an archive that could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A word that names no tileset.
    #[error("tileset `{text}`: wanted base, boundary or assistance")]
    UnknownTileset {
        /// The word as given.
        text: String,
    },
    /// Zooms that the tileset does not have.
    #[error("zooms {from}-{to}: wanted a range within 0-{max}")]
    ZoomRange {
        /// First zoom as given.
        from: u8,
        /// Last zoom as given.
        to: u8,
        /// Last zoom of the tileset.
        max: u8,
    },
    /// A layer that the tileset does not have.
    #[error("layer `{text}`: wanted one of {layers}")]
    UnknownLayer {
        /// The word as given.
        text: String,
        /// Those that it has.
        layers: String,
    },
    /// The archive could not be written.
    #[error("cannot write the archive")]
    Write(#[from] std::io::Error),
}
