//! A division with its place in the hierarchy and on the ground.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use zhifang_core::{Collection, Day, DivisionCode, Record, Timestamp};

use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::params::Params;
use crate::state::AppState;
use crate::visible::Visible;

/// Both times at which the register can be asked.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TimeQuery {
    /// What was valid on this day, as known now: YYYY-MM-DD or RFC 3339.
    pub as_of: Option<String>,
    /// What the register said at this instant: RFC 3339.
    pub known_at: Option<String>,
}

impl TimeQuery {
    pub(crate) fn as_of(&self) -> ApiResult<Option<Day>> {
        parse_as_of(self.as_of.as_deref())
    }

    pub(crate) fn known_at(&self) -> ApiResult<Option<Timestamp>> {
        parse_known_at(self.known_at.as_deref())
    }
}

/// A day, or the day of an instant in Asia/Shanghai.
pub(crate) fn parse_as_of(text: Option<&str>) -> ApiResult<Option<Day>> {
    let Some(text) = text else { return Ok(None) };
    text.parse::<Day>()
        .or_else(|_| text.parse::<Timestamp>().map(Timestamp::day))
        .map(Some)
        .map_err(|_| {
            ApiError::parameter("as_of", format!("`{text}`: wanted YYYY-MM-DD or RFC 3339"))
        })
}

/// An instant; a bare day means its end in Asia/Shanghai, so that the day's changes are known.
pub(crate) fn parse_known_at(text: Option<&str>) -> ApiResult<Option<Timestamp>> {
    let Some(text) = text else { return Ok(None) };
    // `+` of a zone arrives as a space when the client did not encode it.
    let mended = text.replace(' ', "+");
    mended
        .parse::<Timestamp>()
        .or_else(|_| {
            text.parse::<Day>()
                .and_then(|day| format!("{}T00:00:00+08:00", day.plus_days(1)).parse())
        })
        .map(Some)
        .map_err(|_| ApiError::parameter("known_at", format!("`{text}`: wanted RFC 3339")))
}

/// A unit in a chain or list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UnitRef {
    /// Code.
    pub code: String,
    /// Name as published, or as it was on the day that is asked for.
    pub name: String,
    /// Level.
    pub level: String,
}

impl UnitRef {
    fn on(record: &Record, day: Option<Day>) -> Option<Self> {
        Some(Self {
            code: record.division?.to_string(),
            name: record.name_on(day).to_owned(),
            level: record.level()?.as_str().to_owned(),
        })
    }
}

/// A line of the unit's boundary.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineRef {
    id: String,
    level: Option<String>,
    left: Option<String>,
    right: Option<String>,
}

/// A division and what is round it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DivisionAnswer {
    /// All properties of the record.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    properties: Map<String, Value>,
    /// GeoJSON geometry (EPSG:4490), or null.
    #[schema(value_type = Object)]
    geometry: Value,
    /// Units above, highest first.
    ancestors: Vec<UnitRef>,
    /// Units directly below.
    children: Vec<UnitRef>,
    /// Units of the same level that share a line with it.
    neighbours: Vec<UnitRef>,
    /// Boundary lines that name it on one side.
    lines: Vec<LineRef>,
    /// Other lives of the code.
    lives: Vec<String>,
}

/// One division: the unit, its ancestors, children, neighbours and lines.
#[utoipa::path(get, path = "/v1/divisions/{code}", tag = "register",
    params(("code" = String, Path, description = "2, 4, 6, 9 or 12 digits; `code@date` for an earlier life"), TimeQuery),
    responses((status = 200, description = "the unit", body = DivisionAnswer), (status = 404, description = "no such unit", body = crate::Problem)))]
pub(crate) async fn find_division(
    State(app): State<AppState>,
    caller: Caller,
    Path(code): Path<String>,
    Params(times): Params<TimeQuery>,
) -> ApiResult<Json<DivisionAnswer>> {
    let as_of = times.as_of()?;
    let world = app.world_at(times.known_at()?).await?;
    let visible = Visible::new(&world, &caller);
    let view = visible.widest();
    let missing = || ApiError::not_found(format!("division `{code}`"));
    let record = match code.parse::<DivisionCode>() {
        Ok(number) => match as_of {
            Some(day) => view.division_on(number, day),
            None => view.division(number),
        },
        Err(_) => view.record(Collection::Divisions, &code),
    }
    .filter(|record| !record.is_heading())
    .ok_or_else(missing)?;
    let number = record.division.ok_or_else(missing)?;
    let units = |codes: &mut dyn Iterator<Item = DivisionCode>| -> Vec<UnitRef> {
        codes
            .filter_map(|code| view.unit(code, as_of))
            .filter_map(|unit| UnitRef::on(unit, as_of))
            .collect()
    };
    let lines = view
        .records(Collection::Boundaries)
        .filter(|line| {
            ["left", "right"]
                .iter()
                .any(|side| line.fields.text(side) == Some(number.to_string().as_str()))
        })
        .map(|line| LineRef {
            id: line.id.to_string(),
            level: line.fields.text("level").map(str::to_owned),
            left: line.fields.text("left").map(str::to_owned),
            right: line.fields.text("right").map(str::to_owned),
        })
        .collect();
    Ok(Json(DivisionAnswer {
        properties: described(&record.called_on(as_of)),
        geometry: record
            .geometry
            .as_deref()
            .map_or(Value::Null, zhifang_core::geometry::to_geojson),
        ancestors: view
            .ancestors_on(number, as_of)
            .into_iter()
            .filter_map(|unit| UnitRef::on(unit, as_of))
            .collect(),
        children: units(&mut view.children_on(number, as_of)),
        neighbours: units(&mut world.neighbours(number).into_iter()),
        lines,
        lives: view
            .lives(number)
            .into_iter()
            .filter(|life| life.id != record.id)
            .map(|life| life.id.to_string())
            .collect(),
    }))
}

/// The properties of a division with what is computed for people: spelling and area.
fn described(record: &Record) -> Map<String, Value> {
    let mut properties = record.properties();
    if !properties.contains_key("pinyin") && !record.name.is_empty() {
        properties.insert(
            "pinyin".to_owned(),
            Value::from(zhifang_pinyin::spell(
                &record.name,
                zhifang_pinyin::Spelling::division(),
            )),
        );
    }
    if !properties.contains_key("area_km2")
        && let Some(area) = record.geometry.as_deref().and_then(zhifang_engine::area_m2)
    {
        properties.insert(
            "area_km2".to_owned(),
            Value::from((area / 1000.0).round() / 1000.0),
        );
    }
    properties
}
