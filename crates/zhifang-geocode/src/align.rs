//! Laying a name's characters along the query, in order, with at most a slip or two.

use crate::alphabet::CharId;
use crate::base::TailIds;
use crate::edges::{Edge, Edges, Means};
use crate::generic::CARELESS_WORTH;
use crate::mask::Mask;
use crate::query::{Class, Query};

/// Prices in characters.
const MISSING: f32 = 0.45;
const WRONG: f32 = 0.5;
const SURPLUS: f32 = 0.5;
const DOUBLED: f32 = 0.2;
const SWAPPED: f32 = 0.4;
const BROKEN: f32 = 0.05;
/// A character that is not yet typed.
const UNTYPED: f32 = 0.12;
/// What ends where a street's generic part begins is the street's name, not a unit.
const STREET: f32 = 1.3;
/// The same where a house number follows.
const NUMBERED_STREET: f32 = 3.0;
/// Of the worth of a generic part when given by its initials only.
const INITIAL_TAIL: f32 = 0.4;
/// Of the weight of a core character for a generic part that the core ends in: 县 of 浚县.
const GENERIC: f32 = 0.35;
/// Alignments kept of one name.
const MOST_KEPT: usize = 4;

/// Kinds of edges used, as bits.
pub(crate) mod bits {
    pub(crate) const EXACT: u8 = 1;
    pub(crate) const VARIANT: u8 = 2;
    pub(crate) const SYLLABLE: u8 = 4;
    pub(crate) const HOMOPHONE: u8 = 8;
    pub(crate) const HALF: u8 = 16;
    pub(crate) const INITIAL: u8 = 32;
    pub(crate) const FUZZY: u8 = 64;
}

fn bit(means: Means) -> u8 {
    match means {
        Means::Exact => bits::EXACT,
        Means::Variant => bits::VARIANT,
        Means::Syllable => bits::SYLLABLE,
        Means::Homophone => bits::HOMOPHONE,
        Means::Half => bits::HALF,
        Means::Initial => bits::INITIAL,
        Means::Fuzzy => bits::FUZZY,
    }
}

/// One way in which a name lies along the query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aligned {
    /// Surface of the base, set by the caller.
    pub(crate) surface: u32,
    pub(crate) mask: Mask,
    /// Score in characters: core less prices, plus the generic part.
    pub(crate) score: f32,
    /// Matched part of the core, 0 to 1.
    pub(crate) share: f32,
    /// Worth of the generic part found behind the core, in characters.
    pub(crate) tail: f32,
    /// Core characters matched.
    pub(crate) matched: u8,
    /// Those of them that are not generic.
    pub(crate) telling: u8,
    pub(crate) edits: u8,
    /// Kinds of edges: [`bits`].
    pub(crate) means: u8,
    /// The query ended within the core.
    pub(crate) is_prefix: bool,
    /// The name is taken to be a street's.
    pub(crate) is_street: bool,
}

#[derive(Debug, Clone, Copy)]
struct State {
    mask: Mask,
    end: u8,
    score: f32,
    weight: f32,
    matched: u8,
    telling: u8,
    edits: u8,
    means: u8,
}

impl State {
    fn extended(self, edge: Edge, is_generic: bool, price: f32, edits: u8) -> Self {
        let mut mask = self.mask;
        mask.set_range(usize::from(edge.start)..usize::from(edge.end));
        let weight = f32::from(edge.weight) / 100.0;
        Self {
            mask,
            end: edge.end,
            score: self.score + f32::from(edge.worth) / 100.0 - price,
            weight: self.weight + weight,
            matched: self.matched + 1,
            telling: self.telling + u8::from(!is_generic),
            edits: self.edits + edits,
            means: self.means | bit(edge.means),
        }
    }

    fn fresh(start: u8) -> Self {
        Self {
            mask: Mask::default(),
            end: start,
            score: 0.0,
            weight: 0.0,
            matched: 0,
            telling: 0,
            edits: 0,
            means: 0,
        }
    }
}

/// Reusable memory for [`align`].
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    columns: Vec<Vec<State>>,
    found: Vec<Aligned>,
}

/// Slips allowed in a core of this many characters.
pub(crate) fn most_edits(length: usize) -> u8 {
    match length {
        0 | 1 => 0,
        2..=4 => 1,
        _ => 2,
    }
}

/// The best few ways in which a name (core and tails) lies along the query, best first.
pub(crate) fn align<'a>(
    core: &[CharId],
    generic: u32,
    tails: &[TailIds],
    query: &Query,
    edges: &Edges,
    workspace: &'a mut Workspace,
) -> &'a [Aligned] {
    let Workspace { columns, found } = workspace;
    found.clear();
    fill(core, generic, query, edges, columns);
    let most = most_edits(core.len());
    let length = core.len() as f32 - (1.0 - GENERIC) * generic.count_ones() as f32;
    for (at, column) in columns.iter().take(core.len()).enumerate() {
        let missing = core.len() - 1 - at;
        for state in column {
            if missing == 0 {
                finish(*state, length, tails, query, edges, found, false);
                continue;
            }
            if usize::from(state.end) == query.len() {
                let mut typed = *state;
                typed.score -= UNTYPED * missing as f32;
                finish(typed, length, &[], query, edges, found, true);
            }
            if missing == 1 && state.edits < most {
                let mut short = *state;
                short.edits += 1;
                // 李某镇 for 李楼镇: a wrong last character before the generic part.
                let after = usize::from(state.end);
                let is_wrong = query
                    .positions
                    .get(after)
                    .is_some_and(|one| one.class == Class::Han)
                    && best_tail(tails, after + 1, short.means, query, edges)
                        .is_some_and(|(worth, _)| worth > 0.2);
                if is_wrong {
                    let mut wrong = short;
                    wrong.mask.set(after);
                    wrong.end += 1;
                    wrong.score -= WRONG;
                    finish(wrong, length, tails, query, edges, found, false);
                }
                short.score -= MISSING;
                finish(short, length, tails, query, edges, found, false);
            }
        }
    }
    found.sort_by(|one, other| other.score.total_cmp(&one.score));
    found.dedup_by(|later, kept| later.mask == kept.mask);
    found.truncate(MOST_KEPT);
    found
}

/// Fills one column of states a core character: the best state for each edge that ends there.
fn fill(
    core: &[CharId],
    generic: u32,
    query: &Query,
    edges: &Edges,
    columns: &mut Vec<Vec<State>>,
) {
    let most = most_edits(core.len());
    if columns.len() < core.len() {
        columns.resize_with(core.len(), Vec::new);
    }
    for (at, character) in core.iter().enumerate() {
        let mut column = columns.get_mut(at).map(std::mem::take).unwrap_or_default();
        column.clear();
        let here = edges.of(*character);
        let is_generic = at < 32 && generic & (1 << at) != 0;
        for edge in here {
            let edge = &edge.scaled(if is_generic { GENERIC } else { 1.0 });
            let mut best: Option<State> = None;
            let mut offer = |state: State| {
                if state.edits <= most && best.is_none_or(|known| state.score > known.score) {
                    best = Some(state);
                }
            };
            match at {
                0 => offer(State::fresh(edge.start).extended(*edge, is_generic, 0.0, 0)),
                1 => offer(State::fresh(edge.start).extended(*edge, is_generic, MISSING, 1)),
                _ => {}
            }
            for back in 1..=2 {
                let Some(before) = at.checked_sub(back).and_then(|column| columns.get(column))
                else {
                    continue;
                };
                for state in before {
                    if let Some((price, edits)) = step_price(state, *edge, back, query) {
                        offer(state.extended(*edge, is_generic, price, edits));
                    }
                }
            }
            column.extend(best);
        }
        if let Some(before) = at.checked_sub(1).and_then(|before| core.get(before)) {
            let states = at.checked_sub(2).and_then(|before| columns.get(before));
            swapped(
                edges.of(*before),
                here,
                states.map_or(&[], Vec::as_slice),
                at == 1,
                most,
                &mut column,
            );
        }
        if let Some(slot) = columns.get_mut(at) {
            *slot = column;
        }
    }
}

/// What it costs to go on from `state` to `edge`, `back` core characters further, and the slips
/// it takes; `None` if they are too far apart.
fn step_price(state: &State, edge: Edge, back: usize, query: &Query) -> Option<(f32, u8)> {
    let gap = edge.start.checked_sub(state.end)?;
    let at = usize::from(edge.start);
    let broken = query
        .positions
        .get(at)
        .is_some_and(|position| position.after_break && position.class == Class::Han);
    let broken = if broken { BROKEN } else { 0.0 };
    let between = usize::from(state.end);
    match (gap, back) {
        (0, 1) => Some((broken, 0)),
        (0, _) => Some((broken + MISSING, 1)),
        (1, _)
            if query
                .positions
                .get(between)
                .is_some_and(|one| one.class != Class::Latin) =>
        {
            let skipped = query.character(between);
            let is_doubled = back == 1
                && (skipped == query.character(at)
                    || between > 0 && skipped == query.character(between - 1));
            match back {
                1 if is_doubled => Some((broken + DOUBLED, 1)),
                1 => Some((broken + SURPLUS, 1)),
                _ => Some((broken + WRONG, 1)),
            }
        }
        // A whole syllable that is another one: laohekuo for laohekou is too far to guess.
        _ => None,
    }
}

/// States for two neighbouring characters written the wrong way round.
fn swapped(
    first: &[Edge],
    second: &[Edge],
    before: &[State],
    is_start: bool,
    most: u8,
    column: &mut Vec<State>,
) {
    for late in first.iter().filter(|edge| edge.means == Means::Exact) {
        let early = second
            .iter()
            .find(|edge| edge.means == Means::Exact && edge.end == late.start);
        let Some(early) = early else { continue };
        let fresh = State::fresh(early.start);
        let starts = is_start.then_some(&fresh).into_iter();
        for state in starts.chain(before.iter().filter(|state| state.end == early.start)) {
            let early = state.extended(*early, false, 0.0, 0);
            let both = early.extended(*late, false, SWAPPED, 1);
            if both.edits <= most {
                column.push(both);
            }
        }
    }
}

fn finish(
    state: State,
    length: f32,
    tails: &[TailIds],
    query: &Query,
    edges: &Edges,
    found: &mut Vec<Aligned>,
    is_prefix: bool,
) {
    let start = usize::from(state.end);
    let mut push = |tail: f32, behind: usize| {
        let mut mask = state.mask;
        mask.set_range(start..behind);
        // Ending before a street's generic part, or reaching into one that has a number.
        let is_before = query.street_at.contains(behind);
        let is_numbered = if is_before {
            (behind..behind + 3).any(|at| query.street_part.contains(at))
        } else {
            query.street_part.intersects(mask) && tail < 0.1
        };
        let is_street = is_before || is_numbered;
        let street = match (is_before, is_numbered) {
            (_, true) => NUMBERED_STREET,
            (true, false) => STREET,
            _ => 0.0,
        };
        found.push(Aligned {
            surface: 0,
            mask,
            score: state.score + tail - street,
            share: state.weight / length,
            tail,
            matched: state.matched,
            telling: state.telling,
            edits: state.edits,
            means: state.means,
            is_prefix,
            is_street,
        });
    };
    let Some((worth, behind)) = best_tail(tails, start, state.means, query, edges) else {
        push(0.0, start);
        return;
    };
    push(worth, behind);
    // Letters that spell a generic part may as well begin the next name: 安岳 shi|yang.
    let is_sure = worth > 0.1
        && query
            .positions
            .get(start)
            .is_some_and(|one| one.class == Class::Han);
    if !is_sure {
        push(0.0, start);
    }
}

/// The worthiest generic part that stands at this position, and where it ends.
fn best_tail(
    tails: &[TailIds],
    at: usize,
    means: u8,
    query: &Query,
    edges: &Edges,
) -> Option<(f32, usize)> {
    if at >= query.len() {
        return None;
    }
    let mut best: Option<(f32, usize)> = None;
    for tail in tails {
        let Some((behind, is_initial)) =
            follow(&tail.text, at, means, tail.worth <= CARELESS_WORTH, edges)
        else {
            continue;
        };
        let worth = f32::from(tail.worth) / 100.0 * if is_initial { INITIAL_TAIL } else { 1.0 };
        // 老河口市 and Laohekou Shi City end alike: the longer of equal worth.
        if best.is_none_or(|known| (worth, behind) > known) {
            best = Some((worth, behind));
        }
    }
    best
}

/// Where the text ends when it is spelled out from `at` (as far as it can), and whether by
/// initials.
fn follow(
    text: &[CharId],
    at: usize,
    means: u8,
    is_careless: bool,
    edges: &Edges,
) -> Option<(usize, bool)> {
    let Some((first, rest)) = text.split_first() else {
        return Some((at, false));
    };
    let mut best: Option<(usize, bool)> = None;
    for edge in edges
        .of(*first)
        .iter()
        .filter(|edge| usize::from(edge.start) == at)
    {
        let is_fit = match edge.means {
            Means::Exact | Means::Variant => true,
            Means::Syllable => !is_careless,
            Means::Initial => !is_careless && means & bits::INITIAL != 0,
            _ => false,
        };
        if !is_fit {
            continue;
        }
        let Some((behind, is_initial)) =
            follow(rest, usize::from(edge.end), means, is_careless, edges)
        else {
            continue;
        };
        let is_initial = is_initial || edge.means == Means::Initial;
        // Spelled out before initials, longer before shorter.
        if best.is_none_or(|known| (!is_initial, behind) > (!known.1, known.0)) {
            best = Some((behind, is_initial));
        }
    }
    best
}
