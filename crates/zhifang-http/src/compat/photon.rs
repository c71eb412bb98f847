//! Photon's interface: search as you type, and reverse. Parameters and answers as komoot/photon
//! documents them; `type` and the layers follow the levels (see [`Kind`](super::kind::Kind)).

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::http::header::VARY;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use zhifang_core::{Bbox, DivisionLevel, Lang, LonLat, Meters};
use zhifang_geocode::SearchQuery;

use super::asked::{Asked, lang_of_headers, lang_of_tag, shown};
use super::find::{Wanted, by_position, by_words};
use super::flaw::{Flaw, in_own_form};
use super::kind::Kind;
use super::place::Place;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::limits::{QUERY_CHARS, SEARCH_RESULTS};
use crate::state::AppState;
use crate::visible::Visible;

/// Results of a search unless asked otherwise, as Photon has it.
const RESULTS: usize = 15;
/// Kilometres of a reverse look-up unless asked otherwise, as Photon has it.
const RADIUS_KM: f64 = 1.0;
/// Kilometres of a reverse look-up at most.
const MOST_RADIUS_KM: f64 = 100.0;
/// The layers, which are the values of `type`.
const LAYERS: [&str; 9] = [
    "house", "street", "locality", "district", "city", "county", "state", "country", "other",
];
/// Filters by tag read of one request.
const MOST_FILTERS: usize = 20;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    use axum::routing::get;
    OpenApiRouter::new()
        .routes(routes!(photon_search))
        .routes(routes!(photon_reverse))
        .route("/api/", get(photon_search))
        .route("/reverse/", get(photon_reverse))
        .layer(axum::middleware::map_response(|response: Response| async {
            in_own_form(response, refuse)
        }))
}

fn refuse(flaw: &Flaw) -> Response {
    flaw.answer(&json!({"message": flaw.message}))
}

/// Search as you type, as Photon answers it: a FeatureCollection of points.
#[utoipa::path(get, path = "/api", tag = "compatible", params(
        ("q" = String, Query, description = "words, complete or not; 200 characters"),
        ("limit" = Option<i64>, Query, description = "results at most (15, up to 50)"),
        ("lang" = Option<String>, Query, description = "default, zh or en; else Accept-Language"),
        ("lon" = Option<f64>, Query, description = "prefer what is near: longitude"),
        ("lat" = Option<f64>, Query, description = "prefer what is near: latitude"),
        ("zoom" = Option<i64>, Query, description = "read and not used: the search weighs nearness itself"),
        ("location_bias_scale" = Option<f64>, Query, description = "0 to 1; 1 gives nearness no weight"),
        ("bbox" = Option<String>, Query, description = "only what lies in west,south,east,north"),
        ("layer" = Option<String>, Query, description = "only these types; may be repeated"),
        ("osm_tag" = Option<String>, Query, description = "key, key:value, :value, !key, key:!value …; may be repeated"),
        ("countrycode" = Option<String>, Query, description = "only in this country: CN")),
    responses((status = 200, description = "FeatureCollection", body = Object),
        (status = 400, description = "`{\"message\": …}`", body = Object)))]
pub(crate) async fn photon_search(
    State(app): State<AppState>,
    caller: Result<Caller, ApiError>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let asked = Asked::new(query.as_deref(), b"");
    finish(
        caller
            .map_err(Flaw::from)
            .and_then(|caller| search(&app, &caller, &asked, &headers)),
    )
}

/// What is at a position, nearest first, as Photon answers it.
#[utoipa::path(get, path = "/reverse", tag = "compatible", params(
        ("lon" = f64, Query, description = "longitude"),
        ("lat" = f64, Query, description = "latitude"),
        ("radius" = Option<f64>, Query, description = "names within so many kilometres (1, up to 100)"),
        ("limit" = Option<i64>, Query, description = "results at most (1, up to 50)"),
        ("lang" = Option<String>, Query, description = "default, zh or en; else Accept-Language"),
        ("layer" = Option<String>, Query, description = "only these types; may be repeated"),
        ("osm_tag" = Option<String>, Query, description = "as in /api; may be repeated")),
    responses((status = 200, description = "FeatureCollection; empty outside", body = Object),
        (status = 400, description = "`{\"message\": …}`", body = Object)))]
pub(crate) async fn photon_reverse(
    State(app): State<AppState>,
    caller: Result<Caller, ApiError>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let asked = Asked::new(query.as_deref(), b"");
    finish(
        caller
            .map_err(Flaw::from)
            .and_then(|caller| reverse(&app, &caller, &asked, &headers)),
    )
}

fn finish(answer: Result<Value, Flaw>) -> Response {
    match answer {
        Ok(value) => ([(VARY, "accept-language")], Json(value)).into_response(),
        Err(flaw) => refuse(&flaw),
    }
}

fn search(
    app: &AppState,
    caller: &Caller,
    asked: &Asked,
    headers: &HeaderMap,
) -> Result<Value, Flaw> {
    let q = asked
        .text("q")
        .ok_or_else(|| Flaw::bad("missing search term 'q': /api?q=老河口"))?;
    if q.chars().count() > QUERY_CHARS {
        return Err(Flaw::bad(format!(
            "search term 'q' is over {QUERY_CHARS} characters"
        )));
    }
    let lang = language(asked, headers)?;
    let limit = asked.limit(RESULTS, SEARCH_RESULTS)?;
    let scale = asked.number("location_bias_scale")?.unwrap_or(0.0);
    asked.integer("zoom")?;
    let near = bias(asked)?.filter(|_| scale < 1.0);
    let bbox = asked.text("bbox").map(bounding_box).transpose()?;
    let filter = Filter::new(asked)?;
    let world = app.world()?;
    if asked
        .text("countrycode")
        .is_some_and(|code| !code.split(',').any(|code| code.eq_ignore_ascii_case("cn")))
    {
        return Ok(collection(&[]));
    }
    let visible = Visible::new(&world, caller);
    let query = SearchQuery {
        near,
        bbox,
        level: filter.only_level(),
        ..SearchQuery::new(q)
    };
    let wanted = Wanted {
        limit,
        lang,
        is_picky: !filter.is_empty(),
        keeps: &|place| filter.keeps(place),
    };
    Ok(collection(&by_words(
        &world, &visible, query, true, &wanted,
    )))
}

fn reverse(
    app: &AppState,
    caller: &Caller,
    asked: &Asked,
    headers: &HeaderMap,
) -> Result<Value, Flaw> {
    let lang = language(asked, headers)?;
    let place = bias(asked)?.ok_or_else(|| {
        Flaw::bad("missing search term 'lat' and/or 'lon': /reverse?lat=32.4&lon=111.7")
    })?;
    let radius = asked.number("radius")?.unwrap_or(RADIUS_KM);
    if radius <= 0.0 {
        return Err(Flaw::bad(
            "invalid search term 'radius', expected a strictly positive number.",
        ));
    }
    let limit = asked.limit(1, SEARCH_RESULTS)?;
    let filter = Filter::new(asked)?;
    let world = app.world()?;
    let visible = Visible::new(&world, caller);
    let wanted = Wanted {
        limit,
        lang,
        is_picky: !filter.is_empty(),
        keeps: &|place| filter.keeps(place),
    };
    let radius = Meters(radius.min(MOST_RADIUS_KM) * 1_000.0);
    Ok(collection(&by_position(&visible, place, radius, &wanted)))
}

/// The language asked for; one that is neither Chinese nor English is refused, as Photon does.
fn language(asked: &Asked, headers: &HeaderMap) -> Result<Lang, Flaw> {
    match asked.text("lang") {
        None => Ok(lang_of_headers(headers)),
        Some("default") => Ok(Lang::Zh),
        Some(tag) => lang_of_tag(tag)
            .ok_or_else(|| Flaw::bad("Language is not supported. Supported are: default, zh, en")),
    }
}

/// The position in `lon` and `lat`; one without the other is refused.
fn bias(asked: &Asked) -> Result<Option<LonLat>, Flaw> {
    match (asked.number("lon")?, asked.number("lat")?) {
        (None, None) => Ok(None),
        (Some(lon), Some(lat)) => LonLat::try_new(lon, lat)
            .map(Some)
            .map_err(|error| Flaw::bad(error.to_string())),
        (None, Some(_)) => Err(Flaw::bad("Missing parameter 'lon'.")),
        (Some(_), None) => Err(Flaw::bad("Missing parameter 'lat'.")),
    }
}

fn bounding_box(text: &str) -> Result<Bbox, Flaw> {
    let fault = || {
        Flaw::bad(format!(
            "Invalid bbox '{}': expected minLon,minLat,maxLon,maxLat",
            shown(text)
        ))
    };
    let numbers: Vec<f64> = text
        .split(',')
        .take(5)
        .map(|part| part.trim().parse::<f64>())
        .collect::<Result<_, _>>()
        .map_err(|_| fault())?;
    match numbers[..] {
        [west, south, east, north] => Bbox::try_new(west, south, east, north).map_err(|_| fault()),
        _ => Err(fault()),
    }
}

/// Which types and tags are wanted.
#[derive(Debug, Default)]
struct Filter {
    layers: Vec<String>,
    tags: Vec<TagFilter>,
}

impl Filter {
    fn new(asked: &Asked) -> Result<Self, Flaw> {
        let words = asked.all("layer").flat_map(|list| list.split(','));
        let layers: Vec<String> = words
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        if layers.iter().any(|layer| !LAYERS.contains(&layer.as_str())) {
            return Err(Flaw::bad(format!(
                "Unknown layer type. Available layers: {}",
                LAYERS.join(", ")
            )));
        }
        let tags = asked.all("osm_tag").take(MOST_FILTERS);
        let tags = tags
            .map(|text| {
                TagFilter::parse(text).ok_or_else(|| {
                    Flaw::bad(format!(
                        "Invalid parameter 'osm_tag={}': bad syntax for tag filter.",
                        shown(text)
                    ))
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { layers, tags })
    }

    fn is_empty(&self) -> bool {
        self.layers.is_empty() && self.tags.is_empty()
    }

    /// The level, where one layer is wanted that holds nothing but divisions of it.
    fn only_level(&self) -> Option<DivisionLevel> {
        let [layer] = self.layers.as_slice() else {
            return None;
        };
        DivisionLevel::ALL
            .into_iter()
            .filter(|level| *level != DivisionLevel::Village)
            .find(|level| Kind::of_level(*level).layer == layer)
    }

    fn keeps(&self, place: &Place<'_>) -> bool {
        let of_layer =
            self.layers.is_empty() || self.layers.iter().any(|layer| layer == place.kind.layer);
        // What is included is one of the filters; what is excluded is none of them.
        let (included, excluded): (Vec<_>, Vec<_>) =
            self.tags.iter().partition(|filter| !filter.is_exclusion());
        of_layer
            && (included.is_empty() || included.iter().any(|filter| filter.keeps(place)))
            && excluded.iter().all(|filter| filter.keeps(place))
    }
}

/// A filter by tag: `key`, `key:value`, `:value`; `!key`, `!key:value`, `:!value` for all but
/// these; `key:!value` for the key with another value.
#[derive(Debug, PartialEq, Eq)]
struct TagFilter {
    key: Option<String>,
    value: Option<String>,
    excludes: bool,
    excludes_value: bool,
}

impl TagFilter {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (key, value) = (parts.next()?.trim(), parts.next().map(str::trim));
        if parts.next().is_some() || value == Some("") || value.is_none() && key.is_empty() {
            return None;
        }
        let bare = |part: &str| part.strip_prefix('!').unwrap_or(part).trim().to_owned();
        let not_key = key.starts_with('!');
        let not_value = value.is_some_and(|value| value.starts_with('!'));
        let key = Some(bare(key)).filter(|key| !key.is_empty());
        let value = value.map(bare);
        if value.as_deref() == Some("") || key.is_none() && value.is_none() {
            return None;
        }
        let excludes_value = key.is_some() && !not_key && not_value;
        Some(Self {
            excludes: (not_key || not_value) && !excludes_value,
            excludes_value,
            key,
            value,
        })
    }

    fn is_exclusion(&self) -> bool {
        self.excludes
    }

    fn keeps(&self, place: &Place<'_>) -> bool {
        let (key, value) = place.kind.tag;
        let is_key = self.key.as_deref().is_none_or(|wanted| wanted == key);
        let is_value = self.value.as_deref().is_none_or(|wanted| wanted == value);
        if self.excludes_value {
            return is_key && !is_value;
        }
        (is_key && is_value) != self.excludes
    }
}

fn collection(places: &[Place<'_>]) -> Value {
    let features: Vec<Value> = places.iter().map(feature).collect();
    json!({"type": "FeatureCollection", "features": features})
}

fn feature(place: &Place<'_>) -> Value {
    let mut properties = Map::new();
    let mut put = |key: &str, value: Value| {
        properties.insert(key.to_owned(), value);
    };
    let (key, value) = place.kind.tag;
    let osm_type = match place.osm_type() {
        "relation" => "R",
        "way" => "W",
        _ => "N",
    };
    put("osm_type", json!(osm_type));
    put("osm_id", json!(place.id));
    put("osm_key", json!(key));
    put("osm_value", json!(value));
    put("type", json!(place.kind.layer));
    put("countrycode", json!("CN"));
    put("country", json!(place.country()));
    put("name", json!(place.name));
    for (level, name) in place.units() {
        put(Kind::of_level(level).layer, json!(name));
    }
    if let Some(city) = place.city_without_prefecture()
        && place.level() != Some(DivisionLevel::Province)
    {
        put("city", json!(city));
    }
    // Photon writes the upper left and the lower right corner.
    if let Some(bbox) = place.bbox.filter(|bbox| bbox.west < bbox.east) {
        put(
            "extent",
            json!([bbox.west, bbox.north, bbox.east, bbox.south]),
        );
    }
    json!({
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [place.position.lon, place.position.lat]},
        "properties": properties,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tag_filters_read_every_form_of_the_syntax() {
        let parse = |text| TagFilter::parse(text);
        let plain = parse("place:city").unwrap();
        assert!(!plain.excludes && plain.value.as_deref() == Some("city"));
        assert!(parse("!place").unwrap().excludes);
        assert!(parse(":!city").unwrap().excludes);
        assert!(parse("place:!city").unwrap().excludes_value);
        assert!(parse("!place:city").unwrap().excludes);
        for fault in ["", ":", "a:b:c", "place:", "!", "place:!"] {
            assert_eq!(parse(fault), None, "{fault}");
        }
    }

    #[test]
    fn boxes_have_four_numbers() {
        assert!(bounding_box("111,32,112,33").is_ok());
        for fault in ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1,5,2,3", "nan,1,2,3"] {
            assert!(bounding_box(fault).is_err(), "{fault}");
        }
    }
}
