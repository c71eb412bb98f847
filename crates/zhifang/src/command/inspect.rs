//! `zhifang inspect`: joint inspections, field packs, what crews bring back.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use zhifang_core::{Collection, Lang, Record};
use zhifang_engine::{Engine, World, close_inspection, merge_observations, plan_inspections};
use zhifang_field::{DEFAULT_LEVELS, PlanQuery, Round, Row, pack, report, rows_of, standing};
use zhifang_index::Audience;

use crate::args::{Inspect, InspectFormat, InspectionReportFormat, ReportFormat};
use crate::command::{Context, now};
use crate::output::{Outcome, past_return, print_line, say, write_to};

/// Bytes of a file of observations; tens of thousands fit.
const MOST_BYTES: u64 = 256 << 20;

pub(crate) fn run(context: &Context, args: &Inspect) -> anyhow::Result<Outcome> {
    match args {
        Inspect::Plan { .. } => plan(context, args),
        Inspect::Pack { id, output } => make_pack(context, id, output.as_deref()),
        Inspect::Merge { id, files, report } => merge(context, id, files, *report),
        Inspect::Status { id, format } => status(context, id.as_deref(), *format),
        Inspect::Report { id, format, output } => {
            make_report(context, id, *format, output.as_deref())
        }
        Inspect::Close { id, signed, text } => {
            let engine = context.engine()?;
            past_return()?;
            let against = close_inspection(&engine, id, signed, text.as_deref(), "cli", now())?;
            for one in &against {
                print_line(one.pick(context.lang))?;
            }
            Ok(if against.is_empty() {
                Outcome::Done
            } else {
                Outcome::Findings
            })
        }
    }
}

fn world(engine: &Engine) -> anyhow::Result<std::sync::Arc<World>> {
    engine.world().context("the register could not be read")
}

fn plan(context: &Context, args: &Inspect) -> anyhow::Result<Outcome> {
    let Inspect::Plan {
        within,
        boundary,
        year,
        level,
        dry_run,
        format,
    } = args
    else {
        return Ok(Outcome::Done);
    };
    let engine = context.engine()?;
    let at = now();
    let this_year = || -> anyhow::Result<i32> {
        let day = at.day().to_string();
        let year = day.split('-').next().unwrap_or_default();
        year.parse().context("the clock names no year")
    };
    let query = PlanQuery {
        within: *within,
        boundary: boundary.as_deref(),
        year: year.map_or_else(this_year, Ok)?,
        levels: if level.is_empty() {
            DEFAULT_LEVELS.to_vec()
        } else {
            level.clone()
        },
    };
    let lang = context.lang;
    let said = |plan: &zhifang_field::Plan<'_>| {
        let ids: Vec<(String, String)> = plan
            .lines
            .iter()
            .map(|line| {
                let id = line.inspection.id.to_string();
                (id, line.headline().pick(lang).to_owned())
            })
            .collect();
        let is_empty = plan.lines.is_empty() && plan.not_due == 0;
        (ids, plan.to_json(), plan.summary(lang), is_empty)
    };
    let (ids, document, summary, is_empty) =
        plan_inspections(&engine, &query, *dry_run, "cli", at, said)?;
    match format {
        InspectFormat::Json => print_line(&serde_json::to_string_pretty(&document)?)?,
        InspectFormat::Text => {
            for (id, headline) in &ids {
                print_line(id)?;
                say(&format!("  {headline}"));
            }
        }
    }
    say(&summary);
    Ok(if is_empty {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}

fn make_pack(context: &Context, id: &str, output: Option<&Path>) -> anyhow::Result<Outcome> {
    let engine = context.engine()?;
    let world = world(&engine)?;
    let view = world.snapshot.view(Audience::Staff);
    let round = Round::of(view, id)?;
    let made = pack(view, &round, &|_| true);
    write_to(output, |out| {
        serde_json::to_writer(&mut *out, &made)?;
        Ok(writeln!(out)?)
    })?;
    Ok(Outcome::Done)
}

fn read_rows(file: &Path) -> anyhow::Result<Vec<Row>> {
    let name = file.display().to_string();
    let size = std::fs::metadata(file)
        .with_context(|| format!("cannot read `{name}`"))?
        .len();
    if size > MOST_BYTES {
        bail!("`{name}` has {size} bytes; wanted at most {MOST_BYTES}");
    }
    let bytes = std::fs::read(file).with_context(|| format!("cannot read `{name}`"))?;
    Ok(rows_of(&name, &bytes)?)
}

fn merge(
    context: &Context,
    id: &str,
    files: &[PathBuf],
    format: ReportFormat,
) -> anyhow::Result<Outcome> {
    // All files are read before anything is written.
    let mut rows = Vec::new();
    for file in files {
        rows.extend(read_rows(file)?);
    }
    let engine = context.engine()?;
    past_return()?;
    let report = merge_observations(&engine, id, &rows, "cli", now())?;
    match format {
        ReportFormat::Json => {
            let mut document = report.to_json(context.lang);
            if let Some(members) = document.as_object_mut() {
                let names: Vec<String> =
                    files.iter().map(|one| one.display().to_string()).collect();
                members.insert("files".to_owned(), json!(names));
            }
            print_line(&serde_json::to_string_pretty(&document)?)?;
        }
        ReportFormat::Text => print_line(report.to_text(context.lang).trim_end())?,
    }
    Ok(if report.needs_attention() {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}

fn status(context: &Context, id: Option<&str>, format: InspectFormat) -> anyhow::Result<Outcome> {
    let engine = context.engine()?;
    let world = world(&engine)?;
    let view = world.snapshot.view(Audience::Staff);
    let ids: BTreeSet<String> = match id {
        Some(id) => BTreeSet::from([id.to_owned()]),
        None => view
            .records(Collection::Inspections)
            .filter(|one| one.status == zhifang_core::Status::Published)
            .map(|one: &Record| one.id.to_string())
            .collect(),
    };
    let today = now().day();
    let mut documents: Vec<Value> = Vec::new();
    for one in &ids {
        let round = Round::of(view, one)?;
        let standing = standing(&round, today);
        match format {
            InspectFormat::Json => {
                let mut document = standing.to_json();
                if let Some(members) = document.as_object_mut() {
                    members.insert("id".to_owned(), json!(one));
                    members.insert("name".to_owned(), json!(&*round.inspection.name));
                    for field in ["round", "boundary", "lead", "other", "state", "due"] {
                        let value = round.inspection.fields.get(field);
                        members.insert(field.to_owned(), json!(value));
                    }
                }
                documents.push(document);
            }
            InspectFormat::Text if id.is_some() => {
                print_line(standing.to_text(&round, context.lang).trim_end())?;
            }
            InspectFormat::Text => {
                let headline = standing.headline(&round);
                print_line(&format!("{one} {}", headline.pick(context.lang)))?;
            }
        }
    }
    if format == InspectFormat::Json {
        let document = match id {
            Some(_) => documents.pop().unwrap_or_default(),
            None => Value::Array(documents),
        };
        print_line(&serde_json::to_string_pretty(&document)?)?;
    }
    Ok(Outcome::Done)
}

fn make_report(
    context: &Context,
    id: &str,
    format: InspectionReportFormat,
    output: Option<&Path>,
) -> anyhow::Result<Outcome> {
    let engine = context.engine()?;
    let world = world(&engine)?;
    let view = world.snapshot.view(Audience::Staff);
    let round = Round::of(view, id)?;
    let made = report(view, &round, now().day());
    let lang: Lang = context.lang;
    write_to(output, |mut out| {
        match format {
            InspectionReportFormat::Text => made.write_text(&mut out, lang)?,
            InspectionReportFormat::Html => made.write_html(&mut out, lang)?,
            InspectionReportFormat::Json => {
                serde_json::to_writer_pretty(&mut *out, &made.to_json())?;
                writeln!(out)?;
            }
            InspectionReportFormat::Geojson => {
                serde_json::to_writer(&mut *out, &made.to_geojson())?;
                writeln!(out)?;
            }
        }
        Ok(())
    })?;
    Ok(Outcome::Done)
}
