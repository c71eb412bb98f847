//! What a record is in the words of OpenStreetMap, which Photon and Nominatim speak.

use zhifang_core::{Collection, DivisionLevel, Record};

/// The layer of Nominatim that a thing belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Theme {
    Address,
    Natural,
    Poi,
    Manmade,
}

impl Theme {
    /// By the word of Nominatim's `layer`; `None` for a layer that holds nothing here.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        match word {
            "address" => Some(Self::Address),
            "natural" => Some(Self::Natural),
            "poi" => Some(Self::Poi),
            "manmade" => Some(Self::Manmade),
            _ => None,
        }
    }
}

/// The tag, the layer and the rank of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// OpenStreetMap key and value, as Photon gives them.
    pub(super) tag: (&'static str, &'static str),
    /// Photon's layer, which is its `type`.
    pub(super) layer: &'static str,
    /// Nominatim's key of the name in an address, which is its `addresstype`.
    pub(super) address: &'static str,
    /// Nominatim's rank, from 4 (a country) to 30 (a building).
    pub(super) rank: u8,
    /// Nominatim's layer.
    pub(super) theme: Theme,
}

impl Kind {
    const fn new(
        tag: (&'static str, &'static str),
        layer: &'static str,
        address: &'static str,
        rank: u8,
        theme: Theme,
    ) -> Self {
        Self {
            tag,
            layer,
            address,
            rank,
            theme,
        }
    }

    /// The kind of a record: divisions by level, names by statutory category and generic term.
    pub(super) fn of(record: &Record) -> Self {
        match record.level() {
            Some(level) if record.collection == Collection::Divisions => Self::of_level(level),
            _ => Self::of_name(record),
        }
    }

    /// The kind of a level. The words are those of the levels one by one, so that a client can
    /// tell them apart: a county-level unit is a `county` whether it is called 市, 县 or 区.
    pub(super) const fn of_level(level: DivisionLevel) -> Self {
        let (value, layer, address, rank) = match level {
            DivisionLevel::Country => ("country", "country", "country", 4),
            DivisionLevel::Province => ("state", "state", "state", 8),
            DivisionLevel::Prefecture => ("city", "city", "city", 10),
            DivisionLevel::County => ("county", "county", "county", 12),
            DivisionLevel::Township => ("town", "district", "town", 18),
            DivisionLevel::Village => ("village", "locality", "village", 19),
        };
        Self::new(("place", value), layer, address, rank, Theme::Address)
    }

    fn of_name(record: &Record) -> Self {
        use Theme::{Address, Manmade, Natural, Poi};
        let generic = record.fields.text("generic").unwrap_or_default();
        let ends = |terms: &[&str]| {
            terms
                .iter()
                .any(|term| generic.ends_with(term) || record.name.ends_with(term))
        };
        let natural = |tag| Self::new(tag, "other", "natural", 22, Natural);
        match record.fields.number("category").unwrap_or_default() as u8 {
            1 if ends(&["河", "江", "溪", "水", "沟"]) => natural(("waterway", "river")),
            1 if ends(&["湖", "池", "潭", "泽"]) => natural(("natural", "water")),
            1 if ends(&["泉"]) => natural(("natural", "spring")),
            1 if ends(&["岛", "屿", "礁"]) => natural(("place", "island")),
            1 if ends(&["山", "岭", "峰", "岗", "顶"]) => natural(("natural", "peak")),
            1 => natural(("natural", "yes")),
            2 => Self::new(("place", "locality"), "locality", "locality", 20, Address),
            3 | 6 if ends(&["社区", "小区", "花园", "家园", "新村"]) => Self::new(
                ("place", "neighbourhood"),
                "locality",
                "neighbourhood",
                20,
                Address,
            ),
            3 => Self::new(("place", "hamlet"), "locality", "hamlet", 20, Address),
            4 => Self::new(("leisure", "park"), "other", "leisure", 30, Poi),
            5 => Self::new(("highway", "residential"), "street", "road", 26, Address),
            6 => Self::new(("building", "yes"), "house", "building", 30, Address),
            7 if ends(&["水库"]) => {
                Self::new(("natural", "water"), "other", "natural", 22, Natural)
            }
            7 if ends(&["桥"]) => {
                Self::new(("man_made", "bridge"), "other", "man_made", 30, Manmade)
            }
            7 if ends(&["站", "机场", "码头"]) => {
                Self::new(("public_transport", "station"), "other", "amenity", 30, Poi)
            }
            7 => Self::new(("man_made", "yes"), "other", "man_made", 30, Manmade),
            _ => Self::new(("place", "locality"), "other", "locality", 25, Poi),
        }
    }
}

/// The first-level subdivision of ISO 3166-2 by the province's number (GB/T 2260).
pub(super) const fn iso_3166_2(province: u64) -> Option<&'static str> {
    Some(match province {
        11 => "CN-BJ",
        12 => "CN-TJ",
        13 => "CN-HE",
        14 => "CN-SX",
        15 => "CN-NM",
        21 => "CN-LN",
        22 => "CN-JL",
        23 => "CN-HL",
        31 => "CN-SH",
        32 => "CN-JS",
        33 => "CN-ZJ",
        34 => "CN-AH",
        35 => "CN-FJ",
        36 => "CN-JX",
        37 => "CN-SD",
        41 => "CN-HA",
        42 => "CN-HB",
        43 => "CN-HN",
        44 => "CN-GD",
        45 => "CN-GX",
        46 => "CN-HI",
        50 => "CN-CQ",
        51 => "CN-SC",
        52 => "CN-GZ",
        53 => "CN-YN",
        54 => "CN-XZ",
        61 => "CN-SN",
        62 => "CN-GS",
        63 => "CN-QH",
        64 => "CN-NX",
        65 => "CN-XJ",
        71 => "CN-TW",
        81 => "CN-HK",
        82 => "CN-MO",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_bridge_is_no_mountain_and_a_county_is_a_county() {
        let county = Record::new(Collection::Divisions, "420682", "老河口市");
        assert_eq!(Kind::of(&county).layer, "county");
        let mut bridge = Record::new(Collection::Names, "n", "汉江大桥");
        bridge.fields.set("category", json!(7));
        assert_eq!(Kind::of(&bridge).tag, ("man_made", "bridge"));
        let mut river = Record::new(Collection::Names, "n", "汉江");
        river.fields.set("category", json!(1));
        assert_eq!(Kind::of(&river).tag, ("waterway", "river"));
    }
}
