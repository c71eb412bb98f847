//! Units with those above them: the best way to lay their names along the query together.

use crate::align::{Aligned, bits};
use crate::base::{RETIRED, UnitId, VILLAGE};
use crate::mask::Mask;
use crate::matcher::{Matcher, NO_PART, Scored};
use crate::query::Class;
use crate::score;

/// Statutory category of villages and other settlements.
const SETTLEMENT: u8 = 3;
/// Ways kept of combining a unit with those above it.
const MOST_STATES: usize = 6;

/// Some of a chain's names laid along the query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    mask: Mask,
    score: f32,
    parts: [u32; 6],
    count: usize,
}

impl Matcher<'_> {
    /// The best way to lay the unit and those above it along the query without overlap.
    pub(crate) fn combine(&mut self, unit: UnitId, is_strict: bool) -> Option<Scored> {
        let mut states = std::mem::take(&mut self.states);
        let best = self.combine_in(&mut states, unit, is_strict);
        self.states = states;
        best
    }

    fn combine_in(&self, states: &mut Vec<State>, unit: UnitId, is_strict: bool) -> Option<Scored> {
        let record = self.base.unit(unit)?;
        let mut best: Option<Scored> = None;
        for part in self.found.get(&unit)?.iter() {
            let own = self.arena.get(part as usize)?;
            let mut parts = [NO_PART; 6];
            parts[0] = part;
            states.clear();
            states.push(State {
                mask: own.mask,
                score: own.score,
                parts,
                count: 1,
            });
            for above in self.base.ancestors(unit) {
                let Some(ways) = self.found.get(&above) else {
                    continue;
                };
                let known = states.len();
                for at in 0..known {
                    for way in ways.iter() {
                        let (Some(aligned), Some(state)) =
                            (self.arena.get(way as usize), states.get(at).copied())
                        else {
                            continue;
                        };
                        if state.mask.intersects(aligned.mask) || aligned.is_street {
                            continue;
                        }
                        let Some(price) = self.order_price(state.mask, aligned.mask) else {
                            continue;
                        };
                        let mut parts = state.parts;
                        if let Some(slot) = parts.get_mut(state.count) {
                            *slot = way;
                        }
                        states.push(State {
                            mask: state.mask.union(aligned.mask),
                            score: state.score + aligned.score - price,
                            parts,
                            count: state.count + 1,
                        });
                    }
                }
                if states.len() > MOST_STATES {
                    states.sort_by(|one, other| other.score.total_cmp(&one.score));
                    states.truncate(MOST_STATES);
                }
            }
            let length = self
                .base
                .terms
                .get(self.base.surface(own.surface)?.term)
                .len();
            let is_bare_fit =
                is_strict || score::is_acceptable(own, length, record.level, false, self.completes);
            for state in states.iter().copied() {
                if state.count == 1 && !is_bare_fit {
                    continue;
                }
                let leftover = self.leftover(state.mask);
                let prior = self.prior(unit, record.level, own);
                // 人民政府 goes on with 老河口市; that a street elsewhere begins so tells nothing.
                let is_stray = own.is_prefix && !self.completes && state.mask.start() > 0;
                let stray = if is_stray { score::STRAY } else { 0.0 };
                let score = state.score - leftover - stray + prior;
                if best.is_none_or(|known| score > known.score) {
                    let State { mask, parts, .. } = state;
                    best = Some(Scored {
                        unit,
                        score,
                        prior,
                        leftover,
                        mask,
                        parts,
                    });
                }
            }
        }
        best
    }

    /// What it costs that the names of units stand in this order, the lower ones' first; `None` if
    /// they are mixed.
    fn order_price(&self, lower: Mask, upper: Mask) -> Option<f32> {
        if upper.end() <= lower.start() {
            return Some(0.0);
        }
        let is_between = upper.start() > lower.start() && upper.end() < lower.end();
        if lower.end() > upper.start() {
            // 湖北 李楼 襄阳: a third unit's name may stand between.
            return is_between.then_some(score::REVERSED);
        }
        let is_parted = (lower.end()..=upper.start()).any(|at| {
            let position = self.query.positions.get(at);
            position.is_some_and(|one| one.after_break || one.class == Class::Digit)
        });
        Some(if is_parted { 0.0 } else { score::REVERSED })
    }

    fn leftover(&self, mask: Mask) -> f32 {
        let letters = self.query.latin.count() - self.query.latin.count_in(mask);
        let asked = self.query.han.count() - self.query.han.count_in(self.query.beside.union(mask));
        score::LETTER_LEFT * letters as f32 + score::HAN_LEFT * asked as f32
    }

    fn prior(&self, unit: UnitId, level: u8, own: &Aligned) -> f32 {
        let says_village = own.tail > 0.2
            || level == VILLAGE && self.ends_in_village(own.surface) && own.share > 0.9;
        let mut prior = score::level_prior(level, says_village);
        if own.is_prefix && !self.completes {
            prior -= if level >= VILLAGE {
                score::UNFINISHED
            } else {
                score::UNFINISHED_UNIT
            };
        }
        if own.tail > 0.2 && own.edits == 0 {
            prior += score::WHOLE;
            // The words are this name and nothing else: its generic part counts in full, so that
            // 大安镇 is before 大安镇镇.
            let length = self.query.len();
            if own.means == bits::EXACT && own.mask.count() as usize == length {
                prior += length as f32 - f32::from(own.matched) - own.tail;
            }
        }
        // The words are a place name and nothing else, which is before a township that is called by
        // it (汉江, and 汉江街道), but not before a city (襄阳); a hamlet is not before its township.
        let category = self.base.extra(unit).and_then(|extra| extra.category);
        let is_place_name =
            level > VILLAGE && category != Some(SETTLEMENT) && !own.is_prefix && own.edits == 0;
        if is_place_name
            && own.tail <= 0.2
            && own.means == bits::EXACT
            && own.mask.count() as usize == self.query.len()
        {
            prior += score::NAMED_WHOLE;
        }
        let record = self.base.unit(unit);
        if record.is_some_and(|record| record.flags & RETIRED != 0) && self.options.as_of.is_none()
        {
            prior -= score::ENDED;
        }
        if own.surface as usize >= self.base.units.len() {
            prior -= score::OTHER_NAME;
        }
        if let Some(population) = self.base.extra(unit).and_then(|extra| extra.population) {
            prior += score::population_bonus(population);
        }
        if let (Some(near), Some(place)) = (self.options.near, self.base.place(unit)) {
            prior += score::near_bonus(near, place);
        }
        prior
    }

    /// Whether the name is one like 王村, whose core says village by itself.
    fn ends_in_village(&self, surface: u32) -> bool {
        let core = self
            .base
            .surface(surface)
            .map(|found| self.base.terms.get(found.term));
        core.and_then(<[u16]>::last)
            .is_some_and(|last| matches!(self.base.alphabet.character(*last), '村' | '屯' | '庄'))
    }
}
