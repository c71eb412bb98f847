//! The quick way for words that spell a unit's whole path: names one behind the other, from above
//! downwards, each with its generic part.

use rustc_hash::FxHashSet;

use crate::alphabet::CharId;
use crate::base::{
    Base, CONTEXT, COUNTY, Head, LONG, PREFECTURE, RETIRED, Surface, TOWNSHIP, UnitId, VILLAGE,
};
use crate::candidate::SearchQuery;
use crate::generic::CARELESS_WORTH;
use crate::mask::Mask;
use crate::published::BEHIND_CORE;
use crate::query::Query;
use crate::score;
use crate::units::Unit;

/// A unit whose path the words spell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Walk {
    pub(crate) unit: UnitId,
    /// What the path takes up of the query.
    pub(crate) mask: Mask,
    pub(crate) score: f32,
}

/// Whether a query asks for nothing but what the words mean today.
pub(crate) fn is_plain(options: &SearchQuery) -> bool {
    !options.explain
        && options.within.is_none()
        && options.category.is_none()
        && options.level.is_none()
        && options.near.is_none()
        && options.bbox.is_none()
        && options.as_of.is_none()
}

/// The unit whose path the words spell, if no other one can be meant.
pub(crate) fn walk(base: &Base, hidden: &FxHashSet<UnitId>, query: &Query) -> Option<Walk> {
    if query.latin.count() > 0 {
        return None;
    }
    let characters: Vec<Option<CharId>> = query
        .positions
        .iter()
        .map(|position| base.alphabet.id(position.character))
        .collect();
    let walker = Walker {
        base,
        hidden,
        characters,
    };
    let (mut unit, mut at, mut score) = (None, 0, 0.0);
    let mut given: Vec<std::ops::Range<usize>> = Vec::new();
    while at < query.len() {
        match walker.next(unit, at) {
            Next::One(step) => {
                given.push(at..step.end);
                (unit, at) = (Some(step.unit), step.end);
                score += step.score;
            }
            // 濮阳县 濮阳县徐镇镇: published names repeat those above them.
            Next::None => match walker.repeated(&given, at) {
                Some(end) => at = end,
                // 上海市 before 路 is a street.
                None if query.street_at.contains(at) => return None,
                None => break,
            },
            Next::Several => return None,
        }
    }
    let unit = unit?;
    let record = base.unit(unit)?;
    if record.flags & CONTEXT != 0 || !walker.may_end(unit, record.level, at) {
        return None;
    }
    let mut mask = Mask::default();
    mask.set_range(0..at);
    let asked = query.han.count() - query.han.count_in(query.beside.union(mask));
    let prior = score::level_prior(record.level, true) + score::WHOLE;
    Some(Walk {
        unit,
        mask,
        score: score + prior - score::HAN_LEFT * asked as f32,
    })
}

struct Walker<'a> {
    base: &'a Base,
    hidden: &'a FxHashSet<UnitId>,
    characters: Vec<Option<CharId>>,
}

#[derive(Debug, Clone, Copy)]
struct Step {
    unit: UnitId,
    end: usize,
    score: f32,
}

enum Next {
    None,
    One(Step),
    Several,
}

impl Next {
    /// The longer of two names; of two alike none.
    fn offer(&mut self, step: Step) {
        match self {
            Self::One(known) if known.end > step.end => {}
            Self::One(known) if known.end == step.end => *self = Self::Several,
            _ => *self = Self::One(step),
        }
    }
}

fn begins(head: Head, wanted: CharId) -> bool {
    let [first, ..] = head;
    first & !LONG == wanted
}

impl Walker<'_> {
    /// The unit below this one whose name stands at this position.
    fn next(&self, above: Option<UnitId>, at: usize) -> Next {
        let base = self.base;
        let mut next = Next::None;
        let level = above
            .and_then(|unit| base.unit(unit))
            .map_or(0, |unit| unit.level);
        let range = above.map_or(0..base.units.len() as UnitId, |unit| {
            unit + 1..base.end(unit)
        });
        let Some(wanted) = self.character(at) else {
            return next;
        };
        if level < COUNTY {
            for place in base.upper_with.of(u32::from(wanted)) {
                let unit = base.upper.get(*place as usize).copied();
                // Aliases, behind all units, are not whole paths.
                if let Some(unit) = unit.filter(|unit| range.contains(unit)) {
                    self.try_unit(unit, at, &mut next);
                }
            }
        }
        if (PREFECTURE..=COUNTY).contains(&level) {
            let first = base.towns.partition_point(|town| *town < range.start);
            let towns = base.towns.iter().zip(&base.town_heads).skip(first);
            for (unit, head) in towns.take_while(|(town, _)| **town < range.end) {
                if begins(*head, wanted) {
                    self.try_unit(*unit, at, &mut next);
                }
            }
        }
        if level == TOWNSHIP {
            let heads = base.heads.get(range.start as usize..range.end as usize);
            for (unit, head) in range.zip(heads.unwrap_or(&[])) {
                if begins(*head, wanted) {
                    self.try_unit(unit, at, &mut next);
                }
            }
        }
        next
    }

    fn character(&self, at: usize) -> Option<CharId> {
        self.characters.get(at).copied().flatten()
    }

    fn stands(&self, text: &[CharId], at: usize) -> bool {
        text.iter()
            .zip(at..)
            .all(|(one, at)| self.character(at) == Some(*one))
    }

    fn try_unit(&self, unit: UnitId, at: usize, next: &mut Next) {
        let Some(Surface { term, tails, .. }) = self.base.surface(unit) else {
            return;
        };
        let is_live = self
            .base
            .unit(unit)
            .is_some_and(|record| record.flags & RETIRED == 0);
        let core = self.base.terms.get(term);
        if !is_live || self.hidden.contains(&unit) || !self.stands(core, at) {
            return;
        }
        let behind = at + core.len();
        let tails = self.base.tails.get(usize::from(tails));
        let own = tails.into_iter().flatten();
        let mut own = own.filter(|tail| tail.worth > CARELESS_WORTH).peekable();
        let has_own = own.peek().is_some();
        // Longer ones come first.
        let tail = own.find(|tail| self.stands(&tail.text, behind));
        // 三分场生活区 has no other name than its core.
        let is_whole =
            |unit: Unit| unit.name & BEHIND_CORE != 0 && self.base.names.text(unit.name).is_empty();
        if has_own && tail.is_none() && !self.base.unit(unit).is_some_and(is_whole) {
            return;
        }
        let length = tail.map_or(0, |tail| tail.text.len());
        let worth = tail.map_or(0.0, |tail| f32::from(tail.worth) / 100.0);
        let generic = self.base.generic(term).count_ones() as f32;
        next.offer(Step {
            unit,
            end: behind + length,
            score: core.len() as f32 - 0.65 * generic + worth,
        });
    }

    /// Where a name that was given before ends if it stands here once more.
    fn repeated(&self, given: &[std::ops::Range<usize>], at: usize) -> Option<usize> {
        let names = given
            .iter()
            .filter_map(|range| self.characters.get(range.clone()));
        let here = self.characters.get(at..)?;
        let again = names.rev().find(|name| here.starts_with(name))?;
        Some(at + again.len())
    }

    /// Whether what is left behind this position can be no part of the register: nothing, what
    /// stands behind a village, or behind a township what none of its villages is like.
    fn may_end(&self, unit: UnitId, level: u8, at: usize) -> bool {
        let rest = self.characters.get(at..).unwrap_or(&[]);
        if rest.is_empty() || level == VILLAGE {
            return true;
        }
        if level != TOWNSHIP {
            return false;
        }
        let below = unit + 1..self.base.end(unit);
        below.into_iter().all(|village| {
            let Some(record) = self.base.unit(village) else {
                return true;
            };
            let core = self.base.terms.get(record.term);
            let is_met = |one: &&CharId| rest.contains(&Some(**one));
            let met = core.iter().filter(is_met).count();
            met * 10 <= core.len() * 3 && !self.has_alias(village)
        })
    }

    fn has_alias(&self, unit: UnitId) -> bool {
        let aliases = &self.base.aliases;
        aliases
            .binary_search_by_key(&unit, |alias| alias.unit)
            .is_ok()
    }
}
