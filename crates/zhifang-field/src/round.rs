//! One joint inspection with everything that belongs to it.

use zhifang_core::{Bbox, Collection, DivisionCode, Record, Status};
use zhifang_index::View;

use crate::course::Course;
use crate::error::FieldError;
use crate::observation::CORRIDOR_M;

/// Degrees by which a box is widened to hold the corridor at any latitude of the nation.
const CORRIDOR_DEG: f64 = 0.003;

/// A joint inspection (联合检查) with its line, its markers and what was seen.
#[derive(Debug, Clone)]
pub struct Round<'a> {
    /// The inspection.
    pub inspection: &'a Record,
    /// The line, where the register has it.
    pub line: Option<&'a Record>,
    /// The course with markers and legs, where there is a geometry.
    pub course: Option<Course<'a>>,
    /// The side that leads (牵头方).
    pub lead: Option<DivisionCode>,
    /// The other side (配合方).
    pub other: Option<DivisionCode>,
    /// What was handed in for it, retired records too, ascending by id.
    pub observations: Vec<&'a Record>,
}

/// A code in a field.
pub(crate) fn code_in(record: &Record, field: &str) -> Option<DivisionCode> {
    record.fields.text(field).and_then(|text| text.parse().ok())
}

/// A day in a field.
pub(crate) fn day_in(record: &Record, field: &str) -> Option<zhifang_core::Day> {
    record.fields.text(field).and_then(|text| text.parse().ok())
}

/// The line with its markers in order: those of its own series, and tri-point markers of a
/// neighbouring series that stand on it.
pub(crate) fn course_of<'a>(
    view: View<'a>,
    line_id: &str,
    sides: [Option<DivisionCode>; 2],
    geometry: &'a geo::Geometry<f64>,
) -> Option<Course<'a>> {
    let bare = Course::of(geometry)?;
    let mut near = Bbox::of_geometry(geometry)?;
    near.west -= CORRIDOR_DEG;
    near.east += CORRIDOR_DEG;
    near.south -= CORRIDOR_DEG;
    near.north += CORRIDOR_DEG;
    let is_tri_point = |marker: &Record| {
        let has = |side: Option<DivisionCode>| {
            side.is_some_and(|code| {
                let code = code.to_string();
                marker.fields.texts("sides").any(|other| other == code)
            })
        };
        let on_line = || {
            marker
                .point()
                .is_some_and(|place| bare.nearest(place.into()).1 <= CORRIDOR_M)
        };
        sides.into_iter().all(has) && on_line()
    };
    let own = view
        .records(Collection::Markers)
        .filter(|marker| marker.fields.text("boundary") == Some(line_id));
    let shared = view
        .candidates_in(Collection::Markers, near)
        .filter(|marker| marker.fields.text("boundary") != Some(line_id) && is_tri_point(marker));
    let markers: Vec<&Record> = own
        .chain(shared)
        .filter(|marker| marker.status == Status::Published)
        .collect();
    Some(bare.with_markers(markers))
}

impl<'a> Round<'a> {
    /// The inspection of this id and what belongs to it, as the view shows it; ask the staff's.
    ///
    /// # Errors
    /// [`FieldError::UnknownInspection`].
    pub fn of(view: View<'a>, id: &str) -> Result<Self, FieldError> {
        let inspection = view
            .record(Collection::Inspections, id)
            .ok_or_else(|| FieldError::UnknownInspection { id: id.to_owned() })?;
        let line_id = inspection.fields.text("boundary").unwrap_or_default();
        let line = view.record(Collection::Boundaries, line_id);
        let (lead, other) = (code_in(inspection, "lead"), code_in(inspection, "other"));
        let geometry = line
            .and_then(|line| line.geometry.as_deref())
            .or(inspection.geometry.as_deref());
        Ok(Self {
            inspection,
            line,
            course: geometry.and_then(|geometry| course_of(view, line_id, [lead, other], geometry)),
            lead,
            other,
            observations: view
                .records(Collection::Observations)
                .filter(|one| one.fields.text("inspection") == Some(id))
                .collect(),
        })
    }

    /// The line's id, as the inspection names it.
    pub fn line_id(&self) -> &'a str {
        self.inspection.fields.text("boundary").unwrap_or_default()
    }

    /// Planned, open, closed or filed.
    pub fn state(&self) -> &'a str {
        self.inspection.fields.text("state").unwrap_or("planned")
    }

    /// Whether its result stands already.
    pub fn is_closed(&self) -> bool {
        matches!(self.state(), "closed" | "filed")
    }

    /// The side for which a unit stands: one of the two itself, or a unit below one.
    pub fn side_of(&self, unit: DivisionCode) -> Option<DivisionCode> {
        [self.lead, self.other]
            .into_iter()
            .flatten()
            .find(|side| side.prefix().covers(unit))
    }
}
