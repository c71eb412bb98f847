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
use crate::life::{find, rule_of};
use crate::linework::{code, parts};
use crate::register::Register;
use crate::report::{UnknownRule, check};
use crate::rules::coverage::{faces_of, split_of};
use crate::scope::{Options, Scope, code_of};

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
    /// The other sides, which stay as they are: the repair holds as long as they do.
    pub others: Vec<Record>,
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
    let rule = rule_of(id);
    let finding = find(register, options, id).ok_or_else(unknown)?;
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
            let scope = Scope::new(register, options);
            let faces = faces_of(&scope, &rule, &sides);
            let at = scope
                .ground()
                .units
                .binary_search_by_key(&side, |unit| unit.code);
            let at = at.map_err(|_| unknown())? as u32;
            taken_over(shape, &faces, at).map_err(tangled)?
        }
        "COV-04" => {
            let scope = Scope::new(register, options);
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
    from_lines(register, side, before, &shape)?;
    after.geometry = Some(Arc::new(Geometry::MultiPolygon(MultiPolygon(shape))));
    proven(register, options, &finding, &after)?;
    let others = sides.iter().filter(|other| **other != side);
    Ok(Repair {
        finding,
        before: before.clone(),
        after,
        others: others
            .filter_map(|other| register.unit(*other).cloned())
            .collect(),
        won_m2: is - was,
    })
}

/// The units among a finding's subjects.
fn sides_of(finding: &Finding) -> BTreeSet<DivisionCode> {
    finding.subjects.iter().filter_map(code_of).collect()
}

/// Edges without their direction, as bits: the same edge is the same key in every ring.
fn edges<'c>(rings: impl Iterator<Item = &'c [Coord<f64>]>) -> BTreeSet<[[u64; 2]; 2]> {
    let bits = |c: &Coord<f64>| [c.x.to_bits(), c.y.to_bits()];
    rings
        .flat_map(|ring| ring.windows(2))
        .map(|ends| {
            let mut edge = [bits(&ends[0]), bits(&ends[1])];
            edge.sort_unstable();
            edge
        })
        .collect()
}

fn rings(shape: &[Polygon<f64>]) -> impl Iterator<Item = &[Coord<f64>]> {
    shape.iter().flat_map(|part| {
        let holes = part.interiors().iter().map(|ring| ring.0.as_slice());
        std::iter::once(part.exterior().0.as_slice()).chain(holes)
    })
}

/// Refuses where an edge would change that derives from a registered line.
fn from_lines(
    register: &Register<'_>,
    side: DivisionCode,
    before: &Record,
    after: &[Polygon<f64>],
) -> Result<(), RepairError> {
    if before.fields.text("geometry_state") != Some("lines") {
        return Ok(());
    }
    let kept = edges(rings(after));
    let was = edges(rings(polygons(before).unwrap_or_default()));
    for line in register.live(Collection::Boundaries) {
        let is_of_side = [code(line, "left"), code(line, "right")].contains(&Some(side));
        if is_of_side {
            let of_line = edges(parts(line).into_iter());
            if of_line.intersection(&was).any(|edge| !kept.contains(edge)) {
                return Err(RepairError::FromLines {
                    side,
                    line: line.id.to_string(),
                });
            }
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
