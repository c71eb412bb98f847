//! The functions that a filter may call (OGC API Features part 3, `/functions`).

use geo::{Geodesic, GeodesicArea, Geometry, Length, Point};

use crate::node::Kind;
use crate::value::Value;

/// A function of filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Its name; upper and lower case alike.
    pub name: &'static str,
    /// What it does, in Chinese.
    pub zh: &'static str,
    /// What it does, in English.
    pub en: &'static str,
    /// Which of the bodies below it is.
    pub(crate) body: Body,
    pub(crate) takes: &'static [Kind],
    pub(crate) returns: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    Abs,
    AreaM2,
    Ceil,
    DistanceM,
    Floor,
    HasPrefix,
    HasPart,
    Length,
    LengthM,
    Lower,
    Round,
    Upper,
    Within,
}

impl Function {
    /// JSON-Schema types of its arguments (`geometry` for geometries).
    pub fn argument_types(&self) -> impl Iterator<Item = &'static str> {
        self.takes.iter().map(|kind| type_word(*kind))
    }

    /// JSON-Schema type of what it returns.
    pub fn return_type(&self) -> &'static str {
        type_word(self.returns)
    }
}

fn type_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "number",
        Kind::Flag | Kind::Condition => "boolean",
        Kind::Geometry => "geometry",
        _ => "string",
    }
}

const fn function(
    name: &'static str,
    body: Body,
    takes: &'static [Kind],
    returns: Kind,
    zh: &'static str,
    en: &'static str,
) -> Function {
    Function {
        name,
        zh,
        en,
        body,
        takes,
        returns,
    }
}

const NUMBER: &[Kind] = &[Kind::Number];
const TEXT: &[Kind] = &[Kind::Text];
const TEXTS: &[Kind] = &[Kind::Text, Kind::Text];
const SHAPE: &[Kind] = &[Kind::Geometry];

const FUNCTIONS: &[Function] = &[
    function(
        "abs",
        Body::Abs,
        NUMBER,
        Kind::Number,
        "绝对值",
        "absolute value",
    ),
    function(
        "area_m2",
        Body::AreaM2,
        SHAPE,
        Kind::Number,
        "椭球面积（平方米）",
        "area on the ellipsoid in square metres",
    ),
    function(
        "ceil",
        Body::Ceil,
        NUMBER,
        Kind::Number,
        "向上取整",
        "least whole number above",
    ),
    function(
        "distance_m",
        Body::DistanceM,
        &[Kind::Geometry, Kind::Geometry],
        Kind::Number,
        "到点的距离（米）",
        "metres from a geometry to a point",
    ),
    function(
        "floor",
        Body::Floor,
        NUMBER,
        Kind::Number,
        "向下取整",
        "greatest whole number below",
    ),
    function(
        "has_part",
        Body::HasPart,
        TEXTS,
        Kind::Flag,
        "包含文字",
        "whether a text holds another",
    ),
    function(
        "has_prefix",
        Body::HasPrefix,
        TEXTS,
        Kind::Flag,
        "以文字开头",
        "whether a text begins with another",
    ),
    function(
        "length",
        Body::Length,
        TEXT,
        Kind::Number,
        "字数",
        "number of characters",
    ),
    function(
        "length_m",
        Body::LengthM,
        SHAPE,
        Kind::Number,
        "椭球长度（米）",
        "length on the ellipsoid in metres",
    ),
    function(
        "lower",
        Body::Lower,
        TEXT,
        Kind::Text,
        "小写",
        "text in lower case",
    ),
    function(
        "round",
        Body::Round,
        NUMBER,
        Kind::Number,
        "四舍五入",
        "nearest whole number",
    ),
    function(
        "upper",
        Body::Upper,
        TEXT,
        Kind::Text,
        "大写",
        "text in upper case",
    ),
    function(
        "within",
        Body::Within,
        TEXT,
        Kind::Flag,
        "属于该代码的区划",
        "whether the record belongs to the unit of a code or below it",
    ),
];

/// Every function, by name.
pub fn functions() -> &'static [Function] {
    FUNCTIONS
}

/// The function of this name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS
        .iter()
        .find(|function| function.name.eq_ignore_ascii_case(name))
}

/// What a function makes of its arguments; null where one is missing or of another kind.
pub(crate) fn call(body: Body, arguments: &[Value<'_>], division: Option<&str>) -> Value<'static> {
    use Value::{Flag, Null, Number, Shape, Text};
    match (body, arguments) {
        (Body::Abs, [Number(number)]) => Number(number.abs()),
        (Body::Ceil, [Number(number)]) => Number(number.ceil()),
        (Body::Floor, [Number(number)]) => Number(number.floor()),
        (Body::Round, [Number(number)]) => Number(number.round()),
        (Body::Lower, [Text(text)]) => Text(text.to_lowercase().into()),
        (Body::Upper, [Text(text)]) => Text(text.to_uppercase().into()),
        (Body::Length, [Text(text)]) => Number(text.chars().count() as f64),
        (Body::HasPart, [Text(text), Text(part)]) => Flag(text.contains(&**part)),
        (Body::HasPrefix, [Text(text), Text(prefix)]) => Flag(text.starts_with(&**prefix)),
        (Body::AreaM2, [Shape(shape)]) => Number(area_m2(shape)),
        (Body::LengthM, [Shape(shape)]) => Number(length_m(shape)),
        (Body::DistanceM, [Shape(shape), Shape(place)] | [Shape(place), Shape(shape)])
            if matches!(**place, Geometry::Point(_)) =>
        {
            match **place {
                Geometry::Point(point) => distance_m(shape, point).map_or(Null, Number),
                _ => Null,
            }
        }
        (Body::Within, [Text(code)]) => {
            division.map_or(Null, |division| Flag(is_within(division, code)))
        }
        _ => Null,
    }
}

/// `4206` and `420600` hold `420682`: a code of six digits stands for its trimmed prefix.
fn is_within(division: &str, code: &str) -> bool {
    let prefix = match (code.len(), code.strip_suffix("00")) {
        (6, Some(prefecture)) => prefecture.strip_suffix("00").unwrap_or(prefecture),
        _ => code,
    };
    division.starts_with(prefix)
}

fn area_m2(shape: &Geometry) -> f64 {
    match shape {
        Geometry::Polygon(polygon) => ring_area_m2(polygon),
        Geometry::MultiPolygon(polygons) => polygons.iter().map(ring_area_m2).sum(),
        Geometry::GeometryCollection(parts) => parts.iter().map(area_m2).sum(),
        Geometry::Rect(rect) => ring_area_m2(&rect.to_polygon()),
        _ => 0.0,
    }
}

/// Signed areas, so that a ring's winding does not matter.
fn ring_area_m2(polygon: &geo::Polygon) -> f64 {
    let ring = |line: &geo::LineString| {
        geo::Polygon::new(line.clone(), Vec::new())
            .geodesic_area_signed()
            .abs()
    };
    ring(polygon.exterior()) - polygon.interiors().iter().map(ring).sum::<f64>()
}

fn length_m(shape: &Geometry) -> f64 {
    match shape {
        Geometry::LineString(line) => Geodesic.length(line),
        Geometry::MultiLineString(lines) => Geodesic.length(lines),
        Geometry::GeometryCollection(parts) => parts.iter().map(length_m).sum(),
        _ => 0.0,
    }
}

fn distance_m(shape: &Geometry, place: Point) -> Option<f64> {
    use geo::{Closest, Distance, HaversineClosestPoint};
    match shape.haversine_closest_point(&place) {
        Closest::Intersection(_) => Some(0.0),
        Closest::SinglePoint(nearest) => Some(Geodesic.distance(nearest, place)),
        Closest::Indeterminate => None,
    }
}
