//! Well-known text (OGC 06-103r4 §7) and PostGIS' `SRID=n;` in front of it, in and out.

use std::fmt::Write as _;

use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Point, Polygon,
};

/// Collections of collections deeper than this are refused: no real geometry has them, and the
/// reader goes one call deeper with each.
const MAX_DEPTH: usize = 16;

/// A geometry from WKT or EWKT, with its SRID when it has one. Heights and measures are dropped;
/// `None` is an `EMPTY` geometry.
///
/// # Errors
/// What was wrong, and at which character.
pub(crate) fn parse(text: &str) -> Result<(Option<Geometry<f64>>, Option<u32>), String> {
    let text = text.trim();
    let (srid, body) = match text.split_once(';') {
        Some((head, body)) => {
            let digits = head.trim().to_ascii_uppercase();
            let number = digits
                .strip_prefix("SRID=")
                .and_then(|digits| digits.trim().parse().ok())
                .ok_or_else(|| format!("`{head}`: wanted SRID=number before the semicolon"))?;
            (Some(number), body)
        }
        None => (None, text),
    };
    let mut reader = Reader {
        rest: body,
        length: body.len(),
    };
    let geometry = reader.geometry(0)?;
    reader.blank();
    if reader.rest.is_empty() {
        Ok((geometry, srid))
    } else {
        Err(reader.fault("the end"))
    }
}

struct Reader<'a> {
    rest: &'a str,
    length: usize,
}

impl<'a> Reader<'a> {
    fn fault(&self, wanted: &str) -> String {
        let found: String = self.rest.chars().take(20).collect();
        let place = self.length - self.rest.len() + 1;
        if found.is_empty() {
            format!("the text ends where {wanted} is wanted")
        } else {
            format!("wanted {wanted}, found `{found}` at byte {place}")
        }
    }

    fn blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, sign: char) -> bool {
        self.blank();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn want(&mut self, sign: char) -> Result<(), String> {
        if self.take(sign) {
            Ok(())
        } else {
            Err(self.fault(&format!("`{sign}`")))
        }
    }

    fn word(&mut self) -> &'a str {
        self.blank();
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    /// Takes `EMPTY` if it stands here.
    fn is_empty(&mut self) -> bool {
        self.blank();
        let is_empty = self
            .rest
            .get(..5)
            .is_some_and(|word| word.eq_ignore_ascii_case("EMPTY"));
        if is_empty {
            self.rest = self.rest.get(5..).unwrap_or_default();
        }
        is_empty
    }

    fn geometry(&mut self, depth: usize) -> Result<Option<Geometry<f64>>, String> {
        if depth > MAX_DEPTH {
            return Err(format!("nested more than {MAX_DEPTH} deep"));
        }
        let at_word = self.fault("a geometry type");
        let kind = self.word().to_ascii_uppercase();
        let kind = kind
            .strip_suffix("ZM")
            .or_else(|| kind.strip_suffix(['Z', 'M']))
            .filter(|bare| !bare.is_empty())
            .unwrap_or(&kind)
            .to_owned();
        let before = self.rest;
        if !matches!(self.word().to_ascii_uppercase().as_str(), "Z" | "M" | "ZM") {
            self.rest = before;
        }
        if self.is_empty() {
            return Ok(None);
        }
        Ok(Some(match kind.as_str() {
            "POINT" => {
                self.want('(')?;
                let point = Point(self.coord()?);
                self.want(')')?;
                point.into()
            }
            "LINESTRING" => self.line()?.into(),
            "POLYGON" => self.polygon()?.into(),
            "MULTIPOINT" => MultiPoint(self.list(|reader| {
                let is_wrapped = reader.take('(');
                let point = Point(reader.coord()?);
                if is_wrapped {
                    reader.want(')')?;
                }
                Ok(point)
            })?)
            .into(),
            "MULTILINESTRING" => MultiLineString(self.list(Self::line)?).into(),
            "MULTIPOLYGON" => MultiPolygon(self.list(Self::polygon)?).into(),
            "GEOMETRYCOLLECTION" => {
                let parts = self.list(|reader| reader.geometry(depth + 1))?;
                let parts = parts.into_iter().flatten().collect();
                Geometry::GeometryCollection(GeometryCollection(parts))
            }
            _ => return Err(at_word),
        }))
    }

    fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let mut items = Vec::new();
        self.want('(')?;
        loop {
            items.push(item(self)?);
            if !self.take(',') {
                break;
            }
        }
        self.want(')')?;
        Ok(items)
    }

    fn line(&mut self) -> Result<LineString<f64>, String> {
        if self.is_empty() {
            return Ok(LineString(Vec::new()));
        }
        self.list(Self::coord).map(LineString)
    }

    fn polygon(&mut self) -> Result<Polygon<f64>, String> {
        if self.is_empty() {
            return Ok(Polygon::new(LineString(Vec::new()), Vec::new()));
        }
        let mut rings = self.list(Self::line)?.into_iter();
        let shell = rings.next().unwrap_or_else(|| LineString(Vec::new()));
        Ok(Polygon::new(shell, rings.collect()))
    }

    fn coord(&mut self) -> Result<Coord<f64>, String> {
        let (x, y) = (self.number()?, self.number()?);
        for _ in 0..2 {
            self.blank();
            if self.rest.starts_with([',', ')']) {
                break;
            }
            self.number()?;
        }
        Ok(Coord { x, y })
    }

    fn number(&mut self) -> Result<f64, String> {
        self.blank();
        let end = self
            .rest
            .find(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')'))
            .unwrap_or(self.rest.len());
        let wanted = self.fault("a finite number");
        let (digits, rest) = self.rest.split_at(end);
        let number: f64 = digits.parse().map_err(|_| wanted.clone())?;
        if !number.is_finite() {
            return Err(wanted);
        }
        self.rest = rest;
        Ok(number)
    }
}

/// WKT of a geometry, numbers as the shortest decimals that read back the same, with `SRID=n;`
/// in front where the reference system has a number.
pub(crate) fn write(geometry: &Geometry<f64>, srid: Option<u32>) -> String {
    let mut text = String::new();
    if let Some(number) = srid {
        let _ = write!(text, "SRID={number};");
    }
    write_geometry(geometry, &mut text);
    text
}

fn write_geometry(geometry: &Geometry<f64>, out: &mut String) {
    fn coord(c: Coord<f64>, out: &mut String) {
        let _ = write!(out, "{} {}", c.x, c.y);
    }
    fn list<T>(items: &[T], out: &mut String, mut item: impl FnMut(&T, &mut String)) {
        if items.is_empty() {
            out.push_str("EMPTY");
            return;
        }
        out.push('(');
        for (at, one) in items.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            item(one, out);
        }
        out.push(')');
    }
    fn line(l: &LineString<f64>, out: &mut String) {
        list(&l.0, out, |c, out| coord(*c, out));
    }
    fn polygon(p: &Polygon<f64>, out: &mut String) {
        if p.exterior().0.is_empty() {
            out.push_str("EMPTY");
            return;
        }
        let rings: Vec<_> = std::iter::once(p.exterior()).chain(p.interiors()).collect();
        list(&rings, out, |ring, out| line(ring, out));
    }
    let name = match geometry {
        Geometry::Point(_) => "POINT",
        Geometry::Line(_) | Geometry::LineString(_) => "LINESTRING",
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => "POLYGON",
        Geometry::MultiPoint(_) => "MULTIPOINT",
        Geometry::MultiLineString(_) => "MULTILINESTRING",
        Geometry::MultiPolygon(_) => "MULTIPOLYGON",
        Geometry::GeometryCollection(_) => "GEOMETRYCOLLECTION",
    };
    out.push_str(name);
    let gap = out.len();
    match geometry {
        Geometry::Point(p) => list(&[p.0], out, |c, out| coord(*c, out)),
        Geometry::Line(l) => list(&[l.start, l.end], out, |c, out| coord(*c, out)),
        Geometry::LineString(l) => line(l, out),
        Geometry::Polygon(p) => polygon(p, out),
        Geometry::Rect(r) => polygon(&r.to_polygon(), out),
        Geometry::Triangle(t) => polygon(&t.to_polygon(), out),
        Geometry::MultiPoint(m) => list(&m.0, out, |p, out| {
            out.push('(');
            coord(p.0, out);
            out.push(')');
        }),
        Geometry::MultiLineString(m) => list(&m.0, out, line),
        Geometry::MultiPolygon(m) => list(&m.0, out, polygon),
        Geometry::GeometryCollection(m) => list(&m.0, out, write_geometry),
    }
    if out.get(gap..).is_some_and(|tail| tail.starts_with("EMPTY")) {
        out.insert(gap, ' ');
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::point("POINT(111.67 32.385)", "POINT(111.67 32.385)", None)]
    #[case::srid("srid=4490; Point Z (1 2 3)", "POINT(1 2)", Some(4490))]
    #[case::glued("POINTZM(1 2 3 4)", "POINT(1 2)", None)]
    #[case::line("LINESTRING (1 2 , 3 4)", "LINESTRING(1 2,3 4)", None)]
    #[case::polygon(
        "POLYGON((0 0,1 0,1 1,0 0),(0.2 0.1,0.3 0.1,0.3 0.2,0.2 0.1))",
        "POLYGON((0 0,1 0,1 1,0 0),(0.2 0.1,0.3 0.1,0.3 0.2,0.2 0.1))",
        None
    )]
    #[case::points("MULTIPOINT(1 2,(3 4))", "MULTIPOINT((1 2),(3 4))", None)]
    #[case::polygons(
        "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))",
        "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))",
        None
    )]
    #[case::mixed(
        "GEOMETRYCOLLECTION(POINT(1e2 -2),LINESTRING(0 0,1 1))",
        "GEOMETRYCOLLECTION(POINT(100 -2),LINESTRING(0 0,1 1))",
        None
    )]
    fn reads_and_writes(#[case] given: &str, #[case] wanted: &str, #[case] number: Option<u32>) {
        let (geometry, srid) = parse(given).unwrap();
        assert_eq!(srid, number);
        assert_eq!(write(&geometry.unwrap(), None), wanted);
    }

    #[rstest]
    #[case::not_a_number("POINT(NaN 1)", "finite")]
    #[case::endless("POINT(inf 1)", "finite")]
    #[case::short("POINT(1", "finite")]
    #[case::word("PLOYGON((0 0))", "geometry type")]
    #[case::tail("POINT(1 2) x", "the end")]
    #[case::srid("x;POINT(1 2)", "SRID")]
    fn faults_say_what_was_wanted(#[case] given: &str, #[case] wanted: &str) {
        let fault = parse(given).unwrap_err();
        assert!(fault.contains(wanted), "{fault}");
    }

    #[test]
    fn depth_is_bounded_and_empty_is_none() {
        assert!(
            parse(&"GEOMETRYCOLLECTION(".repeat(200_000))
                .unwrap_err()
                .contains("nested")
        );
        assert_eq!(parse("POLYGON EMPTY").unwrap().0, None);
        assert_eq!(parse("MULTIPOINT Z EMPTY").unwrap().0, None);
    }
}
