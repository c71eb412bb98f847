//! What the statutory check answers.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use zhifang_core::{Day, DivisionCode, Lang};

use crate::category::Category;
use crate::rules::AuthorityKind;
use crate::text::Text;

/// How much a finding weighs, the heaviest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// 提示.
    Info,
    /// 警告.
    Warning,
    /// 错误.
    Error,
}

impl Severity {
    /// Word in files and over HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Info, Self::Warning, Self::Error]
            .into_iter()
            .find(|one| one.as_str() == text)
    }

    fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Info => lang.pick("提示", "information"),
            Self::Warning => lang.pick("警告", "warning"),
            Self::Error => lang.pick("错误", "error"),
        }
    }
}

/// How an entry of the register is like the name that is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// The same characters.
    SameCharacters,
    /// The same sound, tones aside.
    SameSound,
    /// The same specific part with another generic term.
    SameSpecific,
}

/// The entry of the register that a finding rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// `names` or `divisions`.
    pub collection: &'static str,
    /// Its identifier.
    pub id: Box<str>,
    /// Its standard name.
    pub name: Box<str>,
    /// The form that is alike, where it is not the standard name: a former name, an alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// How it is alike.
    pub how: Likeness,
    /// `published`, `retired` or `applied`.
    pub status: &'static str,
    /// Its category.
    pub category: Option<Category>,
    /// The division it belongs to.
    pub division: Option<DivisionCode>,
    /// The divisions from the province down, in words.
    pub place: String,
    /// How far from the place that was given, metres, geodesic.
    pub distance_m: Option<f64>,
    /// From when it is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Day>,
    /// Until when it was valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Day>,
}

/// What a rule found about the name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The rule, e.g. `NAM-01`.
    pub rule: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Article of law.
    pub article: String,
    /// What is wrong.
    pub message: Text,
    /// How to mend it.
    pub proposal: Text,
    /// The part of the name concerned; empty for all of it.
    pub part: String,
    /// Entries of the register that it rests on.
    pub evidence: Vec<Evidence>,
    /// How many there are; more than are listed where there are many.
    pub evidence_count: usize,
    /// Whether it may stand when a reason is given.
    pub needs_reason: bool,
    /// The reason that was given for letting it stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The range in which the name was compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RangeUsed {
    /// What the rule asks for: `nation`, `province`, `county`, `built_up_area`.
    pub wanted: &'static str,
    /// What was taken.
    pub used: &'static str,
    /// The unit whose ground was taken; none for the nation.
    pub division: Option<DivisionCode>,
    /// The built-up area that was taken.
    pub built_up_area: Option<String>,
    /// In words, with what stands in for what.
    pub text: Text,
}

/// The answer of the statutory check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// The name that was checked.
    pub name: String,
    /// Its category.
    pub category: Category,
    /// The unit in which it lies.
    pub within: String,
    /// The specific part (专名).
    pub specific: String,
    /// The generic part (通名); empty where there is none.
    pub generic: String,
    /// Roman spelling by rule.
    pub pinyin: String,
    /// Who would approve it.
    pub authority: Text,
    /// What kind of body that is.
    pub authority_kind: AuthorityKind,
    /// The range in which it was compared.
    pub range: RangeUsed,
    /// Version of the rules.
    pub rules: String,
    /// What was found, the heaviest first.
    pub findings: Vec<Finding>,
    /// What could not be looked at, and what stands in for what.
    pub notes: Vec<Text>,
}

impl Verdict {
    /// Number of findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// Whether an error or a warning was found; information alone is none.
    pub fn has_findings(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.severity > Severity::Info)
    }

    /// Rules that stand against approval: errors, and hits that want a reason and have none.
    pub fn obstacles(&self) -> Vec<String> {
        let mut rules: Vec<String> = self
            .findings
            .iter()
            .filter(|finding| {
                finding.severity == Severity::Error
                    || (finding.needs_reason
                        && finding.severity == Severity::Warning
                        && finding.reason.is_none())
            })
            .map(|finding| finding.rule.clone())
            .collect();
        rules.dedup();
        rules
    }

    /// Plain text for a terminal.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_text(&self, out: &mut dyn Write, lang: Lang) -> io::Result<()> {
        let dash = |text: &str| {
            if text.is_empty() {
                "-".to_owned()
            } else {
                text.to_owned()
            }
        };
        writeln!(
            out,
            "{}  {} {}  {} {}  {}",
            self.name,
            lang.pick("专名", "specific"),
            dash(&self.specific),
            lang.pick("通名", "generic"),
            dash(&self.generic),
            self.pinyin
        )?;
        writeln!(
            out,
            "{} {}\n{} {}",
            lang.pick("比对范围", "compared within"),
            self.range.text.pick(lang),
            lang.pick("批准机关", "to be approved by"),
            self.authority.pick(lang)
        )?;
        for finding in &self.findings {
            writeln!(
                out,
                "\n{} [{}] {}",
                finding.rule,
                finding.severity.title(lang),
                finding.message.pick(lang)
            )?;
            for evidence in &finding.evidence {
                write_evidence(out, evidence, lang)?;
            }
            let more = finding.evidence_count - finding.evidence.len();
            if more > 0 {
                writeln!(out, "    … {more} {}", lang.pick("处未列出", "more"))?;
            }
            if !finding.proposal.pick(lang).is_empty() {
                writeln!(out, "    → {}", finding.proposal.pick(lang))?;
            }
            match &finding.reason {
                Some(reason) => writeln!(out, "    {}{reason}", lang.pick("理由：", "reason: "))?,
                None if finding.needs_reason => writeln!(
                    out,
                    "    {}",
                    lang.pick(
                        "如与特定人物、企业无关联，请说明理由（--reason）",
                        "say why where there is no specific link (--reason)"
                    )
                )?,
                None => {}
            }
            writeln!(
                out,
                "    {} {}",
                lang.pick("依据", "basis"),
                finding.article
            )?;
        }
        for note in &self.notes {
            writeln!(out, "\n{}{}", lang.pick("注：", "note: "), note.pick(lang))?;
        }
        writeln!(
            out,
            "\n{} {}, {} {}, {} {}",
            lang.pick("错误", "errors"),
            self.count(Severity::Error),
            lang.pick("警告", "warnings"),
            self.count(Severity::Warning),
            lang.pick("提示", "information"),
            self.count(Severity::Info)
        )
    }
}

fn write_evidence(out: &mut dyn Write, evidence: &Evidence, lang: Lang) -> io::Result<()> {
    let how = match evidence.how {
        Likeness::SameCharacters => lang.pick("同字", "same characters"),
        Likeness::SameSound => lang.pick("同音", "same sound"),
        Likeness::SameSpecific => lang.pick("同专名", "same specific part"),
    };
    write!(
        out,
        "    {} {}/{} {} {}",
        how, evidence.collection, evidence.id, evidence.place, evidence.name
    )?;
    if let Some(form) = &evidence.form {
        write!(out, " ({form})")?;
    }
    match evidence.status {
        "retired" => write!(out, " {}", lang.pick("已停用", "retired"))?,
        "applied" => write!(out, " {}", lang.pick("申请中", "applied for"))?,
        _ => {}
    }
    if let Some(day) = evidence.valid_to {
        write!(out, " ~{day}")?;
    }
    if let Some(far) = evidence.distance_m {
        if far < 1_000.0 {
            write!(out, " {far:.0} m")?;
        } else {
            write!(out, " {:.1} km", far / 1_000.0)?;
        }
    }
    writeln!(out)
}
