//! Which characters the parts of a query can stand for: one look-up a character of a name.

use zhifang_pinyin::{Piece, PieceKind, Syllable, pieces, variants};

use crate::alphabet::{CharId, sounds_of};
use crate::base::{Base, Head, LONG, NO_CHARACTER};
use crate::query::{Class, Query};

/// How a part of the query stands for a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Means {
    Exact,
    Variant,
    Syllable,
    Homophone,
    Half,
    Initial,
    Fuzzy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) start: u8,
    pub(crate) end: u8,
    /// What of the character is given, in hundredths.
    pub(crate) weight: u8,
    /// What it adds to the score, in hundredths of a character: letters count by their number,
    /// so that cutting them smaller gains nothing.
    pub(crate) worth: u8,
    pub(crate) means: Means,
}

impl Edge {
    /// No edge.
    const NONE: Self = Self {
        start: 0,
        end: 0,
        weight: 0,
        worth: 0,
        means: Means::Exact,
    };

    /// The same edge of less weight.
    pub(crate) fn scaled(self, by: f32) -> Self {
        if by >= 1.0 {
            self
        } else {
            Self {
                weight: (f32::from(self.weight) * by) as u8,
                worth: (f32::from(self.worth) * by) as u8,
                ..self
            }
        }
    }
}

/// What a letter of a syllable adds to the score, in hundredths of a character: given in full, a
/// syllable begun, one that is often confused, an initial.
const LETTER_FULL: u8 = 31;
const LETTER_HALF: u8 = 27;
/// The same where nobody is typing any more.
const LETTER_UNFINISHED: u8 = 20;
const LETTER_FUZZY: u8 = 23;
const INITIAL: u8 = 27;
/// What it costs to begin a syllable with a vowel where the spelling wants an apostrophe (xi'an).
const NO_APOSTROPHE: u8 = 6;

/// Most places at which one character may match; more only come from repetition.
const MOST_EDGES: usize = 12;

/// The edges of one character.
#[derive(Debug, Clone, Copy)]
struct List {
    edges: [Edge; MOST_EDGES],
    count: u8,
}

impl List {
    fn as_slice(&self) -> &[Edge] {
        self.edges.get(..usize::from(self.count)).unwrap_or(&[])
    }
}

#[derive(Debug, Default)]
pub(crate) struct Edges {
    /// By character: 0, or position in `lists` plus one.
    slots: Vec<u16>,
    lists: Vec<List>,
    marks: Vec<Mark>,
    /// By character: [`kind`] bits.
    kinds: Vec<u8>,
    /// By character: positions at which its edges start, as bits; and those that are more than
    /// initials.
    starts: Vec<u64>,
    strong_starts: Vec<u64>,
    /// Positions of the query.
    length: usize,
}

/// What a character's edges are, as bits.
mod kind {
    /// There are some.
    pub(super) const MET: u8 = 1;
    /// One is more than an initial.
    pub(super) const STRONG: u8 = 2;
    /// One ends where the query does.
    pub(super) const ENDS: u8 = 4;
}

/// What the edges of one character amount to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    /// Positions at which edges start and end, as bits.
    starts: u64,
    strong_starts: u64,
    ends: u64,
    /// Starts of the edges of one position, of two and so on.
    spans: [u64; LONGEST_EDGE],
    /// Some edge is more than an initial.
    pub(crate) is_strong: bool,
    /// Some edge ends where the query does.
    pub(crate) ends_query: bool,
}

/// Letters of the longest syllables (zhuang).
const LONGEST_EDGE: usize = 6;
/// Positions that fit the bits of a mark; in longer queries every place counts as reached.
const MOST_MARKED: usize = 63;

impl Edges {
    pub(crate) fn new(base: &Base, query: &Query, completes: bool) -> Self {
        let mut edges = Self {
            slots: vec![0; base.alphabet.len()],
            lists: Vec::new(),
            marks: Vec::new(),
            kinds: Vec::new(),
            starts: Vec::new(),
            strong_starts: Vec::new(),
            length: query.len(),
        };
        // Exact matches first, so that repetition never crowds them out.
        for (at, position) in query.positions.iter().enumerate() {
            let edge = |weight, means| Edge {
                start: at as u8,
                end: at as u8 + 1,
                weight,
                worth: weight,
                means,
            };
            let worth = if position.class == Class::Latin {
                LETTER_FULL
            } else {
                100
            };
            edges.add(
                base.alphabet.id(position.character),
                Edge {
                    worth,
                    ..edge(100, Means::Exact)
                },
            );
            if position.class == Class::Han {
                for other in variants(position.character) {
                    edges.add(base.alphabet.id(other), edge(90, Means::Variant));
                }
            }
            let numeral = numeral_twin(position.character);
            edges.add(
                numeral.and_then(|twin| base.alphabet.id(twin)),
                edge(85, Means::Variant),
            );
        }
        edges.add_latin(base, query, completes);
        for (at, position) in query.positions.iter().enumerate() {
            if position.class != Class::Han {
                continue;
            }
            for sound in sounds_of(position.character).iter().take(1) {
                for (id, rank) in base.alphabet.read_as(sound.syllable) {
                    let known = base.alphabet.sounds(*id).get(usize::from(*rank));
                    let same_tone = known.is_some_and(|known| known.tone == sound.tone);
                    // Rare readings (广 ān) make homophones of what no one confuses.
                    let weight = match (rank, same_tone) {
                        (0, true) => 80,
                        (0, false) => 60,
                        (1, true) => 50,
                        _ => continue,
                    };
                    edges.add(
                        Some(*id),
                        Edge {
                            start: at as u8,
                            end: at as u8 + 1,
                            weight,
                            worth: weight,
                            means: Means::Homophone,
                        },
                    );
                }
            }
        }
        let kind_of = |slot: &u16| {
            let list = usize::from(*slot)
                .checked_sub(1)
                .and_then(|at| edges.lists.get(at));
            list.map_or(0, |list| edges.kind_of(list.as_slice()))
        };
        edges.kinds = edges.slots.iter().map(kind_of).collect();
        let marks = edges.lists.iter();
        edges.marks = marks.map(|list| edges.mark_of(list.as_slice())).collect();
        let mark = |slot: &u16| {
            usize::from(*slot)
                .checked_sub(1)
                .and_then(|at| edges.marks.get(at))
        };
        let starts = |slot: &u16| mark(slot).map_or(0, |mark| mark.starts);
        let strong = |slot: &u16| mark(slot).map_or(0, |mark| mark.strong_starts);
        let (starts, strong) = (
            edges.slots.iter().map(starts).collect(),
            edges.slots.iter().map(strong).collect(),
        );
        (edges.starts, edges.strong_starts) = (starts, strong);
        edges
    }

    fn add(&mut self, character: Option<CharId>, edge: Edge) {
        let Some(slot) = character.and_then(|id| self.slots.get_mut(usize::from(id))) else {
            return;
        };
        if *slot == 0 {
            self.lists.push(List {
                edges: [Edge::NONE; MOST_EDGES],
                count: 0,
            });
            *slot = u16::try_from(self.lists.len()).unwrap_or(u16::MAX);
        }
        let Some(list) = self.lists.get_mut(usize::from(*slot) - 1) else {
            return;
        };
        let same = |known: &&mut Edge| (known.start, known.end) == (edge.start, edge.end);
        let count = usize::from(list.count);
        if let Some(known) = list.edges.iter_mut().take(count).find(same) {
            if known.weight < edge.weight {
                *known = edge;
            }
        } else if let Some(free) = list.edges.get_mut(count) {
            *free = edge;
            list.count += 1;
        }
    }

    pub(crate) fn of(&self, character: CharId) -> &[Edge] {
        match self.slots.get(usize::from(character)) {
            Some(0) | None => &[],
            Some(slot) => self
                .lists
                .get(usize::from(*slot) - 1)
                .map_or(&[], List::as_slice),
        }
    }

    pub(crate) fn has(&self, character: CharId) -> bool {
        self.slots
            .get(usize::from(character))
            .is_some_and(|slot| *slot != 0)
    }

    fn mark_of(&self, list: &[Edge]) -> Mark {
        let mut mark = Mark {
            starts: 0,
            strong_starts: 0,
            ends: 0,
            spans: [0; LONGEST_EDGE],
            is_strong: false,
            ends_query: false,
        };
        for edge in list {
            mark.starts |= bit_of(edge.start);
            mark.ends |= bit_of(edge.end);
            let length = usize::from(edge.end - edge.start);
            if let Some(span) = length.checked_sub(1).and_then(|at| mark.spans.get_mut(at)) {
                *span |= bit_of(edge.start);
            }
            if edge.means != Means::Initial {
                mark.is_strong = true;
                mark.strong_starts |= bit_of(edge.start);
            }
            mark.ends_query |= usize::from(edge.end) == self.length;
        }
        mark
    }

    fn kind_of(&self, list: &[Edge]) -> u8 {
        list.iter().fold(kind::MET, |all, edge| {
            let strong = if edge.means == Means::Initial {
                0
            } else {
                kind::STRONG
            };
            let ends = usize::from(edge.end) == self.length;
            all | strong | if ends { kind::ENDS } else { 0 }
        })
    }

    fn kind(&self, character: CharId) -> u8 {
        self.kinds.get(usize::from(character)).copied().unwrap_or(0)
    }

    /// Whether a core that begins so may be accepted; false only if none with this beginning is,
    /// but for townships below a unit that is named too, which need less. `is_latin`: nothing but letters.
    pub(crate) fn may_begin(&self, head: Head, is_latin: bool) -> bool {
        let [first, second, third] = head;
        if first & LONG != 0 {
            return true;
        }
        let kinds = [self.kind(first), self.kind(second), self.kind(third)];
        let [one, two, three] = kinds;
        if one | two | three == 0 {
            return false;
        }
        let least = if second == NO_CHARACTER { 1 } else { 2 };
        let count = |bit: u8| kinds.iter().filter(|kind| **kind & bit != 0).count();
        if !is_latin {
            return count(kind::MET) >= least || (one | two | three) & kind::ENDS != 0;
        }
        let strong_end = kind::STRONG | kind::ENDS;
        count(kind::STRONG) >= least
            || one & kind::ENDS != 0
            || two & strong_end == strong_end
            || three & strong_end == strong_end
            || one & two & kind::MET != 0 && self.may_follow(first, second)
            || least == 1
    }

    /// The same for a township below a unit that is named too.
    pub(crate) fn may_begin_below(&self, head: Head, is_latin: bool) -> bool {
        let is_strong = |character: &CharId| self.kind(*character) & kind::STRONG != 0;
        head.iter().any(is_strong) || self.may_begin(head, is_latin)
    }

    /// Whether a core of letters that begins so may start at one of these positions, bits of a
    /// mark: its characters have to stand there in order. `slips`: one may be missing, unless
    /// others are given by their initials.
    pub(crate) fn may_start(&self, head: Head, open: u64, slips: bool) -> bool {
        let [first, second, third] = head;
        if self.length > MOST_MARKED || first == NO_CHARACTER {
            return true;
        }
        let first = first & !LONG;
        let of = |list: &[u64], id: CharId| list.get(usize::from(id)).copied().unwrap_or(0);
        let starts = |id: CharId| of(&self.starts, id);
        let strong = |id: CharId| of(&self.strong_starts, id);
        if starts(first) & open == 0 {
            return slips && strong(second) & open != 0;
        }
        if second == NO_CHARACTER {
            return true;
        }
        let step = |id: CharId, from: u64| self.mark(id).map_or(0, |mark| self.step(mark, from));
        let behind = step(first, open);
        if self.has_ended(behind) {
            return true;
        }
        if starts(second) & behind == 0 {
            return slips && starts(third) & behind != 0;
        }
        let behind = step(second, behind);
        slips || third == NO_CHARACTER || self.has_ended(behind) || starts(third) & behind != 0
    }

    /// Characters that may stand first in what starts at one of these positions.
    pub(crate) fn starting(&self, open: u64) -> impl Iterator<Item = CharId> + '_ {
        let is_long = self.length > MOST_MARKED;
        let all = self.starts.iter().enumerate();
        let fitting =
            all.filter(move |(_, starts)| **starts & open != 0 || is_long && **starts != 0);
        fitting.map(|(id, _)| id as CharId)
    }

    /// Whether the second character may stand right behind the first.
    fn may_follow(&self, first: CharId, second: CharId) -> bool {
        match (self.mark(first), self.mark(second)) {
            (Some(one), Some(two)) => one.ends & two.starts != 0 || self.length > MOST_MARKED,
            _ => false,
        }
    }

    /// All characters that the query could stand for, in the order of their numbers.
    pub(crate) fn characters(&self) -> impl Iterator<Item = CharId> + use<> {
        let met = self
            .kinds
            .iter()
            .enumerate()
            .filter(|(_, kind)| **kind != 0);
        let met: Vec<CharId> = met.map(|(id, _)| id as CharId).collect();
        met.into_iter()
    }

    /// The character's mark, if the query could stand for it.
    pub(crate) fn mark(&self, character: CharId) -> Option<&Mark> {
        let slot = *self.slots.get(usize::from(character))?;
        self.marks.get(usize::from(slot).checked_sub(1)?)
    }

    /// Where the character ends if it starts at one of these positions.
    pub(crate) fn step(&self, mark: &Mark, from: u64) -> u64 {
        if self.length > MOST_MARKED {
            return u64::MAX;
        }
        let spans = mark.spans.iter().zip(1..);
        spans.fold(0, |all, (starts, length)| all | (starts & from) << length)
    }

    /// Whether the end of the query is among these positions.
    pub(crate) fn has_ended(&self, reached: u64) -> bool {
        self.length > MOST_MARKED || reached & (1 << self.length) != 0
    }

    fn add_latin(&mut self, base: &Base, query: &Query, completes: bool) {
        let mut start = 0;
        while start < query.len() {
            let is_latin = |at: usize| {
                query
                    .positions
                    .get(at)
                    .is_some_and(|position| position.class == Class::Latin)
            };
            if !is_latin(start) {
                start += 1;
                continue;
            }
            let mut end = start + 1;
            while is_latin(end)
                && query
                    .positions
                    .get(end)
                    .is_some_and(|next| !next.after_break)
            {
                end += 1;
            }
            let run: String = (start..end).filter_map(|at| query.character(at)).collect();
            let before_han = query
                .positions
                .get(end)
                .is_none_or(|next| next.class == Class::Han && !next.after_break);
            let is_sole = run.len() == query.len();
            let half = if completes {
                LETTER_HALF
            } else {
                LETTER_UNFINISHED
            };
            let pieces = sensible_pieces(&run, before_han, is_sole);
            self.add_run(base, &run, start, pieces, half);
            start = end;
        }
    }

    fn add_run(&mut self, base: &Base, run: &str, offset: usize, pieces: Vec<Piece>, half: u8) {
        for piece in pieces {
            let letters = (piece.end - piece.start) as u8;
            let (weight, step, means, worth) = match piece.kind {
                PieceKind::Full => (95, 12, Means::Syllable, letters * LETTER_FULL),
                PieceKind::Half => (62, 8, Means::Half, letters * half),
                PieceKind::Initial => (45, 5, Means::Initial, INITIAL),
            };
            let wants_apostrophe = piece.start > 0
                && piece.kind == PieceKind::Full
                && run
                    .get(piece.start..)
                    .is_some_and(|rest| rest.starts_with(['a', 'o', 'e']));
            let worth = if wants_apostrophe {
                worth - NO_APOSTROPHE
            } else {
                worth
            };
            for syllable in piece.syllables.clone() {
                for (id, rank) in base.alphabet.read_as(syllable) {
                    self.add(
                        Some(*id),
                        Edge {
                            start: (offset + piece.start) as u8,
                            end: (offset + piece.end) as u8,
                            weight: weight - step * (*rank).min(3),
                            worth: worth - worth / 5 * (*rank).min(3),
                            means,
                        },
                    );
                }
            }
            if piece.kind == PieceKind::Full && run.len() > 4 {
                self.add_fuzzy(
                    base,
                    offset + piece.start,
                    offset + piece.end,
                    piece.syllables.start,
                );
            }
        }
    }

    /// Syllables that many do not tell apart (n/l, in/ing, z/zh), at a price.
    fn add_fuzzy(&mut self, base: &Base, start: usize, end: usize, syllable: u16) {
        for other in confusable(syllable) {
            for (id, rank) in base.alphabet.read_as(*other) {
                if *rank == 0 {
                    let edge = Edge {
                        start: start as u8,
                        end: end as u8,
                        weight: 66,
                        worth: (end - start) as u8 * LETTER_FUZZY,
                        means: Means::Fuzzy,
                    };
                    self.add(Some(*id), edge);
                }
            }
        }
    }
}

fn bit_of(position: u8) -> u64 {
    1_u64.checked_shl(u32::from(position)).unwrap_or(0)
}

/// Makes the process-wide tables, so that the first query need not.
pub(crate) fn prepare() {
    confusable(0);
}

/// Other syllables of the same fuzzy class.
fn confusable(syllable: u16) -> &'static [u16] {
    static TABLE: std::sync::OnceLock<Vec<Vec<u16>>> = std::sync::OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let all: Vec<Syllable> = (0..Syllable::count())
            .filter_map(Syllable::from_number)
            .collect();
        let same = |one: &Syllable| {
            all.iter()
                .filter(|other| *other != one && other.fuzzy_class() == one.fuzzy_class())
                .map(|other| other.id())
                .collect()
        };
        all.iter().map(same).collect()
    });
    table.get(usize::from(syllable)).map_or(&[], Vec::as_slice)
}

/// 一 for 1 and the other way round.
fn numeral_twin(character: char) -> Option<char> {
    const DIGITS: [char; 10] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
    const NUMERALS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let find = |row: [char; 10]| row.iter().position(|one| *one == character);
    match (find(DIGITS), find(NUMERALS)) {
        (Some(at), _) => NUMERALS.get(at).copied(),
        (_, Some(at)) => DIGITS.get(at).copied(),
        _ => None,
    }
}

/// Price of leaving a letter unread when a run is cut.
const SKIP: u32 = 25;
/// Longer runs are no initials.
const LONGEST_INITIALS: usize = 24;
/// Runs up to this length may be initials although they also read as syllables (`lan`).
const SHORT_RUN: usize = 4;

/// The pieces of a run that stand on a cheap way through it. Initials are noise in a run that
/// reads as syllables, and the only sense of one that does not.
fn sensible_pieces(run: &str, is_open: bool, is_sole: bool) -> Vec<Piece> {
    let mut all = pieces(run);
    // A half syllable is what somebody is still typing: only at the end of a run.
    all.retain(|piece| piece.kind != PieceKind::Half || piece.end == run.len());
    if run.len() > LONGEST_INITIALS {
        all.retain(|piece| piece.kind != PieceKind::Initial || piece.end == run.len());
    }
    if is_sole && run.len() <= SHORT_RUN {
        return all;
    }
    let price = |piece: &Piece| match piece.kind {
        PieceKind::Full => 0,
        PieceKind::Half if is_open => 1,
        PieceKind::Half => 5,
        PieceKind::Initial if is_open && piece.end == run.len() => 2,
        // By letters: z and h dear as zh.
        PieceKind::Initial => 10 * (piece.end - piece.start) as u32,
    };
    let unreached = u32::MAX / 4;
    let mut to = vec![unreached; run.len() + 1];
    let mut from = vec![unreached; run.len() + 1];
    if let Some(first) = to.first_mut() {
        *first = 0;
    }
    for at in 0..run.len() {
        let here = to[at];
        to[at + 1] = to[at + 1].min(here + SKIP);
        for piece in all.iter().filter(|piece| piece.start == at) {
            to[piece.end] = to[piece.end].min(here + price(piece));
        }
    }
    from[run.len()] = 0;
    for at in (0..run.len()).rev() {
        from[at] = from[at + 1] + SKIP;
        for piece in all.iter().filter(|piece| piece.start == at) {
            from[at] = from[at].min(from[piece.end] + price(piece));
        }
    }
    let best = to[run.len()];
    if best >= 10 && run.len() <= LONGEST_INITIALS {
        // No way through without initials: any piece may be meant.
        return all;
    }
    all.retain(|piece| to[piece.start] + price(piece) + from[piece.end] <= best + 2);
    all
}
