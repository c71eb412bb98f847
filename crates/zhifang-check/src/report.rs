//! Running the rules, and what came of it.

use serde_json::{Value, json};
use zhifang_core::{Collection, Lang, RecordKey};

use crate::finding::{Finding, Severity, Text};
use crate::life;
use crate::register::Register;
use crate::rule::{Card, Rule, rules};
use crate::scope::{Options, Scope};

/// A rule that could not look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its id.
    pub rule: &'static str,
    /// What is not loaded.
    pub reason: Text,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// Findings: heaviest first, then by rule, subjects and id; the same on every run.
    pub findings: Vec<Finding>,
    /// Rules that looked.
    pub looked: Vec<&'static str>,
    /// Rules that could not look, by id.
    pub skipped: Vec<Skipped>,
    /// Findings that a person accepted with a reason: they fail no check.
    pub set_aside: Vec<Finding>,
}

/// A rule id that names no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule {
    /// The id as given.
    pub id: String,
}

impl std::fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "rule `{}`: wanted an id of `check --list`, e.g. COV-01, or a group, e.g. COV",
            self.id
        )
    }
}

impl std::error::Error for UnknownRule {}

/// Which rules `only` names; all where it is empty. A group (`COV`) names all of its rules.
///
/// # Errors
/// [`UnknownRule`] when a word names no rule.
pub fn chosen(only: &[String]) -> Result<Vec<&'static dyn Rule>, UnknownRule> {
    let all = rules();
    let names = |word: &str, card: &Card| {
        let word = word.trim();
        card.id.eq_ignore_ascii_case(word)
            || card
                .id
                .split('-')
                .next()
                .is_some_and(|group| group.eq_ignore_ascii_case(word))
    };
    if let Some(word) = only
        .iter()
        .find(|word| !all.iter().any(|rule| names(word, &rule.card())))
    {
        return Err(UnknownRule { id: word.clone() });
    }
    Ok(all
        .into_iter()
        .filter(|rule| only.is_empty() || only.iter().any(|word| names(word, &rule.card())))
        .collect())
}

/// Checks the register.
///
/// # Errors
/// [`UnknownRule`] when `options.only` names no rule.
pub fn check(register: &Register<'_>, options: &Options) -> Result<Report, UnknownRule> {
    let scope = Scope::new(register, options);
    let mut report = Report::default();
    for rule in chosen(&options.only)? {
        let rule_id = rule.card().id;
        match look(rule, &scope) {
            Ok(found) => {
                report.looked.push(rule_id);
                report.findings.extend(found);
            }
            Err(reason) => report.skipped.push(Skipped {
                rule: rule_id,
                reason,
            }),
        }
    }
    report.finish(register);
    Ok(report)
}

/// What one rule finds, with its basis; why it could not look.
pub(crate) fn look(rule: &dyn Rule, scope: &Scope<'_>) -> Result<Vec<Finding>, Text> {
    let mut found = Vec::new();
    rule.check(scope, &mut found)?;
    for finding in &mut found {
        finding.basis = rule.card().basis;
    }
    Ok(found)
}

impl Report {
    /// Puts the findings in order, and sets those aside that were accepted.
    pub(crate) fn finish(&mut self, register: &Register<'_>) {
        self.sort();
        self.set_aside_accepted(register);
    }

    /// Puts the findings in order and makes ids unique.
    pub(crate) fn sort(&mut self) {
        self.findings.sort_by(|a, b| a.rank().cmp(&b.rank()));
        // Two findings of one rule on the same records in one cell: the later ones get a number.
        let mut seen: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
        for finding in &mut self.findings {
            let count = seen.entry(finding.id.clone()).or_default();
            *count += 1;
            if *count > 1 {
                finding.id = format!("{}-{count}", finding.id);
            }
        }
    }

    /// Tells of each finding where it stands, and takes out what a person accepted.
    fn set_aside_accepted(&mut self, register: &Register<'_>) {
        if register.all(Collection::Findings).is_empty() {
            return;
        }
        for finding in &mut self.findings {
            let stored = register.record(Collection::Findings, &finding.id);
            finding.state = life::state_of(stored, register.day());
        }
        let (set_aside, left) = std::mem::take(&mut self.findings)
            .into_iter()
            .partition(|finding| finding.state == life::State::Accepted);
        (self.set_aside, self.findings) = (set_aside, left);
    }

    /// Number of findings that were accepted.
    pub fn accepted(&self) -> usize {
        self.set_aside.len()
    }

    /// Number of findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// The heaviest severity found; `None` where nothing was.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// Whether the check fails at this threshold (`--fail-on`): something as heavy was found.
    /// Without a threshold it fails on errors.
    pub fn fails(&self, threshold: Option<Severity>) -> bool {
        self.worst()
            .is_some_and(|worst| worst >= threshold.unwrap_or(Severity::Error))
    }

    /// Findings about a record.
    pub fn about<'r>(&'r self, subject: &'r RecordKey) -> impl Iterator<Item = &'r Finding> {
        self.findings
            .iter()
            .filter(move |finding| finding.subjects.contains(subject))
    }

    /// The summary as JSON.
    pub fn summary(&self) -> Value {
        let skipped: Vec<Value> = self
            .skipped
            .iter()
            .map(|skip| {
                json!({"rule": skip.rule, "reason": skip.reason.zh, "reason_en": skip.reason.en})
            })
            .collect();
        json!({
            "errors": self.count(Severity::Error),
            "warnings": self.count(Severity::Warning),
            "infos": self.count(Severity::Info),
            "accepted": self.accepted(),
            "rules": self.looked,
            "skipped": skipped,
        })
    }

    /// One line: how many of each.
    pub fn headline(&self, lang: Lang) -> String {
        let [errors, warnings, infos] = Severity::ALL.map(|severity| self.count(severity));
        let (looked, skipped) = (self.looked.len(), self.skipped.len());
        let accepted = match (self.accepted(), lang) {
            (0, _) => String::new(),
            (count, Lang::Zh) => format!("，另有已接受 {count}"),
            (count, Lang::En) => format!(", {count} accepted"),
        };
        match lang {
            Lang::Zh => format!(
                "错误 {errors}，警告 {warnings}，提示 {infos}{accepted}；执行规则 {looked} 条，跳过 {skipped} 条"
            ),
            Lang::En => format!(
                "{errors} errors, {warnings} warnings, {infos} infos{accepted}; {looked} rules looked, {skipped} skipped"
            ),
        }
    }
}
