//! CQL2 text (OGC 21-065r2, annex B) to a tree, by precedence climbing.

use std::sync::Arc;

use crate::MAX_DEPTH;
use crate::error::{Error, Place};
use crate::evaluate::constant_text;
use crate::function;
use crate::like::Pattern;
use crate::node::{
    Arithmetic, Builder, Comparison, Fold, ListRelation, Node, Spatial, Temporal, finished, joined,
    operator,
};
use crate::token::{Token, tokens};
use crate::wkt;

/// How strongly operators bind: a higher one takes its operands first.
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARISON: u8 = 4;
const SUM: u8 = 5;
const PRODUCT: u8 = 6;
const POWER: u8 = 7;

/// Words that are no property unless quoted.
pub(crate) const RESERVED: [&str; 11] = [
    "AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE", "DIV",
];

/// A reader of tokens.
#[derive(Debug)]
pub(crate) struct Reader {
    tokens: Vec<(Token, usize)>,
    at: usize,
    depth: usize,
    builder: Builder,
}

/// The tree of a text.
pub(crate) fn read(text: &str) -> Result<Node, Error> {
    let mut reader = Reader {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
        builder: Builder::default(),
    };
    let root = reader.expression(0)?;
    match reader.peek().clone() {
        Token::End => finished(root, Place::Character(1)),
        other => Err(reader.unexpected("an operator or the end", &other)),
    }
}

impl Reader {
    pub(crate) fn peek(&self) -> &Token {
        self.tokens
            .get(self.at)
            .map_or(&Token::End, |(token, _)| token)
    }

    pub(crate) fn next(&mut self) -> Token {
        let token = self.peek().clone();
        if self.at < self.tokens.len() {
            self.at += 1;
        }
        token
    }

    /// The place of the token to come.
    pub(crate) fn place(&self) -> Place {
        let (last, token) = (self.tokens.last(), self.tokens.get(self.at));
        Place::Character(token.or(last).map_or(1, |(_, at)| *at))
    }

    pub(crate) fn unexpected(&self, wanted: &'static str, found: &Token) -> Error {
        Error::Unexpected {
            place: self.place(),
            wanted,
            found: found.described(),
        }
    }

    /// The same for the token just taken.
    pub(crate) fn unexpected_before(&mut self, wanted: &'static str, found: &Token) -> Error {
        self.at = self.at.saturating_sub(1);
        self.unexpected(wanted, found)
    }

    /// Takes the sign if it comes.
    pub(crate) fn take(&mut self, sign: &str) -> bool {
        let is_there = matches!(self.peek(), Token::Sign(own) if *own == sign);
        if is_there {
            self.next();
        }
        is_there
    }

    pub(crate) fn sign(&mut self, sign: &'static str) -> Result<(), Error> {
        if self.take(sign) {
            Ok(())
        } else {
            Err(self.unexpected(quoted_sign(sign), &self.peek().clone()))
        }
    }

    fn take_word(&mut self, keyword: &str) -> bool {
        let is_there = self.peek().is_word(keyword);
        if is_there {
            self.next();
        }
        is_there
    }

    fn word(&mut self, keyword: &'static str) -> Result<(), Error> {
        if self.take_word(keyword) {
            Ok(())
        } else {
            Err(self.unexpected(keyword, &self.peek().clone()))
        }
    }

    /// Runs `read` one level down.
    pub(crate) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.depth == MAX_DEPTH {
            return Err(Error::TooDeep {
                place: self.place(),
            });
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn add(&mut self, node: Node, place: &Place) -> Result<Node, Error> {
        self.builder.add(node, || place.clone())
    }

    /// An expression of operators that bind more strongly than `floor`.
    fn expression(&mut self, floor: u8) -> Result<Node, Error> {
        self.deeper(|reader| reader.climb(floor))
    }

    fn climb(&mut self, floor: u8) -> Result<Node, Error> {
        let place = self.place();
        let mut left = self.operand()?;
        loop {
            let token = self.peek().clone();
            let strength = strength(&token);
            if strength <= floor {
                return Ok(left);
            }
            left = match strength {
                OR | AND => {
                    let mut parts = vec![left];
                    let keyword = if strength == AND { "AND" } else { "OR" };
                    while self.take_word(keyword) {
                        parts.push(self.expression(strength)?);
                    }
                    self.add(joined(strength == AND, parts), &place)?
                }
                COMPARISON => self.predicate(left, &token, &place)?,
                _ => {
                    self.next();
                    let word = match &token {
                        Token::Sign(sign) => sign,
                        _ => "div",
                    };
                    let operation = operator(&Arithmetic::ALL, word)
                        .ok_or_else(|| self.unexpected("an operator", &token))?;
                    let right = self.expression(strength)?;
                    let node = Node::Calculated(operation, Box::new(left), Box::new(right));
                    self.add(node, &place)?
                }
            };
        }
    }

    /// What follows the left side of a comparison.
    fn predicate(&mut self, left: Node, token: &Token, place: &Place) -> Result<Node, Error> {
        if let Token::Sign(sign) = token {
            self.next();
            let comparison = operator(&Comparison::ALL, sign)
                .ok_or_else(|| self.unexpected("a comparison", token))?;
            let right = self.expression(COMPARISON)?;
            return self.add(
                Node::Compared(comparison, Box::new(left), Box::new(right)),
                place,
            );
        }
        if self.take_word("IS") {
            let is_not = self.take_word("NOT");
            self.word("NULL")?;
            let node = self.add(Node::IsNull(Box::new(left)), place)?;
            return self.negated(is_not, node, place);
        }
        let is_not = self.take_word("NOT");
        let node = if self.take_word("LIKE") {
            let at = self.place();
            let right = self.expression(COMPARISON)?;
            like(left, right, || at.clone())?
        } else if self.take_word("BETWEEN") {
            let low = self.expression(COMPARISON)?;
            self.word("AND")?;
            let high = self.expression(COMPARISON)?;
            Node::Between(Box::new(left), Box::new(low), Box::new(high))
        } else {
            self.word("IN")?;
            self.sign("(")?;
            let mut many = vec![self.expression(COMPARISON)?];
            while self.take(",") {
                many.push(self.expression(COMPARISON)?);
            }
            self.sign(")")?;
            Node::In(Box::new(left), many)
        };
        let node = self.add(node, place)?;
        self.negated(is_not, node, place)
    }

    fn negated(&mut self, is_not: bool, node: Node, place: &Place) -> Result<Node, Error> {
        if is_not {
            self.add(Node::Not(Box::new(node)), place)
        } else {
            Ok(node)
        }
    }

    fn operand(&mut self) -> Result<Node, Error> {
        let place = self.place();
        let node = match self.next() {
            Token::Sign("(") => {
                let inner = self.expression(0)?;
                self.sign(")")?;
                return Ok(inner);
            }
            Token::Sign(sign @ ("-" | "+")) => match self.next() {
                Token::Number(number) => Node::Number(if sign == "-" { -number } else { number }),
                other => return Err(self.unexpected_before("a number", &other)),
            },
            Token::Number(number) => Node::Number(number),
            Token::Text(text) => Node::Text(text),
            Token::Quoted(name) => Node::Property(name),
            Token::Word(word) if word.eq_ignore_ascii_case("NOT") => {
                Node::Not(Box::new(self.expression(NOT)?))
            }
            Token::Word(word) if word.eq_ignore_ascii_case("TRUE") => Node::Flag(true),
            Token::Word(word) if word.eq_ignore_ascii_case("FALSE") => Node::Flag(false),
            Token::Word(word) => {
                if RESERVED.iter().any(|own| own.eq_ignore_ascii_case(&word)) {
                    return Err(self.unexpected_before("a value", &Token::Word(word)));
                }
                self.named(word, &place)?
            }
            other => return Err(self.unexpected_before("a value", &other)),
        };
        self.add(node, &place)
    }

    /// A geometry, a call, or a property.
    fn named(&mut self, word: String, place: &Place) -> Result<Node, Error> {
        let is_called = matches!(self.peek(), Token::Sign("("));
        let is_geometry = wkt::WORDS.iter().any(|own| own.eq_ignore_ascii_case(&word));
        if is_geometry && (is_called || self.peek().is_word("Z")) {
            return self
                .shape(&word)
                .map(|shape| Node::Geometry(Arc::new(shape)));
        }
        if !is_called {
            return Ok(Node::Property(word));
        }
        if let Some(relation) = operator(&ListRelation::ALL, &word) {
            self.sign("(")?;
            let one = self.list_argument()?;
            self.sign(",")?;
            let two = self.list_argument()?;
            self.sign(")")?;
            return Ok(Node::ListRelation(relation, Box::new(one), Box::new(two)));
        }
        if word.eq_ignore_ascii_case("INTERVAL") {
            self.sign("(")?;
            let from = self.interval_end()?;
            self.sign(",")?;
            let to = self.interval_end()?;
            self.sign(")")?;
            return Ok(Node::Interval(Box::new(from), Box::new(to)));
        }
        let arguments = self.arguments()?;
        call(&word, arguments, || place.clone())
    }

    fn arguments(&mut self) -> Result<Vec<Node>, Error> {
        self.sign("(")?;
        let mut arguments = Vec::new();
        if self.take(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression(0)?);
            if !self.take(",") {
                self.sign(")")?;
                return Ok(arguments);
            }
        }
    }

    /// A list in `( )` or `[ ]`, or anything else that may be one.
    fn list_argument(&mut self) -> Result<Node, Error> {
        let place = self.place();
        let close = match self.peek() {
            Token::Sign("(") => ")",
            Token::Sign("[") => "]",
            _ => return self.expression(0),
        };
        self.next();
        let mut items = Vec::new();
        if !self.take(close) {
            loop {
                items.push(self.deeper(Self::list_argument)?);
                if !self.take(",") {
                    self.sign(close)?;
                    break;
                }
            }
        }
        self.add(Node::List(items), &place)
    }

    /// A date, a time or `..` in quotes, or a property.
    fn interval_end(&mut self) -> Result<Node, Error> {
        let place = self.place();
        match self.expression(0)? {
            Node::Text(text) => {
                let node = instant(&text).ok_or_else(|| Error::Unexpected {
                    place: place.clone(),
                    wanted: "a date, a time or `..`",
                    found: format!("`{text}`"),
                })?;
                self.add(node, &place)
            }
            other => Ok(other),
        }
    }
}

/// The end of an interval by its text.
pub(crate) fn instant(text: &str) -> Option<Node> {
    if text == ".." {
        return Some(Node::Open);
    }
    text.parse()
        .map(Node::Day)
        .or_else(|_| text.parse().map(Node::Time))
        .ok()
}

/// A `LIKE`; its pattern is a text that does not depend on the record.
pub(crate) fn like(text: Node, pattern: Node, place: impl Fn() -> Place) -> Result<Node, Error> {
    let compiled = constant_text(&pattern).map(|pattern| Arc::new(Pattern::new(&pattern)));
    match compiled {
        Some(compiled) => Ok(Node::Like(Box::new(text), Box::new(pattern), compiled)),
        None => Err(Error::Unexpected {
            place: place(),
            wanted: "a pattern in quotes",
            found: "something else".to_owned(),
        }),
    }
}

/// What a word with arguments means: a relation, a fold, a date, or a function.
pub(crate) fn call(
    word: &str,
    arguments: Vec<Node>,
    place: impl Fn() -> Place,
) -> Result<Node, Error> {
    let count = arguments.len();
    let wrong = |wanted: &'static str| Error::Unexpected {
        place: place(),
        wanted,
        found: format!("{count} arguments"),
    };
    let pair =
        |arguments: Vec<Node>| <[Node; 2]>::try_from(arguments).map(|pair| pair.map(Box::new));
    if let Some(relation) = operator(&Spatial::ALL, word) {
        let [one, two] = pair(arguments).map_err(|_| wrong("two geometries"))?;
        return Ok(Node::Spatial(relation, one, two));
    }
    if let Some(relation) = operator(&Temporal::ALL, word) {
        let [one, two] = pair(arguments).map_err(|_| wrong("two times"))?;
        return Ok(Node::Temporal(relation, one, two));
    }
    if let Some(fold) = operator(&[(Fold::Case, "casei"), (Fold::Accent, "accenti")], word) {
        let [one] = <[Node; 1]>::try_from(arguments).map_err(|_| wrong("one text"))?;
        return Ok(Node::Folded(fold, Box::new(one)));
    }
    let is_day = word.eq_ignore_ascii_case("DATE");
    if is_day || word.eq_ignore_ascii_case("TIMESTAMP") {
        let wanted = if is_day {
            "a date such as '2026-05-01'"
        } else {
            "a time such as '2026-05-01T08:00:00Z'"
        };
        let node = match &arguments[..] {
            [Node::Text(text)] if is_day => text.parse().map(Node::Day).ok(),
            [Node::Text(text)] => text.parse().map(Node::Time).ok(),
            _ => None,
        };
        return node.ok_or_else(|| wrong(wanted));
    }
    let function = function::find(word).ok_or_else(|| Error::UnknownFunction {
        place: place(),
        name: word.to_owned(),
    })?;
    if arguments.len() != function.takes.len() {
        return Err(wrong("another number of arguments"));
    }
    Ok(Node::Call(function, arguments))
}

fn strength(token: &Token) -> u8 {
    match token {
        Token::Sign("=" | "<>" | "<" | ">" | "<=" | ">=") => COMPARISON,
        Token::Sign("+" | "-") => SUM,
        Token::Sign("*" | "/" | "%") => PRODUCT,
        Token::Sign("^") => POWER,
        Token::Word(_) => {
            let strengths = [
                ("OR", OR),
                ("AND", AND),
                ("LIKE", COMPARISON),
                ("BETWEEN", COMPARISON),
                ("IN", COMPARISON),
                ("IS", COMPARISON),
                ("NOT", COMPARISON),
                ("DIV", PRODUCT),
            ];
            strengths
                .into_iter()
                .find(|(keyword, _)| token.is_word(keyword))
                .map_or(0, |(_, strength)| strength)
        }
        _ => 0,
    }
}

fn quoted_sign(sign: &'static str) -> &'static str {
    match sign {
        "(" => "`(`",
        ")" => "`)` or `,`",
        "]" => "`]` or `,`",
        "," => "`,`",
        other => other,
    }
}
