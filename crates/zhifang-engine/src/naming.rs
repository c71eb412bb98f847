//! The naming desk over the register: the statutory check from a ledger that is kept ready, and
//! the workflow as audited commits.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

use zhifang_core::{
    Action, Actor, CodePrefix, Collection, Day, DivisionCode, Record, RecordKey, Role, Status,
    Timestamp, allows,
};
use zhifang_index::{Audience, View};
use zhifang_names::{
    Application, ApplicationForm, CheckSummary, Clock, Dossier, Kind, Ledger, Question, Rules,
    Sources, Step, StepName, Verdict, clock, is_application, publication,
};
use zhifang_store::{Expect, Write};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::world::World;

/// What can stand in the way of a step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NamingError {
    /// What was asked or handed in cannot be taken.
    #[error(transparent)]
    Names(#[from] zhifang_names::Error),
    /// The register cannot be read or written.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The register has not been read.
    #[error("the register has not been read")]
    NotReady,
    /// There is no such application, or none that the person may know of.
    #[error("application `{id}` is not here")]
    Missing {
        /// Its identifier.
        id: String,
    },
    /// The role or its division does not reach there.
    #[error(
        "`{who}` may not {step} in `{division}`: the role or its division does not reach there"
    )]
    Forbidden {
        /// Who.
        who: String,
        /// What was to be done.
        step: &'static str,
        /// Where.
        division: String,
    },
    /// It has a newer version.
    #[error("application `{}` has version {} now", .current.id, .current.version)]
    Stale {
        /// The newer version.
        current: Box<Record>,
    },
}

/// What a step made.
#[derive(Debug, Clone, PartialEq)]
pub struct Stepped {
    /// The application as stored.
    pub application: Application,
    /// Its record.
    pub record: Record,
    /// The public entry that was made or changed.
    pub entry: Option<Record>,
    /// What the statutory check said, where the step asks it.
    pub verdict: Option<Verdict>,
}

/// Which applications are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Queue<'q> {
    /// Only in this unit.
    pub within: Option<CodePrefix>,
    /// Only in this state.
    pub state: Option<zhifang_names::State>,
    /// Only those with something overdue.
    pub is_overdue: bool,
    /// Only those handed in by this person.
    pub by: Option<&'q str>,
}

/// The naming desk.
#[derive(Debug)]
pub struct NamingDesk {
    engine: Arc<Engine>,
    rules: Arc<Rules>,
    /// The ledger and the change up to which it goes.
    ledger: Mutex<Option<(u64, Ledger)>>,
}

/// Changes read at once.
const PAGE: usize = 10_000;
/// Changes behind which the ledger is built anew rather than brought up.
const MANY: u64 = 20_000;

impl NamingDesk {
    /// A desk over an engine, with the rules it goes by.
    pub fn new(engine: Arc<Engine>, rules: Arc<Rules>) -> Self {
        Self {
            engine,
            rules,
            ledger: Mutex::new(None),
        }
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Builds the ledger before it is asked for.
    pub fn warm(&self) {
        if let Some(world) = self.engine.world() {
            let _ = self.ledger(&world);
        }
    }

    /// The ledger as of the world, or a little later: entries are looked up in the world anyway.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn ledger(&self, world: &World) -> Result<Ledger, EngineError> {
        let wanted = world.snapshot.seq();
        let mut kept = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let mut current = kept.take();
        while let Some((seq, ledger)) = current.take() {
            if seq >= wanted {
                *kept = Some((seq, ledger.clone()));
                return Ok(ledger);
            }
            if wanted - seq > MANY {
                break;
            }
            let changes = self.engine.register().changes(seq, PAGE)?;
            let Some(last) = changes.last().map(|change| change.seq) else {
                break;
            };
            let changes: Vec<(RecordKey, Option<Record>)> = changes
                .into_iter()
                .map(|change| (change.after.key(), Some(change.after)))
                .collect();
            current = ledger.with_changes(&changes).map(|ledger| (last, ledger));
        }
        let ledger = Ledger::build(world.snapshot.view(Audience::Staff));
        *kept = Some((wanted, ledger.clone()));
        Ok(ledger)
    }

    /// The statutory check; `see` answers with the record as whoever asks may see it.
    ///
    /// # Errors
    /// When the question cannot be understood, or the log cannot be read.
    pub fn check<'w>(
        &self,
        world: &'w World,
        audience: Audience,
        see: &(dyn Fn(Collection, &str) -> Option<&'w Record> + 'w),
        question: &Question,
    ) -> Result<Verdict, NamingError> {
        let ledger = self.ledger(world)?;
        let see = |collection: Collection, id: &str| see(collection, id);
        let sources = Sources::new(&ledger, world.snapshot.view(audience)).seen_through(&see);
        Ok(zhifang_names::check(&self.rules, &sources, question)?)
    }

    fn world(&self) -> Result<Arc<World>, NamingError> {
        self.engine.world().ok_or(NamingError::NotReady)
    }

    /// The check of an application, from the staff's view.
    fn checked(
        &self,
        world: &World,
        application: &Application,
        today: Day,
    ) -> Result<Verdict, NamingError> {
        let view = world.snapshot.view(Audience::Staff);
        let question = application.question(today);
        self.check(
            world,
            Audience::Staff,
            &|collection, id| view.record(collection, id),
            &question,
        )
    }

    /// The statutory check of an application as of today.
    ///
    /// # Errors
    /// When the register cannot be read, or has changed so that the question makes no sense.
    pub fn verdict(&self, application: &Application, today: Day) -> Result<Verdict, NamingError> {
        self.checked(&*self.world()?, application, today)
    }

    /// Takes an application in; the statutory check is made and kept with it.
    ///
    /// # Errors
    /// What is wrong with the form, a missing right, or the register.
    pub fn apply(
        &self,
        actor: &Actor,
        form: ApplicationForm,
        at: Timestamp,
    ) -> Result<Stepped, NamingError> {
        let world = self.world()?;
        let (application, verdict) =
            self.read_form(&world, actor, form, made_id(at.day()), at.day())?;
        self.store(application, None, Expect::Absent, Some(verdict), actor, at)
    }

    /// The application that a form makes, checked.
    fn read_form(
        &self,
        world: &World,
        actor: &Actor,
        form: ApplicationForm,
        id: String,
        today: Day,
    ) -> Result<(Application, Verdict), NamingError> {
        let view = world.snapshot.view(Audience::Staff);
        let target = form
            .target
            .as_deref()
            .and_then(|target| target_of(view, target));
        let mut application =
            form.into_application(&self.rules, target, id, actor.name(), today)?;
        may(actor, Action::Write, "apply", application.division)?;
        if let Some(division) = target.and_then(|target| target.division) {
            may(actor, Action::Write, "apply", division)?;
        }
        let verdict = self.checked(world, &application, today)?;
        application.authority = verdict.authority.clone();
        application.authority_kind = verdict.authority_kind;
        application.check = CheckSummary::of(&verdict);
        for (field, value) in [
            ("specific", &verdict.specific),
            ("generic", &verdict.generic),
            ("pinyin", &verdict.pinyin),
        ] {
            application
                .fields
                .entry(field)
                .or_insert_with(|| value.as_str().into());
        }
        Ok((application, verdict))
    }

    /// The form of a returned application, amended; it keeps its file.
    ///
    /// # Errors
    /// As [`step`](Self::step) and [`apply`](Self::apply).
    pub fn amend(
        &self,
        actor: &Actor,
        id: &str,
        expect: Option<u32>,
        form: ApplicationForm,
        at: Timestamp,
    ) -> Result<Stepped, NamingError> {
        let world = self.world()?;
        let (before, version) = standing(&world, actor, id, expect)?;
        let done = rightly(actor, &before, &Step::new(StepName::Amend), at.day(), None)?;
        let (mut next, verdict) = self.read_form(&world, actor, form, id.to_owned(), at.day())?;
        next.version = version;
        next.state = done.state;
        next.applied_by = before.applied_by;
        next.applied_on = before.applied_on;
        next.log = done.log;
        let expect = Expect::Version(version);
        self.store(next, None, expect, Some(verdict), actor, at)
    }

    /// Takes a step: review, approval, rejection, filing, publication, withdrawal.
    ///
    /// # Errors
    /// A missing right, a state where the step does not begin, a newer version, a check that
    /// stands against approval, something that the step must say, or the register.
    pub fn step(
        &self,
        actor: &Actor,
        id: &str,
        expect: Option<u32>,
        step: &Step,
        at: Timestamp,
    ) -> Result<Stepped, NamingError> {
        let world = self.world()?;
        let (application, version) = standing(&world, actor, id, expect)?;
        // Whether the step may be taken at all is said before the check is.
        application.permits(step.name, actor.name(), *actor == Actor::Cli)?;
        let verdict = if step.name == StepName::Approve {
            Some(self.checked(&world, &application, at.day())?)
        } else {
            None
        };
        let next = rightly(actor, &application, step, at.day(), verdict.as_ref())?;
        let entry = if step.name == StepName::Publish {
            Some(published(&world, &next)?)
        } else {
            None
        };
        self.store(next, entry, Expect::Version(version), verdict, actor, at)
    }

    /// Retires a published entry in one act, where the decision has been made elsewhere and is
    /// only entered: the file is written with all its steps.
    ///
    /// # Errors
    /// [`NamingError::Forbidden`] unless the actor has all rights; else as [`step`](Self::step).
    pub fn retire(
        &self,
        actor: &Actor,
        target: &str,
        reason: &str,
        decision: &Step,
        protection: Option<String>,
        at: Timestamp,
    ) -> Result<Stepped, NamingError> {
        let world = self.world()?;
        let form = ApplicationForm {
            kind: Kind::Retirement,
            target: Some(target.to_owned()),
            dossier: Dossier {
                reasons: Some(reason.to_owned()),
                protection,
                ..Dossier::default()
            },
            ..ApplicationForm::default()
        };
        let (application, verdict) =
            self.read_form(&world, actor, form, made_id(at.day()), at.day())?;
        if *actor != Actor::Cli {
            return Err(forbidden(actor, "retire", application.division));
        }
        let steps = [StepName::Accept, StepName::Approve, StepName::Publish];
        let mut next = application;
        for name in steps {
            let step = Step {
                name,
                ..decision.clone()
            };
            next = rightly(actor, &next, &step, at.day(), Some(&verdict))?;
        }
        let entry = published(&world, &next)?;
        self.store(next, Some(entry), Expect::Absent, Some(verdict), actor, at)
    }

    fn store(
        &self,
        application: Application,
        entry: Option<Record>,
        expect: Expect,
        verdict: Option<Verdict>,
        actor: &Actor,
        at: Timestamp,
    ) -> Result<Stepped, NamingError> {
        let mut application = application;
        application.result = entry
            .as_ref()
            .map(|entry| entry.id.to_string())
            .or(application.result);
        let mut batch = vec![Write {
            record: application.to_record(),
            expect,
        }];
        if let Some(record) = entry {
            let expect = match record.version {
                0 => Expect::Absent,
                version => Expect::Version(version),
            };
            batch.push(Write { record, expect });
        }
        let receipt = self.engine.commit(batch, actor.name(), at)?;
        let mut records = receipt.records.into_iter();
        let record = records.next().ok_or(NamingError::NotReady)?;
        application.version = record.version;
        Ok(Stepped {
            application,
            record,
            entry: records.next(),
            verdict,
        })
    }

    /// One application with its clocks, for one who may know of it.
    ///
    /// # Errors
    /// [`NamingError::Missing`].
    pub fn application(
        &self,
        actor: &Actor,
        id: &str,
        today: Day,
    ) -> Result<(Application, Clock), NamingError> {
        let world = self.world()?;
        let (application, _) = standing(&world, actor, id, None)?;
        let due = clock(&self.rules, &application, today);
        Ok((application, due))
    }

    /// The applications that the person may know of: open ones first, then by identifier.
    ///
    /// # Errors
    /// [`NamingError::NotReady`].
    pub fn applications(
        &self,
        actor: &Actor,
        queue: &Queue<'_>,
        today: Day,
    ) -> Result<Vec<(Application, Clock)>, NamingError> {
        let world = self.world()?;
        let view = world.snapshot.view(Audience::Staff);
        let mut found = zhifang_names::applications(view, &self.rules, today);
        found.retain(|(application, due)| {
            allows(
                actor,
                Action::ReadRestricted,
                Collection::Names,
                Some(application.division),
            ) && queue
                .within
                .is_none_or(|within| within.covers(application.division))
                && queue.state.is_none_or(|state| state == application.state)
                && queue.by.is_none_or(|by| by == application.applied_by)
                && (!queue.is_overdue || due.is_overdue)
        });
        Ok(found)
    }
}

/// The application after the step, by the actor's rights.
fn rightly(
    actor: &Actor,
    application: &Application,
    step: &Step,
    today: Day,
    verdict: Option<&Verdict>,
) -> Result<Application, NamingError> {
    let card = step.name.card();
    may(actor, card.action, card.word, application.division)?;
    let is_trusted = matches!(
        actor,
        Actor::Cli
            | Actor::User {
                role: Role::Admin,
                ..
            }
    );
    if card.is_applicants && !is_trusted && application.applied_by != actor.name() {
        return Err(forbidden(actor, card.word, application.division));
    }
    let is_all_rights = *actor == Actor::Cli;
    Ok(application.after(step, actor.name(), is_all_rights, today, verdict)?)
}

/// The application as it stands, for one who may know of it.
fn standing(
    world: &World,
    actor: &Actor,
    id: &str,
    expect: Option<u32>,
) -> Result<(Application, u32), NamingError> {
    let record =
        readable(world, actor, id).ok_or_else(|| NamingError::Missing { id: id.to_owned() })?;
    if expect.is_some_and(|version| version != record.version) {
        return Err(NamingError::Stale {
            current: Box::new(record.clone()),
        });
    }
    let application = Application::from_record(record)
        .ok_or_else(|| NamingError::Missing { id: id.to_owned() })?;
    Ok((application, record.version))
}

/// Whether an edit from outside the naming desk touches an application, or makes one: its steps
/// and its file belong to the desk.
pub fn is_of_the_desk(before: Option<&Record>, after: &Record) -> bool {
    before.is_some_and(is_application) || is_application(after)
}

/// The record of an application, for one who may know of it.
fn readable<'w>(world: &'w World, actor: &Actor, id: &str) -> Option<&'w Record> {
    let record = world
        .snapshot
        .view(Audience::Staff)
        .record(Collection::Names, id)?;
    let is_open = is_application(record)
        && allows(
            actor,
            Action::ReadRestricted,
            Collection::Names,
            record.division,
        );
    is_open.then_some(record)
}

/// The entry or unit that is renamed or retired.
fn target_of<'w>(view: View<'w>, id: &str) -> Option<&'w Record> {
    [Collection::Names, Collection::Divisions]
        .into_iter()
        .find_map(|collection| view.record(collection, id))
        .filter(|record| record.status == Status::Published && !record.is_heading())
}

/// The entry that a publication makes of the application.
fn published(world: &World, application: &Application) -> Result<Record, NamingError> {
    let view = world.snapshot.view(Audience::Staff);
    let target = match &application.target {
        None => None,
        Some(id) => Some(
            target_of(view, id).ok_or_else(|| zhifang_names::Error::Target { id: id.clone() })?,
        ),
    };
    Ok(publication(application, target)?)
}

fn may(
    actor: &Actor,
    action: Action,
    step: &'static str,
    division: DivisionCode,
) -> Result<(), NamingError> {
    if allows(actor, action, Collection::Names, Some(division)) {
        Ok(())
    } else {
        Err(forbidden(actor, step, division))
    }
}

fn forbidden(actor: &Actor, step: &'static str, division: DivisionCode) -> NamingError {
    NamingError::Forbidden {
        who: actor.name().to_owned(),
        step,
        division: division.to_string(),
    }
}

/// An identifier: the day and random digits. The `@` says, as with earlier lives, that this is no
/// current entry: a complete import of the entries leaves it alone, where it would else be retired,
/// and what is retired is public.
fn made_id(day: Day) -> String {
    // The standard library's hasher is keyed from the system's randomness.
    let random = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    let day = day.to_string().replace('-', "");
    format!("app@{day}-{:010x}", random & 0xff_ffff_ffff)
}

/// Reasons by rule from `RULE=TEXT` pairs.
///
/// # Errors
/// The pair that is none.
pub fn reasons(pairs: &[String]) -> Result<BTreeMap<String, String>, String> {
    pairs
        .iter()
        .map(|pair| {
            pair.split_once('=')
                .map(|(rule, text)| (rule.trim().to_owned(), text.trim().to_owned()))
                .ok_or_else(|| format!("`{pair}`: wanted RULE=TEXT, e.g. NAM-02=…"))
        })
        .collect()
}
