//! The collections and what can be asked of them.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::IntoParams;
use zhifang_core::schema::COMMON;
use zhifang_core::{Bbox, Collection, Field, FieldKind, GeometryClass, Lang};

use super::page::{self, Form};
use super::reference;
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::params::Params;
use crate::state::AppState;
use crate::visible::Visible;

/// A collection by its word, where the caller may know of it.
pub(crate) fn known(name: &str, caller: &Caller) -> ApiResult<Collection> {
    let collection: Collection = name
        .parse()
        .map_err(|_| ApiError::not_found(format!("collection `{name}`")))?;
    caller.require_collection(collection)?;
    Ok(collection)
}

/// The nation with its seas: the extent of what has no place, or too many to be measured.
const NATION: Bbox = Bbox {
    west: 73.0,
    south: 3.0,
    east: 136.0,
    north: 54.0,
};
/// Records up to which the extent is measured.
const MEASURED: usize = 20_000;

fn extent_of(collection: Collection, visible: &Visible<'_>, ground: Bbox) -> Bbox {
    let view = visible.widest();
    if view.len(collection) > MEASURED {
        return match collection {
            Collection::Divisions => ground,
            _ => NATION,
        };
    }
    let boxes = view
        .records(collection)
        .filter_map(zhifang_core::Record::bbox);
    boxes.reduce(|a, b| a.union(&b)).unwrap_or(NATION)
}

fn describe(collection: Collection, base: &str, visible: &Visible<'_>, ground: Bbox) -> Value {
    let id = collection.as_str();
    let extent = extent_of(collection, visible, ground);
    let bbox = json!([extent.west, extent.south, extent.east, extent.north]);
    let link = |rel: &str, path: &str, kind: &str, title: &str| json!({"rel": rel, "type": kind, "href": format!("{base}/ogc/collections/{id}{path}"), "title": title});
    let mut links = vec![
        link("self", "", "application/json", "this collection"),
        link(
            "items",
            "/items",
            "application/geo+json",
            "items as GeoJSON",
        ),
        link("items", "/items?f=html", "text/html", "items as a page"),
        link("items", "/items?f=csv", "text/csv", "items as CSV"),
        link(
            "http://www.opengis.net/def/rel/ogc/1.0/queryables",
            "/queryables",
            "application/schema+json",
            "what filters may use",
        ),
        link(
            "http://www.opengis.net/def/rel/ogc/1.0/sortables",
            "/sortables",
            "application/schema+json",
            "what sortby may use",
        ),
        link(
            "describedby",
            "/schema",
            "application/schema+json",
            "schema of the items",
        ),
        // GDAL up to 3.6 looks for this spelling, and for the schema of a whole Feature.
        link(
            "describedBy",
            "/schema?of=feature",
            "application/schema+json",
            "schema of a Feature",
        ),
    ];
    if super::tiles::layer_of(collection).is_some() {
        links.push(link(
            "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
            "/tiles",
            "application/json",
            "vector tiles",
        ));
    }
    json!({
        "id": id,
        "title": format!("{} {}", collection.title(Lang::Zh), collection.title(Lang::En)),
        "description": format!("{}（自然主键 {}）", collection.title(Lang::Zh), collection.natural_key()),
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [bbox], "crs": reference::CRS84},
            "temporal": {"interval": [[null, null]], "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"},
        },
        "crs": reference::offered(),
        "storageCrs": reference::STORED,
        "links": links,
    })
}

/// All collections that the caller may know of.
#[utoipa::path(get, path = "/ogc/collections", tag = "features", params(("f" = Option<String>, Query, description = "json or html")),
    responses((status = 200, description = "collections", body = Object)))]
pub(crate) async fn list_collections(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Params(form): Params<Form>,
) -> ApiResult<Response> {
    let base = app.base_url(&headers);
    let world = app.world()?;
    let ground = world.tiles(caller.audience()).bounds();
    let visible = Visible::new(&world, &caller);
    let collections: Vec<Value> = Collection::ALL
        .into_iter()
        .filter(|collection| caller.require_collection(*collection).is_ok())
        .map(|collection| describe(collection, &base, &visible, ground))
        .collect();
    let document = json!({
        "links": page::both_forms(&format!("{base}/ogc/collections")),
        "crs": reference::offered(),
        "collections": collections,
    });
    page::answer(&form, &headers, &document, page::collections)
}

/// One collection.
#[utoipa::path(get, path = "/ogc/collections/{collection}", tag = "features",
    params(("collection" = String, Path), ("f" = Option<String>, Query, description = "json or html")),
    responses((status = 200, description = "the collection", body = Object), (status = 404, description = "no such collection", body = crate::Problem)))]
pub(crate) async fn find_collection(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path(name): Path<String>,
    Params(form): Params<Form>,
) -> ApiResult<Response> {
    let collection = known(&name, &caller)?;
    let world = app.world()?;
    let document = describe(
        collection,
        &app.base_url(&headers),
        &Visible::new(&world, &caller),
        world.tiles(caller.audience()).bounds(),
    );
    page::answer(&form, &headers, &document, page::collection)
}

/// A field as JSON Schema.
pub(super) fn schema_of(field: &Field) -> Value {
    let mut schema = match field.kind {
        FieldKind::Text => json!({"type": "string"}),
        FieldKind::Choice(words) => json!({"type": "string", "enum": words}),
        FieldKind::Integer => json!({"type": "integer"}),
        FieldKind::Number => json!({"type": "number"}),
        FieldKind::Flag => json!({"type": "boolean"}),
        FieldKind::Day => json!({"type": "string", "format": "date"}),
        FieldKind::Time => json!({"type": "string", "format": "date-time"}),
        FieldKind::Code => json!({"type": "string", "pattern": "^([0-9]{6}|[0-9]{9}|[0-9]{12})$"}),
        FieldKind::CodeList | FieldKind::TextList => {
            json!({"type": "array", "items": {"type": "string"}})
        }
        FieldKind::ObjectList => json!({"type": "array", "items": {"type": "object"}}),
        FieldKind::Object => json!({"type": "object"}),
        FieldKind::Position => json!({"type": "object", "format": "geojson-point"}),
    };
    if let Some(map) = schema.as_object_mut() {
        map.insert(
            "title".to_owned(),
            Value::from(format!("{} {}", field.zh, field.en)),
        );
    }
    schema
}

/// Properties that every item has.
const ALWAYS_THERE: [&str; 6] = ["id", "name", "status", "version", "updated_at", "geometry"];

/// The first item of a page names the properties that it has no value for, as null.
fn or_null(property: &mut Value) {
    let kind = property["type"].take();
    property["type"] = json!([kind, "null"]);
    if let Some(words) = property.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
}

fn geometry_schema(collection: Collection) -> Value {
    let format = match collection.geometry() {
        GeometryClass::Point => "geometry-point",
        GeometryClass::Line => "geometry-multilinestring",
        GeometryClass::Polygon => "geometry-multipolygon",
        GeometryClass::LineOrPolygon | GeometryClass::PointOrPolygon | GeometryClass::Any => {
            "geometry-any"
        }
    };
    json!({"x-ogc-role": "primary-geometry", "format": format})
}

fn schema(
    collection: Collection,
    caller: &Caller,
    address: &str,
    keep: impl Fn(&Field) -> bool,
    with_geometry: bool,
) -> Value {
    let mut properties = Map::new();
    for field in COMMON.iter().chain(collection.fields()) {
        if keep(field) && (!field.restricted || caller.is_known()) {
            properties.insert(field.name.to_owned(), schema_of(field));
        }
    }
    if with_geometry {
        properties.insert("geometry".to_owned(), geometry_schema(collection));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "type": "object",
        "title": format!("{} {}", collection.title(Lang::Zh), collection.title(Lang::En)),
        "properties": properties,
        "additionalProperties": false,
    })
}

fn schema_answer(document: &Value) -> Response {
    (
        [(axum::http::header::CONTENT_TYPE, "application/schema+json")],
        document.to_string(),
    )
        .into_response()
}

/// What `filter` and property parameters may use.
#[utoipa::path(get, path = "/ogc/collections/{collection}/queryables", tag = "features",
    params(("collection" = String, Path), ("f" = Option<String>, Query, description = "json")),
    responses((status = 200, description = "JSON Schema", body = Object)))]
pub(crate) async fn get_queryables(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path(name): Path<String>,
    Params(form): Params<Form>,
) -> ApiResult<Response> {
    form.only_json()?;
    let collection = known(&name, &caller)?;
    let address = format!(
        "{}/ogc/collections/{collection}/queryables",
        app.base_url(&headers)
    );
    Ok(schema_answer(&schema(
        collection,
        &caller,
        &address,
        |_| true,
        true,
    )))
}

/// What `sortby` may use.
#[utoipa::path(get, path = "/ogc/collections/{collection}/sortables", tag = "features",
    params(("collection" = String, Path), ("f" = Option<String>, Query, description = "json")),
    responses((status = 200, description = "JSON Schema", body = Object)))]
pub(crate) async fn get_sortables(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path(name): Path<String>,
    Params(form): Params<Form>,
) -> ApiResult<Response> {
    form.only_json()?;
    let collection = known(&name, &caller)?;
    let address = format!(
        "{}/ogc/collections/{collection}/sortables",
        app.base_url(&headers)
    );
    Ok(schema_answer(&schema(
        collection,
        &caller,
        &address,
        is_sortable,
        false,
    )))
}

/// Whether values of the field have an order.
pub(crate) fn is_sortable(field: &Field) -> bool {
    !matches!(
        field.kind,
        FieldKind::CodeList
            | FieldKind::TextList
            | FieldKind::ObjectList
            | FieldKind::Object
            | FieldKind::Position
    )
}

/// Parameters of a schema.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SchemaQuery {
    /// `feature`: the schema of the whole GeoJSON Feature, as older clients read it: one type a
    /// property, and `nullable` beside it.
    of: Option<String>,
    /// json.
    f: Option<String>,
}

/// The items' schema (OGC API Features part 5).
#[utoipa::path(get, path = "/ogc/collections/{collection}/schema", tag = "features", params(("collection" = String, Path), SchemaQuery),
    responses((status = 200, description = "JSON Schema", body = Object)))]
pub(crate) async fn get_schema(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path(name): Path<String>,
    Params(query): Params<SchemaQuery>,
) -> ApiResult<Response> {
    let collection = known(&name, &caller)?;
    let address = format!(
        "{}/ogc/collections/{collection}/schema",
        app.base_url(&headers)
    );
    Form { f: query.f }.only_json()?;
    let of_feature = match query.of.as_deref() {
        None => false,
        Some("feature") => true,
        Some(other) => {
            return Err(ApiError::parameter(
                "of",
                format!("`{other}`: wanted feature, or nothing"),
            ));
        }
    };
    let mut document = schema(collection, &caller, &address, |_| true, !of_feature);
    if !of_feature {
        for (name, property) in document["properties"].as_object_mut().into_iter().flatten() {
            if !ALWAYS_THERE.contains(&name.as_str()) {
                or_null(property);
            }
        }
    }
    if of_feature {
        for property in document["properties"].as_object_mut().into_iter().flatten() {
            property.1["nullable"] = Value::Bool(true);
        }
        document = json!({
            "$schema": document["$schema"],
            "$id": format!("{address}?of=feature"),
            "type": "object",
            "title": document["title"],
            "properties": {
                "type": {"type": "string", "enum": ["Feature"]},
                "id": {"type": "string"},
                "geometry": {"type": "object"},
                "properties": {"type": "object", "properties": document["properties"]},
            },
        });
    }
    Ok(schema_answer(&document))
}
