//! A record as a place on the map: what Photon and Nominatim tell of it.

use sha2::{Digest, Sha256};
use zhifang_core::{Bbox, Collection, DivisionLevel, Lang, LonLat, Record};
use zhifang_index::View;
use zhifang_pinyin::{Spelling, spell, strip_tones};

use super::kind::{Kind, iso_3166_2};

/// A record with its kind, its place in the hierarchy and on the ground.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    pub(super) record: &'a Record,
    /// See [`place_id`].
    pub(super) id: u64,
    pub(super) kind: Kind,
    pub(super) name: String,
    /// The units above, highest first.
    pub(super) above: Vec<&'a Record>,
    /// Its seat, its point, the middle of its box, or the nearest such above it.
    pub(super) position: LonLat,
    /// The box of its own geometry.
    pub(super) bbox: Option<Bbox>,
    pub(super) lang: Lang,
}

impl<'a> Place<'a> {
    /// The record as a place; `None` where neither it nor a unit above it has a position.
    pub(super) fn new(view: View<'a>, record: &'a Record, lang: Lang) -> Option<Self> {
        let above = units_above(view, record);
        let bbox = record.bbox();
        let position = position_of(record, bbox).or_else(|| {
            above
                .iter()
                .rev()
                .find_map(|unit| position_of(unit, unit.bbox()))
        })?;
        Some(Self {
            record,
            id: place_id(record),
            kind: Kind::of(record),
            name: name_in(record, lang),
            above,
            position,
            bbox,
            lang,
        })
    }

    /// The level of a division.
    pub(super) fn level(&self) -> Option<DivisionLevel> {
        self.record.level()
    }

    /// The names of the units above, highest first.
    pub(super) fn units(&self) -> impl Iterator<Item = (DivisionLevel, String)> {
        let levelled = |unit: &&'a Record| Some((unit.level()?, name_in(unit, self.lang)));
        self.above.iter().filter_map(levelled)
    }

    /// The city where the chain has no prefecture: a municipality itself, or the county-level
    /// city directly under a province.
    pub(super) fn city_without_prefecture(&self) -> Option<String> {
        let chain = || self.above.iter().copied().chain([self.record]);
        if chain().any(|unit| unit.level() == Some(DivisionLevel::Prefecture)) {
            return None;
        }
        let is_city = |unit: &&Record| matches!(unit.kind(), Some("直辖市" | "县级市"));
        chain().find(is_city).map(|unit| name_in(unit, self.lang))
    }

    /// Name of the country.
    pub(super) fn country(&self) -> &'static str {
        self.lang.pick("中国", "China")
    }

    /// The first-level subdivision of ISO 3166-2.
    pub(super) fn iso_code(&self) -> Option<&'static str> {
        let province = self.record.division?.province();
        iso_3166_2(province.as_u64() / 10_000)
    }

    /// The name, then the units above from below, then the country: 老河口市, 襄阳市, 湖北省, 中国.
    pub(super) fn display_name(&self) -> String {
        let mut parts = vec![self.name.clone()];
        let mut above: Vec<String> = self.units().map(|(_, name)| name).collect();
        above.reverse();
        parts.extend(above);
        parts.push(self.country().to_owned());
        parts.dedup();
        parts.join(", ")
    }

    /// `relation` for what has an area, `way` for a line, `node` for a point or a bare position.
    pub(super) fn osm_type(&self) -> &'static str {
        use geo_types::Geometry::{Line, LineString, MultiLineString, MultiPolygon, Polygon};
        match self.record.geometry.as_deref() {
            Some(Polygon(_) | MultiPolygon(_)) => "relation",
            Some(Line(_) | LineString(_) | MultiLineString(_)) => "way",
            _ => "node",
        }
    }
}

/// The units above a record, highest first: of a division those above it, of a name the unit
/// that it lies in and those above that.
pub(super) fn units_above<'a>(view: View<'a>, record: &Record) -> Vec<&'a Record> {
    if record.collection == Collection::Divisions {
        return view.ancestors_of(record, None);
    }
    let Some(code) = record.division else {
        return Vec::new();
    };
    let mut units = view.ancestors(code);
    units.extend(view.unit(code, None));
    units
}

/// Where to show a record, as the index of names does: seat, point, or the middle of its box.
fn position_of(record: &Record, bbox: Option<Bbox>) -> Option<LonLat> {
    record.anchor().or_else(|| {
        let bbox = bbox?;
        // To the centimetre: more digits would only be noise of the division.
        let middle = |one: f64, other: f64| (f64::midpoint(one, other) * 1e7).round() / 1e7;
        Some(LonLat::new(
            middle(bbox.west, bbox.east),
            middle(bbox.south, bbox.north),
        ))
    })
}

/// The name in a language; in English its Roman spelling without tones.
pub(super) fn name_in(record: &Record, lang: Lang) -> String {
    if lang == Lang::Zh {
        return record.name.to_string();
    }
    if let Some(pinyin) = record.fields.text("pinyin") {
        return strip_tones(pinyin);
    }
    let spelling = match (record.collection, record.fields.number("category")) {
        (Collection::Divisions, _) | (_, Some(2.0)) => Spelling::division(),
        (_, Some(3.0 | 6.0)) => Spelling::settlement(),
        (_, Some(5.0)) => Spelling::road(),
        _ => Spelling::feature(),
    };
    spell(&record.name, spelling.toneless())
}

/// The number of a place: of a division its code, of a name the first 63 bits of the SHA-256 of
/// its id, which no code can equal in practice.
pub(super) fn place_id(record: &Record) -> u64 {
    match record.division {
        Some(code) if record.collection == Collection::Divisions => code.as_u64(),
        _ => hash_of_id(&record.id),
    }
}

/// 63 bits of the SHA-256 of an id.
pub(super) fn hash_of_id(id: &str) -> u64 {
    let digest = Sha256::digest(id.as_bytes());
    let bits = digest
        .iter()
        .take(8)
        .fold(0, |bits: u64, byte| bits << 8 | u64::from(*byte));
    bits >> 1
}

/// Whether two numbers of places are the same for a client that keeps numbers as 64-bit floats,
/// as JavaScript does: it gives back the digits of the nearest such number.
pub(super) fn is_same_id(one: u64, other: u64) -> bool {
    one as f64 == other as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_names_are_stable_and_survive_a_client_with_floats() {
        let id = hash_of_id("n-420682001001");
        // The first eight bytes of its SHA-256, shifted by one bit.
        assert_eq!(id, 0x67f7_1f0f_f959_db97);
        assert!(id < 1 << 63);
        let as_javascript_prints_it: u64 = format!("{}", id as f64).parse().unwrap();
        assert!(is_same_id(id, as_javascript_prints_it));
        assert!(!is_same_id(id, id + 4096));
    }
}
