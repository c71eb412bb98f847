//! PROJ, the one native dependency of this crate.

use geo_types::Coord;
use proj::Proj;

use crate::error::Error;

/// How PROJ words that it cannot make anything of a definition.
const NOT_KNOWN: &str = "code 4096";

/// A pair of PROJ pipelines, to CGCS2000 and back.
pub(crate) struct Pipeline {
    system: String,
    forward: Proj,
    backward: Proj,
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pipeline")
            .field("system", &self.system)
            .finish_non_exhaustive()
    }
}

impl Pipeline {
    /// Pipelines for a definition that PROJ understands: `EPSG:n` or WKT. PROJ's calls
    /// normalise to longitude or easting first.
    pub(crate) fn try_new(system: &str, definition: &str) -> Result<Self, Error> {
        let make = |from: &str, to: &str| {
            if definition.contains('\0') {
                return Err(Error::Unknown {
                    system: system.to_owned(),
                    reason: "the definition holds a NUL character".to_owned(),
                });
            }
            Proj::new_known_crs(from, to, None).map_err(|fault| Error::Unknown {
                system: system.to_owned(),
                // PROJ's number for a definition that it cannot read or look up.
                reason: if fault.to_string().contains(NOT_KNOWN) {
                    "is not in the EPSG register; look its number up, or name gcj02, bd09, \
                     xian80:ZONE or beijing54:ZONE"
                        .to_owned()
                } else {
                    fault.to_string()
                },
            })
        };
        Ok(Self {
            system: system.to_owned(),
            forward: make(definition, "EPSG:4490")?,
            backward: make("EPSG:4490", definition)?,
        })
    }

    pub(crate) fn to_stored(&self, place: Coord<f64>) -> Result<Coord<f64>, Error> {
        self.run(&self.forward, place)
    }

    pub(crate) fn to_declared(&self, place: Coord<f64>) -> Result<Coord<f64>, Error> {
        self.run(&self.backward, place)
    }

    fn run(&self, pipeline: &Proj, place: Coord<f64>) -> Result<Coord<f64>, Error> {
        let fault = |reason: String| Error::Position {
            x: place.x,
            y: place.y,
            system: self.system.clone(),
            reason,
        };
        let (x, y) = pipeline
            .convert((place.x, place.y))
            .map_err(|problem| fault(problem.to_string()))?;
        if x.is_finite() && y.is_finite() {
            Ok(Coord { x, y })
        } else {
            Err(fault("outside the system's area".to_owned()))
        }
    }
}
