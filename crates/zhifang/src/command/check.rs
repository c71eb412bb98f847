//! `zhifang check`: what is wrong in the register, or between it and a neighbour's submission.

use std::path::Path;

use anyhow::{Context as _, bail};
use zhifang_check::{Options, Register, Report, Severity, chosen, compare, write_rules};
use zhifang_core::{Collection, Record};
use zhifang_io::{ImportOptions, Records, plan_import};

use crate::args::{Check, CheckFormat, FailOn};
use crate::command::{Context, now};
use crate::output::{Outcome, say, write_to};

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
    let register = context.register()?;
    let mut records = Vec::new();
    register
        .load(&mut |record| records.push(record))
        .context("cannot read the register")?;
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
