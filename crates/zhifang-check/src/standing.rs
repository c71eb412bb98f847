//! A report that is kept, and brought up to date after an edit by looking only at what the edit
//! touches.

use std::collections::{BTreeMap, BTreeSet};

use zhifang_core::{Bbox, Collection, DivisionCode, Record, RecordKey};
use zhifang_datum::Diagnosis;

use crate::finding::Finding;
use crate::ground::{Facts, polygons};
use crate::linework::code;
use crate::register::Register;
use crate::report::{Report, Skipped, UnknownRule, chosen, look};
use crate::rule::{Rule, Skip};
use crate::scope::{Known, Options, Scope};

/// One record before and after an edit.
#[derive(Debug, Clone, Copy)]
pub struct Edit<'e> {
    /// As it was; `None` for a new one.
    pub before: Option<&'e Record>,
    /// As it is.
    pub after: Option<&'e Record>,
}

/// What a rule looks at.
enum Reach {
    /// Polygons and who lies beside them.
    Ground,
    /// A few numbers of every polygon.
    Facts,
    /// Lines against polygons.
    GroundLines,
    /// Attributes of divisions, and records of these collections.
    Attributes(&'static [Collection]),
    /// Anything.
    All,
}

fn reach(rule: &str) -> Reach {
    use Collection::{Boundaries, Markers, Names, Observations, Roads};
    match rule {
        "GEO-03" | "GEO-10" => Reach::Facts,
        "ATT-03" | "ATT-06" => Reach::Ground,
        "ATT-05" => Reach::Attributes(&[Names]),
        "LIN-01" | "LIN-02" | "LIN-03" | "LIN-05" => Reach::GroundLines,
        "LIN-10" | "LIN-14" => Reach::Attributes(&[Boundaries, Markers]),
        "LIN-11" => Reach::Attributes(&[Boundaries, Names, Roads]),
        _ => match rule.split('-').next() {
            Some("GEO" | "COV") => Reach::Ground,
            Some("ATT") => Reach::Attributes(&[]),
            Some("LIN") => Reach::Attributes(&[Boundaries]),
            Some("MRK") => Reach::Attributes(&[Markers, Boundaries, Observations]),
            _ => Reach::All,
        },
    }
}

/// What was found by every rule, kept so that an edit costs what it touches.
///
/// ```
/// use zhifang_check::{Edit, Options, Register, Standing, check};
/// use zhifang_core::{Collection, Day, Record};
///
/// let day = Day::from_ymd(2026, 5, 1).expect("a day of the calendar");
/// let unit = Record::new(Collection::Divisions, "420682", "老河口市");
/// let options = Options::on(day);
/// let mut standing = Standing::new(&Register::new([&unit], day), &options)?;
/// let mut renamed = unit.clone();
/// renamed.name = "".into();
/// let register = Register::new([&renamed], day);
/// standing.update(&register, &[Edit { before: Some(&unit), after: Some(&renamed) }])?;
/// assert_eq!(standing.report(&register), check(&register, &options)?);
/// # Ok::<(), zhifang_check::UnknownRule>(())
/// ```
#[derive(Debug, Clone)]
pub struct Standing {
    options: Options,
    by_rule: BTreeMap<&'static str, Result<Vec<Finding>, Skip>>,
    facts: Vec<Facts>,
    shifted: Vec<(DivisionCode, Diagnosis)>,
}

/// How far round an edit units and their neighbours are looked at, degrees: a little more than
/// the distance at which a shifted unit's place is looked for.
const REACH_DEG: f64 = 0.021;

impl Standing {
    /// Checks the whole register.
    ///
    /// # Errors
    /// [`UnknownRule`] when `options.only` names no rule.
    pub fn new(register: &Register<'_>, options: &Options) -> Result<Self, UnknownRule> {
        let scope = Scope::new(register, options);
        let rules = chosen(&options.only)?;
        let by_rule = rules
            .into_iter()
            .map(|rule| (rule.card().id, look(rule, &scope)))
            .collect();
        let ground = scope.ground();
        let shifted = ground.shifted().iter();
        Ok(Self {
            options: options.clone(),
            by_rule,
            facts: scope.facts().to_vec(),
            shifted: shifted
                .map(|(unit, found)| (ground.units[*unit as usize].code, *found))
                .collect(),
        })
    }

    /// The report of a whole check, as it stands.
    pub fn report(&self, register: &Register<'_>) -> Report {
        let mut report = Report::default();
        for (rule, found) in &self.by_rule {
            match found {
                Ok(findings) => {
                    report.looked.push(rule);
                    report.findings.extend(findings.iter().cloned());
                }
                Err(reason) => report.skipped.push(Skipped {
                    rule,
                    reason: reason.clone(),
                }),
            }
        }
        report.finish(register);
        report
    }

    /// Follows edits; `register` is the one after them. Where only shapes of divisions change,
    /// the units near them are looked at again, and rules that do not ask for shapes are left
    /// as they are. Where a division's code, name, level or standing changes, all is checked.
    ///
    /// # Errors
    /// [`UnknownRule`] when the options name no rule.
    pub fn update(
        &mut self,
        register: &Register<'_>,
        edits: &[Edit<'_>],
    ) -> Result<(), UnknownRule> {
        let edits: Vec<&Edit<'_>> = edits
            .iter()
            .filter(|edit| edit.before != edit.after)
            .collect();
        if edits.is_empty() {
            return Ok(());
        }
        let Some(changes) = Changes::of(&edits) else {
            *self = Self::new(register, &self.options)?;
            return Ok(());
        };
        let touched = (!changes.shapes.is_empty()).then(|| self.touched(register, &changes));
        if let Some(touched) = &touched {
            self.renew_facts(register, &touched.changed);
        }
        let known = touched.map(|touched| Known {
            focus: touched.focus,
            near: touched.near,
            facts: self.facts.clone(),
            shifted: self.shifted.clone(),
        });
        let options = self.options.clone();
        let whole = Scope::new(register, &options);
        let part = known.map(|known| Scope::focused(register, &options, known));
        for rule in chosen(&options.only)? {
            self.renew(rule, &changes, &whole, part.as_ref());
        }
        if let Some(part) = &part {
            let ground = part.ground();
            let now = ground.shifted().iter();
            let now = now.map(|(unit, found)| (ground.units[*unit as usize].code, *found));
            self.shifted.retain(|(code, _)| !part.covers(*code));
            self.shifted
                .extend(now.filter(|(code, _)| part.covers(*code)));
            self.shifted.sort_by_key(|(code, _)| *code);
        }
        Ok(())
    }

    /// Looks again by one rule, as far as the changes concern it.
    fn renew(
        &mut self,
        rule: &'static dyn Rule,
        changes: &Changes,
        whole: &Scope<'_>,
        part: Option<&Scope<'_>>,
    ) {
        let id = rule.card().id;
        let old = self.by_rule.get(id);
        let found = match (reach(id), part) {
            (Reach::Ground, Some(part)) => merged(old, look(rule, part), part),
            (Reach::Ground, None) => return,
            (Reach::Facts, part) => match part {
                Some(part) => look(rule, &part.unfocused()),
                None => return,
            },
            (Reach::GroundLines, part) => {
                if changes.collections.contains(&Collection::Boundaries) {
                    look(rule, whole)
                } else if let Some(part) = part {
                    merged(old, look(rule, part), part)
                } else {
                    return;
                }
            }
            (Reach::Attributes(collections), _) => {
                // A finding's place may move with a shape even where what it says does not.
                let is_told = matches!(old, Some(Ok(findings)) if findings.iter().any(|finding| {
                    finding.subjects.iter().any(|subject| changes.keys.contains(subject))
                }));
                if !is_told
                    && !collections
                        .iter()
                        .any(|one| changes.collections.contains(one))
                {
                    return;
                }
                look(rule, whole)
            }
            (Reach::All, _) => look(rule, whole),
        };
        self.by_rule.insert(id, found);
    }

    fn renew_facts(&mut self, register: &Register<'_>, changed: &BTreeSet<DivisionCode>) {
        for code in changed {
            let (Some(record), Ok(at)) = (
                register.unit(*code),
                self.facts.binary_search_by_key(code, |one| one.code),
            ) else {
                continue;
            };
            if let Some(facts) = crate::ground::facts_of(*code, record, self.facts[at].layers) {
                self.facts[at] = facts;
            }
        }
    }

    /// The units whose findings an edit may change, and those that must be known to tell.
    fn touched(&self, register: &Register<'_>, changes: &Changes) -> Touched {
        let near = |boxes: &[Bbox]| -> BTreeSet<DivisionCode> {
            let wide: Vec<Bbox> = boxes.iter().map(widened).collect();
            self.facts
                .iter()
                .filter(|one| wide.iter().any(|bbox| bbox.intersects(&one.bbox)))
                .map(|one| one.code)
                .collect()
        };
        let mut focus = near(&changes.shapes);
        focus.extend(&changes.divisions);
        for code in &changes.divisions {
            focus.extend(register.unit(*code).and_then(Record::parent));
            focus.extend(code.ancestors());
        }
        // What is told together is looked at together; and of what lies elsewhere than its code
        // says, any may be the other half of an exchange.
        let told: Vec<Vec<DivisionCode>> = self
            .by_rule
            .iter()
            .filter_map(|(rule, found)| Some((*rule, found.as_ref().ok()?)))
            .flat_map(|(rule, findings)| findings.iter().map(move |finding| (rule, finding)))
            .map(|(rule, finding)| {
                let codes: Vec<DivisionCode> = codes(finding).collect();
                if matches!(rule, "ATT-03" | "ATT-06") {
                    focus.extend(&codes);
                }
                codes
            })
            .filter(|codes| codes.len() > 1)
            .collect();
        loop {
            let before = focus.len();
            for codes in &told {
                if codes.iter().any(|code| focus.contains(code)) {
                    focus.extend(codes);
                }
            }
            if focus.len() == before {
                break;
            }
        }
        let boxes = |codes: &BTreeSet<DivisionCode>| -> Vec<Bbox> {
            let of = |code: &DivisionCode| {
                let at = self.facts.binary_search_by_key(code, |one| one.code).ok()?;
                Some(self.facts[at].bbox)
            };
            codes.iter().filter_map(of).collect()
        };
        let mut all = boxes(&focus);
        all.extend(&changes.shapes);
        let mut known = near(&all);
        if !register.all(Collection::Boundaries).is_empty() {
            // Whether a border has its lines is asked of the neighbours' borders too.
            known = near(&boxes(&known));
            for line in register.all(Collection::Boundaries) {
                let sides = [code(line, "left"), code(line, "right")];
                if sides.iter().flatten().any(|side| focus.contains(side)) {
                    known.extend(sides.into_iter().flatten());
                }
            }
        }
        known.extend(&focus);
        Touched {
            focus,
            near: known,
            changed: changes.divisions.clone(),
        }
    }
}

struct Touched {
    focus: BTreeSet<DivisionCode>,
    near: BTreeSet<DivisionCode>,
    changed: BTreeSet<DivisionCode>,
}

fn widened(bbox: &Bbox) -> Bbox {
    Bbox {
        west: bbox.west - REACH_DEG,
        south: bbox.south - REACH_DEG,
        east: bbox.east + REACH_DEG,
        north: bbox.north + REACH_DEG,
    }
}

/// The divisions among a finding's subjects.
fn codes(finding: &Finding) -> impl Iterator<Item = DivisionCode> + '_ {
    finding
        .subjects
        .iter()
        .filter(|subject| subject.collection == Collection::Divisions)
        .filter_map(|subject| subject.id.split('@').next()?.parse().ok())
}

/// What was found before, outside the part that was looked at again, and what is found in it.
fn merged(
    old: Option<&Result<Vec<Finding>, Skip>>,
    new: Result<Vec<Finding>, Skip>,
    part: &Scope<'_>,
) -> Result<Vec<Finding>, Skip> {
    // A layer that is not there near the edit may be there elsewhere.
    let new = match (new, old) {
        (Err(_), Some(Ok(_))) => Vec::new(),
        (Err(reason), _) => return Err(reason),
        (Ok(new), _) => new,
    };
    let kept = match old {
        Some(Ok(old)) => old.as_slice(),
        _ => &[],
    };
    let mut all: Vec<Finding> = kept
        .iter()
        .filter(|finding| !part.touches(finding))
        .cloned()
        .collect();
    all.extend(new.into_iter().filter(|finding| part.touches(finding)));
    Ok(all)
}

/// What a set of edits changes; `None` where everything must be checked.
struct Changes {
    /// Divisions whose shape changes.
    divisions: BTreeSet<DivisionCode>,
    /// Where their shapes were and are.
    shapes: Vec<Bbox>,
    /// Collections other than divisions of which records change.
    collections: BTreeSet<Collection>,
    keys: BTreeSet<RecordKey>,
}

impl Changes {
    fn of(edits: &[&Edit<'_>]) -> Option<Self> {
        let mut changes = Self {
            divisions: BTreeSet::new(),
            shapes: Vec::new(),
            collections: BTreeSet::new(),
            keys: BTreeSet::new(),
        };
        for edit in edits {
            let one = edit.after.or(edit.before)?;
            changes.keys.insert(one.key());
            if one.collection != Collection::Divisions {
                changes.collections.insert(one.collection);
                continue;
            }
            let (before, after) = (edit.before?, edit.after?);
            let is_shape_only = before.id == after.id
                && before.name == after.name
                && before.division == after.division
                && before.status == after.status
                && before.valid == after.valid
                && before.fields == after.fields;
            let is_drawn =
                |record: &Record| polygons(record).is_some_and(|parts| !parts.is_empty());
            if !is_shape_only || !is_drawn(before) || !is_drawn(after) {
                return None;
            }
            changes.divisions.insert(after.division?);
            changes.shapes.extend(before.bbox());
            changes.shapes.extend(after.bbox());
        }
        Some(changes)
    }
}
