//! `--complete`: what the files do not have is retired.

use rustc_hash::FxHashSet;
use zhifang_core::{Collection, DivisionLevel, Record, Status};

use crate::import::{ImportOptions, Planned, PlannedKind};
use crate::lookup::Lookup;

/// Retirements of the records that no row named, of the levels that the rows have, in scope.
/// Earlier lives, drafts, and what is retired already are left alone: no list of what is in force
/// has them.
pub(crate) fn retire_absent(
    options: &ImportOptions,
    lookup: &dyn Lookup,
    is_seen: &dyn Fn(&str) -> bool,
    levels: &FxHashSet<DivisionLevel>,
) -> Vec<Planned> {
    let mut found = Vec::new();
    lookup.each(&mut |record: &Record| {
        let in_scope = options
            .within
            .is_none_or(|within| record.division.is_some_and(|code| within.covers(code)));
        let in_levels = options.collection != Collection::Divisions
            || record.level().is_some_and(|level| levels.contains(&level));
        let is_current = record.status == Status::Published && !record.id.contains('@');
        if in_scope && in_levels && is_current && !is_seen(&record.id) {
            let mut retired = record.clone();
            retired.status = Status::Retired;
            retired.valid.to.get_or_insert(options.today);
            found.push(Planned {
                expected_version: Some(record.version),
                record: retired,
                row: 0,
                kind: PlannedKind::Retired,
            });
        }
    });
    found.sort_by(|a, b| a.record.id.cmp(&b.record.id));
    found
}
