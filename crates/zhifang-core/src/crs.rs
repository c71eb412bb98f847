//! Names of coordinate reference systems at the edges of the house (坐标系).
//!
//! Inside everything is CGCS2000 geographic (EPSG:4490). Where a web standard says WGS 84 the
//! two are taken as equal: they differ by less than a decimetre.

use std::fmt;
use std::str::FromStr;

/// A text that names no coordinate reference system known here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "coordinate system `{text}`: wanted EPSG:n, CRS84, gcj02, bd09, xian80:ZONE or beijing54:ZONE (3-degree zone 25-45, or 6/13 to 6/23)"
)]
pub struct CrsError {
    /// The text as given.
    pub text: String,
}

/// The two older national datums (参心坐标系).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OldDatum {
    /// 1980 西安坐标系.
    Xian80,
    /// 1954 北京坐标系.
    Beijing54,
}

/// Zone of a Gauss-Krüger projection (高斯-克吕格投影分带).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone {
    /// 3 or 6 degrees wide.
    pub width_deg: u8,
    /// Number: 25-45 for 3-degree zones, 13-23 for 6-degree zones.
    pub number: u8,
}

impl Zone {
    /// Central meridian, degrees east: 3 n, or 6 n - 3.
    pub fn central_meridian(self) -> f64 {
        let number = f64::from(self.number);
        if self.width_deg == 3 {
            3.0 * number
        } else {
            6.0 * number - 3.0
        }
    }
}

/// A coordinate reference system at the edge of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Crs {
    /// By EPSG number; 4490 and 4326 pass unchanged.
    Epsg(u32),
    /// GCJ-02 (火星坐标), the offset of Amap and Tencent maps.
    Gcj02,
    /// BD-09, the offset of Baidu maps.
    Bd09,
    /// Xian 1980 or Beijing 1954, Gauss-Krüger; coordinates with or without the zone prefix.
    Old {
        /// Which datum.
        datum: OldDatum,
        /// Which zone.
        zone: Zone,
    },
}

impl Crs {
    /// What is stored: CGCS2000 geographic.
    pub const STORED: Self = Self::Epsg(4490);

    /// Whether coordinates pass unchanged: CGCS2000, WGS 84 or CRS84 in degrees.
    pub fn is_stored(self) -> bool {
        matches!(self, Self::Epsg(4490 | 4326))
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Epsg(number) => write!(f, "EPSG:{number}"),
            Self::Gcj02 => f.write_str("gcj02"),
            Self::Bd09 => f.write_str("bd09"),
            Self::Old { datum, zone } => {
                f.write_str(match datum {
                    OldDatum::Xian80 => "xian80:",
                    OldDatum::Beijing54 => "beijing54:",
                })?;
                if zone.width_deg == 6 {
                    f.write_str("6/")?;
                }
                write!(f, "{}", zone.number)
            }
        }
    }
}

impl FromStr for Crs {
    type Err = CrsError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || CrsError {
            text: text.to_owned(),
        };
        let lower = text.trim().to_ascii_lowercase();
        match lower.as_str() {
            "gcj02" | "gcj-02" => return Ok(Self::Gcj02),
            "bd09" | "bd-09" => return Ok(Self::Bd09),
            "crs84"
            | "ogc:crs84"
            | "urn:ogc:def:crs:ogc:1.3:crs84"
            | "urn:ogc:def:crs:ogc::crs84"
            | "http://www.opengis.net/def/crs/ogc/1.3/crs84"
            | "https://www.opengis.net/def/crs/ogc/1.3/crs84" => return Ok(Self::Epsg(4326)),
            _ => {}
        }
        for (name, datum) in [
            ("xian80:", OldDatum::Xian80),
            ("beijing54:", OldDatum::Beijing54),
        ] {
            if let Some(zone) = lower.strip_prefix(name) {
                let zone = match zone.strip_prefix("6/") {
                    Some(number) => Zone {
                        width_deg: 6,
                        number: number.parse().map_err(|_| fault())?,
                    },
                    None => Zone {
                        width_deg: 3,
                        number: zone.parse().map_err(|_| fault())?,
                    },
                };
                let range = if zone.width_deg == 3 {
                    25..=45
                } else {
                    13..=23
                };
                return range
                    .contains(&zone.number)
                    .then_some(Self::Old { datum, zone })
                    .ok_or_else(fault);
            }
        }
        let number = ["epsg:", "urn:ogc:def:crs:epsg:"]
            .iter()
            .find_map(|prefix| lower.strip_prefix(prefix))
            .or_else(|| lower.split_once("/def/crs/epsg/").map(|(_, rest)| rest))
            .and_then(|rest| rest.rsplit([':', '/']).next())
            .and_then(|digits| digits.parse().ok());
        number.map(Self::Epsg).ok_or_else(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("EPSG:4490", Crs::Epsg(4490))]
    #[case("urn:ogc:def:crs:EPSG::4547", Crs::Epsg(4547))]
    #[case("http://www.opengis.net/def/crs/EPSG/0/4490", Crs::Epsg(4490))]
    #[case("http://www.opengis.net/def/crs/OGC/1.3/CRS84", Crs::Epsg(4326))]
    #[case("gcj02", Crs::Gcj02)]
    #[case("xian80:38", Crs::Old { datum: OldDatum::Xian80, zone: Zone { width_deg: 3, number: 38 } })]
    #[case("beijing54:6/19", Crs::Old { datum: OldDatum::Beijing54, zone: Zone { width_deg: 6, number: 19 } })]
    fn names_of_systems_parse(#[case] text: &str, #[case] wanted: Crs) {
        assert_eq!(text.parse::<Crs>().unwrap(), wanted);
    }

    #[test]
    fn unknown_systems_are_errors_that_name_them() {
        assert!(
            "EPSG:abc"
                .parse::<Crs>()
                .unwrap_err()
                .to_string()
                .contains("EPSG:abc")
        );
        assert!("xian80:99".parse::<Crs>().is_err());
    }
}
