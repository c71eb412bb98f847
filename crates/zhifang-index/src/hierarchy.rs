//! Codes of divisions: who is whose parent, and which units the prefix does not tell.

use rustc_hash::FxHashMap;
use zhifang_core::{CodePrefix, Collection, DivisionCode, DivisionLevel, Record, Status};

use crate::table::Table;

/// Relations among the divisions of a table.
#[derive(Debug, Default)]
pub(crate) struct Hierarchy {
    /// Codes to the places of their bare ids.
    by_code: FxHashMap<DivisionCode, u32>,
    /// Parent and place of the child, drafts left out, sorted.
    children: Vec<(DivisionCode, u32)>,
    /// Places of the units whose codes do not begin with their parents' digits.
    pub(crate) odd: Vec<u32>,
}

impl Hierarchy {
    pub(crate) fn build(table: &Table) -> Self {
        let mut found = Self::default();
        found.by_code.reserve(table.records.len());
        for (index, record) in table.records.iter().enumerate() {
            let index = index as u32;
            let Some(code) = record.division else {
                continue;
            };
            if is_bare(record) {
                found.by_code.insert(code, index);
            }
            if record.status == Status::Draft || is_heading(record) {
                continue;
            }
            if let Some(parent) = record.parent() {
                found.children.push((parent, index));
                if !parent.prefix().covers(code) {
                    found.odd.push(index);
                }
            }
        }
        found.children.sort_unstable();
        found
    }

    pub(crate) fn position(&self, code: DivisionCode) -> Option<u32> {
        self.by_code.get(&code).copied()
    }

    /// Places of all units, of any time, that name this parent.
    pub(crate) fn children(&self, parent: DivisionCode) -> impl Iterator<Item = u32> {
        let start = self.children.partition_point(|(code, _)| *code < parent);
        self.children[start..]
            .iter()
            .take_while(move |(code, _)| *code == parent)
            .map(|(_, index)| *index)
    }
}

/// Whether the id is the code itself, not an earlier life of it.
pub(crate) fn is_bare(record: &Record) -> bool {
    !record.id.contains('@')
}

/// [`Record::is_heading`], quick for the many units that are none.
pub(crate) fn is_heading(record: &Record) -> bool {
    let below_county = record.division.is_some_and(|code| code.digits() > 6);
    !(below_county && record.fields.is_empty()) && record.is_heading()
}

/// Parent and code of a unit whose code does not begin with its parent's digits.
pub(crate) fn odd_pair(record: &Record) -> Option<(DivisionCode, DivisionCode)> {
    let (code, parent) = (record.division?, record.parent()?);
    let is_odd =
        !parent.prefix().covers(code) && record.status != Status::Draft && !is_heading(record);
    is_odd.then_some((parent, code))
}

/// A unit and everything below it, by the digits of the codes and by stored parents.
#[derive(Debug, Clone)]
pub struct Scope {
    prefixes: Vec<CodePrefix>,
}

impl Scope {
    pub(crate) fn new(prefix: CodePrefix, odd: &[(DivisionCode, DivisionCode)]) -> Self {
        let mut scope = Self {
            prefixes: vec![prefix],
        };
        // A unit that hangs elsewhere than its digits say may have such units below it again.
        loop {
            let more: Vec<_> = odd
                .iter()
                .filter(|(parent, child)| scope.covers(*parent) && !scope.covers(*child))
                .map(|(_, child)| child.prefix())
                .collect();
            if more.is_empty() {
                return scope;
            }
            scope.prefixes.extend(more);
        }
    }

    /// Whether the unit is this one or lies below it.
    pub fn covers(&self, code: DivisionCode) -> bool {
        self.prefixes.iter().any(|prefix| prefix.covers(code))
    }

    /// Whether the record is of this unit or of one below it.
    pub fn covers_record(&self, record: &Record) -> bool {
        record.division.is_some_and(|code| self.covers(code))
    }

    /// The prefixes that make up the scope; the one asked for comes first.
    pub fn prefixes(&self) -> &[CodePrefix] {
        &self.prefixes
    }
}

/// The place of a collection in [`Collection::ALL`].
pub(crate) const fn slot(collection: Collection) -> usize {
    collection as usize
}

/// Places of the code's lives: the bare id first, then `code@from` by day.
pub(crate) fn lives<'a>(
    table: &'a Table,
    hierarchy: &Hierarchy,
    code: DivisionCode,
) -> impl Iterator<Item = u32> + use<'a> {
    let mark = format!("{code}@");
    let start = table.lower_bound(&mark);
    let earlier = table.records[start as usize..]
        .iter()
        .zip(start..)
        .take_while(move |(record, _)| record.id.starts_with(&mark))
        .map(|(_, index)| index);
    hierarchy.position(code).into_iter().chain(earlier)
}

/// The units from this code upwards, nearest first, with every code that was looked at.
///
/// `unit` answers for a code with the unit that counts; a code without one is stepped over by
/// its digits. Stored parents that run in a ring end the chain.
pub(crate) fn chain<'a>(
    from: Option<DivisionCode>,
    unit: impl Fn(DivisionCode) -> Option<&'a Record>,
    mut looked_at: impl FnMut(DivisionCode, Option<&'a Record>),
) -> Vec<&'a Record> {
    let mut chain: Vec<&'a Record> = Vec::with_capacity(DivisionLevel::ALL.len());
    let mut next = from;
    // Longer than any true chain.
    for _ in 0..2 * DivisionLevel::ALL.len() {
        let Some(code) = next else { break };
        let found = unit(code);
        looked_at(code, found);
        if let Some(found) = found {
            if chain.iter().any(|seen| seen.id == found.id) {
                break;
            }
            chain.push(found);
        }
        next = found.map_or_else(|| code.parent(), Record::parent);
    }
    chain
}
