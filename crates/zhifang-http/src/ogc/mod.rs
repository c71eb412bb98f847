//! OGC API Features parts 1-4 (17-069r4, 18-058r1, 19-079r2, 20-002r1) and the paths of Tiles.

mod api;
mod collection;
mod count;
mod document;
mod edit;
mod items;
mod linked;
pub(crate) mod page;
mod question;
mod reference;
mod sketch;
mod tiles;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(crate) use count::Counts;
pub(crate) use items::{version_of_tag, version_tag};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(document::get_landing_page))
        .routes(routes!(document::get_conformance))
        .routes(routes!(api::get_api))
        .routes(routes!(document::list_functions))
        .routes(routes!(document::list_tile_matrix_sets))
        .routes(routes!(document::find_tile_matrix_set))
        .routes(routes!(tiles::list_tilesets))
        .routes(routes!(tiles::find_tileset))
        .routes(routes!(tiles::get_map_tile))
        .routes(routes!(tiles::list_collection_tilesets))
        .routes(routes!(tiles::find_collection_tileset))
        .routes(routes!(tiles::get_collection_tile))
        .routes(routes!(collection::list_collections))
        .routes(routes!(collection::find_collection))
        .routes(routes!(collection::get_queryables))
        .routes(routes!(collection::get_sortables))
        .routes(routes!(collection::get_schema))
        .routes(routes!(items::list_items, edit::create_item))
        .routes(routes!(
            items::find_item,
            edit::replace_item,
            edit::update_item,
            edit::retire_item
        ))
}
