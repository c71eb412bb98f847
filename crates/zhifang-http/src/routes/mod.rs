//! Every path of the service, one module a resource.

mod application;
mod assistance;
mod batch;
mod boundary;
mod change;
mod check;
mod dispute;
mod division;
mod docs;
mod inspection;
mod name;
mod reverse;
mod search;
mod service;
mod session;
mod tile;
mod web;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, Method, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::cors::{AllowHeaders, Any, CorsLayer};
use tower_http::decompression::RequestDecompressionLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;
use crate::{caching, compat, declared, error, limits, metrics, ogc, proxy};

pub(crate) use division::{parse_as_of, parse_known_at};
pub(crate) use service::escape;
pub(crate) use tile::{MVT, tile_address, tile_answer};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "职方 Zhifang",
        description = "地名与行政区域界线登记：查询、地图、界线、救助地图。Register of place names and administrative boundaries.",
        license(name = "Apache-2.0")
    ),
    tags(
        (name = "search", description = "地名查询 Place-name look-up"),
        (name = "compatible", description = "Photon、Nominatim、W3C 对账接口 Photon, Nominatim, W3C reconciliation"),
        (name = "register", description = "登记 Register"),
        (name = "tiles", description = "地图瓦片 Map tiles"),
        (name = "boundary", description = "界线管理 Boundary desk"),
        (name = "assistance", description = "救助地图 Assistance map"),
        (name = "features", description = "OGC API Features and Tiles"),
        (name = "service", description = "运行 Running the service")
    )
)]
struct ApiDoc;

fn documented() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(ApiDoc::openapi())
        .routes(routes!(service::check_health))
        .routes(routes!(service::check_ready))
        .routes(routes!(service::read_metrics))
        .routes(routes!(service::get_openapi))
        .routes(routes!(docs::get_docs))
        .routes(routes!(tile::get_tilejson))
        .routes(routes!(tile::get_style))
        .routes(routes!(search::geocode_forward))
        .routes(routes!(search::autocomplete))
        .routes(routes!(reverse::geocode_reverse))
        .routes(routes!(batch::geocode_batch))
        .routes(routes!(batch::reverse_batch))
        .routes(routes!(division::find_division))
        .routes(routes!(name::find_name))
        .routes(routes!(name::check_name))
        .routes(routes!(
            application::list_applications,
            application::create_application
        ))
        .routes(routes!(application::find_application))
        .routes(routes!(application::advance_application))
        .routes(routes!(boundary::find_boundary))
        .routes(routes!(boundary::find_marker))
        .routes(routes!(boundary::list_disputes))
        .routes(routes!(boundary::find_dispute))
        .routes(routes!(inspection::list_inspections))
        .routes(routes!(inspection::find_inspection))
        .routes(routes!(inspection::get_pack))
        .routes(routes!(inspection::get_report))
        .routes(routes!(inspection::add_observations))
        .routes(routes!(check::run_check, check::save_check))
        .routes(routes!(check::confirm_finding))
        .routes(routes!(check::accept_finding))
        .routes(routes!(check::repair_finding))
        .routes(routes!(check::list_rules))
        .routes(routes!(dispute::read_dossier))
        .routes(routes!(dispute::take_step))
        .routes(routes!(dispute::add_evidence))
        .routes(routes!(dispute::list_line_markers))
        .routes(routes!(change::list_changes))
        .routes(routes!(session::open_session, session::close_session))
        .routes(routes!(session::who_am_i))
        .merge(assistance::routes())
        .merge(ogc::routes())
        .merge(compat::routes())
}

/// Tiles, of which a map asks dozens at once: coded and tagged already, so that they pass by the
/// layers that do so for other answers.
fn drawn() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(tile::get_tile))
}

/// What the handlers say of themselves.
pub(crate) fn generated() -> serde_json::Value {
    let (_, document) = documented().merge(drawn()).split_for_parts();
    serde_json::to_value(document).unwrap_or_default()
}

/// The OpenAPI document, made from the handlers.
pub fn openapi() -> serde_json::Value {
    let mut document = generated();
    crate::openapi::complete(&mut document);
    document
}

/// The whole service.
pub fn router(app: &AppState) -> Router {
    let (api, _) = documented().split_for_parts();
    let exposed = [
        header::ETAG,
        header::LINK,
        header::LOCATION,
        HeaderName::from_static("ogc-numbermatched"),
        HeaderName::from_static("content-crs"),
    ];
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        // `*` would not stand for Authorization, a non-wildcard request-header name (Fetch §2.2.2).
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed)
        .max_age(Duration::from_hours(24));
    let pages_only = DefaultPredicate::new()
        .and(NotForContentType::const_new("font/woff2"))
        .and(NotForContentType::const_new("application/vnd.pmtiles"));
    let (tiles, _) = drawn().split_for_parts();
    let tiles = tiles
        .route_layer(from_fn_with_state(app.clone(), metrics::count_requests))
        .layer(map_response(error::problems_from_the_router))
        .layer(CatchPanicLayer::new())
        .layer(map_response(caching::suffix_tags));
    let service = api
        .merge(web::routes())
        .route_layer(from_fn_with_state(app.clone(), declared::refuse_undeclared))
        .route_layer(from_fn_with_state(app.clone(), metrics::count_requests))
        .fallback(web::get_file_or_nothing)
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES))
        .layer(RequestDecompressionLayer::new())
        .layer(from_fn(caching::tag_answers))
        .layer(map_response(error::problems_from_the_router))
        .layer(CatchPanicLayer::new())
        .layer(CompressionLayer::new().compress_when(pages_only))
        .layer(map_response(caching::suffix_tags))
        .merge(tiles)
        .layer(cors)
        .layer(from_fn_with_state(app.clone(), proxy::forget_forwarded))
        .with_state(app.clone());
    if app.options().base_path.is_empty() {
        service
    } else {
        // As a service, so that the base path is met with a final slash too.
        Router::new()
            .nest_service(&app.options().base_path, service)
            .fallback(web::get_nothing)
    }
}
