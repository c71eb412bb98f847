//! The two streams: data on standard output, everything else on standard error.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::OnceLock;

use anyhow::Context as _;
use serde_json::json;
use zhifang_core::Lang;

use crate::args::LogFormat;

/// How the program speaks on standard error, known once the command line has been read.
#[derive(Debug, Clone, Copy)]
struct Voice {
    format: LogFormat,
    lang: Lang,
}

static VOICE: OnceLock<Voice> = OnceLock::new();

/// Sets the form and language of standard error, once.
pub(crate) fn speak(format: LogFormat, lang: Lang) {
    let _ = VOICE.set(Voice { format, lang });
}

/// Whether lines on standard error are JSON objects.
pub(crate) fn is_json() -> bool {
    VOICE
        .get()
        .is_some_and(|voice| voice.format == LogFormat::Json)
}

/// The language chosen; Chinese before it is known.
pub(crate) fn lang() -> Lang {
    VOICE.get().map_or(Lang::Zh, |voice| voice.lang)
}

/// How a command ended: the process's exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// 0: done.
    Done,
    /// 1: done, with findings, rejections or no match.
    Findings,
    /// 2: failed, having said why itself.
    Failed,
}

/// Standard output, buffered; a reader that closed its end is no error.
pub(crate) fn stdout() -> BufWriter<io::Stdout> {
    BufWriter::new(io::stdout())
}

/// One line of data.
pub(crate) fn print_line(text: &str) -> anyhow::Result<()> {
    let mut out = stdout();
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(())
}

/// One line for the person at the terminal.
pub(crate) fn say(text: &str) {
    tell("INFO", text);
}

/// What went wrong, for the person at the terminal.
pub(crate) fn complain(text: &str) {
    tell("ERROR", text);
}

/// In a JSON log every line is one object, as the log's own lines are.
fn tell(level: &str, text: &str) {
    let mut err = io::stderr().lock();
    let _ = if is_json() {
        writeln!(
            err,
            "{}",
            json!({"level": level, "message": text.trim_end()})
        )
    } else {
        writeln!(err, "{text}")
    };
}

/// From here on the command goes to its end: Ctrl-C comes too late, as what it would stop is
/// being written. Called just before a commit; until then an interrupt ends the program with
/// nothing written.
pub(crate) fn past_return() -> anyhow::Result<()> {
    static DONE: OnceLock<()> = OnceLock::new();
    if DONE.set(()).is_err() {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .context("cannot listen for interrupts")?;
    let entered = runtime.enter();
    // From the moment that someone listens, the signal no longer ends the program.
    let mut interrupts = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
        .context("cannot listen for interrupts")?;
    drop(entered);
    std::thread::spawn(move || {
        runtime.block_on(async {
            while interrupts.recv().await.is_some() {
                say(lang().pick(
                    "已开始写入，命令将执行到底并给出报告",
                    "writing has begun; the command goes on to its end and its report",
                ));
            }
        });
    });
    Ok(())
}

/// Writes to a file that appears only when it is whole, or to standard output.
pub(crate) fn write_to(
    path: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let Some(path) = path else {
        let mut out = stdout();
        write(&mut out)?;
        out.flush()?;
        return Ok(());
    };
    // A device or a pipe is written to; putting a file in its place would do away with it.
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        let cannot = || format!("cannot write `{}`", path.display());
        let file = std::fs::File::options()
            .write(true)
            .open(path)
            .with_context(cannot)?;
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        return out.flush().with_context(cannot);
    }
    let mut name = path
        .file_name()
        .context("the output path names no file")?
        .to_os_string();
    name.push(".part");
    let part = path.with_file_name(name);
    let result = (|| {
        let file = std::fs::File::create(&part)
            .with_context(|| format!("cannot create `{}`", part.display()))?;
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.flush()
            .with_context(|| format!("cannot write `{}`", part.display()))?;
        std::fs::rename(&part, path)
            .with_context(|| format!("cannot put `{}` in place", path.display()))
    })();
    if result.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    result
}

/// Whether the error is a reader that closed its end of the pipe.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
