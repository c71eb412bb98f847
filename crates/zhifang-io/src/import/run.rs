//! The run of an import: files in order, rows in order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use geo_types::{Coord, Geometry};
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;
use zhifang_core::{Collection, DivisionCode, DivisionLevel, FieldKind, Lang, Record, Status};
use zhifang_crs::Transformer;
use zhifang_datum::{Diagnosis, Likely, is_swapped_pair};
use zhifang_topology::first_unsound;

use crate::error::Error;
use crate::format::Format;
use crate::geometry::fit;
use crate::import::merge::{Brought, Concern, merge};
use crate::import::patch::{Patch, RowFault};
use crate::import::place::{Doors, PlaceFault};
use crate::import::{
    ImportOptions, ImportPlan, OnError, Planned, PlannedKind, claim, complete, history, key, patch,
    shift, words,
};
use crate::lookup::Lookup;
use crate::raw::{Columns, FileCrs, FileFacts, RawGeometry, RawRecord, Target, check_map};
use crate::read::{ReadOptions, read};
use crate::report::{ImportReport, Rejection, Warning};

/// Warnings of one kind that are listed; the rest are counted.
const MAX_WARNINGS: u64 = 1_000;
/// Rows between two calls of the progress.
const PROGRESS_STEP: u64 = 5_000;

/// A record that a row of this command named.
struct Pending {
    file: u32,
    row: u64,
    /// Digits of the code as written, for divisions.
    digits: usize,
    /// Its place among the writes; none where the register says it already.
    write: Option<u32>,
}

pub(crate) struct Run<'a> {
    pub(crate) options: &'a ImportOptions,
    pub(crate) lookup: &'a dyn Lookup,
    pub(crate) report: ImportReport,
    pub(crate) writes: Vec<Planned>,
    pending: FxHashMap<Box<str>, Pending>,
    by_key: FxHashMap<String, String>,
    seen_by_name: FxHashSet<Box<str>>,
    stated_levels: FxHashSet<DivisionLevel>,
    shape_levels: FxHashMap<DivisionLevel, u64>,
    history: Vec<history::Row>,
    /// Parents that rows state, with the first of these rows and their number.
    stated_parents: BTreeMap<DivisionCode, (u64, u64)>,
    warned: FxHashMap<&'static str, u64>,
    file: File,
}

/// The file in hand.
#[derive(Default)]
struct File {
    number: u32,
    name: String,
    source: Option<Arc<str>>,
}

/// A row with its geometry brought to EPSG:4490.
struct Located {
    row: u64,
    feature_id: Option<Value>,
    patch: Patch,
    geometry: Option<Geometry<f64>>,
    has_open_ring: bool,
    fault: Option<RowFault>,
    likely: Option<Likely>,
}

pub(crate) fn run(
    files: &[PathBuf],
    options: &ImportOptions,
    lookup: &dyn Lookup,
    progress: &mut dyn FnMut(u64),
) -> Result<ImportPlan, Error> {
    check_map(options.collection, &options.map)?;
    let mut run = Run {
        options,
        lookup,
        report: ImportReport::default(),
        writes: Vec::new(),
        pending: FxHashMap::default(),
        by_key: FxHashMap::default(),
        seen_by_name: FxHashSet::default(),
        stated_levels: FxHashSet::default(),
        shape_levels: FxHashMap::default(),
        history: Vec::new(),
        stated_parents: BTreeMap::new(),
        warned: FxHashMap::default(),
        file: File::default(),
    };
    let mut names: FxHashSet<String> = FxHashSet::default();
    for (number, path) in files.iter().enumerate() {
        run.file = File {
            number: u32::try_from(number).unwrap_or(u32::MAX),
            name: path.display().to_string(),
            source: None,
        };
        run.report.files.push(run.file.name.clone());
        let columns = run.read_file(path, progress)?;
        names.extend(columns.names().map(str::to_owned));
    }
    check_mapped_columns(options, &names)?;
    let rows = std::mem::take(&mut run.history);
    history::apply(&mut run, &rows);
    run.warn_of_missing_parents();
    if options.complete {
        run.retire_absent();
    }
    for (code, count) in &run.warned {
        if *count > MAX_WARNINGS {
            let message = match options.lang {
                Lang::Zh => format!("同类警告共 {count} 条，只列出前 {MAX_WARNINGS} 条"),
                Lang::En => {
                    format!("{count} warnings of this kind, the first {MAX_WARNINGS} listed")
                }
            };
            run.report.warnings.push(Warning {
                code: (*code).to_owned(),
                message,
                ..Warning::default()
            });
        }
    }
    let is_stopped = options.on_error == OnError::Stop && run.report.has_rejections();
    Ok(ImportPlan {
        writes: if is_stopped { Vec::new() } else { run.writes },
        report: run.report,
    })
}

fn check_mapped_columns(options: &ImportOptions, names: &FxHashSet<String>) -> Result<(), Error> {
    for (column, _) in &options.map {
        if !names.contains(column) {
            let mut found: Vec<&str> = names.iter().map(String::as_str).collect();
            found.sort_unstable();
            return Err(Error::MapColumn {
                column: column.clone(),
                found: found.join(", "),
            });
        }
    }
    Ok(())
}

impl Run<'_> {
    fn read_file(&mut self, path: &Path, progress: &mut dyn FnMut(u64)) -> Result<Columns, Error> {
        let (format, is_packed) = Format::of_path(path)?;
        let is_table = matches!(format, Format::Csv | Format::Xlsx);
        let mut columns = Columns::new(self.options.collection, &self.options.map, is_table);
        if format == Format::Shapefile {
            columns.know_short_names();
        }
        let source = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        self.file.source = Some(Arc::from(source));
        let mut held: Vec<RawRecord> = Vec::new();
        let layer = self.options.layer.clone();
        let parameters = self.options.parameters;
        let nowhere = Doors::new(None, &parameters);
        let facts = read(
            path,
            format,
            is_packed,
            ReadOptions {
                layer: layer.as_deref(),
            },
            &mut columns,
            &mut |columns, mut record| {
                self.report.read += 1;
                if self.report.read.is_multiple_of(PROGRESS_STEP) {
                    progress(self.report.read);
                }
                // Rows without coordinates need not wait for the file's reference system,
                // unless rows before them do.
                let is_placeless = matches!(record.geometry, RawGeometry::Absent)
                    && held.is_empty()
                    && !columns.has_position();
                if is_placeless {
                    let patch = patch::of_row(columns, &mut record, &nowhere);
                    self.take(Located::placeless(record, patch));
                } else {
                    held.push(record);
                }
                Ok(())
            },
        )?;
        if let Some((first, second, field)) = columns.clash() {
            return Err(Error::SameField {
                path: path.to_owned(),
                first: first.to_owned(),
                second: second.to_owned(),
                field: field.to_owned(),
            });
        }
        if let Some((taken, others)) = facts.layers.split_first()
            && !others.is_empty()
        {
            let others = others.join("`, `");
            self.warn(Warning {
                code: "other_layers".to_owned(),
                row: None,
                message: match self.options.lang {
                    Lang::Zh => format!(
                        "{}：读取了图层 `{taken}`；还有图层 `{others}`（用 --layer 指定）",
                        self.file.name
                    ),
                    Lang::En => format!(
                        "{}: layer `{taken}` was read; there are others: `{others}` (choose with --layer)",
                        self.file.name
                    ),
                },
                ..Warning::default()
            });
        }
        if facts.is_gbk {
            self.warn(Warning {
                code: "decoded_as_gbk".to_owned(),
                row: None,
                message: match self.options.lang {
                    Lang::Zh => format!("{}：文本不是 UTF-8，已按 GBK 解码", self.file.name),
                    Lang::En => format!("{}: not UTF-8, decoded as GBK", self.file.name),
                },
                ..Warning::default()
            });
        }
        if !held.is_empty() {
            self.take_held(path, format, &facts, &columns, held)?;
        }
        Ok(columns)
    }

    fn file_transformer(
        &self,
        path: &Path,
        format: Format,
        facts: &FileFacts,
    ) -> Result<Option<Transformer>, Error> {
        let parameters = &self.options.parameters;
        if let Some(system) = self.options.source_crs {
            return Transformer::with_parameters(system, parameters)
                .map(Some)
                .map_err(|source| Error::Transform { source });
        }
        let own = |source| Error::Crs {
            path: path.to_owned(),
            source,
        };
        match &facts.crs {
            FileCrs::Named(system) => Transformer::with_parameters(*system, parameters)
                .map(Some)
                .map_err(own),
            #[cfg(feature = "gdal")]
            FileCrs::Wkt(wkt) => Transformer::from_wkt(wkt, parameters)
                .map(Some)
                .map_err(own),
            FileCrs::Absent if format.has_fixed_crs() => {
                Transformer::try_new(zhifang_core::Crs::STORED)
                    .map(Some)
                    .map_err(own)
            }
            FileCrs::Absent => Ok(None),
        }
    }

    /// Rows with coordinates: brought to EPSG:4490, judged together, then taken one by one.
    fn take_held(
        &mut self,
        path: &Path,
        format: Format,
        facts: &FileFacts,
        columns: &Columns,
        held: Vec<RawRecord>,
    ) -> Result<(), Error> {
        let transformer = self.file_transformer(path, format, facts)?;
        let parameters = self.options.parameters;
        let doors = Doors::new(transformer, &parameters);
        let mut rows = Vec::with_capacity(held.len());
        for record in held {
            rows.push(locate(path, columns, record, &doors)?);
        }
        if let Some(caution) = doors.caution() {
            self.warn(Warning {
                code: "metre_level_guess".to_owned(),
                row: None,
                message: format!("{}: {}", self.file.name, caution.message(self.options.lang)),
                ..Warning::default()
            });
        }
        if let Some(system) = doors
            .system()
            .filter(|system| !matches!(*system, "EPSG:4490" | "EPSG:4326"))
        {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            self.file.source = Some(Arc::from(format!("{name} ({system})")));
        }
        let is_trusted = self.options.source_crs.is_some() || self.options.accept_shift;
        let mut taken = Vec::new();
        for row in rows.iter_mut().filter(|_| is_trusted) {
            let is_possible = row.geometry.as_ref().is_some_and(shift::is_geographic);
            if let Some(likely) = row.likely.filter(|_| is_possible) {
                taken.push((likely, row.row));
                row.likely = None;
            }
        }
        self.warn_of_rows(&taken, true);
        let marked: Vec<_> = rows
            .iter()
            .filter_map(|row| row.likely.map(|likely| (likely, row.row)))
            .collect();
        self.warn_of_rows(&marked, false);
        let shifted = self.judge(&rows, is_trusted);
        for mut row in rows {
            if let (Some(found), None) = (&shifted, &row.fault)
                && row.geometry.is_some()
                && !is_trusted
            {
                row.likely.get_or_insert(found.likely);
            }
            if let Some(likely) = row.likely {
                row.fault = Some(RowFault {
                    code: "looks_shifted",
                    field: Some("geometry".to_owned()),
                    reason: shift::words(likely, self.options.lang).to_owned(),
                });
            }
            self.take(row);
        }
        Ok(())
    }

    /// One warning for all rows of a kind.
    fn warn_of_rows(&mut self, rows: &[(Likely, u64)], is_taken: bool) {
        for likely in [Likely::Swapped, Likely::OutsideArea] {
            let mut marked = rows.iter().filter(|(found, _)| *found == likely);
            if let Some((_, first)) = marked.next() {
                let count = 1 + marked.count() as u64;
                let lang = self.options.lang;
                let warning =
                    shift::row_warning(&self.file.name, likely, *first, count, is_taken, lang);
                self.warn(warning);
            }
        }
    }

    /// Stated parents that neither the register nor the files hold.
    fn warn_of_missing_parents(&mut self) {
        for (parent, (row, count)) in std::mem::take(&mut self.stated_parents) {
            let id = parent.to_string();
            if self.pending.contains_key(&*id) || self.lookup.by_id(&id).is_some() {
                continue;
            }
            self.warn(Warning {
                code: "parent_missing".to_owned(),
                row: Some(row),
                message: match self.options.lang {
                    Lang::Zh => format!(
                        "上级区划 {parent} 不在登记库中，文件里也没有（{count} 行）；请先导入上级区划，或改正 parent"
                    ),
                    Lang::En => format!(
                        "parent `{parent}` is neither in the register nor in the files ({count} rows); import it too, or correct `parent`"
                    ),
                },
                ..Warning::default()
            });
        }
    }

    /// What the file's coordinates as a whole look like, with the warning about it.
    fn judge(&mut self, rows: &[Located], is_trusted: bool) -> Option<Diagnosis> {
        let is_divisions = self.options.collection == Collection::Divisions;
        let key_field = self.options.collection.natural_key();
        let pairs: Vec<_> = rows
            .iter()
            .filter(|row| row.likely.is_none() && row.fault.is_none())
            .filter_map(|row| {
                let geometry = row.geometry.as_ref()?;
                let feature = row.feature_id.as_ref().and_then(Value::as_str);
                let reference = shift::reference(
                    self.lookup,
                    row.patch.id.as_deref().or(feature),
                    row.patch.text(key_field),
                    row.patch.code.map(|(code, _)| code),
                    row.patch.name.as_deref().unwrap_or_default(),
                    self.options.within,
                    is_divisions,
                )?;
                Some((geometry, reference))
            })
            .collect();
        let found = shift::of_file(&pairs)?;
        let warning = shift::file_warning(&self.file.name, &found, is_trusted, self.options.lang);
        self.warn(warning);
        Some(found)
    }

    /// For a submission that names its units only: the one record of this name in the scope.
    fn id_of_name(&self, row: &Located, fault: RowFault) -> Result<String, RowFault> {
        let name = row
            .patch
            .name
            .as_deref()
            .filter(|_| self.options.match_names);
        let in_scope = |record: &&Record| {
            let within = self.options.within;
            within.is_none_or(|prefix| record.division.is_some_and(|code| prefix.covers(code)))
        };
        let found: Vec<&Record> = name
            .map(|name| self.lookup.by_name(name))
            .unwrap_or_default()
            .into_iter()
            .filter(in_scope)
            .collect();
        match found.as_slice() {
            [record] if fault.code == "no_key" => Ok(record.id.to_string()),
            _ => Err(fault),
        }
    }

    /// Takes a row, or rejects it.
    fn take(&mut self, mut row: Located) {
        if row.patch.first_seen.is_some() && row.patch.last_seen.is_some() {
            self.take_history(row);
            return;
        }
        let identifier = key::resolve(
            self.options.collection,
            &row.patch,
            row.feature_id.as_ref(),
            &|key| self.id_of_key(key),
            &|id| self.pending.contains_key(id) || self.lookup.by_id(id).is_some(),
            self.options.lang,
        );
        let id = match identifier.or_else(|fault| self.id_of_name(&row, fault)) {
            Ok(id) => id,
            Err(fault) => {
                if let Some(name) = &row.patch.name {
                    for record in self.lookup.by_name(name) {
                        self.seen_by_name.insert(record.id.clone());
                    }
                }
                let geometry = row.geometry.take();
                let fault = match self.fit(geometry, row.fault.take()) {
                    Err(misfit) => misfit,
                    Ok(_) => row.patch.fault.take().unwrap_or(fault),
                };
                let known = row
                    .patch
                    .id
                    .clone()
                    .or_else(|| row.patch.code.map(|(code, _)| code.to_string()));
                self.reject(row.row, known, fault);
                return;
            }
        };
        if let Err(fault) = self.note_key(&id, &row) {
            self.reject(row.row, Some(id), fault);
            return;
        }
        let geometry = row.geometry.take();
        let brought = match self.fit(geometry, row.fault.take()) {
            Ok(brought) => brought,
            Err(fault) => {
                self.reject(row.row, Some(id), fault);
                return;
            }
        };
        if let Some(fault) = row.patch.fault.take() {
            self.reject(row.row, Some(id), fault);
            return;
        }
        self.lay_over(id, &row, brought);
    }

    /// Identifier of the record that has this natural key, stored or planned.
    fn id_of_key(&self, key: &str) -> Option<String> {
        self.by_key.get(key).cloned().or_else(|| {
            self.lookup
                .by_natural_key(key)
                .map(|record| record.id.to_string())
        })
    }

    /// Remembers the key of a row; a key twice in one file is a fault, but for a division under
    /// the same code with another number of digits.
    fn note_key(&mut self, id: &str, row: &Located) -> Result<(), RowFault> {
        let digits = row.patch.code.map_or(0, |(_, digits)| digits);
        if self.options.collection == Collection::Divisions {
            let level = row.patch.text("level").and_then(|text| text.parse().ok());
            match (level, row.patch.code) {
                (Some(level), _) => {
                    self.stated_levels.insert(level);
                }
                (None, Some((code, _))) => {
                    *self.shape_levels.entry(code.level()).or_default() += 1;
                }
                (None, None) => {}
            }
        }
        match self.pending.get_mut(id) {
            Some(first) if first.file == self.file.number && first.digits == digits => {
                let first = first.row;
                Err(RowFault {
                    code: "duplicate_key",
                    field: Some(self.options.collection.natural_key().to_owned()),
                    reason: match self.options.lang {
                        Lang::Zh => format!("`{id}` 已在本文件第 {first} 行出现"),
                        Lang::En => format!("`{id}` stands in row {first} of this file already"),
                    },
                })
            }
            Some(known) => {
                (known.file, known.row, known.digits) = (self.file.number, row.row, digits);
                Ok(())
            }
            None => {
                let pending = Pending {
                    file: self.file.number,
                    row: row.row,
                    digits,
                    write: None,
                };
                self.pending.insert(id.into(), pending);
                Ok(())
            }
        }
    }

    fn fit(
        &self,
        geometry: Option<Geometry<f64>>,
        fault: Option<RowFault>,
    ) -> Result<Brought, RowFault> {
        if let Some(fault) = fault {
            return Err(fault);
        }
        let Some(geometry) = geometry else {
            return Ok(Brought::default());
        };
        match fit::fit(self.options.collection, geometry) {
            fit::Fit::Geometry(geometry) => Ok(Brought {
                geometry: Some(geometry),
                seat: None,
            }),
            fit::Fit::Seat(place) => Ok(Brought {
                geometry: None,
                seat: Some(place),
            }),
            fit::Fit::Wrong(kind) => Err(self.wrong_geometry(kind)),
        }
    }

    fn wrong_geometry(&self, kind: &str) -> RowFault {
        let wanted = fit::wanted(self.options.collection);
        let collection = self.options.collection;
        RowFault {
            code: "wrong_geometry",
            field: Some("geometry".to_owned()),
            reason: match self.options.lang {
                Lang::Zh => format!("{collection} 需要 {wanted}，不是 {kind}"),
                Lang::En => format!("{collection} takes {wanted}, not {kind}"),
            },
        }
    }

    /// The record that is stored or planned under this identifier.
    pub(crate) fn current(&self, id: &str) -> Option<&Record> {
        let planned = self.pending.get(id).and_then(|pending| pending.write);
        match planned.and_then(|at| self.writes.get(at as usize)) {
            Some(planned) => Some(&planned.record),
            None => self.lookup.by_id(id),
        }
    }

    fn lay_over(&mut self, id: String, row: &Located, mut brought: Brought) {
        let lang = self.options.lang;
        let before = self.current(&id).cloned();
        let mut concerns = Vec::new();
        if let Some(geometry) = &brought.geometry {
            let fault = first_unsound(geometry);
            let open = row
                .has_open_ring
                .then(|| lang.pick("环没有闭合", "a ring is not closed").to_owned());
            if let Some(message) = fault.map(|fault| fault.message(lang)).or(open) {
                concerns.push(Concern {
                    code: "invalid_geometry",
                    message,
                });
            }
        }
        if let (Some(record), Some(geometry)) = (&before, &brought.geometry) {
            match self.against_lines(record, geometry) {
                Lines::None => {}
                Lines::Within => brought.geometry = None,
                Lines::Differs(fault) => {
                    if self.options.as_claim {
                        let file = self.file.source.clone().unwrap_or_else(|| Arc::from(""));
                        let claim = claim::claim(record, geometry.clone(), &file);
                        self.writes.push(Planned {
                            record: claim,
                            row: row.row,
                            kind: PlannedKind::New,
                            expected_version: None,
                        });
                    }
                    self.reject(row.row, Some(id), fault);
                    return;
                }
            }
        }
        let parents = row
            .patch
            .fields
            .iter()
            .filter(|(field, _)| field.name == "parent");
        for parent in parents.filter_map(|(_, value)| value.as_str()?.parse().ok()) {
            self.stated_parents.entry(parent).or_insert((row.row, 0)).1 += 1;
        }
        let base = before.clone().unwrap_or_else(|| {
            let mut fresh = Record::new(self.options.collection, &id, "");
            if let Some(source) = &self.file.source {
                fresh.source = Arc::clone(source);
            }
            fresh
        });
        let after = merge(
            base,
            &row.patch,
            brought,
            (self.options.status, self.options.restate_drafts),
            lang,
            &mut concerns,
        );
        let says_so = row.patch.status.is_some()
            || (self.options.restate_drafts && self.options.status == Some(after.status));
        if before.as_ref().map(|before| before.status) == Some(after.status) && !says_so {
            let stays = match after.status {
                Status::Published => None,
                Status::Draft => Some((
                    "stays_draft",
                    lang.pick("仍是草稿", "stays a draft"),
                    lang.pick(
                        "可用 --status published 发布",
                        "--status published publishes it",
                    ),
                )),
                Status::Retired => Some((
                    "stays_retired",
                    lang.pick("仍是停用", "stays retired"),
                    lang.pick("恢复使用须由人决定", "people decide whether it comes back"),
                )),
            };
            concerns.extend(stays.map(|(code, what, how)| Concern {
                code,
                message: match lang {
                    Lang::Zh => format!("记录 `{id}` {what}；{how}"),
                    Lang::En => format!("record `{id}` {what}; {how}"),
                },
            }));
        }
        for concern in concerns {
            self.warn(Warning {
                code: concern.code.to_owned(),
                row: Some(row.row),
                message: concern.message,
                ..Warning::default()
            });
        }
        let key_field = self.options.collection.natural_key();
        if key_field != "id"
            && key_field != "code"
            && let Some(key) = after.fields.text(key_field)
        {
            self.by_key.insert(key.to_owned(), id.clone());
        }
        match self.plan(&id, before.as_ref(), after, row.row) {
            Outcome::New => self.report.accepted += 1,
            Outcome::Changed => self.report.changed += 1,
            Outcome::Unchanged => self.report.unchanged += 1,
        }
    }

    /// Plans a record to be written, unless it says what is stored or planned already.
    pub(crate) fn plan(
        &mut self,
        id: &str,
        before: Option<&Record>,
        after: Record,
        row: u64,
    ) -> Outcome {
        if before.is_some_and(|before| before.says_the_same_as(&after)) {
            return Outcome::Unchanged;
        }
        let place = u32::try_from(self.writes.len()).unwrap_or(u32::MAX);
        let pending = self.pending.entry(id.into()).or_insert(Pending {
            file: self.file.number,
            row,
            digits: 0,
            write: None,
        });
        if let Some(planned) = pending
            .write
            .and_then(|at| self.writes.get_mut(at as usize))
        {
            planned.record = after;
            return Outcome::Changed;
        }
        pending.write = Some(place);
        self.writes.push(Planned {
            row,
            kind: if before.is_some() {
                PlannedKind::Changed
            } else {
                PlannedKind::New
            },
            expected_version: before.map(|before| before.version),
            record: after,
        });
        if before.is_some() {
            Outcome::Changed
        } else {
            Outcome::New
        }
    }

    fn against_lines(&self, record: &Record, geometry: &Geometry<f64>) -> Lines {
        let is_lines = record.fields.text("geometry_state") == Some("lines");
        let Some(stored) = record.geometry.as_deref().filter(|_| is_lines) else {
            return Lines::None;
        };
        if crate::geometry::same::is_same(stored, geometry) {
            return Lines::Within;
        }
        let deviation = claim::deviation_m(stored, geometry);
        if deviation <= self.options.lines_tolerance_m {
            return Lines::Within;
        }
        Lines::Differs(RowFault {
            code: "differs_from_lines",
            field: Some("geometry".to_owned()),
            reason: match self.options.lang {
                Lang::Zh => format!("与该单位的共用界线最多相差 {deviation:.1} 米；请改界线"),
                Lang::En => {
                    format!("up to {deviation:.1} m off the unit's shared lines; edit the lines")
                }
            },
        })
    }

    fn take_history(&mut self, row: Located) {
        let (row_number, name) = (row.row, row.patch.name.clone().unwrap_or_default());
        let known = row.patch.code.map(|(code, _)| code.to_string());
        if let Some(fault) = row.fault.or(row.patch.fault) {
            self.reject(row_number, known, fault);
            return;
        }
        let level = row
            .patch
            .fields
            .iter()
            .find(|(field, _)| field.name == "level");
        let level = level
            .and_then(|(_, value)| value.as_str())
            .and_then(|text| text.parse().ok());
        let month = |text: Option<String>| text.and_then(|text| history::Month::parse(&text));
        match (
            row.patch.code,
            month(row.patch.first_seen),
            month(row.patch.last_seen),
        ) {
            (Some((code, _)), Some(first), Some(last)) if first <= last => {
                self.history.push(history::Row {
                    file: self.file.name.clone().into(),
                    number: row_number,
                    code,
                    level: level.unwrap_or_else(|| code.level()),
                    name,
                    first,
                    last,
                });
            }
            (None, ..) => {
                let reason = self.options.lang.pick("没有代码", "no code").to_owned();
                let fault = RowFault {
                    code: "no_key",
                    field: Some("code".to_owned()),
                    reason,
                };
                self.reject(row_number, None, fault);
            }
            _ => {
                let reason = self.options.lang.pick(
                    "first_seen、last_seen 需为 YYYYMM，且先后有序",
                    "first_seen and last_seen: wanted YYYYMM in order",
                );
                let fault = RowFault {
                    code: "bad_value",
                    field: Some("first_seen".to_owned()),
                    reason: reason.to_owned(),
                };
                self.reject(row_number, known, fault);
            }
        }
    }

    fn retire_absent(&mut self) {
        let mut levels = self.stated_levels.clone();
        let most = self.shape_levels.values().copied().max().unwrap_or(0);
        // A few units of another level (those without counties stand in several lists) do not
        // make the file a list of that level.
        levels.extend(
            self.shape_levels
                .iter()
                .filter(|(_, count)| **count * 4 >= most)
                .map(|(level, _)| *level),
        );
        let is_seen = |id: &str| self.pending.contains_key(id) || self.seen_by_name.contains(id);
        let retired = complete::retire_absent(self.options, self.lookup, &is_seen, &levels);
        self.report.retired += retired.len() as u64;
        self.writes.extend(retired);
    }

    fn reject(&mut self, row: u64, id: Option<String>, fault: RowFault) {
        let file = self.file.name.clone();
        self.reject_in(file, row, id, fault);
    }

    /// Rejects a row of any file of the command.
    pub(crate) fn reject_in(
        &mut self,
        file: String,
        row: u64,
        id: Option<String>,
        fault: RowFault,
    ) {
        self.report.rejected += 1;
        let is_ours = matches!(fault.code, "bad_value" | "bad_geometry" | "bad_row");
        let reason = match self.options.lang {
            Lang::Zh if is_ours => words::chinese(&fault.reason),
            _ => fault.reason,
        };
        self.report.rejections.push(Rejection {
            file,
            row,
            id,
            field: fault.field,
            code: fault.code.to_owned(),
            reason,
        });
    }

    fn warn(&mut self, warning: Warning) {
        let code = match warning.code.as_str() {
            "blank_name" => "blank_name",
            "dates_out_of_order" => "dates_out_of_order",
            "invalid_geometry" => "invalid_geometry",
            "level_differs" => "level_differs",
            "stays_retired" => "stays_retired",
            "stays_draft" => "stays_draft",
            "parent_missing" => "parent_missing",
            _ => "",
        };
        let count = self.warned.entry(code).or_default();
        *count += u64::from(!code.is_empty());
        if *count <= MAX_WARNINGS {
            self.report.warnings.push(warning);
        }
    }
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    New,
    Changed,
    Unchanged,
}

/// How a polygon compares with a unit's shared lines.
enum Lines {
    /// The unit's geometry is not made of lines.
    None,
    Within,
    Differs(RowFault),
}

impl Located {
    fn placeless(record: RawRecord, patch: Patch) -> Self {
        Self {
            row: record.row,
            feature_id: record.feature_id,
            patch,
            geometry: None,
            has_open_ring: false,
            fault: None,
            likely: None,
        }
    }
}

/// Brings a row's geometry to EPSG:4490.
fn locate(
    path: &Path,
    columns: &Columns,
    mut record: RawRecord,
    doors: &Doors<'_>,
) -> Result<Located, Error> {
    let patch = patch::of_row(columns, &mut record, doors);
    let raw = std::mem::take(&mut record.geometry);
    let mut located = Located::placeless(record, patch);
    let bad = |field: &str, reason: String| RowFault {
        code: "bad_geometry",
        field: Some(field.to_owned()),
        reason,
    };
    match raw {
        RawGeometry::Absent => {}
        RawGeometry::Fault { field, reason } => located.fault = Some(bad(field, reason)),
        RawGeometry::Given {
            geometry,
            srid,
            has_open_ring,
        } => {
            located.has_open_ring = has_open_ring;
            let is_swapped_plane =
                first_coord(&geometry).is_some_and(|c| is_swapped_pair(c.x, c.y));
            match doors.geometry(geometry, srid) {
                Ok(geometry) => {
                    located.likely = shift::of_row(&geometry);
                    if located.likely.is_none() && !shift::is_geographic(&geometry) {
                        located.likely = Some(Likely::OutsideArea);
                    }
                    located.geometry = Some(geometry);
                }
                Err(PlaceFault::NoSystem) => {
                    return Err(Error::MissingSourceCrs {
                        path: path.to_owned(),
                        row: located.row,
                    });
                }
                Err(PlaceFault::Bad(_)) if is_swapped_plane => {
                    located.likely = Some(Likely::Swapped);
                }
                Err(PlaceFault::Bad(reason)) => located.fault = Some(bad("geometry", reason)),
            }
        }
    }
    Ok(located)
}

fn first_coord(geometry: &Geometry<f64>) -> Option<Coord<f64>> {
    let mut first = None;
    zhifang_core::geometry::for_each_coord(geometry, &mut |c| {
        first.get_or_insert(c);
    });
    first
}

impl Columns {
    /// Whether a column holds positions beside the geometry.
    fn has_position(&self) -> bool {
        self.any(
            |target| matches!(target, Target::Field(field) if field.kind == FieldKind::Position),
        )
    }
}
