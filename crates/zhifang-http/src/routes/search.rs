//! Words to places: search and autocomplete.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use zhifang_core::{Bbox, LonLat};
use zhifang_engine::candidate_properties;
use zhifang_geocode::{Candidate, SearchQuery};

use crate::error::{ApiError, ApiResult};
use crate::limits::{QUERY_CHARS, SEARCH_RESULTS};
use crate::params::Params;
use crate::routes::division::{parse_as_of, parse_known_at};
use crate::routes::reverse::parse_lang;
use crate::state::AppState;

/// Parameters of a search.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// What to look for: names in Hanzi, Pinyin, initials, mixtures, codes; 200 characters.
    q: String,
    /// Results at most (10, up to 50).
    limit: Option<usize>,
    /// Language of the labels: zh or en.
    lang: Option<String>,
    /// Only in this unit: any prefix of 2, 4, 6, 9 or 12 digits.
    within: Option<String>,
    /// Only this statutory category, 1-8.
    category: Option<u8>,
    /// Only divisions of this level.
    level: Option<String>,
    /// Prefer what is near: longitude.
    lon: Option<f64>,
    /// Prefer what is near: latitude.
    lat: Option<f64>,
    /// Only what lies in the box west,south,east,north.
    bbox: Option<String>,
    /// What was valid on this day.
    as_of: Option<String>,
    /// What the register said at this instant.
    known_at: Option<String>,
    /// Say how each part of the query was matched.
    explain: Option<bool>,
}

impl Search {
    fn to_query(&self) -> ApiResult<SearchQuery> {
        let fault = |name: &str, error: &dyn std::fmt::Display| {
            ApiError::parameter(name, error.to_string())
        };
        let q = self.q.trim();
        if q.is_empty() {
            return Err(ApiError::parameter(
                "q",
                "is empty; wanted a name, Pinyin or a code",
            ));
        }
        if q.chars().count() > QUERY_CHARS {
            return Err(ApiError::parameter(
                "q",
                format!("is over {QUERY_CHARS} characters"),
            ));
        }
        let limit = self.limit.unwrap_or(10);
        if limit == 0 || limit > SEARCH_RESULTS {
            return Err(ApiError::parameter(
                "limit",
                format!("wanted 1 to {SEARCH_RESULTS}"),
            ));
        }
        let near = match (self.lon, self.lat) {
            (Some(lon), Some(lat)) => {
                Some(LonLat::try_new(lon, lat).map_err(|error| fault("lon", &error))?)
            }
            (None, None) => None,
            (Some(_), None) => return Err(ApiError::parameter("lat", "is missing beside `lon`")),
            (None, Some(_)) => return Err(ApiError::parameter("lon", "is missing beside `lat`")),
        };
        if self
            .category
            .is_some_and(|category| !(1..=8).contains(&category))
        {
            return Err(ApiError::parameter("category", "wanted 1 to 8"));
        }
        Ok(SearchQuery {
            q: q.to_owned(),
            limit,
            within: self
                .within
                .as_deref()
                .map(str::parse)
                .transpose()
                .map_err(|error| fault("within", &error))?,
            category: self.category,
            level: self
                .level
                .as_deref()
                .map(str::parse)
                .transpose()
                .map_err(|error| fault("level", &error))?,
            near,
            bbox: self.bbox.as_deref().map(parse_bbox).transpose()?,
            as_of: parse_as_of(self.as_of.as_deref())?,
            lang: parse_lang(self.lang.as_deref())?,
            explain: self.explain.unwrap_or(false),
        })
    }
}

/// `west,south,east,north` in degrees.
pub(crate) fn parse_bbox(text: &str) -> ApiResult<Bbox> {
    let fault = || {
        ApiError::parameter(
            "bbox",
            format!("`{text}`: wanted west,south,east,north in degrees"),
        )
    };
    let numbers: Vec<f64> = text
        .split(',')
        .map(|part| part.trim().parse::<f64>())
        .collect::<Result<_, _>>()
        .map_err(|_| fault())?;
    match numbers[..] {
        [west, south, east, north] | [west, south, _, east, north, _] => {
            Bbox::try_new(west, south, east, north)
                .map_err(|error| ApiError::parameter("bbox", error.to_string()))
        }
        _ => Err(fault()),
    }
}

/// Results as a GeocodeJSON FeatureCollection.
fn collection(query: &str, candidates: &[Candidate]) -> Value {
    let features: Vec<Value> = candidates
        .iter()
        .map(|candidate| {
            let geometry = candidate.place.map(|place| {
                json!({"type": "Point", "coordinates": [place.lon, place.lat]})
            });
            let mut properties = candidate_properties(candidate);
            // GeocodeJSON 0.1.0 keeps its own members under `geocoding`.
            let kind = candidate.level.map_or("locality", zhifang_core::DivisionLevel::as_str);
            let geocoding = json!({"type": kind, "label": candidate.label, "name": candidate.name});
            properties.insert("geocoding".to_owned(), geocoding);
            json!({"type": "Feature", "id": candidate.id, "geometry": geometry, "properties": properties})
        })
        .collect();
    json!({
        "type": "FeatureCollection",
        "geocoding": {"version": "0.1.0", "attribution": "职方 Zhifang", "query": query},
        "features": features,
    })
}

async fn answer(app: &AppState, search: &Search, completes: bool) -> ApiResult<Json<Value>> {
    let query = search.to_query()?;
    let world = app
        .world_at(parse_known_at(search.known_at.as_deref())?)
        .await?;
    let found = if completes {
        world.names.autocomplete(&query)
    } else {
        world.names.search(&query)
    };
    Ok(Json(collection(&query.q, &found)))
}

/// Words to places, best first; no match is an empty list.
#[utoipa::path(get, path = "/v1/search", tag = "search", params(Search),
    responses((status = 200, description = "GeocodeJSON FeatureCollection", body = Object),
        (status = 400, description = "a parameter does not parse", body = crate::Problem)))]
pub(crate) async fn geocode_forward(
    State(app): State<AppState>,
    Params(search): Params<Search>,
) -> ApiResult<Json<Value>> {
    answer(&app, &search, false).await
}

/// Words that are still being typed: prefix over Hanzi, Pinyin, initials, mixtures.
#[utoipa::path(get, path = "/v1/autocomplete", tag = "search", params(Search),
    responses((status = 200, description = "GeocodeJSON FeatureCollection", body = Object),
        (status = 400, description = "a parameter does not parse", body = crate::Problem)))]
pub(crate) async fn autocomplete(
    State(app): State<AppState>,
    Params(search): Params<Search>,
) -> ApiResult<Json<Value>> {
    answer(&app, &search, true).await
}
