//! `zhifang disputes`: the dispute desk.

use std::path::Path;

use anyhow::{Context as _, bail};
use geo::{Geometry, LineString};
use serde_json::Value;
use zhifang_check::{Register, Settlement, StepSaid, dossier, settle, stepped, with_evidence};
use zhifang_core::{Collection, Day, Lang, Record};
use zhifang_engine::{follow_line, length_m};
use zhifang_index::{Audience, View};
use zhifang_store::{Expect, Write};

use crate::args::disputes::{Disputes, Settle};
use crate::args::markers::PlanFormat;
use crate::command::{CLI, Context, now, unwritten};
use crate::output::{Outcome, past_return, print_line, write_to};

pub(crate) fn run(context: &Context, args: &Disputes) -> anyhow::Result<Outcome> {
    if let Disputes::Settle(args) = args {
        return make_line(context, args);
    }
    let engine = context.engine()?;
    let world = engine.world().context("the register could not be read")?;
    let today = now().day();
    let register = register_of(world.snapshot.view(Audience::Staff), today);
    let find = |collection: Collection, id: &str| {
        register
            .record(collection, id)
            .with_context(|| format!("`{collection}/{id}`: not in the register"))
    };
    match args {
        Disputes::Show { id, format } => {
            let dossier = dossier(&register, id)?;
            match format {
                PlanFormat::Json => {
                    print_line(&serde_json::to_string_pretty(&dossier.to_json())?)?;
                }
                PlanFormat::Text => {
                    write_to(None, |mut out| {
                        Ok(dossier.write_text(&mut out, context.lang)?)
                    })?;
                }
            }
            Ok(Outcome::Done)
        }
        Disputes::Evidence {
            claim,
            kind,
            document,
            date,
        } => {
            let claim = find(Collection::Claims, claim)?;
            let record = with_evidence(claim, kind, document, *date)?;
            let count = record.fields.objects("evidence").count();
            let line = format!("{} {count}", record.key());
            context.commit(vec![record])?;
            print_line(&line)?;
            Ok(Outcome::Done)
        }
        Disputes::Step {
            id,
            step,
            on,
            document,
            note,
        } => {
            let said = StepSaid {
                on: *on,
                document: document.clone(),
                note: note.clone(),
            };
            let dispute = find(Collection::Disputes, id)?;
            let record = stepped(dispute, *step, &said, today, CLI)?;
            let state = record.fields.text("dispute_state").unwrap_or_default();
            let line = format!("{} {state}", record.key());
            context.commit(vec![record])?;
            print_line(&line)?;
            Ok(Outcome::Done)
        }
        Disputes::Settle(_) => Ok(Outcome::Done),
    }
}

fn register_of(view: View<'_>, today: Day) -> Register<'_> {
    let records = Collection::ALL
        .into_iter()
        .flat_map(|collection| view.records(collection));
    Register::new(records, today)
}

/// The one line of a GeoJSON file.
fn read_line(path: &Path) -> anyhow::Result<LineString<f64>> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{name}`"))?;
    let document: Value =
        serde_json::from_str(&text).with_context(|| format!("`{name}` is no JSON"))?;
    let document = match document["features"].as_array().map(Vec::as_slice) {
        Some([one]) => one.clone(),
        Some(all) => bail!("`{name}`: {} features, wanted one line", all.len()),
        None => document,
    };
    let shape = document.get("geometry").unwrap_or(&document);
    let geometry = zhifang_core::geometry::from_geojson(shape)
        .with_context(|| format!("`{name}` holds no geometry"))?;
    one_line(&geometry).with_context(|| format!("`{name}`: wanted one line"))
}

fn one_line(geometry: &Geometry<f64>) -> Option<LineString<f64>> {
    match geometry {
        Geometry::LineString(line) => Some(line.clone()),
        Geometry::MultiLineString(lines) if lines.0.len() == 1 => lines.0.first().cloned(),
        _ => None,
    }
}

fn make_line(context: &Context, args: &Settle) -> anyhow::Result<Outcome> {
    let engine = context.engine()?;
    let world = engine.world().context("the register could not be read")?;
    let view = world.snapshot.view(Audience::Staff);
    let today = now().day();
    let register = register_of(view, today);
    let stretch = match (&args.line, &args.claim) {
        (Some(path), _) => read_line(path)?,
        (None, Some(claim)) => register
            .record(Collection::Claims, claim)
            .and_then(|claim| one_line(claim.geometry.as_deref()?))
            .with_context(|| format!("claim `{claim}`: not in the register with one line"))?,
        (None, None) => bail!("wanted --line or --claim"),
    };
    let settlement = Settlement {
        stretch,
        document: args.document.clone(),
        decided_on: args.decided_on,
        survey_document: args.survey_document.clone(),
        surveyed_on: args.surveyed_on,
    };
    let mut records = settle(&register, &args.id, &settlement, today, CLI)?;
    let Some(after) = records.first() else {
        bail!("nothing to settle");
    };
    let before = view
        .record(Collection::Boundaries, &after.id)
        .with_context(|| format!("line `{}`: not in the register", after.id))?;
    let following = follow_line(view, before, after)
        .map_err(|why| anyhow::anyhow!("line `{}`: {why}", after.id))?;
    let lang = context.lang;
    print_line(&told_line(before, after, lang))?;
    for unit in &following {
        let words = lang.pick("面随界线变动", "its polygon follows");
        print_line(&format!("  {} {}: {words}", unit.id, unit.name))?;
    }
    if following.is_empty() {
        let words = lang.pick(
            "两侧区划的面不由界线生成，请由两侧分别报送",
            "the polygons on both sides do not derive from lines: each side hands in its own",
        );
        print_line(&format!("  {words}"))?;
    }
    for record in &records[1..] {
        let what = record.fields.text("dispute_state");
        let what = what.unwrap_or(lang.pick("停用", "retired"));
        print_line(&format!("  {} {what}", record.key()))?;
    }
    if args.dry_run {
        return Ok(Outcome::Done);
    }
    records.extend(following);
    let write = |record: Record| Write {
        expect: Expect::Version(record.version),
        record,
    };
    let batch = records.into_iter().map(write).collect();
    past_return()?;
    engine
        .commit(batch, CLI, now())
        .context(unwritten(context.lang))?;
    Ok(Outcome::Done)
}

/// The line with its length before and after.
fn told_line(before: &Record, after: &Record, lang: Lang) -> String {
    let length = |record: &Record| record.geometry.as_deref().and_then(length_m);
    let metres = |record| length(record).map_or_else(|| "-".to_owned(), |m| format!("{m:.1} m"));
    format!(
        "{} {}: {} → {}",
        lang.pick("界线", "line"),
        after.id,
        metres(before),
        metres(after)
    )
}
