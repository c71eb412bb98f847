//! What an import did, row by row, as the contract prints it.

use serde::{Deserialize, Serialize};
use zhifang_core::Lang;

/// The report of an import: `read = accepted + unchanged + changed + rejected`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ImportReport {
    /// The files, as named in the command.
    pub files: Vec<String>,
    /// Rows read.
    pub read: u64,
    /// New records.
    pub accepted: u64,
    /// Rows that say what the register says.
    pub unchanged: u64,
    /// Rows that change a record.
    pub changed: u64,
    /// Rows not taken.
    pub rejected: u64,
    /// Records retired: absent from a file that was called complete, or ended by a history file.
    pub retired: u64,
    /// What was taken but should be looked at.
    pub warnings: Vec<Warning>,
    /// Every row that was not taken.
    pub rejections: Vec<Rejection>,
}

/// Something that was taken but should be looked at.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Warning {
    /// Stable word: `looks_shifted`, `blank_name`, `dates_out_of_order`, `invalid_geometry`,
    /// `decoded_as_gbk`, `metre_level_guess` …
    pub code: String,
    /// Position in the file from 1; none where the file as a whole is meant.
    pub row: Option<u64>,
    /// For a person.
    pub message: String,
    /// How far east of the reference the coordinates lie, metres (`looks_shifted`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dx_m: Option<f64>,
    /// How far north of the reference, metres (`looks_shifted`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dy_m: Option<f64>,
    /// What explains it: `gcj02 bd09 shift swapped outside_area` (`looks_shifted`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub likely: Option<String>,
}

/// A row that was not taken, and why.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rejection {
    /// The file.
    pub file: String,
    /// Position in the file from 1, headings not counted.
    pub row: u64,
    /// Identifier or key of the record, as far as known.
    pub id: Option<String>,
    /// The field at fault.
    pub field: Option<String>,
    /// Stable word: `no_key`, `key_disagreement`, `duplicate_key`, `bad_value`, `bad_geometry`,
    /// `wrong_geometry`, `looks_shifted`, `bad_row` …
    pub code: String,
    /// For a person.
    pub reason: String,
}

impl ImportReport {
    /// Whether any row was rejected (exit status 1).
    pub fn has_rejections(&self) -> bool {
        self.rejected > 0
    }

    /// The report for a person.
    pub fn to_text(&self, lang: Lang) -> String {
        use std::fmt::Write as _;
        let mut text = String::new();
        let counts = [
            (lang.pick("读取", "read"), self.read),
            (lang.pick("新增", "accepted"), self.accepted),
            (lang.pick("未变", "unchanged"), self.unchanged),
            (lang.pick("变更", "changed"), self.changed),
            (lang.pick("拒绝", "rejected"), self.rejected),
            (lang.pick("停用", "retired"), self.retired),
        ];
        let line: Vec<String> = counts
            .iter()
            .map(|(word, n)| format!("{word} {n}"))
            .collect();
        let _ = writeln!(text, "{}", line.join(lang.pick("，", ", ")));
        for warning in &self.warnings {
            let row = warning
                .row
                .map(|row| format!("{} {row}: ", lang.pick("第", "row")));
            let _ = writeln!(
                text,
                "{} [{}] {}{}",
                lang.pick("警告", "warning"),
                warning.code,
                row.unwrap_or_default(),
                warning.message
            );
        }
        for rejection in &self.rejections {
            let id = rejection
                .id
                .as_deref()
                .map(|id| format!(" `{id}`"))
                .unwrap_or_default();
            let field = rejection
                .field
                .as_deref()
                .map(|field| format!(" {field}:"))
                .unwrap_or_default();
            let _ = writeln!(
                text,
                "{} {}:{}{id} [{}]{field} {}",
                lang.pick("拒绝", "rejected"),
                rejection.file,
                rejection.row,
                rejection.code,
                rejection.reason
            );
        }
        text
    }
}
