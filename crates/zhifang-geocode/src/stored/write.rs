//! A base to bytes.

use std::io::{self, Write};

use zhifang_core::{DivisionCode, Validity};

use super::sum::Sum;
use crate::alphabet::Alphabet;
use crate::base::{AliasSurface, Base, Extra, Postings, Slices, TailIds, UnitId};
use crate::entry::{NameAlias, NameKind};

/// Bytes gathered before they are summed and handed on: whole words.
const PIECE: usize = 1 << 16;

/// Writes the content, sums it, and ends with the sum.
pub(super) struct Writer<'w, W> {
    out: &'w mut W,
    buffer: Vec<u8>,
    sum: Sum,
}

impl<'w, W: Write> Writer<'w, W> {
    pub(super) fn new(out: &'w mut W) -> Self {
        Self {
            out,
            buffer: Vec::with_capacity(2 * PIECE),
            sum: Sum::default(),
        }
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() < PIECE {
            return Ok(());
        }
        let (whole, rest) = self.buffer.as_slice().as_chunks::<8>();
        let left = rest.len();
        self.sum.add(whole.as_flattened());
        self.out.write_all(whole.as_flattened())?;
        self.buffer.drain(..self.buffer.len() - left);
        Ok(())
    }

    fn word(&mut self, number: u32) -> io::Result<()> {
        self.bytes(&number.to_le_bytes())
    }

    fn long(&mut self, number: u64) -> io::Result<()> {
        self.bytes(&number.to_le_bytes())
    }

    fn float(&mut self, number: f64) -> io::Result<()> {
        self.bytes(&number.to_le_bytes())
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        self.word(text.len() as u32)?;
        self.bytes(text.as_bytes())
    }

    /// A column: its length, then its numbers, all of the same width.
    fn column<const N: usize>(
        &mut self,
        numbers: impl ExactSizeIterator<Item = [u8; N]>,
    ) -> io::Result<()> {
        self.word(numbers.len() as u32)?;
        for number in numbers {
            self.bytes(&number)?;
        }
        Ok(())
    }

    pub(super) fn words(&mut self, numbers: &[u32]) -> io::Result<()> {
        self.column(numbers.iter().map(|number| number.to_le_bytes()))
    }

    fn shorts(&mut self, numbers: &[u16]) -> io::Result<()> {
        self.column(numbers.iter().map(|number| number.to_le_bytes()))
    }

    fn octets(&mut self, octets: &[u8]) -> io::Result<()> {
        self.word(octets.len() as u32)?;
        octets.chunks(PIECE).try_for_each(|piece| self.bytes(piece))
    }

    pub(super) fn base(&mut self, base: &Base) -> io::Result<()> {
        let units = &base.units;
        self.column(units.iter().map(|unit| unit.code.to_le_bytes()))?;
        self.column(units.iter().map(|unit| unit.name.to_le_bytes()))?;
        self.column(units.iter().map(|unit| unit.term.to_le_bytes()))?;
        self.column(units.iter().map(|unit| unit.parent.to_le_bytes()))?;
        self.column(units.iter().map(|unit| unit.tails.to_le_bytes()))?;
        self.column(units.iter().map(|unit| [unit.level]))?;
        self.column(units.iter().map(|unit| [unit.flags]))?;
        self.column(base.ends.iter().map(|(unit, _)| unit.to_le_bytes()))?;
        self.column(base.ends.iter().map(|(_, end)| end.to_le_bytes()))?;
        self.slices(&base.names.whole, Self::octets)?;
        self.slices(&base.names.endings, Self::octets)?;
        self.alphabet(&base.alphabet)?;
        self.slices(&base.terms, Self::shorts)?;
        self.column(base.generic.iter().map(|(term, _)| term.to_le_bytes()))?;
        self.column(base.generic.iter().map(|(_, mask)| mask.to_le_bytes()))?;
        self.slices(&base.letters, Self::octets)?;
        self.words(&base.by_letters)?;
        self.tails(&base.tails)?;
        self.word(base.aliases.len() as u32)?;
        for alias in &base.aliases {
            self.surface(alias)?;
        }
        self.postings(&base.of_term)?;
        self.postings(&base.with_character)?;
        self.words(&base.upper)?;
        self.words(&base.towns)?;
        let mut extras: Vec<(UnitId, &Extra)> = base
            .extras
            .iter()
            .map(|(unit, extra)| (*unit, extra))
            .collect();
        extras.sort_unstable_by_key(|(unit, _)| *unit);
        self.word(extras.len() as u32)?;
        for (unit, extra) in extras {
            self.word(unit)?;
            self.extra(extra)?;
        }
        Ok(())
    }

    fn slices<T: Copy>(
        &mut self,
        slices: &Slices<T>,
        items: impl FnOnce(&mut Self, &[T]) -> io::Result<()>,
    ) -> io::Result<()> {
        self.words(slices.offsets())?;
        items(self, slices.all())
    }

    fn postings(&mut self, postings: &Postings) -> io::Result<()> {
        let (offsets, items) = postings.parts();
        self.words(offsets)?;
        self.words(items)
    }

    fn alphabet(&mut self, alphabet: &Alphabet) -> io::Result<()> {
        self.column(
            alphabet
                .characters()
                .iter()
                .map(|one| u32::from(*one).to_le_bytes()),
        )?;
        for sounds in alphabet.all_sounds() {
            self.bytes(&[sounds.len() as u8])?;
            for sound in sounds {
                self.bytes(&sound.syllable.to_le_bytes())?;
                self.bytes(&[sound.tone])?;
            }
        }
        Ok(())
    }

    fn tails(&mut self, tails: &[Vec<TailIds>]) -> io::Result<()> {
        self.word(tails.len() as u32)?;
        for set in tails {
            self.word(set.len() as u32)?;
            for tail in set {
                self.shorts(&tail.text)?;
                self.bytes(&[tail.worth])?;
            }
        }
        Ok(())
    }

    fn surface(&mut self, alias: &AliasSurface) -> io::Result<()> {
        self.word(alias.unit)?;
        self.word(alias.term)?;
        self.bytes(&alias.tails.to_le_bytes())?;
        self.named(&alias.name, alias.kind, alias.validity)
    }

    fn named(&mut self, name: &str, kind: NameKind, validity: Validity) -> io::Result<()> {
        self.bytes(&[super::number_of_kind(kind)])?;
        self.text(name)?;
        self.validity(validity)
    }

    fn validity(&mut self, validity: Validity) -> io::Result<()> {
        let is_there = u8::from(validity.from.is_some()) | u8::from(validity.to.is_some()) << 1;
        self.bytes(&[is_there])?;
        for day in [validity.from, validity.to].into_iter().flatten() {
            self.bytes(&day.number().to_le_bytes())?;
        }
        Ok(())
    }

    fn extra(&mut self, extra: &Extra) -> io::Result<()> {
        use super::part;
        let mut parts = 0;
        for (is_there, bit) in [
            (extra.id.is_some(), part::ID),
            (extra.collection.is_some(), part::COLLECTION),
            (extra.parent.is_some(), part::PARENT),
            (extra.category.is_some(), part::CATEGORY),
            (extra.place.is_some(), part::PLACE),
            (extra.population.is_some(), part::POPULATION),
            (!extra.replaced_by.is_empty(), part::REPLACED),
            (!extra.aliases.is_empty(), part::ALIASES),
        ] {
            parts |= if is_there { bit } else { 0 };
        }
        self.bytes(&[parts])?;
        self.validity(extra.validity)?;
        if let Some(id) = &extra.id {
            self.text(id)?;
        }
        if let Some(collection) = extra.collection {
            self.text(collection.as_str())?;
        }
        if let Some(parent) = extra.parent {
            self.long(parent.as_u64())?;
        }
        if let Some(category) = extra.category {
            self.bytes(&[category])?;
        }
        if let Some(place) = extra.place {
            self.float(place.lon)?;
            self.float(place.lat)?;
        }
        if let Some(population) = extra.population {
            self.long(population)?;
        }
        if !extra.replaced_by.is_empty() {
            let codes = extra.replaced_by.iter().copied().map(DivisionCode::as_u64);
            self.column(codes.map(u64::to_le_bytes))?;
        }
        if !extra.aliases.is_empty() {
            self.word(extra.aliases.len() as u32)?;
            for NameAlias {
                name,
                kind,
                validity,
            } in &extra.aliases
            {
                self.named(name, *kind, *validity)?;
            }
        }
        Ok(())
    }

    /// Hands on what is left, and the sum.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.sum.add(&self.buffer);
        self.out.write_all(&self.buffer)?;
        self.out.write_all(&self.sum.finish().to_le_bytes())
    }
}
