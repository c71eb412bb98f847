//! From a declared system to CGCS2000 and back.

use geo_types::{Coord, Geometry};
use zhifang_core::{Crs, Lang, LonLat, OldDatum, Zone, geometry::map_coords, tile};
use zhifang_datum::ellipsoid::{CGCS2000, Ellipsoid, IAG75, KRASSOVSKY};
use zhifang_datum::{Easting, GaussKruger, bd09, gcj02};

use crate::error::Error;
use crate::parameters::{LocalParameters, LocalShift};
use crate::proj_room::Pipeline;
use crate::system::{Grid, cgcs2000_grid, old_system, prefixed_number};
use crate::wkt::crs_of_wkt;

/// Half the circumference of Web Mercator's sphere, metres.
const MERCATOR_HALF_M: f64 = 20_037_508.342_789_244;
/// A plane position further from its zone's central meridian than this does not belong to it.
const ZONE_REACH_M: f64 = 500_000.0;

/// What a user must know about the accuracy of a transformation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Caution {
    /// An old datum without local parameters: PROJ's default is off by metres.
    MetreLevelGuess,
}

impl Caution {
    /// The sentence for a person.
    pub fn message(self, lang: Lang) -> &'static str {
        match self {
            Self::MetreLevelGuess => lang.pick(
                "旧坐标系按 PROJ 默认参数转换，只有米级精度；请提供当地七参数或四参数",
                "the old datum was transformed with PROJ's default, a metre-level guess; give local seven or four parameters",
            ),
        }
    }
}

/// Brings positions from one system to CGCS2000 (EPSG:4490, degrees) and back. Longitude or
/// easting first on both sides, whatever the authority's order of axes is.
#[derive(Debug)]
pub struct Transformer {
    system: String,
    plan: Plan,
    caution: Option<Caution>,
}

#[derive(Debug)]
enum Plan {
    Same,
    Mercator,
    WebMap {
        forward: fn(LonLat) -> LonLat,
        inverse: fn(LonLat) -> LonLat,
    },
    Plane(Strip),
    Local {
        strip: Option<Strip>,
        ellipsoid: Ellipsoid,
        shift: LocalShift,
    },
    Proj {
        pipeline: Pipeline,
        strip: Option<Strip>,
    },
}

/// A zone's projection and how its eastings are written.
#[derive(Debug, Clone, Copy)]
struct Strip {
    zone: Zone,
    /// Without prefix.
    projection: GaussKruger,
    prefix: Prefix,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Prefix {
    Always,
    Never,
    /// Taken with or without, written with.
    Either,
}

impl Strip {
    fn new(ellipsoid: &Ellipsoid, zone: Zone, prefix: Prefix) -> Self {
        Self {
            zone,
            projection: GaussKruger::of_zone(ellipsoid, zone, false),
            prefix,
        }
    }

    fn prefix_m(&self) -> f64 {
        f64::from(self.zone.number) * 1e6
    }

    /// The plane position without prefix, checked to belong to the zone.
    fn bare(&self, place: Coord<f64>) -> Result<Easting, &'static str> {
        let is_prefixed = match self.prefix {
            Prefix::Always => true,
            Prefix::Never => false,
            Prefix::Either => place.x >= 10_000_000.0,
        };
        let easting_m = if is_prefixed {
            place.x - self.prefix_m()
        } else {
            place.x
        };
        if (easting_m - 500_000.0).abs() > ZONE_REACH_M {
            return Err("the easting does not belong to the zone");
        }
        if place.y.abs() > 10_002_000.0 {
            return Err("the northing lies beyond the pole");
        }
        Ok(Easting {
            easting_m,
            northing_m: place.y,
        })
    }

    fn written(&self, place: Easting) -> Coord<f64> {
        let prefix_m = if self.prefix == Prefix::Never {
            0.0
        } else {
            self.prefix_m()
        };
        Coord {
            x: place.easting_m + prefix_m,
            y: place.northing_m,
        }
    }
}

impl Transformer {
    /// A transformer for a system, the old datums by PROJ's default.
    ///
    /// # Errors
    /// [`Error::NeedsProj`] in a program built without PROJ, [`Error::Unknown`] when PROJ does
    /// not know the system.
    pub fn try_new(system: Crs) -> Result<Self, Error> {
        Self::with_parameters(system, &LocalParameters::default())
    }

    /// A transformer for a system, the old datums by the user's parameters where given.
    ///
    /// # Errors
    /// As [`Self::try_new`].
    pub fn with_parameters(system: Crs, parameters: &LocalParameters) -> Result<Self, Error> {
        let name = system.to_string();
        match system {
            Crs::Epsg(4490 | 4326) => Ok(Self::plain(name, Plan::Same)),
            Crs::Epsg(3857) => Ok(Self::plain(name, Plan::Mercator)),
            Crs::Gcj02 => Ok(Self::plain(
                name,
                Plan::WebMap {
                    forward: gcj02::forward,
                    inverse: gcj02::inverse,
                },
            )),
            Crs::Bd09 => Ok(Self::plain(
                name,
                Plan::WebMap {
                    forward: bd09::forward,
                    inverse: bd09::inverse,
                },
            )),
            Crs::Old { datum, zone } => {
                let number = prefixed_number(datum, zone);
                Self::old(
                    name,
                    datum,
                    Some((zone, Prefix::Either)),
                    number,
                    parameters,
                )
            }
            Crs::Epsg(number) => {
                let written = |grid: &Grid| {
                    if grid.is_prefixed {
                        Prefix::Always
                    } else {
                        Prefix::Never
                    }
                };
                if let Some(grid) = cgcs2000_grid(number) {
                    let strip = Strip::new(&CGCS2000, grid.zone, written(&grid));
                    return Ok(Self::plain(name, Plan::Plane(strip)));
                }
                if let Some((datum, grid)) = old_system(number) {
                    let strip = grid.map(|grid| (grid.zone, written(&grid)));
                    return Self::old(name, datum, strip, number, parameters);
                }
                let pipeline = Pipeline::try_new(&name, &name)?;
                Ok(Self::plain(
                    name,
                    Plan::Proj {
                        pipeline,
                        strip: None,
                    },
                ))
            }
        }
    }

    /// A transformer for a WKT definition, as a Shapefile's .prj or a layer carries it.
    ///
    /// # Errors
    /// As [`Self::try_new`].
    pub fn from_wkt(wkt: &str, parameters: &LocalParameters) -> Result<Self, Error> {
        if let Some(system) = crs_of_wkt(wkt) {
            return Self::with_parameters(system, parameters);
        }
        let name = wkt.split('"').nth(1).unwrap_or("unnamed").to_owned();
        let pipeline = Pipeline::try_new(&name, wkt)?;
        Ok(Self::plain(
            name,
            Plan::Proj {
                pipeline,
                strip: None,
            },
        ))
    }

    fn plain(system: String, plan: Plan) -> Self {
        Self {
            system,
            plan,
            caution: None,
        }
    }

    fn old(
        system: String,
        datum: OldDatum,
        grid: Option<(Zone, Prefix)>,
        number: u32,
        parameters: &LocalParameters,
    ) -> Result<Self, Error> {
        let ellipsoid = match datum {
            OldDatum::Xian80 => IAG75,
            OldDatum::Beijing54 => KRASSOVSKY,
        };
        let strip = grid.map(|(zone, prefix)| Strip::new(&ellipsoid, zone, prefix));
        let usable = parameters.shift(datum).filter(|shift| {
            // Four parameters live in the plane of a zone; geographic positions have none.
            strip.is_some() || matches!(shift, LocalShift::Seven(_))
        });
        if let Some(shift) = usable {
            return Ok(Self::plain(
                system,
                Plan::Local {
                    strip,
                    ellipsoid,
                    shift,
                },
            ));
        }
        // The pipeline takes what the registry's number means; eastings that may come either
        // way are brought to the prefixed form first.
        let either = strip.filter(|strip| strip.prefix == Prefix::Either);
        let pipeline = Pipeline::try_new(&system, &format!("EPSG:{number}"))?;
        let plan = Plan::Proj {
            pipeline,
            strip: either,
        };
        Ok(Self {
            system,
            plan,
            caution: Some(Caution::MetreLevelGuess),
        })
    }

    /// Name of the system.
    pub fn system(&self) -> &str {
        &self.system
    }

    /// Whether positions pass unchanged.
    pub fn is_identity(&self) -> bool {
        matches!(self.plan, Plan::Same)
    }

    /// What the user must be told about accuracy.
    pub fn caution(&self) -> Option<Caution> {
        self.caution
    }

    /// Position in CGCS2000 (degrees, longitude first) of one in the system.
    ///
    /// # Errors
    /// [`Error::Position`] when the system cannot hold the position.
    pub fn to_stored(&self, place: Coord<f64>) -> Result<Coord<f64>, Error> {
        self.finite(place)?;
        let fault = |reason: &str| self.position_fault(place, reason);
        let found = match &self.plan {
            Plan::Same => place,
            Plan::Mercator => {
                let share = |metres: f64| metres / (2.0 * MERCATOR_HALF_M);
                tile::unworld(0.5 + share(place.x), 0.5 - share(place.y)).into()
            }
            Plan::WebMap { inverse, .. } => inverse(place.into()).into(),
            Plan::Plane(strip) => strip
                .projection
                .inverse(strip.bare(place).map_err(fault)?)
                .into(),
            Plan::Local {
                strip,
                ellipsoid,
                shift,
            } => match (strip, shift) {
                (None, LocalShift::Seven(shift)) => {
                    shift.forward(place.into(), ellipsoid, &CGCS2000).into()
                }
                (Some(strip), LocalShift::Seven(shift)) => {
                    let local = strip.projection.inverse(strip.bare(place).map_err(fault)?);
                    shift.forward(local, ellipsoid, &CGCS2000).into()
                }
                (Some(strip), LocalShift::Four(shift)) => {
                    let plane = shift.forward(strip.bare(place).map_err(fault)?);
                    GaussKruger::of_zone(&CGCS2000, strip.zone, false)
                        .inverse(plane)
                        .into()
                }
                (None, LocalShift::Four(_)) => {
                    return Err(fault("four parameters need plane coordinates"));
                }
            },
            Plan::Proj { pipeline, strip } => {
                let written = match strip {
                    Some(strip) => strip.written(strip.bare(place).map_err(fault)?),
                    None => place,
                };
                pipeline.to_stored(written)?
            }
        };
        if found.x.is_finite() && found.y.is_finite() {
            Ok(found)
        } else {
            Err(fault("outside the system's area"))
        }
    }

    /// Position in the system of one in CGCS2000 (degrees, longitude first). Eastings of
    /// `xian80:…` and `beijing54:…` are written with their zone prefix.
    ///
    /// # Errors
    /// [`Error::Position`] when the system cannot hold the position.
    pub fn to_declared(&self, place: Coord<f64>) -> Result<Coord<f64>, Error> {
        self.finite(place)?;
        Ok(match &self.plan {
            Plan::Same => place,
            Plan::Mercator => {
                let (x, y) = tile::world(place.into());
                Coord {
                    x: (x - 0.5) * 2.0 * MERCATOR_HALF_M,
                    y: (0.5 - y) * 2.0 * MERCATOR_HALF_M,
                }
            }
            Plan::WebMap { forward, .. } => forward(place.into()).into(),
            Plan::Plane(strip) => strip.written(strip.projection.forward(place.into())),
            Plan::Local {
                strip,
                ellipsoid,
                shift,
            } => match (strip, shift) {
                (None, LocalShift::Seven(shift)) => {
                    shift.inverse(place.into(), ellipsoid, &CGCS2000).into()
                }
                (Some(strip), LocalShift::Seven(shift)) => {
                    let local = shift.inverse(place.into(), ellipsoid, &CGCS2000);
                    strip.written(strip.projection.forward(local))
                }
                (Some(strip), LocalShift::Four(shift)) => {
                    let plane =
                        GaussKruger::of_zone(&CGCS2000, strip.zone, false).forward(place.into());
                    strip.written(shift.inverse(plane))
                }
                (None, LocalShift::Four(_)) => {
                    return Err(
                        self.position_fault(place, "four parameters need plane coordinates")
                    );
                }
            },
            Plan::Proj { pipeline, .. } => pipeline.to_declared(place)?,
        })
    }

    /// The geometry in CGCS2000.
    ///
    /// # Errors
    /// [`Error::Position`] of the first vertex that the system cannot hold.
    pub fn geometry_to_stored(&self, geometry: &Geometry<f64>) -> Result<Geometry<f64>, Error> {
        self.each(geometry, Self::to_stored)
    }

    /// The geometry in the system.
    ///
    /// # Errors
    /// [`Error::Position`] of the first vertex that the system cannot hold.
    pub fn geometry_to_declared(&self, geometry: &Geometry<f64>) -> Result<Geometry<f64>, Error> {
        self.each(geometry, Self::to_declared)
    }

    fn each(
        &self,
        geometry: &Geometry<f64>,
        change: fn(&Self, Coord<f64>) -> Result<Coord<f64>, Error>,
    ) -> Result<Geometry<f64>, Error> {
        let mut first_fault = None;
        let moved = map_coords(geometry, &mut |place| match change(self, place) {
            Ok(found) => found,
            Err(fault) => {
                first_fault.get_or_insert(fault);
                place
            }
        });
        first_fault.map_or(Ok(moved), Err)
    }

    fn finite(&self, place: Coord<f64>) -> Result<(), Error> {
        if place.x.is_finite() && place.y.is_finite() {
            Ok(())
        } else {
            Err(self.position_fault(place, "not a finite number"))
        }
    }

    fn position_fault(&self, place: Coord<f64>, reason: &str) -> Error {
        Error::Position {
            x: place.x,
            y: place.y,
            system: self.system.clone(),
            reason: reason.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
