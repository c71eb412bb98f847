//! What a row says about its record: checked values by field, nothing where a column is absent.

use geo_types::Coord;
use serde_json::Value;
use zhifang_core::{Day, DivisionCode, Field, FieldKind, Status};

use crate::import::place::{Doors, PlaceFault};
use crate::raw::{Cell, Columns, RawRecord, Target};
use crate::value;

/// Why a row is not taken.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RowFault {
    pub(crate) code: &'static str,
    pub(crate) field: Option<String>,
    pub(crate) reason: String,
}

/// What a row says about a value that can be cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Said<T> {
    /// The column is absent.
    #[default]
    Nothing,
    /// The cell is empty.
    Cleared,
    /// The value.
    Value(T),
}

impl<T: Copy> Said<T> {
    fn of(value: Option<T>) -> Self {
        value.map_or(Self::Cleared, Self::Value)
    }

    /// Lays it over a stored value.
    pub(crate) fn lay_over(self, stored: &mut Option<T>) {
        match self {
            Self::Nothing => {}
            Self::Cleared => *stored = None,
            Self::Value(value) => *stored = Some(value),
        }
    }
}

/// A row's values; what is not there is an absent column.
#[derive(Debug, Default)]
pub(crate) struct Patch {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) division: Said<DivisionCode>,
    pub(crate) status: Option<Status>,
    pub(crate) valid_from: Said<Day>,
    pub(crate) valid_to: Said<Day>,
    pub(crate) source: Option<String>,
    /// `code` of a division, with the number of digits that the file has.
    pub(crate) code: Option<(DivisionCode, usize)>,
    /// Values by field; null clears.
    pub(crate) fields: Vec<(&'static Field, Value)>,
    /// Columns that the schema does not know; an empty cell clears.
    pub(crate) extra: Vec<(String, Cell)>,
    pub(crate) first_seen: Option<String>,
    pub(crate) last_seen: Option<String>,
    /// The first thing that is wrong with the row.
    pub(crate) fault: Option<RowFault>,
}

impl Patch {
    /// The value of a field, if the row has one that is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(field, _)| field.name == name)?
            .1
            .as_str()
    }
}

/// Reads the cells of a row.
pub(crate) fn of_row(columns: &Columns, row: &mut RawRecord, doors: &Doors<'_>) -> Patch {
    let mut patch = Patch::default();
    if let Some(reason) = row.fault.take() {
        patch.fault = Some(RowFault {
            code: "bad_row",
            field: None,
            reason,
        });
    }
    let place = |coord: Coord<f64>, srid: Option<u32>| {
        doors.coord(coord, srid).map_err(|fault| match fault {
            PlaceFault::NoSystem => "coordinates need --source-crs or SRID=".to_owned(),
            PlaceFault::Bad(reason) => reason,
        })
    };
    for (number, cell) in std::mem::take(&mut row.cells) {
        let (name, target) = columns.column(number);
        let outcome = match target {
            _ if has_nul(&cell) || (cell != Cell::Empty && name.contains('\0')) => {
                Err("holds the character U+0000, which no text may".to_owned())
            }
            Target::Audit | Target::Lon | Target::Lat | Target::Geometry => Ok(()),
            Target::Extra => {
                patch.extra.push((name.to_owned(), cell));
                Ok(())
            }
            Target::WholeExtra => whole_extra(&mut patch, cell),
            Target::FirstSeen => text_of(&cell).map(|text| patch.first_seen = Some(text)),
            Target::LastSeen => text_of(&cell).map(|text| patch.last_seen = Some(text)),
            Target::Field(field) => take(&mut patch, field, &cell, &place),
        };
        if let (Err(reason), None) = (outcome, &patch.fault) {
            let field = match target {
                Target::Field(field) => field.name.to_owned(),
                _ => name.to_owned(),
            };
            patch.fault = Some(RowFault {
                code: "bad_value",
                field: Some(field),
                reason,
            });
        }
    }
    if let (Some(Value::String(id)), None) = (&row.feature_id, &patch.fault)
        && id.contains('\0')
    {
        patch.fault = Some(RowFault {
            code: "bad_value",
            field: Some("id".to_owned()),
            reason: "holds the character U+0000, which no text may".to_owned(),
        });
    }
    patch
}

/// Whether a text of the cell, however deep, holds the character U+0000: no store could keep it.
fn has_nul(cell: &Cell) -> bool {
    fn within(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains('\0'),
            Value::Array(list) => list.iter().any(within),
            Value::Object(members) => members
                .iter()
                .any(|(name, value)| name.contains('\0') || within(value)),
            _ => false,
        }
    }
    match cell {
        Cell::Empty => false,
        Cell::Text(text) => text.contains('\0'),
        Cell::Json(value) => within(value),
    }
}

fn text_of(cell: &Cell) -> Result<String, String> {
    value::parse(FieldKind::Text, cell, &|place, _| Ok(place))
        .map(|value| value.as_str().unwrap_or_default().to_owned())
}

fn take(
    patch: &mut Patch,
    field: &'static Field,
    cell: &Cell,
    place: &value::Place<'_>,
) -> Result<(), String> {
    let is_empty = *cell == Cell::Empty;
    match field.name {
        "id" => patch.id = Some(text_of(cell)?.trim().to_owned()).filter(|id| !id.is_empty()),
        "name" => patch.name = Some(text_of(cell)?),
        "source" => patch.source = Some(text_of(cell)?),
        "status" if is_empty => {}
        "status" => {
            let text = text_of(cell)?;
            patch.status = Some(
                text.trim()
                    .parse::<Status>()
                    .map_err(|fault| fault.to_string())?,
            );
        }
        "valid_from" => patch.valid_from = Said::of(day_of(cell)?),
        "valid_to" => patch.valid_to = Said::of(day_of(cell)?),
        "division" => patch.division = Said::of(code_of(cell)?.map(|(code, _)| code)),
        "code" => patch.code = code_of(cell)?,
        _ => patch
            .fields
            .push((field, value::parse(field.kind, cell, place)?)),
    }
    Ok(())
}

fn day_of(cell: &Cell) -> Result<Option<Day>, String> {
    let text = text_of(cell)?;
    if text.trim().is_empty() {
        Ok(None)
    } else {
        value::day(&text).map(Some)
    }
}

/// A division code, with the number of digits as written. The earlier life of a code
/// (`420682@2002-12-01`) belongs to its bare code.
fn code_of(cell: &Cell) -> Result<Option<(DivisionCode, usize)>, String> {
    let text = text_of(cell)?;
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let bare = text.split('@').next().unwrap_or(text);
    bare.parse::<DivisionCode>()
        .map(|code| Some((code, bare.len())))
        .map_err(|_| format!("`{text}`: wanted a division code of 2, 4, 6, 9 or 12 digits"))
}

fn whole_extra(patch: &mut Patch, cell: Cell) -> Result<(), String> {
    let members = match cell {
        Cell::Empty => return Ok(()),
        Cell::Json(Value::Object(members)) => members,
        Cell::Text(text) => match serde_json::from_str::<Value>(&text) {
            Ok(Value::Object(members)) => members,
            _ => return Err("wanted a JSON object".to_owned()),
        },
        Cell::Json(_) => return Err("wanted an object".to_owned()),
    };
    for (key, value) in members {
        let cell = match value {
            Value::Null => Cell::Empty,
            Value::String(text) if text.is_empty() => Cell::Empty,
            value => Cell::Json(value),
        };
        patch.extra.push((key, cell));
    }
    Ok(())
}
