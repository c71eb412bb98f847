//! What stands in PROJ's place in a program built without it.

use geo_types::Coord;

use crate::error::Error;

/// Never made: there is no PROJ.
#[derive(Debug)]
pub(crate) enum Pipeline {}

impl Pipeline {
    pub(crate) fn try_new(system: &str, _definition: &str) -> Result<Self, Error> {
        Err(Error::NeedsProj {
            system: system.to_owned(),
        })
    }

    pub(crate) fn to_stored(&self, _place: Coord<f64>) -> Result<Coord<f64>, Error> {
        match *self {}
    }

    pub(crate) fn to_declared(&self, _place: Coord<f64>) -> Result<Coord<f64>, Error> {
        match *self {}
    }
}
