//! Whether two shapes share a point: the exact second phase of every box query.

use geo::kernels::{Kernel, Orientation, RobustKernel};
use geo::{
    Coord, CoordinatePosition, Geometry, Intersects, LineString, Polygon,
    coordinate_position::CoordPos,
};
use zhifang_core::Bbox;

/// Whether the geometry shares a point with the plain box, edges included. An empty geometry
/// shares none.
pub(crate) fn meets_box(geometry: &Geometry<f64>, bbox: &Bbox) -> bool {
    match geometry {
        Geometry::Point(point) => holds(bbox, point.0),
        Geometry::Line(line) => segment_meets_box(line.start, line.end, bbox),
        Geometry::LineString(line) => line_meets_box(line, bbox),
        Geometry::Polygon(polygon) => polygon_meets_box(polygon, bbox),
        Geometry::MultiPoint(many) => many.0.iter().any(|point| holds(bbox, point.0)),
        Geometry::MultiLineString(many) => many.0.iter().any(|line| line_meets_box(line, bbox)),
        Geometry::MultiPolygon(many) => many.0.iter().any(|part| polygon_meets_box(part, bbox)),
        Geometry::GeometryCollection(many) => many.0.iter().any(|part| meets_box(part, bbox)),
        Geometry::Rect(rect) => polygon_meets_box(&rect.to_polygon(), bbox),
        Geometry::Triangle(triangle) => polygon_meets_box(&triangle.to_polygon(), bbox),
    }
}

/// Whether the two geometries share a point.
pub(crate) fn meets_geometry(one: &Geometry<f64>, other: &Geometry<f64>) -> bool {
    one.intersects(other)
}

fn holds(bbox: &Bbox, c: Coord<f64>) -> bool {
    (bbox.west..=bbox.east).contains(&c.x) && (bbox.south..=bbox.north).contains(&c.y)
}

fn line_meets_box(line: &LineString<f64>, bbox: &Bbox) -> bool {
    if let [only] = line.0.as_slice() {
        return holds(bbox, *only);
    }
    line.0
        .windows(2)
        .any(|pair| segment_meets_box(pair[0], pair[1], bbox))
}

fn polygon_meets_box(polygon: &Polygon<f64>, bbox: &Bbox) -> bool {
    if line_meets_box(polygon.exterior(), bbox)
        || polygon
            .interiors()
            .iter()
            .any(|ring| line_meets_box(ring, bbox))
    {
        return true;
    }
    // No edge meets the box: all of it is inside, or none.
    let corner = Coord {
        x: bbox.west,
        y: bbox.south,
    };
    polygon.coordinate_position(&corner) != CoordPos::Outside
}

/// Whether a segment and a box share a point: their extents overlap and the box does not lie
/// strictly on one side of the line. Exact, as the orientation is.
pub(crate) fn segment_meets_box(a: Coord<f64>, b: Coord<f64>, bbox: &Bbox) -> bool {
    let apart = a.x.max(b.x) < bbox.west
        || a.x.min(b.x) > bbox.east
        || a.y.max(b.y) < bbox.south
        || a.y.min(b.y) > bbox.north;
    if apart {
        return false;
    }
    if holds(bbox, a) || holds(bbox, b) {
        return true;
    }
    let corners = [
        (bbox.west, bbox.south),
        (bbox.east, bbox.south),
        (bbox.east, bbox.north),
        (bbox.west, bbox.north),
    ];
    let side = |(x, y)| RobustKernel::orient2d(a, b, Coord { x, y });
    let first = side(corners[0]);
    first == Orientation::Collinear || corners[1..].iter().any(|corner| side(*corner) != first)
}
