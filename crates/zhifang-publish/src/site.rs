//! A read-only site (静态站点): a folder that any web server can host.
//!
//! The page is the one of the service; tiles are PMTiles files that it reads by ranges, cards and
//! search are small JSON files. The same register gives the same bytes.

mod cards;
mod search;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zhifang_core::{Bbox, Collection, DivisionCode, Record, Status};
use zhifang_index::View;
use zhifang_tiles::{Export, Tiles, Tileset};

use crate::error::Error;
use crate::mapsheet::escape;

/// What kind of site is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRequest {
    /// Last zoom of the tiles; closer views are drawn from it.
    pub max_zoom: u8,
    /// Where the folder will be found, for other programs that read its styles; the page itself
    /// works anywhere.
    pub base_url: Option<String>,
    /// Approval number (审图号), shown on the map and kept in the manifest.
    pub approval_number: Option<String>,
}

/// What was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SiteWritten {
    /// Number of files, the manifest included.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Collections that have cards of their own.
const WITH_CARDS: [Collection; 7] = [
    Collection::Names,
    Collection::Signs,
    Collection::Boundaries,
    Collection::Markers,
    Collection::Services,
    Collection::Cemeteries,
    Collection::Projects,
];

/// The page's policy, as far as a file can state it: nothing from outside, nothing inline.
fn policy() -> String {
    zhifang_web::CONTENT_SECURITY_POLICY.replace("; frame-ancestors 'none'", "")
}

/// Hands out the files and keeps what the manifest says of them.
struct Folder<'a> {
    sink: &'a mut dyn FnMut(&str, &[u8]) -> io::Result<()>,
    listed: Vec<Value>,
    written: SiteWritten,
}

impl Folder<'_> {
    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let digest = Sha256::digest(bytes);
        let hash = digest.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        self.listed
            .push(json!({ "path": path, "bytes": bytes.len(), "sha256": hash }));
        self.written.files += 1;
        self.written.bytes += bytes.len() as u64;
        (self.sink)(path, bytes).map_err(|source| Error::Write {
            path: path.to_owned(),
            source,
        })
    }

    fn put_json(&mut self, path: &str, value: &Value) -> Result<(), Error> {
        self.put(path, value.to_string().as_bytes())
    }
}

/// Writes the site of a unit and everything below it; `sink` takes each file's path and bytes.
///
/// `tiles` must be of the same snapshot and audience as `view`, and `neighbours` tell which units
/// of its level share a line with one. The last file is `manifest.json`: the register's `seq` and
/// the SHA-256 of every other file.
///
/// # Errors
/// [`Error::NoUnit`]; [`Error::NoPage`] where the program was built without its page;
/// [`Error::Tiles`] and [`Error::Write`].
pub fn site(
    view: View<'_>,
    tiles: &Tiles<'_>,
    neighbours: &dyn Fn(DivisionCode) -> Vec<DivisionCode>,
    code: DivisionCode,
    request: &SiteRequest,
    sink: &mut dyn FnMut(&str, &[u8]) -> io::Result<()>,
) -> Result<SiteWritten, Error> {
    let place = view.unit(code, None).ok_or(Error::NoUnit { code })?;
    let mut folder = Folder {
        sink,
        listed: Vec::new(),
        written: SiteWritten::default(),
    };
    let bounds = place.bbox().unwrap_or_else(|| bounds_of(view, code));
    let extent = extent_of(bounds);

    page(&mut folder, request, place)?;
    for tileset in [Tileset::Base, Tileset::Boundary, Tileset::Assistance] {
        let mut bytes = Vec::new();
        let export = Export {
            bbox: Some(extent),
            ..Export::of(tileset, 0..=request.max_zoom)
        };
        tiles.export_pmtiles(&export, &|_, _| (), &mut bytes)?;
        folder.put(&format!("tiles/{tileset}.pmtiles"), &bytes)?;
    }
    styles(&mut folder, request)?;

    let mut shards = serde_json::Map::new();
    for collection in WITH_CARDS {
        let records = view
            .within(collection, code.prefix())
            .filter(|record| record.status == Status::Published);
        let count = cards::records(&mut folder, collection, records.collect())?;
        shards.insert(collection.as_str().to_owned(), Value::from(count));
    }
    let units = units(view, code, neighbours);
    cards::divisions(&mut folder, view, &units, neighbours)?;
    search::index(&mut folder, view, &units, code)?;
    let about = json!({
        "seq": view.snapshot().seq(),
        "within": code.to_string(),
        "name": &*place.name,
        "bounds": [bounds.west, bounds.south, bounds.east, bounds.north],
        "extent": [extent.west, extent.south, extent.east, extent.north],
        "shards": shards,
    });
    folder.put_json("data/site.json", &about)?;

    let mut listed = std::mem::take(&mut folder.listed);
    listed.sort_by(|a, b| a["path"].as_str().cmp(&b["path"].as_str()));
    let manifest = json!({
        "format": "zhifang-site 1",
        "seq": view.snapshot().seq(),
        "within": code.to_string(),
        "name": &*place.name,
        "base_url": request.base_url,
        "approval_number": request.approval_number,
        "files": listed,
    });
    let mut text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
    text.push(b'\n');
    folder.put("manifest.json", &text)?;
    Ok(folder.written)
}

/// How far the map reaches beyond the unit on each side, as a part of its breadth and height: room
/// for the panels that lie over it.
const AROUND: f64 = 0.75;

/// The box that has tiles and that the map does not leave.
fn extent_of(bounds: Bbox) -> Bbox {
    const LEAST_DEG: f64 = 0.05;
    let dx = (bounds.east - bounds.west).max(LEAST_DEG) * AROUND;
    let dy = (bounds.north - bounds.south).max(LEAST_DEG) * AROUND;
    Bbox {
        west: (bounds.west - dx).max(-180.0),
        south: (bounds.south - dy).max(-zhifang_core::tile::MAX_LATITUDE),
        east: (bounds.east + dx).min(180.0),
        north: (bounds.north + dy).min(zhifang_core::tile::MAX_LATITUDE),
    }
}

/// The box round everything below a unit without an area.
fn bounds_of(view: View<'_>, code: DivisionCode) -> Bbox {
    let nation = Bbox {
        west: 73.4,
        south: 3.2,
        east: 135.2,
        north: 53.7,
    };
    view.within(Collection::Divisions, code.prefix())
        .filter(|record| record.status == Status::Published)
        .filter_map(|record| {
            let seat = record.position("seat").map(|at| Bbox {
                west: at.lon,
                south: at.lat,
                east: at.lon,
                north: at.lat,
            });
            record.bbox().or(seat)
        })
        .reduce(|a, b| a.union(&b))
        .unwrap_or(nation)
}

/// The unit, what is below, above and beside it: everything that a card may link to.
fn units<'a>(
    view: View<'a>,
    code: DivisionCode,
    neighbours: &dyn Fn(DivisionCode) -> Vec<DivisionCode>,
) -> Vec<&'a Record> {
    let mut codes: BTreeSet<DivisionCode> = view
        .within(Collection::Divisions, code.prefix())
        .filter(|record| record.status == Status::Published && !record.id.contains('@'))
        .filter_map(|record| record.division)
        .collect();
    let inside: Vec<DivisionCode> = codes.iter().copied().collect();
    for code in inside {
        codes.extend(neighbours(code));
    }
    let near: Vec<DivisionCode> = codes.iter().copied().collect();
    for code in near {
        codes.extend(
            view.ancestors(code)
                .iter()
                .filter_map(|above| above.division),
        );
    }
    codes
        .into_iter()
        .filter_map(|code| view.unit(code, None))
        .collect()
}

/// The page and its assets.
fn page(folder: &mut Folder<'_>, request: &SiteRequest, place: &Record) -> Result<(), Error> {
    let missing = |file: &str| Error::NoPage {
        file: file.to_owned(),
    };
    let index = zhifang_web::index(".").ok_or_else(|| missing("index.html"))?;
    let text = String::from_utf8_lossy(&index.bytes);
    let base = "<base href=\"./\">";
    let (head, tail) = text
        .split_once(base)
        .ok_or_else(|| missing("index.html with a head"))?;
    let marks = format!(
        "{base}<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\
         <meta name=\"zhifang-folder\" content=\"{}\">\
         <meta name=\"zhifang-approval\" content=\"{}\">",
        escape(&policy()),
        escape(base_of(request)),
        escape(request.approval_number.as_deref().unwrap_or_default()),
    );
    let tail = tail.replacen("<title>", &format!("<title>{} · ", escape(&place.name)), 1);
    folder.put("index.html", format!("{head}{marks}{tail}").as_bytes())?;
    for path in zhifang_web::paths() {
        let asset = zhifang_web::assets(&path).ok_or_else(|| missing(&path))?;
        folder.put(&path, &asset.bytes)?;
    }
    Ok(())
}

fn base_of(request: &SiteRequest) -> &str {
    request
        .base_url
        .as_deref()
        .unwrap_or_default()
        .trim_end_matches('/')
}

/// The styles with the folder's tiles in place of the service's.
fn styles(folder: &mut Folder<'_>, request: &SiteRequest) -> Result<(), Error> {
    let base = base_of(request);
    for id in zhifang_web::STYLES {
        for (lang, suffix) in [(None, ""), (Some("en"), ".en")] {
            let missing = || Error::NoPage {
                file: format!("styles/{id}.json"),
            };
            let text = zhifang_web::style(id, base, lang).ok_or_else(missing)?;
            let mut style: Value = serde_json::from_str(&text).map_err(|_| missing())?;
            let relative = |url: &str| -> String {
                if base.is_empty() {
                    url.trim_start_matches('/').to_owned()
                } else {
                    url.to_owned()
                }
            };
            if let Some(sources) = style.get_mut("sources").and_then(Value::as_object_mut) {
                for source in sources.values_mut() {
                    if let Some(Value::String(url)) = source.get_mut("url") {
                        *url = format!("pmtiles://{}", relative(url).replace(".json", ".pmtiles"));
                    }
                }
            }
            if let Some(Value::String(url)) = style.get_mut("sprite") {
                *url = relative(url);
            }
            let faces = style.get_mut("font-faces").and_then(Value::as_object_mut);
            for face in faces.into_iter().flat_map(serde_json::Map::values_mut) {
                for file in face.as_array_mut().into_iter().flatten() {
                    if let Some(Value::String(url)) = file.get_mut("url") {
                        *url = relative(url);
                    }
                }
            }
            folder.put(
                &format!("styles/{id}{suffix}.json"),
                style.to_string().as_bytes(),
            )?;
        }
    }
    Ok(())
}
