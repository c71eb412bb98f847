//! What can be reached from a place in some minutes (可达范围).
//!
//! Over roads the area is a strip along every stretch that is reached in time, as wide as the
//! time left allows on foot, and no wider than a block. So every junction inside is reached in
//! time and every one outside is not; nothing depends on a sample or a grid.

use geo::{
    BooleanOps, Contains, Coord, Destination, Geodesic, GeodesicArea, LineString, MapCoords,
    MultiPolygon, Point, Polygon, unary_union,
};
use serde::Serialize;
use serde_json::Value;
use zhifang_core::geometry::to_geojson;
use zhifang_core::{Bbox, Collection, Day, LonLat};
use zhifang_index::View;

use crate::demand::{Demand, demand_near};
use crate::error::AssistError;
use crate::facility::door;
use crate::network::{Network, Plane, foot};
use crate::travel::{Limit, Method, Mode, SLACK, Total, tenth};
use crate::trips::Trips;

/// Half the width of the strip along a road, metres, where the time allows.
const STRIP_M: f64 = 60.0;
/// Half its width at the end of the time, metres: what the drawing adds at most.
const LEAST_M: f64 = 1.0;
/// Corners of a circle that ends a strip.
const CORNERS: u32 = 12;
/// Corners of a circle where there are no roads.
const CIRCLE: u32 = 96;
/// Pieces into which the roads are cut at most.
const PIECES: f64 = 3_000.0;
/// Longest reach, minutes.
const MOST_MINUTES: f64 = 120.0;
/// Speed that no way on a road exceeds, metres a second (120 km/h).
const FASTEST_MPS: f64 = 120.0 / 3.6;

/// From where.
#[derive(Debug, Clone, PartialEq)]
pub enum ReachOrigin {
    /// A place.
    Place(LonLat),
    /// A service, cemetery, name or division with a place.
    Id(String),
}

/// From where, how long, how.
#[derive(Debug, Clone, PartialEq)]
pub struct ReachQuery {
    /// From where.
    pub origin: ReachOrigin,
    /// How long; the exact minute counts.
    pub minutes: f64,
    /// How people go.
    pub mode: Mode,
    /// Roads and settlements of this day.
    pub day: Day,
}

/// A settlement in reach.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reached {
    /// Id of the name, or code of the village.
    pub id: String,
    /// Name as published.
    pub name: String,
    /// People.
    pub population: f64,
    /// Minutes of the way.
    pub minutes: f64,
}

/// What is told of the area.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReachProperties {
    /// The record asked for.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Longitude of the start, degrees.
    pub lon: f64,
    /// Latitude of the start, degrees.
    pub lat: f64,
    /// How long.
    pub minutes: f64,
    /// How people go.
    pub mode: Mode,
    /// How distances were found.
    pub method: Method,
    /// The day.
    pub as_of: Day,
    /// Geodesic area, m².
    pub area_m2: f64,
    /// People of the settlements in reach.
    pub population: f64,
    /// People of 60 and over, of those settlements that have the number.
    pub population_60: f64,
    /// The settlements, nearest first, ties by id.
    pub settlements: Vec<Reached>,
}

/// The area as a GeoJSON Feature (RFC 7946 §3.2), multipolygon with holes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reach {
    /// `Feature`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The area, EPSG:4490.
    pub geometry: Value,
    /// What is told of it.
    pub properties: ReachProperties,
}

/// What can be reached from a place in the time, and who lives there.
///
/// # Errors
/// [`AssistError::Range`] for minutes out of range; [`AssistError::Origin`] for an id without a
/// place.
pub fn reach(view: &View<'_>, query: &ReachQuery) -> Result<Reach, AssistError> {
    if !(query.minutes > 0.0 && query.minutes <= MOST_MINUTES) {
        return Err(AssistError::Range {
            name: "minutes",
            found: query.minutes.to_string(),
            wanted: "over 0, at most 120",
        });
    }
    let (start, id, name) = find_start(view, &query.origin)?;
    let fastest = if query.mode == Mode::Drive {
        FASTEST_MPS
    } else {
        query.mode.speed_mps()
    };
    let bbox = box_of(start, fastest * query.minutes * 60.0);
    let demand = demand_near(view, bbox, query.day);
    let mut places = vec![start];
    places.extend(demand.iter().map(Demand::place));
    let mut trips = Trips::over(view, bbox, places, query.mode, query.day);
    if !trips.is_on_the_way(0) {
        trips.leave_the_roads();
    }
    let area = if let Some(network) = trips.network() {
        strips(network, start, query.minutes * 60.0)
    } else {
        let metres = query.mode.speed_mps() * query.minutes * 60.0 / trips.method().factor();
        MultiPolygon(vec![circle(start, metres)])
    };
    let limit = Limit::Minutes(query.minutes);
    let mut reached: Vec<(&Demand, f64)> = demand
        .iter()
        .zip(trips.ways_from(0).into_iter().skip(1))
        .filter_map(|(one, way)| {
            way.filter(|way| limit.holds(*way))
                .map(|way| (one, way.minutes))
        })
        .collect();
    reached.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.id.cmp(&b.0.id)));
    let properties = ReachProperties {
        id,
        name,
        lon: start.lon,
        lat: start.lat,
        minutes: query.minutes,
        mode: query.mode,
        method: trips.method(),
        as_of: query.day,
        area_m2: area.geodesic_area_unsigned().round(),
        population: reached.iter().map(|(one, _)| one.population).total(),
        population_60: reached
            .iter()
            .filter_map(|(one, _)| one.population_60)
            .total(),
        settlements: reached
            .iter()
            .map(|(one, minutes)| Reached {
                id: one.id.clone(),
                name: one.name.clone(),
                population: one.population,
                minutes: tenth(*minutes),
            })
            .collect(),
    };
    let geometry = to_geojson(&geo::Geometry::MultiPolygon(area));
    Ok(Reach {
        kind: "Feature",
        geometry,
        properties,
    })
}

type Start = (LonLat, Option<String>, Option<String>);

fn find_start(view: &View<'_>, origin: &ReachOrigin) -> Result<Start, AssistError> {
    let id = match origin {
        ReachOrigin::Place(place) => return Ok((*place, None, None)),
        ReachOrigin::Id(id) => id,
    };
    [
        Collection::Services,
        Collection::Cemeteries,
        Collection::Names,
        Collection::Divisions,
    ]
    .into_iter()
    .find_map(|collection| {
        let record = view.record(collection, id)?;
        Some((
            door(record)?,
            Some(record.id.to_string()),
            Some(record.name.to_string()),
        ))
    })
    .ok_or_else(|| AssistError::Origin { id: id.clone() })
}

/// The box that a circle of these metres fits into, with a little room.
fn box_of(middle: LonLat, metres: f64) -> Bbox {
    let plane = Plane::at(middle);
    let room = metres * 1.02 + 1_000.0;
    let (low, high) = (plane.round([-room, -room]), plane.round([room, room]));
    Bbox {
        west: low.lon,
        south: low.lat,
        east: high.lon,
        north: high.lat,
    }
}

/// Seven decimals are a centimetre: finer ones are noise of the drawing.
fn settle(coord: Coord<f64>) -> Coord<f64> {
    Coord {
        x: (coord.x * 1e7).round() / 1e7,
        y: (coord.y * 1e7).round() / 1e7,
    }
}

fn circle(middle: LonLat, metres: f64) -> Polygon<f64> {
    let corner = |step: u32| {
        let bearing = 360.0 - f64::from(step) * 360.0 / f64::from(CIRCLE);
        settle(Geodesic.destination(Point::from(middle), bearing, metres).0)
    };
    Polygon::new(LineString((0..CIRCLE).map(corner).collect()), Vec::new())
}

/// A piece of road that is reached, with the seconds left at its farther end.
#[derive(Clone, Copy)]
struct Piece {
    from: [f64; 2],
    to: [f64; 2],
    width: f64,
}

fn strips(network: &Network, start: LonLat, seconds: f64) -> MultiPolygon<f64> {
    let costs = network.costs(&[0], false);
    let limit = seconds + SLACK;
    let plane = network.plane;
    let pace = network.mode.off_road_mps();
    let width = |spent: f64| ((seconds - spent) * pace).clamp(LEAST_M, STRIP_M);
    let mut stretches: Vec<([f64; 2], [f64; 2], f64, f64)> = Vec::new();
    for (node, cost) in costs
        .iter()
        .enumerate()
        .filter(|(_, cost)| cost.seconds <= limit)
    {
        for edge in network.edges_from(node as u32) {
            let share = if edge.seconds > 0.0 {
                ((seconds - cost.seconds) / edge.seconds).clamp(0.0, 1.0)
            } else {
                1.0
            };
            let a = plane.flat(network.nodes[node]);
            let b = plane.flat(network.nodes[edge.to as usize]);
            let end = [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
            stretches.push((a, end, cost.seconds, cost.seconds + edge.seconds * share));
        }
    }
    let total: f64 = stretches
        .iter()
        .map(|(a, b, ..)| (b[0] - a[0]).hypot(b[1] - a[1]))
        .sum();
    let step = (total / PIECES).max(STRIP_M);
    let mut pieces = Vec::new();
    for (a, b, begun, ended) in stretches {
        let count = ((b[0] - a[0]).hypot(b[1] - a[1]) / step).ceil().max(1.0);
        let at = |share: f64| [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
        let mut done = 0.0;
        while done < count {
            let (from, to) = (done / count, (done + 1.0) / count);
            let spent = begun + (ended - begun) * to;
            pieces.push(Piece {
                from: at(from),
                to: at(to),
                width: width(spent),
            });
            done += 1.0;
        }
    }
    pieces.extend(round_the_start(network, start, seconds));
    let shapes: Vec<Polygon<f64>> = pieces.iter().map(capsule).collect();
    let drawn = unary_union(&shapes);
    let drawn = cut_out(network, &costs_over(&costs, limit), &pieces, drawn);
    drawn.map_coords(|coord| settle(plane.round([coord.x, coord.y]).into()))
}

fn costs_over(costs: &[crate::network::Cost], limit: f64) -> Vec<usize> {
    (0..costs.len())
        .filter(|node| costs[*node].seconds > limit)
        .collect()
}

/// The ground round the start: as wide as the walk to the road, which is taken to be possible,
/// or a block, and as far as the time allows.
fn round_the_start(network: &Network, start: LonLat, seconds: f64) -> Option<Piece> {
    let hook = network.hooks.first().copied().flatten()?;
    let middle = network.plane.flat(start);
    let width = (seconds * network.mode.off_road_mps()).min(hook.off_m.max(STRIP_M));
    Some(Piece {
        from: middle,
        to: middle,
        width: width.max(LEAST_M),
    })
}

/// A strip with round ends: the hull of two circles.
fn capsule(piece: &Piece) -> Polygon<f64> {
    let [dx, dy] = [piece.to[0] - piece.from[0], piece.to[1] - piece.from[1]];
    let ahead = dy.atan2(dx);
    let half = CORNERS / 2;
    let corner = |middle: [f64; 2], first: f64, step: u32| {
        let angle = first + std::f64::consts::PI * f64::from(step) / f64::from(half);
        Coord {
            x: middle[0] + piece.width * angle.cos(),
            y: middle[1] + piece.width * angle.sin(),
        }
    };
    let quarter = std::f64::consts::FRAC_PI_2;
    let front = (0..=half).map(|step| corner(piece.to, ahead - quarter, step));
    let back = (0..=half).map(|step| corner(piece.from, ahead + quarter, step));
    Polygon::new(LineString(front.chain(back).collect()), Vec::new())
}

/// Takes junctions that are not reached in time out of the area: a road beside, across a wall
/// or water. Their hole ends half-way to the nearest road that is reached.
fn cut_out(
    network: &Network,
    late: &[usize],
    pieces: &[Piece],
    drawn: MultiPolygon<f64>,
) -> MultiPolygon<f64> {
    let holes: Vec<Polygon<f64>> = late
        .iter()
        .filter_map(|node| {
            let place = network.plane.flat(network.nodes[*node]);
            let near = pieces.iter().filter(|piece| {
                let reach = piece.width + 1.0;
                place[0] >= piece.from[0].min(piece.to[0]) - reach
                    && place[0] <= piece.from[0].max(piece.to[0]) + reach
                    && place[1] >= piece.from[1].min(piece.to[1]) - reach
                    && place[1] <= piece.from[1].max(piece.to[1]) + reach
            });
            let least = near
                .map(|piece| foot(piece.from, piece.to, place).1)
                .min_by(f64::total_cmp)?;
            let is_inside = drawn.contains(&Point::new(place[0], place[1]));
            (is_inside && least > 0.0).then(|| {
                capsule(&Piece {
                    from: place,
                    to: place,
                    width: (least / 2.0).min(STRIP_M / 2.0),
                })
            })
        })
        .collect();
    if holes.is_empty() {
        return drawn;
    }
    drawn.difference(&unary_union(&holes))
}

#[cfg(test)]
mod tests;
