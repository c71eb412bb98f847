//! Terms that a query may mean, found without looking at all of them.

use zhifang_pinyin::Syllable;

use crate::alphabet::sounds_of;
use crate::base::{Base, TermId};
use crate::edges::{Edges, Means};
use crate::query::{Class, Query};

/// Most terms followed from one kind of look-up.
const MOST_TERMS: usize = 1_500;
/// The same for words that are still being typed: the next letter comes soon.
const MOST_BEGUN: usize = 400;
/// Queries longer than this are too noisy to guess misspelt bare names in.
const MOST_GUESSED: usize = 16;
/// Entries read in the lists of the query's characters; in a mixture fewer give candidates by
/// one character only.
const MOST_LISTED: usize = 150_000;
const MOST_MIXED: usize = 20_000;
const LONGEST_CORE: usize = 10;
const MOST_LETTERS: usize = 30;

/// Terms that stand in the query as written or spelled, the surest first.
/// `open`: positions at which letters may begin a name, as bits.
pub(crate) fn given(base: &Base, query: &Query, completes: bool, open: u64) -> Vec<TermId> {
    let mut terms = Vec::new();
    exact(base, query, completes, &mut terms);
    by_letters(base, query, completes, open, &mut terms);
    once(terms)
}

/// Terms that the query may mean with a slip.
pub(crate) fn guessed(base: &Base, query: &Query, edges: &Edges) -> Vec<TermId> {
    let mut terms = Vec::new();
    if query.len() <= MOST_GUESSED {
        by_sound(base, query, &mut terms);
        sharing(base, query, edges, &mut terms);
    }
    once(terms)
}

fn once(mut terms: Vec<TermId>) -> Vec<TermId> {
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
fn by_letters(base: &Base, query: &Query, completes: bool, open: u64, terms: &mut Vec<TermId>) {
    let is_latin = |at: usize| {
        query
            .positions
            .get(at)
            .is_some_and(|one| one.class == Class::Latin)
    };
    let mut found = 0;
    let most = if completes { MOST_BEGUN } else { MOST_TERMS };
    let is_open = |at: &usize| *at < 64 && open & (1 << *at) != 0 && is_latin(*at);
    for start in (0..query.len()).filter(is_open) {
        let mut wanted: Vec<u8> = Vec::new();
        for at in (start..query.len().min(start + MOST_LETTERS)).take_while(|at| is_latin(*at)) {
            wanted.push(query.character(at).map_or(b'?', |one| one as u8));
            let is_end = !is_latin(at + 1);
            if wanted.len() < 3 && !is_end {
                continue;
            }
            let fitting = spelled(base, &wanted, completes && is_end);
            let before = terms.len();
            terms.extend(fitting.take(most / 4));
            found += terms.len() - before;
            if found > most {
                return;
            }
        }
    }
}

/// Terms that sound like a run of the query's characters.
fn by_sound(base: &Base, query: &Query, terms: &mut Vec<TermId>) {
    let sounds: Vec<Option<&'static str>> = query
        .positions
        .iter()
        .map(|position| {
            let sound = sounds_of(position.character).into_iter().next();
            let sound = sound.filter(|_| position.class == Class::Han)?;
            Syllable::from_number(sound.syllable).map(Syllable::as_str)
        })
        .collect();
    for start in 0..sounds.len() {
        let mut wanted = String::new();
        let run = sounds.iter().skip(start).take(LONGEST_CORE);
        for (count, sound) in run.map_while(|sound| *sound).enumerate() {
            wanted.push_str(sound);
            if count > 0 {
                terms.extend(spelled(base, wanted.as_bytes(), false).take(MOST_TERMS / 4));
            }
        }
    }
}

/// Terms of these letters; `is_begun`: that begin with them.
fn spelled<'a>(
    base: &'a Base,
    wanted: &'a [u8],
    is_begun: bool,
) -> impl Iterator<Item = TermId> + 'a {
    let letters = |at: u32| {
        let term = base.by_letters.get(at as usize).copied().unwrap_or(0);
        base.letters.get(term)
    };
    let first = partition(base.by_letters.len(), |at| letters(at) < wanted);
    let fits = move |at: &u32| {
        let own = letters(*at);
        if is_begun {
            own.starts_with(wanted)
        } else {
            own == wanted
        }
    };
    (first..base.by_letters.len() as u32)
        .take_while(fits)
        .filter_map(|at| base.by_letters.get(at as usize).copied())
}

/// Terms that share most of their characters with the query.
fn sharing(base: &Base, query: &Query, edges: &Edges, terms: &mut Vec<TermId>) {
    let has_latin = query.latin.count() > 0;
    let mut lists: Vec<&[TermId]> = Vec::new();
    let mut seen = Vec::new();
    for position in query.positions.iter().filter(|one| one.class == Class::Han) {
        if let Some(id) = base.alphabet.id(position.character)
            && !seen.contains(&id)
        {
            seen.push(id);
            lists.push(base.with_character.of(u32::from(id)));
        }
    }
    // Rare characters say most; what is left beyond the bound is in many names.
    lists.sort_by_key(|list| list.len());
    let mut met = vec![0_u8; base.terms.len()];
    let mut often: Vec<TermId> = Vec::new();
    let mut work = 0;
    for list in lists {
        work += list.len();
        if work > MOST_LISTED {
            break;
        }
        for term in list {
            if let Some(count) = met.get_mut(*term as usize) {
                *count += 1;
                // In a mixture one character and the letters for the others will do.
                if *count == 2 || has_latin && *count == 1 && work <= MOST_MIXED {
                    often.push(*term);
                }
            }
        }
    }
    let mut ranked: Vec<(u32, TermId)> = often
        .into_iter()
        .filter_map(|term| {
            let core = base.terms.get(term);
            let exact = met.get(term as usize).copied().unwrap_or(0);
            let met = core.iter().filter(|id| edges.has(**id)).count();
            let by_sound = || {
                core.iter()
                    .any(|id| edges.of(*id).iter().any(|edge| edge.means != Means::Exact))
            };
            let enough = exact >= 2 && met * 5 >= core.len() * 3
                || has_latin && met == core.len() && by_sound();
            // Share met, in hundredths, longer ones first.
            enough.then(|| ((met * 1000 / core.len() + core.len()) as u32, term))
        })
        .collect();
    ranked.sort_unstable_by_key(|(rank, term)| (std::cmp::Reverse(*rank), *term));
    terms.extend(ranked.into_iter().take(MOST_TERMS).map(|(_, term)| term));
}
