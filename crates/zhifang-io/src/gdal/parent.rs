//! The parent's side of reading: starts the child, bounds it, and makes records of its lines.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use zhifang_core::Crs;

use crate::error::Error;
use crate::format::Format;
use crate::gdal_child::ARGUMENT;
use crate::gdal_room::message::{LayerHead, ReadEnd};
use crate::gdal_room::{driver, shapefile, unpack};
use crate::raw::{Columns, FileCrs, FileFacts, Sink};
use crate::read::geojson::RawFeature;

/// Wall clock of a child.
const PATIENCE: Duration = Duration::from_mins(10);
/// Longest line that a child may send, bytes: one feature.
const LONGEST_LINE: u64 = 512 << 20;
/// Variables that a child keeps: where PROJ's and GDAL's own tables are.
const KEPT: [&str; 4] = ["GDAL_DATA", "PROJ_LIB", "PROJ_DATA", "LD_LIBRARY_PATH"];

/// Reads a file through GDAL.
pub(crate) fn read(
    path: &Path,
    format: Format,
    is_packed: bool,
    layer: Option<&str>,
    columns: &mut Columns,
    sink: &mut Sink<'_>,
) -> Result<FileFacts, Error> {
    let folder = unpack::Scratch::new(path)?;
    let real = resolved(path, format)?;
    let mut files = vec![real];
    if is_packed {
        files = vec![folder.gunzip(path, format)?];
    }
    let mut layer = layer.map(str::to_owned);
    let bare = if is_packed {
        path.with_extension("")
    } else {
        path.to_owned()
    };
    let is_zip = bare
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
    if format == Format::Shapefile && is_zip {
        files = folder.unzip(
            files.first().map_or(path, PathBuf::as_path),
            path,
            layer.as_deref(),
        )?;
        layer = None;
    }
    let mut facts = FileFacts::default();
    let mut row = 0;
    for (number, file) in files.iter().enumerate() {
        let encoding = if format == Format::Shapefile {
            shapefile::encoding(file)
        } else {
            None
        };
        facts.is_gbk |= encoding == Some("GBK");
        let mut args: Vec<OsString> = vec!["read".into(), format.as_str().into(), file.into()];
        args.extend(layer.as_ref().map(|name| format!("layer={name}").into()));
        args.extend(encoding.map(|name| format!("encoding={name}").into()));
        let head = read_one(path, &args, folder.path(), columns, sink, &mut row)?;
        if number == 0 {
            facts.layers = head.layers;
            facts.crs = match (head.epsg, head.wkt) {
                (Some(number), _) => FileCrs::Named(Crs::Epsg(number)),
                (None, Some(wkt)) => FileCrs::Wkt(wkt),
                (None, None) => FileCrs::Absent,
            };
        }
    }
    Ok(facts)
}

/// The absolute path of a regular file (a folder, for a file geodatabase).
fn resolved(path: &Path, format: Format) -> Result<PathBuf, Error> {
    let real = std::fs::canonicalize(path).map_err(Error::io("read", path))?;
    let facts = std::fs::metadata(&real).map_err(Error::io("read", path))?;
    let is_right = if format == Format::FileGdb {
        facts.is_dir()
    } else {
        facts.is_file()
    };
    if is_right {
        Ok(real)
    } else {
        let wanted = if format == Format::FileGdb {
            "a folder"
        } else {
            "a regular file"
        };
        Err(Error::Content {
            path: path.to_owned(),
            reason: format!("wanted {wanted}"),
        })
    }
}

fn read_one(
    path: &Path,
    args: &[OsString],
    folder: &Path,
    columns: &mut Columns,
    sink: &mut Sink<'_>,
    row: &mut u64,
) -> Result<LayerHead, Error> {
    let mut child = Guarded::start(path, args, folder, Stdio::null())?;
    let output = child.take_output(path)?;
    let mut lines = BufReader::with_capacity(1 << 16, output);
    let mut line = Vec::new();
    let mut head: Option<LayerHead> = None;
    let mut end: Option<ReadEnd> = None;
    let broken = |reason: String| Error::Gdal {
        path: path.to_owned(),
        reason,
    };
    loop {
        line.clear();
        let count = lines
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
            .map_err(Error::io("read", path))?;
        if count == 0 {
            break;
        }
        if count as u64 == LONGEST_LINE {
            return Err(broken("a feature is larger than is read".to_owned()));
        }
        if !line.ends_with(b"\n") {
            break;
        }
        if head.is_none() {
            let found = serde_json::from_slice(&line).map_err(|e| broken(e.to_string()))?;
            head = Some(found);
        } else if line.starts_with(b"{\"end\"") {
            end = Some(serde_json::from_slice(&line).map_err(|e| broken(e.to_string()))?);
        } else {
            let feature: RawFeature =
                serde_json::from_slice(&line).map_err(|e| broken(e.to_string()))?;
            *row += 1;
            let record = feature.into_record(columns, *row);
            sink(columns, record)?;
        }
    }
    child.finish(path)?;
    match (head, end) {
        (Some(head), Some(_)) => Ok(head),
        _ => Err(broken("ended early".to_owned())),
    }
}

/// A child that is killed when it takes too long, or when it is dropped.
pub(crate) struct Guarded {
    child: Arc<Mutex<Child>>,
    done: Sender<()>,
    errors: Option<std::thread::JoinHandle<String>>,
}

impl Guarded {
    /// Starts this program again as the child, in a scratch folder, with an empty environment.
    pub(crate) fn start(
        path: &Path,
        args: &[OsString],
        folder: &Path,
        input: Stdio,
    ) -> Result<Self, Error> {
        let fault = || Error::io("start the GDAL process for", path);
        let program = std::env::current_exe().map_err(fault())?;
        let mut command = Command::new(program);
        command
            .arg(ARGUMENT)
            .args(args)
            .current_dir(folder)
            .env_clear();
        for name in KEPT {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.env("GDAL_SKIP", driver::SKIPPED);
        let mut child = command
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(fault())?;
        let errors = child.stderr.take().map(|stream| {
            std::thread::spawn(move || {
                let mut text = String::new();
                // A child that floods its error stream is cut short, not believed.
                let _ = stream.take(1 << 16).read_to_string(&mut text);
                text
            })
        });
        let child = Arc::new(Mutex::new(child));
        let (done, is_done) = channel();
        let watched = Arc::clone(&child);
        std::thread::spawn(move || {
            if is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                // It may have ended by itself in this very moment.
                let _ = watched
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .kill();
            }
        });
        Ok(Self {
            child,
            done,
            errors,
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The child's output stream.
    pub(crate) fn take_output(&mut self, path: &Path) -> Result<std::process::ChildStdout, Error> {
        self.lock().stdout.take().ok_or_else(|| lost(path))
    }

    /// The child's input stream.
    pub(crate) fn take_input(&mut self, path: &Path) -> Result<std::process::ChildStdin, Error> {
        self.lock().stdin.take().ok_or_else(|| lost(path))
    }

    /// Waits for the end; a child that failed says why.
    pub(crate) fn finish(mut self, path: &Path) -> Result<(), Error> {
        let status = loop {
            // The lock is held for moments only, so that the watch can kill.
            if let Some(status) = self
                .lock()
                .try_wait()
                .map_err(Error::io("wait for", path))?
            {
                break status;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        // The watch may have ended already.
        let _ = self.done.send(());
        if status.success() {
            return Ok(());
        }
        let told = self
            .errors
            .take()
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default();
        let reason = match told.lines().map(str::trim).rfind(|line| !line.is_empty()) {
            Some(line) => line.to_owned(),
            None => death(status),
        };
        Err(Error::Gdal {
            path: path.to_owned(),
            reason,
        })
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // Both fail when the child has ended, which is what is wanted.
        let _ = self.done.send(());
        let mut child = self.lock();
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn lost(path: &Path) -> Error {
    Error::Gdal {
        path: path.to_owned(),
        reason: "the process has no stream".to_owned(),
    }
}

/// How a child died that could not say why.
#[cfg(unix)]
fn death(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match status.signal() {
        Some(24) => "took more processor time than is given to a file".to_owned(),
        Some(9) => "took too long, or was killed".to_owned(),
        Some(6 | 11) => "died, as it does when it needs more memory than it is given".to_owned(),
        _ => status.to_string(),
    }
}

#[cfg(not(unix))]
fn death(status: ExitStatus) -> String {
    status.to_string()
}
