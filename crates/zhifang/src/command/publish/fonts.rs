//! The fonts of the system, or those named with `--font`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use zhifang_publish::Fonts;

/// Folders in which Linux and macOS keep fonts, those of the system first.
const FOLDERS: [&str; 4] = [
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
];

/// Folders of the user's own fonts, below the home folder.
const HOME_FOLDERS: [&str; 3] = [".local/share/fonts", ".fonts", "Library/Fonts"];

/// Families in the order in which they are wanted, by the beginning of their files' names:
/// Chinese first, then Roman letters with tone marks.
const WANTED: [&str; 11] = [
    "notosanscjk",
    "sourcehansans",
    "notosanssc",
    "msyh",
    "pingfang",
    "wqy",
    "simhei",
    "stheiti",
    "droidsansfallback",
    "dejavusans.",
    "dejavusans-bold.",
];

/// The fonts to embed characters of.
pub(super) fn read(named: &[PathBuf]) -> anyhow::Result<Fonts> {
    let mut fonts = Fonts::new();
    for path in named {
        fonts.add(bytes(path)?);
    }
    let mut found = Vec::new();
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let own = home
        .iter()
        .flat_map(|home| HOME_FOLDERS.iter().map(|folder| home.join(folder)));
    for folder in FOLDERS.iter().map(PathBuf::from).chain(own) {
        collect(&folder, &mut found, 0);
    }
    found.sort();
    // A few families are enough, and reading all fonts of a desktop takes seconds.
    for wanted in WANTED {
        let files = found.iter().filter(|path| {
            path.file_name().is_some_and(|name| {
                let name = name.to_string_lossy().to_lowercase();
                name.replace(['-', '_', ' '], "")
                    .starts_with(&wanted.replace('-', ""))
            })
        });
        for path in files {
            fonts.add(bytes(path)?);
        }
    }
    if fonts.chinese_family().is_none() {
        for path in &found {
            fonts.add(bytes(path)?);
            if fonts.chinese_family().is_some() {
                break;
            }
        }
    }
    if fonts.chinese_family().is_none() {
        bail!(
            "no font with Chinese characters was found: wanted one with --font, or a package such \
             as fonts-noto-cjk or fonts-droid-fallback"
        );
    }
    Ok(fonts)
}

fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read the font `{}`", path.display()))
}

/// Font files below a folder; what cannot be read is no font of ours.
fn collect(folder: &Path, found: &mut Vec<PathBuf>, depth: u8) {
    const DEEPEST: u8 = 6;
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() && depth < DEEPEST {
            collect(&path, found, depth + 1);
        } else if path.extension().is_some_and(|extension| {
            ["ttf", "otf", "ttc", "otc"]
                .iter()
                .any(|known| extension.eq_ignore_ascii_case(known))
        }) {
            found.push(path);
        }
    }
}
