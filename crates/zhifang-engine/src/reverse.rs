//! What is here: units, nearest names, nearest line and marker of a position (逆地理编码).

use serde::Serialize;
use zhifang_core::{Collection, Day, DivisionCode, DivisionLevel, Lang, LonLat, Meters, Record};
use zhifang_index::{NearQuery, View};
use zhifang_topology::Compass;

use crate::world::World;

/// Metres within which names are given unless asked otherwise.
pub const DEFAULT_RADIUS_M: f64 = 2_000.0;
/// Names given at most.
const NAMES: usize = 5;
/// A line or marker farther away than this is no longer "the nearest of here", metres.
const FAR_M: f64 = 50_000.0;

/// What to look for round the position.
#[derive(Debug, Clone, Copy)]
pub struct ReverseQuery {
    /// Where, EPSG:4490.
    pub place: LonLat,
    /// Names within so many metres.
    pub radius: Meters,
    /// Records in force on this day; today's published ones where `None`.
    pub day: Option<Day>,
    /// Language of the direction words.
    pub lang: Lang,
}

/// A unit that covers the position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitHere {
    /// Code.
    pub code: DivisionCode,
    /// Name as published.
    pub name: String,
    /// Level.
    pub level: DivisionLevel,
}

/// A standard name near the position.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NameHere {
    /// Identifier.
    pub id: String,
    /// The name.
    pub name: String,
    /// Metres to it.
    pub distance_m: f64,
    /// Where the position lies, seen from the name: one of 16 words; none on the spot itself.
    pub direction: Option<&'static str>,
}

/// The nearest boundary line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LineHere {
    /// Line code: the codes of both sides, the smaller first, where no line is registered.
    pub id: String,
    /// Metres to it.
    pub distance_m: f64,
    /// Its two sides, the one of the position first.
    pub between: Vec<DivisionCode>,
}

/// The nearest boundary marker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MarkerHere {
    /// Identifier.
    pub id: String,
    /// Metres to it.
    pub distance_m: f64,
}

/// What is here.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Here {
    /// All units that cover the position, highest first; on a line every neighbour.
    pub divisions: Vec<UnitHere>,
    /// Nearest standard names, nearest first.
    pub names: Vec<NameHere>,
    /// Nearest boundary line.
    pub boundary: Option<LineHere>,
    /// Nearest marker.
    pub marker: Option<MarkerHere>,
}

/// Units that cover the position, as they stand in answers.
pub fn units_here(view: View<'_>, place: LonLat, day: Option<Day>) -> Vec<UnitHere> {
    view.covering(place, day)
        .into_iter()
        .map(|unit| UnitHere {
            code: unit.code,
            name: unit.record.name_on(day).to_owned(),
            level: unit.level,
        })
        .collect()
}

/// Answers a reverse look-up from one view of the world. Outside every unit all is empty.
pub fn reverse(world: &World, view: View<'_>, query: &ReverseQuery) -> Here {
    let divisions = units_here(view, query.place, query.day);
    if divisions.is_empty() {
        return Here::default();
    }
    let near = NearQuery::first(NAMES).within(query.radius).on(query.day);
    let names = view
        .nearest(Collection::Names, query.place, near, |_| true)
        .into_iter()
        .map(|near| NameHere {
            id: near.record.id.to_string(),
            name: near.record.name_on(query.day).to_owned(),
            distance_m: decimetres(near.distance),
            direction: (near.distance.0 > 0.05)
                .then(|| Compass::from_degrees((near.bearing_deg + 180.0) % 360.0))
                .map(|word| query.lang.pick(word.zh(), word.en())),
        })
        .collect();
    let far = NearQuery::first(1).within(Meters(FAR_M)).on(query.day);
    let marker = view
        .nearest(Collection::Markers, query.place, far, |_| true)
        .first()
        .map(|near| MarkerHere {
            id: near.record.id.to_string(),
            distance_m: decimetres(near.distance),
        });
    let boundary = nearest_line(world, view, query, &divisions);
    Here {
        divisions,
        names,
        boundary,
        marker,
    }
}

/// The registered line or, where none is nearer, the edge of the nearest neighbour's polygon.
fn nearest_line(
    world: &World,
    view: View<'_>,
    query: &ReverseQuery,
    divisions: &[UnitHere],
) -> Option<LineHere> {
    let is_between_units = |line: &Record| line.fields.text("level") != Some("country");
    let near = NearQuery::first(1).within(Meters(FAR_M)).on(query.day);
    let registered = view
        .nearest(Collection::Boundaries, query.place, near, is_between_units)
        .first()
        .map(|near| LineHere {
            id: near.record.id.to_string(),
            distance_m: decimetres(near.distance),
            between: sides(near.record, divisions),
        });
    let of_neighbour = divisions.last().and_then(|own| {
        let neighbours = world.neighbours(own.code);
        let found = view.nearest(Collection::Divisions, query.place, near, |record| {
            record
                .division
                .is_some_and(|code| neighbours.binary_search(&code).is_ok())
                && !record.id.contains('@')
        });
        let nearest = found.first()?;
        let other = nearest.record.division?;
        let (a, b) = if own.code < other {
            (own.code, other)
        } else {
            (other, own.code)
        };
        Some(LineHere {
            id: format!("{a}{b}"),
            distance_m: decimetres(nearest.distance),
            between: vec![own.code, other],
        })
    });
    match (registered, of_neighbour) {
        // A registered line is the same line as the polygon's edge: it wins unless clearly farther.
        (Some(line), Some(edge)) if edge.distance_m + 1.0 < line.distance_m => Some(edge),
        (Some(line), _) => Some(line),
        (None, edge) => edge,
    }
}

/// Both sides of a line, the side of the position first.
fn sides(line: &Record, divisions: &[UnitHere]) -> Vec<DivisionCode> {
    let side = |name: &str| {
        line.fields
            .text(name)
            .and_then(|code| code.parse::<DivisionCode>().ok())
    };
    let mut codes: Vec<DivisionCode> = [side("left"), side("right")]
        .into_iter()
        .flatten()
        .collect();
    codes.sort_by_key(|code| !divisions.iter().any(|unit| unit.code == *code));
    codes
}

/// A distance as it is worth telling: to the decimetre.
fn decimetres(distance: Meters) -> f64 {
    (distance.0 * 10.0).round() / 10.0
}
