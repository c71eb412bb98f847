//! The two streams: data on standard output, everything else on standard error.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;

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
    let _ = writeln!(io::stderr(), "{text}");
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
