//! Transformers of one file: its own system, and those that its rows name by SRID.

use std::cell::RefCell;

use geo_types::{Coord, Geometry};
use rustc_hash::FxHashMap;
use zhifang_core::Crs;
use zhifang_crs::{Caution, LocalParameters, Transformer};

/// Why a geometry could not be brought to EPSG:4490.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PlaceFault {
    /// There is no reference system.
    NoSystem,
    /// The system does not exist, or cannot hold the position.
    Bad(String),
}

/// The doors through which a file's coordinates come in.
pub(crate) struct Doors<'a> {
    file: Option<Transformer>,
    by_srid: RefCell<FxHashMap<u32, Result<Transformer, String>>>,
    parameters: &'a LocalParameters,
}

impl<'a> Doors<'a> {
    pub(crate) fn new(file: Option<Transformer>, parameters: &'a LocalParameters) -> Self {
        Self {
            file,
            by_srid: RefCell::default(),
            parameters,
        }
    }

    /// What must be said about accuracy.
    pub(crate) fn caution(&self) -> Option<Caution> {
        let own = self.file.as_ref().and_then(Transformer::caution);
        own.or_else(|| {
            self.by_srid
                .borrow()
                .values()
                .flatten()
                .find_map(Transformer::caution)
        })
    }

    /// Name of the file's own system.
    pub(crate) fn system(&self) -> Option<&str> {
        self.file.as_ref().map(Transformer::system)
    }

    pub(crate) fn geometry(
        &self,
        geometry: Geometry<f64>,
        srid: Option<u32>,
    ) -> Result<Geometry<f64>, PlaceFault> {
        self.with(srid, |door| {
            if door.is_identity() {
                return Ok(geometry);
            }
            door.geometry_to_stored(&geometry)
                .map_err(|fault| fault.to_string())
        })
    }

    pub(crate) fn coord(
        &self,
        place: Coord<f64>,
        srid: Option<u32>,
    ) -> Result<Coord<f64>, PlaceFault> {
        self.with(srid, |door| {
            door.to_stored(place).map_err(|fault| fault.to_string())
        })
    }

    fn with<T>(
        &self,
        srid: Option<u32>,
        change: impl FnOnce(&Transformer) -> Result<T, String>,
    ) -> Result<T, PlaceFault> {
        let Some(number) = srid else {
            let door = self.file.as_ref().ok_or(PlaceFault::NoSystem)?;
            return change(door).map_err(PlaceFault::Bad);
        };
        let mut doors = self.by_srid.borrow_mut();
        let door = doors.entry(number).or_insert_with(|| {
            Transformer::with_parameters(Crs::Epsg(number), self.parameters)
                .map_err(|fault| fault.to_string())
        });
        match door {
            Ok(door) => change(door).map_err(PlaceFault::Bad),
            Err(reason) => Err(PlaceFault::Bad(reason.clone())),
        }
    }
}
