//! `zhifang export`: a collection out, in the form that `import` reads back as unchanged.

use std::borrow::Cow;
use std::io::Write as _;

use anyhow::{Context as _, bail};
use zhifang_core::{Collection, Lang, Record, Status};
use zhifang_index::{Audience, Snapshot};
use zhifang_io::{ExportOptions, Format, export_file, export_to};
use zhifang_query::Filter;

use crate::args::Export;
use crate::command::tiles::parse_bbox;
use crate::command::{Context, warn_of_no_unit};
use crate::output::{Outcome, say, stdout};
use crate::settings::distance;

pub(crate) fn run(context: &Context, args: &Export) -> anyhow::Result<Outcome> {
    let format: Format = args.format.parse()?;
    let filter = args
        .filter
        .as_deref()
        .map(str::parse::<Filter>)
        .transpose()?;
    if let Some(filter) = &filter {
        check_properties(context.lang, args.collection, filter)?;
    }
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
    let report = if let Some(path) = &args.output {
        export_file(&records, &options, path)?
    } else {
        let mut out = stdout();
        let report = export_to(&records, &options, &mut out)?;
        out.flush()?;
        report
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

/// A filter on a property that no record can have finds nothing, which would look like an answer.
fn check_properties(lang: Lang, collection: Collection, filter: &Filter) -> anyhow::Result<()> {
    for name in filter.properties() {
        let is_known = collection.field(name).is_some()
            || zhifang_query::GEOMETRY_NAMES.contains(&name)
            || name.starts_with("extra.");
        if is_known {
            continue;
        }
        let nearest = collection
            .fields()
            .iter()
            .chain(zhifang_core::schema::COMMON)
            .map(|field| field.name)
            .min_by_key(|known| distance(known, name))
            .unwrap_or_default();
        match lang {
            Lang::Zh => bail!("--filter：{collection} 没有属性 `{name}`；是不是 `{nearest}`？"),
            Lang::En => {
                bail!("--filter: {collection} has no property `{name}`; did you mean `{nearest}`?")
            }
        }
    }
    Ok(())
}

/// The collection's records as the register has them, or had them; divisions beside, for `within`.
fn snapshot_of(context: &Context, args: &Export) -> anyhow::Result<Snapshot> {
    let register = context.register()?;
    if let Some(within) = args.within {
        warn_of_no_unit(&*register, within, context.lang)?;
    }
    let wanted = |record: &Record| {
        record.collection == args.collection
            || (args.within.is_some() && record.collection == Collection::Divisions)
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
            key.collection == args.collection || key.collection == Collection::Divisions
        });
    Ok(snapshot.with_changes(then, seq))
}
