//! `boundaries adopt`: given polygons become shared lines.

use anyhow::Context as _;
use zhifang_engine::{AdoptionPlan, plan_adoption};
use zhifang_index::Audience;
use zhifang_store::{Expect, Write};

use crate::args::{Boundaries, ReportFormat};
use crate::command::{Context, now, unwritten};
use crate::output::{Outcome, past_return, print_line};

pub(crate) fn run(context: &Context, args: &Boundaries) -> anyhow::Result<Outcome> {
    let Boundaries::Adopt {
        within,
        tolerance,
        dry_run,
        report,
    } = args;
    let engine = context.engine()?;
    let world = engine.world().context("the register could not be read")?;
    let at = now();
    let plan = plan_adoption(
        world.snapshot.view(Audience::Staff),
        *within,
        *tolerance,
        at.day(),
    )?;
    if !dry_run && !plan.writes.is_empty() {
        let batch = plan
            .writes
            .iter()
            .map(|record| {
                let expect = match record.version {
                    0 => Expect::Absent,
                    version => Expect::Version(version),
                };
                Write {
                    record: record.clone(),
                    expect,
                }
            })
            .collect();
        past_return()?;
        engine
            .commit(batch, "cli", at)
            .context(unwritten(context.lang))?;
    }
    match report {
        ReportFormat::Json => print_line(&serde_json::to_string_pretty(&plan.to_json())?)?,
        ReportFormat::Text => print_text(context, &plan)?,
    }
    Ok(if plan.differences.is_empty() {
        Outcome::Done
    } else {
        Outcome::Findings
    })
}

fn print_text(context: &Context, plan: &AdoptionPlan) -> anyhow::Result<()> {
    let lang = context.lang;
    let count = |state: &str| plan.lines.iter().filter(|line| line.state == state).count();
    print_line(&format!(
        "{} {} · {} {} · {} {} · {} {}",
        lang.pick("新界线", "new lines"),
        count("new"),
        lang.pick("已登记", "registered already"),
        count("unchanged"),
        lang.pick("外缘", "outer edge"),
        count("outer"),
        lang.pick("由界线生成的区划", "units from lines"),
        plan.adopted.len(),
    ))?;
    for line in plan.lines.iter().filter(|line| line.shifts > 0) {
        print_line(&format!(
            "  {} {}: {} {} {}, {} {:.3} m",
            lang.pick("界线", "line"),
            line.id.as_deref().unwrap_or("-"),
            line.agreement,
            line.shifts,
            lang.pick("个点移动", "vertices shift"),
            lang.pick("最大", "at most"),
            line.largest_shift_m,
        ))?;
    }
    for difference in &plan.differences {
        let units: Vec<String> = difference.units.iter().map(ToString::to_string).collect();
        print_line(&format!(
            "  {} [{}] {}: {} ({:.1} m, {:.1} m²)",
            lang.pick("差异", "difference"),
            difference.kind,
            units.join(" "),
            difference.message,
            difference.length_m,
            difference.area_m2,
        ))?;
    }
    for code in &plan.left_as_given {
        print_line(&format!(
            "  {} {code}",
            lang.pick("保持原样", "left as given")
        ))?;
    }
    Ok(())
}
