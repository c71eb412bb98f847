//! Terms that a query may mean, found without looking at all of them.

use crate::base::{Base, TermId};
use crate::edges::{Edges, Means};
use crate::query::{Class, Query};

/// Most terms followed from one kind of look-up.
const MOST_TERMS: usize = 1_500;
/// Queries longer than this are too noisy to guess misspelt bare names in.
const MOST_GUESSED: usize = 16;
const LONGEST_CORE: usize = 10;
const MOST_LETTERS: usize = 30;

/// Terms worth aligning, the surest first. `guesses`: misspelt ones too.
pub(crate) fn likely(
    base: &Base,
    query: &Query,
    edges: &Edges,
    completes: bool,
    guesses: bool,
) -> Vec<TermId> {
    let mut terms = Vec::new();
    exact(base, query, completes, &mut terms);
    by_letters(base, query, completes, &mut terms);
    if guesses && query.len() <= MOST_GUESSED {
        guessed(base, query, edges, &mut terms);
    }
    let mut seen = rustc_hash::FxHashSet::default();
    terms.retain(|term| seen.insert(*term));
    terms
}

fn compare(base: &Base, term: TermId, wanted: &[char]) -> std::cmp::Ordering {
    let core = base
        .terms
        .get(term)
        .iter()
        .map(|id| base.alphabet.character(*id));
    core.cmp(wanted.iter().copied())
}

/// First of `count` for which `is_before` fails.
fn partition(count: usize, is_before: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (0_u32, count as u32);
    while low < high {
        let middle = low.midpoint(high);
        if is_before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Terms that stand in the query as they are; when completing, terms that its end begins.
fn exact(base: &Base, query: &Query, completes: bool, terms: &mut Vec<TermId>) {
    let characters: Vec<char> = query.positions.iter().map(|one| one.character).collect();
    for start in 0..characters.len() {
        let longest = LONGEST_CORE.min(characters.len() - start);
        for length in (1..=longest).rev() {
            let Some(wanted) = characters.get(start..start + length) else {
                continue;
            };
            let is_latin = |at: usize| {
                query
                    .positions
                    .get(at)
                    .is_some_and(|one| one.class == Class::Latin)
            };
            if is_latin(start) && is_latin(start + length - 1) {
                continue;
            }
            let at = partition(base.terms.len(), |term| compare(base, term, wanted).is_lt());
            if compare(base, at, wanted).is_eq() && (at as usize) < base.terms.len() {
                terms.push(at);
            }
            if completes && start + length == characters.len() {
                let begins = |term: &u32| {
                    let core = base.terms.get(*term);
                    core.len() >= wanted.len()
                        && core
                            .iter()
                            .zip(wanted)
                            .all(|(id, one)| base.alphabet.character(*id) == *one)
                };
                let all = at..base.terms.len() as u32;
                terms.extend(all.take_while(begins).take(MOST_TERMS / 4));
            }
        }
    }
}

/// Terms whose letters stand in the query from one syllable boundary to another.
fn by_letters(base: &Base, query: &Query, completes: bool, terms: &mut Vec<TermId>) {
    let letters = |term: u32| {
        let term = base.by_letters.get(term as usize).copied().unwrap_or(0);
        base.letters.get(term)
    };
    let is_latin = |at: usize| {
        query
            .positions
            .get(at)
            .is_some_and(|one| one.class == Class::Latin)
    };
    let mut found = 0;
    for start in (0..query.len()).filter(|at| is_latin(*at)) {
        let mut wanted: Vec<u8> = Vec::new();
        for at in (start..query.len().min(start + MOST_LETTERS)).take_while(|at| is_latin(*at)) {
            wanted.push(query.character(at).map_or(b'?', |one| one as u8));
            let is_end = !is_latin(at + 1);
            if wanted.len() < 3 && !is_end {
                continue;
            }
            let first = partition(base.by_letters.len(), |term| {
                letters(term) < wanted.as_slice()
            });
            let all = first..base.by_letters.len() as u32;
            let is_prefix = completes && is_end;
            let fits = |term: &u32| {
                let own = letters(*term);
                if is_prefix {
                    own.starts_with(&wanted)
                } else {
                    own == wanted.as_slice()
                }
            };
            for term in all.take_while(fits).take(MOST_TERMS / 4) {
                terms.extend(base.by_letters.get(term as usize));
                found += 1;
            }
            if found > MOST_TERMS {
                return;
            }
        }
    }
}

/// Terms that share most of their characters with the query.
fn guessed(base: &Base, query: &Query, edges: &Edges, terms: &mut Vec<TermId>) {
    let has_latin = query.latin.count() > 0;
    let mut met: rustc_hash::FxHashMap<TermId, u8> = rustc_hash::FxHashMap::default();
    let mut work = 0;
    let mut seen = Vec::new();
    for position in query.positions.iter().filter(|one| one.class == Class::Han) {
        let Some(id) = base.alphabet.id(position.character) else {
            continue;
        };
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        let list = base.with_character.of(u32::from(id));
        work += list.len();
        if work > 120_000 {
            break;
        }
        for term in list {
            *met.entry(*term).or_default() += 1;
        }
    }
    let mut ranked: Vec<(u32, TermId)> = met
        .into_iter()
        .filter_map(|(term, exact)| {
            let core = base.terms.get(term);
            let met = core.iter().filter(|id| edges.has(**id)).count();
            let by_sound = core
                .iter()
                .filter(|id| edges.of(**id).iter().any(|edge| edge.means != Means::Exact))
                .count();
            let exact = usize::from(exact);
            let enough = exact >= 2 && met * 5 >= core.len() * 3
                || (has_latin || core.len() == 2) && met == core.len() && by_sound > 0;
            // Share met, in hundredths, longer ones first.
            enough.then(|| ((met * 1000 / core.len() + core.len()) as u32, term))
        })
        .collect();
    ranked.sort_unstable_by_key(|(rank, term)| (std::cmp::Reverse(*rank), *term));
    terms.extend(ranked.into_iter().take(MOST_TERMS).map(|(_, term)| term));
}
