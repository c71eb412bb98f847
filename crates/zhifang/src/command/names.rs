//! `zhifang names …`: statutory check, workflow, audit of texts, report.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use zhifang_core::{Actor, CodePrefix, Collection, Lang, LonLat, Record};
use zhifang_engine::Engine;
use zhifang_engine::naming::{NamingDesk, Queue, Stepped, reasons};
use zhifang_index::Audience;
use zhifang_names::{
    Application, ApplicationForm, Auditor, Clock, Hit, Measures, Question, RuleTexts, Rules,
    SignFault, State, Step, StepName, report, write_hits,
};

use crate::args::ReportFormat;
use crate::args::names::{AuditFormat, Names, NamesApply, NamesCheck, NamesCommand, PageFormat};
use crate::command::{Context, now};
use crate::output::{Outcome, past_return, print_line, say, write_to};

pub(crate) fn run(context: &Context, args: &Names) -> anyhow::Result<Outcome> {
    let rules = read_rules(args.rules.as_deref())?;
    if let NamesCommand::Rules = args.command {
        return list_rules(&rules, context.lang);
    }
    // What cannot be read is told before a register is opened or made.
    let text = match &args.command {
        NamesCommand::Audit {
            file: Some(file), ..
        }
        | NamesCommand::Amend { file, .. } => Some(read_text(file)?),
        NamesCommand::Apply(apply) => apply.file.as_deref().map(read_text).transpose()?,
        _ => None,
    };
    let engine = context.engine()?;
    let actor = actor(&engine, args.as_user.as_deref())?;
    let desk = NamingDesk::new(Arc::clone(&engine), rules);
    let step = |id: &str, step: Step| -> anyhow::Result<Outcome> {
        past_return()?;
        let stepped = desk.step(&actor, id, None, &step, now())?;
        tell(&stepped, context.lang, ReportFormat::Text)
    };
    match &args.command {
        NamesCommand::Check(args) => check(context, &engine, &desk, args),
        NamesCommand::Rules => Ok(Outcome::Done),
        NamesCommand::Apply(args) => {
            let form = form_of(args, text.as_deref())?;
            past_return()?;
            let stepped = desk.apply(&actor, form, now())?;
            tell(&stepped, context.lang, args.format)
        }
        NamesCommand::Amend { id, .. } => {
            let form = ApplicationForm::parse(text.as_deref().unwrap_or_default())?;
            past_return()?;
            let stepped = desk.amend(&actor, id, None, form, now())?;
            tell(&stepped, context.lang, ReportFormat::Text)
        }
        NamesCommand::Review {
            id, accept, note, ..
        } => {
            let name = if *accept {
                StepName::Accept
            } else {
                StepName::Return
            };
            step(
                id,
                Step {
                    note: note.clone(),
                    ..Step::new(name)
                },
            )
        }
        NamesCommand::Approve {
            id,
            document,
            on,
            despite,
            note,
        } => step(
            id,
            Step {
                document: Some(document.clone()),
                on: *on,
                despite: despite.clone(),
                note: note.clone(),
                ..Step::new(StepName::Approve)
            },
        ),
        NamesCommand::Reject { id, reason } => step(
            id,
            Step {
                note: Some(reason.clone()),
                ..Step::new(StepName::Reject)
            },
        ),
        NamesCommand::File { id, on, document } => step(
            id,
            Step {
                on: *on,
                document: document.clone(),
                ..Step::new(StepName::File)
            },
        ),
        NamesCommand::Publish { id, on } => step(
            id,
            Step {
                on: *on,
                ..Step::new(StepName::Publish)
            },
        ),
        NamesCommand::Withdraw { id, note } => step(
            id,
            Step {
                note: note.clone(),
                ..Step::new(StepName::Withdraw)
            },
        ),
        NamesCommand::Retire {
            id,
            reason,
            document,
            on,
            protection,
        } => {
            let stepped = if document.is_some() {
                let decision = Step {
                    document: document.clone(),
                    on: *on,
                    ..Step::new(StepName::Approve)
                };
                desk.retire(&actor, id, reason, &decision, protection.clone(), now())?
            } else {
                let form = ApplicationForm::from_json(json!({
                    "kind": "retirement", "target": id, "reasons": reason, "protection": protection,
                }))?;
                past_return()?;
                desk.apply(&actor, form, now())?
            };
            tell(&stepped, context.lang, ReportFormat::Text)
        }
        NamesCommand::List {
            within,
            state,
            overdue,
            format,
        } => {
            let state = match state.as_deref() {
                None => None,
                Some(word) => Some(State::parse(word).with_context(|| unknown_state(word))?),
            };
            let queue = Queue {
                within: *within,
                state,
                is_overdue: *overdue,
                by: None,
            };
            let found = desk.applications(&actor, &queue, now().day())?;
            list(&found, context.lang, *format)?;
            Ok(if *overdue && !found.is_empty() {
                Outcome::Findings
            } else {
                Outcome::Done
            })
        }
        NamesCommand::Show { id } => {
            let (application, due) = desk.application(&actor, id, now().day())?;
            print_line(&serde_json::to_string_pretty(&shown(&application, &due))?)?;
            Ok(Outcome::Done)
        }
        NamesCommand::Audit {
            column,
            within,
            signs,
            format,
            file,
        } => {
            let world = engine.world().context("the register could not be read")?;
            let view = world.snapshot.view(Audience::Staff);
            require_unit(view, *within)?;
            let day = now().day();
            let auditor = Auditor::build(desk.rules(), view, *within, day);
            let text = text.unwrap_or_default();
            let is_table = column.is_some()
                || file
                    .as_deref()
                    .and_then(Path::extension)
                    .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
            let hits = if *signs {
                auditor.signs(view, *within, day)
            } else if is_table {
                auditor.table(&text, column.as_deref())?
            } else {
                auditor.text(&text)
            };
            write_audit(&hits, context.lang, *format)?;
            Ok(if hits.is_empty() {
                Outcome::Done
            } else {
                Outcome::Findings
            })
        }
        NamesCommand::Report { within, format } => {
            write_report(context, &engine, &desk, *within, *format)
        }
    }
}

fn unknown_state(word: &str) -> String {
    let words: Vec<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
    format!("state `{word}`: wanted {}", words.join(", "))
}

/// The shipped rules, or those of a folder.
pub(crate) fn read_rules(folder: Option<&Path>) -> anyhow::Result<Arc<Rules>> {
    let Some(folder) = folder else {
        return Ok(Arc::new(Rules::shipped().clone()));
    };
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read the rules `{}`", path.display()))
    };
    let [naming, generics, words] = RuleTexts::FILES;
    let (naming, generics, words) = (read(naming)?, read(generics)?, read(words)?);
    let texts = RuleTexts {
        naming: &naming,
        generics: &generics,
        words: &words,
    };
    let rules = Rules::parse(&texts)
        .with_context(|| format!("cannot use the rules in `{}`", folder.display()))?;
    Ok(Arc::new(rules))
}

fn list_rules(rules: &Rules, lang: Lang) -> anyhow::Result<Outcome> {
    write_to(None, |out| {
        for card in rules.cards() {
            writeln!(
                out,
                "{}\t{}\t{}\t{}",
                card.id,
                card.severity,
                lang.pick(&card.zh, &card.en),
                card.article
            )?;
        }
        Ok(())
    })?;
    Ok(Outcome::Done)
}

/// A text file, or standard input; GB 18030 where it is no UTF-8.
fn read_text(path: &Path) -> anyhow::Result<String> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
        bytes
    } else {
        std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(fault) => {
            let (text, _, has_faults) = encoding_rs::GB18030.decode(fault.as_bytes());
            if has_faults {
                bail!("`{}` is neither UTF-8 nor GB 18030 text", path.display());
            }
            Ok(text.into_owned())
        }
    }
}

/// Whoever acts: the command line itself, or a user of the register.
fn actor(engine: &Engine, user: Option<&str>) -> anyhow::Result<Actor> {
    let Some(name) = user else {
        return Ok(Actor::Cli);
    };
    let users = engine.register().users()?;
    let user = users
        .into_iter()
        .find(|user| user.name == name && user.revoked_at.is_none())
        .with_context(|| format!("user `{name}` is not in the register, or is revoked"))?;
    Ok(Actor::User {
        name: user.name.into(),
        role: user.role,
        division: user.division,
    })
}

fn require_unit(view: zhifang_index::View<'_>, within: Option<CodePrefix>) -> anyhow::Result<()> {
    if let Some(within) = within
        && view.unit(within.unit(), None).is_none()
        && !view.is_empty(Collection::Divisions)
    {
        bail!("within `{within}`: is no unit of the register");
    }
    Ok(())
}

fn place(lon: Option<f64>, lat: Option<f64>) -> anyhow::Result<Option<LonLat>> {
    let pair = lon.zip(lat);
    pair.map(|(lon, lat)| LonLat::try_new(lon, lat).context("--lon, --lat"))
        .transpose()
}

fn check(
    context: &Context,
    engine: &Engine,
    desk: &NamingDesk,
    args: &NamesCheck,
) -> anyhow::Result<Outcome> {
    let mut question = Question::new(&args.name, args.category, args.within, now().day());
    question.class_code.clone_from(&args.class_code);
    question.pinyin.clone_from(&args.pinyin);
    question.place = place(args.lon, args.lat)?;
    question.measures = Measures {
        length_m: args.length,
        width_m: args.width,
        area_m2: args.area,
        storeys: args.storeys,
    };
    question.own.clone_from(&args.id);
    question.reasons = reasons(&args.reasons).map_err(anyhow::Error::msg)?;
    question.protection.clone_from(&args.protection);
    let world = engine.world().context("the register could not be read")?;
    let view = world.snapshot.view(Audience::Staff);
    let verdict = desk.check(
        &world,
        Audience::Staff,
        &|collection, id| view.record(collection, id),
        &question,
    )?;
    write_to(None, |out| {
        match args.format {
            ReportFormat::Text => verdict.write_text(out, context.lang)?,
            ReportFormat::Json => writeln!(out, "{}", serde_json::to_string_pretty(&verdict)?)?,
        }
        Ok(())
    })?;
    Ok(if verdict.has_findings() {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}

/// The form in the file, with what the command line says laid over it.
fn form_of(args: &NamesApply, text: Option<&str>) -> anyhow::Result<ApplicationForm> {
    let mut form: Value = match text {
        Some(text) => serde_json::from_str(text).context("the form is no JSON")?,
        None => json!({}),
    };
    let mut no_link = serde_json::Map::new();
    for (rule, reason) in reasons(&args.no_link).map_err(anyhow::Error::msg)? {
        no_link.insert(rule, Value::from(reason));
    }
    let said = [
        ("kind", &args.kind),
        ("name", &args.name),
        ("within", &args.within),
        ("category", &args.category),
        ("target", &args.target),
        ("applicant", &args.applicant),
        ("pinyin", &args.pinyin),
        ("class_code", &args.class_code),
        ("meaning", &args.meaning),
        ("origin", &args.origin),
        ("plan", &args.plan),
        ("reasons", &args.reasons),
        ("position", &args.position),
        ("scale", &args.scale),
        ("nature", &args.nature),
        ("protection", &args.protection),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, Value::from(value.as_deref()?))))
    .chain(args.lon.map(|lon| ("lon", Value::from(lon))))
    .chain(args.lat.map(|lat| ("lat", Value::from(lat))))
    .chain((!no_link.is_empty()).then_some(("no_link", Value::Object(no_link))));
    let is_feature = form.get("type").and_then(Value::as_str) == Some("Feature");
    let target = if is_feature {
        form.get_mut("properties")
    } else {
        Some(&mut form)
    };
    let Some(Value::Object(target)) = target else {
        bail!("the form must be a JSON object or a GeoJSON Feature");
    };
    for (name, value) in said {
        target.insert(name.to_owned(), value);
    }
    // A target without a kind is renamed: to name is to give a name to what has none.
    if target.contains_key("target") && !target.contains_key("kind") {
        target.insert("kind".to_owned(), Value::from("renaming"));
    }
    Ok(ApplicationForm::from_json(form)?)
}

/// An application as it is shown, with its clocks.
fn shown(application: &Application, due: &Clock) -> Value {
    let mut value = application.to_json();
    if let Some(map) = value.as_object_mut() {
        map.insert("clock".to_owned(), json!(due));
    }
    value
}

/// What a step made; exit 1 where the check found something.
fn tell(stepped: &Stepped, lang: Lang, format: ReportFormat) -> anyhow::Result<Outcome> {
    let application = &stepped.application;
    match format {
        ReportFormat::Json => {
            let entry = stepped.entry.as_ref().map(Record::to_feature);
            let answer = json!({
                "application": application.to_json(), "entry": entry, "check": stepped.verdict,
            });
            print_line(&serde_json::to_string_pretty(&answer)?)?;
        }
        ReportFormat::Text => {
            let entry = stepped
                .entry
                .as_ref()
                .map_or_else(|| "-".to_owned(), |entry| entry.key().to_string());
            print_line(&format!(
                "{}\t{}\t{}\t{entry}",
                application.id,
                application.state.as_str(),
                application.name
            ))?;
            if let Some(verdict) = &stepped.verdict {
                let mut text = Vec::new();
                verdict.write_text(&mut text, lang)?;
                say(&String::from_utf8_lossy(&text));
            }
        }
    }
    let has_findings = stepped
        .verdict
        .as_ref()
        .is_some_and(zhifang_names::Verdict::has_findings);
    Ok(if has_findings {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}

fn list(found: &[(Application, Clock)], lang: Lang, format: ReportFormat) -> anyhow::Result<()> {
    write_to(None, |out| {
        if format == ReportFormat::Json {
            let all: Vec<Value> = found
                .iter()
                .map(|(application, due)| shown(application, due))
                .collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
            return Ok(());
        }
        for (application, due) in found {
            let day = |day: Option<zhifang_core::Day>| {
                day.map_or_else(|| "-".to_owned(), |day| day.to_string())
            };
            let overdue = if due.is_overdue {
                lang.pick("逾期", "overdue")
            } else {
                ""
            };
            writeln!(
                out,
                "{}\t{}\t{}\t{}\t{}\t{}\t{} {}\t{} {}\t{overdue}",
                application.id,
                lang.pick(application.state.zh(), application.state.as_str()),
                application.kind.as_str(),
                application.name,
                application.division,
                application.applied_on,
                lang.pick("备案期限", "file by"),
                day(due.file_by),
                lang.pick("公告期限", "announce by"),
                day(due.announce_by)
            )?;
        }
        Ok(())
    })
}

fn write_audit(hits: &[Hit], lang: Lang, format: AuditFormat) -> anyhow::Result<()> {
    write_to(None, |out| {
        match format {
            AuditFormat::Text => write_hits(out, hits, lang)?,
            AuditFormat::Json => {
                let answer = json!({ "count": hits.len(), "hits": hits });
                writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?;
            }
            AuditFormat::Csv => zhifang_names::write_hits_csv(out, hits)?,
        }
        Ok(())
    })
}

fn write_report(
    context: &Context,
    engine: &Engine,
    desk: &NamingDesk,
    within: Option<CodePrefix>,
    format: PageFormat,
) -> anyhow::Result<Outcome> {
    let world = engine.world().context("the register could not be read")?;
    let view = world.snapshot.view(Audience::Staff);
    let ledger = desk.ledger(&world)?;
    let day = now().day();
    let faults = sign_faults(view, within, day)?;
    let faults: Vec<SignFault<'_>> = faults
        .iter()
        .map(|(sign, rule)| SignFault { sign, rule })
        .collect();
    let report = report(desk.rules(), &ledger, view, within, day, &faults)?;
    write_to(None, |out| {
        match format {
            PageFormat::Text => report.write_text(out, context.lang)?,
            PageFormat::Json => report.write_json(out)?,
            PageFormat::Html => report.write_html(out, context.lang)?,
        }
        Ok(())
    })?;
    Ok(Outcome::Done)
}

/// Signs whose text is not the standard name, or a retired one, as the register's check finds them.
fn sign_faults(
    view: zhifang_index::View<'_>,
    within: Option<CodePrefix>,
    day: zhifang_core::Day,
) -> anyhow::Result<Vec<(String, String)>> {
    let records: Vec<&Record> = [Collection::Names, Collection::Signs]
        .into_iter()
        .flat_map(|collection| view.records(collection))
        .collect();
    let register = zhifang_check::Register::new(records.iter().copied(), day);
    let mut options = zhifang_check::Options::on(day);
    options.within = within;
    options.only = vec!["REG-03".to_owned(), "REG-05".to_owned()];
    let found = zhifang_check::check(&register, &options)?;
    Ok(found
        .findings
        .iter()
        .filter_map(|finding| {
            let sign = finding
                .subjects
                .iter()
                .find(|subject| subject.collection == Collection::Signs)?;
            Some((sign.id.to_string(), finding.rule.to_owned()))
        })
        .collect())
}
