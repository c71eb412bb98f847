//! One search in one base: units above first, then what lies below the best of them, then bare
//! names everywhere.

use rustc_hash::{FxHashMap, FxHashSet};
use zhifang_core::Collection;

use crate::align::{Aligned, Workspace, align, bits};
use crate::base::{
    Base, CONTEXT, COUNTY, OTHER, RETIRED, SUCCEEDED, Surface, TOWNSHIP, UnitId, VILLAGE,
};
use crate::candidate::SearchQuery;
use crate::edges::Edges;
use crate::entry::NameKind;
use crate::mask::Mask;
use crate::query::Query;
use crate::score;

/// Chains below which townships and villages are looked for.
const MOST_CHAINS: usize = 60;
/// With Latin letters so many more are followed to townships: initials fit many counties.
const MOST_CHAINS_LATIN: usize = 1_200;
/// A chain of Han characters that is worth less is chance.
const LEAST_CHAIN: f32 = 0.9;
/// Units looked at below chains, and alignments made, in one search: the bound of all work.
const MOST_SCANNED: u32 = 700_000;
const MOST_ALIGNED: u32 = 60_000;
/// A chain this much worse than the best is not followed.
const CHAIN_WINDOW: f32 = 2.2;
/// The same where characters anchor what letters leave open.
const MIXED_WINDOW: f32 = 1.3;
/// A bare name that explains so much is not looked for elsewhere.
const SURE_BARE: f32 = 3.5;
/// A unit and one above it that explain less may be chance.
const LEAST_PAIR: f32 = 2.3;
/// Three Han characters.
const SMALL_LEFTOVER: f32 = 0.1;
/// Ways kept of combining a unit with those above it.
const MOST_STATES: usize = 6;
/// An area of at most this many units is searched in full when `within` names it.
pub(crate) const SMALL_AREA: u32 = 60_000;
const NO_PART: u32 = u32::MAX;

/// An answer with what it rests on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scored {
    pub(crate) unit: UnitId,
    pub(crate) score: f32,
    pub(crate) prior: f32,
    pub(crate) leftover: f32,
    pub(crate) mask: Mask,
    /// Alignments: the unit's own first, then of units above it.
    pub(crate) parts: [u32; 6],
}

#[derive(Debug, Clone, Copy)]
struct State {
    mask: Mask,
    score: f32,
    parts: [u32; 6],
    count: usize,
}

pub(crate) struct Matcher<'a> {
    pub(crate) base: &'a Base,
    pub(crate) query: &'a Query,
    pub(crate) options: &'a SearchQuery,
    /// Whether half-typed names are completed.
    pub(crate) completes: bool,
    hidden: &'a FxHashSet<UnitId>,
    pub(crate) edges: Edges,
    /// By term: core characters that the query could stand for.
    met: Vec<u8>,
    pub(crate) arena: Vec<Aligned>,
    /// Alignments of a unit that may stand above another.
    found: FxHashMap<UnitId, Vec<u32>>,
    tried: FxHashSet<UnitId>,
    best: FxHashMap<UnitId, Scored>,
    workspace: Workspace,
    within: Option<std::ops::Range<UnitId>>,
    scanned: u32,
    aligned: u32,
}

impl<'a> Matcher<'a> {
    pub(crate) fn new(
        base: &'a Base,
        hidden: &'a FxHashSet<UnitId>,
        query: &'a Query,
        options: &'a SearchQuery,
        completes: bool,
    ) -> Self {
        let within = options.within.map(|prefix| {
            let digits = prefix.to_string();
            let number = digits.parse().unwrap_or(0);
            base.range_of_prefix(number, digits.len() as u32)
        });
        let edges = Edges::new(base, query);
        Self {
            base,
            query,
            options,
            completes,
            hidden,
            met: edges.count_met(base),
            edges,
            arena: Vec::new(),
            found: FxHashMap::default(),
            tried: FxHashSet::default(),
            best: FxHashMap::default(),
            workspace: Workspace::default(),
            within,
            scanned: 0,
            aligned: 0,
        }
    }

    /// All answers, in no order.
    pub(crate) fn run(mut self) -> (Vec<Scored>, Self) {
        self.match_upper();
        self.match_below();
        if self.wants_more() {
            self.match_towns();
            self.match_terms();
        }
        let found = std::mem::take(&mut self.best);
        (found.into_values().collect(), self)
    }

    /// Whether bare names are to be looked for everywhere: unless the best answer so far names a
    /// unit and one above it and leaves next to nothing.
    fn wants_more(&self) -> bool {
        let best = self
            .best
            .values()
            .max_by(|one, other| one.score.total_cmp(&other.score));
        best.is_none_or(|best| {
            let is_bare = best.parts.get(1) == Some(&NO_PART);
            let letters = self.query.latin.count() - self.query.latin.count_in(best.mask);
            if is_bare {
                return best.score < SURE_BARE || best.leftover > 0.0;
            }
            let own = best
                .parts
                .first()
                .and_then(|part| self.arena.get(*part as usize));
            let is_plain = own.is_some_and(|own| {
                own.edits == 0 && own.means & bits::HOMOPHONE == 0 && !own.is_street
            });
            // A slip is believed below a chain of two.
            let is_sure = is_plain || best.parts.get(2) != Some(&NO_PART);
            letters > 0 || best.leftover > SMALL_LEFTOVER || best.score < LEAST_PAIR || !is_sure
        })
    }

    /// Whether the best answer so far names units above it.
    fn has_chain(&self) -> bool {
        let best = self
            .best
            .values()
            .max_by(|one, other| one.score.total_cmp(&other.score));
        best.is_some_and(|best| best.parts.get(1) != Some(&NO_PART) && best.score >= LEAST_PAIR)
    }

    fn is_within(&self, unit: UnitId) -> bool {
        self.within
            .as_ref()
            .is_none_or(|range| range.contains(&unit))
    }

    fn has_small_area(&self) -> bool {
        self.within
            .as_ref()
            .is_some_and(|range| range.end - range.start <= SMALL_AREA)
    }

    /// Whether the unit may be an answer.
    fn is_answer(&self, unit: UnitId) -> bool {
        let Some(record) = self.base.unit(unit) else {
            return false;
        };
        if record.flags & CONTEXT != 0 || self.hidden.contains(&unit) || !self.is_within(unit) {
            return false;
        }
        if let Some(level) = self.options.level
            && self.base.level(unit) != Some(level)
        {
            return false;
        }
        if let Some(category) = self.options.category
            && self.category(unit) != Some(category)
        {
            return false;
        }
        match self.options.as_of {
            Some(day) if !self.base.validity(unit).contains(day) => return false,
            None if record.flags & SUCCEEDED != 0 && self.has_live_heir(unit) => return false,
            _ => {}
        }
        self.options.bbox.is_none_or(|bbox| {
            self.base
                .place(unit)
                .is_some_and(|place| bbox.contains(place))
        })
    }

    /// Whether a live unit answers for the ended one's name.
    fn has_live_heir(&self, unit: UnitId) -> bool {
        let Some(extra) = self.base.extra(unit) else {
            return false;
        };
        extra.replaced_by.iter().any(|code| {
            self.base.units_of_code(code.as_u64()).any(|heir| {
                heir != unit
                    && self
                        .base
                        .unit(heir)
                        .is_some_and(|heir| heir.flags & RETIRED == 0)
            })
        })
    }

    pub(crate) fn category(&self, unit: UnitId) -> Option<u8> {
        let level = self.base.unit(unit)?.level;
        if self.base.collection(unit) == Collection::Divisions {
            return Some(if level == VILLAGE { 3 } else { 2 });
        }
        self.base.extra(unit).and_then(|extra| extra.category)
    }

    /// Alignments of a surface that its level accepts, as positions in the arena.
    fn align(&mut self, number: u32, has_context: bool) -> std::ops::Range<u32> {
        let start = self.arena.len() as u32;
        let (Some(surface), true) = (self.base.surface(number), self.aligned < MOST_ALIGNED) else {
            return start..start;
        };
        self.aligned += 1;
        let core = self.base.terms.get(surface.term);
        let tails = self
            .base
            .tails
            .get(usize::from(surface.tails))
            .map_or(&[][..], Vec::as_slice);
        let level = self
            .base
            .unit(surface.unit)
            .map_or(OTHER, |unit| unit.level);
        let is_short = self.is_short(surface);
        let generic = self
            .base
            .generic
            .get(surface.term as usize)
            .copied()
            .unwrap_or(0);
        let ways = align(
            core,
            generic,
            tails,
            self.query,
            &self.edges,
            &mut self.workspace,
        );
        for way in ways {
            let is_fit = score::is_acceptable(way, core.len(), level, has_context, self.completes)
                && (!is_short || way.means == bits::EXACT);
            if is_fit && way.score > 0.0 {
                self.arena.push(Aligned {
                    surface: number,
                    ..*way
                });
            }
        }
        start..self.arena.len() as u32
    }

    fn is_short(&self, surface: Surface) -> bool {
        let alias = surface
            .alias
            .and_then(|at| self.base.aliases.get(at as usize));
        alias.is_some_and(|alias| alias.kind == NameKind::Short && alias.name.chars().count() == 1)
    }

    /// How many core characters of a term the query could stand for.
    fn characters_met(&self, term: u32) -> (usize, usize) {
        match self.met.get(term as usize) {
            Some(0) | None => (0, 1),
            Some(met) => (usize::from(*met), self.base.terms.get(term).len()),
        }
    }

    fn match_upper(&mut self) {
        let base = self.base;
        for number in &base.upper {
            let Some(surface) = base.surface(*number) else {
                continue;
            };
            let (met, length) = self.characters_met(surface.term);
            if met == 0 || !self.completes && met * 2 < length {
                continue;
            }
            let range = self.align(*number, false);
            self.tried.insert(surface.unit);
            if !range.is_empty() {
                self.found.entry(surface.unit).or_default().extend(range);
            }
        }
        let mut units: Vec<UnitId> = self.found.keys().copied().collect();
        units.sort_unstable();
        for unit in units {
            self.score(unit, true);
        }
    }

    /// Units of the best chains so far, best first, and how many of them are good enough to look
    /// for villages below them too.
    fn chains(&self) -> (Vec<UnitId>, usize) {
        // What letters a chain leaves is for the units below it to explain.
        let mut chains: Vec<(f32, UnitId)> = self
            .found
            .keys()
            .filter_map(|unit| {
                let chain = self.combine(*unit, true)?;
                Some((chain.score + chain.leftover, *unit))
            })
            .collect();
        chains.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let best = chains.first().map_or(0.0, |chain| chain.0);
        let is_latin = self.query.latin.count() > 0;
        let floor = match (is_latin, self.query.han.count() > 1) {
            (true, false) => best - CHAIN_WINDOW,
            (true, true) => best - MIXED_WINDOW,
            _ => (best - CHAIN_WINDOW).max(LEAST_CHAIN),
        };
        chains.retain(|chain| chain.0 > floor);
        chains.truncate(if is_latin {
            MOST_CHAINS_LATIN
        } else {
            MOST_CHAINS
        });
        (
            chains.into_iter().map(|chain| chain.1).collect(),
            MOST_CHAINS,
        )
    }

    fn match_below(&mut self) {
        if let Some(within) = self.within.clone().filter(|_| self.has_small_area()) {
            self.scan(within);
            return;
        }
        let (chains, deep) = self.chains();
        // A range may lie in another one, whichever chain is the better.
        let mut done: Vec<std::ops::Range<UnitId>> = Vec::new();
        for (rank, unit) in chains.into_iter().enumerate() {
            let Some(record) = self.base.unit(unit) else {
                continue;
            };
            let mut range = unit + 1..record.end;
            if let Some(within) = &self.within {
                range = range.start.max(within.start)..range.end.min(within.end);
            }
            let is_covered = |known: &std::ops::Range<UnitId>| {
                known.start <= range.start && range.end <= known.end
            };
            if range.is_empty() || done.iter().any(is_covered) {
                continue;
            }
            if rank >= deep {
                self.scan_towns(range);
            } else if self.scanned + (range.end - range.start) <= MOST_SCANNED {
                self.scan(range.clone());
                done.push(range);
            }
        }
    }

    /// Looks at the townships of a range only.
    fn scan_towns(&mut self, range: std::ops::Range<UnitId>) {
        let base = self.base;
        let first = base.towns.partition_point(|surface| *surface < range.start);
        for number in base
            .towns
            .iter()
            .skip(first)
            .take_while(|surface| **surface < range.end)
        {
            if let Some(surface) = base.surface(*number)
                && !self.found.contains_key(&surface.unit)
            {
                self.scan_surface(*number, surface.unit, TOWNSHIP, surface.term);
            }
        }
    }

    fn scan(&mut self, range: std::ops::Range<UnitId>) {
        let base = self.base;
        self.scanned += range.end - range.start;
        for id in range.clone() {
            let Some(packed) = base.scan.get(id as usize) else {
                continue;
            };
            let (term, level) = (packed >> 3, (packed & 7) as u8);
            if level > COUNTY && self.met.get(term as usize).is_some_and(|met| *met > 0) {
                self.scan_surface(id, id, level, term);
            }
        }
        let first = base
            .aliases
            .partition_point(|alias| alias.unit < range.start);
        for (at, alias) in base.aliases.iter().enumerate().skip(first) {
            if alias.unit >= range.end {
                break;
            }
            let Some(unit) = base.unit(alias.unit).filter(|unit| unit.level > COUNTY) else {
                continue;
            };
            self.scan_surface(
                (base.units.len() + at) as u32,
                alias.unit,
                unit.level,
                alias.term,
            );
        }
    }

    fn scan_surface(&mut self, number: u32, unit: UnitId, level: u8, term: u32) {
        let (met, length) = self.characters_met(term);
        let is_hopeless = if self.completes {
            met == 0
        } else if level >= VILLAGE {
            met * 5 < length * 3
        } else {
            met == 0 || met * 10 < length * 3
        };
        if is_hopeless {
            return;
        }
        let range = self.align(number, true);
        if range.is_empty() {
            return;
        }
        if level == TOWNSHIP {
            self.tried.insert(unit);
        }
        self.found.entry(unit).or_default().extend(range);
        self.score(unit, false);
    }

    /// Townships everywhere.
    fn match_towns(&mut self) {
        let base = self.base;
        let is_latin = self.query.han.count() == 0;
        for number in &base.towns {
            let Some(surface) = base.surface(*number) else {
                continue;
            };
            if !self.is_within(surface.unit) {
                continue;
            }
            let (met, length) = self.characters_met(surface.term);
            // Letters forgive less than characters: see `score::is_acceptable`.
            let is_hopeless = if self.completes {
                met == 0
            } else if is_latin {
                met < length.saturating_sub(usize::from(length > 2))
            } else {
                met * 5 < length * 3
            };
            if is_hopeless || surface.alias.is_none() && self.found.contains_key(&surface.unit) {
                continue;
            }
            let range = self.align(*number, false);
            if !range.is_empty() {
                self.found.entry(surface.unit).or_default().extend(range);
                self.score(surface.unit, true);
            }
        }
    }

    /// Villages and other records everywhere, through their terms.
    fn match_terms(&mut self) {
        let base = self.base;
        let mut left: u32 = 4_000;
        // Below a chain slips have been allowed for already.
        let guesses = !self.has_chain();
        for term in crate::terms::likely(base, self.query, &self.edges, self.completes, guesses) {
            let Some(first) = base.of_term.of(term).first() else {
                continue;
            };
            // All surfaces of a term lie alike along the query, tails apart.
            let _ = first;
            for number in base.of_term.of(term) {
                let Some(surface) = base.surface(*number) else {
                    continue;
                };
                let level = base.unit(surface.unit).map_or(OTHER, |unit| unit.level);
                if level <= TOWNSHIP
                    || !self.is_within(surface.unit)
                    || surface.alias.is_none() && self.found.contains_key(&surface.unit)
                {
                    continue;
                }
                if left == 0 {
                    return;
                }
                left -= 1;
                let range = self.align(*number, false);
                if range.is_empty() {
                    break;
                }
                self.found.entry(surface.unit).or_default().extend(range);
                self.score(surface.unit, true);
            }
        }
    }

    /// Makes sure that the township above a village has been tried.
    fn try_above(&mut self, unit: UnitId) {
        let base = self.base;
        for above in base.ancestors(unit) {
            let is_town = base.unit(above).is_some_and(|up| up.level == TOWNSHIP);
            if is_town && self.tried.insert(above) && !self.found.contains_key(&above) {
                let range = self.align(above, true);
                if !range.is_empty() {
                    self.found.entry(above).or_default().extend(range);
                }
            }
        }
    }

    /// Scores a unit and keeps it if it may be an answer. `is_strict`: its own alignments were
    /// judged without context.
    fn score(&mut self, unit: UnitId, is_strict: bool) {
        if !self.is_answer(unit) {
            return;
        }
        if self
            .base
            .unit(unit)
            .is_some_and(|record| record.level >= VILLAGE)
        {
            self.try_above(unit);
        }
        let Some(scored) = self.combine(unit, is_strict || self.has_small_area()) else {
            return;
        };
        let slot = self.best.entry(unit).or_insert(scored);
        if scored.score > slot.score {
            *slot = scored;
        }
    }

    /// The best way to lay the unit and those above it along the query without overlap.
    fn combine(&self, unit: UnitId, is_strict: bool) -> Option<Scored> {
        let record = self.base.unit(unit)?;
        let mut best: Option<Scored> = None;
        for part in self.found.get(&unit)? {
            let own = self.arena.get(*part as usize)?;
            let mut parts = [NO_PART; 6];
            parts[0] = *part;
            let mut states = vec![State {
                mask: own.mask,
                score: own.score,
                parts,
                count: 1,
            }];
            for above in self.base.ancestors(unit) {
                let Some(ways) = self.found.get(&above) else {
                    continue;
                };
                let known = states.len();
                for at in 0..known {
                    for way in ways {
                        let Some(aligned) = self.arena.get(*way as usize) else {
                            continue;
                        };
                        let state = states[at];
                        if state.mask.intersects(aligned.mask) || aligned.is_street {
                            continue;
                        }
                        let mut parts = state.parts;
                        if let Some(slot) = parts.get_mut(state.count) {
                            *slot = *way;
                        }
                        states.push(State {
                            mask: state.mask.union(aligned.mask),
                            score: state.score + aligned.score,
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
            for state in states {
                if state.count == 1 && !is_bare_fit {
                    continue;
                }
                let leftover = self.leftover(state.mask);
                let prior = self.prior(unit, record.level, own);
                let score = state.score - leftover + prior;
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
