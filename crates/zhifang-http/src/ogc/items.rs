//! Items: listed, paged, filtered; and one by its id.

use std::borrow::Cow;
use std::fmt::Write as _;

use axum::extract::{Path, Query, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LINK};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use zhifang_core::schema::COMMON;
use zhifang_core::{Collection, Field, Record};
use zhifang_index::View;
use zhifang_io::{ExportOptions, Format};

use super::collection::{is_sortable, known};
use super::linked::{JSON_LD, linked};
use super::page;
use super::question::{Cursor, ItemForm, Question};
use super::reference::{Reference, Region};
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::state::AppState;
use crate::visible::Visible;

/// Media type of RFC 7946.
pub(crate) const GEO_JSON: &str = "application/geo+json";

/// A page of the collection's items.
///
/// `limit` is clamped to 10,000; `next` of the links goes on. Any property is a parameter too.
#[utoipa::path(get, path = "/ogc/collections/{collection}/items", tag = "features",
    params(("collection" = String, Path),
        ("f" = Option<String>, Query, description = "geojson, html, csv or fgb"),
        ("limit" = Option<u32>, Query, description = "1 to 10,000, 10 when absent", minimum = 1, maximum = 10_000),
        ("bbox" = Option<String>, Query, description = "the geometry meets the box; four numbers in `bbox-crs`"),
        ("bbox-crs" = Option<String>, Query),
        ("crs" = Option<String>, Query, description = "with the authority's order of axes in GeoJSON; easting or longitude first in CSV (EWKT) and FlatGeobuf"),
        ("datetime" = Option<String>, Query, description = "valid then: an instant or an interval"),
        ("as_of" = Option<String>, Query, description = "valid on the day"),
        ("known_at" = Option<String>, Query, description = "what the register said then"),
        ("within" = Option<String>, Query, description = "the unit and everything below it"),
        ("filter" = Option<String>, Query, description = "CQL2"),
        ("filter-lang" = Option<String>, Query, description = "cql2-text or cql2-json; cql-text is taken as cql2-text"),
        ("filter-crs" = Option<String>, Query),
        ("sortby" = Option<String>, Query, description = "names, each perhaps with + or - before it"),
        ("properties" = Option<String>, Query, description = "names of the properties wanted"),
        ("next" = Option<String>, Query, description = "opaque: from the `next` link")),
    responses((status = 200, description = "items", body = Object, content_type = "application/geo+json"),
        (status = 400, description = "a parameter does not parse", body = crate::Problem),
        (status = 404, description = "no such collection", body = crate::Problem)))]
pub(crate) async fn list_items(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path(name): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> ApiResult<Response> {
    let collection = known(&name, &caller)?;
    let question = Question::parse(collection, &pairs, caller.is_known())?;
    let form = match question.form.as_deref() {
        None if page::wants_page(None, &headers) => ItemForm::Html,
        None | Some("geojson" | "json") => ItemForm::GeoJson,
        Some("html") => ItemForm::Html,
        Some("csv") => ItemForm::Csv,
        Some("fgb") => ItemForm::FlatGeobuf,
        Some(other) => {
            return Err(ApiError::parameter(
                "f",
                format!("`{other}`: wanted geojson, html, csv or fgb"),
            ));
        }
    };
    let world = app.world_at(question.known_at).await?;
    let base = app.base_url(&headers);
    let address = format!("{base}/ogc/collections/{collection}/items");
    let state = app.clone();
    let task = move || {
        let visible = Visible::new(&world, &caller);
        let page = select(&state, &visible, collection, &question);
        build(&page, collection, &question, form, &address, &pairs)
    };
    app.blocking(task).await
}

/// What a page of items holds.
struct Page<'a> {
    records: Vec<&'a Record>,
    matched: usize,
    next: Option<Cursor>,
}

/// The whole of a collection in the order of ids: counted once for a world, read from the cursor.
fn walk<'a>(
    app: &AppState,
    view: View<'a>,
    collection: Collection,
    question: &Question,
) -> Option<Page<'a>> {
    let after = match &question.cursor {
        None => "",
        Some(Cursor::After(id)) => id,
        Some(Cursor::At(_)) => return None,
    };
    let is_whole = question.is_whole() && question.known_at.is_none();
    if !is_whole {
        return None;
    }
    let meant = |record: &&'a Record| question.matches(record);
    let matched = app.counts().of(view, collection, || {
        view.records(collection).filter(meant).count()
    });
    let mut records: Vec<&Record> = view
        .records_after(collection, after)
        .filter(meant)
        .take(question.limit + 1)
        .collect();
    let goes_on = records.len() > question.limit;
    records.truncate(question.limit);
    let next = records
        .last()
        .filter(|_| goes_on)
        .map(|last| Cursor::After(last.id.to_string()));
    Some(Page {
        records,
        matched,
        next,
    })
}

/// The records that may be meant, fewer where the question names a place, a unit or a key.
fn candidates<'a>(view: View<'a>, collection: Collection, question: &Question) -> Vec<&'a Record> {
    let meant = |record: &&'a Record| question.matches(record);
    if let Some(id) = question.demanded("id") {
        return view
            .record(collection, id)
            .into_iter()
            .filter(meant)
            .collect();
    }
    let unit = question
        .within
        .or_else(|| question.demanded("code")?.parse().ok())
        .or_else(|| question.demanded("division")?.parse().ok());
    let hint = question
        .filter
        .as_ref()
        .and_then(zhifang_query::Filter::bbox_hint);
    match (&question.region, unit, hint) {
        (Some(Region::Box(bbox)), _, _) => {
            view.intersecting(collection, *bbox).filter(meant).collect()
        }
        (Some(Region::Outline(outline)), _, _) => {
            view.meeting(collection, outline).filter(meant).collect()
        }
        (None, Some(prefix), _) => view.within(collection, prefix).filter(meant).collect(),
        (None, None, Some(bbox)) => view.candidates_in(collection, bbox).filter(meant).collect(),
        (None, None, None) => view.records(collection).filter(meant).collect(),
    }
}

fn select<'a>(
    app: &AppState,
    visible: &Visible<'a>,
    collection: Collection,
    question: &Question,
) -> Page<'a> {
    if let Some(page) = visible
        .single_view()
        .and_then(|view| walk(app, *view, collection, question))
    {
        return page;
    }
    let matching = visible.merge(|view| candidates(view, collection, question));
    let mut matching: Vec<&Record> = match question.within.filter(|_| question.region.is_some()) {
        Some(prefix) => {
            let scope = visible.widest().scope(prefix);
            matching
                .into_iter()
                .filter(|record| scope.covers_record(record))
                .collect()
        }
        None => matching,
    };
    let matched = matching.len();
    let start = if question.sort.is_empty() {
        match &question.cursor {
            Some(Cursor::After(id)) => matching.partition_point(|record| *record.id <= **id),
            Some(Cursor::At(place)) => *place,
            None => 0,
        }
    } else {
        let start = match &question.cursor {
            Some(Cursor::At(place)) => *place,
            _ => 0,
        };
        // Only what is shown has to be in order.
        let shown = start.saturating_add(question.limit);
        if shown < matching.len() {
            matching.select_nth_unstable_by(shown, |a, b| question.order(a, b));
            matching.truncate(shown);
        }
        matching.sort_by(|a, b| question.order(a, b));
        start
    };
    let records: Vec<&Record> = matching
        .into_iter()
        .skip(start)
        .take(question.limit)
        .collect();
    let end = start + records.len();
    let next = match records.last() {
        Some(last) if end < matched && question.sort.is_empty() => {
            Some(Cursor::After(last.id.to_string()))
        }
        Some(_) if end < matched => Some(Cursor::At(end)),
        _ => None,
    };
    Page {
        records,
        matched,
        next,
    }
}

fn build(
    page: &Page<'_>,
    collection: Collection,
    question: &Question,
    form: ItemForm,
    address: &str,
    pairs: &[(String, String)],
) -> ApiResult<Response> {
    let others: Vec<(String, String)> = pairs
        .iter()
        .filter(|(name, _)| name != "next")
        .cloned()
        .collect();
    let mut links = vec![link("self", &with_query(address, pairs), GEO_JSON)];
    let mut html = others.clone();
    html.retain(|(name, _)| name != "f");
    html.push(("f".to_owned(), "html".to_owned()));
    links.push(link("alternate", &with_query(address, &html), "text/html"));
    let next = page.next.as_ref().map(|cursor| {
        let mut pairs = others.clone();
        pairs.push(("next".to_owned(), cursor.to_text()));
        with_query(address, &pairs)
    });
    if let Some(next) = &next {
        links.push(link("next", next, GEO_JSON));
    }
    let records: Vec<Cow<'_, Record>> = page
        .records
        .iter()
        .map(|record| record.called_on(question.day()))
        .collect();
    let mut response = match form {
        ItemForm::Csv => table(&records, collection, Format::Csv, &question.reference)?,
        ItemForm::FlatGeobuf => table(
            &records,
            collection,
            Format::FlatGeobuf,
            &question.reference,
        )?,
        ItemForm::GeoJson | ItemForm::Html => {
            let mut features: Vec<Value> = records
                .iter()
                .map(|record| feature(record, &question.reference, question.properties.as_deref()))
                .collect::<ApiResult<_>>()?;
            if form == ItemForm::GeoJson && question.properties.is_none() {
                name_the_fields(&mut features, collection);
            }
            let document = json!({
                "type": "FeatureCollection",
                "title": format!("{} {}", collection.title(zhifang_core::Lang::Zh), collection.title(zhifang_core::Lang::En)),
                "numberMatched": page.matched,
                "numberReturned": features.len(),
                "links": links,
                "features": features,
            });
            if form == ItemForm::Html {
                let title = document["title"].as_str().unwrap_or_default().to_owned();
                page::html(
                    &title,
                    &page::items(&document, collection, question.reference.is_plain()),
                )
            } else {
                ([(CONTENT_TYPE, GEO_JSON)], document.to_string()).into_response()
            }
        }
    };
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static("ogc-numbermatched"),
        HeaderValue::from(page.matched as u64),
    );
    headers.insert(
        HeaderName::from_static("ogc-numberreturned"),
        HeaderValue::from(page.records.len() as u64),
    );
    content_crs(headers, &question.reference);
    if let Some(next) = next
        && let Ok(value) = HeaderValue::from_str(&format!("<{next}>; rel=\"next\""))
    {
        headers.insert(LINK, value);
    }
    Ok(response)
}

/// Names on the first feature the fields that it has no value for, as `null`.
///
/// QGIS takes the fields of a layer from the first ten features: a field that only later ones have
/// would not be there at all.
fn name_the_fields(features: &mut [Value], collection: Collection) {
    let first = features
        .first_mut()
        .and_then(|first| first.get_mut("properties"));
    let Some(properties) = first.and_then(Value::as_object_mut) else {
        return;
    };
    let plain = |field: &&Field| !field.restricted && is_sortable(field);
    for field in COMMON.iter().chain(collection.fields()).filter(plain) {
        properties.entry(field.name).or_insert(Value::Null);
    }
}

/// The records in a format of the exports, which names the system itself and has longitude or
/// easting first in any.
fn table(
    records: &[Cow<'_, Record>],
    collection: Collection,
    format: Format,
    reference: &Reference,
) -> ApiResult<Response> {
    let mut bytes = Vec::new();
    let records: Vec<&Record> = records.iter().map(AsRef::as_ref).collect();
    let options = ExportOptions {
        crs: reference.crs(),
        ..ExportOptions::new(collection, format)
    };
    zhifang_io::export_to(&records, &options, &mut bytes).map_err(|error| match error {
        zhifang_io::Error::Transform { source } => ApiError::parameter("crs", source.to_string()),
        zhifang_io::Error::NeedsGdal { .. } => ApiError::parameter("f", error.to_string()),
        other => ApiError::internal(&other),
    })?;
    Ok(([(CONTENT_TYPE, format.media_type())], bytes).into_response())
}

fn content_crs(headers: &mut HeaderMap, reference: &Reference) {
    if let Ok(value) = HeaderValue::from_str(&format!("<{}>", reference.uri())) {
        headers.insert(HeaderName::from_static("content-crs"), value);
    }
}

/// A record as a Feature in the reference system, with the properties that are wanted.
pub(crate) fn feature(
    record: &Record,
    reference: &Reference,
    wanted: Option<&[String]>,
) -> ApiResult<Value> {
    let geometry = match record.geometry.as_deref() {
        None => Value::Null,
        Some(geometry) if reference.is_plain() => zhifang_core::geometry::to_geojson(geometry),
        Some(geometry) => zhifang_core::geometry::to_geojson(&reference.write(geometry)?),
    };
    let properties = match wanted {
        None => record.properties(),
        Some(names) => names
            .iter()
            .filter_map(|name| record.property(name).map(|value| (name.clone(), value)))
            .collect::<Map<String, Value>>(),
    };
    Ok(
        json!({"type": "Feature", "id": &*record.id, "geometry": geometry, "properties": properties}),
    )
}

fn link(rel: &str, href: &str, kind: &str) -> Value {
    json!({"rel": rel, "type": kind, "href": href})
}

fn with_query(address: &str, pairs: &[(String, String)]) -> String {
    if pairs.is_empty() {
        return address.to_owned();
    }
    let encoded: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    format!("{address}?{}", encoded.join("&"))
}

/// Percent-encoding of everything but the unreserved characters (RFC 3986 §2.3).
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The tag of a version of a record in its default form; the public's form has its own.
pub(crate) fn version_tag(record: &Record, caller: &Caller) -> String {
    let audience = if caller.is_known() { "" } else { "p" };
    format!("\"v{}{audience}\"", record.version)
}

/// The version that a tag names.
pub(crate) fn version_of_tag(tag: &str) -> Option<u32> {
    let digits = crate::caching::bare_tag(tag).strip_prefix('v')?;
    digits.trim_end_matches('p').parse().ok()
}

/// How one item is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OneForm {
    GeoJson,
    Html,
    JsonLd,
}

/// The form that is asked for by `f`, or by `Accept`.
fn item_form(f: Option<&str>, headers: &HeaderMap) -> ApiResult<OneForm> {
    let accepts_linked = || {
        let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
        accept.is_some_and(|accept| accept.trim_start().starts_with(JSON_LD))
    };
    match f {
        None if page::wants_page(None, headers) => Ok(OneForm::Html),
        None if accepts_linked() => Ok(OneForm::JsonLd),
        None | Some("geojson" | "json") => Ok(OneForm::GeoJson),
        Some("html") => Ok(OneForm::Html),
        Some("jsonld") => Ok(OneForm::JsonLd),
        Some(other) => Err(ApiError::parameter(
            "f",
            format!("`{other}`: wanted geojson, html or jsonld"),
        )),
    }
}

/// One item by its id, of whatever standing.
#[utoipa::path(get, path = "/ogc/collections/{collection}/items/{id}", tag = "features",
    params(("collection" = String, Path), ("id" = String, Path),
        ("f" = Option<String>, Query, description = "geojson, html or jsonld"), ("crs" = Option<String>, Query),
        ("known_at" = Option<String>, Query, description = "what the register said then"),
        ("as_of" = Option<String>, Query, description = "404 unless valid on the day"),
        ("datetime" = Option<String>, Query, description = "as `as_of`"),
        ("properties" = Option<String>, Query, description = "names of the properties wanted")),
    responses((status = 200, description = "the item; its ETag names the version", body = Object, content_type = "application/geo+json"),
        (status = 404, description = "no such item", body = crate::Problem)))]
pub(crate) async fn find_item(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path((name, id)): Path<(String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> ApiResult<Response> {
    let collection = known(&name, &caller)?;
    let allowed = ["f", "crs", "known_at", "as_of", "datetime", "properties"];
    if let Some((other, _)) = pairs
        .iter()
        .find(|(name, _)| !allowed.contains(&name.as_str()))
    {
        return Err(ApiError::parameter(
            other,
            format!("is no parameter here; there is {}", allowed.join(", ")),
        ));
    }
    let question = Question::parse(collection, &pairs, caller.is_known())?;
    let world = app.world_at(question.known_at).await?;
    let visible = Visible::new(&world, &caller);
    let record = visible
        .record(collection, &id)
        .filter(|record| match question.when {
            super::question::When::On(day) => record.is_valid_on(day),
            _ => true,
        })
        .ok_or_else(|| ApiError::not_found(format!("`{collection}/{id}`")))?;
    let called = record.called_on(question.day());
    let mut document = feature(&called, &question.reference, question.properties.as_deref())?;
    let base = app.base_url(&headers);
    let address = format!("{base}/ogc/collections/{collection}");
    let own = format!("{address}/items/{}", encode(&id));
    if let Some(map) = document.as_object_mut() {
        map.insert(
            "links".to_owned(),
            json!([
                link("self", &own, GEO_JSON),
                link("alternate", &format!("{own}?f=html"), "text/html"),
                link("alternate", &format!("{own}?f=jsonld"), JSON_LD),
                link("collection", &address, "application/json"),
            ]),
        );
    }
    let linked = || linked(record, visible.public(), &base, &own);
    let form = item_form(question.form.as_deref(), &headers)?;
    let mut response = match form {
        OneForm::GeoJson => ([(CONTENT_TYPE, GEO_JSON)], document.to_string()).into_response(),
        OneForm::JsonLd => ([(CONTENT_TYPE, JSON_LD)], linked().to_string()).into_response(),
        OneForm::Html => page::html(
            &record.name,
            &page::item(
                &document,
                collection,
                question.reference.is_plain(),
                &linked(),
            ),
        ),
    };
    content_crs(response.headers_mut(), &question.reference);
    let is_default =
        form == OneForm::GeoJson && question.reference.is_plain() && question.properties.is_none();
    if is_default && let Ok(tag) = HeaderValue::from_str(&version_tag(record, &caller)) {
        response.headers_mut().insert(ETAG, tag);
    }
    *response.status_mut() = StatusCode::OK;
    Ok(response)
}
