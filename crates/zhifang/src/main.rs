//! 职方 Zhifang: the program. It parses, wires the rooms together, runs a command and exits.

mod args;
mod command;
mod fault;
mod output;
mod settings;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::FromArgMatches as _;
use clap::error::ErrorKind;
use tracing_subscriber::EnvFilter;
use zhifang_core::Lang;

use crate::args::{Cli, LogFormat};
use crate::output::{Outcome, is_broken_pipe};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let early = settings::voice(&arguments);
    let cli = match settings::command(&arguments) {
        Ok(command) => {
            let parsed = command
                .try_get_matches_from(&arguments)
                .and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches));
            match parsed {
                Ok(cli) => cli,
                Err(error) => {
                    return match error.kind() {
                        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                            let _ = error.print();
                            ExitCode::SUCCESS
                        }
                        _ => {
                            output::speak(early.0, early.1);
                            misused(&error);
                            ExitCode::from(2)
                        }
                    };
                }
            }
        }
        Err(error) => {
            output::speak(early.0, early.1);
            return fail(&error);
        }
    };
    output::speak(
        cli.log_format,
        cli.lang.single().unwrap_or_else(|| cli.lang.first()),
    );
    start_log(cli.log_format);
    match command::run(cli) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Failed) => ExitCode::from(2),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_env("ZHIFANG_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,zhifang=info,usvg=error"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.with_target(false).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}

/// `error: …`, then each cause on a line of its own, and what to do; exit status 2.
fn fail(error: &anyhow::Error) -> ExitCode {
    let lang = output::lang();
    let mut text = format!(
        "{}{}",
        // The line says of itself that it is an error.
        if output::is_json() {
            ""
        } else {
            lang.pick("错误：", "error: ")
        },
        fault::first(error, lang)
    );
    for cause in error.chain().skip(1) {
        let _ = write!(
            text,
            "\n  {}{}",
            lang.pick("原因：", "caused by: "),
            fault::words(cause, lang)
        );
    }
    if let Some(hint) = fault::hint(error, lang) {
        let _ = write!(text, "\n  {}{hint}", lang.pick("办法：", "hint: "));
    }
    output::complain(&text);
    ExitCode::from(2)
}

/// Wrong usage: what the parser says, under a sentence in the language chosen.
fn misused(error: &clap::Error) {
    let said = error.render();
    let is_plain = output::is_json() || !std::io::stderr().is_terminal();
    let said = if is_plain {
        said.to_string()
    } else {
        said.ansi().to_string()
    };
    let text = match output::lang() {
        Lang::Zh => format!("错误：{}\n{said}", fault::usage(error)),
        Lang::En => said,
    };
    output::complain(text.trim_end());
}
