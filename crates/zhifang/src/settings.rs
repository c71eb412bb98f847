//! Settings: flag over environment over file over default, for every flag of every command.
//!
//! A file's `[serve] listen = "…"` becomes the default of `serve --listen`; the environment's
//! `ZHIFANG_SERVE_LISTEN` (or the shorter name printed in `--help`) stands above it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::builder::OsStr;
use clap::{Arg, Command, CommandFactory as _};

use zhifang_core::Lang;

use crate::args::{Cli, LogFormat};

/// The command line's definition with the file's defaults and the environment's names.
pub(crate) fn command(arguments: &[OsString]) -> anyhow::Result<Command> {
    let mut command = with_environment(Cli::command(), "ZHIFANG");
    if let Some(path) = config_path(arguments) {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read the settings `{}`", path.display()))?;
        let table: toml::Table = text
            .parse()
            .with_context(|| format!("cannot read the settings `{}`", path.display()))?;
        command = with_table(command, &table, "", &path)?;
    }
    Ok(command)
}

/// Form and language of standard error where the command line cannot be read: as it says them,
/// else as the environment does.
pub(crate) fn voice(arguments: &[OsString]) -> (LogFormat, Lang) {
    let format = word(arguments, "--log-format", "ZHIFANG_LOG_FORMAT");
    let lang = word(arguments, "--lang", "ZHIFANG_LANG");
    (
        match format.as_deref() {
            Some("json") => LogFormat::Json,
            _ => LogFormat::Text,
        },
        match lang.as_deref() {
            Some("en") => Lang::En,
            _ => Lang::Zh,
        },
    )
}

/// The value of an option, before the rest can be parsed.
fn word(arguments: &[OsString], option: &str, variable: &str) -> Option<String> {
    let mut words = arguments.iter().map(|word| word.to_string_lossy());
    while let Some(word) = words.next() {
        if word == option {
            return words.next().map(Into::into);
        }
        let rest = word.strip_prefix(option);
        if let Some(value) = rest.and_then(|rest| rest.strip_prefix('=')) {
            return Some(value.to_owned());
        }
    }
    std::env::var(variable).ok()
}

/// `--config FILE` has to be known before the rest can be parsed.
fn config_path(arguments: &[OsString]) -> Option<PathBuf> {
    word(arguments, "--config", "ZHIFANG_CONFIG").map(PathBuf::from)
}

fn with_environment(command: Command, prefix: &str) -> Command {
    let prefix = prefix.to_owned();
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    let mut command = command.mut_args(|argument: Arg| {
        let has_none = argument.get_env().is_none();
        if has_none && argument.get_long().is_some() && !argument.is_global_set() {
            let name = format!("{prefix}_{}", argument.get_id().as_str().to_uppercase());
            // Names of variables live as long as the program.
            let name: &'static str = Box::leak(name.into_boxed_str());
            return argument.env(OsStr::from(name)).hide_env(true);
        }
        argument
    });
    for name in names {
        let inner = format!("{prefix}_{}", name.to_uppercase());
        command = command.mut_subcommand(&name, |sub| with_environment(sub, &inner));
    }
    command
}

fn with_table(
    mut command: Command,
    table: &toml::Table,
    path: &str,
    file: &Path,
) -> anyhow::Result<Command> {
    for (key, value) in table {
        let full = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        if let toml::Value::Table(inner) = value {
            if command.find_subcommand(key).is_none() {
                bail!("settings `{}`: `[{full}]` names no command", file.display());
            }
            let sub = command.find_subcommand(key).cloned().unwrap_or_default();
            let sub = with_table(sub, inner, &full, file)?;
            command = command.mut_subcommand(key, |_| sub);
            continue;
        }
        let known = command
            .get_arguments()
            .any(|argument| argument.get_id().as_str() == key && argument.get_long().is_some());
        if !known {
            let nearest = command
                .get_arguments()
                .map(|argument| argument.get_id().to_string())
                .min_by_key(|name| distance(name, key))
                .unwrap_or_default();
            bail!(
                "settings `{}`: `{full}` is no setting; did you mean `{nearest}`?",
                file.display()
            );
        }
        let text = match value {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        command = command.mut_arg(key, |argument| {
            argument
                .default_value(OsStr::from(text.clone()))
                .required(false)
        });
    }
    Ok(command)
}

/// Number of letters that differ, for a suggestion.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(0);
            let cost = (diagonal + usize::from(x != *y))
                .min(above + 1)
                .min(left + 1);
            diagonal = above;
            if let Some(slot) = row.get_mut(j) {
                *slot = left;
            }
            left = cost;
        }
        if let Some(slot) = row.last_mut() {
            *slot = left;
        }
    }
    row.last().copied().unwrap_or(0)
}
