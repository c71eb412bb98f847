//! CQL2 JSON (OGC 21-065r2, annex A) to a tree.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::MAX_DEPTH;
use crate::error::{Error, Place};
use crate::node::{
    Arithmetic, Builder, Comparison, ListRelation, Node, Shape, finished, joined, operator,
};
use crate::read_text::{call, instant, like};
use crate::wkt;

/// Where the reader is: the keys from the top.
#[derive(Debug, Clone, Copy)]
struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    key: &'a str,
    index: Option<usize>,
    depth: usize,
}

impl Path<'_> {
    fn place(&self) -> Place {
        let mut keys = Vec::new();
        let mut at = Some(self);
        while let Some(path) = at {
            if let Some(index) = path.index {
                keys.push(format!("/{index}"));
            }
            if !path.key.is_empty() {
                keys.push(format!("/{}", path.key));
            }
            at = path.parent;
        }
        keys.reverse();
        Place::Path(keys.concat())
    }
}

/// The tree of a JSON value.
pub(crate) fn read(value: &Value) -> Result<Node, Error> {
    let mut builder = Builder::default();
    let top = Path {
        parent: None,
        key: "",
        index: None,
        depth: 1,
    };
    let root = node(&mut builder, value, &top)?;
    finished(root, top.place())
}

fn unexpected(path: &Path<'_>, wanted: &'static str, found: &Value) -> Error {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    Error::Unexpected {
        place: path.place(),
        wanted,
        found: found.to_owned(),
    }
}

fn node(builder: &mut Builder, value: &Value, path: &Path<'_>) -> Result<Node, Error> {
    if path.depth > MAX_DEPTH {
        return Err(Error::TooDeep {
            place: path.place(),
        });
    }
    let node = match value {
        Value::String(text) => Node::Text(text.clone()),
        Value::Bool(flag) => Node::Flag(*flag),
        Value::Number(number) => number
            .as_f64()
            .filter(|number| number.is_finite())
            .map(Node::Number)
            .ok_or_else(|| unexpected(path, "a number", value))?,
        Value::Array(items) => Node::List(nodes(builder, items, "", path)?),
        Value::Object(object) => self::object(builder, object, value, path)?,
        Value::Null => return Err(unexpected(path, "a value", value)),
    };
    builder.add(node, || path.place())
}

fn nodes(
    builder: &mut Builder,
    items: &[Value],
    key: &str,
    path: &Path<'_>,
) -> Result<Vec<Node>, Error> {
    items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let inner = Path {
                parent: Some(path),
                key,
                index: Some(index),
                depth: path.depth + 1,
            };
            node(builder, item, &inner)
        })
        .collect()
}

fn object(
    builder: &mut Builder,
    object: &Map<String, Value>,
    value: &Value,
    path: &Path<'_>,
) -> Result<Node, Error> {
    if let Some(word) = object.get("op") {
        let word = word
            .as_str()
            .ok_or_else(|| unexpected(path, "`op` as a text", word))?;
        let arguments = object
            .get("args")
            .and_then(Value::as_array)
            .ok_or_else(|| unexpected(path, "`args` as a list beside `op`", value))?;
        return operation(builder, word, arguments, value, path);
    }
    if let Some(name) = object.get("property") {
        let name = name
            .as_str()
            .ok_or_else(|| unexpected(path, "a property's name", name))?;
        return Ok(Node::Property(name.to_owned()));
    }
    for (key, wanted) in [
        ("date", "a date such as 2026-05-01"),
        ("timestamp", "a time such as 2026-05-01T08:00:00Z"),
    ] {
        if let Some(text) = object.get(key) {
            let parsed = text.as_str().and_then(|text| {
                if key == "date" {
                    text.parse().map(Node::Day).ok()
                } else {
                    text.parse().map(Node::Time).ok()
                }
            });
            return parsed.ok_or_else(|| unexpected(path, wanted, text));
        }
    }
    if let Some(ends) = object.get("interval") {
        return interval(builder, ends, path);
    }
    let wrong = |reason: String| Error::Geometry {
        place: path.place(),
        reason,
    };
    if let Some(edges) = object.get("bbox").filter(|_| !object.contains_key("type")) {
        let numbers: Option<Vec<f64>> = edges
            .as_array()
            .and_then(|edges| edges.iter().map(Value::as_f64).collect())
            .filter(|edges: &Vec<f64>| edges.iter().all(|edge| edge.is_finite()));
        let edges = match numbers.as_deref() {
            Some(&([west, south, east, north] | [west, south, _, east, north, _])) => {
                [west, south, east, north]
            }
            _ => return Err(wrong("a box wants four or six numbers".to_owned())),
        };
        return wkt::box_shape(edges)
            .map(|shape| Node::Geometry(Arc::new(shape)))
            .map_err(|reason| wrong(reason.to_owned()));
    }
    if object.contains_key("type") {
        let shape: Shape = zhifang_core::geometry::from_geojson(value)
            .map_err(|fault| wrong(fault.to_string()))
            .and_then(|geometry| wkt::checked(geometry).map_err(wrong))?;
        return Ok(Node::Geometry(Arc::new(shape)));
    }
    Err(unexpected(
        path,
        "`op`, `property`, `date`, `timestamp`, `interval`, `bbox` or a geometry",
        value,
    ))
}

fn interval(builder: &mut Builder, ends: &Value, path: &Path<'_>) -> Result<Node, Error> {
    let wanted = "an interval of two dates, times or `..`";
    let [from, to] = ends
        .as_array()
        .map(Vec::as_slice)
        .and_then(|ends| <&[Value; 2]>::try_from(ends).ok())
        .ok_or_else(|| unexpected(path, wanted, ends))?;
    let mut end = |index: usize, value: &Value| {
        let inner = Path {
            parent: Some(path),
            key: "interval",
            index: Some(index),
            depth: path.depth + 1,
        };
        match value {
            Value::String(text) => {
                let node = instant(text).ok_or_else(|| unexpected(&inner, wanted, value))?;
                builder.add(node, || inner.place())
            }
            other => node(builder, other, &inner),
        }
    };
    Ok(Node::Interval(
        Box::new(end(0, from)?),
        Box::new(end(1, to)?),
    ))
}

fn operation(
    builder: &mut Builder,
    word: &str,
    arguments: &[Value],
    value: &Value,
    path: &Path<'_>,
) -> Result<Node, Error> {
    let is = |name: &str| word.eq_ignore_ascii_case(name);
    if is("in") {
        let [one, Value::Array(many)] = arguments else {
            return Err(unexpected(path, "a value and a list", value));
        };
        let one = nodes(builder, std::slice::from_ref(one), "args", path)?;
        let inner = Path {
            parent: Some(path),
            key: "args",
            index: Some(1),
            depth: path.depth + 1,
        };
        let many = nodes(builder, many, "", &inner)?;
        return match (<[Node; 1]>::try_from(one), many.is_empty()) {
            (Ok([one]), false) => Ok(Node::In(Box::new(one), many)),
            _ => Err(unexpected(
                path,
                "a value and a list that is not empty",
                value,
            )),
        };
    }
    let mut parts = nodes(builder, arguments, "args", path)?;
    if is("and") || is("or") {
        return if parts.len() < 2 {
            Err(unexpected(path, "two conditions or more", value))
        } else {
            Ok(joined(is("and"), parts))
        };
    }
    if is("not") || is("isNull") {
        let [one] =
            <[Node; 1]>::try_from(parts).map_err(|_| unexpected(path, "one argument", value))?;
        return Ok(if is("not") {
            Node::Not(Box::new(one))
        } else {
            Node::IsNull(Box::new(one))
        });
    }
    if is("between") {
        let [one, low, high] = <[Node; 3]>::try_from(parts)
            .map_err(|_| unexpected(path, "a value and two limits", value))?
            .map(Box::new);
        return Ok(Node::Between(one, low, high));
    }
    let comparison = operator(&Comparison::ALL, word);
    let arithmetic = operator(&Arithmetic::ALL, word);
    let relation = operator(&ListRelation::ALL, word);
    if !(is("like") || comparison.is_some() || arithmetic.is_some() || relation.is_some()) {
        return call(word, parts, || path.place());
    }
    let (Some(two), Some(one), true) = (parts.pop(), parts.pop(), parts.is_empty()) else {
        return Err(unexpected(path, "two arguments", value));
    };
    if is("like") {
        return like(one, two, || path.place());
    }
    let (one, two) = (Box::new(one), Box::new(two));
    Ok(match (comparison, arithmetic, relation) {
        (Some(comparison), ..) => Node::Compared(comparison, one, two),
        (_, Some(arithmetic), _) => Node::Calculated(arithmetic, one, two),
        (_, _, Some(relation)) => Node::ListRelation(relation, one, two),
        _ => return Err(unexpected(path, "an operator", value)),
    })
}
