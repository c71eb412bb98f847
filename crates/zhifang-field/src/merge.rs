//! Observations into the register: a set union by uuid (观测记录按唯一标识取并集).
//!
//! Nothing is overwritten, nothing is dropped, and what the register holds afterwards does not
//! depend on the order in which files come in, nor on how often. An observation that stands
//! against others is kept beside them, each naming the others in `conflict`.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use zhifang_core::{Collection, Record, Status, Timestamp};
use zhifang_index::View;

use crate::content::{digest, uuid_of, variant_id};
use crate::error::FieldError;
use crate::observation::{Fault, Markers, read};
use crate::outcome::{Conflict, ConflictKind, MergeReport, Notice, Rejection, Source};
use crate::round::Round;
use crate::standing::{Verdict, verdict_of};
use crate::words::{Words, words};

/// A Feature with the place where it stood.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The file, or the request's body.
    pub file: String,
    /// Position in the file, from 1.
    pub row: u64,
    /// The Feature.
    pub feature: Value,
}

/// The Features of a file: a FeatureCollection, one Feature, or one Feature a line (RFC 8142).
///
/// A pack that comes back with observations added is read too: Features of its other
/// collections are passed over.
///
/// # Errors
/// [`FieldError::BadFile`] when it is no GeoJSON, or in a system other than CGCS2000 and WGS 84.
pub fn rows_of(file: &str, bytes: &[u8]) -> Result<Vec<Row>, FieldError> {
    let bad = |reason: String| FieldError::BadFile {
        file: file.to_owned(),
        reason,
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|fault| bad(fault.to_string()))?;
    let mut features = Vec::new();
    match serde_json::from_str::<Value>(text) {
        Ok(document) => features_of(document, &mut features).map_err(bad)?,
        Err(fault) => {
            let lines = text
                .lines()
                .map(|line| line.trim_start_matches('\u{1e}').trim())
                .filter(|line| !line.is_empty());
            for (number, line) in lines.enumerate() {
                let document: Value = serde_json::from_str(line).map_err(|in_line| {
                    let first = format!("it is no JSON: {fault}");
                    bad(match number {
                        0 => first,
                        _ => format!("record {} is no JSON: {in_line}", number + 1),
                    })
                })?;
                features_of(document, &mut features).map_err(bad)?;
            }
            if features.is_empty() {
                return Err(bad(format!("it is no JSON: {fault}")));
            }
        }
    }
    let is_observation = |feature: &Value| {
        feature
            .get("properties")
            .and_then(|properties| properties.get("collection"))
            .and_then(Value::as_str)
            .is_none_or(|collection| collection == Collection::Observations.as_str())
    };
    Ok((1_u64..)
        .zip(features)
        .filter(|(_, feature)| is_observation(feature))
        .map(|(row, feature)| Row {
            file: file.to_owned(),
            row,
            feature,
        })
        .collect())
}

fn features_of(document: Value, out: &mut Vec<Value>) -> Result<(), String> {
    if let Some(crs) = document
        .pointer("/crs/properties/name")
        .and_then(Value::as_str)
    {
        let is_ours = ["4490", "4326", "CRS84", "4979"]
            .iter()
            .any(|code| crs.ends_with(code));
        if !is_ours {
            return Err(format!(
                "it is in `{crs}`, observations are taken in CGCS2000 or WGS 84"
            ));
        }
    }
    match document.get("type").and_then(Value::as_str) {
        Some("Feature") => out.push(document),
        Some("FeatureCollection") => match document {
            Value::Object(mut members) => match members.remove("features") {
                Some(Value::Array(features)) => out.extend(features),
                _ => return Err("`features` is no list".to_owned()),
            },
            _ => return Err("it is no object".to_owned()),
        },
        Some(other) => return Err(format!("it is a `{other}`")),
        None => return Err("it has no `type`".to_owned()),
    }
    Ok(())
}

/// What a merge will do: the report, and what is to be written in one transaction.
#[derive(Debug, Clone)]
pub struct MergePlan {
    /// What became of every row.
    pub report: MergeReport,
    /// New records (version 0), and records that change (version as the register has it).
    pub writes: Vec<Record>,
}

/// Observations of one marker in one round at most. Crews make a handful; each of those that
/// stand against each other names all the others, so that without a limit a single upload could
/// make the register grow by its square.
const MOST_OF_MARKER: usize = 200;
/// Contents under one uuid at most, for the same reason.
const MOST_OF_UUID: usize = 50;

/// A row that was read.
struct Incoming {
    source: Source,
    uuid: String,
    digest: String,
    record: Record,
    warnings: Vec<(&'static str, Words)>,
    /// The record under which its content is kept.
    id: String,
    is_new: bool,
}

/// Every observation under consideration, and what changes about them.
struct Pool {
    records: BTreeMap<String, Record>,
    /// Ids and digests of the contents under a uuid.
    by_uuid: BTreeMap<String, Vec<(String, String)>>,
    of_marker: BTreeMap<String, usize>,
    changed: BTreeSet<String>,
    same_uuid: BTreeMap<String, BTreeSet<String>>,
    older: BTreeMap<String, BTreeSet<String>>,
}

impl Pool {
    fn of<'a>(observations: impl Iterator<Item = &'a Record>, wanted: &BTreeSet<String>) -> Self {
        let mut pool = Self {
            records: BTreeMap::new(),
            by_uuid: BTreeMap::new(),
            of_marker: BTreeMap::new(),
            changed: BTreeSet::new(),
            same_uuid: BTreeMap::new(),
            older: BTreeMap::new(),
        };
        for record in observations {
            let uuid = uuid_of(&record.id);
            if wanted.contains(uuid) {
                pool.by_uuid
                    .entry(uuid.to_owned())
                    .or_default()
                    .push((record.id.to_string(), digest(record)));
            }
            pool.count(record);
            pool.records.insert(record.id.to_string(), record.clone());
        }
        pool
    }

    fn stands(&self, id: &str) -> bool {
        self.records
            .get(id)
            .is_some_and(|record| record.status == Status::Published)
    }

    fn count(&mut self, record: &Record) {
        if let Some(marker) = record.fields.text("marker") {
            *self.of_marker.entry(marker.to_owned()).or_insert(0) += 1;
        }
    }

    /// Puts the content where it belongs; says why not where there are too many.
    fn take(&mut self, one: &mut Incoming) -> Result<(), Fault> {
        let kept = self.by_uuid.entry(one.uuid.clone()).or_default();
        if let Some((id, _)) = kept.iter().find(|(_, digest)| *digest == one.digest) {
            one.id.clone_from(id);
            return Ok(());
        }
        let too_many = |field: &str, most: usize| Fault {
            uuid: Some(one.uuid.clone()),
            field: field.to_owned(),
            code: "too_many",
            reason: words!(
                "已有 {most} 份，不再收取",
                "{most} are kept already; no more are taken"
            ),
        };
        if kept.len() >= MOST_OF_UUID {
            return Err(too_many("uuid", MOST_OF_UUID));
        }
        let marker = one.record.fields.text("marker").unwrap_or_default();
        if self
            .of_marker
            .get(marker)
            .is_some_and(|count| *count >= MOST_OF_MARKER)
        {
            return Err(too_many("marker", MOST_OF_MARKER));
        }
        let mut record = one.record.clone();
        if !kept.is_empty() {
            let id = variant_id(&one.uuid, &one.digest);
            record.fields.set("uuid", Value::from(id.as_str()));
            record.id = id.into();
        }
        one.id = record.id.to_string();
        one.is_new = true;
        let others: Vec<String> = kept.iter().map(|(id, _)| id.clone()).collect();
        kept.push((one.id.clone(), one.digest.clone()));
        self.changed.insert(one.id.clone());
        self.records.insert(one.id.clone(), record);
        self.count(&one.record);
        for other in others {
            self.link(&one.id, &other);
        }
        Ok(())
    }

    /// Two observations stand against each other from now on.
    fn link(&mut self, one: &str, two: &str) {
        if !self.stands(one) || !self.stands(two) {
            return;
        }
        for (this, that) in [(one, two), (two, one)] {
            let Some(record) = self.records.get_mut(this) else {
                continue;
            };
            let mut ids: BTreeSet<&str> = record.fields.texts("conflict").collect();
            if ids.insert(that) {
                let ids: Vec<Value> = ids.into_iter().map(Value::from).collect();
                record.fields.set("conflict", Value::Array(ids));
                self.changed.insert(this.to_owned());
            }
        }
    }
}

/// Plans the merge of rows into an inspection; `view` must be the staff's.
///
/// # Errors
/// [`FieldError::UnknownInspection`]; what is wrong with a row is a rejection.
pub fn plan_merge(
    view: View<'_>,
    inspection: &str,
    rows: &[Row],
    now: Timestamp,
) -> Result<MergePlan, FieldError> {
    let round = Round::of(view, inspection)?;
    let markers = Markers::new(view.records(Collection::Markers));
    let mut report = MergeReport {
        inspection: inspection.to_owned(),
        read: rows.len() as u64,
        ..MergeReport::default()
    };
    for row in rows {
        if !report.files.contains(&row.file) {
            report.files.push(row.file.clone());
        }
    }
    let mut incoming = Vec::new();
    for row in rows {
        let source = Source {
            file: row.file.clone(),
            row: row.row,
        };
        match read(&row.feature, &round, &markers, now) {
            Ok(sighting) => incoming.push(Incoming {
                source,
                uuid: sighting.record.id.to_string(),
                digest: digest(&sighting.record),
                record: sighting.record,
                warnings: sighting.warnings,
                id: String::new(),
                is_new: false,
            }),
            Err(fault) => reject(&mut report, source, fault),
        }
    }
    // Within one merge the order of rows makes no difference, not even to ids.
    incoming.sort_by(|a, b| (&a.uuid, &a.digest, &a.source).cmp(&(&b.uuid, &b.digest, &b.source)));
    let wanted: BTreeSet<String> = incoming.iter().map(|one| one.uuid.clone()).collect();
    // Of the register's observations only those of this inspection and of these uuids matter.
    let of_interest = view.records(Collection::Observations).filter(|record| {
        record.fields.text("inspection") == Some(inspection) || wanted.contains(uuid_of(&record.id))
    });
    let mut pool = Pool::of(of_interest, &wanted);
    incoming.retain_mut(|one| match pool.take(one) {
        Ok(()) => true,
        Err(fault) => {
            reject(&mut report, one.source.clone(), fault);
            false
        }
    });
    link_older(&mut pool, &incoming, &markers, inspection);
    find_kinds(&mut pool);
    let verdicts = differing(&pool, &round, inspection);
    for one in &incoming {
        settle(&mut report, &pool, &verdicts, one);
    }
    sort_report(&mut report);
    let mut writes: Vec<Record> = pool
        .changed
        .iter()
        .filter_map(|id| pool.records.get(id).cloned())
        .collect();
    if round.state() == "planned" && incoming.iter().any(|one| one.is_new) {
        let mut opened = round.inspection.clone();
        opened.fields.set("state", Value::from("open"));
        writes.push(opened);
    }
    Ok(MergePlan { report, writes })
}

fn reject(report: &mut MergeReport, source: Source, fault: Fault) {
    report
        .rows
        .push((source.clone(), fault.uuid.clone(), "rejected"));
    report.rejected.push(Rejection {
        file: source.file,
        row: source.row,
        uuid: fault.uuid,
        field: fault.field,
        code: fault.code,
        reason: fault.reason,
    });
}

/// Whether the observation was made on an older version of its marker than the register has.
fn is_older(record: &Record, markers: &Markers<'_>) -> bool {
    let seen = record.fields.get("marker_version").and_then(Value::as_u64);
    let marker = record
        .fields
        .text("marker")
        .and_then(|name| markers.find(name));
    seen.zip(marker)
        .is_some_and(|(seen, marker)| seen < u64::from(marker.version))
}

/// Links every new observation of an older marker version with the others of that marker.
///
/// Pairs of old ones are left as they are: they were judged when the later of them came in.
fn link_older(pool: &mut Pool, incoming: &[Incoming], markers: &Markers<'_>, inspection: &str) {
    let by_marker = older_by_marker(pool, markers, inspection);
    for one in incoming.iter().filter(|one| one.is_new) {
        let Some(marker) = one.record.fields.text("marker") else {
            continue;
        };
        let older = by_marker.get(marker).map(Vec::as_slice).unwrap_or_default();
        if !older.contains(&one.id) {
            continue;
        }
        for other in older.iter().filter(|other| **other != one.id) {
            pool.link(&one.id, other);
        }
    }
}

/// Observations that stand and were made on an older version, by marker.
fn older_by_marker(
    pool: &Pool,
    markers: &Markers<'_>,
    inspection: &str,
) -> BTreeMap<String, Vec<String>> {
    let mut by_marker: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, record) in &pool.records {
        if record.status == Status::Published
            && record.fields.text("inspection") == Some(inspection)
            && is_older(record, markers)
            && let Some(marker) = record.fields.text("marker")
        {
            by_marker
                .entry(marker.to_owned())
                .or_default()
                .push(id.clone());
        }
    }
    by_marker
}

/// Tells the open conflicts on records apart by kind.
fn find_kinds(pool: &mut Pool) {
    let mut found: Vec<(bool, String, String)> = Vec::new();
    for (id, record) in &pool.records {
        if record.status != Status::Published {
            continue;
        }
        for other in record.fields.texts("conflict").filter(|id| pool.stands(id)) {
            let is_same = uuid_of(id) == uuid_of(other);
            found.push((is_same, id.clone(), other.to_owned()));
        }
    }
    for (is_same, id, other) in found {
        let kinds = if is_same {
            &mut pool.same_uuid
        } else {
            &mut pool.older
        };
        kinds.entry(id).or_default().insert(other);
    }
}

/// Observations by which the two sides differ, each with the other side's.
fn differing(
    pool: &Pool,
    round: &Round<'_>,
    inspection: &str,
) -> BTreeMap<String, (String, Words)> {
    let mut by_marker: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in pool.records.values() {
        if record.status == Status::Published
            && record.fields.text("inspection") == Some(inspection)
            && let Some(marker) = record.fields.text("marker")
        {
            by_marker.entry(marker).or_default().push(record);
        }
    }
    let mut found = BTreeMap::new();
    for seen in by_marker.values() {
        let views = verdict_of(round, seen);
        if let (Verdict::Differ, Some(lead), Some(other)) = (views.verdict, views.lead, views.other)
        {
            let what = views.difference.unwrap_or_default();
            let (lead, other) = (lead.id.to_string(), other.id.to_string());
            found.insert(lead.clone(), (other.clone(), what.clone()));
            found.insert(other, (lead, what));
        }
    }
    found
}

/// Says in the report what became of a row.
fn settle(
    report: &mut MergeReport,
    pool: &Pool,
    differing: &BTreeMap<String, (String, Words)>,
    one: &Incoming,
) {
    for (code, message) in &one.warnings {
        report.warnings.push(Notice {
            file: one.source.file.clone(),
            row: one.source.row,
            uuid: one.uuid.clone(),
            code,
            message: message.clone(),
        });
    }
    let marker = one.record.fields.text("marker").map(str::to_owned);
    let name = marker.as_deref().unwrap_or("-");
    let found = if let Some(with) = pool.same_uuid.get(&one.id) {
        let message = Words::new(
            "同一 uuid 已有另一份内容；两份都已保留，请人工裁定",
            "another content stands under this uuid; both are kept, decide which holds",
        );
        Some((ConflictKind::SameUuid, with.clone(), message))
    } else if let Some(with) = pool.older.get(&one.id) {
        let message = words!(
            "界桩 {name} 在领取数据包后登记已有变化，且有多份记录；都已保留，请人工裁定",
            "marker {name} has changed in the register since the pack, and several observations came in; all are kept, decide which hold"
        );
        Some((ConflictKind::OlderMarkerVersion, with.clone(), message))
    } else if let Some((other, what)) = differing.get(&one.id) {
        let (zh, en) = (&what.zh, &what.en);
        let message = words!(
            "界桩 {name} 双方记录不一致：{zh}；两份都已保留，请双方核实",
            "the two sides saw marker {name} differently: {en}; both are kept, have the sides look again"
        );
        Some((
            ConflictKind::SidesDiffer,
            BTreeSet::from([other.clone()]),
            message,
        ))
    } else {
        None
    };
    let outcome = match found {
        Some((kind, with, message)) => {
            report.conflicts.push(Conflict {
                file: one.source.file.clone(),
                row: one.source.row,
                uuid: one.uuid.clone(),
                id: one.id.clone(),
                marker,
                kind,
                with: with.into_iter().collect(),
                message,
            });
            "conflict"
        }
        None if one.is_new => {
            report.accepted += 1;
            "accepted"
        }
        None => {
            report.known += 1;
            "known"
        }
    };
    report
        .rows
        .push((one.source.clone(), Some(one.uuid.clone()), outcome));
}

/// The report in the order in which the rows were handed in.
fn sort_report(report: &mut MergeReport) {
    let files = report.files.clone();
    let place = |file: &str, row: u64| (files.iter().position(|name| name == file), row);
    report
        .conflicts
        .sort_by_key(|one| place(&one.file, one.row));
    report.rejected.sort_by_key(|one| place(&one.file, one.row));
    report.warnings.sort_by_key(|one| place(&one.file, one.row));
    report
        .rows
        .sort_by_key(|(source, ..)| place(&source.file, source.row));
}
