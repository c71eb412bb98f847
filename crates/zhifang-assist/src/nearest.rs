//! The nearest services (最近的服务站点), with what one needs to get there.

use serde::Serialize;
use zhifang_core::{Collection, Day, Lang, LonLat, Record, Timestamp};
use zhifang_index::{NearQuery, View};

use crate::facility::{FacilityKind, door, kind_of, stands};
use crate::hours::open_state;
use crate::links::{Links, links_to, tel_link};
use crate::travel::{Method, Mode, Way, geodesic_m, tenth};
use crate::trips::Trips;

/// Services looked at as the crow flies before ways are compared; doubled while a farther one
/// may still be quicker to get to.
const FIRST_LOOK: usize = 48;
/// Services looked at in the end.
const LAST_LOOK: usize = 768;

/// Speed that no way on a road exceeds, metres a second (120 km/h).
const FASTEST_MPS: f64 = 120.0 / 3.6;

/// Who asks from where for what.
#[derive(Debug, Clone, PartialEq)]
pub struct NearestQuery {
    /// From where.
    pub place: LonLat,
    /// Kind; all services where none is named.
    pub kind: Option<FacilityKind>,
    /// Services at most.
    pub limit: usize,
    /// Only services that are open at this instant.
    pub open_at: Option<Timestamp>,
    /// How one goes there.
    pub mode: Mode,
    /// The time of the question.
    pub now: Timestamp,
    /// Language of the kinds' titles.
    pub lang: Lang,
}

impl NearestQuery {
    /// The five nearest on foot, open or closed.
    pub const fn new(place: LonLat, now: Timestamp) -> Self {
        Self {
            place,
            kind: None,
            limit: 5,
            open_at: None,
            mode: Mode::Walk,
            now,
            lang: Lang::Zh,
        }
    }

    /// The instant for which "open" is told.
    fn instant(&self) -> Timestamp {
        self.open_at.unwrap_or(self.now)
    }

    fn day(&self) -> Day {
        self.instant().day()
    }
}

/// A service as a person needs it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Service {
    /// Id of the record.
    pub id: String,
    /// Name as published.
    pub name: String,
    /// Kind of service or cemetery.
    pub kind: String,
    /// Title of the kind.
    pub kind_name: String,
    /// The division it belongs to.
    pub division: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Telephone as published.
    pub phone: Option<String>,
    /// Link that dials (RFC 3966).
    pub tel: Option<String>,
    /// Hours in OpenStreetMap's `opening_hours` syntax.
    pub hours: Option<String>,
    /// Open at the instant asked for; null where the hours do not tell.
    pub open_now: Option<bool>,
    /// When that changes; null where it does not within two weeks.
    pub next_change: Option<Timestamp>,
    /// Barrier-free (无障碍).
    pub accessible: Option<bool>,
    /// Who runs it.
    pub operator: Option<String>,
    /// Beds.
    pub beds: Option<f64>,
    /// Beds for nursing care.
    pub nursing_beds: Option<f64>,
    /// Units served, where only some are (cemeteries).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub serves: Vec<String>,
    /// Longitude of the entrance, degrees; null for a telephone service.
    pub lon: Option<f64>,
    /// Latitude of the entrance, degrees.
    pub lat: Option<f64>,
    /// Length of the way, metres; null where it cannot be reached.
    pub distance_m: Option<f64>,
    /// Minutes of the way; null where it cannot be reached.
    pub minutes: Option<f64>,
    /// How the distance was found.
    pub method: Option<Method>,
    /// Geodesic distance, metres.
    pub line_m: Option<f64>,
    /// Links into map apps, each in its own datum.
    pub links: Option<Links>,
    /// Source of the record.
    pub source: String,
}

/// The nearest services.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Nearest {
    /// Longitude asked from.
    pub lon: f64,
    /// Latitude asked from.
    pub lat: f64,
    /// Kind asked for.
    pub kind: Option<FacilityKind>,
    /// How one goes there.
    pub mode: Mode,
    /// How distances were found.
    pub method: Method,
    /// The instant for which "open" is told.
    pub open_at: Timestamp,
    /// Telephone services: hotlines, and services of the kind that have no place.
    pub hotlines: Vec<Service>,
    /// The nearest first; what cannot be reached comes last.
    pub services: Vec<Service>,
}

/// The services nearest to a place by travel time, ties by id.
///
/// Where the place itself is over a kilometre from any road, ways are straight lines and say
/// so. Hotlines and services without a place stand in a list of their own; asked for by kind,
/// services without a place also lead the main list.
pub fn nearest(view: &View<'_>, query: &NearestQuery) -> Nearest {
    let day = query.day();
    let is_wanted = |record: &Record| {
        let is_kind = query
            .kind
            .is_none_or(|kind| kind_of(record) == kind.as_str());
        is_kind && stands(record, day) && is_open(record, query)
    };
    let collection = query
        .kind
        .map_or(Collection::Services, FacilityKind::collection);
    let hotlines: Vec<Service> = view
        .records(Collection::Services)
        .filter(|record| stands(record, day))
        .filter(|record| {
            kind_of(record) == "hotline" || (door(record).is_none() && is_wanted(record))
        })
        .map(|record| describe(record, query, None))
        .collect();
    let mut services: Vec<Service> = match query.kind {
        Some(_) => view
            .records(collection)
            .filter(|record| door(record).is_none() && is_wanted(record))
            .map(|record| describe(record, query, None))
            .collect(),
        None => Vec::new(),
    };
    let (method, found) = look_around(view, query, collection, is_wanted);
    services.extend(
        found
            .into_iter()
            .map(|(record, way)| describe(record, query, Some((method, way)))),
    );
    services.truncate(query.limit);
    Nearest {
        lon: query.place.lon,
        lat: query.place.lat,
        kind: query.kind,
        mode: query.mode,
        method,
        open_at: query.instant(),
        hotlines,
        services,
    }
}

fn is_open(record: &Record, query: &NearestQuery) -> bool {
    query.open_at.is_none_or(|at| {
        let hours = record.fields.text("hours");
        hours
            .and_then(|hours| open_state(hours, at))
            .is_some_and(|state| state.open == Some(true))
    })
}

type Found<'a> = Vec<(&'a Record, Option<Way>)>;

fn look_around<'a>(
    view: &View<'a>,
    query: &NearestQuery,
    collection: Collection,
    is_wanted: impl Fn(&Record) -> bool,
) -> (Method, Found<'a>) {
    let mut look = FIRST_LOOK.max(query.limit * 2);
    loop {
        // The record's point may be some way from its entrance, which is what is measured.
        let near = view.nearest(collection, query.place, NearQuery::first(look), |record| {
            door(record).is_some() && is_wanted(record)
        });
        let is_all = near.len() < look;
        let farthest_m = near.last().map_or(0.0, |last| last.distance.0);
        let mut places = vec![query.place];
        places.extend(near.iter().filter_map(|near| door(near.record)));
        let mut trips = Trips::new(view, places, query.mode, query.day());
        if !trips.is_on_the_way(0) {
            trips.leave_the_roads();
        }
        let ways = trips.ways_from(0);
        let mut found: Found<'a> = near
            .iter()
            .zip(ways.into_iter().skip(1))
            .map(|(near, way)| (near.record, way))
            .collect();
        found.sort_by(|a, b| {
            order(query.place, a)
                .total_cmp(&order(query.place, b))
                .then_with(|| a.0.id.cmp(&b.0.id))
        });
        let kth = found
            .get(query.limit.saturating_sub(1))
            .and_then(|(_, way)| *way);
        let fastest = match query.mode {
            Mode::Drive => FASTEST_MPS,
            mode => mode.speed_mps(),
        };
        let is_settled = kth.is_some_and(|way| way.minutes <= farthest_m / fastest / 60.0);
        if is_all || is_settled || look >= LAST_LOOK {
            found.truncate(query.limit);
            return (trips.method(), found);
        }
        look = (look * 4).min(LAST_LOOK);
    }
}

/// Minutes; what cannot be reached comes after all else, the nearer in a straight line first.
fn order(from: LonLat, (record, way): &(&Record, Option<Way>)) -> f64 {
    const UNREACHED: f64 = 1e9;
    way.map_or_else(
        || UNREACHED + door(record).map_or(0.0, |place| geodesic_m(from, place)),
        |way| way.minutes,
    )
}

fn describe(record: &Record, query: &NearestQuery, way: Option<(Method, Option<Way>)>) -> Service {
    let text = |field: &str| record.fields.text(field).map(str::to_owned);
    let state = record
        .fields
        .text("hours")
        .and_then(|hours| open_state(hours, query.instant()));
    let place = door(record);
    let measured = way.and_then(|(_, way)| way);
    let phone = text("phone");
    Service {
        id: record.id.to_string(),
        name: record.name.to_string(),
        kind: kind_of(record).to_owned(),
        kind_name: kind_of(record).parse::<FacilityKind>().map_or_else(
            |_| kind_of(record).to_owned(),
            |kind| kind.title(query.lang).to_owned(),
        ),
        division: record.division.map(|code| code.to_string()),
        address: text("address"),
        tel: phone.as_deref().and_then(tel_link),
        phone,
        hours: text("hours"),
        open_now: state.and_then(|state| state.open),
        next_change: state.and_then(|state| state.next_change),
        accessible: record.fields.flag("accessible"),
        operator: text("operator"),
        beds: record.fields.number("beds"),
        nursing_beds: record.fields.number("nursing_beds"),
        serves: record.fields.texts("serves").map(str::to_owned).collect(),
        lon: place.map(|place| place.lon),
        lat: place.map(|place| place.lat),
        distance_m: measured.map(|way| tenth(way.metres)),
        minutes: measured.map(|way| tenth(way.minutes)),
        method: way.map(|(method, _)| method),
        line_m: place.map(|place| tenth(geodesic_m(query.place, place))),
        links: place.map(|place| links_to(place, &record.name, query.mode)),
        source: record.source.to_string(),
    }
}

#[cfg(test)]
mod tests;
