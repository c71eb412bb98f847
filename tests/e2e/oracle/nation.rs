//! The nation's counties as shipped, and chance that is the same in every run.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read as _};

use flate2::read::GzDecoder;
use geo_types::{Coord, Geometry, MultiPolygon};
use serde_json::Value;
use zhifang_core::DivisionCode;
use zhifang_tests::data;

/// A county.
pub(super) struct County {
    pub(super) code: String,
    pub(super) polygon: MultiPolygon<f64>,
    /// The geometry as the file has it.
    pub(super) json: String,
}

/// The counties with a code, each once.
pub(super) fn counties() -> Vec<County> {
    let file = File::open(data("nation/china_counties.geojson.gz")).expect("the shipped counties");
    let mut text = String::new();
    GzDecoder::new(BufReader::new(file))
        .read_to_string(&mut text)
        .expect("a whole file");
    let document: Value = serde_json::from_str(&text).expect("GeoJSON");
    let mut seen = BTreeSet::new();
    let features = document["features"].as_array().into_iter().flatten();
    features
        .filter_map(|feature| {
            let code = &feature["properties"]["code"];
            let code = code
                .as_str()
                .map_or_else(|| code.to_string(), str::to_owned);
            let code: DivisionCode = code.parse().ok()?;
            let json = feature["geometry"].to_string();
            let geometry: geojson::Geometry = json.parse().ok()?;
            let polygon = match Geometry::<f64>::try_from(geometry).ok()? {
                Geometry::Polygon(polygon) => MultiPolygon(vec![polygon]),
                Geometry::MultiPolygon(many) => many,
                _ => return None,
            };
            let code = code.to_string();
            seen.insert(code.clone()).then_some(County {
                code,
                polygon,
                json,
            })
        })
        .collect()
}

/// Every vertex of every outer ring.
pub(super) fn vertices(counties: &[County]) -> Vec<Coord<f64>> {
    let parts = counties.iter().flat_map(|county| &county.polygon.0);
    parts
        .flat_map(|part| part.exterior().0.iter().copied())
        .collect()
}

/// Marsaglia's xorshift: the same numbers in every run.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number from 0 up to 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are a double's")]
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).expect("a count");
        usize::try_from(self.next() % count).expect("less than the count")
    }

    pub(super) fn one_of(&mut self, all: &[Coord<f64>]) -> Coord<f64> {
        all[self.below(all.len())]
    }

    pub(super) fn in_the_nation(&mut self) -> Coord<f64> {
        Coord {
            x: 73.0 + 62.0 * self.share(),
            y: 18.0 + 36.0 * self.share(),
        }
    }

    /// A place within so many degrees.
    pub(super) fn near(&mut self, at: Coord<f64>, degrees: f64) -> Coord<f64> {
        Coord {
            x: at.x + degrees * (2.0 * self.share() - 1.0),
            y: at.y + degrees * (2.0 * self.share() - 1.0),
        }
    }
}
