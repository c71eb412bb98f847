//! A polygon for a unit whose geometry is made of shared lines: compared, not taken.

use std::sync::Arc;

use geo_types::{Coord, Geometry, LineString};
use serde_json::Value;
use zhifang_core::{Collection, Record};

/// Metres in a degree of latitude, mean; the comparison wants no more.
const DEGREE_M: f64 = 111_195.0;

/// Largest distance from a vertex of one geometry to the lines of the other, both ways, metres.
pub(crate) fn deviation_m(a: &Geometry<f64>, b: &Geometry<f64>) -> f64 {
    one_way(a, b).max(one_way(b, a))
}

fn one_way(from: &Geometry<f64>, to: &Geometry<f64>) -> f64 {
    let mut lines = Vec::new();
    rings(to, &mut lines);
    let mut vertices = Vec::new();
    rings(from, &mut vertices);
    let mut worst: f64 = 0.0;
    for vertex in vertices.iter().flat_map(|ring| &ring.0) {
        let squeeze = vertex.y.to_radians().cos();
        let flat = |c: &Coord<f64>| Coord {
            x: (c.x - vertex.x) * squeeze * DEGREE_M,
            y: (c.y - vertex.y) * DEGREE_M,
        };
        let nearest = lines
            .iter()
            .flat_map(|ring| ring.0.windows(2))
            .map(|ends| from_origin(flat(&ends[0]), flat(&ends[1])))
            .fold(f64::INFINITY, f64::min);
        worst = worst.max(nearest);
    }
    worst
}

/// Distance of the origin from a segment.
fn from_origin(a: Coord<f64>, b: Coord<f64>) -> f64 {
    let along = b - a;
    let length_2 = along.x * along.x + along.y * along.y;
    let t = if length_2 > 0.0 {
        (-(a.x * along.x + a.y * along.y) / length_2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let nearest = a + along * t;
    nearest.x.hypot(nearest.y)
}

fn rings<'a>(geometry: &'a Geometry<f64>, found: &mut Vec<&'a LineString<f64>>) {
    match geometry {
        Geometry::Polygon(p) => {
            found.push(p.exterior());
            found.extend(p.interiors());
        }
        Geometry::MultiPolygon(m) => {
            for p in &m.0 {
                found.push(p.exterior());
                found.extend(p.interiors());
            }
        }
        _ => {}
    }
}

/// The claim that keeps a polygon which differs from the shared lines.
pub(crate) fn claim(unit: &Record, geometry: Geometry<f64>, file: &str) -> Record {
    let id = format!("claim-{}-{file}", unit.id);
    let mut claim = Record::new(Collection::Claims, &id, &unit.name);
    claim.division = unit.division;
    claim.geometry = Some(Arc::new(geometry));
    claim.source = Arc::from(file);
    if let Some(code) = unit.division {
        claim.fields.set("claimant", Value::from(code.to_string()));
    }
    claim
}
