//! Landing page, conformance, functions, tile matrix sets.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::page::{self, Form};
use crate::error::{ApiError, ApiResult};
use crate::params::Params;
use crate::state::AppState;

/// Conformance classes that hold.
const CLASSES: &[&str] = &[
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking-etags",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/sortables",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/array-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/dataset-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
];

/// The one tiling scheme that is served.
pub(super) const MATRIX_SET: &str = "WebMercatorQuad";
/// Its name in the register of the standards body.
pub(super) const MATRIX_SET_URI: &str =
    "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";

/// 404 for any other tiling scheme.
pub(super) fn known_matrix_set(set: &str) -> ApiResult<()> {
    if set == MATRIX_SET {
        Ok(())
    } else {
        Err(ApiError::not_found(format!("tile matrix set `{set}`")))
    }
}

/// Where to begin.
#[utoipa::path(get, path = "/ogc", tag = "features", params(("f" = Option<String>, Query, description = "json or html")),
    responses((status = 200, description = "links", body = Object)))]
pub(crate) async fn get_landing_page(
    State(app): State<AppState>,
    headers: HeaderMap,
    Params(form): Params<Form>,
) -> ApiResult<Response> {
    let base = app.base_url(&headers);
    let link = |rel: &str, path: &str, kind: &str, title: &str| json!({"rel": rel, "type": kind, "href": format!("{base}{path}"), "title": title});
    let mut links = page::both_forms(&format!("{base}/ogc"));
    links.extend([
        link(
            "service-desc",
            "/ogc/api",
            "application/vnd.oai.openapi+json;version=3.0",
            "OpenAPI",
        ),
        link(
            "service-doc",
            "/docs",
            "text/html",
            "接口说明 documentation",
        ),
        link(
            "conformance",
            "/ogc/conformance",
            "application/json",
            "conformance classes",
        ),
        link(
            "data",
            "/ogc/collections",
            "application/json",
            "数据集 collections",
        ),
        link(
            "http://www.opengis.net/def/rel/ogc/1.0/functions",
            "/ogc/functions",
            "application/json",
            "functions of filters",
        ),
        link(
            "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes",
            "/ogc/tileMatrixSets",
            "application/json",
            "tile matrix sets",
        ),
        link(
            "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
            "/ogc/tiles",
            "application/json",
            "矢量瓦片 vector tiles",
        ),
    ]);
    let document = json!({
        "title": "职方 Zhifang",
        "description": "地名与行政区域界线登记 Register of place names and administrative boundaries",
        "attribution": "职方 Zhifang",
        "links": links,
    });
    page::answer(&form, &headers, &document, page::landing)
}

/// Conformance classes.
#[utoipa::path(get, path = "/ogc/conformance", tag = "features", params(("f" = Option<String>, Query, description = "json")), responses((status = 200, description = "classes", body = Object)))]
pub(crate) async fn get_conformance(Params(form): Params<Form>) -> ApiResult<Json<Value>> {
    form.only_json()?;
    Ok(Json(json!({ "conformsTo": CLASSES })))
}

/// Functions that filters may call.
#[utoipa::path(get, path = "/ogc/functions", tag = "features", params(("f" = Option<String>, Query, description = "json")), responses((status = 200, description = "functions", body = Object)))]
pub(crate) async fn list_functions(Params(form): Params<Form>) -> ApiResult<Json<Value>> {
    form.only_json()?;
    let functions: Vec<Value> = zhifang_query::functions()
        .iter()
        .map(|function| {
            let arguments: Vec<Value> = function
                .argument_types()
                .map(|kind| json!({"type": [kind]}))
                .collect();
            json!({
                "name": function.name,
                "description": format!("{} {}", function.zh, function.en),
                "arguments": arguments,
                "returns": [function.return_type()],
            })
        })
        .collect();
    Ok(Json(json!({ "functions": functions })))
}

/// Tile matrix sets.
#[utoipa::path(get, path = "/ogc/tileMatrixSets", tag = "features", params(("f" = Option<String>, Query, description = "json")), responses((status = 200, description = "sets", body = Object)))]
pub(crate) async fn list_tile_matrix_sets(
    State(app): State<AppState>,
    headers: HeaderMap,
    Params(form): Params<Form>,
) -> ApiResult<Json<Value>> {
    form.only_json()?;
    let base = app.base_url(&headers);
    let href = format!("{base}/ogc/tileMatrixSets/{MATRIX_SET}");
    Ok(Json(json!({ "tileMatrixSets": [{
        "id": MATRIX_SET,
        "title": "Google Maps Compatible for the World",
        "uri": MATRIX_SET_URI,
        "links": [{"rel": "self", "type": "application/json", "href": href}],
    }]})))
}

/// One tile matrix set (OGC 17-083r4, annex D.1).
#[utoipa::path(get, path = "/ogc/tileMatrixSets/{set}", tag = "features", params(("set" = String, Path), ("f" = Option<String>, Query, description = "json")),
    responses((status = 200, description = "the set", body = Object), (status = 404, description = "no such set", body = crate::Problem)))]
pub(crate) async fn find_tile_matrix_set(
    Path(set): Path<String>,
    Params(form): Params<Form>,
) -> ApiResult<Json<Value>> {
    form.only_json()?;
    known_matrix_set(&set)?;
    let edge = 20_037_508.342_789_244;
    let matrices: Vec<Value> = (0..=zhifang_core::tile::MAX_ZOOM)
        .map(|zoom| {
            let size = 1_u32 << zoom;
            let cell = 2.0 * edge / 256.0 / f64::from(size);
            json!({
                "id": zoom.to_string(),
                "identifier": zoom.to_string(),
                "topLeftCorner": [-edge, edge],
                // The standard's pixel of 0.28 mm.
                "scaleDenominator": cell / 0.000_28,
                "cellSize": cell,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-edge, edge],
                "tileWidth": 256,
                "tileHeight": 256,
                "matrixWidth": size,
                "matrixHeight": size,
            })
        })
        .collect();
    Ok(Json(json!({
        // The words of the standard's first version stand beside those of its second: GDAL up to
        // 3.6 reads only them.
        "type": "TileMatrixSetType",
        "identifier": MATRIX_SET,
        "supportedCRS": "http://www.opengis.net/def/crs/EPSG/0/3857",
        "id": MATRIX_SET,
        "title": "Google Maps Compatible for the World",
        "uri": MATRIX_SET_URI,
        "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices,
    })))
}
