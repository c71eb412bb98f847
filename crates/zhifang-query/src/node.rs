//! The filter as a tree, and the rules that every tree obeys, whichever notation it came from.

use std::sync::Arc;

use geo::Geometry;
use zhifang_core::{Day, Timestamp};

use crate::error::{Error, Place};
use crate::function::Function;
use crate::like::Pattern;
use crate::{MAX_DEPTH, MAX_NODES};

/// `=` and its sisters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

impl Comparison {
    pub(crate) const ALL: [(Self, &'static str); 6] = [
        (Self::Equal, "="),
        (Self::NotEqual, "<>"),
        (Self::Less, "<"),
        (Self::Greater, ">"),
        (Self::LessOrEqual, "<="),
        (Self::GreaterOrEqual, ">="),
    ];
}

/// `+` and its sisters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    WholeDivide,
    Power,
}

impl Arithmetic {
    pub(crate) const ALL: [(Self, &'static str); 7] = [
        (Self::Add, "+"),
        (Self::Subtract, "-"),
        (Self::Multiply, "*"),
        (Self::Divide, "/"),
        (Self::Remainder, "%"),
        (Self::WholeDivide, "div"),
        (Self::Power, "^"),
    ];
}

/// Relations of geometries (CQL2 §7.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spatial {
    Contains,
    Crosses,
    Disjoint,
    Equals,
    Intersects,
    Overlaps,
    Touches,
    Within,
}

impl Spatial {
    pub(crate) const ALL: [(Self, &'static str); 8] = [
        (Self::Contains, "s_contains"),
        (Self::Crosses, "s_crosses"),
        (Self::Disjoint, "s_disjoint"),
        (Self::Equals, "s_equals"),
        (Self::Intersects, "s_intersects"),
        (Self::Overlaps, "s_overlaps"),
        (Self::Touches, "s_touches"),
        (Self::Within, "s_within"),
    ];
}

/// Relations of times (CQL2 §7.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Temporal {
    After,
    Before,
    Contains,
    Disjoint,
    During,
    Equals,
    FinishedBy,
    Finishes,
    Intersects,
    Meets,
    MetBy,
    OverlappedBy,
    Overlaps,
    StartedBy,
    Starts,
}

impl Temporal {
    pub(crate) const ALL: [(Self, &'static str); 15] = [
        (Self::After, "t_after"),
        (Self::Before, "t_before"),
        (Self::Contains, "t_contains"),
        (Self::Disjoint, "t_disjoint"),
        (Self::During, "t_during"),
        (Self::Equals, "t_equals"),
        (Self::FinishedBy, "t_finishedBy"),
        (Self::Finishes, "t_finishes"),
        (Self::Intersects, "t_intersects"),
        (Self::Meets, "t_meets"),
        (Self::MetBy, "t_metBy"),
        (Self::OverlappedBy, "t_overlappedBy"),
        (Self::Overlaps, "t_overlaps"),
        (Self::StartedBy, "t_startedBy"),
        (Self::Starts, "t_starts"),
    ];
}

/// Relations of lists (CQL2 §7.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListRelation {
    Equals,
    Contains,
    ContainedBy,
    Overlaps,
}

impl ListRelation {
    pub(crate) const ALL: [(Self, &'static str); 4] = [
        (Self::Equals, "a_equals"),
        (Self::Contains, "a_contains"),
        (Self::ContainedBy, "a_containedBy"),
        (Self::Overlaps, "a_overlaps"),
    ];
}

/// The word of an operator in a table such as [`Spatial::ALL`].
pub(crate) fn word<T: PartialEq + Copy>(table: &[(T, &'static str)], wanted: T) -> &'static str {
    table
        .iter()
        .find(|(one, _)| *one == wanted)
        .map_or("", |(_, word)| word)
}

/// The operator of a word, upper and lower case alike.
pub(crate) fn operator<T: Copy>(table: &[(T, &'static str)], word: &str) -> Option<T> {
    table
        .iter()
        .find(|(_, own)| own.eq_ignore_ascii_case(word))
        .map(|(one, _)| *one)
}

/// What two texts may differ in and still be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fold {
    Case,
    Accent,
}

/// A geometry in the filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shape {
    pub(crate) geometry: Geometry,
    /// West, south, east, north, where it was written as a box.
    pub(crate) edges: Option<[f64; 4]>,
}

/// A part of a filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Text(String),
    Number(f64),
    Flag(bool),
    Day(Day),
    Time(Timestamp),
    /// `..` in an interval.
    Open,
    Interval(Box<Node>, Box<Node>),
    Geometry(Arc<Shape>),
    List(Vec<Node>),
    Property(String),
    Call(&'static Function, Vec<Node>),
    Folded(Fold, Box<Node>),
    Calculated(Arithmetic, Box<Node>, Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Compared(Comparison, Box<Node>, Box<Node>),
    Like(Box<Node>, Box<Node>, Arc<Pattern>),
    Between(Box<Node>, Box<Node>, Box<Node>),
    In(Box<Node>, Vec<Node>),
    IsNull(Box<Node>),
    Spatial(Spatial, Box<Node>, Box<Node>),
    Temporal(Temporal, Box<Node>, Box<Node>),
    ListRelation(ListRelation, Box<Node>, Box<Node>),
}

/// What a node may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A property: known only when a record comes.
    Any,
    Condition,
    /// True or false as a value: stands as a condition too.
    Flag,
    Text,
    Number,
    Instant,
    Interval,
    Geometry,
    List,
}

impl Node {
    /// What the node stands for.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Text(_) | Self::Folded(..) => Kind::Text,
            Self::Number(_) | Self::Calculated(..) => Kind::Number,
            Self::Flag(_) => Kind::Flag,
            Self::Day(_) | Self::Time(_) => Kind::Instant,
            Self::Open | Self::Interval(..) => Kind::Interval,
            Self::Geometry(_) => Kind::Geometry,
            Self::List(_) => Kind::List,
            Self::Property(_) => Kind::Any,
            Self::Call(function, _) => function.returns,
            Self::And(_)
            | Self::Or(_)
            | Self::Not(_)
            | Self::Compared(..)
            | Self::Like(..)
            | Self::Between(..)
            | Self::In(..)
            | Self::IsNull(_)
            | Self::Spatial(..)
            | Self::Temporal(..)
            | Self::ListRelation(..) => Kind::Condition,
        }
    }

    /// The parts of the node, in order.
    pub(crate) fn children(&self) -> Vec<&Node> {
        match self {
            Self::Text(_)
            | Self::Number(_)
            | Self::Flag(_)
            | Self::Day(_)
            | Self::Time(_)
            | Self::Open
            | Self::Geometry(_)
            | Self::Property(_) => Vec::new(),
            Self::Interval(one, two)
            | Self::Calculated(_, one, two)
            | Self::Compared(_, one, two)
            | Self::Like(one, two, _)
            | Self::Spatial(_, one, two)
            | Self::Temporal(_, one, two)
            | Self::ListRelation(_, one, two) => vec![one, two],
            Self::Between(one, low, high) => vec![one, low, high],
            Self::In(one, many) => std::iter::once(&**one).chain(many).collect(),
            Self::List(many) | Self::Call(_, many) | Self::And(many) | Self::Or(many) => {
                many.iter().collect()
            }
            Self::Folded(_, one) | Self::Not(one) | Self::IsNull(one) => vec![one],
        }
    }

    /// Levels below and with this one. The tree holds at most [`MAX_NODES`] nodes, so the walk is
    /// bounded too.
    fn depth(&self) -> usize {
        1 + self
            .children()
            .into_iter()
            .map(Self::depth)
            .max()
            .unwrap_or(0)
    }
}

/// Counts nodes and holds each to the rules.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    nodes: usize,
}

impl Builder {
    /// The node, if it obeys the rules.
    pub(crate) fn add(&mut self, node: Node, place: impl Fn() -> Place) -> Result<Node, Error> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Error::TooManyNodes { place: place() });
        }
        check(&node).map_err(|(wanted, found)| Error::Unexpected {
            place: place(),
            wanted,
            found: described(found).to_owned(),
        })?;
        Ok(node)
    }
}

/// The finished filter: a condition, not too deep.
pub(crate) fn finished(root: Node, place: Place) -> Result<Node, Error> {
    if !matches!(root.kind(), Kind::Condition | Kind::Flag | Kind::Any) {
        let found = described(root.kind()).to_owned();
        return Err(Error::Unexpected {
            place,
            wanted: "a condition",
            found,
        });
    }
    if root.depth() > MAX_DEPTH {
        return Err(Error::TooDeep { place });
    }
    Ok(root)
}

/// Joins conditions, lifting inner chains of the same word.
pub(crate) fn joined(is_and: bool, parts: Vec<Node>) -> Node {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Node::And(inner) if is_and => flat.extend(inner),
            Node::Or(inner) if !is_and => flat.extend(inner),
            other => flat.push(other),
        }
    }
    if is_and {
        Node::And(flat)
    } else {
        Node::Or(flat)
    }
}

fn described(kind: Kind) -> &'static str {
    match kind {
        Kind::Any => "a property",
        Kind::Condition => "a condition",
        Kind::Flag => "true or false",
        Kind::Text => "a text",
        Kind::Number => "a number",
        Kind::Instant => "a date or time",
        Kind::Interval => "an interval",
        Kind::Geometry => "a geometry",
        Kind::List => "a list",
    }
}

type Mismatch = (&'static str, Kind);

fn check(node: &Node) -> Result<(), Mismatch> {
    let each = |wanted: &'static str, kinds: &[Kind]| {
        node.children()
            .into_iter()
            .map(Node::kind)
            .find(|kind| *kind != Kind::Any && !kinds.contains(kind))
            .map_or(Ok(()), |found| Err((wanted, found)))
    };
    match node {
        Node::And(_) | Node::Or(_) | Node::Not(_) => {
            each("a condition", &[Kind::Condition, Kind::Flag])
        }
        Node::Compared(..) | Node::Between(..) | Node::In(..) => each(
            "a text, number, truth value, date or property",
            &[Kind::Text, Kind::Number, Kind::Flag, Kind::Instant],
        ),
        Node::Like(..) | Node::Folded(..) => each("a text or property", &[Kind::Text]),
        Node::Calculated(..) => each("a number or property", &[Kind::Number]),
        Node::Spatial(..) => each("a geometry or property", &[Kind::Geometry]),
        Node::Temporal(..) => each(
            "a date, time, interval or property",
            &[Kind::Instant, Kind::Interval],
        ),
        Node::ListRelation(..) => each("a list or property", &[Kind::List]),
        Node::Interval(from, to) => {
            let is_end = |end: &Node| end.kind() == Kind::Instant || *end == Node::Open;
            [from, to]
                .into_iter()
                .find(|end| end.kind() != Kind::Any && !is_end(end))
                .map_or(Ok(()), |end| Err(("a date, a time or `..`", end.kind())))
        }
        Node::List(_) => each(
            "a text, number, truth value, date, geometry, list or property",
            &[
                Kind::Text,
                Kind::Number,
                Kind::Flag,
                Kind::Instant,
                Kind::Interval,
                Kind::Geometry,
                Kind::List,
            ],
        ),
        Node::Call(function, arguments) => function
            .takes
            .iter()
            .zip(arguments)
            .map(|(wanted, argument)| (*wanted, argument.kind()))
            .find(|(wanted, found)| *found != Kind::Any && found != wanted)
            .map_or(Ok(()), |(wanted, found)| Err((described(wanted), found))),
        _ => Ok(()),
    }
}
