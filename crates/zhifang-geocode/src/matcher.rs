//! One search in one base: units above first, then what lies below the best of them, then bare
//! names everywhere.

mod bare;

use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};
use zhifang_core::Collection;

use crate::align::{Aligned, Workspace, align, bits};
use crate::base::{
    Base, CONTEXT, COUNTY, OTHER, RETIRED, SUCCEEDED, Surface, TOWNSHIP, UnitId, VILLAGE,
};
use crate::candidate::SearchQuery;
use crate::combine::State;
use crate::edges::Edges;
use crate::entry::NameKind;
use crate::mask::Mask;
use crate::query::Query;
use crate::score;
use crate::sieve::{Look, Sieve};

/// Chains below which townships and villages are looked for.
const MOST_CHAINS: usize = 60;
/// With Latin letters so many more are followed to townships: initials fit many counties.
const MOST_CHAINS_LATIN: usize = 1_200;
/// The same while somebody types, and how many of them are followed to villages when there are
/// few letters yet: the next one comes soon.
const MOST_CHAINS_LATIN_TYPED: usize = 400;
const MOST_CHAINS_BEGUN: usize = 12;
const FEW_LETTERS: u32 = 6;
/// Letters that a beginning needs before it is followed to townships everywhere.
const LEAST_LETTERS: u32 = 3;
/// A chain of Han characters that is worth less is chance.
const LEAST_CHAIN: f32 = 0.9;
/// Units looked at below chains, and the work of cores looked at and laid along the query, in
/// places where their characters may stand: the bounds of one search.
const MOST_SCANNED: u32 = 700_000;
const MOST_WORK: u32 = 150_000;
/// Of the latter, what the upper levels may take.
const MOST_UPPER_WORK: u32 = 60_000;
/// Longer queries have a part of both: all the more places in them fit by chance.
const LONG_QUERY: usize = 63;
const LONG_PART: u32 = 4;
/// Below a unit of more units than these, villages are found by their names as given only.
const MOST_IN_FULL: u32 = 12_000;
/// A chain this much worse than the best is not followed.
const CHAIN_WINDOW: f32 = 2.2;
/// The same where characters anchor what letters leave open.
const MIXED_WINDOW: f32 = 1.3;
/// A bare name that explains so much is not looked for elsewhere.
const SURE_BARE: f32 = 3.5;
/// A unit and one above it that explain less may be chance.
const LEAST_PAIR: f32 = 2.3;
/// Words of so few characters may be one name even where they read as a chain: 上海庙镇.
const SHORT_QUERY: usize = 6;
/// Three Han characters.
const SMALL_LEFTOVER: f32 = 0.1;
/// An area of at most this many units is searched in full when `within` names it.
pub(crate) const SMALL_AREA: u32 = 60_000;
/// No part, in [`Scored::parts`].
pub(crate) const NO_PART: u32 = u32::MAX;
/// So many answers are compared whatever the limit.
const LEAST_LEADING: usize = 10;
/// Most that a unit can bring beside the characters of its core: generic part, level, nearness.
const MOST_BESIDE: f32 = 0.9;
/// Most that one letter can bring.
const MOST_A_LETTER: f32 = 0.5;
/// An answer worth so much less than the best is none: nothing shows the difference.
pub(crate) const ANSWER_WINDOW: f32 = 2.5;

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

/// Alignments of one unit: those of its first surface that fits, and of others.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    first: std::ops::Range<u32>,
    more: Vec<u32>,
}

impl Ways {
    fn extend(&mut self, range: std::ops::Range<u32>) {
        if self.first.is_empty() {
            self.first = range;
        } else {
            self.more.extend(range);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.first.clone().chain(self.more.iter().copied())
    }
}

pub(crate) struct Matcher<'a> {
    pub(crate) base: &'a Base,
    pub(crate) query: &'a Query,
    pub(crate) options: &'a SearchQuery,
    /// Whether half-typed names are completed.
    pub(crate) completes: bool,
    hidden: &'a FxHashSet<UnitId>,
    pub(crate) edges: Edges,
    /// Whether the query is letters only.
    is_latin: bool,
    sieve: Sieve,
    pub(crate) arena: Vec<Aligned>,
    /// Alignments of cores with their generic parts, made once, by both their numbers.
    ways: Vec<Aligned>,
    ways_of: FxHashMap<u64, std::ops::Range<u32>>,
    /// Alignments of a unit, which may also stand above another.
    pub(crate) found: FxHashMap<UnitId, Ways>,
    tried: FxHashSet<UnitId>,
    best: FxHashMap<UnitId, Scored>,
    top: Option<Scored>,
    /// Scores of the best few answers, best first.
    leading: Vec<f32>,
    pub(crate) states: Vec<State>,
    workspace: Workspace,
    within: Option<std::ops::Range<UnitId>>,
    scanned: u32,
    work: u32,
    most_work: u32,
    /// What the bounds are divided by.
    part: u32,
}

/// Where the names of units above end, while units are gone through in the order of their codes.
#[derive(Debug, Default)]
struct Above(Vec<(UnitId, u64)>);

impl Above {
    /// Positions behind the names of what lies above the unit, as bits.
    fn open(&mut self, unit: UnitId) -> u64 {
        while self.0.last().is_some_and(|(end, _)| *end <= unit) {
            self.0.pop();
        }
        self.0.last().map_or(0, |(_, open)| *open)
    }

    fn push(&mut self, end: UnitId, open: u64) {
        let above = self.0.last().map_or(0, |(_, open)| *open);
        self.0.push((end, open | above));
    }
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
        let edges = Edges::new(base, query, completes);
        let is_latin = query.han.count() == 0;
        let part = if query.len() > LONG_QUERY {
            LONG_PART
        } else {
            1
        };
        Self {
            base,
            query,
            options,
            completes,
            hidden,
            is_latin,
            sieve: Sieve::new(completes, is_latin),
            edges,
            arena: Vec::new(),
            ways: Vec::new(),
            ways_of: FxHashMap::default(),
            found: FxHashMap::default(),
            tried: FxHashSet::default(),
            best: FxHashMap::default(),
            top: None,
            leading: Vec::new(),
            states: Vec::new(),
            workspace: Workspace::default(),
            within,
            scanned: 0,
            work: 0,
            most_work: MOST_UPPER_WORK / part,
            part,
        }
    }

    /// All answers, in no order.
    pub(crate) fn run(mut self) -> (Vec<Scored>, Self) {
        self.match_upper();
        self.most_work = MOST_WORK / self.part;
        self.match_below();
        if self.wants_more() && !self.is_hint() {
            self.match_bare();
        } else if !self.is_latin && self.query.len() <= SHORT_QUERY {
            self.match_given();
        }
        let floor = self.floor();
        let found = std::mem::take(&mut self.best).into_values();
        let found = found.filter(|scored| scored.score > floor).collect();
        (found, self)
    }

    /// Whether bare names are to be looked for everywhere: unless the best answer so far names a
    /// unit and one above it and leaves next to nothing.
    fn wants_more(&self) -> bool {
        self.top.is_none_or(|best| {
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

    /// Whether the query is a letter or two, for which enough units of the upper levels stand.
    fn is_hint(&self) -> bool {
        self.completes
            && self.is_latin
            && self.query.latin.count() < LEAST_LETTERS
            && self.leading.len() == self.options.limit.max(LEAST_LEADING)
    }

    /// Whether the best answer so far names units above it.
    fn has_chain(&self) -> bool {
        self.top
            .is_some_and(|best| best.parts.get(1) != Some(&NO_PART) && best.score >= LEAST_PAIR)
    }

    fn is_within(&self, unit: UnitId) -> bool {
        self.within
            .as_ref()
            .is_none_or(|range| range.contains(&unit))
    }

    /// How many units are searched.
    pub(crate) fn area(&self) -> usize {
        let within = self.within.as_ref();
        within.map_or(self.base.units.len(), |range| {
            (range.end - range.start) as usize
        })
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
        let Some(surface) = self.base.surface(number) else {
            return start..start;
        };
        let length = self.base.terms.get(surface.term).len();
        let level = self
            .base
            .unit(surface.unit)
            .map_or(OTHER, |unit| unit.level);
        let is_short = self.is_short(surface);
        for at in self.ways(surface) {
            let Some(way) = self.ways.get(at as usize) else {
                continue;
            };
            let is_fit = score::is_acceptable(way, length, level, has_context, self.completes)
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

    /// All alignments of a surface's core and generic parts, made at the first asking.
    fn ways(&mut self, surface: Surface) -> std::ops::Range<u32> {
        let key = u64::from(surface.term) << 16 | u64::from(surface.tails);
        if let Some(range) = self.ways_of.get(&key) {
            return range.clone();
        }
        let start = self.ways.len() as u32;
        if self.work >= self.most_work {
            return start..start;
        }
        let core = self.base.terms.get(surface.term);
        let places = core.iter().map(|one| self.edges.of(*one).len() as u32);
        self.work += places.sum::<u32>();
        let tails = self.base.tails.get(usize::from(surface.tails));
        let found = align(
            core,
            self.base.generic(surface.term),
            tails.map_or(&[][..], Vec::as_slice),
            self.query,
            &self.edges,
            &mut self.workspace,
        );
        self.ways.extend_from_slice(found);
        let range = start..self.ways.len() as u32;
        self.ways_of.insert(key, range.clone());
        range
    }

    fn is_short(&self, surface: Surface) -> bool {
        let alias = surface
            .alias
            .and_then(|at| self.base.aliases.get(at as usize));
        alias.is_some_and(|alias| alias.kind == NameKind::Short && alias.name.chars().count() == 1)
    }

    fn look(&mut self, term: u32) -> Look {
        if self.work >= self.most_work {
            return Look::NOTHING;
        }
        self.sieve
            .look(self.base, &self.edges, term, &mut self.work)
    }

    fn match_upper(&mut self) {
        let base = self.base;
        // Who types letters goes from above downwards.
        let is_ordered = self.is_latin && self.completes;
        let mut above = Above::default();
        for (number, head) in base.upper.iter().zip(&base.upper_heads) {
            let may_fit = if is_ordered {
                let is_own = (*number as usize) < base.units.len();
                let open = if is_own {
                    above.open(*number)
                } else {
                    u64::MAX
                };
                self.edges.may_start(*head, self.query.runs | open, false)
            } else {
                self.edges.may_begin(*head, self.is_latin)
            };
            if !may_fit {
                continue;
            }
            let Some(surface) = base.surface(*number) else {
                continue;
            };
            if !self.look(surface.term).is_upper() {
                continue;
            }
            let range = self.align(*number, false);
            self.tried.insert(surface.unit);
            if !range.is_empty() {
                if is_ordered && surface.alias.is_none() {
                    above.push(base.end(surface.unit), self.ends_of(range.clone()));
                }
                self.found.entry(surface.unit).or_default().extend(range);
            }
        }
        let mut units: Vec<UnitId> = self.found.keys().copied().collect();
        units.sort_unstable();
        for unit in units {
            self.score(unit, true);
        }
    }

    /// Positions behind these alignments, as bits.
    fn ends_of(&self, range: impl Iterator<Item = u32>) -> u64 {
        let ways = range.filter_map(|way| self.arena.get(way as usize));
        ways.fold(0, |all, way| {
            all | 1_u64.checked_shl(way.mask.end() as u32).unwrap_or(0)
        })
    }

    /// Positions at which what lies below a chain may start, as bits, if the query is letters:
    /// where a run of them begins, and behind the names of the chain.
    fn open_behind(&self, unit: UnitId) -> u64 {
        let chain = std::iter::once(unit).chain(self.base.ancestors(unit));
        let ways = chain.filter_map(|unit| self.found.get(&unit));
        ways.fold(self.query.runs, |all, ways| all | self.ends_of(ways.iter()))
    }

    /// The same behind all units found so far.
    fn open_behind_all(&self) -> u64 {
        let ways = self.found.values();
        ways.fold(self.query.runs, |all, ways| all | self.ends_of(ways.iter()))
    }

    /// Units of the best chains so far, best first, and how many of them are good enough to look
    /// for villages below them too.
    fn chains(&mut self) -> (Vec<(f32, UnitId)>, usize) {
        // What letters a chain leaves is for the units below it to explain.
        let units = self.found.keys().copied();
        let units: Vec<UnitId> = units.filter(|unit| self.is_finished(*unit)).collect();
        let mut chains: Vec<(f32, UnitId)> = units
            .into_iter()
            .filter_map(|unit| {
                let chain = self.combine(unit, true)?;
                Some((chain.score + chain.leftover, unit))
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
        let (most, deep) = match (is_latin, self.completes) {
            (true, true) if self.query.latin.count() < FEW_LETTERS => {
                (MOST_CHAINS_LATIN_TYPED, MOST_CHAINS_BEGUN)
            }
            (true, true) => (MOST_CHAINS_LATIN_TYPED, MOST_CHAINS),
            (true, false) => (MOST_CHAINS_LATIN, MOST_CHAINS),
            _ => (MOST_CHAINS, MOST_CHAINS),
        };
        chains.truncate(most);
        for (most, unit) in &mut chains {
            *most += self.open_below(*unit);
        }
        (chains, deep)
    }

    /// Whether the unit's name stands in the query to its end: with what is only begun at the end
    /// of the query, nothing below it is named.
    fn is_finished(&self, unit: UnitId) -> bool {
        let ways = self.found.get(&unit).into_iter().flat_map(Ways::iter);
        let mut ways = ways.filter_map(|way| self.arena.get(way as usize));
        ways.any(|way| !way.is_prefix)
    }

    /// Most that a unit below this one could add to its chain.
    fn open_below(&self, unit: UnitId) -> f32 {
        let ways = self.found.get(&unit).into_iter().flat_map(Ways::iter);
        let taken = ways.filter_map(|way| self.arena.get(way as usize));
        let least = taken.map(|way| way.mask.count()).min().unwrap_or(0);
        let open = (self.query.len() as u32).saturating_sub(least);
        if open == 0 {
            return f32::NEG_INFINITY;
        }
        let han = self.query.han.count().min(open);
        let letters = self.query.latin.count().min(open - han);
        // Digits stand for characters too.
        let others = open - han - letters;
        (han + others) as f32 + letters as f32 * MOST_A_LETTER + MOST_BESIDE
    }

    fn match_below(&mut self) {
        if let Some(within) = self.within.clone().filter(|_| self.has_small_area()) {
            let open = self.open_behind_all();
            self.scan(within, open);
            return;
        }
        let (chains, deep) = self.chains();
        // A range may lie in another one, whichever chain is the better.
        let mut done: Vec<std::ops::Range<UnitId>> = Vec::new();
        for (rank, (most, unit)) in chains.into_iter().enumerate() {
            let mut range = unit + 1..self.base.end(unit);
            if let Some(within) = &self.within {
                range = range.start.max(within.start)..range.end.min(within.end);
            }
            let is_covered = |known: &std::ops::Range<UnitId>| {
                known.start <= range.start && range.end <= known.end
            };
            if range.is_empty() || done.iter().any(is_covered) || most < self.floor() {
                continue;
            }
            let open = self.open_behind(unit);
            if rank >= deep {
                self.scan_towns(range, open);
            } else if range.end - range.start > MOST_IN_FULL {
                self.scan_towns(range.clone(), open);
                self.match_given_in(&range, open);
            } else if self.scanned + (range.end - range.start) <= MOST_SCANNED / self.part {
                self.scan(range.clone(), open);
                // With letters it matters behind which unit a name starts.
                if !self.is_latin {
                    done.push(range);
                }
            }
        }
    }

    /// Looks at the townships of a range only.
    fn scan_towns(&mut self, range: std::ops::Range<UnitId>, open: u64) {
        let base = self.base;
        let first = base.towns.partition_point(|surface| *surface < range.start);
        let towns = base.towns.iter().zip(&base.town_heads).skip(first);
        for (number, head) in towns.take_while(|(surface, _)| **surface < range.end) {
            let may_fit = if self.is_latin {
                self.edges.may_start(*head, open, !self.completes)
            } else {
                self.edges.may_begin_below(*head, false)
            };
            if !may_fit {
                continue;
            }
            if let Some(surface) = base.surface(*number)
                && !self.found.contains_key(&surface.unit)
            {
                self.scan_surface(*number, surface.unit, TOWNSHIP, surface.term);
            }
        }
    }

    fn scan(&mut self, range: std::ops::Range<UnitId>, open: u64) {
        let base = self.base;
        self.scanned += range.end - range.start;
        self.scan_towns(range.clone(), open);
        let heads = base.heads.get(range.start as usize..range.end as usize);
        for (id, head) in (range.start..).zip(heads.unwrap_or(&[])) {
            let may_fit = if self.is_latin {
                self.edges.may_start(*head, open, !self.completes)
            } else {
                self.edges.may_begin(*head, false)
            };
            if may_fit
                && !self.found.contains_key(&id)
                && let Some(unit) = base.unit(id).filter(|unit| unit.level > TOWNSHIP)
            {
                self.scan_surface(id, id, unit.level, unit.term);
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
        let look = self.look(term);
        let is_hopeful = if level >= VILLAGE {
            look.is_village_below()
        } else {
            look.is_town_below()
        };
        if !is_hopeful {
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

    /// Makes sure that the township above a village has been tried.
    fn try_above(&mut self, unit: UnitId) {
        let base = self.base;
        for above in base.ancestors(unit) {
            let is_town = base.unit(above).is_some_and(|up| up.level == TOWNSHIP);
            if is_town
                && self.tried.insert(above)
                && !self.found.contains_key(&above)
                && base
                    .unit(above)
                    .is_some_and(|up| self.look(up.term).is_town_below())
            {
                let range = self.align(above, true);
                if !range.is_empty() {
                    self.found.entry(above).or_default().extend(range);
                    self.score(above, false);
                }
            }
        }
    }

    /// What is worth less is no answer: too far from the best, or behind as many as are wanted.
    fn floor(&self) -> f32 {
        let wanted = self.options.limit.max(LEAST_LEADING);
        let last = self.leading.last().filter(|_| self.leading.len() == wanted);
        let by_count = last.map_or(f32::NEG_INFINITY, |last| last - score::EQUAL);
        let by_best = self
            .leading
            .first()
            .map_or(f32::NEG_INFINITY, |best| best - ANSWER_WINDOW);
        by_count.max(by_best)
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
        if scored.score < self.floor() {
            return;
        }
        if self.top.is_none_or(|top| scored.score > top.score) {
            self.top = Some(scored);
        }
        let slot = match self.best.entry(unit) {
            Entry::Occupied(slot) => slot.into_mut(),
            Entry::Vacant(slot) => {
                let at = self.leading.partition_point(|known| *known >= scored.score);
                self.leading.insert(at, scored.score);
                self.leading.truncate(self.options.limit.max(LEAST_LEADING));
                slot.insert(scored)
            }
        };
        if scored.score > slot.score {
            *slot = scored;
        }
    }
}
