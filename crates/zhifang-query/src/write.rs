//! A tree back to CQL2 text and JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};
use zhifang_core::geometry::to_geojson;

use crate::node::{
    Arithmetic, Comparison, Fold, Kind, ListRelation, Node, Spatial, Temporal, word,
};
use crate::read_text::RESERVED;
use crate::token::{is_word_part, is_word_start};
use crate::wkt;

/// The text of a tree. Whatever could be read otherwise stands in parentheses.
pub(crate) fn text(node: &Node) -> String {
    let mut text = String::new();
    write(&mut text, node);
    text
}

fn write(text: &mut String, node: &Node) {
    match node {
        Node::Text(content) => write_quoted(text, content, '\''),
        Node::Number(number) => write_number(text, *number),
        Node::Flag(flag) => text.push_str(if *flag { "TRUE" } else { "FALSE" }),
        // Writing to a `String` cannot fail, here and below.
        Node::Day(day) => {
            let _ = write!(text, "DATE('{day}')");
        }
        Node::Time(time) => {
            let _ = write!(text, "TIMESTAMP('{time}')");
        }
        Node::Open => text.push_str("'..'"),
        Node::Interval(from, to) => {
            text.push_str("INTERVAL(");
            write_end(text, from);
            text.push(',');
            write_end(text, to);
            text.push(')');
        }
        Node::Geometry(shape) => wkt::write(text, shape),
        Node::List(items) => write_call(text, "", items.iter()),
        Node::Property(name) => write_property(text, name),
        Node::Call(function, arguments) => write_call(text, function.name, arguments.iter()),
        Node::Folded(fold, part) => {
            let name = if *fold == Fold::Case {
                "CASEI"
            } else {
                "ACCENTI"
            };
            write_call(text, name, std::iter::once(&**part));
        }
        Node::Calculated(operation, one, two) => {
            let sign = word(&Arithmetic::ALL, *operation);
            write_infix(text, one, &format!(" {} ", sign.to_uppercase()), two);
        }
        Node::And(parts) => write_joined(text, parts, " AND "),
        Node::Or(parts) => write_joined(text, parts, " OR "),
        Node::Not(part) => {
            text.push_str("NOT ");
            write_part(text, part);
        }
        Node::Compared(comparison, one, two) => {
            write_infix(
                text,
                one,
                &format!(" {} ", word(&Comparison::ALL, *comparison)),
                two,
            );
        }
        Node::Like(one, pattern, _) => write_infix(text, one, " LIKE ", pattern),
        Node::Between(one, low, high) => {
            write_infix(text, one, " BETWEEN ", low);
            text.push_str(" AND ");
            write_part(text, high);
        }
        Node::In(one, many) => {
            write_part(text, one);
            write_call(text, " IN ", many.iter());
        }
        Node::IsNull(part) => {
            write_part(text, part);
            text.push_str(" IS NULL");
        }
        Node::Spatial(relation, one, two) => {
            let name = word(&Spatial::ALL, *relation).to_uppercase();
            write_call(text, &name, [&**one, &**two].into_iter());
        }
        Node::Temporal(relation, one, two) => {
            let name = word(&Temporal::ALL, *relation).to_uppercase();
            write_call(text, &name, [&**one, &**two].into_iter());
        }
        Node::ListRelation(relation, one, two) => {
            let name = word(&ListRelation::ALL, *relation).to_uppercase();
            write_call(text, &name, [&**one, &**two].into_iter());
        }
    }
}

fn write_call<'a>(text: &mut String, name: &str, arguments: impl Iterator<Item = &'a Node>) {
    text.push_str(name);
    text.push('(');
    for (index, argument) in arguments.enumerate() {
        if index > 0 {
            text.push(',');
        }
        write(text, argument);
    }
    text.push(')');
}

fn write_infix(text: &mut String, one: &Node, sign: &str, two: &Node) {
    write_part(text, one);
    text.push_str(sign);
    write_part(text, two);
}

fn write_joined(text: &mut String, parts: &[Node], sign: &str) {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            text.push_str(sign);
        }
        // Comparisons bind more strongly than AND and OR: they need no parentheses here.
        match part {
            Node::And(_) | Node::Or(_) => write_part(text, part),
            part => write(text, part),
        }
    }
}

/// A part of an operator: operators inside it stand in parentheses.
fn write_part(text: &mut String, part: &Node) {
    let is_operator = matches!(part, Node::Calculated(..))
        || part.kind() == Kind::Condition
            && !matches!(
                part,
                Node::Spatial(..) | Node::Temporal(..) | Node::ListRelation(..)
            );
    if is_operator {
        text.push('(');
        write(text, part);
        text.push(')');
    } else {
        write(text, part);
    }
}

fn write_end(text: &mut String, end: &Node) {
    match end {
        Node::Day(day) => {
            let _ = write!(text, "'{day}'");
        }
        Node::Time(time) => {
            let _ = write!(text, "'{time}'");
        }
        other => write(text, other),
    }
}

fn write_quoted(text: &mut String, content: &str, quote: char) {
    text.push(quote);
    for character in content.chars() {
        if character == quote {
            text.push(quote);
        }
        text.push(character);
    }
    text.push(quote);
}

fn write_property(text: &mut String, name: &str) {
    let is_plain = name.starts_with(is_word_start)
        && name.chars().all(is_word_part)
        && !RESERVED.iter().any(|own| own.eq_ignore_ascii_case(name));
    if is_plain {
        text.push_str(name);
    } else {
        write_quoted(text, name, '"');
    }
}

/// Plain digits, or an exponent where those would be long.
fn write_number(text: &mut String, number: f64) {
    let is_long = number != 0.0 && !(1e-7..1e16).contains(&number.abs());
    let _ = if is_long {
        write!(text, "{number:e}")
    } else {
        write!(text, "{number}")
    };
}

/// The JSON of a tree.
pub(crate) fn json(node: &Node) -> Value {
    let operation = |name: &str, arguments: &[&Node]| {
        let arguments: Vec<Value> = arguments.iter().map(|argument| json(argument)).collect();
        json!({"args": arguments, "op": name})
    };
    let listed = |items: &[Node]| Value::Array(items.iter().map(json).collect());
    match node {
        Node::Text(text) => Value::from(text.as_str()),
        Node::Number(number) => json_number(*number),
        Node::Flag(flag) => Value::from(*flag),
        Node::Day(day) => json!({"date": day.to_string()}),
        Node::Time(time) => json!({"timestamp": time.to_string()}),
        Node::Open => Value::from(".."),
        Node::Interval(from, to) => json!({"interval": [json_end(from), json_end(to)]}),
        Node::Geometry(shape) => match shape.edges {
            Some(edges) => json!({"bbox": edges.map(json_number)}),
            None => to_geojson(&shape.geometry),
        },
        Node::List(items) => listed(items),
        Node::Property(name) => json!({"property": name}),
        Node::Call(function, arguments) => {
            json!({"args": listed(arguments), "op": function.name})
        }
        Node::Folded(Fold::Case, part) => operation("casei", &[part]),
        Node::Folded(Fold::Accent, part) => operation("accenti", &[part]),
        Node::Calculated(own, one, two) => operation(word(&Arithmetic::ALL, *own), &[one, two]),
        Node::And(parts) => json!({"args": listed(parts), "op": "and"}),
        Node::Or(parts) => json!({"args": listed(parts), "op": "or"}),
        Node::Not(part) => operation("not", &[part]),
        Node::Compared(own, one, two) => operation(word(&Comparison::ALL, *own), &[one, two]),
        Node::Like(one, pattern, _) => operation("like", &[one, pattern]),
        Node::Between(one, low, high) => operation("between", &[one, low, high]),
        Node::In(one, many) => json!({"args": [json(one), listed(many)], "op": "in"}),
        Node::IsNull(part) => operation("isNull", &[part]),
        Node::Spatial(own, one, two) => operation(word(&Spatial::ALL, *own), &[one, two]),
        Node::Temporal(own, one, two) => operation(word(&Temporal::ALL, *own), &[one, two]),
        Node::ListRelation(own, one, two) => operation(word(&ListRelation::ALL, *own), &[one, two]),
    }
}

fn json_end(end: &Node) -> Value {
    match end {
        Node::Day(day) => Value::from(day.to_string()),
        Node::Time(time) => Value::from(time.to_string()),
        other => json(other),
    }
}

/// Whole numbers without a point, as people write them.
fn json_number(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0
        && number.abs() < EXACT
        && !(number == 0.0 && number.is_sign_negative())
    {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}
