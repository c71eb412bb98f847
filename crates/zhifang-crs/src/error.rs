/// Why a position cannot be brought from one system to another.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system needs PROJ, which this program was built without.
    #[error(
        "coordinate system `{system}`: built without `proj`; rebuild with `--features proj`, or \
         give coordinates in EPSG:4490, 4326, 3857, 4491-4554, gcj02 or bd09"
    )]
    NeedsProj {
        /// Name of the system.
        system: String,
    },
    /// PROJ does not know the system, or has no way from it to CGCS2000.
    #[error("coordinate system `{system}`: {reason}")]
    Unknown {
        /// Name of the system.
        system: String,
        /// What PROJ says.
        reason: String,
    },
    /// A position that the system cannot hold.
    #[error("position `{x} {y}` does not exist in `{system}`: {reason}")]
    Position {
        /// First number: longitude or easting.
        x: f64,
        /// Second number: latitude or northing.
        y: f64,
        /// Name of the system.
        system: String,
        /// Why not.
        reason: String,
    },
}
