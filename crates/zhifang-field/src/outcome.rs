//! What a merge did with every row it was given.

use serde_json::{Map, Value, json};
use zhifang_core::Lang;

use crate::words::Words;

/// Why an observation is kept for a person to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConflictKind {
    /// Another content was handed in under the same uuid.
    SameUuid,
    /// It and another saw the marker as an older version of the register describes it.
    OlderMarkerVersion,
    /// The two sides' crews saw different things.
    SidesDiffer,
}

impl ConflictKind {
    /// Word used in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameUuid => "same_uuid",
            Self::OlderMarkerVersion => "older_marker_version",
            Self::SidesDiffer => "sides_differ",
        }
    }
}

/// Where a row came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Source {
    pub(crate) file: String,
    pub(crate) row: u64,
}

/// An observation that is kept beside others for a person to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The file.
    pub file: String,
    /// Position in the file from 1.
    pub row: u64,
    /// The uuid as handed in.
    pub uuid: String,
    /// The record under which it is kept.
    pub id: String,
    /// The marker.
    pub marker: Option<String>,
    /// Why.
    pub kind: ConflictKind,
    /// The records that it stands against, ascending.
    pub with: Vec<String>,
    /// For a person.
    pub message: Words,
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The file.
    pub file: String,
    /// Position in the file from 1.
    pub row: u64,
    /// The uuid, where it could be read.
    pub uuid: Option<String>,
    /// The field at fault; `geometry` for the position.
    pub field: String,
    /// Stable word.
    pub code: &'static str,
    /// For a person.
    pub reason: Words,
}

/// Something about a row that was taken but should be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The file.
    pub file: String,
    /// Position in the file from 1.
    pub row: u64,
    /// The uuid.
    pub uuid: String,
    /// Stable word.
    pub code: &'static str,
    /// For a person.
    pub message: Words,
}

/// What a merge did: `read = accepted + known + conflicts + rejected`, disjoint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MergeReport {
    /// The inspection.
    pub inspection: String,
    /// The files, as named.
    pub files: Vec<String>,
    /// Rows read.
    pub read: u64,
    /// Rows that are new and stand against nothing.
    pub accepted: u64,
    /// Rows that the register has already, and that stand against nothing.
    pub known: u64,
    /// Rows that are kept, new or of old, and that a person must decide on.
    pub conflicts: Vec<Conflict>,
    /// Rows that were not taken.
    pub rejected: Vec<Rejection>,
    /// What should be looked at in rows that were taken.
    pub warnings: Vec<Notice>,
    /// What became of every row: file, row, uuid, outcome.
    pub(crate) rows: Vec<(Source, Option<String>, &'static str)>,
}

impl MergeReport {
    /// Whether a person has to look (exit status 1).
    pub fn needs_attention(&self) -> bool {
        !self.conflicts.is_empty() || !self.rejected.is_empty()
    }

    /// The report as JSON; `records` lists what became of every row.
    pub fn to_json(&self, lang: Lang) -> Value {
        let conflict = |one: &Conflict| {
            json!({
                "file": one.file, "row": one.row, "uuid": one.uuid, "id": one.id,
                "marker": one.marker, "kind": one.kind.as_str(), "with": one.with,
                "message": one.message.pick(lang),
            })
        };
        let rejection = |one: &Rejection| {
            json!({
                "file": one.file, "row": one.row, "uuid": one.uuid, "field": one.field,
                "code": one.code, "reason": one.reason.pick(lang),
            })
        };
        let warning = |one: &Notice| {
            json!({
                "file": one.file, "row": one.row, "uuid": one.uuid, "code": one.code,
                "message": one.message.pick(lang),
            })
        };
        let rows = self.rows.iter().map(|(source, uuid, outcome)| {
            let mut row = Map::new();
            row.insert("file".to_owned(), Value::from(source.file.as_str()));
            row.insert("row".to_owned(), Value::from(source.row));
            row.insert("uuid".to_owned(), json!(uuid));
            row.insert("outcome".to_owned(), Value::from(*outcome));
            Value::Object(row)
        });
        json!({
            "inspection": self.inspection,
            "files": self.files,
            "read": self.read,
            "accepted": self.accepted,
            "known": self.known,
            "conflicts": self.conflicts.iter().map(conflict).collect::<Vec<_>>(),
            "rejected": self.rejected.iter().map(rejection).collect::<Vec<_>>(),
            "warnings": self.warnings.iter().map(warning).collect::<Vec<_>>(),
            "records": rows.collect::<Vec<_>>(),
        })
    }

    /// The report for a person.
    pub fn to_text(&self, lang: Lang) -> String {
        use std::fmt::Write as _;
        let counts = [
            (lang.pick("读取", "read"), self.read),
            (lang.pick("新增", "accepted"), self.accepted),
            (lang.pick("已有", "known"), self.known),
            (lang.pick("冲突", "conflicts"), self.conflicts.len() as u64),
            (lang.pick("拒绝", "rejected"), self.rejected.len() as u64),
        ];
        let line: Vec<String> = counts
            .iter()
            .map(|(word, n)| format!("{word} {n}"))
            .collect();
        let mut text = format!("{}\n", line.join(lang.pick("，", ", ")));
        for one in &self.conflicts {
            let _ = writeln!(
                text,
                "{} {}:{} `{}` [{}] {}",
                lang.pick("冲突", "conflict"),
                one.file,
                one.row,
                one.id,
                one.kind.as_str(),
                one.message.pick(lang)
            );
        }
        for one in &self.rejected {
            let uuid = one.uuid.as_deref().unwrap_or("-");
            let _ = writeln!(
                text,
                "{} {}:{} `{uuid}` [{}] {}: {}",
                lang.pick("拒绝", "rejected"),
                one.file,
                one.row,
                one.code,
                one.field,
                one.reason.pick(lang)
            );
        }
        for one in &self.warnings {
            let _ = writeln!(
                text,
                "{} {}:{} `{}` [{}] {}",
                lang.pick("警告", "warning"),
                one.file,
                one.row,
                one.uuid,
                one.code,
                one.message.pick(lang)
            );
        }
        text
    }
}
