//! What a rule is, and the list of all of them.

use crate::finding::{Finding, Severity, Text};
use crate::rules::ALL;
use crate::scope::Scope;

/// A tolerance by name, in metres, with the reason for its size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// What it is called.
    pub name: &'static str,
    /// Its size at the default scale, metres.
    pub metres: f64,
    /// Why this size, in Chinese.
    pub reason: &'static str,
    /// Why this size, in English.
    pub reason_en: &'static str,
}

/// The card of a rule: what `check --list` prints.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Card {
    /// Its id, e.g. `COV-01`.
    pub id: &'static str,
    /// The heaviest severity of its findings.
    pub severity: Severity,
    /// What it is called, in Chinese.
    pub zh: &'static str,
    /// What it is called, in English.
    pub en: &'static str,
    /// Law or standard that it rests on.
    pub basis: &'static str,
    /// The tolerance, where it measures.
    pub tolerance: Option<Tolerance>,
}

/// Why a rule found nothing because it could not look.
pub type Skip = Text;

/// A rule of the register (检查规则).
pub trait Rule: Sync {
    /// Its card.
    fn card(&self) -> Card;

    /// Looks at the scope and adds what it finds.
    ///
    /// # Errors
    /// Says why it could not look: the layer that it needs is not loaded in the scope.
    fn check(&self, scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip>;
}

/// A rule that is a function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plain {
    pub(crate) card: Card,
    pub(crate) check: fn(&Scope<'_>, &mut Vec<Finding>) -> Result<(), Skip>,
}

impl Rule for Plain {
    fn card(&self) -> Card {
        self.card
    }

    fn check(&self, scope: &Scope<'_>, out: &mut Vec<Finding>) -> Result<(), Skip> {
        (self.check)(scope, out)
    }
}

/// Every rule, in order of id.
pub fn rules() -> Vec<&'static dyn Rule> {
    let mut all: Vec<&'static dyn Rule> = ALL
        .iter()
        .flat_map(|group| group.iter())
        .map(|rule| rule as &dyn Rule)
        .collect();
    all.sort_by_key(|rule| rule.card().id);
    all
}
