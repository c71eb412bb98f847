//! The index: a base, and a few records that differ from it.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use zhifang_core::{Collection, DivisionCode};

use crate::answer::{self, Ranked};
use crate::base::{Base, OTHER, UnitId, VILLAGE};
use crate::build::{Source, build};
use crate::candidate::{Candidate, SearchQuery};
use crate::entry::{NameChange, NameEntry};
use crate::matcher::Matcher;
use crate::path;
use crate::query::Query;

/// Names of all records, immutable and cheap to clone: the clones share everything.
#[derive(Debug, Clone)]
pub struct NameIndex {
    pub(crate) base: Arc<Base>,
    /// Records that differ from the base, with the units above and below them that they change.
    pub(crate) overlay: Arc<Base>,
    /// Units of the base that the overlay replaces or removes.
    pub(crate) hidden: Arc<FxHashSet<UnitId>>,
}

impl NameIndex {
    /// An index of these entries, in any order. Headings of the code tables (市辖区 …) and entries
    /// without a name are left out. Some 2 s for the nation's 665,276 units on one core.
    pub fn build(entries: impl IntoIterator<Item = NameEntry>) -> Self {
        let sources = entries.into_iter().map(|entry| Source {
            entry,
            is_context: false,
        });
        Self {
            base: Arc::new(build(sources)),
            overlay: Arc::new(build(std::iter::empty())),
            hidden: Arc::default(),
        }
    }

    /// How many records can be found.
    pub fn len(&self) -> usize {
        let own = self.overlay.units.iter();
        let own = own
            .filter(|unit| unit.flags & crate::base::CONTEXT == 0)
            .count();
        self.base.units.len() - self.hidden.len() + own
    }

    /// Whether nothing can be found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many records the overlay holds beside the base; past some ten thousand a fresh
    /// [`build`](Self::build) is worth its while.
    pub fn overlay_len(&self) -> usize {
        self.overlay.units.len()
    }

    /// Another index that differs by these changes and shares the base. A division that is new,
    /// renamed or moved takes what lies below it along, so that it is found under its new name.
    #[must_use]
    pub fn with_changes(&self, changes: impl IntoIterator<Item = NameChange>) -> Self {
        let mut hidden: FxHashSet<UnitId> = self.hidden.as_ref().clone();
        // What the overlay holds already, by collection and id; ancestors are added at the end.
        let mut own: std::collections::BTreeMap<(Collection, String), NameEntry> = self
            .overlay
            .units
            .iter()
            .enumerate()
            .filter(|(_, unit)| unit.flags & crate::base::CONTEXT == 0)
            .filter_map(|(id, _)| self.overlay.entry(id as UnitId))
            .map(|entry| ((entry.collection, entry.id.clone()), entry))
            .collect();
        for change in changes {
            let (collection, id, entry) = match change {
                NameChange::Put(entry) => (entry.collection, entry.id.clone(), Some(entry)),
                NameChange::Remove { collection, id } => (collection, id, None),
            };
            if let Some(unit) = self.base.find(collection, &id) {
                hidden.insert(unit);
                let is_renamed = entry.as_ref().is_none_or(|entry| {
                    entry.name != self.base.name(unit)
                        || entry.parent != self.base.extra(unit).and_then(|extra| extra.parent)
                        || entry.is_retired
                });
                if is_renamed {
                    self.take_along(unit, &mut hidden, &mut own);
                }
            }
            match entry {
                Some(entry) => {
                    if let Some(code) = entry.code.filter(|_| collection == Collection::Divisions) {
                        self.take_below(code, &mut hidden, &mut own);
                    }
                    own.insert((collection, id), entry);
                }
                None => {
                    own.remove(&(collection, id));
                }
            }
        }
        let context = self.context_of(&own);
        let sources = own
            .into_values()
            .map(|entry| Source {
                entry,
                is_context: false,
            })
            .chain(context.into_iter().map(|entry| Source {
                entry,
                is_context: true,
            }));
        Self {
            base: Arc::clone(&self.base),
            overlay: Arc::new(build(sources)),
            hidden: Arc::new(hidden),
        }
    }

    /// Moves what lies below a unit of the base into the overlay.
    fn take_along(
        &self,
        unit: UnitId,
        hidden: &mut FxHashSet<UnitId>,
        own: &mut std::collections::BTreeMap<(Collection, String), NameEntry>,
    ) {
        if self
            .base
            .unit(unit)
            .is_none_or(|record| record.level >= VILLAGE)
        {
            return;
        }
        for below in unit + 1..self.base.end(unit) {
            if self.base.ancestors(below).any(|above| above == unit)
                && hidden.insert(below)
                && let Some(entry) = self.base.entry(below)
            {
                own.entry((entry.collection, entry.id.clone()))
                    .or_insert(entry);
            }
        }
    }

    /// The same for a division that is new to the base and has units below its code.
    fn take_below(
        &self,
        code: DivisionCode,
        hidden: &mut FxHashSet<UnitId>,
        own: &mut std::collections::BTreeMap<(Collection, String), NameEntry>,
    ) {
        let is_known = self.base.units_of_code(code.as_u64()).next().is_some();
        if is_known {
            return;
        }
        let digits = code.prefix().to_string();
        let range = self
            .base
            .range_of_prefix(digits.parse().unwrap_or(0), digits.len() as u32);
        for below in range {
            if hidden.insert(below)
                && let Some(entry) = self.base.entry(below)
            {
                own.entry((entry.collection, entry.id.clone()))
                    .or_insert(entry);
            }
        }
    }

    /// The units above the overlay's own that it does not hold itself.
    fn context_of(
        &self,
        own: &std::collections::BTreeMap<(Collection, String), NameEntry>,
    ) -> Vec<NameEntry> {
        let held: FxHashSet<DivisionCode> = own
            .values()
            .filter(|entry| entry.collection == Collection::Divisions && !entry.is_retired)
            .filter_map(|entry| entry.code)
            .collect();
        let mut wanted = std::collections::BTreeSet::new();
        for entry in own.values() {
            let first = match (entry.parent, entry.code) {
                (Some(parent), _) => Some(parent),
                (None, Some(code)) if entry.collection == Collection::Divisions => code.parent(),
                (None, code) => code,
            };
            wanted.extend(std::iter::successors(first, |code| code.parent()).take(8));
        }
        wanted.retain(|code| !held.contains(code));
        let live = |code: DivisionCode| {
            self.base
                .units_of_code(code.as_u64())
                .find(|unit| !self.hidden.contains(unit))
        };
        wanted
            .into_iter()
            .filter_map(live)
            .filter_map(|unit| self.base.entry(unit))
            .collect()
    }

    /// The records that the words mean, best first; empty if none fits. The same words give the
    /// same answers in the same order; the time they take is bounded whatever they are.
    pub fn search(&self, query: &SearchQuery) -> Vec<Candidate> {
        self.answer(query, false)
    }

    /// Like [`search`](Self::search) for words that are still being typed: names that go on where
    /// the words end (characters, Pinyin, initials, mixtures) are answers too.
    pub fn autocomplete(&self, query: &SearchQuery) -> Vec<Candidate> {
        self.answer(query, true)
    }

    /// The first answer of [`search`](Self::search), much sooner where the words spell the whole
    /// path of a unit, as addresses do: 湖北省襄阳市老河口市李楼镇李楼村12号.
    pub fn best(&self, options: &SearchQuery) -> Option<Candidate> {
        if options.limit > 0 && path::is_plain(options) {
            let query = Query::parse(&options.q);
            let nothing = FxHashSet::default();
            let walk = path::walk(&self.base, &self.hidden, &query);
            // What has been changed since may take more of the words.
            let is_base = |walk: &path::Walk| {
                self.overlay.units.is_empty()
                    || path::walk(&self.overlay, &nothing, &query)
                        .is_none_or(|other| other.mask.end() < walk.mask.end())
            };
            if let Some(walk) = walk.filter(is_base) {
                return Some(answer::by_path(&self.base, &walk, &query, options));
            }
        }
        let first = SearchQuery {
            limit: options.limit.min(1),
            ..options.clone()
        };
        self.search(&first).into_iter().next()
    }

    fn answer(&self, options: &SearchQuery, completes: bool) -> Vec<Candidate> {
        let query = Query::parse(&options.q);
        if query.len() == 0 || options.limit == 0 {
            return Vec::new();
        }
        let nothing = FxHashSet::default();
        let layers = [(&*self.base, &*self.hidden), (&*self.overlay, &nothing)];
        let by_code = answer::by_code(&layers, &query, options, completes);
        if !by_code.is_empty() {
            return by_code;
        }
        let mut ranked: Vec<Ranked<'_>> = Vec::new();
        for (base, hidden) in layers {
            if base.units.is_empty() {
                continue;
            }
            let (found, matcher) = Matcher::new(base, hidden, &query, options, completes).run();
            ranked.push(Ranked { found, matcher });
        }
        answer::rank(&ranked, &query, options)
    }

    /// Bytes that the index keeps in memory, all its tables and lists included.
    pub fn heap_bytes(&self) -> usize {
        let hidden = self.hidden.capacity() * (size_of::<UnitId>() + 1);
        self.base.heap_bytes() + self.overlay.heap_bytes() + hidden
    }

    /// How many of the records are divisions.
    pub fn division_count(&self) -> usize {
        let live = |(id, unit): (usize, crate::units::Unit)| {
            unit.level != OTHER && !self.hidden.contains(&(id as UnitId))
        };
        let own = self.overlay.units.iter();
        let own = own
            .filter(|unit| unit.level != OTHER && unit.flags & crate::base::CONTEXT == 0)
            .count();
        self.base
            .units
            .iter()
            .enumerate()
            .filter(|one| live((one.0, one.1)))
            .count()
            + own
    }
}
