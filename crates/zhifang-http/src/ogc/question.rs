//! What is asked of a collection's items: every parameter, parsed once.

use std::cmp::Ordering;

use serde_json::Value;
use zhifang_core::{CodePrefix, Collection, Day, Record, Status, Timestamp};
use zhifang_query::Filter;

use super::collection::is_sortable;
use super::reference::{Reference, Region};
use crate::error::{ApiError, ApiResult};
use crate::limits::{PAGE_RECORDS, PAGE_RECORDS_DEFAULT};
use crate::routes::{parse_as_of, parse_known_at};

/// Form of the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ItemForm {
    GeoJson,
    Html,
    Csv,
    FlatGeobuf,
}

/// Where a page begins: opaque to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// After this id, in the order of ids.
    After(String),
    /// At this place, in another order.
    At(usize),
}

impl Cursor {
    pub(crate) fn to_text(&self) -> String {
        let plain = match self {
            Self::After(id) => format!("i{id}"),
            Self::At(place) => format!("o{place}"),
        };
        plain
            .bytes()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    fn parse(text: &str) -> ApiResult<Self> {
        let fault = || ApiError::parameter("next", "is no page of this list");
        let bytes: Option<Vec<u8>> = (0..text.len())
            .step_by(2)
            .map(|at| {
                text.get(at..at + 2)
                    .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            })
            .collect();
        let plain = bytes
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(fault)?;
        if let Some(id) = plain.strip_prefix('i') {
            return Ok(Self::After(id.to_owned()));
        }
        plain
            .strip_prefix('o')
            .and_then(|place| place.parse().ok())
            .map(Self::At)
            .ok_or_else(fault)
    }
}

/// When an item must be valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Published records, whatever their dates.
    Now,
    /// In force on the day.
    On(Day),
    /// In force on some day of the interval; open where `None`.
    Between(Option<Day>, Option<Day>),
    /// Any standing: the filter says which.
    Any,
}

/// The question.
#[derive(Debug)]
pub(crate) struct Question {
    pub form: Option<String>,
    pub limit: usize,
    pub cursor: Option<Cursor>,
    pub region: Option<Region>,
    pub reference: Reference,
    pub when: When,
    pub known_at: Option<Timestamp>,
    pub within: Option<CodePrefix>,
    pub filter: Option<Filter>,
    pub equals: Vec<(String, String)>,
    pub sort: Vec<(String, bool)>,
    pub properties: Option<Vec<String>>,
}

impl Question {
    /// From the query's pairs; every name must be known.
    pub(crate) fn parse(
        collection: Collection,
        pairs: &[(String, String)],
        is_staff: bool,
    ) -> ApiResult<Self> {
        let mut filter_crs = None;
        let mut filter_lang = None;
        let mut filter_text = None;
        let mut bbox_crs = None;
        let mut bbox = None;
        let mut crs = None;
        let mut question = Self {
            form: None,
            limit: PAGE_RECORDS_DEFAULT,
            cursor: None,
            region: None,
            reference: Reference::parse("crs", None)?,
            when: When::Now,
            known_at: None,
            within: None,
            filter: None,
            equals: Vec::new(),
            sort: Vec::new(),
            properties: None,
        };
        for (name, value) in pairs {
            match name.as_str() {
                "f" => question.form = Some(value.clone()),
                "limit" => {
                    let wanted: u64 = value.parse().map_err(|_| {
                        ApiError::parameter(
                            "limit",
                            format!("`{value}`: wanted a whole number from 1"),
                        )
                    })?;
                    if wanted == 0 {
                        return Err(ApiError::parameter("limit", "wanted a whole number from 1"));
                    }
                    question.limit = usize::try_from(wanted)
                        .unwrap_or(PAGE_RECORDS)
                        .min(PAGE_RECORDS);
                }
                "next" => question.cursor = Some(Cursor::parse(value)?),
                "bbox" => bbox = Some(value.as_str()),
                "bbox-crs" => bbox_crs = Some(value.as_str()),
                "crs" => crs = Some(value.as_str()),
                "datetime" => question.when = parse_datetime(value)?,
                "as_of" => {
                    question.when = parse_as_of(Some(value))?.map_or(When::Now, When::On);
                }
                "known_at" => question.known_at = parse_known_at(Some(value))?,
                "within" => {
                    let prefix = value.parse().map_err(|error: zhifang_core::CodeError| {
                        ApiError::parameter("within", error.to_string())
                    })?;
                    question.within = Some(prefix);
                }
                "filter" => filter_text = Some(value.as_str()),
                "filter-lang" => filter_lang = Some(value.as_str()),
                "filter-crs" => filter_crs = Some(value.as_str()),
                "sortby" => question.sort = parse_sort(collection, value)?,
                "properties" => {
                    question.properties = Some(parse_properties(collection, value, is_staff)?);
                }
                other if is_property(collection, other, is_staff) => {
                    question.equals.push((other.to_owned(), value.clone()));
                }
                other => {
                    return Err(ApiError::parameter(
                        other,
                        "is no parameter and no property of this collection",
                    ));
                }
            }
        }
        question.reference = Reference::parse("crs", crs)?;
        if let Some(text) = bbox {
            question.region =
                Some(Reference::parse("bbox-crs", bbox_crs)?.read_box(parse_numbers(text)?)?);
        }
        if let Some(text) = filter_text {
            question.filter = Some(parse_filter(
                collection,
                text,
                filter_lang,
                filter_crs,
                is_staff,
            )?);
        }
        let names_standing = |name: &str| matches!(name, "status" | "valid_from" | "valid_to");
        let by_filter = question
            .filter
            .as_ref()
            .is_some_and(|filter| filter.properties().into_iter().any(names_standing));
        if question.when == When::Now
            && (by_filter || question.equals.iter().any(|(name, _)| names_standing(name)))
        {
            question.when = When::Any;
        }
        Ok(question)
    }

    /// Whether every record that stands is meant.
    pub(crate) fn is_whole(&self) -> bool {
        self.region.is_none()
            && self.when == When::Now
            && self.within.is_none()
            && self.filter.is_none()
            && self.equals.is_empty()
            && self.sort.is_empty()
    }

    /// The text that the property of every record that is meant has, where one is asked for.
    pub(crate) fn demanded(&self, property: &str) -> Option<&str> {
        let given = self.equals.iter().find(|(name, _)| name == property);
        match given {
            Some((_, value)) => Some(value),
            None => self.filter.as_ref()?.text_hint(property),
        }
    }

    /// Whether the record is meant, its place aside.
    pub(crate) fn matches(&self, record: &Record) -> bool {
        let stands = match self.when {
            When::Now => record.status == Status::Published,
            When::On(day) => record.is_valid_on(day),
            When::Between(from, to) => {
                record.status != Status::Draft
                    && (record.status == Status::Published || record.valid.to.is_some())
                    && to.is_none_or(|to| record.valid.from.is_none_or(|start| start <= to))
                    && from.is_none_or(|from| record.valid.to.is_none_or(|end| from < end))
            }
            When::Any => true,
        };
        stands
            && self
                .equals
                .iter()
                .all(|(name, wanted)| equals(record.property(name).as_ref(), wanted))
            && self
                .filter
                .as_ref()
                .is_none_or(|filter| filter.matches(record))
    }

    /// The day that is asked for, if one is.
    pub(crate) fn day(&self) -> Option<Day> {
        match self.when {
            When::On(day) => Some(day),
            _ => None,
        }
    }

    /// Order of two records under `sortby`, by id where that says nothing.
    pub(crate) fn order(&self, a: &Record, b: &Record) -> Ordering {
        for (name, descending) in &self.sort {
            let order = order_of(a.property(name).as_ref(), b.property(name).as_ref());
            let order = if *descending { order.reverse() } else { order };
            if order != Ordering::Equal {
                return order;
            }
        }
        a.id.cmp(&b.id)
    }
}

fn equals(value: Option<&Value>, wanted: &str) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => text == wanted,
        Some(Value::Array(list)) => list.iter().any(|value| equals(Some(value), wanted)),
        Some(Value::Number(number)) => number
            .as_f64()
            .zip(wanted.parse::<f64>().ok())
            .is_some_and(|(a, b)| a == b),
        Some(other) => *other == wanted,
    }
}

/// Nothing before numbers before texts, so that the order is total.
fn order_of(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    let rank = |value: Option<&Value>| match value {
        None | Some(Value::Null) => 0,
        Some(Value::Bool(_)) => 1,
        Some(Value::Number(_)) => 2,
        Some(_) => 3,
    };
    rank(a).cmp(&rank(b)).then_with(|| match (a, b) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => a
            .as_f64()
            .unwrap_or(0.0)
            .total_cmp(&b.as_f64().unwrap_or(0.0)),
        (Some(Value::String(a)), Some(Value::String(b))) => a.cmp(b),
        (Some(Value::Bool(a)), Some(Value::Bool(b))) => a.cmp(b),
        _ => Ordering::Equal,
    })
}

fn is_property(collection: Collection, name: &str, is_staff: bool) -> bool {
    collection
        .field(name)
        .is_some_and(|field| is_staff || !field.restricted)
}

fn parse_numbers(text: &str) -> ApiResult<[f64; 4]> {
    let fault = || {
        ApiError::parameter(
            "bbox",
            format!("`{text}`: wanted four numbers, lower corner first"),
        )
    };
    let numbers: Vec<f64> = text
        .split(',')
        .map(|part| part.trim().parse())
        .collect::<Result<_, _>>()
        .map_err(|_| fault())?;
    match numbers[..] {
        [a, b, c, d] | [a, b, _, c, d, _] if numbers.iter().all(|number| number.is_finite()) => {
            Ok([a, b, c, d])
        }
        _ => Err(fault()),
    }
}

fn parse_datetime(text: &str) -> ApiResult<When> {
    let fault = |_| {
        ApiError::parameter(
            "datetime",
            format!("`{text}`: wanted RFC 3339, or two of them with `/` between"),
        )
    };
    let end = |part: &str| match part {
        "" | ".." => Ok(None),
        part => parse_as_of(Some(part)).map_err(fault),
    };
    match text.split_once('/') {
        None => Ok(parse_as_of(Some(text))
            .map_err(fault)?
            .map_or(When::Now, When::On)),
        Some((from, to)) => {
            let (from, to) = (end(from)?, end(to)?);
            if from.zip(to).is_some_and(|(from, to)| from > to) {
                return Err(ApiError::parameter(
                    "datetime",
                    "the interval ends before it begins",
                ));
            }
            Ok(When::Between(from, to))
        }
    }
}

fn parse_sort(collection: Collection, text: &str) -> ApiResult<Vec<(String, bool)>> {
    text.split(',')
        .map(|part| {
            let part = part.trim();
            let descending = part.starts_with('-');
            let name = part.trim_start_matches(['-', '+']);
            match collection
                .field(name)
                .filter(|field| is_sortable(field) && !field.restricted)
            {
                Some(_) => Ok((name.to_owned(), descending)),
                None => Err(ApiError::parameter(
                    "sortby",
                    format!("`{name}` is not among the sortables"),
                )),
            }
        })
        .collect()
}

fn parse_properties(collection: Collection, text: &str, is_staff: bool) -> ApiResult<Vec<String>> {
    text.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| {
            if is_property(collection, name, is_staff) || name == "extra" {
                Ok(name.to_owned())
            } else {
                Err(ApiError::parameter(
                    "properties",
                    format!("`{name}` is no property of this collection"),
                ))
            }
        })
        .collect()
}

fn parse_filter(
    collection: Collection,
    text: &str,
    lang: Option<&str>,
    crs: Option<&str>,
    is_staff: bool,
) -> ApiResult<Filter> {
    let parsed = match lang {
        None if text.trim_start().starts_with('{') => Filter::from_json(text),
        // Older clients name the text form by the draft's word.
        None | Some("cql2-text" | "cql-text") => Filter::from_text(text),
        Some("cql2-json") => Filter::from_json(text),
        Some(other) => {
            return Err(ApiError::parameter(
                "filter-lang",
                format!("`{other}`: wanted cql2-text or cql2-json"),
            ));
        }
    };
    let filter = parsed.map_err(|error| ApiError::parameter("filter", error.to_string()))?;
    for name in filter.properties() {
        let known = is_property(collection, name, is_staff)
            || zhifang_query::GEOMETRY_NAMES.contains(&name)
            || name.starts_with("extra.");
        if !known {
            return Err(ApiError::parameter(
                "filter",
                format!("`{name}` is not among the queryables"),
            ));
        }
    }
    let reference = Reference::parse("filter-crs", crs)?;
    Ok(if reference.is_plain() {
        filter
    } else {
        filter.map_coords(&mut |coord| reference.read_coord(coord))
    })
}
