//! A record as a file has it: not yet checked, in the file's own coordinates.

use std::collections::hash_map::Entry;

use geo_types::Geometry;
use rustc_hash::FxHashMap;
use serde_json::Value;
use zhifang_core::{Collection, Crs, Field};

use crate::error::Error;

/// What a column of a file means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A field of the collection, common ones included.
    Field(&'static Field),
    /// Written by the register itself; ignored.
    Audit,
    /// Longitude or easting of a point.
    Lon,
    /// Latitude or northing of a point.
    Lat,
    /// WKT or EWKT.
    Geometry,
    /// First list in which a code and name stood, YYYYMM.
    FirstSeen,
    /// Last list in which they stood.
    LastSeen,
    /// The object of all columns that the schema does not know.
    WholeExtra,
    /// Kept under this key of `extra` (the column's own name).
    Extra,
}

/// The columns of a file, each with its meaning, numbered as they turn up.
#[derive(Debug)]
pub(crate) struct Columns {
    collection: Collection,
    map: Vec<(String, String)>,
    /// Whether lon, lat, geometry, first_seen and last_seen columns have their meaning.
    is_table: bool,
    /// Field names cut to what a Shapefile holds, with the fields.
    short: Vec<(String, &'static Field)>,
    numbers: FxHashMap<String, u32>,
    meanings: Vec<(String, Target)>,
    /// The first column that says a thing: whether it is kept under `extra`, and its name.
    said: FxHashMap<(bool, String), String>,
    /// The first two columns that say the same, and what they say.
    clash: Option<(String, String, String)>,
}

impl Columns {
    /// No columns yet; `map` renames columns of the file to fields.
    pub(crate) fn new(collection: Collection, map: &[(String, String)], is_table: bool) -> Self {
        Self {
            collection,
            map: map.to_vec(),
            is_table,
            short: Vec::new(),
            numbers: FxHashMap::default(),
            meanings: Vec::new(),
            said: FxHashMap::default(),
            clash: None,
        }
    }

    /// Makes field names that were cut for a Shapefile known again.
    pub(crate) fn know_short_names(&mut self) {
        self.short = crate::short_name::all(self.collection);
    }

    /// Number of the column with this name.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.meanings.len()).unwrap_or(u32::MAX);
        let target = self.resolve(name);
        let name_kept = match target {
            Target::Extra => {
                let mapped = self.mapped(name).unwrap_or(name);
                mapped.strip_prefix("extra.").unwrap_or(mapped)
            }
            _ => name,
        };
        let name_kept = name_kept.to_owned();
        self.note_clash(name, &name_kept, target);
        self.meanings.push((name_kept, target));
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// Remembers the first two columns of which one would hide the other.
    fn note_clash(&mut self, name: &str, name_kept: &str, target: Target) {
        let says = match target {
            Target::Audit => return,
            Target::Field(field) => field.name,
            Target::Extra => name_kept,
            Target::Lon => "lon",
            Target::Lat => "lat",
            Target::Geometry => "geometry",
            Target::FirstSeen => "first_seen",
            Target::LastSeen => "last_seen",
            Target::WholeExtra => "extra",
        };
        let key = (target == Target::Extra, says.to_owned());
        match self.said.entry(key) {
            Entry::Vacant(free) => {
                free.insert(name.to_owned());
            }
            Entry::Occupied(first) => {
                self.clash
                    .get_or_insert_with(|| (first.get().clone(), name.to_owned(), says.to_owned()));
            }
        }
    }

    /// A heading that stands twice in a table.
    pub(crate) fn note_repeated(&mut self, name: &str) {
        let name = name.to_owned();
        self.clash
            .get_or_insert_with(|| (name.clone(), name.clone(), name));
    }

    /// The first two columns that say the same, and what they say.
    pub(crate) fn clash(&self) -> Option<(&str, &str, &str)> {
        let (first, second, field) = self.clash.as_ref()?;
        Some((first, second, field))
    }

    /// Name and meaning of a column.
    pub(crate) fn column(&self, number: u32) -> (&str, Target) {
        self.meanings
            .get(number as usize)
            .map_or(("", Target::Audit), |(name, target)| {
                (name.as_str(), *target)
            })
    }

    /// Names of the file's columns, as they turned up.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.numbers.keys().map(String::as_str)
    }

    /// Whether any column has this meaning.
    fn has(&self, target: Target) -> bool {
        self.any(|found| found == target)
    }

    /// Whether the meaning of any column is such.
    pub(crate) fn any(&self, is_such: impl Fn(Target) -> bool) -> bool {
        self.meanings.iter().any(|(_, found)| is_such(*found))
    }

    fn mapped<'a>(&'a self, name: &str) -> Option<&'a str> {
        self.map
            .iter()
            .find(|(column, _)| column == name)
            .map(|(_, field)| field.as_str())
    }

    fn resolve(&self, given: &str) -> Target {
        let name = self.mapped(given).unwrap_or(given);
        if let Some(target) = self.exact(name) {
            return target;
        }
        if let Some((_, field)) = self
            .short
            .iter()
            .find(|(short, _)| short.eq_ignore_ascii_case(name))
        {
            return Target::Field(field);
        }
        let tidy = name.trim().trim_start_matches('\u{feff}').to_lowercase();
        let loose = self.exact(&tidy).or_else(|| self.by_title(name.trim()));
        match loose {
            // A second column of the same meaning is kept beside, not merged.
            Some(target) if !self.has(target) => target,
            _ => Target::Extra,
        }
    }

    fn exact(&self, name: &str) -> Option<Target> {
        if self.is_table {
            match name {
                "lon" => return Some(Target::Lon),
                "lat" => return Some(Target::Lat),
                "geometry" | "wkt" => return Some(Target::Geometry),
                _ => {}
            }
        }
        match name {
            "version" | "updated_at" | "updated_by" | "geometry_state" => Some(Target::Audit),
            "first_seen" if self.collection == Collection::Divisions => Some(Target::FirstSeen),
            "last_seen" if self.collection == Collection::Divisions => Some(Target::LastSeen),
            "extra" => Some(Target::WholeExtra),
            _ => self.collection.field(name).map(Target::Field),
        }
    }

    fn by_title(&self, title: &str) -> Option<Target> {
        if self.is_table {
            match title {
                "经度" => return Some(Target::Lon),
                "纬度" => return Some(Target::Lat),
                _ => {}
            }
        }
        self.collection
            .fields()
            .iter()
            .chain(zhifang_core::schema::COMMON)
            .find(|field| field.zh == title)
            .and_then(|field| self.exact(field.name))
    }
}

/// Checks that every `--map column=field` names a field.
///
/// # Errors
/// [`Error::MapField`].
pub(crate) fn check_map(collection: Collection, map: &[(String, String)]) -> Result<(), Error> {
    for (at, (column, field)) in map.iter().enumerate() {
        let same = map
            .iter()
            .take(at)
            .find(|(other, meant)| other == column || meant == field);
        if let Some((first, _)) = same {
            return Err(Error::MapTwice {
                first: first.clone(),
                second: column.clone(),
                field: field.clone(),
            });
        }
        let is_known = collection.field(field).is_some()
            || matches!(
                field.as_str(),
                "lon" | "lat" | "geometry" | "first_seen" | "last_seen"
            )
            || field
                .strip_prefix("extra.")
                .is_some_and(|key| !key.is_empty());
        if !is_known {
            let known: Vec<&str> = collection
                .fields()
                .iter()
                .chain(zhifang_core::schema::COMMON)
                .map(|field| field.name)
                .chain(["lon", "lat", "geometry", "extra.KEY"])
                .collect();
            return Err(Error::MapField {
                column: column.clone(),
                field: field.clone(),
                collection,
                known: known.join(" "),
            });
        }
    }
    Ok(())
}

/// A cell of a present column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// Empty text or null: clears.
    Empty,
    /// Text of a format without types.
    Text(Box<str>),
    /// A typed value.
    Json(Value),
}

/// The geometry of a row, in the file's own coordinates.
#[derive(Debug, Default)]
pub(crate) enum RawGeometry {
    /// None, null or empty: leaves the stored one.
    #[default]
    Absent,
    /// A geometry, with its SRID where each row has its own.
    Given {
        geometry: Geometry<f64>,
        srid: Option<u32>,
        has_open_ring: bool,
    },
    /// Something that is no geometry.
    Fault { field: &'static str, reason: String },
}

/// A record as a file has it.
#[derive(Debug, Default)]
pub(crate) struct RawRecord {
    /// Position in the file, from 1, headings not counted.
    pub(crate) row: u64,
    /// `id` of a GeoJSON Feature.
    pub(crate) feature_id: Option<Value>,
    /// Its geometry.
    pub(crate) geometry: RawGeometry,
    /// Cells of the columns that the row has.
    pub(crate) cells: Vec<(u32, Cell)>,
    /// A fault of the row as a whole.
    pub(crate) fault: Option<String>,
}

/// What a file says about itself, known when it has been read.
#[derive(Debug, Default)]
pub(crate) struct FileFacts {
    /// The file's own reference system.
    pub(crate) crs: FileCrs,
    /// Whether a GBK text was decoded.
    pub(crate) is_gbk: bool,
    /// Layers, the one that was read first, where only one of several was.
    pub(crate) layers: Vec<String>,
}

/// The reference system that a file declares.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) enum FileCrs {
    /// None.
    #[default]
    Absent,
    /// One with a name.
    Named(Crs),
    /// A definition.
    #[cfg(feature = "gdal")]
    Wkt(String),
}

/// Takes rows as they are read.
pub(crate) type Sink<'a> = dyn FnMut(&Columns, RawRecord) -> Result<(), Error> + 'a;
