//! Vector tiles, TileJSON, styles.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use zhifang_core::{Day, TileId};
use zhifang_tiles::{MAX_ZOOM, Tileset};

use crate::caching::matches_none;
use crate::caller::Caller;
use crate::coding::Coding;
use crate::error::{ApiError, ApiResult};
use crate::params::Params;
use crate::routes::division::parse_as_of;
use crate::routes::reverse::parse_lang;
use crate::state::AppState;
use crate::tile_cache::{Drawn, Sight};

/// Media type of Mapbox Vector Tiles (IANA).
pub(crate) const MVT: &str = "application/vnd.mapbox-vector-tile";

/// Parameters of a tile.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TileQuery {
    /// What was valid on this day.
    as_of: Option<String>,
    /// Changes with the content, so that caches keep each apart; otherwise without meaning.
    #[serde(rename = "v")]
    _version: Option<String>,
}

/// Parameters of a TileJSON or style document.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DocumentQuery {
    /// zh or en.
    lang: Option<String>,
    /// What was valid on this day; goes into the tiles' addresses.
    as_of: Option<String>,
}

fn tileset(name: &str) -> ApiResult<Tileset> {
    name.parse()
        .map_err(|_| ApiError::not_found(format!("tileset `{name}`")))
}

/// TileJSON 3.0 of a tileset: `base`, `boundary` or `assistance`.
#[utoipa::path(get, path = "/tiles/{tileset}", tag = "tiles",
    params(("tileset" = String, Path, description = "`base.json`, `boundary.json` or `assistance.json`"), DocumentQuery),
    responses((status = 200, description = "TileJSON", body = Object), (status = 404, description = "no such tileset", body = crate::Problem)))]
pub(crate) async fn get_tilejson(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path(name): Path<String>,
    Params(query): Params<DocumentQuery>,
) -> ApiResult<Response> {
    let tileset = tileset(name.strip_suffix(".json").unwrap_or(&name))?;
    let lang = parse_lang(query.lang.as_deref())?;
    let day = parse_as_of(query.as_of.as_deref())?;
    let world = app.world()?;
    let suffix = day.map_or_else(String::new, |day| format!("?as_of={day}"));
    let template = format!(
        "{}/tiles/{}/{{z}}/{{x}}/{{y}}{suffix}",
        app.base_url(&headers),
        tileset.as_str()
    );
    let document = world
        .tiles(caller.audience())
        .tile_json(tileset, &template, lang);
    Ok(([(CONTENT_TYPE, "application/json")], document.to_string()).into_response())
}

/// The address of a tile; numbers that are none are 400, numbers outside the square 404.
pub(crate) fn tile_address(z: &str, x: &str, y: &str) -> ApiResult<TileId> {
    let y = [".mvt", ".pbf"]
        .iter()
        .find_map(|suffix| y.strip_suffix(suffix))
        .unwrap_or(y);
    let number = |name: &str, text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_negative = text
            .strip_prefix('-')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
        if is_negative {
            return Err(ApiError::not_found(format!("tile with {name} `{text}`")));
        }
        if !is_number {
            return Err(ApiError::parameter(
                name,
                format!("`{text}`: wanted a whole number"),
            ));
        }
        text.parse::<u32>()
            .map_err(|_| ApiError::not_found(format!("tile with {name} `{text}`")))
    };
    let (z, x, y) = (number("z", z)?, number("x", x)?, number("y", y)?);
    let tile =
        TileId::try_new(z, x, y).map_err(|error| ApiError::not_found(format!("{error}; it")))?;
    if tile.z() > MAX_ZOOM {
        let detail = format!("tile of zoom {z} (there are 0 to {MAX_ZOOM})");
        return Err(ApiError::not_found(detail));
    }
    Ok(tile)
}

/// A vector tile (MVT 2.1, extent 4096); 204 where it is empty.
#[utoipa::path(get, path = "/tiles/{tileset}/{z}/{x}/{y}", tag = "tiles",
    params(("tileset" = String, Path), ("z" = String, Path), ("x" = String, Path),
        ("y" = String, Path, description = "perhaps with `.mvt` or `.pbf`"), TileQuery),
    responses((status = 200, description = "the tile", content_type = "application/vnd.mapbox-vector-tile"),
        (status = 204, description = "nothing there"), (status = 400, description = "not a number", body = crate::Problem),
        (status = 404, description = "outside", body = crate::Problem)))]
pub(crate) async fn get_tile(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path((name, z, x, y)): Path<(String, String, String, String)>,
    Params(query): Params<TileQuery>,
) -> ApiResult<Response> {
    let tileset = tileset(&name)?;
    let tile = tile_address(&z, &x, &y)?;
    let day = parse_as_of(query.as_of.as_deref())?;
    tile_answer(&app, &caller, &headers, tileset, tile, day).await
}

/// The tile in the coding that the caller wants; 204 where it is empty, 304 where it is known.
pub(crate) async fn tile_answer(
    app: &AppState,
    caller: &Caller,
    headers: &HeaderMap,
    tileset: Tileset,
    tile: TileId,
    day: Option<Day>,
) -> ApiResult<Response> {
    let coding = Coding::wanted(headers);
    let Some(found) = read(app, caller, tileset, tile, day).await? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let known = [
        (CACHE_CONTROL, "no-cache"),
        (VARY, "accept-encoding"),
        (ETAG, found.tag.as_str()),
    ];
    if matches_none(headers, &found.tag) {
        return Ok((StatusCode::NOT_MODIFIED, known).into_response());
    }
    let (coding, bytes) = if found.has(coding) {
        found.bytes(coding)
    } else {
        let found = Arc::clone(&found);
        app.blocking(move || Ok(found.bytes(coding))).await?
    };
    let mut response = (known, [(CONTENT_TYPE, MVT)], bytes).into_response();
    let headers = response.headers_mut();
    if let Some(word) = coding.word() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(word));
    }
    Ok(response)
}

/// The tile, from the cache or drawn now on a thread that may take its time.
async fn read(
    app: &AppState,
    caller: &Caller,
    tileset: Tileset,
    tile: TileId,
    day: Option<Day>,
) -> ApiResult<Drawn> {
    let world = app.world()?;
    let sight = Sight::of(caller, tileset);
    if let Some(found) = app.tiles().get(&world, sight, tileset, tile, day) {
        return Ok(found);
    }
    let (state, caller) = (app.clone(), caller.clone());
    app.blocking(move || Ok(state.tiles().draw(&world, &caller, tileset, tile, day)))
        .await
}

/// A MapLibre style that needs nothing from outside: `light`, `dark`, `print`, `assistance`.
#[utoipa::path(get, path = "/styles/{style}", tag = "tiles",
    params(("style" = String, Path, description = "`light.json` …"), DocumentQuery),
    responses((status = 200, description = "the style", body = Object), (status = 404, description = "no such style", body = crate::Problem)))]
pub(crate) async fn get_style(
    State(app): State<AppState>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Params(query): Params<DocumentQuery>,
) -> ApiResult<Response> {
    parse_lang(query.lang.as_deref())?;
    let id = name.strip_suffix(".json").unwrap_or(&name);
    let style = zhifang_web::style(id, &app.base_url(&headers), query.lang.as_deref())
        .ok_or_else(|| ApiError::not_found(format!("style `{id}`")))?;
    Ok(([(CONTENT_TYPE, "application/json")], style).into_response())
}
