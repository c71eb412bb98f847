//! How exact a version of a line can be, told from what it says of itself.
//!
//! Two honest publications of one county line differ by about a hundred metres in the median
//! when one of them is generalised. A difference means something only beyond what both
//! versions can be off by.

use geo::{Coord, Geometry};
use serde_json::{Value, json};
use zhifang_core::{Record, geometry};

use crate::finding::{Text, rounded};
use crate::ground::decimals;

/// A class of exactness (精度等级).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Within a metre: surveyed.
    A,
    /// Within ten metres: drawn at 1 : 50,000 or larger.
    B,
    /// Within a hundred metres: drawn at a small scale.
    C,
    /// Worse: generalised for display.
    D,
}

impl Class {
    /// Letter in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
        }
    }

    fn of(metres: f64) -> Self {
        match metres {
            m if m <= 1.0 => Self::A,
            m if m <= 10.0 => Self::B,
            m if m <= 100.0 => Self::C,
            _ => Self::D,
        }
    }
}

/// How exact a version is, and why that is thought.
#[derive(Debug, Clone, PartialEq)]
pub struct Accuracy {
    /// Its class.
    pub class: Class,
    /// By how much it may be off, metres.
    pub metres: f64,
    /// From what that follows.
    pub reason: Text,
}

/// What can be plotted on a map, millimetres.
const PLOTTING_MM: f64 = 0.2;
/// A line is drawn through its vertices: between them it may be off by this share of their
/// distance, the share by which real lines leave a chord.
const SPACING_SHARE: f64 = 0.1;
const DEGREE_M: f64 = 111_320.0;

impl Accuracy {
    /// Of a version: by the accuracy or the scale that the record states, else by the distance of
    /// its vertices and the decimals of its coordinates.
    pub(crate) fn of(record: &Record, shape: &Geometry<f64>) -> Self {
        let stated = record.fields.number("accuracy_m").filter(|m| *m > 0.0);
        let scale = record
            .fields
            .get("agreement")
            .and_then(|agreement| agreement.get("scale")?.as_f64());
        if let Some(metres) = stated {
            return Self::new(
                metres,
                Text::new("按记录的精度", "by the accuracy on record"),
            );
        }
        if let Some(scale) = scale.filter(|scale| *scale > 0.0) {
            return Self::new(
                PLOTTING_MM / 1000.0 * scale,
                Text::new(
                    format!("协议书附图 1:{scale:.0} 上 0.2 毫米"),
                    format!("0.2 mm on the agreement map 1:{scale:.0}"),
                ),
            );
        }
        let spacing = median_spacing_m(shape);
        let mut finest = 0;
        geometry::for_each_coord(shape, &mut |c| {
            finest = finest.max(decimals(c.x)).max(decimals(c.y));
        });
        let resolution = DEGREE_M * 10_f64.powi(-finest);
        Self::new(
            (spacing * SPACING_SHARE).max(resolution),
            Text::new(
                format!("按顶点间距（中位数 {spacing:.0} 米）估计"),
                format!("estimated from the distance of its vertices (median {spacing:.0} m)"),
            ),
        )
    }

    fn new(metres: f64, reason: Text) -> Self {
        Self {
            class: Class::of(metres),
            metres,
            reason,
        }
    }

    /// By how much two versions may differ when nothing is wrong, metres.
    pub fn with(&self, other: &Self) -> f64 {
        self.metres.hypot(other.metres)
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "class": self.class.as_str(),
            "metres": rounded(self.metres),
            "reason": self.reason.zh,
            "reason_en": self.reason.en,
        })
    }
}

fn median_spacing_m(shape: &Geometry<f64>) -> f64 {
    let mut steps = Vec::new();
    let mut take = |line: &[Coord<f64>]| {
        let pairs = line.windows(2);
        steps.extend(pairs.map(|ends| zhifang_topology::distance_m(ends[0], ends[1])));
    };
    match shape {
        Geometry::LineString(line) => take(&line.0),
        Geometry::MultiLineString(lines) => lines.iter().for_each(|line| take(&line.0)),
        Geometry::Polygon(polygon) => take(&polygon.exterior().0),
        Geometry::MultiPolygon(parts) => parts.iter().for_each(|part| take(&part.exterior().0)),
        _ => {}
    }
    steps.retain(|step| *step > 0.0);
    steps.sort_by(f64::total_cmp);
    steps.get(steps.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{LineString, wkt};
    use zhifang_core::Collection;

    #[test]
    fn what_a_record_says_of_itself_comes_before_what_its_vertices_say() {
        let line: LineString<f64> = wkt!(LINESTRING(111.0 32.0, 111.0005 32.0, 111.001 32.0));
        let shape = Geometry::LineString(line);
        let mut record = Record::new(Collection::Boundaries, "l", "线");
        let drawn = Accuracy::of(&record, &shape);
        assert_eq!(drawn.class, Class::C, "{drawn:?}");
        record.fields.set("agreement", json!({"scale": 50_000}));
        assert_eq!(Accuracy::of(&record, &shape).class, Class::B);
        record.fields.set("accuracy_m", json!(0.5));
        assert_eq!(Accuracy::of(&record, &shape).class, Class::A);
    }
}
