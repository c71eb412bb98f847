//! Files that appear only when they are whole: written beside, then put in place. A write that
//! fails, as on a full disk, leaves what stood there before.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A file under way to its place.
#[derive(Debug)]
pub(crate) struct Part {
    beside: PathBuf,
    path: PathBuf,
    is_in_place: bool,
}

impl Part {
    /// Writes the file beside its place, down to the disk.
    pub(crate) fn write(
        path: &Path,
        write: impl FnOnce(&mut File) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let io = || Error::io("write", path);
        if is_special(path) {
            let mut file = File::options().write(true).open(path).map_err(io())?;
            write(&mut file).map_err(|fault| fault.at(path))?;
            return Ok(Self {
                beside: path.to_owned(),
                path: path.to_owned(),
                is_in_place: true,
            });
        }
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(".part");
        let part = Self {
            beside: path.with_file_name(name),
            path: path.to_owned(),
            is_in_place: false,
        };
        let mut file = File::create(&part.beside).map_err(io())?;
        write(&mut file).map_err(|fault| fault.at(path))?;
        file.sync_all().map_err(io())?;
        Ok(part)
    }

    /// Puts it in its place.
    pub(crate) fn place(mut self) -> Result<(), Error> {
        if self.is_in_place {
            return Ok(());
        }
        std::fs::rename(&self.beside, &self.path).map_err(Error::io("write", &self.path))?;
        self.is_in_place = true;
        Ok(())
    }
}

/// Whether something stands there that is no file, as a device or a pipe: it is written to, and
/// must not be replaced.
fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_in_place {
            // It may not be there at all, and there is nobody to tell.
            let _ = std::fs::remove_file(&self.beside);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_device_is_written_to_and_stays_one() {
        let null = Path::new("/dev/null");
        let fill = |file: &mut File| file.write_all(b"new").map_err(Error::io("write", null));
        Part::write(null, fill).unwrap().place().unwrap();
        assert!(!std::fs::metadata(null).unwrap().is_file());
    }

    #[test]
    fn what_fails_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("names.gpkg");
        std::fs::write(&path, "old").unwrap();
        let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
        let fault = Part::write(&path, |file| {
            file.write_all(b"ha").unwrap();
            Err(Error::io("write", Path::new("-"))(full()))
        })
        .unwrap_err();
        assert!(fault.to_string().contains("names.gpkg"), "{fault}");
        let told = |path: &Path| std::fs::read_to_string(path).unwrap();
        assert_eq!(told(&path), "old");
        let fill = |file: &mut File| file.write_all(b"new").map_err(Error::io("write", &path));
        let part = Part::write(&path, fill).unwrap();
        assert_eq!(told(&path), "old");
        drop(part);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        Part::write(&path, fill).unwrap().place().unwrap();
        assert_eq!(told(&path), "new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
