//! The OpenAPI document of the standard interfaces: paths are relative to `/ogc`, and each
//! collection has a path of its own whose parameters are what its items can be asked by.
//!
//! Clients read it to learn what they may leave to the server: QGIS and GDAL push a filter down
//! only where the items' path names the property and the filter's language.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};
use zhifang_core::Collection;
use zhifang_core::schema::COMMON;

use super::collection::schema_of;
use super::page::Form;
use crate::caller::Caller;
use crate::error::ApiResult;
use crate::limits::{PAGE_RECORDS, PAGE_RECORDS_DEFAULT};
use crate::openapi::older;
use crate::params::Params;
use crate::state::AppState;

const ITEMS: &str = "/collections/{collection}/items";

/// The OpenAPI document (3.0), under the media type that OGC clients look for.
#[utoipa::path(get, path = "/ogc/api", tag = "features", params(("f" = Option<String>, Query, description = "json")), responses((status = 200, description = "OpenAPI", body = Object)))]
pub(crate) async fn get_api(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Params(form): Params<Form>,
) -> ApiResult<impl IntoResponse> {
    form.only_json()?;
    let mut document = older(&crate::routes::openapi());
    let mut paths = Map::new();
    if let Some(all) = document["paths"].as_object() {
        for (path, item) in all {
            if let Some(rest) = path.strip_prefix("/ogc") {
                let path = if rest.is_empty() { "/" } else { rest };
                paths.insert(path.to_owned(), item.clone());
            }
        }
    }
    let items = paths.get(ITEMS).cloned().unwrap_or_default();
    for collection in Collection::ALL {
        if super::collection::known(collection.as_str(), &caller).is_ok() {
            let path = ITEMS.replace("{collection}", collection.as_str());
            paths.insert(path, items_of(collection, &items, &caller));
        }
    }
    if let Some(map) = document.as_object_mut() {
        let address = format!("{}/ogc", app.base_url(&headers));
        map.insert("servers".to_owned(), json!([{ "url": address }]));
        map.insert("paths".to_owned(), Value::Object(paths));
    }
    let kind = "application/vnd.oai.openapi+json;version=3.0";
    Ok(([(header::CONTENT_TYPE, kind)], document.to_string()))
}

/// The items' path of one collection: the general parameters and the collection's properties.
fn items_of(collection: Collection, general: &Value, caller: &Caller) -> Value {
    let mut get = general["get"].clone();
    let mut parameters: Vec<Value> = get["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|parameter| parameter["in"] == "query")
        .cloned()
        .collect();
    for parameter in &mut parameters {
        let schema = match parameter["name"].as_str() {
            Some("limit") => {
                json!({"type": "integer", "minimum": 1, "maximum": PAGE_RECORDS, "default": PAGE_RECORDS_DEFAULT})
            }
            Some("filter-lang") => {
                json!({"type": "string", "enum": ["cql2-text", "cql2-json", "cql-text"], "default": "cql2-text"})
            }
            _ => continue,
        };
        parameter["schema"] = schema;
    }
    let fields = COMMON.iter().chain(collection.fields());
    parameters.extend(
        fields
            .filter(|field| !field.restricted || caller.is_known())
            .map(|field| {
                json!({"name": field.name, "in": "query", "required": false,
                    "description": format!("{} {}", field.zh, field.en), "schema": schema_of(field)})
            }),
    );
    if let Some(map) = get.as_object_mut() {
        map.insert("parameters".to_owned(), Value::Array(parameters));
        map.insert(
            "operationId".to_owned(),
            Value::from(format!("list_items_of_{collection}")),
        );
    }
    json!({ "get": get })
}
