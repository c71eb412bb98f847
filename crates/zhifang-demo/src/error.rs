//! What can go wrong when the demonstration is made.

/// Why the demonstration could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A compressed source did not unpack.
    #[error("cannot unpack `{name}`")]
    Unpack {
        /// The source's name.
        name: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// A source is not GeoJSON.
    #[error("`{name}` is not GeoJSON")]
    GeoJson {
        /// The source's name.
        name: &'static str,
        /// Why.
        source: Box<geojson::Error>,
    },
    /// A source is not the table that was expected.
    #[error("`{name}` is not the table that was expected")]
    Table {
        /// The source's name.
        name: &'static str,
        /// Why.
        source: csv::Error,
    },
    /// A value that the program needs is not in its source.
    #[error("{what} `{key}` is not in the sources")]
    Missing {
        /// What was looked for.
        what: &'static str,
        /// Which one.
        key: String,
    },
    /// What was made breaks a promise of the demonstration.
    #[error("{what}: wanted {wanted}, found {found}")]
    Broken {
        /// The promise.
        what: &'static str,
        /// What it asks.
        wanted: String,
        /// What came out.
        found: String,
    },
}
