//! What the register has, as far as an import must know.

use geo_types::Geometry;
use rustc_hash::FxHashMap;
use zhifang_core::{Collection, DivisionCode, Record};

/// The records of one collection, as the caller has them.
pub trait Lookup {
    /// The record with this identifier.
    fn by_id(&self, id: &str) -> Option<&Record>;

    /// The record whose natural key (`number`, `uuid`, `no` …) is this.
    fn by_natural_key(&self, key: &str) -> Option<&Record>;

    /// Records of this name that are not retired.
    fn by_name(&self, name: &str) -> Vec<&Record>;

    /// Every record of the collection.
    fn each(&self, visit: &mut dyn FnMut(&Record));

    /// The township of this name in a county, if only one has it and is not retired.
    fn township_named(&self, county: DivisionCode, name: &str) -> Option<DivisionCode> {
        let _ = (county, name);
        None
    }

    /// The shipped county line of a unit, by code or, without one, by a name that only one
    /// county has; for coordinates that the register has nothing to compare with.
    fn county_line(&self, code: Option<DivisionCode>, name: &str) -> Option<&Geometry<f64>> {
        let _ = (code, name);
        None
    }
}

/// Shipped county lines, by code and name.
#[derive(Debug, Default)]
pub struct CountyLines {
    by_code: FxHashMap<DivisionCode, Geometry<f64>>,
    by_name: FxHashMap<Box<str>, Option<DivisionCode>>,
}

impl CountyLines {
    /// Lines of these counties. Names that several counties share are not used.
    pub fn new(counties: impl IntoIterator<Item = (DivisionCode, String, Geometry<f64>)>) -> Self {
        let mut lines = Self::default();
        for (code, name, geometry) in counties {
            lines.by_code.insert(code, geometry);
            lines
                .by_name
                .entry(name.into())
                .and_modify(|found| *found = None)
                .or_insert(Some(code));
        }
        lines
    }

    /// The line of a county by code, else by a name that only one has.
    pub fn find(&self, code: Option<DivisionCode>, name: &str) -> Option<&Geometry<f64>> {
        let code = code.or_else(|| self.by_name.get(name).copied().flatten())?;
        self.by_code.get(&code)
    }
}

/// A [`Lookup`] over records held in memory.
#[derive(Debug)]
pub struct Records {
    collection: Collection,
    all: Vec<Record>,
    by_id: FxHashMap<Box<str>, u32>,
    by_key: FxHashMap<Box<str>, u32>,
    by_name: FxHashMap<Box<str>, Vec<u32>>,
    townships: FxHashMap<DivisionCode, Vec<u32>>,
    counties: Option<std::sync::Arc<CountyLines>>,
}

impl Records {
    /// The records of this collection out of any records; others are passed over.
    pub fn new(collection: Collection, records: impl IntoIterator<Item = Record>) -> Self {
        let mut found = Self {
            collection,
            all: Vec::new(),
            by_id: FxHashMap::default(),
            by_key: FxHashMap::default(),
            by_name: FxHashMap::default(),
            townships: FxHashMap::default(),
            counties: None,
        };
        for record in records {
            found.insert(record);
        }
        found
    }

    /// With shipped county lines to compare with where the register has nothing.
    #[must_use]
    pub fn with_county_lines(mut self, counties: std::sync::Arc<CountyLines>) -> Self {
        self.counties = Some(counties);
        self
    }

    /// Adds a record, or puts it in the place of the one with its identifier.
    pub fn insert(&mut self, record: Record) {
        if record.collection != self.collection {
            return;
        }
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        if let Some(slot) = self
            .by_id
            .get(&record.id)
            .and_then(|at| self.all.get_mut(*at as usize))
        {
            *slot = record;
            return;
        }
        self.by_id.insert(record.id.clone(), place);
        let key = self.collection.natural_key();
        if key != "id"
            && key != "code"
            && let Some(text) = record.fields.text(key)
        {
            self.by_key.insert(text.into(), place);
        }
        // Units below the county share names by the thousand and are never matched by name.
        let is_matched = record.division.is_none_or(|code| code.digits() == 6)
            || self.collection != Collection::Divisions;
        if is_matched {
            self.by_name
                .entry(record.name.clone())
                .or_default()
                .push(place);
        }
        if let Some(code) = record.division.filter(|code| code.digits() == 9) {
            self.townships.entry(code.county()).or_default().push(place);
        }
        self.all.push(record);
    }

    fn at(&self, place: u32) -> Option<&Record> {
        self.all.get(place as usize)
    }
}

impl Lookup for Records {
    fn by_id(&self, id: &str) -> Option<&Record> {
        self.by_id.get(id).and_then(|at| self.at(*at))
    }

    fn by_natural_key(&self, key: &str) -> Option<&Record> {
        match self.collection.natural_key() {
            "id" | "code" => self.by_id(key),
            _ => self.by_key.get(key).and_then(|at| self.at(*at)),
        }
    }

    fn by_name(&self, name: &str) -> Vec<&Record> {
        self.by_name
            .get(name)
            .into_iter()
            .flatten()
            .filter_map(|at| self.at(*at))
            .filter(|record| &*record.name == name)
            .filter(|record| record.status != zhifang_core::Status::Retired)
            .collect()
    }

    fn each(&self, visit: &mut dyn FnMut(&Record)) {
        self.all.iter().for_each(visit);
    }

    fn township_named(&self, county: DivisionCode, name: &str) -> Option<DivisionCode> {
        let mut named = self
            .townships
            .get(&county)
            .into_iter()
            .flatten()
            .filter_map(|at| self.at(*at))
            .filter(|record| &*record.name == name)
            .filter(|record| record.status != zhifang_core::Status::Retired);
        let only = named.next()?.division;
        only.filter(|_| named.next().is_none())
    }

    fn county_line(&self, code: Option<DivisionCode>, name: &str) -> Option<&Geometry<f64>> {
        self.counties.as_ref()?.find(code, name)
    }
}
