//! The county's lines with its six neighbours, and the township lines.

use geo::{Coord, Geodesic, Length, LineString};
use serde_json::{Value, json};

use crate::error::Error;
use crate::feature::Feature;
use crate::plane::offset_m;
use crate::random::Random;
use crate::source::{Base, COUNTY, Unit};
use crate::township::{Township, TownshipLine};

/// The line between the county and one neighbour, from tri-point to tri-point, in numbering order.
#[derive(Debug, Clone)]
pub(crate) struct CountyLine {
    pub(crate) id: String,
    pub(crate) neighbour: Unit,
    pub(crate) level: &'static str,
    pub(crate) left: String,
    pub(crate) right: String,
    pub(crate) line: LineString,
}

impl CountyLine {
    /// The four or twelve digits that its markers' numbers begin with (GB/T 17796-2009: the two
    /// province numbers, ascending; below, by provincial pattern, both county codes).
    pub(crate) fn number_prefix(&self) -> &str {
        if self.level == "province" {
            "4142"
        } else {
            &self.id
        }
    }
}

/// The coordinates as a line that runs west to east or north to south, whichever is the longer way
/// (GB/T 17796-2009), and whether they were turned.
pub(crate) fn in_numbering_order(mut coords: Vec<Coord>) -> (LineString, bool) {
    let (east, north) = offset_m(coords[0], coords[coords.len() - 1]);
    let is_turned = if east.abs() >= north.abs() {
        east < 0.0
    } else {
        north > 0.0
    };
    if is_turned {
        coords.reverse();
    }
    (LineString(coords), is_turned)
}

/// The two codes in ascending order, joined.
pub(crate) fn line_code(one: &str, two: &str) -> String {
    if one < two {
        format!("{one}{two}")
    } else {
        format!("{two}{one}")
    }
}

/// The six lines round the county, in order of neighbour code.
pub(crate) fn county_lines(base: &Base) -> Result<Vec<CountyLine>, Error> {
    let ring = &base.outline.0[..base.outline.0.len() - 1];
    let count = ring.len();
    let mut lines = Vec::new();
    for (unit, places) in &base.neighbours {
        let shares = |index: usize| {
            places.contains(&ring[index % count]) && places.contains(&ring[(index + 1) % count])
        };
        let Some(start) = (0..count).find(|&index| shares(index) && !shares(index + count - 1))
        else {
            return Err(Error::Missing {
                what: "line with",
                key: unit.code.clone(),
            });
        };
        let mut coords = vec![ring[start]];
        let mut index = start;
        while shares(index) {
            index += 1;
            coords.push(ring[index % count]);
        }
        let (line, is_turned) = in_numbering_order(coords);
        // The published ring runs clockwise, so the county lies on the right of it.
        let (left, right) = if is_turned {
            (COUNTY.to_owned(), unit.code.clone())
        } else {
            (unit.code.clone(), COUNTY.to_owned())
        };
        let is_same = |digits: usize| unit.code.get(..digits) == COUNTY.get(..digits);
        let level = match (is_same(2), is_same(4)) {
            (false, _) => "province",
            (true, false) => "prefecture",
            (true, true) => "county",
        };
        lines.push(CountyLine {
            id: line_code(&unit.code, COUNTY),
            neighbour: unit.clone(),
            level,
            left,
            right,
            line,
        });
    }
    lines.sort_by(|one, two| one.id.cmp(&two.id));
    Ok(lines)
}

/// The records of `boundaries`.
pub(crate) fn records(
    county: &[CountyLine],
    townships: &[Township],
    inner: &[TownshipLine],
) -> Vec<Feature> {
    let mut random = Random::new(2);
    let mut records = Vec::new();
    for line in county {
        let name = format!("{}—老河口市界线", line.neighbour.name);
        let is_river = line.neighbour.code == "420625";
        let mut record = Feature::new(&line.id, &name, COUNTY);
        if is_river {
            record.set(
                "follows_feature",
                json!({"moves": false, "name": "汉江", "name_id": "n-river-01"}),
            );
        }
        records.push(
            record
                .with("level", line.level)
                .with("left", line.left.as_str())
                .with("right", line.right.as_str())
                .with("line_status", "agreed")
                .with("agreement", agreement(&name, &random.date(1997, 2001)))
                .with("basis", if is_river { "河流" } else { "界桩连线" })
                .with("length_agreed_m", Geodesic.length(&line.line).round())
                .with("valid_from", "2001-12-31")
                .at(line.line.clone()),
        );
    }
    let mut last = String::new();
    let mut stretch = 1;
    for line in inner {
        let (left, right) = (&townships[line.left], &townships[line.right]);
        let code = line_code(&left.code, &right.code);
        stretch = if code == last { stretch + 1 } else { 1 };
        let id = if stretch == 1 {
            code.clone()
        } else {
            format!("{code}-{stretch}")
        };
        let name = if left.code < right.code {
            format!("{}—{}界线", left.name, right.name)
        } else {
            format!("{}—{}界线", right.name, left.name)
        };
        records.push(
            Feature::new(id, &name, COUNTY)
                .with("level", "township")
                .with("left", left.code.as_str())
                .with("right", right.code.as_str())
                .with("line_status", "surveyed")
                .with("agreement", agreement(&name, &random.date(2003, 2006)))
                .with("basis", "界桩连线")
                .with("length_agreed_m", Geodesic.length(&line.line).round())
                .with("valid_from", "2007-01-01")
                .at(line.line.clone()),
        );
        last = code;
    }
    records
}

fn agreement(name: &str, date: &str) -> Value {
    json!({"date": date, "document": format!("{name}联合勘定协议书（示例）"), "scale": 50_000})
}
