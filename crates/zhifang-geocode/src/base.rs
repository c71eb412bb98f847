//! The immutable store of names: columns, terms, posting lists.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use zhifang_core::{Collection, DivisionCode, DivisionLevel, LonLat, Validity};

use crate::alphabet::{Alphabet, CharId};
use crate::entry::{NameAlias, NameEntry, NameKind};
use crate::published::{BEHIND_CORE, Published};
use crate::units::{Unit, Units};

/// Number of a unit (record) in its base, in the order of the codes.
pub(crate) type UnitId = u32;
/// Number of a core; equal cores share it, in the order of their characters.
pub(crate) type TermId = u32;
pub(crate) const NO_UNIT: UnitId = u32::MAX;

/// Levels as small numbers; 6 is a record that is no division.
pub(crate) const PROVINCE: u8 = 1;
pub(crate) const PREFECTURE: u8 = 2;
pub(crate) const COUNTY: u8 = 3;
pub(crate) const TOWNSHIP: u8 = 4;
pub(crate) const VILLAGE: u8 = 5;
pub(crate) const OTHER: u8 = 6;

/// The record has ended.
pub(crate) const RETIRED: u8 = 1;
/// Only there as an ancestor of others; never an answer.
pub(crate) const CONTEXT: u8 = 2;
/// Ended, and other units that answer for it are known.
pub(crate) const SUCCEEDED: u8 = 4;

/// What few units have.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Extra {
    /// Where it is not the code.
    pub(crate) id: Option<String>,
    pub(crate) collection: Option<Collection>,
    pub(crate) parent: Option<DivisionCode>,
    pub(crate) category: Option<u8>,
    pub(crate) place: Option<LonLat>,
    pub(crate) population: Option<u64>,
    pub(crate) validity: Validity,
    pub(crate) replaced_by: Vec<DivisionCode>,
    pub(crate) aliases: Vec<NameAlias>,
}

/// Another name of a unit, ready to be matched.
#[derive(Debug, Clone)]
pub(crate) struct AliasSurface {
    pub(crate) unit: UnitId,
    pub(crate) term: TermId,
    pub(crate) tails: u16,
    pub(crate) kind: NameKind,
    pub(crate) name: String,
    pub(crate) validity: Validity,
}

/// A generic part in character numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TailIds {
    pub(crate) text: Vec<CharId>,
    pub(crate) worth: u8,
}

/// Lists of numbers by key: `items[offsets[key]..offsets[key + 1]]`.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    offsets: Vec<u32>,
    items: Vec<u32>,
}

impl Postings {
    /// From pairs of key and item; items of a key keep the order of the pairs.
    pub(crate) fn collect(keys: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut offsets = vec![0_u32; keys + 1];
        for (key, _) in pairs.clone() {
            if let Some(count) = offsets.get_mut(key as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for offset in &mut offsets {
            sum += *offset;
            *offset = sum;
        }
        let mut next = offsets.clone();
        let mut items = vec![0; sum as usize];
        for (key, item) in pairs {
            if let Some(at) = next.get_mut(key as usize) {
                if let Some(slot) = items.get_mut(*at as usize) {
                    *slot = item;
                }
                *at += 1;
            }
        }
        Self { offsets, items }
    }

    /// From stored parts; `None` if the offsets do not fit the items.
    pub(crate) fn from_parts(offsets: Vec<u32>, items: Vec<u32>) -> Option<Self> {
        are_offsets(&offsets, items.len()).then_some(Self { offsets, items })
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        kept(&self.offsets) + kept(&self.items)
    }

    /// Offsets and items, to be stored.
    pub(crate) fn parts(&self) -> (&[u32], &[u32]) {
        (&self.offsets, &self.items)
    }

    pub(crate) fn of(&self, key: u32) -> &[u32] {
        let at = key as usize;
        match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(start), Some(end)) => self
                .items
                .get(*start as usize..*end as usize)
                .unwrap_or(&[]),
            _ => &[],
        }
    }
}

/// Whether these cut so many items into slices.
fn are_offsets(offsets: &[u32], items: usize) -> bool {
    offsets.first() == Some(&0)
        && offsets.last().is_some_and(|last| *last as usize == items)
        && offsets.is_sorted()
}

/// Slices of one long vector.
#[derive(Debug)]
pub(crate) struct Slices<T> {
    offsets: Vec<u32>,
    items: Vec<T>,
}

impl<T> Default for Slices<T> {
    fn default() -> Self {
        Self {
            offsets: vec![0],
            items: Vec::new(),
        }
    }
}

impl<T: Copy> Slices<T> {
    pub(crate) fn push(&mut self, slice: &[T]) -> u32 {
        self.items.extend_from_slice(slice);
        self.offsets.push(self.items.len() as u32);
        self.offsets.len() as u32 - 2
    }

    pub(crate) fn get(&self, at: u32) -> &[T] {
        let at = at as usize;
        match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(start), Some(end)) => self
                .items
                .get(*start as usize..*end as usize)
                .unwrap_or(&[]),
            _ => &[],
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// From stored parts; `None` if the offsets do not fit the items.
    pub(crate) fn from_parts(offsets: Vec<u32>, items: Vec<T>) -> Option<Self> {
        are_offsets(&offsets, items.len()).then_some(Self { offsets, items })
    }

    pub(crate) fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        kept(&self.offsets) + kept(&self.items)
    }

    /// The items of all slices, one behind the other.
    pub(crate) fn all(&self) -> &[T] {
        &self.items
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[T]> {
        (0..self.len() as u32).map(|at| self.get(at))
    }

    pub(crate) fn shrink(&mut self) {
        self.offsets.shrink_to_fit();
        self.items.shrink_to_fit();
    }
}

#[derive(Debug, Default)]
pub(crate) struct Base {
    pub(crate) units: Units,
    /// Behind the last unit of the same code prefix, for those that have some below them.
    pub(crate) ends: Vec<(UnitId, UnitId)>,
    /// How the core of each unit begins: what a scan reads.
    pub(crate) heads: Vec<Head>,
    pub(crate) names: Published,
    pub(crate) alphabet: Alphabet,
    pub(crate) terms: Slices<CharId>,
    /// Which characters of a term are generic, as bits, for those that have some.
    pub(crate) generic: Vec<(TermId, u32)>,
    /// Toneless letters of each term, first reading.
    pub(crate) letters: Slices<u8>,
    /// Terms ordered by their letters.
    pub(crate) by_letters: Vec<TermId>,
    pub(crate) tails: Vec<Vec<TailIds>>,
    pub(crate) aliases: Vec<AliasSurface>,
    /// Surfaces (units, then aliases behind them) of a term.
    pub(crate) of_term: Postings,
    /// Terms that contain a character.
    pub(crate) with_character: Postings,
    /// Surfaces of provinces, prefectures and counties.
    pub(crate) upper: Vec<u32>,
    /// How their cores begin.
    pub(crate) upper_heads: Vec<Head>,
    /// Positions in the same by the first character of the core.
    pub(crate) upper_with: Postings,
    /// Surfaces of townships.
    pub(crate) towns: Vec<u32>,
    /// How their cores begin.
    pub(crate) town_heads: Vec<Head>,
    /// Positions in the same by the first and second character of the core; those of long cores
    /// stand at [`NO_CHARACTER`].
    pub(crate) towns_with: Postings,
    pub(crate) extras: FxHashMap<UnitId, Extra>,
    /// Units whose id is not their code, by id.
    pub(crate) by_id: Vec<(String, UnitId)>,
}

/// The first three characters of a core, which mostly tell that it does not fit.
/// [`NO_CHARACTER`] stands for missing ones; the first is marked [`LONG`] in cores of five and
/// more, of which three characters do not tell enough.
pub(crate) type Head = [CharId; 3];

/// No character, in a [`Head`].
pub(crate) const NO_CHARACTER: CharId = CharId::MAX;
/// Mark of a long core, in a [`Head`].
pub(crate) const LONG: CharId = 1 << 15;

fn head_of(core: &[CharId]) -> Head {
    // The very few numbers beyond the mark stand for nothing.
    let at = |at: usize| {
        let id = core.get(at).copied().filter(|id| *id < LONG);
        id.unwrap_or(NO_CHARACTER)
    };
    let long = if core.len() > 4 { LONG } else { 0 };
    [at(0) | long, at(1), at(2)]
}

/// A name to be matched: a unit's own or an alias.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surface {
    pub(crate) unit: UnitId,
    pub(crate) term: TermId,
    pub(crate) tails: u16,
    /// Position in the aliases, `None` for the unit's own name.
    pub(crate) alias: Option<u32>,
}

/// Bytes that a vector keeps.
fn kept<T>(vector: &Vec<T>) -> usize {
    vector.capacity() * size_of::<T>()
}

impl Base {
    /// Bytes kept on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        let tails = self.tails.iter().flatten().map(|tail| kept(&tail.text));
        let aliases = self.aliases.iter().map(|alias| alias.name.capacity());
        let extras = self.extras.values().map(|extra| {
            let aliases = extra.aliases.iter().map(|alias| alias.name.capacity());
            let id = extra.id.as_ref().map_or(0, String::capacity);
            // The id stands in the list by id too.
            2 * id + kept(&extra.aliases) + aliases.sum::<usize>() + kept(&extra.replaced_by)
        });
        self.units.heap_bytes()
            + kept(&self.ends)
            + kept(&self.heads)
            + self.names.heap_bytes()
            + self.alphabet.heap_bytes()
            + self.terms.heap_bytes()
            + kept(&self.generic)
            + self.letters.heap_bytes()
            + kept(&self.by_letters)
            + kept(&self.tails)
            + self.tails.iter().map(kept).sum::<usize>()
            + tails.sum::<usize>()
            + kept(&self.aliases)
            + aliases.sum::<usize>()
            + self.of_term.heap_bytes()
            + self.with_character.heap_bytes()
            + kept(&self.upper)
            + kept(&self.upper_heads)
            + self.upper_with.heap_bytes()
            + kept(&self.towns)
            + kept(&self.town_heads)
            + self.towns_with.heap_bytes()
            // A control byte for each slot.
            + self.extras.capacity() * (size_of::<(UnitId, Extra)>() + 1)
            + extras.sum::<usize>()
            + kept(&self.by_id)
    }

    pub(crate) fn unit(&self, id: UnitId) -> Option<Unit> {
        self.units.get(id)
    }

    /// Behind the last unit whose code begins as this one's does.
    pub(crate) fn end(&self, id: UnitId) -> UnitId {
        let found = self.ends.binary_search_by_key(&id, |(unit, _)| *unit);
        let end = found.ok().and_then(|at| self.ends.get(at));
        end.map_or(id + 1, |(_, end)| *end)
    }

    /// The name as published.
    pub(crate) fn name(&self, id: UnitId) -> Cow<'_, str> {
        let Some(unit) = self.unit(id) else {
            return Cow::Borrowed("");
        };
        let text = self.names.text(unit.name);
        if unit.name & BEHIND_CORE == 0 {
            return Cow::Borrowed(text);
        }
        let mut name = self.term_text(unit.term);
        name.push_str(text);
        Cow::Owned(name)
    }

    /// The characters of a core.
    pub(crate) fn term_text(&self, term: TermId) -> String {
        let core = self.terms.get(term).iter();
        core.map(|character| self.alphabet.character(*character))
            .collect()
    }

    /// The name without those of units above that it repeats.
    pub(crate) fn own_name(&self, id: UnitId) -> Cow<'_, str> {
        let name = self.name(id);
        let above: Vec<Cow<'_, str>> = self.ancestors(id).map(|up| self.name(up)).collect();
        let own = self.own_part(id, &name, &above);
        if own.len() == name.len() {
            return name;
        }
        Cow::Owned(own.to_owned())
    }

    /// The same of a known name, with the names of the units above in any order.
    pub(crate) fn own_part<'a>(
        &self,
        id: UnitId,
        name: &'a str,
        above: &[impl AsRef<str>],
    ) -> &'a str {
        let may_repeat = self
            .unit(id)
            .is_some_and(|unit| matches!(unit.level, TOWNSHIP | VILLAGE))
            && above.iter().any(|unit| name.starts_with(unit.as_ref()));
        if !may_repeat {
            return name;
        }
        let mut above: Vec<&str> = above.iter().map(AsRef::as_ref).collect();
        // The nearest first.
        above.sort_by_key(|unit| std::cmp::Reverse(unit.len()));
        crate::generic::without_ancestors(name, &above, self.level(id))
    }

    /// Which characters of a term are generic, as bits.
    pub(crate) fn generic(&self, term: TermId) -> u32 {
        let found = self
            .generic
            .binary_search_by_key(&term, |(known, _)| *known);
        let found = found.ok().and_then(|at| self.generic.get(at));
        found.map_or(0, |(_, mask)| *mask)
    }

    pub(crate) fn surface(&self, number: u32) -> Option<Surface> {
        if let Some(unit) = self.units.get(number) {
            return Some(Surface {
                unit: number,
                term: unit.term,
                tails: unit.tails,
                alias: None,
            });
        }
        let at = number.checked_sub(self.units.len() as u32)?;
        let alias = self.aliases.get(at as usize)?;
        Some(Surface {
            unit: alias.unit,
            term: alias.term,
            tails: alias.tails,
            alias: Some(at),
        })
    }

    /// The units above, nearest first.
    pub(crate) fn ancestors(&self, id: UnitId) -> impl Iterator<Item = UnitId> {
        let parent = |id: UnitId| {
            self.unit(id)
                .map(|unit| unit.parent)
                .filter(|up| *up != NO_UNIT)
        };
        // Parents are of a higher level, so a chain has six units at most.
        std::iter::successors(parent(id), move |up| parent(*up)).take(6)
    }

    pub(crate) fn extra(&self, id: UnitId) -> Option<&Extra> {
        self.extras.get(&id)
    }

    pub(crate) fn validity(&self, id: UnitId) -> Validity {
        self.extra(id)
            .map(|extra| extra.validity)
            .unwrap_or_default()
    }

    pub(crate) fn record_id(&self, id: UnitId) -> String {
        match self.extra(id).and_then(|extra| extra.id.clone()) {
            Some(text) => text,
            None => self
                .unit(id)
                .map_or_else(String::new, |unit| unit.code.to_string()),
        }
    }

    pub(crate) fn collection(&self, id: UnitId) -> Collection {
        self.extra(id)
            .and_then(|extra| extra.collection)
            .unwrap_or(Collection::Divisions)
    }

    pub(crate) fn level(&self, id: UnitId) -> Option<DivisionLevel> {
        self.unit(id).and_then(|unit| level_of(unit.level))
    }

    /// The unit's position, else the nearest one above that has one.
    pub(crate) fn place(&self, id: UnitId) -> Option<LonLat> {
        std::iter::once(id)
            .chain(self.ancestors(id))
            .find_map(|unit| self.extra(unit).and_then(|extra| extra.place))
    }

    /// Units whose code begins with these digits, a contiguous range.
    pub(crate) fn range_of_prefix(&self, digits: u64, count: u32) -> std::ops::Range<UnitId> {
        let low = digits * 10_u64.pow(12 - count.min(12));
        let high = (digits + 1) * 10_u64.pow(12 - count.min(12));
        let at = |bound| self.units.partition_point(|unit| padded(unit.code) < bound);
        at(low)..at(high)
    }

    /// Units of exactly this code that are divisions, earlier lives among them.
    pub(crate) fn units_of_code(&self, code: u64) -> impl Iterator<Item = UnitId> {
        let start = self
            .units
            .partition_point(|unit| padded(unit.code) < padded(code));
        (start..self.units.len() as u32)
            .take_while(move |id| {
                self.unit(*id)
                    .is_some_and(|unit| padded(unit.code) == padded(code))
            })
            .filter(move |id| {
                self.unit(*id)
                    .is_some_and(|unit| unit.code == code && unit.level != OTHER)
            })
    }

    /// The unit with this record id.
    pub(crate) fn find(&self, collection: Collection, id: &str) -> Option<UnitId> {
        let start = self.by_id.partition_point(|(known, _)| known.as_str() < id);
        let named = self
            .by_id
            .iter()
            .skip(start)
            .take_while(|(known, _)| known == id);
        let mut named = named.map(|(_, unit)| *unit);
        if let Some(unit) = named.find(|unit| self.collection(*unit) == collection) {
            return Some(unit);
        }
        let code: u64 = id
            .parse()
            .ok()
            .filter(|_| collection == Collection::Divisions)?;
        self.units_of_code(code)
            .find(|unit| self.extra(*unit).is_none_or(|extra| extra.id.is_none()))
    }

    /// Makes the tables that follow from others.
    pub(crate) fn finish(&mut self) {
        self.by_id = self
            .extras
            .iter()
            .filter_map(|(unit, extra)| Some((extra.id.clone()?, *unit)))
            .collect();
        self.by_id.sort_unstable();
        let head = |term: TermId| head_of(self.terms.get(term));
        let of_surface = |number: &u32| head(self.surface(*number).map_or(0, |one| one.term));
        let heads = self.units.iter().map(|unit| head(unit.term)).collect();
        let upper: Vec<Head> = self.upper.iter().map(of_surface).collect();
        let begun = (0..).zip(&upper);
        let begun = begun.map(|(at, [first, ..])| (u32::from(first & !LONG), at));
        // Those without a character to go by stand behind the last one.
        let most = self.alphabet.len() as u32;
        let begun = begun.map(move |(first, at)| (first.min(most), at));
        let upper_with = Postings::collect(self.alphabet.len() + 1, begun);
        let towns: Vec<Head> = self.towns.iter().map(of_surface).collect();
        let begun = (0..).zip(&towns).flat_map(|(at, [first, second, _])| {
            let first = if first & LONG == 0 {
                *first
            } else {
                NO_CHARACTER
            };
            let second = Some(*second).filter(|second| *second != first && first != NO_CHARACTER);
            let both = std::iter::once(first).chain(second);
            both.map(move |character| (u32::from(character), at))
        });
        self.towns_with = Postings::collect(usize::from(NO_CHARACTER) + 1, begun);
        self.upper_with = upper_with;
        (self.heads, self.town_heads, self.upper_heads) = (heads, towns, upper);
    }

    /// The entry that this unit was built from.
    pub(crate) fn entry(&self, id: UnitId) -> Option<NameEntry> {
        let unit = self.unit(id)?;
        let extra = self.extra(id).cloned().unwrap_or_default();
        Some(NameEntry {
            id: self.record_id(id),
            collection: self.collection(id),
            name: self.name(id).into_owned(),
            code: DivisionCode::from_u64(unit.code),
            parent: extra.parent,
            level: level_of(unit.level),
            category: extra.category,
            aliases: extra.aliases,
            place: extra.place,
            population: extra.population,
            validity: extra.validity,
            is_retired: unit.flags & RETIRED != 0,
            replaced_by: extra.replaced_by,
        })
    }
}

pub(crate) fn level_of(number: u8) -> Option<DivisionLevel> {
    match number {
        0 => Some(DivisionLevel::Country),
        PROVINCE => Some(DivisionLevel::Province),
        PREFECTURE => Some(DivisionLevel::Prefecture),
        COUNTY => Some(DivisionLevel::County),
        TOWNSHIP => Some(DivisionLevel::Township),
        VILLAGE => Some(DivisionLevel::Village),
        _ => None,
    }
}

pub(crate) fn number_of(level: Option<DivisionLevel>) -> u8 {
    match level {
        Some(DivisionLevel::Country) => 0,
        Some(DivisionLevel::Province) => PROVINCE,
        Some(DivisionLevel::Prefecture) => PREFECTURE,
        Some(DivisionLevel::County) => COUNTY,
        Some(DivisionLevel::Township) => TOWNSHIP,
        Some(DivisionLevel::Village) => VILLAGE,
        None => OTHER,
    }
}

/// The code padded to 12 digits, so that units sort before what lies in them.
pub(crate) fn padded(code: u64) -> u64 {
    match code {
        0..=999_999 => code * 1_000_000,
        1_000_000..=999_999_999 => code * 1_000,
        _ => code,
    }
}
