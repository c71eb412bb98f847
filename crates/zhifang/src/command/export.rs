//! `zhifang export`: a collection out, in the form that `import` reads back as unchanged.

use std::borrow::Cow;

use anyhow::Context as _;
use zhifang_core::{Record, Status};
use zhifang_index::{Audience, Snapshot};
use zhifang_io::{ExportOptions, Format, export_file, export_to};
use zhifang_query::Filter;

use crate::args::Export;
use crate::command::Context;
use crate::command::tiles::parse_bbox;
use crate::output::{Outcome, say, write_to};

pub(crate) fn run(context: &Context, args: &Export) -> anyhow::Result<Outcome> {
    let format: Format = args.format.parse()?;
    let filter = args
        .filter
        .as_deref()
        .map(str::parse::<Filter>)
        .transpose()?;
    let bbox = args.bbox.as_deref().map(parse_bbox).transpose()?;
    let snapshot = snapshot_of(context, args)?;
    let view = snapshot.view(Audience::Staff);
    let candidates: Vec<&Record> = match (args.within, bbox) {
        (Some(prefix), Some(bbox)) => {
            let scope = view.scope(prefix);
            view.intersecting(args.collection, bbox)
                .filter(|record| scope.covers_record(record))
                .collect()
        }
        (Some(prefix), None) => view.within(args.collection, prefix).collect(),
        (None, Some(bbox)) => view.intersecting(args.collection, bbox).collect(),
        (None, None) => view.records(args.collection).collect(),
    };
    let stands = |record: &Record| match (args.all, args.as_of) {
        (true, None) => true,
        (_, Some(day)) => record.is_valid_on(day),
        (false, None) => record.status == Status::Published,
    };
    let called: Vec<Cow<'_, Record>> = candidates
        .into_iter()
        .filter(|record| {
            stands(record) && filter.as_ref().is_none_or(|filter| filter.matches(*record))
        })
        .map(|record| record.called_on(args.as_of))
        .collect();
    let records: Vec<&Record> = called.iter().map(AsRef::as_ref).collect();
    let mut options = ExportOptions::new(args.collection, format);
    if let Some(crs) = args.crs {
        options.crs = crs;
    }
    let report = match &args.output {
        Some(path) if format.needs_gdal() => export_file(&records, &options, path)
            .with_context(|| format!("cannot write `{}`", path.display()))?,
        path => {
            let mut report = None;
            write_to(path.as_deref(), |out| {
                report = Some(export_to(&records, &options, out)?);
                Ok(())
            })?;
            report.context("nothing was written")?
        }
    };
    if report.geometries_omitted > 0 || !report.columns_omitted.is_empty() {
        say(&format!(
            "{}: {} {} {}",
            context
                .lang
                .pick("该格式的单元格容纳不下", "too long for this format's cells"),
            report.geometries_omitted,
            context.lang.pick("个几何图形", "geometries"),
            report.columns_omitted.join(", ")
        ));
    }
    Ok(Outcome::Done)
}

/// The collection's records as the register has them, or had them; divisions beside, for `within`.
fn snapshot_of(context: &Context, args: &Export) -> anyhow::Result<Snapshot> {
    let register = context.register()?;
    let wanted = |record: &Record| {
        record.collection == args.collection
            || (args.within.is_some() && record.collection == zhifang_core::Collection::Divisions)
    };
    let mut records = Vec::new();
    let seq = register
        .load(&mut |record| {
            if wanted(&record) {
                records.push(record);
            }
        })
        .context("cannot read the register")?;
    let snapshot = Snapshot::build(records, seq, &zhifang_index::Options::default());
    let Some(at) = args.known_at else {
        return Ok(snapshot);
    };
    let then = register
        .differing_since(at)?
        .into_iter()
        .filter(|(key, _)| {
            key.collection == args.collection
                || key.collection == zhifang_core::Collection::Divisions
        });
    Ok(snapshot.with_changes(then, seq))
}
