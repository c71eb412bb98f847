//! Bare names: townships everywhere, and what lies below them through its terms.

use super::Matcher;
use crate::align::{Aligned, bits};
use crate::alphabet::CharId;
use crate::base::{COUNTY, Head, NO_CHARACTER, OTHER, Surface, TOWNSHIP, TermId, UnitId};

/// Units tried by their bare name; fewer while somebody types and wants the best ten only.
const MOST_BARE: u32 = 4_000;
const MOST_TYPED: u32 = 400;
/// Units tried of one name while somebody types, unless a place or an area ranks them.
const MOST_ALIKE: usize = 8;

impl Matcher<'_> {
    /// Townships everywhere.
    fn match_towns(&mut self) {
        let base = self.base;
        // Characters are rare enough to go by them.
        let characters: Vec<CharId> = if self.is_latin {
            self.edges.starting(self.query.runs).collect()
        } else {
            self.edges.characters().collect()
        };
        for character in characters.into_iter().chain([NO_CHARACTER]) {
            for at in base.towns_with.of(u32::from(character)) {
                let number = base.towns.get(*at as usize).copied();
                let head = base.town_heads.get(*at as usize).copied();
                if let (Some(number), Some(head)) = (number, head) {
                    self.match_town(number, head);
                }
            }
        }
    }

    fn match_town(&mut self, number: u32, head: Head) {
        let may_fit = if self.is_latin {
            let slips = !self.completes;
            self.edges.may_start(head, self.query.runs, slips)
        } else {
            self.edges.may_begin(head, false)
        };
        if !may_fit {
            return;
        }
        let Some(surface) = self.base.surface(number) else {
            return;
        };
        if self.is_within(surface.unit)
            && self.look(surface.term).is_town()
            && !self.is_found(surface)
        {
            self.take(number, surface.unit);
        }
    }

    /// Whether the unit's own name has been laid along the query before.
    pub(super) fn is_found(&self, surface: Surface) -> bool {
        surface.alias.is_none() && self.found.contains_key(&surface.unit)
    }

    /// Aligns and scores a surface without context; false if it does not fit.
    fn take(&mut self, number: u32, unit: UnitId) -> bool {
        let range = self.align(number, false);
        if range.is_empty() {
            return false;
        }
        self.found.entry(unit).or_default().extend(range);
        self.score(unit, true);
        true
    }

    /// Townships, villages and other records everywhere: names as they are given first, names
    /// with a slip only where those do not fit.
    pub(super) fn match_bare(&mut self) {
        let mut left = self.match_given();
        if self.completes || !self.is_plain() {
            self.match_towns();
        }
        // Below a chain slips have been allowed for already.
        if !self.has_chain() && !self.is_plain() {
            self.match_each(
                crate::terms::guessed(self.base, self.query, &self.edges),
                &mut left,
            );
        }
    }

    /// Names that stand in the query as they are; returns how many units are left to be tried.
    pub(super) fn match_given(&mut self) -> u32 {
        let mut left = if self.completes {
            MOST_TYPED
        } else {
            MOST_BARE
        };
        let runs = self.query.runs;
        let given = crate::terms::given(self.base, self.query, self.completes, runs);
        self.match_each(given, &mut left);
        left
    }

    /// Names below a chain that stand in the query as they are; letters from these positions on.
    pub(super) fn match_given_in(&mut self, range: &std::ops::Range<UnitId>, open: u64) {
        let base = self.base;
        let given = crate::terms::given(base, self.query, self.completes, open);
        let mut left = if self.completes {
            MOST_TYPED
        } else {
            MOST_BARE
        };
        for term in given {
            let surfaces = base.of_term.of(term);
            let first = surfaces.partition_point(|surface| *surface < range.start);
            let inside = surfaces.iter().skip(first);
            for number in inside.take_while(|surface| **surface < range.end) {
                let Some(unit) = base.unit(*number).filter(|unit| unit.level > TOWNSHIP) else {
                    continue;
                };
                if left == 0 {
                    return;
                }
                left -= 1;
                if !self.found.contains_key(number) {
                    self.scan_surface(*number, *number, unit.level, term);
                }
            }
        }
    }

    /// Whether the best answer so far takes up all characters without a slip.
    fn is_plain(&self) -> bool {
        self.top.is_some_and(|top| {
            let mut parts = top
                .parts
                .iter()
                .filter_map(|part| self.arena.get(*part as usize));
            let is_given = |part: &Aligned| {
                part.edits == 0 && part.means == bits::EXACT && (self.completes || !part.is_prefix)
            };
            top.leftover <= 0.0 && parts.all(is_given)
        })
    }

    fn match_each(&mut self, terms: Vec<TermId>, left: &mut u32) {
        let base = self.base;
        let is_ranked = self.options.near.is_some() || self.options.bbox.is_some();
        let most = if self.completes && !is_ranked && self.within.is_none() {
            MOST_ALIKE
        } else {
            usize::MAX
        };
        for term in terms {
            // All surfaces of a term lie alike along the query, generic parts apart.
            for number in base.of_term.of(term).iter().take(most) {
                let Some(surface) = base.surface(*number) else {
                    continue;
                };
                let level = base.unit(surface.unit).map_or(OTHER, |unit| unit.level);
                if level <= COUNTY || !self.is_within(surface.unit) || self.is_found(surface) {
                    continue;
                }
                if *left == 0 {
                    return;
                }
                *left -= 1;
                if !self.take(*number, surface.unit) {
                    break;
                }
            }
        }
    }
}
