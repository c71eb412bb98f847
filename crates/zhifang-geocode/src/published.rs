//! The published names: most are a core, which the terms hold already, and an ending.

use rustc_hash::FxHashMap;

use crate::base::Slices;

/// Marks the number of an ending behind the unit's core, rather than that of a whole name.
pub(crate) const BEHIND_CORE: u32 = 1 << 31;

/// Texts in UTF-8, shared by equal ones.
#[derive(Debug, Default)]
pub(crate) struct Published {
    pub(crate) whole: Slices<u8>,
    /// 村民委员会, 镇: what stands behind a core.
    pub(crate) endings: Slices<u8>,
}

impl Published {
    /// The name of this number: whole, or an ending behind the core.
    pub(crate) fn text(&self, number: u32) -> &str {
        let bytes = if number & BEHIND_CORE == 0 {
            self.whole.get(number)
        } else {
            self.endings.get(number & !BEHIND_CORE)
        };
        std::str::from_utf8(bytes).unwrap_or("")
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.whole.heap_bytes() + self.endings.heap_bytes()
    }
}

/// Names on their way from being whole to being endings behind cores.
#[derive(Debug, Default)]
pub(crate) struct Shortening {
    done: Published,
    endings: FxHashMap<String, u32>,
    whole: FxHashMap<u32, u32>,
}

impl Shortening {
    /// The new number of a whole name whose unit has this core.
    pub(crate) fn shorten(&mut self, name: &str, number: u32, core: &str) -> u32 {
        if let Some(ending) = name.strip_prefix(core) {
            if let Some(known) = self.endings.get(ending) {
                return known | BEHIND_CORE;
            }
            let new = self.done.endings.push(ending.as_bytes());
            self.endings.insert(ending.to_owned(), new);
            return new | BEHIND_CORE;
        }
        let whole = &mut self.done.whole;
        *self
            .whole
            .entry(number)
            .or_insert_with(|| whole.push(name.as_bytes()))
    }

    pub(crate) fn finish(mut self) -> Published {
        self.done.whole.shrink();
        self.done.endings.shrink();
        self.done
    }
}
