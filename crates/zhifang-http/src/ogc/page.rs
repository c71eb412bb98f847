//! JSON for programs, a plain page for people, from one document.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zhifang_core::Collection;
use zhifang_core::schema::COMMON;

use super::sketch::sketch;
use crate::error::{ApiError, ApiResult};
use crate::routes::escape;

/// The form that is asked for by `f`, or by `Accept`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    pub(crate) f: Option<String>,
}

impl Form {
    /// Refuses any form but JSON, where there is no page.
    pub(crate) fn only_json(&self) -> ApiResult<()> {
        match self.f.as_deref() {
            None | Some("json") => Ok(()),
            Some(other) => Err(ApiError::parameter("f", format!("`{other}`: wanted json"))),
        }
    }
}

/// Links to a document in both its forms.
pub(crate) fn both_forms(address: &str) -> Vec<Value> {
    vec![
        json!({"rel": "self", "type": "application/json", "href": format!("{address}?f=json"), "title": "JSON"}),
        json!({"rel": "alternate", "type": "text/html", "href": format!("{address}?f=html"), "title": "HTML"}),
    ]
}

/// Whether a person with a browser asks.
pub(crate) fn wants_page(f: Option<&str>, headers: &HeaderMap) -> bool {
    match f {
        Some(form) => form == "html",
        None => headers
            .get(ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.trim_start().starts_with("text/html")),
    }
}

/// The document in the form that is asked for.
pub(crate) fn answer(
    form: &Form,
    headers: &HeaderMap,
    document: &Value,
    page: impl Fn(&Value) -> String,
) -> ApiResult<Response> {
    if let Some(f) = form.f.as_deref()
        && !matches!(f, "json" | "html")
    {
        return Err(ApiError::parameter(
            "f",
            format!("`{f}`: wanted json or html"),
        ));
    }
    if wants_page(form.f.as_deref(), headers) {
        let title = document["title"]
            .as_str()
            .unwrap_or("职方 Zhifang")
            .to_owned();
        return Ok(html(&title, &page(document)));
    }
    Ok((
        StatusCode::OK,
        [(CONTENT_TYPE, "application/json")],
        document.to_string(),
    )
        .into_response())
}

/// How plain pages look; it stands in the page itself, so that any base path works.
const SHEET: &str = include_str!("../page.css");

/// Nothing but this very sheet is taken (CSP level 2, hash sources).
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(SHEET.as_bytes());
    let hash = STANDARD.encode(digest);
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
});

/// A page without scripts; what it shows is text, whatever the data holds.
pub(crate) fn html(title: &str, body: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{0}</title>\
         <style>{SHEET}</style></head><body><h1>{0}</h1>\n{body}</body></html>\n",
        escape(title)
    );
    let policy = POLICY.as_str();
    (
        [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_SECURITY_POLICY, policy),
        ],
        page,
    )
        .into_response()
}

/// The document's links as a list.
fn links(document: &Value) -> String {
    let mut list = String::from("<ul>\n");
    for link in document["links"].as_array().into_iter().flatten() {
        let href = link["href"].as_str().unwrap_or_default();
        let title = link["title"].as_str().unwrap_or(href);
        let rel = link["rel"].as_str().unwrap_or_default();
        let _ = writeln!(
            list,
            "<li><a href=\"{}\">{}</a> ({})</li>",
            escape(href),
            escape(title),
            escape(rel)
        );
    }
    list.push_str("</ul>\n");
    list
}

pub(crate) fn landing(document: &Value) -> String {
    let about = document["description"].as_str().unwrap_or_default();
    format!("<p>{}</p>\n{}", escape(about), links(document))
}

pub(crate) fn collections(document: &Value) -> String {
    let mut list = String::from("<ul>\n");
    for collection in document["collections"].as_array().into_iter().flatten() {
        let id = collection["id"].as_str().unwrap_or_default();
        let title = collection["title"].as_str().unwrap_or(id);
        let _ = writeln!(
            list,
            "<li><a href=\"collections/{0}?f=html\">{1}</a></li>",
            escape(id),
            escape(title)
        );
    }
    list.push_str("</ul>\n");
    list + &links(document)
}

pub(crate) fn collection(document: &Value) -> String {
    links(document)
}

/// A page of items: where they are, and a table of their first properties with links to each.
/// `is_plain`: the geometries are longitude and latitude, and can be sketched.
pub(crate) fn items(document: &Value, collection: Collection, is_plain: bool) -> String {
    let shown = [
        "name",
        "division",
        "level",
        "kind",
        "status",
        "valid_from",
        "valid_to",
        "source",
    ];
    let features = || document["features"].as_array().into_iter().flatten();
    let mut table = format!(
        "<p>{} / {}</p>\n{}<div class=\"wide\"><table><thead><tr><th>{}</th>",
        document["numberReturned"],
        document["numberMatched"],
        sketched(features(), is_plain),
        heading(collection, "id"),
    );
    for name in shown {
        let _ = write!(table, "<th>{}</th>", heading(collection, name));
    }
    table.push_str("</tr></thead><tbody>\n");
    for feature in features() {
        let id = feature["id"].as_str().unwrap_or_default();
        let _ = write!(
            table,
            "<tr><td><a href=\"items/{0}?f=html\">{0}</a></td>",
            escape(id)
        );
        for name in shown {
            let _ = write!(
                table,
                "<td>{}</td>",
                escape(&cell(&feature["properties"][name]))
            );
        }
        table.push_str("</tr>\n");
    }
    table.push_str("</tbody></table></div>\n");
    table + &links(document)
}

/// One item: where it is, and property by property; for programs that read pages its linked data.
pub(crate) fn item(
    document: &Value,
    collection: Collection,
    is_plain: bool,
    linked: &Value,
) -> String {
    let mut table = sketched([document], is_plain);
    // No text of the data may end the element.
    let linked = linked.to_string().replace('<', "\\u003c");
    let _ = writeln!(
        table,
        "<script type=\"application/ld+json\">{linked}</script>"
    );
    table.push_str("<table><tbody>\n");
    for (name, value) in document["properties"].as_object().into_iter().flatten() {
        let _ = writeln!(
            table,
            "<tr><th>{}</th><td>{}</td></tr>",
            heading(collection, name),
            escape(&cell(value))
        );
    }
    table.push_str("</tbody></table>\n");
    table + &links(document)
}

fn sketched<'a>(features: impl IntoIterator<Item = &'a Value>, is_plain: bool) -> String {
    if is_plain {
        sketch(features)
    } else {
        String::new()
    }
}

/// A property in both languages, with its word in the data.
fn heading(collection: Collection, name: &str) -> String {
    let mut fields = COMMON.iter().chain(collection.fields());
    match fields.find(|field| field.name == name) {
        Some(field) => format!(
            "{} <span class=\"en\">{}</span><br><code>{}</code>",
            escape(field.zh),
            escape(field.en),
            escape(name)
        ),
        None => format!("<code>{}</code>", escape(name)),
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
