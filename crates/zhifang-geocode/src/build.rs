//! Building a base from entries.

use rustc_hash::{FxHashMap, FxHashSet};
use zhifang_core::{Collection, DivisionCode, DivisionLevel, Validity, is_heading_name};
use zhifang_pinyin::read_name;

use crate::alphabet::{Alphabet, CharId, Sound};
use crate::base::{
    AliasSurface, Base, CONTEXT, COUNTY, Extra, NO_UNIT, OTHER, PROVINCE, Postings, RETIRED,
    SUCCEEDED, Slices, TOWNSHIP, TailIds, UnitId, VILLAGE, number_of, padded,
};
use crate::entry::{NameAlias, NameEntry, NameKind};
use crate::generic::{Parted, bracketed, generic_mask, key_characters, part};
use crate::published::{Published, Shortening};
use crate::short::short_names;
use crate::units::Unit;

/// Terms, tails and characters under construction.
#[derive(Default)]
struct Vocabulary {
    alphabet: Alphabet,
    terms: FxHashMap<Box<[CharId]>, u32>,
    tails: Vec<Vec<TailIds>>,
    tail_ids: FxHashMap<Vec<TailIds>, u16>,
}

impl Vocabulary {
    fn term(&mut self, core: &[char]) -> u32 {
        let ids: Vec<CharId> = core
            .iter()
            .map(|character| self.alphabet.intern(*character))
            .collect();
        if let Some(term) = self.terms.get(ids.as_slice()) {
            return *term;
        }
        let term = self.terms.len() as u32;
        self.terms.insert(ids.into_boxed_slice(), term);
        term
    }

    fn tail_set(&mut self, parted: &Parted) -> u16 {
        let set: Vec<TailIds> = parted
            .tails
            .iter()
            .map(|tail| TailIds {
                text: tail
                    .text
                    .iter()
                    .map(|character| self.alphabet.intern(*character))
                    .collect(),
                worth: tail.worth,
            })
            .collect();
        if let Some(id) = self.tail_ids.get(&set) {
            return *id;
        }
        let Ok(id) = u16::try_from(self.tails.len()) else {
            return 0;
        };
        self.tails.push(set.clone());
        self.tail_ids.insert(set, id);
        id
    }

    fn part(&mut self, name: &str, level: Option<DivisionLevel>) -> (u32, u16) {
        let parted = part(name, level);
        (self.term(&parted.core), self.tail_set(&parted))
    }
}

/// An entry and whether it is there for the sake of others only.
pub(crate) struct Source {
    pub(crate) entry: NameEntry,
    pub(crate) is_context: bool,
}

struct Draft {
    unit: Unit,
    /// Few have one; boxed, the many others are quick to sort.
    extra: Option<Box<Extra>>,
}

pub(crate) fn build(sources: impl Iterator<Item = Source>) -> Base {
    let mut vocabulary = Vocabulary::default();
    // Set 0 is the empty one, also for what does not fit the numbering.
    vocabulary.tail_set(&Parted {
        core: Vec::new(),
        tails: Vec::new(),
    });
    let mut names: Slices<u8> = Slices::default();
    let mut known_names: FxHashMap<u64, u32> = FxHashMap::default();
    let mut drafts: Vec<Draft> = Vec::new();
    for source in sources {
        if let Some(draft) = draft(source, &mut vocabulary, &mut names, &mut known_names) {
            drafts.push(draft);
        }
    }
    drop(known_names);
    drafts.sort_by(|one, other| order(one).cmp(&order(other)));
    drop_twins(&mut drafts, &names);

    let mut base = Base {
        names: Published {
            whole: names,
            ..Published::default()
        },
        ..Base::default()
    };
    base.units = drafts.iter().map(|draft| draft.unit).collect();
    for (id, draft) in drafts.into_iter().enumerate() {
        if let Some(extra) = draft.extra {
            base.extras.insert(id as UnitId, *extra);
        }
    }
    link(&mut base);
    shed_ancestors(&mut base, &mut vocabulary);
    collect_aliases(&mut base, &mut vocabulary);
    finish_terms(&mut base, vocabulary);
    shorten_names(&mut base);
    index(&mut base);
    base
}

fn order(draft: &Draft) -> (u64, u8, bool, Option<i32>, Option<&str>) {
    let extra = draft.extra.as_ref();
    (
        padded(draft.unit.code),
        draft.unit.level,
        draft.unit.flags & RETIRED != 0,
        extra
            .and_then(|extra| extra.validity.from)
            .map(|day| -day.number()),
        extra.and_then(|extra| extra.id.as_deref()),
    )
}

fn draft(
    source: Source,
    vocabulary: &mut Vocabulary,
    names: &mut Slices<u8>,
    known_names: &mut FxHashMap<u64, u32>,
) -> Option<Draft> {
    let entry = source.entry;
    let is_division = entry.collection == Collection::Divisions;
    let is_heading = is_division
        && (entry.code.is_some_and(DivisionCode::is_heading)
            || entry.level != Some(DivisionLevel::Village) && is_heading_name(&entry.name));
    let level = if is_division {
        entry.level.or(entry.code.map(DivisionCode::level))
    } else {
        None
    };
    let (term, tails) = vocabulary.part(&entry.name, level);
    if is_heading || key_characters(&entry.name).is_empty() {
        return None;
    }
    let name = {
        use std::hash::BuildHasher;
        let hash = rustc_hash::FxBuildHasher.hash_one(entry.name.as_bytes());
        match known_names.get(&hash) {
            Some(at) if names.get(*at) == entry.name.as_bytes() => *at,
            _ => {
                let at = names.push(entry.name.as_bytes());
                known_names.insert(hash, at);
                at
            }
        }
    };
    let mut flags = 0;
    if entry.is_retired {
        flags |= RETIRED;
    }
    if entry.is_retired && !entry.replaced_by.is_empty() {
        flags |= SUCCEEDED;
    }
    if source.is_context {
        flags |= CONTEXT;
    }
    let code = entry.code.map_or(0, DivisionCode::as_u64);
    let extra = Extra {
        id: (entry.id != code.to_string()).then_some(entry.id),
        collection: (!is_division).then_some(entry.collection),
        parent: entry.parent,
        category: entry.category,
        place: entry.place,
        population: entry.population,
        validity: entry.validity,
        replaced_by: entry.replaced_by,
        aliases: entry.aliases,
    };
    Some(Draft {
        unit: Unit {
            code,
            name,
            term,
            parent: NO_UNIT,
            tails,
            level: number_of(level),
            flags,
        },
        extra: (extra != Extra::default()).then(|| Box::new(extra)),
    })
}

/// One record of one code stands in several tables (4419 and 441900): the first stays.
fn drop_twins(drafts: &mut Vec<Draft>, names: &Slices<u8>) {
    drafts.dedup_by(|later, kept| {
        later.unit.code == kept.unit.code
            && later.unit.level != OTHER
            && kept.unit.level != OTHER
            && later.unit.flags == kept.unit.flags
            && later.extra.as_ref().and_then(|extra| extra.id.as_ref())
                == kept.extra.as_ref().and_then(|extra| extra.id.as_ref())
            && names.get(later.unit.name) == names.get(kept.unit.name)
    });
}

/// Finds every unit's parent and the end of its code range.
fn link(base: &mut Base) {
    let count = base.units.len() as UnitId;
    let mut live: FxHashMap<u64, UnitId> = FxHashMap::default();
    for (id, unit) in base.units.iter().enumerate() {
        if unit.level < VILLAGE {
            // Live units sort before earlier lives of the same code.
            live.entry(unit.code).or_insert(id as UnitId);
        }
    }
    for id in 0..count {
        let Some(mut unit) = base.unit(id) else {
            continue;
        };
        let stated = base.extra(id).and_then(|extra| extra.parent);
        let own = DivisionCode::from_u64(unit.code);
        let first = if unit.level == OTHER {
            own
        } else {
            stated.or(own.and_then(DivisionCode::parent))
        };
        let parent = std::iter::successors(first, |code| code.parent())
            .take(8)
            .find_map(|code| live.get(&code.as_u64()).copied())
            .filter(|parent| {
                *parent != id && base.unit(*parent).is_some_and(|up| up.level < unit.level)
            });
        // The digits that count: 110000 covers 11, 420682 itself.
        let digits = match unit.code {
            0 => 12,
            code if code < 1_000_000 && code.is_multiple_of(10_000) => 2,
            code if code < 1_000_000 && code.is_multiple_of(100) => 4,
            code if code < 1_000_000 => 6,
            code if code < 1_000_000_000 => 9,
            _ => 12,
        };
        if unit.level < VILLAGE && unit.code != 0 {
            let prefix = padded(unit.code) / 10_u64.pow(12 - digits);
            let end = base.range_of_prefix(prefix, digits).end;
            if end > id + 1 {
                base.ends.push((id, end));
            }
        }
        unit.parent = parent.unwrap_or(NO_UNIT);
        base.units.set(id, unit);
    }
    base.ends.shrink_to_fit();
}

/// Townships and villages that bear the names of units above them are matched without these.
fn shed_ancestors(base: &mut Base, vocabulary: &mut Vocabulary) {
    for id in 0..base.units.len() as UnitId {
        let Some(unit) = base
            .unit(id)
            .filter(|unit| matches!(unit.level, TOWNSHIP | VILLAGE))
        else {
            continue;
        };
        let name = base.name(id);
        // Three characters for the unit above, two for its own core, one generic.
        if name.len() < 15 || unit.parent == NO_UNIT {
            continue;
        }
        let kept = base.own_name(id);
        if kept.len() < name.len() {
            let (term, tails) = vocabulary.part(&kept, base.level(id));
            base.units.set(
                id,
                Unit {
                    term,
                    tails,
                    ..unit
                },
            );
        }
    }
}

/// Makes surfaces of given aliases, of names that ended units hand to their successors, and of
/// short forms that follow from the name.
fn collect_aliases(base: &mut Base, vocabulary: &mut Vocabulary) {
    let mut found: Vec<(UnitId, NameAlias)> = Vec::new();
    for (id, extra) in &base.extras {
        found.extend(extra.aliases.iter().map(|alias| (*id, alias.clone())));
        if base.unit(*id).is_none_or(|unit| unit.flags & RETIRED == 0) {
            continue;
        }
        for code in &extra.replaced_by {
            let heir = base
                .units_of_code(code.as_u64())
                .next()
                .filter(|heir| heir != id);
            let name = base.name(*id).into_owned();
            found.extend(heir.map(|heir| {
                (
                    heir,
                    NameAlias {
                        name,
                        kind: NameKind::Former,
                        validity: extra.validity,
                    },
                )
            }));
        }
    }
    for id in 0..base.units.len() as UnitId {
        let Some(unit) = base.unit(id) else { continue };
        let name = base.name(id);
        let mut push = |name: String, kind| {
            found.push((
                id,
                NameAlias {
                    name,
                    kind,
                    validity: Validity::default(),
                },
            ));
        };
        if let Some(inner) = bracketed(&name) {
            push(inner.to_owned(), NameKind::Alias);
        }
        if unit.level == PROVINCE {
            for short in short_names(unit.code) {
                push((*short).to_owned(), NameKind::Short);
            }
        }
        if unit.level == COUNTY || unit.level == TOWNSHIP {
            for (long, short) in [
                ("高新技术产业开发区", "高新区"),
                ("经济技术开发区", "经开区"),
                ("经济开发区", "经开区"),
            ] {
                if let Some(head) = name.strip_suffix(long).filter(|head| !head.is_empty()) {
                    push(format!("{head}{short}"), NameKind::Short);
                    push(format!("{head}开发区"), NameKind::Short);
                }
            }
        }
    }
    found.sort_by(|(one, alias), (other, second)| {
        (one, &alias.name, alias.kind, alias.validity.from).cmp(&(
            other,
            &second.name,
            second.kind,
            second.validity.from,
        ))
    });
    found.dedup_by(|later, kept| later.0 == kept.0 && later.1.name == kept.1.name);
    for (unit, alias) in found {
        if key_characters(&alias.name).is_empty() || alias.name == base.name(unit) {
            continue;
        }
        let (term, tails) = match alias.kind {
            NameKind::Short => (vocabulary.term(&key_characters(&alias.name)), 0),
            _ => vocabulary.part(&alias.name, base.level(unit)),
        };
        let NameAlias {
            name,
            kind,
            validity,
        } = alias;
        base.aliases.push(AliasSurface {
            unit,
            term,
            tails,
            kind,
            name,
            validity,
        });
    }
}

/// Numbers the terms in the order of their characters and reads them.
fn finish_terms(base: &mut Base, vocabulary: Vocabulary) {
    let Vocabulary {
        mut alphabet,
        terms,
        tails,
        ..
    } = vocabulary;
    let text = |term: &[CharId]| -> String {
        term.iter()
            .map(|character| alphabet.character(*character))
            .collect()
    };
    let mut sorted: Vec<(String, Box<[CharId]>, u32)> = terms
        .into_iter()
        .map(|(ids, old)| (text(&ids), ids, old))
        .collect();
    sorted.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    let mut renumbered = vec![0_u32; sorted.len()];
    let mut letters: Vec<u8> = Vec::new();
    for (term, (text, ids, old)) in sorted.iter().enumerate() {
        if let Some(slot) = renumbered.get_mut(*old as usize) {
            *slot = term as u32;
        }
        base.terms.push(ids);
        let characters: Vec<char> = text.chars().collect();
        let generic = generic_mask(&characters);
        if generic != 0 {
            base.generic.push((term as u32, generic));
        }
        letters.clear();
        for (reading, (id, character)) in read_name(text).iter().zip(ids.iter().zip(text.chars())) {
            if let Some(reading) = reading {
                let sound = Sound {
                    syllable: reading.syllable().id(),
                    tone: reading.tone(),
                };
                alphabet.add_sound(*id, sound);
                letters.extend_from_slice(reading.syllable().as_str().as_bytes());
            } else {
                letters.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        base.letters.push(&letters);
    }
    drop(sorted);
    alphabet.seal();
    base.alphabet = alphabet;
    base.tails = tails;
    let renumber = |term: u32| renumbered.get(term as usize).copied().unwrap_or(0);
    for id in 0..base.units.len() as UnitId {
        if let Some(unit) = base.unit(id) {
            let term = renumber(unit.term);
            base.units.set(id, Unit { term, ..unit });
        }
    }
    for alias in &mut base.aliases {
        alias.term = renumber(alias.term);
    }
    // What is left of 宁乡市 and 陈村镇 without their generic part has none.
    let parted: FxHashSet<u32> = base
        .units
        .iter()
        .filter(|unit| unit.level <= TOWNSHIP)
        .filter(|unit| {
            let tails = base.tails.get(usize::from(unit.tails));
            tails.is_some_and(|tails| !tails.is_empty())
        })
        .map(|unit| unit.term)
        .collect();
    base.generic.retain(|(term, _)| !parted.contains(term));
}

/// Keeps of names what their cores do not say.
fn shorten_names(base: &mut Base) {
    let mut shortening = Shortening::default();
    for id in 0..base.units.len() as UnitId {
        let Some(unit) = base.unit(id) else { continue };
        let core = base.term_text(unit.term);
        let name = shortening.shorten(base.names.text(unit.name), unit.name, &core);
        base.units.set(id, Unit { name, ..unit });
    }
    base.names = shortening.finish();
}

fn index(base: &mut Base) {
    let terms = base.terms.len() as u32;
    let mut by_letters: Vec<u32> = (0..terms).collect();
    by_letters.sort_by(|one, other| {
        base.letters
            .get(*one)
            .cmp(base.letters.get(*other))
            .then(one.cmp(other))
    });
    base.by_letters = by_letters;
    let units = base.units.iter().map(|unit| unit.term);
    let aliases = base.aliases.iter().map(|alias| alias.term);
    base.of_term = Postings::collect(
        terms as usize,
        units
            .chain(aliases)
            .enumerate()
            .map(|(surface, term)| (term, surface as u32)),
    );
    let pairs = (0..terms).flat_map(|term| {
        base.terms
            .get(term)
            .iter()
            .map(move |character| (u32::from(*character), term))
    });
    base.with_character = Postings::collect(base.alphabet.len(), pairs);
    for surface in 0..(base.units.len() + base.aliases.len()) as u32 {
        let Some(unit) = base
            .surface(surface)
            .and_then(|found| base.unit(found.unit))
        else {
            continue;
        };
        match unit.level {
            0..=COUNTY => base.upper.push(surface),
            TOWNSHIP => base.towns.push(surface),
            _ => {}
        }
    }
    crate::edges::prepare();
    base.finish();
    base.aliases.shrink_to_fit();
    base.generic.shrink_to_fit();
    base.upper.shrink_to_fit();
    base.towns.shrink_to_fit();
    base.terms.shrink();
    base.letters.shrink();
}
