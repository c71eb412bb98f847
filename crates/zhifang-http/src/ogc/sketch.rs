//! A small picture of features for the pages that people read: outlines, no scripts, no tiles.

use std::fmt::Write as _;

use serde_json::Value;

/// Width of the picture in its own units.
const WIDTH: f64 = 640.0;
/// Height at most; what is taller is drawn narrower.
const HEIGHT: f64 = 400.0;
/// Free space at the edge, and the radius of a point.
const MARGIN: f64 = 12.0;
const RADIUS: f64 = 4.0;
/// Positions that are drawn at most: a page is no place for a nation's detail.
const POSITIONS: usize = 4_000;

/// Lines of one geometry, and whether they are rings.
struct Shape {
    lines: Vec<Vec<[f64; 2]>>,
    is_area: bool,
}

/// An SVG element of the features' geometries, which must be longitude and latitude; empty where
/// there are none.
pub(crate) fn sketch<'a>(features: impl IntoIterator<Item = &'a Value>) -> String {
    let shapes: Vec<Shape> = features
        .into_iter()
        .flat_map(|feature| shapes(&feature["geometry"]))
        .collect();
    let positions = || shapes.iter().flat_map(|shape| shape.lines.iter().flatten());
    let count = positions().count();
    if count == 0 {
        return String::new();
    }
    let mut low = [f64::INFINITY; 2];
    let mut high = [f64::NEG_INFINITY; 2];
    for position in positions() {
        for axis in 0..2 {
            low[axis] = low[axis].min(position[axis]);
            high[axis] = high[axis].max(position[axis]);
        }
    }
    // A degree of longitude is shorter by the cosine of the latitude.
    let narrow = f64::midpoint(low[1], high[1]).to_radians().cos().max(0.01);
    let span = [
        ((high[0] - low[0]) * narrow).max(1e-6),
        (high[1] - low[1]).max(1e-6),
    ];
    let scale = ((WIDTH - 2.0 * MARGIN) / span[0]).min((HEIGHT - 2.0 * MARGIN) / span[1]);
    let height = span[1] * scale + 2.0 * MARGIN;
    let place = |position: &[f64; 2]| {
        [
            (position[0] - low[0]) * narrow * scale
                + MARGIN
                + (WIDTH - 2.0 * MARGIN - span[0] * scale) / 2.0,
            (high[1] - position[1]) * scale + MARGIN,
        ]
    };
    let stride = count.div_ceil(POSITIONS);
    let mut out = format!(
        "<svg class=\"sketch\" role=\"img\" aria-label=\"略图 sketch\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\">"
    );
    for shape in &shapes {
        let mut path = String::new();
        for line in &shape.lines {
            if let [only] = line.as_slice() {
                let [x, y] = place(only);
                let _ = write!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{RADIUS}\"/>");
                continue;
            }
            let last = line.len() - 1;
            let kept = line
                .iter()
                .enumerate()
                .filter(|(at, _)| at % stride == 0 || *at == last);
            for (number, (_, position)) in kept.enumerate() {
                let [x, y] = place(position);
                let _ = write!(path, "{}{x:.1} {y:.1}", if number == 0 { 'M' } else { 'L' });
            }
            if shape.is_area {
                path.push('Z');
            }
        }
        if !path.is_empty() {
            let class = if shape.is_area { "area" } else { "line" };
            let _ = write!(out, "<path class=\"{class}\" d=\"{path}\"/>");
        }
    }
    out + "</svg>\n"
}

fn position(value: &Value) -> Option<[f64; 2]> {
    Some([value.get(0)?.as_f64()?, value.get(1)?.as_f64()?])
}

fn line(value: &Value) -> Vec<[f64; 2]> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(position)
        .collect()
}

fn shapes(geometry: &Value) -> Vec<Shape> {
    let coordinates = &geometry["coordinates"];
    let parts = || coordinates.as_array().into_iter().flatten();
    let area = |rings: &Value| Shape {
        lines: rings.as_array().into_iter().flatten().map(line).collect(),
        is_area: true,
    };
    let open = |lines: Vec<Vec<[f64; 2]>>| Shape {
        lines,
        is_area: false,
    };
    let found = match geometry["type"].as_str() {
        Some("Point") => vec![open(vec![position(coordinates).into_iter().collect()])],
        Some("MultiPoint") => vec![open(
            parts().filter_map(position).map(|one| vec![one]).collect(),
        )],
        Some("LineString") => vec![open(vec![line(coordinates)])],
        Some("MultiLineString") => vec![open(parts().map(line).collect())],
        Some("Polygon") => vec![area(coordinates)],
        Some("MultiPolygon") => parts().map(area).collect(),
        Some("GeometryCollection") => geometry["geometries"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(shapes)
            .collect(),
        _ => Vec::new(),
    };
    found
        .into_iter()
        .map(|mut shape| {
            shape.lines.retain(|line| !line.is_empty());
            shape
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn north_is_up_and_every_kind_is_drawn() {
        let of = |geometry: Value| sketch([&json!({ "geometry": geometry })]);
        let area = of(
            json!({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}),
        );
        // The lower left corner comes first: left, and at the bottom.
        assert!(
            area.contains("class=\"area\" d=\"M132.0 388.0L508.0 388.0L508.0 12.0"),
            "{area}"
        );
        let line = of(json!({"type": "LineString", "coordinates": [[111, 32], [112, 33]]}));
        assert!(line.contains("class=\"line\""), "{line}");
        let point = of(json!({"type": "Point", "coordinates": [111, 32]}));
        assert!(point.contains("<circle"), "{point}");
        assert_eq!(of(Value::Null), "");
        assert_eq!(of(json!({"type": "LineString", "coordinates": []})), "");
    }

    #[test]
    fn a_nation_is_drawn_with_few_positions() {
        let ring: Vec<[f64; 2]> = (0..100_000)
            .map(|n| {
                let angle = f64::from(n) / 100_000.0 * std::f64::consts::TAU;
                [angle.cos(), angle.sin()]
            })
            .collect();
        let feature = json!({"geometry": {"type": "Polygon", "coordinates": [ring]}});
        assert!(sketch([&feature]).len() < 80_000);
    }
}
