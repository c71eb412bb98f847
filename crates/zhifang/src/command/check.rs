//! `zhifang check`: what is wrong in the register, or between it and a neighbour's submission.

use std::path::Path;

use anyhow::{Context as _, bail};
use zhifang_check::{
    Decision, Options, Register, Report, Severity, State, changes, chosen, compare, decided, find,
    repair, write_rules,
};
use zhifang_core::{Collection, DivisionCode, Record};
use zhifang_io::{ImportOptions, Records, plan_import};

use crate::args::{Check, CheckAction, CheckFormat, FailOn};
use crate::command::{CLI, Context, now};
use crate::output::{Outcome, print_line, say, write_to};

pub(crate) fn run(context: &Context, args: &Check) -> anyhow::Result<Outcome> {
    if args.list {
        let rules = chosen(&args.only)?;
        write_to(None, |mut out| {
            Ok(write_rules(
                &mut out,
                rules
                    .iter()
                    .map(|rule| rule.card())
                    .collect::<Vec<_>>()
                    .iter(),
                context.lang,
            )?)
        })?;
        return Ok(Outcome::Done);
    }
    if let Some(action) = &args.action {
        return act(context, action);
    }
    let records = context.load()?;
    let mut options = Options::on(now().day());
    options.within = args.within;
    options.only.clone_from(&args.only);
    let view = Register::new(&records, options.day);
    let threshold = args.fail_on.map(|severity| match severity {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
    });
    let report = match &args.against {
        None => zhifang_check::check(&view, &options)?,
        Some(file) => {
            let submission = read_submission(context, args, &records, file)?;
            let comparison = compare(&view, &submission, &options);
            write_to(None, |mut out| {
                match args.format {
                    CheckFormat::Text => comparison.report.write_text(&mut out, context.lang)?,
                    CheckFormat::Json => {
                        writeln!(
                            out,
                            "{}",
                            serde_json::to_string_pretty(&comparison.to_json())?
                        )?;
                    }
                    CheckFormat::Geojson => comparison.write_geojson(&mut out)?,
                    CheckFormat::Html => comparison.write_html(&mut out, context.lang)?,
                }
                Ok(())
            })?;
            return Ok(outcome(&comparison.report, threshold));
        }
    };
    if args.save {
        let writes = changes(&report, &view, &options, CLI);
        let count = writes.len();
        context.commit(writes)?;
        say(&format!(
            "{}: {count}",
            context.lang.pick("检查结果的变动", "findings written")
        ));
    }
    write_to(None, |mut out| {
        match args.format {
            CheckFormat::Text => report.write_text(&mut out, context.lang)?,
            CheckFormat::Json => report.write_json(&mut out)?,
            CheckFormat::Geojson => report.write_geojson(&mut out)?,
            CheckFormat::Html => report.write_html(&mut out, context.lang)?,
        }
        Ok(())
    })?;
    Ok(outcome(&report, threshold))
}

/// What is done about one finding.
fn act(context: &Context, action: &CheckAction) -> anyhow::Result<Outcome> {
    let records = context.load()?;
    let options = Options::on(now().day());
    let view = Register::new(&records, options.day);
    let (id, decision) = match action {
        CheckAction::Confirm { finding, note } => {
            (finding, Decision::Confirm { note: note.clone() })
        }
        CheckAction::Accept {
            finding,
            reason,
            until,
        } => {
            let (reason, until) = (reason.clone(), *until);
            (finding, Decision::Accept { reason, until })
        }
        CheckAction::Repair {
            finding,
            side,
            dry_run,
        } => return mend(context, &view, &options, finding, *side, *dry_run),
    };
    let Some(found) = find(&view, &options, id) else {
        bail!("finding `{id}`: not found by a check of today; `check` prints the ids");
    };
    let record = decided(&found, &view, &decision, options.day, CLI)?;
    let state = State::of(&record);
    context.commit(vec![record])?;
    print_line(&format!("{id} {}", state.as_str()))?;
    Ok(Outcome::Done)
}

/// Repairs a finding at one side.
fn mend(
    context: &Context,
    view: &Register<'_>,
    options: &Options,
    id: &str,
    side: DivisionCode,
    dry_run: bool,
) -> anyhow::Result<Outcome> {
    let done = repair(view, options, id, side)?;
    let lang = context.lang;
    print_line(&format!(
        "{id} {} {}: {:+.1} m²",
        lang.pick("修复于", "repaired at"),
        view.label(side),
        done.won_m2
    ))?;
    for other in &done.finding.subjects {
        if *other != done.after.key() {
            print_line(&format!("  {other}: {}", lang.pick("不变", "unchanged")))?;
        }
    }
    if dry_run {
        return Ok(Outcome::Done);
    }
    let note = format!("{side} {:+.1} m²", done.won_m2);
    let decision = Decision::Repair { note };
    let told = decided(&done.finding, view, &decision, options.day, CLI)?;
    let mut writes = vec![done.after, told];
    // Written as they are: where another changed one meanwhile, nothing is written.
    writes.extend(done.others);
    context.commit(writes)?;
    Ok(Outcome::Done)
}

fn outcome(report: &Report, threshold: Option<Severity>) -> Outcome {
    if report.fails(threshold) {
        Outcome::Findings
    } else {
        Outcome::Done
    }
}

/// The submission's records, matched by code or unique name; their geometry is taken as declared,
/// for the comparison itself tells a shift.
fn read_submission(
    context: &Context,
    args: &Check,
    records: &[Record],
    file: &Path,
) -> anyhow::Result<Vec<Record>> {
    let mut found = Vec::new();
    let mut rejected = 0;
    for collection in [Collection::Divisions, Collection::Boundaries] {
        // Without geometry in the look-up every row of the file counts as a change.
        let known = records
            .iter()
            .filter(|record| record.collection == collection)
            .map(|record| {
                let mut bare = record.clone();
                bare.geometry = None;
                bare.fields.remove("geometry_state");
                bare
            });
        let lookup = Records::new(collection, known);
        let mut options = ImportOptions::new(collection, now().day());
        options.source_crs = args.source_crs;
        options.within = args.within;
        options.accept_shift = true;
        options.match_names = true;
        options.lang = context.lang;
        let plan = plan_import(&[file.to_owned()], &options, &lookup, &mut |_| ())
            .with_context(|| format!("cannot read `{}`", file.display()))?;
        rejected = plan.report.rejected;
        found.extend(
            plan.writes
                .into_iter()
                .map(|planned| planned.record)
                .filter(|record| record.collection == collection && record.geometry.is_some()),
        );
        if !found.is_empty() {
            break;
        }
    }
    if found.is_empty() {
        bail!(
            "`{}`: none of its rows ({rejected} rejected) is a unit or line of the register by code, id or unique name",
            file.display()
        );
    }
    if rejected > 0 {
        say(&format!(
            "{}: {rejected}",
            context.lang.pick(
                "提交成果中无法识别的行",
                "rows of the submission that were not recognised"
            )
        ));
    }
    Ok(found)
}
