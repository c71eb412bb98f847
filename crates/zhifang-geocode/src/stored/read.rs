//! Bytes to a base; whatever the bytes are, an answer and no panic.

use rustc_hash::FxHashMap;
use zhifang_core::{Collection, Day, DivisionCode, LonLat, Validity};
use zhifang_pinyin::Syllable;

use super::part;
use crate::alphabet::{Alphabet, Sound};
use crate::base::{
    AliasSurface, Base, Extra, NO_UNIT, OTHER, Postings, Slices, TailIds, UnitId, padded,
};
use crate::entry::{NameAlias, NameKind};
use crate::error::GeocodeError;
use crate::published::{BEHIND_CORE, Published};
use crate::units::{Unit, Units};

pub(super) struct Reader<'a> {
    content: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(content: &'a [u8]) -> Self {
        Self { content, offset: 0 }
    }

    fn fault(&self, reason: &'static str) -> GeocodeError {
        GeocodeError::Content {
            reason,
            offset: self.offset,
        }
    }

    fn check(&self, is_sound: bool, reason: &'static str) -> Result<(), GeocodeError> {
        if is_sound {
            Ok(())
        } else {
            Err(self.fault(reason))
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], GeocodeError> {
        let found = self
            .offset
            .checked_add(length)
            .and_then(|end| self.content.get(self.offset..end))
            .ok_or_else(|| self.fault("ends early"))?;
        self.offset += length;
        Ok(found)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], GeocodeError> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| self.fault("ends early"))
    }

    fn byte(&mut self) -> Result<u8, GeocodeError> {
        self.array().map(u8::from_le_bytes)
    }

    fn word(&mut self) -> Result<u32, GeocodeError> {
        self.array().map(u32::from_le_bytes)
    }

    fn long(&mut self) -> Result<u64, GeocodeError> {
        self.array().map(u64::from_le_bytes)
    }

    fn float(&mut self) -> Result<f64, GeocodeError> {
        let number = self.array().map(f64::from_le_bytes)?;
        self.check(number.is_finite(), "number is not finite")?;
        Ok(number)
    }

    fn text(&mut self) -> Result<&'a str, GeocodeError> {
        let length = self.word()?;
        let bytes = self.take(length as usize)?;
        std::str::from_utf8(bytes).map_err(|_| self.fault("no UTF-8"))
    }

    /// A count of things that take at least so many bytes each: one that the content cannot hold
    /// is an error before memory is asked for.
    fn count(&mut self, least: usize) -> Result<usize, GeocodeError> {
        let count = self.word()? as usize;
        let left = self.content.len() - self.offset;
        self.check(count <= left / least, "count beyond the end")?;
        Ok(count)
    }

    fn column<const N: usize>(&mut self) -> Result<&'a [[u8; N]], GeocodeError> {
        let count = self.count(N)?;
        Ok(self.take(count * N)?.as_chunks::<N>().0)
    }

    pub(super) fn words(&mut self) -> Result<Vec<u32>, GeocodeError> {
        let column = self.column::<4>()?;
        Ok(column.iter().copied().map(u32::from_le_bytes).collect())
    }

    /// Numbers that are all below a bound.
    pub(super) fn words_below(&mut self, bound: usize) -> Result<Vec<u32>, GeocodeError> {
        let words = self.words()?;
        let most = words.iter().copied().max();
        self.check(
            most.is_none_or(|most| (most as usize) < bound),
            "number beyond its table",
        )?;
        Ok(words)
    }

    fn shorts(&mut self) -> Result<Vec<u16>, GeocodeError> {
        let column = self.column::<2>()?;
        Ok(column.iter().copied().map(u16::from_le_bytes).collect())
    }

    fn shorts_below(&mut self, bound: usize) -> Result<Vec<u16>, GeocodeError> {
        let shorts = self.shorts()?;
        let most = shorts.iter().copied().max();
        let is_sound = most.is_none_or(|most| usize::from(most) < bound);
        self.check(is_sound, "number beyond its table")?;
        Ok(shorts)
    }

    fn octets(&mut self) -> Result<Vec<u8>, GeocodeError> {
        let count = self.count(1)?;
        self.take(count).map(<[u8]>::to_vec)
    }

    pub(super) fn base(&mut self) -> Result<Base, GeocodeError> {
        let units = self.units()?;
        let count = units.len();
        let ends = self.ends(count)?;
        let names = Published {
            whole: self.texts()?,
            endings: self.texts()?,
        };
        let alphabet = self.alphabet()?;
        let offsets = self.words()?;
        let terms = self.shorts_below(alphabet.len())?;
        let terms = self.slices(offsets, terms)?;
        let generic = self.pairs(terms.len(), usize::MAX)?;
        let offsets = self.words()?;
        let letters = self.octets()?;
        let letters = self.slices(offsets, letters)?;
        let by_letters = self.words_below(terms.len())?;
        let has_all = [letters.len(), by_letters.len()];
        self.check(has_all == [terms.len(); 2], "terms without their columns")?;
        let tails = self.tails(alphabet.len())?;
        let aliases = self.aliases(count, terms.len(), tails.len())?;
        let surfaces = count + aliases.len();
        let of_term = self.postings(terms.len(), surfaces)?;
        let with_character = self.postings(alphabet.len(), terms.len())?;
        let upper = self.words_below(surfaces)?;
        let towns = self.words_below(surfaces)?;
        let extras = self.extras(count)?;
        let is_sound = units.iter().all(|unit| {
            let number = (unit.name & !BEHIND_CORE) as usize;
            let is_behind = unit.name & BEHIND_CORE != 0;
            number
                < if is_behind {
                    names.endings.len()
                } else {
                    names.whole.len()
                }
                && (unit.term as usize) < terms.len()
                && usize::from(unit.tails) < tails.len()
        });
        self.check(is_sound, "unit beyond its tables")?;
        let mut base = Base {
            units,
            ends,
            heads: Vec::new(),
            names,
            alphabet,
            terms,
            generic,
            letters,
            by_letters,
            tails,
            aliases,
            of_term,
            with_character,
            upper,
            upper_heads: Vec::new(),
            upper_with: Postings::default(),
            towns,
            town_heads: Vec::new(),
            towns_with: Postings::default(),
            extras,
            by_id: Vec::new(),
        };
        base.finish();
        Ok(base)
    }

    fn units(&mut self) -> Result<Units, GeocodeError> {
        let codes = self.column::<8>()?;
        let names = self.column::<4>()?;
        let terms = self.column::<4>()?;
        let parents = self.column::<4>()?;
        let tails = self.column::<2>()?;
        let levels = self.column::<1>()?;
        let flags = self.column::<1>()?;
        let count = codes.len();
        let lengths = [
            names.len(),
            terms.len(),
            parents.len(),
            tails.len(),
            levels.len(),
            flags.len(),
        ];
        self.check(lengths == [count; 6], "columns of different lengths")?;
        let mut units: Vec<Unit> = Vec::with_capacity(count);
        let first = codes.iter().zip(names).zip(terms).zip(parents);
        let second = tails.iter().zip(levels).zip(flags);
        for ((((code, name), term), parent), ((tails, level), flags)) in first.zip(second) {
            units.push(Unit {
                code: u64::from_le_bytes(*code),
                name: u32::from_le_bytes(*name),
                term: u32::from_le_bytes(*term),
                parent: u32::from_le_bytes(*parent),
                tails: u16::from_le_bytes(*tails),
                level: u8::from_le_bytes(*level),
                flags: u8::from_le_bytes(*flags),
            });
        }
        let is_known = units.iter().all(|unit| {
            unit.level <= OTHER
                && unit.flags < 8
                && (unit.code == 0 || DivisionCode::from_u64(unit.code).is_some())
        });
        self.check(is_known, "unknown code or level")?;
        let is_sorted = units.is_sorted_by_key(|unit| padded(unit.code));
        self.check(is_sorted, "codes out of order")?;
        let is_linked = units.iter().all(|unit| {
            let above = units.get(unit.parent as usize);
            unit.parent == NO_UNIT || above.is_some_and(|above| above.level < unit.level)
        });
        self.check(is_linked, "unit outside its parent")?;
        Ok(units.into_iter().collect())
    }

    /// Pairs in the order of their first numbers, both below bounds.
    fn pairs(&mut self, first: usize, second: usize) -> Result<Vec<(u32, u32)>, GeocodeError> {
        let keys = self.words_below(first)?;
        let values = self.words_below(second)?;
        self.check(keys.len() == values.len(), "columns of different lengths")?;
        let is_sorted = keys.is_sorted_by(|one, other| one < other);
        self.check(is_sorted, "keys out of order")?;
        Ok(keys.into_iter().zip(values).collect())
    }

    fn ends(&mut self, units: usize) -> Result<Vec<(UnitId, UnitId)>, GeocodeError> {
        let ends = self.pairs(units, units + 1)?;
        let is_sound = ends.iter().all(|(from, to)| from < to);
        self.check(is_sound, "ends out of order")?;
        Ok(ends)
    }

    fn texts(&mut self) -> Result<Slices<u8>, GeocodeError> {
        let offsets = self.words()?;
        let octets = self.octets()?;
        let texts = self.slices(offsets, octets)?;
        let is_text = texts.iter().all(|text| std::str::from_utf8(text).is_ok());
        self.check(is_text, "no UTF-8")?;
        Ok(texts)
    }

    fn slices<T: Copy>(&self, offsets: Vec<u32>, items: Vec<T>) -> Result<Slices<T>, GeocodeError> {
        Slices::from_parts(offsets, items).ok_or_else(|| self.fault("offsets out of order"))
    }

    /// Lists by key; both numbers are bounds.
    fn postings(&mut self, keys: usize, items: usize) -> Result<Postings, GeocodeError> {
        let offsets = self.words()?;
        let items = self.words_below(items)?;
        self.check(offsets.len() == keys + 1, "lists without their keys")?;
        Postings::from_parts(offsets, items).ok_or_else(|| self.fault("offsets out of order"))
    }

    fn alphabet(&mut self) -> Result<Alphabet, GeocodeError> {
        let column = self.column::<4>()?;
        let characters: Option<Vec<char>> = column
            .iter()
            .map(|one| char::from_u32(u32::from_le_bytes(*one)))
            .collect();
        let characters = characters.ok_or_else(|| self.fault("no character"))?;
        let mut sounds = Vec::with_capacity(characters.len());
        for _ in 0..characters.len() {
            let count = self.byte()?;
            let mut own = Vec::with_capacity(usize::from(count));
            for _ in 0..count {
                let syllable = self.array().map(u16::from_le_bytes)?;
                self.check(syllable < Syllable::count(), "unknown syllable")?;
                let tone = self.byte()?;
                own.push(Sound { syllable, tone });
            }
            sounds.push(own);
        }
        Alphabet::from_parts(characters, sounds).ok_or_else(|| self.fault("a character twice"))
    }

    fn tails(&mut self, characters: usize) -> Result<Vec<Vec<TailIds>>, GeocodeError> {
        let sets = self.count(4)?;
        self.check(u16::try_from(sets).is_ok(), "too many generic parts")?;
        let mut tails = Vec::with_capacity(sets);
        for _ in 0..sets {
            let count = self.count(5)?;
            let mut set = Vec::with_capacity(count);
            for _ in 0..count {
                let text = self.shorts_below(characters)?;
                // Longer ones would be followed character by character, one call each.
                self.check(text.len() <= 64, "generic part too long")?;
                let worth = self.byte()?;
                set.push(TailIds { text, worth });
            }
            tails.push(set);
        }
        Ok(tails)
    }

    fn aliases(
        &mut self,
        units: usize,
        terms: usize,
        tails: usize,
    ) -> Result<Vec<AliasSurface>, GeocodeError> {
        let count = self.count(16)?;
        let mut aliases: Vec<AliasSurface> = Vec::with_capacity(count);
        for _ in 0..count {
            let unit = self.word()?;
            let term = self.word()?;
            let tail = self.array().map(u16::from_le_bytes)?;
            let is_sound = (unit as usize) < units
                && (term as usize) < terms
                && usize::from(tail) < tails
                && aliases.last().is_none_or(|before| before.unit <= unit);
            self.check(is_sound, "alias beyond its tables")?;
            let NameAlias {
                name,
                kind,
                validity,
            } = self.named()?;
            aliases.push(AliasSurface {
                unit,
                term,
                tails: tail,
                kind,
                name,
                validity,
            });
        }
        Ok(aliases)
    }

    fn named(&mut self) -> Result<NameAlias, GeocodeError> {
        let kind: Option<NameKind> = super::kind_of_number(self.byte()?);
        let kind = kind.ok_or_else(|| self.fault("unknown kind of name"))?;
        Ok(NameAlias {
            name: self.text()?.to_owned(),
            kind,
            validity: self.validity()?,
        })
    }

    fn validity(&mut self) -> Result<Validity, GeocodeError> {
        let is_there = self.byte()?;
        self.check(is_there < 4, "unknown kind of validity")?;
        let mut day = |bit: u8| -> Result<Option<Day>, GeocodeError> {
            if is_there & bit == 0 {
                return Ok(None);
            }
            let number = self.array().map(i32::from_le_bytes)?;
            let day = Day::from_number(number);
            day.map(Some).ok_or_else(|| self.fault("no calendar day"))
        };
        Ok(Validity {
            from: day(1)?,
            to: day(2)?,
        })
    }

    fn extras(&mut self, units: usize) -> Result<FxHashMap<UnitId, Extra>, GeocodeError> {
        let count = self.count(6)?;
        let mut extras = FxHashMap::default();
        extras.reserve(count.min(units));
        for _ in 0..count {
            let unit = self.word()?;
            self.check((unit as usize) < units, "number beyond its table")?;
            let extra = self.extra()?;
            let is_new = extras.insert(unit, extra).is_none();
            self.check(is_new, "a unit twice")?;
        }
        Ok(extras)
    }

    fn code(&mut self) -> Result<DivisionCode, GeocodeError> {
        let code = DivisionCode::from_u64(self.long()?);
        code.ok_or_else(|| self.fault("no code"))
    }

    fn extra(&mut self) -> Result<Extra, GeocodeError> {
        let parts = self.byte()?;
        let has = |bit: u8| parts & bit != 0;
        let mut extra = Extra {
            validity: self.validity()?,
            ..Extra::default()
        };
        if has(part::ID) {
            extra.id = Some(self.text()?.to_owned());
        }
        if has(part::COLLECTION) {
            let collection: Option<Collection> = self.text()?.parse().ok();
            extra.collection = Some(collection.ok_or_else(|| self.fault("unknown collection"))?);
        }
        if has(part::PARENT) {
            extra.parent = Some(self.code()?);
        }
        if has(part::CATEGORY) {
            extra.category = Some(self.byte()?);
        }
        if has(part::PLACE) {
            extra.place = Some(LonLat::new(self.float()?, self.float()?));
        }
        if has(part::POPULATION) {
            extra.population = Some(self.long()?);
        }
        if has(part::REPLACED) {
            let count = self.count(8)?;
            for _ in 0..count {
                extra.replaced_by.push(self.code()?);
            }
        }
        if has(part::ALIASES) {
            let count = self.count(6)?;
            for _ in 0..count {
                extra.aliases.push(self.named()?);
            }
        }
        Ok(extra)
    }

    /// Nothing may follow the last part.
    pub(super) fn end(&self) -> Result<(), GeocodeError> {
        self.check(self.offset == self.content.len(), "bytes left over")
    }
}
