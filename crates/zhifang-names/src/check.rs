//! The statutory check of one name (地名管理条例 art. 9, 15, 24-26).

mod range;
mod register;
mod structure;
#[cfg(test)]
mod tests;
mod wording;

use std::collections::BTreeMap;

use zhifang_core::{CodePrefix, Collection, Day, DivisionCode, DivisionLevel, LonLat, Record};
use zhifang_index::View;

use crate::category::Category;
use crate::error::Error;
use crate::ledger::Ledger;
use crate::rules::{Generic, Measures, Rules, WordList};
use crate::spelling;
use crate::text::Text;
use crate::verdict::{Evidence, Finding, Severity, Verdict};

use range::Ground;

pub(crate) use register::place_of;
pub(crate) use wording::readable;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The whole name, specific and generic part.
    pub name: String,
    /// Its statutory category.
    pub category: Category,
    /// The unit in which it lies or will lie.
    pub within: CodePrefix,
    /// Class code (GB/T 18521).
    pub class_code: Option<String>,
    /// A Roman spelling to be compared with the one by rule.
    pub pinyin: Option<String>,
    /// Where it lies, EPSG:4490.
    pub place: Option<LonLat>,
    /// Its extent and scale.
    pub measures: Measures,
    /// The entry that bears the name already, or is to be renamed to it: no collision with itself.
    pub own: Option<String>,
    /// Whether the entry is to be retired: then only what stands against its end is asked.
    pub is_end: bool,
    /// The application that the question is about: not pending beside itself.
    pub application: Option<String>,
    /// Why hits of a rule may stand, by rule (`NAM-02`): no specific link.
    pub reasons: BTreeMap<String, String>,
    /// Protective measures prepared for a heritage name.
    pub protection: Option<String>,
    /// Today.
    pub day: Day,
}

impl Question {
    /// A bare question: name, category, unit, today.
    pub fn new(name: &str, category: Category, within: CodePrefix, day: Day) -> Self {
        Self {
            name: name.to_owned(),
            category,
            within,
            class_code: None,
            pinyin: None,
            place: None,
            measures: Measures::default(),
            own: None,
            is_end: false,
            application: None,
            reasons: BTreeMap::new(),
            protection: None,
            day,
        }
    }
}

/// How whoever asks sees a record.
type See<'a> = dyn Fn(Collection, &str) -> Option<&'a Record> + 'a;

/// What the check reads: the ledger, and the records as whoever asks may see them.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    ledger: &'a Ledger,
    view: View<'a>,
    see: Option<&'a See<'a>>,
}

impl std::fmt::Debug for Sources<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources")
            .field("view", &self.view)
            .finish_non_exhaustive()
    }
}

impl<'a> Sources<'a> {
    /// A ledger and the view that whoever asks has of the records.
    pub fn new(ledger: &'a Ledger, view: View<'a>) -> Self {
        Self {
            ledger,
            view,
            see: None,
        }
    }

    /// Looks every entry up through `see`, where what may be seen differs from record to record.
    #[must_use]
    pub fn seen_through(self, see: &'a dyn Fn(Collection, &str) -> Option<&'a Record>) -> Self {
        Self {
            see: Some(see),
            ..self
        }
    }

    fn record(&self, collection: Collection, id: &str) -> Option<&'a Record> {
        match self.see {
            Some(see) => see(collection, id),
            None => self.view.record(collection, id),
        }
    }
}

/// A check under way.
struct Desk<'q, 'a> {
    rules: &'q Rules,
    sources: Sources<'a>,
    question: &'q Question,
    name: String,
    specific: String,
    generic: Option<&'q Generic>,
    ground: Ground<'a>,
    own: Option<&'a Record>,
    findings: Vec<Finding>,
    notes: Vec<Text>,
}

/// Checks one name by every rule.
///
/// Collisions are looked up in the ledger by hash, so the answer does not take longer in a
/// larger register.
///
/// # Errors
/// When the question itself cannot be understood: an empty name, one with control characters or
/// emoji, one that is too long, a unit or an entry that is not in the register.
pub fn check(rules: &Rules, sources: &Sources<'_>, question: &Question) -> Result<Verdict, Error> {
    let name = readable(&question.name, rules.limits().name_chars)?;
    let sources = *sources;
    known_unit(sources.view, question.within)?;
    let own = match &question.own {
        None => None,
        Some(id) => Some(entry(&sources, id).ok_or_else(|| Error::Target { id: id.clone() })?),
    };
    let category = question.category;
    let generic = rules.generics.ending(&name, Some(category));
    let specific = generic
        .and_then(|generic| name.strip_suffix(generic.term.as_str()))
        .unwrap_or(&name)
        .to_owned();
    let is_famous =
        category == Category::NATURAL && rules.words.of(WordList::Famous).any(|word| word == name);
    let wanted = match generic.and_then(|generic| generic.scope) {
        Some(scope) if category == Category::DIVISION => scope,
        _ if is_famous => crate::rules::Range::Nation,
        _ => rules.category(category).scope,
    };
    let ground = Ground::find(rules, sources.view, question, wanted);
    let term = generic.map_or("", |generic| generic.term.as_str());
    let pinyin = spelling::by_rule(&name, &specific, term, category);
    let level = (category == Category::DIVISION).then(|| match generic {
        Some(generic) if generic.kind == "township" => DivisionLevel::Township,
        _ => DivisionLevel::County,
    });
    let body = rules.authority(category, level, is_famous);
    let mut desk = Desk {
        rules,
        sources,
        question,
        name,
        specific,
        generic,
        ground,
        own,
        findings: Vec::new(),
        notes: Vec::new(),
    };
    desk.notes.extend(desk.ground.note.clone());
    if !question.is_end {
        desk.structure();
        desk.wording();
        desk.register();
        desk.spelling(&pinyin);
    }
    desk.heritage();
    let findings = desk.weighed();
    Ok(Verdict {
        category,
        within: question.within.to_string(),
        generic: term.to_owned(),
        pinyin,
        authority: Text::new(&*body.zh, &*body.en),
        authority_kind: body.kind,
        range: desk.ground.used(sources.view),
        rules: rules.version().to_owned(),
        findings,
        notes: desk.notes,
        specific: desk.specific,
        name: desk.name,
    })
}

/// The unit must be one of the register; a register without any unit cannot say.
pub(crate) fn known_unit(view: View<'_>, within: CodePrefix) -> Result<(), Error> {
    if view.unit(within.unit(), None).is_some() || view.is_empty(Collection::Divisions) {
        return Ok(());
    }
    Err(Error::Within {
        code: within.to_string(),
    })
}

/// A published entry or unit by its identifier.
fn entry<'a>(sources: &Sources<'a>, id: &str) -> Option<&'a Record> {
    [Collection::Names, Collection::Divisions]
        .into_iter()
        .find_map(|collection| sources.record(collection, id))
        .filter(|record| record.status != zhifang_core::Status::Draft)
}

impl Desk<'_, '_> {
    /// Adds a finding at the rule's own weight.
    fn find(&mut self, rule: &str, part: &str, message: Text, proposal: Text) {
        self.find_weighing(rule, None, part, message, proposal, Vec::new());
    }

    /// Adds a finding; `weight` stands in for the rule's own. A rule that is off finds nothing.
    fn find_weighing(
        &mut self,
        rule: &str,
        weight: Option<Severity>,
        part: &str,
        message: Text,
        proposal: Text,
        mut evidence: Vec<Evidence>,
    ) {
        let Some(card) = self.rules.card(rule) else {
            return;
        };
        let Some(own) = card.weight() else { return };
        let severity = weight.unwrap_or(own);
        let evidence_count = evidence.len();
        evidence.truncate(self.rules.limits().evidence);
        let reason = self
            .question
            .reasons
            .get(rule)
            .map(|reason| reason.trim().to_owned())
            .filter(|reason| !reason.is_empty() && card.needs_reason);
        self.findings.push(Finding {
            rule: card.id.clone(),
            severity,
            article: card.article.clone(),
            message,
            proposal,
            part: part.to_owned(),
            evidence,
            evidence_count,
            needs_reason: card.needs_reason && severity == Severity::Warning,
            reason,
        });
    }

    /// The findings, the heaviest first; a name older than the decree is no breach of it.
    fn weighed(&mut self) -> Vec<Finding> {
        let mut findings = std::mem::take(&mut self.findings);
        let is_old = self.own.is_some_and(|own| {
            !self.question.is_end
                && *own.name == *self.name
                && own
                    .valid
                    .from
                    .is_some_and(|from| from < self.rules.in_force())
        });
        if is_old {
            for finding in &mut findings {
                finding.severity = Severity::Info;
                finding.needs_reason = false;
            }
            let day = self.rules.in_force();
            self.notes.push(crate::text::text!(
                "该地名早于 {day} 施行的条例，所列仅供参考",
                "the name is older than the decree ({day}); what is listed is information only"
            ));
        }
        findings.sort_by(|a, b| {
            (std::cmp::Reverse(a.severity), &a.rule).cmp(&(std::cmp::Reverse(b.severity), &b.rule))
        });
        findings
    }

    fn county(&self) -> DivisionCode {
        self.question.within.unit().county()
    }
}
