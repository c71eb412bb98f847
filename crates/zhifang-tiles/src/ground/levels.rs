//! Which unit covers a place at which level.

use rustc_hash::{FxHashMap, FxHashSet};
use zhifang_core::{Day, DivisionCode, DivisionLevel, Record};
use zhifang_index::View;
use zhifang_topology::Layers;

use super::DRAWN_LEVELS;

/// A unit's ancestors and itself, highest first, with their levels.
pub(super) type Chain = Vec<(DivisionCode, DivisionLevel)>;

/// Deepest hierarchy that is followed; a stored parent may point in a circle.
const MOST_STEPS: usize = 8;

pub(super) fn chain(view: View<'_>, record: &Record, day: Option<Day>) -> Chain {
    let mut chain = Chain::new();
    let mut next = record.division.map(|code| (code, Some(record)));
    while let Some((code, record)) = next
        && chain.len() < MOST_STEPS
        && chain.iter().all(|(known, _)| *known != code)
    {
        let level = record
            .and_then(Record::level)
            .unwrap_or_else(|| code.level());
        chain.push((code, level));
        let parent = record.map_or_else(|| code.parent(), Record::parent);
        next = parent.map(|code| (code, view.unit(code, day)));
    }
    chain.reverse();
    chain
}

/// Levels into which the ground of a unit is divided.
#[derive(Debug, Default)]
pub(super) struct Divided {
    below: FxHashMap<DivisionCode, FxHashSet<DivisionLevel>>,
}

impl Divided {
    pub(super) fn new(chains: &[Chain]) -> Self {
        let mut divided = Self::default();
        for chain in chains {
            for (at, (code, _)) in chain.iter().enumerate() {
                let below = chain[at + 1..].iter().map(|(_, level)| *level);
                divided.below.entry(*code).or_default().extend(below);
            }
        }
        divided
    }

    fn is_divided(&self, code: DivisionCode, own: DivisionLevel, at: DivisionLevel) -> bool {
        self.below
            .get(&code)
            .is_some_and(|levels| levels.iter().any(|&level| level > own && level <= at))
    }

    /// The unit of a chain that stands for it at a level: the one of that level; without one,
    /// the next higher unit where nothing divides it at that level, else the next lower one.
    pub(super) fn at(
        &self,
        chain: &[(DivisionCode, DivisionLevel)],
        level: DivisionLevel,
    ) -> Option<DivisionCode> {
        if let Some((code, _)) = chain.iter().find(|(_, own)| *own == level) {
            return Some(*code);
        }
        let above = chain.iter().rev().find(|(_, own)| *own < level);
        let below = chain.iter().find(|(_, own)| *own > level);
        match (above, below) {
            (Some((code, own)), Some((lower, _))) => Some(if self.is_divided(*code, *own, level) {
                *lower
            } else {
                *code
            }),
            (Some((code, _)), None) | (None, Some((code, _))) => Some(*code),
            (None, None) => None,
        }
    }
}

/// For each unit with a polygon the levels that it is drawn for, so that every level covers all
/// the ground that any polygon covers.
pub(super) fn drawn_layers(chains: &[Chain]) -> Vec<Layers> {
    let with_polygon: FxHashSet<DivisionCode> = chains
        .iter()
        .filter_map(|chain| chain.last())
        .map(|(code, _)| *code)
        .collect();
    let chains: Vec<Chain> = chains
        .iter()
        .map(|chain| {
            chain
                .iter()
                .copied()
                .filter(|(code, _)| with_polygon.contains(code))
                .collect()
        })
        .collect();
    let divided = Divided::new(&chains);
    chains
        .iter()
        .map(|chain| {
            let Some(&(code, own)) = chain.last() else {
                return Layers::default();
            };
            DRAWN_LEVELS
                .into_iter()
                .filter(|&level| {
                    divided.at(chain, level) == Some(code) && !divided.is_divided(code, own, level)
                })
                .map(DivisionLevel::rank)
                .collect()
        })
        .collect()
}

pub(super) fn words(layers: Layers) -> String {
    let words: Vec<&str> = layers
        .iter()
        .filter_map(DivisionLevel::from_rank)
        .map(DivisionLevel::as_str)
        .collect();
    words.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(codes: &[&str]) -> Chain {
        codes
            .iter()
            .map(|code| {
                let code: DivisionCode = code.parse().unwrap();
                (code, code.level())
            })
            .collect()
    }

    fn drawn(chains: &[Chain]) -> Vec<String> {
        drawn_layers(chains).into_iter().map(words).collect()
    }

    #[test]
    fn a_county_straight_under_a_province_stands_in_for_the_prefecture() {
        let chains = [
            chain(&["420000"]),
            chain(&["420000", "420600"]),
            chain(&["420000", "420600", "420682"]),
            chain(&["420000", "429004"]),
        ];
        assert_eq!(
            drawn(&chains),
            [
                "province",
                "prefecture",
                "county,township,village",
                "prefecture,county,township,village"
            ]
        );
    }

    #[test]
    fn a_municipality_stands_in_for_its_prefecture_and_its_districts_do_not() {
        let chains = [chain(&["110000"]), chain(&["110000", "110101"])];
        assert_eq!(
            drawn(&chains),
            ["province,prefecture", "county,township,village"]
        );
        let divided = Divided::new(&chains);
        assert_eq!(
            divided.at(&chains[1], DivisionLevel::Prefecture),
            Some("110000".parse().unwrap())
        );
    }

    #[test]
    fn a_prefecture_without_counties_covers_the_county_level_above_its_townships() {
        let chains = [
            chain(&["440000"]),
            chain(&["440000", "441900"]),
            chain(&["440000", "441900", "441900003"]),
        ];
        assert_eq!(
            drawn(&chains),
            ["province", "prefecture,county", "township,village"]
        );
    }

    #[test]
    fn counties_alone_are_drawn_at_every_level() {
        let chains = [
            chain(&["420000", "420600", "420682"]),
            chain(&["410000", "411300", "411381"]),
        ];
        assert_eq!(
            drawn(&chains)[0],
            "province,prefecture,county,township,village"
        );
        let divided = Divided::new(&chains);
        assert_ne!(
            divided.at(&chains[0], DivisionLevel::Province),
            divided.at(&chains[1], DivisionLevel::Province)
        );
    }
}
