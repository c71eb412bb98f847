//! The report as one page to be printed and signed; it needs nothing from outside.

use std::io::{self, Write};

use zhifang_core::Lang;

use super::InspectionReport;
use super::text::{elsewhere, found_text, side_text, work_text};
use crate::words::number_of;

const STYLE: &str = "body{font:15px/1.5 sans-serif;max-width:56rem;margin:1rem auto;padding:0 1rem;color:#1c1b19}\
h1{font-size:1.4rem;text-align:center}h2{font-size:1.05rem;margin:1.2rem 0 .3rem}\
table{border-collapse:collapse;width:100%}th,td{border:1px solid #777;padding:.25rem .45rem;text-align:left;vertical-align:top}\
th{background:#f1eee6}thead{display:table-header-group}tr{break-inside:avoid}\
.task{color:#8a3b00}.sign td{height:4.5rem}small{color:#555}\
@media print{body{margin:0;max-width:none}}";

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

fn row(out: &mut impl Write, cells: &[&str]) -> io::Result<()> {
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
    writeln!(out, "<tr><td>{}</td></tr>", cells.join("</td><td>"))
}

fn heading(out: &mut impl Write, title: &str, cells: &[&str]) -> io::Result<()> {
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
    let (title, cells) = (escaped(title), cells.join("</th><th>"));
    writeln!(
        out,
        "<h2>{title}</h2><table><thead><tr><th>{cells}</th></tr></thead><tbody>"
    )
}

impl InspectionReport<'_> {
    /// The report as one HTML page.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_html(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        let title = lang.pick("行政区域界线联合检查报告", "Joint inspection report");
        let tag = lang.pick("zh-CN", "en");
        writeln!(
            out,
            "<!DOCTYPE html><html lang=\"{tag}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title} {}</title><style>{STYLE}</style></head><body><h1>{title}</h1><table><tbody>",
            escaped(&self.round.inspection.id)
        )?;
        for (name, value) in self.head(lang) {
            writeln!(
                out,
                "<tr><th>{}</th><td>{}</td></tr>",
                escaped(name),
                escaped(&value)
            )?;
        }
        writeln!(out, "</tbody></table>")?;
        self.write_markers(out, lang)?;
        self.write_rest(out, lang)?;
        self.write_signatures(out, lang)?;
        writeln!(out, "<p><small>{}</small></p></body></html>", self.today)
    }

    fn write_markers(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        let columns = [
            lang.pick("界桩号", "Number"),
            lang.pick("里程（米）", "Along, m"),
            lang.pick("登记与结论", "Registered and found"),
            &self.lead,
            &self.other,
            lang.pick("处理", "To be done"),
        ];
        heading(out, lang.pick("界桩检查", "Markers"), &columns)?;
        for (one, task) in self.standing.markers.iter().zip(&self.tasks) {
            let task = task.as_ref().map_or_else(String::new, |task| {
                let (what, who) = (task.what.pick(lang), task.who.pick(lang));
                format!("{what}{}{who}", lang.pick("；", "; "))
            });
            let along = format!("{:.0}", one.along_m);
            row(
                out,
                &[
                    number_of(one.marker),
                    &along,
                    &found_text(one, lang),
                    &side_text(one.lead, lang),
                    &side_text(one.other, lang),
                    &task,
                ],
            )?;
        }
        writeln!(out, "</tbody></table>")
    }

    fn write_rest(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        if !self.standing.elsewhere.is_empty() {
            let title = lang.pick("其他地点", "Elsewhere on the line");
            let columns = [
                lang.pick("地点", "Place"),
                lang.pick("内容", "What was seen"),
            ];
            heading(out, title, &columns)?;
            for one in &self.standing.elsewhere {
                row(out, &[&elsewhere(one), &side_text(Some(one), lang)])?;
            }
            writeln!(out, "</tbody></table>")?;
        }
        if !self.works.is_empty() {
            let columns = [
                lang.pick("编号", "Id"),
                lang.pick("名称", "Name"),
                lang.pick("权属单位", "Owner"),
                lang.pick("同意与备案", "Consents and filing"),
            ];
            heading(
                out,
                lang.pick("跨界设施", "Works across the line"),
                &columns,
            )?;
            for work in &self.works {
                let owner = work.record.fields.text("owner").unwrap_or("-");
                let cells = [
                    &*work.record.id,
                    &*work.record.name,
                    owner,
                    &work_text(work, lang),
                ];
                row(out, &cells)?;
            }
            writeln!(out, "</tbody></table>")?;
        }
        Ok(())
    }

    fn write_signatures(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        let columns = [
            lang.pick("单位（盖章）", "Unit (seal)"),
            lang.pick("签字", "Signature"),
            lang.pick("日期", "Date"),
        ];
        let title = lang.pick("双方签字", "Signatures of both sides");
        heading(out, title, &columns)?;
        let signed = self.signed();
        for (code, name) in [
            (self.round.lead, &self.lead),
            (self.round.other, &self.other),
        ] {
            let code = code.map(|code| code.to_string()).unwrap_or_default();
            let mark = if signed.contains(&code.as_str()) {
                lang.pick("已签字", "signed")
            } else {
                ""
            };
            writeln!(
                out,
                "<tr class=\"sign\"><td>{}</td><td>{mark}</td><td></td></tr>",
                escaped(name)
            )?;
        }
        let filing = lang.pick(
            "本报告由双方联合报送批准机关备案（行政区域界线管理条例第十二条）。",
            "Filed by both sides together with the body that approved the line (Decree 353, art. 12).",
        );
        writeln!(out, "</tbody></table><p>{filing}</p>")
    }
}
