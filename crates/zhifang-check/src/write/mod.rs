//! Reports as text, JSON, GeoJSON and HTML.

mod comparison;
mod html;
mod profile;
mod sketch;

pub(crate) use comparison::stretch_json;

use std::io::{self, Write};

use serde_json::{Value, json};
use zhifang_core::Lang;

use crate::finding::{Finding, rounded};
use crate::life::State;
use crate::report::Report;
use crate::rule::Card;

impl Report {
    /// Plain text for a terminal: a headline, the findings, the rules that could not look.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_text(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        writeln!(out, "{}", self.headline(lang))?;
        for finding in &self.findings {
            write_finding(out, finding, lang)?;
        }
        if !self.skipped.is_empty() {
            writeln!(
                out,
                "\n{}",
                lang.pick("跳过的规则：", "Rules that could not look:")
            )?;
            for skip in &self.skipped {
                writeln!(out, "  {}  {}", skip.rule, skip.reason.pick(lang))?;
            }
        }
        Ok(())
    }

    /// One JSON document: `summary` and `findings`, messages in both languages.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, &self.to_json())?;
        writeln!(out)
    }

    /// The same as a value.
    pub fn to_json(&self) -> Value {
        let findings: Vec<Value> = self.findings.iter().map(Finding::to_json).collect();
        let set_aside: Vec<Value> = self.set_aside.iter().map(Finding::to_json).collect();
        json!({"summary": self.summary(), "findings": findings, "set_aside": set_aside})
    }

    /// An RFC 7946 FeatureCollection, a Feature for each finding; `summary` beside `features`.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_geojson(&self, out: &mut impl Write) -> io::Result<()> {
        let features: Vec<Value> = self.findings.iter().map(Finding::to_feature).collect();
        let collection = json!({
            "type": "FeatureCollection",
            "features": features,
            "summary": self.summary(),
        });
        serde_json::to_writer(&mut *out, &collection)?;
        writeln!(out)
    }

    /// One page that needs nothing from outside, with a sketch of each place.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_html(&self, out: &mut impl Write, lang: Lang) -> io::Result<()> {
        html::page(out, self, lang)
    }
}

fn write_finding(out: &mut impl Write, finding: &Finding, lang: Lang) -> io::Result<()> {
    writeln!(
        out,
        "\n{} [{}] {}",
        finding.rule,
        finding.severity.title(lang),
        finding.message.pick(lang)
    )?;
    if let Some(place) = finding.place {
        writeln!(
            out,
            "    {} {:.6} {:.6}",
            lang.pick("位置", "at"),
            place.lon,
            place.lat
        )?;
    }
    if let Some(tolerance) = finding.tolerance_m {
        let (words, metres) = (lang.pick("容差", "tolerance"), rounded(tolerance));
        writeln!(out, "    {words} {metres} m")?;
    }
    for proposal in &finding.proposals {
        write!(out, "    → {}", proposal.action.pick(lang))?;
        match proposal.area_m2 {
            Some(m2) => writeln!(out, " ({:+.4} ha)", m2 / 10_000.0)?,
            None => writeln!(out)?,
        }
    }
    if !finding.basis.is_empty() {
        writeln!(out, "    {} {}", lang.pick("依据", "basis"), finding.basis)?;
    }
    if finding.state != State::Open {
        let words = lang.pick("处理", "state");
        writeln!(out, "    {words} {}", finding.state.title(lang))?;
    }
    writeln!(out, "    id {}", finding.id)
}

/// The rules with severity, tolerance and source, as `check --list` prints them.
///
/// # Errors
/// What `out` reports.
pub fn write_rules<'r>(
    out: &mut impl Write,
    cards: impl IntoIterator<Item = &'r Card>,
    lang: Lang,
) -> io::Result<()> {
    for card in cards {
        writeln!(
            out,
            "{}\t{}\t{}\t{}",
            card.id,
            card.severity.as_str(),
            lang.pick(card.zh, card.en),
            card.basis
        )?;
        if let Some(tolerance) = card.tolerance {
            writeln!(
                out,
                "\t{} = {} m: {}",
                tolerance.name,
                tolerance.metres,
                lang.pick(tolerance.reason, tolerance.reason_en)
            )?;
        }
    }
    Ok(())
}

/// The rules as JSON.
pub fn rules_json<'r>(cards: impl IntoIterator<Item = &'r Card>) -> Value {
    let card = |card: &Card| {
        json!({
            "id": card.id,
            "severity": card.severity.as_str(),
            "title": card.zh,
            "title_en": card.en,
            "basis": card.basis,
            "tolerance": card.tolerance.map(|tolerance| json!({
                "name": tolerance.name,
                "metres": tolerance.metres,
                "reason": tolerance.reason,
                "reason_en": tolerance.reason_en,
            })),
        })
    };
    Value::Array(cards.into_iter().map(card).collect())
}
