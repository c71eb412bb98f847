//! OGC API Tiles (20-057): the tilesets of the map and of each collection, under the addresses
//! of the standard. The tiles themselves are those of `/tiles`.

use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use zhifang_core::{Bbox, Collection, Lang, LonLat, TileId};
use zhifang_tiles::{Layer, MAX_ZOOM, Tileset};

use super::collection::known;
use super::document::{MATRIX_SET, MATRIX_SET_URI, known_matrix_set};
use super::page::{self, Form};
use crate::caching::content_tag;
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::params::Params;
use crate::routes::{MVT, tile_address, tile_answer};
use crate::state::AppState;
use crate::tile_cache;

/// Where a collection is drawn: its layer and the tileset that has it.
pub(super) fn layer_of(collection: Collection) -> Option<(Tileset, &'static Layer)> {
    Tileset::ALL.into_iter().find_map(|tileset| {
        let layer = tileset
            .layers()
            .iter()
            .find(|layer| layer.name == collection.as_str())?;
        Some((tileset, layer))
    })
}

/// What a tileset shows.
struct Described<'a> {
    /// Address above `/tiles`.
    address: String,
    title: String,
    layers: Vec<&'a Layer>,
    bounds: Bbox,
}

impl Described<'_> {
    fn list(&self) -> Value {
        let itself = format!("{}/tiles/{MATRIX_SET}", self.address);
        json!({
            "links": [{"rel": "self", "type": "application/json", "href": format!("{}/tiles", self.address)}],
            "tilesets": [{
                "title": self.title,
                "dataType": "vector",
                "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
                "tileMatrixSetURI": MATRIX_SET_URI,
                "links": [
                    {"rel": "self", "type": "application/json", "href": itself},
                    self.item(),
                ],
            }],
        })
    }

    fn item(&self) -> Value {
        json!({"rel": "item", "type": MVT, "templated": true,
            "href": format!("{}/tiles/{MATRIX_SET}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", self.address)})
    }

    fn tileset(&self, base: &str) -> Value {
        let limits: Vec<Value> = (0..=MAX_ZOOM)
            .map(|zoom| {
                let corner = |lon, lat| TileId::containing(LonLat::new(lon, lat), zoom);
                let first = corner(self.bounds.west, self.bounds.north);
                let last = corner(self.bounds.east, self.bounds.south);
                json!({"tileMatrix": zoom.to_string(),
                    "minTileRow": first.y(), "maxTileRow": last.y(),
                    "minTileCol": first.x(), "maxTileCol": last.x()})
            })
            .collect();
        let layers: Vec<Value> = self
            .layers
            .iter()
            .map(|layer| {
                json!({"id": layer.name, "title": format!("{} {}", layer.zh, layer.en), "dataType": "vector",
                    "minTileMatrix": layer.min_zoom.to_string(), "maxTileMatrix": MAX_ZOOM.to_string()})
            })
            .collect();
        json!({
            "title": self.title,
            "dataType": "vector",
            "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
            "tileMatrixSetURI": MATRIX_SET_URI,
            "boundingBox": {
                "crs": super::reference::CRS84,
                "lowerLeft": [self.bounds.west, self.bounds.south],
                "upperRight": [self.bounds.east, self.bounds.north],
            },
            "tileMatrixSetLimits": limits,
            "layers": layers,
            "links": [
                {"rel": "self", "type": "application/json", "href": format!("{}/tiles/{MATRIX_SET}", self.address)},
                {"rel": "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", "type": "application/json",
                    "href": format!("{base}/ogc/tileMatrixSets/{MATRIX_SET}")},
                self.item(),
            ],
        })
    }
}

/// The map's tileset for whoever asks.
fn of_map(
    app: &AppState,
    caller: &Caller,
    headers: &HeaderMap,
) -> ApiResult<(String, Value, Value)> {
    let base = app.base_url(headers);
    let world = app.world()?;
    let tiles = world.tiles(caller.audience());
    let described = Described {
        address: format!("{base}/ogc"),
        title: "基础地图 Base map".to_owned(),
        layers: Tileset::Base.layers().iter().collect(),
        bounds: tiles.bounds(),
    };
    Ok((base.clone(), described.list(), described.tileset(&base)))
}

fn of_collection(
    app: &AppState,
    caller: &Caller,
    headers: &HeaderMap,
    name: &str,
) -> ApiResult<(Value, Value)> {
    let collection = known(name, caller)?;
    let (_, layer) = layer_of(collection)
        .ok_or_else(|| ApiError::not_found(format!("tiles of `{collection}`")))?;
    let base = app.base_url(headers);
    let world = app.world()?;
    let described = Described {
        address: format!("{base}/ogc/collections/{collection}"),
        title: format!(
            "{} {}",
            collection.title(Lang::Zh),
            collection.title(Lang::En)
        ),
        layers: vec![layer],
        bounds: world.tiles(caller.audience()).bounds(),
    };
    Ok((described.list(), described.tileset(&base)))
}

/// Tilesets of the whole map.
#[utoipa::path(get, path = "/ogc/tiles", tag = "features", params(("f" = Option<String>, Query, description = "json or html")),
    responses((status = 200, description = "tilesets", body = Object)))]
pub(crate) async fn list_tilesets(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Params(form): Params<Form>,
) -> ApiResult<Response> {
    let (_, list, _) = of_map(&app, &caller, &headers)?;
    page::answer(&form, &headers, &list, page::landing)
}

/// The map's tileset in a tile matrix set.
#[utoipa::path(get, path = "/ogc/tiles/{set}", tag = "features", params(("set" = String, Path), ("f" = Option<String>, Query, description = "json or html")),
    responses((status = 200, description = "the tileset", body = Object), (status = 404, description = "no such set", body = crate::Problem)))]
pub(crate) async fn find_tileset(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path(set): Path<String>,
    Params(form): Params<Form>,
) -> ApiResult<Response> {
    known_matrix_set(&set)?;
    let (_, _, tileset) = of_map(&app, &caller, &headers)?;
    page::answer(&form, &headers, &tileset, page::landing)
}

/// A tile of the map, by matrix, row and column.
#[utoipa::path(get, path = "/ogc/tiles/{set}/{matrix}/{row}/{column}", tag = "features",
    params(("set" = String, Path), ("matrix" = String, Path), ("row" = String, Path), ("column" = String, Path)),
    responses((status = 200, description = "the tile", content_type = "application/vnd.mapbox-vector-tile"),
        (status = 204, description = "nothing there"), (status = 404, description = "outside", body = crate::Problem)))]
pub(crate) async fn get_map_tile(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path((set, matrix, row, column)): Path<(String, String, String, String)>,
) -> ApiResult<Response> {
    known_matrix_set(&set)?;
    let tile = tile_address(&matrix, &column, &row)?;
    tile_answer(&app, &caller, &headers, Tileset::Base, tile, None).await
}

/// Tilesets of a collection.
#[utoipa::path(get, path = "/ogc/collections/{collection}/tiles", tag = "features",
    params(("collection" = String, Path), ("f" = Option<String>, Query, description = "json or html")),
    responses((status = 200, description = "tilesets", body = Object), (status = 404, description = "not drawn", body = crate::Problem)))]
pub(crate) async fn list_collection_tilesets(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path(name): Path<String>,
    Params(form): Params<Form>,
) -> ApiResult<Response> {
    let (list, _) = of_collection(&app, &caller, &headers, &name)?;
    page::answer(&form, &headers, &list, page::landing)
}

/// A collection's tileset in a tile matrix set.
#[utoipa::path(get, path = "/ogc/collections/{collection}/tiles/{set}", tag = "features",
    params(("collection" = String, Path), ("set" = String, Path), ("f" = Option<String>, Query, description = "json or html")),
    responses((status = 200, description = "the tileset", body = Object), (status = 404, description = "no such set", body = crate::Problem)))]
pub(crate) async fn find_collection_tileset(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path((name, set)): Path<(String, String)>,
    Params(form): Params<Form>,
) -> ApiResult<Response> {
    known_matrix_set(&set)?;
    let (_, tileset) = of_collection(&app, &caller, &headers, &name)?;
    page::answer(&form, &headers, &tileset, page::landing)
}

/// A tile of one collection's layer.
#[utoipa::path(get, path = "/ogc/collections/{collection}/tiles/{set}/{matrix}/{row}/{column}", tag = "features",
    params(("collection" = String, Path), ("set" = String, Path), ("matrix" = String, Path), ("row" = String, Path), ("column" = String, Path)),
    responses((status = 200, description = "the tile", content_type = "application/vnd.mapbox-vector-tile"),
        (status = 204, description = "nothing there"), (status = 404, description = "outside", body = crate::Problem)))]
pub(crate) async fn get_collection_tile(
    State(app): State<AppState>,
    caller: Caller,
    Path((name, set, matrix, row, column)): Path<(String, String, String, String, String)>,
) -> ApiResult<Response> {
    known_matrix_set(&set)?;
    let collection = known(&name, &caller)?;
    let (tileset, layer) = layer_of(collection)
        .ok_or_else(|| ApiError::not_found(format!("tiles of `{collection}`")))?;
    let tile = tile_address(&matrix, &column, &row)?;
    let world = app.world()?;
    let bytes = app
        .blocking(move || Ok(tile_cache::layer(&world, &caller, tileset, layer, tile)))
        .await?;
    if bytes.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let tag = content_tag(&bytes);
    Ok(([(CONTENT_TYPE, MVT.to_owned()), (ETAG, tag)], bytes).into_response())
}
