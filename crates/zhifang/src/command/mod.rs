//! The commands, one module each.

mod assist;
mod boundaries;
mod check;
mod demo;
mod disputes;
mod export;
mod import;
mod inspect;
mod log;
mod lookup;
mod markers;
mod names;
mod publish;
mod serve;
mod tiles;
mod user;

use std::sync::Arc;

use anyhow::Context as _;
use zhifang_core::{CodePrefix, Collection, Lang, Record, RecordKey};
use zhifang_engine::{Engine, Options};
use zhifang_store::{Expect, Register, Write};

use crate::args::{Cli, Command};
use crate::output::{Outcome, past_return, say};

/// The name in the log of what the command line writes.
const CLI: &str = "cli";

/// What every command gets: where the register is, in which language to speak.
pub(crate) struct Context {
    pub store: String,
    pub lang: Lang,
}

impl Context {
    /// The register itself.
    pub(crate) fn register(&self) -> anyhow::Result<Arc<dyn Register>> {
        zhifang_store::open(&self.store)
            .context(self.lang.pick("打不开登记库", "cannot open the register"))
    }

    /// Every record in its current version.
    pub(crate) fn load(&self) -> anyhow::Result<Vec<Record>> {
        let mut records = Vec::new();
        self.register()?
            .load(&mut |record| records.push(record))
            .context("cannot read the register")?;
        Ok(records)
    }

    /// Stores records that are expected to stand as they were read: all of them, or none.
    pub(crate) fn commit(&self, records: Vec<Record>) -> anyhow::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let write = |record: Record| Write {
            expect: match record.version {
                0 => Expect::Absent,
                version => Expect::Version(version),
            },
            record,
        };
        let batch = records.into_iter().map(write).collect();
        let register = self.register()?;
        past_return()?;
        register
            .commit(batch, CLI, now())
            .context(unwritten(self.lang))?;
        Ok(())
    }

    /// The register with a world to answer from.
    pub(crate) fn engine(&self) -> anyhow::Result<Arc<Engine>> {
        let options = Options {
            snapshot_path: self.snapshot_path(),
            ..Options::default()
        };
        let engine = Engine::new(self.register()?, options);
        engine
            .stand_up(&|_| ())
            .context("cannot read the register")?;
        Ok(Arc::new(engine))
    }

    /// Where the snapshot of a register in a file is kept: beside it.
    pub(crate) fn snapshot_path(&self) -> Option<std::path::PathBuf> {
        let path = self.store.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        Some(format!("{path}.snapshot").into())
    }
}

/// What stands above the cause of a commit that failed.
pub(crate) fn unwritten(lang: Lang) -> &'static str {
    lang.pick("什么也没有写入", "nothing was written")
}

/// Warns of a scope in which the register has no unit: it may be mistyped. A prefix of a code that
/// covers one is enough, and in a register without divisions nothing can be told.
pub(crate) fn warn_of_no_unit(
    register: &dyn Register,
    within: CodePrefix,
    lang: Lang,
) -> anyhow::Result<()> {
    let key = RecordKey::new(Collection::Divisions, &within.unit().to_string());
    if register.record(&key)?.is_some() {
        return Ok(());
    }
    let (mut is_empty, mut is_covered) = (true, false);
    register.load(&mut |record| {
        if record.collection == Collection::Divisions {
            is_empty = false;
            is_covered |= record.division.is_some_and(|code| within.covers(code));
        }
    })?;
    if is_empty || is_covered {
        return Ok(());
    }
    say(&match lang {
        Lang::Zh => format!("警告：登记库里没有 `{within}` 这个单位，也没有它下面的单位"),
        Lang::En => {
            format!("warning: the register has neither the unit `{within}` nor any below it")
        }
    });
    Ok(())
}

/// Runs the command that was typed.
pub(crate) fn run(cli: Cli) -> anyhow::Result<Outcome> {
    let may_have_both = matches!(cli.command, Command::Publish(_));
    let lang = match cli.lang.single() {
        Some(lang) => lang,
        None if may_have_both => cli.lang.first(),
        None => anyhow::bail!("--lang `both`: wanted zh or en; only a publication may have both"),
    };
    let context = Context {
        store: cli.store,
        lang,
    };
    match cli.command {
        Command::Serve(args) => serve::run(&context, &args),
        Command::Import(args) => import::run(&context, &args),
        Command::Export(args) => export::run(&context, &args),
        Command::Check(args) => check::run(&context, &args),
        Command::Boundaries(args) => boundaries::run(&context, &args),
        Command::Disputes(args) => disputes::run(&context, &args),
        Command::Markers(args) => markers::run(&context, &args),
        Command::Inspect(args) => inspect::run(&context, &args),
        Command::Names(args) => names::run(&context, &args),
        Command::Geocode(args) => lookup::geocode(&context, &args),
        Command::Reverse(args) => lookup::reverse(&context, &args),
        Command::Tiles(args) => tiles::run(&context, &args),
        Command::Publish(args) => publish::run(&context, &args, cli.lang),
        Command::Assist(args) => assist::run(&context, &args),
        Command::Changes(args) => log::changes(&context, &args),
        Command::History { id } => log::history(&context, &id),
        Command::Backup { file } => log::backup(&context, &file),
        Command::Restore { file } => log::restore(&context, &file),
        Command::Verify => log::verify(&context),
        Command::User(args) => user::run(&context, &args),
        Command::Gdal { arguments } => {
            let (mut input, mut output) = (std::io::stdin(), std::io::stdout());
            let mut errors = std::io::stderr();
            let status =
                zhifang_io::gdal_child::main(&arguments, &mut input, &mut output, &mut errors);
            Ok(if status == 0 {
                Outcome::Done
            } else {
                Outcome::Failed
            })
        }
    }
}

/// The time, read in one place so that everything below takes it as an argument.
pub(crate) fn now() -> zhifang_core::Timestamp {
    chrono::Utc::now().into()
}
