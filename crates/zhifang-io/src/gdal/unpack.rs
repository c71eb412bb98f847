//! Packed files, unpacked within limits into a folder that is removed afterwards.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::Error;
use crate::format::Format;
use crate::limit::{self, Bounded};

/// Entries that a zip may have.
const MAX_ENTRIES: usize = 1_000;
/// Bytes that a zip may unpack to together.
const MAX_BYTES: u64 = 1 << 30;
/// A Shapefile's parts that are of use; all else in a zip is left packed.
const PARTS: [&str; 5] = ["shp", "shx", "dbf", "prj", "cpg"];

/// A folder for the time of one import or export.
pub(crate) struct Scratch(TempDir);

impl Scratch {
    /// A new folder; `path` is the file that it is for.
    pub(crate) fn new(path: &Path) -> Result<Self, Error> {
        tempfile::tempdir()
            .map(Self)
            .map_err(Error::io("unpack", path))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The file without its gzip wrapping.
    pub(crate) fn gunzip(&self, path: &Path, format: Format) -> Result<PathBuf, Error> {
        let inner = path.with_extension("");
        let ending = inner
            .extension()
            .map_or(format.as_str().into(), |e| e.to_string_lossy());
        let target = self.path().join(format!("unpacked.{ending}"));
        let mut file = File::create(&target).map_err(Error::io("unpack", path))?;
        let mut stream = limit::open(path, true)?;
        io::copy(&mut stream, &mut file).map_err(|fault| limit::fault_of_read(path, fault))?;
        Ok(target)
    }

    /// The Shapefiles of a zip: all, or the named one. Entries keep none of their own names, so
    /// that none can point outside.
    pub(crate) fn unzip(
        &self,
        packed: &Path,
        path: &Path,
        layer: Option<&str>,
    ) -> Result<Vec<PathBuf>, Error> {
        let content = |reason: String| Error::Content {
            path: path.to_owned(),
            reason,
        };
        let file = File::open(packed).map_err(Error::io("read", path))?;
        let mut archive =
            zip::ZipArchive::new(file).map_err(|e| content(format!("no zip archive: {e}")))?;
        if archive.len() > MAX_ENTRIES {
            return Err(Error::TooLarge {
                path: path.to_owned(),
                what: "the number of entries",
                limit: MAX_ENTRIES as u64,
            });
        }
        let mut stems: BTreeMap<String, Vec<(usize, &'static str)>> = BTreeMap::new();
        for number in 0..archive.len() {
            let entry = archive
                .by_index(number)
                .map_err(|e| content(e.to_string()))?;
            let name = entry
                .name()
                .map_err(|e| content(e.to_string()))?
                .into_owned();
            let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
            let part = PARTS.iter().find(|part| **part == ending);
            if let (Some(part), true) = (part, entry.is_file()) {
                let stem = name
                    .get(..name.len() - ending.len() - 1)
                    .unwrap_or_default();
                stems
                    .entry(stem.to_owned())
                    .or_default()
                    .push((number, part));
            }
        }
        stems.retain(|_, parts| parts.iter().any(|(_, part)| *part == "shp"));
        let last = |stem: &str| stem.rsplit(['/', '\\']).next().unwrap_or(stem).to_owned();
        if let Some(wanted) = layer {
            let found: Vec<String> = stems.keys().map(|stem| last(stem)).collect();
            stems.retain(|stem, _| last(stem) == wanted);
            if stems.is_empty() {
                return Err(Error::Layer {
                    path: path.to_owned(),
                    layer: wanted.to_owned(),
                    found: found.join(", "),
                });
            }
        }
        if stems.is_empty() {
            return Err(content("holds no Shapefile".to_owned()));
        }
        let mut left = MAX_BYTES;
        let mut files = Vec::new();
        for (order, parts) in stems.into_values().enumerate() {
            for (number, part) in parts {
                let entry = archive
                    .by_index(number)
                    .map_err(|e| content(e.to_string()))?;
                let size = entry.compressed_size();
                let mut bounded = Bounded::new(entry, size).with_limit(left);
                let target = self.path().join(format!("layer{order}.{part}"));
                let mut file = File::create(&target).map_err(Error::io("unpack", path))?;
                io::copy(&mut bounded, &mut file)
                    .map_err(|fault| limit::fault_of_read(path, fault))?;
                left = left.saturating_sub(bounded.passed());
                if part == "shp" {
                    files.push(target);
                }
            }
        }
        Ok(files)
    }
}
