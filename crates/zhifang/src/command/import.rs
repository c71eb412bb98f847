//! `zhifang import`: files into the register, one transaction a command.

use std::io::IsTerminal as _;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use zhifang_core::{Collection, Status};
use zhifang_io::{CountyLines, ImportOptions, Planned, Records, plan_import};
use zhifang_store::{Expect, Register, Write};

use crate::args::{Import, ImportStatus, OnError, ReportFormat};
use crate::command::{Context, demo, now, unwritten, warn_of_no_unit};
use crate::output::{Outcome, is_json, past_return, print_line, say};

pub(crate) fn run(context: &Context, args: &Import) -> anyhow::Result<Outcome> {
    let register = context.register()?;
    let at = now();
    let mut options = ImportOptions::new(args.collection, at.day());
    options.source_crs = args.source_crs;
    options.map = args
        .maps
        .iter()
        .map(|pair| {
            pair.split_once('=')
                .map(|(column, field)| (column.to_owned(), field.to_owned()))
                .with_context(|| format!("--map `{pair}`: wanted COLUMN=FIELD"))
        })
        .collect::<anyhow::Result<_>>()?;
    options.layer.clone_from(&args.layer);
    options.on_error = match args.on_error {
        OnError::Skip => zhifang_io::OnError::Skip,
        OnError::Stop => zhifang_io::OnError::Stop,
    };
    options.complete = args.complete;
    options.within = args.within;
    options.accept_shift = args.accept_shift;
    options.as_claim = args.as_claim;
    options.status = Some(match args.status {
        None | Some(ImportStatus::Published) => Status::Published,
        Some(ImportStatus::Draft) => Status::Draft,
    });
    options.restate_drafts = args.status.is_some();
    options.lang = context.lang;

    let mut lookup = records_of(&*register, args.collection)?;
    if args.collection == Collection::Divisions {
        lookup = lookup.with_county_lines(Arc::new(shipped_county_lines()?));
    }
    let mut progress = Progress::new(context.lang.pick("已读取", "read"));
    let plan = plan_import(&args.files, &options, &lookup, &mut |rows| {
        progress.show(rows);
    })?;
    progress.end();
    if let Some(within) = args.within {
        let brings_it = plan.writes.iter().any(|planned| {
            let code = planned.record.division;
            code.is_some_and(|code| within.covers(code))
        });
        if !brings_it {
            warn_of_no_unit(&*register, within, context.lang)?;
        }
    }
    for warning in &plan.report.warnings {
        if warning.code == "other_layers" {
            say(&warning.message);
        }
    }
    if !args.dry_run && !plan.writes.is_empty() {
        let batch = plan.writes.into_iter().map(into_write).collect();
        past_return()?;
        register
            .commit(batch, "cli", at)
            .context(unwritten(context.lang))?;
    }
    let text = match args.report {
        ReportFormat::Json => serde_json::to_string_pretty(&plan.report)?,
        ReportFormat::Text => plan.report.to_text(context.lang).trim_end().to_owned(),
    };
    print_line(&text)?;
    Ok(if plan.report.has_rejections() {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}

/// The records of a collection as the register has them.
pub(crate) fn records_of(
    register: &dyn Register,
    collection: Collection,
) -> anyhow::Result<Records> {
    let mut records = Vec::new();
    register
        .load(&mut |record| {
            if record.collection == collection {
                records.push(record);
            }
        })
        .context("cannot read the register")?;
    Ok(Records::new(collection, records))
}

/// A planned write holds only if nobody changed the record since the plan was made.
fn into_write(planned: Planned) -> Write {
    let expect = match planned.expected_version {
        Some(version) => Expect::Version(version),
        None => Expect::Any,
    };
    Write {
        record: planned.record,
        expect,
    }
}

/// The shipped county lines, to recognise shifted coordinates where the register has nothing.
fn shipped_county_lines() -> anyhow::Result<CountyLines> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let file = demo::unpack("nation/china_counties.geojson.gz", folder.path())?;
    let options = ImportOptions::new(Collection::Divisions, now().day());
    let empty = Records::new(Collection::Divisions, []);
    let plan = plan_import(&[file], &options, &empty, &mut |_| ())?;
    if plan.writes.is_empty() {
        bail!("the shipped county lines are empty");
    }
    Ok(CountyLines::new(plan.writes.into_iter().filter_map(
        |planned| {
            let record = planned.record;
            let geometry = record.geometry?.as_ref().clone();
            Some((record.division?, record.name.into_string(), geometry))
        },
    )))
}

/// Rows read, on one line of a terminal or on lines of their own elsewhere.
pub(crate) struct Progress {
    words: &'static str,
    bar: Option<indicatif::ProgressBar>,
    said: u64,
}

/// Rows between two lines of progress where no terminal is.
const LINE_EVERY: u64 = 100_000;

impl Progress {
    pub(crate) fn new(words: &'static str) -> Self {
        let has_bar = std::io::stderr().is_terminal() && !is_json();
        let bar = has_bar.then(indicatif::ProgressBar::new_spinner);
        Self {
            words,
            bar,
            said: 0,
        }
    }

    pub(crate) fn show(&mut self, rows: u64) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} {rows}", self.words));
            bar.tick();
        } else if rows >= self.said + LINE_EVERY {
            self.said = rows;
            say(&format!("{} {rows}", self.words));
        }
    }

    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
