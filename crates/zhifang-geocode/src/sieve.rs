//! Which names are worth laying along the query: one look at each core, remembered.

use crate::align::most_edits;
use crate::base::{Base, TermId};
use crate::edges::Edges;

/// What a look at a core said, as bits: where an alignment of it could be accepted. They allow
/// more than [`crate::score::is_acceptable`] does, never less.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look(u8);

impl Look {
    /// Of nothing.
    pub(crate) const NOTHING: Self = Self(0);
    const UPPER: u8 = 2;
    const TOWN: u8 = 4;
    const TOWN_BELOW: u8 = 8;
    const VILLAGE_BELOW: u8 = 16;

    /// Of a province, prefecture or county.
    pub(crate) const fn is_upper(self) -> bool {
        self.0 & Self::UPPER != 0
    }

    /// Of a township anywhere.
    pub(crate) const fn is_town(self) -> bool {
        self.0 & Self::TOWN != 0
    }

    /// Of a township below a unit that is named too.
    pub(crate) const fn is_town_below(self) -> bool {
        self.0 & Self::TOWN_BELOW != 0
    }

    /// Of anything lower below a unit that is named too.
    pub(crate) const fn is_village_below(self) -> bool {
        self.0 & Self::VILLAGE_BELOW != 0
    }
}

/// All positions, as bits.
const EVERYWHERE: u64 = u64::MAX;

/// Looks remembered; where two terms fall on one place the later one is looked at again.
const REMEMBERED: usize = 1 << 15;
/// Bits of a look beside its term.
const LOOK_BITS: u32 = 5;
const NO_LOOK: u32 = u32::MAX;

/// The looks of one search.
#[derive(Debug)]
pub(crate) struct Sieve {
    known: Vec<u32>,
    completes: bool,
    /// Whether letters are all that there is: they forgive less.
    is_latin: bool,
}

impl Sieve {
    pub(crate) fn new(completes: bool, is_latin: bool) -> Self {
        Self {
            known: vec![NO_LOOK; REMEMBERED],
            completes,
            is_latin,
        }
    }

    /// What a look at the term says; one that is not remembered adds to the work done.
    pub(crate) fn look(
        &mut self,
        base: &Base,
        edges: &Edges,
        term: TermId,
        work: &mut u32,
    ) -> Look {
        let Some(slot) = self.known.get_mut(term as usize % REMEMBERED) else {
            return Look(0);
        };
        if *slot == NO_LOOK || *slot >> LOOK_BITS != term {
            *work += 1;
            let look = judge(base, edges, term, self.completes, self.is_latin);
            *slot = term << LOOK_BITS | u32::from(look);
        }
        Look(*slot as u8 & ((1 << LOOK_BITS) - 1))
    }
}

fn judge(base: &Base, edges: &Edges, term: TermId, completes: bool, is_latin: bool) -> u8 {
    let core = base.terms.get(term);
    let length = core.len();
    // Characters met at all, met by more than an initial, and not met.
    let (mut met, mut strong, mut unmet) = (0, 0, 0);
    let mut reached = EVERYWHERE;
    let mut is_begun = false;
    for character in core {
        let Some(mark) = edges.mark(*character) else {
            unmet += 1;
            reached = 0;
            continue;
        };
        met += 1;
        strong += usize::from(mark.is_strong);
        reached = edges.step(mark, reached);
        is_begun |= edges.has_ended(reached)
            || mark.ends_query && mark.is_strong && unmet <= usize::from(most_edits(length));
    }
    if met == 0 {
        return 0;
    }
    // Without a slip; initials allow none.
    let is_chain = reached != 0;
    let is_begun = is_begun && (completes || strong > 0 && met > 1);
    let is_fit = is_chain || is_begun;
    let town = if is_latin {
        strong >= length.saturating_sub(usize::from(length > 2))
    } else {
        strong * 5 >= length * 3
    };
    let mut look = 0;
    for (is_set, bit) in [
        (is_fit || strong * 2 >= length, Look::UPPER),
        (is_fit || town, Look::TOWN),
        (is_fit || strong * 10 >= length * 3, Look::TOWN_BELOW),
        (is_fit || strong * 5 >= length * 3, Look::VILLAGE_BELOW),
    ] {
        look |= if is_set { bit } else { 0 };
    }
    look
}
