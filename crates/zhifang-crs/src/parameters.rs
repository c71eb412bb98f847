//! The users' own parameters of the old datums.

use serde::{Deserialize, Serialize};
use zhifang_core::OldDatum;
use zhifang_datum::{FourParameters, SevenParameters};

/// A shift from an old datum to CGCS2000, as a surveying office gives it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LocalShift {
    /// Seven parameters in space (七参数).
    Seven(SevenParameters),
    /// Four parameters in the plane of the zone of the coordinates (四参数).
    Four(FourParameters),
}

/// Shifts by datum; those that are missing fall back to PROJ's metre-level guess.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalParameters {
    /// Xian 1980 → CGCS2000.
    #[serde(default)]
    pub xian80: Option<LocalShift>,
    /// Beijing 1954 → CGCS2000.
    #[serde(default)]
    pub beijing54: Option<LocalShift>,
}

impl LocalParameters {
    /// The shift for a datum, if the user gave one.
    pub fn shift(&self, datum: OldDatum) -> Option<LocalShift> {
        match datum {
            OldDatum::Xian80 => self.xian80,
            OldDatum::Beijing54 => self.beijing54,
        }
    }
}
