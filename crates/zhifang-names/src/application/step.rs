//! The steps of the workflow: a table of what leads from where to where, and who may take it.

use zhifang_core::{Action, Day};

use super::{Application, LogEntry, State};
use crate::error::Error;
use crate::verdict::Verdict;

/// A step's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepName {
    /// 补正后再次提交.
    Amend,
    /// 受理.
    Accept,
    /// 退回.
    Return,
    /// 批准.
    Approve,
    /// 不予批准.
    Reject,
    /// 备案.
    File,
    /// 公告.
    Publish,
    /// 撤回.
    Withdraw,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct StepCard {
    /// The step.
    pub step: StepName,
    /// Its word in commands, paths and the log.
    pub word: &'static str,
    /// Where it may begin.
    pub from: &'static [State],
    /// Where it leads; `None` when the application stays where it is.
    pub to: Option<State>,
    /// The right that it takes.
    pub action: Action,
    /// Whether whoever handed the application in may not take it.
    pub is_kept_apart: bool,
    /// Whether only whoever handed it in (or an administrator) may take it.
    pub is_applicants: bool,
}

const fn card(
    step: StepName,
    word: &'static str,
    from: &'static [State],
    to: Option<State>,
    action: Action,
) -> StepCard {
    StepCard {
        step,
        word,
        from,
        to,
        action,
        is_kept_apart: matches!(action, Action::Review),
        is_applicants: matches!(step, StepName::Withdraw),
    }
}

use State::{Applied, Approved, InReview, Published, Rejected, Returned, Withdrawn};

/// The state machine.
pub const STEPS: [StepCard; 8] = [
    card(
        StepName::Amend,
        "amend",
        &[Applied, Returned],
        Some(Applied),
        Action::Write,
    ),
    card(
        StepName::Accept,
        "accept",
        &[Applied],
        Some(InReview),
        Action::Review,
    ),
    card(
        StepName::Return,
        "return",
        &[Applied, InReview],
        Some(Returned),
        Action::Review,
    ),
    card(
        StepName::Approve,
        "approve",
        &[InReview],
        Some(Approved),
        Action::Review,
    ),
    card(
        StepName::Reject,
        "reject",
        &[Applied, InReview],
        Some(Rejected),
        Action::Review,
    ),
    card(
        StepName::File,
        "file",
        &[Approved, Published],
        None,
        Action::Write,
    ),
    card(
        StepName::Publish,
        "publish",
        &[Approved],
        Some(Published),
        Action::Review,
    ),
    card(
        StepName::Withdraw,
        "withdraw",
        &[Applied, Returned, InReview],
        Some(Withdrawn),
        Action::Write,
    ),
];

impl StepName {
    /// Its row of the table.
    pub fn card(self) -> &'static StepCard {
        STEPS
            .iter()
            .find(|card| card.step == self)
            .expect("every step stands in the table")
    }
}

/// A step as it is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which one.
    pub name: StepName,
    /// What is said with it: note of a review, reason of a rejection.
    pub note: Option<String>,
    /// Number of the document (approval, filing).
    pub document: Option<String>,
    /// The day it was done, where that is not today.
    pub on: Option<Day>,
    /// Why it is approved though the check found errors.
    pub despite: Option<String>,
}

impl Step {
    /// A bare step.
    pub const fn new(name: StepName) -> Self {
        Self {
            name,
            note: None,
            document: None,
            on: None,
            despite: None,
        }
    }
}

fn said(text: Option<&String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

impl Application {
    /// Whether the step may be taken by the person, by state and by person; rights are the
    /// caller's business.
    ///
    /// # Errors
    /// [`Error::State`], [`Error::SamePerson`].
    pub fn permits(&self, step: StepName, by: &str, is_all_rights: bool) -> Result<(), Error> {
        let card = step.card();
        if !card.from.contains(&self.state) {
            let from: Vec<&str> = card.from.iter().map(|state| state.as_str()).collect();
            return Err(Error::State {
                id: self.id.clone(),
                state: self.state,
                step: card.word,
                from: from.join(", "),
            });
        }
        if card.is_kept_apart && !is_all_rights && self.applied_by == by {
            return Err(Error::SamePerson {
                who: by.to_owned(),
                id: self.id.clone(),
                step: card.word,
            });
        }
        Ok(())
    }

    /// The application after the step. `verdict` is the statutory check of today, which an
    /// approval needs.
    ///
    /// # Errors
    /// [`Error::State`], [`Error::SamePerson`], [`Error::Lacks`], [`Error::Check`].
    pub fn after(
        &self,
        step: &Step,
        by: &str,
        is_all_rights: bool,
        today: Day,
        verdict: Option<&Verdict>,
    ) -> Result<Self, Error> {
        self.permits(step.name, by, is_all_rights)?;
        let card = step.name.card();
        let lacks = |lacks| Error::Lacks {
            step: card.word,
            lacks,
        };
        let (mut note, document) = (said(step.note.as_ref()), said(step.document.as_ref()));
        let on = step.on.unwrap_or(today);
        if on > today {
            return Err(lacks("a day that is not in the future"));
        }
        let mut next = self.clone();
        match step.name {
            StepName::Return | StepName::Reject if note.is_none() => {
                return Err(lacks("the reason"));
            }
            StepName::Approve => {
                next.document = Some(
                    document
                        .clone()
                        .ok_or_else(|| lacks("the document's number"))?,
                );
                if on < self.applied_on {
                    // The decision may be older than its entry, never than nothing at all.
                    next.applied_on = self.applied_on.min(on);
                }
                if let Some(verdict) = verdict {
                    next.check = super::CheckSummary::of(verdict);
                    let rules = verdict.obstacles();
                    let despite = said(step.despite.as_ref());
                    if !rules.is_empty() {
                        let Some(despite) = despite else {
                            return Err(Error::Check {
                                id: self.id.clone(),
                                rules,
                            });
                        };
                        let rules = rules.join(", ");
                        note = Some(match note {
                            Some(note) => format!("{note}; {rules}: {despite}"),
                            None => format!("{rules}: {despite}"),
                        });
                    }
                }
                next.approved_on = Some(on);
                next.approved_by = Some(by.to_owned());
            }
            StepName::File => {
                if self.approved_on.is_some_and(|approved| on < approved) {
                    return Err(lacks("a day on or after the approval"));
                }
                next.filed_on = Some(on);
            }
            StepName::Publish => {
                if self.approved_on.is_some_and(|approved| on < approved) {
                    return Err(lacks("a day on or after the approval"));
                }
                next.announced_on = Some(on);
            }
            _ => {}
        }
        if let Some(to) = card.to {
            next.state = to;
        }
        next.log.push(LogEntry {
            on: today,
            by: by.to_owned(),
            step: card.word.to_owned(),
            note,
            document,
        });
        Ok(next)
    }
}
