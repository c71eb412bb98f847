//! The shipped data, embedded in the program, and how an empty register is filled with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rust_embed::RustEmbed;
use zhifang_core::{Collection, Lang};
use zhifang_engine::Engine;
use zhifang_io::{ImportOptions, Records, plan_import};
use zhifang_store::{Expect, Write};

use crate::command::import::Progress;
use crate::command::now;
use crate::output::say;

#[derive(RustEmbed)]
#[folder = "../../data"]
#[include = "nation/*.geojson.gz"]
#[include = "nation/*.geojson"]
#[include = "nation/china_*.csv.gz"]
#[include = "laohekou/*.geojson"]
#[include = "laohekou/*.csv"]
#[exclude = "laohekou/laohekou_*.geojson"]
struct Shipped;

/// What goes into which collection, in this order: lines before what refers to them.
const FILES: [(Collection, &str); 21] = [
    (Collection::Divisions, "nation/china_counties.geojson.gz"),
    (Collection::Divisions, "nation/china_prefectures.geojson.gz"),
    (Collection::Divisions, "nation/china_provinces.geojson.gz"),
    (Collection::Divisions, "nation/china_divisions.csv.gz"),
    (
        Collection::Divisions,
        "nation/china_division_history.csv.gz",
    ),
    (
        Collection::Divisions,
        "nation/china_township_history.csv.gz",
    ),
    (Collection::Boundaries, "nation/dashes.geojson"),
    (Collection::Divisions, "laohekou/townships.geojson"),
    (Collection::Divisions, "laohekou/villages.geojson"),
    (Collection::Names, "laohekou/names.geojson"),
    (Collection::Signs, "laohekou/signs.geojson"),
    (Collection::Boundaries, "laohekou/boundaries.geojson"),
    (Collection::Markers, "laohekou/markers.geojson"),
    (Collection::Disputes, "laohekou/disputes.geojson"),
    (Collection::Claims, "laohekou/claims.geojson"),
    (Collection::Structures, "laohekou/structures.geojson"),
    (Collection::Inspections, "laohekou/inspections.geojson"),
    (Collection::Services, "laohekou/services.geojson"),
    (Collection::Cemeteries, "laohekou/cemeteries.geojson"),
    (Collection::Projects, "laohekou/projects.geojson"),
    (Collection::Roads, "laohekou/roads.geojson"),
];

/// Handed in by the crews, after what they observed.
const LAST: (Collection, &str) = (Collection::Observations, "laohekou/observations.geojson");

/// Writes a shipped file into a folder; where it lies then.
pub(crate) fn unpack(name: &str, folder: &Path) -> anyhow::Result<PathBuf> {
    let file = Shipped::get(name).with_context(|| format!("`{name}` is not shipped"))?;
    let path = folder.join(name.rsplit('/').next().unwrap_or(name));
    std::fs::write(&path, &file.data)
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(path)
}

/// Fills an empty register with all shipped data, in one transaction; a register with records
/// is left alone.
pub(crate) fn fill_empty(engine: &Engine, lang: Lang) -> anyhow::Result<()> {
    if engine.register().head()? > 0 {
        return Ok(());
    }
    say(lang.pick(
        "登记库为空，正在载入演示数据…",
        "the register is empty; loading the demonstration…",
    ));
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let at = now();
    let mut known: BTreeMap<Collection, Records> = BTreeMap::new();
    let mut batch = Vec::new();
    for (collection, name) in FILES.into_iter().chain([LAST]) {
        let file = unpack(name, folder.path())?;
        let lookup = known
            .entry(collection)
            .or_insert_with(|| Records::new(collection, []));
        let mut options = ImportOptions::new(collection, at.day());
        options.lang = lang;
        // The township's polygons of the demonstration lie where the county's real line is.
        options.accept_shift = true;
        let mut progress = Progress::new(lang.pick("已读取", "read"));
        let plan = plan_import(&[file], &options, lookup, &mut |rows| progress.show(rows))
            .with_context(|| format!("cannot load `{name}`"))?;
        progress.end();
        let report = &plan.report;
        say(&format!(
            "  {name}: {} {}, {} {}, {} {}",
            lang.pick("读取", "read"),
            report.read,
            lang.pick("新增", "accepted"),
            report.accepted,
            lang.pick("变更", "changed"),
            report.changed,
        ));
        for planned in plan.writes {
            let lookup = known
                .entry(planned.record.collection)
                .or_insert_with_key(|key| Records::new(*key, []));
            lookup.insert(planned.record.clone());
            batch.push(Write {
                record: planned.record,
                expect: Expect::Any,
            });
        }
    }
    if batch.is_empty() {
        bail!("the shipped data is empty");
    }
    say(lang.pick("正在写入登记库…", "writing the register…"));
    let batch = last_of_each(batch);
    engine
        .register()
        .commit(batch, "demo", at)
        .context("cannot write the demonstration")?;
    Ok(())
}

/// One version a record is enough for a first load: what the files say together.
fn last_of_each(batch: Vec<Write>) -> Vec<Write> {
    let mut last = std::collections::HashMap::with_capacity(batch.len());
    for (place, write) in batch.iter().enumerate() {
        last.insert(write.record.key(), place);
    }
    batch
        .into_iter()
        .enumerate()
        .filter(|(place, write)| last.get(&write.record.key()) == Some(place))
        .map(|(_, write)| write)
        .collect()
}
