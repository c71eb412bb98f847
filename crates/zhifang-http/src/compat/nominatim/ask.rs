//! Nominatim's questions.

use std::sync::Arc;

use axum::http::HeaderMap;
use zhifang_core::{Bbox, CodePrefix, Collection, DivisionCode, LonLat, Meters};
use zhifang_geocode::SearchQuery;

use super::super::asked::{Asked, shown};
use super::super::find::{Wanted, by_position, by_words};
use super::super::flaw::Flaw;
use super::super::kind::Theme;
use super::super::place::{Place, is_same_id};
use super::answer::{Answer, Shown};
use crate::caller::Caller;
use crate::limits::{LOOKUPS, QUERY_CHARS, SEARCH_RESULTS};
use crate::state::AppState;
use crate::visible::Visible;

/// The structured parameters from the widest to the narrowest, as Chinese addresses are written.
const STRUCTURED: [&str; 6] = ["state", "county", "city", "street", "amenity", "postalcode"];
/// Names of the country in `country`.
const COUNTRY: [&str; 7] = [
    "中国",
    "中华人民共和国",
    "china",
    "cn",
    "chn",
    "prc",
    "zhongguo",
];
/// Metres within which a name stands for a position.
const REACH_M: f64 = 1_000.0;
/// Numbers read of `exclude_place_ids`.
const MOST_EXCLUDED: usize = 1_000;

pub(super) fn search(
    app: &AppState,
    caller: &Caller,
    asked: &Asked,
    shown: Shown,
    headers: &HeaderMap,
) -> Result<Answer, Flaw> {
    let Words { text, is_elsewhere } = words(asked)?;
    let limit = asked.limit(10, SEARCH_RESULTS)?;
    let filter = Filter::new(asked)?;
    let viewbox = viewbox(asked)?;
    let (within, is_abroad) = countries(asked);
    let world = app.world()?;
    let visible = Visible::new(&world, caller);
    let wanted = Wanted {
        limit,
        lang: shown.lang,
        is_picky: !filter.is_empty(),
        keeps: &|place| filter.keeps(place),
    };
    let places = if is_elsewhere || is_abroad || text.is_empty() {
        Vec::new()
    } else if let Some(place) = position_in(&text) {
        let found = by_position(&visible, place, Meters(REACH_M), &wanted);
        found.into_iter().take(1).collect()
    } else {
        let is_bounded = asked.flag("bounded", false);
        let middle = |bbox: Bbox| {
            LonLat::new(
                f64::midpoint(bbox.west, bbox.east),
                f64::midpoint(bbox.south, bbox.north),
            )
        };
        let query = SearchQuery {
            within,
            near: viewbox.map(middle),
            bbox: viewbox.filter(|_| is_bounded),
            ..SearchQuery::new(text.as_str())
        };
        by_words(&world, &visible, query, false, &wanted)
    };
    let answer = Answer::list(&places, shown, text.clone(), false);
    let seen: Vec<String> = answer.ids().map(|id| id.to_string()).collect();
    let mut more = form_urlencoded::Serializer::new(String::new());
    more.append_pair("q", &text)
        .append_pair("exclude_place_ids", &seen.join(","))
        .append_pair("format", "xml");
    let base = app.base_url(headers);
    Ok(answer.with_more(format!("{base}/nominatim/search?{}", more.finish())))
}

pub(super) fn reverse(
    app: &AppState,
    caller: &Caller,
    asked: &Asked,
    shown: Shown,
) -> Result<Answer, Flaw> {
    let degrees = |name: &str| {
        asked
            .number(name)?
            .ok_or_else(|| Flaw::bad(format!("Parameter '{name}' missing.")))
    };
    let (lat, lon) = (degrees("lat")?, degrees("lon")?);
    let place = LonLat::try_new(lon, lat).map_err(|error| Flaw::bad(error.to_string()))?;
    let zoom = asked.integer("zoom")?.unwrap_or(18);
    let filter = Filter {
        ranks: (0, rank_of_zoom(zoom)),
        ..Filter::new(asked)?
    };
    let world = app.world()?;
    let visible = Visible::new(&world, caller);
    let wanted = Wanted {
        limit: 1,
        lang: shown.lang,
        is_picky: true,
        keeps: &|place| filter.keeps(place),
    };
    let found = by_position(&visible, place, Meters(REACH_M), &wanted);
    let question = format!("lat={lat}&lon={lon}&zoom={zoom}");
    Ok(Answer::single(found.first(), shown, question))
}

pub(super) fn lookup(
    app: &AppState,
    caller: &Caller,
    asked: &Asked,
    shown: Shown,
) -> Result<Answer, Flaw> {
    let list = asked.text("osm_ids").unwrap_or_default();
    let ids: Vec<&str> = list
        .split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .take(LOOKUPS + 1)
        .collect();
    if ids.len() > LOOKUPS {
        return Err(Flaw::bad(format!(
            "Too many object IDs: at most {LOOKUPS} at once."
        )));
    }
    let world = app.world()?;
    let visible = Visible::new(&world, caller);
    let view = visible.widest();
    let mut places: Vec<Place<'_>> = Vec::new();
    for id in ids {
        let number = id
            .strip_prefix(['N', 'W', 'R', 'n', 'w', 'r'])
            .unwrap_or(id)
            .parse::<u64>()
            .ok();
        let code = number.and_then(DivisionCode::from_u64);
        let by_number = || match (code, number) {
            (Some(code), _) => visible.record(Collection::Divisions, &code.to_string()),
            (None, Some(number)) => {
                let id = app.place_ids().find(&world, number)?;
                visible.record(Collection::Names, &id)
            }
            (None, None) => None,
        };
        let record = visible
            .record(Collection::Names, id)
            .or_else(|| visible.record(Collection::Divisions, id))
            .or_else(by_number)
            .filter(|record| !record.is_heading());
        let is_known = |record| {
            places
                .iter()
                .any(|place| std::ptr::eq(place.record, record))
        };
        if let Some(record) = record
            && !is_known(record)
        {
            places.extend(Place::new(view, record, shown.lang));
        }
    }
    Ok(Answer::list(&places, shown, list.to_owned(), true))
}

/// When the register last changed, RFC 3339; `None` while it is empty.
pub(super) async fn last_change(app: &AppState) -> Option<String> {
    let engine = Arc::clone(app.engine());
    let at = app.blocking(move || {
        let register = engine.register();
        let head = register.head()?;
        let last = register.changes(head.saturating_sub(1), 1)?;
        Ok(last.first().map(|change| change.at.to_string()))
    });
    at.await.ok().flatten()
}

/// What is looked for, and whether it lies in another country.
struct Words {
    text: String,
    is_elsewhere: bool,
}

/// `q`, or the structured parameters put together.
fn words(asked: &Asked) -> Result<Words, Flaw> {
    let country = asked.text("country");
    let parts: Vec<&str> = STRUCTURED
        .iter()
        .filter(|name| **name != "postalcode")
        .filter_map(|name| asked.text(name))
        .collect();
    let is_structured =
        STRUCTURED.iter().any(|name| asked.text(name).is_some()) || country.is_some();
    let text = match asked.get("q") {
        Some(_) if is_structured => {
            return Err(Flaw::bad(
                "Structured query parameters (amenity, street, city, county, state, postalcode, \
                 country) cannot be used together with 'q' parameter.",
            ));
        }
        Some(q) => q.trim().to_owned(),
        None if is_structured => parts.join(" "),
        None => return Err(Flaw::bad("Nothing to search for.")),
    };
    if text.chars().count() > QUERY_CHARS {
        return Err(Flaw::bad(format!(
            "The words to search for are over {QUERY_CHARS} characters."
        )));
    }
    let is_elsewhere =
        country.is_some_and(|country| !COUNTRY.contains(&country.to_lowercase().as_str()));
    Ok(Words { text, is_elsewhere })
}

/// `latitude, longitude` as people paste them, both with decimals.
fn position_in(text: &str) -> Option<LonLat> {
    let text = text.trim_start_matches('[').trim_end_matches(']');
    let mut numbers = text
        .split([',', ' ', '\t'])
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.contains('.')
                .then(|| part.parse::<f64>().ok())
                .flatten()
        });
    let (lat, lon) = (numbers.next()??, numbers.next()??);
    if numbers.next().is_some() {
        return None;
    }
    LonLat::try_new(lon, lat).ok()
}

/// `viewbox`: any two opposite corners, longitude first.
fn viewbox(asked: &Asked) -> Result<Option<Bbox>, Flaw> {
    let Some(text) = asked.text("viewbox").or_else(|| asked.text("viewboxlbrt")) else {
        return Ok(None);
    };
    let fault = || {
        Flaw::bad(format!(
            "Parameter 'viewbox' must be four numbers x1,y1,x2,y2, not '{}'.",
            shown(text)
        ))
    };
    let numbers: Vec<f64> = text
        .split(',')
        .take(5)
        .map(|part| part.trim().parse::<f64>())
        .collect::<Result<_, _>>()
        .map_err(|_| fault())?;
    let [x1, y1, x2, y2] = numbers[..] else {
        return Err(fault());
    };
    Bbox::try_new(x1.min(x2), y1.min(y2), x1.max(x2), y1.max(y2))
        .map(Some)
        .map_err(|_| fault())
}

/// `countrycodes`: the part of the country that they leave, and whether they leave nothing.
/// The codes that ISO 3166-1 has for Hong Kong, Macao and Taiwan are read as those units.
fn countries(asked: &Asked) -> (Option<CodePrefix>, bool) {
    let Some(list) = asked.text("countrycodes") else {
        return (None, false);
    };
    let codes: Vec<String> = list
        .split(',')
        .take(50)
        .map(|code| code.trim().to_lowercase())
        .collect();
    if codes.iter().any(|code| code == "cn") {
        return (None, false);
    }
    let part = codes.iter().find_map(|code| match code.as_str() {
        "tw" => "71".parse().ok(),
        "hk" => "81".parse().ok(),
        "mo" => "82".parse().ok(),
        _ => None,
    });
    (part, part.is_none())
}

/// Which places are wanted.
#[derive(Debug)]
struct Filter {
    /// Lowest and highest rank.
    ranks: (u8, u8),
    themes: Option<Vec<Theme>>,
    excluded: Vec<u64>,
}

impl Filter {
    fn new(asked: &Asked) -> Result<Self, Flaw> {
        // geopy and old clients write it in small letters.
        let feature_type = asked.text("featureType").or(asked.text("featuretype"));
        let ranks = match feature_type {
            None => (0, 30),
            Some("country") => (4, 4),
            Some("state") => (8, 8),
            Some("city") => (10, 18),
            Some("settlement") => (8, 20),
            Some(other) => {
                return Err(Flaw::bad(format!(
                    "Parameter 'featureType' must be one of: country, state, city, settlement; not '{}'",
                    shown(other)
                )));
            }
        };
        let layers = asked
            .text("layer")
            .map(|list| list.split(',').map(str::trim));
        let themes = layers
            .map(|words| {
                words
                    .filter(|word| *word != "railway")
                    .map(|word| {
                        Theme::of_word(word).ok_or_else(|| {
                            Flaw::bad(format!(
                                "Parameter 'layer' must be of: address, poi, railway, natural, manmade; not '{}'",
                                shown(word)
                            ))
                        })
                    })
                    .collect::<Result<Vec<_>, _>>()
            })
            .transpose()?;
        let excluded = asked
            .text("exclude_place_ids")
            .unwrap_or_default()
            .split(',')
            .take(MOST_EXCLUDED)
            .filter_map(|id| {
                let id = id.trim();
                id.strip_prefix(['N', 'W', 'R']).unwrap_or(id).parse().ok()
            })
            .collect();
        Ok(Self {
            ranks,
            themes: themes.filter(|_| feature_type.is_none()),
            excluded,
        })
    }

    fn is_empty(&self) -> bool {
        self.ranks == (0, 30) && self.themes.is_none() && self.excluded.is_empty()
    }

    fn keeps(&self, place: &Place<'_>) -> bool {
        (self.ranks.0..=self.ranks.1).contains(&place.kind.rank)
            && self
                .themes
                .as_ref()
                .is_none_or(|themes| themes.contains(&place.kind.theme))
            && !self.excluded.iter().any(|id| is_same_id(*id, place.id))
    }
}

/// The finest rank at a zoom, as Nominatim's documentation of `zoom` has it. There is no record
/// of the country, so the coarsest answer is the province.
fn rank_of_zoom(zoom: i64) -> u8 {
    match zoom {
        ..=5 => 8,
        6 | 7 => 10,
        8..=11 => 12,
        12 => 18,
        13 => 19,
        14 => 20,
        15 => 25,
        16 | 17 => 26,
        _ => 30,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Asked {
        Asked::new(Some(query), b"")
    }

    #[test]
    fn positions_are_latitude_first_and_have_decimals() {
        let place = position_in("32.385, 111.67").unwrap();
        assert_eq!((place.lon, place.lat), (111.67, 32.385));
        for text in [
            "420682",
            "1 2",
            "32.385",
            "32.3,111.6,1.0",
            "a.b,c.d",
            "111.67,32.385",
        ] {
            assert_eq!(position_in(text), None, "{text}");
        }
    }

    #[test]
    fn structured_words_go_from_wide_to_narrow() {
        let words = words(&asked(
            "city=老河口&state=湖北&country=China&postalcode=441800",
        ))
        .unwrap();
        assert_eq!(words.text, "湖北 老河口");
        assert!(!words.is_elsewhere);
        assert!(super::words(&asked("q=a&city=b")).is_err());
        assert!(super::words(&asked("")).is_err());
        assert!(
            super::words(&asked("city=Berlin&country=Germany"))
                .unwrap()
                .is_elsewhere
        );
    }

    #[test]
    fn corners_come_in_any_order() {
        let bbox = viewbox(&asked("viewbox=112,33,111,32")).unwrap().unwrap();
        assert_eq!(
            (bbox.west, bbox.south, bbox.east, bbox.north),
            (111.0, 32.0, 112.0, 33.0)
        );
        assert!(viewbox(&asked("viewbox=1,2,3")).is_err());
    }
}
