//! 职方 Zhifang: the program. It parses, wires the rooms together, runs a command and exits.

mod args;
mod command;
mod output;
mod settings;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::FromArgMatches as _;
use clap::error::ErrorKind;
use tracing_subscriber::EnvFilter;

use crate::args::{Cli, LogFormat};
use crate::output::{Outcome, is_broken_pipe};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let cli = match settings::command(&arguments) {
        Ok(command) => {
            let parsed = command
                .try_get_matches_from(&arguments)
                .and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches));
            match parsed {
                Ok(cli) => cli,
                Err(error) => {
                    let _ = error.print();
                    return match error.kind() {
                        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
                        _ => ExitCode::from(2),
                    };
                }
            }
        }
        Err(error) => return fail(&error),
    };
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
        LogFormat::Json => builder.json().init(),
    }
}

/// `error: …`, then each cause on a line of its own; exit status 2.
fn fail(error: &anyhow::Error) -> ExitCode {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "error: {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(err, "  caused by: {cause}");
    }
    ExitCode::from(2)
}
