//! Nominatim's interface, version 1: search, reverse, lookup, status. Parameters, formats and
//! errors as its API documentation has them.

mod answer;
mod ask;
mod detail;
mod xml;

use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::answer::{Form, Shown};
use super::asked::{Asked, lang_of_headers, lang_of_list, shown};
use super::flaw::{Flaw, in_own_form};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    use axum::routing::get;
    OpenApiRouter::new()
        .routes(routes!(nominatim_search))
        .routes(routes!(nominatim_reverse))
        .routes(routes!(nominatim_lookup))
        .routes(routes!(nominatim_status))
        .route("/nominatim/search.php", get(nominatim_search))
        .route("/nominatim/reverse.php", get(nominatim_reverse))
        .route("/nominatim/lookup.php", get(nominatim_lookup))
        .route("/nominatim/status.php", get(nominatim_status))
        .layer(axum::middleware::map_response(|response: Response| async {
            in_own_form(response, |flaw| refuse(flaw, Form::Json))
        }))
}

/// Words to places, as Nominatim answers them.
#[utoipa::path(get, path = "/nominatim/search", tag = "compatible", params(
        ("q" = Option<String>, Query, description = "free words; 200 characters. Not together with the structured ones"),
        ("amenity" = Option<String>, Query, description = "structured: name of a thing"),
        ("street" = Option<String>, Query, description = "structured: street"),
        ("city" = Option<String>, Query, description = "structured: city or town"),
        ("county" = Option<String>, Query, description = "structured: county"),
        ("state" = Option<String>, Query, description = "structured: province"),
        ("country" = Option<String>, Query, description = "structured: country; elsewhere than China there is nothing"),
        ("postalcode" = Option<String>, Query, description = "structured: read and not used"),
        ("format" = Option<String>, Query, description = "xml, json, jsonv2 (default), geojson or geocodejson"),
        ("limit" = Option<i64>, Query, description = "results at most (10, up to 50)"),
        ("addressdetails" = Option<u8>, Query, description = "1: the parts of the address"),
        ("extratags" = Option<u8>, Query, description = "1: further properties of the record"),
        ("namedetails" = Option<u8>, Query, description = "1: all names"),
        ("accept-language" = Option<String>, Query, description = "zh or en; else the header"),
        ("countrycodes" = Option<String>, Query, description = "only in these countries; hk, mo and tw are read as parts"),
        ("layer" = Option<String>, Query, description = "address, poi, railway, natural, manmade"),
        ("featureType" = Option<String>, Query, description = "country, state, city or settlement"),
        ("exclude_place_ids" = Option<String>, Query, description = "leave these out"),
        ("viewbox" = Option<String>, Query, description = "prefer what is here: two corners, longitude first"),
        ("bounded" = Option<u8>, Query, description = "1: only what is in the viewbox"),
        ("polygon_geojson" = Option<u8>, Query, description = "1: the geometry"),
        ("json_callback" = Option<String>, Query, description = "JSONP")),
    responses((status = 200, description = "places, best first; no match is an empty list", body = Object),
        (status = 400, description = "`{\"error\": {\"code\": 400, \"message\": …}}`, XML for xml", body = Object)))]
pub(crate) async fn nominatim_search(
    State(app): State<AppState>,
    caller: Result<Caller, ApiError>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    respond(query.as_deref(), &headers, "jsonv2", |asked, shown| {
        ask::search(&app, &caller?, asked, shown, &headers)
    })
}

/// What is at a position, as Nominatim answers it: one place.
#[utoipa::path(get, path = "/nominatim/reverse", tag = "compatible", params(
        ("lat" = f64, Query, description = "latitude"),
        ("lon" = f64, Query, description = "longitude"),
        ("zoom" = Option<i64>, Query, description = "how fine: 5 province, 8 county, 12 town, 14 village, 18 (default) any name"),
        ("format" = Option<String>, Query, description = "xml (default), json, jsonv2, geojson or geocodejson"),
        ("addressdetails" = Option<u8>, Query, description = "0: without the parts of the address"),
        ("extratags" = Option<u8>, Query, description = "1: further properties of the record"),
        ("namedetails" = Option<u8>, Query, description = "1: all names"),
        ("accept-language" = Option<String>, Query, description = "zh or en; else the header"),
        ("layer" = Option<String>, Query, description = "address, poi, railway, natural, manmade"),
        ("polygon_geojson" = Option<u8>, Query, description = "1: the geometry"),
        ("json_callback" = Option<String>, Query, description = "JSONP")),
    responses((status = 200, description = "the place, or `{\"error\": \"Unable to geocode\"}`", body = Object),
        (status = 400, description = "as in search", body = Object)))]
pub(crate) async fn nominatim_reverse(
    State(app): State<AppState>,
    caller: Result<Caller, ApiError>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    respond(query.as_deref(), &headers, "xml", |asked, shown| {
        ask::reverse(&app, &caller?, asked, shown)
    })
}

/// Places by their numbers, as Nominatim answers them.
#[utoipa::path(get, path = "/nominatim/lookup", tag = "compatible", params(
        ("osm_ids" = String, Query, description = "up to 50, separated by commas: N, W or R and the number, a place_id, a division code, or the id of a name"),
        ("format" = Option<String>, Query, description = "xml (default), json, jsonv2, geojson or geocodejson"),
        ("addressdetails" = Option<u8>, Query, description = "0: without the parts of the address"),
        ("extratags" = Option<u8>, Query, description = "1: further properties of the record"),
        ("namedetails" = Option<u8>, Query, description = "1: all names"),
        ("accept-language" = Option<String>, Query, description = "zh or en; else the header"),
        ("polygon_geojson" = Option<u8>, Query, description = "1: the geometry"),
        ("json_callback" = Option<String>, Query, description = "JSONP")),
    responses((status = 200, description = "those of the places that there are, in the order asked", body = Object),
        (status = 400, description = "as in search", body = Object)))]
pub(crate) async fn nominatim_lookup(
    State(app): State<AppState>,
    caller: Result<Caller, ApiError>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    // Finding a name by its number may read through all names.
    let done = tokio::task::spawn_blocking(move || {
        respond(query.as_deref(), &headers, "xml", |asked, shown| {
            ask::lookup(&app, &caller?, asked, shown)
        })
    });
    done.await
        .unwrap_or_else(|error| refuse(&Flaw::from(ApiError::internal(&error)), Form::Json))
}

/// Whether the service answers, as Nominatim says it.
#[utoipa::path(get, path = "/nominatim/status", tag = "compatible", params(
        ("format" = Option<String>, Query, description = "text (default) or json")),
    responses((status = 200, description = "`OK`, or an object with status 0", body = Object),
        (status = 503, description = "text: not yet", body = String)))]
pub(crate) async fn nominatim_status(
    State(app): State<AppState>,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = Asked::new(query.as_deref(), b"");
    let world = app.world();
    match asked.text("format").unwrap_or("text") {
        "text" => match world {
            Ok(_) => "OK".into_response(),
            Err(error) => {
                let flaw = Flaw::from(error);
                let kind = [(CONTENT_TYPE, "text/plain")];
                let text = format!("ERROR: {}", flaw.message);
                flaw.sign((flaw.status, kind, text).into_response())
            }
        },
        "json" => {
            let status = match world {
                Ok(_) => json!({
                    "status": 0,
                    "message": "OK",
                    "data_updated": ask::last_change(&app).await,
                    "software_version": env!("CARGO_PKG_VERSION"),
                    "database_version": env!("CARGO_PKG_VERSION"),
                }),
                Err(error) => json!({"status": 700, "message": error.detail()}),
            };
            json_response(&asked, &status)
        }
        _ => refuse(
            &Flaw::bad("Parameter 'format' must be one of: text, json"),
            Form::Json,
        ),
    }
}

/// Reads what all questions share, asks, and writes the answer or the refusal.
fn respond(
    query: Option<&str>,
    headers: &HeaderMap,
    default_format: &str,
    ask: impl FnOnce(&Asked, Shown) -> Result<answer::Answer, Flaw>,
) -> Response {
    let asked = Asked::new(query, b"");
    let format = asked.text("format").unwrap_or(default_format);
    let Some(form) = Form::of_word(format) else {
        let flaw = Flaw::bad(format!(
            "Parameter 'format' must be one of: xml, geojson, geocodejson, json, jsonv2; not '{}'",
            shown(format)
        ));
        return refuse(&flaw, Form::Json);
    };
    let lang = match asked.text("accept-language") {
        Some(list) => lang_of_list(list),
        None => lang_of_headers(headers),
    };
    let shown = Shown::new(&asked, form, lang);
    let mut response = match ask(&asked, shown) {
        Ok(answer) if form == Form::Xml => xml_response(StatusCode::OK, answer.xml()),
        Ok(answer) => json_response(&asked, &answer.json(shown)),
        Err(flaw) => refuse(&flaw, form),
    };
    response.headers_mut().append(
        VARY,
        axum::http::HeaderValue::from_static("accept-language"),
    );
    response
}

fn json_response(asked: &Asked, value: &serde_json::Value) -> Response {
    match asked.get("json_callback") {
        None => (
            [(CONTENT_TYPE, "application/json; charset=utf-8")],
            value.to_string(),
        )
            .into_response(),
        Some(callback) => super::jsonp(callback, value)
            .unwrap_or_else(|| refuse(&Flaw::bad("Invalid json_callback value"), Form::Json)),
    }
}

fn xml_response(status: StatusCode, text: String) -> Response {
    (status, [(CONTENT_TYPE, "text/xml; charset=utf-8")], text).into_response()
}

fn refuse(flaw: &Flaw, form: Form) -> Response {
    if form == Form::Xml {
        return flaw.sign(xml_response(
            flaw.status,
            xml::error(flaw.status.as_u16(), &flaw.message),
        ));
    }
    flaw.answer(&json!({"error": {"code": flaw.status.as_u16(), "message": flaw.message}}))
}
