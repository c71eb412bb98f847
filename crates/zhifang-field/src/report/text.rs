//! The report for a terminal.

use std::fmt::Write as _;
use std::io::{self, Write};

use zhifang_core::{Lang, Record};

use super::{InspectionReport, Work};
use crate::standing::MarkerStanding;
use crate::words::{number_of, state_word};

/// One side's words about a marker: state, time, who.
pub(super) fn side_text(view: Option<&Record>, lang: Lang) -> String {
    let Some(one) = view else {
        return "-".to_owned();
    };
    let text = |name: &str| one.fields.text(name).unwrap_or_default();
    let state = state_word(text("state"), lang);
    let parts = [state, text("observed_at"), text("observer"), text("note")];
    let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.join(" ")
}

/// The registered state beside what was found, with the offset.
pub(super) fn found_text(one: &MarkerStanding<'_>, lang: Lang) -> String {
    let registered = one.marker.fields.text("state");
    let registered = registered.map_or("-", |state| state_word(state, lang));
    let mut text = format!("{registered} → {}", one.verdict.title(lang));
    if let Some(difference) = &one.difference {
        let _ = write!(text, " ({})", difference.pick(lang));
    }
    if let Some(off_m) = one.seen_off_m() {
        let _ = write!(text, " {off_m:.1} m");
    }
    text
}

/// An observation without a marker of the line in force: by what it names, else where it was made.
pub(super) fn elsewhere(one: &Record) -> String {
    match (one.fields.text("marker"), one.point()) {
        (Some(marker), _) => marker.to_owned(),
        (None, Some(place)) => format!("{:.6} {:.6}", place.lon, place.lat),
        (None, None) => one.id.to_string(),
    }
}

/// What is on record for a work, and what is lacking.
pub(super) fn work_text(work: &Work<'_>, lang: Lang) -> String {
    let lacking: Vec<String> = work.lacking.iter().map(ToString::to_string).collect();
    let consent = if lacking.is_empty() {
        lang.pick("双方已同意", "both sides consent").to_owned()
    } else {
        let word = lang.pick("缺同意：", "consent lacking: ");
        format!("{word}{}", lacking.join(lang.pick("、", ", ")))
    };
    let filed = if work.is_filed {
        lang.pick("已备案", "filed")
    } else {
        lang.pick("未备案", "not filed")
    };
    format!("{consent}{}{filed}", lang.pick("，", ", "))
}

impl InspectionReport<'_> {
    /// The lines above the tables: what, whose, until when.
    pub(super) fn head(&self, lang: Lang) -> Vec<(&'static str, String)> {
        let field = |name: &str| {
            let value = self.round.inspection.fields.get(name);
            value.map_or_else(
                || "-".to_owned(),
                |value| {
                    value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned)
                },
            )
        };
        let line = self.round.line.map_or("-", |line| &*line.name);
        vec![
            (
                lang.pick("界线", "Line"),
                format!("{line} ({})", self.round.line_id()),
            ),
            (lang.pick("轮次", "Round"), field("round")),
            (lang.pick("牵头方", "Lead"), self.lead.clone()),
            (lang.pick("配合方", "Other side"), self.other.clone()),
            (lang.pick("期限", "Due"), field("due")),
            (
                lang.pick("进度", "Progress"),
                self.standing.headline(self.round).pick(lang).to_owned(),
            ),
        ]
    }

    /// The report for a terminal.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_text(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        let title = lang.pick("行政区域界线联合检查报告", "Joint inspection report");
        writeln!(out, "{title} {}", self.today)?;
        for (name, value) in self.head(lang) {
            writeln!(out, "{name}: {value}")?;
        }
        writeln!(out, "\n{}", lang.pick("界桩", "Markers"))?;
        for (one, task) in self.standing.markers.iter().zip(&self.tasks) {
            writeln!(
                out,
                "  {} {:.0} m  {}",
                number_of(one.marker),
                one.along_m,
                found_text(one, lang)
            )?;
            if one.lead.is_some() || one.other.is_some() {
                writeln!(out, "    {}: {}", self.lead, side_text(one.lead, lang))?;
                writeln!(out, "    {}: {}", self.other, side_text(one.other, lang))?;
            }
            if let Some(task) = task {
                let (what, who) = (task.what.pick(lang), task.who.pick(lang));
                writeln!(out, "    → {what}{}{who}", lang.pick("；", "; "))?;
            }
        }
        if !self.standing.elsewhere.is_empty() {
            writeln!(out, "\n{}", lang.pick("其他地点", "Elsewhere on the line"))?;
            for one in &self.standing.elsewhere {
                writeln!(out, "  {} {}", elsewhere(one), side_text(Some(one), lang))?;
            }
        }
        if !self.works.is_empty() {
            writeln!(out, "\n{}", lang.pick("跨界设施", "Works across the line"))?;
            for work in &self.works {
                let record = work.record;
                writeln!(
                    out,
                    "  {} {}: {}",
                    record.id,
                    record.name,
                    work_text(work, lang)
                )?;
            }
        }
        writeln!(out, "\n{}", lang.pick("签字", "Signatures"))?;
        let signed = self.signed();
        for (code, name) in [
            (self.round.lead, &self.lead),
            (self.round.other, &self.other),
        ] {
            let code = code.map(|code| code.to_string()).unwrap_or_default();
            let mark = if signed.contains(&code.as_str()) {
                lang.pick("已签字", "signed")
            } else {
                lang.pick(
                    "签字（盖章）：__________  日期：__________",
                    "signature and seal: __________  date: __________",
                )
            };
            writeln!(out, "  {name}  {mark}")?;
        }
        writeln!(
            out,
            "  {}",
            lang.pick(
                "本报告由双方联合报送批准机关备案（行政区域界线管理条例第十二条）。",
                "Filed by both sides together with the body that approved the line (Decree 353, art. 12)."
            )
        )
    }
}
