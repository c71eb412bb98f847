//! `changes`, `history`, `backup`, `restore`, `verify`: the audit trail and its safety.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::json;
use zhifang_core::{Change, Collection, DivisionCode, RecordKey};

use crate::args::Changes;
use crate::command::Context;
use crate::output::{Outcome, print_line, say, stdout};

/// Entries read from the log at once.
const PAGE: usize = 2_000;

pub(crate) fn changes(context: &Context, args: &Changes) -> anyhow::Result<Outcome> {
    let register = context.register()?;
    let mut since = args.since;
    loop {
        let page = register.changes(since, PAGE)?;
        if let Some(last) = page.last() {
            since = last.seq;
            let mut out = stdout();
            for change in &page {
                writeln!(out, "{}", entry(change))?;
            }
            out.flush()?;
        } else if args.follow {
            register.wait(since, Duration::from_secs(5))?;
        } else {
            return Ok(Outcome::Done);
        }
    }
}

fn entry(change: &Change) -> serde_json::Value {
    json!({
        "seq": change.seq,
        "at": change.at.to_string(),
        "by": &*change.by,
        "op": change.operation.as_str(),
        "collection": change.after.collection.as_str(),
        "id": &*change.after.id,
        "version": change.after.version,
        "before": change.before.as_ref().map(zhifang_core::Record::to_feature),
        "after": change.after.to_feature(),
    })
}

/// `COLLECTION/ID`, the code of a division, or an identifier that only one collection has.
fn keys(id: &str) -> Vec<RecordKey> {
    if let Some((collection, rest)) = id.split_once('/')
        && let Ok(collection) = collection.parse::<Collection>()
    {
        return vec![RecordKey::new(collection, rest)];
    }
    let id = id
        .parse::<DivisionCode>()
        .map_or_else(|_| id.to_owned(), |code| code.to_string());
    Collection::ALL
        .into_iter()
        .map(|collection| RecordKey::new(collection, &id))
        .collect()
}

pub(crate) fn history(context: &Context, id: &str) -> anyhow::Result<Outcome> {
    let register = context.register()?;
    let mut found = false;
    for key in keys(id) {
        for change in register.history(&key)? {
            found = true;
            print_line(&entry(&change).to_string())?;
        }
    }
    if !found {
        say(context.lang.pick("没有这条记录", "no such record"));
        return Ok(Outcome::Findings);
    }
    Ok(Outcome::Done)
}

pub(crate) fn backup(context: &Context, file: &Path) -> anyhow::Result<Outcome> {
    context.register()?.backup(file)?;
    say(&format!(
        "{} {}",
        context.lang.pick("已备份到", "backed up to"),
        file.display()
    ));
    Ok(Outcome::Done)
}

pub(crate) fn restore(context: &Context, file: &Path) -> anyhow::Result<Outcome> {
    if !file.is_file() {
        bail!("`{}` is no file", file.display());
    }
    let head = context
        .register()?
        .restore(file)
        .context("cannot restore")?;
    say(&format!(
        "{} {head}",
        context
            .lang
            .pick("已恢复，最后变更序号", "restored up to change")
    ));
    Ok(Outcome::Done)
}

pub(crate) fn verify(context: &Context) -> anyhow::Result<Outcome> {
    let report = context.register()?.verify()?;
    print_line(&format!(
        "{} {}, {} {}, {} {}",
        context.lang.pick("变更", "changes"),
        report.head,
        context.lang.pick("提交", "commits"),
        report.commits,
        context.lang.pick("末次封印", "last seal"),
        report.seal
    ))?;
    for fault in &report.faults {
        print_line(&fault.to_string())?;
    }
    Ok(if report.is_sound() {
        Outcome::Done
    } else {
        Outcome::Findings
    })
}
