//! A filter, whole.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use geo::Coord;
use serde_json::Value;
use zhifang_core::Bbox;
use zhifang_core::geometry::map_coords;

use crate::error::Error;
use crate::evaluate::truth;
use crate::node::{Comparison, Node, Shape, Spatial};
use crate::record::{GEOMETRY_NAMES, Properties};
use crate::{MAX_BYTES, read_json, read_text, write};

/// A condition on records, read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    root: Node,
}

impl Filter {
    /// Reads CQL2 text.
    ///
    /// # Errors
    /// Any of [`Error`], with the character counted from 1.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        within_limit(text)?;
        read_text::read(text).map(|root| Self { root })
    }

    /// Reads CQL2 JSON.
    ///
    /// # Errors
    /// Any of [`Error`], with the path.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        within_limit(text)?;
        let value: Value = serde_json::from_str(text).map_err(|fault| Error::Json {
            reason: fault.to_string(),
        })?;
        Self::from_json_value(&value)
    }

    /// Reads CQL2 JSON that was parsed already (its size is the caller's care).
    ///
    /// # Errors
    /// Any of [`Error`], with the path.
    pub fn from_json_value(value: &Value) -> Result<Self, Error> {
        read_json::read(value).map(|root| Self { root })
    }

    /// Whether the record matches: unknown (a property that is missing) is no match.
    /// Geometries are EPSG:4490 on both sides.
    pub fn matches(&self, record: &dyn Properties) -> bool {
        truth(&self.root, record) == Some(true)
    }

    /// The filter as CQL2 text, from which the same filter is read.
    pub fn to_text(&self) -> String {
        write::text(&self.root)
    }

    /// The filter as CQL2 JSON, from which the same filter is read.
    pub fn to_json(&self) -> Value {
        write::json(&self.root)
    }

    /// Names of all properties that the filter asks for, sorted: compare them with the
    /// collection's queryables.
    pub fn properties(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        let mut open = vec![&self.root];
        while let Some(node) = open.pop() {
            if let Node::Property(name) = node {
                names.insert(name.as_str());
            }
            open.extend(node.children());
        }
        names
    }

    /// A box that the geometry of every matching record meets; `None` where the filter says
    /// nothing of the kind. The box only spares work: what lies in it may still not match.
    pub fn bbox_hint(&self) -> Option<Bbox> {
        hint(&self.root)
    }

    /// The text that a property of every matching record equals, where the filter demands one.
    /// It only spares work: a record with it may still not match.
    pub fn text_hint(&self, property: &str) -> Option<&str> {
        text_hint(&self.root, property)
    }

    /// The same filter with every coordinate of its geometries replaced (`filter-crs`). A box
    /// becomes the polygon of its corners.
    #[must_use]
    pub fn map_coords(&self, change: &mut dyn FnMut(Coord) -> Coord) -> Self {
        let mut root = self.root.clone();
        let mut open = vec![&mut root];
        while let Some(node) = open.pop() {
            if let Node::Geometry(shape) = node {
                let geometry = map_coords(&shape.geometry, change);
                *shape = Arc::new(Shape {
                    geometry,
                    edges: None,
                });
            } else {
                open.extend(children_mut(node));
            }
        }
        Self { root }
    }
}

impl FromStr for Filter {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_text(text)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

fn within_limit(text: &str) -> Result<(), Error> {
    if text.len() > MAX_BYTES {
        Err(Error::TooLong { bytes: text.len() })
    } else {
        Ok(())
    }
}

fn children_mut(node: &mut Node) -> Vec<&mut Node> {
    match node {
        Node::Text(_)
        | Node::Number(_)
        | Node::Flag(_)
        | Node::Day(_)
        | Node::Time(_)
        | Node::Open
        | Node::Geometry(_)
        | Node::Property(_) => Vec::new(),
        Node::Interval(one, two)
        | Node::Calculated(_, one, two)
        | Node::Compared(_, one, two)
        | Node::Like(one, two, _)
        | Node::Spatial(_, one, two)
        | Node::Temporal(_, one, two)
        | Node::ListRelation(_, one, two) => vec![one, two],
        Node::Between(one, low, high) => vec![one, low, high],
        Node::In(one, many) => std::iter::once(&mut **one).chain(many).collect(),
        Node::List(many) | Node::Call(_, many) | Node::And(many) | Node::Or(many) => {
            many.iter_mut().collect()
        }
        Node::Folded(_, one) | Node::Not(one) | Node::IsNull(one) => vec![one],
    }
}

fn hint(node: &Node) -> Option<Bbox> {
    match node {
        Node::Spatial(Spatial::Disjoint, ..) => None,
        Node::Spatial(_, one, two) => match (&**one, &**two) {
            (Node::Property(name), Node::Geometry(shape))
            | (Node::Geometry(shape), Node::Property(name))
                if GEOMETRY_NAMES.contains(&name.as_str()) =>
            {
                shape_box(shape)
            }
            _ => None,
        },
        Node::And(parts) => parts.iter().filter_map(hint).reduce(smaller),
        Node::Or(parts) => parts
            .iter()
            .map(hint)
            .collect::<Option<Vec<_>>>()
            .and_then(|boxes| boxes.into_iter().reduce(|one, two| one.union(&two))),
        _ => None,
    }
}

fn text_hint<'a>(node: &'a Node, property: &str) -> Option<&'a str> {
    match node {
        Node::Compared(Comparison::Equal, one, two) => match (&**one, &**two) {
            (Node::Property(name), Node::Text(text)) | (Node::Text(text), Node::Property(name)) => {
                (name == property).then_some(text.as_str())
            }
            _ => None,
        },
        Node::And(parts) => parts.iter().find_map(|part| text_hint(part, property)),
        _ => None,
    }
}

/// A box across the antimeridian covers the whole width as a plain one: no hint worth having.
fn shape_box(shape: &Shape) -> Option<Bbox> {
    let is_split = matches!(shape.edges, Some([west, _, east, _]) if west > east);
    if is_split {
        None
    } else {
        Bbox::of_geometry(&shape.geometry)
    }
}

/// The smaller of two boxes that a geometry must meet. Not the part that they share: a large
/// geometry may meet both and miss that part.
fn smaller(one: Bbox, two: Bbox) -> Bbox {
    let size = |b: &Bbox| (b.east - b.west) * (b.north - b.south);
    if size(&two) < size(&one) { two } else { one }
}
