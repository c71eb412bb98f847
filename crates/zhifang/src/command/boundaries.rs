//! `boundaries adopt`: given polygons become shared lines.

use anyhow::Context as _;
use geo::{Coord, CoordsIter as _, Geometry};
use zhifang_core::DivisionCode;
use zhifang_engine::{AdoptionPlan, plan_adoption};
use zhifang_index::{Audience, View};
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
        ReportFormat::Text => print_text(context, &plan, world.snapshot.view(Audience::Staff))?,
    }
    Ok(if plan.differences.is_empty() {
        Outcome::Done
    } else {
        Outcome::Findings
    })
}

fn first_position(geometry: &Geometry) -> Option<Coord> {
    geometry.coords_iter().next()
}

fn print_text(context: &Context, plan: &AdoptionPlan, view: View<'_>) -> anyhow::Result<()> {
    let lang = context.lang;
    let named = |code: DivisionCode| match view.division(code) {
        Some(unit) => format!("{code} {}", unit.name),
        None => code.to_string(),
    };
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
        let units: Vec<String> = difference.units.iter().map(|code| named(*code)).collect();
        let mut parts = vec![units.join(lang.pick("、", ", "))];
        parts.push(
            lang.pick(&difference.message_zh, &difference.message)
                .to_owned(),
        );
        if let Some(place) = zhifang_core::geometry::from_geojson(&difference.geometry)
            .ok()
            .and_then(|geometry| first_position(&geometry))
        {
            parts.push(format!(
                "{} {:.6} {:.6}",
                lang.pick("位置", "at"),
                place.x,
                place.y
            ));
        }
        if difference.length_m > 0.0 {
            parts.push(format!(
                "{:.1} {}",
                difference.length_m,
                lang.pick("米", "m")
            ));
        }
        if difference.area_m2 > 0.0 {
            parts.push(format!(
                "{:.1} {}",
                difference.area_m2,
                lang.pick("平方米", "m²")
            ));
        }
        parts.retain(|part| !part.is_empty());
        print_line(&format!(
            "  {} [{}] {}",
            lang.pick("差异", "difference"),
            difference.kind,
            parts.join(lang.pick("；", "; "))
        ))?;
    }
    for code in &plan.left_as_given {
        print_line(&format!(
            "  {} {}",
            lang.pick("保持原样", "left as given"),
            named(*code)
        ))?;
    }
    Ok(())
}
