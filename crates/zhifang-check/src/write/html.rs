//! The report as one page.

use std::io::{self, Write};

use zhifang_core::Lang;

use super::sketch::sketch;
use crate::finding::{Finding, Text, rounded};
use crate::report::Report;

const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:60rem;margin:1rem auto;padding:0 1rem;color:#1c1b19}\
article{display:flex;gap:1rem;border-top:1px solid #bbb;padding:1rem 0}section{border-top:1px solid #bbb;padding:1rem 0}\
article>div{flex:1;min-width:0}h2{font-size:1rem;margin:0}\
.error h2{color:#a3211b}.warning h2{color:#8a5a00}.info h2{color:#2a5674}\
small,li{color:#555}svg{background:#f4f2ec;flex:none}.pair{display:flex;gap:1rem;flex-wrap:wrap}\
svg .face{fill:#d9534f55;stroke:#a3211b}svg .line{fill:none;stroke:#a3211b;stroke-width:1.5}\
svg .theirs{fill:none;stroke:#1c4f8f;stroke-width:1.5}svg .tolerance{stroke:#8a5a00;stroke-dasharray:4 3}\
svg .vertex{fill:#d9534f}svg .place{fill:none;stroke:#1c1b19}svg .bar{stroke:#1c1b19}svg text{font-size:10px}\
.key{display:inline-block;width:2em;border-top:3px solid #a3211b}.key.theirs{border-color:#1c4f8f}\
table{border-collapse:collapse}td,th{padding:.1rem .5rem;text-align:left;border-bottom:1px solid #ddd;font-weight:normal}\
tr.apart td{color:#a3211b}svg.profile{width:100%;height:auto}\
@media(max-width:40rem){article{flex-direction:column}}\
@media print{body{max-width:none;margin:0;font-size:10pt}article,tr,.pair{break-inside:avoid}h2{break-after:avoid}\
svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}@page{size:A4;margin:15mm}}";

/// The other of the two languages: reports for both sides carry it in small print.
pub(super) fn other(lang: Lang) -> Lang {
    match lang {
        Lang::Zh => Lang::En,
        Lang::En => Lang::Zh,
    }
}

/// The beginning of a page, its title in both languages.
pub(super) fn head(out: &mut impl Write, title: &Text, lang: Lang) -> io::Result<()> {
    let tag = lang.pick("zh-CN", "en");
    writeln!(
        out,
        "<!DOCTYPE html><html lang=\"{tag}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{STYLE}</style></head><body><h1>{} <small>{}</small></h1>",
        title.pick(lang),
        title.pick(lang),
        title.pick(other(lang))
    )
}

/// Its end.
pub(super) fn foot(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "</body></html>")
}

/// Text with the characters escaped that mean something in HTML.
pub(super) fn escaped(text: &str) -> String {
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

pub(super) fn page(out: &mut impl Write, report: &Report, lang: Lang) -> io::Result<()> {
    head(out, &Text::new("检查报告", "Check report"), lang)?;
    writeln!(
        out,
        "<p>{}<br><small>{}</small></p>",
        escaped(&report.headline(lang)),
        escaped(&report.headline(other(lang)))
    )?;
    for finding in &report.findings {
        article(out, finding, lang)?;
    }
    if !report.skipped.is_empty() {
        writeln!(
            out,
            "<h2>{}</h2><ul>",
            lang.pick("跳过的规则", "Rules that could not look")
        )?;
        for skip in &report.skipped {
            writeln!(
                out,
                "<li>{} {}</li>",
                skip.rule,
                escaped(skip.reason.pick(lang))
            )?;
        }
        writeln!(out, "</ul>")?;
    }
    foot(out)
}

fn article(out: &mut impl Write, finding: &Finding, lang: Lang) -> io::Result<()> {
    writeln!(
        out,
        "<article class=\"{}\" id=\"{}\">{}<div><h2>{} {}</h2><p>{}<br><small>{}</small></p>",
        finding.severity.as_str(),
        escaped(&finding.id),
        sketch(finding.geometry.as_deref(), finding.place),
        finding.rule,
        finding.severity.title(lang),
        escaped(finding.message.pick(lang)),
        escaped(finding.message.pick(other(lang))),
    )?;
    if !finding.proposals.is_empty() {
        writeln!(out, "<ul>")?;
        for proposal in &finding.proposals {
            let area = proposal.area_m2.map_or_else(String::new, |m2| {
                format!(" ({:+} ha)", rounded(m2 / 10_000.0))
            });
            writeln!(
                out,
                "<li>{}{area}</li>",
                escaped(proposal.action.pick(lang))
            )?;
        }
        writeln!(out, "</ul>")?;
    }
    let place = finding.place.map_or_else(String::new, |place| {
        format!("{:.6} {:.6} · ", place.lon, place.lat)
    });
    let tolerance = finding.tolerance_m.map_or_else(String::new, |metres| {
        format!("{} {metres} m · ", lang.pick("容差", "tolerance"))
    });
    writeln!(
        out,
        "<small>{place}{tolerance}{} · {}</small></div></article>",
        escaped(finding.basis),
        escaped(&finding.id)
    )
}
