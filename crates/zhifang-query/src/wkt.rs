//! Geometries in CQL2 text: WKT (OGC 06-103r4 §7) and `BBOX(…)`.

use std::fmt::Write as _;

use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Point, Polygon, Rect,
};

use crate::error::Error;
use crate::node::Shape;
use crate::read_text::Reader;
use crate::token::Token;

/// Words that begin a geometry.
pub(crate) const WORDS: [&str; 8] = [
    "POINT",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
    "BBOX",
];

/// The geometry of a box; west above east crosses the antimeridian (RFC 7946 §5.2).
pub(crate) fn box_shape(edges: [f64; 4]) -> Result<Shape, &'static str> {
    let [west, south, east, north] = edges;
    if south > north {
        return Err("south is above north");
    }
    let part = |west: f64, east: f64| {
        Rect::new(Coord { x: west, y: south }, Coord { x: east, y: north }).to_polygon()
    };
    let geometry = if west <= east {
        Geometry::Polygon(part(west, east))
    } else if (-180.0..=180.0).contains(&west) && (-180.0..=180.0).contains(&east) {
        Geometry::MultiPolygon(MultiPolygon(vec![part(west, 180.0), part(-180.0, east)]))
    } else {
        return Err("west is above east outside -180 to 180");
    };
    Ok(Shape {
        geometry,
        edges: Some(edges),
    })
}

/// A geometry that the relations can work with: no empty parts, rings closed and of four.
pub(crate) fn checked(geometry: Geometry) -> Result<Shape, String> {
    fn fault(geometry: &Geometry) -> Option<String> {
        let line =
            |line: &LineString| (line.0.len() < 2).then(|| "a line wants two positions".to_owned());
        let ring = |ring: &LineString| {
            (ring.0.len() < 4 || ring.0.first() != ring.0.last())
                .then(|| "a ring wants four positions, the last like the first".to_owned())
        };
        let polygon = |polygon: &Polygon| {
            std::iter::once(polygon.exterior())
                .chain(polygon.interiors())
                .find_map(ring)
        };
        match geometry {
            Geometry::LineString(one) => line(one),
            Geometry::Polygon(one) => polygon(one),
            Geometry::MultiPoint(many) if many.0.is_empty() => Some("it is empty".to_owned()),
            Geometry::MultiLineString(many) if many.0.is_empty() => Some("it is empty".to_owned()),
            Geometry::MultiLineString(many) => many.0.iter().find_map(line),
            Geometry::MultiPolygon(many) if many.0.is_empty() => Some("it is empty".to_owned()),
            Geometry::MultiPolygon(many) => many.0.iter().find_map(polygon),
            Geometry::GeometryCollection(many) if many.0.is_empty() => {
                Some("it is empty".to_owned())
            }
            Geometry::GeometryCollection(many) => many.0.iter().find_map(fault),
            _ => None,
        }
    }
    use geo::Validation;
    match fault(&geometry) {
        Some(reason) => Err(reason),
        None => match geometry.check_validation() {
            Ok(()) => Ok(Shape {
                geometry,
                edges: None,
            }),
            Err(invalid) => Err(invalid.to_string()),
        },
    }
}

impl Reader {
    /// The geometry that begins with the word just read.
    pub(crate) fn shape(&mut self, word: &str) -> Result<Shape, Error> {
        let place = self.place();
        let wrong = |reason: String| Error::Geometry {
            place: place.clone(),
            reason,
        };
        if word.eq_ignore_ascii_case("BBOX") {
            let numbers = self.listed(Self::number)?;
            let edges = match numbers[..] {
                [west, south, east, north] | [west, south, _, east, north, _] => {
                    [west, south, east, north]
                }
                _ => return Err(wrong("a box wants four or six numbers".to_owned())),
            };
            return box_shape(edges).map_err(|reason| wrong(reason.to_owned()));
        }
        let geometry = self.geometry(word)?;
        checked(geometry).map_err(wrong)
    }

    fn geometry(&mut self, word: &str) -> Result<Geometry, Error> {
        if self.peek().is_word("Z") {
            self.next();
        }
        Ok(match word.to_ascii_uppercase().as_str() {
            "POINT" => {
                self.sign("(")?;
                let point = Point(self.position()?);
                self.sign(")")?;
                Geometry::Point(point)
            }
            "LINESTRING" => Geometry::LineString(self.positions()?),
            "POLYGON" => Geometry::Polygon(self.polygon()?),
            "MULTIPOINT" => {
                let bare = |reader: &mut Self| {
                    let is_wrapped = reader.take("(");
                    let point = Point(reader.position()?);
                    if is_wrapped {
                        reader.sign(")")?;
                    }
                    Ok(point)
                };
                Geometry::MultiPoint(MultiPoint(self.listed(bare)?))
            }
            "MULTILINESTRING" => {
                Geometry::MultiLineString(MultiLineString(self.listed(Self::positions)?))
            }
            "MULTIPOLYGON" => Geometry::MultiPolygon(MultiPolygon(self.listed(Self::polygon)?)),
            _ => {
                let part = |reader: &mut Self| reader.deeper(Self::part);
                Geometry::GeometryCollection(GeometryCollection(self.listed(part)?))
            }
        })
    }

    fn part(&mut self) -> Result<Geometry, Error> {
        match self.peek().clone() {
            Token::Word(word) if is_geometry(&word) => {
                self.next();
                self.geometry(&word)
            }
            other => Err(self.unexpected("a geometry", &other)),
        }
    }

    fn polygon(&mut self) -> Result<Polygon, Error> {
        let mut rings = self.listed(Self::ring)?;
        let shell = rings.remove(0);
        Ok(Polygon::new(shell, rings))
    }

    /// A ring as written: `Polygon::new` would close it in silence.
    fn ring(&mut self) -> Result<LineString, Error> {
        let place = self.place();
        let ring = self.positions()?;
        if ring.0.len() < 4 || ring.0.first() != ring.0.last() {
            let reason = "a ring wants four positions, the last like the first".to_owned();
            return Err(Error::Geometry { place, reason });
        }
        Ok(ring)
    }

    fn positions(&mut self) -> Result<LineString, Error> {
        Ok(LineString(self.listed(Self::position)?))
    }

    /// Two numbers; a third, the height, is dropped.
    fn position(&mut self) -> Result<Coord, Error> {
        let (x, y) = (self.number()?, self.number()?);
        if matches!(self.peek(), Token::Number(_) | Token::Sign("-" | "+")) {
            self.number()?;
        }
        Ok(Coord { x, y })
    }

    /// `( item, item … )`, at least one.
    fn listed<T>(&mut self, item: impl Fn(&mut Self) -> Result<T, Error>) -> Result<Vec<T>, Error> {
        self.sign("(")?;
        let mut items = vec![item(self)?];
        while self.take(",") {
            items.push(item(self)?);
        }
        self.sign(")")?;
        Ok(items)
    }

    fn number(&mut self) -> Result<f64, Error> {
        let is_negative = self.take("-");
        if !is_negative {
            self.take("+");
        }
        match self.next() {
            Token::Number(number) => Ok(if is_negative { -number } else { number }),
            other => Err(self.unexpected_before("a number", &other)),
        }
    }
}

/// Whether a geometry other than a box begins with the word.
fn is_geometry(word: &str) -> bool {
    WORDS.iter().any(|own| own.eq_ignore_ascii_case(word)) && !word.eq_ignore_ascii_case("BBOX")
}

/// The shape as it stands in CQL2 text.
pub(crate) fn write(text: &mut String, shape: &Shape) {
    if let Some([west, south, east, north]) = shape.edges {
        // Writing to a `String` cannot fail, here and below.
        let _ = write!(text, "BBOX({west},{south},{east},{north})");
    } else {
        write_geometry(text, &shape.geometry);
    }
}

fn write_geometry(text: &mut String, geometry: &Geometry) {
    match geometry {
        Geometry::Point(point) => {
            text.push_str("POINT(");
            write_position(text, point.0);
            text.push(')');
        }
        Geometry::Line(line) => {
            text.push_str("LINESTRING");
            write_line(text, &LineString(vec![line.start, line.end]));
        }
        Geometry::LineString(line) => {
            text.push_str("LINESTRING");
            write_line(text, line);
        }
        Geometry::Polygon(polygon) => {
            text.push_str("POLYGON");
            write_polygon(text, polygon);
        }
        Geometry::MultiPoint(points) => {
            text.push_str("MULTIPOINT");
            write_list(text, &points.0, |text, point| {
                text.push('(');
                write_position(text, point.0);
                text.push(')');
            });
        }
        Geometry::MultiLineString(lines) => {
            text.push_str("MULTILINESTRING");
            write_list(text, &lines.0, write_line);
        }
        Geometry::MultiPolygon(polygons) => {
            text.push_str("MULTIPOLYGON");
            write_list(text, &polygons.0, write_polygon);
        }
        Geometry::GeometryCollection(parts) => {
            text.push_str("GEOMETRYCOLLECTION");
            write_list(text, &parts.0, write_geometry);
        }
        Geometry::Rect(rect) => write_geometry(text, &rect.to_polygon().into()),
        Geometry::Triangle(triangle) => write_geometry(text, &triangle.to_polygon().into()),
    }
}

fn write_list<T>(text: &mut String, items: &[T], write_item: impl Fn(&mut String, &T)) {
    text.push('(');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_item(text, item);
    }
    text.push(')');
}

fn write_polygon(text: &mut String, polygon: &Polygon) {
    let rings: Vec<&LineString> = std::iter::once(polygon.exterior())
        .chain(polygon.interiors())
        .collect();
    write_list(text, &rings, |text, ring| write_line(text, ring));
}

fn write_line(text: &mut String, line: &LineString) {
    write_list(text, &line.0, |text, place| write_position(text, *place));
}

fn write_position(text: &mut String, place: Coord) {
    let _ = write!(text, "{} {}", place.x, place.y);
}
