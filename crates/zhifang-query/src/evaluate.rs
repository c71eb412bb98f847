//! Does a record match? Three-valued logic as in SQL: what is missing makes a comparison unknown,
//! and unknown is no match.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::fold::folded;
use crate::function;
use crate::node::{Arithmetic, Comparison, ListRelation, Node, Temporal};
use crate::record::Properties;
use crate::spatial;
use crate::value::{Span, Value};

/// The truth of a condition; `None` is unknown.
pub(crate) fn truth(node: &Node, record: &dyn Properties) -> Option<bool> {
    match node {
        Node::And(parts) => all(parts, record, true),
        Node::Or(parts) => all(parts, record, false),
        Node::Not(part) => truth(part, record).map(|truth| !truth),
        Node::Compared(comparison, one, two) => {
            let (one, two) = (value(one, record), value(two, record));
            compared(*comparison, &one, &two)
        }
        Node::Like(text, _, pattern) => match value(text, record) {
            Value::Text(text) => Some(pattern.matches(&text)),
            _ => None,
        },
        Node::Between(middle, low, high) => {
            let middle = value(middle, record);
            let is_above = compared(Comparison::GreaterOrEqual, &middle, &value(low, record));
            let is_below = compared(Comparison::LessOrEqual, &middle, &value(high, record));
            both(is_above, is_below)
        }
        Node::In(one, many) => match value(one, record) {
            Value::Null => None,
            one => Some(
                many.iter()
                    .any(|other| one.is_same_as(&value(other, record))),
            ),
        },
        Node::IsNull(part) => Some(is_null(part, record)),
        Node::Spatial(relation, one, two) => match (shape(one, record), shape(two, record)) {
            (Some(one), Some(two)) => spatial::holds(*relation, &one, &two),
            _ => None,
        },
        Node::Temporal(relation, one, two) => {
            let (one, two) = (value(one, record).span()?, value(two, record).span()?);
            Some(temporal(*relation, one, two))
        }
        Node::ListRelation(relation, one, two) => match (value(one, record), value(two, record)) {
            (Value::List(one), Value::List(two)) => Some(listed(*relation, &one, &two)),
            _ => None,
        },
        other => match value(other, record) {
            Value::Flag(flag) => Some(flag),
            _ => None,
        },
    }
}

/// AND where `wanted` is true, OR where it is false (Kleene).
fn all(parts: &[Node], record: &dyn Properties, wanted: bool) -> Option<bool> {
    let mut found = Some(wanted);
    for part in parts {
        match truth(part, record) {
            Some(truth) if truth == wanted => {}
            Some(truth) => return Some(truth),
            None => found = None,
        }
    }
    found
}

fn both(one: Option<bool>, two: Option<bool>) -> Option<bool> {
    match (one, two) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn compared(comparison: Comparison, one: &Value<'_>, two: &Value<'_>) -> Option<bool> {
    let order = one.compared(two)?;
    Some(match comparison {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    })
}

fn is_null(node: &Node, record: &dyn Properties) -> bool {
    match node {
        Node::Property(name) => {
            record.geometry(name).is_none()
                && record.property(name).is_none_or(|value| value.is_null())
        }
        other => matches!(value(other, record), Value::Null),
    }
}

fn shape<'a>(node: &'a Node, record: &'a dyn Properties) -> Option<Cow<'a, geo::Geometry>> {
    match node {
        Node::Geometry(shape) => Some(Cow::Borrowed(&shape.geometry)),
        Node::Property(name) => record.geometry(name),
        _ => None,
    }
}

/// The value of a node on a record.
fn value<'a>(node: &'a Node, record: &'a dyn Properties) -> Value<'a> {
    match node {
        Node::Text(text) => Value::Text(Cow::Borrowed(text)),
        Node::Number(number) => Value::Number(*number),
        Node::Flag(flag) => Value::Flag(*flag),
        Node::Day(day) => Value::Day(*day),
        Node::Time(time) => Value::Time(*time),
        Node::Open => Value::Null,
        Node::Interval(from, to) => interval(from, to, record),
        Node::Geometry(shape) => Value::Shape(Cow::Borrowed(&shape.geometry)),
        Node::List(items) => Value::List(items.iter().map(|item| value(item, record)).collect()),
        Node::Property(name) => match record.property(name) {
            Some(json) => Value::of_json(json),
            None => record.geometry(name).map_or(Value::Null, Value::Shape),
        },
        Node::Call(function, arguments) => {
            let arguments: Vec<Value<'_>> = arguments
                .iter()
                .map(|argument| value(argument, record))
                .collect();
            let division = record.property("division").map(Value::of_json);
            let division = match &division {
                Some(Value::Text(code)) => Some(&**code),
                _ => None,
            };
            function::call(function.body, &arguments, division)
        }
        Node::Folded(fold, part) => match value(part, record) {
            Value::Text(text) => Value::Text(folded(*fold, &text).into()),
            _ => Value::Null,
        },
        Node::Calculated(operation, one, two) => {
            match (value(one, record).number(), value(two, record).number()) {
                (Some(one), Some(two)) => calculated(*operation, one, two),
                _ => Value::Null,
            }
        }
        condition => truth(condition, record).map_or(Value::Null, Value::Flag),
    }
}

/// What does not come out as a number (a division by zero) is missing.
fn calculated(operation: Arithmetic, one: f64, two: f64) -> Value<'static> {
    let number = match operation {
        Arithmetic::Add => one + two,
        Arithmetic::Subtract => one - two,
        Arithmetic::Multiply => one * two,
        Arithmetic::Divide => one / two,
        Arithmetic::Remainder => one % two,
        Arithmetic::WholeDivide => (one / two).trunc(),
        Arithmetic::Power => one.powf(two),
    };
    if number.is_finite() {
        Value::Number(number)
    } else {
        Value::Null
    }
}

fn interval(from: &Node, to: &Node, record: &dyn Properties) -> Value<'static> {
    let end = |node: &Node, open: i64, pick: fn(Span) -> i64| match node {
        Node::Open => Some(open),
        // An end that the record leaves empty is open: valid_to of what is still valid.
        Node::Property(_) if is_null(node, record) => Some(open),
        node => value(node, record).span().map(pick),
    };
    match (
        end(from, i64::MIN, |span| span.first),
        end(to, i64::MAX, |span| span.last),
    ) {
        (Some(first), Some(last)) => Value::Span(Span { first, last }),
        _ => Value::Null,
    }
}

/// Allen's relations, on first and last microseconds.
fn temporal(relation: Temporal, one: Span, two: Span) -> bool {
    let meets =
        |one: Span, two: Span| one.last == two.first || one.last.checked_add(1) == Some(two.first);
    let overlaps =
        |one: Span, two: Span| one.first < two.first && one.last > two.first && one.last < two.last;
    let during = |one: Span, two: Span| one.first > two.first && one.last < two.last;
    let starts = |one: Span, two: Span| one.first == two.first && one.last < two.last;
    let finishes = |one: Span, two: Span| one.last == two.last && one.first > two.first;
    let (before, after) = (one.last < two.first, one.first > two.last);
    match relation {
        Temporal::After => after,
        Temporal::Before => before,
        Temporal::Contains => during(two, one),
        Temporal::Disjoint => before || after,
        Temporal::During => during(one, two),
        Temporal::Equals => one == two,
        Temporal::FinishedBy => finishes(two, one),
        Temporal::Finishes => finishes(one, two),
        Temporal::Intersects => !before && !after,
        Temporal::Meets => meets(one, two),
        Temporal::MetBy => meets(two, one),
        Temporal::OverlappedBy => overlaps(two, one),
        Temporal::Overlaps => overlaps(one, two),
        Temporal::StartedBy => starts(two, one),
        Temporal::Starts => starts(one, two),
    }
}

/// Lists as sets.
fn listed(relation: ListRelation, one: &[Value<'_>], two: &[Value<'_>]) -> bool {
    let holds = |all: &[Value<'_>], part: &[Value<'_>]| {
        part.iter()
            .all(|item| all.iter().any(|other| other.is_same_as(item)))
    };
    match relation {
        ListRelation::Contains => holds(one, two),
        ListRelation::ContainedBy => holds(two, one),
        ListRelation::Equals => holds(one, two) && holds(two, one),
        ListRelation::Overlaps => one
            .iter()
            .any(|item| two.iter().any(|other| other.is_same_as(item))),
    }
}

/// The text of a pattern, folds applied; `None` where it depends on the record.
pub(crate) fn constant_text(node: &Node) -> Option<String> {
    match node {
        Node::Text(text) => Some(text.clone()),
        Node::Folded(fold, part) => constant_text(part).map(|text| folded(*fold, &text)),
        _ => None,
    }
}
