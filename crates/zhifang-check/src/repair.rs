//! Repairs on request: one side changes, the side that a person names, and nothing else.
//!
//! A repair takes over the neighbours' line, vertex by vertex, where the two copies differ; no
//! vertex of anybody else moves, and none of the side's own outside the place.

mod ring;

use std::collections::BTreeSet;
use std::sync::Arc;

use geo::{Coord, Geometry, MultiPolygon, Polygon};
use zhifang_core::{Collection, DivisionCode, Record};

use crate::finding::{Finding, Severity};
use crate::ground::{Face, FaceKind, polygons};
use crate::linework::{code, parts};
use crate::register::Register;
use crate::report::{UnknownRule, check};
use crate::rules::coverage::{faces_of, split_of};
use crate::scope::{Options, Scope};

/// Why a finding is not repaired.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RepairError {
    /// No finding has the id.
    #[error("finding `{id}`: not found by a check of today; run `check` for the ids")]
    UnknownFinding {
        /// As given.
        id: String,
    },
    /// Its rule has no repair.
    #[error(
        "finding `{id}`: rule {rule} has no repair, edit the record (repairs: COV-01, COV-02, COV-03, COV-04, COV-07, GEO-04, GEO-05, GEO-06, GEO-07)"
    )]
    NoRepair {
        /// The finding.
        id: String,
        /// Its rule.
        rule: String,
    },
    /// The side is none of those concerned.
    #[error("side `{side}`: wanted one of {sides}")]
    NotASide {
        /// As given.
        side: DivisionCode,
        /// Those concerned.
        sides: String,
    },
    /// The place has more than one way to go.
    #[error(
        "finding `{id}`: the lines of `{side}` meet the place more than once ({why}); edit them"
    )]
    Tangled {
        /// The finding.
        id: String,
        /// The side.
        side: DivisionCode,
        /// What is in the way.
        why: &'static str,
    },
    /// The side's shape follows from registered lines there.
    #[error("side `{side}` derives from line `{line}` there; edit the line")]
    FromLines {
        /// The side.
        side: DivisionCode,
        /// The line.
        line: String,
    },
    /// The repair would make something else wrong.
    #[error("the repair of `{id}` would leave: {message}; edit the records")]
    Worse {
        /// The finding.
        id: String,
        /// What a check would say then.
        message: String,
    },
}

/// A repair, worked out and not stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Repair {
    /// What is repaired.
    pub finding: Finding,
    /// The side as it is.
    pub before: Record,
    /// The side as it would be.
    pub after: Record,
    /// Ground that it wins (positive) or loses, m².
    pub won_m2: f64,
}

/// Works out the repair of a finding at the side of one unit.
///
/// # Errors
/// [`RepairError`].
pub fn repair(
    register: &Register<'_>,
    options: &Options,
    id: &str,
    side: DivisionCode,
) -> Result<Repair, RepairError> {
    let unknown = || RepairError::UnknownFinding { id: id.to_owned() };
    let rule: String = id.splitn(3, '-').take(2).collect::<Vec<_>>().join("-");
    let options = Options {
        only: vec![rule.clone()],
        ..options.clone()
    };
    let report = check(register, &options).map_err(|_| unknown())?;
    let mut all = report.findings.into_iter().chain(report.set_aside);
    let finding = all.find(|finding| finding.id == id).ok_or_else(unknown)?;
    let sides = sides_of(&finding);
    if !sides.contains(&side) {
        let sides: Vec<String> = sides.iter().map(ToString::to_string).collect();
        let sides = sides.join(", ");
        return Err(RepairError::NotASide { side, sides });
    }
    let before = register.unit(side).ok_or_else(unknown)?;
    let shape = polygons(before).ok_or_else(unknown)?.to_vec();
    let tangled = |why| RepairError::Tangled {
        id: id.to_owned(),
        side,
        why,
    };
    let shape = match rule.as_str() {
        "COV-01" | "COV-02" | "COV-03" | "COV-07" => {
            let scope = Scope::new(register, &options);
            let faces = faces_of(&scope, &rule, &sides);
            let at = scope
                .ground()
                .units
                .binary_search_by_key(&side, |unit| unit.code);
            let at = at.map_err(|_| unknown())? as u32;
            from_lines(register, before, &faces, at)?;
            taken_over(shape, &faces, at).map_err(tangled)?
        }
        "COV-04" => {
            let scope = Scope::new(register, &options);
            let (shared, alone) = split_of(&scope, &sides).ok_or_else(unknown)?;
            let is_own = shape.iter().any(|part| part.exterior().0.contains(&alone));
            if !is_own {
                return Err(tangled("the corner of its own is another unit's"));
            }
            ring::mapped(&shape, &|c| if c == alone { shared } else { c })
        }
        "GEO-04" => ring::without_repeats(&shape),
        "GEO-05" | "GEO-06" => {
            let tip = finding.place.map(Coord::from).ok_or_else(unknown)?;
            ring::without(&shape, tip)
        }
        "GEO-07" => {
            let place = finding.place.map(Coord::from).ok_or_else(unknown)?;
            ring::without_hole(shape, place)
                .ok_or_else(|| tangled("the hole lies between parts"))?
        }
        _ => {
            return Err(RepairError::NoRepair {
                id: id.to_owned(),
                rule,
            });
        }
    };
    let mut after = before.clone();
    let was =
        zhifang_topology::area_m2(&MultiPolygon(polygons(before).unwrap_or_default().to_vec()));
    let is = zhifang_topology::area_m2(&MultiPolygon(shape.clone()));
    after.geometry = Some(Arc::new(Geometry::MultiPolygon(MultiPolygon(shape))));
    proven(register, &options, &finding, &after)?;
    Ok(Repair {
        finding,
        before: before.clone(),
        after,
        won_m2: is - was,
    })
}

/// The units among a finding's subjects.
fn sides_of(finding: &Finding) -> BTreeSet<DivisionCode> {
    finding
        .subjects
        .iter()
        .filter(|subject| subject.collection == Collection::Divisions)
        .filter_map(|subject| subject.id.split('@').next()?.parse().ok())
        .collect()
}

/// Refuses where a registered line holds an edge that would change.
fn from_lines(
    register: &Register<'_>,
    side: &Record,
    faces: &[Face],
    at: u32,
) -> Result<(), RepairError> {
    let Some(own) = side
        .division
        .filter(|_| side.fields.text("geometry_state") == Some("lines"))
    else {
        return Ok(());
    };
    let own_corners: Vec<Coord<f64>> = faces
        .iter()
        .flat_map(|face| {
            let ring = face.rings.first().map(Vec::as_slice).unwrap_or_default();
            let edges = ring.windows(2).zip(&face.edge_units);
            edges
                .filter(move |(_, units)| units.contains(&at))
                .flat_map(|(ends, _)| ends.to_vec())
        })
        .collect();
    for line in register.live(Collection::Boundaries) {
        let is_of_side = [code(line, "left"), code(line, "right")].contains(&Some(own));
        let inner = parts(line);
        let mut inner = inner.iter().flat_map(|part| {
            // A node at its end may be kept by the line's other users.
            part.get(1..part.len().saturating_sub(1))
                .unwrap_or_default()
        });
        if is_of_side && inner.any(|corner| own_corners.contains(corner)) {
            return Err(RepairError::FromLines {
                side: own,
                line: line.id.to_string(),
            });
        }
    }
    Ok(())
}

/// The shape with the others' line round each face.
fn taken_over(
    mut shape: Vec<Polygon<f64>>,
    faces: &[Face],
    at: u32,
) -> Result<Vec<Polygon<f64>>, &'static str> {
    for face in faces {
        if face.kind == FaceKind::Vertex {
            let has_it = shape.iter().any(|part| {
                let holes = part.interiors().iter();
                let mut rings = std::iter::once(part.exterior()).chain(holes);
                rings.any(|ring| ring.0.contains(&face.centre))
            });
            shape = if has_it {
                ring::without(&shape, face.centre)
            } else {
                ring::with_vertex(&shape, face.centre)
            };
            continue;
        }
        let outer = face.rings.first().ok_or("it has no outline")?;
        if face.rings.len() > 1 {
            return Err("it encloses other ground");
        }
        let own: Vec<bool> = face
            .edge_units
            .iter()
            .map(|units| units.contains(&at))
            .collect();
        shape = if own.iter().all(|is_own| *is_own) {
            ring::without_part(shape, outer).ok_or("its part is not drawn by itself")?
        } else if !own.contains(&true) {
            ring::with_hole(shape, outer).ok_or("its ground is not of one part")?
        } else {
            ring::replaced(&shape, outer, &own)?
        };
    }
    Ok(shape)
}

/// A check of what would then be: the finding is gone, and the side has no error that it did not
/// have.
fn proven(
    register: &Register<'_>,
    options: &Options,
    finding: &Finding,
    after: &Record,
) -> Result<(), RepairError> {
    let options = Options {
        only: vec!["GEO".to_owned(), "COV".to_owned()],
        ..options.clone()
    };
    let worse = |message: String| RepairError::Worse {
        id: finding.id.clone(),
        message,
    };
    let unknown = |error: UnknownRule| worse(error.to_string());
    let errors = |register: &Register<'_>| -> Result<Vec<Finding>, RepairError> {
        let report = check(register, &options).map_err(unknown)?;
        let all = report.findings.into_iter().chain(report.set_aside);
        Ok(all.collect())
    };
    let records = Collection::ALL
        .into_iter()
        .flat_map(|collection| register.all(collection))
        .map(|record| {
            if record.key() == after.key() {
                after
            } else {
                record
            }
        });
    let then = Register::new(records, options.day);
    let (now, then) = (errors(register)?, errors(&then)?);
    if let Some(still) = then.iter().find(|other| other.id == finding.id) {
        return Err(worse(still.message.en.clone()));
    }
    let key = after.key();
    let new = then.iter().find(|other| {
        other.severity == Severity::Error
            && other.subjects.contains(&key)
            && !now.iter().any(|one| one.id == other.id)
    });
    match new {
        Some(new) => Err(worse(new.message.en.clone())),
        None => Ok(()),
    }
}
