//! The report as text, JSON and HTML.

use std::io::{self, Write};

use zhifang_core::Lang;

use super::{Report, ReportRow};

/// Columns behind code and name: titles and values.
const COLUMNS: [(&str, &str, Count); 14] = [
    ("地名", "names", |row| row.names),
    ("缺拼写", "no spelling", |row| row.without_pinyin),
    ("缺含义", "no meaning", |row| row.without_meaning),
    ("缺来历", "no origin", |row| row.without_origin),
    ("缺位置", "no position", |row| row.without_position),
    ("应设标志", "sign wanted", |row| row.sign_wanted),
    ("未设标志", "sign missing", |row| row.sign_missing),
    ("标志有误", "sign faulty", |row| row.sign_faulty),
    ("重名", "duplicates", |row| row.duplicates),
    ("同音", "homophones", |row| row.homophones),
    ("不规范", "non-standard", |row| row.non_standard),
    ("拼写有误", "misspelled", |row| row.misspelled),
    ("在办", "under way", |row| row.applications),
    ("逾期", "overdue", |row| row.overdue),
];

/// A number of a row.
type Count = fn(&ReportRow) -> usize;

impl Report {
    fn title(&self, lang: Lang) -> String {
        let (within, day, rules) = (&self.within, self.day, &self.rules);
        match lang {
            Lang::Zh => format!("地名登记情况 {within} {day}（规则 {rules}）"),
            Lang::En => format!("Register of names {within}, {day} (rules {rules})"),
        }
    }

    fn categories(row: &ReportRow) -> String {
        let counts: Vec<String> = row.by_category.iter().map(ToString::to_string).collect();
        counts.join("/")
    }

    /// A table with tabs between its columns.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_text(&self, out: &mut dyn Write, lang: Lang) -> io::Result<()> {
        writeln!(out, "{}", self.title(lang))?;
        write!(
            out,
            "{}\t{}\t{}",
            lang.pick("代码", "code"),
            lang.pick("区划", "unit"),
            lang.pick("各类1-8", "by category 1-8")
        )?;
        for (zh, en, _) in COLUMNS {
            write!(out, "\t{}", lang.pick(zh, en))?;
        }
        writeln!(out)?;
        for row in &self.rows {
            write!(out, "{}\t{}\t{}", row.code, row.name, Self::categories(row))?;
            for (_, _, count) in COLUMNS {
                write!(out, "\t{}", count(row))?;
            }
            writeln!(out)?;
        }
        write!(
            out,
            "\t{}\t{}",
            lang.pick("合计", "total"),
            Self::categories(&self.total)
        )?;
        for (_, _, count) in COLUMNS {
            write!(out, "\t{}", count(&self.total))?;
        }
        writeln!(out)
    }

    /// One JSON document.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }

    /// One page that needs nothing from outside.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_html(&self, out: &mut dyn Write, lang: Lang) -> io::Result<()> {
        let title = escape(&self.title(lang));
        writeln!(
            out,
            "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>",
            lang.pick("zh-CN", "en")
        )?;
        writeln!(
            out,
            "<style>body{{font:15px/1.5 sans-serif;margin:1.5rem;max-width:80rem}}table{{border-collapse:collapse}}th,td{{border:1px solid #bbb;padding:.2rem .5rem;text-align:right}}th:nth-child(-n+2),td:nth-child(-n+2){{text-align:left}}tfoot td{{font-weight:bold}}</style>"
        )?;
        writeln!(
            out,
            "<h1>{title}</h1><table><thead><tr><th>{}<th>{}",
            lang.pick("代码", "Code"),
            lang.pick("区划", "Unit")
        )?;
        for number in 1..=8 {
            write!(out, "<th>{}{number}", lang.pick("类", "Cat. "))?;
        }
        for (zh, en, _) in COLUMNS {
            write!(out, "<th>{}", lang.pick(zh, en))?;
        }
        writeln!(out, "</thead><tbody>")?;
        for row in &self.rows {
            write_row(out, &row.code, &row.name, row)?;
        }
        writeln!(out, "</tbody><tfoot>")?;
        write_row(out, "", lang.pick("合计", "Total"), &self.total)?;
        writeln!(out, "</tfoot></table>")?;
        if !self.missing_signs.is_empty() {
            writeln!(
                out,
                "<h2>{}</h2><ul>",
                lang.pick(
                    "应设未设标志的地名",
                    "Names that should have a sign and have none"
                )
            )?;
            for missing in &self.missing_signs {
                writeln!(
                    out,
                    "<li>{} <small>{} {}</small>",
                    escape(&missing.name),
                    escape(&missing.id),
                    missing
                        .division
                        .map(|code| code.to_string())
                        .unwrap_or_default()
                )?;
            }
            writeln!(out, "</ul>")?;
        }
        writeln!(out, "</html>")
    }
}

fn write_row(out: &mut dyn Write, code: &str, name: &str, row: &ReportRow) -> io::Result<()> {
    write!(out, "<tr><td>{}<td>{}", escape(code), escape(name))?;
    for count in row.by_category {
        write!(out, "<td>{count}")?;
    }
    for (_, _, count) in COLUMNS {
        write!(out, "<td>{}", count(row))?;
    }
    writeln!(out)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
