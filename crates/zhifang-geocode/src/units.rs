//! The units of a base in twenty bytes each.

use crate::base::{TermId, UnitId};

/// A record that can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unit {
    /// The unit's own code, or that of the unit it lies in; 0 for none.
    pub(crate) code: u64,
    pub(crate) name: u32,
    pub(crate) term: TermId,
    pub(crate) parent: UnitId,
    pub(crate) tails: u16,
    pub(crate) level: u8,
    pub(crate) flags: u8,
}

/// The same without gaps: twelve digits fit forty bits, level and flags three each.
#[derive(Debug, Clone, Copy)]
struct Packed {
    code_low: u32,
    name: u32,
    term: TermId,
    parent: UnitId,
    tails: u16,
    code_high: u8,
    level_and_flags: u8,
}

const LEVEL_BITS: u32 = 3;

impl From<Unit> for Packed {
    fn from(unit: Unit) -> Self {
        Self {
            code_low: unit.code as u32,
            name: unit.name,
            term: unit.term,
            parent: unit.parent,
            tails: unit.tails,
            code_high: (unit.code >> u32::BITS) as u8,
            level_and_flags: unit.flags << LEVEL_BITS | unit.level,
        }
    }
}

impl From<Packed> for Unit {
    fn from(packed: Packed) -> Self {
        Self {
            code: u64::from(packed.code_high) << u32::BITS | u64::from(packed.code_low),
            name: packed.name,
            term: packed.term,
            parent: packed.parent,
            tails: packed.tails,
            level: packed.level_and_flags & ((1 << LEVEL_BITS) - 1),
            flags: packed.level_and_flags >> LEVEL_BITS,
        }
    }
}

/// Units in the order of their codes.
#[derive(Debug, Default)]
pub(crate) struct Units(Vec<Packed>);

impl FromIterator<Unit> for Units {
    fn from_iter<I: IntoIterator<Item = Unit>>(units: I) -> Self {
        let mut packed: Vec<Packed> = units.into_iter().map(Packed::from).collect();
        packed.shrink_to_fit();
        Self(packed)
    }
}

impl Units {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn get(&self, id: UnitId) -> Option<Unit> {
        self.0.get(id as usize).copied().map(Unit::from)
    }

    pub(crate) fn set(&mut self, id: UnitId, unit: Unit) {
        if let Some(slot) = self.0.get_mut(id as usize) {
            *slot = unit.into();
        }
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = Unit> + Clone + '_ {
        self.0.iter().copied().map(Unit::from)
    }

    /// First unit for which `is_before` fails.
    pub(crate) fn partition_point(&self, is_before: impl Fn(Unit) -> bool) -> UnitId {
        self.0.partition_point(|packed| is_before((*packed).into())) as UnitId
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.capacity() * size_of::<Packed>()
    }
}

#[cfg(test)]
mod tests {
    use super::{Packed, Unit, Units};

    #[test]
    fn packing_loses_nothing() {
        let unit = Unit {
            code: 999_999_999_999,
            name: u32::MAX,
            term: 7,
            parent: u32::MAX,
            tails: u16::MAX,
            level: 6,
            flags: 7,
        };
        let units: Units = [
            unit,
            Unit {
                code: 0,
                level: 0,
                flags: 0,
                ..unit
            },
        ]
        .into_iter()
        .collect();
        assert_eq!(units.get(0), Some(unit));
        assert_eq!(
            units.get(1).map(|unit| (unit.code, unit.level, unit.flags)),
            Some((0, 0, 0))
        );
        assert_eq!(size_of::<Packed>(), 20);
    }
}
